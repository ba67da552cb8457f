// Read first: RFC 2132, RFC 3396 (long options), RFC 2131 section 4.1 (fields that hold options as well).
//
//    code (8)      length (8)      value (length octets)
//    0: padding, 255: end, both one octet

/** Fills a place; ends the options. */
const PAD = 0
const END = 255

export const DHCP_SUBNET_MASK = 1
export const DHCP_ROUTER = 3
export const DHCP_DOMAIN_NAME_SERVER = 6
export const DHCP_HOST_NAME = 12
export const DHCP_DOMAIN_NAME = 15
export const DHCP_INTERFACE_MTU = 26
export const DHCP_BROADCAST_ADDRESS = 28
export const DHCP_NTP_SERVER = 42
export const DHCP_REQUESTED_ADDRESS = 50
export const DHCP_LEASE_TIME = 51
export const DHCP_OVERLOAD = 52
export const DHCP_MESSAGE_TYPE = 53
export const DHCP_SERVER_IDENTIFIER = 54
export const DHCP_PARAMETER_LIST = 55
export const DHCP_ERROR_TEXT = 56
export const DHCP_MESSAGE_SIZE = 57
/** T1 and T2. */
export const DHCP_RENEWAL_TIME = 58
export const DHCP_REBINDING_TIME = 59
export const DHCP_VENDOR_CLASS = 60
export const DHCP_CLIENT_IDENTIFIER = 61
/** RFC 3046: what a relay adds, and gets back. */
export const DHCP_RELAY_INFORMATION = 82
/** RFC 3397. */
export const DHCP_DOMAIN_SEARCH = 119
/** RFC 3442. */
export const DHCP_CLASSLESS_ROUTES = 121

/** Octets of a value that one option holds; longer ones are cut into several (RFC 3396). */
export const DHCP_VALUE_MAX = 255

/** Values by code, in the order of their first appearance; those of an option that appears again are joined (RFC 3396 section 7). */
export type DhcpOptions = Map<number, Uint8Array<ArrayBuffer>>

/**
 * Adds the options in `bytes[start, end)` to `options`. False where one says that it is longer than what is left. We differ from RFC
 * 2131 section 4.1, which has them end in 255: a field that ends without is taken, as others do.
 */
export function readDhcpOptions(options: DhcpOptions, bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end) {
    const code = bytes[at] as number
    at++
    if (code === PAD) continue
    if (code === END) return true
    if (at >= end) return false
    const valueEnd = at + 1 + (bytes[at] as number)
    if (valueEnd > end) return false
    options.set(code, joined(options.get(code), bytes.slice(at + 1, valueEnd)))
    at = valueEnd
  }
  return true
}

function joined(first: Uint8Array<ArrayBuffer> | undefined, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array((first?.length ?? 0) + second.length)
  if (first !== undefined) all.set(first)
  all.set(second, all.length - second.length)
  return all
}

/** A field of a message that options are written into: `bytes[start, end)`. */
export class DhcpOptionField {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.#end = end
    this.#at = start
  }

  /** Writes `value[from, …)` as one option, if there is room for all of it, up to 255 octets. Where the rest begins; `from`: no room. */
  write(code: number, value: Uint8Array, from: number): number {
    const length = Math.min(DHCP_VALUE_MAX, value.length - from)
    // One octet is kept for the end.
    if (this.#at + 2 + length + 1 > this.#end) return from
    this.#bytes[this.#at] = code
    this.#bytes[this.#at + 1] = length
    this.#bytes.set(value.subarray(from, from + length), this.#at + 2)
    this.#at += 2 + length
    return from + length
  }

  /** Whether a value of that many octets can be written, cut up as it must be. */
  holds(length: number): boolean {
    return this.#at + length + 2 * Math.max(1, Math.ceil(length / DHCP_VALUE_MAX)) + 1 <= this.#end
  }

  /** Writes the end of the options, and returns where that is over. */
  finish(): number {
    this.#bytes[this.#at] = END
    return this.#at + 1
  }
}
