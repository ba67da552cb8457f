import { checkMethods } from '../base/argument.ts'
import type { Clock } from '../base/clock.ts'
import { checkDevice, type Device, type DeviceFeatures, type FrameReceiver, type Offload } from './device.ts'
import { type FrameCheckedWire, type WiredDevice, wireOf } from './frame-checked-wire.ts'
import { WireImage } from './wire-image.ts'

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
  readonly #image: WireImage
  #receiver: FrameReceiver | null = null
  #clock: Clock | null = null
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
    this.#image = new WireImage((bytes, start, end) => sink.frame(bytes, start, end, this.#direction, this.#at))
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
    this.#direction = direction
    this.#at = this.#clock === null ? 0 : this.#clock.now()
    this.#image.show(bytes, start, end, this.medium, offload)
  }
}
