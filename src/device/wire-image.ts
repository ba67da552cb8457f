import { copyBytes } from '../base/byte-ring.ts'
import { completeChecksum } from './complete-checksum.ts'
import { CHECKSUM_PARTIAL, Offload, SEGMENT_NONE } from './device.ts'
import { type PacketTaker, SegmentCutter } from './segment-cutter.ts'

/**
 * Frames as a wire would have carried them: whole, checksums completed, large segments cut into their packets. It is done in copies; the
 * frames themselves stay as they are.
 */
export class WireImage {
  readonly #taker: PacketTaker
  readonly #cutter: SegmentCutter
  readonly #offload = new Offload()
  #copy = new Uint8Array(0)

  /** Whoever is given what is shown, lent until he returns. */
  constructor(taker: PacketTaker) {
    this.#taker = taker
    this.#cutter = new SegmentCutter(taker)
  }

  /** Shows the frame in `bytes[start, end)`. */
  show(bytes: Uint8Array, start: number, end: number, medium: 'ethernet' | 'ip', offload: Offload): void {
    const { payload } = offload
    if (payload !== null) {
      const own = this.#copied(bytes, start, end - payload.length, end - start, offload)
      payload.copyTo(this.#copy, end - start - payload.length)
      own.payload = null
      this.#finish(this.#copy, 0, end - start, medium, own)
      return
    }
    this.#finish(bytes, start, end, medium, offload)
  }

  #finish(bytes: Uint8Array, start: number, end: number, medium: 'ethernet' | 'ip', offload: Offload): void {
    if (offload.segment !== SEGMENT_NONE && this.#cutter.cut(bytes, start, end, medium, offload)) return
    if (offload.checksum !== CHECKSUM_PARTIAL) {
      this.#taker(bytes, start, end)
      return
    }
    const length = end - start
    const own = bytes === this.#copy ? offload : this.#copied(bytes, start, end, length, offload)
    completeChecksum(this.#copy, 0, length, own)
    this.#taker(this.#copy, 0, length)
  }

  /** Copies octets to where a frame of `length` has room; gives what is left to do with it. */
  #copied(bytes: Uint8Array, start: number, end: number, length: number, offload: Offload): Offload {
    if (this.#copy.length < length) this.#copy = new Uint8Array(Math.max(length, 2048))
    copyBytes(bytes, start, end, this.#copy, 0)
    this.#offload.set(offload)
    return this.#offload
  }
}
