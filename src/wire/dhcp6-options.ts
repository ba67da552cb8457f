// Read first: RFC 8415 section 21.1, RFC 3646 (names), RFC 8415 section 21.23 and 21.24.
//
//    code (16)     length (16)     value (length octets)
//
// Options of associations have options within. One may appear several times, and each is a value of its own.

import { read16, write16 } from '../base/bytes.ts'

export const DHCP6_CLIENTID = 1
export const DHCP6_SERVERID = 2
/** An association of addresses that last, of addresses that are temporary, of prefixes; an address, and a prefix, of such a one. */
export const DHCP6_IA_NA = 3
export const DHCP6_IA_TA = 4
export const DHCP6_IAADDR = 5
/** What the client asks for. */
export const DHCP6_ORO = 6
export const DHCP6_PREFERENCE = 7
export const DHCP6_ELAPSED_TIME = 8
export const DHCP6_RELAY_MSG = 9
export const DHCP6_UNICAST = 12
export const DHCP6_STATUS_CODE = 13
export const DHCP6_RAPID_COMMIT = 14
export const DHCP6_DNS_SERVERS = 23
export const DHCP6_DOMAIN_LIST = 24
export const DHCP6_IA_PD = 25
export const DHCP6_IAPREFIX = 26
export const DHCP6_INFORMATION_REFRESH_TIME = 32
/** RFC 4704. */
export const DHCP6_CLIENT_FQDN = 39
export const DHCP6_SOL_MAX_RT = 82
export const DHCP6_INF_MAX_RT = 83

/** More than any message has; a datagram of 64 KiB could hold 16,000. */
const OPTIONS_MAX = 256
const HEADER_LENGTH = 4

export interface Dhcp6Option {
  readonly code: number
  readonly value: Uint8Array<ArrayBuffer>
}

/** The options in `bytes[start, end)`, in their order; null where one ends behind that, or there are more than 256. */
export function readDhcp6Options(bytes: Uint8Array, start: number, end: number): Dhcp6Option[] | null {
  const options: Dhcp6Option[] = []
  let at = start
  while (at < end) {
    if (at + HEADER_LENGTH > end || options.length === OPTIONS_MAX) return null
    const valueEnd = at + HEADER_LENGTH + read16(bytes, at + 2)
    if (valueEnd > end) return null
    options.push({ code: read16(bytes, at), value: bytes.slice(at + HEADER_LENGTH, valueEnd) })
    at = valueEnd
  }
  return options
}

export function dhcp6OptionsOctets(options: readonly Dhcp6Option[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(options.reduce((sum, { value }) => sum + HEADER_LENGTH + value.length, 0))
  let at = 0
  for (const { code, value } of options) {
    write16(bytes, at, code)
    write16(bytes, at + 2, value.length)
    bytes.set(value, at + HEADER_LENGTH)
    at += HEADER_LENGTH + value.length
  }
  return bytes
}

/** The value of the first option with this code; null where there is none. */
export function dhcp6Value(options: readonly Dhcp6Option[], code: number): Uint8Array<ArrayBuffer> | null {
  return options.find((option) => option.code === code)?.value ?? null
}
