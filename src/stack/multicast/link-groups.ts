// Read first: RFC 1112 section 6, RFC 4291 section 2.8.

import type { IpAddress } from '../../base/ip-address.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import { ALL_HOSTS, ALL_NODES } from './all-hosts.ts'
import type { SourceFilter } from './source-filter.ts'

/** The groups that an interface hears, and for whom. */
export interface LinkGroups {
  /** What `owner` wants to hear of `group` from now on; null: nothing. 0 or a negated errno. */
  set(owner: object, group: IpAddress, filter: SourceFilter | null): number
  /** Whether a packet to `group` is to be taken from this interface, from some source. */
  isMember(group: IpAddress): boolean
  /** Whether a whole packet to a group that is heard here is. */
  wants(packet: IpPacket): boolean
  /** Whether `owner` wants packets from `source` to `group`; `unasked`: what holds where it is no member here. */
  hears(owner: object, group: IpAddress, source: IpAddress, unasked?: boolean): boolean
  /** An IGMP or MLD message arrived for us, its IP header right, of MLD its checksum too. */
  igmpInput(packet: IpPacket): void
  mldInput(packet: IpPacket, type: number): void
  /** The interface's addresses are others. */
  addressesChanged(): void
  close(): void
}

/** What a stack hears that has no multicast of its own: groups that it is in itself, of which nobody is told. */
export class OwnGroups implements LinkGroups {
  #list: { readonly owner: object; readonly group: IpAddress }[] = []

  set(owner: object, group: IpAddress, filter: SourceFilter | null): number {
    this.#list = this.#list.filter((one) => one.owner !== owner || !one.group.equals(group))
    if (filter !== null) this.#list.push({ owner, group })
    return 0
  }

  isMember(group: IpAddress): boolean {
    return group.equals(ALL_NODES) || group.equals(ALL_HOSTS) || this.#list.some((one) => one.group.equals(group))
  }

  wants(): boolean {
    return true
  }

  hears(_owner: object, _group: IpAddress, _source: IpAddress, unasked = false): boolean {
    return unasked
  }

  igmpInput(): void {}
  mldInput(): void {}
  addressesChanged(): void {}

  close(): void {
    this.#list = []
  }
}
