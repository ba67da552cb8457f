// The memory by which one thread makes the calls of another's sockets: a call at a time, as C has them. Who asks writes the call and
// its octets here, wakes the owner and sleeps on STATE; the owner makes the call and writes down what came of it.

import { decodeSocketAddress, encodeSocketAddress, SocketAddress } from '../../base/socket-address.ts'
import { controlLength, decodeControl, encodeControl } from '../control-buffer.ts'
import type { ControlMessage } from '../provider.ts'

/** What STATE says. */
export const IDLE = 0
export const ASKED = 1
export const ANSWERED = 2

/** Int32s at the start. */
export const STATE = 0
/** Not 0: nobody answers any more. */
export const CLOSED = 1
export const OPERATION = 2
export const FD = 3
/** Arguments of a call, as each operation has them. */
export const A = 4
export const B = 5
export const C = 6
export const RESULT = 7
/** More of an answer: of a new socket its descriptor, family, type and protocol. */
export const VALUE = 8
const NAME_LENGTH = 12
const CONTROL_LENGTH = 13
const CONTROL_MAX = 14
/** The flags of a message that was received. */
export const MESSAGE_FLAGS = 15

/** Doubles, in places of their own. */
const NOW = 8
const TIMEOUT = 9

const HEADER_LENGTH = 96
const NAME_MAX = 128
const CONTROL_ROOM = 32_768
const DATA_START = HEADER_LENGTH + NAME_MAX + CONTROL_ROOM

/** Octets that one call carries at most. */
export const DATA_LENGTH = 262_144

/** Room for a message, and no limit to its control messages. */
const UNLIMITED = -1

export class CallMemory {
  readonly buffer: SharedArrayBuffer
  readonly slots: Int32Array<SharedArrayBuffer>
  /** The octets of a call or an answer. */
  readonly data: Uint8Array<SharedArrayBuffer>
  readonly #doubles: Float64Array<SharedArrayBuffer>
  readonly #name: Uint8Array<SharedArrayBuffer>
  readonly #control: Uint8Array<SharedArrayBuffer>

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(DATA_START + DATA_LENGTH)) {
    if (buffer.byteLength !== DATA_START + DATA_LENGTH) {
      throw new RangeError(`memory must be ${DATA_START + DATA_LENGTH} octets, got ${buffer.byteLength}`)
    }
    this.buffer = buffer
    this.slots = new Int32Array(buffer, 0, 16)
    this.#doubles = new Float64Array(buffer, 0, 10)
    this.#name = new Uint8Array(buffer, HEADER_LENGTH, NAME_MAX)
    this.#control = new Uint8Array(buffer, HEADER_LENGTH + NAME_MAX, CONTROL_ROOM)
    this.data = new Uint8Array(buffer, DATA_START, DATA_LENGTH)
  }

  slot(place: number): number {
    return this.slots[place] as number
  }

  /** The time of the owner's clock when it answered last. */
  get now(): number {
    return this.#doubles[NOW] as number
  }

  set now(time: number) {
    this.#doubles[NOW] = time
  }

  get timeout(): number {
    return this.#doubles[TIMEOUT] as number
  }

  set timeout(milliseconds: number) {
    this.#doubles[TIMEOUT] = milliseconds
  }

  /** Writes an address; null or AF_UNSPEC for none. Throws a RangeError for one that has no struct. */
  writeName(address: SocketAddress | null): void {
    if (address === null) this.slots[NAME_LENGTH] = 0
    else if (address.family !== 0) this.slots[NAME_LENGTH] = encodeSocketAddress(address, this.#name)
    else {
      this.#name.fill(0, 0, 2)
      this.slots[NAME_LENGTH] = 2
    }
  }

  /** Reads it; false: there is none. AF_UNSPEC is one. */
  readName(into: SocketAddress): boolean {
    const length = this.slot(NAME_LENGTH)
    if (length < 2 || length > NAME_MAX) return false
    // A copy: text decoders do not read shared memory.
    if (!decodeSocketAddress(into, this.#name.slice(0, length), 0, length)) into.set(new SocketAddress())
    return true
  }

  /** Writes control messages. false: there is no room for so many. */
  writeControl(messages: readonly ControlMessage[]): boolean {
    const length = controlLength(messages)
    if (length > CONTROL_ROOM) return false
    encodeControl(messages, this.#control)
    this.slots[CONTROL_LENGTH] = length
    return true
  }

  /** Reads them. What is cut off is left out. */
  readControl(): ControlMessage[] {
    // The other thread has written the number.
    return decodeControl(this.#control, Math.max(0, this.slot(CONTROL_LENGTH)))
  }

  /** msg_controllen of a message to be received; no more than there is room for here. */
  get controlLength(): number {
    const length = this.slot(CONTROL_MAX)
    return length === UNLIMITED ? Number.POSITIVE_INFINITY : length
  }

  set controlLength(length: number) {
    this.slots[CONTROL_MAX] = length > CONTROL_ROOM ? UNLIMITED : length
  }
}
