// Read first: RFC 9293 sections 3.4 (the send window), 3.8.6 (managing it) and 3.8.6.1 (probing a closed one), RFC 7323 section 2.

import { internetSum } from '../base/checksum.ts'
import { IPPROTO_TCP } from '../base/constants.ts'
import { ipv4Text } from '../base/ip-address.ts'
import { packetPseudoHeaderSum } from '../device/complete-checksum.ts'
import {
  ETHERNET_HEADER_LENGTH,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  EthernetHeader,
  readEthernet,
} from '../wire/ethernet.ts'
import { Ipv4Header, readIpv4 } from '../wire/ipv4.ts'
import { IPV6_HEADER_LENGTH, Ipv6Header, readIpv6 } from '../wire/ipv6.ts'
import { ACK, RST, readTcp, SYN, TcpSegment } from '../wire/tcp.ts'

const ethernet = new EthernetHeader()
const ipv4 = new Ipv4Header()
const ipv6 = new Ipv6Header()
const segment = new TcpSegment()

/** What one host may send on one connection. */
class Allowed {
  /** The furthest right edge that the peer has offered, once it is known. */
  edge = 0
  known = false
  /** The shifts of both sides' windows, as their SYNs have told; −1: none was told. */
  ownShift = -1
  peerShift = -1
  /** Sequence number of our SYN: another one is another connection. */
  iss = 0
}

/**
 * Watches what one host sends and hears for segments that it sends beyond the window that it has been offered. An edge once offered
 * counts although the peer may have taken it back: that is the peer's to put up with (section 3.8.6).
 */
export class WindowWatch {
  readonly #connections = new Map<string, Allowed>()
  readonly #isOwn: (address: string) => boolean
  readonly #violated: (what: string) => void

  constructor(isOwn: (address: string) => boolean, violated: (what: string) => void) {
    this.#isOwn = isOwn
    this.#violated = violated
  }

  /** The frame in `bytes[start, end)` has come to the host, or leaves it. */
  frame(bytes: Uint8Array, start: number, end: number, inbound: boolean): void {
    if (!readEthernet(ethernet, bytes, start, end)) return
    const ip = start + ETHERNET_HEADER_LENGTH
    let from: string
    let to: string
    let at: number
    let last: number
    if (ethernet.type === ETHERTYPE_IPV4) {
      if (!readIpv4(ipv4, bytes, ip, end) || ipv4.protocol !== IPPROTO_TCP) return
      if (ipv4.moreFragments || ipv4.fragmentOffset !== 0) return
      at = ip + ipv4.headerLength
      last = ip + ipv4.totalLength
      if (inbound && internetSum(bytes, ip, at) !== 0xffff) return
      from = ipv4Text(ipv4.source)
      to = ipv4Text(ipv4.destination)
    } else if (ethernet.type === ETHERTYPE_IPV6) {
      if (!readIpv6(ipv6, bytes, ip, end) || ipv6.nextHeader !== IPPROTO_TCP) return
      at = ip + IPV6_HEADER_LENGTH
      last = at + ipv6.payloadLength
      from = ipv6.source.toString()
      to = ipv6.destination.toString()
    } else {
      return
    }
    if (!this.#isOwn(inbound ? to : from)) return
    if (!readTcp(segment, bytes, at, last)) return
    // What was damaged on the way offers nothing.
    const sum = packetPseudoHeaderSum(bytes, ip, IPPROTO_TCP, last - at)
    if (inbound && internetSum(bytes, at, last, sum) !== 0xffff) return
    if (inbound) this.#hears(`${to}:${segment.destinationPort} > ${from}:${segment.sourcePort}`)
    else this.#sends(`${from}:${segment.sourcePort} > ${to}:${segment.destinationPort}`)
  }

  #hears(ends: string): void {
    const allowed = this.#connections.get(ends)
    const { flags } = segment
    if ((flags & SYN) !== 0) {
      // A SYN without ACK at a listener: the window it offers is told by the SYN that answers it.
      const entry = allowed ?? new Allowed()
      if (allowed === undefined) this.#connections.set(ends, entry)
      // Of a connection that is established it is a challenge, and offers nothing.
      if (entry.known && (flags & ACK) === 0) return
      entry.peerShift = segment.options.windowScale
      if ((flags & ACK) === 0) return
      this.#offer(entry, 0)
      return
    }
    if (allowed === undefined || (flags & ACK) === 0 || (flags & RST) !== 0) return
    const scaled = allowed.ownShift >= 0 && allowed.peerShift >= 0
    this.#offer(allowed, scaled ? Math.min(allowed.peerShift, 14) : 0)
  }

  #offer(allowed: Allowed, shift: number): void {
    const edge = (segment.ack + (segment.window << shift)) | 0
    if (allowed.known && ((edge - allowed.edge) | 0) <= 0) return
    allowed.edge = edge
    allowed.known = true
  }

  #sends(ends: string): void {
    const { flags, seq } = segment
    if ((flags & RST) !== 0) return
    if ((flags & SYN) !== 0) {
      const before = this.#connections.get(ends)
      if (before !== undefined && before.iss === seq && before.ownShift === segment.options.windowScale) return
      const entry = new Allowed()
      entry.iss = seq
      entry.ownShift = segment.options.windowScale
      // An answer to the peer's SYN, which has told its shift; so has one that ours has crossed while it waited for a neighbour.
      if (before !== undefined && ((flags & ACK) !== 0 || !before.known)) entry.peerShift = before.peerShift
      this.#connections.set(ends, entry)
      return
    }
    const allowed = this.#connections.get(ends)
    if (allowed === undefined || !allowed.known) return
    const beyond = (seq + segment.length - allowed.edge) | 0
    // Section 3.8.6.1: a closed window is probed with one octet beyond its edge.
    if (beyond <= 0 || (beyond === 1 && segment.length <= 1)) return
    const { length } = segment
    this.#violated(
      `${ends} sent ${length} octets up to ${beyond} beyond the window that it was offered (RFC 9293 section 3.8.6)`,
    )
  }
}
