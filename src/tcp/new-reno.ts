// Read first: RFC 5681 section 3.2, RFC 6582, RFC 3042.
//
// A peer without SACK: each duplicate acknowledgement stands for one packet that has left the network, which is RFC 5681's
// inflation of the window told from the other side: the window stays, and what is in the network shrinks.

import { CA_RECOVERY, type Connection } from './connection.ts'
import { type Flight, LOST } from './flight.ts'
import { REORDERING_INITIAL, REORDERING_MAX } from './repair.ts'

/** `count` packets have left the network out of order. */
export function addDuplicates(c: Connection, flight: Flight, count: number): void {
  if (count === 0) return
  const before_ = flight.sackedOut
  flight.sackedOut += count
  checkReordering(c, flight, 0)
  c.delivered += Math.max(flight.sackedOut - before_, 0)
}

export function forgetDuplicates(flight: Flight): void {
  flight.sackedOut = 0
}

/** `packets` are acknowledged: one of them filled the hole, duplicates stood for the others. */
export function removeDuplicates(c: Connection, flight: Flight, packets: number): void {
  if (packets > 0) {
    c.delivered += Math.max(packets - flight.sackedOut, 1)
    flight.sackedOut = Math.max(flight.sackedOut - (packets - 1), 0)
  }
  checkReordering(c, flight, packets)
}

/** More duplicates than packets that can have caused them: the path reorders. */
function checkReordering(c: Connection, flight: Flight, packets: number): void {
  const holes = Math.min(Math.max(flight.lostOut, 1), flight.packetsOut)
  if (flight.sackedOut + holes <= flight.packetsOut) return
  flight.sackedOut = flight.packetsOut - holes
  const repairs = c.repairs
  repairs.reordering = Math.min(flight.packetsOut + packets, REORDERING_MAX)
  repairs.reorderingSeen++
}

/** DupThresh duplicates, or a partial acknowledgement (RFC 6582 section 3.2 step 3): the oldest packet is lost. */
export function markOldestLost(c: Connection, flight: Flight, advanced: boolean): void {
  const threshold = c.repair === null ? REORDERING_INITIAL : c.repair.reordering
  if (c.caState < CA_RECOVERY ? flight.sackedOut < threshold : c.caState !== CA_RECOVERY || !advanced) return
  if (flight.count === 0 || (flight.flags(0) & LOST) !== 0) return
  flight.split(0, (flight.seq(0) + flight.packetSize(0)) | 0)
  flight.markLost(0)
}
