// Read first: getaddrinfo(3), RFC 3493 section 6.1: what the hints may be, and which sockets they mean.

import { checkInteger, checkOptions } from '../../base/argument.ts'
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from '../../base/constants.ts'
import {
  AddressInfoError,
  AI_ADDRCONFIG,
  AI_ALL,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  AI_V4MAPPED,
} from './netdb.ts'
import type { ServiceTable, TransportName } from './service-table.ts'

/** What is wanted: a struct addrinfo. All left out: any. */
export interface AddressInfoHints {
  /** AI_ flags; default AI_V4MAPPED | AI_ADDRCONFIG with hints left out, as glibc has it, else 0. */
  readonly flags?: number
  /** AF_INET, AF_INET6, or AF_UNSPEC (0) for both. */
  readonly family?: number
  /** SOCK_STREAM, SOCK_DGRAM, SOCK_RAW; 0: each of them. */
  readonly socketType?: number
  readonly protocol?: number
  readonly signal?: AbortSignal | undefined
  /** Milliseconds to wait for the other family once one has addresses; default: until it has an answer, whatever it is. */
  readonly patience?: number
}

const HINT_KEYS: readonly (keyof AddressInfoHints)[] = [
  'flags',
  'family',
  'socketType',
  'protocol',
  'signal',
  'patience',
]
const KNOWN_FLAGS = AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_NUMERICSERV | AI_V4MAPPED | AI_ALL | AI_ADDRCONFIG

/** A kind of socket, and the port of the service on it. */
export interface SocketKind {
  readonly socketType: number
  readonly protocol: number
  readonly port: number
}

interface KindOfSocket {
  readonly socketType: number
  readonly protocol: number
  readonly transport: TransportName | null
}

const KINDS: readonly KindOfSocket[] = [
  { socketType: SOCK_STREAM, protocol: IPPROTO_TCP, transport: 'tcp' },
  { socketType: SOCK_DGRAM, protocol: IPPROTO_UDP, transport: 'udp' },
  { socketType: SOCK_RAW, protocol: 0, transport: null },
]

/** Throws for hints that cannot be: a TypeError or RangeError where they are no numbers, else an AddressInfoError. */
export function checkHints(hints: AddressInfoHints, node: string | null, service: string | null): void {
  checkOptions('hints', hints, HINT_KEYS)
  const { flags = 0, family = AF_UNSPEC, socketType = 0, protocol = 0 } = hints
  checkInteger('hints.flags', flags)
  checkInteger('hints.family', family)
  checkInteger('hints.socketType', socketType)
  checkInteger('hints.protocol', protocol)
  if (hints.patience !== undefined) checkInteger('hints.patience', hints.patience, 0)
  const fail = (code: ConstructorParameters<typeof AddressInfoError>[1]) =>
    new AddressInfoError('getaddrinfo', code, node, service)
  if (node === null && service === null) throw fail('EAI_NONAME')
  if ((flags & ~KNOWN_FLAGS) !== 0) throw fail('EAI_BADFLAGS')
  // POSIX: the canonical name of nothing.
  if ((flags & AI_CANONNAME) !== 0 && node === null) throw fail('EAI_BADFLAGS')
  if (family !== AF_UNSPEC && family !== AF_INET && family !== AF_INET6) throw fail('EAI_FAMILY')
}

/** The kinds of socket that the hints allow, each with the service's port. Throws an AddressInfoError where there is none. */
export function socketKinds(
  hints: AddressInfoHints,
  node: string | null,
  service: string | null,
  table: ServiceTable,
): readonly SocketKind[] {
  const { flags = 0, socketType = 0, protocol = 0 } = hints
  const fail = (code: ConstructorParameters<typeof AddressInfoError>[1]) =>
    new AddressInfoError('getaddrinfo', code, node, service)
  const kinds = kindsOf(socketType, protocol)
  if (kinds.length === 0) throw fail('EAI_SOCKTYPE')
  const port = numericPort(service)
  if (port !== null) {
    // A raw socket has no ports: whoever asks for one alone cannot mean a service.
    if (port > 65535 || (service !== null && kinds[0]?.transport === null)) throw fail('EAI_SERVICE')
    return kinds.map((kind) => ({ socketType: kind.socketType, protocol: kind.protocol || protocol, port }))
  }
  if ((flags & AI_NUMERICSERV) !== 0) throw fail('EAI_NONAME')
  const found = kinds.flatMap((kind) => {
    const entry = kind.transport === null ? null : table.byName(service as string, kind.transport)
    return entry === null ? [] : [{ socketType: kind.socketType, protocol: kind.protocol, port: entry.port }]
  })
  if (found.length === 0) throw fail('EAI_SERVICE')
  return found
}

// A raw socket takes any protocol; one that has sockets of its own means those.
function kindsOf(socketType: number, protocol: number): readonly KindOfSocket[] {
  const fitting = KINDS.filter((kind) => socketType === 0 || kind.socketType === socketType)
  const own = fitting.filter((kind) => kind.protocol === protocol)
  if (protocol === 0 || own.length === 0) {
    return fitting.filter((kind) => protocol === 0 || kind.socketType === SOCK_RAW)
  }
  return own
}

/** 0 for no service; null for one that is no number. */
function numericPort(service: string | null): number | null {
  if (service === null) return 0
  return /^\d+$/.test(service) ? Number(service) : null
}
