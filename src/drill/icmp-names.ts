// Read first: RFC 792, RFC 1122 section 3.2.2, RFC 1812 section 5.2.7.

export const ICMP_ECHO_REPLY = 0
export const ICMP_UNREACHABLE = 3
export const ICMP_ECHO_REQUEST = 8
export const ICMP_FRAGMENTATION_NEEDED = 4

const TYPES: Record<string, number> = {
  echo_reply: ICMP_ECHO_REPLY,
  unreachable: ICMP_UNREACHABLE,
  source_quench: 4,
  redirect: 5,
  echo_request: ICMP_ECHO_REQUEST,
  time_exceeded: 11,
  parameter_problem: 12,
  timestamp_request: 13,
  timestamp_reply: 14,
  information_request: 15,
  information_reply: 16,
  address_mask_request: 17,
  address_mask_reply: 18,
}

const UNREACHABLE_CODES: Record<string, number> = {
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
}

function numbered(name: string, prefix: string): number | undefined {
  const match = new RegExp(`^${prefix}_([0-9]{1,3})$`).exec(name)
  return match === null || Number(match[1]) > 255 ? undefined : Number(match[1])
}

/** The number of the type of this name (or `type_N`), or undefined. */
export function icmpType(name: string): number | undefined {
  return TYPES[name] ?? numbered(name, 'type')
}

/** The number of the code of this name (or `code_N`) of a type, or undefined. */
export function icmpCode(type: number, name: string): number | undefined {
  return (type === ICMP_UNREACHABLE ? UNREACHABLE_CODES[name] : undefined) ?? numbered(name, 'code')
}

function nameOf(table: Record<string, number>, value: number): string | undefined {
  return Object.keys(table).find((name) => table[name] === value)
}

/** `unreachable port_unreachable`, `echo_request`, `type_42 code_1` */
export function icmpText(type: number, code: number): string {
  const typeName = nameOf(TYPES, type) ?? `type_${type}`
  const codeName = type === ICMP_UNREACHABLE ? nameOf(UNREACHABLE_CODES, code) : undefined
  if (codeName !== undefined) return `${typeName} ${codeName}`
  return code === 0 ? typeName : `${typeName} code_${code}`
}
