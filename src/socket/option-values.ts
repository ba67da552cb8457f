// Read first: socket(7), getsockopt(2). How the values of options look in C (on Linux x86-64 and arm64, little endian), and what
// JavaScript has for them.

import { checkInteger, checkOptions, given } from '../base/argument.ts'
import { read32, write32 } from '../base/bytes.ts'
import { type Credentials, decodeCredentials, encodeCredentials, UCRED_LENGTH } from '../base/credentials.ts'
import {
  decodeGroupFilter,
  decodeGroupRequest,
  encodeGroupFilter,
  encodeGroupRequest,
  type GroupFilter,
  type GroupRequest,
  groupFilterOf,
} from '../base/group-request.ts'
import { IpAddress } from '../base/ip-address.ts'
import { decodePacketInfo, encodePacketInfo, IN6_PKTINFO_LENGTH, type PacketInfo } from '../base/packet-info.ts'
import { decodeTcpInfo, encodeTcpInfo, TCP_INFO_LAYOUT, TCP_INFO_LENGTH, type TcpInfo } from '../base/tcp-info.ts'
import {
  ADDRESS_OPTION_LENGTH,
  type AddressOptions,
  decodeAddressOption,
  encodeAddressOption,
  isAddressOption,
} from './option-addresses.ts'
import { decodeOptionList, encodeOptionList, isOptionList, LIST_LENGTH, type OptionLists } from './option-lists.ts'
import {
  decodeIntegerStruct,
  encodeIntegerStruct,
  type IntegerStruct,
  type IntegerStructs,
  integerStructLength,
  isIntegerStruct,
} from './option-structs.ts'
import { decodeSimple, encodeSimple, int32, isSimple, SIMPLE_LENGTH, type SimpleKinds } from './simple-values.ts'

/** IP_LOCAL_PORT_RANGE: 0 for a bound that is the system's own. */
export interface PortRange {
  readonly low: number
  readonly high: number
}

/** What each kind of option is in JavaScript. */
export interface OptionKinds extends SimpleKinds, IntegerStructs, OptionLists, AddressOptions {
  tcp_info: TcpInfo
  ucred: Credentials
  /** An interface by an address of its own, or when set by its number. */
  ip_interface: string | number
  /** An int in network order. */
  network_int: number
  port_range: PortRange
  in6_pktinfo: PacketInfo
  ip_mreqn: GroupRequest
  ip_mreq_source: GroupRequest
  ipv6_mreq: GroupRequest
  group_req: GroupRequest
  group_source_req: GroupRequest
  ip_msfilter: GroupFilter
  group_filter: GroupFilter
}

export type OptionKind = keyof OptionKinds

/** What getsockopt gives, whatever the option. */
export type OptionValue = OptionKinds[OptionKind]

export type { Linger } from './simple-values.ts'

/** As many sources as Linux takes of one filter (mld_max_msf): for them there is room. */
const FILTER_SOURCES = 64

const STRUCT_LENGTH: { readonly [Kind in IntegerStruct]: number } = {
  so_timestamping: integerStructLength('so_timestamping'),
  sock_txtime: integerStructLength('sock_txtime'),
  meminfo: integerStructLength('meminfo'),
  tcp_repair_window: integerStructLength('tcp_repair_window'),
  tpacket_stats: integerStructLength('tpacket_stats'),
  tpacket_rollover_stats: integerStructLength('tpacket_rollover_stats'),
  fanout_args: integerStructLength('fanout_args'),
}

/** The room that an option of this kind is given by getsockopt. */
export const OPTION_LENGTH: { readonly [Kind in OptionKind]: number } = /* @__PURE__ */ Object.assign(
  {
    tcp_info: TCP_INFO_LENGTH,
    ucred: UCRED_LENGTH,
    ip_interface: 4,
    network_int: 4,
    port_range: 4,
    in6_pktinfo: IN6_PKTINFO_LENGTH,
    ip_mreqn: 12,
    ip_mreq_source: 12,
    ipv6_mreq: 20,
    group_req: 136,
    group_source_req: 264,
    ip_msfilter: 16 + 4 * FILTER_SOURCES,
    group_filter: 144 + 128 * FILTER_SOURCES,
  },
  SIMPLE_LENGTH,
  STRUCT_LENGTH,
  LIST_LENGTH,
  ADDRESS_OPTION_LENGTH,
)

/** `value` as C has it. Throws a TypeError or RangeError that names the option where the value does not fit it. */
export function encodeOption(option: string, kind: OptionKind, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (isSimple(kind)) return encodeSimple(option, kind, value)
  switch (kind) {
    case 'tcp_info': {
      if (value === null || typeof value !== 'object') {
        throw new TypeError(`${option} takes an object of tcpi_ fields, got ${given(value)}`)
      }
      for (const [name] of TCP_INFO_LAYOUT) {
        // As a number, a rate without limit is 2⁶⁴.
        checkInteger(`${option}: ${name}`, (value as TcpInfo)[name], 0, 2 ** 64)
      }
      const bytes = new Uint8Array(TCP_INFO_LENGTH)
      encodeTcpInfo(value as TcpInfo, bytes)
      return bytes
    }
    case 'ucred': {
      if (value === null || typeof value !== 'object') {
        throw new TypeError(`${option} takes { pid, uid, gid }, got ${given(value)}`)
      }
      const bytes = new Uint8Array(UCRED_LENGTH)
      encodeCredentials(value as Credentials, bytes)
      return bytes
    }
    case 'ip_interface': {
      if (typeof value === 'number') return encodeGroupRequest(option, 'ip_mreqn', { group: '0.0.0.0', ifindex: value })
      const ip = typeof value === 'string' ? IpAddress.parse(value) : null
      if (ip === null)
        throw new TypeError(`${option} takes an address or the number of an interface, got ${given(value)}`)
      return networkInt(ip.d)
    }
    case 'network_int':
      checkInteger(option, value)
      return networkInt(value as number)
    case 'port_range': {
      checkOptions(option, value, ['low', 'high'])
      const { low, high } = value as PortRange
      checkInteger(`${option}: low`, low, 0, 65535)
      checkInteger(`${option}: high`, high, 0, 65535)
      return int32(low | (high << 16))
    }
    case 'in6_pktinfo':
      return encodePacketInfo(option, value, true)
    case 'ip_msfilter':
    case 'group_filter':
      return encodeGroupFilter(option, kind, value)
    case 'ip_mreqn':
    case 'ip_mreq_source':
    case 'ipv6_mreq':
    case 'group_req':
    case 'group_source_req':
      return encodeGroupRequest(option, kind, value)
    // The flags alone, and the descriptor of a program that the kernel has already.
    case 'so_timestamping':
    case 'sock_filter':
      if (typeof value === 'number') return encodeSimple(option, 'uint', value)
  }
  if (isIntegerStruct(kind)) return encodeIntegerStruct(option, kind, value)
  return isOptionList(kind) ? encodeOptionList(option, kind, value) : encodeAddressOption(option, kind, value)
}

/** What the first `length` octets of `bytes` say. Nothing of `bytes` is kept. */
export function decodeOption(kind: OptionKind, bytes: Uint8Array, length: number): OptionValue {
  if (isSimple(kind)) return decodeSimple(kind, bytes, length)
  switch (kind) {
    case 'tcp_info':
      return decodeTcpInfo(bytes, length)
    case 'ucred':
      if (length < UCRED_LENGTH) break
      return decodeCredentials(bytes)
  }
  return decodeStruct(kind, bytes.slice(0, length))
}

// The rarer structs; octets that are too few for one stay what they are.
function decodeStruct(kind: OptionKind, bytes: Uint8Array): OptionValue {
  const { length } = bytes
  if (isOptionList(kind)) return decodeOptionList(kind, bytes)
  if (isIntegerStruct(kind)) return decodeIntegerStruct(kind, bytes) ?? bytes
  if (isAddressOption(kind)) return decodeAddressOption(kind, bytes) ?? bytes
  switch (kind) {
    case 'ip_interface':
      return length < 4 ? bytes : IpAddress.v4(networkIntOf(bytes)).toString()
    case 'network_int':
      return length < 4 ? bytes : networkIntOf(bytes)
    case 'port_range':
      if (length < 4) return bytes
      return {
        low: (bytes[0] as number) | ((bytes[1] as number) << 8),
        high: (bytes[2] as number) | ((bytes[3] as number) << 8),
      }
    case 'in6_pktinfo':
      return length < IN6_PKTINFO_LENGTH ? bytes : decodePacketInfo(bytes)
    case 'ip_msfilter':
    case 'group_filter': {
      const fields = decodeGroupFilter(kind, bytes)
      return fields === null ? bytes : groupFilterOf(fields)
    }
    case 'ip_mreqn':
    case 'ip_mreq_source':
    case 'ipv6_mreq':
    case 'group_req':
    case 'group_source_req': {
      const fields = decodeGroupRequest(kind, bytes)
      if (fields === null) return bytes
      const { group, ifindex, address, source } = fields
      return { group: group.toString(), ifindex, address: address.toString(), source: source.toString() }
    }
    default:
      return bytes
  }
}

function networkInt(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  write32(bytes, 0, value)
  return bytes
}

function networkIntOf(bytes: Uint8Array): number {
  return read32(bytes, 0)
}
