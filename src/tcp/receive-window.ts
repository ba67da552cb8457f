// Read first: RFC 9293 section 3.8.6.2.2, RFC 7323 section 2.3.

import type { Connection } from './connection.ts'

/**
 * The window field for a segment sent now, and sets RCV.ADV to what it offers. The right edge never moves left (SHLD-14), and
 * it moves right only by at least a segment or half the buffer: the receiver's part against silly windows (MUST-39).
 */
export function windowToOffer(c: Connection): number {
  const shift = c.rcvWndShift
  const step = 1 << shift
  const offered = c.receiveWindow
  const free = freeSpace(c)
  let window = free
  if (window - offered >= Math.min(c.receiveBuffer >> 1, c.mss)) {
    window &= -step
  } else {
    window = offered
  }
  if (window <= offered) {
    // An offer that is no multiple of the scale is rounded up while there is room: rounding down takes back what was offered.
    // Without room the field says less than a step too little, and what was offered is still taken: an offer that grew by
    // rounding would grow for ever before a reader that does not read.
    const roundedUp = (offered + step - 1) & -step
    window = roundedUp <= free ? roundedUp : offered
  }
  c.rcvAdv = (c.rcvNxt + window) | 0
  return window >>> shift
}

/** Octets that the receive buffer has room for, as far as the window field can tell. */
function freeSpace(c: Connection): number {
  const free = c.receiveLimit - c.receiveRing.length
  if (free <= 0) return 0
  return Math.min(free, 65535 << c.rcvWndShift)
}

/** Whether reading has made so much room that the peer should be told without waiting for its next segment. */
export function windowUpdateDue(c: Connection): boolean {
  const offered = c.receiveWindow
  const free = freeSpace(c)
  if (free - offered < Math.min(c.receiveBuffer >> 1, c.mss)) return false
  return free >= 2 * offered
}
