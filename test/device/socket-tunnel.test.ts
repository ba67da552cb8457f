import { describe, expect, it } from 'vitest'
import { AF_INET, SOCK_DGRAM, SOCK_STREAM } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { Cable } from '../../src/device/cable.ts'
import { SocketTunnel, type SocketTunnelOptions } from '../../src/device/socket-tunnel.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Stack } from '../../src/stack/stack.ts'
import { counting, hex, lend, Recorder } from './recorder.ts'

/** Two stacks on a cable, and a tunnel between them on port 4444 of each. */
async function world(options: SocketTunnelOptions = {}, cable: ConstructorParameters<typeof Cable>[0] = {}) {
  const clock = new ManualClock(1000)
  const link = new Cable(cable)
  const stacks = [1, 2].map((n) => new Stack({ clock, random: new SeededRandom(n) })) as [Stack, Stack]
  stacks[0].attach(link.left, { address: '192.0.2.1/24' })
  stacks[1].attach(link.right, { address: '192.0.2.2/24' })
  const end = async (n: 0 | 1) => {
    const socket = new Socket(stacks[n], AF_INET, SOCK_DGRAM)
    socket.bind({ address: '', port: 4444 })
    await socket.connect({ address: `192.0.2.${2 - n}`, port: 4444 })
    return { socket, tunnel: new SocketTunnel(socket, options) }
  }
  const [left, right] = [await end(0), await end(1)]
  const run = (ms = 10) => clock.advanceTo(clock.now() + ms)
  return { clock, link, stacks, left, right, run }
}

async function recorded(options: SocketTunnelOptions = {}) {
  const made = await world(options)
  const [atLeft, atRight] = [new Recorder(), new Recorder()]
  made.left.tunnel.attach(atLeft, made.clock)
  made.right.tunnel.attach(atRight, made.clock)
  return { ...made, atLeft, atRight }
}

describe('SocketTunnel', () => {
  it('carries each packet as the payload of a datagram, both ways, after transmit has returned', async () => {
    const { left, right, atLeft, atRight, run } = await recorded()
    lend(left.tunnel, counting(20))
    lend(left.tunnel, counting(1472))
    lend(right.tunnel, counting(30))
    expect([...atLeft.calls, ...atRight.calls]).toEqual([])
    run()
    expect(atRight.frames.map(({ bytes }) => hex(bytes))).toEqual([hex(counting(20)), hex(counting(1472))])
    expect(atRight.calls.at(-1)).toBe('flush')
    expect(hex(atLeft.frames[0]?.bytes as Uint8Array)).toBe(hex(counting(30)))
    expect(left.tunnel.sent).toMatchObject({ frames: 2, octets: 1492 })
    expect(right.tunnel.received).toMatchObject({ frames: 2, octets: 1492 })
  })

  it('has the MTU that is left of 1500 octets: 1472 over IPv4; longer packets are dropped and counted, in and out', async () => {
    const { left, right, atRight, run } = await recorded()
    expect(left.tunnel.mtu).toBe(1472)
    lend(left.tunnel, counting(1473))
    await left.socket.send(counting(1473))
    await left.socket.send(counting(0))
    run()
    expect(atRight.frames).toEqual([])
    expect([left.tunnel.sent.badLength, right.tunnel.received.badLength]).toEqual([1, 2])
  })

  it('refuses packets when its queue is full, and tells when half of it is free', async () => {
    const { left, atLeft, atRight, run } = await recorded({ queue: 16384 })
    let sent = 0
    while (lend(left.tunnel, counting(1000))) sent++
    expect(sent).toBe(16)
    run()
    expect(atRight.frames.length).toBe(16)
    expect(atLeft.calls).toEqual(['writable'])
  })

  it('waits for a socket that has no room, and loses nothing', async () => {
    const { clock, left, right, run } = await world({ queue: 1 << 20 }, { rate: 10e6, queue: 8000 })
    const [atLeft, atRight] = [new Recorder(), new Recorder()]
    left.tunnel.attach(atLeft, clock)
    right.tunnel.attach(atRight, clock)
    // The neighbour's address is asked for with the first.
    lend(left.tunnel, counting(1000))
    run()
    for (let i = 1; i < 400; i++) lend(left.tunnel, counting(1000))
    run(2000)
    expect(left.tunnel.sent.frames).toBe(400)
    expect(atRight.frames.length).toBe(400)
  })

  it('counts what the socket would not send, and goes on: nobody listens at the other end', async () => {
    const { clock, left, right, run } = await world()
    left.tunnel.attach(new Recorder(), clock)
    await right.socket.close()
    run()
    lend(left.tunnel, counting(100))
    run()
    // Port unreachable has come: it is reported by a call, which reads past it.
    lend(left.tunnel, counting(100))
    lend(left.tunnel, counting(100))
    run()
    const { frames, failed } = left.tunnel.sent
    expect(frames + failed).toBe(3)
  })

  it('a socket that was closed is the end of it, and the device goes on losing packets', async () => {
    const { clock, left, run } = await world()
    left.tunnel.attach(new Recorder(), clock)
    await left.socket.close()
    for (let i = 0; i < 3; i++) expect(lend(left.tunnel, counting(100))).toBe(true)
    run()
    expect(left.tunnel.sent.failed).toBe(3)
    left.tunnel.close()
    expect(lend(left.tunnel, counting(100))).toBe(true)
    expect(left.tunnel.sent.unattached).toBe(1)
  })

  it('joins the networks of two stacks over their own sockets: a stream through it arrives whole', async () => {
    const { clock, stacks, left, right } = await world({}, { delay: 1 })
    stacks[0].attach(left.tunnel, { address: '10.0.0.1/30' })
    stacks[1].attach(right.tunnel, { address: '10.0.0.2/30' })
    const listener = new Socket(stacks[1], AF_INET, SOCK_STREAM)
    listener.bind({ address: '10.0.0.2', port: 80 })
    listener.listen()
    const client = new Socket(stacks[0], AF_INET, SOCK_STREAM)
    const connected = client.connect({ address: '10.0.0.2', port: 80 })
    clock.advanceTo(1100)
    await connected
    const server = await listener.accept()
    const data = Uint8Array.from({ length: 300_000 }, (_, i) => i * 31 + (i >> 8))
    const sending = client.send(data)
    const got = new Uint8Array(data.length)
    for (let length = 0; length < data.length && clock.now() < 60_000; ) {
      const count = server.tryRecv(got.subarray(length))
      if (count > 0) length += count
      clock.advanceTo(clock.now() + 1)
      await null
    }
    expect(await sending).toBe(data.length)
    expect(Buffer.compare(got, data)).toBe(0)
    expect(left.tunnel.sent.frames).toBeGreaterThan(200)
  })

  it('a tunnel whose way leads through itself loses its packets, and counts them', async () => {
    const clock = new ManualClock(1000)
    const stack = new Stack({ clock, random: new SeededRandom(1) })
    const socket = new Socket(stack, AF_INET, SOCK_DGRAM)
    stack.attach(new Cable().left, { address: '192.0.2.1/24' })
    await socket.connect({ address: '192.0.2.7', port: 4444 })
    const tunnel = new SocketTunnel(socket)
    stack.attach(tunnel, { address: '10.0.0.1/30' })
    stack.addRoute('192.0.2.7/32', { via: '10.0.0.2' })
    const sender = new Socket(stack, AF_INET, SOCK_DGRAM)
    await sender.sendto(counting(100), { address: '10.0.0.2', port: 9 })
    clock.advanceTo(1100)
    expect(tunnel.sent.looped).toBe(1)
  })

  it('says what is wrong with its arguments', () => {
    const clock = new ManualClock()
    const stack = new Stack({ clock, random: new SeededRandom(1) })
    const stream = new Socket(stack, AF_INET, SOCK_STREAM)
    const socket = new Socket(stack, AF_INET, SOCK_DGRAM)
    expect(() => new SocketTunnel(stream)).toThrow('socket must be of type SOCK_DGRAM, got one of type 1')
    expect(() => new SocketTunnel({} as never)).toThrow('socket must be a connected datagram Socket, got')
    expect(() => new SocketTunnel(socket, { mtu: 65508 })).toThrow('options.mtu must be an integer from 68 to 65507')
    const tunnel = new SocketTunnel(socket)
    tunnel.attach(new Recorder(), clock)
    expect(() => tunnel.attach(new Recorder(), clock)).toThrow('is attached already')
  })
})
