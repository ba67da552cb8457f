// What writev(2) is told to gather lies where it is said to lie.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ByteRing, RingSpan } from '../../src/base/byte-ring.ts'
import { GatherVector } from '../../src/os/gather-vector.ts'
import { libc } from '../../src/os/libc.ts'

let folder: string
let fd: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-gather-'))
  fd = openSync(join(folder, 'written'), 'w')
})

afterEach(() => {
  closeSync(fd)
  rmSync(folder, { recursive: true })
})

const pattern = (length: number, first: number) => Uint8Array.from({ length }, (_, i) => (first + i * 7) & 0xff)

test.each([
  ['in one piece', 100, 1],
  ['up to the very end of the ring', 4096, 1],
  ['over the end of the ring', 6000, 2],
])('a payload that lies %s', (_, start, pieces) => {
  const payload = pattern(4096, 3)
  const ring = new ByteRing()
  ring.write(new Uint8Array(8192), 0, 8192)
  ring.drop(start, true)
  ring.length = 0
  ring.write(payload, 0, payload.length)
  const span = new RingSpan()
  ring.lend(0, payload.length, span)
  const frame = pattern(200, 100)
  const vector = new GatherVector(libc())
  vector.fill(frame, 20, 74, span)
  expect(vector.count).toBe(1 + pieces)
  expect(libc().writev(fd, vector.bytes, vector.count)).toBe(54 + 4096)
  const written = new Uint8Array(readFileSync(join(folder, 'written')))
  expect(written.subarray(0, 54)).toEqual(frame.subarray(20, 74))
  expect(written.subarray(54)).toEqual(payload)
})

test('a ring that has grown, and another frame, are found where they now lie', () => {
  const ring = new ByteRing()
  const span = new RingSpan()
  const vector = new GatherVector(libc())
  const all: Uint8Array[] = []
  for (let i = 0; i < 6; i++) {
    const piece = pattern(3000 << i, i)
    const frame = pattern(100, i * 31)
    ring.write(piece, 0, piece.length)
    ring.lend(0, ring.length, span)
    vector.fill(frame, 0, 54, span)
    expect(libc().writev(fd, vector.bytes, vector.count)).toBe(54 + ring.length)
    const held = new Uint8Array(ring.length)
    ring.peek(0, ring.length, held, 0)
    all.push(frame.subarray(0, 54), held)
  }
  expect(readFileSync(join(folder, 'written')).equals(Buffer.concat(all))).toBe(true)
})
