// Read first: RFC 3376 section 3, RFC 3810 section 4, RFC 3678.

import { IpAddress } from '../../base/ip-address.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { NetworkInterface } from '../link/network-interface.ts'

/** 224.0.0.1 and ff02::1, of which every host is a member without a word (RFC 1112 section 4, RFC 3810 section 6). */
const ALL_HOSTS = IpAddress.v4(0xe0000001)
const ALL_NODES = IpAddress.parse('ff02::1') as IpAddress

/** Whom a member wants to hear in a group: only `sources`, or all but `sources`. */
export interface SourceFilter {
  readonly include: boolean
  readonly sources: readonly IpAddress[]
}

/** All sources. */
export const ANY_SOURCE: SourceFilter = { include: false, sources: [] }

/** The groups of both families that one interface is a member of, and for whom. */
export class GroupTable {
  readonly interface: NetworkInterface
  readonly #members = new Map<string, Map<object, SourceFilter>>()

  constructor(networkInterface: NetworkInterface) {
    this.interface = networkInterface
  }

  /**
   * What `owner`, a socket or the stack itself, wants to hear of `group` from now on; null: nothing. 0, or -ENOBUFS where a limit
   * is reached.
   */
  set(owner: object, group: IpAddress, filter: SourceFilter | null): number {
    const key = group.toString()
    const owners = this.#members.get(key) ?? new Map<object, SourceFilter>()
    if (filter === null) owners.delete(owner)
    else owners.set(owner, filter)
    if (owners.size === 0) this.#members.delete(key)
    else this.#members.set(key, owners)
    return 0
  }

  /** `owner` is gone. */
  leaveAll(owner: object): void {
    for (const [key, owners] of this.#members) {
      owners.delete(owner)
      if (owners.size === 0) this.#members.delete(key)
    }
  }

  /** Whether a packet to `group` is to be taken from this interface. */
  isMember(group: IpAddress): boolean {
    return group.equals(ALL_HOSTS) || group.equals(ALL_NODES) || this.#members.has(group.toString())
  }

  /** An IGMP message arrived for us. */
  igmpInput(_packet: IpPacket): void {}

  /** An MLD message arrived for us, its checksum right. */
  mldInput(_packet: IpPacket, _type: number): void {}

  /** The interface is gone. */
  close(): void {
    this.#members.clear()
  }
}
