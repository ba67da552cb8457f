// What a program writes, as octets for a handle. Texts are turned into octets in one room for all, from which they are sent: a write is over before
// the next begins. An answer of node:http is such a text with an empty one behind it: 55 ns in place of 420 for a Buffer of each and one
// of both, of which the empty one alone took 220 (Node 20).

import { Buffer } from 'node:buffer'
import type { StreamHandle } from '../handle/stream-handle.ts'

export type WriteChunk = { chunk: Buffer | string; encoding: BufferEncoding }

/** Up to so many octets of several chunks are sent as one: a copy is cheaper than a list for the kernel. */
const JOINED = 16384
/** No encoding makes more octets of one unit of a text (UTF-8 of what is not in pairs). */
const MOST_OCTETS = 3

const room = Buffer.allocUnsafeSlow(MOST_OCTETS * JOINED)

/** What `StreamHandle.write` answers. */
export function writeOne(handle: StreamHandle, chunk: Buffer | string, encoding: BufferEncoding): number {
  if (typeof chunk !== 'string') return handle.write(chunk)
  if (chunk.length > JOINED) return handle.write(Buffer.from(chunk, encoding))
  return handle.writeLent(room, room.write(chunk, encoding))
}

export function writeMany(handle: StreamHandle, chunks: WriteChunk[]): number {
  let most = 0
  for (const { chunk } of chunks) most += chunk.length
  if (most > JOINED) return handle.writeMany(octetsOf(chunks))
  let length = 0
  for (const { chunk, encoding } of chunks) {
    if (chunk.length === 0) continue
    if (typeof chunk === 'string') {
      length += room.write(chunk, length, encoding)
    } else {
      room.set(chunk, length)
      length += chunk.length
    }
  }
  return handle.writeLent(room, length)
}

function octetsOf(chunks: WriteChunk[]): Buffer[] {
  const buffers: Buffer[] = []
  for (const { chunk, encoding } of chunks) {
    if (chunk.length > 0) buffers.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)
  }
  return buffers
}
