import type { Clock } from '../../src/base/clock.ts'
import { type Device, type DeviceFeatures, type FrameReceiver, NO_FEATURES, Offload } from '../../src/device/device.ts'

/** "45 00 …" → octets. Anything that is not a pair of hex digits is only there to be read. */
export function hex(text: string): Uint8Array {
  const pairs = text.replace(/\/\/.*$/gm, '').match(/[0-9a-f]{2}/gi) ?? []
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16))
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join(' ')
}

/** A device whose other side is the test: it keeps what was sent and delivers what it is told to. */
export class ScriptDevice implements Device {
  readonly name = 'script'
  readonly medium: 'ethernet' | 'ip'
  readonly mtu: number
  readonly hardwareAddress: Uint8Array | null
  readonly headroom = 0
  readonly features: DeviceFeatures
  sent: Uint8Array[] = []
  offloads: Offload[] = []
  /** How many were sent with their payload elsewhere, and of those, how many whose payload lay in two pieces. */
  gathered = 0
  wrapped = 0
  /** Refuses all frames. */
  full = false
  closed = false
  #receiver: FrameReceiver | null = null

  constructor(medium: 'ethernet' | 'ip', mtu = 1500, features: DeviceFeatures = NO_FEATURES) {
    this.medium = medium
    this.mtu = mtu
    this.features = features
    this.hardwareAddress = medium === 'ethernet' ? hex('02 00 00 00 00 01') : null
  }

  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    if (this.full) return false
    this.sent.push(bytes.slice(start, end))
    const copy = new Offload()
    copy.set(offload)
    this.offloads.push(copy)
    return true
  }

  transmitGathered(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    const { payload } = offload
    if (payload === null) throw new Error('there is nothing to gather')
    if (this.full) return false
    const whole = new Uint8Array(end - start)
    whole.set(bytes.subarray(start, end - payload.length))
    for (let i = 0; i < payload.length; i++) {
      whole[whole.length - payload.length + i] = payload.bytes[(payload.start + i) % payload.bytes.length] as number
    }
    const rest = new Offload()
    rest.set(offload)
    rest.payload = null
    this.gathered++
    if (payload.before < payload.length) this.wrapped++
    return this.transmit(whole, 0, whole.length, rest)
  }

  attach(receiver: FrameReceiver, _clock: Clock): void {
    this.#receiver = receiver
  }

  close(): void {
    this.closed = true
  }

  /** Delivers a burst of frames; they are overwritten when it is over, as a real device's buffer is. */
  deliver(...frames: Uint8Array[]): void {
    for (const frame of frames) {
      const lent = new Uint8Array(frame.length + 7)
      lent.set(frame, 3)
      this.#receiver?.receive(lent, 3, 3 + frame.length, new Offload())
      lent.fill(0xee)
    }
    this.#receiver?.flush()
  }

  deliverWith(frame: Uint8Array, offload: Offload): void {
    this.#receiver?.receive(frame, 0, frame.length, offload)
    this.#receiver?.flush()
  }

  hasRoom(): void {
    this.full = false
    this.#receiver?.writable()
  }

  /** What was sent since the last call. */
  take(): Uint8Array[] {
    const { sent } = this
    this.sent = []
    this.offloads = []
    return sent
  }
}
