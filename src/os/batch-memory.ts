// Read first: recvmmsg(2), sendmmsg(2), struct mmsghdr (on systems of 64 bits).

import { type MessageBatch, NAME_LENGTH } from '../socket/message-batch.ts'
import { IOVEC_LENGTH } from './message-memory.ts'
import type { SocketCalls } from './socket-calls.ts'

const MMSGHDR_LENGTH = 64
// Of int32 fields in a struct mmsghdr.
const FIELDS = MMSGHDR_LENGTH / 4
const NAME_LENGTH_FIELD = 2
const FLAGS_FIELD = 12
const COUNT_FIELD = 14

/** The structs that point into a batch: made once, and only lengths are written from then on. */
export class BatchMemory {
  readonly headers: Uint8Array<ArrayBuffer>
  readonly #batch: MessageBatch
  readonly #fields: Int32Array<ArrayBuffer>
  readonly #vectors: Int32Array<ArrayBuffer>

  constructor(batch: MessageBatch, calls: SocketCalls) {
    const { count, size } = batch
    this.#batch = batch
    this.headers = new Uint8Array(new ArrayBuffer(count * MMSGHDR_LENGTH))
    this.#fields = new Int32Array(this.headers.buffer)
    this.#vectors = new Int32Array(new ArrayBuffer(count * IOVEC_LENGTH))
    const [data, names] = [calls.address(batch.bytes), calls.address(batch.names)]
    const vectorsBytes = new Uint8Array(this.#vectors.buffer)
    const vectors = calls.address(vectorsBytes)
    const header = new DataView(this.headers.buffer)
    const vector = new DataView(this.#vectors.buffer)
    for (let i = 0; i < count; i++) {
      vector.setBigUint64(i * IOVEC_LENGTH, data + BigInt(i * size), true)
      header.setBigUint64(i * MMSGHDR_LENGTH, names + BigInt(i * NAME_LENGTH), true)
      header.setBigUint64(i * MMSGHDR_LENGTH + 16, vectors + BigInt(i * IOVEC_LENGTH), true)
      header.setBigUint64(i * MMSGHDR_LENGTH + 24, 1n, true)
    }
  }

  /** Before a recvmmsg into the first `count` places: all their room is free. */
  toReceive(count: number): void {
    const { size } = this.#batch
    for (let i = 0; i < count; i++) {
      this.#vectors[4 * i + 2] = size
      this.#fields[FIELDS * i + NAME_LENGTH_FIELD] = NAME_LENGTH
    }
  }

  /** Gives the batch the lengths and flags of what has come. */
  received(count: number): void {
    const { lengths, flags, nameLengths, size } = this.#batch
    for (let i = 0; i < count; i++) {
      const at = FIELDS * i
      lengths[i] = Math.min(this.#fields[at + COUNT_FIELD] as number, size)
      flags[i] = this.#fields[at + FLAGS_FIELD] as number
      nameLengths[i] = Math.min(this.#fields[at + NAME_LENGTH_FIELD] as number, NAME_LENGTH)
    }
  }

  /** Before a sendmmsg of `count` places: their lengths are those of the batch, and never more than there is. */
  toSend(from: number, count: number): void {
    const { lengths, nameLengths, size } = this.#batch
    for (let i = from; i < from + count; i++) {
      this.#vectors[4 * i + 2] = Math.max(0, Math.min(lengths[i] as number, size))
      this.#fields[FIELDS * i + NAME_LENGTH_FIELD] = Math.max(0, Math.min(nameLengths[i] as number, NAME_LENGTH))
    }
  }

  headersFrom(place: number): Uint8Array {
    return place === 0 ? this.headers : this.headers.subarray(place * MMSGHDR_LENGTH)
  }
}

/** The structs of a batch, which keeps them; null where its memory was given away (to another thread). */
export function batchMemory(batch: MessageBatch, calls: SocketCalls): BatchMemory | null {
  if (batch.bytes.length === 0 || batch.names.length === 0) return null
  if (batch.system instanceof BatchMemory) return batch.system
  const memory = new BatchMemory(batch, calls)
  batch.system = memory
  return memory
}
