// Read first: ip(7) on IP_PKTINFO, RFC 3542 section 6.2, cmsg(3).

import { read32, readNative } from '../../base/bytes.ts'
import { AF_INET, IP_PKTINFO, IPPROTO_IP, IPPROTO_IPV6, IPV6_PKTINFO, SOCK_RAW } from '../../base/constants.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { IN_PKTINFO_LENGTH, IN6_PKTINFO_LENGTH } from '../../base/packet-info.ts'
import { CONTROL_HEADER_LENGTH, isOneControl } from '../../socket/control-buffer.ts'
import type { MessageBatch } from '../../socket/message-batch.ts'
import { readIpv6Address } from '../../wire/ipv6.ts'
import type { DatagramControl } from './datagram-control.ts'
import type { StackEndpoint } from './endpoint.ts'

/** The address that a datagram is sent from. One send's: calls do not nest. */
const source = new IpAddress()

/**
 * Reads the control messages of a place, for a datagram that goes to IPv4 or IPv6, where they are none or the packet info that an
 * answer has. False where they are anything else.
 */
export function readBatchControl(
  into: DatagramControl,
  endpoint: StackEndpoint,
  batch: MessageBatch,
  place: number,
  toV4: boolean,
): boolean {
  into.clear()
  const length = batch.controlLengths[place] as number
  if (length === 0) return true
  const { controls } = batch
  const at = place * batch.controlSize
  const data = at + CONTROL_HEADER_LENGTH
  if (length > batch.controlSize || controls.length < at + length) return false
  if (endpoint.family === AF_INET) {
    if (!isOneControl(controls, at, length, IPPROTO_IP, IP_PKTINFO, IN_PKTINFO_LENGTH)) return false
    source.setV4(read32(controls, data + 4))
    into.from(source, readNative(controls, data))
    return true
  }
  if (!isOneControl(controls, at, length, IPPROTO_IPV6, IPV6_PKTINFO, IN6_PKTINFO_LENGTH)) return false
  readIpv6Address(source, controls, data)
  if (source.isV4 !== toV4 || endpoint.type === SOCK_RAW) return false
  into.from(source, readNative(controls, data + 16))
  return true
}
