import { describe, expect, it } from 'vitest'
import { Simulation } from '../../src/sim/index.ts'

const text = (value: string) => new TextEncoder().encode(value)

describe('a simulation', () => {
  it('runs programs on hosts until they have ended', async () => {
    const net = new Simulation({ seed: 7 })
    const alice = net.host('alice')
    const bob = net.host('bob')
    net.link(alice, bob, { delay: 20 })
    bob.run(async (host) => {
      const listener = host.listen(80)
      const connection = await listener.accept()
      await connection.send(text('hello'))
      await connection.close()
      await listener.close()
    })
    const bytes = new Uint8Array(100)
    const length = alice.run(async (host) => {
      const socket = await host.connect('bob', 80)
      const count = await socket.recv(bytes)
      await socket.close()
      return count
    })
    await net.run()
    expect(await length).toBe(5)
    expect(net.now()).toBeGreaterThan(80)
    await net.run({ until: 300_000 })
    net.check()
  })
})
