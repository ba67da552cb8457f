// Read first: RFC 4861 sections 6.1.1 and 6.2.6.

import { ROUTER_SOLICITATION_LENGTH, readRouterSolicitation } from '../../wire/ndp.ts'
import { NDP_OPTION_SOURCE_LINK_LAYER_ADDRESS } from '../../wire/ndp-options.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import { hardware, readHardware } from './hardware-option.ts'
import type { Ipv6Interface } from './ipv6-interface.ts'

/** A host asks for routers. False: its message is not valid. */
export function routerSolicitation(ipv6: Ipv6Interface, packet: IpPacket): boolean {
  const { source, bytes, payloadStart, payloadEnd } = packet
  if (!readRouterSolicitation(bytes, payloadStart, payloadEnd)) return false
  const named = readHardware(packet, payloadStart + ROUTER_SOLICITATION_LENGTH, NDP_OPTION_SOURCE_LINK_LAYER_ADDRESS)
  if (source.isUnspecified && named) return false
  const { advertiser } = ipv6
  if (advertiser === null) return true
  if (named) {
    const neighbour = ipv6.interface.neighbours?.ensure(source) ?? null
    if (neighbour !== null) {
      neighbour.heard(hardware.high, hardware.low)
      neighbour.isRouter = false
    }
  }
  advertiser.solicited()
  return true
}
