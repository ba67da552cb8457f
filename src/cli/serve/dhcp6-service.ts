import { networkInterfaces } from 'node:os'
import { IpAddress } from '../../base/ip-address.ts'
import { Dhcp6Server } from '../../services/dhcp/dhcp6-server.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { dhcp6ServerIdentifier } from '../dhcp-identifier.ts'
import type { Host } from '../host.ts'
import { linkOf, onLink } from '../link-address.ts'
import { UsageError } from '../usage-error.ts'
import { eachSetting, readAddress6, readNumber } from './service-setting.ts'

/** What dhcp6 gives to hosts. */
export interface Dhcp6Settings {
  /** "2001:db8:1::100-2001:db8:1::1ff"; null: no addresses, only what there is to be known. */
  readonly pool: string | null
  /** Seconds. */
  readonly lease?: number
  readonly nameServers: readonly string[]
  readonly search: readonly string[]
}

export const DHCP6_SYNTAX = 'dhcp6[=FIRST-LAST][,dns=ADDRESS][,domain=NAME][,lease=SECONDS]'

/** Reads "2001:db8:1::100-2001:db8:1::1ff,dns=2001:db8:1::1", or settings alone; `whole` is for errors. */
export function parseDhcp6(text: string | null, whole: string): Dhcp6Settings {
  const nameServers: string[] = []
  const search: string[] = []
  const settings: { -readonly [Key in keyof Dhcp6Settings]: Dhcp6Settings[Key] } = { pool: null, nameServers, search }
  eachSetting(text, whole, DHCP6_SYNTAX, (key, value, first) => {
    if (key === 'dns') nameServers.push(readAddress6(value, key, whole))
    else if (key === 'domain') search.push(value)
    else if (key === 'lease') settings.lease = readNumber(value, key, whole)
    else if (key === '' && first) settings.pool = readPool(value, whole)
    else return false
    return true
  })
  return settings
}

function readPool(text: string, whole: string): string {
  const ends = text.split('-').map((end) => IpAddress.parse(end))
  if (ends.length <= 2 && ends.every((end) => end !== null && !end.isV4)) return text
  throw new UsageError(`${JSON.stringify(whole)} does not say which addresses to give: write ${DHCP6_SYNTAX}`)
}

/** The server, on the link whose addresses it gives. `besides`: whether dns is served too; then hosts are told so. */
export function dhcp6Server(
  host: Host,
  { pool, lease, search, ...rest }: Dhcp6Settings,
  besides: boolean,
): Dhcp6Server {
  const { name, address } = linkFor(host, pool)
  const own = besides && address !== null ? [address.split('/')[0] as string] : []
  try {
    return Dhcp6Server.open(host.provider, name, {
      identifier: dhcp6ServerIdentifier(),
      nameServers: rest.nameServers.length > 0 ? rest.nameServers : own,
      search,
      ...(address === null ? {} : { address }),
      ...(pool === null ? {} : { pool }),
      ...(lease === undefined ? {} : { leaseTime: lease }),
    })
  } catch (error) {
    if (error instanceof SocketError) throw new Error(`dhcp6 on ${name}: ${error.message}`)
    throw error instanceof RangeError ? new UsageError(`dhcp6: ${error.message.replace('options.', '')}`) : error
  }
}

/** The interface that has an address beside those, and that address with its prefix; without any, the stack's own. */
function linkFor(host: Host, pool: string | null): { name: string; address: string | null } {
  const { where } = host
  if (where !== null && where.ipv6 === 'none') {
    throw new UsageError(`dhcp6 needs IPv6 on ${where.name}: give it an address, such as 2001:db8:1::1/64`)
  }
  if (pool === null) {
    if (where === null) throw new UsageError(`dhcp6 does not say on which link: give it addresses, ${DHCP6_SYNTAX}`)
    return { name: where.name, address: where.addresses.find((one) => one.includes(':')) ?? null }
  }
  const first = IpAddress.parse(pool.split('-')[0] as string) as IpAddress
  const links =
    where === null
      ? Object.entries(networkInterfaces()).flatMap(([name, all = []]) =>
          all.map(({ cidr }) => ({ name, address: cidr })),
        )
      : where.addresses.map((address) => ({ name: where.name, address }))
  for (const { name, address } of links) {
    if (address?.includes(':') && onLink(first, linkOf(address))) return { name, address }
  }
  throw new UsageError(`dhcp6 has no link with the addresses ${pool}: give one its own, such as ${first}/64`)
}
