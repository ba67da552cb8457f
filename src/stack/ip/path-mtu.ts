// Read first: RFC 1191 sections 3 to 7, RFC 5927 section 7.

import type { IpAddress } from '../../base/ip-address.ts'
import { Timer } from '../../base/timer-wheel.ts'
import type { LeanStack } from '../lean-stack.ts'
import { AddressMap, AddressMapEntry } from './address-map.ts'

/** We differ: nothing smaller is believed (RFC 1191: 68), as Linux's min_pmtu, so that no forged message makes packets tiny. */
export const PATH_MTU_MIN = 552
/** RFC 1191 section 6.3: larger ones are tried again after 10 minutes. */
const AGE = 600_000
/** RFC 1191 section 7.1. */
const PLATEAUS = Int32Array.of(32000, 17914, 8166, 4352, 2002, 1492, 1006, 508)

/**
 * The MTU to believe of a router that could not forward a packet of `length` octets and named `mtu` as that of the next hop,
 * or 0 if it is too old to (RFC 1191 section 5).
 */
export function pathMtuOf(mtu: number, length: number): number {
  let limit = mtu
  if (limit === 0) {
    let i = 0
    while (i < PLATEAUS.length - 1 && (PLATEAUS[i] as number) >= length) i++
    limit = PLATEAUS[i] as number
  }
  return Math.max(limit, PATH_MTU_MIN)
}

class PathMtu extends AddressMapEntry {
  override readonly address: IpAddress
  mtu: number
  setAt: number

  constructor(address: IpAddress, mtu: number, setAt: number) {
    super()
    this.address = address.copy()
    this.mtu = mtu
    this.setAt = setAt
  }
}

/** What was learnt of paths whose MTU is smaller than that of our link. It is the timer of its oldest entry as well. */
export class PathMtuTable extends Timer {
  readonly #stack: LeanStack
  /** In the order in which they were set, so that the oldest is the next to age. */
  readonly #entries: AddressMap<PathMtu>

  constructor(stack: LeanStack) {
    super()
    this.#stack = stack
    this.#entries = new AddressMap(stack.random.int32())
  }

  get size(): number {
    return this.#entries.size
  }

  /** The MTU of the path to `destination`, `linkMtu` where nothing smaller is known. */
  get(destination: IpAddress, linkMtu: number): number {
    if (this.#entries.size === 0) return linkMtu
    const entry = this.#entries.get(destination)
    return entry === null ? linkMtu : Math.min(entry.mtu, linkMtu)
  }

  /**
   * The path to `destination` carries no more than `mtu` octets (`pathMtuOf` a report). Returns whether that is news: a
   * report never makes a path wider (RFC 1191 section 3).
   */
  reduce(destination: IpAddress, mtu: number, linkMtu: number): boolean {
    if (mtu >= this.get(destination, linkMtu)) return false
    const entry = this.#entries.get(destination)
    if (this.#entries.size === 0) this.#stack.time.set(this, AGE)
    if (entry === null) {
      if (this.#entries.size >= this.#stack.limits.pathMtus) {
        const { oldest } = this.#entries
        if (oldest !== null) this.#entries.delete(oldest)
      }
      this.#entries.add(new PathMtu(destination, mtu, this.#stack.time.now))
    } else {
      entry.mtu = mtu
      entry.setAt = this.#stack.time.now
      this.#entries.touch(entry)
    }
    return true
  }

  override expire(): void {
    const { time } = this.#stack
    for (let { oldest } = this.#entries; oldest !== null; oldest = this.#entries.oldest) {
      const left = (AGE - ((time.now - oldest.setAt) | 0)) | 0
      if (left > 0) {
        time.set(this, left)
        return
      }
      this.#entries.delete(oldest)
      this.#stack.pathChanged(oldest.address)
    }
  }

  clear(): void {
    this.#stack.time.clear(this)
    this.#entries.clear()
  }
}
