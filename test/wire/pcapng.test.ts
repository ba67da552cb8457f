import { describe, expect, it } from 'vitest'
import {
  DIRECTION_INBOUND,
  DIRECTION_OUTBOUND,
  DIRECTION_UNKNOWN,
  LINKTYPE_ETHERNET,
  LINKTYPE_RAW,
  type PcapngOptions,
  PcapngWriter,
} from '../../src/wire/pcapng.ts'
import { readPcapng } from '../../src/wire/pcapng-reader.ts'
import { counting, hex, octets } from '../device/recorder.ts'

function write(options: PcapngOptions, use: (writer: PcapngWriter) => void): Uint8Array {
  const file: number[] = []
  use(new PcapngWriter((bytes) => file.push(...bytes), options))
  return Uint8Array.from(file)
}

/** Two interfaces, three packets, a comment. */
function sample(options: PcapngOptions = {}): Uint8Array {
  return write(options, (writer) => {
    const first = writer.addInterface({
      linkType: LINKTYPE_ETHERNET,
      name: 'tap0',
      description: 'zum Kern, über TAP',
      hardwareAddress: octets('02 00 00 00 00 01'),
    })
    const second = writer.addInterface({ linkType: LINKTYPE_RAW, name: 'tun0', snapLength: 8 })
    writer.packet(first, 1_700_000_000_123.456, DIRECTION_OUTBOUND, counting(64), 2, 63)
    writer.packet(second, 1_700_000_000_124, DIRECTION_INBOUND, counting(64), 0, 64, 'was cut')
    writer.packet(first, 1_700_000_000_125, DIRECTION_UNKNOWN, counting(3), 0, 3)
  })
}

describe('PcapngWriter', () => {
  it('writes section header, interface description and enhanced packet to the octet', () => {
    const bytes = write({ application: 'J' }, (writer) => {
      const number = writer.addInterface({ linkType: LINKTYPE_RAW, name: 'lo' })
      writer.packet(number, 0x1_0000_0000 / 1000 + 0.001, DIRECTION_INBOUND, counting(5, 0xa0), 0, 5)
    })
    expect(hex(bytes)).toBe(
      hex(
        octets(`
          0a 0d 0d 0a  28 00 00 00  4d 3c 2b 1a  01 00 00 00
          ff ff ff ff ff ff ff ff
          04 00 01 00  4a 00 00 00
          00 00 00 00
          28 00 00 00

          01 00 00 00  28 00 00 00  65 00 00 00  00 00 04 00
          02 00 02 00  6c 6f 00 00
          09 00 01 00  06 00 00 00
          00 00 00 00
          28 00 00 00

          06 00 00 00  34 00 00 00  00 00 00 00
          01 00 00 00  01 00 00 00
          05 00 00 00  05 00 00 00
          a0 a1 a2 a3 a4 00 00 00
          02 00 04 00  01 00 00 00
          00 00 00 00
          34 00 00 00`),
      ),
    )
  })

  it('reads back what was written: interfaces, times, directions, octets, cuts and comments', () => {
    const file = readPcapng(sample({ comment: 'eins' }))
    expect(file.truncated).toBe(false)
    expect(file.application).toBe('Jackfield')
    expect(file.comments).toEqual(['eins'])
    expect(file.interfaces).toEqual([
      { linkType: 1, snapLength: 262144, name: 'tap0', description: 'zum Kern, über TAP', unitsPerSecond: 1e6 },
      { linkType: 101, snapLength: 8, name: 'tun0', description: null, unitsPerSecond: 1e6 },
    ])
    expect(file.packets.map(({ bytes, ...rest }) => ({ ...rest, bytes: hex(bytes) }))).toEqual([
      {
        interface: 0,
        time: 1_700_000_000_123_456n,
        at: 1_700_000_000_123.456,
        direction: DIRECTION_OUTBOUND,
        bytes: hex(counting(61, 2)),
        originalLength: 61,
        comments: [],
      },
      {
        interface: 1,
        time: 1_700_000_000_124_000n,
        at: 1_700_000_000_124,
        direction: DIRECTION_INBOUND,
        bytes: hex(counting(8)),
        originalLength: 64,
        comments: ['was cut'],
      },
      {
        interface: 0,
        time: 1_700_000_000_125_000n,
        at: 1_700_000_000_125,
        direction: DIRECTION_UNKNOWN,
        bytes: '00 01 02',
        originalLength: 3,
        comments: [],
      },
    ])
  })

  it('writes nanoseconds exactly, which a double of nanoseconds since 1970 could not hold', () => {
    const bytes = write({ resolution: 9 }, (writer) => {
      const number = writer.addInterface({ linkType: LINKTYPE_RAW })
      for (const at of [0, 0.000001, 1_700_000_000_001, 1_700_000_000_002.5, 4_294_967_296.25]) {
        writer.packet(number, at, DIRECTION_UNKNOWN, counting(1), 0, 1)
      }
    })
    const file = readPcapng(bytes)
    expect(file.interfaces[0]?.unitsPerSecond).toBe(1e9)
    expect(file.packets.map((packet) => packet.time)).toEqual([
      0n,
      1n,
      1_700_000_000_001_000_000n,
      1_700_000_000_002_500_000n,
      4_294_967_296_250_000n,
    ])
  })

  it('a fraction that rounds up carries into the milliseconds', () => {
    const bytes = write({}, (writer) => {
      writer.addInterface({ linkType: LINKTYPE_RAW })
      writer.packet(0, 999.9999, DIRECTION_UNKNOWN, counting(1), 0, 1)
    })
    expect(readPcapng(bytes).packets[0]?.time).toBe(1_000_000n)
  })

  it('grows its block for a packet of any size', () => {
    const bytes = write({}, (writer) => {
      writer.addInterface({ linkType: LINKTYPE_RAW })
      writer.packet(0, 0, DIRECTION_UNKNOWN, counting(65535), 0, 65535)
    })
    expect(readPcapng(bytes).packets[0]?.bytes).toEqual(counting(65535))
  })

  it('rejects an interface that was not added and a snap length of nothing', () => {
    const writer = new PcapngWriter(() => {})
    expect(() => writer.packet(0, 0, 0, counting(1), 0, 1)).toThrow('interfaceNumber must be one added before, got 0')
    expect(() => writer.addInterface({ linkType: 1, snapLength: 0 })).toThrow(
      'snapLength must be a positive integer, got 0',
    )
  })
})

describe('readPcapng', () => {
  it('of a file cut anywhere reads every block that is whole, and says that it was cut', () => {
    const bytes = sample()
    const ends = new Set<number>()
    for (let at = 0; at < bytes.length; ) {
      at += new DataView(bytes.buffer).getUint32(at + 4, true)
      ends.add(at)
    }
    let packets = 0
    for (let length = 1; length <= bytes.length; length++) {
      const file = readPcapng(bytes.subarray(0, length))
      expect(file.truncated, `${length} octets`).toBe(!ends.has(length))
      expect(file.packets.length).toBeGreaterThanOrEqual(packets)
      packets = file.packets.length
    }
    expect(packets).toBe(3)
    expect(readPcapng(new Uint8Array(0)).truncated).toBe(true)
  })

  it('survives any octet of the file being another', () => {
    const bytes = sample()
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const broken = bytes.slice()
        broken[at] = value
        expect(readPcapng(broken).packets.length).toBeLessThanOrEqual(3)
      }
    }
  })

  it('reads a big-endian section, a simple packet, an unknown block, and binary time units', () => {
    const file = readPcapng(
      octets(`
        0a 0d 0d 0a  00 00 00 1c  1a 2b 3c 4d  00 01 00 00
        ff ff ff ff ff ff ff ff
        00 00 00 1c

        00 00 00 01  00 00 00 20  00 01 00 00  00 00 00 04
        00 09 00 01  8a 00 00 00
        00 00 00 00
        00 00 00 20

        00 00 0b ad  00 00 00 10  de ad be ef  00 00 00 10

        00 00 00 03  00 00 00 14  00 00 00 09
        01 02 03 04
        00 00 00 14

        00 00 00 06  00 00 00 24  00 00 00 00
        00 00 00 00  00 00 08 00
        00 00 00 01  00 00 00 01
        aa 00 00 00
        00 00 00 24`),
    )
    expect(file.truncated).toBe(false)
    expect(file.interfaces[0]?.unitsPerSecond).toBe(1024)
    expect(file.packets.map((packet) => [hex(packet.bytes), packet.originalLength, packet.at])).toEqual([
      ['01 02 03 04', 9, 0],
      ['aa', 1, 2000],
    ])
  })
})
