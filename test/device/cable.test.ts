import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { Cable, type CableOptions } from '../../src/device/cable.ts'
import { CHECKSUM_PARTIAL, Offload, SEGMENT_TCP4 } from '../../src/device/device.ts'
import { wireOf } from '../../src/device/frame-checked-wire.ts'
import { counting, hex, lend, Recorder } from './recorder.ts'

function cable(options: CableOptions = {}) {
  const clock = new ManualClock()
  const { left, right } = new Cable(options)
  const atLeft = new Recorder(() => clock.now())
  const atRight = new Recorder(() => clock.now())
  left.attach(atLeft, clock)
  right.attach(atRight, clock)
  return { clock, left, right, atLeft, atRight }
}

describe('Cable', () => {
  it('has two ends with names, and with hardware addresses that differ, are individual and locally administered', () => {
    const addresses = new Set<string>()
    for (const options of [{}, {}, { name: 'lan' }, { names: ['a', 'a'] as const }]) {
      const { left, right } = cable(options)
      for (const end of [left, right]) {
        expect(end.hardwareAddress[0] as number & 3).toBe(2)
        addresses.add(hex(end.hardwareAddress))
      }
    }
    expect(addresses.size).toBe(8)
    const { left, right } = cable({ name: 'lan' })
    expect([left.name, right.name]).toEqual(['lan.left', 'lan.right'])
    expect(hex(left.hardwareAddress)).toBe(hex(cable({ name: 'lan' }).left.hardwareAddress))
  })

  it('delivers at the other end, in both directions, only after transmit has returned', () => {
    const { clock, left, right, atLeft, atRight } = cable()
    expect(lend(left, counting(100))).toBe(true)
    expect(lend(right, counting(200))).toBe(true)
    expect([...atLeft.calls, ...atRight.calls]).toEqual([])
    clock.settle()
    expect(hex(atRight.frames[0]?.bytes as Uint8Array)).toBe(hex(counting(100)))
    expect(hex(atLeft.frames[0]?.bytes as Uint8Array)).toBe(hex(counting(200)))
    expect(atRight.calls).toEqual(['receive', 'flush'])
  })

  it('pads a frame to 60 octets with zeros and delivers it without its check sequence (IEEE 802.3 3.2.8)', () => {
    const { clock, left, atRight } = cable()
    // Whatever lay in that memory before.
    lend(left, counting(200, 50))
    clock.settle()
    lend(left, counting(42, 1))
    clock.settle()
    expect(hex(atRight.frames[1]?.bytes as Uint8Array)).toBe(`${hex(counting(42, 1))}${' 00'.repeat(18)}`)
    expect(left.sent.octets).toBe(204 + 64)
  })

  it('puts the frame check sequence on the wire, low octet first (IEEE 802.3 3.2.9)', () => {
    const { clock, left, right, atRight } = cable()
    let seen = ''
    const wire = wireOf(right)
    if (wire === null) throw new Error('no wire')
    wire.inbound.disturbance = (bytes, start, end) => {
      seen = hex(bytes, start, end)
    }
    const frame = counting(60)
    lend(left, frame)
    clock.settle()
    // zlib.crc32(bytes(range(60))) is 0xb0ec7fee
    expect(seen).toBe(`${hex(frame)} ee 7f ec b0`)
    expect(atRight.frames.length).toBe(1)
  })

  it('drops and counts a frame of which one bit was changed on the wire, whichever bit', () => {
    const { clock, left, right, atRight } = cable()
    let bit = 0
    const wire = wireOf(left)
    if (wire === null) throw new Error('no wire')
    wire.outbound.disturbance = (bytes, start) => {
      bytes[start + (bit >> 3)] = (bytes[start + (bit >> 3)] as number) ^ (1 << (bit & 7))
    }
    for (bit = 0; bit < 64 * 8; bit++) lend(left, counting(50))
    clock.settle()
    expect(atRight.frames.length).toBe(0)
    expect(right.received.badFrameCheck).toBe(512)
    wire.outbound.disturbance = null
    lend(left, counting(50))
    clock.settle()
    expect(atRight.frames.length).toBe(1)
  })

  it('without offloads announces none; with offloads carries partial checksums and large segments untouched', () => {
    expect(cable().left.features).toEqual({ checksum: false, largeSegment: 0 })
    const { clock, left, atRight } = cable({ offloads: true })
    expect(left.features).toEqual({ checksum: true, largeSegment: 65535 })
    expect(wireOf(left)).toBe(null)
    const offload = new Offload()
    offload.checksum = CHECKSUM_PARTIAL
    offload.checksumStart = 34
    offload.checksumOffset = 16
    offload.segment = SEGMENT_TCP4
    offload.segmentSize = 1460
    lend(left, counting(40014), offload)
    lend(left, counting(42))
    clock.settle()
    expect(atRight.frames[0]?.offload).toMatchObject({
      checksum: CHECKSUM_PARTIAL,
      checksumStart: 34,
      segmentSize: 1460,
    })
    expect(atRight.frames.map((frame) => frame.bytes.length)).toEqual([40014, 42])
  })

  it('loses and counts frames longer than its MTU allows or shorter than an Ethernet header', () => {
    const { clock, left, atRight } = cable({ mtu: 1000 })
    for (const length of [13, 14, 1018, 1019]) expect(lend(left, counting(length))).toBe(true)
    clock.settle()
    expect(atRight.frames.map((frame) => frame.bytes.length)).toEqual([60, 1018])
    expect(left.sent.badLength).toBe(2)
  })

  it('refuses frames when its queue is full, each direction for itself, and calls writable when half of it is free', () => {
    const { clock, left, right, atLeft, atRight } = cable({ queue: 65536 })
    let sent = 0
    while (lend(left, counting(1000))) sent++
    expect(sent).toBe(65)
    expect(lend(right, counting(1000))).toBe(true)
    clock.settle()
    expect(atRight.frames.length).toBe(65)
    expect(atLeft.calls).toEqual(['writable', 'receive', 'flush'])
  })

  it('delay: a frame arrives that many milliseconds after it was sent', () => {
    const { clock, left, atRight } = cable({ delay: 25 })
    lend(left, counting(100))
    clock.advanceTo(10)
    lend(left, counting(100))
    clock.advanceTo(1000)
    expect(atRight.frames.map((frame) => frame.at)).toEqual([25, 35])
  })

  it('rate: each frame takes its time, and the next begins when it has left', () => {
    // 121 + 4 octets are 1000 bits: one millisecond at a million bits a second.
    const { clock, left, atRight } = cable({ rate: 1e6, delay: 10 })
    for (let i = 0; i < 3; i++) lend(left, counting(121))
    clock.advanceTo(20)
    lend(left, counting(121))
    clock.advanceTo(1000)
    expect(atRight.frames.map((frame) => frame.at)).toEqual([11, 12, 13, 31])
    expect(atRight.calls.length).toBe(8)
  })

  it('rate: refuses while more than its queue waits to leave, and calls writable when half of that has left', () => {
    const { clock, left, atLeft, atRight } = cable({ rate: 1e6, queue: 1000, delay: 500 })
    let sent = 0
    while (lend(left, counting(121))) sent++
    // Nine: when the ninth comes 1000 octets wait, which is not more than the queue.
    expect(sent).toBe(9)
    let writableAt = -1
    atLeft.onWritable = () => {
      writableAt = clock.now()
    }
    clock.advanceTo(499)
    expect(writableAt).toBe(5)
    expect(atRight.calls).toEqual([])
    clock.advanceTo(1000)
    expect(atRight.frames.length).toBe(9)
  })

  it('rate without delay: frames that arrive do not make writable come before half of the queue has left', () => {
    const { clock, left, atLeft } = cable({ rate: 1e6, queue: 1000 })
    while (lend(left, counting(121)));
    const calls: number[] = []
    atLeft.onWritable = () => calls.push(clock.now())
    clock.advanceTo(100)
    expect(calls).toEqual([5])
  })

  it('a closed end loses what is under way in both directions and what is sent to it later', () => {
    const { clock, left, right, atLeft, atRight } = cable({ delay: 5 })
    lend(left, counting(100))
    lend(right, counting(100))
    right.close()
    expect(lend(left, counting(100))).toBe(true)
    clock.advanceTo(100)
    expect([...atLeft.frames, ...atRight.frames]).toEqual([])
    expect(left.sent.unattached).toBe(1)
  })

  it('a sender that was refused is told when the other end goes away, so that it does not wait for ever', () => {
    const { clock, left, right, atLeft } = cable({ queue: 65536 })
    while (lend(left, counting(1000)));
    right.close()
    clock.settle()
    expect(atLeft.calls).toEqual(['writable'])
  })

  it('what happens on a manual clock is the same each time, to the call', () => {
    const run = () => {
      const { clock, left, right, atLeft, atRight } = cable({ rate: 10e6, delay: 3, queue: 20000, name: 'same' })
      for (let i = 0; i < 200; i++) {
        lend(left, counting(60 + ((i * 131) % 1400)))
        lend(right, counting(60 + ((i * 37) % 1400)))
        clock.advanceTo(clock.now() + (i % 7) / 4)
      }
      clock.advanceTo(10_000)
      return JSON.stringify([
        atLeft.calls,
        atRight.calls,
        atLeft.frames.map((f) => f.at),
        atRight.frames.map((f) => f.at),
      ])
    }
    expect(run()).toBe(run())
  })

  it('rejects a rate, a queue, an MTU or a delay that makes no sense', () => {
    expect(() => new Cable({ rate: 0 })).toThrow('rate must be greater than 0, got 0')
    expect(() => new Cable({ mtu: -1 })).toThrow('mtu must be an integer from 68 to 65535, got -1')
    expect(() => new Cable({ queue: Number.NaN })).toThrow('queue must be greater than 0, got NaN')
    expect(() => new Cable({ delay: -1 })).toThrow('delay must be 0 or more milliseconds, got -1')
    expect(() => new Cable({ hardwareAddresses: [new Uint8Array(5), new Uint8Array(6)] })).toThrow(RangeError)
  })
})
