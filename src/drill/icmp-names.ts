// Read first: RFC 792, RFC 1122 section 3.2.2, RFC 1812 section 5.2.7; RFC 4443 sections 3 and 4.

import {
  ICMPV6_MLD_QUERY,
  ICMPV6_MLD_REPORT_V2,
  ICMPV6_PACKET_TOO_BIG,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_REDIRECT,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_UNREACHABLE,
} from '../wire/icmpv6.ts'

const ICMP_UNREACHABLE = 3
const ICMP_FRAGMENTATION_NEEDED = 4

/** Whose types and codes are meant: those of ICMP or of ICMPv6. */
export type IcmpVersion = 4 | 6

type Names = Readonly<Record<string, number>>

interface IcmpTable {
  readonly types: Names
  /** The names of codes, by type. */
  readonly codes: Readonly<Record<number, Names>>
  /** Types of errors: they quote the packet that they are about. */
  readonly quoting: ReadonlySet<number>
}

const V4: IcmpTable = {
  types: {
    echo_reply: 0,
    unreachable: ICMP_UNREACHABLE,
    source_quench: 4,
    redirect: 5,
    echo_request: 8,
    time_exceeded: 11,
    parameter_problem: 12,
    timestamp_request: 13,
    timestamp_reply: 14,
    information_request: 15,
    information_reply: 16,
    address_mask_request: 17,
    address_mask_reply: 18,
  },
  codes: {
    [ICMP_UNREACHABLE]: {
      net_unreachable: 0,
      host_unreachable: 1,
      protocol_unreachable: 2,
      port_unreachable: 3,
      frag_needed: ICMP_FRAGMENTATION_NEEDED,
      source_route_failed: 5,
      net_unknown: 6,
      host_unknown: 7,
      source_host_isolated: 8,
      net_prohibited: 9,
      host_prohibited: 10,
      net_unreachable_for_tos: 11,
      host_unreachable_for_tos: 12,
      packet_filtered: 13,
      precedence_violation: 14,
      precedence_cutoff: 15,
    },
  },
  quoting: new Set([3, 4, 5, 11, 12]),
}

const V6: IcmpTable = {
  types: {
    unreachable: ICMPV6_UNREACHABLE,
    packet_too_big: ICMPV6_PACKET_TOO_BIG,
    time_exceeded: ICMPV6_TIME_EXCEEDED,
    parameter_problem: ICMPV6_PARAMETER_PROBLEM,
    echo_request: 128,
    echo_reply: 129,
  },
  codes: {
    [ICMPV6_UNREACHABLE]: {
      no_route: 0,
      admin_prohibited: 1,
      not_neighbour: 2,
      address_unreachable: 3,
      port_unreachable: 4,
    },
    [ICMPV6_TIME_EXCEEDED]: { exceeded_hop_limit: 0, exceeded_frag_time: 1 },
    [ICMPV6_PARAMETER_PROBLEM]: { header_field: 0, unknown_next_header: 1, unknown_option: 2 },
  },
  quoting: new Set([1, 2, 3, 4]),
}

function tableOf(version: IcmpVersion): IcmpTable {
  return version === 4 ? V4 : V6
}

function numberFor(names: Names | undefined, name: string): number | undefined {
  return names !== undefined && Object.hasOwn(names, name) ? names[name] : undefined
}

function nameOf(names: Names | undefined, value: number): string | undefined {
  return names === undefined ? undefined : Object.keys(names).find((name) => names[name] === value)
}

function numbered(name: string, prefix: string): number | undefined {
  const match = new RegExp(`^${prefix}_([0-9]{1,3})$`).exec(name)
  return match === null || Number(match[1]) > 255 ? undefined : Number(match[1])
}

/** The number of the type of this name (or `type_N`), or undefined. */
export function icmpType(version: IcmpVersion, name: string): number | undefined {
  return numberFor(tableOf(version).types, name) ?? numbered(name, 'type')
}

/** The number of the code of this name (or `code_N`) of a type, or undefined. */
export function icmpCode(version: IcmpVersion, type: number, name: string): number | undefined {
  return numberFor(tableOf(version).codes[type], name) ?? numbered(name, 'code')
}

/** Whether messages of this type quote the packet that they are about. */
export function quotesPacket(version: IcmpVersion, type: number): boolean {
  return tableOf(version).quoting.has(type)
}

/** Whether it says that a packet was too long, and for what MTU. */
export function namesMtu(version: IcmpVersion, type: number, code: number): boolean {
  if (version === 6) return type === ICMPV6_PACKET_TOO_BIG
  return type === ICMP_UNREACHABLE && code === ICMP_FRAGMENTATION_NEEDED
}

/** What nodes tell routers and neighbours of themselves: Multicast Listener Discovery, Neighbour Discovery. */
export function isHousekeeping(version: IcmpVersion, type: number): boolean {
  if (version === 4) return false
  return (type >= ICMPV6_MLD_QUERY && type <= ICMPV6_REDIRECT) || type === ICMPV6_MLD_REPORT_V2
}

/** `unreachable port_unreachable`, `echo_request`, `type_42 code_1` */
export function icmpText(version: IcmpVersion, type: number, code: number): string {
  const typeName = nameOf(tableOf(version).types, type) ?? `type_${type}`
  const codeName = nameOf(tableOf(version).codes[type], code)
  if (codeName !== undefined) return `${typeName} ${codeName}`
  return code === 0 ? typeName : `${typeName} code_${code}`
}
