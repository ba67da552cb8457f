import { IpAddress } from '../../base/ip-address.ts'
import { Offload } from '../../device/device.ts'
import type { NetworkInterface } from '../link/network-interface.ts'

/**
 * A packet on its way up, after the network layer has read it: what transports need to know of it. One object per stack is
 * reused for every packet; the addresses in it are overwritten by the next, so who keeps one copies it.
 */
export class IpPacket {
  version: 4 | 6 = 4
  readonly source: IpAddress = new IpAddress()
  readonly destination: IpAddress = new IpAddress()
  protocol = 0
  ttl = 0
  /** The whole octet: DSCP and ECN. IPv6 calls it the traffic class. */
  tos = 0
  /** IPv6; 0 otherwise. */
  flowLabel = 0
  /** The frame, lent. A reassembled datagram lies in a buffer of the stack's own, lent as well. */
  bytes: Uint8Array = new Uint8Array(0)
  /** Where the IP header begins. */
  start = 0
  /** IPv6: where the next header field lies that names `protocol`. */
  protocolAt = 0
  /** Where the transport header begins, and the octet after the last of the payload (padding is cut off). */
  payloadStart = 0
  payloadEnd = 0
  /** The transport checksum was verified below, or never left memory: there is nothing to verify. */
  checksumTrusted = false
  /** Of a large segment, the payload of each packet that it stands for; 0: a packet as it was on the wire. */
  segmentSize = 0
  /** The destination is a broadcast or multicast address, or the frame came as link-layer broadcast or multicast. */
  toMany = false
  /** IPv6: it came with a fragment header, whole or put together: neighbour discovery does not believe such (RFC 6980). */
  fragmented = false
  /** Where it came in. */
  interface: NetworkInterface | null = null
  /** The device's word on the frame, for those who pass the frame on. */
  readonly offload: Offload = new Offload()
}
