// What a script says, after parsing. Numbers are those of the script: sequence numbers relative to the initial ones, times in
// whole microseconds since the start.

import type { IpAddress } from '../base/ip-address.ts'
import type { IcmpVersion } from './icmp-names.ts'
import type { IpVersion } from './ip-version.ts'

/** A place in a script, counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface ScriptOption extends Place {
  readonly name: string
  /** null: the option was given without one. */
  readonly value: string | null
}

export interface ShellCommand extends Place {
  readonly kind: 'command'
  readonly text: string
}

export interface CodeBlock extends Place {
  readonly kind: 'code'
  readonly text: string
}

/** When an event happens, or may happen. */
export type EventTime =
  | { readonly kind: 'at'; readonly relative: boolean; readonly at: number }
  | { readonly kind: 'between'; readonly relative: boolean; readonly from: number; readonly to: number }
  | { readonly kind: 'any' }

/** What is said of the IP header. null: not said, so not compared. */
export interface IpFields {
  readonly ecn: 'noecn' | 'ect0' | 'ect1' | 'ce' | 'ect01' | null
  /** Type of service, traffic class. */
  readonly tos: number | null
  /** Time to live, hop limit. */
  readonly ttl: number | null
  /** Of the script: what the stack chose for it is learnt. */
  readonly flowLabel: number | null
}

export interface MplsLabel {
  readonly label: number
  readonly trafficClass: number
  /** Of the stack: no label follows. */
  readonly bottom: boolean
  readonly ttl: number
}

/** A header in front of the packet's own: of a tunnel. Its addresses are those written, not the drill's. */
export type Outer =
  | {
      readonly kind: 'ipv4' | 'ipv6'
      readonly ip: IpFields
      readonly source: IpAddress
      readonly destination: IpAddress
    }
  | {
      readonly kind: 'gre'
      /** All 16 bits of them, the version included. */
      readonly flags: number
      readonly checksum: number | null
      readonly offset: number | null
      readonly key: number | null
      readonly sequence: number | null
    }
  | { readonly kind: 'mpls'; readonly labels: readonly MplsLabel[] }

export interface Ports {
  readonly source: number
  readonly destination: number
}

export type TcpOption =
  | { readonly kind: 'nop' | 'eol' | 'sackOK' }
  | { readonly kind: 'mss' | 'wscale'; readonly value: number }
  | { readonly kind: 'sack'; readonly blocks: readonly (readonly [number, number])[] }
  | { readonly kind: 'TS'; readonly val: number; readonly ecr: number }
  | { readonly kind: 'FO' | 'FOEXP' | 'md5'; readonly data: readonly number[] }
  | { readonly kind: 'ECN'; readonly e1First: boolean; readonly counters: readonly number[] }
  | { readonly kind: 'unknown'; readonly number: number; readonly data: readonly number[] }

export interface TcpFields {
  readonly protocol: 'tcp'
  readonly ports: Ports | null
  readonly flags: number
  /** The three bits AE, CWR and ECE as one count (RFC 9768), where the script gives it so. */
  readonly ace: number | null
  /** Not an integer of 32 bits but 0 to 2³² − 1, as written. */
  readonly seq: number
  readonly length: number
  readonly ack: number
  readonly window: number | null
  readonly urgent: number
  /** null: not compared. */
  readonly options: readonly TcpOption[] | null
}

export interface UdpFields {
  readonly protocol: 'udp'
  readonly ports: Ports | null
  readonly length: number
}

/** The packet that an ICMP error quotes. */
export type Quoted =
  | { readonly protocol: 'tcp'; readonly seq: number; readonly length: number }
  | { readonly protocol: 'udp' | 'raw'; readonly length: number }

export interface IcmpFields {
  readonly protocol: 'icmp'
  readonly version: IcmpVersion
  readonly type: number
  readonly code: number
  readonly mtu: number | null
  readonly id: number | null
  readonly quoted: Quoted | null
}

export type TransportFields = TcpFields | UdpFields | IcmpFields

export interface PacketAction extends Place {
  readonly kind: 'packet'
  /** 'in': the script gives it to the stack. 'out': the stack is expected to send it. */
  readonly direction: 'in' | 'out'
  /** Outermost first. */
  readonly outer: readonly Outer[]
  readonly ip: IpFields
  readonly transport: TransportFields
}

/** An argument of a system call. */
export type Expression = Place &
  (
    | { readonly kind: 'ellipsis' }
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'word'; readonly name: string }
    | { readonly kind: 'string'; readonly text: string; readonly prefix: boolean }
    | { readonly kind: 'or'; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'array'; readonly items: readonly Expression[] }
    | { readonly kind: 'struct'; readonly members: readonly Member[] }
    | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  )

/** `name=value` or `name(argument)=value` of a struct in braces; a bare value has no name. */
export interface Member {
  readonly name: string | null
  readonly argument: Expression | null
  readonly value: Expression
}

export interface CallAction extends Place {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Expression[]
  readonly result: Expression
  /** 'EAGAIN'; null where the call shall succeed. */
  readonly errno: string | null
  /** When a call that waits shall return, on the scale of the event's own time; null: it shall return at once. */
  readonly returnsAt: number | null
}

export type Action = PacketAction | CallAction | ShellCommand | CodeBlock

export interface ScriptEvent extends Place {
  readonly time: EventTime
  readonly action: Action
  /** The event as written, on one line. */
  readonly text: string
}

export interface Script {
  /** For messages: the file's name. */
  readonly name: string
  /** What it is run over. The names of types and codes of ICMP in it are those of this version. */
  readonly ipVersion: IpVersion
  readonly options: readonly ScriptOption[]
  readonly initCommand: ShellCommand | null
  readonly events: readonly ScriptEvent[]
  readonly cleanupCommand: ShellCommand | null
}
