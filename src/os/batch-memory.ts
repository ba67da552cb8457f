// Read first: recvmmsg(2), sendmmsg(2), struct mmsghdr (on systems of 64 bits).

import { trueLength } from '../base/true-length.ts'
import { type MessageBatch, NAME_LENGTH } from '../socket/message-batch.ts'
import { IOVEC_LENGTH } from './message-memory.ts'
import type { SocketCalls } from './socket-calls.ts'

const MMSGHDR_LENGTH = 64
// Of int32 fields in a struct mmsghdr.
const FIELDS = MMSGHDR_LENGTH / 4
const NAME_LENGTH_FIELD = 2
const FLAGS_FIELD = 12
const CONTROL_AT = 32
const CONTROL_LENGTH_FIELD = 10
const COUNT_FIELD = 14

/** The structs that point into a batch: made once, and only lengths are written from then on. */
export class BatchMemory {
  readonly headers: Uint8Array<ArrayBuffer>
  readonly #batch: MessageBatch
  // What the structs point into: kept, whatever becomes of the batch's fields.
  readonly #count: number
  readonly #size: number
  readonly #bytes: Uint8Array
  readonly #names: Uint8Array
  readonly #controls: Uint8Array
  readonly #controlSize: number
  readonly #fields: Int32Array<ArrayBuffer>
  readonly #vectors: Int32Array<ArrayBuffer>

  constructor(batch: MessageBatch, calls: SocketCalls) {
    const { count, size } = batch
    this.#batch = batch
    this.#count = count
    this.#size = size
    this.#bytes = batch.bytes
    this.#names = batch.names
    this.#controls = batch.controls
    this.#controlSize = batch.controlSize
    this.headers = new Uint8Array(new ArrayBuffer(count * MMSGHDR_LENGTH))
    this.#fields = new Int32Array(this.headers.buffer)
    this.#vectors = new Int32Array(new ArrayBuffer(count * IOVEC_LENGTH))
    const [data, names] = [calls.address(batch.bytes), calls.address(batch.names)]
    const controlSize = this.#controlSize
    const controls = controlSize === 0 ? 0n : calls.address(batch.controls)
    const vectorsBytes = new Uint8Array(this.#vectors.buffer)
    const vectors = calls.address(vectorsBytes)
    const header = new DataView(this.headers.buffer)
    const vector = new DataView(this.#vectors.buffer)
    for (let i = 0; i < count; i++) {
      vector.setBigUint64(i * IOVEC_LENGTH, data + BigInt(i * size), true)
      header.setBigUint64(i * MMSGHDR_LENGTH, names + BigInt(i * NAME_LENGTH), true)
      header.setBigUint64(i * MMSGHDR_LENGTH + 16, vectors + BigInt(i * IOVEC_LENGTH), true)
      header.setBigUint64(i * MMSGHDR_LENGTH + 24, 1n, true)
      if (controlSize > 0)
        header.setBigUint64(i * MMSGHDR_LENGTH + CONTROL_AT, controls + BigInt(i * controlSize), true)
    }
  }

  /** Whether the structs still point into what `batch` has. */
  fits(batch: MessageBatch): boolean {
    return (
      batch === this.#batch &&
      batch.bytes === this.#bytes &&
      batch.names === this.#names &&
      batch.controls === this.#controls
    )
  }

  /** Whether there are so many places from this one on. */
  has(from: number, count: number): boolean {
    return from >= 0 && count >= 0 && from + count <= this.#count
  }

  /** Before a recvmmsg into the first `count` places: all their room is free. */
  toReceive(count: number): void {
    const size = this.#size
    for (let i = 0; i < count; i++) {
      this.#vectors[4 * i + 2] = size
      this.#fields[FIELDS * i + NAME_LENGTH_FIELD] = NAME_LENGTH
      this.#fields[FIELDS * i + CONTROL_LENGTH_FIELD] = this.#controlSize
    }
  }

  /** Gives the batch the lengths and flags of what has come; `hidden` are flags that nobody asked for. */
  received(count: number, hidden: number): void {
    const { lengths, flags, nameLengths, controlLengths } = this.#batch
    const size = this.#size
    for (let i = 0; i < count; i++) {
      const at = FIELDS * i
      lengths[i] = Math.min(this.#fields[at + COUNT_FIELD] as number, size)
      flags[i] = (this.#fields[at + FLAGS_FIELD] as number) & ~hidden
      nameLengths[i] = Math.min(this.#fields[at + NAME_LENGTH_FIELD] as number, NAME_LENGTH)
      controlLengths[i] = Math.min(this.#fields[at + CONTROL_LENGTH_FIELD] as number, this.#controlSize)
    }
  }

  /** Before a sendmmsg of `count` places: their lengths are those of the batch, and never more than there is. */
  toSend(from: number, count: number): void {
    const { lengths, nameLengths, controlLengths } = this.#batch
    const size = this.#size
    for (let i = from; i < from + count; i++) {
      this.#vectors[4 * i + 2] = Math.max(0, Math.min(lengths[i] as number, size))
      this.#fields[FIELDS * i + NAME_LENGTH_FIELD] = Math.max(0, Math.min(nameLengths[i] as number, NAME_LENGTH))
      const control = Math.max(0, Math.min(controlLengths[i] as number, this.#controlSize))
      this.#fields[FIELDS * i + CONTROL_LENGTH_FIELD] = control
    }
  }

  headersFrom(place: number): Uint8Array {
    return place === 0 ? this.headers : this.headers.subarray(place * MMSGHDR_LENGTH)
  }
}

/** The structs of a batch, which keeps them; null where its memory was given away (to another thread), or is too small now. */
export function batchMemory(batch: MessageBatch, calls: SocketCalls): BatchMemory | null {
  const { bytes, names, controls, system } = batch
  if (trueLength(bytes) === 0 || trueLength(names) === 0) return null
  if (batch.controlSize > 0 && trueLength(controls) === 0) return null
  if (system instanceof BatchMemory && system.fits(batch)) return system
  const { count, size, controlSize } = batch
  // Whatever these have been made to be since.
  if (!(Number.isInteger(count) && Number.isInteger(size) && count > 0 && size > 0)) return null
  if (trueLength(bytes) < count * size || trueLength(names) < count * NAME_LENGTH) return null
  if (!(Number.isInteger(controlSize) && controlSize >= 0) || trueLength(controls) < count * controlSize) return null
  const memory = new BatchMemory(batch, calls)
  batch.system = memory
  return memory
}
