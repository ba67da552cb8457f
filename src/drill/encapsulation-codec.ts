// Read first: RFC 2003, RFC 2473, RFC 2784, RFC 2890, RFC 3032 section 2.1, RFC 4023.

import { read16, read32, write16, write32 } from '../base/bytes.ts'
import { internetChecksum } from '../base/checksum.ts'
import { ipHeaderLength, NO_IP_FIELDS, readIpHeader, writeIpHeader } from './ip-header.ts'
import { MalformedPacket } from './malformed-packet.ts'
import type { MplsLabel, Outer } from './script.ts'

// Protocols of an IP header
const IN_IPV4 = 4
const IN_IPV6 = 41
const GRE = 47
const MPLS = 137
// Protocols of GRE
const ETHER_IPV4 = 0x0800
const ETHER_IPV6 = 0x86dd
const ETHER_MPLS = 0x8847
// Flags of GRE
const HAS_CHECKSUM = 0x8000
const HAS_ROUTING = 0x4000
const HAS_KEY = 0x2000
const HAS_SEQUENCE = 0x1000

/** An outer header that was on the wire. */
export interface SeenOuter {
  readonly header: Outer
  /** Of an IP header. */
  readonly tos: number
  readonly ttl: number
}

function length(header: Outer): number {
  if (header.kind === 'mpls') return 4 * header.labels.length
  if (header.kind !== 'gre') return ipHeaderLength(header.source)
  const { flags } = header
  const word = (mask: number) => ((flags & mask) === 0 ? 0 : 4)
  return 4 + word(HAS_CHECKSUM | HAS_ROUTING) + word(HAS_KEY) + word(HAS_SEQUENCE)
}

/** `packet` behind the headers `outer`, outermost first. */
export function encapsulate(packet: Uint8Array, outer: readonly Outer[]): Uint8Array {
  let inner = packet
  for (let i = outer.length - 1; i >= 0; i--) inner = behind(outer[i] as Outer, inner, outer[i + 1])
  return inner
}

function behind(header: Outer, inner: Uint8Array, next: Outer | undefined): Uint8Array {
  const at = length(header)
  const bytes = new Uint8Array(at + inner.length)
  bytes.set(inner, at)
  const innerV4 = (inner[0] as number) >>> 4 === 4
  if (header.kind === 'mpls') {
    for (const [i, label] of header.labels.entries()) write32(bytes, 4 * i, mplsWord(label))
  } else if (header.kind === 'gre') {
    write16(bytes, 0, header.flags)
    write16(bytes, 2, next?.kind === 'mpls' ? ETHER_MPLS : innerV4 ? ETHER_IPV4 : ETHER_IPV6)
    let word = 4
    if ((header.flags & (HAS_CHECKSUM | HAS_ROUTING)) !== 0) {
      write16(bytes, word + 2, header.offset ?? 0)
      word += 4
    }
    if ((header.flags & HAS_KEY) !== 0) {
      write32(bytes, word, header.key ?? 0)
      word += 4
    }
    if ((header.flags & HAS_SEQUENCE) !== 0) write32(bytes, word, header.sequence ?? 0)
    // RFC 2784 section 2.5: of the header and what it carries.
    if ((header.flags & HAS_CHECKSUM) !== 0) {
      write16(bytes, 4, header.checksum ?? internetChecksum(bytes, 0, bytes.length))
    }
  } else {
    const protocol = next?.kind === 'gre' ? GRE : next?.kind === 'mpls' ? MPLS : innerV4 ? IN_IPV4 : IN_IPV6
    writeIpHeader(bytes, bytes.length, protocol, header.source, header.destination, header.ip)
  }
  return bytes
}

function mplsWord({ label, trafficClass, bottom, ttl }: MplsLabel): number {
  return (label << 12) | (trafficClass << 9) | ((bottom ? 1 : 0) << 8) | ttl
}

/** Takes the headers of tunnels off a packet; `bytes` is then the packet within. Throws a MalformedPacket for one cut short. */
export function decapsulate(packet: Uint8Array): { readonly outer: readonly SeenOuter[]; readonly bytes: Uint8Array } {
  const outer: SeenOuter[] = []
  let bytes = packet
  for (;;) {
    const { protocol, start, source, destination, tos, ttl } = readIpHeader(bytes)
    if (protocol !== IN_IPV4 && protocol !== IN_IPV6 && protocol !== GRE && protocol !== MPLS) return { outer, bytes }
    const kind = source.isV4 ? 'ipv4' : 'ipv6'
    outer.push({ header: { kind, ip: { ...NO_IP_FIELDS, tos, ttl }, source, destination }, tos, ttl })
    bytes = bytes.subarray(start)
    let inner = protocol === GRE ? 0 : protocol === MPLS ? ETHER_MPLS : ETHER_IPV4
    if (protocol === GRE) {
      const gre = readGre(bytes)
      outer.push({ header: gre, tos: 0, ttl: 0 })
      inner = read16(bytes, 2)
      bytes = bytes.subarray(length(gre))
    }
    if (inner === ETHER_MPLS) {
      const labels = readLabels(bytes)
      outer.push({ header: { kind: 'mpls', labels }, tos: 0, ttl: 0 })
      bytes = bytes.subarray(4 * labels.length)
    }
    if (bytes.length === 0) throw new MalformedPacket('a tunnel with nothing in it')
  }
}

function readGre(bytes: Uint8Array): Extract<Outer, { kind: 'gre' }> {
  if (bytes.length < 4) throw new MalformedPacket('a GRE header cut short')
  const flags = read16(bytes, 0)
  const header = { kind: 'gre', flags, checksum: null, offset: null, key: null, sequence: null } as const
  if (bytes.length < length(header)) throw new MalformedPacket('a GRE header cut short')
  let at = 4
  let [checksum, offset, key, sequence]: (number | null)[] = [null, null, null, null]
  if ((flags & (HAS_CHECKSUM | HAS_ROUTING)) !== 0) {
    checksum = read16(bytes, at)
    offset = read16(bytes, at + 2)
    at += 4
  }
  if ((flags & HAS_KEY) !== 0) {
    key = read32(bytes, at) >>> 0
    at += 4
  }
  if ((flags & HAS_SEQUENCE) !== 0) sequence = read32(bytes, at) >>> 0
  return { kind: 'gre', flags, checksum, offset, key, sequence } as Extract<Outer, { kind: 'gre' }>
}

function readLabels(bytes: Uint8Array): MplsLabel[] {
  const labels: MplsLabel[] = []
  for (let at = 0; ; at += 4) {
    if (at + 4 > bytes.length) throw new MalformedPacket('a stack of MPLS labels without its bottom')
    const word = read32(bytes, at)
    const bottom = (word & 0x100) !== 0
    labels.push({ label: word >>> 12, trafficClass: (word >>> 9) & 7, bottom, ttl: word & 0xff })
    if (bottom) return labels
  }
}
