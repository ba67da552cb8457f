// Read first: RFC 1812 section 4.3.2.8.

import type { IpAddress } from '../../base/ip-address.ts'
import { randomBelow } from '../../base/random.ts'
import type { LeanStack } from '../lean-stack.ts'
import { AddressMap, AddressMapEntry } from './address-map.ts'

class Bucket extends AddressMapEntry {
  override readonly address: IpAddress
  tokens: number
  filledAt: number

  constructor(address: IpAddress, tokens: number, filledAt: number) {
    super()
    this.address = address.copy()
    this.tokens = tokens
    this.filledAt = filledAt
  }
}

/** Token buckets for ICMP errors: one for all, and one for each destination. */
export class IcmpRateLimit {
  readonly #stack: LeanStack
  readonly #buckets: AddressMap<Bucket>
  #tokens: number
  #filledAt: number

  constructor(stack: LeanStack) {
    this.#stack = stack
    this.#buckets = new AddressMap(stack.random.int32())
    this.#tokens = stack.limits.icmpBurst
    this.#filledAt = stack.time.now
  }

  /** Whether an error may be sent to `destination` now; if so it counts as sent. */
  allow(destination: IpAddress): boolean {
    // As Linux: what does not leave the host floods nobody.
    if (this.#stack.isOwnAddress(destination)) return true
    const { limits, time } = this.#stack
    const elapsed = (time.now - this.#filledAt) | 0
    const gained = Math.floor((elapsed * limits.icmpRate) / 1000)
    if (elapsed < 0 || gained > 0) {
      this.#tokens = Math.min(limits.icmpBurst, this.#tokens + (elapsed < 0 ? limits.icmpBurst : gained))
      this.#filledAt = time.now
    }
    if (this.#tokens < 1) return false
    if (!this.#takeFrom(destination)) return false
    // Now and then one more: a bound that is exact is a counter that anybody can read from outside (CVE-2020-25705).
    this.#tokens = Math.max(0, this.#tokens - 1 - (randomBelow(this.#stack.random, 4) === 0 ? 1 : 0))
    return true
  }

  #takeFrom(destination: IpAddress): boolean {
    const { limits, time } = this.#stack
    const bucket = this.#buckets.get(destination)
    if (bucket === null) {
      if (limits.icmpDestinationBurst === 0) return false
      if (this.#buckets.size >= limits.icmpDestinations) {
        const { oldest } = this.#buckets
        if (oldest !== null) this.#buckets.delete(oldest)
      }
      this.#buckets.add(new Bucket(destination, limits.icmpDestinationBurst - 1, time.now))
      return true
    }
    this.#buckets.touch(bucket)
    const gained = Math.floor(((time.now - bucket.filledAt) >>> 0) / limits.icmpInterval)
    if (gained > 0) {
      bucket.tokens = Math.min(limits.icmpDestinationBurst, bucket.tokens + gained)
      bucket.filledAt = time.now
    }
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }
}
