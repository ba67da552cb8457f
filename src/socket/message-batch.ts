// Read first: recvmmsg(2), sendmmsg(2).

import { checkInteger } from '../base/argument.ts'
import { decodeSocketAddress, encodeSocketAddress, SocketAddress } from '../base/socket-address.ts'

/** Octets of each place for an address: a struct sockaddr_storage. */
export const NAME_LENGTH = 128

/**
 * Room for many datagrams, allocated once: what recvmmsg(2) fills and sendmmsg(2) sends, in one call for all of them. Places are
 * numbered from 0; each has `size` octets of data, a length, an address and flags. What was received can be sent back as it is:
 * address and length are in place.
 *
 * ```ts
 * const batch = new MessageBatch(64, 2048)
 * const count = await socket.recvmmsg(batch)
 * await socket.sendmmsg(batch, 0, count) // an echo
 * ```
 */
export class MessageBatch {
  /** How many datagrams there is room for. */
  readonly count: number
  /** Octets of data in each place. */
  readonly size: number
  /** All data, one place behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Octets of each datagram; received ones are cut to `size`. */
  readonly lengths: Int32Array<ArrayBuffer>
  /** MSG_TRUNC and the like, of each received datagram. */
  readonly flags: Int32Array<ArrayBuffer>
  /** The addresses as C has them, NAME_LENGTH octets for each, and their lengths; 0: none. */
  readonly names: Uint8Array<ArrayBuffer>
  readonly nameLengths: Int32Array<ArrayBuffer>
  /** What a provider keeps with the batch: the structs that point into it. */
  system: unknown = null

  /** RangeError unless `count` is 1 to 1024 (as many as one call takes, UIO_MAXIOV) and `size` 1 to 65536. */
  constructor(count: number, size: number) {
    checkInteger('count', count, 1, 1024)
    checkInteger('size', size, 1, 65536)
    this.count = count
    this.size = size
    this.bytes = new Uint8Array(new ArrayBuffer(count * size))
    this.lengths = new Int32Array(new ArrayBuffer(4 * count))
    this.flags = new Int32Array(new ArrayBuffer(4 * count))
    this.names = new Uint8Array(new ArrayBuffer(count * NAME_LENGTH))
    this.nameLengths = new Int32Array(new ArrayBuffer(4 * count))
  }

  /** The data of a place, as long as its datagram: a view. */
  data(place: number): Uint8Array<ArrayBuffer> {
    this.#check(place)
    const at = place * this.size
    return this.bytes.subarray(at, at + (this.lengths[place] as number))
  }

  /** Who sent the datagram, or to whom it goes; null where there is no address. A copy. */
  address(place: number): SocketAddress | null {
    this.#check(place)
    const address = new SocketAddress()
    const length = this.nameLengths[place] as number
    return decodeSocketAddress(address, this.names, place * NAME_LENGTH, length) ? address : null
  }

  /** Fills a place with a datagram to send: a copy of `data`, and where it goes; null: to the socket's peer. */
  set(place: number, data: Uint8Array, address: SocketAddress | null = null): void {
    this.#check(place)
    if (data.length > this.size) throw new RangeError(`data must have at most ${this.size} octets, got ${data.length}`)
    this.bytes.set(data, place * this.size)
    this.lengths[place] = data.length
    const at = place * NAME_LENGTH
    this.nameLengths[place] = address === null ? 0 : encodeSocketAddress(address, this.names, at)
  }

  #check(place: number): void {
    checkInteger('place', place, 0, this.count - 1)
  }
}
