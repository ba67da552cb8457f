import { createHash } from 'node:crypto'
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs'
import { SeededRandom } from '../../src/base/random.ts'

const BLOCK = 1 << 20

/** Writes a file of `size` octets that depend on the seed alone; returns its SHA-256. */
export function writeSeededFile(path: string, size: number, seed = 1): string {
  const random = new SeededRandom(seed)
  const words = new Int32Array(BLOCK / 4)
  const bytes = new Uint8Array(words.buffer)
  const hash = createHash('sha256')
  const fd = openSync(path, 'w')
  for (let left = size; left > 0; left -= BLOCK) {
    for (let i = 0; i < words.length; i++) words[i] = random.int32()
    const block = bytes.subarray(0, Math.min(left, BLOCK))
    hash.update(block)
    writeSync(fd, block)
  }
  closeSync(fd)
  return hash.digest('hex')
}

/** The SHA-256 of a file. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const block of createReadStream(path, { highWaterMark: BLOCK })) hash.update(block)
  return hash.digest('hex')
}
