// Read first: socket(7) on SO_ATTACH_FILTER, unix(7), netlink(7) on NETLINK_LIST_MEMBERSHIPS, linux/filter.h, linux/tcp.h. Options whose values
// are as long as they have members.

import { checkInteger, checkOptions, given } from '../base/argument.ts'

/** An instruction of a classic BPF program: struct sock_filter. */
export interface FilterInstruction {
  readonly code: number
  /** How many instructions to skip where the condition holds, and where it does not. */
  readonly jt: number
  readonly jf: number
  readonly k: number
}

/** TCP_REPAIR_OPTIONS: struct tcp_repair_opt. */
export interface TcpRepairOption {
  /** TCPOPT_…: 2 is the MSS, 3 the window scale, 4 SACK, 8 timestamps. */
  readonly opt_code: number
  readonly opt_val: number
}

/** What each kind of list is in JavaScript. */
export interface OptionLists {
  /** Numbers of groups (gid_t). */
  gid_list: readonly number[]
  /** Multicast groups of netlink, lowest first; C has a bit for each, from 1 on. */
  netlink_groups: readonly number[]
  sock_filter: readonly FilterInstruction[]
  tcp_repair_opt: readonly TcpRepairOption[]
}

export type OptionList = keyof OptionLists

/** BPF_MAXINSNS: as long as a program may be. */
const INSTRUCTIONS_MAX = 4096
const UINT32_MAX = 0xffffffff

/** The octets of one member. */
const MEMBER: { readonly [Kind in OptionList]: number } = {
  gid_list: 4,
  netlink_groups: 4,
  sock_filter: 8,
  tcp_repair_opt: 8,
}

/** The octets that there is room for: a user's groups beyond 2,048 are ERANGE. */
export const LIST_LENGTH: { readonly [Kind in OptionList]: number } = {
  gid_list: 8192,
  netlink_groups: 256,
  sock_filter: 8 * INSTRUCTIONS_MAX,
  tcp_repair_opt: 1024,
}

/** Whether options of this kind are lists. */
export function isOptionList(kind: string): kind is OptionList {
  return Object.hasOwn(MEMBER, kind)
}

/** The octets of a list. Throws a TypeError or RangeError that names the option and the member that cannot be. */
export function encodeOptionList(option: string, kind: OptionList, value: unknown): Uint8Array {
  if (!Array.isArray(value)) throw new TypeError(`${option} takes an array, got ${given(value)}`)
  if (kind === 'netlink_groups') return encodeGroups(option, value)
  if (kind === 'sock_filter' && value.length > INSTRUCTIONS_MAX) {
    throw new RangeError(`${option} takes at most ${INSTRUCTIONS_MAX} instructions, got ${value.length}`)
  }
  const bytes = new Uint8Array(value.length * MEMBER[kind])
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < value.length; i++) {
    const what = `${option}: [${i}]`
    const at = i * MEMBER[kind]
    const member: unknown = value[i]
    if (kind === 'gid_list') {
      checkInteger(what, member, 0, UINT32_MAX)
      view.setUint32(at, member as number, true)
    } else if (kind === 'sock_filter') {
      writeInstruction(view, at, what, member)
    } else {
      checkOptions(what, member, ['opt_code', 'opt_val'])
      const { opt_code, opt_val } = member as TcpRepairOption
      checkInteger(`${what}.opt_code`, opt_code, 0, UINT32_MAX)
      checkInteger(`${what}.opt_val`, opt_val, 0, UINT32_MAX)
      view.setUint32(at, opt_code, true)
      view.setUint32(at + 4, opt_val, true)
    }
  }
  return bytes
}

/** The members that the octets hold; what is cut off is none. */
export function decodeOptionList(kind: OptionList, bytes: Uint8Array): OptionLists[OptionList] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const numbers: number[] = []
  const structs: (FilterInstruction & TcpRepairOption)[] = []
  for (let at = 0; at + MEMBER[kind] <= bytes.length; at += MEMBER[kind]) {
    if (kind === 'gid_list') numbers.push(view.getUint32(at, true))
    else if (kind === 'netlink_groups') pushGroups(numbers, view.getUint32(at, true), at * 8)
    else structs.push((kind === 'sock_filter' ? instruction(view, at) : repairOption(view, at)) as never)
  }
  return MEMBER[kind] === 4 ? numbers : structs
}

function pushGroups(groups: number[], bits: number, before: number): void {
  for (let bit = 0; bit < 32; bit++) if ((bits & (1 << bit)) !== 0) groups.push(before + bit + 1)
}

function encodeGroups(option: string, groups: readonly unknown[]): Uint8Array {
  let highest = 0
  for (let i = 0; i < groups.length; i++) {
    checkInteger(`${option}: [${i}]`, groups[i], 1, LIST_LENGTH.netlink_groups * 8)
    highest = Math.max(highest, groups[i] as number)
  }
  const bytes = new Uint8Array(4 * Math.ceil(highest / 32))
  for (const group of groups as readonly number[]) {
    const bit = group - 1
    bytes[bit >> 3] = (bytes[bit >> 3] as number) | (1 << (bit & 7))
  }
  return bytes
}

function writeInstruction(view: DataView, at: number, what: string, value: unknown): void {
  checkOptions(what, value, ['code', 'jt', 'jf', 'k'])
  const { code, jt, jf, k } = value as FilterInstruction
  checkInteger(`${what}.code`, code, 0, 0xffff)
  checkInteger(`${what}.jt`, jt, 0, 0xff)
  checkInteger(`${what}.jf`, jf, 0, 0xff)
  // As an offset it may be negative: SKF_NET_OFF.
  checkInteger(`${what}.k`, k, -0x80000000, UINT32_MAX)
  view.setUint16(at, code, true)
  view.setUint8(at + 2, jt)
  view.setUint8(at + 3, jf)
  view.setInt32(at + 4, k | 0, true)
}

function instruction(view: DataView, at: number): FilterInstruction {
  return {
    code: view.getUint16(at, true),
    jt: view.getUint8(at + 2),
    jf: view.getUint8(at + 3),
    k: view.getUint32(at + 4, true),
  }
}

function repairOption(view: DataView, at: number): TcpRepairOption {
  return { opt_code: view.getUint32(at, true), opt_val: view.getUint32(at + 4, true) }
}
