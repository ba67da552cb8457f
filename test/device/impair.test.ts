import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { Cable, type CableOptions } from '../../src/device/cable.ts'
import {
  CHECKSUM_NONE,
  CHECKSUM_VERIFIED,
  type FrameReceiver,
  NO_FEATURES,
  Offload,
  SEGMENT_NONE,
} from '../../src/device/device.ts'
import { Impair } from '../../src/device/impair.ts'
import type { ImpairOptions } from '../../src/device/impairment.ts'
import { checksumsHold, packet } from './packets.ts'
import { counting, hex, lend, Recorder } from './recorder.ts'

/** A cable with offloads unless said otherwise, its left end impaired. */
function impaired(options: ImpairOptions, cableOptions: CableOptions = { offloads: true, queue: 16 << 20 }) {
  const clock = new ManualClock()
  const cable = new Cable(cableOptions)
  const left = new Impair(cable.left, options)
  const atLeft = new Recorder(() => clock.now())
  const atRight = new Recorder(() => clock.now())
  left.attach(atLeft, clock)
  cable.right.attach(atRight, clock)
  return { clock, cable, left, right: cable.right, atLeft, atRight }
}

/** A frame that carries a number. */
function numbered(i: number): Uint8Array {
  const frame = counting(100)
  frame[20] = i >> 8
  frame[21] = i
  return frame
}

function numbers(recorder: Recorder): number[] {
  return recorder.frames.map(({ bytes }) => ((bytes[20] as number) << 8) | (bytes[21] as number))
}

function sendMany(run: ReturnType<typeof impaired>, count: number): void {
  for (let i = 0; i < count; i++) {
    expect(lend(run.left, numbered(i))).toBe(true)
    expect(lend(run.right, numbered(i))).toBe(true)
    if (i % 50 === 49) run.clock.advanceTo(run.clock.now() + 1)
  }
  run.clock.advanceTo(run.clock.now() + 60_000)
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('Impair', () => {
  it('with nothing wrong passes frames of both directions at once, unchanged', () => {
    const run = impaired({})
    const { bytes, offload } = packet(counting(3000), { segmentSize: 1000 })
    lend(run.left, bytes, offload)
    run.clock.settle()
    expect(hex(run.atRight.frames[0]?.bytes as Uint8Array)).toBe(hex(bytes))
    expect(run.atRight.frames[0]?.offload).toEqual(offload)
    sendMany(run, 300)
    expect(numbers(run.atLeft)).toEqual(upTo(300))
    expect(numbers(run.atRight).slice(1)).toEqual(upTo(300))
  })

  it('is to the stack what the device is; with split it announces no large segments', () => {
    const { left, cable } = impaired({})
    for (const field of ['name', 'medium', 'mtu', 'hardwareAddress', 'headroom', 'features'] as const) {
      expect(left[field]).toBe(cable.left[field])
    }
    expect(impaired({ split: true }).left.features).toEqual({ checksum: true, largeSegment: 0 })
  })

  it('loss: drops its share of the frames, in each direction', () => {
    const run = impaired({ loss: 0.1, in: { loss: 0.3 } })
    sendMany(run, 10_000)
    // Five standard deviations.
    expect(Math.abs(run.left.outbound.lost - 1000)).toBeLessThan(150)
    expect(Math.abs(run.left.inbound.lost - 3000)).toBeLessThan(230)
    expect(run.atRight.frames.length).toBe(10_000 - run.left.outbound.lost)
    expect(run.atLeft.frames.length).toBe(10_000 - run.left.inbound.lost)
  })

  it('burst: loses frames in runs of the mean length 1 / leave', () => {
    const run = impaired({ burst: { enter: 0.01, leave: 0.2 } })
    sendMany(run, 20_000)
    const arrived = new Set(numbers(run.atRight))
    let runs = 0
    let lost = 0
    for (let i = 0; i < 20_000; i++) {
      if (arrived.has(i)) continue
      lost++
      if (arrived.has(i - 1)) runs++
    }
    // In the long run enter / (enter + leave) of the frames are lost: 1 in 21.
    expect(lost / 20_000).toBeGreaterThan(0.035)
    expect(lost / 20_000).toBeLessThan(0.062)
    expect(lost / runs).toBeGreaterThan(4)
    expect(lost / runs).toBeLessThan(6)
    expect(run.left.outbound.lost).toBe(lost)
  })

  it('delay: a frame arrives that much later', () => {
    const run = impaired({ delay: 20, in: { delay: 5 } })
    lend(run.left, numbered(1))
    lend(run.right, numbered(2))
    run.clock.advanceTo(100)
    expect(run.atRight.frames[0]?.at).toBe(20)
    expect(run.atLeft.frames[0]?.at).toBe(5)
    expect(run.atLeft.calls).toContain('flush')
    expect(run.atLeft.calls.lastIndexOf('flush')).toBeGreaterThan(run.atLeft.calls.indexOf('receive'))
  })

  it('jitter: delays differ by up to that much, and no frame overtakes another', () => {
    const run = impaired({ delay: 20, jitter: 10 })
    const sentAt: number[] = []
    for (let i = 0; i < 500; i++) {
      sentAt.push(run.clock.now())
      lend(run.left, numbered(i))
      run.clock.advanceTo(run.clock.now() + 3)
    }
    run.clock.advanceTo(10_000)
    expect(numbers(run.atRight)).toEqual(upTo(500))
    const delays = run.atRight.frames.map((frame, i) => frame.at - (sentAt[i] as number))
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(10)
    expect(Math.max(...delays)).toBeLessThanOrEqual(30)
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(15)
  })

  it('reorder: holds its share of the frames back until as many as asked for have passed', () => {
    const run = impaired({ reorder: 0.1, distance: 2 })
    sendMany(run, 1000)
    const order = numbers(run.atRight)
    expect([...order].sort((a, b) => a - b)).toEqual(upTo(1000))
    expect(run.left.outbound.reordered).toBeGreaterThan(60)
    // A frame that others passed stands behind a later one.
    const late = order.filter((number, i) => order.slice(0, i).some((earlier) => earlier > number))
    expect(late.length).toBe(run.left.outbound.reordered)
    for (const number of late) {
      const passed = order.slice(0, order.indexOf(number)).filter((other) => other > number).length
      expect(passed).toBeGreaterThanOrEqual(2)
    }
  })

  it('reorder: a frame that nobody passes is let go after 25 ms', () => {
    const run = impaired({ reorder: 1 })
    lend(run.left, numbered(7))
    run.clock.advanceTo(1000)
    expect(run.atRight.frames.map((frame) => frame.at)).toEqual([25])
  })

  it('duplicate: its share of the frames arrives twice', () => {
    const run = impaired({ duplicate: 0.1 })
    sendMany(run, 2000)
    const { duplicated } = run.left.outbound
    expect(Math.abs(duplicated - 200)).toBeLessThan(70)
    expect(run.atRight.frames.length).toBe(2000 + duplicated)
    expect(new Set(numbers(run.atRight)).size).toBe(2000)
  })

  it('corrupt, on a wire with a frame check sequence: every damaged frame is dropped by the check', () => {
    const run = impaired({ corrupt: 0.2 }, { queue: 16 << 20 })
    sendMany(run, 2000)
    const { outbound, inbound } = run.left
    expect(Math.abs(outbound.corrupted - 400)).toBeLessThan(90)
    expect(run.cable.right.received.badFrameCheck).toBe(outbound.corrupted)
    expect(run.cable.left.received.badFrameCheck).toBe(inbound.corrupted)
    expect(run.atRight.frames.length).toBe(2000 - outbound.corrupted)
    expect(run.atRight.frames.every(({ bytes }) => hex(bytes, 22) === hex(numbered(0), 22))).toBe(true)
  })

  it('corrupt, twice around one cable: both do their damage', () => {
    const clock = new ManualClock()
    const cable = new Cable()
    const inner = new Impair(cable.left, { corrupt: 1, seed: 3 })
    const outer = new Impair(inner, { corrupt: 1, seed: 4 })
    outer.attach(new Recorder(), clock)
    cable.right.attach(new Recorder(), clock)
    lend(outer, counting(100))
    clock.settle()
    expect([inner.outbound.corrupted, outer.outbound.corrupted]).toEqual([1, 1])
    expect(cable.right.received.badFrameCheck).toBe(1)
  })

  for (const protocol of ['tcp', 'udp'] as const) {
    it(`corrupt, without one: of a ${protocol} packet as it would have been on the wire, one bit is another`, () => {
      const run = impaired({ corrupt: 1 })
      for (let i = 0; i < 100; i++) {
        const { bytes, offload } = packet(counting(100, i), { protocol, partial: true })
        lend(run.left, bytes, offload)
        run.clock.settle()
        const whole = packet(counting(100, i), { protocol }).bytes
        let bits = 0
        const arrived = run.atRight.frames[i]?.bytes ?? new Uint8Array(0)
        expect(arrived.length).toBe(whole.length)
        for (const [at, octet] of arrived.entries()) {
          for (let rest = octet ^ (whole[at] as number); rest !== 0; rest &= rest - 1) bits++
        }
        expect(bits).toBe(1)
      }
    })

    it(`corrupt, without one: the checksums of IP and ${protocol} find the damage, also where they were partial`, () => {
      const run = impaired({ corrupt: 1 })
      for (let i = 0; i < 600; i++) {
        const { bytes, offload } = packet(counting(i % 61, i), { protocol, partial: i % 2 === 0 })
        if (i % 4 === 1) offload.checksum = CHECKSUM_VERIFIED
        lend(run.left, bytes, offload)
        run.clock.settle()
        const arrived = run.atRight.frames[i]
        expect(arrived?.offload.checksum).toBe(CHECKSUM_NONE)
        expect(checksumsHold(arrived?.bytes as Uint8Array), `${i}: ${hex(arrived?.bytes as Uint8Array)}`).toBe(false)
      }
    })
  }

  it('corrupt, without one: a frame that is not IP is dropped, as its frame check sequence would have it', () => {
    const run = impaired({ corrupt: 1 })
    const { bytes } = packet(counting(28))
    bytes[13] = 6
    lend(run.left, bytes)
    run.clock.advanceTo(100)
    expect(run.atRight.frames).toEqual([])
    expect(run.left.outbound.corrupted).toBe(1)
  })

  it('corrupt: of a large segment one packet is damaged and the others arrive whole', () => {
    const run = impaired({ corrupt: 1 })
    const damaged = new Set<number>()
    for (let round = 0; round < 60; round++) {
      const { bytes, offload } = packet(counting(4500), { segmentSize: 1000, timestamps: true })
      lend(run.left, bytes, offload)
      run.clock.settle()
      const packets = run.atRight.frames.splice(0)
      expect(packets.length).toBe(5)
      expect(packets.every((one) => one.offload.segment === SEGMENT_NONE)).toBe(true)
      const bad = packets.flatMap((one, i) => (checksumsHold(one.bytes) ? [] : [i]))
      expect(bad.length).toBe(1)
      damaged.add(bad[0] as number)
    }
    expect([...damaged].sort()).toEqual([0, 1, 2, 3, 4])
  })

  it('split: packets of a large segment meet their fates one by one', () => {
    const run = impaired({ split: true, loss: 0.5, corrupt: 0.2, duplicate: 0.1 })
    let packets = 0
    for (let round = 0; round < 100; round++) {
      const { bytes, offload } = packet(counting(9500), { segmentSize: 1000 })
      lend(run.right, bytes, offload)
      packets += 10
    }
    run.clock.advanceTo(1000)
    const { inbound } = run.left
    expect(inbound.frames).toBe(packets)
    expect(Math.abs(inbound.lost - 500)).toBeLessThan(80)
    expect(run.atLeft.frames.length).toBe(packets - inbound.lost + inbound.duplicated)
    expect(run.atLeft.frames.filter(({ bytes }) => !checksumsHold(bytes)).length).toBe(inbound.corrupted)
    expect(inbound.corrupted).toBeGreaterThan(60)
  })

  it('split: a large segment whose headers cannot be read passes as one frame, and the next is cut as ever', () => {
    const run = impaired({ split: true, corrupt: 1 })
    const { bytes, offload } = packet(counting(9500), { segmentSize: 1000 })
    const broken = bytes.slice()
    broken[46] = 0x10
    lend(run.right, broken, offload)
    lend(run.right, bytes, offload)
    run.clock.advanceTo(100)
    expect(run.left.inbound.frames).toBe(11)
    expect(run.left.inbound.corrupted).toBe(11)
  })

  it('rate: frames leave one after the other; what waits longer than the queue allows is dropped', () => {
    // 100 octets are 0.8 ms at a million bits a second.
    const run = impaired({ rate: 1e6, queue: 1000 })
    for (let i = 0; i < 30; i++) lend(run.left, numbered(i))
    run.clock.advanceTo(1000)
    expect(run.atRight.frames.map((frame) => Math.round(frame.at * 10))).toEqual([
      8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88,
    ])
    expect(run.left.outbound.overflowed).toBe(19)
  })

  it('a full device holds frames back in order, refuses further ones, and writable follows', () => {
    const run = impaired({ reorder: 0.2, duplicate: 0.2 }, { offloads: true, queue: 65536 })
    const sent: number[] = []
    let next = 0
    const send = () => {
      while (lend(run.left, numbered(next))) sent.push(next++)
    }
    send()
    expect(next).toBeGreaterThan(100)
    run.atLeft.onWritable = () => {
      if (next < 3000) send()
    }
    run.clock.advanceTo(1000)
    expect(next).toBeGreaterThan(3000)
    expect([...new Set(numbers(run.atRight))].sort((a, b) => a - b)).toEqual(sent)
    expect(run.left.outbound.overflowed).toBe(0)
  })

  it('a device that takes one frame at a time gets all of them, in order, one for each time it is writable', () => {
    const clock = new ManualClock()
    const sent: number[] = []
    let room = 0
    let upper: FrameReceiver | null = null
    const device = {
      name: 'x',
      medium: 'ethernet' as const,
      mtu: 1500,
      hardwareAddress: new Uint8Array(6),
      headroom: 0,
      features: NO_FEATURES,
      transmit(bytes: Uint8Array, start: number): boolean {
        if (room === 0) return false
        room--
        sent.push(bytes[start + 21] as number)
        return true
      },
      attach(receiver: FrameReceiver) {
        upper = receiver
      },
      close() {},
    }
    const impair = new Impair(device, { delay: 1 })
    const recorder = new Recorder()
    impair.attach(recorder, clock)
    for (let i = 0; i < 5; i++) expect(lend(impair, numbered(i))).toBe(true)
    clock.advanceTo(10)
    expect(sent).toEqual([])
    expect(lend(impair, numbered(99))).toBe(false)
    for (let i = 0; i < 5; i++) {
      expect(recorder.calls).toEqual([])
      room = 1
      ;(upper as FrameReceiver | null)?.writable()
      expect(sent).toEqual(upTo(i + 1))
    }
    expect(recorder.calls).toEqual(['writable'])
  })

  it('the same seed makes the same faults at the same frames, another seed others', () => {
    const history = (seed: number) => {
      const run = impaired({
        ...{ loss: 0.05, reorder: 0.1, duplicate: 0.05, corrupt: 0.05, delay: 10, jitter: 5, rate: 1e7, seed },
      })
      sendMany(run, 500)
      return JSON.stringify([run.atRight.frames.map(({ bytes, at }) => [hex(bytes), at]), run.left.outbound])
    }
    expect(history(7)).toBe(history(7))
    expect(history(8)).not.toBe(history(7))
  })

  it('delivers and sends nothing after close', () => {
    const run = impaired({ delay: 10 })
    lend(run.left, numbered(1))
    lend(run.right, numbered(1))
    run.clock.advanceTo(5)
    run.left.close()
    run.left.close()
    expect(lend(run.left, numbered(2))).toBe(true)
    run.clock.advanceTo(100)
    expect([...run.atLeft.frames, ...run.atRight.frames]).toEqual([])
  })

  it('can be closed by whom it delivers to, in the middle of a burst', () => {
    const run = impaired({ delay: 10 })
    lend(run.right, numbered(1))
    lend(run.right, numbered(2))
    run.atLeft.onReceive = () => run.left.close()
    run.clock.advanceTo(100)
    expect(numbers(run.atLeft)).toEqual([1])
  })

  it('leaves room in front of each frame for the header of the device below', () => {
    const clock = new ManualClock()
    const seen: number[] = []
    const device = {
      name: 'x',
      medium: 'ethernet' as const,
      mtu: 1500,
      hardwareAddress: new Uint8Array(6),
      headroom: 10,
      features: { checksum: true, largeSegment: 65535 },
      transmit(bytes: Uint8Array, start: number, end: number): boolean {
        seen.push(start)
        bytes.fill(0xff, start - 10, start)
        expect(hex(bytes, start + 22, end)).toBe(hex(numbered(0), 22))
        return true
      },
      attach() {},
      close() {},
    }
    for (const options of [{ delay: 5 }, { reorder: 0.5 }, { duplicate: 1 }]) {
      const impair = new Impair(device, options)
      impair.attach(new Recorder(), clock)
      for (let i = 0; i < 50; i++) lend(impair, numbered(i), new Offload(), 12)
      clock.advanceTo(clock.now() + 100)
      impair.close()
    }
    expect(seen.length).toBe(200)
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(10)
  })
})
