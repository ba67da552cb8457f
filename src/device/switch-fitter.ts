import { copyBytes } from '../base/byte-ring.ts'
import { completeChecksum } from './complete-checksum.ts'
import { CHECKSUM_PARTIAL, type DeviceFeatures, Offload, SEGMENT_NONE, SEGMENT_UDP } from './device.ts'
import type { LinkCounters } from './link-direction.ts'
import { SegmentCutter } from './segment-cutter.ts'

/** Gets a frame that fits; it is lent until this returns. False: no room. */
export type FrameTaker = (bytes: Uint8Array, start: number, end: number, offload: Offload) => boolean

/** Whose frames are made to fit, and what becomes of them. */
export interface FittedPort {
  /** Its `badLength` counts frames too long for the port, and large segments whose headers cannot be read. */
  readonly received: LinkCounters
  /** Counts the packets of a large segment that found no room after its first had. */
  lost: number
}

/** Octets of an Ethernet header with one VLAN tag: what a frame may be longer than a packet. */
export const LONGEST_HEADER = 18

/**
 * Makes of any Ethernet frame what a port can be given: where it leaves nothing to the next hop, checksums are completed and large
 * segments cut into their packets, in copies.
 */
export class SwitchFitter {
  readonly #port: FittedPort
  readonly #mtu: number
  readonly #features: DeviceFeatures
  /** A large segment of UDP may pass: devices are not asked whether they take one. */
  readonly #largeDatagrams: boolean
  readonly #taker: FrameTaker
  readonly #cutter: SegmentCutter
  readonly #plain = new Offload()
  #copy = new Uint8Array(0)
  #pieces = 0
  #taken = 0

  constructor(port: FittedPort, mtu: number, features: DeviceFeatures, largeDatagrams: boolean, taker: FrameTaker) {
    this.#port = port
    this.#mtu = mtu
    this.#features = features
    this.#largeDatagrams = largeDatagrams
    this.#taker = taker
    this.#cutter = new SegmentCutter((bytes, start, end) => this.#piece(bytes, start, end), 2)
  }

  /** Hands the frame on, as it is or made to fit. False: there was no room, and nothing was taken. */
  fit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    if (offload.segment !== SEGMENT_NONE && !this.#passesLarge(end - start, offload)) {
      return this.#cut(bytes, start, end, offload)
    }
    const longest = offload.segment === SEGMENT_NONE ? end - start : offload.headerLength + offload.segmentSize
    if (longest > this.#mtu + LONGEST_HEADER) {
      this.#port.received.badLength++
      return true
    }
    if (offload.checksum !== CHECKSUM_PARTIAL || this.#features.checksum) {
      return this.#taker(bytes, start, end, offload)
    }
    const length = end - start
    if (this.#copy.length < length + 2) this.#copy = new Uint8Array(Math.max(length + 2, 2048))
    copyBytes(bytes, start, end, this.#copy, 2)
    this.#plain.set(offload)
    completeChecksum(this.#copy, 2, length + 2, this.#plain)
    return this.#taker(this.#copy, 2, length + 2, this.#plain)
  }

  #passesLarge(length: number, offload: Offload): boolean {
    if (offload.segment === SEGMENT_UDP && !this.#largeDatagrams) return false
    // Its length counts without the Ethernet header, tag or no tag.
    return this.#features.largeSegment >= length - LONGEST_HEADER + 4
  }

  #cut(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    this.#pieces = 0
    this.#taken = 0
    if (!this.#cutter.cut(bytes, start, end, 'ethernet', offload)) {
      this.#port.received.badLength++
      return true
    }
    if (this.#taken === 0 && this.#pieces > 0) return false
    this.#port.lost += this.#pieces - this.#taken
    return true
  }

  #piece(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > this.#mtu + LONGEST_HEADER) {
      this.#port.received.badLength++
      return
    }
    this.#pieces++
    // Behind the first that was refused the others are not offered: they would arrive out of order.
    if (this.#taken < this.#pieces - 1) return
    this.#plain.clear()
    if (this.#taker(bytes, start, end, this.#plain)) this.#taken++
  }
}
