// Which servers dig asks: those that are named, or those that the machine or the link tells of.

import { readFileSync } from 'node:fs'
import { AF_INET, AF_INET6 } from '../../base/constants.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { parseResolvConf } from '../../services/names/resolv-conf.ts'
import type { Host } from '../host.ts'
import { HostNames } from '../names-option.ts'
import { UsageError } from '../usage-error.ts'
import type { DigRequest } from './dig-arguments.ts'

const RESOLV_CONF = '/etc/resolv.conf'

/** `onOs`: the machine's own loopback is within reach. A stack has a loopback of its own. */
export function serversOf(request: DigRequest, onOs: boolean): readonly SocketAddress[] {
  const { ipv4, ipv6, source } = request
  const family = ipv4 ? AF_INET : ipv6 ? AF_INET6 : source === null ? null : source.family
  const own = request.server === null ? machineServers(request.port, onOs) : [request.server]
  const servers = family === null ? own : own.filter((server) => server.family === family)
  if (servers.length > 0) return servers
  const than = ipv4 ? '-4' : ipv6 ? '-6' : '-b'
  const why =
    request.server === null
      ? `${RESOLV_CONF} names no server that ${onOs ? 'is an address' : 'a stack could reach'}`
      : `${request.server.address} is of the other family than ${than}`
  throw new UsageError(`${why}; write one, such as @192.0.2.53`)
}

/** All addresses of a server that is called by its name, as the machine knows it. */
export async function serversNamed(host: Host, name: string, request: DigRequest): Promise<readonly SocketAddress[]> {
  const { source, port } = request
  const [ipv4, ipv6] = [request.ipv4 || source?.family === AF_INET, request.ipv6 || source?.family === AF_INET6]
  return new HostNames(host, { ipv4, ipv6 }).addresses(name, port)
}

/** Those of which DHCP or a router has told. */
export function serversTold(host: Host, { ipv4, ipv6, port }: DigRequest): readonly SocketAddress[] {
  if (host.nameServers.length === 0) {
    throw new UsageError('neither DHCP nor a router has told of a name server; write one, such as @192.0.2.53')
  }
  const zone = (name: string) => host.interfaceIndex(name) ?? 0
  const all = host.nameServers.map((server) => SocketAddress.internet(server, port, zone))
  const fitting = all.filter(({ ip }) => !(ip.isV4 ? ipv6 : ipv4))
  if (fitting.length > 0) return fitting
  const [told, example] = ipv6 ? ['IPv4', '@2001:db8::53'] : ['IPv6', '@192.0.2.53']
  throw new UsageError(`the link tells of name servers by ${told}; write one, such as ${example}`)
}

function machineServers(number: number, onOs: boolean): SocketAddress[] {
  let text = ''
  try {
    text = readFileSync(RESOLV_CONF, 'utf8')
  } catch {
    return []
  }
  return parseResolvConf(text).servers.flatMap((server) => {
    const ip = IpAddress.parse(server)
    return ip === null || (ip.isLoopback && !onOs) ? [] : [SocketAddress.internet(server, number)]
  })
}
