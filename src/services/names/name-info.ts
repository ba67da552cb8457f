// Read first: getnameinfo(3), RFC 3493 section 6.2.

import { checkInteger, checkOptions, given } from '../../base/argument.ts'
import { write32 } from '../../base/bytes.ts'
import { AF_INET, AF_INET6 } from '../../base/constants.ts'
import { inet_ntop } from '../../base/inet.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { reverseName } from './domain-name.ts'
import { addressInfoCode } from './host-lookup.ts'
import type { Names } from './names.ts'
import { AddressInfoError, NI_DGRAM, NI_NAMEREQD, NI_NOFQDN, NI_NUMERICHOST, NI_NUMERICSERV } from './netdb.ts'
import { ResolverError } from './resolver-error.ts'

/** What getnameinfo gives: the name of the host, or its address, and the name of the service, or its port. */
export interface NameInfo {
  readonly node: string
  readonly service: string
}

export interface NameInfoOptions {
  readonly signal?: AbortSignal | undefined
}

const KNOWN_FLAGS = NI_NUMERICHOST | NI_NUMERICSERV | NI_NOFQDN | NI_NAMEREQD | NI_DGRAM

/** See `Names.getnameinfo`. */
export async function getnameinfo(
  names: Names,
  address: SocketAddress,
  flags = 0,
  options: NameInfoOptions = {},
): Promise<NameInfo> {
  if (!(address instanceof SocketAddress)) throw new TypeError(`address must be a SocketAddress, got ${given(address)}`)
  checkInteger('flags', flags)
  checkOptions('options', options, ['signal'])
  const text = numericNode(names, address)
  if ((flags & ~KNOWN_FLAGS) !== 0) throw new AddressInfoError('getnameinfo', 'EAI_BADFLAGS', text)
  if (address.family !== AF_INET && address.family !== AF_INET6) {
    throw new AddressInfoError('getnameinfo', 'EAI_FAMILY', text)
  }
  const transport = (flags & NI_DGRAM) === 0 ? 'tcp' : 'udp'
  const entry = (flags & NI_NUMERICSERV) === 0 ? names.services.byPort(address.port, transport) : null
  const service = entry?.name ?? String(address.port)
  const numeric = (flags & NI_NUMERICHOST) !== 0
  if (numeric && (flags & NI_NAMEREQD) !== 0) throw new AddressInfoError('getnameinfo', 'EAI_NONAME', text)
  const name = numeric ? null : await nameOf(names, address, (flags & NI_NAMEREQD) !== 0, text, options.signal)
  if (name === null) return { node: text, service }
  return { node: (flags & NI_NOFQDN) === 0 ? name : withoutDomain(name, names), service }
}

function numericNode(names: Names, { family, ip, scopeId }: SocketAddress): string {
  if (family !== AF_INET6) return ip.toString()
  const bytes = new Uint8Array(16)
  write32(bytes, 0, ip.a)
  write32(bytes, 4, ip.b)
  write32(bytes, 8, ip.c)
  write32(bytes, 12, ip.d)
  const text = inet_ntop(AF_INET6, bytes)
  return scopeId === 0 ? text : `${text}%${names.interfaceName(scopeId) ?? scopeId}`
}

/** The name of an address; null where it has none and needs none. */
async function nameOf(
  names: Names,
  { ip }: SocketAddress,
  required: boolean,
  text: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const known = names.hosts.nameOf(ip)
  if (known !== null) return known
  // RFC 6762 section 4: what is of one link alone, no server knows.
  if (names.multicast !== null && ip.isLinkLocal) {
    const [record] = await names.multicast.query(reverseName(ip), 'PTR', { signal })
    if (record?.kind === 'name') return record.data
  }
  const found = names.system === null ? null : await names.system.nameOf(ip, signal)
  if (found !== null) return found
  let failure: ResolverError | null = null
  if (names.resolver !== null) {
    try {
      const { records } = await names.resolver.query(reverseName(ip), 'PTR', { signal })
      const [record] = records
      if (record?.kind === 'name') return record.data
    } catch (error) {
      if (!(error instanceof ResolverError)) throw error
      failure = error
    }
  }
  if (!required) return null
  const code = failure === null ? 'EAI_NONAME' : addressInfoCode(failure)
  throw new AddressInfoError('getnameinfo', code, text, null, failure ?? undefined)
}

// NI_NOFQDN: only where the domain is this host's own.
function withoutDomain(name: string, names: Names): string {
  const domain = (names.resolver?.search ?? []).find((one) => name.toLowerCase().endsWith(`.${one}`))
  return domain === undefined ? name : name.slice(0, -domain.length - 1)
}
