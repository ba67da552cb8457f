import { checkMethods } from '../base/argument.ts'
import { copyBytes } from '../base/byte-ring.ts'
import type { Clock } from '../base/clock.ts'
import { completeChecksum } from './complete-checksum.ts'
import {
  CHECKSUM_PARTIAL,
  checkDevice,
  type Device,
  type DeviceFeatures,
  type FrameReceiver,
  Offload,
  SEGMENT_NONE,
} from './device.ts'
import { type FrameCheckedWire, type WiredDevice, wireOf } from './frame-checked-wire.ts'
import { SegmentCutter } from './segment-cutter.ts'

/** Which way a frame went, seen from the stack. */
export type CaptureDirection = 'in' | 'out'

/** Gets each frame of a capture. */
export interface CaptureSink {
  /** The frame lies in `bytes[start, end)`, lent until this returns. `at` is the time on the clock of the stack, in milliseconds. */
  frame(bytes: Uint8Array, start: number, end: number, direction: CaptureDirection, at: number): void
}

/**
 * A device around a device that shows every frame in both directions to a sink, as a wire would have carried it: partial
 * checksums are completed and large segments cut into their packets, in copies; the frames themselves pass unchanged. What
 * the device refuses is not shown.
 */
export class Capture implements WiredDevice, FrameReceiver {
  readonly name: string
  readonly medium: 'ethernet' | 'ip'
  readonly hardwareAddress: Uint8Array | null
  readonly headroom: number
  readonly features: DeviceFeatures
  readonly #inner: Device
  readonly #sink: CaptureSink
  readonly #cutter: SegmentCutter
  readonly #offload = new Offload()
  #receiver: FrameReceiver | null = null
  #clock: Clock | null = null
  #copy = new Uint8Array(0)
  #direction: CaptureDirection = 'in'
  #at = 0

  constructor(inner: Device, sink: CaptureSink) {
    checkDevice('inner', inner)
    checkMethods('sink', sink, 'a CaptureSink', 'frame')
    this.name = inner.name
    this.medium = inner.medium
    this.hardwareAddress = inner.hardwareAddress
    this.headroom = inner.headroom
    this.features = inner.features
    this.#inner = inner
    this.#sink = sink
    this.#cutter = new SegmentCutter((bytes, start, end) => sink.frame(bytes, start, end, this.#direction, this.#at))
  }

  get mtu(): number {
    return this.#inner.mtu
  }

  get wire(): FrameCheckedWire | null {
    return wireOf(this.#inner)
  }

  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    // The device may overwrite what lies before the frame, not the frame: it can be shown afterwards.
    const taken = this.#inner.transmit(bytes, start, end, offload)
    if (taken) this.#show(bytes, start, end, offload, 'out')
    return taken
  }

  attach(receiver: FrameReceiver, clock: Clock): void {
    this.#receiver = receiver
    this.#clock = clock
    this.#inner.attach(this, clock)
  }

  close(): void {
    this.#receiver = null
    this.#inner.close()
  }

  receive(bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    this.#show(bytes, start, end, offload, 'in')
    this.#receiver?.receive(bytes, start, end, offload)
  }

  flush(): void {
    this.#receiver?.flush()
  }

  writable(): void {
    this.#receiver?.writable()
  }

  #show(bytes: Uint8Array, start: number, end: number, offload: Offload, direction: CaptureDirection): void {
    const at = this.#clock === null ? 0 : this.#clock.now()
    if (offload.segment !== SEGMENT_NONE) {
      this.#direction = direction
      this.#at = at
      if (this.#cutter.cut(bytes, start, end, this.medium, offload)) return
    }
    if (offload.checksum !== CHECKSUM_PARTIAL) {
      this.#sink.frame(bytes, start, end, direction, at)
      return
    }
    const length = end - start
    if (this.#copy.length < length) this.#copy = new Uint8Array(Math.max(length, 2048))
    copyBytes(bytes, start, end, this.#copy, 0)
    this.#offload.set(offload)
    completeChecksum(this.#copy, 0, length, this.#offload)
    this.#sink.frame(this.#copy, 0, length, direction, at)
  }
}
