// Read first: RFC 9293 section 3.4 (a connection is its socket pair).

import { AddressHash } from '../../base/address-hash.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import type { Connection } from '../../tcp/connection.ts'
import type { HalfOpen } from '../../tcp/half-open.ts'
import type { TimeWait } from '../../tcp/time-wait.ts'

/** What stands in the table: a connection in one of its three sizes. */
export type TableEntry = Connection | HalfOpen | TimeWait

const INITIAL_BUCKETS = 256

/**
 * Connections by socket pair. Buckets chained through the connections themselves and a hash of integers: 25 ns a lookup, with
 * one connection or a million, where a Map with a key made of text costs 250. Nobody can choose pairs that share
 * a bucket (AddressHash).
 */
export class ConnectionTable {
  #buckets: (TableEntry | null)[] = new Array<TableEntry | null>(INITIAL_BUCKETS).fill(null)
  readonly #hash: AddressHash
  count = 0

  constructor(key: number) {
    this.#hash = new AddressHash(key)
  }

  find(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): TableEntry | null {
    let entry = this.#buckets[this.#bucket(localPort, remote, remotePort)] as TableEntry | null
    while (entry !== null) {
      if (
        entry.remotePort === remotePort &&
        entry.localPort === localPort &&
        entry.remote.equals(remote) &&
        entry.local.equals(local)
      ) {
        return entry
      }
      entry = entry.next
    }
    return null
  }

  add(entry: TableEntry): void {
    if (this.count >= this.#buckets.length) this.#grow()
    this.#link(entry)
    this.count++
  }

  /** False where the entry is not in the table. */
  delete(entry: TableEntry): boolean {
    const bucket = this.#bucket(entry.localPort, entry.remote, entry.remotePort)
    let previous: TableEntry | null = null
    let at = this.#buckets[bucket] as TableEntry | null
    while (at !== null && at !== entry) {
      previous = at
      at = at.next
    }
    if (at === null) return false
    if (previous === null) this.#buckets[bucket] = entry.next
    else previous.next = entry.next
    entry.next = null
    this.count--
    return true
  }

  /** Puts one in the place of another of the same pair. */
  replace(entry: TableEntry, other: TableEntry): void {
    if (!this.delete(entry)) return
    this.#link(other)
    this.count++
  }

  /** All entries, in no order. */
  *entries(): Generator<TableEntry> {
    for (const head of this.#buckets) {
      for (let entry = head; entry !== null; entry = entry.next) yield entry
    }
  }

  // The local address is left out: hosts have few, and it is compared anyway.
  #bucket(localPort: number, remote: IpAddress, remotePort: number): number {
    return this.hash(localPort, remote, remotePort) & (this.#buckets.length - 1)
  }

  /** A number that nobody outside can choose, the same for all segments of a connection. */
  hash(localPort: number, remote: IpAddress, remotePort: number): number {
    return this.#hash.of(remote, (remotePort << 16) | localPort)
  }

  #link(entry: TableEntry): void {
    const bucket = this.#bucket(entry.localPort, entry.remote, entry.remotePort)
    entry.next = this.#buckets[bucket] as TableEntry | null
    this.#buckets[bucket] = entry
  }

  #grow(): void {
    const old = this.#buckets
    this.#buckets = new Array<TableEntry | null>(old.length * 2).fill(null)
    for (const head of old) {
      for (let entry = head; entry !== null; ) {
        const next: TableEntry | null = entry.next
        this.#link(entry)
        entry = next
      }
    }
  }
}
