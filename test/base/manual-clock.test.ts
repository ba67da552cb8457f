import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/base/manual-clock.ts'

describe('ManualClock', () => {
  it('stands still until it is moved, and never goes back', () => {
    const clock = new ManualClock(5)
    expect(clock.now()).toBe(5)
    clock.advanceTo(7.25)
    clock.advanceTo(3)
    expect(clock.now()).toBe(7.25)
  })

  it('runs alarms in order of time, then in order of setting, each at its own time', () => {
    const clock = new ManualClock()
    const ran: string[] = []
    const alarm = (name: string) => clock.alarm(() => ran.push(`${name}@${clock.now()}`))
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(alarm) as [
      ReturnType<typeof alarm>,
      ReturnType<typeof alarm>,
      ReturnType<typeof alarm>,
      ReturnType<typeof alarm>,
    ]
    a.set(20)
    b.set(10)
    c.set(20)
    d.set(10.5)
    clock.advanceTo(15)
    expect(ran).toEqual(['b@10', 'd@10.5'])
    // Set again, it counts as set last.
    a.set(20)
    clock.advanceTo(100)
    expect(ran.slice(2)).toEqual(['c@20', 'a@20'])
    expect(clock.now()).toBe(100)
  })

  it('an alarm runs once, at the time last set, and not after it was cleared', () => {
    const clock = new ManualClock()
    let ran = 0
    const alarm = clock.alarm(() => ran++)
    alarm.set(10)
    alarm.set(5)
    clock.advanceTo(50)
    expect(ran).toBe(1)
    alarm.set(60)
    alarm.clear()
    alarm.clear()
    clock.advanceTo(100)
    expect(ran).toBe(1)
  })

  it('an alarm set for the past runs at once when the clock is moved, without turning it back', () => {
    const clock = new ManualClock(100)
    const at: number[] = []
    clock.alarm(() => at.push(clock.now())).set(50)
    clock.advanceTo(100)
    expect(at).toEqual([100])
  })

  it('an alarm may set itself again; the move goes through all of its times', () => {
    const clock = new ManualClock()
    const at: number[] = []
    const alarm = clock.alarm(() => {
      at.push(clock.now())
      if (at.length < 4) alarm.set(clock.now() + 10)
    })
    alarm.set(10)
    clock.advanceTo(35)
    expect(at).toEqual([10, 20, 30])
  })

  it('runs deferred tasks, and what they defer, before time passes', () => {
    const clock = new ManualClock()
    const ran: string[] = []
    clock.alarm(() => ran.push('alarm')).set(0)
    clock.defer(() => {
      ran.push('one')
      clock.defer(() => ran.push('three'))
    })
    clock.defer(() => ran.push('two'))
    clock.advanceTo(0)
    expect(ran).toEqual(['one', 'two', 'three', 'alarm'])
  })

  it('settle runs deferred tasks and no alarms, and says whether there were any', () => {
    const clock = new ManualClock()
    let ran = 0
    clock.alarm(() => ran++).set(0)
    expect(clock.settle()).toBe(false)
    clock.defer(() => {})
    expect(clock.settle()).toBe(true)
    expect(ran).toBe(0)
  })

  it('tells when the next thing happens', () => {
    const clock = new ManualClock(3)
    expect(clock.nextAt()).toBe(Number.POSITIVE_INFINITY)
    clock.alarm(() => {}).set(9)
    clock.alarm(() => {}).set(8)
    expect(clock.nextAt()).toBe(8)
    clock.defer(() => {})
    expect(clock.nextAt()).toBe(3)
  })
})
