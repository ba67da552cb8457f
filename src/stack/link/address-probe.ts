// Read first: RFC 5227 sections 2.1 to 2.4.

import { randomFraction } from '../../base/random.ts'
import { Timer } from '../../base/timer-wheel.ts'
import type { InterfaceAddress } from './interface-address.ts'
import type { NetworkInterface } from './network-interface.ts'

// RFC 5227 section 1.1, in milliseconds.
const PROBE_WAIT = 1000
const PROBE_NUM = 3
const PROBE_MIN = 1000
const PROBE_MAX = 2000
const ANNOUNCE_WAIT = 2000
const ANNOUNCE_NUM = 2
const ANNOUNCE_INTERVAL = 2000

/** Asks whether an address that we want is in use already; when nobody says so, tells everybody that it is ours. */
export class AddressProbe extends Timer {
  readonly #interface: NetworkInterface
  readonly #address: InterfaceAddress
  readonly #decided: (usable: boolean) => void
  #probes = 0
  #announcements = 0

  /** `decided` is called once: true when the address is ours, false when another host has it. */
  constructor(networkInterface: NetworkInterface, address: InterfaceAddress, decided: (usable: boolean) => void) {
    super()
    this.#interface = networkInterface
    this.#address = address
    this.#decided = decided
  }

  start(): void {
    const { time, random } = this.#interface.stack
    time.refresh()
    time.set(this, Math.floor(PROBE_WAIT * randomFraction(random)))
  }

  /** Another host has the address, or probes for it as well. */
  conflict(): void {
    this.stop()
    this.#decided(false)
  }

  stop(): void {
    this.#interface.stack.time.clear(this)
  }

  override expire(): void {
    const { time, random } = this.#interface.stack
    const bits = this.#address.address.d
    if (this.#probes < PROBE_NUM) {
      this.#probes++
      this.#interface.sendArpProbe(bits)
      const wait = PROBE_MIN + Math.floor((PROBE_MAX - PROBE_MIN) * randomFraction(random))
      time.set(this, this.#probes < PROBE_NUM ? wait : ANNOUNCE_WAIT)
      return
    }
    if (this.#announcements === 0) this.#decided(true)
    this.#announcements++
    this.#interface.sendArpAnnouncement(bits)
    if (this.#announcements < ANNOUNCE_NUM) time.set(this, ANNOUNCE_INTERVAL)
  }
}
