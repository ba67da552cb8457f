import { describe, expect, it } from 'vitest'
import { randomBelow, SeededRandom } from '../../src/base/random.ts'
import { Timer, TimerWheel } from '../../src/base/timer-wheel.ts'

class Probe extends Timer {
  readonly name: number
  readonly onExpire: (probe: Probe, now: number) => void

  constructor(name: number, onExpire: (probe: Probe, now: number) => void) {
    super()
    this.name = name
    this.onExpire = onExpire
  }

  expire(now: number): void {
    this.onExpire(this, now)
  }
}

/** A wheel whose probes note what expired when. */
function wheelAt(start: number) {
  const expired: [number, number][] = []
  const wheel = new TimerWheel(start)
  const probe = (name: number) => new Probe(name, (one, now) => expired.push([one.name, now]))
  return { wheel, expired, probe }
}

/** Delays of every order of magnitude. */
function someDelay(random: SeededRandom): number {
  const span = [3, 70, 5000, 300_000, 20_000_000, 100_000_000][randomBelow(random, 6)] as number
  return 1 + randomBelow(random, span)
}

describe('TimerWheel', () => {
  it.each([0, 1, 63, 64, 4095, -1, -64, 0x7fffffff, 0x7ffffff0, -0x80000000, 123_456_789])(
    'started at %i, expires every timer exactly at its time, over the turn of 2^31',
    (start) => {
      const delays = [
        1, 2, 62, 63, 64, 65, 127, 128, 4095, 4096, 4097, 262_143, 262_144, 262_145, 16_515_072, 16_777_216, 50_000_000,
      ]
      for (const step of [1_000_000_000, 65_537, 997]) {
        const { wheel, expired, probe } = wheelAt(start)
        for (const delay of delays) wheel.set(probe(delay), (start + delay) | 0)
        expect(wheel.count).toBe(delays.length)
        const last = 50_000_000
        for (let at = 0; at < last; ) {
          at = Math.min(at + step, last)
          wheel.advance((start + at) | 0)
        }
        expect(expired).toEqual(delays.map((delay) => [delay, (start + delay) | 0]))
        expect(wheel.count).toBe(0)
        expect(wheel.nextAt()).toBe(null)
        if (step === 65_537 && start !== 0) break
      }
    },
  )

  it('agrees with a sorted list through millions of milliseconds of setting, moving, clearing and advancing', () => {
    for (let seed = 1; seed <= 15; seed++) {
      const random = new SeededRandom(seed)
      let now = random.int32()
      const elapsed = (at: number) => (at - now) | 0
      const model = new Map<number, number>()
      const expired: number[] = []
      const wheel = new TimerWheel(now)
      const probes = Array.from({ length: 50 }, (_, name) => {
        return new Probe(name, (_probe, at) => {
          expired.push(name)
          expect(model.get(name)).toBe(at)
          model.delete(name)
        })
      })
      for (let step = 0; step < 2000; step++) {
        const probe = probes[randomBelow(random, probes.length)] as Probe
        const action = randomBelow(random, 10)
        if (action < 6) {
          const at = (now + someDelay(random)) | 0
          wheel.set(probe, at)
          model.set(probe.name, at)
        } else if (action < 7) {
          wheel.clear(probe)
          model.delete(probe.name)
        } else {
          const target = (now + someDelay(random)) | 0
          const due = [...model].filter(([, at]) => ((at - target) | 0) <= 0).map(([name]) => name)
          expired.length = 0
          wheel.advance(target)
          expect([...expired].sort((a, b) => a - b)).toEqual(due.sort((a, b) => a - b))
          now = target
        }
        expect(wheel.count).toBe(model.size)
        const next = wheel.nextAt()
        if (model.size === 0) {
          expect(next).toBe(null)
        } else {
          // Never after the earliest timer, and always ahead.
          const earliest = Math.min(...[...model.values()].map(elapsed))
          expect(elapsed(next as number)).toBeGreaterThan(0)
          expect(elapsed(next as number)).toBeLessThanOrEqual(earliest)
        }
      }
    }
  })

  it('expires timers in order of time, whatever wheel they lie in', () => {
    const random = new SeededRandom(3)
    const { wheel, expired, probe } = wheelAt(0)
    for (let i = 0; i < 500; i++) {
      const at = 1 + randomBelow(random, 10_000_000)
      wheel.set(probe(at), at)
    }
    wheel.advance(10_000_000)
    expect(expired.length).toBe(500)
    expect(expired.map(([, now]) => now)).toEqual(expired.map(([, now]) => now).sort((a, b) => a - b))
  })

  it('a timer moved later expires once, at the later time; one moved earlier, at the earlier', () => {
    const { wheel, expired, probe } = wheelAt(1000)
    const later = probe(1)
    const earlier = probe(2)
    wheel.set(later, 1010)
    wheel.set(earlier, 9_000_000)
    wheel.set(later, 500_000)
    wheel.set(earlier, 1020)
    wheel.advance(10_000_000)
    expect(expired).toEqual([
      [2, 1020],
      [1, 500_000],
    ])
  })

  it('a timer moved later and back expires at the time last set', () => {
    const { wheel, expired, probe } = wheelAt(0)
    const one = probe(1)
    wheel.set(one, 100)
    wheel.set(one, 200)
    wheel.set(one, 150)
    wheel.set(one, 90)
    wheel.advance(1000)
    expect(expired).toEqual([[1, 90]])
  })

  it('a time that has passed, or is now, counts as the next millisecond', () => {
    const { wheel, expired, probe } = wheelAt(5000)
    wheel.set(probe(1), 5000)
    wheel.set(probe(2), 4000)
    wheel.advance(5000)
    expect(expired).toEqual([])
    expect(wheel.nextAt()).toBe(5001)
    wheel.advance(5001)
    expect(expired.map(([name]) => name).sort()).toEqual([1, 2])
  })

  it('timers set from an expiry, for now, soon or far, expire in the same advance, and a periodic one does not hang it', () => {
    const expired: [number, number][] = []
    const wheel = new TimerWheel(0)
    const periodic = new Probe(1, (probe, now) => {
      expired.push([1, now])
      wheel.set(probe, now + 100)
    })
    const again = new Probe(2, (probe, now) => {
      expired.push([2, now])
      if (expired.filter(([name]) => name === 2).length < 3) wheel.set(probe, now)
    })
    wheel.set(periodic, 100)
    wheel.set(again, 150)
    wheel.advance(450)
    expect(expired).toEqual([
      [1, 100],
      [2, 150],
      [2, 151],
      [2, 152],
      [1, 200],
      [1, 300],
      [1, 400],
    ])
    expect(wheel.count).toBe(1)
  })

  it('an expiry may clear or move the timers that would have expired with it', () => {
    const expired: [number, number][] = []
    const wheel = new TimerWheel(0)
    const probes = [1, 2, 3].map((name) => {
      return new Probe(name, (one, now) => {
        expired.push([one.name, now])
        const [first, second] = probes.filter((other) => other !== one) as [Probe, Probe]
        if (expired.length > 1) return
        wheel.clear(first)
        wheel.set(second, 700)
      })
    })
    for (const probe of probes) wheel.set(probe, 10)
    wheel.advance(20)
    expect(expired.map(([, now]) => now)).toEqual([10])
    wheel.advance(1000)
    expect(expired.map(([, now]) => now)).toEqual([10, 700])
    expect(wheel.count).toBe(0)
  })

  it('clearing a timer that is not set does nothing', () => {
    const { wheel, probe } = wheelAt(0)
    const one = probe(1)
    wheel.clear(one)
    wheel.set(one, 5)
    wheel.clear(one)
    wheel.clear(one)
    expect(wheel.count).toBe(0)
    wheel.advance(100)
  })
})
