// Read first: QEMU's documentation of -netdev stream and -netdev socket, net/stream.c: the length of a frame as 32 bits in
// network order, and then the frame, over any stream.

import { checkInteger, checkMethods, checkOptions, checkText, given } from '../base/argument.ts'
import { ByteRing, copyBytes } from '../base/byte-ring.ts'
import { read32, write32 } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { type ByteStream, type ByteStreamUser, SocketByteStream } from '../socket/byte-stream.ts'
import { Socket } from '../socket/socket.ts'
import { IPV4_MTU_MIN } from '../wire/ipv4.ts'
import { type Device, type FrameReceiver, NO_FEATURES, Offload } from './device.ts'
import { checkHardwareAddress, deriveHardwareAddress } from './hardware-address.ts'
import { LinkCounters } from './link-direction.ts'

export interface FrameStreamOptions {
  /** Default: "stream" and a running number. */
  readonly name?: string
  /**
   * Six octets: the address of the stack that is attached here. Default: derived from the name; where processes share a network,
   * each needs its own. For a device that is plugged into a switch it is of no concern.
   */
  readonly hardwareAddress?: Uint8Array
  /** The largest IP packet, from 68 to 65535 octets. Default 1500. */
  readonly mtu?: number
  /** Octets that wait for the stream before a frame is refused. Default 1 MiB. */
  readonly queue?: number
  /**
   * The stream is over: null where the peer has ended it behind a whole frame; else what went wrong. Not called for `close`.
   */
  readonly onClose?: (error: Error | null) => void
}

const KEYS: readonly (keyof FrameStreamOptions)[] = ['name', 'hardwareAddress', 'mtu', 'queue', 'onClose']

const LENGTH_OCTETS = 4
const SHORTEST = 14
const LONGEST_HEADER = 18
/** The longest frame that QEMU sends or takes (NET_BUFSIZE). A length beyond it is no length: the stream is something else. */
const LONGEST = 4096 + 65536
/** One write to the stream carries up to this many octets, of many frames. */
const WRITE = 65536
const WRITES_PER_TURN = 16

const block = new Uint8Array(WRITE)
const length = new Uint8Array(LENGTH_OCTETS)

let unnamed = 0

/**
 * An Ethernet link over a stream, as QEMU speaks it: `-netdev stream` and `-netdev socket` at the other end, or another FrameStream.
 *
 * ```ts
 * // qemu-system-x86_64 -netdev stream,id=n0,server=off,addr.type=inet,addr.host=10.0.0.1,addr.port=4444 …
 * const guest = new FrameStream(await listener.accept(), { onClose: (error) => console.log('the guest is gone', error) })
 * stack.attach(guest, { address: '192.168.1.1/24' })
 * ```
 */
export class FrameStream implements Device, ByteStreamUser {
  readonly name: string
  readonly medium = 'ethernet'
  readonly mtu: number
  readonly hardwareAddress: Uint8Array
  readonly headroom = 0
  readonly features = NO_FEATURES
  readonly sent: LinkCounters = new LinkCounters()
  readonly received: LinkCounters = new LinkCounters()
  readonly #stream: ByteStream
  readonly #queue: number
  readonly #onClose: ((error: Error | null) => void) | undefined
  readonly #offload = new Offload()
  readonly #pumpTask = () => this.#pump()
  readonly #output = new ByteRing()
  #receiver: FrameReceiver | null = null
  #clock: Clock | null = null
  #scheduled = false
  /** The stream has taken less than it was given: it tells when it goes on. */
  #stalled = false
  #refused = false
  #closed = false
  // What has come of a length, and of a frame that came in parts; -1: its length is not known yet.
  readonly #header = new Uint8Array(LENGTH_OCTETS)
  #headerCount = 0
  #need = -1
  #count = 0
  #frame = new Uint8Array(0)

  /**
   * `stream`: a connected stream socket of any provider, or another ByteStream (`toByteStream` makes one of a stream of Node).
   * TypeError and RangeError for what cannot be.
   */
  constructor(stream: Socket | ByteStream, options: FrameStreamOptions = {}) {
    checkOptions('options', options, KEYS)
    const { mtu = 1500, queue = 1 << 20, hardwareAddress, onClose } = options
    checkText('options.name', options.name)
    checkInteger('options.mtu', mtu, IPV4_MTU_MIN, 65535)
    checkInteger('options.queue', queue, 1)
    if (hardwareAddress !== undefined) checkHardwareAddress('options.hardwareAddress', hardwareAddress)
    if (onClose !== undefined && typeof onClose !== 'function') {
      throw new TypeError(`options.onClose must be a function, got ${given(onClose)}`)
    }
    if (stream instanceof Socket) {
      this.#stream = new SocketByteStream(stream)
    } else {
      checkMethods('stream', stream, 'a connected Socket or a ByteStream', 'open', 'write', 'close')
      this.#stream = stream
    }
    this.name = options.name ?? `stream${++unnamed}`
    this.mtu = mtu
    this.hardwareAddress = hardwareAddress?.slice() ?? deriveHardwareAddress(this.name)
    this.#queue = queue
    this.#onClose = onClose
  }

  transmit(bytes: Uint8Array, start: number, end: number, _offload: Offload): boolean {
    const { sent } = this
    if (this.#closed || this.#clock === null) {
      sent.unattached++
      return true
    }
    const size = end - start
    if (size < SHORTEST || size > this.mtu + LONGEST_HEADER) {
      sent.badLength++
      return true
    }
    const output = this.#output
    if (output.length > 0 && output.length + LENGTH_OCTETS + size > this.#queue) {
      sent.refused++
      this.#refused = true
      return false
    }
    write32(length, 0, size)
    output.write(length, 0, LENGTH_OCTETS)
    output.write(bytes, start, end)
    sent.frames++
    sent.octets += size
    this.#schedule()
    return true
  }

  attach(receiver: FrameReceiver, clock: Clock): void {
    if (this.#receiver !== null) throw new RangeError(`device ${this.name} is attached already`)
    if (this.#closed) return
    this.#receiver = receiver
    this.#clock = clock
    this.#stream.open(this, clock)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#receiver = null
    this.#output.free()
    this.#stream.close()
  }

  /** For the stream. */
  octets(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end && !this.#closed; ) {
      if (this.#need < 0) {
        at = this.#readLength(bytes, at, end)
        if (this.#need > LONGEST) {
          const hint = `more than the ${LONGEST} that a frame can have: the peer does not speak QEMU's framing`
          this.#end(new Error(`${this.name}: a frame of ${this.#need} octets, ${hint}`))
          return
        }
      } else if (this.#count === 0 && end - at >= this.#need) {
        const size = this.#need
        this.#need = -1
        this.#deliver(bytes, at, at + size)
        at += size
      } else {
        at = this.#gather(bytes, at, end)
      }
    }
  }

  /** For the stream. */
  flush(): void {
    this.#receiver?.flush()
  }

  /** For the stream. */
  writable(): void {
    this.#stalled = false
    this.#schedule()
  }

  /** For the stream. */
  ended(error: Error | null): void {
    const partial = this.#need >= 0 || this.#headerCount > 0
    this.#end(error ?? (partial ? new Error(`${this.name}: the stream ended within a frame`) : null))
  }

  // Reads what there is of the length at `at`; sets #need where that is all of it.
  #readLength(bytes: Uint8Array, at: number, end: number): number {
    if (this.#headerCount === 0 && end - at >= LENGTH_OCTETS) {
      this.#need = read32(bytes, at) >>> 0
      return at + LENGTH_OCTETS
    }
    this.#header[this.#headerCount++] = bytes[at] as number
    if (this.#headerCount === LENGTH_OCTETS) {
      this.#headerCount = 0
      this.#need = read32(this.#header, 0) >>> 0
    }
    return at + 1
  }

  // Two octets in front put what follows the Ethernet header on a word.
  #gather(bytes: Uint8Array, at: number, end: number): number {
    const need = this.#need
    if (this.#frame.length < need + 2) this.#frame = new Uint8Array(Math.max(need + 2, 2048))
    const count = Math.min(end - at, need - this.#count)
    copyBytes(bytes, at, at + count, this.#frame, 2 + this.#count)
    this.#count += count
    if (this.#count === need) {
      this.#count = 0
      this.#need = -1
      this.#deliver(this.#frame, 2, 2 + need)
    }
    return at + count
  }

  #deliver(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start
    const { received } = this
    if (size < SHORTEST || size > this.mtu + LONGEST_HEADER) {
      received.badLength++
      return
    }
    received.frames++
    received.octets += size
    this.#offload.clear()
    this.#receiver?.receive(bytes, start, end, this.#offload)
  }

  #end(error: Error | null): void {
    if (this.#closed) return
    this.close()
    this.#onClose?.(error)
  }

  #schedule(): void {
    if (this.#scheduled || this.#stalled || this.#closed) return
    this.#scheduled = true
    this.#clock?.defer(this.#pumpTask)
  }

  #pump(): void {
    this.#scheduled = false
    const output = this.#output
    for (let i = 0; i < WRITES_PER_TURN && output.length > 0 && !this.#stalled; i++) {
      const count = Math.min(output.length, WRITE)
      output.peek(0, count, block, 0)
      const taken = this.#stream.write(block, 0, count)
      if (taken > 0) output.drop(taken)
      if (taken < count) this.#stalled = true
    }
    if (this.#refused && output.length <= this.#queue >> 1) {
      this.#refused = false
      this.#receiver?.writable()
    }
    if (output.length > 0) this.#schedule()
  }
}
