import { ByteRing } from '../../base/byte-ring.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import type { IpPacket } from '../ip/ip-packet.ts'

/** What a waiting datagram costs of the receive buffer beside its octets: its record, here, and a fair share of the rest. */
export const DATAGRAM_COST = 64

// A record is 16 int32; `push` and `load` know which is what.
const RECORD_SHIFT = 4
const RECORDS_AT_FIRST = 4
const EMPTY = new Int32Array(0)

/**
 * Datagrams that wait to be received. Their octets lie in one ring and what else is known of them in another: nothing is
 * allocated for a datagram.
 */
export class DatagramQueue {
  readonly #ring = new ByteRing()
  #records = EMPTY
  #head = 0
  /** How many wait. */
  count = 0
  /** What they take of the receive buffer. */
  cost = 0

  /** Copies `packet.bytes[start, end)`, which came from `port`, to the end. False where there is no room within `limit`. */
  push(packet: IpPacket, start: number, end: number, port: number, limit: number): boolean {
    const length = end - start
    // One is always taken, however small the buffer: as Linux, where else nothing could ever be received.
    if (this.count > 0 && this.cost + length + DATAGRAM_COST > limit) return false
    if (this.count << RECORD_SHIFT === this.#records.length) this.#grow()
    const records = this.#records
    const mask = (records.length >>> RECORD_SHIFT) - 1
    const at = ((this.#head + this.count) & mask) << RECORD_SHIFT
    const { source, destination } = packet
    records[at] = length
    records[at + 1] = port
    records[at + 2] = source.a
    records[at + 3] = source.b
    records[at + 4] = source.c
    records[at + 5] = source.d
    records[at + 6] = destination.a
    records[at + 7] = destination.b
    records[at + 8] = destination.c
    records[at + 9] = destination.d
    records[at + 10] = packet.ttl
    records[at + 11] = packet.tos
    records[at + 12] = packet.interface?.index ?? 0
    this.#ring.write(packet.bytes, start, end)
    this.count++
    this.cost += length + DATAGRAM_COST
    return true
  }

  // Of the first datagram. There is one.

  get length(): number {
    return this.#records[this.#head << RECORD_SHIFT] as number
  }

  get port(): number {
    return this.#field(1)
  }

  get ttl(): number {
    return this.#field(10)
  }

  get tos(): number {
    return this.#field(11)
  }

  get interfaceIndex(): number {
    return this.#field(12)
  }

  source(into: IpAddress): void {
    this.#address(2, into)
  }

  destination(into: IpAddress): void {
    this.#address(6, into)
  }

  /** Copies `length` octets from `offset` on to `into` at `at`. */
  peek(offset: number, length: number, into: Uint8Array, at: number): void {
    this.#ring.peek(offset, length, into, at)
  }

  /** Forgets it. */
  drop(): void {
    const { length } = this
    this.#ring.drop(length)
    this.cost -= length + DATAGRAM_COST
    this.count--
    this.#head = (this.#head + 1) & ((this.#records.length >>> RECORD_SHIFT) - 1)
  }

  /** Forgets all and gives the memory back. */
  clear(): void {
    this.#ring.free()
    this.#records = EMPTY
    this.#head = 0
    this.count = 0
    this.cost = 0
  }

  #field(index: number): number {
    return this.#records[(this.#head << RECORD_SHIFT) + index] as number
  }

  #address(index: number, into: IpAddress): void {
    into.a = this.#field(index)
    into.b = this.#field(index + 1)
    into.c = this.#field(index + 2)
    into.d = this.#field(index + 3)
  }

  #grow(): void {
    const old = this.#records
    const grown = new Int32Array(old.length === 0 ? RECORDS_AT_FIRST << RECORD_SHIFT : 2 * old.length)
    const from = this.#head << RECORD_SHIFT
    grown.set(old.subarray(from))
    grown.set(old.subarray(0, from), old.length - from)
    this.#records = grown
    this.#head = 0
  }
}
