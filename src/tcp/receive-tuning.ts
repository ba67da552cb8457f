// Read first: "Dynamic Right-Sizing" (M. Fisk, W. Feng, 2001), RFC 9293 section 3.8.6, tcp(7) on tcp_moderate_rcvbuf.
//
// How the receive buffer grows with what the application reads in a round trip, and the window with what comes. As Linux 6.18.

import type { Connection } from './connection.ts'
import { ownMss, RECEIVE_RATIO_DEFAULT, spaceFromWindow, windowFromSpace } from './receive-window.ts'
import { after, before } from './seq.ts'

/** Octets of Linux's struct sk_buff and struct skb_shared_info, of room left for lower headers, and of its smallest packet buffer. */
const PACKET_OVERHEAD = 256
const PACKET_TAIL = 320
const PACKET_HEADROOM = 64
const PACKET_SMALLEST = 576
const PAGE = 4096

/** The first data comes: from here on it is watched how fast it comes and is read. */
export function beginTuning(c: Connection): void {
  c.tuned = true
  c.readSpace = Math.min(c.rcvSsthresh, (c.rcvAdv - c.lastAckSent) | 0, 10 * ownMss(c))
  c.readSpaceSeq = c.readSeq
  c.readSpaceAt = c.host.time.nowMicros
}

/** Octets of the buffer that a packet was put into which carries `length` octets. */
function packetBuffer(c: Connection, length: number): number {
  const headers = (c.remote.isV4 ? 40 : 60) + (c.timestamps ? 12 : 0)
  const needed = ((PACKET_HEADROOM + headers + length + 63) & -64) + PACKET_TAIL
  if (needed <= PACKET_SMALLEST) return PACKET_SMALLEST
  if (needed > PAGE) return PACKET_SMALLEST + ((length + PAGE - 1) & -PAGE)
  return 1 << (32 - Math.clz32(needed - 1))
}

/** What a packet with `length` octets takes of a receive buffer. */
export function packetCost(c: Connection, length: number): number {
  return packetBuffer(c, length) + PACKET_OVERHEAD
}

/** Takes the cost of `length` octets out of the buffer: none, where they fit into the end of the packet before them. */
export function chargeData(c: Connection, length: number): void {
  if (c.receiveRing.length > 0 && length <= c.receiveTail) {
    c.receiveTail -= length
    return
  }
  const buffer = packetBuffer(c, length)
  c.receiveCharge += buffer + PACKET_OVERHEAD
  const headers = (c.remote.isV4 ? 40 : 60) + (c.timestamps ? 12 : 0)
  c.receiveTail = buffer > PAGE ? 0 : Math.max(buffer - PACKET_TAIL - PACKET_HEADROOM - headers - length, 0)
}

/**
 * `length` of the octets that could be read have been. A packet goes when its last octet has been read; where that is nobody
 * remembers, but most are as long as the peer's full segments.
 */
export function dischargeData(c: Connection, length: number): void {
  const left = c.receiveRing.length
  if (left === 0 && c.reassembly === null) {
    c.receiveCharge = 0
    c.receiveTail = 0
    c.receiveHead = 0
    return
  }
  const read = c.receiveHead + length
  c.receiveHead = read % c.receiveMss
  const whole = read - c.receiveHead
  if (left === 0) {
    // What lies behind a hole is all that is left.
    c.receiveHead = 0
    c.receiveCharge = Math.min(c.receiveCharge, packed(c))
    return
  }
  if (whole === 0) return
  const held = left + read + (c.reassembly === null ? 0 : c.reassembly.octets)
  c.receiveCharge -= Math.floor((c.receiveCharge * whole) / held)
}

/** What is payload of what packets take, learnt from one with `length` octets, as large as any before. */
export function learnRatio(c: Connection, length: number): void {
  const ratio = Math.max(Math.floor((length * 256) / packetCost(c, length)), 1)
  const old = c.receiveRatio
  c.receiveRatio = Math.min(ratio, 255)
  if (c.receiveRatio === old) return
  const window = windowFromSpace(c, c.receiveBuffer)
  if (old === RECEIVE_RATIO_DEFAULT || window !== c.windowClamp) setClamp(c, window)
  if (c.tuned && c.windowClamp < c.readSpace) c.readSpace = c.windowClamp
}

function setClamp(c: Connection, window: number): void {
  const clamp = Math.max(c.clampWished > 0 ? Math.min(window, c.clampWished) : window, 1152)
  const old = c.windowClamp
  if (clamp === old) return
  c.windowClamp = clamp
  if (clamp < old) c.rcvSsthresh = Math.min(c.rcvSsthresh, clamp)
  else c.rcvSsthresh = Math.max(c.rcvSsthresh, Math.min((c.rcvAdv - c.lastAckSent) | 0, clamp))
}

/** Data came: the window may grow towards what there is room for (tcp_grow_window in Linux). */
export function growWindow(c: Connection, length: number): void {
  const room = Math.min(c.windowClamp, windowFromSpace(c, c.receiveBuffer - c.receiveCharge)) - c.rcvSsthresh
  if (room <= 0 || c.host.memory.full) return
  const cost = windowFromSpace(c, packetCost(c, length))
  let more = cost <= length ? 2 * ownMss(c) : smallGrowth(c, length, cost)
  if (more === 0) return
  more = Math.max(more, 2 * length)
  c.rcvSsthresh += Math.min(room, more)
}

/** Packets that carry little for what they cost let a window grow only while it is small. */
function smallGrowth(c: Connection, length: number, cost: number): number {
  let size = cost >> 1
  let window = windowFromSpace(c, c.host.config.receiveBufferMax) >> 1
  while (c.rcvSsthresh <= window) {
    if (size <= length) return 2 * c.receiveMss
    size >>= 1
    window >>= 1
  }
  return 0
}

/** A round trip by a time stamp that came back: `echo` is ours, `length` the octets that it came with. */
export function receiverRttByEcho(c: Connection, echo: number, length: number): void {
  if (!c.tuned || echo === c.lastEcho) return
  c.lastEcho = echo
  if (length < c.receiveMss) return
  const age = (c.tsNow - echo) | 0
  if (age >= 0 && age < 120_000) takeReceiverRtt(c, Math.max(age, 1) * 1000, false)
}

/** A round trip without time stamps: how long a window's worth of data takes to come. */
export function receiverRttByWindow(c: Connection): void {
  const now = c.host.time.nowMicros
  if (c.windowTimed) {
    if (before(c.rcvNxt, c.windowSeq)) return
    takeReceiverRtt(c, Math.max((now - c.windowAt) | 0, 1), true)
  }
  c.windowTimed = true
  c.windowSeq = (c.rcvNxt + ((c.rcvAdv - c.lastAckSent) | 0)) | 0
  c.windowAt = now
}

function takeReceiverRtt(c: Connection, sample: number, byWindow: boolean): void {
  const eighth = Math.min(sample, 0xfffffff) << 3
  if (c.receiverRtt8 === 0 || eighth < c.receiverRtt8) c.receiverRtt8 = eighth
  // Data may also come slowly because there is none: only the least counts then.
  else if (!byWindow) c.receiverRtt8 += (sample - (c.receiverRtt8 >> 3)) | 0
}

/** The application has read: once in a round trip the buffer is made as large as what it read in that asks for. */
export function tuneBuffer(c: Connection): void {
  if (!c.tuned || c.receiverRtt8 === 0) return
  const now = c.host.time.nowMicros
  if (((now - c.readSpaceAt) | 0) < c.receiverRtt8 >> 3) return
  const copied = (((c.readSeq - c.readSpaceSeq) | 0) - c.receiveRing.length) | 0
  if (copied > c.readSpace) growBuffer(c, copied)
  c.readSpaceSeq = c.readSeq
  c.readSpaceAt = now
}

function growBuffer(c: Connection, copied: number): void {
  const old = Math.max(c.readSpace, 1)
  c.readSpace = copied
  if (c.receiveLocked || !c.host.config.moderateReceiveBuffer) return
  // One round trip late, and a sender in slow start doubles its rate.
  let window = copied * 2
  window += 2 * Math.floor((window * (copied - old)) / old)
  if (c.reassembly !== null) window += c.reassembly.octets
  const buffer = Math.min(spaceFromWindow(c, window), c.host.config.receiveBufferMax)
  if (buffer <= c.receiveBuffer) return
  c.receiveBuffer = buffer
  const clamp = windowFromSpace(c, buffer)
  c.windowClamp = c.clampWished > 0 ? Math.min(clamp, c.clampWished) : clamp
}

/** More than the buffer holds: it grows, where it may; else what lies in it is packed closer. False: there is no room. */
export function makeRoom(c: Connection): boolean {
  return c.receiveCharge <= c.receiveBuffer || enlarge(c)
}

function enlarge(c: Connection): boolean {
  if (!c.receiveLocked && c.receiveBuffer < c.host.config.receiveBufferMax) {
    c.receiveBuffer = Math.min(c.receiveCharge, c.host.config.receiveBufferMax)
  }
  if (c.receiveCharge > c.receiveBuffer) {
    c.rcvSsthresh = Math.min(c.windowClamp, 2 * ownMss(c))
    c.receiveCharge = Math.min(c.receiveCharge, packed(c))
  }
  return c.receiveCharge <= c.receiveBuffer
}

/**
 * A full buffer drops what it keeps behind `seq`, the last of it first and no more than it must: its sender has been told of it and
 * sends it again (RFC 2018 section 8; tcp_prune_ofo_queue in Linux). False: there is no room even so.
 */
export function dropAhead(c: Connection, seq: number): boolean {
  const { reassembly } = c
  if (reassembly === null) return false
  const kept = reassembly.octets
  while (
    c.receiveCharge > c.receiveBuffer &&
    reassembly.count > 0 &&
    after(reassembly.left(reassembly.count - 1), seq)
  ) {
    c.receiveCharge -= packetCost(c, reassembly.trim(c.receiveMss))
  }
  if (reassembly.octets === kept) return false
  c.host.counters.outOfOrderDropped++
  if (reassembly.count === 0) c.reassembly = null
  c.receiveCharge = Math.max(Math.min(c.receiveCharge, packed(c)), 0)
  return c.receiveCharge <= c.receiveBuffer
}

/** What is there in whole pages: what Linux's collapsing makes of many small packets, of which it joins none across a hole. */
function packed(c: Connection): number {
  const { reassembly } = c
  const ready = c.receiveRing.length
  let cost = ready + (ready >> 2) + PACKET_OVERHEAD
  for (let i = 0; reassembly !== null && i < reassembly.count; i++) {
    const octets = (reassembly.right(i) - reassembly.left(i)) | 0
    cost += Math.max(octets + (octets >> 2), packetCost(c, Math.min(octets, c.receiveMss)))
  }
  return cost
}
