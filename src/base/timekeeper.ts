import type { Alarm, Clock } from './clock.ts'
import { type Timer, TimerWheel } from './timer-wheel.ts'

/**
 * The time of one stack: the clock read once a burst (a reading costs 52 ns), kept as two int32 that wrap and are compared by
 * their difference, and all timers of the stack behind one alarm.
 */
export class Timekeeper {
  readonly clock: Clock
  /** Milliseconds, rounded down, as of the last `refresh`. Wraps after 24 days. */
  now = 0
  /** Microseconds as of the last `refresh`. Wraps after 35 minutes: for round trips, not for deadlines. */
  nowMicros = 0
  /** What the clock said at the last `refresh`: milliseconds with a fraction, which do not wrap. */
  instant = 0
  readonly #wheel: TimerWheel
  readonly #alarm: Alarm
  #alarmAt = 0
  #alarmSet = false
  #fraction = false
  readonly #afterExpiry: () => void

  /** `afterExpiry` runs once after each batch of timers that expired: the stack flushes what they left to do. */
  constructor(clock: Clock, afterExpiry: () => void) {
    this.clock = clock
    this.#afterExpiry = afterExpiry
    this.#alarm = clock.alarm(() => this.#wake())
    this.refresh()
    this.#wheel = new TimerWheel(this.now)
  }

  /** Reads the clock. */
  refresh(): void {
    const now = this.clock.now()
    const whole = Math.floor(now)
    this.instant = now
    this.now = whole | 0
    this.#fraction = whole !== now
    this.nowMicros = Math.floor(now * 1000) | 0
  }

  /** Sets `timer` to expire `delay` milliseconds from the last refresh, never sooner. */
  set(timer: Timer, delay: number): void {
    this.setAt(timer, this.after(delay))
  }

  /** The first whole millisecond, on the scale of `now`, that is at least `delay` away. */
  after(delay: number): number {
    return (this.now + delay + (this.#fraction ? 1 : 0)) | 0
  }

  /** Sets `timer` to expire at an instant on the scale of `now`. */
  setAt(timer: Timer, at: number): void {
    this.#wheel.set(timer, at)
    if (!this.#alarmSet || ((at - this.#alarmAt) | 0) < 0) this.#arm(at)
  }

  clear(timer: Timer): void {
    this.#wheel.clear(timer)
  }

  /** How many timers are set. */
  get count(): number {
    return this.#wheel.count
  }

  #arm(at: number): void {
    this.#alarmSet = true
    this.#alarmAt = at
    const now = this.clock.now()
    this.#alarm.set(now + Math.max(0, ((at - Math.floor(now)) | 0) - (now - Math.floor(now))))
  }

  #wake(): void {
    this.#alarmSet = false
    this.refresh()
    this.#wheel.advance(this.now)
    const next = this.#wheel.nextAt()
    if (next !== null && (!this.#alarmSet || ((next - this.#alarmAt) | 0) < 0)) this.#arm(next)
    this.#afterExpiry()
  }

  /** Stops waking up; every timer is forgotten. */
  stop(): void {
    this.#alarm.clear()
    this.#alarmSet = false
  }
}
