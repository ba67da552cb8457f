// Read first: RFC 791 section 3.2, RFC 815, RFC 1122 section 3.3.2, RFC 1858, RFC 3168 section 5.3, RFC 5722 section 4.
//
// Each fragment is kept as a copy of its own, so that memory is what was really received, and put together once, in a buffer
// that all datagrams share.

import { copyBytes } from '../../base/byte-ring.ts'
import { write16 } from '../../base/bytes.ts'
import { internetChecksum } from '../../base/checksum.ts'
import { SipHash } from '../../base/siphash.ts'
import { Timer } from '../../base/timer-wheel.ts'
import { ICMP_REASSEMBLY_TIME_EXCEEDED, ICMP_TIME_EXCEEDED } from '../../wire/icmpv4.ts'
import { IPV4_HEADER_LENGTH_MAX, IPV4_LENGTH_MAX, type Ipv4Header } from '../../wire/ipv4.ts'
import type { Stack } from '../stack.ts'
import { sendIcmpError } from './icmpv4-output.ts'
import { IpPacket } from './ip-packet.ts'

/** RFC 1122 section 3.3.2: between 60 and 120 seconds, and not restarted by later fragments. */
const TIMEOUT = 60_000
/** What a fragment costs beside its octets, about: objects, links, the header of a small Uint8Array. */
const FRAGMENT_COST = 200

const CE = 3
const NOT_ECT = 0

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
  readonly #reassembly: Ipv4Reassembly
  readonly key: number
  readonly source: number
  readonly destination: number
  readonly identification: number
  readonly protocol: number
  /** Octets of payload; −1 until the last fragment has come. */
  total = -1
  received = 0
  fragments = 0
  /** Octets of memory, by our own count. */
  cost = 0
  /** Bit n: a fragment came with ECN field n. */
  ecnSeen = 0
  toMany = false
  /** The header of the first fragment; null until it has come. */
  header: Uint8Array | null = null
  first: Piece | null = null
  last: Piece | null = null

  constructor(reassembly: Ipv4Reassembly, key: number, header: Ipv4Header) {
    super()
    this.#reassembly = reassembly
    this.key = key
    this.source = header.source
    this.destination = header.destination
    this.identification = header.identification
    this.protocol = header.protocol
  }

  is(header: Ipv4Header): boolean {
    return (
      this.source === header.source &&
      this.destination === header.destination &&
      this.identification === header.identification &&
      this.protocol === header.protocol
    )
  }

  override expire(): void {
    this.#reassembly.expired(this)
  }
}

/** The datagrams under reassembly of one stack. */
export class Ipv4Reassembly {
  readonly #stack: Stack
  readonly #hash: SipHash
  readonly #words = new Int32Array(4)
  /** In the order in which they began. One for each hash: the rare second one pushes the first out. */
  readonly #datagrams = new Map<number, Datagram>()
  #bytes = 0
  readonly #whole = new Uint8Array(IPV4_HEADER_LENGTH_MAX + IPV4_LENGTH_MAX)
  readonly #quoted = new IpPacket()

  constructor(stack: Stack) {
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
   * Takes the fragment `packet` with this header. True: it was the one still missing, and `packet` is now the whole datagram,
   * in a buffer that is lent until the next one is whole.
   */
  add(packet: IpPacket, header: Ipv4Header): boolean {
    const { limits, counters, time } = this.#stack
    const offset = header.fragmentOffset
    const length = packet.payloadEnd - packet.payloadStart
    const end = offset + length
    // All but the last are multiples of 8 octets; none is empty; none reaches beyond what an IP packet can hold.
    if (length === 0 || (header.moreFragments && (length & 7) !== 0) || end > IPV4_LENGTH_MAX - header.headerLength) {
      counters.reassemblyFailures++
      const begun = this.#find(header)
      if (begun !== null) this.#drop(begun)
      return false
    }
    let datagram = this.#find(header)
    if (datagram === null) {
      datagram = new Datagram(this, this.#key(header), header)
      const other = this.#datagrams.get(datagram.key)
      if (other !== undefined) this.#fail(other)
      if (this.#datagrams.size >= limits.reassemblyDatagrams) this.#failOldest()
      this.#datagrams.set(datagram.key, datagram)
      time.set(datagram, TIMEOUT)
    }
    if (!this.#insert(datagram, packet, offset, end, header.moreFragments)) return false
    if (offset === 0) {
      datagram.header = packet.bytes.slice(packet.start, packet.payloadStart)
      datagram.toMany = packet.toMany
    }
    datagram.ecnSeen |= 1 << (header.tos & 3)
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
    quoted.source.setV4(datagram.source)
    quoted.destination.setV4(datagram.destination)
    quoted.protocol = datagram.protocol
    quoted.toMany = datagram.toMany
    sendIcmpError(stack, quoted, ICMP_TIME_EXCEEDED, ICMP_REASSEMBLY_TIME_EXCEEDED, 0, 0)
  }

  /** Forgets all. */
  clear(): void {
    for (const datagram of this.#datagrams.values()) this.#drop(datagram)
  }

  #key(header: Ipv4Header): number {
    this.#words[0] = header.source
    this.#words[1] = header.destination
    this.#words[2] = (header.identification << 16) | header.protocol
    return this.#hash.words(this.#words, 3)
  }

  #find(header: Ipv4Header): Datagram | null {
    const datagram = this.#datagrams.get(this.#key(header)) ?? null
    return datagram?.is(header) ? datagram : null
  }

  // A copy of something that is there already is ignored. Anything else that overlaps costs the whole datagram: no honest
  // sender does that (RFC 5722 section 4, for IPv6; Linux has it for IPv4 as well).
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
        if (offset >= after.offset && end <= after.end && (more || datagram.total === end)) return false
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
    const payloadStart = IPV4_HEADER_LENGTH_MAX
    const start = payloadStart - header.length
    const total = datagram.total
    for (let piece = datagram.first; piece !== null; piece = piece.next) {
      copyBytes(piece.bytes, 0, piece.bytes.length, whole, payloadStart + piece.offset)
    }
    copyBytes(header, 0, header.length, whole, start)
    if ((ecnSeen & (1 << CE)) !== 0) whole[start + 1] = (whole[start + 1] as number) | CE
    // The header becomes that of the whole: raw sockets see it.
    write16(whole, start + 2, header.length + total)
    write16(whole, start + 6, 0)
    write16(whole, start + 10, 0)
    write16(whole, start + 10, internetChecksum(whole, start, payloadStart))
    packet.bytes = whole
    packet.start = start
    packet.payloadStart = payloadStart
    packet.payloadEnd = payloadStart + total
    packet.tos = whole[start + 1] as number
    packet.ttl = whole[start + 8] as number
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
