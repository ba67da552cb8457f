import type { Clock } from '../base/clock.ts'
import { type Device, type DeviceFeatures, type FrameReceiver, NO_FEATURES, Offload } from '../device/device.ts'
import { FrameQueue } from '../device/frame-queue.ts'
import { deriveHardwareAddress } from '../device/hardware-address.ts'
import type { Link } from './link.ts'
import type { Node } from './node.ts'

/** Octets of frames that have arrived and that nobody has looked at yet: bounded by memory alone. */
const ARRIVED = 64 << 20

/**
 * One end of a link: the device of the host or switch there. It outlives the host's crashes: while nobody is attached, what
 * arrives is lost.
 */
export class LinkPort implements Device {
  /** "alice.eth0" */
  readonly name: string
  readonly node: Node
  readonly link: Link
  readonly medium = 'ethernet'
  readonly hardwareAddress: Uint8Array
  readonly headroom = 0
  readonly features: DeviceFeatures = NO_FEATURES
  /** The other end. */
  get peer(): LinkPort {
    return this.link.ports[0] === this ? this.link.ports[1] : this.link.ports[0]
  }
  /** Addresses with their prefix lengths, and the segment of the network that they are of. */
  addresses: readonly string[] = []
  readonly #arrived = new FrameQueue(ARRIVED, 2)
  readonly #offload = new Offload()
  #receiver: FrameReceiver | null = null
  #clock: Clock | null = null
  #delivering = false

  constructor(link: Link, node: Node, name: string) {
    this.link = link
    this.node = node
    this.name = name
    this.hardwareAddress = deriveHardwareAddress(name)
  }

  get mtu(): number {
    return this.link.mtu
  }

  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    // Whoever was attached here before, and was unplugged, is not heard any more.
    if (this.#receiver !== null) this.link.send(this, bytes, start, end, offload)
    return true
  }

  attach(receiver: FrameReceiver, clock: Clock): void {
    this.#receiver = receiver
    this.#clock = clock
    this.#arrived.clear()
    this.#delivering = false
  }

  /** Whoever was attached is not any more; another can be. */
  close(): void {
    this.#receiver = null
    this.#clock = null
    this.#arrived.clear()
  }

  /** For the link: a frame has come to this end. False: nobody is there. */
  arrive(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    if (this.#clock === null) return false
    this.#arrived.push(bytes, start, end, 0, offload, 0)
    if (this.#delivering) return true
    this.#delivering = true
    const receiver = this.#receiver
    this.#clock.defer(() => {
      if (receiver === this.#receiver && receiver !== null) this.#deliver(receiver)
    })
    return true
  }

  #deliver(receiver: FrameReceiver): void {
    this.#delivering = false
    const queue = this.#arrived
    // What comes while these are looked at has its own turn.
    for (let left = queue.length; left > 0 && queue.length > 0; left--) {
      queue.headOffload(this.#offload)
      if (this.link.arrives(this, queue.bytes, queue.headStart, queue.headEnd, this.#offload.mark)) {
        receiver.receive(queue.bytes, queue.headStart, queue.headEnd, this.#offload)
      }
      queue.drop()
    }
    receiver.flush()
  }
}
