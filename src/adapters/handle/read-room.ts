import { Buffer } from 'node:buffer'

/** The most that one read takes. */
const READ = 65536
/** Reads of up to this many octets are copied out, larger ones are handed out where they were received. */
const COPIED = 8192
const SLAB = 4 * READ

let slab = Buffer.allocUnsafeSlow(SLAB)
let slabAt = 0

/**
 * Where reads land, one room for all: a read is over before the next begins. Small reads leave it where it is, so that a connection
 * of small messages makes one view for all of them.
 */
export const readRoom = {
  room: slab.subarray(0, READ),

  /** The octets that a read has put there, for a program to keep. */
  take(count: number): Buffer {
    const { room } = readRoom
    if (count <= COPIED) return Buffer.from(room.subarray(0, count))
    const taken = room.subarray(0, count)
    slabAt += (count + 7) & ~7
    if (slab.length - slabAt < READ) {
      slab = Buffer.allocUnsafeSlow(SLAB)
      slabAt = 0
    }
    readRoom.room = slab.subarray(slabAt, slabAt + READ)
    return taken
  },
}
