// Read first: the WebSocket interface (websockets.spec.whatwg.org), RFC 6455. A frame of Ethernet is a binary message, as the relays
// that browser VMs use have it.

import { checkInteger, checkMethods, checkOptions, checkText, given } from '../base/argument.ts'
import type { Alarm, Clock } from '../base/clock.ts'
import { IPV4_MTU_MIN } from '../wire/ipv4.ts'
import { type Device, type FrameReceiver, NO_FEATURES, Offload } from './device.ts'
import { checkHardwareAddress, deriveHardwareAddress } from './hardware-address.ts'
import { LinkCounters } from './link-direction.ts'

/** What of an event is looked at: `data` of a message, `code`, `reason` and `wasClean` of a close, `message` of an error. */
export interface WebSocketEvent {
  readonly type: string
  readonly data?: unknown
  readonly code?: number
  readonly reason?: string
  readonly wasClean?: boolean
  readonly message?: string
}

/** What a WebSocket must have: the browsers' and Node's own (from 22 on) do, and those of the package `ws`, on both sides. */
export interface WebSocketLike {
  binaryType: string
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number
  readonly bufferedAmount: number
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: WebSocketEvent) => void): void
}

export interface WebSocketDeviceOptions {
  /** Default: "websocket" and a running number. */
  readonly name?: string
  /**
   * Six octets: the address of the stack that is attached here. Default: derived from the name; where several browsers or processes
   * share a network, each needs its own. For a device that is plugged into a switch it is of no concern.
   */
  readonly hardwareAddress?: Uint8Array
  /** The largest IP packet, from 68 to 65535 octets. Default 1500. */
  readonly mtu?: number
  /** Octets that wait in the WebSocket (`bufferedAmount`) before a frame is refused. Default 1 MiB. */
  readonly queue?: number
  /** The WebSocket is over: null where it was closed in order, else what went wrong. Not called for `close`. */
  readonly onClose?: (error: Error | null) => void
}

const KEYS: readonly (keyof WebSocketDeviceOptions)[] = ['name', 'hardwareAddress', 'mtu', 'queue', 'onClose']

const CONNECTING = 0
const OPEN = 1
const SHORTEST = 14
const LONGEST_HEADER = 18
/** A WebSocket does not tell when its buffer drains: it is looked at again after so many milliseconds. */
const LOOK_AGAIN = 5

/** What was received by a WebSocketDevice. */
export class WebSocketCounters extends LinkCounters {
  /** Text, and whatever else is no binary message: ignored. */
  notBinary = 0
}

let unnamed = 0

/**
 * An Ethernet link over a WebSocket, a frame in each binary message. A browser's stack joins a network with it; at the other side
 * the same class, plugged into a Switch for each connection, makes the relay.
 *
 * ```ts
 * stack.attach(new WebSocketDevice(new WebSocket('wss://relay.example/'), { hardwareAddress }), { address: '10.0.0.2/24' })
 * // The relay, with the package ws:
 * const lan = new Switch()
 * new WebSocketServer({ port: 8080 }).on('connection', (socket) => {
 *   const plug = lan.plug(new WebSocketDevice(socket, { onClose: () => plug.close() }))
 * })
 * ```
 */
export class WebSocketDevice implements Device {
  readonly name: string
  readonly medium = 'ethernet'
  readonly mtu: number
  readonly hardwareAddress: Uint8Array
  readonly headroom = 0
  readonly features = NO_FEATURES
  readonly sent: LinkCounters = new LinkCounters()
  readonly received: WebSocketCounters = new WebSocketCounters()
  readonly #socket: WebSocketLike
  readonly #queue: number
  readonly #onClose: ((error: Error | null) => void) | undefined
  readonly #offload = new Offload()
  #receiver: FrameReceiver | null = null
  #alarm: Alarm | null = null
  #clock: Clock | null = null
  #refused = false
  #failure: string | undefined
  #closed = false

  /** `socket`: a WebSocket, open or about to be; from then on it is the device's. TypeError and RangeError for what cannot be. */
  constructor(socket: WebSocketLike, options: WebSocketDeviceOptions = {}) {
    checkMethods('socket', socket, 'a WebSocket', 'send', 'close', 'addEventListener')
    checkOptions('options', options, KEYS)
    const { mtu = 1500, queue = 1 << 20, hardwareAddress, onClose } = options
    checkText('options.name', options.name)
    checkInteger('options.mtu', mtu, IPV4_MTU_MIN, 65535)
    checkInteger('options.queue', queue, 1)
    if (hardwareAddress !== undefined) checkHardwareAddress('options.hardwareAddress', hardwareAddress)
    if (onClose !== undefined && typeof onClose !== 'function') {
      throw new TypeError(`options.onClose must be a function, got ${given(onClose)}`)
    }
    this.name = options.name ?? `websocket${++unnamed}`
    this.mtu = mtu
    this.hardwareAddress = hardwareAddress?.slice() ?? deriveHardwareAddress(this.name)
    this.#queue = queue
    this.#onClose = onClose
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => this.#look())
    socket.addEventListener('message', ({ data }) => this.#message(data))
    socket.addEventListener('error', (event) => {
      this.#failure = event.message ?? ''
    })
    socket.addEventListener('close', (event) => this.#over(event))
  }

  transmit(bytes: Uint8Array, start: number, end: number, _offload: Offload): boolean {
    const { sent } = this
    const socket = this.#socket
    const size = end - start
    if (this.#closed || socket.readyState > OPEN) {
      sent.unattached++
      return true
    }
    if (size < SHORTEST || size > this.mtu + LONGEST_HEADER) {
      sent.badLength++
      return true
    }
    if (socket.readyState === CONNECTING || socket.bufferedAmount >= this.#queue) {
      sent.refused++
      this.#refused = true
      this.#lookLater()
      return false
    }
    // A WebSocket may keep what it is given until that has left: each frame is a copy of its own.
    socket.send(bytes.slice(start, end) as Uint8Array<ArrayBuffer>)
    sent.frames++
    sent.octets += size
    return true
  }

  attach(receiver: FrameReceiver, clock: Clock): void {
    if (this.#receiver !== null) throw new RangeError(`device ${this.name} is attached already`)
    this.#receiver = receiver
    this.#clock = clock
    this.#alarm = clock.alarm(() => this.#look())
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#receiver = null
    this.#alarm?.clear()
    this.#socket.close()
  }

  #lookLater(): void {
    // Until it is open there is nothing to look at: the event tells.
    if (this.#clock !== null && this.#socket.readyState !== CONNECTING) this.#alarm?.set(this.#clock.now() + LOOK_AGAIN)
  }

  #look(): void {
    if (!this.#refused || this.#closed) return
    if (this.#socket.readyState === OPEN && this.#socket.bufferedAmount > this.#queue / 2) {
      this.#lookLater()
      return
    }
    this.#refused = false
    this.#receiver?.writable()
  }

  #message(data: unknown): void {
    const { received } = this
    if (this.#closed) return
    const bytes = octetsOf(data)
    if (bytes === null) {
      received.notBinary++
      return
    }
    if (this.#receiver === null) {
      received.unattached++
      return
    }
    const size = bytes.length
    if (size < SHORTEST || size > this.mtu + LONGEST_HEADER) {
      received.badLength++
      return
    }
    received.frames++
    received.octets += size
    this.#offload.clear()
    this.#receiver.receive(bytes, 0, size, this.#offload)
    this.#receiver?.flush()
  }

  #over({ code, reason, wasClean }: WebSocketEvent): void {
    if (this.#closed) return
    this.close()
    const clean = wasClean === true && this.#failure === undefined
    const why = [reason, this.#failure].filter((text) => text !== undefined && text !== '').join(': ')
    const text = `${this.name}: the WebSocket was closed with ${code ?? 'no code'}${why === '' ? '' : `, ${why}`}`
    this.#onClose?.(clean ? null : new Error(text))
  }
}

/** What a binary message holds; null for text and what else there may be. */
function octetsOf(data: unknown): Uint8Array | null {
  if (data instanceof Uint8Array) return data
  // Of another realm it is no instance of this one's.
  return Object.prototype.toString.call(data) === '[object ArrayBuffer]' ? new Uint8Array(data as ArrayBuffer) : null
}
