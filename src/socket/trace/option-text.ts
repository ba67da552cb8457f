// Read first: socket(7), ip(7), ipv6(7), tcp(7), strace(1).
//
// We differ from strace: times and struct tcp_info are taken apart where strace 6.1 shows octets, and options that have an _OLD
// name in Linux's headers are called as the manual pages call them.

import { type ConstantPrefix, constantName, tcpInfoName, tcpInfoOptionNames } from '../../base/constant-names.ts'
import {
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SO_ERROR,
  SOL_RAW,
  SOL_SOCKET,
} from '../../base/constants.ts'
import { errnoName } from '../../base/errno.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { decodeSocketAddress, SocketAddress } from '../../base/socket-address.ts'
import { decodeTcpInfo, TCP_INFO_LAYOUT } from '../../base/tcp-info.ts'
import { optionEntry, optionName } from '../option-table.ts'
import { addressText, type InterfaceName, interfaceText, ipv6Text } from './address-text.ts'
import { hexText, joined, unknown } from './notation.ts'
import { octetText } from './octet-text.ts'

/** What names of options begin with at each level. */
const prefixes = new Map<number, readonly ConstantPrefix[]>([
  [SOL_SOCKET, ['SO_']],
  [IPPROTO_IP, ['IP_', 'MCAST_']],
  [IPPROTO_IPV6, ['IPV6_', 'MCAST_']],
  [IPPROTO_TCP, ['TCP_']],
  [IPPROTO_UDP, ['UDP_']],
  [SOL_RAW, ['ICMP_']],
  [IPPROTO_ICMPV6, ['ICMPV6_', 'ICMP6_']],
])

/** Options whose value is an address and an interface: struct ip_mreq, ip_mreqn and ipv6_mreq. */
const MEMBERSHIP = /^IP(V6)?_(ADD|DROP|JOIN|LEAVE)_(MEMBERSHIP|GROUP)$/

/** How much of struct tcp_info is shown. */
const TCP_INFO_SHOWN = 18

/** What the text of an option needs to know. */
export interface OptionStyle {
  readonly stringLimit: number
  readonly verbose: boolean
  readonly interfaceName: InterfaceName
}

/** `SOL_SOCKET`, `SOL_TCP`: a level that is a protocol is called after it. */
export function levelText(level: number): string {
  const own = constantName('SOL_', level)
  if (own !== undefined) return own
  const protocol = constantName('IPPROTO_', level)
  return protocol === undefined ? `${hexText(level)} /* SOL_?? */` : `SOL_${protocol.slice('IPPROTO_'.length)}`
}

/** `SO_REUSEADDR`, or the number and what kind of name it lacks. */
export function optionText(level: number, name: number): string {
  const own = optionName(level, name)
  if (own !== undefined) return own
  const known = prefixes.get(level)
  if (known === undefined) return String(name)
  for (const prefix of known) {
    const text = constantName(prefix, name)
    if (text !== undefined) return text
  }
  return unknown(name, known[0] as string)
}

/** The value of an option: `[1]`, `{l_onoff=1, l_linger=5}`, `"reno\0"`. */
export function optionValueText(level: number, name: number, value: Uint8Array, style: OptionStyle): string {
  const view = new DataView(value.buffer, value.byteOffset, value.length)
  const constant = optionText(level, name)
  const structure = structureText(constant, optionEntry(level, name).kind, value, view, style)
  if (structure !== null) return structure
  if (value.length !== 4) return octetText(value, 0, value.length, style.stringLimit)
  const number = view.getInt32(0, true)
  if (level === SOL_SOCKET && name === SO_ERROR && number !== 0) return `[${errnoName(number)}]`
  return `[${number}]`
}

function structureText(
  constant: string,
  kind: string,
  value: Uint8Array,
  view: DataView,
  style: OptionStyle,
): string | null {
  const { length } = value
  if (kind === 'linger' && length >= 4) {
    const linger = length >= 8 ? `, l_linger=${view.getInt32(4, true)}` : ''
    return `{l_onoff=${view.getInt32(0, true)}${linger}}`
  }
  if (kind === 'u64' && length === 8) return `[${view.getBigUint64(0, true)}]`
  if (kind === 'uint' && length === 4) return `[${view.getUint32(0, true)}]`
  if (kind === 'timeval' && length === 16) return timeText(view)
  if (kind === 'tcp_info') return tcpInfoText(value, style.verbose)
  if (kind === 'string' && length > 0) return octetText(value, 0, length, style.stringLimit)
  if (constant === 'SO_PEERCRED' && length === 12) return credentialsText(view)
  if (kind === 'group_req') return groupText(value, view, style)
  if (!MEMBERSHIP.test(constant)) return null
  if (constant.startsWith('IPV6') && length >= 20) {
    const name = interfaceText(view.getInt32(16, true), style.interfaceName)
    return `{inet_pton(AF_INET6, "${ipv6At(view, 0)}", &ipv6mr_multiaddr), ipv6mr_interface=${name}}`
  }
  if (length < 8) return null
  const index = length >= 12 ? view.getInt32(8, true) : 0
  const via = index === 0 ? '' : `, imr_ifindex=${interfaceText(index, style.interfaceName)}`
  return `{imr_multiaddr=${ipv4Text(view, 0)}, imr_interface=${ipv4Text(view, 4)}${via}}`
}

// struct group_req: the interface, and from the eighth octet on the address of the group.
function groupText(value: Uint8Array, view: DataView, style: OptionStyle): string | null {
  const group = new SocketAddress()
  if (value.length < 8 || !decodeSocketAddress(group, value, 8, value.length - 8)) return null
  const index = interfaceText(view.getInt32(0, true), style.interfaceName)
  return `{gr_interface=${index}, gr_group=${addressText(group, style.interfaceName)}}`
}

/** `{tv_sec=1, tv_usec=500000}`, of a struct timeval. */
export function timeText(view: DataView): string {
  return `{tv_sec=${view.getBigInt64(0, true)}, tv_usec=${view.getBigInt64(8, true)}}`
}

/** `{pid=1, uid=0, gid=0}`, of a struct ucred. */
export function credentialsText(view: DataView): string {
  return `{pid=${view.getInt32(0, true)}, uid=${view.getInt32(4, true)}, gid=${view.getInt32(8, true)}}`
}

/** `inet_addr("192.0.2.1")`, of the four octets there. */
export function ipv4Text(view: DataView, offset: number): string {
  return `inet_addr("${IpAddress.v4(view.getInt32(offset))}")`
}

/** The text of the sixteen octets there. */
export function ipv6At(view: DataView, offset: number): string {
  const ip = new IpAddress()
  ip.a = view.getInt32(offset)
  ip.b = view.getInt32(offset + 4)
  ip.c = view.getInt32(offset + 8)
  ip.d = view.getInt32(offset + 12)
  return ipv6Text(ip)
}

// All fields are more than a line can bear: without `verbose` the first, up to the counts of segments, as structs are abbreviated.
function tcpInfoText(value: Uint8Array, verbose: boolean): string {
  const info = decodeTcpInfo(value, value.length)
  const fields = TCP_INFO_LAYOUT.filter(([, at, width]) => at + (typeof width === 'number' ? width : 1) <= value.length)
  const shown = (verbose ? fields : fields.slice(0, TCP_INFO_SHOWN)).map(([name]) => {
    if (name === 'tcpi_state') return `${name}=${tcpInfoName('TCP_', info[name]) ?? info[name]}`
    if (name === 'tcpi_ca_state') return `${name}=${tcpInfoName('TCP_CA_', info[name]) ?? info[name]}`
    if (name !== 'tcpi_options') return `${name}=${info[name]}`
    const { names, rest } = tcpInfoOptionNames(info[name])
    return `${name}=${joined(names, rest, 'TCPI_OPT_')}`
  })
  if (shown.length < fields.length) shown.push('...')
  return `{${shown.join(', ')}}`
}
