import { copyBytes } from '../base/byte-ring.ts'
import type { Clock } from '../base/clock.ts'
import { frameCheckHolds, writeFrameCheck } from '../wire/crc32.ts'
import { type DeviceFeatures, type FrameReceiver, NO_FEATURES, type Offload, SEGMENT_NONE } from './device.ts'
import type { Disturbance, FrameCheckedWire, WiredDevice, WirePoint } from './frame-checked-wire.ts'
import { type LinkCounters, LinkDirection } from './link-direction.ts'
import { type FabricPort, SwitchCounters, type SwitchFabric } from './switch-fabric.ts'
import { LONGEST_HEADER, SwitchFitter } from './switch-fitter.ts'

const SHORTEST = 14
/** IEEE 802.3: the shortest frame before its frame check sequence. */
const PADDED = 60
const LONGEST_SEGMENT = 65535 + LONGEST_HEADER

const OFFLOADS: DeviceFeatures = { checksum: true, largeSegment: 65535 }

/** A port of a switch, as the network card of the stack that is attached to it. `Switch.port` makes one. */
export class SwitchPort implements WiredDevice, FabricPort {
  readonly name: string
  readonly medium = 'ethernet'
  readonly mtu: number
  readonly hardwareAddress: Uint8Array
  readonly headroom = 0
  readonly features: DeviceFeatures
  /** What was sent into the switch here. */
  readonly sent: SwitchCounters = new SwitchCounters()
  /** What came out of the switch here. */
  readonly received: LinkCounters
  /** Frames for this port that were lost because its queue was full. */
  lost = 0
  /** Where frames can be disturbed on the wire; null where they carry no frame check sequence. */
  readonly wire: FrameCheckedWire | null
  /** For the switch. */
  readonly waiting: Set<FabricPort> = new Set()
  readonly #fabric: SwitchFabric
  readonly #outbound: OutboundWire
  readonly #inbound: LinkDirection
  readonly #fitter: SwitchFitter | null
  #receiver: FrameReceiver | null = null
  #closed = false

  constructor(
    fabric: SwitchFabric,
    name: string,
    hardwareAddress: Uint8Array,
    mtu: number,
    offloads: boolean,
    queue: number,
  ) {
    this.name = name
    this.mtu = mtu
    this.hardwareAddress = hardwareAddress
    this.features = offloads ? OFFLOADS : NO_FEATURES
    this.#fabric = fabric
    this.#outbound = new OutboundWire()
    this.#inbound = new LinkDirection({
      queue,
      frameCheck: !offloads,
      rate: Number.POSITIVE_INFINITY,
      delay: 0,
      front: 2,
      longest: mtu + LONGEST_HEADER,
      longestSegment: offloads ? LONGEST_SEGMENT : 0,
      shortest: SHORTEST,
    })
    this.#inbound.from({ receive: () => {}, flush: () => {}, writable: () => this.#wake() })
    this.received = this.#inbound.counters
    this.#fitter = offloads
      ? null
      : new SwitchFitter(this, mtu, NO_FEATURES, false, (bytes, start, end, offload) =>
          this.#inbound.send(bytes, start, end, offload),
        )
    this.wire = offloads ? null : { outbound: this.#outbound, inbound: this.#inbound }
  }

  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    if (this.#closed) return true
    const length = end - start
    const large = offload.segment !== SEGMENT_NONE && this.features.largeSegment > 0
    if (length < SHORTEST || length > (large ? LONGEST_SEGMENT : this.mtu + LONGEST_HEADER)) {
      this.sent.badLength++
      return true
    }
    const outbound = this.#outbound
    if (outbound.disturbance === null) return this.#fabric.forward(this, bytes, start, end, offload, true)
    if (!outbound.carry(bytes, start, end)) {
      this.sent.badFrameCheck++
      return true
    }
    return this.#fabric.forward(this, outbound.frame, 2, 2 + outbound.length, offload, true)
  }

  attach(receiver: FrameReceiver, clock: Clock): void {
    this.#inbound.to(receiver, clock)
    this.#receiver = receiver
  }

  /** Takes the port out of the switch, which forgets what it has learnt of it. What waits for it is lost. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#receiver = null
    this.#inbound.close(false)
    this.#fabric.remove(this)
  }

  /** For the switch. */
  offer(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    const fitter = this.#fitter
    return fitter === null ? this.#inbound.send(bytes, start, end, offload) : fitter.fit(bytes, start, end, offload)
  }

  /** For the switch. */
  room(): void {
    this.#receiver?.writable()
  }

  #wake(): void {
    const { waiting } = this
    if (waiting.size === 0) return
    const told = [...waiting]
    waiting.clear()
    for (const port of told) port.room()
  }
}

/** The wire from a stack into the switch. It is there only while somebody disturbs it: frames are copied to it then. */
class OutboundWire implements WirePoint {
  disturbance: Disturbance | null = null
  frame = new Uint8Array(0)
  length = 0

  /** Puts the frame on the wire, padding and frame check sequence behind it. False: it did not arrive as it was. */
  carry(bytes: Uint8Array, start: number, end: number): boolean {
    const length = Math.max(end - start, PADDED)
    if (this.frame.length < length + 6) this.frame = new Uint8Array(length + 6)
    const { frame } = this
    copyBytes(bytes, start, end, frame, 2)
    frame.fill(0, 2 + end - start, 2 + length)
    writeFrameCheck(frame, 2, 2 + length)
    this.disturbance?.(frame, 2, 6 + length)
    this.length = length
    return frameCheckHolds(frame, 2, 6 + length)
  }
}
