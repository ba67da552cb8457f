import { describe, expect, it } from 'vitest'
import type { Alarm, Clock } from '../../src/base/clock.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { randomBelow, randomFraction, SeededRandom } from '../../src/base/random.ts'
import { Timekeeper } from '../../src/base/timekeeper.ts'
import { Timer } from '../../src/base/timer-wheel.ts'

/** A manual clock that counts alarms, and how often they were set. */
class CountingClock implements Clock {
  readonly manual: ManualClock
  alarms = 0
  settings = 0

  constructor(start: number) {
    this.manual = new ManualClock(start)
  }

  now(): number {
    return this.manual.now()
  }

  defer(task: () => void): void {
    this.manual.defer(task)
  }

  alarm(task: () => void): Alarm {
    this.alarms++
    const alarm = this.manual.alarm(task)
    return {
      set: (at) => {
        this.settings++
        alarm.set(at)
      },
      clear: () => alarm.clear(),
    }
  }
}

class Probe extends Timer {
  readonly task: () => void

  constructor(task: () => void) {
    super()
    this.task = task
  }

  expire(): void {
    this.task()
  }
}

describe('Timekeeper', () => {
  it.each([0, 0.75, 2 ** 31 - 5000.5, 2 ** 32 - 3000.25, 1e12 + 0.125])(
    'from %d on: no timer is early by any fraction, nor late by more than one millisecond, and one alarm serves all',
    (start) => {
      const clock = new CountingClock(start)
      const time = new Timekeeper(clock, () => {})
      const random = new SeededRandom(4)
      let expired = 0
      for (let i = 0; i < 3000; i++) {
        const delay = randomBelow(random, [2, 100, 5000, 400_000][i % 4] as number)
        const dueAt = clock.now() + delay
        time.set(
          new Probe(() => {
            expired++
            expect(clock.now()).toBeGreaterThanOrEqual(dueAt)
            expect(clock.now()).toBeLessThanOrEqual(dueAt + 1 + 1e-3)
          }),
          delay,
        )
        if (i % 3 === 0) {
          clock.manual.advanceTo(clock.now() + randomFraction(random) * 50)
          time.refresh()
        }
      }
      clock.manual.advanceTo(clock.now() + 500_000)
      expect(expired).toBe(3000)
      expect(clock.alarms).toBe(1)
      expect(time.count).toBe(0)
    },
  )

  it('now is whole milliseconds rounded down, nowMicros microseconds, both int32 that wrap', () => {
    const clock = new ManualClock(2 ** 31 + 10.75)
    const time = new Timekeeper(clock, () => {})
    expect(time.now).toBe((2 ** 31 + 10) | 0)
    expect(time.nowMicros).toBe(((2 ** 31 + 10) * 1000 + 750) | 0)
    clock.advanceTo(2 ** 31 + 12.5)
    expect(time.now).toBe((2 ** 31 + 10) | 0)
    time.refresh()
    expect(time.now).toBe((2 ** 31 + 12) | 0)
  })

  it('restarting a timer, as each acknowledgement does, sets the alarm no further', () => {
    const clock = new CountingClock(0)
    const time = new Timekeeper(clock, () => {})
    let expiredAt = -1
    const timer = new Probe(() => {
      expiredAt = clock.now()
    })
    for (let i = 0; i < 1000; i++) {
      time.set(timer, 200)
      clock.manual.advanceTo(clock.now() + 0.1)
      time.refresh()
    }
    expect(clock.settings).toBeLessThan(5)
    clock.manual.advanceTo(1000)
    expect(expiredAt).toBeGreaterThanOrEqual(299.9)
    expect(expiredAt).toBeLessThanOrEqual(301)
  })

  it('runs afterExpiry once after the timers of one instant, and never between them', () => {
    const clock = new ManualClock()
    const log: string[] = []
    const time = new Timekeeper(clock, () => log.push('after'))
    for (const name of ['a', 'b', 'c']) time.set(new Probe(() => log.push(name)), 10)
    clock.advanceTo(20)
    expect(log.slice(0, 3).sort()).toEqual(['a', 'b', 'c'])
    expect(log.slice(3)).toEqual(['after'])
  })

  it('a timer set from an expiry, or from afterExpiry, expires too', () => {
    const clock = new ManualClock()
    const at: string[] = []
    let rounds = 0
    const time = new Timekeeper(clock, () => {
      if (rounds++ === 0) time.set(new Probe(() => at.push(`after@${clock.now()}`)), 5)
    })
    time.set(
      new Probe(() => {
        at.push(`first@${clock.now()}`)
        time.set(new Probe(() => at.push(`second@${clock.now()}`)), 7)
      }),
      10,
    )
    clock.advanceTo(100)
    expect(at).toEqual(['first@10', 'after@15', 'second@17'])
  })

  it('an earlier timer moves the alarm forward; clearing all lets nothing expire', () => {
    const clock = new ManualClock()
    const at: number[] = []
    const time = new Timekeeper(clock, () => {})
    const late = new Probe(() => at.push(clock.now()))
    const early = new Probe(() => at.push(clock.now()))
    time.set(late, 5000)
    time.set(early, 3)
    clock.advanceTo(10)
    expect(at).toEqual([3])
    time.clear(late)
    expect(time.count).toBe(0)
    clock.advanceTo(100_000)
    expect(at).toEqual([3])
  })

  it('after stop nothing wakes it', () => {
    const clock = new ManualClock()
    const time = new Timekeeper(clock, () => {
      throw new Error('woke up')
    })
    time.set(new Probe(() => {}), 10)
    time.stop()
    clock.advanceTo(1000)
    expect(clock.nextAt()).toBe(Number.POSITIVE_INFINITY)
  })
})
