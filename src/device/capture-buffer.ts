import { checkMethods, checkNumber, given } from '../base/argument.ts'
import { ByteRing } from '../base/byte-ring.ts'
import { read32, write32 } from '../base/bytes.ts'
import type { CaptureDirection, CaptureSink } from './capture.ts'

// Before each frame: its length, its direction, and the time as a double.
const RECORD_LENGTH = 16

/** Keeps the last frames of a capture in memory, up to a number of octets; the oldest make room. */
export class CaptureBuffer implements CaptureSink {
  /** Frames held. */
  length = 0
  /** Frames that made room for later ones. */
  forgotten = 0
  readonly #limit: number
  readonly #ring = new ByteRing()
  readonly #record = new Uint8Array(RECORD_LENGTH)
  readonly #view = new DataView(this.#record.buffer)

  /** Holds `limit` octets of frames, each counting 16 more. */
  constructor(limit: number) {
    checkNumber('limit', limit)
    if (!(limit > 0)) throw new RangeError(`limit must be greater than 0, got ${given(limit)}`)
    this.#limit = limit
  }

  frame(bytes: Uint8Array, start: number, end: number, direction: CaptureDirection, at: number): void {
    const need = RECORD_LENGTH + end - start
    while (this.length > 0 && this.#ring.length + need > this.#limit) this.#forget()
    if (need > this.#limit) {
      this.forgotten++
      return
    }
    write32(this.#record, 0, end - start)
    write32(this.#record, 4, direction === 'out' ? 1 : 0)
    this.#view.setFloat64(8, at)
    this.#ring.write(this.#record, 0, RECORD_LENGTH)
    this.#ring.write(bytes, start, end)
    this.length++
  }

  /** Shows the frames held to `sink`, oldest first; they stay held. Their octets are lent. */
  replay(sink: CaptureSink): void {
    checkMethods('sink', sink, 'a CaptureSink', 'frame')
    let bytes = new Uint8Array(2048)
    let offset = 0
    for (let i = 0; i < this.length; i++) {
      this.#ring.peek(offset, RECORD_LENGTH, this.#record, 0)
      const length = read32(this.#record, 0)
      const direction = read32(this.#record, 4) === 1 ? 'out' : 'in'
      const at = this.#view.getFloat64(8)
      if (bytes.length < length) bytes = new Uint8Array(length)
      this.#ring.peek(offset + RECORD_LENGTH, length, bytes, 0)
      sink.frame(bytes, 0, length, direction, at)
      offset += RECORD_LENGTH + length
    }
  }

  /** Forgets everything and gives the memory back. */
  clear(): void {
    this.#ring.free()
    this.length = 0
  }

  #forget(): void {
    this.#ring.peek(0, RECORD_LENGTH, this.#record, 0)
    this.#ring.drop(RECORD_LENGTH + read32(this.#record, 0))
    this.length--
    this.forgotten++
  }
}
