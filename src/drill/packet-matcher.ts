import { ACK, CWR, FIN, PSH } from '../wire/tcp.ts'
import type { SeenOuter } from './encapsulation-codec.ts'
import type { SeenPacket } from './packet-reader.ts'
import { optionText, outerText } from './packet-text.ts'
import type { IcmpFields, IpFields, Outer, PacketAction, TcpFields, TcpOption } from './script.ts'
import { ACE_BITS, aceOf, flagsText } from './tcp-flags.ts'

/** What is compared beyond what the language asks for. */
export interface MatchOptions {
  /** The echoed timestamp too: the peer's timestamps are the script's own, so it knows them. */
  readonly timestampEchoes: boolean
}

/**
 * Compares a packet of the stack, its sequence numbers translated, with the one expected. Returns what differs, in words, or
 * null where nothing does.
 */
export function difference(expected: PacketAction, seen: SeenPacket, options: MatchOptions): string | null {
  const tunnel = tunnelDifference(expected.outer, seen.outer)
  if (tunnel !== null) return tunnel
  const want = expected.transport
  const got = seen.transport
  if (want.protocol !== got.protocol) return `protocol: expected ${want.protocol}, seen ${got.protocol}`
  const ip = ipDifference(expected.ip, seen)
  if (ip !== null) return ip
  if (want.protocol !== 'icmp' && got.protocol !== 'icmp' && want.ports !== null && got.ports !== null) {
    const { source, destination } = got.ports
    if (source !== want.ports.source || destination !== want.ports.destination) {
      return `ports: expected ${want.ports.source} > ${want.ports.destination}, seen ${source} > ${destination}`
    }
  }
  if (want.protocol === 'tcp' && got.protocol === 'tcp') return tcpDifference(want, got, seen, options)
  if (want.protocol === 'icmp' && got.protocol === 'icmp') return icmpDifference(want, got)
  if (want.protocol === 'udp' && got.protocol === 'udp') {
    if (want.length !== got.length) return `payload length: expected ${want.length}, seen ${got.length}`
    return seen.zeros ? null : 'payload: expected zeros, seen other octets'
  }
  return null
}

function tunnelDifference(want: readonly Outer[], got: readonly SeenOuter[]): string | null {
  const kinds = (list: readonly Outer[]) => list.map(({ kind }) => kind).join(', ') || 'none'
  const headers = got.map(({ header }) => header)
  if (kinds(want) !== kinds(headers)) return `headers of tunnels: expected ${kinds(want)}, seen ${kinds(headers)}`
  for (let i = 0; i < want.length; i++) {
    const a = want[i] as Outer
    const b = got[i] as SeenOuter
    const differs = a.kind === 'ipv4' || a.kind === 'ipv6' ? ipDifference(a.ip, b) : null
    if (differs !== null) return `outer ${differs}`
    if (outerText(a) !== outerText(b.header, a)) {
      return `header of a tunnel: expected ${outerText(a)}, seen ${outerText(b.header, a)}`
    }
  }
  return null
}

function ipDifference(want: IpFields, seen: { readonly tos: number; readonly ttl: number }): string | null {
  if (want.tos !== null && want.tos !== seen.tos) return `type of service: expected ${want.tos}, seen ${seen.tos}`
  if (want.ttl !== null && want.ttl !== seen.ttl) return `time to live: expected ${want.ttl}, seen ${seen.ttl}`
  if (want.ecn === null) return null
  const names = ['noecn', 'ect1', 'ect0', 'ce'] as const
  const got = names[seen.tos & 3] as (typeof names)[number]
  const same = want.ecn === 'ect01' ? got === 'ect0' || got === 'ect1' : want.ecn === got
  return same ? null : `congestion notification: expected ${want.ecn}, seen ${got}`
}

function tcpDifference(want: TcpFields, got: TcpFields, seen: SeenPacket, options: MatchOptions): string | null {
  const ignored = want.ace === null ? 0 : ACE_BITS
  if ((want.flags & ~ignored) !== (got.flags & ~ignored)) {
    return `flags: expected ${flagsText(want.flags & ~ignored)}, seen ${flagsText(got.flags & ~ignored)}`
  }
  if (want.ace !== null && want.ace !== aceOf(got.flags)) {
    return `count of congestion marks: expected ${want.ace}, seen ${aceOf(got.flags)}`
  }
  if (want.seq !== got.seq) return `sequence number: expected ${want.seq}, seen ${got.seq}`
  if (want.length !== got.length) return `payload length: expected ${want.length}, seen ${got.length}`
  if (want.ack !== got.ack) return `acknowledgment number: expected ${want.ack}, seen ${got.ack}`
  if (want.window !== null && want.window !== got.window) return `window: expected ${want.window}, seen ${got.window}`
  if (want.urgent !== got.urgent) return `urgent pointer: expected ${want.urgent}, seen ${got.urgent}`
  if (want.options !== null) {
    const option = optionsDifference(want.options, got.options ?? [], got.flags, options)
    if (option !== null) return option
  }
  return seen.zeros ? null : 'payload: expected zeros, seen other octets'
}

function optionsDifference(
  want: readonly TcpOption[],
  got: readonly TcpOption[],
  flags: number,
  options: MatchOptions,
): string | null {
  const kinds = (list: readonly TcpOption[]) =>
    list.length === 0
      ? 'none'
      : list.map((option) => (option.kind === 'unknown' ? optionText(option) : option.kind)).join(',')
  if (kinds(want) !== kinds(got)) return `options: expected ${kinds(want)}, seen ${kinds(got)}`
  for (let i = 0; i < want.length; i++) {
    const a = want[i] as TcpOption
    const b = got[i] as TcpOption
    if (a.kind === 'TS' && b.kind === 'TS') {
      // The value is the stack's own and is only learnt; the echo is the peer's, so of the script.
      const echo = options.timestampEchoes && (flags & ACK) !== 0
      if (echo && a.ecr !== b.ecr) return `timestamp echo: expected ${a.ecr}, seen ${b.ecr}`
    } else if (optionText(a) !== optionText(b)) {
      return `option ${a.kind}: expected ${optionText(a)}, seen ${optionText(b)}`
    }
  }
  return null
}

function icmpDifference(want: IcmpFields, got: IcmpFields): string | null {
  if (want.type !== got.type) return `ICMP type: expected ${want.type}, seen ${got.type}`
  if (want.code !== got.code) return `ICMP code: expected ${want.code}, seen ${got.code}`
  if (want.mtu !== null && want.mtu !== got.mtu) return `MTU: expected ${want.mtu}, seen ${got.mtu}`
  if (want.id !== null && want.id !== got.id) return `identifier: expected ${want.id}, seen ${got.id}`
  if (want.quoted?.protocol === 'raw' && got.quoted !== null && want.quoted.length !== got.quoted.length) {
    return `ICMP data: expected ${want.quoted.length} octets, seen ${got.quoted.length}`
  }
  return null
}

/** Flags in which segments may differ that stand for one of the script: they depend on where the data was cut. */
const CUT_FLAGS = FIN | PSH | CWR

/**
 * Joins `next` to `merged`, which is shorter than the script's packet: the script may have been written for segments larger
 * than the stack sends. Returns null where `next` does not continue it: it must be contiguous, no longer than the first, and
 * agree in all but FIN, PSH and CWR. `full` is the length of the first segment: only the last may be shorter.
 */
export function joined(merged: SeenPacket, next: SeenPacket, full: number): SeenPacket | null {
  const a = merged.transport
  const b = next.transport
  if (a.protocol !== 'tcp' || b.protocol !== 'tcp') return null
  if (a.length % full !== 0 || b.length === 0 || b.length > full) return null
  if ((a.seq + a.length) % 0x100000000 !== b.seq) return null
  if ((a.flags & ~CUT_FLAGS) !== (b.flags & ~CUT_FLAGS) || (a.flags & FIN) !== 0) return null
  if (a.ack !== b.ack || a.window !== b.window || a.urgent !== b.urgent || merged.tos !== next.tos) return null
  const withoutValue = (list: readonly TcpOption[] | null) =>
    (list ?? []).map((option) => (option.kind === 'TS' ? `TS ${option.ecr}` : optionText(option))).join()
  if (withoutValue(a.options) !== withoutValue(b.options)) return null
  const flags = (b.flags & ~CWR) | (a.flags & CWR)
  return {
    ...next,
    zeros: merged.zeros && next.zeros,
    transport: { ...b, flags, seq: a.seq, length: a.length + b.length },
  }
}
