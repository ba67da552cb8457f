// Read first: RFC 3678 sections 3 to 5, ip(7) and ipv6(7) on membership. Errors and limits are those of ip_mc_source, ip_mc_msfilter
// and their like for IPv6 in Linux.

import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS, ENODEV } from '../../base/errno.ts'
import type { GroupFields } from '../../base/group-request.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { SourceFilter } from '../multicast/group-table.ts'

/** Linux's igmp_max_msf and mld_max_msf: sources of one filter. */
const SOURCES_MAX = 10
const SOURCES_MAX_V6 = 64

interface Membership {
  readonly group: IpAddress
  readonly interface: NetworkInterface
  /** The address that named the interface, which leaving may name again. */
  readonly address: IpAddress
  include: boolean
  sources: readonly IpAddress[]
}

/** The groups that one socket is a member of, and whom it wants to hear in each. */
export class Memberships {
  readonly #stack: LeanStack
  readonly #owner: object
  #list: Membership[] = []

  constructor(stack: LeanStack, owner: object) {
    this.#stack = stack
    this.#owner = owner
  }

  /** Joins a group, for all sources or, `include`, for none yet. */
  join(request: GroupFields, include: boolean): number {
    const { group } = request
    if (!group.isMulticast) return -EINVAL
    const link = this.#interfaceFor(request)
    if (link === null) return -ENODEV
    if (this.#find(group, link) !== null) return -EADDRINUSE
    const membership = { group, interface: link, address: request.address, include, sources: [] }
    if (!include) {
      const result = link.groups.set(this.#owner, group, membership)
      if (result < 0) return result
    }
    this.#list.push(membership)
    return 0
  }

  leave(request: GroupFields): number {
    const { group, ifindex, address } = request
    // Of IPv4 what can be no group is one that was not joined, as on Linux (ip_mc_leave_group).
    if (!group.isV4 && !group.isMulticast) return -EINVAL
    const link = this.#interfaceFor(request)
    if (link === null && ifindex === 0 && address.isUnspecified) return -ENODEV
    const found = this.#list.find((one) => {
      if (!one.group.equals(group)) return false
      // An address that the interface had then, and has no longer, names it still. IPv6 takes the first where nothing is said.
      if (!group.isV4 && ifindex === 0) return true
      return link === null ? one.address.equals(address) : one.interface === link
    })
    return found === undefined ? -EADDRNOTAVAIL : this.#drop(found)
  }

  /** Adds `request.source` to those of the filter, or takes it away, where the filter is of the mode that the call is for. */
  changeSource(request: GroupFields, include: boolean, add: boolean): number {
    const { group, source } = request
    if (!group.isMulticast) return -EINVAL
    const link = this.#interfaceFor(request)
    if (link === null) return -ENODEV
    if (include && add) {
      const joined = this.join(request, true)
      if (joined < 0 && joined !== -EADDRINUSE) return joined
    }
    const found = this.#find(group, link)
    // Of an empty filter the mode can still change.
    if (found === null || (found.include !== include && found.sources.length > 0)) return -EINVAL
    const known = found.sources.some((other) => other.equals(source))
    if (known === add) return -EADDRNOTAVAIL
    if (!add && include && found.sources.length === 1) return this.#drop(found)
    if (add && found.sources.length >= sourcesMax(group)) return -ENOBUFS
    const sources = add ? [...found.sources, source] : found.sources.filter((other) => !other.equals(source))
    return this.#apply(found, include, sources)
  }

  /** All of a filter at once. */
  setFilter(request: GroupFields, include: boolean, sources: readonly IpAddress[]): number {
    const { group } = request
    if (!group.isMulticast) return -EINVAL
    const link = this.#interfaceFor(request)
    if (link === null) return -ENODEV
    const found = this.#find(group, link)
    if (found === null) return -EINVAL
    if (include && sources.length === 0) return this.#drop(found)
    if (sources.length > sourcesMax(group)) return -ENOBUFS
    return this.#apply(found, include, sources)
  }

  /** What was set; or a negated errno. */
  filterOf(request: GroupFields): SourceFilter | number {
    const { group } = request
    if (!group.isMulticast) return -EINVAL
    const link = this.#interfaceFor(request)
    if (link === null) return -ENODEV
    return this.#find(group, link) ?? -EADDRNOTAVAIL
  }

  leaveAll(): void {
    for (const one of this.#list) one.interface.groups.set(this.#owner, one.group, null)
    this.#list = []
  }

  #apply(membership: Membership, include: boolean, sources: readonly IpAddress[]): number {
    const result = membership.interface.groups.set(this.#owner, membership.group, { include, sources })
    if (result < 0) {
      // One that was joined for this source alone is none.
      if (membership.include && membership.sources.length === 0) this.#drop(membership)
      return result
    }
    membership.include = include
    membership.sources = sources
    return 0
  }

  #drop(membership: Membership): number {
    membership.interface.groups.set(this.#owner, membership.group, null)
    this.#list = this.#list.filter((other) => other !== membership)
    return 0
  }

  #find(group: IpAddress, link: NetworkInterface): Membership | null {
    return this.#list.find((one) => one.interface === link && one.group.equals(group)) ?? null
  }

  // The interface that was named, by number or by an address of its own; else the one by which the group is reached.
  #interfaceFor({ group, ifindex, address }: GroupFields): NetworkInterface | null {
    const stack = this.#stack
    if (ifindex !== 0) return stack.interfaceWithIndex(ifindex)
    if (!address.isUnspecified) return stack.isOwnAddress(address) ? stack.interfaceOf(address) : null
    const route = stack.routeTo(group, null, null)
    return typeof route === 'number' ? null : route.interface
  }
}

function sourcesMax(group: IpAddress): number {
  return group.isV4 ? SOURCES_MAX : SOURCES_MAX_V6
}
