// Read first: RFC 4861 sections 6.1, 7.1, 7.2.3 to 7.2.5 and 8.1, RFC 6980 (no fragments), RFC 4862 sections 5.4.3 to 5.4.5.

import { IpAddress } from '../../base/ip-address.ts'
import {
  ICMPV6_NEIGHBOUR_ADVERTISEMENT,
  ICMPV6_NEIGHBOUR_SOLICITATION,
  ICMPV6_REDIRECT,
  ICMPV6_ROUTER_ADVERTISEMENT,
  ICMPV6_ROUTER_SOLICITATION,
} from '../../wire/icmpv6.ts'
import { NDP_HOP_LIMIT, NeighbourMessage, readNeighbourMessage } from '../../wire/ndp.ts'
import {
  NDP_OPTION_NONCE,
  NDP_OPTION_SOURCE_LINK_LAYER_ADDRESS,
  NDP_OPTION_TARGET_LINK_LAYER_ADDRESS,
  NdpOption,
  NdpSixOctets,
  readNdpSixOctets,
} from '../../wire/ndp-options.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { InterfaceAddress } from '../link/interface-address.ts'
import { hardware, readHardware } from './hardware-option.ts'
import type { Ipv6Interface } from './ipv6-interface.ts'
import { isSolicitedNodeGroup } from './nd-output.ts'

// No message is read while another is: devices deliver one after the other (ARCHITECTURE.md, law 2).
const neighbourMessage = new NeighbourMessage()
const option = new NdpOption()
const nonce = new NdpSixOctets()
const source = new IpAddress()

/** A message of neighbour discovery arrived on the interface of `ipv6`, its checksum right. False: it is not valid. */
export function ndInput(ipv6: Ipv6Interface, packet: IpPacket, type: number): boolean {
  // A router would have counted the hop limit down: the sender is on this link.
  if (packet.ttl !== NDP_HOP_LIMIT || packet.fragmented) return false
  const { parts } = ipv6.interface.stack
  source.set(packet.source)
  switch (type) {
    case ICMPV6_NEIGHBOUR_SOLICITATION:
      return solicitation(ipv6, packet)
    case ICMPV6_NEIGHBOUR_ADVERTISEMENT:
      return neighbourAdvertisement(ipv6, packet)
    // What a host that hears no routers says to their words: it has taken note.
    case ICMPV6_ROUTER_SOLICITATION:
      return parts.advertising?.input(ipv6, packet) ?? true
    case ICMPV6_ROUTER_ADVERTISEMENT:
      return parts.routers?.advertisement(ipv6, packet) ?? true
    case ICMPV6_REDIRECT:
      return parts.routers?.redirect(ipv6, packet) ?? true
    default:
      return false
  }
}

function solicitation(ipv6: Ipv6Interface, packet: IpPacket): boolean {
  const { bytes, payloadEnd } = packet
  if (!readNeighbourMessage(neighbourMessage, bytes, packet.payloadStart, payloadEnd)) return false
  const { target, options } = neighbourMessage
  if (target.isV4) return false
  const named = readHardware(packet, options, NDP_OPTION_SOURCE_LINK_LAYER_ADDRESS)
  const detecting = source.isUnspecified
  if (detecting && (named || !isSolicitedNodeGroup(packet.destination))) return false
  const own = ownAddress(ipv6, target)
  if (own === null) return true
  if (own.tentative) {
    // Who has an address asks to resolve it, not to have it: RFC 4862 section 5.4.3.
    if (detecting) own.detection?.asked(readNonce(packet, options), nonce.high, nonce.low)
    return true
  }
  const { neighbours } = ipv6.interface
  if (neighbours === null) return true
  if (detecting) {
    ipv6.output.advertise(own.address, null, ipv6.isRouter)
    return true
  }
  const neighbour = neighbours.ensure(source)
  if (named) neighbour.heard(hardware.high, hardware.low)
  ipv6.output.advertise(own.address, neighbour, ipv6.isRouter)
  return true
}

function neighbourAdvertisement(ipv6: Ipv6Interface, packet: IpPacket): boolean {
  const { bytes, payloadEnd } = packet
  if (!readNeighbourMessage(neighbourMessage, bytes, packet.payloadStart, payloadEnd)) return false
  const { target, solicited, override, options } = neighbourMessage
  // The table of neighbours has those of IPv4 as well, by their mapped addresses.
  if (target.isV4) return false
  if (solicited && packet.destination.isMulticast) return false
  const own = ownAddress(ipv6, target)
  if (own !== null) {
    if (own.tentative) ipv6.refuse(own)
    // RFC 4862 section 5.4.4 leaves it to us: somebody else uses an address of ours, and we go on.
    else ipv6.interface.stack.counters.ndConflicts++
    return true
  }
  const neighbour = ipv6.interface.neighbours?.get(target) ?? null
  if (neighbour === null) return true
  const named = readHardware(packet, options, NDP_OPTION_TARGET_LINK_LAYER_ADDRESS)
  if (!neighbour.advertised(hardware.high, hardware.low, named, solicited, override)) return true
  const wasRouter = neighbour.isRouter
  neighbour.isRouter = neighbourMessage.router
  if (wasRouter && !neighbour.isRouter) ipv6.routerGone(neighbour.address)
  return true
}

function readNonce({ bytes, payloadEnd }: IpPacket, options: number): boolean {
  option.begin(options, payloadEnd)
  while (option.next(bytes)) {
    if (option.type === NDP_OPTION_NONCE) return readNdpSixOctets(nonce, bytes, option.start, option.end)
  }
  return false
}

// Only addresses of the interface that was asked, as with ARP.
function ownAddress(ipv6: Ipv6Interface, address: IpAddress): InterfaceAddress | null {
  const { addresses } = ipv6.interface
  for (let i = 0; i < addresses.length; i++) {
    const own = addresses[i] as InterfaceAddress
    if (own.address.equals(address)) return own
  }
  return null
}
