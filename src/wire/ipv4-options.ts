// Read first: RFC 791 section 3.1 "Options", RFC 1122 section 3.2.1.8, RFC 7126.

export const IPV4_OPTION_END = 0
export const IPV4_OPTION_NOP = 1
export const IPV4_OPTION_RECORD_ROUTE = 7
export const IPV4_OPTION_TIMESTAMP = 68
export const IPV4_OPTION_LOOSE_SOURCE_ROUTE = 131
export const IPV4_OPTION_STRICT_SOURCE_ROUTE = 137
export const IPV4_OPTION_ROUTER_ALERT = 148

/** What a walk over the options of a header found, in one reused object. */
export class Ipv4Options {
  /** Octets from the start of the walk to the one that is wrong; −1: nothing is. */
  errorAt = -1
  /** A loose or strict source route is among them. */
  sourceRoute = false
  /** That source route is used up: we are its last hop. */
  sourceRouteComplete = false
  routerAlert = false
  /** Octets from the start of the walk to these options; −1: they are not there. */
  recordRouteAt = -1
  timestampAt = -1
}

/** A header has at most this many octets of options. */
export const IPV4_OPTIONS_LENGTH_MAX = 40

/**
 * Walks the options in `bytes[start, end)`; false where one is malformed, and `errorAt` says where. An option of a kind that
 * is not known is skipped by its length: RFC 1122 section 3.2.1.8 lets no host fail on one.
 */
export function readIpv4Options(options: Ipv4Options, bytes: Uint8Array, start: number, end: number): boolean {
  options.errorAt = -1
  options.sourceRoute = false
  options.sourceRouteComplete = false
  options.routerAlert = false
  options.recordRouteAt = -1
  options.timestampAt = -1
  let at = start
  while (at < end) {
    const kind = bytes[at] as number
    if (kind === IPV4_OPTION_END) return true
    if (kind === IPV4_OPTION_NOP) {
      at++
      continue
    }
    const length = at + 1 < end ? (bytes[at + 1] as number) : 0
    if (length < 2 || at + length > end) return wrong(options, at + 1 < end ? at + 1 - start : at - start)
    if (kind === IPV4_OPTION_LOOSE_SOURCE_ROUTE || kind === IPV4_OPTION_STRICT_SOURCE_ROUTE) {
      // Two source routes in one header: RFC 1122 section 3.2.1.8(c) calls that an error.
      if (options.sourceRoute) return wrong(options, at - start)
      if (length < 3) return wrong(options, at + 1 - start)
      const pointer = bytes[at + 2] as number
      if (pointer < 4) return wrong(options, at + 2 - start)
      options.sourceRoute = true
      options.sourceRouteComplete = pointer > length
    } else if (kind === IPV4_OPTION_RECORD_ROUTE) {
      // RFC 791: it appears at most once, as does the timestamp.
      if (options.recordRouteAt >= 0) return wrong(options, at - start)
      if (length < 3) return wrong(options, at + 1 - start)
      if ((bytes[at + 2] as number) < 4) return wrong(options, at + 2 - start)
      options.recordRouteAt = at - start
    } else if (kind === IPV4_OPTION_TIMESTAMP) {
      if (options.timestampAt >= 0) return wrong(options, at - start)
      if (length < 4) return wrong(options, at + 1 - start)
      if ((bytes[at + 2] as number) < 5) return wrong(options, at + 2 - start)
      options.timestampAt = at - start
    } else if (kind === IPV4_OPTION_ROUTER_ALERT) {
      if (length !== 4) return wrong(options, at + 1 - start)
      options.routerAlert = bytes[at + 2] === 0 && bytes[at + 3] === 0
    }
    at += length
  }
  return true
}

function wrong(options: Ipv4Options, at: number): boolean {
  options.errorAt = at
  return false
}
