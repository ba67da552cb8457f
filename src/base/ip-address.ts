// Read first: RFC 4291 section 2.2 and 2.5.5.2, RFC 5952, inet_pton(3).
//
// One representation for both families: 128 bits as four int32 words, an IPv4 address as the mapped ::ffff:a.b.c.d. Tables
// and TCP then need not know the family, and an AF_INET6 socket that talks IPv4 is no special case. int32 fields are stored
// in place by V8; comparing four of them costs about what comparing one does (they share a cache line).

import { parseIpv4, parseIpv6 } from './ip-text.ts'

const MAPPED = 0x0000ffff

/** An IPv4 or IPv6 address. Values handed out by the stack are shared: copy before you change one. */
export class IpAddress {
  a: number
  b: number
  c: number
  /** The last 32 bits: for an IPv4 address, all of it. */
  d: number

  constructor(a = 0, b = 0, c = 0, d = 0) {
    this.a = a | 0
    this.b = b | 0
    this.c = c | 0
    this.d = d | 0
  }

  /** The IPv4 address with these 32 bits: `IpAddress.v4(0x7f000001)` is 127.0.0.1. */
  static v4(bits: number): IpAddress {
    return new IpAddress(0, 0, MAPPED, bits)
  }

  /** The address that `text` writes ("192.0.2.1", "2001:db8::1"), or null where it writes none. No zone, no names. */
  static parse(text: string): IpAddress | null {
    const v4 = parseIpv4(text)
    if (v4 !== null) return IpAddress.v4(v4)
    const words = parseIpv6(text)
    return words === null ? null : new IpAddress(words[0], words[1], words[2], words[3])
  }

  get isV4(): boolean {
    return this.a === 0 && this.b === 0 && this.c === MAPPED
  }

  /** 0.0.0.0 or :: */
  get isUnspecified(): boolean {
    return this.a === 0 && this.b === 0 && (this.c === 0 || this.c === MAPPED) && this.d === 0
  }

  /** 127.0.0.0/8 or ::1 */
  get isLoopback(): boolean {
    if (this.isV4) return this.d >>> 24 === 127
    return this.a === 0 && this.b === 0 && this.c === 0 && this.d === 1
  }

  /** 224.0.0.0/4 or ff00::/8 */
  get isMulticast(): boolean {
    return this.isV4 ? this.d >>> 28 === 0xe : this.a >>> 24 === 0xff
  }

  /** 169.254.0.0/16 or fe80::/10 */
  get isLinkLocal(): boolean {
    return this.isV4 ? this.d >>> 16 === 0xa9fe : (this.a & 0xffc00000) === (0xfe800000 | 0)
  }

  /** 255.255.255.255, the broadcast address that no prefix is needed to know. */
  get isLimitedBroadcast(): boolean {
    return this.isV4 && this.d === -1
  }

  equals(other: IpAddress): boolean {
    return this.d === other.d && this.c === other.c && this.b === other.b && this.a === other.a
  }

  setV4(bits: number): void {
    this.a = 0
    this.b = 0
    this.c = MAPPED
    this.d = bits | 0
  }

  set(other: IpAddress): void {
    this.a = other.a
    this.b = other.b
    this.c = other.c
    this.d = other.d
  }

  copy(): IpAddress {
    return new IpAddress(this.a, this.b, this.c, this.d)
  }

  /** Dotted quad, or RFC 5952 text. */
  toString(): string {
    if (this.isV4) return ipv4Text(this.d)
    return ipv6Text(this.a, this.b, this.c, this.d)
  }
}

/** `0xc0000201` → "192.0.2.1" */
export function ipv4Text(bits: number): string {
  return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as "::". */
function ipv6Text(a: number, b: number, c: number, d: number): string {
  const groups = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff, c >>> 16, c & 0xffff, d >>> 16, d & 0xffff]
  let best = -1
  let bestLength = 1
  for (let i = 0; i < 8; i++) {
    let length = 0
    while (i + length < 8 && groups[i + length] === 0) length++
    if (length > bestLength) {
      best = i
      bestLength = length
    }
  }
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':')
  return best < 0 ? text(0, 8) : `${text(0, best)}::${text(best + bestLength, 8)}`
}

/** 0.0.0.0 */
export const ANY_V4: IpAddress = IpAddress.v4(0)
/** :: */
export const ANY_V6: IpAddress = new IpAddress()
/** ::1 */
export const LOOPBACK_V6: IpAddress = new IpAddress(0, 0, 0, 1)
/** 127.0.0.1 */
export const LOOPBACK_V4: IpAddress = IpAddress.v4(0x7f000001)
