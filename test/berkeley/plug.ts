import type { Clock } from '../../src/base/clock.ts'
import type { Device, DeviceFeatures, FrameReceiver, Offload } from '../../src/device/device.ts'

/** A device whose frames go nowhere while it is unplugged, in both directions, as with a cable that was pulled out. */
export class Plug implements Device, FrameReceiver {
  readonly name: string
  readonly medium: 'ethernet' | 'ip'
  readonly mtu: number
  readonly hardwareAddress: Uint8Array | null
  readonly headroom: number
  readonly features: DeviceFeatures
  plugged = true
  readonly #device: Device
  #receiver: FrameReceiver | null = null

  constructor(device: Device) {
    this.name = device.name
    this.medium = device.medium
    this.mtu = device.mtu
    this.hardwareAddress = device.hardwareAddress
    this.headroom = device.headroom
    this.features = device.features
    this.#device = device
  }

  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    return this.plugged ? this.#device.transmit(bytes, start, end, offload) : true
  }

  attach(receiver: FrameReceiver, clock: Clock): void {
    this.#receiver = receiver
    this.#device.attach(this, clock)
  }

  receive(bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    if (this.plugged) this.#receiver?.receive(bytes, start, end, offload)
  }

  flush(): void {
    this.#receiver?.flush()
  }

  writable(): void {
    this.#receiver?.writable()
  }

  close(): void {
    this.#device.close()
  }
}
