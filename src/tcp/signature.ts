// Read first: RFC 2385 section 2; RFC 4291 section 2.5.5.2 and tcp(7) TCP_MD5SIG for whom a key is for.
//
// Not safe by today's measure (RFC 6151, RFC 5925 is what should follow it), but what routers that speak BGP still ask for.

import { write16, write32 } from '../base/bytes.ts'
import type { IpAddress } from '../base/ip-address.ts'
import { MD5_LENGTH, Md5 } from '../base/md5.ts'
import { TCP_CHECKSUM_OFFSET, TCP_HEADER_LENGTH, type TcpSegment } from '../wire/tcp.ts'
import { NO_SIGNATURE } from '../wire/tcp-options.ts'
import type { TcpCounters } from './counters.ts'

const PROTOCOL_TCP = 6
const PSEUDO_MAX = 40

const md5 = new Md5()
const pseudo = new Uint8Array(PSEUDO_MAX)
const header = new Uint8Array(TCP_HEADER_LENGTH)
const computed = new Uint8Array(MD5_LENGTH)

interface SignatureKey {
  readonly address: IpAddress
  /** Of the 128 bits of an address. */
  readonly prefixLength: number
  readonly key: Uint8Array
}

/** The keys that a socket has been given, each for one peer or for a prefix. */
export class SignatureKeys {
  #keys: readonly SignatureKey[] = []

  /** In place of one for the same prefix. The bytes of `key` are kept. */
  set(address: IpAddress, prefixLength: number, key: Uint8Array): void {
    this.delete(address, prefixLength)
    const entry = { address: address.copy(), prefixLength, key }
    // The longest prefix is found first.
    this.#keys = [...this.#keys, entry].sort((a, b) => b.prefixLength - a.prefixLength)
  }

  /** False: there was none. */
  delete(address: IpAddress, prefixLength: number): boolean {
    const same = (entry: SignatureKey) =>
      entry.prefixLength === prefixLength && withinPrefix(entry.address, address, prefixLength)
    const rest = this.#keys.filter((entry) => !same(entry))
    const had = rest.length < this.#keys.length
    this.#keys = rest
    return had
  }

  /** The key for this peer; null: its segments are not signed. */
  find(peer: IpAddress): Uint8Array | null {
    const keys = this.#keys
    for (let i = 0; i < keys.length; i++) {
      const entry = keys[i] as SignatureKey
      if (withinPrefix(entry.address, peer, entry.prefixLength)) return entry.key
    }
    return null
  }

  copy(): SignatureKeys {
    const copy = new SignatureKeys()
    copy.#keys = this.#keys
    return copy
  }
}

function withinPrefix(a: IpAddress, b: IpAddress, length: number): boolean {
  return (
    sameBits(a.a, b.a, length) &&
    sameBits(a.b, b.b, length - 32) &&
    sameBits(a.c, b.c, length - 64) &&
    sameBits(a.d, b.d, length - 96)
  )
}

function sameBits(a: number, b: number, count: number): boolean {
  if (count <= 0) return true
  return ((a ^ b) & (count >= 32 ? -1 : ~(-1 >>> count))) === 0
}

/**
 * Fills in the digest at `digestAt`: of the pseudo-header, the TCP header without its options and with a checksum of zero, the data and the
 * key (section 2.0). The segment, in `bytes[at, end)`, is complete but for its checksum.
 */
export function signSegment(
  key: Uint8Array,
  source: IpAddress,
  destination: IpAddress,
  bytes: Uint8Array,
  at: number,
  payloadStart: number,
  end: number,
  digestAt: number,
): void {
  digestOf(key, source, destination, bytes, at, payloadStart, end)
  md5.digest(bytes, digestAt)
}

/**
 * Whether a segment is signed as it must be: with `key`, or not at all where that is null. One that is not is to be dropped without an
 * answer (section 2.0), and is counted.
 */
export function signatureRight(
  counters: TcpCounters,
  key: Uint8Array | null,
  source: IpAddress,
  destination: IpAddress,
  segment: TcpSegment,
): boolean {
  const digestAt = segment.options.signatureAt
  if (key === null) {
    if (digestAt === NO_SIGNATURE) return true
    counters.signatureUnexpected++
    return false
  }
  if (digestAt === NO_SIGNATURE) {
    counters.signatureMissing++
    return false
  }
  const { bytes, payloadStart, payloadEnd } = segment
  digestOf(key, source, destination, bytes, payloadStart - segment.headerLength, payloadStart, payloadEnd)
  md5.digest(computed, 0)
  // Every octet is looked at: how long it takes says nothing of how many were right.
  let differing = 0
  for (let i = 0; i < MD5_LENGTH; i++) differing |= (computed[i] as number) ^ (bytes[digestAt + i] as number)
  if (differing === 0) return true
  counters.signatureWrong++
  return false
}

function digestOf(
  key: Uint8Array,
  source: IpAddress,
  destination: IpAddress,
  bytes: Uint8Array,
  at: number,
  payloadStart: number,
  end: number,
): void {
  md5.begin()
  md5.update(pseudo, 0, writePseudoHeader(source, destination, end - at))
  for (let i = 0; i < TCP_HEADER_LENGTH; i++) header[i] = bytes[at + i] as number
  write16(header, TCP_CHECKSUM_OFFSET, 0)
  md5.update(header, 0, TCP_HEADER_LENGTH)
  md5.update(bytes, payloadStart, end)
  md5.update(key, 0, key.length)
}

/** RFC 9293 section 3.1 and RFC 8200 section 8.1: 12 octets, or 40. */
function writePseudoHeader(source: IpAddress, destination: IpAddress, length: number): number {
  if (destination.isV4) {
    write32(pseudo, 0, source.d)
    write32(pseudo, 4, destination.d)
    write16(pseudo, 8, PROTOCOL_TCP)
    write16(pseudo, 10, length)
    return 12
  }
  writeAddress(0, source)
  writeAddress(16, destination)
  write32(pseudo, 32, length)
  write32(pseudo, 36, PROTOCOL_TCP)
  return 40
}

function writeAddress(at: number, address: IpAddress): void {
  write32(pseudo, at, address.a)
  write32(pseudo, at + 4, address.b)
  write32(pseudo, at + 8, address.c)
  write32(pseudo, at + 12, address.d)
}

/** What a host that signs segments has (`TcpHost.signatures`). */
export const SIGNATURE_CALLS = { signSegment, signatureRight } as const

export type SignatureCalls = typeof SIGNATURE_CALLS
