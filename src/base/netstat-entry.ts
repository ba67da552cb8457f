// Read first: netstat(8), ss(8). What is told of a socket, be it a stack's or the operating system's.

import type { TcpInfo } from './tcp-info.ts'

export type NetstatTimerKind =
  | 'retransmit'
  | 'persist'
  | 'delayed-ack'
  | 'keepalive'
  | 'fin-wait-2'
  | 'time-wait'
  | 'reorder'
  | 'tail-loss-probe'

/** A timer that is set. */
export interface NetstatTimer {
  readonly kind: NetstatTimerKind
  /** Milliseconds until it expires; 0: it is due. */
  readonly left: number
  /** How often it has expired without an answer. */
  readonly retries: number
}

export type NetstatProtocol =
  | 'tcp'
  | 'tcp6'
  | 'udp'
  | 'udp6'
  | 'raw'
  | 'raw6'
  | 'icmp'
  | 'icmp6'
  | 'unix-stream'
  | 'unix-dgram'
  | 'unix-seqpacket'

/** One socket, or what is left of one. Plain values: JSON.stringify gives all of it. */
export interface NetstatEntry {
  readonly protocol: NetstatProtocol
  /** Of a Unix socket its path, "@name" for an abstract name, '' for none; the same of its peer. Ports are 0. */
  readonly localAddress: string
  /** A raw socket has its protocol's number here, an ICMP socket its identifier. */
  readonly localPort: number
  /** '0.0.0.0' or '::' and port 0 where there is no peer. */
  readonly peerAddress: string
  readonly peerPort: number
  /** 'LISTEN', 'SYN-SENT', …; '' for a socket that has no state: a datagram socket that is not connected. */
  readonly state: string
  /** Octets that can be read; of a listener, connections that wait for accept. Datagrams count with what their records take. */
  readonly receiveQueue: number
  /** Octets not yet acknowledged, a SYN or FIN as one; of a listener, its backlog. */
  readonly sendQueue: number
  /** The descriptor; null where no socket holds it: half-open, not yet accepted, closed by its program. */
  readonly fd: number | null
  /** The process; null where it is not known, or there is none that holds it. */
  readonly pid: number | null
  readonly timers: readonly NetstatTimer[]
  /** SO_BINDTODEVICE. */
  readonly interface: string | null
  /** With `details`: what TCP_INFO gives and the congestion control's name; null where there is no connection. */
  readonly details: NetstatDetails | null
  /** With `details`: what a socket of datagrams has carried since it was made; left out: it is none of a stack's, or nobody asked. */
  readonly traffic?: NetstatTraffic
  /** What the operating system knows besides of a socket of its own; left out: the socket is a stack's. */
  readonly system?: NetstatSystem
}

/** Datagrams that came into a socket's queue and that went out, and their octets without headers. */
export interface NetstatTraffic {
  readonly datagramsReceived: number
  readonly octetsReceived: number
  readonly datagramsSent: number
  readonly octetsSent: number
  /** Datagrams for which there was no room. */
  readonly drops: number
}

/** A descriptor of a socket: who has it open. */
export interface NetstatHolder {
  readonly pid: number
  readonly fd: number
  /** The program, as the kernel has it: its first 15 octets. */
  readonly name: string
}

/** What a socket of the operating system has besides. What was not asked for, or is not told by this kernel, is null. */
export interface NetstatSystem {
  /** Its number in the kernel's file system of sockets; 0: no program holds it any more. */
  readonly inode: number
  /** Of a Unix socket its peer's. */
  readonly peerInode: number | null
  /** The user who made it. */
  readonly uid: number | null
  /** What tells it from all that are and were, in hexadecimal digits. */
  readonly cookie: string | null
  /** All who have it open; empty where that was not looked for, or may not be seen. */
  readonly holders: readonly NetstatHolder[]
  readonly memory: NetstatMemory | null
  readonly typeOfService: number | null
  readonly trafficClass: number | null
  /** SO_MARK, which only an administrator is told. */
  readonly mark: number | null
  /** IPV6_V6ONLY, of a socket of IPv6. */
  readonly v6only: boolean | null
  /** 1: nothing is received any more; 2: nothing is sent; 3: neither. */
  readonly shutdown: number | null
  /** Of a Unix socket with a path the file's: its inode and its device, as stat(2) has them. */
  readonly file: { readonly inode: number; readonly device: number } | null
}

/** SO_MEMINFO, in octets; drops are datagrams. */
export interface NetstatMemory {
  readonly received: number
  readonly receiveBuffer: number
  readonly sent: number
  readonly sendBuffer: number
  readonly forward: number
  readonly queued: number
  readonly option: number
  readonly backlog: number
  readonly drops: number
}

export interface NetstatDetails extends TcpInfo {
  readonly congestion: string
}

const ORDER: readonly NetstatProtocol[] = [
  ...(['tcp', 'tcp6', 'udp', 'udp6', 'icmp', 'icmp6', 'raw', 'raw6'] as const),
  ...(['unix-stream', 'unix-dgram', 'unix-seqpacket'] as const),
]

const RANKS: ReadonlyMap<string, number> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ ORDER.map((protocol, rank) => [protocol, rank]),
)

/** Listeners first, then by protocol, port and peer. */
export function inNetstatOrder(x: NetstatEntry, y: NetstatEntry): number {
  return (
    rankOf(x) - rankOf(y) ||
    Number(y.state === 'LISTEN') - Number(x.state === 'LISTEN') ||
    x.localPort - y.localPort ||
    compare(x.localAddress, y.localAddress) ||
    compare(x.peerAddress, y.peerAddress) ||
    x.peerPort - y.peerPort ||
    (x.fd ?? 0) - (y.fd ?? 0) ||
    (x.system?.inode ?? 0) - (y.system?.inode ?? 0)
  )
}

function rankOf({ protocol }: NetstatEntry): number {
  return RANKS.get(protocol) ?? ORDER.length
}

function compare(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0
}
