// Read first: RFC 3376 section 3, RFC 3810 section 4, RFC 3678.

import { IPPROTO_ICMPV6, IPPROTO_IGMP } from '../../base/constants.ts'
import { EINVAL, ENOBUFS, ENODEV } from '../../base/errno.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import { InterfaceAddress } from '../link/interface-address.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { ALL_HOSTS, ALL_NODES } from './all-hosts.ts'
import { Group } from './group.ts'
import { GroupMember } from './group-member.ts'
import { GroupReporter } from './group-reporter.ts'
import { Igmp } from './igmp.ts'
import type { LinkGroups } from './link-groups.ts'
import { isMld, Mld } from './mld.ts'
import type { SourceFilter } from './source-filter.ts'

export { ANY_SOURCE, type SourceFilter } from './source-filter.ts'

/** The groups of one family, and how many each owner is a member of. */
class Family {
  readonly reporter: GroupReporter
  readonly owners: Map<object, number> = new Map()
  readonly ownerLimit: number
  readonly filterLimit: number

  constructor(reporter: GroupReporter, ownerLimit: number, filterLimit: number) {
    this.reporter = reporter
    this.ownerLimit = ownerLimit
    this.filterLimit = filterLimit
  }

  count(owner: object, change: number): void {
    const count = (this.owners.get(owner) ?? 0) + change
    if (count === 0) this.owners.delete(owner)
    else this.owners.set(owner, count)
  }
}

/** The groups of both families that one interface is a member of, and for whom. */
export class GroupTable implements LinkGroups {
  readonly interface: NetworkInterface
  readonly #igmp: Igmp
  readonly #mld: Mld
  /** Made with the first group. */
  #v4: Family | null = null
  #v6: Family | null = null

  constructor(networkInterface: NetworkInterface) {
    this.interface = networkInterface
    this.#igmp = new Igmp(networkInterface)
    this.#mld = new Mld(networkInterface)
  }

  /**
   * What `owner`, a socket or the stack itself, wants to hear of `group` from now on; null, or few sources of which there are
   * none: nothing. Routers are told. 0; -ENOBUFS: a limit is reached, as on Linux; -EINVAL: `group` is none, a source is of the
   * other family, or the interface does not speak IPv6; -ENODEV: the interface is gone. Then all is as before.
   */
  set(owner: object, group: IpAddress, filter: SourceFilter | null): number {
    if (filter === null || (filter.include && filter.sources.length === 0)) {
      this.#leave(owner, group)
      return 0
    }
    if (this.interface.closed) return -ENODEV
    if (!group.isMulticast || (!group.isV4 && this.interface.ipv6 === null)) return -EINVAL
    for (const source of filter.sources) if (source.isV4 !== group.isV4) return -EINVAL
    const { limits } = this.interface.stack
    const family = this.#ensureFamily(group)
    const { reporter } = family
    const member = new GroupMember(filter, this.interface.stack.random.int32())
    if (member.sources.size > family.filterLimit) return -ENOBUFS
    let entry = reporter.groups.get(group)
    const before = entry?.members.get(owner)
    if (before === undefined && !this.#mayJoin(owner, group, family)) return -ENOBUFS
    if (entry === null) {
      if (reporter.groups.size >= limits.groups && !reporter.giveUpLeft() && !this.#isOwn(owner)) return -ENOBUFS
      entry = new Group(group, this.interface.stack.random.int32(), reporter)
      reporter.groups.add(entry)
    }
    entry.withdraw(owner)
    entry.enter(owner, member)
    if (entry.sources.size > limits.groupSources) {
      entry.withdraw(owner)
      if (before !== undefined) entry.enter(owner, before)
      entry.tidy()
      if (entry.members.size === 0) reporter.changed(entry)
      return -ENOBUFS
    }
    if (before === undefined) family.count(owner, 1)
    reporter.changed(entry)
    return 0
  }

  /** `owner` is gone. */
  leaveAll(owner: object): void {
    for (const family of [this.#v4, this.#v6]) {
      if (family === null || !family.owners.has(owner)) continue
      family.reporter.groups.forEach((group) => {
        this.#leave(owner, group.address)
      })
    }
  }

  /** Whether a packet to `group` is to be taken from this interface, from some source. */
  isMember(group: IpAddress): boolean {
    return isOfAll(group) || this.#isMemberHere(group)
  }

  /** Whether one from `source` is: RFC 3376 section 3.2. */
  accepts(group: IpAddress, source: IpAddress): boolean {
    return isOfAll(group) || (this.#get(group)?.hears(source) ?? false)
  }

  /** The same for a whole packet to a group that is heard here. Group management itself is not filtered: RFC 3376 section 3.1. */
  wants({ protocol, bytes, payloadStart, destination, source }: IpPacket): boolean {
    if (protocol === IPPROTO_IGMP || (protocol === IPPROTO_ICMPV6 && isMld(bytes[payloadStart] as number))) return true
    return this.accepts(destination, source)
  }

  /**
   * Whether `owner` wants packets from `source` to `group`: RFC 3376 section 3.1. `unasked`: what holds where it is no member of
   * the group here (IP_MULTICAST_ALL).
   */
  hears(owner: object, group: IpAddress, source: IpAddress, unasked = false): boolean {
    const member = this.#get(group)?.members.get(owner)
    if (member !== undefined) return member.hears(source)
    return unasked
  }

  /** What `owner` wants to hear of `group`; null where it is no member. */
  filterOf(owner: object, group: IpAddress): SourceFilter | null {
    return this.#get(group)?.members.get(owner)?.filter ?? null
  }

  /** What the interface wants to hear of `group`, for all its members together; null where there are none. */
  stateOf(group: IpAddress): SourceFilter | null {
    const entry = this.#get(group)
    if (entry === null || entry.members.size === 0) return null
    const sources: IpAddress[] = []
    entry.sources.forEach((source) => {
      if (source.listed) sources.push(source.address)
    })
    return { include: entry.include, sources }
  }

  /** Calls `visit` for each group that has members, with their number. */
  forEach(visit: (group: IpAddress, members: number) => void): void {
    for (const family of [this.#v4, this.#v6]) {
      family?.reporter.groups.forEach(({ address, members }) => {
        if (members.size > 0) visit(address, members.size)
      })
    }
  }

  /** How many groups are remembered: those that have members, and those that were left and are still told of. */
  get size(): number {
    return (this.#v4?.reporter.groups.size ?? 0) + (this.#v6?.reporter.groups.size ?? 0)
  }

  /** The version of IGMP, or of MLD, that the queriers on the link make us speak. */
  version(family: 4 | 6): number {
    return family === 4 ? 3 - (this.#v4?.reporter.age ?? 0) : 2 - (this.#v6?.reporter.age ?? 0)
  }

  /** An IGMP message arrived for us. */
  igmpInput(packet: IpPacket): void {
    if (this.#igmp.speaks) this.#igmp.input(packet, (this.#v4 ?? this.#makeFamily(true)).reporter)
  }

  /** An MLD message arrived for us, its checksum right. */
  mldInput(packet: IpPacket, _type: number): void {
    if (this.#mld.speaks) this.#mld.input(packet, (this.#v6 ?? this.#makeFamily(false)).reporter)
  }

  /** For the interface: its addresses are others. What was reported when it had none to report from is told again. */
  addressesChanged(): void {
    if (!this.#mld.nameless || this.#mld.source.isUnspecified) return
    this.#mld.nameless = false
    this.#v6?.reporter.announce()
  }

  /** The interface is gone. */
  close(): void {
    this.#v4?.reporter.close()
    this.#v6?.reporter.close()
    this.#v4 = null
    this.#v6 = null
  }

  #isMemberHere(group: IpAddress): boolean {
    const entry = this.#get(group)
    return entry !== null && entry.members.size > 0
  }

  #get(group: IpAddress): Group | null {
    const family = group.isV4 ? this.#v4 : this.#v6
    return family === null ? null : family.reporter.groups.get(group)
  }

  #leave(owner: object, group: IpAddress): void {
    const family = group.isV4 ? this.#v4 : this.#v6
    const entry = family === null ? null : family.reporter.groups.get(group)
    if (family === null || entry === null || !entry.members.has(owner)) return
    entry.withdraw(owner)
    family.count(owner, -1)
    family.reporter.changed(entry)
  }

  // The stack itself: it gets what it needs, for its addresses are bounded elsewhere.
  #isOwn(owner: object): boolean {
    return owner === this.interface || owner === this.interface.ipv6 || owner instanceof InterfaceAddress
  }

  // As Linux counts: all memberships of a socket, on whichever interface.
  #mayJoin(owner: object, group: IpAddress, family: Family): boolean {
    if (this.#isOwn(owner)) return true
    let count = 0
    for (const link of this.interface.stack.interfaces) {
      const groups = link.groups as GroupTable
      count += (group.isV4 ? groups.#v4 : groups.#v6)?.owners.get(owner) ?? 0
    }
    return count < family.ownerLimit
  }

  #ensureFamily(group: IpAddress): Family {
    return (group.isV4 ? this.#v4 : this.#v6) ?? this.#makeFamily(group.isV4)
  }

  #makeFamily(v4: boolean): Family {
    const { stack } = this.interface
    const { limits } = stack
    const protocol = v4 ? this.#igmp : this.#mld
    const reporter = new GroupReporter(stack, protocol, stack.random.int32(), limits.groupSources)
    const family = v4
      ? new Family(reporter, limits.groupsPerSocket, limits.filterSources)
      : new Family(reporter, limits.groupsPerSocketV6, limits.filterSourcesV6)
    if (v4) this.#v4 = family
    else this.#v6 = family
    return family
  }
}

function isOfAll(group: IpAddress): boolean {
  return group.d === 0x00000001 || group.d === ALL_HOSTS.d ? group.equals(ALL_HOSTS) || group.equals(ALL_NODES) : false
}
