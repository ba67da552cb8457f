import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteRing, copyBytes, RingSpan } from '../../src/base/byte-ring.ts'
import { randomBelow, SeededRandom } from '../../src/base/random.ts'
import { counting } from '../device/recorder.ts'

describe('copyBytes', () => {
  it('copies short and long ranges, whole arrays and parts, to where it is told and nowhere else', () => {
    for (const length of [0, 1, 47, 48, 49, 500]) {
      for (const start of [0, 3]) {
        const from = counting(start + length + 2)
        const to = new Uint8Array(length + 10).fill(0xee)
        copyBytes(from, start, start + length, to, 5)
        expect(to.subarray(5, 5 + length)).toEqual(from.subarray(start, start + length))
        expect([...to.subarray(0, 5), ...to.subarray(5 + length)].every((octet) => octet === 0xee)).toBe(true)
      }
    }
  })
})

/** A ring and the plain array it must equal: `held` octets, and behind them `ahead`, octets placed beyond a hole. */
class Model {
  readonly ring = new ByteRing()
  held: number[] = []
  ahead = new Map<number, number>()
  #next = 0

  data(length: number): Uint8Array {
    const bytes = new Uint8Array(length + 7)
    for (let i = 0; i < length; i++) bytes[3 + i] = this.#next++ % 251
    return bytes
  }

  write(length: number): void {
    // As TCP does: what arrives in order when nothing lies ahead.
    if (this.ahead.size > 0) return
    const bytes = this.data(length)
    this.ring.write(bytes, 3, 3 + length)
    this.held.push(...bytes.subarray(3, 3 + length))
  }

  writeAhead(gap: number, length: number): void {
    const bytes = this.data(length)
    const offset = this.held.length + gap
    this.ring.writeAt(offset, bytes, 3, 3 + length)
    for (let i = 0; i < length; i++) this.ahead.set(offset + i, bytes[3 + i] as number)
  }

  /** Fills the hole and takes what lies contiguously behind it. */
  fill(): void {
    if (this.ahead.size === 0) return
    let end = this.held.length
    while (!this.ahead.has(end)) this.#fillOne(end++)
    while (this.ahead.has(end)) end++
    for (let at = this.held.length; at < end; at++) {
      this.held.push(this.ahead.get(at) as number)
      this.ahead.delete(at)
    }
    this.ring.extend(end - this.ring.length)
  }

  #fillOne(at: number): void {
    const bytes = this.data(1)
    this.ring.writeAt(at, bytes, 3, 4)
    this.ahead.set(at, bytes[3] as number)
  }

  drop(length: number): void {
    const count = Math.min(length, this.held.length)
    this.ring.drop(count, this.ahead.size > 0)
    this.held.splice(0, count)
    this.ahead = new Map([...this.ahead].map(([at, octet]) => [at - count, octet]))
  }

  check(random: SeededRandom): void {
    expect(this.ring.length).toBe(this.held.length)
    const offset = randomBelow(random, this.held.length + 1)
    const length = randomBelow(random, this.held.length - offset + 1)
    const into = new Uint8Array(length + 4).fill(0xee)
    this.ring.peek(offset, length, into, 2)
    expect([...into]).toEqual([0xee, 0xee, ...this.held.slice(offset, offset + length), 0xee, 0xee])
    if (offset < this.held.length) expect(this.ring.at(offset)).toBe(this.held[offset])
  }
}

describe('ByteRing', () => {
  it('holds what was written, through any writing, dropping, growing, wrapping and data ahead of holes', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.tuple(fc.constantFrom('write', 'ahead', 'fill', 'drop', 'drain'), fc.nat(3000), fc.nat(400)), {
          minLength: 20,
          maxLength: 60,
        }),
        (seed, steps) => {
          const random = new SeededRandom(seed)
          const model = new Model()
          for (const [step, length, gap] of steps) {
            if (step === 'write') model.write(length)
            else if (step === 'ahead') model.writeAhead(gap, length)
            else if (step === 'fill') model.fill()
            else if (step === 'drop') model.drop(length)
            else model.drop(model.held.length)
            model.check(random)
          }
        },
      ),
      { numRuns: 150, seed: 1 },
    )
  })

  it('holds no memory before it is used, and gives it back when drained or freed', () => {
    const ring = new ByteRing()
    expect(ring.capacity).toBe(0)
    ring.write(counting(10), 0, 10)
    expect(ring.capacity).toBe(4096)
    ring.drop(4)
    expect(ring.capacity).toBe(4096)
    ring.drop(6)
    expect(ring.capacity).toBe(0)
    ring.write(counting(5000), 0, 5000)
    expect(ring.capacity).toBe(8192)
    ring.free()
    expect([ring.capacity, ring.length]).toEqual([0, 0])
  })

  it('does not give its memory back while octets lie ahead of a hole', () => {
    const ring = new ByteRing()
    ring.write(counting(100), 0, 100)
    ring.writeAt(200, counting(5, 50), 0, 5)
    ring.drop(100, true)
    expect(ring.capacity).toBe(4096)
    ring.writeAt(0, counting(100, 7), 0, 100)
    ring.extend(105)
    const into = new Uint8Array(105)
    ring.peek(0, 105, into, 0)
    expect([...into]).toEqual([...counting(100, 7), ...counting(5, 50)])
  })

  it('fills its capacity to the last octet before it grows', () => {
    const ring = new ByteRing()
    ring.write(counting(4096), 0, 4096)
    ring.drop(1000)
    ring.write(counting(1000, 5), 0, 1000)
    expect([ring.capacity, ring.length]).toEqual([4096, 4096])
    ring.write(counting(1), 0, 1)
    expect([ring.capacity, ring.length]).toEqual([8192, 4097])
    const into = new Uint8Array(4097)
    ring.peek(0, 4097, into, 0)
    expect(into.subarray(3096, 4096)).toEqual(counting(1000, 5))
  })

  it('rings that take memory others have given back do not share it', () => {
    const one = new ByteRing()
    one.write(counting(100), 0, 100)
    one.free()
    const two = new ByteRing()
    const three = new ByteRing()
    two.write(counting(100, 1), 0, 100)
    three.write(counting(100, 2), 0, 100)
    expect([two.at(0), three.at(0)]).toEqual([1, 2])
  })

  it('lends what lies in one piece, up to its end, over it and wholly behind it: what is peeked', () => {
    const ring = new ByteRing()
    ring.write(new Uint8Array(4096), 0, 4096)
    ring.drop(3000, true)
    ring.write(counting(3000), 0, 3000)
    const span = new RingSpan()
    for (const [offset, length, before] of [
      [0, 1000, 1000],
      [0, 1096, 1096],
      [0, 1097, 1096],
      [500, 3000, 596],
      [1096, 2000, 2000],
      [2000, 500, 500],
    ] as const) {
      ring.lend(offset, length, span)
      expect([span.length, span.before]).toEqual([length, before])
      const peeked = new Uint8Array(length + 2)
      const copied = new Uint8Array(length + 2)
      ring.peek(offset, length, peeked, 1)
      span.copyTo(copied, 1)
      expect(copied).toEqual(peeked)
    }
    span.release()
    expect([span.bytes.length, span.length, span.before]).toEqual([0, 0, 0])
  })
})
