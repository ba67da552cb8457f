// Read first: curl(1) on --resolve and --dns-servers.

import { AF_INET, AF_INET6, AF_UNSPEC, SOCK_STREAM } from '../../base/constants.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { secureRandom } from '../../platform/secure-random.ts'
import type { MulticastNames } from '../../services/names/multicast/multicast-names.ts'
import type { NameSystem } from '../../services/names/name-system.ts'
import { Names } from '../../services/names/names.ts'
import { AddressInfoError } from '../../services/names/netdb.ts'
import type { Provider } from '../../socket/provider.ts'
import { UsageError } from '../usage-error.ts'
import { FETCH_UNRESOLVED, FetchFailure } from './fetch-failure.ts'
import type { FetchLookup } from './fetch-transfer.ts'

/** A host with its port, and its addresses. */
export type ResolvedHost = readonly [string, readonly IpAddress[]]

export interface LookupOptions {
  /** AF_INET or AF_INET6 alone; AF_UNSPEC: both. */
  readonly family: number
  /** --resolve, as `parseResolve` gives it. */
  readonly resolve: readonly ResolvedHost[]
  /** Who knows names where no --dns-servers are given; null: nobody. */
  readonly system?: NameSystem | null
  /** --dns-servers: addresses. */
  readonly servers: readonly string[]
  /** Domains to search, of those servers. */
  readonly search?: readonly string[]
  /** For servers of a link: "fe80::1%jf0". */
  readonly interfaceIndex?: (name: string) => number | null
  /** Who is asked for names under "local". */
  readonly multicast?: MulticastNames
  readonly signal: AbortSignal
}

/** Finds addresses: of a host that is an address itself, that --resolve names, or that a name server knows. */
export function fetchLookup(provider: Provider, options: LookupOptions): FetchLookup {
  const { family, servers, search = [], interfaceIndex = () => null, signal, system = null, multicast } = options
  const given = new Map(options.resolve)
  const served = servers.length > 0
  const names = new Names(provider, {
    ...(served ? { servers, search, interfaceIndex, random: secureRandom } : system === null ? {} : { system }),
    ...(multicast === undefined ? {} : { multicast }),
  })
  return async (host, port) => {
    const own = given.get(`${host.toLowerCase()}:${port}`)
    const addresses =
      own ?? (await ask(names, host, family, signal, served || system !== null || multicast !== undefined))
    const fitting = addresses.filter((ip) => family === AF_UNSPEC || ip.isV4 === (family === AF_INET))
    if (fitting.length === 0) {
      throw new FetchFailure(FETCH_UNRESOLVED, `Could not resolve host: ${host} (it has no address of this family)`)
    }
    return fitting.map((ip) => {
      const address = new SocketAddress(ip.isV4 ? AF_INET : AF_INET6, ip, port)
      if (ip.isLinkLocal && !ip.isV4) address.scopeId = multicast?.ifindex ?? 0
      return address
    })
  }
}

async function ask(
  names: Names,
  host: string,
  family: number,
  signal: AbortSignal,
  served: boolean,
): Promise<readonly IpAddress[]> {
  const literal = IpAddress.parse(host)
  if (literal !== null) return [literal]
  try {
    const found = await names.getaddrinfo(host, null, { family, socketType: SOCK_STREAM, signal })
    return found.map(({ address }) => address.ip)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (!(error instanceof AddressInfoError)) throw error
    const advice = served ? '' : '; name a server by --dns-servers, or the address by --resolve'
    throw new FetchFailure(FETCH_UNRESOLVED, `Could not resolve host: ${host}${advice}`, error)
  }
}

/** Reads what --dns-servers was given: addresses with commas between them. */
export function parseServers(text: string): readonly string[] {
  return text.split(',').map((part) => {
    if (IpAddress.parse(part.trim()) !== null) return part.trim()
    throw new UsageError(`--dns-servers has ${JSON.stringify(part)}; write addresses, such as 192.0.2.53`)
  })
}

/** Reads what --resolve was given: "host:port:address[,address]". */
export function parseResolve(text: string): ResolvedHost {
  const match = /^(\[[^\]]*\]|[^:]+):(\d{1,5}):(.+)$/.exec(text)
  const addresses = (match?.[3] ?? '').split(',').map((part) => IpAddress.parse(part.replace(/^\[(.*)\]$/, '$1')))
  if (match === null || Number(match[2]) > 65535 || addresses.includes(null)) {
    throw new UsageError(`--resolve ${JSON.stringify(text)} must be HOST:PORT:ADDRESS[,ADDRESS]`)
  }
  return [`${(match[1] as string).toLowerCase()}:${Number(match[2])}`, addresses as IpAddress[]]
}
