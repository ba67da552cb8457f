import { describe, expect, it } from 'vitest'
import { Simulation } from '../../src/sim/index.ts'

/** Code that was not written to be simulated. */
async function retry<T>(task: () => Promise<T>): Promise<{ value: T; waits: number[] }> {
  const waits: number[] = []
  for (;;) {
    try {
      return { value: await task(), waits }
    } catch {
      const wait = 2 ** waits.length * 100 * (0.5 + Math.random() / 2)
      waits.push(Math.round(wait))
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

describe("a host's globals", () => {
  it('tell the time of the simulation', async () => {
    const net = new Simulation({ date: Date.UTC(2030, 5, 1, 12) })
    const host = net.host('alice')
    const seen = host.run(async ({ globals }) => {
      await host.sleep(1500)
      const { performance } = globals
      const date = new globals.Date()
      return [
        date.toISOString(),
        globals.Date.now() - globals.Date.UTC(2030, 5, 1, 12),
        performance.now(),
        date instanceof globals.Date && date instanceof Date,
        new globals.Date(0).getTime(),
      ]
    })
    await net.run()
    expect(await seen).toEqual(['2030-06-01T12:00:01.500Z', 1500, 1500, true, 0])
  })

  it('have timers that run in order, with what they were given, and can be cleared by object and by number', async () => {
    const net = new Simulation()
    const seen: unknown[] = []
    net.host('alice').run(async (host) => {
      const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval } = host.globals
      setTimeout((what) => seen.push([what, host.now()]), 20, 'late')
      setTimeout((what) => seen.push([what, host.now()]), 10, 'early')
      setTimeout(() => seen.push(['at once', host.now()]))
      setImmediate(() => seen.push(['immediate', host.now()]))
      clearTimeout(setTimeout(() => seen.push('never'), 5))
      clearTimeout(Number(setTimeout(() => seen.push('never'), 5)))
      const again = setTimeout(() => seen.push(['refreshed', host.now()]), 15)
      const interval = setInterval(() => {
        seen.push(['tick', host.now()])
        if (host.now() >= 14) clearInterval(interval)
      }, 7)
      await host.sleep(12)
      again.refresh()
      await host.sleep(100)
    })
    await net.run()
    expect(seen).toEqual([
      ['immediate', 0],
      ['at once', 1],
      ['tick', 7],
      ['early', 10],
      ['tick', 14],
      ['late', 20],
      ['refreshed', 27],
    ])
  })

  it('draw from the seed: for each host its own, the same each time', async () => {
    const draws = async () => {
      const net = new Simulation({ seed: 5 })
      const [alice, bob] = [net.host('alice'), net.host('bob')]
      const draw = (host: typeof alice) => [
        host.globals.Math.random(),
        host.random(),
        host.globals.crypto.randomUUID(),
        [...host.globals.crypto.getRandomValues(new Uint8Array(4))],
      ]
      return [draw(alice), draw(bob)]
    }
    const [alice, bob] = await draws()
    expect(await draws()).toEqual([alice, bob])
    expect(alice).not.toEqual(bob)
    expect(alice?.[2]).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  })

  it('have an AbortSignal.timeout in the time of the simulation, which ends a call that waits', async () => {
    const net = new Simulation()
    const ended = net.host('alice').run(async (host) => {
      const signal = host.globals.AbortSignal.timeout(300)
      const error = await host
        .listen(80)
        .accept({ signal })
        .then(
          () => null,
          (reason: Error) => reason,
        )
      return [error?.name, signal.aborted, host.now()]
    })
    await net.run()
    expect(await ended).toEqual(['TimeoutError', true, 300])
  })
})

describe('globals of a simulation in place of the real ones', () => {
  it('make code that was not written for it wait, draw and tell time by it', async () => {
    const results: unknown[] = []
    for (let i = 0; i < 2; i++) {
      const net = new Simulation({ seed: 9 })
      const alice = net.host('alice')
      const bob = net.host('bob')
      net.link(alice, bob, { delay: 1 })
      bob.run(async (host) => {
        await host.sleep(1000)
        await host.listen(80).accept()
      })
      const found = alice.run(async (host) => {
        const { waits } = await retry(() => host.connect('bob', 80))
        return [waits, Date.now() - Date.UTC(2025, 0, 1), host.now()]
      })
      await net.withGlobals(() => net.run())
      results.push(await found)
    }
    expect(results[0]).toEqual(results[1])
    const [[waits, date, now]] = results as [[number[], number, number]]
    expect(waits.length).toBeGreaterThan(2)
    expect(date).toBe(Math.floor(now))
    expect(now).toBeGreaterThan(1000)
  })

  it('are put back whatever happens, each as it was', async () => {
    const before = [Date, Math, performance, setTimeout, clearTimeout, setInterval, setImmediate, AbortSignal, crypto]
    const net = new Simulation()
    let inside: unknown = null
    await expect(
      net.withGlobals(() => {
        inside = Date
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(inside).not.toBe(before[0])
    expect([Date, Math, performance, setTimeout, clearTimeout, setInterval, setImmediate, AbortSignal, crypto]).toEqual(
      before,
    )
    expect(Date).toBe(before[0])
  })

  it('are those of one simulation at a time', () => {
    const back = new Simulation().installGlobals()
    try {
      expect(() => new Simulation().installGlobals()).toThrow('the globals of another simulation are installed')
    } finally {
      back()
      back()
    }
    new Simulation().installGlobals()()
  })

  it('go down with the host whose turn it was when a timer was set', async () => {
    const net = new Simulation()
    const [alice, bob] = [net.host('alice'), net.host('bob')]
    const seen: string[] = []
    for (const host of [alice, bob]) {
      host
        .run(async () => {
          await new Promise((resolve) => setTimeout(resolve, 100))
          seen.push(host.name)
        })
        .catch(() => {})
    }
    net.at(50, () => alice.crash())
    await net.withGlobals(() => net.run({ until: 200 }))
    expect(seen).toEqual(['bob'])
  })
})
