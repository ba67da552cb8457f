import { ByteRing } from '../../base/byte-ring.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import type { IpPacket } from '../ip/ip-packet.ts'

/** What a waiting datagram costs of the receive buffer beside its octets: its record, here, and a fair share of the rest. */
export const DATAGRAM_COST = 64

// A record is so many int32; `push` and the getters know which is what.
const RECORD_LENGTH = 20
const RECORDS_AT_FIRST = 4
const EMPTY = new Int32Array(0)

/**
 * Datagrams that wait to be received. Their octets lie in one ring, headers that somebody wants to see in front of them, and what
 * else is known of them in another: nothing is allocated for a datagram.
 */
export class DatagramQueue {
  readonly #ring = new ByteRing()
  #records = EMPTY
  #capacity = 0
  #head = 0
  /** The one that is looked at, counted from the head, and where its octets begin in the ring. */
  #cursor = 0
  #cursorAt = 0
  /** How many wait. */
  count = 0
  /** What they take of the receive buffer. */
  cost = 0

  /**
   * Copies `packet.bytes[start, end)`, which came from `port`, to the end, and what the packet has between the IP header and
   * `payloadStart` where `headers` says so. False where there is no room within `limit`.
   */
  push(packet: IpPacket, start: number, end: number, port: number, limit: number, headers: boolean): boolean {
    const { source, destination, bytes } = packet
    const headersAt = packet.start + (packet.version === 4 ? 20 : 40)
    const headersLength = headers ? packet.payloadStart - headersAt : 0
    const length = end - start
    const cost = length + headersLength + DATAGRAM_COST
    // One is always taken, however small the buffer: as Linux, where else nothing could ever be received.
    if (this.count > 0 && this.cost + cost > limit) return false
    if (this.count === this.#capacity) this.#grow()
    const records = this.#records
    const at = ((this.#head + this.count) & (this.#capacity - 1)) * RECORD_LENGTH
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
    records[at + 13] = packet.flowLabel
    records[at + 14] = headersLength
    // The type of the first header: of IPv6, what the fixed header names.
    records[at + 15] = bytes[packet.start + 6] as number
    if (headersLength > 0) this.#ring.write(bytes, headersAt, packet.payloadStart)
    this.#ring.write(bytes, start, end)
    this.count++
    this.cost += cost
    return true
  }

  /** Notes of the newest when it came, how many had been dropped by then, and the size of its pieces. */
  note(seconds: number, nanoseconds: number, drops: number, segmentSize: number): void {
    const at = ((this.#head + this.count - 1) & (this.#capacity - 1)) * RECORD_LENGTH
    this.#records[at + 16] = seconds
    this.#records[at + 17] = nanoseconds
    this.#records[at + 18] = drops
    this.#records[at + 19] = segmentSize
  }

  /**
   * Looks at the datagram in which the octet `offset` of all that wait lies, and returns where in it; −1 where there is none. The
   * getters tell of the first one again after `drop` and `rewind`.
   */
  seek(offset: number): number {
    this.rewind()
    let left = offset
    while (this.#cursor < this.count) {
      const { length } = this
      // One without octets is looked at once, at the start: an offset does not move past it.
      if (left < length || (offset === 0 && length === 0)) return left
      left -= length
      this.#cursorAt += length + this.headersLength
      this.#cursor++
    }
    this.rewind()
    return -1
  }

  rewind(): void {
    this.#cursor = 0
    this.#cursorAt = 0
  }

  // Of the datagram looked at, the first one mostly. There is one.

  get length(): number {
    return this.#field(0)
  }

  get port(): number {
    return this.#field(1)
  }

  get isV4(): boolean {
    return this.#field(2) === 0 && this.#field(3) === 0 && this.#field(4) === 0xffff
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

  get flowLabel(): number {
    return this.#field(13)
  }

  get headersLength(): number {
    return this.#field(14)
  }

  get firstHeader(): number {
    return this.#field(15)
  }

  get seconds(): number {
    return this.#field(16)
  }

  get nanoseconds(): number {
    return this.#field(17)
  }

  get drops(): number {
    return this.#field(18)
  }

  get segmentSize(): number {
    return this.#field(19)
  }

  source(into: IpAddress): void {
    this.#address(2, into)
  }

  destination(into: IpAddress): void {
    this.#address(6, into)
  }

  /** Copies `length` octets from `offset` on to `into` at `at`. */
  peek(offset: number, length: number, into: Uint8Array, at: number): void {
    this.#ring.peek(this.#cursorAt + this.headersLength + offset, length, into, at)
  }

  /** The headers that were kept of it, in memory of their own. */
  headers(): Uint8Array {
    const bytes = new Uint8Array(this.headersLength)
    this.#ring.peek(this.#cursorAt, bytes.length, bytes, 0)
    return bytes
  }

  /** Forgets the first. */
  drop(): void {
    this.rewind()
    const length = this.length + this.headersLength
    this.#ring.drop(length)
    this.cost -= length + DATAGRAM_COST
    this.count--
    this.#head = (this.#head + 1) & (this.#capacity - 1)
  }

  /** Forgets all and gives the memory back. */
  clear(): void {
    this.rewind()
    this.#ring.free()
    this.#records = EMPTY
    this.#capacity = 0
    this.#head = 0
    this.count = 0
    this.cost = 0
  }

  #field(index: number): number {
    return this.#records[((this.#head + this.#cursor) & (this.#capacity - 1)) * RECORD_LENGTH + index] as number
  }

  #address(index: number, into: IpAddress): void {
    into.a = this.#field(index)
    into.b = this.#field(index + 1)
    into.c = this.#field(index + 2)
    into.d = this.#field(index + 3)
  }

  #grow(): void {
    const old = this.#records
    const grown = new Int32Array(old.length === 0 ? RECORDS_AT_FIRST * RECORD_LENGTH : 2 * old.length)
    const from = this.#head * RECORD_LENGTH
    grown.set(old.subarray(from))
    grown.set(old.subarray(0, from), old.length - from)
    this.#records = grown
    this.#capacity = grown.length / RECORD_LENGTH
    this.#head = 0
  }
}
