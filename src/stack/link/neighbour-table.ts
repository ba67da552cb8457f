import type { IpAddress } from '../../base/ip-address.ts'
import type { Offload } from '../../device/device.ts'
import { AddressMap } from '../ip/address-map.ts'
import type { LeanStack } from '../lean-stack.ts'
import { NEIGHBOUR_FAILED, NEIGHBOUR_NONE, NEIGHBOUR_REACHABLE, NEIGHBOUR_STALE, Neighbour } from './neighbour.ts'
import type { NetworkInterface } from './network-interface.ts'

/** Base reachable time of ARP: RFC 4861 section 10, as Linux. Neighbour discovery has it from its interface. */
const REACHABLE_TIME = 30_000
/** RFC 1122 section 2.3.2.1: one request a second for one address, at most. */
const REQUEST_INTERVAL = 1000

/** The neighbours of one interface, of both families: what ARP and neighbour discovery have found. */
export class NeighbourTable {
  readonly stack: LeanStack
  readonly interface: NetworkInterface
  readonly #entries: AddressMap<Neighbour>
  /** How many entries are worth 0, 1 … WORTH_MOST. */
  readonly #counts = new Int32Array(WORTH_MOST + 1)

  constructor(networkInterface: NetworkInterface) {
    this.interface = networkInterface
    this.stack = networkInterface.stack
    this.#entries = new AddressMap(this.stack.random.int32())
  }

  get size(): number {
    return this.#entries.size
  }

  /** The neighbour with this address; null where none is known. */
  get(address: IpAddress): Neighbour | null {
    return this.#entries.get(address)
  }

  /** The neighbour with this address, made where none is known. A full table gives up those unused for the longest. */
  ensure(address: IpAddress): Neighbour {
    const known = this.#entries.get(address)
    if (known !== null) {
      this.#entries.touch(known)
      return known
    }
    if (this.#entries.size >= this.stack.limits.neighbours) this.#giveUpSome()
    const neighbour = new Neighbour(this, address)
    this.#entries.add(neighbour)
    return neighbour
  }

  /** Milliseconds that one is taken to be reachable after it was heard: the middle of what is taken. */
  reachableTime(address: IpAddress): number {
    return address.isV4 ? REACHABLE_TIME : (this.interface.ipv6?.reachableTime ?? REACHABLE_TIME)
  }

  /** Milliseconds between requests for one address. */
  requestInterval(address: IpAddress): number {
    return address.isV4 ? REQUEST_INTERVAL : (this.interface.ipv6?.retransmitTime ?? REQUEST_INTERVAL)
  }

  setTimer(neighbour: Neighbour, delay: number): void {
    const { time } = this.stack
    // Sending happens outside of bursts too, when the time was last read long ago.
    time.refresh()
    time.set(neighbour, delay | 0)
  }

  /** Asks for a neighbour's hardware address. */
  request(neighbour: Neighbour, unicast: boolean): void {
    if (neighbour.address.isV4) this.interface.sendArpRequest(neighbour, unicast)
    else this.interface.ipv6?.solicit(neighbour, unicast)
  }

  /** Sends a packet that waited. */
  send(neighbour: Neighbour, bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    this.interface.transmitTo(neighbour.hardwareHigh, neighbour.hardwareLow, bytes, start, end, offload)
  }

  /** A packet that waited will never be sent. */
  unreachable(bytes: Uint8Array, start: number, end: number): void {
    this.stack.hostUnreachable(bytes, start, end)
  }

  /** A neighbour has been found, or does not answer: routers are chosen by it. */
  reachabilityChanged(neighbour: Neighbour, reachable: boolean): void {
    if (!neighbour.address.isV4) this.interface.ipv6?.reachabilityChanged(neighbour, reachable)
  }

  forEach(visit: (neighbour: Neighbour) => void): void {
    this.#entries.forEach(visit)
  }

  clear(): void {
    this.#entries.forEach((neighbour) => {
      this.#entries.delete(neighbour)
      neighbour.remove()
    })
  }

  // Those without an answer go first: else a scan of a large network would push out the default gateway. Then those that nothing was
  // sent to, then those that have not shown lately that they are there: else whoever asks for us under many names would. Looking for
  // them goes through the whole table: some go at once, or each frame of a flood would cost as much as a full table.
  #giveUpSome(): void {
    const entries = this.#entries
    const counts = this.#counts.fill(0)
    for (let entry = entries.oldest; entry !== null; entry = entry.mapNewer as Neighbour | null) {
      const worth = worthOf(entry.state)
      counts[worth] = (counts[worth] as number) + 1
    }
    // Of who is there for certain, no more than must.
    const unsure = entries.size - (counts[WORTH_MOST] as number)
    let left = Math.max(1, Math.min(this.stack.limits.neighbours >> 4, unsure))
    for (let worth = 0; left > 0 && worth <= WORTH_MOST; worth++) {
      let entry = (counts[worth] as number) === 0 ? null : entries.oldest
      while (entry !== null && left > 0) {
        const newer = entry.mapNewer as Neighbour | null
        if (worthOf(entry.state) === worth) {
          entries.delete(entry)
          entry.remove()
          left--
        }
        entry = newer
      }
    }
  }
}

const WORTH_MOST = 3

function worthOf(state: number): number {
  switch (state) {
    case NEIGHBOUR_NONE:
    case NEIGHBOUR_FAILED:
      return 0
    case NEIGHBOUR_STALE:
      return 1
    case NEIGHBOUR_REACHABLE:
      return WORTH_MOST
    default:
      return 2
  }
}
