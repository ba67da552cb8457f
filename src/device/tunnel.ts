import { checkBoolean, checkInteger, checkNumber, checkOptions, checkText, given } from '../base/argument.ts'
import type { Clock } from '../base/clock.ts'
import { IPV4_MTU_MIN } from '../wire/ipv4.ts'
import { type Device, type DeviceFeatures, type FrameReceiver, NO_FEATURES, type Offload } from './device.ts'
import { type LinkCounters, LinkDirection, type LinkProperties } from './link-direction.ts'

export interface TunnelOptions {
  /** The ends are named after it: "tunnel1.left", "tunnel1.right". Default: "tunnel" and a running number. */
  readonly name?: string
  /** The largest packet, from 68 to 65535 octets. Default 1500. */
  readonly mtu?: number
  /** Carry partial checksums and large segments as they are. Default false: packets are as they would be on a line. */
  readonly offloads?: boolean
  /** Bits a second. Default: packets take no time. */
  readonly rate?: number
  /** Milliseconds on the way. Default 0. */
  readonly delay?: number
  /** Octets in each direction that wait before a packet is refused. Default 1 MiB. */
  readonly queue?: number
}

const KEYS: readonly (keyof TunnelOptions)[] = ['name', 'mtu', 'offloads', 'rate', 'delay', 'queue']

let unnamed = 0

/**
 * A line between two stacks, point to point: IP packets go in at one end and come out at the other, without Ethernet. Nothing is
 * lost on it but what is longer than its MTU: who finds it full is told to wait.
 *
 * ```ts
 * const line = new Tunnel()
 * here.attach(line.left, { address: '10.0.0.1/30' })
 * there.attach(line.right, { address: '10.0.0.2/30' })
 * ```
 */
export class Tunnel {
  readonly left: TunnelEnd
  readonly right: TunnelEnd

  /** TypeError and RangeError for what cannot be. */
  constructor(options: TunnelOptions = {}) {
    checkOptions('options', options, KEYS)
    const { mtu = 1500, offloads = false, delay = 0 } = options
    checkText('options.name', options.name)
    checkInteger('options.mtu', mtu, IPV4_MTU_MIN, 65535)
    checkBoolean('options.offloads', offloads)
    checkNumber('options.delay', delay)
    if (!(delay >= 0)) throw new RangeError(`options.delay must be 0 or more milliseconds, got ${given(delay)}`)
    const name = options.name ?? `tunnel${++unnamed}`
    const line: LinkProperties = {
      queue: positive('options.queue', options.queue ?? 1 << 20),
      frameCheck: false,
      rate: positive('options.rate', options.rate ?? Number.POSITIVE_INFINITY),
      delay,
      front: 0,
      longest: mtu,
      longestSegment: offloads ? 65535 : 0,
      shortest: 1,
    }
    const toRight = new LinkDirection(line)
    const toLeft = new LinkDirection(line)
    this.left = new TunnelEnd(`${name}.left`, mtu, offloads, toRight, toLeft)
    this.right = new TunnelEnd(`${name}.right`, mtu, offloads, toLeft, toRight)
  }
}

function positive(name: string, value: number): number {
  checkNumber(name, value)
  if (!(value > 0)) throw new RangeError(`${name} must be greater than 0, got ${given(value)}`)
  return value
}

/** One end of a tunnel. */
export class TunnelEnd implements Device {
  readonly name: string
  readonly medium = 'ip'
  readonly mtu: number
  readonly hardwareAddress = null
  readonly headroom = 0
  readonly features: DeviceFeatures
  /** What was sent here, and what became of it on the way. */
  readonly sent: LinkCounters
  /** What arrived here. */
  readonly received: LinkCounters
  readonly #outbound: LinkDirection
  readonly #inbound: LinkDirection

  constructor(name: string, mtu: number, offloads: boolean, outbound: LinkDirection, inbound: LinkDirection) {
    this.name = name
    this.mtu = mtu
    this.features = offloads ? { checksum: true, largeSegment: 65535 } : NO_FEATURES
    this.sent = outbound.counters
    this.received = inbound.counters
    this.#outbound = outbound
    this.#inbound = inbound
  }

  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    return this.#outbound.send(bytes, start, end, offload)
  }

  attach(receiver: FrameReceiver, clock: Clock): void {
    this.#inbound.to(receiver, clock)
    this.#outbound.from(receiver)
  }

  /** Pulls this end out: what is under way in either direction is lost. */
  close(): void {
    this.#outbound.close(false)
    this.#inbound.close(true)
  }
}
