import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { type Simulation, simulate } from '../../src/sim/index.ts'
import { readPcapng } from '../../src/wire/pcapng-reader.ts'

const folder = mkdtempSync(join(tmpdir(), 'jackfield-sim-'))

afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => {
  delete process.env.JACKFIELD_SEED
})

function talk(net: Simulation): void {
  const [alice, bob] = [net.host('alice'), net.host('bob')]
  net.link(alice, bob, { delay: 1 })
  bob.run((host) => host.listen(80).accept())
  alice.run((host) => host.connect('bob', 80))
}

describe('simulate', () => {
  it('runs what its body has set up, with a seed after the other', async () => {
    const seeds: number[] = []
    await simulate({ seed: 5, runs: 3 }, (net) => {
      seeds.push(net.seed)
      talk(net)
      net.at(10_000, () => seeds.push(-1))
    })
    expect(seeds).toEqual([5, 6, 7])
  })

  it('tells of a failure with which seed it was, how to run it again, and leaves its frames', async () => {
    const capture = join(folder, 'failed-%s.pcapng')
    const failure = await simulate({ seed: 1, runs: 10, capture }, async (net) => {
      talk(net)
      await net.run()
      if (net.seed === 4) expect(net.now()).toBe(0)
    }).then(
      () => null,
      (error: Error) => error,
    )
    const path = join(folder, 'failed-4.pcapng')
    expect(failure?.message).toContain(`\nsimulation with seed 4, at 5 ms; again: JACKFIELD_SEED=4\ncapture: ${path}`)
    // It is the same error: runners show what an assertion expected.
    expect(failure).toMatchObject({ name: 'AssertionError', expected: 0 })
    expect(existsSync(join(folder, 'failed-3.pcapng'))).toBe(false)
    const { packets, truncated } = readPcapng(readFileSync(path))
    expect(truncated).toBe(false)
    // ARP's question and answer and the handshake, each as it was sent and as it came.
    expect(packets).toHaveLength(10)
  })

  it.each([
    ['an assertion of Node', () => assert.equal(1, 2)],
    ['an error', () => Promise.reject(new TypeError('no $& way'))],
    ['an error without a message', () => Promise.reject(new Error())],
  ])('tells it in the stack of %s, too: reporters of node:test show that', async (_what, body) => {
    const failure: unknown = await simulate({ seed: 9 }, body).catch((error: unknown) => error)
    const { message, stack } = failure as Error
    expect(stack).toContain('simulation with seed 9, at 0 ms; again: JACKFIELD_SEED=9')
    expect(stack).toContain(message)
    expect(stack).toMatch(/\n {4}at /)
  })

  it('takes the seed of the environment alone', async () => {
    process.env.JACKFIELD_SEED = '42'
    const seeds: number[] = []
    await simulate({ seed: 5, runs: 3 }, (net) => {
      seeds.push(net.seed)
    })
    expect(seeds).toEqual([42])
    process.env.JACKFIELD_SEED = 'x'
    await expect(simulate({}, () => {})).rejects.toThrow('JACKFIELD_SEED must be an integer, got "x"')
  })

  it('fails with what a program has thrown that nobody awaits, and where programs do not end', async () => {
    await expect(
      simulate({}, (net) => {
        net.host('alice').run(() => Promise.reject('text'))
      }),
    ).rejects.toThrow(/^text\nsimulation with seed 1, at 0 ms/)
    await expect(
      simulate({}, (net) => {
        net.host('alice').run((host) => host.listen(80).accept())
      }),
    ).rejects.toThrow(/^Nothing is left to happen at 0 ms[\s\S]*accept\(3\)[\s\S]*again: JACKFIELD_SEED=1/)
  })

  it('says where a capture could not be written; what went wrong comes first', async () => {
    await expect(
      simulate({ capture: join(folder, 'none', 'x.pcapng') }, () => Promise.reject(new Error('no'))),
    ).rejects.toThrow(/^no\nsimulation with seed 1, at 0 ms; again: JACKFIELD_SEED=1\ncapture: none, since ENOENT/)
  })

  it('refuses what it cannot take', async () => {
    await expect(simulate({ runs: 0 }, () => {})).rejects.toThrow('runs must be an integer from 1')
    await expect(simulate({}, 'x' as never)).rejects.toThrow('body must be a function, got "x"')
    await expect(simulate({ sed: 1 } as never, () => {})).rejects.toThrow("options has no 'sed'")
  })
})
