// What TCP asks of the host it runs on. TCP itself has no I/O, no clock and no tables: it is handed them here.

import type { RingSpan } from '../base/byte-ring.ts'
import type { IpAddress } from '../base/ip-address.ts'
import type { MemoryAccount } from '../base/memory-account.ts'
import type { Random } from '../base/random.ts'
import type { SharedAddresses } from '../base/shared-addresses.ts'
import type { Timekeeper } from '../base/timekeeper.ts'
import type { ChallengeBudget } from './challenge.ts'
import type { TcpConfig } from './config.ts'
import type { Connection } from './connection.ts'
import type { TcpCounters } from './counters.ts'
import type { FastOpenHost } from './fast-open.ts'
import type { HalfOpen } from './half-open.ts'
import type { SequenceGenerator } from './isn.ts'
import type { PathMetrics } from './path-metrics.ts'
import type { SignatureCalls } from './signature.ts'
import type { SynCookies } from './syn-cookies.ts'
import type { TimeWait } from './time-wait.ts'
import type { Wishes } from './wishes.ts'

/** The way to a peer, as the host keeps it. */
export interface TcpPath {
  /** It is to be looked up again before the next segment. */
  readonly stale: boolean
  /** The address that packets go out with. */
  readonly source: IpAddress
  /** Octets of the largest IP packet on the way. */
  readonly mtu: number
  /** What else is said of it. */
  readonly metrics: PathMetrics
}

/** One end of a (possible) connection: enough to address a segment. */
export interface TcpFlow {
  readonly local: IpAddress
  readonly localPort: number
  readonly remote: IpAddress
  readonly remotePort: number
  path: TcpPath | null
  /** IP time to live and type of service. */
  readonly ttl: number
  readonly tos: number
  /** IP's Don't Fragment bit: path MTU discovery. */
  readonly dontFragment: boolean
  /** Segments are signed with it (RFC 2385); null: they are not. */
  readonly signatureKey: Uint8Array | null
}

/** What a connection holds of its local port; given back when the connection is no more. */
export interface PortLease {
  release(): void
}

export interface TcpHost {
  readonly time: Timekeeper
  readonly random: Random
  readonly config: TcpConfig
  /** What connections are given that nobody has wished anything else of: as `config` has it. */
  readonly wishes: Wishes
  /** The same over IPv6. */
  readonly wishes6: Wishes
  readonly counters: TcpCounters
  /** Those that connections have in common. */
  readonly addresses: SharedAddresses
  /** What all rings hold together. */
  readonly memory: MemoryAccount
  readonly isn: SequenceGenerator
  readonly challenges: ChallengeBudget
  /** null: SYNs go without data, and cookies are not asked for. */
  readonly fastOpen: FastOpenHost | null
  /** null: signatures (RFC 2385) are neither made nor looked at, as Linux without CONFIG_TCP_MD5SIG. */
  readonly signatures: SignatureCalls | null
  readonly synCookies: SynCookies

  /** Where segments are composed: the TCP header at `segmentStart`, and room for lower headers in front of it. */
  readonly frame: Uint8Array
  readonly segmentStart: number
  /** Where the octets lie that a segment leaves in the send ring. */
  readonly span: RingSpan

  /** Looks the way up anew if there is none or it is stale. 0, or a negated errno. */
  findPath(flow: TcpFlow): number
  /** The way is known to work: the peer has acknowledged new data. */
  confirmPath(flow: TcpFlow): void
  /** The longest IP packet that the first device takes as one large segment; 0: none. */
  largeSegment(flow: TcpFlow): number
  /** Whether the first device sends payload from where it lies. */
  gathers(flow: TcpFlow): boolean
  /**
   * Sends the segment in `frame[segmentStart, end)`, its checksum not yet filled in. `segmentSize` is 0, or the payload of
   * each packet that a large segment stands for. Of a segment with a `span` the payload lies there, its place in the frame is not
   * written. 0, or a negated errno: then nothing was sent.
   */
  transmit(flow: TcpFlow, headerLength: number, end: number, segmentSize: number, span: RingSpan | null): number

  /** A timer of the wheel has come: hands on to timers and passive-open, which the connection itself need not know. */
  connectionTimerExpired(connection: Connection): void
  halfOpenTimerExpired(halfOpen: HalfOpen): void
  timeWaitExpired(timeWait: TimeWait): void
  /** Has `output` called for this connection at the end of the burst. */
  touch(connection: Connection): void
  /** Has an acknowledgement sent at the end of the burst, unless a segment with data carries it. */
  acknowledgeSoon(connection: Connection): void
  /** Ends the handshakes that were to be ended before this connection's, so that listeners hear of them in the order of `connect`. */
  endEarlierHandshakes(connection: Connection): void
  /** A device refused a segment: `output` is to be called again when it has room. */
  awaitRoom(connection: Connection): void
  /** Enters a connection into, and takes it out of, the table of socket pairs. */
  enter(connection: Connection): void
  remove(flow: Connection | HalfOpen | TimeWait): void
  /** A half-open connection has become a whole one. */
  promote(halfOpen: HalfOpen, connection: Connection): void
  /** The connection came to TIME-WAIT: it may be given up when there are too many. */
  enterTimeWait(connection: Connection): void
}

/** Whoever holds a connection: told of POLL… events at the end of a burst. */
export interface ConnectionOwner {
  connectionReady(events: number): void
}
