// Read first: RFC 9293 sections 3.10.7.2 and 3.10.7.4 (SYN-RECEIVED).

import { Connection } from './connection.ts'
import { beginEcn } from './ecn.ts'
import type { HalfOpen } from './half-open.ts'
import { advertisedMss } from './mss.ts'
import { openWindow } from './receive-window.ts'
import { growSendBuffer } from './send-buffer.ts'

/**
 * The connection that a listener was asked for, as far as the SYN has settled it. The listener's options are its own: `adopt` gives it
 * them, time to live and type of service included.
 */
export function childOf(h: HalfOpen): Connection {
  const { host, listener } = h
  const c = new Connection(host, h.local, h.localPort, h.remote, h.remotePort)
  c.path = h.path
  c.signatureKey = h.signatureKey
  listener.adopt(c)
  c.cwnd = c.initialWindow
  c.iss = h.iss
  beginEcn(c, h.ecn)
  c.irs = h.irs
  c.sndUna = (h.iss + 1) | 0
  c.sndNxt = c.sndUna
  c.ringSeq = c.sndUna
  c.startSending(c.sndUna)
  c.rcvNxt = (h.irs + 1) | 0
  c.readSeq = c.rcvNxt
  c.lastAckSent = c.rcvNxt
  c.rcvAdv = (c.rcvNxt + h.offeredWindow) | 0
  c.peerMss = h.peerMss
  c.saidMss = advertisedMss(h, listener.mssLimit)
  c.totalRetransmits = h.repeats
  c.windowScaling = h.windowShift >= 0
  c.sndWndShift = c.windowScaling ? h.windowShift : 0
  c.rcvWndShift = c.windowScaling ? h.offeredShift : 0
  c.sackPermitted = h.sackPermitted
  c.timestamps = h.timestamps
  c.tsOffset = h.tsOffset
  c.tsRecent = h.tsRecent
  c.tsRecentAt = host.time.now
  c.unansweredSince = host.time.now
  c.lastReceivedAt = host.time.now
  // The window of a SYN is not scaled (RFC 7323 section 2.2).
  c.sndWnd = h.window
  c.maxSndWnd = h.window
  c.segmentsIn = 1
  openWindow(c)
  growSendBuffer(c)
  return c
}
