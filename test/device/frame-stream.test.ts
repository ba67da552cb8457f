import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AF_INET, SOCK_STREAM } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { FrameStream, type FrameStreamOptions } from '../../src/device/frame-stream.ts'
import type { ByteStream, ByteStreamUser } from '../../src/socket/byte-stream.ts'
import { Socket } from '../../src/socket/socket.ts'
import { MemoryProvider } from '../socket/memory-provider.ts'
import { counting, hex, lend, octets, Recorder } from './recorder.ts'

/** A stream by hand: it takes `room` octets, and says what it was given. */
class HandStream implements ByteStream {
  user: ByteStreamUser | null = null
  written: number[] = []
  writes = 0
  room = Number.POSITIVE_INFINITY
  closed = 0

  open(user: ByteStreamUser): void {
    this.user = user
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    this.writes++
    const count = Math.min(end - start, this.room)
    this.written.push(...bytes.subarray(start, start + count))
    this.room -= count
    return count
  }

  close(): void {
    this.closed++
  }
}

function framed(...frames: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(
    frames.flatMap(({ length, ...rest }) => [0, 0, length >> 8, length & 255, ...Object.values(rest as object)]),
  )
}

function byHand(options: FrameStreamOptions = {}) {
  const clock = new ManualClock()
  const stream = new HandStream()
  const closes: (Error | null)[] = []
  const device = new FrameStream(stream, { onClose: (error) => closes.push(error), ...options })
  const heard = new Recorder()
  device.attach(heard, clock)
  const arrive = (bytes: Uint8Array) => {
    const lent = bytes.slice()
    stream.user?.octets(lent, 0, lent.length)
    stream.user?.flush()
    lent.fill(0xee)
  }
  return { clock, stream, device, heard, closes, arrive }
}

describe('FrameStream: out', () => {
  it('writes the length as 32 bits in network order, then the frame, after transmit has returned', () => {
    const { clock, device, stream } = byHand()
    lend(device, counting(300))
    expect(stream.written).toEqual([])
    clock.settle()
    expect(hex(Uint8Array.from(stream.written))).toBe(`00 00 01 2c ${hex(counting(300))}`)
  })

  it('writes many frames at once', () => {
    const { clock, device, stream } = byHand()
    for (let i = 0; i < 50; i++) lend(device, counting(60, i))
    clock.settle()
    expect(stream.writes).toBe(1)
    expect(stream.written.length).toBe(50 * 64)
    expect(device.sent).toMatchObject({ frames: 50, octets: 3000 })
  })

  it('goes on where the stream had no more room, in the middle of a frame or a length', () => {
    for (const room of [1, 3, 4, 5, 63, 64, 66]) {
      const { clock, device, stream } = byHand()
      stream.room = room
      lend(device, counting(60, 1))
      lend(device, counting(60, 2))
      clock.settle()
      expect(stream.written.length).toBe(room)
      lend(device, counting(60, 3))
      clock.settle()
      expect(stream.writes).toBe(1)
      stream.room = 10_000
      stream.user?.writable()
      clock.settle()
      expect(Uint8Array.from(stream.written)).toEqual(framed(counting(60, 1), counting(60, 2), counting(60, 3)))
    }
  })

  it('refuses frames when its queue is full, and tells when half of it is free', () => {
    const { clock, device, stream, heard } = byHand({ queue: 10_000 })
    stream.room = 0
    let sent = 0
    while (lend(device, counting(996))) sent++
    expect(sent).toBe(10)
    expect(device.sent.refused).toBe(1)
    clock.settle()
    stream.room = 4999
    stream.user?.writable()
    clock.settle()
    expect(heard.calls).toEqual([])
    stream.room = 1
    stream.user?.writable()
    clock.settle()
    expect(heard.calls).toEqual(['writable'])
  })

  it('takes any frame while nothing waits, however small its queue', () => {
    const { clock, device, stream } = byHand({ queue: 1 })
    expect(lend(device, counting(1000))).toBe(true)
    expect(lend(device, counting(60))).toBe(false)
    clock.settle()
    expect(stream.written.length).toBe(1004)
  })

  it('drops and counts what is shorter than a header or longer than its MTU allows', () => {
    const { clock, device, stream } = byHand({ mtu: 1000 })
    for (const length of [13, 14, 1018, 1019]) expect(lend(device, counting(length))).toBe(true)
    clock.settle()
    expect(stream.written.length).toBe(4 + 14 + 4 + 1018)
    expect(device.sent.badLength).toBe(2)
  })
})

describe('FrameStream: in', () => {
  it('delivers the frames of a chunk in one burst', () => {
    const { heard, arrive } = byHand()
    arrive(framed(counting(60, 1), counting(1514, 2)))
    expect(heard.frames.map(({ bytes }) => hex(bytes))).toEqual([hex(counting(60, 1)), hex(counting(1514, 2))])
    expect(heard.calls).toEqual(['receive', 'receive', 'flush'])
  })

  it('puts frames together however the stream was cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 14, maxLength: 1518 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 40 }),
        (frames, cuts) => {
          const { heard, arrive } = byHand()
          const all = framed(...frames)
          for (let at = 0, i = 0; at < all.length; i++) {
            const next = at + (cuts[i % cuts.length] as number)
            arrive(all.subarray(at, next))
            at = next
          }
          expect(heard.frames.map(({ bytes }) => hex(bytes))).toEqual(frames.map((frame) => hex(frame)))
        },
      ),
    )
  })

  it('drops and counts frames longer than its MTU allows and shorter than a header, and reads on behind them', () => {
    const { heard, arrive, device } = byHand({ mtu: 1000 })
    arrive(framed(counting(1019), counting(13), counting(0), counting(1018)))
    expect(heard.frames.map(({ bytes }) => bytes.length)).toEqual([1018])
    expect(device.received).toMatchObject({ badLength: 3, frames: 1, octets: 1018 })
  })

  it.each([
    ['00 01 10 01', 69633],
    ['47 45 54 20', 0x47455420],
    ['ff ff ff ff', 0xffffffff],
  ])('a length no frame can have, %s, ends it with an error that says so', (text, length) => {
    const { arrive, closes, stream, heard, device } = byHand({ name: 'guest' })
    arrive(octets(`${text} 01 02 03 04`))
    expect(closes.map((error) => error?.message)).toEqual([
      `guest: a frame of ${length} octets, more than the 69632 that a frame can have: the peer does not speak QEMU's framing`,
    ])
    expect(stream.closed).toBe(1)
    expect(heard.frames).toEqual([])
    expect(lend(device, counting(60))).toBe(true)
    expect(device.sent.unattached).toBe(1)
  })

  it('a receiver that closes the device gets nothing more of the chunk', () => {
    const { heard, arrive, device, closes } = byHand()
    heard.onReceive = () => device.close()
    arrive(framed(counting(60), counting(60)))
    expect([heard.frames.length, device.received.frames]).toEqual([1, 1])
    expect(closes).toEqual([])
  })
})

describe('FrameStream: its end', () => {
  it('null where the peer ended it behind a whole frame', () => {
    const { stream, arrive, closes } = byHand()
    arrive(framed(counting(60)))
    stream.user?.ended(null)
    expect(closes).toEqual([null])
  })

  it.each([1, 3, 4, 20])('an error where it ended %i octets into a frame', (count) => {
    const { stream, arrive, closes } = byHand({ name: 'guest' })
    arrive(framed(counting(60)).subarray(0, count))
    stream.user?.ended(null)
    expect(closes[0]?.message).toBe('guest: the stream ended within a frame')
  })

  it('closing it closes the stream, once, and tells nobody', () => {
    const { stream, device, closes } = byHand()
    device.close()
    device.close()
    expect(stream.closed).toBe(1)
    expect(closes).toEqual([])
  })

  it('says what is wrong with its arguments', () => {
    const stream = new HandStream()
    expect(() => new FrameStream({} as never)).toThrow('stream must be a connected Socket or a ByteStream, got')
    expect(() => new FrameStream(stream, { mtu: 5 })).toThrow('options.mtu must be an integer from 68 to 65535, got 5')
    expect(() => new FrameStream(stream, { onClose: 1 as never })).toThrow('options.onClose must be a function, got 1')
    expect(() => new FrameStream(stream, { hardwareAddress: new Uint8Array(6) })).toThrow(
      'options.hardwareAddress must be the address of one host, got 00:00:00:00:00:00',
    )
  })
})

/** Two frame streams over a connection of sockets, whose buffers hold `capacity` octets. */
async function overSockets(capacity = 10_000) {
  const clock = new ManualClock()
  const provider = new MemoryProvider(clock, capacity)
  const listener = new Socket(provider, AF_INET, SOCK_STREAM)
  listener.bind({ address: '', port: 4444 })
  listener.listen()
  const socket = new Socket(provider, AF_INET, SOCK_STREAM)
  const connected = socket.connect({ address: '127.0.0.1', port: 4444 })
  clock.settle()
  await connected
  const peer = await listener.accept()
  const closes: (Error | null)[] = []
  const [left, right] = [socket, peer].map((one, i) => {
    const device = new FrameStream(one, { name: `end${i}`, onClose: (error) => closes.push(error) })
    const heard = new Recorder()
    device.attach(heard, clock)
    return { device, heard, socket: one }
  }) as [never, never] as [End, End]
  return { clock, left, right, closes }
}

interface End {
  readonly device: FrameStream
  readonly heard: Recorder
  readonly socket: Socket
}

describe('FrameStream over a Socket', () => {
  it('carries frames both ways, far more than the socket holds, in order', async () => {
    const { clock, left, right } = await overSockets()
    for (let i = 0; i < 200; i++) {
      lend(left.device, counting(60 + i * 7, i))
      lend(right.device, counting(60 + i * 5, i))
    }
    clock.settle()
    expect(right.heard.frames.map(({ bytes }) => hex(bytes))).toEqual(
      Array.from({ length: 200 }, (_, i) => hex(counting(60 + i * 7, i))),
    )
    expect(left.heard.frames.map(({ bytes }) => hex(bytes))).toEqual(
      Array.from({ length: 200 }, (_, i) => hex(counting(60 + i * 5, i))),
    )
  })

  it('the end of the peer is told, and closes the socket', async () => {
    const { clock, left, right, closes } = await overSockets()
    left.device.close()
    clock.settle()
    expect(closes).toEqual([null])
    expect([left.socket.closed, right.socket.closed]).toEqual([true, true])
  })

  it('a socket that somebody closes under it is an error', async () => {
    const { clock, left, closes } = await overSockets()
    await left.socket.close()
    lend(left.device, counting(60))
    clock.settle()
    expect(closes.map((error) => (error as { code?: string } | null)?.code ?? null)).toEqual(['EBADF', null])
  })
})
