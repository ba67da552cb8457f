// Read first: IEEE 802.3 clause 3 (frame, padding, frame check sequence).

import { checkBoolean, checkInteger, checkNumber, checkOptions, checkText, given } from '../base/argument.ts'
import type { Clock } from '../base/clock.ts'
import { crc32 } from '../wire/crc32.ts'
import { IPV4_MTU_MIN } from '../wire/ipv4.ts'
import { type DeviceFeatures, type FrameReceiver, NO_FEATURES, type Offload } from './device.ts'
import type { FrameCheckedWire, WiredDevice } from './frame-checked-wire.ts'
import { type LinkCounters, LinkDirection, type LinkProperties } from './link-direction.ts'

/** Destination, source, type; a VLAN tag makes four more. */
const HEADER_LENGTH = 14
const TAG_LENGTH = 4

export interface CableOptions {
  /** The ends are named after it: "cable1.left", "cable1.right". Default: "cable" and a running number. */
  readonly name?: string
  /** Names of the ends themselves, left and right. */
  readonly names?: readonly [string, string]
  /** Six octets each, left and right. Default: derived from the names of the ends, locally administered. */
  readonly hardwareAddresses?: readonly [Uint8Array, Uint8Array]
  /** The largest IP packet, from 68 to 65535 octets. Default 1500. */
  readonly mtu?: number
  /**
   * Carry partial checksums and large segments as they are, as a pair of virtual interfaces in memory does. Default false: every
   * frame is padded, carries its frame check sequence, and is dropped on arrival where that does not hold.
   */
  readonly offloads?: boolean
  /** Bits a second, counting padding and frame check sequence. Default: frames take no time. */
  readonly rate?: number
  /** Milliseconds on the way. Default 0. */
  readonly delay?: number
  /** Octets in each direction that wait before a frame is refused. Default 1 MiB. */
  readonly queue?: number
}

const KEYS: readonly (keyof CableOptions)[] = [
  'name',
  'names',
  'hardwareAddresses',
  'mtu',
  'offloads',
  'rate',
  'delay',
  'queue',
]

let unnamed = 0

/**
 * An Ethernet cable: what goes in at one end comes out at the other.
 *
 * ```ts
 * const cable = new Cable()
 * here.attach(cable.left, { address: '10.0.0.1/24' })
 * there.attach(cable.right, { address: '10.0.0.2/24' })
 * ```
 */
export class Cable {
  readonly left: CableEnd
  readonly right: CableEnd

  constructor(options: CableOptions = {}) {
    checkOptions('options', options, KEYS)
    const { mtu = 1500 } = options
    checkInteger('mtu', mtu, IPV4_MTU_MIN, 65535)
    checkText('name', options.name)
    checkBoolean('offloads', options.offloads)
    if (options.names !== undefined) checkNames(options.names)
    if (options.hardwareAddresses !== undefined) checkHardwareAddresses(options.hardwareAddresses)
    const offloads = options.offloads ?? false
    const name = options.name ?? `cable${++unnamed}`
    const names = options.names ?? [`${name}.left`, `${name}.right`]
    const delay = options.delay ?? 0
    checkNumber('delay', delay)
    if (!(delay >= 0)) throw new RangeError(`delay must be 0 or more milliseconds, got ${String(delay)}`)
    const link: LinkProperties = {
      queue: positive('queue', options.queue ?? 1 << 20),
      frameCheck: !offloads,
      rate: positive('rate', options.rate ?? Number.POSITIVE_INFINITY),
      delay,
      front: 2,
      longest: mtu + HEADER_LENGTH + TAG_LENGTH,
      longestSegment: offloads ? 65535 + HEADER_LENGTH + TAG_LENGTH : 0,
      shortest: HEADER_LENGTH,
    }
    const toRight = new LinkDirection(link)
    const toLeft = new LinkDirection(link)
    const [left, right] = options.hardwareAddresses ?? [deriveAddress(names[0], 0), deriveAddress(names[1], 1)]
    this.left = new CableEnd(names[0], mtu, offloads, left, toRight, toLeft)
    this.right = new CableEnd(names[1], mtu, offloads, right, toLeft, toRight)
  }
}

function positive(name: string, value: number): number {
  checkNumber(name, value)
  if (!(value > 0)) throw new RangeError(`${name} must be greater than 0, got ${String(value)}`)
  return value
}

function checkNames(names: readonly [string, string]): void {
  if (!Array.isArray(names) || names.length !== 2) {
    throw new TypeError(`names must be an array of two strings, got ${given(names)}`)
  }
  names.forEach((name, i) => {
    if (typeof name !== 'string') throw new TypeError(`names[${i}] must be a string, got ${given(name)}`)
  })
}

function checkHardwareAddresses(addresses: readonly [Uint8Array, Uint8Array]): void {
  if (!Array.isArray(addresses) || addresses.length !== 2) {
    throw new TypeError(`hardwareAddresses must be an array of two Uint8Arrays, got ${given(addresses)}`)
  }
  for (const address of addresses) {
    if (!(address instanceof Uint8Array)) {
      throw new TypeError(`hardwareAddresses must be Uint8Arrays, got ${given(address)}`)
    }
    if (address.length !== 6) throw new RangeError(`hardwareAddresses must have 6 octets each, got ${address.length}`)
  }
}

// IEEE 802c: second bit of the first octet set, locally administered; last bit clear, an individual address. The last bit of all
// tells the ends apart, whatever their names.
function deriveAddress(name: string, side: 0 | 1): Uint8Array {
  const text = new TextEncoder().encode(name)
  const sum = crc32(text, 0, text.length)
  return Uint8Array.of(0x02, 0x4a, sum >>> 24, sum >>> 16, sum >>> 8, (sum & 0xfe) | side)
}

/** One end of a cable. */
export class CableEnd implements WiredDevice {
  readonly name: string
  readonly medium = 'ethernet'
  readonly mtu: number
  readonly hardwareAddress: Uint8Array
  readonly headroom = 0
  readonly features: DeviceFeatures
  /** What was sent here, and what became of it on the way. */
  readonly sent: LinkCounters
  /** What arrived here. */
  readonly received: LinkCounters
  /** Where frames can be disturbed on the wire; null where they carry no frame check sequence. */
  readonly wire: FrameCheckedWire | null
  readonly #outbound: LinkDirection
  readonly #inbound: LinkDirection

  constructor(
    name: string,
    mtu: number,
    offloads: boolean,
    hardwareAddress: Uint8Array,
    outbound: LinkDirection,
    inbound: LinkDirection,
  ) {
    this.name = name
    this.mtu = mtu
    this.hardwareAddress = hardwareAddress
    this.features = offloads ? { checksum: true, largeSegment: 65535 } : NO_FEATURES
    this.sent = outbound.counters
    this.received = inbound.counters
    this.wire = offloads ? null : { outbound, inbound }
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
