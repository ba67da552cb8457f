import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { AF_INET, SOCK_STREAM } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { Offload } from '../../src/device/device.ts'
import {
  WebSocketDevice,
  type WebSocketDeviceOptions,
  type WebSocketEvent,
  type WebSocketLike,
} from '../../src/device/web-socket.ts'
import { realClock } from '../../src/platform/real-clock.ts'
import { Stack } from '../../src/platform/stack.ts'
import { Switch } from '../../src/platform/switch.ts'
import { Socket } from '../../src/socket/socket.ts'
import { counting, hex, lend, Recorder } from './recorder.ts'

/** A WebSocket whose buffer drains when it is told to: how fast a real one does is the network's matter. */
class HandSocket implements WebSocketLike {
  binaryType = 'blob'
  readyState = 0
  bufferedAmount = 0
  readonly sent: Uint8Array[] = []
  closes = 0
  readonly #listeners = new Map<string, (event: WebSocketEvent) => void>()

  send(data: Uint8Array): void {
    this.sent.push(data)
    this.bufferedAmount += data.length
  }

  close(): void {
    this.closes++
    this.readyState = 2
  }

  addEventListener(type: string, listener: (event: WebSocketEvent) => void): void {
    this.#listeners.set(type, listener)
  }

  tell(type: string, event: Omit<WebSocketEvent, 'type'> = {}): void {
    this.#listeners.get(type)?.({ type, ...event })
  }
}

function byHand(options: WebSocketDeviceOptions = {}, readyState = 1) {
  const clock = new ManualClock()
  const socket = new HandSocket()
  socket.readyState = readyState
  const closes: (Error | null)[] = []
  const device = new WebSocketDevice(socket, { name: 'relay', onClose: (error) => closes.push(error), ...options })
  const heard = new Recorder(() => clock.now())
  device.attach(heard, clock)
  return { clock, socket, device, heard, closes }
}

describe('WebSocketDevice', () => {
  it('sends each frame as one binary message, a copy of its own', () => {
    const { socket, device } = byHand()
    lend(device, counting(60))
    lend(device, counting(1518, 5))
    expect(socket.sent.map((data) => hex(data))).toEqual([hex(counting(60)), hex(counting(1518, 5))])
    expect(device.sent).toMatchObject({ frames: 2, octets: 1578 })
  })

  it('asks for messages as ArrayBuffers, and delivers each as a frame and a burst', () => {
    const { socket, heard } = byHand()
    expect(socket.binaryType).toBe('arraybuffer')
    socket.tell('message', { data: counting(60).buffer })
    socket.tell('message', { data: counting(70) })
    expect(heard.frames.map(({ bytes }) => hex(bytes))).toEqual([hex(counting(60)), hex(counting(70))])
    expect(heard.calls).toEqual(['receive', 'flush', 'receive', 'flush'])
  })

  it('ignores text and counts it', () => {
    const { socket, heard, device } = byHand()
    socket.tell('message', { data: 'hello, this is more than fourteen octets' })
    expect(heard.frames).toEqual([])
    expect(device.received.notBinary).toBe(1)
  })

  it('drops and counts frames that are too long or too short, both ways', () => {
    const { socket, heard, device } = byHand({ mtu: 1000 })
    for (const length of [13, 14, 1018, 1019]) {
      lend(device, counting(length))
      socket.tell('message', { data: counting(length).buffer })
    }
    expect(socket.sent.map(({ length }) => length)).toEqual([14, 1018])
    expect(heard.frames.map(({ bytes }) => bytes.length)).toEqual([14, 1018])
    expect([device.sent.badLength, device.received.badLength]).toEqual([2, 2])
  })

  it('refuses frames until it is open, and tells when it is', () => {
    const { socket, device, heard } = byHand({}, 0)
    expect(lend(device, counting(60))).toBe(false)
    socket.readyState = 1
    socket.tell('open')
    expect(heard.calls).toEqual(['writable'])
    expect(lend(device, counting(60))).toBe(true)
  })

  it('refuses frames while its queue waits in the WebSocket, and tells when half of that has left', () => {
    const { clock, socket, device, heard } = byHand({ queue: 10_000 })
    let sent = 0
    while (lend(device, counting(1000))) sent++
    expect(sent).toBe(10)
    socket.bufferedAmount = 5001
    clock.advanceTo(100)
    expect(heard.calls).toEqual([])
    socket.bufferedAmount = 5000
    clock.advanceTo(110)
    expect(heard.calls).toEqual(['writable'])
    // Nothing is looked at any more while nobody waits.
    expect(clock.nextAt()).toBe(Number.POSITIVE_INFINITY)
  })

  it.each([
    ['in order', { code: 1000, reason: 'bye', wasClean: true }, null],
    ['without a closing handshake', { code: 1006, reason: '', wasClean: false }, 'was closed with 1006'],
    ['with a reason', { code: 1011, reason: 'full', wasClean: false }, 'was closed with 1011, full'],
  ])('tells that it was closed %s', (_, event, message) => {
    const { socket, device, closes } = byHand()
    socket.tell('close', event)
    socket.tell('close', event)
    expect(closes.map((error) => error?.message ?? null)).toEqual([
      message === null ? null : `relay: the WebSocket ${message}`,
    ])
    expect(lend(device, counting(60))).toBe(true)
    expect(device.sent.unattached).toBe(1)
  })

  it('an error is told with the close that follows it', () => {
    const { socket, closes } = byHand()
    socket.tell('error', { message: 'connect ECONNREFUSED' })
    expect(closes).toEqual([])
    socket.tell('close', { code: 1006, wasClean: false })
    expect(closes[0]?.message).toBe('relay: the WebSocket was closed with 1006, connect ECONNREFUSED')
  })

  it('closing it closes the WebSocket, once, and tells nobody', () => {
    const { socket, device, heard, closes } = byHand()
    device.close()
    device.close()
    socket.tell('message', { data: counting(60).buffer })
    socket.tell('close', { code: 1005, wasClean: true })
    expect([socket.closes, closes.length, heard.frames.length]).toEqual([1, 0, 0])
  })

  it('says what is wrong with its arguments', () => {
    expect(() => new WebSocketDevice({} as never)).toThrow('socket must be a WebSocket, got an object of class Object')
    expect(() => byHand({ queue: 0 })).toThrow('options.queue must be an integer from 1 to')
    expect(() => byHand({ hardwareAddress: new Uint8Array(5) })).toThrow('options.hardwareAddress must have 6 octets')
  })
})

describe('WebSocketDevice over ws', () => {
  const endings: (() => unknown)[] = []

  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end()
  })

  /** A relay: a switch, and a device on it for each connection. */
  async function relay() {
    const lan = new Switch()
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    const closes: (Error | null)[] = []
    server.on('connection', (socket) => {
      const plug = lan.plug(
        new WebSocketDevice(socket, {
          onClose: (error) => {
            closes.push(error)
            plug.close()
          },
        }),
      )
    })
    await once(server, 'listening')
    endings.push(
      () => server.close(),
      () => lan.close(),
    )
    const { port } = server.address() as AddressInfo
    const join = (n: number): [Stack, WebSocketDevice] => {
      const hardwareAddress = Uint8Array.of(2, 0, 0, 0, 0, n)
      const device = new WebSocketDevice(new WebSocket(`ws://127.0.0.1:${port}`), { hardwareAddress })
      const stack = new Stack()
      stack.attach(device, { address: `10.0.0.${n}/24` })
      endings.push(() => stack.close())
      return [stack, device]
    }
    return { lan, join, closes, server, port }
  }

  it('two hosts on a relay exchange a megabyte, joined before their WebSockets are open', async () => {
    const { lan, join, closes } = await relay()
    const [[one], [two, second]] = [join(1), join(2)]
    const listener = new Socket(two, AF_INET, SOCK_STREAM)
    listener.bind({ address: '', port: 80 })
    listener.listen()
    const client = new Socket(one, AF_INET, SOCK_STREAM)
    await client.connect({ address: '10.0.0.2', port: 80 })
    const server = await listener.accept()
    const data = Uint8Array.from({ length: 1_000_000 }, (_, i) => i * 31 + (i >> 8))
    const sending = client.send(data).then(() => client.close())
    const got = new Uint8Array(data.length)
    for (let length = 0; length < data.length; ) {
      const count = await server.recv(got.subarray(length))
      if (count === 0) throw new Error(`the stream ended after ${length} octets`)
      length += count
    }
    await sending
    expect(Buffer.compare(got, data)).toBe(0)
    expect(
      lan
        .addresses()
        .map(({ hardwareAddress }) => hardwareAddress)
        .sort(),
    ).toEqual(['02:00:00:00:00:01', '02:00:00:00:00:02'])
    second.close()
    while (lan.ports.length > 1) await new Promise((resolve) => setImmediate(resolve))
    expect(closes).toEqual([null])
    await Promise.all([server.close(), listener.close()])
  })

  it('nobody listens: the error is told', async () => {
    const { server, port } = await relay()
    await new Promise((resolve) => server.close(resolve))
    const error = await new Promise<Error | null>((resolve) => {
      const device = new WebSocketDevice(new WebSocket(`ws://127.0.0.1:${port}`), { onClose: resolve })
      device.attach(new Recorder(), realClock)
      device.transmit(counting(60), 0, 60, new Offload())
    })
    expect(error?.message).toMatch(/the WebSocket was closed with 1006, connect ECONNREFUSED 127\.0\.0\.1/)
  })
})
