import { readFileSync } from 'node:fs'
import { IpAddress } from '../../base/ip-address.ts'
import { secureRandom } from '../../platform/secure-random.ts'
import { canonicalName, isDomainName } from '../../services/names/domain-name.ts'
import { HostsFile } from '../../services/names/hosts-file.ts'
import { MasterFileError } from '../../services/names/master-lines.ts'
import { NameServer } from '../../services/names/name-server.ts'
import { Resolver } from '../../services/names/resolver.ts'
import { Zone } from '../../services/names/zone.ts'
import { StreamServer } from '../../services/stream-server.ts'
import type { Socket } from '../../socket/socket.ts'
import type { Host } from '../host.ts'
import { domainText, filePath } from '../option-values.ts'
import { UsageError } from '../usage-error.ts'

/** What the command line says about the service dns. */
export interface DnsOptions {
  /** The file of --hosts. */
  readonly hosts?: string
  /** The domain of --zone. */
  readonly zone?: string
  /** The files of --zone-file. */
  readonly zoneFile?: readonly string[]
  /** The addresses of --transfer. */
  readonly transfer?: readonly string[]
}

export const HOSTS_OPTION = [
  '--hosts <file>',
  'names that dns knows by itself, as /etc/hosts has them',
  filePath,
] as const
export const ZONE_OPTION = [
  '--zone <domain>',
  'dns knows all names of this domain: those of --hosts',
  domainText,
] as const

export const ZONE_FILE_OPTION = [
  '--zone-file <[domain=]file>',
  'a zone that dns answers for, as RFC 1035 writes them; may be repeated',
] as const
export const TRANSFER_OPTION = ['--transfer <address>', 'who may have zones whole (AXFR); may be repeated'] as const

/** What dns knows by itself. */
export interface KnownNames {
  readonly hosts: HostsFile
  readonly zone: string | null
  readonly zones: readonly Zone[]
  readonly transfer: readonly IpAddress[]
}

/** Reads the options. Throws a UsageError where they cannot be. */
export function readKnownNames({ hosts, zone, zoneFile = [], transfer = [] }: DnsOptions): KnownNames {
  const zones = zoneFile.map(readZone)
  const twice = zones.find(({ name }, i) => zones.findIndex((other) => other.name === name) < i)
  if (twice !== undefined) throw new UsageError(`--zone-file: two files have the zone ${twice.name}`)
  return {
    hosts: new HostsFile(hosts === undefined ? '' : readHosts(hosts)),
    zone: zone ?? null,
    zones,
    transfer: transfer.map(readAddress),
  }
}

function readAddress(text: string): IpAddress {
  const address = IpAddress.parse(text)
  if (address === null) {
    throw new UsageError(`--transfer ${JSON.stringify(text)} is no address such as 192.0.2.53`)
  }
  return address
}

function readZone(text: string): Zone {
  const equals = text.indexOf('=')
  const path = text.slice(equals + 1)
  const origin = equals < 0 ? undefined : text.slice(0, equals)
  if (origin !== undefined && !isDomainName(canonicalName(origin))) {
    throw new UsageError(`--zone-file ${JSON.stringify(text)}: ${JSON.stringify(origin)} cannot be a domain`)
  }
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(`--zone-file ${JSON.stringify(path)} cannot be read, ${code}: name a master file`)
  }
  try {
    return Zone.parse(content, origin === undefined ? {} : { origin })
  } catch (error) {
    if (!(error instanceof MasterFileError)) throw error
    throw new UsageError(`--zone-file ${JSON.stringify(path)}, ${error.message}`)
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

/** The servers of the service dns: one for datagrams, one for streams. */
export function dnsServers(
  host: Host,
  servers: readonly string[],
  known: KnownNames,
  datagrams: Socket,
  listener: Socket,
): { run(): Promise<void>; close(): Promise<void>; readonly counters?: object }[] {
  const interfaceIndex = (name: string) => host.interfaceIndex(name)
  const resolver =
    servers.length === 0 ? null : new Resolver(host.provider, { servers, random: secureRandom, interfaceIndex })
  const { hosts, zone, zones, transfer: allowed } = known
  const nameServer = new NameServer({
    resolver,
    hosts,
    zones,
    transfer: ({ ip }) => allowed.some((address) => address.equals(ip)),
    ...(zone === null ? {} : { zone: canonicalName(zone) }),
  })
  const streams = new StreamServer(listener, (socket) => nameServer.stream(socket))
  const close = async () => {
    // Questions that are under way end first: whoever asked them is told.
    nameServer.close()
    await streams.close()
  }
  // Of both: what is asked of it, and what it asks.
  const counted = {
    run: () => streams.run(),
    close,
    get counters() {
      return { ...resolver?.counters, ...nameServer.counters }
    },
  }
  return [nameServer.datagrams(datagrams), counted]
}
