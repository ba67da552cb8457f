import { AddressHash } from '../../base/address-hash.ts'
import type { IpAddress } from '../../base/ip-address.ts'

/** What an AddressMap keeps of a value: values extend it, so that looking up allocates nothing. */
export abstract class AddressMapEntry {
  abstract readonly address: IpAddress
  /** The next with the same hash. */
  mapNext: AddressMapEntry | null = null
  mapOlder: AddressMapEntry | null = null
  mapNewer: AddressMapEntry | null = null
}

/**
 * A table by IP address that knows the order in which its entries were last used, so that a full one can give up its oldest.
 * The key makes the hash another in every stack: a stranger who chooses addresses cannot choose collisions.
 */
export class AddressMap<T extends AddressMapEntry> {
  readonly #hash: AddressHash
  readonly #buckets = new Map<number, T>()
  #oldest: T | null = null
  #newest: T | null = null
  #size = 0

  constructor(key: number) {
    this.#hash = new AddressHash(key)
  }

  get size(): number {
    return this.#size
  }

  /** The entry unused for the longest; null where the table is empty. */
  get oldest(): T | null {
    return this.#oldest
  }

  get(address: IpAddress): T | null {
    let entry = (this.#buckets.get(this.#key(address)) ?? null) as AddressMapEntry | null
    while (entry !== null && !entry.address.equals(address)) entry = entry.mapNext
    return entry as T | null
  }

  /** Enters an entry whose address is not in the table yet, as the newest. */
  add(entry: T): void {
    const hash = this.#key(entry.address)
    entry.mapNext = this.#buckets.get(hash) ?? null
    this.#buckets.set(hash, entry)
    this.#append(entry)
    this.#size++
  }

  /** Takes an entry of the table out. */
  delete(entry: T): void {
    const hash = this.#key(entry.address)
    let at = (this.#buckets.get(hash) ?? null) as AddressMapEntry | null
    if (at === entry) {
      if (entry.mapNext === null) this.#buckets.delete(hash)
      else this.#buckets.set(hash, entry.mapNext as T)
    } else {
      while (at !== null && at.mapNext !== entry) at = at.mapNext
      if (at === null) return
      at.mapNext = entry.mapNext
    }
    entry.mapNext = null
    this.#detach(entry)
    this.#size--
  }

  /** Makes an entry of the table the newest. */
  touch(entry: T): void {
    if (this.#newest === entry) return
    this.#detach(entry)
    this.#append(entry)
  }

  /** Calls `visit` for each entry, the oldest first; `visit` may delete the one it is given. */
  forEach(visit: (entry: T) => void): void {
    let entry = this.#oldest as AddressMapEntry | null
    while (entry !== null) {
      const next = entry.mapNewer
      visit(entry as T)
      entry = next
    }
  }

  clear(): void {
    this.forEach((entry) => {
      this.delete(entry)
    })
  }

  // The keys of a Map of small integers.
  #key(address: IpAddress): number {
    return this.#hash.of(address) & 0x3fffffff
  }

  #append(entry: T): void {
    entry.mapOlder = this.#newest
    entry.mapNewer = null
    if (this.#newest === null) this.#oldest = entry
    else this.#newest.mapNewer = entry
    this.#newest = entry
  }

  #detach(entry: T): void {
    const older = entry.mapOlder as T | null
    const newer = entry.mapNewer as T | null
    if (older === null) this.#oldest = newer
    else older.mapNewer = newer
    if (newer === null) this.#newest = older
    else newer.mapOlder = older
    entry.mapOlder = null
    entry.mapNewer = null
  }
}
