// Read first: RFC 9293 section 3.3.1 (the transmission control block).

import { ByteRing } from '../base/byte-ring.ts'
import type { IpAddress } from '../base/ip-address.ts'
import { TCP_CA_Open } from '../base/tcp-info.ts'
import { Timer } from '../base/timer-wheel.ts'
import type { AccurateEcn } from './accurate-ecn.ts'
import type { CongestionControl } from './congestion.ts'
import { congestionControl } from './congestion-controls.ts'
import { type CubicState, cubic } from './cubic.ts'
import { Flight } from './flight.ts'
import type { HalfOpen } from './half-open.ts'
import type { ConnectionOwner, PortLease, TcpFlow, TcpHost, TcpPath } from './host.ts'
import type { Listener } from './listener.ts'
import type { MtuSearch } from './mtu-search.ts'
import type { Pacing } from './pacing.ts'
import { metricsOf } from './path-metrics.ts'
import type { Reassembly } from './reassembly.ts'
import type { ReceiveTuning } from './receive-tuning.ts'
import { RECEIVE_RATIO_DEFAULT } from './receive-window.ts'
import { Repair } from './repair.ts'
import { CLOSED, type State } from './state.ts'
import type { StreamWatcher } from './stream-watcher.ts'

/** Where congestion control stands, numbered as tcpi_ca_state: open, slowing down, or mending losses. */
export {
  TCP_CA_CWR as CA_CWR,
  TCP_CA_Disorder as CA_DISORDER,
  TCP_CA_Loss as CA_LOSS,
  TCP_CA_Open as CA_OPEN,
  TCP_CA_Recovery as CA_RECOVERY,
} from '../base/tcp-info.ts'

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

/** No urgent octet; announced and not here yet; here to be read; read. */
export const URGENT_NONE = 0
export const URGENT_AWAITED = 1
export const URGENT_HERE = 2
export const URGENT_READ = 3

/** Octets of each ring that a connection gets when the host's memory for buffers is used up: it goes on, if slowly. */
const MEMORY_RESERVE = 4096

/** Milliseconds: longer than any delay of an acknowledgement. */
const LONG_AGO = 60_000

const pool: Flight[] = []

/**
 * All of one TCP connection. Fields only and what derives from them at once: what happens to them is in input, output, timers
 * and user calls. Every number is an int32, which V8 keeps in place: a million of these is then 0.7 GB, not 2.
 */
export class Connection extends Timer implements TcpFlow {
  readonly host: TcpHost
  owner: ConnectionOwner | null = null
  /** Follows its octets, where the application asks for time stamps or lends its buffers. */
  watcher: StreamWatcher | null = null
  /** The listener that it waits for acceptance at. */
  listener: Listener | null = null
  lease: PortLease | null = null
  /** It stands by Fast Open, and this SYN-ACK is not acknowledged yet. */
  request: HalfOpen | null = null
  state: State = CLOSED

  readonly local: IpAddress
  localPort: number
  readonly remote: IpAddress
  remotePort: number
  path: TcpPath | null = null
  ttl = 64
  tos = 0
  /** Segments that have less hops left are not the peer's: RFC 5082. 0: all are taken. */
  minTtl = 0
  dontFragment = true
  signatureKey: Uint8Array | null = null
  /** The next in its bucket of the table of socket pairs. */
  next: Connection | HalfOpen | null = null

  // Send sequence space
  iss = 0
  sndUna = 0
  sndNxt = 0
  sndWnd = 0
  sndWl1 = 0
  sndWl2 = 0
  /** The largest window the peer has offered. */
  maxSndWnd = 0
  sndWndShift = 0
  /** The octet after the last urgent one; urgent mode holds while it is after SND.UNA. */
  sndUp = 0
  sendUrgent = false
  /** The end of the last segment sent shorter than the MSS (Nagle, as Minshall has it). */
  sndSml = 0
  /** Unacknowledged and unsent data; its first octet is `ringSeq`. */
  readonly sendRing: ByteRing
  ringSeq = 0
  /** SO_SNDBUF, as it is or has grown to: octets, and the bookkeeping of chunks. */
  sendBuffer: number
  /** The application has set it: it does not grow. */
  sendLocked = false
  /** The application has closed its side: a FIN follows the data. */
  finQueued = false
  /** How far the FIN has been sent: SND.NXT counts it. */
  finSent = false
  /** Where the last push was: where what the application gave ended then. */
  pushSeq = 0
  /** Where PSH goes: at the last push, unless more has been added to that chunk before it was sent. */
  pushAt = 0
  /** Where the piece of a write began that is being filled (writeGoal). */
  pieceSeq = 0
  /** MSG_MORE: more is coming. */
  more = false
  /** Where records end that are not sent yet, and are not to be joined with what follows: MSG_EOR. */
  recordEnds: number[] | null = null

  // Receive sequence space
  irs = 0
  rcvNxt = 0
  /** The right edge of the window last offered. */
  rcvAdv = 0
  rcvWndShift = 0
  /** RCV.NXT as last acknowledged. */
  lastAckSent = 0
  readonly receiveRing: ByteRing
  /** SO_RCVBUF, as it is or has grown to: octets of packets, not of payload. */
  receiveBuffer: number
  /** The application has set it: it does not grow. */
  receiveLocked = false
  /** What the packets that wait take of it, what of the first of them has been read, and room left in the last. */
  receiveCharge = 0
  receiveHead = 0
  receiveTail = 0
  /** Which part of packets is payload, in 256ths. */
  receiveRatio: number = RECEIVE_RATIO_DEFAULT
  /** The largest window that may be offered, and that will be now: it grows as data comes. */
  windowClamp = 0
  rcvSsthresh = 0
  /** TCP_WINDOW_CLAMP; 0: none. */
  clampWished = 0
  tuning: ReceiveTuning | null = null
  reassembly: Reassembly | null = null
  /** What was received twice and is to be reported. */
  duplicateSeen = false
  duplicateLeft = 0
  duplicateRight = 0
  /** The sequence number of the peer's FIN, once seen. */
  finSeq = 0
  finSeen = false
  /** It has been reached: the stream has ended. */
  finReceived = false
  urgentState = URGENT_NONE
  /** The sequence number of the urgent octet. */
  urgentSeq = 0
  urgentOctet = 0
  /** The receive stream's read position: the sequence number of the first octet in the ring. */
  readSeq = 0

  // Options negotiated
  /** Largest payload of the segments we send, and what the peer said it takes. */
  mss = 536
  peerMss = 536
  /** What our SYN said, options not counted off: the way may change, the word stands. */
  saidMss = 0
  /** Of one that searches for the path MTU by itself. */
  mtuSearch: MtuSearch | null = null
  /** Set by TCP_MAXSEG; 0: not. */
  mssLimit = 0
  /** The largest segment lately received: of two such the second is acknowledged. */
  receiveMss = 536
  /** Payload of the largest segment handed to the device, a multiple of the MSS. */
  segmentMax = 536
  timestamps = false
  sackPermitted = false
  windowScaling = false
  /** FO_… bits of Fast Open. */
  fastOpen = 0
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
  /** It went out twice: its answer is no round trip (Karn). */
  synRepeated = false
  rto: number
  /** How often the time-out has doubled. */
  backoff = 0

  // Congestion and recovery
  control: CongestionControl
  /** What that remembers, when it has something to. */
  controlState: CubicState | null = null
  /** Null: nothing is paced. */
  pacing: Pacing | null = null
  flight: Flight | null = null
  cwnd: number
  cwndCount = 0
  ssthresh = 0x7fffffff
  caState: number = TCP_CA_Open
  /** Of the packets delivered those whose acknowledgements echoed a mark. */
  deliveredMarked = 0
  /** Of one that agreed to accurate ECN: what it counts. */
  accurateEcn: AccurateEcn | null = null
  /** ECN_… bits of explicit congestion notification. */
  ecn = 0
  /** SND.NXT when recovery began: it ends when this is acknowledged. */
  recoveryPoint = 0
  /** From the first trouble on. */
  repair: Repair | null = null
  /** RFC 8985's RACK: when the latest segment to arrive was sent, its end and its round trip, in microseconds. */
  rackValid = false
  rackSentAt = 0
  rackEnd = 0
  rackRtt = 0
  /** Something has arrived since losses were last looked for. */
  rackAdvanced = false
  /** The most packets in flight since the window was last full, and whether the window, not the data, was the limit. */
  maxPacketsOut = 0
  cwndLimited = false
  cwndUsageSeq = 0
  /** While it was not: the most packets of it used since then, milliseconds. */
  cwndUsed = 0
  cwndUsedAt = 0
  /** Retransmissions of the oldest segment, or probes of a closed window, without an answer; keep-alives likewise. */
  retries = 0
  keepAliveSent = 0
  totalRetransmits = 0

  // What TCP_INFO counts. Sequence numbers count octets modulo 2^32; how often they have wrapped is counted here.
  ackedWraps = 0
  receivedWraps = 0
  segmentsIn = 0
  segmentsOut = 0
  dataSegmentsIn = 0
  dataSegmentsOut = 0
  outOfOrderIn = 0
  retransmittedOctets = 0
  /** Packets that have reached the peer, by acknowledgement or SACK. */
  delivered = 0
  openedAt = 0
  /** What holds the sender up, since when, and how long each of that has, in milliseconds. */
  chronograph = 0
  chronographAt = 0
  busyTime = 0
  receiverLimitedTime = 0
  bufferLimitedTime = 0
  /** The application had more to send than there was room for, and waits for room. */
  noSpace = false

  // Acknowledging
  /** Acknowledgements still to be sent at once; then they may be delayed. */
  quickAcks = 0
  /** The delay, which follows the pace of the data, in milliseconds; 0: no data has come. */
  ackDelay = 0
  /** ACK_… bits of the acknowledgement that is owed. */
  ackWishes = 0
  /** A segment that was smaller than those before it: another like it says that they are no larger. */
  lastSegment = 0
  /** Answers to segments behind a hole: those that were sent for this RCV.NXT, and those held back since. */
  compressedAt = 0
  duplicateAcks = 0
  compressedAcks = 0
  /** The application answers what it gets: an acknowledgement may wait for the answer. */
  interactive = false
  ackPending = false
  ackAtFlush = false
  touched = false
  awaitingRoom = false
  lastInvalidAckAt = 0
  invalidAckSent = false

  // Timers, int32 milliseconds of the host's time
  armed = 0
  retransmitAt = 0
  persistAt = 0
  ackAt = 0
  longAt = 0
  reorderAt = 0
  probeAt = 0
  paceAt = 0
  lastReceivedAt = 0
  /** When data last came. */
  lastDataAt: number
  lastSentAt = 0
  /** The same in microseconds. */
  lastSentMicros = 0
  /** Since when nothing that was sent has been acknowledged. */
  unansweredSince = 0

  // The application's wishes
  noDelay = false
  cork = false
  keepAlive = false
  urgentInline = false
  keepAliveTime: number
  keepAliveInterval: number
  keepAliveProbes: number
  userTimeout = 0
  finWait2Timeout: number
  synRetries: number
  lowWater = 1
  notSentLowWater: number
  /** SHUT_RD: reads give the end of the stream. */
  readShut = false
  /** No application holds it any more. */
  orphan = false
  /** A pending error, positive; SO_ERROR reads and clears it. */
  error = 0
  /** The last soft error an ICMP message brought: what a time-out is then reported as. */
  softError = 0
  /** Ended by a reset or a time-out, not in order (MUST-12). */
  aborted = false
  /** It has been in ESTABLISHED. */
  opened = false
  /** RFC 9293 MUST-11: it began with an active open. */
  active = false

  constructor(host: TcpHost, local: IpAddress, localPort: number, remote: IpAddress, remotePort: number) {
    super()
    const config = host.config
    this.host = host
    this.local = local
    this.localPort = localPort
    this.remote = remote
    this.remotePort = remotePort
    this.sendRing = new ByteRing(host.memory)
    this.receiveRing = new ByteRing(host.memory)
    this.sendBuffer = config.sendBuffer
    this.receiveBuffer = config.receiveBuffer
    this.rto = config.initialRto
    this.lastDataAt = (host.time.now - LONG_AGO) | 0
    this.control = congestionControl(config.congestionControl) ?? cubic
    this.cwnd = config.initialWindow
    this.keepAliveTime = config.keepAliveTime
    this.keepAliveInterval = config.keepAliveInterval
    this.keepAliveProbes = config.keepAliveProbes
    this.finWait2Timeout = config.finWait2
    this.synRetries = config.synRetries
    this.notSentLowWater = config.notSentLowWater
  }

  expire(): void {
    this.host.connectionTimerExpired(this)
  }

  /** The sequence number at which sending begins: nothing urgent, small, pushed, lost or full lies behind it. */
  startSending(seq: number): void {
    this.sndUp = seq
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
    this.rackValid = false
    this.rackAdvanced = false
    flight.clear()
    flight.shrink()
    if (pool.length < 256) pool.push(flight)
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
