import { checkInteger, checkOptions, checkText } from '../base/argument.ts'
import type { Clock } from '../base/clock.ts'
import { IPV4_MTU_MIN } from '../wire/ipv4.ts'
import type { Device, DeviceFeatures, FrameReceiver, Offload } from './device.ts'
import { type LinkCounters, LinkDirection } from './link-direction.ts'

export interface LoopbackOptions {
  /** Default 'lo'. */
  readonly name?: string
  /** Default 65536, as Linux's. */
  readonly mtu?: number
  /** Octets that wait before a packet is refused. Default 4 MiB. */
  readonly queue?: number
}

/**
 * The device that hears what it says: packets come back in the order sent, in bursts, after the sender has returned. Nothing is
 * computed for a wire that is not there: it takes partial checksums and large segments.
 */
export class Loopback implements Device {
  readonly name: string
  readonly medium = 'ip'
  readonly mtu: number
  readonly hardwareAddress = null
  readonly headroom = 0
  readonly features: DeviceFeatures = { checksum: true, largeSegment: 65535 }
  readonly counters: LinkCounters
  readonly #line: LinkDirection

  constructor(options: LoopbackOptions = {}) {
    checkOptions('options', options, ['name', 'mtu', 'queue'])
    checkText('name', options.name)
    if (options.mtu !== undefined) checkInteger('mtu', options.mtu, IPV4_MTU_MIN, 65536)
    if (options.queue !== undefined) checkInteger('queue', options.queue, 1)
    this.name = options.name ?? 'lo'
    this.mtu = options.mtu ?? 65536
    this.#line = new LinkDirection({
      queue: options.queue ?? 4 << 20,
      frameCheck: false,
      rate: Number.POSITIVE_INFINITY,
      delay: 0,
      front: 0,
      longest: this.mtu,
      longestSegment: 65535,
      shortest: 1,
    })
    this.counters = this.#line.counters
  }

  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    return this.#line.send(bytes, start, end, offload)
  }

  attach(receiver: FrameReceiver, clock: Clock): void {
    this.#line.to(receiver, clock)
    this.#line.from(receiver)
  }

  close(): void {
    this.#line.close(false)
  }
}
