import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { takeBuffer } from '../../src/base/buffer-pool.ts'
import { randomBelow, SeededRandom } from '../../src/base/random.ts'
import { CHECKSUM_PARTIAL, Offload, SEGMENT_UDP } from '../../src/device/device.ts'
import { FrameQueue } from '../../src/device/frame-queue.ts'
import { counting, hex } from './recorder.ts'

describe('FrameQueue', () => {
  it('agrees with a plain list through any pushing, dropping, growing and wrapping, frames contiguous and aligned', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(0, 2, 10, 34), fc.constantFrom(0, 4, 22), (seed, front, room) => {
        const random = new SeededRandom(seed)
        const queue = new FrameQueue(65536, front)
        const list: { text: string; dueAt: number; size: number; at: number }[] = []
        const offload = new Offload()
        const read = new Offload()
        let growing = true
        for (let step = 0; step < 600; step++) {
          if (step % 100 === 0) growing = !growing
          if (randomBelow(random, 10) < (growing ? 7 : 4)) {
            const length = 1 + randomBelow(random, randomBelow(random, 8) === 0 ? 9000 : 300)
            const frame = counting(length + 6, step)
            offload.segmentSize = step
            offload.checksumStart = step + 1
            offload.checksumOffset = step + 2
            offload.headerLength = step + 3
            const at = queue.push(frame, 3, 3 + length, room, offload, step / 4)
            if (at < 0) {
              // Full means full: what is held, with this frame and the rounding, would not fit.
              const held = list.reduce((sum, one) => sum + ((one.size + front + 6) & ~3), 0)
              expect(held + 2 * (length + room + front) + 9300 + room).toBeGreaterThan(65536)
              continue
            }
            expect(at % 4).toBe(front % 4)
            queue.bytes.fill(0x77, at - front, at)
            queue.bytes.fill(0x99, at + length, at + length + room)
            list.push({ text: hex(frame, 3, 3 + length), dueAt: step / 4, size: length + room, at: step })
          } else if (list.length > 0) {
            const first = list.shift() as (typeof list)[0]
            expect(queue.headEnd - queue.headStart).toBe(first.size)
            expect(hex(queue.bytes, queue.headStart, queue.headEnd - room)).toBe(first.text)
            expect(queue.headDueAt).toBe(first.dueAt)
            queue.headOffload(read)
            expect([read.segmentSize, read.checksumStart, read.checksumOffset, read.headerLength]).toEqual([
              first.at,
              first.at + 1,
              first.at + 2,
              first.at + 3,
            ])
            queue.drop()
          }
          expect(queue.length).toBe(list.length)
          expect(queue.bytes.length).toBeLessThanOrEqual(65536)
        }
      }),
      { numRuns: 25, seed: 1 },
    )
  })

  it('uses its memory to the last octet, and not one of a frame that is still held', () => {
    const offload = new Offload()
    for (const [length, fits] of [
      [1024, true],
      [1025, false],
      [1028, false],
    ] as const) {
      const queue = new FrameQueue(16384, 0)
      for (let i = 0; i < 16; i++) expect(queue.push(counting(1024, i), 0, 1024, 0, offload, 0)).toBe(i * 1024)
      expect(queue.push(counting(1), 0, 1, 0, offload, 0)).toBe(-1)
      queue.drop()
      expect(queue.push(counting(length, 99), 0, length, 0, offload, 0)).toBe(fits ? 0 : -1)
      expect(hex(queue.bytes, queue.headStart, queue.headEnd)).toBe(hex(counting(1024, 1)))
      queue.drop()
      // Behind the wrapped frame, before the head.
      if (fits) expect(queue.push(counting(1025, 99), 0, 1025, 0, offload, 0)).toBe(-1)
      if (fits) expect(queue.push(counting(1024, 99), 0, 1024, 0, offload, 0)).toBe(1024)
      expect(hex(queue.bytes, queue.headStart, queue.headEnd)).toBe(hex(counting(1024, 2)))
    }
  })

  it('keeps what kind of checksum and segment a frame has', () => {
    const queue = new FrameQueue(1 << 16, 0)
    const offload = new Offload()
    offload.checksum = CHECKSUM_PARTIAL
    offload.segment = SEGMENT_UDP
    queue.push(counting(5), 0, 5, 0, offload, 0)
    offload.clear()
    queue.push(counting(5), 0, 5, 0, offload, 0)
    const read = new Offload()
    queue.headOffload(read)
    expect([read.checksum, read.segment]).toEqual([CHECKSUM_PARTIAL, SEGMENT_UDP])
    queue.drop()
    queue.headOffload(read)
    expect([read.checksum, read.segment]).toEqual([0, 0])
  })

  it('gives large memory back when drained, keeps small memory, and is due never when empty', () => {
    const queue = new FrameQueue(1 << 20, 2)
    expect([queue.bytes.length, queue.headDueAt]).toEqual([0, Number.POSITIVE_INFINITY])
    const offload = new Offload()
    queue.push(counting(100), 0, 100, 0, offload, 0)
    queue.drop()
    expect(queue.bytes.length).toBe(16384)
    for (let i = 0; i < 300; i++) queue.push(counting(1000), 0, 1000, 0, offload, 0)
    expect(queue.bytes.length).toBe(524288)
    const large = queue.bytes
    for (let i = 0; i < 300; i++) queue.drop()
    expect(queue.bytes.length).toBe(0)
    const taken = takeBuffer(524288)
    expect(taken === large).toBe(true)
    // The next burst begins with as much as the last had; after small ones with less.
    for (let i = 0; i < 8; i++) {
      queue.push(counting(100), 0, 100, 0, offload, 0)
      queue.drop()
    }
    queue.push(counting(100), 0, 100, 0, offload, 0)
    expect(queue.bytes.length).toBe(65536)
  })

  it('a frame stays as it is while others are pushed, until it is dropped: it is lent meanwhile', () => {
    const queue = new FrameQueue(1 << 20, 2)
    const offload = new Offload()
    queue.push(counting(1000, 5), 0, 1000, 0, offload, 0)
    const { bytes, headStart, headEnd } = queue
    for (let i = 0; i < 500; i++) queue.push(counting(1000, i), 0, 1000, 0, offload, 0)
    expect(hex(bytes, headStart, headEnd)).toBe(hex(counting(1000, 5)))
    queue.clear()
    const other = new FrameQueue(1 << 20, 2)
    for (let i = 0; i < 500; i++) other.push(counting(1000, i), 0, 1000, 0, offload, 0)
    expect(hex(bytes, headStart, headEnd)).toBe(hex(counting(1000, 5)))
  })

  it('cleared while its first frame is lent, it survives the drop that follows', () => {
    const queue = new FrameQueue(1 << 16, 0)
    queue.push(counting(5), 0, 5, 0, new Offload(), 0)
    queue.clear()
    queue.drop()
    expect(queue.length).toBe(0)
    queue.push(counting(5, 9), 0, 5, 0, new Offload(), 0)
    expect(hex(queue.bytes, queue.headStart, queue.headEnd)).toBe(hex(counting(5, 9)))
  })
})
