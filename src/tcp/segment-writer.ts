// Read first: RFC 9293 section 3.1, RFC 7323 sections 2.2 and 3.2, RFC 2018 section 4, RFC 2385 section 2.

import type { ByteRing, RingSpan } from '../base/byte-ring.ts'
import { MD5_LENGTH } from '../base/md5.ts'
import { ACK, RST, SYN, TCP_HEADER_LENGTH, URG, writeTcp } from '../wire/tcp.ts'
import {
  SACK_BLOCKS_MAX,
  SIGNATURE_SPACE,
  writeCookie,
  writeEcnCounters,
  writeMss,
  writeNop,
  writeSack,
  writeSackPermitted,
  writeSignature,
  writeTimestamps,
  writeWindowScale,
} from '../wire/tcp-options.ts'
import { ecnOptionLength } from './accurate-ecn.ts'
import { ackSent } from './ack-policy.ts'
import { type Connection, TIMER_ACK } from './connection.ts'
import { arm } from './deadlines.ts'
import { ecnFlagsOf, ecnSent } from './ecn.ts'
import { packetsOf } from './flight.ts'
import type { TcpFlow, TcpHost } from './host.ts'
import { optionsLength } from './mss.ts'
import { windowToOffer } from './receive-window.ts'
import { after } from './seq.ts'

/** Milliseconds; Linux: TCP_DELACK_MAX. */
const ACK_RETRY = 200

/** Octets of options that a header has room for. */
const OPTIONS_MAX = 40

/**
 * Octets of payload from which a device that gathers is given them where they lie. To a TAP it spares a stream 5 % of the processor in
 * segments of 32 to 64 KiB, 3.5 % in those of 16, nothing in those of 8, and costs 2 % in those of 3 (Node 20, one process, the two by
 * turns of 10 ms).
 */
const GATHER_LEAST = 12 * 1024

const sackEdges = new Int32Array(2 * SACK_BLOCKS_MAX)

/** What the options of a SYN say. A shift of −1 is no window scale. */
export interface SynOptions {
  mss: number
  windowShift: number
  sackPermitted: boolean
  timestamps: boolean
  tsVal: number
  tsEcr: number
  /** Of Fast Open: `cookieLength` octets; 0 asks for one, −1 is no option. */
  cookie: Uint8Array
  cookieLength: number
  cookieExperimental: boolean
  /** The counters of accurate ECN, as they begin. */
  ecnCounters: boolean
}

/** No cookie to write. */
export const NO_FAST_OPEN: Uint8Array = new Uint8Array(0)

/** Writes the options of a SYN at `at`, in Linux's order; returns where they end. */
function writeSynOptions(bytes: Uint8Array, at: number, options: SynOptions): number {
  let p = writeMss(bytes, at, options.mss)
  if (options.timestamps) {
    if (options.sackPermitted) {
      p = writeSackPermitted(bytes, p)
    } else {
      p = writeNop(bytes, p)
      p = writeNop(bytes, p)
    }
    p = writeTimestamps(bytes, p, options.tsVal, options.tsEcr)
  } else if (options.sackPermitted) {
    p = writeNop(bytes, p)
    p = writeNop(bytes, p)
    p = writeSackPermitted(bytes, p)
  }
  if (options.windowShift >= 0) {
    p = writeNop(bytes, p)
    p = writeWindowScale(bytes, p, options.windowShift)
  }
  if (options.cookieLength >= 0) {
    p = writeCookie(bytes, p, options.cookie, options.cookieLength, options.cookieExperimental)
  }
  if (options.ecnCounters) p = writeEcnCounters(bytes, p, 1, 0, 1)
  return p
}

/**
 * Sends a SYN or SYN-ACK, with all of `data` where there is some. Its window is never scaled (RFC 7323 section 2.2). 0, or a negated
 * errno.
 */
export function sendSyn(
  host: TcpHost,
  flow: TcpFlow,
  seq: number,
  ack: number,
  flags: number,
  window: number,
  options: SynOptions,
  data: ByteRing | null,
): number {
  const status = host.findPath(flow)
  if (status < 0) return status
  const at = host.segmentStart
  const key = flow.signatureKey
  const optionsAt = at + TCP_HEADER_LENGTH
  // Beside a signature there is no room for more than what every SYN has.
  if (key !== null) options.ecnCounters = false
  const end = writeSynOptions(host.frame, key === null ? optionsAt : writeSignature(host.frame, optionsAt), options)
  const field = Math.min(window, 65535)
  writeTcp(host.frame, at, flow.localPort, flow.remotePort, seq, ack, end - at, SYN | flags, field, 0)
  const length = data === null ? 0 : data.length
  if (data !== null) data.peek(0, length, host.frame, end)
  return transmitSigned(host, flow, end - at, end + length, optionsAt + SIGNATURE_SPACE)
}

/** Hands a whole segment down, signed where it must be; `signatureEnd` is where the option ends. 0, or a negated errno. */
export function transmitSigned(
  host: TcpHost,
  flow: TcpFlow,
  headerLength: number,
  end: number,
  signatureEnd: number,
  segmentSize = 0,
  span: RingSpan | null = null,
): number {
  const { signatureKey, path } = flow
  const at = host.segmentStart
  if (signatureKey !== null && path !== null) {
    const digestAt = signatureEnd - MD5_LENGTH
    host.signatures?.signSegment(
      signatureKey,
      path.source,
      flow.remote,
      host.frame,
      at,
      at + headerLength,
      end,
      digestAt,
    )
  }
  return host.transmit(flow, headerLength, end, segmentSize, span)
}

/** Octets that options beside timestamps would take in a segment sent now, with their NOPs: SACK blocks, counters of ECN. */
export function varyingLength(c: Connection): number {
  const sack = sackLength(c)
  return c.accurateEcn === null ? sack : sack + ecnOptionLength(c, OPTIONS_MAX - optionsLength(c) - sack)
}

/** How many SACK blocks there is room for: four, three beside timestamps, two beside a signature, none beside both. */
function blocksMax(c: Connection): number {
  return Math.min((OPTIONS_MAX - optionsLength(c) - 4) >> 3, SACK_BLOCKS_MAX)
}

/** Octets that the SACK option would take in a segment sent now, with the NOPs before it. */
function sackLength(c: Connection): number {
  return c.reassembly === null && !c.duplicateSeen ? 0 : sackLengthOf(c)
}

function sackLengthOf(c: Connection): number {
  if (!c.sackPermitted) return 0
  const blocks = (c.reassembly === null ? 0 : c.reassembly.count) + (c.duplicateSeen ? 1 : 0)
  if (blocks === 0) return 0
  const count = Math.min(blocks, blocksMax(c))
  return count === 0 ? 0 : 4 + 8 * count
}

/** Fills `sackEdges`: the duplicate first, then what is there ahead of holes. Returns how many blocks. */
function blocksToReport(c: Connection): number {
  const max = blocksMax(c)
  if (!c.duplicateSeen) return c.reassembly === null ? 0 : c.reassembly.blocks(sackEdges, max)
  const others = c.reassembly === null ? 0 : c.reassembly.blocks(sackEdges, max - 1)
  sackEdges.copyWithin(2, 0, 2 * others)
  sackEdges[0] = c.duplicateLeft
  sackEdges[1] = c.duplicateRight
  return others + 1
}

/**
 * Sends `length` octets of the send ring from `seq` on, with ACK, timestamps, and SACK blocks where there are holes. What is
 * acknowledged with it counts as acknowledged. 0, or a negated errno.
 */
export function sendSegment(c: Connection, seq: number, length: number, flags: number): number {
  const host = c.host
  if (c.path === null || c.path.stale) {
    const status = host.findPath(c)
    if (status < 0) return status
  }
  // The first of all that it says: it ends the handshake.
  if (c.ackAtFlush && length > 0 && c.dataSegmentsOut === 0) host.endEarlierHandshakes(c)
  const bytes = host.frame
  const at = host.segmentStart
  let p = at + TCP_HEADER_LENGTH
  if (c.signatureKey !== null) p = writeSignature(bytes, p)
  const signatureEnd = p
  if (c.timestamps) {
    p = writeNop(bytes, p)
    p = writeNop(bytes, p)
    p = writeTimestamps(bytes, p, c.tsNow, c.tsRecent)
  }
  const a = c.accurateEcn
  const sack = sackLength(c)
  let withCounters = false
  if (a !== null && (flags & RST) === 0 && ecnOptionLength(c, OPTIONS_MAX - optionsLength(c) - sack) > 0) {
    withCounters = true
    p = writeEcnCounters(bytes, p, a.receivedE0, a.receivedCe, a.receivedE1)
  }
  if (sack > 0 && (flags & RST) === 0) {
    p = writeNop(bytes, p)
    p = writeNop(bytes, p)
    p = writeSack(bytes, p, sackEdges, blocksToReport(c))
  }
  const headerLength = p - at
  let urgentPointer = 0
  let allFlags = flags | ACK | ecnFlagsOf(c, seq, length)
  if (c.sendUrgent && after(c.sndUp, seq)) {
    // RFC 9293 section 3.8.5: the offset from this segment's sequence number; RFC 6093 section 3.1. One too far to be told yet
    // is told as the farthest there is.
    const distance = (c.sndUp - seq) | 0
    urgentPointer = Math.min(distance, 65535)
    allFlags |= URG
  }
  let span: RingSpan | null = null
  // A signature is over the payload, and a watcher is shown it in the frame.
  if (length >= GATHER_LEAST && c.signatureKey === null && c.watcher === null && host.gathers(c)) {
    span = host.span
    c.sendRing.lend((seq - c.ringSeq) | 0, length, span)
  } else if (length > 0) {
    c.sendRing.peek((seq - c.ringSeq) | 0, length, bytes, p)
  }
  const window = windowToOffer(c)
  writeTcp(bytes, at, c.localPort, c.remotePort, seq, c.rcvNxt, headerLength, allFlags, window, urgentPointer)
  const packet = c.mss - (p - at - TCP_HEADER_LENGTH - optionsLength(c))
  const sent = transmitSigned(host, c, headerLength, p + length, signatureEnd, length > packet ? packet : 0, span)
  if (span !== null) span.release()
  if (sent < 0) return sent
  // A duplicate is reported once (RFC 2883 section 4).
  if (c.duplicateSeen) c.duplicateSeen = false
  ecnSent(c, allFlags, withCounters)
  const packets = packetsOf(length, packet)
  c.segmentsOut += packets
  if (length > 0) {
    c.dataSegmentsOut += packets
    if (c.watcher !== null) c.watcher.sent(seq, (seq + length) | 0, p + length)
  }
  c.lastAckSent = c.rcvNxt
  ackSent(c)
  // Data that follows soon on data received is an answer: acknowledgements can wait for answers (Linux: pingpong).
  if (length > 0 && (host.time.now - c.lastDataAt) >>> 0 < c.ackDelay && !c.interactive) c.interactive = true
  return 0
}

/**
 * SND.NXT, or the edge of the peer's window where that has moved left of it (MUST-34): beyond the edge the peer would drop what
 * we acknowledge or reset (Linux: tcp_acceptable_seq).
 */
function acceptableSeq(c: Connection): number {
  const edge = (c.sndUna + c.sndWnd) | 0
  const beyond = (c.sndNxt - edge) | 0
  return beyond > 0 && beyond >= 1 << c.sndWndShift ? edge : c.sndNxt
}

/**
 * Sends an acknowledgement without data: `<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>`. One that is owed and found a full device, or no
 * way, is tried again a little later: else the peer would learn of what came only after its time-out.
 */
export function sendAck(c: Connection): void {
  if (sendSegment(c, acceptableSeq(c), 0, ACK) < 0 && c.ackPending) arm(c, TIMER_ACK, ACK_RETRY)
}

/** Sends `<SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>`: the connection is no more. */
export function sendReset(c: Connection): void {
  c.host.counters.resetsOut++
  sendSegment(c, acceptableSeq(c), 0, RST | ACK)
}

/** Sends the ACKs that wait in `connections` for data to carry them, where they end a handshake that was begun before that of `c`. */
export function endHandshakesBefore(c: Connection, connections: readonly Connection[]): void {
  for (const other of connections) {
    if (other === c) return
    if (!other.ackAtFlush || other.segmentsOut > 1 || other.dataSegmentsIn > 0) continue
    other.ackAtFlush = false
    sendAck(other)
  }
}
