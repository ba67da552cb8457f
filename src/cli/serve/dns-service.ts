import { readFileSync } from 'node:fs'
import { secureRandom } from '../../platform/secure-random.ts'
import { canonicalName, isDomainName } from '../../services/names/domain-name.ts'
import { Forwarder } from '../../services/names/forwarder.ts'
import { HostsFile } from '../../services/names/hosts-file.ts'
import { Resolver } from '../../services/names/resolver.ts'
import { StreamServer } from '../../services/stream-server.ts'
import type { Socket } from '../../socket/socket.ts'
import type { Host } from '../host.ts'
import { UsageError } from '../usage-error.ts'

/** What the command line says about the service dns. */
export interface DnsOptions {
  /** The file of --hosts. */
  readonly hosts?: string
  /** The domain of --zone. */
  readonly zone?: string
}

export const HOSTS_OPTION = ['--hosts <file>', 'names that dns knows by itself, as /etc/hosts has them'] as const
export const ZONE_OPTION = ['--zone <domain>', 'dns knows all names of this domain: those of --hosts'] as const

/** What dns knows by itself. */
export interface KnownNames {
  readonly hosts: HostsFile
  readonly zone: string | null
}

/** Reads the options. Throws a UsageError where they cannot be. */
export function readKnownNames({ hosts, zone }: DnsOptions): KnownNames {
  if (zone !== undefined && !isDomainName(canonicalName(zone))) {
    throw new UsageError(`--zone ${JSON.stringify(zone)} cannot be a domain; write one such as lan`)
  }
  return { hosts: new HostsFile(hosts === undefined ? '' : readHosts(hosts)), zone: zone ?? null }
}

function readHosts(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(`--hosts ${JSON.stringify(path)} cannot be read, ${code}: name a file like /etc/hosts`)
  }
}

/** The servers of the service dns: one for datagrams, one for streams. */
export function dnsServers(
  host: Host,
  servers: readonly string[],
  known: KnownNames,
  datagrams: Socket,
  listener: Socket,
): { run(): Promise<void>; close(): Promise<void> }[] {
  const interfaceIndex = (name: string) => host.interfaceIndex(name)
  const resolver =
    servers.length === 0 ? null : new Resolver(host.provider, { servers, random: secureRandom, interfaceIndex })
  const { hosts, zone } = known
  const forwarder = new Forwarder({ resolver, hosts, ...(zone === null ? {} : { zone: canonicalName(zone) }) })
  const streams = new StreamServer(listener, (socket) => forwarder.stream(socket))
  const close = async () => {
    // Questions that are under way end first: whoever asked them is told.
    forwarder.close()
    await streams.close()
  }
  return [forwarder.datagrams(datagrams), { run: () => streams.run(), close }]
}
