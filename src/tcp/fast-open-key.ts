// Read first: RFC 7413 sections 4.1.2 and 4.1.3.
//
// The cookie is Linux's: SipHash of the addresses of the SYN, client first, under a key of 16 octets. Servers behind one
// address that have the same key take each other's cookies, whichever of the two systems they run.

import { swap32 } from '../base/bytes.ts'
import type { IpAddress } from '../base/ip-address.ts'
import type { Random } from '../base/random.ts'
import { SipHash } from '../base/siphash.ts'
import type { TcpOptions } from '../wire/tcp-options.ts'

/** Octets of a cookie of ours, and of a key. */
export const COOKIE_LENGTH = 8
export const KEY_LENGTH = 16

/** How a cookie stands to the keys: of none of them; of the one in use; of the one before it. */
export const COOKIE_WRONG = 0
export const COOKIE_CURRENT = 1
export const COOKIE_OLD = 2

const KEY_TEXT = /^([0-9a-f]{1,8})-([0-9a-f]{1,8})-([0-9a-f]{1,8})-([0-9a-f]{1,8})$/i

/** The keys of a server: one that cookies are made with, and perhaps the one before it, whose cookies are still taken. */
export class FastOpenKeys {
  /** As setsockopt(2) gives them: one or two of 16 octets. */
  readonly octets: Uint8Array
  readonly #hashes: readonly SipHash[]
  readonly #words = new Int32Array(8)
  readonly #cookie = new Uint8Array(COOKIE_LENGTH)

  /** `octets`: 16 or 32 of them. */
  constructor(octets: Uint8Array) {
    this.octets = octets.slice()
    const view = new DataView(this.octets.buffer)
    const hashes: SipHash[] = []
    for (let at = 0; at + KEY_LENGTH <= octets.length; at += KEY_LENGTH) {
      const key = new Int32Array(4)
      for (let i = 0; i < 4; i++) key[i] = view.getInt32(at + 4 * i, true)
      hashes.push(new SipHash(key))
    }
    this.#hashes = hashes
  }

  static random(random: Random): FastOpenKeys {
    const octets = new Uint8Array(KEY_LENGTH)
    const view = new DataView(octets.buffer)
    for (let i = 0; i < 4; i++) view.setInt32(4 * i, random.int32(), true)
    return new FastOpenKeys(octets)
  }

  /** Reads keys as Linux writes them in tcp_fastopen_key: four words of hexadecimal digits, two keys with a comma. Null: it is none. */
  static parse(text: string): FastOpenKeys | null {
    const keys = text.trim().split(',')
    if (keys.length > 2) return null
    const octets = new Uint8Array(KEY_LENGTH * keys.length)
    const view = new DataView(octets.buffer)
    for (let k = 0; k < keys.length; k++) {
      const words = KEY_TEXT.exec((keys[k] as string).trim())
      if (words === null) return null
      for (let i = 0; i < 4; i++)
        view.setUint32(KEY_LENGTH * k + 4 * i, Number.parseInt(words[i + 1] as string, 16), true)
    }
    return new FastOpenKeys(octets)
  }

  /** The cookie of a client at `remote` that knows us as `local`: 8 octets, of which the next call makes others. */
  cookieFor(remote: IpAddress, local: IpAddress, key = 0): Uint8Array {
    const hash = this.#hashes[key] as SipHash
    const words = this.#words
    let count = 0
    // The addresses as they lie in the header: the hash reads its words with the least octet first.
    if (!remote.isV4) {
      words[count++] = swap32(remote.a)
      words[count++] = swap32(remote.b)
      words[count++] = swap32(remote.c)
    }
    words[count++] = swap32(remote.d)
    if (!local.isV4) {
      words[count++] = swap32(local.a)
      words[count++] = swap32(local.b)
      words[count++] = swap32(local.c)
    }
    words[count++] = swap32(local.d)
    hash.words(words, count)
    const cookie = this.#cookie
    for (let i = 0; i < 4; i++) {
      cookie[i] = (hash.low >>> (8 * i)) & 0xff
      cookie[4 + i] = (hash.high >>> (8 * i)) & 0xff
    }
    return cookie
  }

  /** COOKIE_…: what the cookie that came is worth. */
  check({ cookie, cookieLength }: TcpOptions, remote: IpAddress, local: IpAddress): number {
    if (cookieLength !== COOKIE_LENGTH) return COOKIE_WRONG
    for (let key = 0; key < this.#hashes.length; key++) {
      const own = this.cookieFor(remote, local, key)
      // Every octet is looked at: how long it takes tells nothing of how many were right.
      let differs = 0
      for (let i = 0; i < COOKIE_LENGTH; i++) differs |= (own[i] as number) ^ (cookie[i] as number)
      if (differs === 0) return key === 0 ? COOKIE_CURRENT : COOKIE_OLD
    }
    return COOKIE_WRONG
  }
}
