// Read first: RFC 9293 section 3.8.6.2.2, RFC 7323 section 2.3, tcp(7) on tcp_rmem, tcp_adv_win_scale and TCP_WINDOW_CLAMP.
//
// A buffer of so many octets, as SO_RCVBUF counts, holds less payload: packets come with bookkeeping. Which part is payload is learnt
// from the packets that come (`receiveRatio`, in 256ths). Figures are those of Linux 6.18, whose windows one sees so on the wire.

import { WINDOW_SCALE_MAX } from '../wire/tcp-options.ts'
import type { Connection } from './connection.ts'
import type { TcpFlow } from './host.ts'
import { metricsOf } from './path-metrics.ts'

/** Half of a buffer is taken for payload until a packet has come. */
export const RECEIVE_RATIO_DEFAULT = 128

/** Least of what is taken for the size of the peer's segments. */
const SEGMENT_MIN = 88
const SEGMENT_DEFAULT = 536

/** Octets of payload that `space` octets of buffer hold. */
export function windowFromSpace(c: Connection, space: number): number {
  return Math.floor((space * c.receiveRatio) / 256)
}

/** Octets of buffer that `window` octets of payload need. */
export function spaceFromWindow(c: Connection, window: number): number {
  return Math.floor((window * 256) / c.receiveRatio)
}

/**
 * The window of a SYN or SYN-ACK: a whole number of segments of `mss` octets in the part of a buffer that is payload; `clamp` is
 * TCP_WINDOW_CLAMP, 0 for none. The field, which is never scaled (RFC 7323 section 2.2), says 65535 at the most; more is taken.
 */
export function initialWindow(receiveBuffer: number, clamp: number, mss: number): number {
  const half = receiveBuffer >> 1
  let space = clamp > 0 && clamp < half ? clamp : half
  if (space > mss) space -= space % mss
  return space
}

/** No more of it than the route says of the first window, in segments. */
export function withinRoute(flow: TcpFlow, window: number, mss: number): number {
  const segments = metricsOf(flow).initialReceiveWindow
  return segments > 0 ? Math.min(window, segments * mss) : window
}

/**
 * The shift that lets a window field tell a receive buffer at its largest (RFC 7323 section 2.3); `clamp` is what it may never be
 * larger than, 0 for nothing.
 */
export function windowShiftFor(bufferMax: number, clamp: number): number {
  const space = clamp > 0 && clamp < bufferMax ? clamp : bufferMax
  return Math.min(Math.max(31 - Math.clz32(space) - 15, 0), WINDOW_SCALE_MAX)
}

/** The connection is open, and has offered its first window: what it may grow to (tcp_init_buffer_space in Linux). */
export function openWindow(c: Connection): void {
  const mss = ownMss(c)
  c.clampWished = c.windowClamp
  const most = windowFromSpace(c, c.receiveBuffer)
  let clamp = c.windowClamp > 0 ? Math.min(c.windowClamp, 65535 << c.rcvWndShift) : most
  if (clamp > most) clamp = most
  // Room for one segment beside the window.
  if (clamp > 2 * mss && clamp + mss > most) clamp = Math.max(2 * mss, most - mss)
  c.windowClamp = clamp
  const window = c.receiveWindow
  c.rcvSsthresh = Math.min(window, clamp)
  const segment = Math.min(mss, c.mss, window >> 1, SEGMENT_DEFAULT)
  c.receiveMss = Math.max(segment, SEGMENT_MIN)
}

/** What the peer was told to send at the most, without options. */
export function ownMss(c: Connection): number {
  return c.saidMss - (c.timestamps ? 12 : 0)
}

/**
 * The window field for a segment sent now, and sets RCV.ADV to what it offers. The right edge never moves left (SHLD-14), and
 * it moves right only by segments: the receiver's part against silly windows (MUST-39).
 */
export function windowToOffer(c: Connection): number {
  const shift = c.rcvWndShift
  const offered = c.receiveWindow
  let window = selectWindow(c)
  if (window < offered) {
    // An offer that is no multiple of the scale is rounded up: rounding down takes back what was offered. We differ: not where
    // octets alone would fill the buffer. An offer that grew by rounding would grow for ever before a reader that does not read.
    const step = 1 << shift
    const roundedUp = (offered + step - 1) & -step
    window = roundedUp <= Math.min(c.receiveBuffer, c.receiveLimit) - c.receiveRing.length ? roundedUp : offered
  }
  c.rcvAdv = (c.rcvNxt + window) | 0
  return Math.min(window, 65535 << shift) >>> shift
}

/** Octets of payload that the receive buffer has room for. */
function freeSpace(c: Connection): number {
  const free = windowFromSpace(c, c.receiveBuffer - c.receiveCharge)
  // Where the host has no memory left a connection goes on with what it has.
  return c.host.memory.full ? Math.min(free, c.receiveLimit - c.receiveRing.length) : free
}

/** The window that would be right now; what was offered before is not looked at (__tcp_select_window in Linux). */
export function selectWindow(c: Connection): number {
  const shift = c.rcvWndShift
  const allowed = windowFromSpace(c, c.receiveBuffer)
  const full = Math.min(c.windowClamp, allowed)
  const mss = Math.min(c.receiveMss, full)
  if (mss <= 0) return 0
  let free = freeSpace(c)
  if (free < full >> 1) {
    // Half of the buffer is used: no hurry to have more sent.
    c.quickAcks = 0
    free &= -(1 << shift)
    if (free < allowed >> 4 || free < mss) return 0
  }
  if (free > c.rcvSsthresh) free = c.rcvSsthresh
  if (shift > 0) {
    const step = 1 << shift
    return (free + step - 1) & -step
  }
  const window = (c.rcvAdv - c.lastAckSent) | 0
  if (window <= free - mss || window > free) return free - (free % mss)
  return mss === full && free > window + (full >> 1) ? free : window
}

/** Whether reading has made so much room that the peer should be told without waiting for its next segment. */
export function windowUpdateDue(c: Connection): boolean {
  const offered = c.receiveWindow
  if (2 * offered > c.windowClamp) return false
  const window = selectWindow(c)
  return window > 0 && window >= 2 * offered
}

/** TCP_WINDOW_CLAMP of a connection that is open. */
export function clampWindow(c: Connection, clamp: number): void {
  // We differ: what the application wishes outlives what is learnt of packets.
  c.clampWished = clamp
  if (clamp === c.windowClamp) return
  const before = c.windowClamp
  c.windowClamp = clamp
  if (clamp < before) c.rcvSsthresh = Math.min(c.rcvSsthresh, clamp)
  else c.rcvSsthresh = Math.max(c.rcvSsthresh, Math.min((c.rcvAdv - c.lastAckSent) | 0, clamp))
}
