// Read first: RFC 1321 section 3.
//
// For what others have built on MD5 (RFC 2385). It is broken as a hash: nothing new may lean on it (RFC 6151 section 2).

import { write32 } from './bytes.ts'

const BLOCK = 64
export const MD5_LENGTH = 16

/** How far each step of a round rotates, four by four (section 3.4). */
const ROTATIONS = Int32Array.of(7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21)

/** T[i]: the integer part of 2^32 times |sin i|, i in radians (section 3.4). */
const SINES = Int32Array.from({ length: BLOCK }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0)

/** MD5 of octets that come piece by piece. One object serves for many digests, and allocates nothing for any. */
export class Md5 {
  #a = 0
  #b = 0
  #c = 0
  #d = 0
  /** Octets of all pieces. */
  #length = 0
  readonly #block = new Uint8Array(BLOCK)
  readonly #words = new Int32Array(BLOCK / 4)

  constructor() {
    this.begin()
  }

  /** Forgets what came before. */
  begin(): void {
    this.#a = 0x67452301
    this.#b = 0xefcdab89 | 0
    this.#c = 0x98badcfe | 0
    this.#d = 0x10325476
    this.#length = 0
  }

  /** Takes `bytes[start, end)` in. */
  update(bytes: Uint8Array, start: number, end: number): void {
    let filled = this.#length % BLOCK
    this.#length += end - start
    for (let i = start; i < end; i++) {
      this.#block[filled++] = bytes[i] as number
      if (filled === BLOCK) {
        this.#takeBlock()
        filled = 0
      }
    }
  }

  /** Writes the 16 octets of the digest at `at`. What comes next belongs to a new one, and `begin` has to be called first. */
  digest(into: Uint8Array, at: number): void {
    const block = this.#block
    let filled = this.#length % BLOCK
    block[filled++] = 0x80
    if (filled > BLOCK - 8) {
      block.fill(0, filled)
      this.#takeBlock()
      filled = 0
    }
    block.fill(0, filled)
    // The length in bits, least significant octet first.
    writeLittle(block, BLOCK - 8, this.#length << 3)
    writeLittle(block, BLOCK - 4, Math.floor(this.#length / 2 ** 29))
    this.#takeBlock()
    writeLittle(into, at, this.#a)
    writeLittle(into, at + 4, this.#b)
    writeLittle(into, at + 8, this.#c)
    writeLittle(into, at + 12, this.#d)
  }

  #takeBlock(): void {
    const block = this.#block
    const words = this.#words
    for (let i = 0; i < words.length; i++) {
      const at = 4 * i
      words[i] =
        (block[at] as number) |
        ((block[at + 1] as number) << 8) |
        ((block[at + 2] as number) << 16) |
        ((block[at + 3] as number) << 24)
    }
    let a = this.#a
    let b = this.#b
    let c = this.#c
    let d = this.#d
    for (let i = 0; i < BLOCK; i++) {
      const round = i >> 4
      let mixed: number
      let word: number
      if (round === 0) {
        mixed = (b & c) | (~b & d)
        word = i
      } else if (round === 1) {
        mixed = (b & d) | (c & ~d)
        word = 5 * i + 1
      } else if (round === 2) {
        mixed = b ^ c ^ d
        word = 3 * i + 5
      } else {
        mixed = c ^ (b | ~d)
        word = 7 * i
      }
      const sum = (a + mixed + (words[word & 15] as number) + (SINES[i] as number)) | 0
      const by = ROTATIONS[4 * round + (i & 3)] as number
      a = d
      d = c
      c = b
      b = (b + ((sum << by) | (sum >>> (32 - by)))) | 0
    }
    this.#a = (this.#a + a) | 0
    this.#b = (this.#b + b) | 0
    this.#c = (this.#c + c) | 0
    this.#d = (this.#d + d) | 0
  }
}

function writeLittle(bytes: Uint8Array, at: number, value: number): void {
  write32(bytes, at, ((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24))
}
