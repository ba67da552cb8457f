// Read first: nc(1), ip(7), ipv6(7), socket(7).

import {
  AF_INET,
  IP_MINTTL,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MINHOPCOUNT,
  IPV6_UNICAST_HOPS,
  SO_BROADCAST,
  SO_RCVBUF,
  SO_SNDBUF,
  SOL_SOCKET,
} from '../../base/constants.ts'
import type { Socket } from '../../socket/socket.ts'
import { setServiceOctet } from '../service-octet.ts'
import type { NcFlags } from './nc-arguments.ts'

/** Gives a socket, before it is bound or connected, what -b, -I, -M, -m, -O and -T say. */
export function setFlags(socket: Socket, flags: NcFlags): void {
  const { broadcast, receiveBuffer, sendBuffer, ttl, minTtl, tos } = flags
  if (broadcast) socket.setsockopt(SOL_SOCKET, SO_BROADCAST, true)
  if (receiveBuffer !== undefined) socket.setsockopt(SOL_SOCKET, SO_RCVBUF, receiveBuffer)
  if (sendBuffer !== undefined) socket.setsockopt(SOL_SOCKET, SO_SNDBUF, sendBuffer)
  const v4 = socket.family === AF_INET
  const level = v4 ? IPPROTO_IP : IPPROTO_IPV6
  if (ttl !== undefined) socket.setsockopt(level, v4 ? IP_TTL : IPV6_UNICAST_HOPS, ttl)
  if (minTtl !== undefined) socket.setsockopt(level, v4 ? IP_MINTTL : IPV6_MINHOPCOUNT, minTtl)
  if (tos !== undefined) setServiceOctet(socket, tos)
}
