// Read first: getsockopt(2). The options that have a name here: for the values that getsockopt and setsockopt speak of, and for those who
// print them.

import {
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOL_ICMPV6,
  SOL_RAW,
  SOL_SOCKET,
} from '../base/constants.ts'
import { AF_VSOCK, SOL_NETLINK, SOL_PACKET } from '../base/constants-link.ts'
import { unnamedOption } from './option-format.ts'
import { OPTION_ROWS } from './option-rows.ts'
import type { OptionKind, OptionKinds, OptionValue } from './option-values.ts'

type Entry = (typeof OPTION_ROWS)[number]

type KindOf<Level extends number, Name extends number> = Extract<Entry, readonly [Level, Name, string, OptionKind]>[3]

/**
 * What an option is in JavaScript: `boolean` for SO_REUSEADDR, octets for one without a name here; the union of all where the numbers
 * are not known to the compiler.
 */
export type OptionOf<Level extends number, Name extends number> = [KindOf<Level, Name>] extends [never]
  ? number extends Level | Name
    ? OptionValue
    : Uint8Array<ArrayBuffer>
  : OptionKinds[KindOf<Level, Name>]

/** What setsockopt takes: a flag, and an option without a name here, also as an integer; anything as the octets that C has. */
export type OptionInput<Level extends number, Name extends number> =
  | ([KindOf<Level, Name>] extends [never] ? OptionValue : never)
  | OptionOf<Level, Name>
  | Uint8Array
  | ShortForm<KindOf<Level, Name>>

/** Numbers for flags and for u64, the flags alone of SO_TIMESTAMPING, the descriptor of an eBPF program for a filter. */
type ShortForm<Kind extends OptionKind> = Kind extends 'boolean' | 'int' | 'uint' | 'bytes'
  ? boolean | number
  : Kind extends 'u64' | 'so_timestamping' | 'sock_filter'
    ? number
    : never

/** One row of the table. */
export interface OptionEntry {
  readonly level: number
  readonly name: number
  /** The constant's name: 'SO_REUSEADDR'. */
  readonly constant: string
  readonly kind: OptionKind
}

const table: ReadonlyMap<number, OptionEntry> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ OPTION_ROWS.map(([level, name, constant, kind]) => [
    key(level, name),
    { level, name, constant, kind },
  ]),
)

const levels = new Map<number, string>([
  [SOL_SOCKET, 'SOL_SOCKET'],
  [IPPROTO_IP, 'SOL_IP'],
  [IPPROTO_IPV6, 'SOL_IPV6'],
  [IPPROTO_UDP, 'SOL_UDP'],
  [SOL_ICMPV6, 'SOL_ICMPV6'],
  [SOL_RAW, 'SOL_RAW'],
  [IPPROTO_TCP, 'SOL_TCP'],
  [SOL_PACKET, 'SOL_PACKET'],
  [SOL_NETLINK, 'SOL_NETLINK'],
  [AF_VSOCK, 'AF_VSOCK'],
])

function key(level: number, name: number): number {
  return level * 0x10000 + name
}

/** The row of an option; one of kind 'bytes' with its numbers for a name where the table has none. */
export function optionEntry(level: number, name: number): OptionEntry {
  const entry = table.get(key(level, name))
  if (entry !== undefined && entry.name === name) return entry
  return { level, name, constant: unnamedOption(level, name), kind: 'bytes' }
}

/** The constant's name, of an option that the table has. */
export function optionName(level: number, name: number): string | undefined {
  const entry = table.get(key(level, name))
  return entry?.name === name ? entry.constant : undefined
}

/** 'SOL_SOCKET', or the number. */
export function levelName(level: number): string {
  return levels.get(level) ?? String(level)
}

/** All rows, in order of level and name. */
export function optionEntries(): readonly OptionEntry[] {
  return [...table.values()]
}
