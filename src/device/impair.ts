import type { Clock } from '../base/clock.ts'
import { SeededRandom } from '../base/random.ts'
import { checkDevice, type Device, type DeviceFeatures, type FrameReceiver, type Offload } from './device.ts'
import { type FrameCheckedWire, type WiredDevice, type WirePoint, wireOf } from './frame-checked-wire.ts'
import { type FrameOutput, type ImpairCounters, ImpairDirection } from './impair-direction.ts'
import { checkImpairOptions, type Impairment, type ImpairOptions } from './impairment.ts'

export { type ImpairOptions, parseImpairment } from './impairment.ts'

/**
 * A bad path: a device around any device that loses, delays, reorders, duplicates and damages frames, each direction for itself,
 * the same way for the same seed.
 *
 * Damage happens on the wire where the device has one with a frame check sequence, and is found there. Elsewhere one bit of
 * the IP packet is changed, its checksums completed before, so that they find it.
 *
 * ```ts
 * stack.attach(new Impair(tap, parseImpairment('loss=3%,delay=10ms,seed=7')), { address: '10.0.0.2/24' })
 * ```
 */
export class Impair implements WiredDevice {
  readonly name: string
  readonly medium: 'ethernet' | 'ip'
  readonly hardwareAddress: Uint8Array | null
  readonly headroom: number
  readonly features: DeviceFeatures
  /** What became of the frames towards the stack, and from it. */
  readonly inbound: ImpairCounters
  readonly outbound: ImpairCounters
  readonly #inner: Device
  readonly #in: ImpairDirection
  readonly #out: ImpairDirection
  #receiver: FrameReceiver | null = null

  /** TypeError for an option that there is not, RangeError where one cannot be. */
  constructor(inner: Device, options: ImpairOptions) {
    checkDevice('inner', inner)
    checkImpairOptions(options)
    this.name = inner.name
    this.medium = inner.medium
    this.hardwareAddress = inner.hardwareAddress
    this.headroom = inner.headroom
    this.#inner = inner
    const split = options.split ?? false
    this.features = split ? { checksum: inner.features.checksum, largeSegment: 0 } : inner.features
    const wire = wireOf(inner)
    const seed = options.seed ?? 1
    const direction = (impairment: Impairment, stream: number, point: WirePoint | null, output: FrameOutput) => {
      const random = new SeededRandom(Math.imul(seed, 2) + stream)
      const made = new ImpairDirection(impairment, random, this.medium, this.headroom, split, point !== null, output)
      if (point !== null && (impairment.corrupt ?? 0) > 0) disturb(point, made, impairment.corrupt as number)
      return made
    }
    this.#in = direction({ ...options, ...options.in }, 0, wire?.inbound ?? null, {
      put: (bytes, start, end, offload) => {
        this.#receiver?.receive(bytes, start, end, offload)
        return true
      },
      done: () => this.#receiver?.flush(),
    })
    this.#out = direction({ ...options, ...options.out }, 1, wire?.outbound ?? null, {
      put: (bytes, start, end, offload) => inner.transmit(bytes, start, end, offload),
      done: () => {},
    })
    this.inbound = this.#in.counters
    this.outbound = this.#out.counters
  }

  get mtu(): number {
    return this.#inner.mtu
  }

  get wire(): FrameCheckedWire | null {
    return wireOf(this.#inner)
  }

  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    return this.#out.send(bytes, start, end, offload)
  }

  attach(receiver: FrameReceiver, clock: Clock): void {
    this.#receiver = receiver
    this.#in.start(clock)
    this.#out.start(clock)
    this.#inner.attach(
      {
        receive: (bytes, start, end, offload) => {
          this.#in.send(bytes, start, end, offload)
        },
        flush: () => this.#receiver?.flush(),
        writable: () => {
          if (this.#out.resume()) this.#receiver?.writable()
        },
      },
      clock,
    )
  }

  close(): void {
    this.#receiver = null
    this.#in.stop()
    this.#out.stop()
    this.#inner.close()
  }
}

// Whoever disturbed the wire before goes on doing so.
function disturb(point: WirePoint, direction: ImpairDirection, probability: number): void {
  const before = point.disturbance
  const own = direction.disturb(probability)
  point.disturbance =
    before === null
      ? own
      : (bytes, start, end) => {
          before(bytes, start, end)
          own(bytes, start, end)
        }
}
