// Read first: IEEE 802.1D-2004 sections 7.7 (forwarding), 7.8 (learning), 7.12.6 (reserved addresses).

import { read16, read32 } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { HARDWARE_GROUP_BIT } from '../wire/ethernet.ts'
import type { Offload } from './device.ts'
import { SwitchTable } from './switch-table.ts'

/** What came into a switch at one port. */
export class SwitchCounters {
  frames = 0
  octets = 0
  /** Of those, how many went to all other ports: group addresses, and destinations that had not been heard yet. */
  flooded = 0
  /** Went nowhere: the destination is at this same port. */
  filtered = 0
  /** Went nowhere: for a group that never leaves a link (01:80:c2:00:00:00 to 0f). */
  reserved = 0
  /** Too long or shorter than a header: dropped. */
  badLength = 0
  /** Arrived with a frame check sequence that does not hold: dropped. */
  badFrameCheck = 0
}

/** A port as the inside of the switch sees it. */
export interface FabricPort {
  readonly name: string
  readonly sent: SwitchCounters
  /** Frames for this port that were lost because its queue was full. */
  lost: number
  /** Puts a copy of the frame into the queue of the port. False: there is no room. */
  offer(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean
  /** Who was refused a frame for this port, and wants to be told of room. Null: nobody can wait for it, what is refused is lost. */
  readonly waiting: Set<FabricPort> | null
  /** A port that refused a frame from here has room again. */
  room(): void
}

/** Learning and forwarding: what lies between the ports of a switch. */
export class SwitchFabric {
  readonly clock: Clock
  readonly table: SwitchTable<FabricPort>
  #ports: readonly FabricPort[] = []

  constructor(clock: Clock, addresses: number, aging: number) {
    this.clock = clock
    this.table = new SwitchTable(addresses, aging)
  }

  get ports(): readonly FabricPort[] {
    return this.#ports
  }

  add(port: FabricPort): void {
    this.#ports = [...this.#ports, port]
  }

  remove(port: FabricPort): void {
    this.#ports = this.#ports.filter((other) => other !== port)
    this.table.forget(port)
    for (const other of this.#ports) other.waiting?.delete(port)
    if (port.waiting === null) return
    for (const waiting of port.waiting) this.clock.defer(() => waiting.room())
    port.waiting.clear()
  }

  /**
   * Learns the source of a frame that came in at `from`, and copies the frame to where it belongs. False, where `mayWait`: the one
   * port it is for has no room, and `from.room` will be called. Otherwise what finds no room is lost.
   */
  forward(
    from: FabricPort,
    bytes: Uint8Array,
    start: number,
    end: number,
    offload: Offload,
    mayWait: boolean,
  ): boolean {
    const now = this.clock.now()
    const high = read16(bytes, start)
    const sourceHigh = read16(bytes, start + 6)
    // 7.8: a group is nobody's address.
    if ((sourceHigh & HARDWARE_GROUP_BIT) === 0) this.table.learn(sourceHigh, read32(bytes, start + 8), from, now)
    const counters = from.sent
    if ((high & HARDWARE_GROUP_BIT) !== 0) {
      if (high === 0x0180 && (read32(bytes, start + 2) & ~15) === (0xc2000000 | 0)) counters.reserved++
      else this.#flood(from, bytes, start, end, offload)
    } else {
      const to = this.table.find(high, read32(bytes, start + 2), now)
      if (to === null) {
        this.#flood(from, bytes, start, end, offload)
      } else if (to === from) {
        counters.filtered++
      } else if (!to.offer(bytes, start, end, offload)) {
        if (mayWait && to.waiting !== null) {
          to.waiting.add(from)
          return false
        }
        to.lost++
      }
    }
    counters.frames++
    counters.octets += end - start
    return true
  }

  #flood(from: FabricPort, bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    from.sent.flooded++
    const ports = this.#ports
    for (let i = 0; i < ports.length; i++) {
      const to = ports[i] as FabricPort
      if (to !== from && !to.offer(bytes, start, end, offload)) to.lost++
    }
  }
}
