// Read first: RFC 3376 sections 3.2 and 5, RFC 3810 sections 4.2 and 6.
//
// What an interface wants to hear of a group follows from what its members want. It is not put together anew for each change:
// of every source is counted how many members ask for it and how many block it, which tells at any time whether the source is in
// the interface's list.

import type { IpAddress } from '../../base/ip-address.ts'
import { Timer } from '../../base/timer-wheel.ts'
import { AddressMap, AddressMapEntry } from '../ip/address-map.ts'
import type { GroupMember } from './group-member.ts'

/** One source of a group, named by a member or by a query. */
export class GroupSource extends AddressMapEntry {
  override readonly address: IpAddress
  /** Members that want to hear this source among few, and members that want to hear all but it and others. */
  includes = 0
  excludes = 0
  /** In the list that reports give of the group. */
  listed = false
  /** In how many more reports of changes it is to be named. */
  changesLeft = 0
  /** A query asks about it. */
  queried = false

  constructor(address: IpAddress) {
    super()
    this.address = address.copy()
  }
}

/** What a pending answer is about: RFC 3376 section 5.2. */
export type Asked = 'nothing' | 'group' | 'sources'

/** Whom a group's timer calls. */
export interface GroupTimerOwner {
  groupTimerExpired(group: Group): void
}

class GroupTimer extends Timer {
  readonly #owner: GroupTimerOwner
  readonly #group: Group

  constructor(owner: GroupTimerOwner, group: Group) {
    super()
    this.#owner = owner
    this.#group = group
  }

  override expire(): void {
    this.#owner.groupTimerExpired(this.#group)
  }
}

/** A group that an interface is a member of, or has just left and still says so. */
export class Group extends AddressMapEntry {
  override readonly address: IpAddress
  readonly members: Map<object, GroupMember> = new Map()
  readonly sources: AddressMap<GroupSource>
  /** Members that want to hear all but some. */
  #excluders = 0
  /** There are members, and the mode is INCLUDE: as `settle` or `changed` saw it last. A group without members is INCLUDE nobody. */
  present = false
  include = true
  /** In how many more reports the mode is to be told as changed. */
  modeChangesLeft = 0
  asked: Asked = 'nothing'
  /** With queriers of older versions: reports to come unasked for, and that no other host has reported the group after us. */
  unsolicitedLeft = 0
  lastReporter = true
  /** Answers to queries; with queriers of older versions every report but the first. */
  readonly timer: Timer

  constructor(address: IpAddress, key: number, owner: GroupTimerOwner) {
    super()
    this.address = address.copy()
    this.sources = new AddressMap(key)
    this.timer = new GroupTimer(owner, this)
  }

  /** Whether some member wants to hear `source`: RFC 3376 section 3.2. */
  hears(source: IpAddress): boolean {
    const entry = this.sources.get(source)
    if (entry === null) return this.#excluders > 0
    return this.#listed(entry) === (this.#excluders === 0)
  }

  enter(owner: object, member: GroupMember): void {
    this.members.set(owner, member)
    if (!member.include) this.#excluders++
    member.sources.forEach(({ address }) => {
      const entry = this.ensureSource(address)
      if (member.include) entry.includes++
      else entry.excludes++
    })
  }

  /** What reports know of the sources stays until `changed` or `settle`. */
  withdraw(owner: object): void {
    const member = this.members.get(owner)
    if (member === undefined) return
    this.members.delete(owner)
    if (!member.include) this.#excluders--
    member.sources.forEach(({ address }) => {
      const entry = this.sources.get(address)
      if (entry === null) return
      if (member.include) entry.includes--
      else entry.excludes--
    })
  }

  ensureSource(address: IpAddress): GroupSource {
    const known = this.sources.get(address)
    if (known !== null) return known
    const entry = new GroupSource(address)
    this.sources.add(entry)
    return entry
  }

  /**
   * Members have changed: what of that is to be told, `times` over, is marked (RFC 3376 section 5.1). True where there is
   * something to tell.
   */
  changed(times: number): boolean {
    const include = this.#excluders === 0
    const modeChanges = include !== this.include
    let changes = modeChanges
    this.present = this.members.size > 0
    this.include = include
    if (modeChanges) this.modeChangesLeft = times
    this.sources.forEach((source) => {
      const listed = this.#listed(source)
      if (modeChanges) {
        // The record of the new mode names all of the list.
        source.changesLeft = 0
      } else if (listed !== source.listed) {
        source.changesLeft = times
        changes = true
      }
      source.listed = listed
    })
    this.tidy()
    return changes
  }

  /** Members have changed, or reports stop: nothing is to be told. */
  settle(): void {
    this.present = this.members.size > 0
    this.include = this.#excluders === 0
    this.modeChangesLeft = 0
    this.sources.forEach((source) => {
      source.listed = this.#listed(source)
      source.changesLeft = 0
    })
    this.answered()
  }

  /** All of the group is to be told as new, `times` over. */
  tellAll(times: number): void {
    if (!this.include) {
      this.modeChangesLeft = times
      return
    }
    this.sources.forEach((source) => {
      if (source.listed) source.changesLeft = times
    })
  }

  /** Whether reports of changes are to follow. */
  get changesPending(): boolean {
    if (this.modeChangesLeft > 0) return true
    for (let at = this.sources.oldest; at !== null; at = at.mapNewer as GroupSource | null) {
      if (at.changesLeft > 0) return true
    }
    return false
  }

  /** A report of the changes has been sent. */
  changesTold(): void {
    if (this.modeChangesLeft > 0) {
      this.modeChangesLeft--
      return
    }
    this.sources.forEach((source) => {
      if (source.changesLeft > 0) source.changesLeft--
    })
    this.tidy()
  }

  /** What was asked has been answered, or is no longer to be. */
  answered(): void {
    this.asked = 'nothing'
    this.sources.forEach((source) => {
      source.queried = false
    })
    this.tidy()
  }

  /** Forgets sources that nobody names any more. One that reports still list is yet to be told as gone. */
  tidy(): void {
    this.sources.forEach((source) => {
      const { includes, excludes, changesLeft, queried, listed } = source
      if (includes + excludes + changesLeft === 0 && !queried && !listed) this.sources.delete(source)
    })
  }

  // In EXCLUDE mode the list is what all who exclude agree on and nobody asks for.
  #listed(source: GroupSource): boolean {
    if (this.#excluders === 0) return source.includes > 0
    return source.includes === 0 && source.excludes === this.#excluders
  }
}
