import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { read16, read32 } from '../../src/base/bytes.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { Cable } from '../../src/device/cable.ts'
import { Capture, type CaptureDirection, type CaptureSink } from '../../src/device/capture.ts'
import { CaptureBuffer } from '../../src/device/capture-buffer.ts'
import { CHECKSUM_PARTIAL } from '../../src/device/device.ts'
import { Loopback } from '../../src/device/loopback.ts'
import { PcapngSink } from '../../src/device/pcapng-sink.ts'
import { PcapngWriter } from '../../src/wire/pcapng.ts'
import { readPcapng } from '../../src/wire/pcapng-reader.ts'
import { checksumsHold, type PacketOptions, packet } from './packets.ts'
import { counting, hex, lend, Recorder } from './recorder.ts'

class Shown implements CaptureSink {
  readonly frames: { bytes: Uint8Array; direction: CaptureDirection; at: number }[] = []

  frame(bytes: Uint8Array, start: number, end: number, direction: CaptureDirection, at: number): void {
    this.frames.push({ bytes: bytes.slice(start, end), direction, at })
  }
}

/** Two ends of a cable with offloads, the left one captured. */
function captured() {
  const clock = new ManualClock(1000)
  const cable = new Cable({ offloads: true })
  const shown = new Shown()
  const left = new Capture(cable.left, shown)
  const atLeft = new Recorder()
  const atRight = new Recorder()
  left.attach(atLeft, clock)
  cable.right.attach(atRight, clock)
  return { clock, left, right: cable.right, shown, atLeft, atRight }
}

/** What a capture shows of one packet that is sent. */
function cut(payload: Uint8Array, options: PacketOptions): Uint8Array[] {
  const { left, shown } = captured()
  const { bytes, offload } = packet(payload, options)
  lend(left, bytes, offload)
  return shown.frames.map((frame) => frame.bytes)
}

describe('Capture', () => {
  it('shows frames of both directions with direction and time, and passes them on unchanged', () => {
    const { clock, left, right, shown, atLeft, atRight } = captured()
    lend(left, counting(80))
    clock.advanceTo(1002.5)
    lend(right, counting(90))
    clock.advanceTo(1003)
    expect(shown.frames.map(({ bytes, direction, at }) => [hex(bytes), direction, at])).toEqual([
      [hex(counting(80)), 'out', 1000],
      [hex(counting(90)), 'in', 1002.5],
    ])
    expect(hex(atRight.frames[0]?.bytes as Uint8Array)).toBe(hex(counting(80)))
    expect(hex(atLeft.frames[0]?.bytes as Uint8Array)).toBe(hex(counting(90)))
    expect(atLeft.calls).toEqual(['receive', 'flush'])
  })

  it('is to the stack what the device is: name, medium, MTU, address, features', () => {
    const cable = new Cable({ offloads: true, mtu: 9000 })
    const capture = new Capture(cable.left, new Shown())
    for (const field of ['name', 'medium', 'mtu', 'hardwareAddress', 'headroom', 'features'] as const) {
      expect(capture[field]).toBe(cable.left[field])
    }
  })

  it('a frame that the device refuses is not shown, and writable is passed on', () => {
    const clock = new ManualClock()
    const shown = new Shown()
    const capture = new Capture(new Loopback({ queue: 16384, mtu: 9000 }), shown)
    const recorder = new Recorder()
    capture.attach(recorder, clock)
    let sent = 0
    while (lend(capture, counting(5000))) sent++
    expect(shown.frames.length).toBe(sent)
    clock.settle()
    expect(recorder.calls.at(-1)).toBe('writable')
  })

  for (const version of [4, 6] as const) {
    for (const protocol of ['tcp', 'udp'] as const) {
      it(`completes the partial checksum of ${protocol} over IPv${version} in a copy; the frame keeps its own`, () => {
        const { clock, left, shown, atRight } = captured()
        const { bytes, offload } = packet(counting(101), { version, protocol, partial: true })
        expect(checksumsHold(bytes)).toBe(false)
        lend(left, bytes, offload)
        clock.settle()
        expect(checksumsHold(shown.frames[0]?.bytes as Uint8Array)).toBe(true)
        expect(hex(atRight.frames[0]?.bytes as Uint8Array)).toBe(hex(bytes))
        expect(atRight.frames[0]?.offload.checksum).toBe(CHECKSUM_PARTIAL)
        expect(offload.checksum).toBe(CHECKSUM_PARTIAL)
      })
    }
  }

  it('a partial checksum of a frame that arrives is completed for the capture alone', () => {
    const { clock, right, shown, atLeft } = captured()
    const { bytes, offload } = packet(counting(7), { partial: true })
    lend(right, bytes, offload)
    clock.settle()
    expect(checksumsHold(shown.frames[0]?.bytes as Uint8Array)).toBe(true)
    expect(hex(atLeft.frames[0]?.bytes as Uint8Array)).toBe(hex(bytes))
    expect(atLeft.frames[0]?.offload.checksum).toBe(CHECKSUM_PARTIAL)
  })

  it('a UDP checksum that comes out as zero is shown as all ones (RFC 768)', () => {
    // Of the 65536 values of these two octets one makes the sum all ones.
    let zeros = 0
    const shown = new Shown()
    const capture = new Capture(new Loopback({ queue: 64 << 20 }), shown)
    capture.attach(new Recorder(), new ManualClock())
    for (let value = 0; value < 65536; value++) {
      const { bytes, offload } = packet(Uint8Array.of(value >> 8, value), {
        protocol: 'udp',
        partial: true,
        medium: 'ip',
      })
      capture.transmit(bytes, 0, bytes.length, offload)
    }
    for (const frame of shown.frames) {
      const field = read16(frame.bytes, 26)
      if (field === 0) throw new Error('zero was shown')
      if (field === 0xffff) zeros++
    }
    expect([shown.frames.length, zeros]).toEqual([65536, 1])
  })

  it('large segment: packets of segmentSize, in order, with their own length, id, sequence number and checksums', () => {
    const payload = counting(3500)
    const packets = cut(payload, { segmentSize: 1448, timestamps: true })
    expect(packets.map((bytes) => bytes.length - 66)).toEqual([1448, 1448, 604])
    expect(packets.map((bytes) => read16(bytes, 16))).toEqual([1500, 1500, 656])
    expect(packets.map((bytes) => read16(bytes, 18))).toEqual([0x1234, 0x1235, 0x1236])
    expect(packets.map((bytes) => read32(bytes, 38))).toEqual([1000, 2448, 3896])
    expect(packets.every((bytes) => checksumsHold(bytes))).toBe(true)
    expect(packets.map((bytes) => hex(bytes, 66)).join(' ')).toBe(hex(payload))
    // The options, in each.
    for (const bytes of packets) expect(hex(bytes, 54, 66)).toBe('01 01 08 0a 00 00 00 01 00 00 00 02')
  })

  it('large segment: FIN and PSH only on the last packet, CWR only on the first (RFC 3168 6.1.2), ECE on all', () => {
    const FIN = 1
    const PSH = 8
    const ACK = 16
    const ECE = 64
    const CWR = 128
    const packets = cut(counting(250), { segmentSize: 100, tcpFlags: FIN | PSH | ACK | ECE | CWR })
    expect(packets.map((bytes) => bytes[47])).toEqual([ACK | ECE | CWR, ACK | ECE, FIN | PSH | ACK | ECE])
    expect(packets.every((bytes) => checksumsHold(bytes))).toBe(true)
  })

  it('large UDP segment: datagrams with their own UDP length', () => {
    const packets = cut(counting(250), { segmentSize: 100, protocol: 'udp' })
    expect(packets.map((bytes) => read16(bytes, 38))).toEqual([108, 108, 58])
    expect(packets.every((bytes) => checksumsHold(bytes))).toBe(true)
  })

  it('cut packets of any size, version, protocol and medium hold together', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9000 }),
        fc.integer({ min: 1, max: 1448 }),
        fc.constantFrom(4 as const, 6 as const),
        fc.constantFrom('tcp' as const, 'udp' as const),
        fc.boolean(),
        (length, segmentSize, version, protocol, timestamps) => {
          const payload = counting(length)
          const options = { segmentSize, version, protocol, timestamps }
          const headerLength = packet(payload, options).headerLength
          const packets = cut(payload, options)
          expect(packets.length).toBe(Math.ceil(length / segmentSize))
          expect(packets.every((bytes) => checksumsHold(bytes))).toBe(true)
          for (const bytes of packets) {
            expect(version === 6 ? 54 + read16(bytes, 18) : 14 + read16(bytes, 16)).toBe(bytes.length)
          }
          expect(packets.map((bytes) => hex(bytes, headerLength)).join(' ')).toBe(hex(payload))
        },
      ),
      { numRuns: 200, seed: 1 },
    )
  })

  it('a large segment whose headers cannot be read is shown as it is', () => {
    const { bytes, offload } = packet(counting(3000), { segmentSize: 1000 })
    // A data offset of 3 words, an IP header of 4 words, another protocol.
    for (const [at, value] of [
      [46, 0x30],
      [14, 0x44],
      [23, 99],
    ] as const) {
      const { left, shown } = captured()
      const broken = bytes.slice()
      broken[at] = value
      lend(left, broken, offload)
      expect(shown.frames.map((frame) => frame.bytes.length)).toEqual([bytes.length])
    }
  })
})

describe('CaptureBuffer', () => {
  it('keeps frames in order with direction and time until its octets are used up, then forgets the oldest', () => {
    const buffer = new CaptureBuffer(10 * (100 + 16))
    for (let i = 0; i < 25; i++) buffer.frame(counting(120, i), 20, 120, i % 2 === 0 ? 'in' : 'out', i + 0.25)
    const shown = new Shown()
    buffer.replay(shown)
    expect(buffer.length).toBe(10)
    expect(buffer.forgotten).toBe(15)
    expect(shown.frames.map((frame) => frame.at)).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 23, 24].map((i) => i + 0.25))
    expect(shown.frames.map((frame) => frame.direction).join(' ')).toBe('out in out in out in out in out in')
    expect(hex(shown.frames[0]?.bytes as Uint8Array)).toBe(hex(counting(120, 15), 20, 120))
    buffer.clear()
    expect(buffer.length).toBe(0)
  })

  it('a frame longer than all of it is counted and not kept', () => {
    const buffer = new CaptureBuffer(100)
    buffer.frame(counting(50), 0, 50, 'in', 0)
    buffer.frame(counting(200), 0, 200, 'in', 0)
    expect([buffer.length, buffer.forgotten]).toEqual([0, 2])
    expect(() => new CaptureBuffer(0)).toThrow('limit must be greater than 0, got 0')
  })
})

describe('PcapngSink', () => {
  it('writes frames of a device under its name, link type and address, at the time of its clock', () => {
    const blocks: number[] = []
    const writer = new PcapngWriter((bytes) => blocks.push(...bytes))
    const cable = new Cable({ name: 'lan' })
    const lo = new Loopback()
    const onCable = new PcapngSink(writer, cable.left, 1_700_000_000_000)
    const onLoopback = new PcapngSink(writer, lo, 1_700_000_000_000, 10)
    onCable.frame(counting(60), 0, 60, 'out', 1.5)
    onLoopback.frame(counting(60), 0, 60, 'in', 2.25)
    const file = readPcapng(Uint8Array.from(blocks))
    expect(file.truncated).toBe(false)
    expect(file.interfaces.map(({ name, linkType }) => [name, linkType])).toEqual([
      ['lan.left', 1],
      ['lo', 101],
    ])
    expect(file.packets.map(({ interface: i, time, direction, bytes }) => [i, time, direction, bytes.length])).toEqual([
      [0, 1_700_000_000_001_500n, 2, 60],
      [1, 1_700_000_000_002_250n, 1, 10],
    ])
  })
})
