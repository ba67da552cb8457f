// What holds of a connection between any two events, whoever the peer is.

import {
  type Connection,
  TIMER_ACK,
  TIMER_PERSIST,
  TIMER_PROBE,
  TIMER_REORDER,
  TIMER_RETRANSMIT,
} from '../../src/tcp/connection.ts'
import { type Flight, LOST, RESENT, SACKED } from '../../src/tcp/flight.ts'
import { CLOSE_WAIT, CLOSED, ESTABLISHED, SYN_RECEIVED, SYN_SENT, stateName } from '../../src/tcp/state.ts'

/** More ranges ahead of holes than this no peer shall make us keep. */
const RANGES = 1024
/** Octets of the smallest ring. */
const RING = 4096

/** Throws an error that says what does not hold. */
export function checkConnection(c: Connection): void {
  const fail = (what: string): never => {
    throw new Error(`${stateName(c.state)}: ${what}`)
  }
  checkMemory(c, fail)
  if (c.state === CLOSED) {
    if (c.armed !== 0 || c.timerSlot >= 0) fail('a timer is set')
    if (c.flight !== null || c.sendRing.length > 0) fail('it still holds what was sent')
    return
  }
  if (((c.sndNxt - c.sndUna) | 0) < 0) fail('SND.NXT is before SND.UNA')
  if (c.armed !== 0 && c.timerSlot < 0) fail(`timers ${c.armed} are set that the wheel does not know`)
  if (c.cwnd < 1 || c.ssthresh < 2) fail(`a window of ${c.cwnd}, threshold ${c.ssthresh}`)
  if (c.state === SYN_SENT || c.state === SYN_RECEIVED) return
  if (c.flight === null) {
    if (c.sndUna !== c.sndNxt) fail('octets are unacknowledged that no record tells of')
    const unsent = (c.writeSeq - c.sndNxt) | 0
    // A device that is full gives word when it has room.
    const timed = (c.armed & (TIMER_RETRANSMIT | TIMER_PERSIST)) !== 0 || c.awaitingRoom
    if (unsent > 0 && !timed && (c.state === ESTABLISHED || c.state === CLOSE_WAIT))
      fail(`${unsent} octets are forgotten`)
  } else {
    checkFlight(c, c.flight, fail)
  }
  if (c.ackPending && !c.ackAtFlush && (c.armed & TIMER_ACK) === 0) fail('an acknowledgement is forgotten')
  const beyondRing = (c.rcvNxt - c.readSeq - c.receiveRing.length) | 0
  if (!c.orphan && beyondRing !== (c.finReceived ? 1 : 0)) fail(`${beyondRing} octets lie between the ring and RCV.NXT`)
}

function checkMemory(c: Connection, fail: (what: string) => never): void {
  const { length, capacity } = c.receiveRing
  if (length + c.receiveWindow > c.receiveBuffer) {
    fail(`${length} octets are unread, ${c.receiveWindow} offered, of ${c.receiveBuffer}`)
  }
  // Rings are as large as a power of two.
  const most = 2 ** Math.ceil(Math.log2(Math.max(RING, c.receiveBuffer)))
  if (capacity > most) fail(`${capacity} octets of memory for ${c.receiveBuffer}`)
  // What a write has begun it fills.
  if (c.sendRing.length > c.sendBuffer + 65_535) fail(`${c.sendRing.length} octets to send, of ${c.sendBuffer}`)
  if (c.reassembly !== null && c.reassembly.count > RANGES) fail(`${c.reassembly.count} ranges ahead of holes`)
}

/** The records cover what is unacknowledged without gap, and the counts are theirs. */
function checkFlight(c: Connection, flight: Flight, fail: (what: string) => never): void {
  let reached = c.sndUna
  let packetsOut = 0
  let sackedOut = 0
  let lostOut = 0
  let resentOut = 0
  let toResend = 0
  for (let i = 0; i < flight.count; i++) {
    if (flight.seq(i) !== reached) fail(`record ${i} begins ${(flight.seq(i) - reached) | 0} octets off`)
    reached = flight.end(i)
    if (((reached - flight.seq(i)) | 0) <= 0) fail(`record ${i} is empty`)
    const packets = flight.packets(i)
    const flags = flight.flags(i)
    packetsOut += packets
    if (flags & SACKED) sackedOut += packets
    if (flags & LOST) lostOut += packets
    if (flags & RESENT) resentOut += packets
    if ((flags & (LOST | RESENT)) === LOST) toResend += packets
  }
  if (reached !== c.sndNxt) fail(`the records end ${(c.sndNxt - reached) | 0} octets before SND.NXT`)
  // Without SACK, duplicates are counted there that belong to no record.
  if (!c.sackPermitted) sackedOut = flight.sackedOut
  const counted = [packetsOut, sackedOut, lostOut, resentOut, toResend].join()
  const kept = [flight.packetsOut, flight.sackedOut, flight.lostOut, flight.resentOut, flight.toResend].join()
  if (counted !== kept)
    fail(`packets out, reported, lost, resent, to be resent: ${counted}, but the counts are ${kept}`)
  if (flight.inNetwork < 0) fail(`${flight.inNetwork} packets in the network`)
  if (flight.count > flight.packetsOut) fail(`${flight.count} records of ${flight.packetsOut} packets`)
  const timers = c.armed & (TIMER_RETRANSMIT | TIMER_REORDER | TIMER_PROBE)
  if (timers === 0 && !c.awaitingRoom) fail('something is in flight without a timer')
  if ((timers & (timers - 1)) !== 0) fail(`timers ${timers} answer for what is in flight, and one is to`)
}
