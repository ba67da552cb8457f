// Read first: RFC 4862 section 5.5.4, RFC 8415 sections 18.2.10.1 (of an address no prefix is on the link) and 18.2.8.

import type { Alarm, Clock } from '../../base/clock.ts'
import type { ConfiguredInterface } from '../../base/configured-interface.ts'
import type { Dhcp6Address, Dhcp6Lease } from './dhcp6-lease.ts'

/** A day: an alarm rings again where there is more to wait. */
const LONGEST_WAIT = 86_400_000

/** The addresses of an interface that a lease gives it, each for as long as it says. */
export class Lease6Settings {
  readonly #interface: ConfiguredInterface
  readonly #clock: Clock
  readonly #alarm: Alarm
  readonly #addresses = new Map<string, Dhcp6Address>()

  constructor(configured: ConfiguredInterface, clock: Clock) {
    this.#interface = configured
    this.#clock = clock
    this.#alarm = clock.alarm(() => this.#age())
  }

  /** Gives the interface what it has not yet, and takes away what the lease does not have. The addresses that other hosts have. */
  async apply(lease: Dhcp6Lease, claim: boolean): Promise<string[]> {
    for (const address of this.#addresses.keys()) {
      if (!lease.addresses.some((one) => one.address === address)) this.#remove(address)
    }
    const claims = lease.addresses.map((one) => {
      const known = this.#addresses.has(one.address)
      this.#addresses.set(one.address, one)
      if (known) return true
      if (claim) return this.#interface.claimAddress(`${one.address}/128`)
      this.#interface.addAddress(`${one.address}/128`)
      return true
    })
    const usable = await Promise.all(claims)
    const others = lease.addresses.filter((_, i) => !usable[i]).map(({ address }) => address)
    for (const address of others) this.#addresses.delete(address)
    this.#age()
    return others
  }

  clear(): void {
    this.#alarm.clear()
    for (const address of this.#addresses.keys()) this.#remove(address)
  }

  #remove(address: string): void {
    this.#addresses.delete(address)
    this.#interface.removeAddress(`${address}/128`)
  }

  #age(): void {
    const now = this.#clock.now()
    let next = Number.POSITIVE_INFINITY
    for (const { address, preferredUntil, validUntil } of this.#addresses.values()) {
      if (validUntil <= now) {
        this.#remove(address)
        continue
      }
      this.#interface.deprecateAddress(`${address}/128`, preferredUntil <= now)
      next = Math.min(next, validUntil, preferredUntil <= now ? validUntil : preferredUntil)
    }
    if (next === Number.POSITIVE_INFINITY) this.#alarm.clear()
    else this.#alarm.set(Math.min(next, now + LONGEST_WAIT))
  }
}
