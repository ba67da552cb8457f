// Read first: packet(7) on PACKET_AUXDATA, netlink(7) on NETLINK_PKTINFO. What links and the kernel say beside a message.

import { TP_STATUS_VLAN_TPID_VALID, TP_STATUS_VLAN_VALID } from '../base/constants-control.ts'
import {
  ETH_P_8021Q,
  NETLINK_LISTEN_ALL_NSID,
  NETLINK_PKTINFO,
  PACKET_AUXDATA,
  SOL_NETLINK,
  SOL_PACKET,
} from '../base/constants-link.ts'
import { controlData, readControlInt } from './control-message.ts'
import type { Message } from './provider.ts'

/** What is known of a frame besides its octets: struct tpacket_auxdata. */
export interface FrameDetails {
  /** TP_STATUS_… bits. */
  readonly status: number
  /** Of the frame, and of what has come of it. */
  readonly length: number
  readonly snapLength: number
  /** Where the headers of link and network begin. */
  readonly mac: number
  readonly net: number
  /** The tag of a VLAN, which the device took out, and its type: null where there was none. */
  readonly vlan: { readonly tci: number; readonly tpid: number } | null
}

const AUXDATA_LENGTH = 20

/**
 * What the link says of a received frame; null where the socket does not ask (PACKET_AUXDATA). TP_STATUS_CSUMNOTREADY in its status: the
 * checksum of TCP or UDP is not filled in yet, as on a frame of this host.
 */
export function readFrameDetails(message: Message): FrameDetails | null {
  const data = controlData(message, SOL_PACKET, PACKET_AUXDATA)
  if (data === null || data.length < AUXDATA_LENGTH) return null
  const view = new DataView(data.buffer, data.byteOffset, AUXDATA_LENGTH)
  const status = view.getUint32(0, true)
  const tpid = (status & TP_STATUS_VLAN_TPID_VALID) === 0 ? ETH_P_8021Q : view.getUint16(18, true)
  return {
    status,
    length: view.getUint32(4, true),
    snapLength: view.getUint32(8, true),
    mac: view.getUint16(12, true),
    net: view.getUint16(14, true),
    vlan: (status & TP_STATUS_VLAN_VALID) === 0 ? null : { tci: view.getUint16(16, true), tpid },
  }
}

/** The multicast group that a netlink message was sent to, 0: to this socket alone; null where it does not ask (NETLINK_PKTINFO). */
export function readNetlinkGroup(message: Message): number | null {
  return readControlInt(message, SOL_NETLINK, NETLINK_PKTINFO)
}

/** The number of the network namespace that a netlink message is from; null where it is our own, or the socket does not ask. */
export function readNamespaceId(message: Message): number | null {
  return readControlInt(message, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID)
}
