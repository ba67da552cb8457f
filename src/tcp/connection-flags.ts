// Read first: RFC 9293 section 3.3.1 (the transmission control block).
//
// The booleans of a connection are bits of two int32, and its smallest numbers share one: as fields of their own they took 8 octets each, 264 of the 1504 of an idle
// connection (Node 20, x64). Call sites see booleans. What is asked for with every segment has the lowest bits of its word, whose
// masks fit into one octet: V8 inlines such an accessor wherever it is called. It does not inline those that set, which have more than
// 27 octets of bytecode, once a function has 920 of others in it: what every segment sets has a call of its own for all, or is looked at
// first. With that, and cold halves of hot functions by themselves, a round trip of 64 octets took 0.93 of the time (Node 20, a cable).

import { Timer } from '../base/timer-wheel.ts'
import { RECEIVE_RATIO_DEFAULT } from './receive-window.ts'

const ACK_PENDING = 1
const ACK_AT_FLUSH = 2
const TOUCHED = 4
const FIN_QUEUED = 8
const FIN_SENT = 16
const TIMESTAMPS = 32
const SACK_PERMITTED = 64
const FIN_SEEN = 1 << 7
const FIN_RECEIVED = 1 << 8
const SEND_URGENT = 1 << 9
const SEND_LOCKED = 1 << 10
const RECEIVE_LOCKED = 1 << 11
const MORE = 1 << 12
const WINDOW_SCALING = 1 << 13
const SYN_REPEATED = 1 << 14
const AWAITING_ROOM = 1 << 15
const INVALID_ACK_SENT = 1 << 16
const TUNED = 1 << 17
const WINDOW_TIMED = 1 << 18
/** Above them the seven of `armed`. */
const ARMED_SHIFT = 20
const ARMED = 127

const RACK_VALID = 1
const RACK_ADVANCED = 2
const CWND_LIMITED = 4
const INTERACTIVE = 8
const NO_SPACE = 16
const DUPLICATE_SEEN = 32
const NO_DELAY = 64
const CORK = 1 << 7
const KEEP_ALIVE = 1 << 8
const URGENT_INLINE = 1 << 9
const DONT_FRAGMENT = 1 << 10
const READ_SHUT = 1 << 11
const ORPHAN = 1 << 12
const ABORTED = 1 << 13
const OPENED = 1 << 14
const ACTIVE = 1 << 15
/** Above them the eight of `error`: Linux has no errno above 133. */
const ERROR_SHIFT = 16
const ERROR = 255

/** The part of a connection that is yes or no, or a number of a few bits. */
export abstract class ConnectionFlags extends Timer {
  private bits = 0
  private moreBits = DONT_FRAGMENT
  /** Numbers of a few bits, from the lowest on: 4, 4, 8, 2, 4 and 5 of them. */
  private numbers = RECEIVE_RATIO_DEFAULT << 8
  private sizes = 536

  /** Takes over all that is yes or no, and the small numbers. */
  takeFlags(from: ConnectionFlags): void {
    this.bits = from.bits
    this.moreBits = from.moreBits
    this.numbers = from.numbers
    this.sizes = from.sizes
  }

  get ackPending(): boolean {
    return (this.bits & ACK_PENDING) !== 0
  }

  set ackPending(yes: boolean) {
    this.bits = yes ? this.bits | ACK_PENDING : this.bits & ~ACK_PENDING
  }

  get ackAtFlush(): boolean {
    return (this.bits & ACK_AT_FLUSH) !== 0
  }

  set ackAtFlush(yes: boolean) {
    this.bits = yes ? this.bits | ACK_AT_FLUSH : this.bits & ~ACK_AT_FLUSH
  }

  get touched(): boolean {
    return (this.bits & TOUCHED) !== 0
  }

  set touched(yes: boolean) {
    this.bits = yes ? this.bits | TOUCHED : this.bits & ~TOUCHED
  }

  /** The application has closed its side: a FIN follows the data. */
  get finQueued(): boolean {
    return (this.bits & FIN_QUEUED) !== 0
  }

  set finQueued(yes: boolean) {
    this.bits = yes ? this.bits | FIN_QUEUED : this.bits & ~FIN_QUEUED
  }

  /** How far the FIN has been sent: SND.NXT counts it. */
  get finSent(): boolean {
    return (this.bits & FIN_SENT) !== 0
  }

  set finSent(yes: boolean) {
    this.bits = yes ? this.bits | FIN_SENT : this.bits & ~FIN_SENT
  }

  get timestamps(): boolean {
    return (this.bits & TIMESTAMPS) !== 0
  }

  set timestamps(yes: boolean) {
    this.bits = yes ? this.bits | TIMESTAMPS : this.bits & ~TIMESTAMPS
  }

  get sackPermitted(): boolean {
    return (this.bits & SACK_PERMITTED) !== 0
  }

  set sackPermitted(yes: boolean) {
    this.bits = yes ? this.bits | SACK_PERMITTED : this.bits & ~SACK_PERMITTED
  }

  get finSeen(): boolean {
    return (this.bits & FIN_SEEN) !== 0
  }

  set finSeen(yes: boolean) {
    this.bits = yes ? this.bits | FIN_SEEN : this.bits & ~FIN_SEEN
  }

  /** It has been reached: the stream has ended. */
  get finReceived(): boolean {
    return (this.bits & FIN_RECEIVED) !== 0
  }

  set finReceived(yes: boolean) {
    this.bits = yes ? this.bits | FIN_RECEIVED : this.bits & ~FIN_RECEIVED
  }

  get sendUrgent(): boolean {
    return (this.bits & SEND_URGENT) !== 0
  }

  set sendUrgent(yes: boolean) {
    this.bits = yes ? this.bits | SEND_URGENT : this.bits & ~SEND_URGENT
  }

  /** The application has set it: it does not grow. */
  get sendLocked(): boolean {
    return (this.bits & SEND_LOCKED) !== 0
  }

  set sendLocked(yes: boolean) {
    this.bits = yes ? this.bits | SEND_LOCKED : this.bits & ~SEND_LOCKED
  }

  /** The application has set it: it does not grow. */
  get receiveLocked(): boolean {
    return (this.bits & RECEIVE_LOCKED) !== 0
  }

  set receiveLocked(yes: boolean) {
    this.bits = yes ? this.bits | RECEIVE_LOCKED : this.bits & ~RECEIVE_LOCKED
  }

  /** MSG_MORE: more is coming. */
  get more(): boolean {
    return (this.bits & MORE) !== 0
  }

  set more(yes: boolean) {
    this.bits = yes ? this.bits | MORE : this.bits & ~MORE
  }

  get windowScaling(): boolean {
    return (this.bits & WINDOW_SCALING) !== 0
  }

  set windowScaling(yes: boolean) {
    this.bits = yes ? this.bits | WINDOW_SCALING : this.bits & ~WINDOW_SCALING
  }

  /** It went out twice: its answer is no round trip (Karn). */
  get synRepeated(): boolean {
    return (this.bits & SYN_REPEATED) !== 0
  }

  set synRepeated(yes: boolean) {
    this.bits = yes ? this.bits | SYN_REPEATED : this.bits & ~SYN_REPEATED
  }

  get awaitingRoom(): boolean {
    return (this.bits & AWAITING_ROOM) !== 0
  }

  set awaitingRoom(yes: boolean) {
    this.bits = yes ? this.bits | AWAITING_ROOM : this.bits & ~AWAITING_ROOM
  }

  get invalidAckSent(): boolean {
    return (this.bits & INVALID_ACK_SENT) !== 0
  }

  set invalidAckSent(yes: boolean) {
    this.bits = yes ? this.bits | INVALID_ACK_SENT : this.bits & ~INVALID_ACK_SENT
  }

  /** Data has come, and the receive buffer is tuned. */
  get tuned(): boolean {
    return (this.bits & TUNED) !== 0
  }

  set tuned(yes: boolean) {
    this.bits = yes ? this.bits | TUNED : this.bits & ~TUNED
  }

  /** A window's worth of data is under way since `windowAt`. */
  get windowTimed(): boolean {
    return (this.bits & WINDOW_TIMED) !== 0
  }

  set windowTimed(yes: boolean) {
    this.bits = yes ? this.bits | WINDOW_TIMED : this.bits & ~WINDOW_TIMED
  }

  /** RFC 8985's RACK: when the latest segment to arrive was sent, its end and its round trip, in microseconds. */
  get rackValid(): boolean {
    return (this.moreBits & RACK_VALID) !== 0
  }

  set rackValid(yes: boolean) {
    this.moreBits = yes ? this.moreBits | RACK_VALID : this.moreBits & ~RACK_VALID
  }

  /** Something has arrived since losses were last looked for. */
  get rackAdvanced(): boolean {
    return (this.moreBits & RACK_ADVANCED) !== 0
  }

  set rackAdvanced(yes: boolean) {
    this.moreBits = yes ? this.moreBits | RACK_ADVANCED : this.moreBits & ~RACK_ADVANCED
  }

  get cwndLimited(): boolean {
    return (this.moreBits & CWND_LIMITED) !== 0
  }

  set cwndLimited(yes: boolean) {
    this.moreBits = yes ? this.moreBits | CWND_LIMITED : this.moreBits & ~CWND_LIMITED
  }

  /** The application answers what it gets: an acknowledgement may wait for the answer. */
  get interactive(): boolean {
    return (this.moreBits & INTERACTIVE) !== 0
  }

  set interactive(yes: boolean) {
    this.moreBits = yes ? this.moreBits | INTERACTIVE : this.moreBits & ~INTERACTIVE
  }

  /** The application had more to send than there was room for, and waits for room. */
  get noSpace(): boolean {
    return (this.moreBits & NO_SPACE) !== 0
  }

  set noSpace(yes: boolean) {
    this.moreBits = yes ? this.moreBits | NO_SPACE : this.moreBits & ~NO_SPACE
  }

  /** What was received twice and is to be reported. */
  get duplicateSeen(): boolean {
    return (this.moreBits & DUPLICATE_SEEN) !== 0
  }

  set duplicateSeen(yes: boolean) {
    this.moreBits = yes ? this.moreBits | DUPLICATE_SEEN : this.moreBits & ~DUPLICATE_SEEN
  }

  get noDelay(): boolean {
    return (this.moreBits & NO_DELAY) !== 0
  }

  set noDelay(yes: boolean) {
    this.moreBits = yes ? this.moreBits | NO_DELAY : this.moreBits & ~NO_DELAY
  }

  get cork(): boolean {
    return (this.moreBits & CORK) !== 0
  }

  set cork(yes: boolean) {
    this.moreBits = yes ? this.moreBits | CORK : this.moreBits & ~CORK
  }

  get keepAlive(): boolean {
    return (this.moreBits & KEEP_ALIVE) !== 0
  }

  set keepAlive(yes: boolean) {
    this.moreBits = yes ? this.moreBits | KEEP_ALIVE : this.moreBits & ~KEEP_ALIVE
  }

  get urgentInline(): boolean {
    return (this.moreBits & URGENT_INLINE) !== 0
  }

  set urgentInline(yes: boolean) {
    this.moreBits = yes ? this.moreBits | URGENT_INLINE : this.moreBits & ~URGENT_INLINE
  }

  get dontFragment(): boolean {
    return (this.moreBits & DONT_FRAGMENT) !== 0
  }

  set dontFragment(yes: boolean) {
    this.moreBits = yes ? this.moreBits | DONT_FRAGMENT : this.moreBits & ~DONT_FRAGMENT
  }

  /** SHUT_RD: reads give the end of the stream. */
  get readShut(): boolean {
    return (this.moreBits & READ_SHUT) !== 0
  }

  set readShut(yes: boolean) {
    this.moreBits = yes ? this.moreBits | READ_SHUT : this.moreBits & ~READ_SHUT
  }

  /** No application holds it any more. */
  get orphan(): boolean {
    return (this.moreBits & ORPHAN) !== 0
  }

  set orphan(yes: boolean) {
    this.moreBits = yes ? this.moreBits | ORPHAN : this.moreBits & ~ORPHAN
  }

  /** Ended by a reset or a time-out, not in order (MUST-12). */
  get aborted(): boolean {
    return (this.moreBits & ABORTED) !== 0
  }

  set aborted(yes: boolean) {
    this.moreBits = yes ? this.moreBits | ABORTED : this.moreBits & ~ABORTED
  }

  /** It has been in ESTABLISHED. */
  get opened(): boolean {
    return (this.moreBits & OPENED) !== 0
  }

  set opened(yes: boolean) {
    this.moreBits = yes ? this.moreBits | OPENED : this.moreBits & ~OPENED
  }

  /** RFC 9293 MUST-11: it began with an active open. */
  get active(): boolean {
    return (this.moreBits & ACTIVE) !== 0
  }

  set active(yes: boolean) {
    this.moreBits = yes ? this.moreBits | ACTIVE : this.moreBits & ~ACTIVE
  }

  /**
   * A pending error, positive; SO_ERROR reads and clears it. Not of the rare state: every reset leaves one, and made 304 octets of it for
   * each connection that ends so.
   */
  get error(): number {
    return (this.moreBits >>> ERROR_SHIFT) & ERROR
  }

  set error(errno: number) {
    this.moreBits = (this.moreBits & ~(ERROR << ERROR_SHIFT)) | (errno << ERROR_SHIFT)
  }

  /** Which timers are set: TIMER_… bits. */
  get armed(): number {
    return (this.bits >>> ARMED_SHIFT) & ARMED
  }

  set armed(timers: number) {
    this.bits = (this.bits & ~(ARMED << ARMED_SHIFT)) | (timers << ARMED_SHIFT)
  }

  /** As `armed &= ~timers`, `armed |= timers`, which V8 does not inline everywhere. */
  disarm(timers: number): void {
    this.bits &= ~(timers << ARMED_SHIFT)
  }

  enarm(timers: number): void {
    this.bits |= timers << ARMED_SHIFT
  }

  /** Nothing is owed any more. With every segment sent: one call in place of three. */
  acknowledged(): void {
    this.bits &= ~(ACK_PENDING | ACK_AT_FLUSH)
    this.numbers &= ~(0xf << 18)
  }

  /** What RACK knows counts no longer. */
  forgetRack(): void {
    this.moreBits &= ~(RACK_VALID | RACK_ADVANCED)
  }

  /** What the peer said that its segments may carry at most. */
  get peerMss(): number {
    return this.sizes & 0xffff
  }

  set peerMss(value: number) {
    this.sizes = (this.sizes & ~0xffff) | value
  }

  /** What our SYN said, options not counted off: the way may change, the word stands. */
  get saidMss(): number {
    return this.sizes >>> 16
  }

  set saidMss(value: number) {
    this.sizes = (this.sizes & 0xffff) | (value << 16)
  }

  get sndWndShift(): number {
    return this.numbers & 15
  }

  set sndWndShift(value: number) {
    this.numbers = (this.numbers & ~15) | value
  }

  get rcvWndShift(): number {
    return (this.numbers >>> 4) & 15
  }

  set rcvWndShift(value: number) {
    this.numbers = (this.numbers & ~(0xf << 4)) | (value << 4)
  }

  /** Which part of packets is payload, in 256ths. */
  get receiveRatio(): number {
    return (this.numbers >>> 8) & 255
  }

  set receiveRatio(value: number) {
    this.numbers = (this.numbers & ~(0xff << 8)) | (value << 8)
  }

  /** What holds the sender up. */
  get chronograph(): number {
    return (this.numbers >>> 16) & 3
  }

  set chronograph(value: number) {
    this.numbers = (this.numbers & ~(0x3 << 16)) | (value << 16)
  }

  /** ACK_… bits of the acknowledgement that is owed. */
  get ackWishes(): number {
    return (this.numbers >>> 18) & 15
  }

  set ackWishes(value: number) {
    this.numbers = (this.numbers & ~(0xf << 18)) | (value << 18)
  }

  /** Acknowledgements still to be sent at once; then they may be delayed. */
  get quickAcks(): number {
    return (this.numbers >>> 22) & 31
  }

  set quickAcks(value: number) {
    this.numbers = (this.numbers & ~(0x1f << 22)) | (value << 22)
  }
}
