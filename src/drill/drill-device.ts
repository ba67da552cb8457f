import type { Clock } from '../base/clock.ts'
import { type Device, type FrameReceiver, NO_FEATURES, Offload } from '../device/device.ts'

/** A packet that the stack sent, and when. */
export interface SentPacket {
  readonly bytes: Uint8Array
  /** Microseconds on the clock. */
  readonly at: number
}

/**
 * The wire of a drill: a link without addresses and without offloads, like a TUN device, whose other end is the script. What
 * the stack sends is kept until the script asks for it.
 */
export class DrillDevice implements Device {
  readonly name: string = 'tun0'
  readonly medium = 'ip' as const
  readonly mtu: number
  readonly hardwareAddress: Uint8Array | null = null
  readonly headroom: number = 0
  readonly features = NO_FEATURES
  /** What the stack sent and nobody has taken yet, oldest first. */
  readonly sent: SentPacket[] = []
  readonly #clock: Clock
  readonly #offload = new Offload()
  #receiver: FrameReceiver | null = null

  constructor(clock: Clock, mtu: number) {
    this.#clock = clock
    this.mtu = mtu
  }

  transmit(bytes: Uint8Array, start: number, end: number): boolean {
    this.sent.push({ bytes: bytes.slice(start, end), at: Math.round(this.#clock.now() * 1000) })
    return true
  }

  attach(receiver: FrameReceiver): void {
    this.#receiver = receiver
  }

  /** Gives the stack a packet, as a burst of one. */
  inject(bytes: Uint8Array): void {
    this.#offload.clear()
    this.#receiver?.receive(bytes, 0, bytes.length, this.#offload)
    this.#receiver?.flush()
  }

  close(): void {
    this.#receiver = null
  }
}
