// Read first: RFC 791 section 3.2, RFC 815, RFC 1122 section 3.3.2, RFC 1858, RFC 3168 section 5.3; RFC 8200 section 4.5 and
// RFC 5722 section 4 for IPv6. Both versions are put together alike; what the header of the whole is, each knows.
//
// Each fragment is kept as a copy of its own, so that memory is what was really received, and put together once, in a buffer
// that all datagrams share.

import { copyBytes } from '../../base/byte-ring.ts'
import { write16 } from '../../base/bytes.ts'
import { internetChecksum } from '../../base/checksum.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { SipHash } from '../../base/siphash.ts'
import { Timer } from '../../base/timer-wheel.ts'
import { IPV4_LENGTH_MAX } from '../../wire/ipv4.ts'
import { IPV6_HEADER_LENGTH } from '../../wire/ipv6.ts'
import type { LeanStack } from '../lean-stack.ts'
import { sendReassemblyTimeExceeded } from './icmp-error.ts'
import { IpPacket } from './ip-packet.ts'

/** The longest header of a datagram: 60 octets of IPv4, or as much of IPv6's extension headers as is worth keeping. */
const HEADERS_MAX = 1280

/** RFC 1122 section 3.3.2: between 60 and 120 seconds, and not restarted by later fragments. */
const TIMEOUT = 60_000
/** What a fragment costs beside its octets, about: objects, links, the header of a small Uint8Array. */
const FRAGMENT_COST = 200

const CE = 3
const NOT_ECT = 0

/** What the header of a fragment says of it, in one reused object. */
export class Fragment {
  identification = 0
  /** In octets. */
  offset = 0
  more = false
  /** Where the headers end that the whole datagram keeps: IPv6's fragment header, behind them, it does not. */
  keptEnd = 0
  /** IPv6: where the next header field lies, in what is kept, that names the fragment header, and what that names. */
  nextHeaderAt = 0
  nextHeader = 0
}

class Piece {
  readonly bytes: Uint8Array
  readonly offset: number
  readonly end: number
  next: Piece | null

  constructor(bytes: Uint8Array, offset: number, next: Piece | null) {
    this.bytes = bytes
    this.offset = offset
    this.end = offset + bytes.length
    this.next = next
  }
}

/** A datagram of which some fragments have arrived. */
class Datagram extends Timer {
  readonly #reassembly: Reassembly
  readonly key: number
  readonly version: 4 | 6
  readonly source: IpAddress
  readonly destination: IpAddress
  readonly identification: number
  readonly protocol: number
  readonly link: number
  /** Octets of payload; −1 until the last fragment has come. */
  total = -1
  received = 0
  fragments = 0
  /** Octets of memory, by our own count. */
  cost = 0
  /** Bit n: a fragment came with ECN field n. */
  ecnSeen = 0
  toMany = false
  /** All headers of the first fragment; null until it has come. How much of them the whole keeps, and the protocol in it. */
  header: Uint8Array | null = null
  kept = 0
  nextHeaderAt = 0
  nextHeader = 0
  first: Piece | null = null
  last: Piece | null = null

  constructor(reassembly: Reassembly, key: number, packet: IpPacket, fragment: Fragment) {
    super()
    this.#reassembly = reassembly
    this.key = key
    this.version = packet.version
    this.source = packet.source.copy()
    this.destination = packet.destination.copy()
    this.identification = fragment.identification
    this.protocol = protocolOf(packet)
    this.link = linkOf(packet)
  }

  is(packet: IpPacket, fragment: Fragment): boolean {
    return (
      this.identification === fragment.identification &&
      this.source.equals(packet.source) &&
      this.destination.equals(packet.destination) &&
      this.protocol === protocolOf(packet) &&
      this.link === linkOf(packet)
    )
  }

  override expire(): void {
    this.#reassembly.expired(this)
  }
}

// In IPv6 it is the first fragment alone that names it: RFC 8200 section 4.5.
function protocolOf(packet: IpPacket): number {
  return packet.version === 4 ? packet.protocol : 0
}

// A link-local address is another host on every link: RFC 4007 section 6.
function linkOf(packet: IpPacket): number {
  return packet.source.isLinkLocal && packet.interface !== null ? packet.interface.index : 0
}

/** The datagrams under reassembly of one stack. */
export class Reassembly {
  readonly #stack: LeanStack
  readonly #hash: SipHash
  readonly #words = new Int32Array(10)
  /** In the order in which they began. One for each hash: the rare second one pushes the first out. */
  readonly #datagrams = new Map<number, Datagram>()
  #bytes = 0
  /** Made with the first datagram: many stacks never see a fragment. */
  #buffer: Uint8Array | null = null
  readonly #quoted = new IpPacket()

  constructor(stack: LeanStack) {
    this.#stack = stack
    this.#hash = SipHash.random(stack.random)
  }

  /** How many datagrams wait for fragments. */
  get size(): number {
    return this.#datagrams.size
  }

  /** Octets of memory that they hold, by our own count. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Takes a fragment, of which `packet` is as it came. True: it was the one still missing, and `packet` is now the whole datagram,
   * in a buffer that is lent until the next one is whole; of IPv6 `payloadStart` is what was behind the fragment header.
   */
  add(packet: IpPacket, fragment: Fragment): boolean {
    const { limits, counters, time } = this.#stack
    const { offset } = fragment
    const headerLength = packet.payloadStart - packet.start
    const kept = fragment.keptEnd - packet.start
    const longest = IPV4_LENGTH_MAX - kept + (packet.version === 6 ? IPV6_HEADER_LENGTH : 0)
    const length = packet.payloadEnd - packet.payloadStart
    const end = offset + length
    // All but the last are multiples of 8 octets; none is empty; none reaches beyond what an IP packet can hold.
    if (length === 0 || (fragment.more && (length & 7) !== 0) || end > longest || headerLength > HEADERS_MAX) {
      counters.reassemblyFailures++
      const begun = this.#find(packet, fragment)
      if (begun !== null) this.#drop(begun)
      return false
    }
    let datagram = this.#find(packet, fragment)
    if (datagram === null) {
      if (limits.reassemblyDatagrams === 0) {
        counters.reassemblyFailures++
        return false
      }
      datagram = new Datagram(this, this.#key(packet, fragment), packet, fragment)
      const other = this.#datagrams.get(datagram.key)
      if (other !== undefined) this.#fail(other)
      if (this.#datagrams.size >= limits.reassemblyDatagrams) this.#failOldest()
      this.#datagrams.set(datagram.key, datagram)
      time.set(datagram, TIMEOUT)
    }
    if (!this.#insert(datagram, packet, offset, end, fragment.more)) return false
    if (offset === 0) {
      datagram.header = packet.bytes.slice(packet.start, packet.payloadStart)
      datagram.cost += headerLength
      this.#bytes += headerLength
      datagram.kept = kept
      datagram.nextHeaderAt = fragment.nextHeaderAt - packet.start
      datagram.nextHeader = fragment.nextHeader
      datagram.toMany = packet.toMany
    }
    datagram.ecnSeen |= 1 << (packet.tos & 3)
    if (datagram.received === datagram.total) return this.#assemble(datagram, packet)
    while (this.#bytes > limits.reassemblyBytes) this.#failOldest()
    return false
  }

  /** For a datagram whose time has run out. */
  expired(datagram: Datagram): void {
    const stack = this.#stack
    stack.counters.reassemblyTimeouts++
    this.#fail(datagram)
    const { header, first } = datagram
    // Only who has sent the first fragment hears of it, since it names the ports: RFC 1122 section 3.3.2.
    if (header === null || first === null) return
    const quoted = this.#quoted
    const whole = this.#whole
    copyBytes(header, 0, header.length, whole, 0)
    copyBytes(first.bytes, 0, first.bytes.length, whole, header.length)
    quoted.bytes = whole
    quoted.start = 0
    quoted.payloadStart = header.length
    quoted.payloadEnd = header.length + first.bytes.length
    quoted.version = datagram.version
    quoted.source.set(datagram.source)
    quoted.destination.set(datagram.destination)
    quoted.protocol = datagram.version === 4 ? datagram.protocol : datagram.nextHeader
    quoted.toMany = datagram.toMany
    sendReassemblyTimeExceeded(stack, quoted)
  }

  /** Forgets all. */
  clear(): void {
    for (const datagram of this.#datagrams.values()) this.#drop(datagram)
  }

  get #whole(): Uint8Array {
    this.#buffer ??= new Uint8Array(HEADERS_MAX + IPV4_LENGTH_MAX)
    return this.#buffer
  }

  #key(packet: IpPacket, { identification }: Fragment): number {
    const { source, destination } = packet
    const words = this.#words
    words[0] = source.a
    words[1] = source.b
    words[2] = source.c
    words[3] = source.d
    words[4] = destination.a
    words[5] = destination.b
    words[6] = destination.c
    words[7] = destination.d
    words[8] = identification
    words[9] = protocolOf(packet) | (linkOf(packet) << 8)
    return this.#hash.words(words, 10)
  }

  #find(packet: IpPacket, fragment: Fragment): Datagram | null {
    const datagram = this.#datagrams.get(this.#key(packet, fragment)) ?? null
    return datagram?.is(packet, fragment) ? datagram : null
  }

  // A copy of something that is there already is ignored. Anything else that overlaps costs the whole datagram: no honest
  // sender does that (RFC 5722 section 4, for IPv6; Linux has it for IPv4 as well). A part of what is there is a copy only in
  // IPv4, where routers cut fragments again: RFC 8200 section 4.5 wants it exact.
  #insert(datagram: Datagram, packet: IpPacket, offset: number, end: number, more: boolean): boolean {
    let before: Piece | null = null
    let after: Piece | null = null
    if (datagram.last !== null && datagram.last.end <= offset) {
      before = datagram.last
    } else {
      after = datagram.first
      while (after !== null && after.end <= offset) {
        before = after
        after = after.next
      }
      if (after !== null && after.offset < end) {
        const copy =
          packet.version === 4
            ? offset >= after.offset && end <= after.end
            : offset === after.offset && end === after.end
        if (copy && (more || datagram.total === end)) return false
        this.#fail(datagram)
        return false
      }
    }
    const last = more ? datagram.total : end
    const reach = Math.max(end, datagram.last === null ? 0 : datagram.last.end)
    const contradicts = (datagram.total >= 0 && last !== datagram.total) || (last >= 0 && reach > last)
    if (contradicts || datagram.fragments >= this.#stack.limits.reassemblyFragments) {
      this.#fail(datagram)
      return false
    }
    const piece = new Piece(packet.bytes.slice(packet.payloadStart, packet.payloadEnd), offset, after)
    if (before === null) datagram.first = piece
    else before.next = piece
    if (after === null) datagram.last = piece
    datagram.total = last
    datagram.received += end - offset
    datagram.fragments++
    datagram.cost += end - offset + FRAGMENT_COST
    this.#bytes += end - offset + FRAGMENT_COST
    return true
  }

  #assemble(datagram: Datagram, packet: IpPacket): boolean {
    const header = datagram.header as Uint8Array // the piece at offset 0 is there, and set it
    this.#drop(datagram)
    const { ecnSeen } = datagram
    if ((ecnSeen & (1 << CE)) !== 0 && (ecnSeen & (1 << NOT_ECT)) !== 0) {
      // RFC 3168 section 5.3: congestion was marked on a sender who does not listen to marks. As if lost.
      this.#stack.counters.reassemblyFailures++
      return false
    }
    const whole = this.#whole
    const { kept, total } = datagram
    const payloadStart = HEADERS_MAX
    const start = payloadStart - kept
    for (let piece = datagram.first; piece !== null; piece = piece.next) {
      copyBytes(piece.bytes, 0, piece.bytes.length, whole, payloadStart + piece.offset)
    }
    copyBytes(header, 0, kept, whole, start)
    // The header becomes that of the whole: raw sockets see it.
    const congested = (ecnSeen & (1 << CE)) !== 0
    if (datagram.version === 4) {
      if (congested) whole[start + 1] = (whole[start + 1] as number) | CE
      write16(whole, start + 2, kept + total)
      write16(whole, start + 6, 0)
      write16(whole, start + 10, 0)
      write16(whole, start + 10, internetChecksum(whole, start, payloadStart))
    } else {
      if (congested) whole[start + 1] = (whole[start + 1] as number) | (CE << 4)
      write16(whole, start + 4, kept - IPV6_HEADER_LENGTH + total)
      whole[start + datagram.nextHeaderAt] = datagram.nextHeader
      packet.protocol = datagram.nextHeader
      packet.protocolAt = start + datagram.nextHeaderAt
    }
    if (congested) packet.tos |= CE
    packet.bytes = whole
    packet.start = start
    packet.payloadStart = payloadStart
    packet.payloadEnd = payloadStart + total
    packet.ttl = whole[start + (datagram.version === 4 ? 8 : 7)] as number
    packet.toMany = datagram.toMany
    packet.checksumTrusted = false
    packet.segmentSize = 0
    packet.offload.clear()
    this.#stack.counters.reassembled++
    return true
  }

  #failOldest(): void {
    const oldest = this.#datagrams.values().next().value
    if (oldest !== undefined) this.#fail(oldest)
  }

  #fail(datagram: Datagram): void {
    this.#stack.counters.reassemblyFailures++
    this.#drop(datagram)
  }

  #drop(datagram: Datagram): void {
    if (this.#datagrams.get(datagram.key) !== datagram) return
    this.#datagrams.delete(datagram.key)
    this.#stack.time.clear(datagram)
    this.#bytes -= datagram.cost
  }
}
