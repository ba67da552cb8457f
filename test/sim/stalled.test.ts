import { describe, expect, it } from 'vitest'
import { POLLIN } from '../../src/base/constants.ts'
import { Simulation, SimulationStalled } from '../../src/sim/index.ts'
import { poll } from '../../src/socket/poll.ts'

async function stalled(net: Simulation, limit?: number): Promise<SimulationStalled> {
  const error = await net.run(limit === undefined ? {} : { limit }).then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof SimulationStalled) return error
  throw new Error(`not stalled: ${String(error)}`)
}

describe('a simulation in which nothing is left to happen', () => {
  it('says who waits for what, where, and since when', async () => {
    const net = new Simulation()
    const alice = net.host('alice')
    const bob = net.host('bob')
    net.link(alice, bob, { delay: 10 })
    bob.run(
      async (host) => {
        const socket = await host.listen(80).accept()
        // A protocol error: both wait for the other to speak.
        await socket.recv(new Uint8Array(10))
      },
      { name: 'server' },
    )
    alice.run(async function client(host) {
      const socket = await host.connect('bob', 80)
      await socket.recv(new Uint8Array(10))
    })
    alice.run(() => new Promise(() => {}), { name: 'thinker' })
    const error = await stalled(net)
    expect(error.message.replace(/:\d{5}\b/g, ':PORT')).toBe(
      `Nothing is left to happen at 6016 ms, and programs have not ended:
  bob: server, running since 0 ms
    recv(4) on tcp 10.0.1.2:80 > 10.0.1.1:PORT (ESTABLISHED), nothing yet
  alice: client, running since 0 ms; thinker, running since 0 ms
    recv(3) on tcp 10.0.1.1:PORT > 10.0.1.2:80 (ESTABLISHED), nothing since 40 ms`,
    )
    // When the tables of neighbours have come to rest.
    expect(error.at).toBe(6016)
    expect(error.programs.map(({ program }) => program)).toEqual(['server', 'client', 'thinker'])
    expect(error.calls.map(({ host, call }) => `${host} ${call}`)).toEqual(['alice recv', 'bob recv'])
  })

  it('names those who wait for readiness', async () => {
    const net = new Simulation()
    const [alice, bob] = [net.host('alice'), net.host('bob')]
    net.link(alice, bob)
    bob.run((host) => poll([{ socket: host.datagrams(7), events: POLLIN }]), { name: 'poller' })
    const error = await stalled(net)
    expect(error.message).toContain('poll(3) on udp 0.0.0.0:7, nothing yet')
  })

  it('says so of a program that waits for nothing of the simulation', async () => {
    const net = new Simulation()
    net.host('alice').run(() => new Promise(() => {}), { name: 'thinker' })
    const error = await stalled(net)
    expect(error.message).toContain(
      'no call waits on a socket: for another program, for a time that is not over, or for what is outside',
    )
  })

  it('is over where only servers wait that are daemons', async () => {
    const net = new Simulation()
    net.host('alice').run((host) => host.listen(80).accept(), { daemon: true })
    await net.run()
  })

  it('is no error where it was to run until an instant', async () => {
    const net = new Simulation()
    net.host('alice').run((host) => host.listen(80).accept())
    await net.run({ until: 1000 })
    expect(net.now()).toBe(1000)
  })
})

describe('a simulation whose programs do not end', () => {
  it('is given up after its limit, and says who goes on', async () => {
    const net = new Simulation()
    net.host('alice').run(
      async (host) => {
        for (;;) await host.sleep(100)
      },
      { name: 'restless' },
    )
    const error = await stalled(net, 1050)
    expect(error.message).toMatch(
      /^1050 ms are over at 1000 ms, and a program has not ended:\n {2}alice: restless, running since 0 ms/,
    )
  })

  it('and do not let time pass is given up as well', async () => {
    const net = new Simulation()
    net.host('alice').run(
      async ({ globals }) => {
        for (;;) await new Promise<void>((resolve) => globals.setImmediate(() => resolve()))
      },
      { name: 'ring' },
    )
    await expect(net.run({ steps: 1000 })).rejects.toThrow(/^1000 things have happened at one instant at 0 ms/)
  })
})
