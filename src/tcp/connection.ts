// Read first: RFC 9293 section 3.3.1 (the transmission control block).

import { type ByteRing, EMPTY_RING, giveRing, takeRing } from '../base/byte-ring.ts'
import type { IpAddress } from '../base/ip-address.ts'
import { ConnectionWishes } from './connection-wishes.ts'
import type { CubicState } from './cubic.ts'
import { Flight } from './flight.ts'
import type { HalfOpen } from './half-open.ts'
import type { ConnectionOwner, PortLease, TcpFlow, TcpHost, TcpPath } from './host.ts'
import type { Listener } from './listener.ts'
import { metricsOf } from './path-metrics.ts'
import { Repair } from './repair.ts'
import { CLOSED, type State } from './state.ts'
import type { TimeWait } from './time-wait.ts'

/** Where congestion control stands, numbered as tcpi_ca_state: open, slowing down, or mending losses. */
export {
  TCP_CA_CWR as CA_CWR,
  TCP_CA_Disorder as CA_DISORDER,
  TCP_CA_Loss as CA_LOSS,
  TCP_CA_Open as CA_OPEN,
  TCP_CA_Recovery as CA_RECOVERY,
} from '../base/tcp-info.ts'

export { URGENT_AWAITED, URGENT_HERE, URGENT_NONE, URGENT_READ } from './rare-state.ts'

/** Timers of a connection that are set: bits of `armed`. */
export const TIMER_RETRANSMIT = 1
export const TIMER_PERSIST = 2
export const TIMER_ACK = 4
/** Keep-alive; and the end of FIN-WAIT-2 and TIME-WAIT, when there is nothing to keep alive any more. */
export const TIMER_LONG = 8
/** What may only be late is lost by now (RFC 8985). */
export const TIMER_REORDER = 16
/** The end of a flight is unanswered for too long (RFC 8985 section 7). */
export const TIMER_PROBE = 32
/** What is paced may go on. */
export const TIMER_PACE = 64

/** What an acknowledgement that is owed is like: bits of `ackWishes`. It is not to be delayed; the data was the end of a burst, twice so. */
export const ACK_AT_ONCE = 1
export const ACK_PUSHED = 2
export const ACK_PUSHED_TWICE = 4
/** TCP_DEFER_ACCEPT of a client: the ACK of the SYN-ACK waits for data to ride on. */
export const ACK_WITH_DATA = 8

/** Octets of each ring that a connection gets when the host's memory for buffers is used up: it goes on, if slowly. */
const MEMORY_RESERVE = 4096

/** Milliseconds: longer than any delay of an acknowledgement. */
const LONG_AGO = 60_000

const pool: Flight[] = []

/**
 * All of one TCP connection. Fields only and what derives from them at once: what happens to them is in input, output, timers
 * and user calls. Every number is an int32, which V8 keeps in place in 8 octets: 832 for an idle one (Node 20, x64), where a double would
 * take 24. What is a flag, rare, or the same for most lies in the classes that it extends.
 */
export class Connection extends ConnectionWishes implements TcpFlow {
  readonly host: TcpHost
  owner: ConnectionOwner | null = null
  /** The listener that it waits for acceptance at. */
  listener: Listener | null = null
  lease: PortLease | null = null
  state: State = CLOSED

  readonly local: IpAddress
  readonly remote: IpAddress
  /** The local one in the lower 16 bits. */
  readonly #ports: number
  path: TcpPath | null = null
  /** The next in its bucket of the table of socket pairs. */
  next: Connection | HalfOpen | TimeWait | null = null

  // Send sequence space
  iss = 0
  sndUna = 0
  sndNxt = 0
  sndWnd = 0
  sndWl1 = 0
  sndWl2 = 0
  /** The largest window the peer has offered. */
  maxSndWnd = 0
  /** The end of the last segment sent shorter than the MSS (Nagle, as Minshall has it). */
  sndSml = 0
  /** Unacknowledged and unsent data; its first octet is `ringSeq`. To be looked at: see `sendingRing`. */
  sendRing: ByteRing = EMPTY_RING
  ringSeq = 0
  /** SO_SNDBUF, as it is or has grown to: octets, and the bookkeeping of chunks. */
  sendBuffer: number
  /** Where the last push was: where what the application gave ended then. */
  pushSeq = 0
  /** Where PSH goes: at the last push, unless more has been added to that chunk before it was sent. */
  pushAt = 0
  /** Where the piece of a write began that is being filled (writeGoal). */
  pieceSeq = 0

  // Receive sequence space
  irs = 0
  rcvNxt = 0
  /** The right edge of the window last offered. */
  rcvAdv = 0
  /** RCV.NXT as last acknowledged. */
  lastAckSent = 0
  /** What came and was not read yet. To be looked at: see `receivingRing`. */
  receiveRing: ByteRing = EMPTY_RING
  /** SO_RCVBUF, as it is or has grown to: octets of packets, not of payload. */
  receiveBuffer: number
  /** What the packets that wait take of it, what of the first of them has been read, and room left in the last. */
  receiveCharge = 0
  receiveHead = 0
  receiveTail = 0
  /** The largest window that may be offered, and that will be now: it grows as data comes. */
  windowClamp = 0
  rcvSsthresh = 0
  /**
   * How large the receive buffer must be (receive-tuning). Eight times the smoothed round trip as the receiver sees it, microseconds,
   * 0: not known; where a window's worth of data ends, and since when it comes: a round trip without time stamps.
   */
  receiverRtt8 = 0
  windowSeq = 0
  windowAt = 0
  lastEcho = 0
  /** What was read in the last round trip, and from where and when this one counts. */
  readSpace = 0
  readSpaceSeq = 0
  readSpaceAt = 0
  /** The sequence number of the peer's FIN, once seen. */
  finSeq = 0
  /** The receive stream's read position: the sequence number of the first octet in the ring. */
  readSeq = 0

  // Options negotiated
  /** Largest payload of the segments we send. */
  mss = 536
  /** The largest segment lately received: of two such the second is acknowledged. */
  receiveMss = 536
  /** Payload of the largest segment handed to the device, a multiple of the MSS. */
  segmentMax = 536
  tsOffset = 0
  tsRecent = 0
  /** When it was taken (RFC 7323 section 5.5: stale after 24 days). */
  tsRecentAt = 0

  // Round trip, in microseconds; the time-out in milliseconds
  // as Linux keeps it: eight times the average, four times the mean deviation, its greatest value since `rttSeq` was sent, and
  // what the time-out is made of.
  srtt8 = 0
  mdev4 = 0
  mdevMax = 0
  rttvar4 = 0
  rttSeq = 0
  minRtt = 0
  minRttAt = 0
  /** When the SYN went out last. */
  synSentAt = 0
  rto: number

  // Congestion and recovery
  /** What that remembers, when it has something to. */
  controlState: CubicState | null = null
  /** The least round trip that congestion control has seen, microseconds. 0: none yet. */
  leastRtt = 0
  flight: Flight | null = null
  cwnd: number
  cwndCount = 0
  ssthresh = 0x7fffffff
  /** SND.NXT when recovery began: it ends when this is acknowledged. */
  recoveryPoint = 0
  /** Of the latest segment to arrive the round trip, in microseconds (RFC 8985's RACK). */
  rackRtt = 0
  /** The most packets in flight since the window was last full, and whether the window, not the data, was the limit. */
  maxPacketsOut = 0
  cwndUsageSeq = 0
  /** While it was not: the most packets of it used since then, milliseconds. */
  cwndUsed = 0
  cwndUsedAt = 0

  // What TCP_INFO counts. Sequence numbers count octets modulo 2^32; how often they have wrapped is counted here.
  segmentsIn = 0
  segmentsOut = 0
  dataSegmentsIn = 0
  dataSegmentsOut = 0
  /** Packets that have reached the peer, by acknowledgement or SACK. */
  delivered = 0
  openedAt = 0
  /** Since when `chronograph` holds the sender up, and for how long it was not held up, in milliseconds. */
  chronographAt = 0
  busyTime = 0

  // Acknowledging
  /** The delay, which follows the pace of the data, in milliseconds; 0: no data has come. */
  ackDelay = 0
  /** A segment that was smaller than those before it: another like it says that they are no larger. */
  lastSegment = 0

  // Timers, int32 milliseconds of the host's time
  retransmitAt = 0
  persistAt = 0
  ackAt = 0
  longAt = 0
  lastReceivedAt = 0
  /** When data last came. */
  lastDataAt: number
  lastSentAt = 0
  /** The same in microseconds. */
  lastSentMicros = 0
  /** Since when nothing that was sent has been acknowledged. */
  unansweredSince = 0

  constructor(host: TcpHost, local: IpAddress, localPort: number, remote: IpAddress, remotePort: number) {
    super(remote.isV4 ? host.wishes : host.wishes6)
    const config = host.config
    this.host = host
    this.local = local
    this.remote = remote
    this.#ports = localPort | (remotePort << 16)
    this.sendBuffer = config.sendBuffer
    this.receiveBuffer = config.receiveBuffer
    this.rto = config.initialRto
    this.lastDataAt = (host.time.now - LONG_AGO) | 0
    this.cwnd = config.initialWindow
  }

  get localPort(): number {
    return this.#ports & 0xffff
  }

  get remotePort(): number {
    return this.#ports >>> 16
  }

  expire(): void {
    this.host.connectionTimerExpired(this)
  }

  /** The sequence number at which sending begins: nothing small, pushed, lost or full lies behind it. */
  startSending(seq: number): void {
    this.sndSml = seq
    this.pushSeq = seq
    this.pushAt = seq
    this.pieceSeq = seq
    this.recoveryPoint = seq
    this.cwndUsageSeq = seq
  }

  /** The smoothed round trip, in microseconds. */
  get srtt(): number {
    return this.srtt8 >> 3
  }

  get repairs(): Repair {
    if (this.repair === null) this.repair = new Repair()
    return this.repair
  }

  /** The scoreboard, borrowed from the pool when first something is sent. */
  get flying(): Flight {
    if (this.flight === null) this.flight = pool.pop() ?? new Flight()
    return this.flight
  }

  /** The timers that wait for what is in flight, and go with it. */
  get reorderAt(): number {
    return this.flight === null ? 0 : this.flight.reorderAt
  }

  set reorderAt(at: number) {
    this.flying.reorderAt = at
  }

  get probeAt(): number {
    return this.flight === null ? 0 : this.flight.probeAt
  }

  set probeAt(at: number) {
    this.flying.probeAt = at
  }

  /** When the latest segment to arrive was sent, and its end: of a flight, for they count only while something is in it. */
  get rackSentAt(): number {
    return this.flight === null ? 0 : this.flight.rackSentAt
  }

  set rackSentAt(value: number) {
    if (this.flight !== null) this.flight.rackSentAt = value
  }

  get rackEnd(): number {
    return this.flight === null ? 0 : this.flight.rackEnd
  }

  set rackEnd(value: number) {
    if (this.flight !== null) this.flight.rackEnd = value
  }

  /** Packets to begin with: what the route says, or the host. */
  get initialWindow(): number {
    const said = metricsOf(this).initialWindow
    return said > 0 ? said : this.host.config.initialWindow
  }

  /** Nothing is in flight: the scoreboard goes back. */
  land(): void {
    const flight = this.flight
    if (flight === null) return
    this.flight = null
    // Its instants are of a clock that wraps after 35 minutes: nothing may be compared with them after an idle hour.
    this.forgetRack()
    flight.clear()
    flight.shrink()
    if (pool.length < 256) pool.push(flight)
    if (this.controlState !== null) this.control.landed?.(this)
  }

  /** The send ring, to write into: it is a ring of its own only while there is something in it. */
  get sendingRing(): ByteRing {
    if (this.sendRing === EMPTY_RING) this.sendRing = takeRing(this.host.memory)
    return this.sendRing
  }

  /** The receive ring, likewise. */
  get receivingRing(): ByteRing {
    if (this.receiveRing === EMPTY_RING) this.receiveRing = takeRing(this.host.memory)
    return this.receiveRing
  }

  /** Forgets the first `length` octets of the send ring. */
  dropSent(length: number): void {
    this.sendRing.drop(length)
    if (this.sendRing.length === 0) this.freeSendRing()
  }

  /** Forgets the first `length` octets of the receive ring, but not what lies behind a hole. */
  dropReceived(length: number): void {
    const keep = this.reassembly !== null
    this.receiveRing.drop(length, keep)
    if (this.receiveRing.length === 0 && !keep) this.freeReceiveRing()
  }

  freeSendRing(): void {
    giveRing(this.sendRing)
    this.sendRing = EMPTY_RING
  }

  freeReceiveRing(): void {
    giveRing(this.receiveRing)
    this.receiveRing = EMPTY_RING
  }

  get packetsInNetwork(): number {
    return this.flight === null ? 0 : this.flight.inNetwork
  }

  /** The sequence number after all that the application has given to send, its FIN not counted. */
  get writeSeq(): number {
    return (this.ringSeq + this.sendRing.length) | 0
  }

  /** Octets of the receive window offered and not yet used. */
  get receiveWindow(): number {
    const window = (this.rcvAdv - this.rcvNxt) | 0
    return Math.max(window, 0)
  }

  /** Octets that can be read in order. */
  get readable(): number {
    return this.receiveRing.length
  }

  /** From how many octets on a reader is woken: SO_RCVLOWAT, but not more than the window lets in (tcp_epollin_ready in Linux). */
  get readableFrom(): number {
    return this.receiveWindow <= this.receiveMss || this.host.memory.full ? 1 : this.lowWater
  }

  /** The send buffer, where there is memory for it. */
  get sendLimit(): number {
    return this.host.memory.full ? Math.min(this.sendBuffer, MEMORY_RESERVE) : this.sendBuffer
  }

  /** Octets the receive ring may hold now: what it has memory for, where there is no more to be had. */
  get receiveLimit(): number {
    if (!this.host.memory.full) return this.receiveBuffer
    return Math.min(this.receiveBuffer, Math.max(this.receiveRing.capacity, MEMORY_RESERVE))
  }

  /** The timestamp clock of this connection, one tick a millisecond (RFC 7323 section 5.4). */
  get tsNow(): number {
    return (this.host.time.now + this.tsOffset) | 0
  }
}
