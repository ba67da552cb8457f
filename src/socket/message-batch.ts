// Read first: recvmmsg(2), sendmmsg(2).

import { checkInteger, checkOptions } from '../base/argument.ts'
import { decodeSocketAddress, encodeSocketAddress, SocketAddress } from '../base/socket-address.ts'
import { controlLength, decodeControl, encodeControl, encodeOneControl } from './control-buffer.ts'
import { type ControlMessage, Message } from './provider.ts'

/** Octets of each place for an address: a struct sockaddr_storage. */
export const NAME_LENGTH = 128

export interface BatchOptions {
  /** Octets of each place for control messages, as C has them (CMSG_SPACE of each). Default 0: none. */
  readonly controlSize?: number | undefined
}

/** The most that a place has for control messages. */
const CONTROL_MAX = 8192

/**
 * Room for many datagrams, allocated once: what recvmmsg(2) fills and sendmmsg(2) sends, in one call for all of them. Places are
 * numbered from 0; each has `size` octets of data, a length, an address and flags. What was received can be sent back as it is:
 * address and length are in place.
 *
 * ```ts
 * const batch = new MessageBatch(64, 2048)
 * const count = await socket.recvmmsg(batch)
 * await socket.sendmmsg(batch, 0, count) // an echo
 * ```
 *
 * With room for control messages they are received and sent too: `message` has what `readSegmentSize` and the like read.
 *
 * ```ts
 * const batch = new MessageBatch(16, 65535, { controlSize: 64 })
 * socket.setsockopt(SOL_UDP, UDP_GRO, true)
 * const count = await socket.recvmmsg(batch)
 * for (let i = 0; i < count; i++) console.log(batch.lengths[i], readSegmentSize(batch.message(i)))
 * ```
 */
export class MessageBatch {
  /** How many datagrams there is room for. */
  readonly count: number
  /** Octets of data in each place. */
  readonly size: number
  /** All data, one place behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Octets of each datagram; received ones are cut to `size`. */
  readonly lengths: Int32Array<ArrayBuffer>
  /** MSG_TRUNC and the like, of each received datagram. */
  readonly flags: Int32Array<ArrayBuffer>
  /** The addresses as C has them, NAME_LENGTH octets for each, and their lengths; 0: none. */
  readonly names: Uint8Array<ArrayBuffer>
  readonly nameLengths: Int32Array<ArrayBuffer>
  /** Octets of each place for control messages, all of them, and how many octets each place has in use. */
  readonly controlSize: number
  readonly controls: Uint8Array<ArrayBuffer>
  readonly controlLengths: Int32Array<ArrayBuffer>
  /** What a provider keeps with the batch: the structs that point into it. */
  system: unknown = null

  /** RangeError unless `count` is 1 to 1024 (as many as one call takes, UIO_MAXIOV), `size` 1 to 65536, `controlSize` 0 to 8192. */
  constructor(count: number, size: number, options: BatchOptions = {}) {
    checkOptions('options', options, ['controlSize'])
    const { controlSize = 0 } = options
    checkInteger('options.controlSize', controlSize, 0, CONTROL_MAX)
    checkInteger('count', count, 1, 1024)
    checkInteger('size', size, 1, 65536)
    this.count = count
    this.size = size
    this.bytes = new Uint8Array(new ArrayBuffer(count * size))
    this.lengths = new Int32Array(new ArrayBuffer(4 * count))
    this.flags = new Int32Array(new ArrayBuffer(4 * count))
    this.names = new Uint8Array(new ArrayBuffer(count * NAME_LENGTH))
    this.nameLengths = new Int32Array(new ArrayBuffer(4 * count))
    // Structs of C are aligned to words.
    this.controlSize = (controlSize + 7) & ~7
    this.controls = new Uint8Array(new ArrayBuffer(count * this.controlSize))
    this.controlLengths = new Int32Array(new ArrayBuffer(4 * count))
  }

  /** The data of a place, as long as its datagram: a view. */
  data(place: number): Uint8Array<ArrayBuffer> {
    this.#check(place)
    const at = place * this.size
    return this.bytes.subarray(at, at + (this.lengths[place] as number))
  }

  /** Who sent the datagram, or to whom it goes; null where there is no address. A copy. */
  address(place: number): SocketAddress | null {
    this.#check(place)
    const address = new SocketAddress()
    const length = this.nameLengths[place] as number
    return decodeSocketAddress(address, this.names, place * NAME_LENGTH, length) ? address : null
  }

  /** The control messages of a place: copies. */
  control(place: number): ControlMessage[] {
    this.#check(place)
    const at = place * this.controlSize
    return decodeControl(this.controls.subarray(at, at + this.controlSize), this.controlLengths[place] as number)
  }

  /** A place as a message, for those who read one: its data is a view, all else a copy. */
  message(place: number): Message {
    const message = new Message([this.data(place)], this.address(place))
    message.control = this.control(place)
    message.flags = this.flags[place] as number
    return message
  }

  /**
   * Fills a place with a datagram to send: a copy of `data`, where it goes (null: to the socket's peer), and what control messages go
   * with it. RangeError for more than there is room for.
   */
  set(
    place: number,
    data: Uint8Array,
    address: SocketAddress | null = null,
    control: readonly ControlMessage[] = [],
  ): void {
    this.#check(place)
    const length = controlLength(control)
    if (length > this.controlSize) {
      throw new RangeError(`control must take at most ${this.controlSize} octets (controlSize), got ${length}`)
    }
    if (data.length > this.size) throw new RangeError(`data must have at most ${this.size} octets, got ${data.length}`)
    this.bytes.set(data, place * this.size)
    this.lengths[place] = data.length
    const at = place * NAME_LENGTH
    this.nameLengths[place] = address === null ? 0 : encodeSocketAddress(address, this.names, at)
    const start = place * this.controlSize
    encodeControl(control, this.controls.subarray(start, start + this.controlSize))
    this.controlLengths[place] = length
  }

  /** Gives a place the control messages that have come; those for which there is no room are left out: whether all had room. */
  receiveControl(place: number, control: readonly ControlMessage[]): boolean {
    let count = control.length
    while (controlLength(control.slice(0, count)) > this.controlSize) count--
    const start = place * this.controlSize
    const taken = control.slice(0, count)
    encodeControl(taken, this.controls.subarray(start, start + this.controlSize))
    this.controlLengths[place] = controlLength(taken)
    return count === control.length
  }

  /** The same for one message, whose `data` is copied. */
  receiveOneControl(place: number, level: number, type: number, data: Uint8Array): boolean {
    const at = place * this.controlSize
    const length = encodeOneControl(this.controls, at, this.controlSize, level, type, data)
    this.controlLengths[place] = length
    return length > 0
  }

  #check(place: number): void {
    checkInteger('place', place, 0, this.count - 1)
  }
}
