// Read first: RFC 1035 section 4.1.4, RFC 3597 section 4, RFC 6762 section 18.14.
//
// The codec writes every name whole. Here the ends of names that came before are written as pointers to them: owners, and names in the
// data of those types whose readers have always known to expect it.

import { write16 } from '../../base/bytes.ts'
import {
  findBounds,
  HEADER_LENGTH,
  TYPE_CNAME,
  TYPE_MX,
  TYPE_NS,
  TYPE_PTR,
  TYPE_SOA,
  TYPE_SRV,
} from './message-bounds.ts'

/** A pointer has 14 bits. */
const FARTHEST = 0x3fff

class Shortened {
  readonly bytes: Uint8Array
  #at = 0
  readonly #from: Uint8Array
  /** Where ends of names are, by their octets: letters stay as they were written. */
  readonly #places = new Map<string, number>()

  constructor(from: Uint8Array) {
    this.#from = from
    this.bytes = new Uint8Array(from.length)
  }

  get length(): number {
    return this.#at
  }

  copy(start: number, end: number): void {
    this.bytes.set(this.#from.subarray(start, end), this.#at)
    this.#at += end - start
  }

  /** Writes the name at `start`, which has no pointers, and says where it ends. */
  name(start: number): number {
    let end = start
    while (this.#from[end] !== 0) end += 1 + (this.#from[end] as number)
    end++
    for (let here = start; this.#from[here] !== 0; here += 1 + (this.#from[here] as number)) {
      const rest = String.fromCharCode(...this.#from.subarray(here, end))
      const place = this.#places.get(rest)
      if (place !== undefined) {
        write16(this.bytes, this.#at, 0xc000 | place)
        this.#at += 2
        return end
      }
      if (this.#at <= FARTHEST) this.#places.set(rest, this.#at)
      this.copy(here, here + 1 + (this.#from[here] as number))
    }
    this.bytes[this.#at++] = 0
    return end
  }

  patchLength(place: number): void {
    write16(this.bytes, place, this.#at - place - 2)
  }
}

/** The message in `bytes`, in which no name is compressed, with its names compressed. `services`: also those of SRV records. */
export function compressNames(bytes: Uint8Array, services = false): Uint8Array {
  const { questionEnds, answers, authorities, additionals } = findBounds(bytes, OWN_LIMITS)
  const to = new Shortened(bytes)
  to.copy(0, HEADER_LENGTH)
  let at = HEADER_LENGTH
  for (const end of questionEnds) {
    to.copy(to.name(at), end)
    at = end
  }
  for (const section of [answers, authorities, additionals]) {
    for (const { start, type, dataStart, end } of section) {
      to.name(start)
      to.copy(dataStart - 10, dataStart)
      const lengthAt = to.length - 2
      let rest = dataStart
      if (type === TYPE_NS || type === TYPE_CNAME || type === TYPE_PTR) rest = to.name(rest)
      else if (type === TYPE_SOA) rest = to.name(to.name(rest))
      else if (type === TYPE_MX || (services && type === TYPE_SRV)) {
        const fixed = type === TYPE_MX ? 2 : 6
        to.copy(rest, rest + fixed)
        rest = to.name(rest + fixed)
      }
      to.copy(rest, end)
      to.patchLength(lengthAt)
    }
  }
  return to.bytes.subarray(0, to.length)
}

// What was written here is no attack.
const OWN_LIMITS = { questions: 65_535, records: 65_535 }
