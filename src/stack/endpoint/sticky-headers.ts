// Read first: RFC 3542 sections 4 to 9 (what may be sent), RFC 8200 section 4.1 (the order of headers).

import { IPPROTO_DSTOPTS, IPPROTO_HOPOPTS, IPV6_DSTOPTS, IPV6_HOPOPTS, IPV6_RTHDR } from '../../base/constants.ts'
import { EINVAL } from '../../base/errno.ts'
import { ExtensionChain, NO_EXTENSIONS } from '../ip6/extension-chain.ts'

/** What all headers of a packet may take together. */
const CHAIN_LENGTH_MAX = 512

/** The extension headers that a socket, or one sendmsg, puts into its packets. */
export class StickyHeaders {
  #headers = new Map<number, Uint8Array>()
  #chain: ExtensionChain | null = null

  /** The same, to be changed for one packet. */
  copy(): StickyHeaders {
    const copy = new StickyHeaders()
    copy.#headers = new Map(this.#headers)
    return copy
  }

  /** The header that option `name` is; null where none is set. */
  get(name: number): Uint8Array | null {
    return this.#headers.get(name) ?? null
  }

  /**
   * Sets the header that option `name` is; empty takes it away. -EINVAL where it is not whole. We differ: a routing header is not
   * sent, since that of type 0 is forbidden (RFC 5095) and we know no other; nor what is only for those that it names (RFC 3542
   * section 9, IPV6_RTHDRDSTOPTS), which is kept; and all of them together have 512 octets.
   */
  set(name: number, bytes: Uint8Array): number {
    if (bytes.length > 0) {
      if (name === IPV6_RTHDR || bytes.length < 8) return -EINVAL
      const length = ((bytes[1] as number) + 1) << 3
      if (length > bytes.length) return -EINVAL
      let all = length
      for (const [other, header] of this.#headers) if (other !== name) all += header.length
      if (all > CHAIN_LENGTH_MAX) return -EINVAL
      this.#headers.set(name, bytes.slice(0, length))
    } else {
      this.#headers.delete(name)
    }
    this.#chain = null
    return 0
  }

  /** They are put together once. */
  get chain(): ExtensionChain {
    if (this.#chain === null) {
      const headers = []
      const hopByHop = this.#headers.get(IPV6_HOPOPTS)
      const destination = this.#headers.get(IPV6_DSTOPTS)
      if (hopByHop !== undefined) headers.push({ type: IPPROTO_HOPOPTS, bytes: hopByHop, perFragment: true })
      if (destination !== undefined) headers.push({ type: IPPROTO_DSTOPTS, bytes: destination, perFragment: false })
      this.#chain = headers.length === 0 ? NO_EXTENSIONS : new ExtensionChain(headers)
    }
    return this.#chain
  }
}
