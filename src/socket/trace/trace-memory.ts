// Octets in JavaScript have no address, but strace prints one where a call has left its buffer untouched.

const START = 0x7f00_0000_1000
const ALIGNMENT = 16

/** Makes up addresses: the same for the same octets, another for others, and no more than that. */
export class TraceMemory {
  readonly #bases = new WeakMap<object, number>()
  #next = START

  /** Of the octet at `offset` of the view. */
  ofBytes(bytes: Uint8Array, offset = 0): string {
    return hex(this.#base(bytes.buffer, bytes.buffer.byteLength) + bytes.byteOffset + offset)
  }

  /** Of a thing that C keeps in `size` octets. */
  ofObject(object: object, size: number): string {
    return hex(this.#base(object, size))
  }

  #base(object: object, size: number): number {
    let base = this.#bases.get(object)
    if (base === undefined) {
      base = this.#next
      this.#next += Math.ceil(Math.max(size, 1) / ALIGNMENT) * ALIGNMENT
      this.#bases.set(object, base)
    }
    return base
  }
}

function hex(address: number): string {
  return `0x${address.toString(16)}`
}
