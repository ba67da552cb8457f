// Read first: RFC 4862 section 5.3, RFC 7217 sections 5 and 6.

import { IpAddress } from '../../base/ip-address.ts'
import type { AddressOrigin, InterfaceAddress } from '../link/interface-address.ts'
import type { Ipv6Interface } from './ipv6-interface.ts'

const LINK_LOCAL_PREFIX = new IpAddress(0xfe800000, 0, 0, 0)
/** IDGEN_RETRIES of RFC 7217 section 7. */
export const STABLE_RETRIES = 3

/** Makes the link-local address of an interface: a stable one, and another where that is taken. */
export class LinkLocalOrigin implements AddressOrigin {
  readonly #ipv6: Ipv6Interface
  /** DAD_Counter. */
  #counter = 0

  constructor(ipv6: Ipv6Interface) {
    this.#ipv6 = ipv6
  }

  form(): void {
    const { stack, name } = this.#ipv6.interface
    this.#ipv6.form(stack.stableIdentifiers.address(LINK_LOCAL_PREFIX, name, this.#counter), this)
  }

  accepted(): void {}

  refused(_entry: InterfaceAddress): boolean {
    if (this.#counter >= STABLE_RETRIES) return false
    this.#counter++
    this.form()
    return true
  }

  dropped(): void {}
}
