import { given } from './argument.ts'
import type { Alarm, Clock } from './clock.ts'

class ManualAlarm implements Alarm {
  readonly task: () => void
  readonly clock: ManualClock
  at: number
  order: number

  constructor(clock: ManualClock, task: () => void) {
    this.clock = clock
    this.task = task
    this.at = Number.POSITIVE_INFINITY
    this.order = 0
  }

  set(at: number): void {
    this.clock.schedule(this, at)
  }

  clear(): void {
    this.clock.unschedule(this)
  }
}

function checkTime(name: string, value: number): void {
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw new TypeError(`${name} must be a number of milliseconds, got ${given(value)}`)
  }
}

/**
 * A clock that stands still until it is moved: tests and simulations run on it, so that an hour of retransmission takes no
 * time and every run is the same run.
 *
 * ```ts
 * const clock = new ManualClock()
 * clock.alarm(() => console.log('one second')).set(1000)
 * clock.advanceTo(1000)
 * ```
 */
export class ManualClock implements Clock {
  #now: number
  #order = 0
  readonly #alarms = new Set<ManualAlarm>()
  #deferred: (() => void)[] = []

  constructor(start = 0) {
    checkTime('start', start)
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  defer(task: () => void): void {
    this.#deferred.push(task)
  }

  alarm(task: () => void): Alarm {
    return new ManualAlarm(this, task)
  }

  /** When the next thing happens: now if a deferred task waits, else the earliest alarm; Infinity if nothing will. */
  nextAt(): number {
    if (this.#deferred.length > 0) return this.#now
    return this.#earliest()?.at ?? Number.POSITIVE_INFINITY
  }

  /** Runs what was deferred, and what that defers, until nothing waits for this instant. Returns whether anything ran. */
  settle(): boolean {
    let ran = false
    while (this.#deferred.length > 0) {
      ran = true
      const tasks = this.#deferred
      this.#deferred = []
      for (const task of tasks) task()
    }
    return ran
  }

  /** Moves to `at`, running on the way every alarm that is due, in order of time and then of setting. */
  advanceTo(at: number): void {
    checkTime('at', at)
    for (;;) {
      this.settle()
      const alarm = this.#earliest()
      if (alarm === null || alarm.at > at) break
      if (alarm.at > this.#now) this.#now = alarm.at
      this.unschedule(alarm)
      alarm.task()
    }
    if (at > this.#now) this.#now = at
  }

  schedule(alarm: ManualAlarm, at: number): void {
    alarm.at = at
    alarm.order = this.#order++
    this.#alarms.add(alarm)
  }

  unschedule(alarm: ManualAlarm): void {
    alarm.at = Number.POSITIVE_INFINITY
    this.#alarms.delete(alarm)
  }

  // A linear search: a simulation has one alarm for each stack and link, not one for each connection.
  #earliest(): ManualAlarm | null {
    let first: ManualAlarm | null = null
    for (const alarm of this.#alarms) {
      if (first === null || alarm.at < first.at || (alarm.at === first.at && alarm.order < first.order)) first = alarm
    }
    return first
  }
}
