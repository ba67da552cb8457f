// Read first: RFC 6724 sections 2.1, 2.2, 3.1 and 10.3; RFC 4291 section 2.7; RFC 4007. What both sides of address selection ask
// of an address: the stack when it chooses a source, getaddrinfo when it orders destinations. IPv4 addresses are mapped ones
// here, which is how the RFC looks at them too.

import type { IpAddress } from './ip-address.ts'

export const SCOPE_INTERFACE = 1
export const SCOPE_LINK = 2
export const SCOPE_SITE = 5
export const SCOPE_GLOBAL = 14

/** RFC 6724 section 3.1: a multicast address says its scope, a unicast one has that of its prefix. */
export function scopeOf(address: IpAddress): number {
  const { a, b, c, d } = address
  if (address.isV4) {
    // 3.2: 169.254/16 and the loopback are link-local; all else is global, private addresses too.
    if (d >>> 24 === 127 || d >>> 16 === 0xa9fe) return SCOPE_LINK
    // RFC 4007 has no scopes for IPv4 groups; 224.0.0/24 never leaves its link (RFC 5771 section 4).
    return d >>> 8 === 0xe00000 ? SCOPE_LINK : SCOPE_GLOBAL
  }
  if (a >>> 24 === 0xff) return (a >>> 16) & 15
  if (a >>> 22 === 0xfe80 >>> 6) return SCOPE_LINK
  if (a >>> 22 === 0xfec0 >>> 6) return SCOPE_SITE
  // RFC 4291 section 2.5.3: the loopback address is treated as link-local.
  if (a === 0 && b === 0 && c === 0 && d === 1) return SCOPE_LINK
  return SCOPE_GLOBAL
}

/** A line of the policy table: the prefix's first words, its length, and what is said of it. */
interface Policy {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
  readonly length: number
  readonly precedence: number
  readonly label: number
}

function policy(a: number, length: number, precedence: number, label: number, c = 0, d = 0): Policy {
  return { a: a | 0, b: 0, c, d, length, precedence, label }
}

// RFC 6724 section 2.1, the default table, longest prefixes first: the first that matches is the longest that does.
const POLICIES: readonly Policy[] = [
  policy(0, 128, 50, 0, 0, 1), // ::1
  policy(0, 96, 35, 4, 0xffff), // ::ffff:0:0/96, IPv4
  policy(0, 96, 1, 3), // ::/96, IPv4-compatible
  policy(0x20010000, 32, 5, 5), // 2001::/32, Teredo
  policy(0x20020000, 16, 30, 2), // 2002::/16, 6to4
  policy(0x3ffe0000, 16, 1, 12), // 3ffe::/16, the old 6bone
  policy(0xfec00000, 10, 1, 11), // fec0::/10, site-local
  policy(0xfc000000, 7, 3, 13), // fc00::/7, unique local
]
const DEFAULT_POLICY = policy(0, 0, 40, 1)

function policyOf(address: IpAddress): Policy {
  for (let i = 0; i < POLICIES.length; i++) {
    const line = POLICIES[i] as Policy
    if (commonBits(address, line.a, line.b, line.c, line.d) >= line.length) return line
  }
  return DEFAULT_POLICY
}

/** How much an address is to be preferred as a destination: RFC 6724 section 2.1. */
export function precedenceOf(address: IpAddress): number {
  return policyOf(address).precedence
}

/** Sources and destinations of one label go together: RFC 6724 section 2.1. */
export function labelOf(address: IpAddress): number {
  return policyOf(address).label
}

/** How many bits two addresses have in common from the front: RFC 6724 section 2.2, which looks at 64 of an IPv6 address. */
export function commonPrefixLength(one: IpAddress, other: IpAddress): number {
  const bits = commonBits(one, other.a, other.b, other.c, other.d)
  if (one.isV4) return bits > 96 ? bits - 96 : 0
  return bits > 64 ? 64 : bits
}

function commonBits(address: IpAddress, a: number, b: number, c: number, d: number): number {
  if (address.a !== a) return Math.clz32(address.a ^ a)
  if (address.b !== b) return 32 + Math.clz32(address.b ^ b)
  if (address.c !== c) return 64 + Math.clz32(address.c ^ c)
  return 96 + Math.clz32(address.d ^ d)
}
