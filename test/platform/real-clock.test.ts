import { spawnSync } from 'node:child_process'
import { describe, expect, test, vi } from 'vitest'
import { RealClock } from '../../src/platform/real-clock.ts'
import { secureRandom } from '../../src/platform/secure-random.ts'

describe('the real clock', () => {
  test('a deferred task runs after the running code and the promises that it resolved, before the event loop turns', async () => {
    const clock = new RealClock()
    const order: string[] = []
    const turned = new Promise<void>((resolve) => {
      setImmediate(() => {
        order.push('turn')
        resolve()
      })
    })
    Promise.resolve().then(() => order.push('promise'))
    clock.defer(() => order.push('deferred'))
    order.push('code')
    await turned
    expect(order).toEqual(['code', 'promise', 'deferred', 'turn'])
  })

  test('deferred tasks run in order, and what they defer runs after them', async () => {
    const clock = new RealClock()
    const order: number[] = []
    clock.defer(() => {
      order.push(1)
      clock.defer(() => order.push(3))
    })
    clock.defer(() => order.push(2))
    await new Promise((resolve) => setImmediate(resolve))
    expect(order).toEqual([1, 2, 3])
  })

  test('tasks that defer tasks for ever starve neither timers nor the event loop', async () => {
    const clock = new RealClock()
    let going = true
    const again = () => {
      if (going) clock.defer(again)
    }
    clock.defer(again)
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, 1))
    going = false
  })

  test('an error of a task reaches the process, and the tasks after it still run', () => {
    const script = `
      import { realClock } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)}
      process.on('uncaughtException', (error) => console.log(error.message))
      realClock.defer(() => { throw new Error('boom') })
      realClock.defer(() => console.log('next'))
    `
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(stdout).toBe('next\nboom\n')
  })

  test('an alarm never comes early, and once', async () => {
    const clock = new RealClock()
    for (const wait of [0, 0.3, 1, 1.7, 5]) {
      const at = clock.now() + wait
      await new Promise<void>((resolve) => clock.alarm(resolve).set(at))
      expect(clock.now()).toBeGreaterThanOrEqual(at)
    }
  })

  test('an alarm that is set again replaces its setting, earlier and later', async () => {
    const clock = new RealClock()
    let count = 0
    let at = 0
    const rung = new Promise<void>((resolve) => {
      const alarm = clock.alarm(() => {
        count++
        resolve()
      })
      const now = clock.now()
      alarm.set(now + 1)
      alarm.set(now + 1_000_000)
      at = now + 10
      alarm.set(at)
    })
    await rung
    expect(clock.now()).toBeGreaterThanOrEqual(at)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(count).toBe(1)
  })

  test('an alarm that is set again to an earlier time comes at that', async () => {
    const clock = new RealClock()
    await new Promise<void>((resolve) => {
      const alarm = clock.alarm(resolve)
      alarm.set(clock.now() + 1_000_000)
      alarm.set(clock.now() + 1)
    })
  })

  test('an alarm that is cleared does not come, and can be set again', async () => {
    const clock = new RealClock()
    let count = 0
    const alarm = clock.alarm(() => count++)
    alarm.set(clock.now())
    alarm.clear()
    alarm.clear()
    await new Promise<void>((resolve) => clock.alarm(resolve).set(clock.now() + 3))
    expect(count).toBe(0)
    alarm.set(clock.now())
    await new Promise<void>((resolve) => clock.alarm(resolve).set(clock.now() + 3))
    expect(count).toBe(1)
  })

  test('a wait longer than setTimeout can take is made of several', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const clock = new RealClock()
      const days = 24 * 3600 * 1000
      let rung = 0
      clock
        .alarm(() => {
          rung++
        })
        .set(clock.now() + 60 * days)
      vi.advanceTimersByTime(59 * days)
      expect(rung).toBe(0)
      vi.advanceTimersByTime(days)
      expect(rung).toBe(1)
    } finally {
      vi.useRealTimers()
    }
  })

  test.each([
    ['does not keep the process alive', 60_000, '', ''],
    ['keeps it alive while the clock is held', 200, 'realClock.hold()', 'rung\n'],
    ['does so too when it was set before', 200, 'setTimeout(() => realClock.hold(), 0).ref()', 'rung\n'],
    ['no longer once the clock is released', 60_000, 'realClock.hold(); realClock.release()', ''],
  ])('an alarm %s', (_what, wait, hold, expected) => {
    const script = `
      import { realClock } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)}
      realClock.alarm(() => { console.log('rung'); process.exit() }).set(realClock.now() + ${wait})
      ${hold}
    `
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect({ status, stdout }).toEqual({ status: 0, stdout: expected })
  })
})

test('secure random: thousands of numbers, nearly all different, and all bits used', () => {
  const numbers = Array.from({ length: 5000 }, () => secureRandom.int32())
  expect(new Set(numbers).size).toBeGreaterThan(4990)
  expect(numbers.reduce((a, b) => a | b)).toBe(-1)
  expect(numbers.reduce((a, b) => a & b)).toBe(0)
  for (const number of numbers) expect(number).toBe(number | 0)
})
