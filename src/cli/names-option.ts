// Read first: getaddrinfo(3), getnameinfo(3).

import { readFileSync } from 'node:fs'
import { AF_INET, AF_INET6, AF_UNSPEC, SOCK_DGRAM } from '../base/constants.ts'
import type { SocketAddress } from '../base/socket-address.ts'
import { secureRandom } from '../platform/secure-random.ts'
import { Names } from '../services/names/names.ts'
import { AddressInfoError, NI_NAMEREQD, NI_NUMERICHOST } from '../services/names/netdb.ts'
import { parseScopedAddress } from '../services/names/server-address.ts'
import type { Host } from './host.ts'
import { isLinkName, withLinkNames } from './link-names.ts'
import { filePath } from './option-values.ts'
import { UsageError } from './usage-error.ts'
import type { Where } from './where.ts'

/** What the command line says about names and families. */
export interface NamesFlags {
  /** -4 and -6. */
  readonly ipv4?: boolean
  readonly ipv6?: boolean
  /** The addresses of --dns. */
  readonly dns?: readonly string[]
  /** The file of --hosts. */
  readonly hosts?: string
}

export const IPV4_OPTION = ['-4, --ipv4', 'use IPv4 alone'] as const
export const IPV6_OPTION = ['-6, --ipv6', 'use IPv6 alone'] as const
export const DNS_OPTION = ['--dns <server>', 'ask this name server, an address, for names; may be repeated'] as const
export const HOSTS_FILE_OPTION = ['--hosts <file>', 'a file with names and addresses, as /etc/hosts', filePath] as const

/** For commander: a list of what an option is given each time. */
export function gathered(text: string, others: readonly string[]): string[] {
  return [...others, text]
}

/**
 * Throws a UsageError for what can be told to be wrong without a stack: so that none is made, and no link with it. The address that
 * `host` writes; null where it is a name. `where`: null for the operating system, which knows names itself.
 */
export function checkNames(host: string, flags: NamesFlags, where: Where | null): SocketAddress | null {
  if (flags.ipv4 && flags.ipv6) throw new UsageError('there are both -4 and -6; write one')
  // Which link a zone names is known later.
  const address = (text: string) => parseScopedAddress(text, () => 1)
  const wrong = flags.dns?.find((server) => address(server) === null)
  if (wrong !== undefined) throw new UsageError(`--dns ${JSON.stringify(wrong)} is no address such as 192.0.2.53`)
  if (host === '') throw new UsageError('"" is neither an address nor a name; write one, such as 192.0.2.1')
  const literal = address(host)
  const told = where === null || where.dhcp || where.ipv6 === 'auto' || isLinkName({ where }, host)
  if (literal === null && !told && !asks(flags)) {
    throw new UsageError(
      `${JSON.stringify(host)} is no address, and names are not known: --dns says whom to ask, --hosts has them itself`,
    )
  }
  return literal
}

function asks({ dns = [], hosts }: NamesFlags): boolean {
  return dns.length > 0 || hosts !== undefined
}

/** Names as a host of the command line looks them up. */
export class HostNames {
  readonly family: number
  readonly #host: Host
  readonly #flags: NamesFlags
  #names: Names | null = null
  readonly #known = new Map<string, string>()

  /** `flags` are as `checkNames` lets them pass. With --dns or --hosts nobody else is asked. */
  constructor(host: Host, flags: NamesFlags) {
    this.family = flags.ipv4 ? AF_INET : flags.ipv6 ? AF_INET6 : AF_UNSPEC
    this.#host = host
    this.#flags = flags
  }

  /** Whom it asks is settled when the host is ready: before, it must not be asked for. */
  get names(): Names {
    this.#names ??= this.#make()
    return this.#names
  }

  get #asks(): boolean {
    return asks(this.#flags) || this.#host.names !== null || this.#host.nameServers.length > 0
  }

  #make(): Names {
    const host = this.#host
    const flags = this.#flags
    const servers = asks(flags) ? (flags.dns ?? []) : host.nameServers
    const search = asks(flags) ? [] : host.searchDomains
    const system = asks(flags) ? null : host.names
    return new Names(host.provider, {
      hosts: flags.hosts === undefined ? '' : readHosts(flags.hosts),
      interfaceIndex: (name) => host.interfaceIndex(name),
      interfaceName: (index) => host.interfaceName(index),
      ...(system === null ? {} : { system }),
      ...(servers.length === 0 ? {} : { servers, search, random: secureRandom }),
    })
  }

  /** The address to use for `host`, a name or an address. Throws a UsageError where there is none. */
  async address(host: string, service: string | number | null = null): Promise<SocketAddress> {
    const all = await this.addresses(host, service)
    return all[0] as SocketAddress // getaddrinfo gives one at least
  }

  /** All addresses of `host`, those to be tried first in front. */
  async addresses(host: string, service: string | number | null = null): Promise<SocketAddress[]> {
    try {
      const hints = { family: this.family, socketType: SOCK_DGRAM }
      const ofLink = !asks(this.#flags) && isLinkName(this.#host, host)
      const found = ofLink
        ? await withLinkNames(this.#host, (multicast) =>
            new Names(this.#host.provider, { multicast }).getaddrinfo(host, service, hints),
          )
        : await this.names.getaddrinfo(host, service, hints)
      return found.map(({ address }) => address)
    } catch (error) {
      if (!(error instanceof AddressInfoError)) throw error
      throw new UsageError(`${error.code === 'EAI_SERVICE' ? service : host}: ${error.text}`)
    }
  }

  /** The address in figures, with the name of its link where it has one. */
  async figures(address: SocketAddress): Promise<string> {
    return (await this.names.getnameinfo(address, NI_NUMERICHOST)).node
  }

  /** The name of an address, or its figures where it has none. Asked for once. */
  async nameOf(address: SocketAddress): Promise<string> {
    const figures = await this.figures(address)
    if (!this.#asks) return figures
    let name = this.#known.get(figures)
    if (name !== undefined) return name
    try {
      name = (await this.names.getnameinfo(address, NI_NAMEREQD)).node
    } catch (error) {
      if (!(error instanceof AddressInfoError)) throw error
      name = figures
    }
    this.#known.set(figures, name)
    return name
  }
}

function readHosts(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(`--hosts ${JSON.stringify(path)} cannot be read, ${code}: name a file like /etc/hosts`)
  }
}
