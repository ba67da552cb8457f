// Read first: RFC 826, RFC 1122 section 2.3.2, RFC 4861 sections 7.2.5 and 7.3 (Linux uses its states for ARP as well).

import { EHOSTUNREACH } from '../../base/errno.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { randomFraction } from '../../base/random.ts'
import { Timer } from '../../base/timer-wheel.ts'
import { Offload } from '../../device/device.ts'
import { readIpv6Address } from '../../wire/ipv6.ts'
import type { AddressMapEntry } from '../ip/address-map.ts'
import type { NeighbourTable } from './neighbour-table.ts'

/** Nothing is known and nothing was asked. */
export const NEIGHBOUR_NONE = 0
/** Asked by broadcast, no answer yet: packets wait. */
export const NEIGHBOUR_INCOMPLETE = 1
/** Heard of lately. */
export const NEIGHBOUR_REACHABLE = 2
/** Known, but not heard of for a while. */
export const NEIGHBOUR_STALE = 3
/** Used while stale; waits a moment for a sign of life before it asks. */
export const NEIGHBOUR_DELAY = 4
/** Asked by unicast. */
export const NEIGHBOUR_PROBE = 5
/** Did not answer. */
export const NEIGHBOUR_FAILED = 6

/** RFC 4861 section 10, DELAY_FIRST_PROBE_TIME. */
const DELAY_TIME = 5000
/** RFC 4861 section 10, MAX_MULTICAST_SOLICIT and MAX_UNICAST_SOLICIT. */
const REQUESTS = 3
/** An entry that was just set is not overwritten: two hosts that claim an address shall not make it flap (as Linux). */
const LOCK_TIME = 1000

/** Where the source address lies in an IPv6 header. */
const IPV6_SOURCE_OFFSET = 8

/** Octets in front of a waiting packet: for the link's header and what a device puts before that. */
const WAITING_HEADROOM = 48

class WaitingPacket {
  readonly bytes: Uint8Array
  readonly offload: Offload = new Offload()

  constructor(bytes: Uint8Array, start: number, end: number, offload: Offload) {
    this.bytes = new Uint8Array(WAITING_HEADROOM + end - start)
    this.bytes.set(bytes.subarray(start, end), WAITING_HEADROOM)
    this.offload.set(offload)
  }
}

/** A host on the same link: its hardware address, how sure we are of it, and what waits for it. */
export class Neighbour extends Timer implements AddressMapEntry {
  readonly table: NeighbourTable
  readonly address: IpAddress
  mapNext: AddressMapEntry | null = null
  mapOlder: AddressMapEntry | null = null
  mapNewer: AddressMapEntry | null = null
  state: number = NEIGHBOUR_NONE
  /** The hardware address, as in wire/ethernet.ts. Holds in the states REACHABLE, STALE, DELAY and PROBE. */
  hardwareHigh = 0
  hardwareLow = 0
  /** RFC 4861 section 5.1: it has said that it is a router. */
  isRouter = false
  /** The table has given it up; who still holds it asks the table again. */
  removed = false
  #requests = 0
  #requestedAt = 0
  #everRequested = false
  #updatedAt = 0
  #reachableAt = 0
  #reachableUntil = 0
  #waiting: WaitingPacket[] = []
  #waitingBytes = 0

  constructor(table: NeighbourTable, address: IpAddress) {
    super()
    this.table = table
    this.address = address.copy()
  }

  /** Packets that wait for the hardware address. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Whether a frame can be sent to it now. Use in the state STALE starts the watch over its reachability. */
  use(): boolean {
    const state = this.state
    if (state === NEIGHBOUR_REACHABLE) {
      // No timer for it: an idle host would wake up for nothing. The clock may be as old as the last burst.
      if (((this.table.stack.time.now - this.#reachableUntil) | 0) < 0) return true
    } else if (state !== NEIGHBOUR_STALE) {
      return state === NEIGHBOUR_DELAY || state === NEIGHBOUR_PROBE
    }
    this.state = NEIGHBOUR_DELAY
    this.table.setTimer(this, DELAY_TIME)
    return true
  }

  /** Keeps a copy of the IP packet `bytes[start, end)` until the hardware address is known. 0, or -EHOSTUNREACH. */
  wait(bytes: Uint8Array, start: number, end: number, offload: Offload): number {
    const { stack } = this.table
    const unasked = this.state === NEIGHBOUR_NONE || this.state === NEIGHBOUR_FAILED
    if (unasked) {
      stack.time.refresh()
      const interval = this.table.requestInterval(this.address)
      if (this.#everRequested && ((stack.time.now - this.#requestedAt) | 0) < interval) return -EHOSTUNREACH
    }
    const { limits, counters } = stack
    const length = end - start
    this.#waiting.push(new WaitingPacket(bytes, start, end, offload))
    this.#waitingBytes += length
    // The newest is worth the most: RFC 1122 section 2.3.2.2.
    while (
      this.#waiting.length > 1 &&
      (this.#waiting.length > limits.neighbourPackets || this.#waitingBytes > limits.neighbourBytes)
    ) {
      const dropped = this.#waiting.shift() as WaitingPacket
      this.#waitingBytes -= dropped.bytes.length - WAITING_HEADROOM
      counters.neighbourDiscards++
    }
    // Not before the packet is kept: to ask is to send.
    if (unasked) {
      this.state = NEIGHBOUR_INCOMPLETE
      this.#requests = 0
      this.#ask(false)
    }
    return 0
  }

  /** Reads the source of the IPv6 packet that waits for the longest. False where none waits. */
  readWaitingSource(source: IpAddress): boolean {
    const first = this.#waiting[0]
    if (first === undefined) return false
    readIpv6Address(source, first.bytes, WAITING_HEADROOM + IPV6_SOURCE_OFFSET)
    return true
  }

  /**
   * ARP told its hardware address. `solicited`: in answer to a request of ours, so that it is surely there.
   */
  learn(hardwareHigh: number, hardwareLow: number, solicited: boolean): void {
    const { time } = this.table.stack
    const state = this.state
    const valid = this.#valid
    const asking = state === NEIGHBOUR_INCOMPLETE || state === NEIGHBOUR_PROBE || state === NEIGHBOUR_DELAY
    const same = hardwareHigh === this.hardwareHigh && hardwareLow === this.hardwareLow
    if (valid && !same && ((time.now - this.#updatedAt) | 0) < LOCK_TIME) return
    if (valid && same && !(solicited && asking)) return
    this.#set(hardwareHigh, hardwareLow)
    if (solicited && asking) this.#reachable()
    else this.#stale()
    this.#release()
  }

  /**
   * It named its hardware address in a message of its own (RFC 4861 sections 7.2.3, 6.2.6, 6.3.4), or a router named it (8.3).
   * That it can be reached is not proved by that.
   */
  heard(hardwareHigh: number, hardwareLow: number): void {
    if (this.#valid && hardwareHigh === this.hardwareHigh && hardwareLow === this.hardwareLow) return
    this.#set(hardwareHigh, hardwareLow)
    this.#stale()
    this.#release()
  }

  /**
   * An advertisement about it: RFC 4861 section 7.2.5. `named`: with a hardware address. One that nobody has asked for is of no
   * interest. Returns whether it was taken account of.
   */
  advertised(
    hardwareHigh: number,
    hardwareLow: number,
    named: boolean,
    solicited: boolean,
    override: boolean,
  ): boolean {
    if (this.state === NEIGHBOUR_INCOMPLETE) {
      if (!named) return false
      this.#set(hardwareHigh, hardwareLow)
      if (solicited) this.#reachable()
      else this.#stale()
      this.#release()
      return true
    }
    if (!this.#valid) return false
    const differs = named && (hardwareHigh !== this.hardwareHigh || hardwareLow !== this.hardwareLow)
    if (differs && !override) {
      if (this.state === NEIGHBOUR_REACHABLE) this.state = NEIGHBOUR_STALE
      return false
    }
    if (differs) this.#set(hardwareHigh, hardwareLow)
    if (solicited) this.#reachable()
    else if (differs) this.#stale()
    return true
  }

  /** A layer above has heard from it: acknowledgements came in for what was sent there. */
  confirm(): void {
    // Once a millisecond will do: to draw a time for each acknowledgement took a thirtieth of a round trip of 64 octets.
    if (this.state === NEIGHBOUR_REACHABLE && this.#reachableAt === this.table.stack.time.now) return
    if (this.#valid) this.#reachable()
  }

  override expire(): void {
    if (this.state === NEIGHBOUR_DELAY) {
      this.state = NEIGHBOUR_PROBE
      this.#requests = 0
      this.#ask(true)
    } else if (this.#requests < REQUESTS) {
      this.#ask(this.state === NEIGHBOUR_PROBE)
    } else {
      this.#fail()
    }
  }

  /** The table gives it up. */
  remove(): void {
    this.removed = true
    this.state = NEIGHBOUR_NONE
    this.table.stack.time.clear(this)
    this.table.stack.counters.neighbourDiscards += this.#waiting.length
    this.#waiting = []
    this.#waitingBytes = 0
  }

  get #valid(): boolean {
    return this.state >= NEIGHBOUR_REACHABLE && this.state <= NEIGHBOUR_PROBE
  }

  #set(hardwareHigh: number, hardwareLow: number): void {
    this.hardwareHigh = hardwareHigh
    this.hardwareLow = hardwareLow
    this.#updatedAt = this.table.stack.time.now
  }

  #stale(): void {
    this.state = NEIGHBOUR_STALE
    this.table.stack.time.clear(this)
  }

  #reachable(): void {
    const { time, random } = this.table.stack
    this.state = NEIGHBOUR_REACHABLE
    this.#reachableAt = time.now
    time.clear(this)
    // RFC 4861 section 6.3.2: uniformly between 0.5 and 1.5 times the base, so that hosts do not probe in step.
    this.#reachableUntil = (time.now + this.table.reachableTime(this.address) * (0.5 + randomFraction(random))) | 0
  }

  #ask(unicast: boolean): void {
    const { time } = this.table.stack
    this.#requests++
    this.#requestedAt = time.now
    this.#everRequested = true
    this.table.setTimer(this, this.table.requestInterval(this.address))
    this.table.request(this, unicast)
  }

  #fail(): void {
    const { counters } = this.table.stack
    this.state = NEIGHBOUR_FAILED
    counters.neighbourFailures++
    const waiting = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    counters.neighbourDiscards += waiting.length
    this.table.reachabilityChanged(this, false)
    for (const packet of waiting) this.table.unreachable(packet.bytes, WAITING_HEADROOM, packet.bytes.length)
  }

  #release(): void {
    this.table.reachabilityChanged(this, true)
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    this.#waitingBytes = 0
    for (const packet of waiting) {
      this.table.send(this, packet.bytes, WAITING_HEADROOM, packet.bytes.length, packet.offload)
    }
  }
}
