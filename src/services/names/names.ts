import { checkMethods, checkOptions, given } from '../../base/argument.ts'
import { AF_INET, AF_INET6 } from '../../base/constants.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import type { Socket } from '../../socket/socket.ts'
import { type AddressInfo, getaddrinfo } from './address-info.ts'
import type { AddressInfoHints } from './address-info-hints.ts'
import { type ConnectToOptions, connectTo } from './connect-to.ts'
import { HostsFile } from './hosts-file.ts'
import type { MulticastNames } from './multicast/multicast-names.ts'
import { getnameinfo, type NameInfo, type NameInfoOptions } from './name-info.ts'
import type { NameSystem } from './name-system.ts'
import { Resolver, type ResolverOptions } from './resolver.ts'
import type { InterfaceIndex } from './server-address.ts'
import { type ServiceTable, services } from './service-table.ts'
import { sourceFor } from './source-address.ts'

/** How the names of a system are looked up: either `resolver`, or the options of one. Neither: by the tables alone. */
export interface NamesOptions extends Partial<ResolverOptions> {
  readonly resolver?: Resolver
  /** In place of a resolver: who is asked for what the table of hosts does not have. */
  readonly system?: NameSystem
  /** Who is asked for names of the link, "host.local", and nobody else. */
  readonly multicast?: MulticastNames
  /** The text of a hosts(5), or one that was read. */
  readonly hosts?: string | HostsFile
  /** The table of services; default the usual ones. */
  readonly services?: ServiceTable
  /** Which name the interface with a number has, for link-local addresses as text. */
  readonly interfaceName?: (index: number) => string | null
  /** Of which families this host has an address (AI_ADDRCONFIG). Default: those of which it has a way to the world, or to a server. */
  readonly configuredFamilies?: () => readonly number[]
}

const OPTION_KEYS: readonly (keyof NamesOptions)[] = [
  'resolver',
  'system',
  'multicast',
  'hosts',
  'services',
  'interfaceName',
  'configuredFamilies',
  'servers',
  'search',
  'ndots',
  'timeout',
  'attempts',
  'rotate',
  'random',
  'cacheSize',
  'concurrency',
  'mixedCase',
  'https',
  'interfaceIndex',
]

// Addresses of documentation prefixes, anywhere in the world: asked for a way there, never written to.
const SOMEWHERE = ['198.51.100.1', '2001:db8::1'] as const

/**
 * The names of a system: a table of hosts, a table of services, a resolver.
 *
 * ```ts
 * const names = new Names(stack, { servers: ['192.0.2.53'], random: secureRandom })
 * const socket = await names.connect('server.example', 'http')
 * ```
 */
export class Names {
  readonly provider: Provider
  readonly hosts: HostsFile
  readonly services: ServiceTable
  /** Null: there are no servers to ask. */
  readonly resolver: Resolver | null
  /** Null: nobody else knows names. */
  readonly system: NameSystem | null
  /** Null: names of the link are as others are. */
  readonly multicast: MulticastNames | null
  readonly interfaceIndex: InterfaceIndex
  readonly interfaceName: (index: number) => string | null
  readonly #configuredFamilies: (() => readonly number[]) | null

  constructor(provider: Provider, options: NamesOptions = {}) {
    checkMethods('provider', provider, 'a Provider', 'socket')
    checkOptions('options', options, OPTION_KEYS)
    const {
      resolver,
      system,
      multicast,
      hosts = '',
      services: table = services,
      interfaceName = () => null,
      configuredFamilies,
      ...rest
    } = options
    this.provider = provider
    this.hosts = hosts instanceof HostsFile ? hosts : new HostsFile(hosts)
    this.services = table
    this.interfaceIndex = options.interfaceIndex ?? (() => null)
    this.interfaceName = interfaceName
    this.#configuredFamilies = configuredFamilies ?? null
    if (system !== undefined) checkMethods('options.system', system, 'a NameSystem', 'lookup', 'nameOf')
    this.system = system ?? null
    if (multicast !== undefined) checkMethods('options.multicast', multicast, 'a MulticastNames', 'query', 'browse')
    this.multicast = multicast ?? null
    if (resolver !== undefined) {
      if (!(resolver instanceof Resolver)) {
        throw new TypeError(`options.resolver must be a Resolver, got ${given(resolver)}`)
      }
      this.resolver = resolver
    } else {
      const { servers, random, https } = rest
      if (servers !== undefined && random === undefined) throw new TypeError('options.servers needs options.random')
      if (https !== undefined && random === undefined) throw new TypeError('options.https needs options.random')
      const nobody = https === undefined && (servers === undefined || servers.length === 0)
      this.resolver =
        nobody || random === undefined ? null : new Resolver(provider, { ...rest, servers: servers ?? [], random })
    }
  }

  /**
   * The ways to a service on a node, those to be tried first in front: RFC 6724. `node`: a name or an address as text; null is
   * this host, to connect to, or with AI_PASSIVE to bind. `service`: a name ("http"), a port, or null for port 0.
   *
   * Rejects with an AddressInfoError: EAI_NONAME, no such name; EAI_NODATA, a name without addresses; EAI_AGAIN, no answer;
   * EAI_SERVICE, no such service; EAI_FAIL, EAI_FAMILY, EAI_ADDRFAMILY, EAI_SOCKTYPE, EAI_BADFLAGS.
   *
   * Source: getaddrinfo(3), RFC 3493 section 6.1.
   *
   * ```ts
   * const ways = await names.getaddrinfo('server.example', 'http', { socketType: SOCK_STREAM })
   * for (const { family, address } of ways) console.log(family === AF_INET6 ? 'IPv6' : 'IPv4', address.toString())
   * ```
   */
  getaddrinfo(
    node: string | null,
    service: string | number | null = null,
    hints?: AddressInfoHints,
  ): Promise<AddressInfo[]> {
    return getaddrinfo(this, node, service, hints)
  }

  /**
   * The names of an address and its port, or their numbers where there are none. `flags`: NI_NUMERICHOST, NI_NUMERICSERV,
   * NI_NAMEREQD (no name: EAI_NONAME), NI_DGRAM, NI_NOFQDN.
   *
   * Source: getnameinfo(3), RFC 3493 section 6.2.
   *
   * ```ts
   * const { node, service } = await names.getnameinfo(connection.getpeername(), NI_NUMERICSERV)
   * ```
   */
  getnameinfo(address: SocketAddress, flags = 0, options?: NameInfoOptions): Promise<NameInfo> {
    return getnameinfo(this, address, flags, options)
  }

  /** A stream socket that is connected to a service of a host: RFC 8305. See `connectTo`. */
  connect(host: string | null, service: string | number, options?: ConnectToOptions): Promise<Socket> {
    return connectTo(this, host, service, options)
  }

  /** For AI_ADDRCONFIG. */
  configuredFamilies(): readonly number[] {
    if (this.#configuredFamilies !== null) return this.#configuredFamilies()
    const places = [...SOMEWHERE.map((text) => SocketAddress.internet(text, 0)), ...(this.resolver?.servers ?? [])]
    return [AF_INET, AF_INET6].filter((family) =>
      places.some((place) => {
        const source = place.family === family ? sourceFor(this.provider, place) : null
        // The loopback does not count: getaddrinfo(3).
        return source !== null && !source.isLoopback
      }),
    )
  }
}
