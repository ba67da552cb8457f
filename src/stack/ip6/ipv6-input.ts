// Read first: RFC 8200 sections 3, 4 and 8.1, RFC 4291 sections 2.5 to 2.8, RFC 5095 (routing header type 0 is dead).

import { IPPROTO_NONE } from '../../base/constants.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { CHECKSUM_NONE, type Offload, SEGMENT_NONE } from '../../device/device.ts'
import {
  ICMPV6_ERRONEOUS_FIELD,
  ICMPV6_INCOMPLETE_HEADER_CHAIN,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_UNKNOWN_NEXT_HEADER,
} from '../../wire/icmpv6.ts'
import { IPV6_HEADER_LENGTH, IPV6_NEXT_HEADER_OFFSET, Ipv6Header, readIpv6 } from '../../wire/ipv6.ts'
import {
  ExtensionHeader,
  FragmentHeader,
  IPV6_DESTINATION_OPTIONS,
  IPV6_FRAGMENT,
  IPV6_HOP_BY_HOP,
  IPV6_ROUTING,
  isExtensionHeader,
  RoutingHeader,
  readExtension,
  readFragment,
  readRouting,
} from '../../wire/ipv6-extension.ts'
import { deliver } from '../ip/deliver.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import { Fragment } from '../ip/reassembly.ts'
import { reversePathRight } from '../ip/reverse-path.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { sendIcmpv6Error } from './icmpv6-output.ts'
import { optionsAcceptable } from './ipv6-options-input.ts'
import { EXTENSION_HEADERS_MAX, findUpperLayer, UpperLayer, upperHeaderLength } from './upper-layer.ts'

// No packet is read while another is: devices deliver one after the other (ARCHITECTURE.md, law 2).
const header = new Ipv6Header()
const extension = new ExtensionHeader()
const fragmentHeader = new FragmentHeader()
const routing = new RoutingHeader()
const fragment = new Fragment()
const upper = new UpperLayer()

/** An IP packet arrived in `bytes[start, end)`. `linkToMany`: in a frame to more than one. */
export function ipv6Input(
  networkInterface: NetworkInterface,
  bytes: Uint8Array,
  start: number,
  end: number,
  offload: Offload,
  linkToMany: boolean,
): void {
  const { stack } = networkInterface
  const { counters, packet } = stack
  if (networkInterface.ipv6 === null) {
    counters.inDiscards++
    return
  }
  if (!readIpv6(header, bytes, start, end)) {
    counters.inHeaderErrors++
    return
  }
  const { source, destination } = header
  const loopback = networkInterface === stack.loopback || stack.hearsItself
  if (!sourceAcceptable(networkInterface, source, destination, loopback)) {
    counters.inBadSource++
    return
  }
  let toMany = linkToMany
  let ours = networkInterface.isFirstV6(destination)
  if (!ours) {
    // A mapped address is an IPv4 address to our tables, and none that a packet of IPv6 can be for: RFC 4291 section 2.5.5.2.
    if (destination.isV4) {
      counters.inNotOurs++
      return
    }
    if (destination.isMulticast) {
      if (!scopeRight(destination, loopback) || !networkInterface.groups.isMember(destination)) {
        counters.inNotOurs++
        return
      }
      toMany = true
      ours = true
    } else {
      ours = isOurs(networkInterface, destination, loopback)
    }
  }
  if (linkToMany && !destination.isMulticast) {
    // A frame to many with a packet for one, as RFC 1122 section 3.3.6 has it for IPv4.
    counters.inDiscards++
    return
  }
  packet.version = 6
  packet.source.set(source)
  packet.destination.set(destination)
  packet.protocol = header.nextHeader
  packet.protocolAt = start + IPV6_NEXT_HEADER_OFFSET
  packet.ttl = header.hopLimit
  packet.fragmented = false
  packet.tos = header.trafficClass
  packet.flowLabel = header.flowLabel
  packet.bytes = bytes
  packet.start = start
  packet.payloadStart = start + IPV6_HEADER_LENGTH
  packet.payloadEnd = packet.payloadStart + header.payloadLength
  packet.checksumTrusted = offload.checksum !== CHECKSUM_NONE
  packet.segmentSize = offload.segment === SEGMENT_NONE ? 0 : offload.segmentSize
  packet.toMany = toMany
  packet.interface = networkInterface
  packet.offload.set(offload)
  if (!reversePathRight(stack, packet)) {
    counters.inBadSource++
    return
  }
  if (!ours) {
    if (stack.parts.forward === null) counters.inNotOurs++
    else stack.parts.forward(stack, packet)
    return
  }
  if (isExtensionHeader(packet.protocol) && !acceptExtensions(stack, packet)) return
  // Nothing follows, and nothing is asked: RFC 8200 section 4.7.
  if (packet.protocol === IPPROTO_NONE) return
  deliver(stack, packet)
}

// RFC 4291 sections 2.5.2, 2.5.3, 2.5.5.2 and 2.7: no group, not the loopback's, no IPv4 address, and not ours from a link. One that
// is still tentative is not ours, so that we hear of a duplicate. Who has no address yet has something to ask of groups alone.
function sourceAcceptable(
  networkInterface: NetworkInterface,
  source: IpAddress,
  destination: IpAddress,
  loopback: boolean,
): boolean {
  if (source.isMulticast || source.isV4) return false
  if (loopback) return true
  if (source.isUnspecified && !destination.isMulticast) return false
  return !source.isLoopback && !networkInterface.stack.isOwnAddress(source)
}

// Scope 0 is reserved; that of the interface never meets a link (RFC 4291 section 2.7).
function scopeRight(group: IpAddress, loopback: boolean): boolean {
  const scope = (group.a >>> 16) & 15
  return scope > 1 || (scope === 1 && loopback)
}

// An address of any of our interfaces, but of a link-local one only where it means us; ::1 never comes from a link.
function isOurs(networkInterface: NetworkInterface, destination: IpAddress, loopback: boolean): boolean {
  const { stack } = networkInterface
  if (!stack.isOwnAddress(destination)) return false
  if (loopback) return true
  if (destination.isLoopback) return false
  return !destination.isLinkLocal || stack.interfaceOf(destination) === networkInterface
}

/**
 * Walks over the extension headers of a packet for us, up to what it carries: that is then the packet's payload. False where the
 * packet is dropped, or waits for its other fragments.
 */
function acceptExtensions(stack: LeanStack, packet: IpPacket): boolean {
  const { counters } = stack
  for (let headers = 0; isExtensionHeader(packet.protocol); headers++) {
    // RFC 8504 section 5.3: nobody honest has so many.
    if (headers === EXTENSION_HEADERS_MAX) {
      counters.badOptions++
      return false
    }
    const type = packet.protocol
    const at = packet.payloadStart
    if (!readExtension(extension, type, packet.bytes, at, packet.payloadEnd)) {
      counters.inHeaderErrors++
      return false
    }
    if (type === IPV6_HOP_BY_HOP) {
      // Only right behind the fixed header (RFC 8200 section 4.3), where what was put together of fragments has what was in them.
      if (at !== packet.start + IPV6_HEADER_LENGTH || packet.fragmented) {
        counters.inUnknownProtocols++
        const pointer = packet.protocolAt - packet.start
        sendIcmpv6Error(stack, packet, ICMPV6_PARAMETER_PROBLEM, ICMPV6_UNKNOWN_NEXT_HEADER, pointer)
        return false
      }
      if (!optionsAcceptable(stack, packet, at, extension.end)) return false
    } else if (type === IPV6_DESTINATION_OPTIONS) {
      if (!optionsAcceptable(stack, packet, at, extension.end)) return false
    } else if (type === IPV6_ROUTING) {
      // Section 4.4: with no segments left it is done with; we follow no type of routing header.
      if (!readRouting(routing, packet.bytes, at, extension.end)) {
        counters.inHeaderErrors++
        return false
      }
      if (routing.segmentsLeft !== 0) {
        counters.badOptions++
        sendIcmpv6Error(stack, packet, ICMPV6_PARAMETER_PROBLEM, ICMPV6_ERRONEOUS_FIELD, at + 2 - packet.start)
        return false
      }
    } else if (type === IPV6_FRAGMENT) {
      if (!acceptFragment(stack, packet)) return false
      continue
    } else {
      // Nobody here has the keys of an authentication header: RFC 4302 section 3.4.2.
      break
    }
    packet.protocolAt = at
    packet.protocol = extension.nextHeader
    packet.payloadStart = extension.end
  }
  return true
}

// A filter on the way saw in the first fragment what the packet is, or nowhere.
function headersWhole({ bytes, start, payloadEnd }: IpPacket): boolean {
  if (!findUpperLayer(upper, bytes, start, payloadEnd)) return false
  return payloadEnd - upper.start >= upperHeaderLength(upper.protocol)
}

// True: the packet is whole, and continues behind the fragment header.
function acceptFragment(stack: LeanStack, packet: IpPacket): boolean {
  const { counters } = stack
  const at = packet.payloadStart
  if (!readFragment(fragmentHeader, packet.bytes, at, packet.payloadEnd)) {
    counters.inHeaderErrors++
    return false
  }
  packet.fragmented = true
  const { offset, more, nextHeader, identification } = fragmentHeader
  if (offset === 0 && !more) {
    // RFC 6946: it is whole already, whatever else has this identification.
    packet.protocolAt = at
    packet.protocol = nextHeader
    packet.payloadStart = extension.end
    return true
  }
  counters.reassembliesNeeded++
  const length = packet.payloadEnd - extension.end
  // RFC 8200 section 4.5: only the last may have a length that is no multiple of 8, and none reaches beyond what a packet can hold.
  if (more && (length & 7) !== 0) {
    counters.reassemblyFailures++
    sendIcmpv6Error(stack, packet, ICMPV6_PARAMETER_PROBLEM, ICMPV6_ERRONEOUS_FIELD, 4)
    return false
  }
  if (at - packet.start - IPV6_HEADER_LENGTH + offset + length > 65535) {
    counters.reassemblyFailures++
    sendIcmpv6Error(stack, packet, ICMPV6_PARAMETER_PROBLEM, ICMPV6_ERRONEOUS_FIELD, at + 2 - packet.start)
    return false
  }
  if (offset === 0 && !headersWhole(packet)) {
    counters.reassemblyFailures++
    sendIcmpv6Error(stack, packet, ICMPV6_PARAMETER_PROBLEM, ICMPV6_INCOMPLETE_HEADER_CHAIN, 0)
    return false
  }
  fragment.identification = identification
  fragment.offset = offset
  fragment.more = more
  fragment.keptEnd = at
  fragment.nextHeaderAt = packet.protocolAt
  fragment.nextHeader = nextHeader
  packet.payloadStart = extension.end
  return stack.reassembly.add(packet, fragment)
}
