import { networkInterfaces } from 'node:os'
import { IpAddress } from '../../base/ip-address.ts'
import { DhcpServer } from '../../services/dhcp/dhcp-server.ts'
import { SocketError } from '../../socket/socket-error.ts'
import type { Host } from '../host.ts'
import { linkOf, onLink } from '../link-address.ts'
import { UsageError } from '../usage-error.ts'
import { eachSetting, readNumber } from './service-setting.ts'

/** What dhcp gives to hosts. */
export interface DhcpSettings {
  /** "10.0.0.100-10.0.0.199" */
  readonly pool: string
  /** Seconds. */
  readonly lease?: number
  readonly routers: readonly string[]
  readonly nameServers: readonly string[]
  readonly domain?: string
  readonly mtu?: number
}

export const DHCP_SYNTAX = 'dhcp=FIRST-LAST[,router=ADDRESS][,dns=ADDRESS][,domain=NAME][,lease=SECONDS][,mtu=N]'

/** Reads "10.0.0.100-10.0.0.199,router=10.0.0.1"; `whole` is for errors. */
export function parseDhcp(text: string | null, whole: string): DhcpSettings {
  const [pool = '', ...parts] = (text ?? '').split(',')
  const ends = pool
    .trim()
    .split('-')
    .map((end) => IpAddress.parse(end))
  if (ends.length > 2 || ends.some((end) => end === null || !end.isV4)) {
    throw new UsageError(`${JSON.stringify(whole)} does not say which addresses to give: write ${DHCP_SYNTAX}`)
  }
  const routers: string[] = []
  const nameServers: string[] = []
  const settings: { -readonly [Key in keyof DhcpSettings]: DhcpSettings[Key] } = {
    pool: pool.trim(),
    routers,
    nameServers,
  }
  eachSetting(parts.length === 0 ? null : parts.join(','), whole, DHCP_SYNTAX, (key, value) => {
    if (key === 'router') routers.push(readAddress(value, key, whole))
    else if (key === 'dns') nameServers.push(readAddress(value, key, whole))
    else if (key === 'domain') settings.domain = value
    else if (key === 'lease') settings.lease = readNumber(value, key, whole)
    else if (key === 'mtu') settings.mtu = readNumber(value, key, whole)
    else return false
    return true
  })
  return settings
}

function readAddress(text: string, key: string, whole: string): string {
  if (IpAddress.parse(text)?.isV4) return text
  throw new UsageError(`${JSON.stringify(whole)} has ${key}=${text}; write an IPv4 address, such as ${key}=10.0.0.1`)
}

/** The server, on the link whose addresses it gives. `besides`: whether dns is served too; then hosts are told so. */
export function dhcpServer(host: Host, { pool, lease, ...rest }: DhcpSettings, besides: boolean): DhcpServer {
  const { name, address } = linkFor(host, pool)
  const own = address.split('/')[0] as string
  const nameServers = rest.nameServers.length > 0 || !besides ? rest.nameServers : [own]
  try {
    return DhcpServer.open(host.provider, name, {
      ...rest,
      address,
      pool,
      nameServers,
      ...(lease === undefined ? {} : { leaseTime: lease }),
    })
  } catch (error) {
    if (error instanceof SocketError) throw new Error(`dhcp on ${name}: ${error.message}`)
    throw error instanceof RangeError ? new UsageError(`dhcp: ${error.message.replace('options.', '')}`) : error
  }
}

/** The interface that has an address beside those, and that address with its prefix. */
function linkFor(host: Host, pool: string): { name: string; address: string } {
  const first = IpAddress.parse(pool.split('-')[0] as string) as IpAddress
  const links =
    host.where === null
      ? Object.entries(networkInterfaces()).flatMap(([name, all = []]) =>
          all.map(({ cidr }) => ({ name, address: cidr })),
        )
      : host.where.addresses.map((address) => ({ name: host.where?.name ?? '', address }))
  for (const { name, address } of links) {
    if (address !== null && !address.includes(':') && onLink(first, linkOf(address))) return { name, address }
  }
  throw new UsageError(`dhcp has no link with the addresses ${pool}: give one its own, such as ${first}/24`)
}
