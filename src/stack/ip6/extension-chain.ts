// Read first: RFC 8200 sections 4.1 (order) and 4.5 (what is in every fragment), RFC 3542 section 6.

import { copyBytes } from '../../base/byte-ring.ts'

/**
 * Extension headers to send, put together: the next header field of each names the one behind it, that of the last is filled in
 * when the packet is. Those that routers on the way look at come first, and are in every fragment.
 */
export class ExtensionChain {
  /** The headers, one behind the other. */
  readonly bytes: Uint8Array
  /** The type of the first; −1 where there is none. */
  readonly first: number
  /** Octets of those that are in every fragment: hop-by-hop options and routing, and destination options in front of routing. */
  readonly perFragment: number
  /** Where the last of these begins, and where the last of all does; −1 where there is none. */
  readonly perFragmentLast: number
  readonly last: number

  /** `headers`: types with their octets (whole headers, a multiple of 8), in the order of RFC 8200 section 4.1. */
  constructor(
    headers: readonly { readonly type: number; readonly bytes: Uint8Array; readonly perFragment: boolean }[],
  ) {
    let length = 0
    for (const header of headers) length += header.bytes.length
    this.bytes = new Uint8Array(length)
    this.first = headers[0]?.type ?? -1
    let at = 0
    let perFragment = 0
    let perFragmentLast = -1
    let last = -1
    for (const [i, header] of headers.entries()) {
      copyBytes(header.bytes, 0, header.bytes.length, this.bytes, at)
      this.bytes[at] = headers[i + 1]?.type ?? 0
      last = at
      at += header.bytes.length
      if (header.perFragment) {
        perFragment = at
        perFragmentLast = last
      }
    }
    this.perFragment = perFragment
    this.perFragmentLast = perFragmentLast
    this.last = last
  }
}

/** No extension headers. */
export const NO_EXTENSIONS: ExtensionChain = new ExtensionChain([])
