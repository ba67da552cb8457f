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
  decodeU64,
  encodeIntegerStruct,
  encodeU64,
  type IntegerStruct,
  type IntegerStructs,
  integerStructLength,
  isIntegerStruct,
} from './option-structs.ts'

/** struct linger. `linger` counts seconds. */
export interface Linger {
  readonly onoff: boolean
  readonly linger: number
}

/** IP_LOCAL_PORT_RANGE: 0 for a bound that is the system's own. */
export interface PortRange {
  readonly low: number
  readonly high: number
}

/** What each kind of option is in JavaScript. Times (struct timeval) are milliseconds. */
export interface OptionKinds extends IntegerStructs, OptionLists, AddressOptions {
  int: number
  /** An int without a sign. */
  uint: number
  /** Always a bigint: cookies take all 64 bits, and no limit is 2⁶⁴ − 1. To set one, an exact number does as well. */
  u64: bigint
  boolean: boolean
  linger: Linger
  timeval: number
  string: string
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
  bytes: Uint8Array
}

export type OptionKind = keyof OptionKinds

/** What getsockopt gives, whatever the option. */
export type OptionValue = OptionKinds[OptionKind]

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
export const OPTION_LENGTH: { readonly [Kind in OptionKind]: number } = {
  ...STRUCT_LENGTH,
  ...LIST_LENGTH,
  ...ADDRESS_OPTION_LENGTH,
  int: 4,
  uint: 4,
  u64: 8,
  boolean: 4,
  linger: 8,
  timeval: 16,
  string: 256,
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
  bytes: 1024,
}

const WANTED = {
  int: 'an integer',
  uint: 'an integer',
  boolean: 'a boolean',
  bytes: 'a Uint8Array or an integer',
} as const

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** `value` as C has it. Throws a TypeError or RangeError that names the option where the value does not fit it. */
export function encodeOption(option: string, kind: OptionKind, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  switch (kind) {
    case 'bytes':
    case 'int':
    case 'uint':
    case 'boolean': {
      if (typeof value === 'boolean') return int32(value ? 1 : 0)
      if (typeof value !== 'number') {
        throw new TypeError(`${option} takes ${WANTED[kind]}, got ${given(value)}`)
      }
      if (!Number.isInteger(value) || value < -0x80000000 || value > 0xffffffff) {
        throw new RangeError(`${option} takes an integer of 32 bits, got ${value}`)
      }
      return int32(value)
    }
    case 'u64':
      return encodeU64(option, value)
    case 'linger': {
      const linger = value as Linger | null
      if (typeof linger?.onoff !== 'boolean' || typeof linger.linger !== 'number') {
        throw new TypeError(`${option} takes { onoff: boolean, linger: seconds }, got ${given(value)}`)
      }
      if (!Number.isInteger(linger.linger) || linger.linger < 0 || linger.linger > 0x7fffffff) {
        throw new RangeError(`${option}: linger must be an integer of seconds from 0, got ${linger.linger}`)
      }
      const bytes = new Uint8Array(8)
      const view = new DataView(bytes.buffer)
      view.setInt32(0, linger.onoff ? 1 : 0, true)
      view.setInt32(4, linger.linger, true)
      return bytes
    }
    case 'timeval': {
      if (typeof value !== 'number') throw new TypeError(`${option} takes milliseconds, got ${given(value)}`)
      if (!(value >= 0) || !Number.isFinite(value)) {
        throw new RangeError(`${option} takes 0 (no limit) or more milliseconds, got ${value}`)
      }
      const bytes = new Uint8Array(16)
      const view = new DataView(bytes.buffer)
      const micros = Math.round(value * 1000)
      view.setBigInt64(0, BigInt(Math.floor(micros / 1e6)), true)
      view.setBigInt64(8, BigInt(micros % 1e6), true)
      return bytes
    }
    case 'string': {
      if (typeof value !== 'string') throw new TypeError(`${option} takes a string, got ${given(value)}`)
      return encoder.encode(value)
    }
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
      if (typeof value === 'number') return encodeOption(option, 'uint', value)
  }
  if (isIntegerStruct(kind)) return encodeIntegerStruct(option, kind, value)
  return isOptionList(kind) ? encodeOptionList(option, kind, value) : encodeAddressOption(option, kind, value)
}

/** What the first `length` octets of `bytes` say. Nothing of `bytes` is kept. */
export function decodeOption(kind: OptionKind, bytes: Uint8Array, length: number): OptionValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  switch (kind) {
    case 'int':
      return int(view)
    case 'uint':
      return int(view) >>> 0
    case 'boolean':
      return int(view) !== 0
    case 'linger':
      if (length < 8) break
      return { onoff: view.getInt32(0, true) !== 0, linger: view.getInt32(4, true) }
    case 'timeval':
      if (length < 16) break
      return Number(view.getBigInt64(0, true)) * 1000 + Number(view.getBigInt64(8, true)) / 1000
    case 'string': {
      // C counts the terminating NUL of some strings and pads others with more.
      const text = bytes.subarray(0, length)
      const end = text.indexOf(0)
      return decoder.decode(end < 0 ? text : text.subarray(0, end))
    }
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
    case 'u64':
      return decodeU64(bytes) ?? bytes
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

// An int of one octet is what Linux writes where it was asked for less than four (ip(7) takes either).
function int(view: DataView): number {
  if (view.byteLength >= 4) return view.getInt32(0, true)
  return view.byteLength > 0 ? view.getUint8(0) : 0
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setInt32(0, value | 0, true)
  return bytes
}
