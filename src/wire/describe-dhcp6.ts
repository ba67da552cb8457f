// Read first: RFC 8415 sections 8 and 21, tcpdump(1).

import { read16, read32 } from '../base/bytes.ts'
import { type Description, hexNumber } from './describe-layer.ts'
import { uint16Of, uint32Of } from './dhcp-values.ts'
import { DHCP6_CLIENT_PORT, DHCP6_SERVER_PORT } from './dhcp6.ts'
import * as OPTION from './dhcp6-options.ts'
import { associationOf, domainListOf, type IdentityAssociation, ipv6AddressesOf, requestedOf } from './dhcp6-values.ts'

const HEADER_LENGTH = 4

const TYPES: readonly string[] = [
  '',
  'solicit',
  'advertise',
  'request',
  'confirm',
  'renew',
  'rebind',
  'reply',
  'release',
  'decline',
  'reconfigure',
  'inf-req',
  'relay-fwd',
  'relay-reply',
]

const STATUSES: readonly string[] = [
  'Success',
  'UnspecFail',
  'NoAddrsAvail',
  'NoBinding',
  'NotOnLink',
  'UseMulticast',
  'NoPrefixAvail',
]

/** Names, and how values read: as in tcpdump where that has one. */
const OPTIONS: ReadonlyMap<number, readonly [name: string, text: (value: Uint8Array) => string | null]> = new Map([
  [OPTION.DHCP6_CLIENTID, ['client-ID', octetsText]],
  [OPTION.DHCP6_SERVERID, ['server-ID', octetsText]],
  [OPTION.DHCP6_IA_NA, ['IA_NA', associationText]],
  [OPTION.DHCP6_IA_TA, ['IA_TA', octetsText]],
  [OPTION.DHCP6_ORO, ['option-request', (value) => requestedOf(value)?.join(', ') ?? null]],
  [OPTION.DHCP6_PREFERENCE, ['preference', (value) => (value.length === 1 ? String(value[0]) : null)]],
  [OPTION.DHCP6_ELAPSED_TIME, ['elapsed-time', (value) => numberText(uint16Of(value))]],
  [OPTION.DHCP6_STATUS_CODE, ['status-code', statusText]],
  [OPTION.DHCP6_RAPID_COMMIT, ['rapid-commit', octetsText]],
  [OPTION.DHCP6_DNS_SERVERS, ['DNS-server', (value) => ipv6AddressesOf(value)?.join(', ') ?? null]],
  [OPTION.DHCP6_DOMAIN_LIST, ['DNS-search-list', (value) => domainListOf(value)?.join(', ') ?? null]],
  [OPTION.DHCP6_IA_PD, ['IA_PD', octetsText]],
  [OPTION.DHCP6_INFORMATION_REFRESH_TIME, ['lifetime', secondsText]],
  [OPTION.DHCP6_CLIENT_FQDN, ['Client-FQDN', octetsText]],
  [OPTION.DHCP6_SOL_MAX_RT, ['SOL-MAX-RT', secondsText]],
  [OPTION.DHCP6_INF_MAX_RT, ['INF-MAX-RT', secondsText]],
])

/** Whether a datagram between these ports is one of DHCPv6. */
export function isDhcp6Port(source: number, destination: number): boolean {
  const isPort = (port: number) => port === DHCP6_CLIENT_PORT || port === DHCP6_SERVER_PORT
  return isPort(source) || isPort(destination)
}

/** "dhcp6 reply (xid=3c09ed) (IA_ADDR 2001:db8::5)" */
export function dhcp6Line(bytes: Uint8Array, start: number, end: number): string {
  if (end - start < HEADER_LENGTH) return 'dhcp6, cut off'
  const type = bytes[start] as number
  const name = TYPES[type] || `msgtype-${type}`
  if (name.startsWith('relay')) return `dhcp6 ${name}`
  const options = OPTION.readDhcp6Options(bytes, start + HEADER_LENGTH, end) ?? []
  const addresses = options
    .filter(({ code }) => code === OPTION.DHCP6_IA_NA)
    .flatMap(({ value }) => associationOf(value)?.addresses ?? [])
    .map(({ address }) => ` (IA_ADDR ${address})`)
  return `dhcp6 ${name} (xid=${xidText(bytes, start)})${addresses.join('')}`
}

export function describeDhcp6(into: Description, start: number, end: number): void {
  if (end - start < HEADER_LENGTH) {
    into.cutOff('DHCPv6', start, end)
    return
  }
  const { bytes } = into
  const type = bytes[start] as number
  into.layer('DHCPv6', start, end)
  into.field('msg-type', TYPES[type] || `unknown (${hexNumber(type, 2)})`, start, start + 1)
  if (TYPES[type]?.startsWith('relay')) return
  into.field('transaction-id', `0x${xidText(bytes, start)}`, start + 1, start + HEADER_LENGTH)
  let at = start + HEADER_LENGTH
  while (at < end) {
    const valueEnd = at + 4 <= end ? at + 4 + read16(bytes, at + 2) : end + 1
    if (valueEnd > end) {
      into.field('option', 'bad option', at, end)
      return
    }
    into.field('option', optionText(read16(bytes, at), bytes.subarray(at + 4, valueEnd)), at, valueEnd)
    at = valueEnd
  }
}

function optionText(code: number, value: Uint8Array): string {
  const [name, text] = OPTIONS.get(code) ?? ['Option', octetsText]
  const words = text(value) ?? octetsText(value)
  return `${name} (${code}), length ${value.length}${words === '' ? '' : `: ${words}`}`
}

function associationText(value: Uint8Array): string | null {
  const ia: IdentityAssociation | null = associationOf(value)
  if (ia === null) return null
  const addresses = ia.addresses.map(
    ({ address, preferred, valid }) => `, ${address} pltime ${preferred} vltime ${valid}`,
  )
  const status = ia.status === 0 ? '' : `, ${STATUSES[ia.status] ?? ia.status}`
  return `IAID ${ia.iaid} T1 ${ia.t1} T2 ${ia.t2}${addresses.join('')}${status}`
}

function statusText(value: Uint8Array): string | null {
  if (value.length < 2) return null
  const code = read16(value, 0)
  return STATUSES[code] ?? String(code)
}

function secondsText(value: Uint8Array): string | null {
  return numberText(uint32Of(value))
}

function numberText(number: number | null): string | null {
  return number === null ? null : String(number)
}

function xidText(bytes: Uint8Array, start: number): string {
  return (read32(bytes, start) & 0xffffff).toString(16)
}

function octetsText(value: Uint8Array): string {
  return Array.from(value, (octet) => octet.toString(16).padStart(2, '0')).join('.')
}
