import { AF_INET, AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY } from '../base/constants.ts'
import { IpAddress } from '../base/ip-address.ts'
import { SocketAddress } from '../base/socket-address.ts'
import type { Socket } from '../socket/socket.ts'
import type { Host } from './host.ts'
import type { HostNames } from './names-option.ts'

/** Where who connects is bound before: null where neither an address nor a port was asked for. */
export async function sourceAddress(
  names: HostNames,
  family: number,
  source: string | undefined,
  port: number,
): Promise<SocketAddress | null> {
  if (source === undefined && port === 0) return null
  const any = new SocketAddress(family, family === AF_INET ? IpAddress.v4(0) : new IpAddress())
  const own = source === undefined ? any : (await names.address(source)).copy()
  own.port = port
  return own
}

/** Where who listens is bound: at `source`, or at the wildcard address that hears both families, or the one that is asked for. */
export async function listeningAddress(
  host: Host,
  names: HostNames,
  source: string | null,
  port: number,
): Promise<SocketAddress> {
  const own = source === null ? wildcard(host, names.family) : (await names.address(source)).copy()
  own.port = port
  return own
}

/** Before bind: whether a listener at an IPv6 address hears IPv6 alone. */
export function setV6Only(socket: Socket, own: SocketAddress, only: boolean): void {
  if (own.family === AF_INET6) socket.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, only ? 1 : 0)
}

function wildcard({ speaksIpv6 }: Host, family: number): SocketAddress {
  const v6 = family === AF_INET6 || (family !== AF_INET && speaksIpv6)
  return new SocketAddress(v6 ? AF_INET6 : AF_INET, v6 ? new IpAddress() : IpAddress.v4(0))
}

/** An IPv4 address that an IPv6 socket has heard from, as itself. */
export function plainAddress(address: SocketAddress): SocketAddress {
  const copy = address.copy()
  if (copy.ip.isV4 && copy.family === AF_INET6) copy.family = AF_INET
  return copy
}
