// Read first: socket(7) SO_SNDBUF, tcp(7) tcp_wmem and TCP_NOTSENT_LOWAT.
//
// How much a write may give, and when there is room again, as Linux counts it: octets and the bookkeeping of each chunk, and a chunk
// that has been begun may be filled.

import { POLLOUT } from '../base/constants.ts'
import { LIMITED_BY_BUFFER, stopChronograph } from './chronograph.ts'
import { writeGoal } from './chunk.ts'
import { announce } from './close.ts'
import type { Connection } from './connection.ts'
import { REORDERING_INITIAL } from './repair.ts'
import { after } from './seq.ts'

/** What a chunk costs beside its octets: an empty packet of Linux (SKB_TRUESIZE of tcp_stream_alloc_skb, on x86-64). */
const CHUNK_COST = 832
/** Of a packet that the buffer is reckoned by: headers (MAX_TCP_HEADER, struct skb_shared_info), and struct sk_buff. */
const PACKET_HEADERS = 256 + 320
const PACKET_OVERHEAD = 256
/** Windows that a buffer that grows has room for (Linux: tcp_sndbuf_expand). */
const WINDOWS = 2
const PACKETS_MIN = 10

/** What waits to be sent or acknowledged takes of the send buffer: sk_wmem_queued. */
export function sendCharge(c: Connection): number {
  return chargeOf(c, c.flight === null ? 0 : c.flight.chunks())
}

function chargeOf(c: Connection, chunksOut: number): number {
  const unsent = (c.writeSeq - c.sndNxt) | 0
  const chunks = unsent > 0 ? chunksOut + Math.ceil(unsent / writeGoal(c)) : chunksOut
  return c.sendRing.length + chunks * CHUNK_COST
}

/** Whether the charge is below `limit`. Chunks are counted only where it depends on how many they are. */
function chargedBelow(c: Connection, limit: number): boolean {
  if (c.sendRing.length >= limit) return false
  if (c.flight === null || chargeOf(c, c.flight.count) < limit) return true
  return sendCharge(c) < limit
}

/** Octets of a new chunk that a write may begin: sk_stream_memory_free. Out of memory every octet is counted. */
export function chunkRoom(c: Connection): number {
  if (c.host.memory.full) return Math.max(c.sendLimit - c.sendRing.length, 0)
  const unsent = (c.writeSeq - c.sndNxt) | 0
  return unsent < c.notSentLowWater && chargedBelow(c, c.sendBuffer) ? 0x7fffffff : 0
}

/** Whether poll(2) shows room: a third of the buffer, so that a writer is not woken for every segment (sk_stream_is_writeable). */
export function hasRoomToWrite(c: Connection): boolean {
  // Half of what may wait unsent, as Linux: a writer that is woken shall find it worth it.
  if (2 * ((c.writeSeq - c.sndNxt) | 0) >= c.notSentLowWater) return false
  // Free is at least half of what is taken.
  const most = Math.floor((c.sendLimit * 2 + 2) / 3)
  return c.host.memory.full ? c.sendRing.length < most : chargedBelow(c, most)
}

/** Something was acknowledged or sent while a writer waits for room: tcp_new_space. */
export function lookForRoom(c: Connection): void {
  if (!c.host.memory.full) growSendBuffer(c)
  if (!hasRoomToWrite(c)) return
  c.noSpace = false
  stopChronograph(c, LIMITED_BY_BUFFER)
  announce(c, POLLOUT)
}

/** The buffer becomes large enough for two congestion windows (tcp_sndbuf_expand). */
export function growSendBuffer(c: Connection): void {
  if (c.sendLocked) return
  const mss = Math.max(c.peerMss, c.mss) + PACKET_HEADERS
  const packet = (1 << (32 - Math.clz32(mss - 1))) + PACKET_OVERHEAD
  const reordering = c.repair === null ? REORDERING_INITIAL : c.repair.reordering
  const wanted = WINDOWS * Math.max(PACKETS_MIN, c.cwnd, reordering + 1) * packet
  if (c.sendBuffer < wanted) c.sendBuffer = Math.max(c.sendBuffer, Math.min(wanted, c.host.config.sendBufferMax))
}

/** Where the chunk ends that a write may fill: what it began is filled, however full the buffer is. */
export function chunkBegun(c: Connection, goal: number): number {
  if (after(c.sndNxt, c.pieceSeq)) c.pieceSeq = c.sndNxt
  const begun = (c.writeSeq - c.pieceSeq) | 0
  if (begun < goal) return begun
  c.pieceSeq = c.writeSeq
  return 0
}
