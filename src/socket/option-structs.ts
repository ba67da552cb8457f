// Read first: socket(7), packet(7), Linux's networking/timestamping, asm-generic/socket.h, linux/net_tstamp.h, linux/sock_diag.h, linux/tcp.h,
// linux/if_packet.h. Options whose values are structs of integers and nothing else: one table for both directions, as they lie in
// memory on Linux x86-64 and arm64.

import { checkOptions, given } from '../base/argument.ts'

/** SO_TIMESTAMPING: struct so_timestamping. An integer does for the flags alone. */
export interface SoTimestamping {
  /** SOF_TIMESTAMPING_… bits. */
  readonly flags: number
  /** The number of the clock that hardware timestamps are bound to. */
  readonly bind_phc?: number
}

/** SO_TXTIME: struct sock_txtime. */
export interface SockTxtime {
  /** The clock that times of departure are told by: 1 is CLOCK_MONOTONIC, 11 CLOCK_TAI. */
  readonly clockid: number
  /** 1: the time is a deadline; 2: errors are reported. */
  readonly flags: number
}

/** SO_MEMINFO: what a socket holds of memory, in octets: linux/sock_diag.h. */
export interface SocketMemory {
  readonly rmem_alloc: number
  readonly rcvbuf: number
  readonly wmem_alloc: number
  readonly sndbuf: number
  readonly fwd_alloc: number
  readonly wmem_queued: number
  readonly optmem: number
  readonly backlog: number
  /** Datagrams that found no room. */
  readonly drops: number
}

/** TCP_REPAIR_WINDOW: struct tcp_repair_window. */
export interface TcpRepairWindow {
  readonly snd_wl1: number
  readonly snd_wnd: number
  readonly max_window: number
  readonly rcv_wnd: number
  readonly rcv_wup: number
}

/** PACKET_STATISTICS, since it was last asked for: struct tpacket_stats. */
export interface PacketStatistics {
  readonly packets: number
  readonly drops: number
  /** Of TPACKET_V3 alone. */
  readonly freeze_q_cnt?: number
}

/** PACKET_ROLLOVER_STATS: struct tpacket_rollover_stats. */
export interface PacketRollover {
  readonly all: bigint
  readonly huge: bigint
  readonly failed: bigint
}

/** PACKET_FANOUT: struct fanout_args. */
export interface PacketFanout {
  /** The group's number. */
  readonly id: number
  /** PACKET_FANOUT_… and its flags, which are the upper octet. */
  readonly type_flags: number
  /** How many sockets the group may have; to set alone. */
  readonly max_num_members?: number
}

/** Structs of integers, by the kinds of option that have them. */
export interface IntegerStructs {
  so_timestamping: SoTimestamping
  sock_txtime: SockTxtime
  meminfo: SocketMemory
  tcp_repair_window: TcpRepairWindow
  tpacket_stats: PacketStatistics
  tpacket_rollover_stats: PacketRollover
  fanout_args: PacketFanout
}

export type IntegerStruct = keyof IntegerStructs

type Width = 'i32' | 'u16' | 'u32' | 'u64'

const OCTETS = { i32: 4, u16: 2, u32: 4, u64: 8 } as const
const LOWEST = { i32: -0x80000000, u16: 0, u32: 0, u64: 0n } as const
const HIGHEST = { i32: 0x7fffffff, u16: 0xffff, u32: 0xffffffff, u64: 0xffff_ffff_ffff_ffffn } as const

interface Layout {
  /** One behind the other, without gaps. */
  readonly fields: readonly (readonly [name: string, width: Width])[]
  /** The fields that are always there; those behind them came with later kernels. */
  readonly always: number
}

function allOf(...fields: readonly (readonly [string, Width])[]): Layout {
  return { fields, always: fields.length }
}

const layouts: { readonly [Kind in IntegerStruct]: Layout } = {
  so_timestamping: {
    fields: [
      ['flags', 'u32'],
      ['bind_phc', 'i32'],
    ],
    always: 1,
  },
  sock_txtime: allOf(['clockid', 'i32'], ['flags', 'u32']),
  meminfo: allOf(
    ['rmem_alloc', 'u32'],
    ['rcvbuf', 'u32'],
    ['wmem_alloc', 'u32'],
    ['sndbuf', 'u32'],
    ['fwd_alloc', 'u32'],
    ['wmem_queued', 'u32'],
    ['optmem', 'u32'],
    ['backlog', 'u32'],
    ['drops', 'u32'],
  ),
  tcp_repair_window: allOf(
    ['snd_wl1', 'u32'],
    ['snd_wnd', 'u32'],
    ['max_window', 'u32'],
    ['rcv_wnd', 'u32'],
    ['rcv_wup', 'u32'],
  ),
  tpacket_stats: {
    fields: [
      ['packets', 'u32'],
      ['drops', 'u32'],
      ['freeze_q_cnt', 'u32'],
    ],
    always: 2,
  },
  tpacket_rollover_stats: allOf(['all', 'u64'], ['huge', 'u64'], ['failed', 'u64']),
  fanout_args: {
    fields: [
      ['id', 'u16'],
      ['type_flags', 'u16'],
      ['max_num_members', 'u32'],
    ],
    always: 2,
  },
}

/** Whether options of this kind have such a struct. */
export function isIntegerStruct(kind: string): kind is IntegerStruct {
  return Object.hasOwn(layouts, kind)
}

/** The octets of the struct with all its fields. */
export function integerStructLength(kind: IntegerStruct): number {
  return layouts[kind].fields.reduce((length, [, width]) => length + OCTETS[width], 0)
}

/** The struct as far as `value` has fields. Throws a TypeError or RangeError that names the option and the field that cannot be. */
export function encodeIntegerStruct(option: string, kind: IntegerStruct, value: unknown): Uint8Array {
  const { fields, always } = layouts[kind]
  const names = fields.map(([name]) => name)
  if (value === null || typeof value !== 'object') {
    throw new TypeError(`${option} takes { ${names.join(', ')} }, got ${given(value)}`)
  }
  checkOptions(option, value, names)
  const record = value as Readonly<Record<string, unknown>>
  const bytes = new Uint8Array(integerStructLength(kind))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (let i = 0; i < fields.length; i++) {
    const [name, width] = fields[i] as Layout['fields'][number]
    if (i >= always && record[name] === undefined) return bytes.slice(0, at)
    writeInteger(view, at, width, checkedInteger(`${option}: ${name}`, width, record[name]))
    at += OCTETS[width]
  }
  return bytes
}

/** What the struct says; null where it is too short. Fields that did not come are left out. */
export function decodeIntegerStruct(kind: IntegerStruct, bytes: Uint8Array): IntegerStructs[IntegerStruct] | null {
  const { fields, always } = layouts[kind]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const record: Record<string, number | bigint> = {}
  let at = 0
  for (let i = 0; i < fields.length; i++) {
    const [name, width] = fields[i] as Layout['fields'][number]
    if (at + OCTETS[width] > bytes.length) {
      if (i < always) return null
      break
    }
    record[name] = readInteger(view, at, width)
    at += OCTETS[width]
  }
  // Every field that is always there has been read, each with its type by its width.
  return record as unknown as IntegerStructs[IntegerStruct]
}

/** The 8 octets of an unsigned integer, given as a bigint or as a number that is exact. */
export function encodeU64(option: string, value: unknown): Uint8Array {
  const bytes = new Uint8Array(8)
  writeInteger(new DataView(bytes.buffer), 0, 'u64', checkedInteger(option, 'u64', value))
  return bytes
}

/** An unsigned integer of 8 octets, or of 4, as older kernels have of SO_MAX_PACING_RATE; null where it is too short. */
export function decodeU64(bytes: Uint8Array): bigint | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length >= 8) return view.getBigUint64(0, true)
  return bytes.length >= 4 ? BigInt(view.getUint32(0, true)) : null
}

function checkedInteger(name: string, width: Width, value: unknown): number | bigint {
  const exact = width === 'u64' && typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
  const type = width === 'u64' ? 'bigint' : 'number'
  if (typeof exact !== type && typeof exact !== 'number') {
    const wanted = width === 'u64' ? 'a bigint or an integer' : 'an integer'
    throw new TypeError(`${name} must be ${wanted}, got ${given(value)}`)
  }
  const number = exact as number | bigint
  if ((type === 'number' && !Number.isInteger(number)) || typeof number !== type) {
    throw new RangeError(`${name} must be an integer from ${LOWEST[width]} to ${HIGHEST[width]}, got ${number}`)
  }
  if (number < LOWEST[width] || number > HIGHEST[width]) {
    throw new RangeError(`${name} must be an integer from ${LOWEST[width]} to ${HIGHEST[width]}, got ${number}`)
  }
  return number
}

function writeInteger(view: DataView, at: number, width: Width, value: number | bigint): void {
  if (width === 'u64') view.setBigUint64(at, value as bigint, true)
  else if (width === 'u16') view.setUint16(at, value as number, true)
  else view.setInt32(at, (value as number) | 0, true)
}

function readInteger(view: DataView, at: number, width: Width): number | bigint {
  if (width === 'u64') return view.getBigUint64(at, true)
  if (width === 'u16') return view.getUint16(at, true)
  return width === 'u32' ? view.getUint32(at, true) : view.getInt32(at, true)
}
