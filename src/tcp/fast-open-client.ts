// Read first: RFC 7413 sections 3, 4.1.3 and 4.3, connect(2), tcp(7) TCP_FASTOPEN_CONNECT.

import { FIN, type TcpSegment } from '../wire/tcp.ts'
import { AckNews } from './ack-news.ts'
import { setCaState } from './congestion.ts'
import { CA_LOSS, type Connection, TIMER_RETRANSMIT } from './connection.ts'
import { disarm } from './deadlines.ts'
import {
  FAST_OPEN_CLIENT_NO_COOKIE,
  FO_DATA,
  FO_DATA_TAKEN,
  FO_EXPERIMENT,
  FO_FAIL_NO_COOKIE,
  FO_FAIL_NOT_ACKNOWLEDGED,
  FO_FAIL_SHIFT,
  FO_FAIL_SYN_REPEATED,
  FO_NO_COOKIE,
  FO_OPTION,
  FO_TRIAL,
} from './fast-open.ts'
import { advertisedMss, defaultMss, updateMss } from './mss.ts'
import { sendLostSoon } from './recovery.ts'
import { NO_FAST_OPEN, type SynOptions } from './segment-writer.ts'
import { after } from './seq.ts'
import { ESTABLISHED } from './state.ts'

/** The most that options can take, and what is left free for those that others on the way may add. */
const OPTION_SPACE = 40
const NO_COOKIE = NO_FAST_OPEN
const news = new AckNews()

/** Data that is to go with the SYN: `bytes[start, end)`, perhaps nothing. */
export interface SynData {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/** Whether data may go with a SYN of this connection now: there is a cookie for the peer, or none is needed. */
export function mayFastOpen(c: Connection): boolean {
  const { config, fastOpen, time } = c.host
  if (fastOpen === null || fastOpen.paused(time.now) === 'yes') return false
  if ((config.fastOpen & FAST_OPEN_CLIENT_NO_COOKIE) !== 0 || (c.fastOpen & FO_NO_COOKIE) !== 0) return true
  return (fastOpen.peer(c.local, c.remote)?.cookie.length ?? 0) > 0
}

/**
 * The Fast Open option of the first SYN, written into `options`. Returns how many octets of `data` go with it; they are in the
 * send ring then.
 */
export function fastOpenSyn(c: Connection, options: SynOptions, data: SynData): number {
  const { host } = c
  const peer = host.fastOpen?.peer(c.local, c.remote) ?? null
  const paused = host.fastOpen?.paused(host.time.now)
  options.cookie = NO_COOKIE
  options.cookieLength = -1
  options.cookieExperimental = false
  if (paused === 'yes') return 0
  if (paused === 'trial') c.fastOpen |= FO_TRIAL
  if (!mayFastOpen(c)) {
    // RFC 7413 section 4.1.3: an empty option asks for one.
    setFailure(c, FO_FAIL_NO_COOKIE)
    options.cookieLength = 0
    options.cookieExperimental = peer?.experiment === 1
    noteOption(c, options)
    return 0
  }
  const free = (host.config.fastOpen & FAST_OPEN_CLIENT_NO_COOKIE) !== 0 || (c.fastOpen & FO_NO_COOKIE) !== 0
  if (!free && peer !== null) {
    options.cookie = peer.cookie
    options.cookieLength = peer.cookie.length
    options.cookieExperimental = peer.experimental
    noteOption(c, options)
  }
  c.peerMss = Math.min(advertisedMss(c, c.mssLimit), peer !== null && peer.mss > 0 ? peer.mss : 65535)
  updateMss(c)
  const most = c.peerMss - OPTION_SPACE
  const length = Math.min(data.end - data.start, Math.max(most, 0), c.sendLimit)
  if (length === 0) return 0
  c.fastOpen |= FO_DATA
  c.sendingRing.write(data.bytes, data.start, data.start + length)
  c.pushSeq = c.writeSeq
  c.pushAt = c.writeSeq
  return length
}

function noteOption(c: Connection, options: SynOptions): void {
  c.fastOpen |= FO_OPTION | (options.cookieExperimental ? FO_EXPERIMENT : 0)
}

function setFailure(c: Connection, failure: number): void {
  c.fastOpen = (c.fastOpen & ~(3 << FO_FAIL_SHIFT)) | (failure << FO_FAIL_SHIFT)
}

/** The SYN-ACK has come, of a SYN that spoke of Fast Open; the connection is established. */
export function synAckToFastOpen(c: Connection, segment: TcpSegment): void {
  const { host } = c
  const { options } = segment
  takeSynData(c, segment)
  const unacknowledged = c.flight !== null
  let cookieLength = options.cookieLength
  let experiment = 0
  if ((c.fastOpen & FO_OPTION) === 0) {
    // One that was not asked for.
    cookieLength = -1
  } else if (c.totalRetransmits === 0 && cookieLength < 0 && (c.fastOpen & FO_DATA) === 0) {
    // We asked and were given none: perhaps the peer knows the experiment alone.
    experiment = (c.fastOpen & FO_EXPERIMENT) !== 0 ? 2 : 1
  }
  const cookie = cookieLength > 0 ? options.cookie.slice(0, cookieLength) : NO_COOKIE
  const mss = options.mss > 0 ? options.mss : defaultMss(c)
  host.fastOpen?.remember(c.local, c.remote, mss, cookie, options.cookieExperimental, experiment)
  if (unacknowledged) {
    setFailure(c, c.totalRetransmits > 0 ? FO_FAIL_SYN_REPEATED : FO_FAIL_NOT_ACKNOWLEDGED)
    resendAtOnce(c)
  } else if ((c.fastOpen & FO_DATA) !== 0 || segment.payloadLength > 0 || (segment.flags & FIN) !== 0) {
    // What comes with the SYN-ACK is taken too, also where we asked for a cookie only (tcp_rcv_fastopen_synack in Linux).
    c.fastOpen |= FO_DATA_TAKEN
  }
}

/** What the SYN-ACK acknowledges beyond the SYN. */
function takeSynData(c: Connection, segment: TcpSegment): void {
  const { flight } = c
  const ack = segment.ack
  if (flight === null || !after(ack, c.sndUna)) return
  news.begin(c.host.time.nowMicros, c.tsNow, c.recoveryPoint, c.sndNxt, c.minRtt)
  flight.acknowledge(ack, news, c.sackPermitted)
  const dropped = Math.min((ack - c.ringSeq) | 0, c.sendRing.length)
  c.dropSent(dropped)
  c.ringSeq = (c.ringSeq + dropped) | 0
  c.sndUna = ack
  if (flight.count > 0) return
  disarm(c, TIMER_RETRANSMIT)
  c.land()
}

/** RFC 7413 section 4.2.2: the server took the SYN alone. That says nothing of congestion, and the data goes again without delay. */
function resendAtOnce(c: Connection): void {
  const { flight } = c
  if (flight === null) return
  for (let i = 0; i < flight.count; i++) flight.markLost(i)
  setCaState(c, CA_LOSS)
  c.recoveryPoint = c.sndNxt
  sendLostSoon(c)
  c.host.touch(c)
}

/**
 * RFC 7413 section 7.1: networks that let a SYN with data through and then nothing more. `timeouts` counts those before this one;
 * `over`: the connection is given up.
 */
export function suspectFastOpenBlocked(c: Connection, timeouts: number, over: boolean): void {
  if ((c.fastOpen & (FO_OPTION | FO_DATA | FO_DATA_TAKEN)) === 0 || !c.active) return
  if (timeouts === 2 || (timeouts < 2 && over)) c.host.fastOpen?.pause(c.host.time.now)
}

/** A RST came that is not the next octet's, of a connection that has received no data: was there some, and is it lost? */
export function fastOpenMissesData(c: Connection): void {
  if ((c.fastOpen & FO_OPTION) === 0 || !c.active || c.dataSegmentsIn > 0 || c.state !== ESTABLISHED) return
  c.host.fastOpen?.pause(c.host.time.now)
}

/** A connection that spoke of Fast Open is over: did anything come but a FIN that data should have come before? */
export function fastOpenEnds(c: Connection): void {
  if ((c.fastOpen & FO_OPTION) === 0 || !c.active) return
  const { fastOpen, time } = c.host
  if (c.dataSegmentsIn === 0) {
    const { reassembly } = c
    const onlyFin = c.finSeen && !c.finReceived && reassembly?.count === 1 && reassembly.left(0) === c.finSeq
    if (onlyFin) fastOpen?.pause(time.now)
  } else if ((c.fastOpen & FO_TRIAL) !== 0 && !c.remote.isLoopback) {
    fastOpen?.resume()
  }
}
