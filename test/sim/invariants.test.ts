import { describe, expect, it } from 'vitest'
import {
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_LAST_ACK,
  TCP_SYN_SENT,
  TCP_TIME_WAIT,
} from '../../src/base/tcp-info.ts'
import { Simulation, SimulationViolation } from '../../src/sim/index.ts'
import { isArrow } from '../../src/sim/state-watch.ts'
import { Connection } from '../../src/tcp/connection.ts'

/** A connection between two hosts; what the client's host has of it. */
async function connected(watch = true) {
  const net = new Simulation({ watch })
  const [alice, bob] = [net.host('alice'), net.host('bob')]
  net.link(alice, bob, { delay: 1 })
  bob
    .run(async (host) => {
      const socket = await host.listen(80).accept()
      await socket.recv(new Uint8Array(10))
    })
    .catch(() => {})
  const socket = alice.run((host) => host.connect('bob', 80))
  await net.run({ until: 100 })
  const [connection] = alice.stack.tcp.connections.entries()
  if (!(connection instanceof Connection)) throw new Error('there is no connection')
  return { net, alice, bob, socket: await socket, connection }
}

describe('states', () => {
  it('follow the arrows of RFC 9293 section 3.3.2', () => {
    expect(isArrow(TCP_CLOSE, TCP_SYN_SENT)).toBe(true)
    expect(isArrow(TCP_SYN_SENT, TCP_ESTABLISHED)).toBe(true)
    expect(isArrow(TCP_ESTABLISHED, TCP_CLOSE)).toBe(true)
    expect(isArrow(TCP_ESTABLISHED, TCP_TIME_WAIT)).toBe(false)
    expect(isArrow(TCP_FIN_WAIT2, TCP_FIN_WAIT1)).toBe(false)
    expect(isArrow(TCP_LAST_ACK, TCP_TIME_WAIT)).toBe(false)
  })

  it('of a connection that goes along none are a violation, told once', async () => {
    const { net, connection } = await connected()
    net.check()
    connection.state = TCP_LAST_ACK
    expect(() => net.check()).toThrow(
      /^alice, 100 ms: 10\.0\.1\.1:\d+ > 10\.0\.1\.2:80 went from ESTABLISHED to LAST-ACK, which no arrow of RFC 9293 section 3\.3\.2 allows$/,
    )
    net.check()
    net.close()
  })

  it('are not watched where that was not wanted', async () => {
    const { net, connection } = await connected(false)
    connection.state = TCP_LAST_ACK
    net.check()
    net.close()
  })
})

describe('windows', () => {
  it('that a sender goes beyond are a violation (RFC 9293 section 3.8.6)', async () => {
    const { net, socket, connection } = await connected()
    // It believes that it may send more than it was told.
    connection.sndWnd += 200_000
    connection.maxSndWnd += 200_000
    connection.cwnd = 1000
    connection.sendBuffer = 1 << 20
    socket.trySend(new Uint8Array(300_000))
    socket.trySend(new Uint8Array(300_000))
    await net.run({ until: 200 })
    expect(() => net.check()).toThrow(SimulationViolation)
    net.close()
  })

  it('that are kept to are none, a closed one and its probes included', async () => {
    const { net, socket } = await connected()
    for (let i = 0; i < 20; i++) socket.trySend(new Uint8Array(300_000))
    await net.run({ until: 600_000 })
    net.check()
    net.close()
  })
})

describe('a host at rest', () => {
  it('holds nothing once its sockets are closed', async () => {
    const { net, socket, alice } = await connected()
    await socket.send(new Uint8Array(5))
    await socket.close()
    await net.rest()
    expect(alice.stack.tcp.connections.count).toBe(0)
  })

  it('that holds something is a violation', async () => {
    const { net, socket, alice } = await connected()
    await socket.send(new Uint8Array(5))
    await socket.close()
    alice.stack.tcp.memory.used += 100
    await expect(net.rest()).rejects.toThrow('alice holds 100 octets of buffers of TCP, and no socket is open')
    net.close()
  })
})
