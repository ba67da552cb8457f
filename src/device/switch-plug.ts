import type { Device, FrameReceiver } from './device.ts'
import { Offload, SEGMENT_NONE } from './device.ts'
import { FrameQueue } from './frame-queue.ts'
import { LinkCounters } from './link-direction.ts'
import { type FabricPort, SwitchCounters, type SwitchFabric } from './switch-fabric.ts'
import { LONGEST_HEADER, SwitchFitter } from './switch-fitter.ts'

/** A burst ends after this many frames, so that others get their turn. */
const BURST = 256
const SHORTEST = 14

/** A port of a switch into which a device is plugged: what lies behind that is joined to the switch. `Switch.plug` makes one. */
export class SwitchPlug implements FabricPort, FrameReceiver {
  readonly name: string
  readonly device: Device
  /** What came into the switch from the device. */
  readonly sent: SwitchCounters = new SwitchCounters()
  /** What the switch gave to the device. */
  readonly received: LinkCounters = new LinkCounters()
  /** Frames for this port that were lost because its queue was full. */
  lost = 0
  /** For the switch. A device may not take anything for as long as it likes: nobody waits for it. */
  readonly waiting = null
  readonly #fabric: SwitchFabric
  readonly #queue: FrameQueue
  readonly #fitter: SwitchFitter
  readonly #offload = new Offload()
  readonly #pumpTask = () => this.#pump()
  #scheduled = false
  #refused = false
  #closed = false

  constructor(fabric: SwitchFabric, device: Device, name: string, queue: number) {
    this.name = name
    this.device = device
    this.#fabric = fabric
    // Room for the device's own header in front of each frame, and two octets behind a word: see FrameQueue.
    this.#queue = new FrameQueue(queue, ((device.headroom + 1) & ~3) + 2)
    this.#fitter = new SwitchFitter(this, device.mtu, device.features, false, (bytes, start, end, offload) => {
      if (this.#queue.push(bytes, start, end, 0, offload, 0) < 0) return false
      this.#schedule()
      return true
    })
    device.attach(this, fabric.clock)
  }

  /** For the device. */
  receive(bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    if (this.#closed) return
    const length = end - start
    const longest = offload.segment === SEGMENT_NONE ? this.device.mtu + LONGEST_HEADER : 65535 + LONGEST_HEADER
    if (length < SHORTEST || length > longest) this.sent.badLength++
    else this.#fabric.forward(this, bytes, start, end, offload, false)
  }

  /** For the device. */
  flush(): void {}

  /** For the device. */
  writable(): void {
    this.#refused = false
    if (this.#queue.length > 0) this.#schedule()
  }

  /** For the switch. */
  offer(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    return this.#fitter.fit(bytes, start, end, offload)
  }

  /** For the switch. */
  room(): void {}

  /** Takes the device out of the switch and closes it. What waits for it is lost. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#queue.clear()
    this.#fabric.remove(this)
    this.device.close()
  }

  #schedule(): void {
    if (this.#scheduled || this.#refused || this.#closed) return
    this.#scheduled = true
    this.#fabric.clock.defer(this.#pumpTask)
  }

  #pump(): void {
    this.#scheduled = false
    const queue = this.#queue
    const offload = this.#offload
    const counters = this.received
    for (let i = 0; i < BURST && queue.length > 0; i++) {
      const start = queue.headStart
      const end = queue.headEnd
      queue.headOffload(offload)
      if (!this.device.transmit(queue.bytes, start, end, offload)) {
        counters.refused++
        this.#refused = true
        return
      }
      counters.frames++
      counters.octets += end - start
      queue.drop()
    }
    if (queue.length > 0) this.#schedule()
  }
}
