/** How an interface comes by its IPv6 addresses: not at all, a link-local and those given, or what routers advertise as well. */
export type Ipv6Mode = 'none' | 'static' | 'auto'

/** What an interface is told of IPv6 when it is attached. */
export interface Ipv6Options {
  readonly mode: Ipv6Mode
  /** Whether an address is asked for before it is used: RFC 4862 section 5.4. */
  readonly duplicateAddressDetection: boolean
  /** Whether addresses are made that change every day: RFC 8981. */
  readonly temporaryAddresses: boolean
}

/** A link-local address and those given, which are asked for. */
export const STATIC_IPV6: Ipv6Options = { mode: 'static', duplicateAddressDetection: true, temporaryAddresses: false }
