// Read first: RFC 3678 sections 4.1 and 5.1, ip(7) and ipv6(7) on membership. What setsockopt(2) is told about groups: six structs
// for one thing, as they lie in memory in C on Linux x86-64 and arm64, numbers in the machine's order, addresses in the network's.

import { checkInteger, checkOptions, given } from './argument.ts'
import { read32, readNative, write32, writeNative } from './bytes.ts'
import { AF_INET, AF_INET6, MCAST_EXCLUDE, MCAST_INCLUDE } from './constants.ts'
import { IpAddress } from './ip-address.ts'

/** A group, on which interface, and from whom: of `ifindex` and `address` one names the interface, the stack chooses where none does. */
export interface GroupRequest {
  /** "224.0.0.251", "ff02::fb" */
  readonly group: string
  /** The interface's number. */
  readonly ifindex?: number | undefined
  /** IPv4: the interface by an address of its own. */
  readonly address?: string | undefined
  /** Whom to hear, or no longer to hear. For options whose name has SOURCE in it. */
  readonly source?: string | undefined
}

/** All of a membership at once: IP_MSFILTER, MCAST_MSFILTER. */
export interface GroupFilter {
  readonly group: string
  readonly ifindex?: number | undefined
  readonly address?: string | undefined
  /** Only `sources` are heard, or all but them. Default 'exclude'. */
  readonly mode?: 'include' | 'exclude' | undefined
  /** Default none. */
  readonly sources?: readonly string[] | undefined
}

/** The C structs of one group. */
export type GroupStruct = 'ip_mreqn' | 'ip_mreq_source' | 'ipv6_mreq' | 'group_req' | 'group_source_req'
/** The C structs of a filter. */
export type FilterStruct = 'ip_msfilter' | 'group_filter'

/** What such a struct says. */
export interface GroupFields {
  /** AF_INET or AF_INET6; for a struct with a sockaddr in it, what that says. */
  readonly family: number
  readonly group: IpAddress
  /** 0: not given. */
  readonly ifindex: number
  /** 0.0.0.0: not given. */
  readonly address: IpAddress
  readonly source: IpAddress
}

/** What a filter says. */
export interface FilterFields extends GroupFields {
  readonly mode: number
  readonly sources: readonly IpAddress[]
}

const STORAGE_LENGTH = 128
const GROUP_AT = 8
const SOURCE_AT = GROUP_AT + STORAGE_LENGTH
/** group_filter: mode and count lie where group_source_req has its source. */
const SOURCES_AT = SOURCE_AT + 8
/** ip_msfilter: what is in front of its sources. */
const IP_SOURCES_AT = 16

/** Octets of each struct; of ip_mreqn what is needed: a struct ip_mreq has no interface number. */
const LENGTH: { readonly [Struct in GroupStruct]: number } = {
  ip_mreqn: 8,
  ip_mreq_source: 12,
  ipv6_mreq: 20,
  group_req: SOURCE_AT,
  group_source_req: SOURCE_AT + STORAGE_LENGTH,
}

const GROUP_KEYS: readonly (keyof GroupRequest)[] = ['group', 'ifindex', 'address', 'source']
const FILTER_KEYS: readonly (keyof GroupFilter)[] = ['group', 'ifindex', 'address', 'mode', 'sources']

/** The struct for `request`. Throws a TypeError or RangeError that names `option` and what of the request cannot be. */
export function encodeGroupRequest(option: string, struct: GroupStruct, request: unknown): Uint8Array {
  checkOptions(option, request, GROUP_KEYS)
  const { group, ifindex = 0, address, source } = request as GroupRequest
  const groupIp = ipOf(`${option}: group`, group)
  checkInteger(`${option}: ifindex`, ifindex, 0)
  const local = ipOf(`${option}: address`, address ?? '0.0.0.0')
  const from = ipOf(`${option}: source`, source ?? (groupIp.isV4 ? '0.0.0.0' : '::'))
  const bytes = new Uint8Array(struct === 'ip_mreqn' ? 12 : LENGTH[struct])
  switch (struct) {
    case 'ip_mreqn':
      write32(bytes, 0, groupIp.d)
      write32(bytes, 4, local.d)
      writeNative(bytes, 8, ifindex)
      break
    case 'ip_mreq_source':
      write32(bytes, 0, groupIp.d)
      write32(bytes, 4, local.d)
      write32(bytes, 8, from.d)
      break
    case 'ipv6_mreq':
      writeAddress(bytes, 0, groupIp)
      writeNative(bytes, 16, ifindex)
      break
    default:
      writeNative(bytes, 0, ifindex)
      writeStorage(bytes, GROUP_AT, groupIp)
      if (struct === 'group_source_req') writeStorage(bytes, SOURCE_AT, from)
  }
  return bytes
}

/** What the struct in `bytes` says; null where it is too short. */
export function decodeGroupRequest(struct: GroupStruct, bytes: Uint8Array): GroupFields | null {
  if (bytes.length < LENGTH[struct]) return null
  const none = new IpAddress()
  const any = IpAddress.v4(0)
  switch (struct) {
    case 'ip_mreqn': {
      const ifindex = bytes.length < 12 ? 0 : readNative(bytes, 8)
      return { family: AF_INET, group: v4At(bytes, 0), ifindex, address: v4At(bytes, 4), source: none }
    }
    case 'ip_mreq_source': {
      const source = v4At(bytes, 8)
      return { family: AF_INET, group: v4At(bytes, 0), ifindex: 0, address: v4At(bytes, 4), source }
    }
    case 'ipv6_mreq':
      return { family: AF_INET6, group: v6At(bytes, 0), ifindex: readNative(bytes, 16), address: any, source: none }
    default: {
      const source = struct === 'group_req' ? none : storageAt(bytes, SOURCE_AT)
      // The source must be of the family of the group: what is not is of no family.
      const family = familyAt(bytes, GROUP_AT)
      const same = struct === 'group_req' || familyAt(bytes, SOURCE_AT) === family
      const ifindex = readNative(bytes, 0)
      return { family: same ? family : 0, group: storageAt(bytes, GROUP_AT), ifindex, address: any, source }
    }
  }
}

/** The same for a filter. */
export function encodeGroupFilter(option: string, struct: FilterStruct, filter: unknown): Uint8Array {
  checkOptions(option, filter, FILTER_KEYS)
  const { group, ifindex = 0, address, mode = 'exclude', sources = [] } = filter as GroupFilter
  const groupIp = ipOf(`${option}: group`, group)
  checkInteger(`${option}: ifindex`, ifindex, 0)
  const local = ipOf(`${option}: address`, address ?? '0.0.0.0')
  if (mode !== 'include' && mode !== 'exclude') {
    throw new TypeError(`${option}: mode must be 'include' or 'exclude', got ${given(mode)}`)
  }
  if (!Array.isArray(sources)) throw new TypeError(`${option}: sources must be an array, got ${given(sources)}`)
  const from = sources.map((source, i) => ipOf(`${option}: sources[${i}]`, source))
  return encodeFilterFields(struct, {
    family: groupIp.isV4 ? AF_INET : AF_INET6,
    group: groupIp,
    ifindex,
    address: local,
    source: from[0] ?? groupIp,
    mode: mode === 'include' ? MCAST_INCLUDE : MCAST_EXCLUDE,
    sources: from,
  })
}

/** The struct for what is known of a filter. */
export function encodeFilterFields(struct: FilterStruct, filter: FilterFields): Uint8Array {
  const { group, sources } = filter
  if (struct === 'ip_msfilter') {
    const bytes = new Uint8Array(IP_SOURCES_AT + 4 * sources.length)
    write32(bytes, 0, group.d)
    write32(bytes, 4, filter.address.d)
    writeNative(bytes, 8, filter.mode)
    writeNative(bytes, 12, sources.length)
    sources.forEach((source, i) => {
      write32(bytes, IP_SOURCES_AT + 4 * i, source.d)
    })
    return bytes
  }
  const bytes = new Uint8Array(SOURCES_AT + STORAGE_LENGTH * sources.length)
  writeNative(bytes, 0, filter.ifindex)
  writeStorage(bytes, GROUP_AT, group)
  writeNative(bytes, SOURCE_AT, filter.mode)
  writeNative(bytes, SOURCE_AT + 4, sources.length)
  sources.forEach((source, i) => {
    writeStorage(bytes, SOURCES_AT + STORAGE_LENGTH * i, source)
  })
  return bytes
}

/**
 * What the filter in `bytes` says, its sources as many as the struct counts; null where it is too short for its head or for what it
 * counts. `head`: only the head is there, as getsockopt(2) is given it.
 */
export function decodeGroupFilter(struct: FilterStruct, bytes: Uint8Array, head = false): FilterFields | null {
  const old = struct === 'ip_msfilter'
  const sourcesAt = old ? IP_SOURCES_AT : SOURCES_AT
  const size = old ? 4 : STORAGE_LENGTH
  if (bytes.length < sourcesAt) return null
  const count = readNative(bytes, sourcesAt - 4) >>> 0
  if (!head && count > (bytes.length - sourcesAt) / size) return null
  const sources: IpAddress[] = []
  let family = old ? AF_INET : familyAt(bytes, GROUP_AT)
  for (let i = 0; i < count && !head; i++) {
    const at = sourcesAt + size * i
    if (!old && familyAt(bytes, at) !== family) family = 0
    sources.push(old ? v4At(bytes, at) : storageAt(bytes, at))
  }
  return {
    family,
    group: old ? v4At(bytes, 0) : storageAt(bytes, GROUP_AT),
    ifindex: old ? 0 : readNative(bytes, 0),
    address: old ? v4At(bytes, 4) : IpAddress.v4(0),
    source: new IpAddress(),
    mode: readNative(bytes, sourcesAt - 8),
    sources,
  }
}

/** A filter in words. */
export function groupFilterOf(fields: FilterFields): GroupFilter {
  return {
    group: fields.group.toString(),
    ...(fields.ifindex === 0 ? {} : { ifindex: fields.ifindex }),
    ...(fields.address.isUnspecified ? {} : { address: fields.address.toString() }),
    mode: fields.mode === MCAST_INCLUDE ? 'include' : 'exclude',
    sources: fields.sources.map(String),
  }
}

function ipOf(name: string, text: unknown): IpAddress {
  const ip = typeof text === 'string' ? IpAddress.parse(text) : null
  if (ip === null) throw new TypeError(`${name} must be an IPv4 or IPv6 address, got ${given(text)}`)
  return ip
}

function v4At(bytes: Uint8Array, at: number): IpAddress {
  return IpAddress.v4(read32(bytes, at))
}

function v6At(bytes: Uint8Array, at: number): IpAddress {
  return new IpAddress(read32(bytes, at), read32(bytes, at + 4), read32(bytes, at + 8), read32(bytes, at + 12))
}

function writeAddress(bytes: Uint8Array, at: number, { a, b, c, d }: IpAddress): void {
  write32(bytes, at, a)
  write32(bytes, at + 4, b)
  write32(bytes, at + 8, c)
  write32(bytes, at + 12, d)
}

function familyAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
}

// A struct sockaddr_storage: its family, and the address where a sockaddr_in or a sockaddr_in6 has it.
function storageAt(bytes: Uint8Array, at: number): IpAddress {
  return familyAt(bytes, at) === AF_INET ? v4At(bytes, at + 4) : v6At(bytes, at + 8)
}

function writeStorage(bytes: Uint8Array, at: number, ip: IpAddress): void {
  bytes[at] = ip.isV4 ? AF_INET : AF_INET6
  if (ip.isV4) write32(bytes, at + 4, ip.d)
  else writeAddress(bytes, at + 8, ip)
}
