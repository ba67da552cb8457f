// Read first: RFC 4861 sections 6.1.2, 6.3.4, 8.1 and 8.3: what routers tell hosts.

import { RedirectMessage, RouterAdvertisement, readRedirect, readRouterAdvertisement } from '../../wire/ndp.ts'
import { NDP_OPTION_SOURCE_LINK_LAYER_ADDRESS, NDP_OPTION_TARGET_LINK_LAYER_ADDRESS } from '../../wire/ndp-options.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import { hardware, readHardware } from './hardware-option.ts'
import type { Ipv6Interface } from './ipv6-interface.ts'

const advertisement = new RouterAdvertisement()
const redirect = new RedirectMessage()

/** A router advertises. False: its message is not valid. */
export function routerAdvertisement(ipv6: Ipv6Interface, packet: IpPacket): boolean {
  const { source, bytes, payloadEnd } = packet
  if (!source.isLinkLocal || !readRouterAdvertisement(advertisement, bytes, packet.payloadStart, payloadEnd)) {
    return false
  }
  const { discovery } = ipv6
  if (discovery === null) return true
  const named = readHardware(packet, advertisement.options, NDP_OPTION_SOURCE_LINK_LAYER_ADDRESS)
  const neighbours = ipv6.interface.neighbours
  // RFC 4861 section 6.3.4: it is a router, be its lifetime as default router zero.
  const neighbour = named ? (neighbours?.ensure(source) ?? null) : (neighbours?.get(source) ?? null)
  if (neighbour !== null) {
    neighbour.isRouter = true
    if (named) neighbour.heard(hardware.high, hardware.low)
  }
  discovery.advertised(advertisement, source, bytes, payloadEnd)
  return true
}

/** A router names a better way. False: its message is not valid. */
export function redirected(ipv6: Ipv6Interface, packet: IpPacket): boolean {
  const { source, bytes, payloadEnd } = packet
  if (!source.isLinkLocal || !readRedirect(redirect, bytes, packet.payloadStart, payloadEnd)) return false
  const { target, destination, options } = redirect
  const named = readHardware(packet, options, NDP_OPTION_TARGET_LINK_LAYER_ADDRESS)
  if (!ipv6.redirects?.accept(source, target, destination)) return true
  const neighbours = ipv6.interface.neighbours
  const neighbour = named ? (neighbours?.ensure(target) ?? null) : (neighbours?.get(target) ?? null)
  if (neighbour === null) return true
  if (named) neighbour.heard(hardware.high, hardware.low)
  // Only a router's target is a router for sure: RFC 4861 section 8.3.
  if (!target.equals(destination)) neighbour.isRouter = true
  return true
}
