// Read first: RFC 1812 sections 4.2.2.9 (time to live), 4.2.2.7 (fragments), 5.2.1, 5.2.7 and 5.3; RFC 8200 sections 3 and 5;
// RFC 4007 section 9; RFC 2644 (directed broadcasts).
//
// What a router does with a packet that is for somebody else. Redirects it sends none: whoever is on two links at once should say
// so in his own routes (RFC 1812 section 5.2.7.2 leaves it to us).

import { copyBytes } from '../../base/byte-ring.ts'
import { read16, write16 } from '../../base/bytes.ts'
import { foldSum, internetChecksum, pseudoSum } from '../../base/checksum.ts'
import { IPPROTO_TCP } from '../../base/constants.ts'
import { EADDRNOTAVAIL, EHOSTUNREACH } from '../../base/errno.ts'
import { CHECKSUM_PARTIAL, Offload, SEGMENT_NONE, SEGMENT_UDP } from '../../device/device.ts'
import { SegmentCutter } from '../../device/segment-cutter.ts'
import { IPV4_HEADER_LENGTH } from '../../wire/ipv4.ts'
import { IPV6_HEADER_LENGTH } from '../../wire/ipv6.ts'
import { TCP_CHECKSUM_OFFSET } from '../../wire/tcp.ts'
import { UDP_CHECKSUM_OFFSET } from '../../wire/udp.ts'
import { forwardFragments } from '../ip4/forward-fragments.ts'
import { recordSender } from '../ip4/recorded-options.ts'
import { findUpperLayer, UpperLayer } from '../ip6/upper-layer.ts'
import type { LeanStack } from '../lean-stack.ts'
import { sendBeyondScope, sendHostUnreachable, sendNetUnreachable, sendTooBig, sendTtlExceeded } from './icmp-error.ts'
import { FRAME_HEADROOM } from './ip-output.ts'
import type { IpPacket } from './ip-packet.ts'
import type { Route } from './route.ts'

const DONT_FRAGMENT = 0x4000
const NOTHING = new Offload()

const offload = new Offload()
const upper = new UpperLayer()

/** Where the pieces of a large segment go that the next link's device does not take whole. */
let route: Route | null = null
let headerLength = 0
const cutter = new SegmentCutter((bytes, start, end) => {
  const way = route as Route // set for as long as the cutter runs
  way.interface.output(way.neighbour, way.destination.d, bytes, start, end, headerLength, NOTHING)
}, FRAME_HEADROOM)

/** Passes on a packet that is not for us, if the stack does that. */
export function forward(stack: LeanStack, packet: IpPacket): void {
  const { counters, ways } = stack
  if (ways === null || !stack.forwarding || packet.interface === stack.loopback) {
    counters.inNotOurs++
    return
  }
  const { source, destination, toMany } = packet
  if (toMany || !forwardable(packet)) {
    counters.inNotOurs++
    return
  }
  if (packet.ttl <= 1) {
    counters.inHeaderErrors++
    sendTtlExceeded(stack, packet)
    return
  }
  const found = ways.find(destination)
  // An address that is still being asked for is nobody's yet: RFC 4862 section 5.4.
  if (found === -EADDRNOTAVAIL) {
    counters.inNotOurs++
    return
  }
  if (typeof found === 'number' || found.interface === stack.loopback) {
    counters.inNoRoutes++
    sendNetUnreachable(stack, packet)
    return
  }
  // A broadcast into another network: RFC 2644. An address of one link stays on it: RFC 4007 section 9.
  const leaves = source.isLinkLocal && found.interface !== packet.interface
  if (found.toMany || leaves) {
    counters.inNotOurs++
    if (leaves && packet.version === 6) sendBeyondScope(stack, packet)
    return
  }
  send(stack, packet, found)
}

// Not what is for one link or for nobody: RFC 1812 section 5.3.7, RFC 4291 sections 2.5.2, 2.5.3 and 2.5.6.
function forwardable({ source, destination, version }: IpPacket): boolean {
  if (source.isUnspecified || destination.isUnspecified) return false
  if (source.isLoopback || destination.isLoopback) return false
  if (destination.isMulticast || destination.isLinkLocal) return false
  return version === 6 || (source.d >>> 24 !== 0 && destination.d >>> 24 !== 0 && destination.d >>> 28 !== 15)
}

function send(stack: LeanStack, packet: IpPacket, found: Route): void {
  const { counters, frame } = stack
  const { bytes, start, payloadEnd, version } = packet
  const segmented = packet.segmentSize > 0
  // The packet may have extension headers; only those of large segments need to be known, and they are TCP's or UDP's.
  const transport = transportStart(packet)
  if (transport < 0) {
    counters.inHeaderErrors++
    return
  }
  setOffload(packet, transport)
  const longest = segmented ? transport - start + offload.headerLength + packet.segmentSize : payloadEnd - start
  // Not the path's: what we learnt of that for ourselves a stranger may have told, and the sender finds out himself, as on Linux.
  const mtu = found.interface.mtuFor(packet.destination)
  if (longest > mtu) {
    if (version === 6 || segmented || (read16(bytes, start + 6) & DONT_FRAGMENT) !== 0) {
      counters.fragmentFailures++
      sendTooBig(stack, packet, mtu)
      return
    }
    counters.forwarded++
    forwardFragments(stack, packet, found, mtu, offload)
    return
  }
  // The frame is lent and has no room in front; ours has. A large segment of TCP costs 1.4 to 5 µs here.
  const at = FRAME_HEADROOM
  const end = at + payloadEnd - start
  copyBytes(bytes, start, payloadEnd, frame, at)
  countHop(frame, at, version)
  headerLength = transport - start
  if (version === 4 && headerLength > IPV4_HEADER_LENGTH) enterOptions(stack, found, at)
  counters.forwarded++
  // What a device says that it takes is segments of TCP.
  const whole = offload.segment === SEGMENT_UDP ? 0 : found.interface.device.features.largeSegment
  if (offload.segment !== SEGMENT_NONE && end - at > whole) {
    route = found
    cutter.cut(frame, at, end, 'ip', offload)
    route = null
    return
  }
  if (
    offload.checksum === CHECKSUM_PARTIAL &&
    offload.segment !== SEGMENT_NONE &&
    packet.offload.checksum !== CHECKSUM_PARTIAL
  ) {
    // Somebody below has put it together and verified it: now it is to be cut again, and each piece needs its own checksum.
    const length = payloadEnd - transport
    const pseudo = pseudoSum(packet.source, packet.destination, protocolBehind(packet), length)
    write16(frame, at + headerLength + offload.checksumOffset, pseudo)
  }
  const result = found.interface.output(found.neighbour, found.destination.d, frame, at, end, headerLength, offload)
  if (result === -EHOSTUNREACH) sendHostUnreachable(stack, packet)
}

// What is left to do with the packet, counted from its transport header.
function setOffload(packet: IpPacket, transport: number): void {
  const given = packet.offload
  offload.set(given)
  if (given.segment === SEGMENT_NONE && given.checksum !== CHECKSUM_PARTIAL) {
    offload.clear()
    return
  }
  const tcp = packet.bytes[transport + 12] as number
  const udp = protocolBehind(packet) !== IPPROTO_TCP
  offload.checksum = CHECKSUM_PARTIAL
  offload.checksumStart = 0
  offload.checksumOffset = udp ? UDP_CHECKSUM_OFFSET : TCP_CHECKSUM_OFFSET
  offload.headerLength = udp ? 8 : (tcp >>> 4) << 2
}

function protocolBehind(packet: IpPacket): number {
  return packet.version === 4 ? packet.protocol : upper.protocol
}

/** Where the transport header lies; of IPv6, where nothing is left to do with that, just behind the fixed header. −1: nowhere. */
function transportStart(packet: IpPacket): number {
  if (packet.version === 4) return packet.payloadStart
  if (packet.segmentSize === 0 && packet.offload.checksum !== CHECKSUM_PARTIAL) return packet.start + IPV6_HEADER_LENGTH
  return findUpperLayer(upper, packet.bytes, packet.start, packet.payloadEnd) ? upper.start : -1
}

// Who passes a packet on enters himself where it wants its way recorded: RFC 1812 section 4.2.2.2. Options that are malformed, or
// route by their source, never come here. One that has no room left goes on as it is.
function enterOptions(stack: LeanStack, found: Route, at: number): void {
  const { frame } = stack
  const end = at + headerLength
  recordSender(stack, frame, at + IPV4_HEADER_LENGTH, end, found.source.d)
  write16(frame, at + 10, 0)
  write16(frame, at + 10, internetChecksum(frame, at, end))
}

/** One hop less: RFC 1812 section 5.3.1, the checksum by RFC 1624. */
export function countHop(bytes: Uint8Array, at: number, version: 4 | 6): void {
  if (version === 6) {
    bytes[at + 7] = (bytes[at + 7] as number) - 1
    return
  }
  bytes[at + 8] = (bytes[at + 8] as number) - 1
  // The word that the time to live is the high octet of is 0x100 less; its complement in the sum, 0x100 more.
  write16(bytes, at + 10, foldSum(read16(bytes, at + 10) + 0x100))
}
