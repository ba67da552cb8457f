// What carries frames from elsewhere: QEMU's framing in a stream, messages of a WebSocket, and a switch in which all are plugged.

import { ManualClock } from '../../src/base/manual-clock.ts'
import type { FrameReceiver } from '../../src/device/device.ts'
import { FrameStream } from '../../src/device/frame-stream.ts'
import { Switch } from '../../src/device/switch.ts'
import { WebSocketDevice, type WebSocketEvent, type WebSocketLike } from '../../src/device/web-socket.ts'
import type { ByteStream, ByteStreamUser } from '../../src/socket/byte-stream.ts'
import type { Chance } from '../../test/tcp/chance.ts'
import { octets } from '../frames/packet.ts'
import { numberOf, type Step, step } from '../step.ts'
import type { Target, World } from '../target.ts'

const MTU = 1500
const LONGEST = MTU + 18
const ADDRESSES = 16
const QUEUE = 20_000

/** A stream or a WebSocket whose other end is the fuzzer. */
class FuzzStream implements ByteStream {
  user: ByteStreamUser | null = null
  written = 0
  /** Octets it still takes. */
  room = 1 << 20
  closed = false

  open(user: ByteStreamUser): void {
    this.user = user
  }

  write(_bytes: Uint8Array, start: number, end: number): number {
    const count = Math.min(end - start, this.room)
    this.room -= count
    this.written += count
    return count
  }

  close(): void {
    this.closed = true
  }
}

class FuzzSocket implements WebSocketLike {
  binaryType = 'blob'
  readyState = 1
  bufferedAmount = 0
  readonly listeners = new Map<string, (event: WebSocketEvent) => void>()

  send(data: Uint8Array<ArrayBuffer>): void {
    this.bufferedAmount += data.length
  }

  close(): void {
    this.readyState = 3
  }

  addEventListener(type: string, listener: (event: WebSocketEvent) => void): void {
    this.listeners.set(type, listener)
  }

  tell(type: string, data?: unknown): void {
    this.listeners.get(type)?.({ type, data, code: 1006, wasClean: false, reason: '' })
  }
}

/** A station of the switch: it looks at the lengths of what it gets. */
class Station implements FrameReceiver {
  frames = 0

  receive(bytes: Uint8Array, start: number, end: number): void {
    this.frames++
    if (end - start < 14 || end - start > LONGEST || end > bytes.length)
      throw new Error(`a frame of ${end - start} octets`)
  }

  flush(): void {}
  writable(): void {}
}

function hardware(chance: Chance): Uint8Array {
  const kind = chance.below(8)
  if (kind === 0) return new Uint8Array(6).fill(0xff)
  if (kind === 1) return Uint8Array.of(1, 0x80, 0xc2, 0, 0, chance.below(20))
  if (kind === 2) return Uint8Array.of(...octets().u16(chance.below(65_536)).u32(chance.int32()).take())
  return Uint8Array.of(2, 0, 0, 0, 0, chance.below(40))
}

function frame(chance: Chance): Uint8Array {
  const length = chance.pick(0, 1, 20, 46, 1500, 1504, 1505, 2000, chance.below(1600))
  return octets()
    .raw(hardware(chance))
    .raw(hardware(chance))
    .u16(chance.pick(0x0800, 0x86dd, 0x8100))
    .fill(length)
    .take()
}

class LinkWorld implements World {
  inputs = 0
  thorough = false
  readonly #clock = new ManualClock(1000)
  readonly #lan = new Switch({ clock: this.#clock, mtu: MTU, addresses: ADDRESSES, aging: 5000, queue: QUEUE })
  readonly #station = new Station()
  #stream = new FuzzStream()
  #socket = new FuzzSocket()

  constructor() {
    const port = this.#lan.port('station')
    port.attach(this.#station, this.#clock)
    this.#plugStream()
    this.#plugSocket()
  }

  #plugStream(): void {
    this.#stream = new FuzzStream()
    const plug = this.#lan.plug(new FrameStream(this.#stream, { mtu: MTU, queue: QUEUE, onClose: () => plug.close() }))
  }

  #plugSocket(): void {
    this.#socket = new FuzzSocket()
    const plug = this.#lan.plug(
      new WebSocketDevice(this.#socket, { mtu: MTU, queue: QUEUE, onClose: () => plug.close() }),
    )
  }

  next(chance: Chance): Step {
    switch (chance.below(8)) {
      case 0:
        return step('pass', [chance.pick(0, 1, 100, 6000)])
      case 1:
        return step('room', [chance.below(2)])
      case 2:
      case 3:
      case 4: {
        const message = octets()
        for (let i = 1 + chance.below(3); i > 0; i--) {
          const bytes = frame(chance)
          message
            .u32(chance.oneIn(40) ? chance.pick(0, bytes.length + 1, 70_000, -1, chance.int32()) : bytes.length)
            .raw(bytes)
        }
        const all = message.take()
        // In parts: a stream is cut anywhere.
        return step('stream', [1 + chance.below(all.length)], all)
      }
      default:
        return step('message', [chance.below(12)], frame(chance))
    }
  }

  run(next: Step): void {
    switch (next.kind) {
      case 'pass':
        this.#clock.advanceTo(this.#clock.now() + numberOf(next, 0))
        break
      case 'room':
        this.#stream.room = numberOf(next, 0) === 0 ? 0 : 1 << 20
        this.#stream.user?.writable()
        this.#socket.bufferedAmount = 0
        break
      case 'stream':
        this.inputs++
        this.#feed(next.bytes, Math.max(1, numberOf(next, 0)))
        break
      case 'message':
        this.inputs++
        this.#tell(next.bytes, numberOf(next, 0))
        break
    }
    this.#clock.settle()
    const known = this.#lan.addresses().length
    if (known > ADDRESSES) throw new Error(`${known} addresses, and the limit is ${ADDRESSES}`)
  }

  #feed(bytes: Uint8Array, size: number): void {
    for (let at = 0; at < bytes.length && !this.#stream.closed; at += size) {
      const lent = bytes.slice(at, at + size)
      this.#stream.user?.octets(lent, 0, lent.length)
      this.#stream.user?.flush()
      lent.fill(0xee)
    }
    // What does not speak the framing is let go of: another takes its place.
    if (this.#stream.closed) this.#plugStream()
  }

  #tell(bytes: Uint8Array, kind: number): void {
    const socket = this.#socket
    if (kind < 8) socket.tell('message', bytes.slice().buffer)
    else if (kind === 8) socket.tell('message', 'text')
    else if (kind === 9) socket.tell('message', null)
    else if (kind === 10) socket.tell('error')
    else {
      socket.tell('close')
      this.#plugSocket()
    }
  }

  finish(): void {
    this.#stream.room = 1 << 30
    this.#stream.user?.writable()
    this.#lan.close()
    this.#clock.advanceTo(this.#clock.now() + 10_000)
    this.#clock.settle()
    if (this.#lan.ports.length !== 0) throw new Error(`${this.#lan.ports.length} ports are left`)
    if (this.#clock.nextAt() !== Number.POSITIVE_INFINITY)
      throw new Error('something is still to happen on a closed switch')
  }
}

export const LINKS: Target = { name: 'links', length: 2000, begin: () => step('switch'), open: () => new LinkWorld() }
