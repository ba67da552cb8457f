// Read first: RFC 791 section 3.2, RFC 1122 sections 3.2.1 and 3.3.6.

import { IPPROTO_IGMP } from '../../base/constants.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { CHECKSUM_NONE, type Offload, SEGMENT_NONE } from '../../device/device.ts'
import { ICMP_PARAMETER_PROBLEM } from '../../wire/icmpv4.ts'
import { IPV4_HEADER_LENGTH, Ipv4Header, ipv4ChecksumRight, readIpv4 } from '../../wire/ipv4.ts'
import { Ipv4Options, readIpv4Options } from '../../wire/ipv4-options.ts'
import { deliver } from '../ip/deliver.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import { Fragment } from '../ip/reassembly.ts'
import { reversePathRight } from '../ip/reverse-path.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { sendIcmpError } from './icmpv4-output.ts'

// No packet is read while another is: devices deliver one after the other (ARCHITECTURE.md, law 2).
const header = new Ipv4Header()
const options = new Ipv4Options()
const fragment = new Fragment()
const group = new IpAddress()

/**
 * An IP packet arrived in `bytes[start, end)`. `linkToMany`: in a frame to more than one.
 */
export function ipv4Input(
  networkInterface: NetworkInterface,
  bytes: Uint8Array,
  start: number,
  end: number,
  offload: Offload,
  linkToMany: boolean,
): void {
  const { stack } = networkInterface
  const { counters, packet } = stack
  // RFC 1122 section 3.2.1.1 and 3.2.1.2: another version, or a wrong checksum, is dropped without a word.
  if (!readIpv4(header, bytes, start, end)) {
    counters.inHeaderErrors++
    return
  }
  if (!ipv4ChecksumRight(bytes, start, header.headerLength)) {
    counters.badChecksum++
    return
  }
  const { source, destination } = header
  const loopback = networkInterface === stack.loopback || stack.hearsItself
  let toMany = linkToMany
  let ours = true
  if (!networkInterface.isFirst(destination) || loopback) {
    const many =
      destination >>> 28 === 0xe
        ? isMember(networkInterface, destination)
        : networkInterface.isBroadcastBits(destination)
    if (many) {
      toMany = true
    } else if (destination >>> 24 === 127 && !loopback) {
      counters.inNotOurs++
      return
    } else if (!stack.isOwnBits(destination)) {
      ours = false
      if (!stack.forwarding) {
        counters.inNotOurs++
        return
      }
    } else if (linkToMany) {
      // RFC 1122 section 3.3.6: a frame to many with a packet for one.
      counters.inDiscards++
      return
    }
  } else if (linkToMany) {
    counters.inDiscards++
    return
  }
  if (!sourceAcceptable(networkInterface, source, loopback, destination)) {
    counters.inBadSource++
    return
  }
  packet.version = 4
  packet.source.setV4(source)
  packet.destination.setV4(destination)
  packet.protocol = header.protocol
  packet.ttl = header.ttl
  packet.tos = header.tos
  packet.flowLabel = 0
  packet.bytes = bytes
  packet.start = start
  packet.payloadStart = start + header.headerLength
  packet.payloadEnd = start + header.totalLength
  packet.checksumTrusted = offload.checksum !== CHECKSUM_NONE
  packet.segmentSize = offload.segment === SEGMENT_NONE ? 0 : offload.segmentSize
  packet.toMany = toMany
  packet.interface = networkInterface
  packet.offload.set(offload)
  if (!reversePathRight(stack, packet)) {
    counters.inBadSource++
    return
  }
  if (header.headerLength > IPV4_HEADER_LENGTH && !acceptOptions(stack, packet)) return
  if (!ours) {
    if (stack.parts.forward === null) counters.inNotOurs++
    else stack.parts.forward(stack, packet)
    return
  }
  if (header.moreFragments || header.fragmentOffset !== 0) {
    counters.reassembliesNeeded++
    fragment.identification = header.identification
    fragment.offset = header.fragmentOffset
    fragment.more = header.moreFragments
    fragment.keptEnd = packet.payloadStart
    if (!stack.reassembly.add(packet, fragment)) return
  }
  deliver(stack, packet)
}

function isMember(networkInterface: NetworkInterface, destination: number): boolean {
  group.setV4(destination)
  return networkInterface.groups.isMember(group)
}

// RFC 1122 section 3.2.1.3: a source is one host's address, and not ours where it comes from a link.
function sourceAcceptable(
  networkInterface: NetworkInterface,
  source: number,
  loopback: boolean,
  destination: number,
): boolean {
  const top = source >>> 24
  if (top >= 224 && top < 240) return false
  if (loopback) return true
  // 127/8 is among our own.
  if (isBroadcast(networkInterface.stack, source) || networkInterface.stack.isOwnBits(source)) return false
  // "This host on this network" is who has no address yet, and asks all for one; or a switch that asks for groups.
  if (top === 0) return destination === -1 || header.protocol === IPPROTO_IGMP
  return true
}

// Of any of our links: an answer would go to all there. Prefixes of more than 30 bits have none, so its last two bits are set.
function isBroadcast({ interfaces }: LeanStack, bits: number): boolean {
  if ((bits & 3) !== 3) return false
  for (let i = 0; i < interfaces.length; i++) {
    if (interfaces[i]?.isBroadcastBits(bits)) return true
  }
  return false
}

// A source-routed packet is not accepted, as on Linux (accept_source_route = 0): RFC 7126 section 4.3.
function acceptOptions(stack: LeanStack, packet: IpPacket): boolean {
  const first = packet.start + IPV4_HEADER_LENGTH
  if (!readIpv4Options(options, packet.bytes, first, packet.payloadStart)) {
    stack.counters.badOptions++
    if (header.fragmentOffset === 0) {
      sendIcmpError(stack, packet, ICMP_PARAMETER_PROBLEM, 0, (IPV4_HEADER_LENGTH + options.errorAt) << 8, 0)
    }
    return false
  }
  if (options.sourceRoute) {
    stack.counters.badOptions++
    return false
  }
  return true
}
