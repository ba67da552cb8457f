// Read first: RFC 3376 sections 5 and 7.2, RFC 3810 sections 6 and 8.2; RFC 2236 section 3 and RFC 2710 section 4 for the older
// versions.
//
// The host's side of group management, which is one for both families: what is told when a group is joined, changed and left, and
// what is answered to queries. The families differ in the messages.

import { IpAddress } from '../../base/ip-address.ts'
import { randomBelow } from '../../base/random.ts'
import { Timer } from '../../base/timer-wheel.ts'
import {
  ALLOW_NEW_SOURCES,
  BLOCK_OLD_SOURCES,
  CHANGE_TO_EXCLUDE_MODE,
  CHANGE_TO_INCLUDE_MODE,
  MODE_IS_EXCLUDE,
  MODE_IS_INCLUDE,
} from '../../wire/group-record.ts'
import { AddressMap } from '../ip/address-map.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { Group, GroupTimerOwner } from './group.ts'
import { ALLOWED, ASKED_FOR, BLOCKED, LISTED, type ReportFormat, ReportWriter } from './report-writer.ts'

/** RFC 3376 section 8.1 and 8.2, RFC 3810 section 9.1 and 9.2: until a querier says otherwise. Milliseconds. */
const ROBUSTNESS = 2
const QUERY_INTERVAL = 125_000
/** RFC 3376 section 8.11, RFC 3810 section 9.11. */
const UNSOLICITED_INTERVAL = 1000
/** RFC 2236 section 8.10, RFC 2710 section 7.10. */
const UNSOLICITED_INTERVAL_OLD = 10_000

/** How old a version is spoken: the newest (IGMPv3, MLDv2), the one before (IGMPv2, MLDv1), or IGMPv1. */
export type Age = 0 | 1 | 2

/** What a query asks, in one reused object. */
export class GroupQuery {
  /** By its form. */
  age: Age = 0
  /** It tells that a querier of this age is there. */
  present = false
  /** null: about all groups. */
  group: IpAddress | null = null
  /** Milliseconds. */
  maxResponseTime = 0
  /** 0: it does not say. Of a query of age 0, as all that follows. Milliseconds. */
  robustness = 0
  queryInterval = 0
  bytes: Uint8Array = new Uint8Array(0)
  sources = 0
  sourceCount = 0
}

/** The messages of a family. */
export interface GroupProtocol extends ReportFormat {
  /** Whether a word is said of the group: not of all hosts, nor of one whose packets stay on this host. */
  isReported(group: IpAddress): boolean
  /** Whether there is anybody to talk to. */
  readonly speaks: boolean
  readSource(source: IpAddress, bytes: Uint8Array, at: number): void
  sendOldReport(group: IpAddress, age: Age): void
  /** A version 2 leave, or a version 1 done. */
  sendLeave(group: IpAddress): void
}

class ReporterTimer extends Timer {
  readonly #task: () => void

  constructor(task: () => void) {
    super()
    this.#task = task
  }

  override expire(): void {
    this.#task()
  }
}

const asked = new IpAddress()

/** Reports the groups of one family on one interface, and is where they are kept. */
export class GroupReporter implements GroupTimerOwner {
  readonly groups: AddressMap<Group>
  readonly #stack: LeanStack
  readonly #protocol: GroupProtocol
  readonly #writer: ReportWriter
  readonly #sourceLimit: number
  #robustness = ROBUSTNESS
  #queryInterval = QUERY_INTERVAL
  #age: Age = 0
  /** The answer to a query about all groups. */
  readonly #answer = new ReporterTimer(() => this.#answerAll())
  /** The next report of changes of all groups: one timer for them all, so that what changes together is repeated together. */
  readonly #changes = new ReporterTimer(() => this.#repeatChanges())
  /** Older queriers present: RFC 3376 section 7.2.1. */
  readonly #older: readonly [Timer, Timer] = [
    new ReporterTimer(() => this.#look()),
    new ReporterTimer(() => this.#look()),
  ]

  constructor(stack: LeanStack, protocol: GroupProtocol, key: number, sourceLimit: number) {
    this.#stack = stack
    this.#protocol = protocol
    this.#sourceLimit = sourceLimit
    this.groups = new AddressMap(key)
    this.#writer = new ReportWriter(protocol)
  }

  /** How old a version the queriers on the link make us speak. */
  get age(): Age {
    return this.#age
  }

  /** Members of the group have come, gone, or want to hear others. */
  changed(group: Group): void {
    const { time } = this.#stack
    const joined = !group.present && group.members.size > 0
    const left = group.present && group.members.size === 0
    if (left) time.clear(group.timer)
    if (!this.#tells(group)) {
      group.settle()
    } else if (this.#age > 0) {
      group.settle()
      time.refresh()
      if (joined) this.#reportOld(group, this.#robustness - 1)
      else if (left && this.#age === 1 && group.lastReporter) this.#protocol.sendLeave(group.address)
    } else {
      if (left) group.answered()
      if (group.changed(this.#robustness)) {
        time.refresh()
        this.#writer.begin()
        this.#addChanges(group)
        this.#writer.send()
        if (group.changesPending) this.#repeatSoon()
      }
    }
    this.#forgetLeft(group)
  }

  /**
   * An address to report from is there, which was not when groups were joined: all are told again (RFC 3590 section 4).
   */
  announce(): void {
    if (!this.#protocol.speaks) return
    this.#stack.time.refresh()
    this.#writer.begin()
    this.groups.forEach((group) => {
      if (!this.#tells(group) || !group.present) return
      if (this.#age > 0) {
        this.#reportOld(group, this.#robustness - 1)
        return
      }
      group.tellAll(this.#robustness)
      this.#addChanges(group)
      if (group.changesPending) this.#repeatSoon()
    })
    this.#writer.send()
  }

  /** A query arrived. */
  query(query: GroupQuery): void {
    if (query.age === 0) {
      this.#robustness = query.robustness === 0 ? ROBUSTNESS : query.robustness
      this.#queryInterval = query.queryInterval === 0 ? QUERY_INTERVAL : query.queryInterval
    } else if (query.present) {
      // RFC 3376 section 8.12, RFC 3810 section 9.12.
      const timeout = this.#robustness * this.#queryInterval + query.maxResponseTime
      this.#stack.time.set(this.#older[query.age - 1] as Timer, timeout)
      this.#look()
    }
    if (this.#age > 0) this.#askedOld(query)
    else if (query.group === null) this.#askedForAll(query)
    else this.#askedFor(query, query.group)
  }

  /** Another host has reported the group in an older version: we need not. RFC 3376 section 7.2.2 leaves it to us not to heed it. */
  heard(address: IpAddress): void {
    const group = this.#age === 0 ? null : this.groups.get(address)
    if (group === null || !isSet(group.timer)) return
    this.#stack.time.clear(group.timer)
    group.unsolicitedLeft = 0
    group.lastReporter = false
  }

  /** Forgets everything, and says nothing of it. */
  close(): void {
    const { time } = this.#stack
    time.clear(this.#answer)
    time.clear(this.#changes)
    for (const timer of this.#older) time.clear(timer)
    this.groups.forEach((group) => {
      time.clear(group.timer)
    })
    this.groups.clear()
  }

  groupTimerExpired(group: Group): void {
    if (this.#age > 0) {
      this.#reportOld(group, group.unsolicitedLeft - 1)
      return
    }
    this.#writer.begin()
    if (group.asked === 'group') this.#addState(group)
    else if (group.asked === 'sources') this.#addAskedFor(group)
    this.#writer.send()
    group.answered()
  }

  /** The oldest group that has been left and is still told of, to make room for another; false where there is none. */
  giveUpLeft(): boolean {
    for (let at = this.groups.oldest; at !== null; at = at.mapNewer as Group | null) {
      if (at.present || at.members.size > 0) continue
      this.groups.delete(at)
      return true
    }
    return false
  }

  #tells(group: Group): boolean {
    return this.#protocol.speaks && this.#protocol.isReported(group.address)
  }

  #forgetLeft(group: Group): void {
    if (group.members.size === 0 && !group.changesPending) this.groups.delete(group)
  }

  // Changes: RFC 3376 section 5.1, RFC 3810 section 6.1.

  #addChanges(group: Group): void {
    if (group.modeChangesLeft > 0) {
      this.#writer.add(group.include ? CHANGE_TO_INCLUDE_MODE : CHANGE_TO_EXCLUDE_MODE, group, LISTED)
    } else {
      this.#writer.add(ALLOW_NEW_SOURCES, group, ALLOWED)
      this.#writer.add(BLOCK_OLD_SOURCES, group, BLOCKED)
    }
    group.changesTold()
  }

  #repeatSoon(): void {
    if (!isSet(this.#changes)) this.#stack.time.set(this.#changes, this.#within(UNSOLICITED_INTERVAL))
  }

  #repeatChanges(): void {
    this.#writer.begin()
    let more = false
    this.groups.forEach((group) => {
      if (!group.changesPending) return
      this.#addChanges(group)
      if (group.changesPending) more = true
      else this.#forgetLeft(group)
    })
    this.#writer.send()
    if (more) this.#repeatSoon()
  }

  // Answers: RFC 3376 section 5.2, RFC 3810 sections 6.2 and 6.3. The comments count the rules there.

  #askedForAll(query: GroupQuery): void {
    const delay = this.#within(query.maxResponseTime)
    if (!this.#anyToTell() || this.#answersAllBefore(delay)) return // rule 1
    this.#set(this.#answer, delay) // rule 2
  }

  #askedFor(query: GroupQuery, address: IpAddress): void {
    const group = this.groups.get(address)
    if (group === null || !group.present || !this.#tells(group)) return
    const delay = this.#within(query.maxResponseTime)
    if (this.#answersAllBefore(delay)) return // rule 1
    const pending = isSet(group.timer)
    if (query.sourceCount === 0 || (pending && group.asked === 'group')) {
      group.asked = 'group' // rules 3 and 4
    } else {
      group.asked = 'sources'
      this.#recordAsked(group, query) // rules 3 and 5
    }
    if (!pending || this.#remaining(group.timer) > delay) this.#set(group.timer, delay)
  }

  // Of a group that is heard from few, the others need not be kept: they are in no answer. Where there are more than we keep
  // (RFC 3376 section 9.1), the answer tells all.
  #recordAsked(group: Group, query: GroupQuery): void {
    const { addressLength } = this.#protocol
    for (let i = 0; i < query.sourceCount; i++) {
      this.#protocol.readSource(asked, query.bytes, query.sources + i * addressLength)
      const known = group.sources.get(asked)
      if (known !== null) {
        known.queried = true
      } else if (!group.include) {
        if (group.sources.size >= this.#sourceLimit) {
          group.answered()
          group.asked = 'group'
          return
        }
        group.ensureSource(asked).queried = true
      }
    }
  }

  #addState(group: Group): void {
    this.#writer.add(group.include ? MODE_IS_INCLUDE : MODE_IS_EXCLUDE, group, LISTED)
  }

  #addAskedFor(group: Group): void {
    for (let at = group.sources.oldest; at !== null; at = at.mapNewer as typeof at | null) {
      if (!ASKED_FOR(group, at)) continue
      this.#writer.add(MODE_IS_INCLUDE, group, ASKED_FOR)
      return
    }
  }

  #answerAll(): void {
    this.#writer.begin()
    this.groups.forEach((group) => {
      if (!group.present || !this.#tells(group)) return
      this.#addState(group)
      this.#stack.time.clear(group.timer)
      group.answered()
    })
    this.#writer.send()
  }

  #anyToTell(): boolean {
    for (let at = this.groups.oldest; at !== null; at = at.mapNewer as Group | null) {
      if (at.present && this.#tells(at)) return true
    }
    return false
  }

  #answersAllBefore(delay: number): boolean {
    return isSet(this.#answer) && this.#remaining(this.#answer) <= delay
  }

  // Older queriers: RFC 3376 section 7.2.1, RFC 3810 section 8.2.1.

  // A querier has been heard, or not for long: on a change all that is pending is given up.
  #look(): void {
    const age = isSet(this.#older[1]) ? 2 : isSet(this.#older[0]) ? 1 : 0
    if (age === this.#age) return
    this.#age = age
    const { time } = this.#stack
    time.clear(this.#answer)
    time.clear(this.#changes)
    this.groups.forEach((group) => {
      time.clear(group.timer)
      group.settle()
      this.#forgetLeft(group)
    })
  }

  #askedOld(query: GroupQuery): void {
    if (query.group !== null) {
      const group = this.groups.get(query.group)
      if (group !== null) this.#delayOld(group, query.maxResponseTime)
      return
    }
    this.groups.forEach((group) => {
      this.#delayOld(group, query.maxResponseTime)
    })
  }

  #delayOld(group: Group, maxResponseTime: number): void {
    if (!group.present || !this.#tells(group)) return
    group.unsolicitedLeft = 0
    if (isSet(group.timer) && this.#remaining(group.timer) <= maxResponseTime) return
    this.#set(group.timer, this.#within(maxResponseTime))
  }

  // Reports the group, and will do so `again` more times.
  #reportOld(group: Group, again: number): void {
    this.#protocol.sendOldReport(group.address, this.#age)
    group.lastReporter = true
    group.unsolicitedLeft = Math.max(0, again)
    if (again > 0) this.#set(group.timer, this.#within(UNSOLICITED_INTERVAL_OLD))
  }

  // Time

  #within(most: number): number {
    return 1 + randomBelow(this.#stack.random, most)
  }

  #remaining(timer: Timer): number {
    return (timer.timerAt - this.#stack.time.now) | 0
  }

  #set(timer: Timer, delay: number): void {
    this.#stack.time.set(timer, delay)
  }
}

function isSet(timer: Timer): boolean {
  return timer.timerSlot >= 0
}
