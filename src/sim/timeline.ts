// The one clock of a simulation: what is still to happen, in order of time and then of setting. One thing happens at a time, and
// each belongs to a host, so that what its programs do next can be told apart from what others do.

import type { Alarm, Clock } from '../base/clock.ts'

/** Whose turn it is, or whose turn will come: a host's run from its start to its crash. */
export interface Actor {
  readonly name: string
}

/** What happens once at an instant. `place` is where it lies in the heap; −1: nowhere. */
class TimelineAlarm implements Alarm {
  readonly clock: ActorClock
  readonly task: () => void
  /** Whether programs may have been woken by it. */
  readonly wakes: boolean
  at = 0
  order = 0
  place = -1

  constructor(clock: ActorClock, task: () => void, wakes: boolean) {
    this.clock = clock
    this.task = task
    this.wakes = wakes
  }

  set(at: number): void {
    this.clock.timeline.schedule(this, at)
  }

  clear(): void {
    this.clock.timeline.unschedule(this)
  }
}

/** The clock as one actor sees it: what is set on it happens in that actor's name, and no more once it is stopped. */
export class ActorClock implements Clock {
  readonly timeline: Timeline
  readonly actor: Actor | null
  readonly #wakes: boolean
  stopped = false

  /** `wakes`: whether what is set on it may wake programs. */
  constructor(timeline: Timeline, actor: Actor | null, wakes: boolean) {
    this.timeline = timeline
    this.actor = actor
    this.#wakes = wakes
  }

  get epoch(): number {
    return this.timeline.epoch
  }

  now(): number {
    return this.timeline.now
  }

  defer(task: () => void): void {
    if (!this.stopped) this.timeline.defer(this, task)
  }

  alarm(task: () => void): Alarm {
    return new TimelineAlarm(this, task, this.#wakes)
  }

  /** Nothing that was set on it happens any more. */
  stop(): void {
    this.stopped = true
    this.timeline.forget(this)
  }
}

/** What is to happen, and when. */
export class Timeline {
  /** Milliseconds since the simulation began. */
  now = 0
  /** What calendars show at its beginning, in milliseconds since 1970. */
  readonly epoch: number
  /** In whose name the last thing happened: what programs do until the next is theirs. */
  actor: Actor | null = null
  /** Programs may have been woken: they are to have their say before anything else happens. */
  woken = false
  /** Things that have happened since time last passed. */
  stepsNow = 0
  readonly #heap: TimelineAlarm[] = []
  #deferred: { readonly clock: ActorClock; readonly task: () => void }[] = []
  #deferredHead = 0
  #order = 0

  constructor(epoch: number) {
    this.epoch = epoch
  }

  /** When the next thing happens; Infinity: never. */
  nextAt(): number {
    if (this.#deferredHead < this.#deferred.length) return this.now
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  /** Lets the next thing happen. False where there is none. */
  step(): boolean {
    if (this.#deferredHead < this.#deferred.length) {
      const { clock, task } = this.#deferred[this.#deferredHead++] as { clock: ActorClock; task: () => void }
      if (this.#deferredHead === this.#deferred.length) {
        this.#deferred = []
        this.#deferredHead = 0
      }
      this.#happen(clock, task)
      return true
    }
    const alarm = this.#heap[0]
    if (alarm === undefined) return false
    this.unschedule(alarm)
    if (alarm.at > this.now) this.advanceTo(alarm.at)
    if (alarm.wakes) this.woken = true
    this.#happen(alarm.clock, alarm.task)
    return true
  }

  #happen(clock: ActorClock, task: () => void): void {
    this.stepsNow++
    this.actor = clock.actor
    if (!clock.stopped) task()
  }

  defer(clock: ActorClock, task: () => void): void {
    this.#deferred.push({ clock, task })
  }

  schedule(alarm: TimelineAlarm, at: number): void {
    if (alarm.clock.stopped) return
    alarm.at = at
    alarm.order = this.#order++
    if (alarm.place < 0) {
      alarm.place = this.#heap.length
      this.#heap.push(alarm)
    }
    this.#down(this.#up(alarm.place))
  }

  unschedule(alarm: TimelineAlarm): void {
    const { place } = alarm
    if (place < 0) return
    alarm.place = -1
    const last = this.#heap.pop() as TimelineAlarm
    if (last === alarm) return
    this.#heap[place] = last
    last.place = place
    this.#down(this.#up(place))
  }

  /** Nothing that was set on `clock` happens any more. */
  forget(clock: ActorClock): void {
    for (const alarm of this.#heap.filter((one) => one.clock === clock)) this.unschedule(alarm)
    this.#deferred = this.#deferred.slice(this.#deferredHead).filter((one) => one.clock !== clock)
    this.#deferredHead = 0
  }

  /** Moves to `at`, where nothing happens on the way. */
  advanceTo(at: number): void {
    if (at <= this.now) return
    this.now = at
    this.stepsNow = 0
  }

  #before(x: TimelineAlarm, y: TimelineAlarm): boolean {
    return x.at < y.at || (x.at === y.at && x.order < y.order)
  }

  #swap(i: number, j: number): void {
    const heap = this.#heap
    const x = heap[i] as TimelineAlarm
    const y = heap[j] as TimelineAlarm
    heap[i] = y
    y.place = i
    heap[j] = x
    x.place = j
  }

  #up(from: number): number {
    const heap = this.#heap
    let i = from
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!this.#before(heap[i] as TimelineAlarm, heap[parent] as TimelineAlarm)) break
      this.#swap(i, parent)
      i = parent
    }
    return i
  }

  #down(from: number): void {
    const heap = this.#heap
    for (let i = from; ; ) {
      const left = 2 * i + 1
      if (left >= heap.length) return
      const right = left + 1
      const least =
        right < heap.length && this.#before(heap[right] as TimelineAlarm, heap[left] as TimelineAlarm) ? right : left
      if (!this.#before(heap[least] as TimelineAlarm, heap[i] as TimelineAlarm)) return
      this.#swap(i, least)
      i = least
    }
  }
}
