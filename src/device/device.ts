// What carries frames. Three laws (ARCHITECTURE.md):
// 1. A frame is lent, never given: who wants to keep it, copies.
// 2. A device never calls `receive` from inside `transmit`.
// 3. Devices deliver in bursts: any number of `receive`, then one `flush`.

import { checkMethods } from '../base/argument.ts'
import type { RingSpan } from '../base/byte-ring.ts'
import type { Clock } from '../base/clock.ts'

/** The transport checksum of this frame is in place, or must be looked at: nothing is known. */
export const CHECKSUM_NONE = 0
/**
 * The checksum field holds only the pseudo-header's sum; whoever puts the frame on a real wire completes it. Sum from
 * `checksumStart` to the end, complement, store at `checksumStart + checksumOffset`. It has not been on a wire, so there is
 * nothing to verify.
 */
export const CHECKSUM_PARTIAL = 1
/** Someone below has verified it. */
export const CHECKSUM_VERIFIED = 2

/** A frame of one packet. */
export const SEGMENT_NONE = 0
/** One large IPv4/TCP packet that stands for several of `segmentSize` octets of payload each. */
export const SEGMENT_TCP4 = 1
export const SEGMENT_TCP6 = 2
/** One large UDP packet that stands for several datagrams of `segmentSize` octets of payload each. */
export const SEGMENT_UDP = 3

/**
 * What is left to do with a frame, or was done already. One object is reused for all frames of a device: it is lent with the
 * frame. Offsets count from the `start` of the frame.
 */
export class Offload {
  checksum: typeof CHECKSUM_NONE | typeof CHECKSUM_PARTIAL | typeof CHECKSUM_VERIFIED = CHECKSUM_NONE
  checksumStart = 0
  checksumOffset = 0
  segment: typeof SEGMENT_NONE | typeof SEGMENT_TCP4 | typeof SEGMENT_TCP6 | typeof SEGMENT_UDP = SEGMENT_NONE
  segmentSize = 0
  /** Octets of all headers before the payload, of a large segment. */
  headerLength = 0
  /**
   * The last octets of the frame, where they still lie elsewhere: their place in the frame is counted, and not written. Lent as the
   * frame is, and only where the checksum is left to do. null: the frame is whole, as it always is in `transmit` and `receive`.
   */
  payload: RingSpan | null = null
  /** A number that goes with the frame through queues, for who follows frames from end to end. 0: nobody does. */
  mark = 0

  clear(): void {
    this.checksum = CHECKSUM_NONE
    this.segment = SEGMENT_NONE
    this.segmentSize = 0
    this.payload = null
    this.mark = 0
  }

  /** Makes the frame that ends at `end` whole. */
  join(bytes: Uint8Array, end: number): void {
    const { payload } = this
    if (payload === null) return
    payload.copyTo(bytes, end - payload.length)
    this.payload = null
  }

  set(other: Offload): void {
    this.checksum = other.checksum
    this.checksumStart = other.checksumStart
    this.checksumOffset = other.checksumOffset
    this.segment = other.segment
    this.segmentSize = other.segmentSize
    this.headerLength = other.headerLength
    this.payload = other.payload
    this.mark = other.mark
  }
}

/** What a device can be left to do. */
export interface DeviceFeatures {
  /** It takes frames with CHECKSUM_PARTIAL. */
  readonly checksum: boolean
  /** The longest packet (IP header and all that follows) it takes as one large TCP segment; 0: none. */
  readonly largeSegment: number
  /** The same of UDP: one large packet that stands for several datagrams (SEGMENT_UDP), its checksum left to do. Left out: none. */
  readonly largeDatagram?: number
  /** It has `transmitGathered`, and would rather send a long payload from where it lies than have it copied into the frame. */
  readonly gather?: boolean
}

export const NO_FEATURES: DeviceFeatures = { checksum: false, largeSegment: 0 }

/** Who gets a device's frames: a stack's interface, or a device around this one. */
export interface FrameReceiver {
  /** A frame arrived in `bytes[start, end)`. It is lent until this returns. */
  receive(bytes: Uint8Array, start: number, end: number, offload: Offload): void
  /** The burst is over. */
  flush(): void
  /** The device refused a frame before (`transmit` gave false) and has room again. */
  writable(): void
}

export interface Device {
  /** For people: "tap0", "cable". */
  readonly name: string
  /** 'ethernet': frames begin with an Ethernet II header. 'ip': they begin with the IP header. */
  readonly medium: 'ethernet' | 'ip'
  /** The largest IP packet, in octets. */
  readonly mtu: number
  /** The hardware address, 6 octets; null for medium 'ip'. */
  readonly hardwareAddress: Uint8Array | null
  /** Octets before `start` that `transmit` may overwrite, for a header of the device's own. At most 32. */
  readonly headroom: number
  readonly features: DeviceFeatures
  /**
   * Sends the frame in `bytes[start, end)`, without frame check sequence and without padding. It is lent until this returns.
   * False: there is no room, nothing was sent, and `writable` will be called. A frame that a link loses is true.
   */
  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean
  /**
   * `transmit`, of a frame whose last octets lie in `offload.payload`. Nothing of that may be kept, or changed. A device around another
   * that lacks this is given whole frames, whatever features it has taken over from that.
   */
  transmitGathered?(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean
  /** Starts to deliver to `receiver`. The clock is that of the stack: what a device defers or delays runs on it. */
  attach(receiver: FrameReceiver, clock: Clock): void
  /** Stops delivering and gives back what the device holds. Twice is once. */
  close(): void
}

/** Throws where `device` is not a Device. */
export function checkDevice(name: string, device: Device): void {
  checkMethods(name, device, 'a Device', 'transmit', 'attach', 'close')
}
