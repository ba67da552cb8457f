// Read first: getaddrinfo(3), RFC 3493 section 6.1, RFC 6724 section 6.

import { given } from '../../base/argument.ts'
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../base/constants.ts'
import { inet_aton } from '../../base/inet.ts'
import { ANY_V4, IpAddress, LOOPBACK_V4 } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { type AddressInfoHints, checkHints, socketKinds } from './address-info-hints.ts'
import { orderDestinations } from './destination-order.ts'
import { lookupHost } from './host-lookup.ts'
import type { FoundHost } from './name-system.ts'
import type { Names } from './names.ts'
import {
  AddressInfoError,
  AI_ADDRCONFIG,
  AI_ALL,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_PASSIVE,
  AI_V4MAPPED,
} from './netdb.ts'
import { parseScopedAddress } from './server-address.ts'
import { sourceFor } from './source-address.ts'

/** A way to what was asked for: what to give `socket` and then `connect` or `bind`. A struct addrinfo. */
export interface AddressInfo {
  readonly family: number
  readonly socketType: number
  readonly protocol: number
  readonly address: SocketAddress
  /** AI_CANONNAME: on the first alone. */
  readonly canonicalName?: string
}

const ANY_V6 = new IpAddress()
const LOOPBACK_V6 = new IpAddress(0, 0, 0, 1)

/** With no hints at all: getaddrinfo(3). */
const DEFAULT_FLAGS = AI_V4MAPPED | AI_ADDRCONFIG

/** See `Names.getaddrinfo`. */
export async function getaddrinfo(
  names: Names,
  node: string | null,
  service: string | number | null,
  hints?: AddressInfoHints,
): Promise<AddressInfo[]> {
  checkText('node', node)
  const serviceText = typeof service === 'number' ? String(service) : service
  checkText('service', serviceText)
  const wanted: AddressInfoHints = hints ?? { flags: DEFAULT_FLAGS }
  checkHints(wanted, node, serviceText)
  const { signal } = wanted
  if (signal?.aborted === true) throw signal.reason
  const kinds = socketKinds(wanted, node, serviceText, names.services)
  const found = node === null ? nobody(wanted) : await hostAddresses(names, node, serviceText, wanted)
  const ordered = orderDestinations(
    found.addresses.map((address) => ({
      destination: address.ip,
      // Of one address there is nothing to order.
      source: found.addresses.length > 1 && node !== null ? sourceFor(names.provider, address) : null,
      value: address,
    })),
  )
  const result = ordered.flatMap((address) =>
    kinds.map(({ socketType, protocol, port }): AddressInfo => {
      const own = address.copy()
      own.port = port
      return { family: own.family, socketType, protocol, address: own }
    }),
  )
  const [first] = result
  if (first === undefined || ((wanted.flags ?? 0) & AI_CANONNAME) === 0) return result
  return [{ ...first, canonicalName: found.canonicalName }, ...result.slice(1)]
}

function checkText(name: string, value: unknown): void {
  if (value !== null && typeof value !== 'string') {
    throw new TypeError(`${name} must be a string or null, got ${given(value)}`)
  }
}

interface Found {
  readonly addresses: readonly SocketAddress[]
  readonly canonicalName: string
}

// No node: this host, to be bound (any address) or connected to (the loopback). The order is glibc's.
function nobody({ flags = 0, family = AF_UNSPEC }: AddressInfoHints): Found {
  const passive = (flags & AI_PASSIVE) !== 0
  const v4 = new SocketAddress(AF_INET, passive ? ANY_V4.copy() : LOOPBACK_V4.copy())
  const v6 = new SocketAddress(AF_INET6, passive ? ANY_V6.copy() : LOOPBACK_V6.copy())
  const both = passive ? [v4, v6] : [v6, v4]
  return { addresses: both.filter((address) => family === AF_UNSPEC || address.family === family), canonicalName: '' }
}

async function hostAddresses(
  names: Names,
  node: string,
  service: string | null,
  hints: AddressInfoHints,
): Promise<Found> {
  const { flags = 0, family = AF_UNSPEC } = hints
  const fail = (code: ConstructorParameters<typeof AddressInfoError>[1]) =>
    new AddressInfoError('getaddrinfo', code, node, service)
  const numeric = numericHost(names, node)
  if (numeric === 'no zone') throw fail('EAI_NONAME')
  if (numeric !== null) {
    const address = asFamily(numeric, family, flags)
    if (address === null) throw fail('EAI_ADDRFAMILY')
    return { addresses: [address], canonicalName: node }
  }
  if ((flags & AI_NUMERICHOST) !== 0) throw fail('EAI_NONAME')
  const mapping = family === AF_INET6 && (flags & AI_V4MAPPED) !== 0
  const configured = (flags & AI_ADDRCONFIG) === 0 ? [] : names.configuredFamilies()
  // As glibc: a host that has none but its loopback, and asks for no family, is not kept from that.
  const any = (flags & AI_ADDRCONFIG) === 0 || (configured.length === 0 && family === AF_UNSPEC)
  const wants = (one: number) => any || configured.includes(one)
  const v4 = (family !== AF_INET6 || mapping) && wants(AF_INET)
  const v6 = family !== AF_INET && wants(AF_INET6)
  if (!v4 && !v6) throw fail('EAI_NONAME')
  const host = await lookupHost(names, node, { v4, v6 }, hints)
  if (host.code !== null) throw new AddressInfoError('getaddrinfo', host.code, node, service, host.cause)
  return { addresses: addressesOf(host, mapping, flags), canonicalName: host.canonicalName }
}

function addressesOf(host: FoundHost, mapping: boolean, flags: number): SocketAddress[] {
  const v6 = host.v6.map((ip) => {
    const address = new SocketAddress(AF_INET6, ip)
    if (ip.isLinkLocal) address.scopeId = host.ifindex ?? 0
    return address
  })
  if (!mapping) return [...v6, ...host.v4.map((ip) => new SocketAddress(AF_INET, ip))]
  // The one representation of addresses has IPv4 mapped already: what differs is whose socket it is for.
  if (v6.length > 0 && (flags & AI_ALL) === 0) return v6
  return [...v6, ...host.v4.map((ip) => new SocketAddress(AF_INET6, ip))]
}

// An address in place of a name: any form that inet_aton or inet_pton takes, with a zone behind a link-local one.
function numericHost(names: Names, node: string): SocketAddress | null | 'no zone' {
  const v4 = inet_aton(node)
  if (v4 !== null) return new SocketAddress(AF_INET, v4)
  const address = parseScopedAddress(node, names.interfaceIndex)
  if (address !== null) return address
  return node.includes('%') ? 'no zone' : null
}

function asFamily(address: SocketAddress, family: number, flags: number): SocketAddress | null {
  if (family === AF_UNSPEC || family === address.family) return address
  if (family !== AF_INET6 || (flags & AI_V4MAPPED) === 0) return null
  return new SocketAddress(AF_INET6, address.ip)
}
