// Read first: RFC 9293 section 3.3.1, RFC 6675 section 2 (pipe), tcp(7) TCP_INFO. The numbers of a connection, as they are now.

import type { NetstatTimerKind } from '../base/netstat-entry.ts'
import { TCP_CA_CWR, TCP_CA_Disorder, TCP_CA_Loss, TCP_CA_Recovery } from '../base/tcp-info.ts'
import type { Connection } from '../tcp/connection.ts'
import { SACKED } from '../tcp/flight.ts'
import { currentRto } from '../tcp/rtt.ts'
import { canReceive } from '../tcp/state.ts'

/** A timer of a connection that is set, and when it expires. */
export interface TimerSample {
  readonly kind: NetstatTimerKind
  readonly at: number
}

/**
 * What is true of a connection, told when it has changed, once an instant. Sequence numbers count from the first of their direction,
 * windows and queues are in octets, times in milliseconds.
 */
export interface ConnectionSample {
  readonly at: number
  readonly host: string
  readonly ends: string
  readonly sndUna: number
  readonly sndNxt: number
  readonly sndWnd: number
  readonly rcvNxt: number
  readonly rcvWnd: number
  readonly cwnd: number
  /** −1: there is none yet. */
  readonly ssthresh: number
  readonly mss: number
  /** What is thought to be in the network: RFC 6675's pipe. */
  readonly pipe: number
  /** 0: nothing is measured yet. */
  readonly srtt: number
  readonly rttvar: number
  readonly rto: number
  /** The round trip measured last, and when; 0 and −1: none was. */
  readonly rtt: number
  readonly rttAt: number
  /** Where congestion control stands: 'open', 'disorder', 'cwr', 'recovery' or 'loss'. */
  readonly recovery: string
  /** The sequence number after all that the application has given to send. */
  readonly written: number
  /** What it can read. */
  readonly readable: number
  readonly sendBuffer: number
  readonly receiveBuffer: number
  /** What the peer has reported beyond its acknowledgement: left and right edges by turns, lowest first. */
  readonly sacked: readonly number[]
  /** What has come ahead of a hole, likewise. */
  readonly ahead: readonly number[]
  /** The first to expire first. */
  readonly timers: readonly TimerSample[]
}

/** Slow start has no end yet. */
const NO_THRESHOLD = 0x7fffffff
/** More ranges are not told: nobody tells them apart. */
const RANGES_MAX = 64
const NONE: readonly number[] = []

/** What is kept of a round trip that was measured. */
export interface MeasuredTrip {
  readonly rtt: number
  readonly rttAt: number
}

/**
 * The round trip, in milliseconds, that moved the average from `before` to `after`, both in eighths of microseconds as connections keep
 * them; 0 or less: none did. The average moves by an eighth of the difference: RFC 6298 section 2.3.
 */
export function tripOf(before: number, after: number): number {
  return (before === 0 ? after >> 3 : after - before + (before >> 3)) / 1000
}

/** A sample that may still be written to. */
export type OpenSample = { -readonly [key in keyof ConnectionSample]: ConnectionSample[key] }

/** Numbers that differ when anything of a sample does: looking at them costs no object. */
const MARKS = 21

/** Tells whether a connection has changed. */
export class ChangeMark {
  readonly #now = new Int32Array(MARKS)
  readonly #before = new Int32Array(MARKS).fill(-1)

  /** Whether it has, since this was asked last. */
  hasChanged(c: Connection): boolean {
    const { flight, reassembly } = c
    const marks = this.#now
    marks[0] = c.sndUna
    marks[1] = c.sndNxt
    marks[2] = c.sndWnd
    marks[3] = c.rcvNxt
    marks[4] = c.rcvAdv
    marks[5] = c.cwnd
    marks[6] = c.ssthresh
    marks[7] = c.srtt8
    marks[8] = c.mdev4
    marks[9] = c.rto
    marks[10] = c.backoff
    marks[11] = c.caState
    marks[12] = c.writeSeq
    marks[13] = c.readable
    marks[14] = c.armed
    marks[15] = c.retransmitAt ^ (c.persistAt << 1) ^ (c.ackAt << 2) ^ (c.longAt << 3) ^ (c.reorderAt << 4)
    marks[16] = c.probeAt
    marks[17] = c.packetsInNetwork
    marks[18] = flight === null ? 0 : flight.sackedOut
    marks[19] = reassembly === null ? 0 : (reassembly.octets << 4) ^ reassembly.count
    marks[20] = c.sendBuffer ^ (c.receiveBuffer << 1) ^ (c.mss << 2) ^ (c.state << 24)
    const before = this.#before
    let changed = false
    for (let i = 0; i < MARKS; i++) {
      if (before[i] === marks[i]) continue
      before[i] = marks[i] as number
      changed = true
    }
    return changed
  }
}

/** What is true of `c` now. Lists that are as in `last` are the same objects. */
export function sampleOf(
  c: Connection,
  at: number,
  host: string,
  ends: string,
  trip: MeasuredTrip,
  timers: readonly TimerSample[],
  last: ConnectionSample | null,
): OpenSample {
  return {
    at,
    host,
    ends,
    sndUna: (c.sndUna - c.iss) >>> 0,
    sndNxt: (c.sndNxt - c.iss) >>> 0,
    sndWnd: c.sndWnd,
    rcvNxt: (c.rcvNxt - c.irs) >>> 0,
    rcvWnd: canReceive(c.state) ? c.receiveWindow : 0,
    cwnd: c.cwnd * c.mss,
    ssthresh: c.ssthresh >= NO_THRESHOLD ? -1 : c.ssthresh * c.mss,
    mss: c.mss,
    pipe: c.packetsInNetwork * c.mss,
    srtt: c.srtt / 1000,
    rttvar: c.srtt8 === 0 ? 0 : (c.mdev4 >> 2) / 1000,
    rto: currentRto(c),
    rtt: trip.rtt,
    rttAt: trip.rttAt,
    recovery: recoveryName(c.caState),
    written: Math.max((c.writeSeq - c.iss) | 0, 0),
    readable: c.readable,
    sendBuffer: c.sendBuffer,
    receiveBuffer: c.receiveBuffer,
    sacked: kept(last?.sacked, sackedOf(c)),
    ahead: kept(last?.ahead, aheadOf(c)),
    timers,
  }
}

/** Whether two samples of a connection say the same. */
export function saysSame(x: ConnectionSample, y: ConnectionSample): boolean {
  for (const key in x) {
    if (key !== 'at' && x[key as keyof ConnectionSample] !== y[key as keyof ConnectionSample]) return false
  }
  return true
}

function kept(last: readonly number[] | undefined, edges: readonly number[]): readonly number[] {
  if (last === undefined || last.length !== edges.length) return edges
  return last.every((edge, i) => edge === edges[i]) ? last : edges
}

/** The scoreboard: neighbours that were both reported are one range. */
function sackedOf(c: Connection): readonly number[] {
  const { flight, iss } = c
  if (flight === null || flight.sackedOut === 0) return NONE
  const edges: number[] = []
  for (let i = 0; i < flight.count && edges.length < 2 * RANGES_MAX; i++) {
    if ((flight.flags(i) & SACKED) === 0) continue
    const [left, right] = [(flight.seq(i) - iss) >>> 0, (flight.end(i) - iss) >>> 0]
    if (edges.at(-1) === left) edges[edges.length - 1] = right
    else edges.push(left, right)
  }
  return edges
}

function aheadOf({ reassembly, irs }: Connection): readonly number[] {
  if (reassembly === null || reassembly.count === 0) return NONE
  const edges: number[] = []
  for (let i = 0; i < Math.min(reassembly.count, RANGES_MAX); i++) {
    edges.push((reassembly.left(i) - irs) >>> 0, (reassembly.right(i) - irs) >>> 0)
  }
  return edges
}

function recoveryName(state: number): string {
  switch (state) {
    case TCP_CA_Disorder:
      return 'disorder'
    case TCP_CA_CWR:
      return 'cwr'
    case TCP_CA_Recovery:
      return 'recovery'
    case TCP_CA_Loss:
      return 'loss'
    default:
      return 'open'
  }
}
