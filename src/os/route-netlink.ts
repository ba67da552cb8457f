// Read first: rtnetlink(7), linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h, linux/neighbour.h.

import { read32 } from '../base/bytes.ts'
import { AF_INET, AF_INET6 } from '../base/constants.ts'
import { ARPHRD_ETHER } from '../base/constants-link.ts'
import { IpAddress } from '../base/ip-address.ts'
import { attribute32, attributeText, decodeAttributes, viewOf } from './netlink-message.ts'

export const RTM_GETLINK = 18
export const RTM_GETADDR = 22
export const RTM_GETROUTE = 26
export const RTM_GETNEIGH = 30

const IFINFOMSG_LENGTH = 16
const IFADDRMSG_LENGTH = 8
const RTMSG_LENGTH = 12
const NDMSG_LENGTH = 12
const RTNEXTHOP_LENGTH = 8

const IFLA_ADDRESS = 1
const IFLA_IFNAME = 3
const IFLA_MTU = 4

const IFA_ADDRESS = 1
const IFA_LOCAL = 2

const RTA_DST = 1
const RTA_OIF = 4
const RTA_GATEWAY = 5
const RTA_PRIORITY = 6
const RTA_PREFSRC = 7
const RTA_MULTIPATH = 9
const RTA_TABLE = 15
const RTA_VIA = 18

const RT_TABLE_MAIN = 254
const RTN_UNICAST = 1
const RTM_F_CLONED = 0x200

const NDA_DST = 1
const NDA_LLADDR = 2

/** A struct ifinfomsg, ifaddrmsg, rtmsg or ndmsg that asks for everything of a family; 0 is every family. */
export function encodeRouteRequest(family: number): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(IFINFOMSG_LENGTH)
  request[0] = family
  return request
}

export interface LinkMessage {
  readonly index: number
  readonly name: string
  readonly mtu: number
  readonly ethernet: boolean
  /** Of an Ethernet alone. */
  readonly hardwareAddress: string | null
}

export function decodeLinkMessage(body: Uint8Array): LinkMessage | null {
  if (body.length < IFINFOMSG_LENGTH) return null
  const view = viewOf(body)
  const attributes = decodeAttributes(body, IFINFOMSG_LENGTH)
  const name = attributeText(attributes, IFLA_IFNAME)
  if (name === null) return null
  const ethernet = view.getUint16(2, true) === ARPHRD_ETHER
  const address = attributes.get(IFLA_ADDRESS)
  return {
    index: view.getInt32(4, true),
    name,
    mtu: attribute32(attributes, IFLA_MTU) ?? 0,
    ethernet,
    hardwareAddress: ethernet && address?.length === 6 ? hardwareText(address) : null,
  }
}

export interface AddressMessage {
  readonly index: number
  /** "192.0.2.1/24" */
  readonly address: string
}

export function decodeAddressMessage(body: Uint8Array): AddressMessage | null {
  if (body.length < IFADDRMSG_LENGTH) return null
  const attributes = decodeAttributes(body, IFADDRMSG_LENGTH)
  // On a link between two the other address is the peer's.
  const address = addressOf(attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS))
  if (address === null) return null
  return { index: viewOf(body).getUint32(4, true), address: `${address}/${body[1]}` }
}

/** A way: of a route that has several, one. */
export interface RouteMessage {
  readonly family: typeof AF_INET | typeof AF_INET6
  readonly prefix: IpAddress
  readonly length: number
  readonly gateway: IpAddress | null
  readonly index: number
  readonly metric: number
  readonly source: IpAddress | null
}

/** The ways of a route of the main table; none for what is no route to other hosts. */
export function decodeRouteMessage(body: Uint8Array): RouteMessage[] {
  const [family] = body
  if (body.length < RTMSG_LENGTH || (family !== AF_INET && family !== AF_INET6)) return []
  const attributes = decodeAttributes(body, RTMSG_LENGTH)
  const table = attribute32(attributes, RTA_TABLE) ?? body[4]
  const cloned = (viewOf(body).getUint32(8, true) & RTM_F_CLONED) !== 0
  if (table !== RT_TABLE_MAIN || body[7] !== RTN_UNICAST || cloned) return []
  const whole = {
    family: family as typeof AF_INET | typeof AF_INET6,
    prefix: addressOf(attributes.get(RTA_DST)) ?? (family === AF_INET ? IpAddress.v4(0) : new IpAddress()),
    length: body[1] as number,
    metric: attribute32(attributes, RTA_PRIORITY) ?? 0,
    source: addressOf(attributes.get(RTA_PREFSRC)),
  }
  const hops = attributes.get(RTA_MULTIPATH)
  const way = (of: ReadonlyMap<number, Uint8Array>, index: number): RouteMessage => {
    return { ...whole, gateway: addressOf(of.get(RTA_GATEWAY)) ?? viaOf(of.get(RTA_VIA)), index }
  }
  if (hops === undefined) return [way(attributes, attribute32(attributes, RTA_OIF) ?? 0)]
  const ways: RouteMessage[] = []
  for (let at = 0; at + RTNEXTHOP_LENGTH <= hops.length; ) {
    const view = viewOf(hops)
    const length = view.getUint16(at, true)
    if (length < RTNEXTHOP_LENGTH || length > hops.length - at) break
    ways.push(way(decodeAttributes(hops.subarray(at, at + length), RTNEXTHOP_LENGTH), view.getInt32(at + 4, true)))
    at += (length + 3) & ~3
  }
  return ways
}

export interface NeighbourMessage {
  readonly address: IpAddress
  readonly index: number
  /** NUD_… */
  readonly state: number
  readonly hardwareAddress: string | null
}

export function decodeNeighbourMessage(body: Uint8Array): NeighbourMessage | null {
  if (body.length < NDMSG_LENGTH || (body[0] !== AF_INET && body[0] !== AF_INET6)) return null
  const attributes = decodeAttributes(body, NDMSG_LENGTH)
  const address = addressOf(attributes.get(NDA_DST))
  if (address === null) return null
  const view = viewOf(body)
  const hardware = attributes.get(NDA_LLADDR)
  return {
    address,
    index: view.getInt32(4, true),
    state: view.getUint16(8, true),
    hardwareAddress: hardware?.length === 6 ? hardwareText(hardware) : null,
  }
}

// A family of 16 bits, and an address of it: a way of IPv4 through a neighbour of IPv6.
function viaOf(value: Uint8Array | undefined): IpAddress | null {
  return value === undefined ? null : addressOf(value.subarray(2))
}

function addressOf(bytes: Uint8Array | undefined): IpAddress | null {
  if (bytes?.length === 4) return IpAddress.v4(read32(bytes, 0))
  if (bytes?.length !== 16) return null
  return new IpAddress(read32(bytes, 0), read32(bytes, 4), read32(bytes, 8), read32(bytes, 12))
}

function hardwareText(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(':')
}
