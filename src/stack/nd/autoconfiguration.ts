// Read first: RFC 4862 section 5.5, RFC 7217, RFC 8981 sections 3.4 to 3.6 and 3.8.

import type { IpAddress } from '../../base/ip-address.ts'
import { randomFraction } from '../../base/random.ts'
import type { AddressOrigin, InterfaceAddress } from '../link/interface-address.ts'
import type { Ipv6Interface } from './ipv6-interface.ts'
import { STABLE_RETRIES } from './link-local-origin.ts'
import { randomAddress } from './stable-identifiers.ts'

/** Milliseconds. RFC 4862 section 5.5.3 e: nobody can cut a valid lifetime shorter. */
const TWO_HOURS = 7_200_000
/** RFC 8981 section 3.8. */
const TEMPORARY_VALID = 2 * 86_400_000
const TEMPORARY_PREFERRED = 86_400_000
const DESYNC_MAX = 0.4 * TEMPORARY_PREFERRED
const TEMPORARY_RETRIES = 3

/** The addresses of one interface with one prefix that routers have advertised for that. Instants are the stack's clock's. */
export class AutoconfiguredPrefix implements AddressOrigin {
  readonly prefix: IpAddress
  readonly #ipv6: Ipv6Interface
  /** What the advertisements say, after the two-hour rule. */
  #validUntil = 0
  #preferredUntil = 0
  #stable: InterfaceAddress | null = null
  /** DAD_Counter of RFC 7217. */
  #stableCounter = 0
  /** The newest is the last; the others are on their way to being deprecated, or are. */
  readonly #temporaries: TemporaryAddress[] = []
  #temporaryFailures = 0

  constructor(ipv6: Ipv6Interface, prefix: IpAddress) {
    this.#ipv6 = ipv6
    this.prefix = prefix
  }

  get validUntil(): number {
    return this.#validUntil
  }

  /** For a new prefix: makes its addresses. */
  begin(validUntil: number, preferredUntil: number, now: number): void {
    this.#validUntil = validUntil
    this.#preferredUntil = preferredUntil
    this.#formStable()
    this.renew(now)
  }

  /** A router has advertised the prefix again. */
  update(validUntil: number, preferredUntil: number, now: number): void {
    // RFC 4862 section 5.5.3 e.
    if (validUntil - now > TWO_HOURS || validUntil > this.#validUntil) this.#validUntil = validUntil
    else if (this.#validUntil - now > TWO_HOURS) this.#validUntil = now + TWO_HOURS
    this.#preferredUntil = preferredUntil
    if (this.#stable !== null) this.#give(this.#stable, this.#validUntil, this.#preferredUntil, now)
    for (const temporary of this.#temporaries) {
      // RFC 8981 section 3.4, step 2.
      const valid = Math.min(this.#validUntil, temporary.madeAt + TEMPORARY_VALID)
      const preferred = Math.min(this.#preferredUntil, temporary.preferredAtMost)
      this.#give(temporary.entry, valid, preferred, now)
    }
    this.renew(now)
  }

  /** Deprecates and removes what has had its time, and makes a temporary address where one will be needed soon. */
  renew(now: number): void {
    if (this.#stable !== null) this.#age(this.#stable, now)
    for (const temporary of [...this.#temporaries]) this.#age(temporary.entry, now)
    if (!this.#ipv6.temporaryAddresses || this.#temporaryFailures > TEMPORARY_RETRIES) return
    const newest = this.#temporaries.at(-1)
    if (newest === undefined || newest.entry.preferredUntil - this.#advance <= now) this.#formTemporary(now)
  }

  /** When `renew` has something to do next. */
  nextAt(now: number): number {
    let next = this.#validUntil
    const consider = (at: number): void => {
      if (at > now && at < next) next = at
    }
    if (this.#stable !== null) {
      consider(this.#stable.preferredUntil)
      consider(this.#stable.validUntil)
    }
    for (const { entry } of this.#temporaries) {
      consider(entry.preferredUntil)
      consider(entry.preferredUntil - this.#advance)
      consider(entry.validUntil)
    }
    return next
  }

  accepted(entry: InterfaceAddress): void {
    if (entry.temporary) this.#temporaryFailures = 0
  }

  refused(entry: InterfaceAddress): boolean {
    const now = this.#ipv6.interface.stack.clock.now()
    if (entry.temporary) {
      this.#temporaryFailures++
      const again = this.#temporaryFailures <= TEMPORARY_RETRIES && this.#formTemporary(now)
      // Its lifetime is another than that of the one it stands in for.
      this.#ipv6.discovery?.schedule()
      return again
    }
    if (this.#stableCounter >= STABLE_RETRIES) return false
    this.#stableCounter++
    this.#formStable()
    return true
  }

  dropped(entry: InterfaceAddress): void {
    if (entry === this.#stable) this.#stable = null
    const index = this.#temporaries.findIndex((temporary) => temporary.entry === entry)
    if (index >= 0) this.#temporaries.splice(index, 1)
  }

  /** REGEN_ADVANCE, in milliseconds. */
  get #advance(): number {
    return 2000 + TEMPORARY_RETRIES * this.#ipv6.retransmitTime
  }

  #formStable(): void {
    const { stack, name } = this.#ipv6.interface
    const address = stack.stableIdentifiers.address(this.prefix, name, this.#stableCounter)
    this.#stable = this.#ipv6.form(address, this)
    this.#give(this.#stable, this.#validUntil, this.#preferredUntil, stack.clock.now())
  }

  // RFC 8981 section 3.4, steps 4 to 7. Returns whether it was made.
  #formTemporary(now: number): boolean {
    const { stack } = this.#ipv6.interface
    const preferredAtMost = now + TEMPORARY_PREFERRED - Math.floor(DESYNC_MAX * randomFraction(stack.random))
    const preferred = Math.min(this.#preferredUntil, preferredAtMost)
    if (preferred - now <= this.#advance || this.#ipv6.formedAddresses >= stack.limits.advertisedAddresses) return false
    const entry = this.#ipv6.form(randomAddress(this.prefix, stack.random), this)
    entry.temporary = true
    this.#temporaries.push(new TemporaryAddress(entry, now, preferredAtMost))
    this.#give(entry, Math.min(this.#validUntil, now + TEMPORARY_VALID), preferred, now)
    return true
  }

  #give(entry: InterfaceAddress, validUntil: number, preferredUntil: number, now: number): void {
    entry.validUntil = validUntil
    entry.preferredUntil = preferredUntil
    entry.deprecated = preferredUntil <= now
    // Sources are chosen by that.
    this.#ipv6.interface.stack.tablesChanged()
  }

  #age(entry: InterfaceAddress, now: number): void {
    const { stack } = this.#ipv6.interface
    if (entry.validUntil <= now) {
      stack.removeAddress(this.#ipv6.interface, entry)
    } else if (!entry.deprecated && entry.preferredUntil <= now) {
      entry.deprecated = true
      stack.tablesChanged()
    }
  }
}

class TemporaryAddress {
  readonly entry: InterfaceAddress
  readonly madeAt: number
  /** Whatever routers say: RFC 8981's bound, made with the address's own DESYNC_FACTOR. */
  readonly preferredAtMost: number

  constructor(entry: InterfaceAddress, madeAt: number, preferredAtMost: number) {
    this.entry = entry
    this.madeAt = madeAt
    this.preferredAtMost = preferredAtMost
  }
}

/** The addresses of one interface that it forms with prefixes of routers. */
export class Autoconfiguration {
  readonly #ipv6: Ipv6Interface
  #prefixes: AutoconfiguredPrefix[] = []

  constructor(ipv6: Ipv6Interface) {
    this.#ipv6 = ipv6
  }

  /** A router has advertised the prefix, which must have 64 bits (RFC 4862 section 5.5.3 d). */
  update(prefix: IpAddress, validUntil: number, preferredUntil: number, now: number): void {
    const known = this.#prefixes.find((other) => other.prefix.equals(prefix))
    if (known !== undefined) {
      known.update(validUntil, preferredUntil, now)
      return
    }
    const { limits } = this.#ipv6.interface.stack
    // Addresses that are in use are not given up for new ones: a full table takes no more, as Linux's max_addresses.
    if (validUntil <= now || this.#ipv6.formedAddresses >= limits.advertisedAddresses) return
    const added = new AutoconfiguredPrefix(this.#ipv6, prefix)
    this.#prefixes.push(added)
    added.begin(validUntil, preferredUntil, now)
  }

  expire(now: number): void {
    for (const prefix of this.#prefixes) prefix.renew(now)
    this.#prefixes = this.#prefixes.filter((prefix) => prefix.validUntil > now)
  }

  nextAt(now: number): number {
    return Math.min(...this.#prefixes.map((prefix) => prefix.nextAt(now)))
  }
}
