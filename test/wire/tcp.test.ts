import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ACK, AE, FIN, PSH, readTcp, SYN, TcpSegment, writeTcp } from '../../src/wire/tcp.ts'
import { writeTimestamps, writeWindowScale } from '../../src/wire/tcp-options.ts'
import { hex, octets } from '../device/recorder.ts'

// From a capture of Linux: a SYN and data.
const SYN_OCTETS = octets(`
  a3 02 1f 40
  32 8e 65 2a
  00 00 00 00
  a0 02 fa f0
  b5 bd 00 00
  02 04 05 b4  04 02  08 0a 9b d1 8d 6d 00 00 00 00  01  03 03 0a`)
const DATA_OCTETS = octets(`
  a3 02 1f 40
  32 8e 65 2b
  f2 31 b6 2e
  80 18 00 3f
  86 c4 00 00
  01 01 08 0a 9b d1 8d 6e 1d fa 4e 24
  68 65 6c 6c 6f 0a`)

describe('readTcp', () => {
  it('reads every field of a SYN and its options', () => {
    const segment = new TcpSegment()
    expect(readTcp(segment, SYN_OCTETS, 0, SYN_OCTETS.length)).toBe(true)
    expect(segment).toMatchObject({
      sourcePort: 41730,
      destinationPort: 8000,
      seq: 848192810,
      ack: 0,
      flags: SYN,
      window: 64240,
      urgentPointer: 0,
      headerLength: 40,
      payloadStart: 40,
      payloadEnd: 40,
      payloadLength: 0,
      length: 1,
    })
    expect(segment.options).toMatchObject({ mss: 1460, windowScale: 10, sackPermitted: true, hasTimestamps: true })
  })

  it('says where the data lies, also in the middle of a frame, and reads sequence numbers as int32', () => {
    const frame = new Uint8Array(100)
    frame.set(DATA_OCTETS, 33)
    const segment = new TcpSegment()
    expect(readTcp(segment, frame, 33, 33 + DATA_OCTETS.length)).toBe(true)
    expect(segment.ack).toBe(0xf231b62e | 0)
    expect(segment.flags).toBe(PSH | ACK)
    expect(hex(frame, segment.payloadStart, segment.payloadEnd)).toBe('68 65 6c 6c 6f 0a')
    expect(segment.bytes).toBe(frame)
    expect(segment.length).toBe(6)
  })

  it('SEG.LEN counts SYN and FIN (RFC 9293 3.4)', () => {
    const segment = new TcpSegment()
    const bytes = new Uint8Array(23)
    for (const [flags, length] of [
      [0, 3],
      [SYN, 4],
      [FIN, 4],
      [SYN | FIN, 5],
    ] as const) {
      writeTcp(bytes, 0, 1, 2, 3, 4, 20, flags, 5, 6)
      readTcp(segment, bytes, 0, 23)
      expect(segment.length).toBe(length)
    }
  })

  it('refuses a header that is cut off, shorter than 20 octets or longer than the segment (RFC 9293 3.1)', () => {
    const segment = new TcpSegment()
    for (let length = 0; length < 40; length++) expect(readTcp(segment, SYN_OCTETS, 0, length)).toBe(false)
    for (let words = 0; words < 16; words++) {
      const bytes = SYN_OCTETS.slice()
      bytes[12] = words << 4
      expect(readTcp(segment, bytes, 0, 40)).toBe(words >= 5 && words <= 10)
    }
  })

  it('forgets the options of the segment read before', () => {
    const segment = new TcpSegment()
    readTcp(segment, SYN_OCTETS, 0, 40)
    const bare = SYN_OCTETS.slice(0, 20)
    bare[12] = 0x50
    readTcp(segment, bare, 0, 20)
    expect(segment.options).toMatchObject({ mss: 0, windowScale: -1, sackPermitted: false, hasTimestamps: false })
  })
})

describe('writeTcp', () => {
  it('writes the octets of a header, checksum zero', () => {
    const bytes = new Uint8Array(42).fill(0xee)
    writeTcp(bytes, 1, 41730, 8000, 848192811, 0xf231b62e | 0, 32, PSH | ACK, 63, 0)
    expect(hex(bytes, 1, 21)).toBe('a3 02 1f 40 32 8e 65 2b f2 31 b6 2e 80 18 00 3f 00 00 00 00')
    expect([bytes[0], bytes[21]]).toEqual([0xee, 0xee])
  })

  it('puts the ninth flag, Accurate ECN, beside the data offset (RFC 9768)', () => {
    const bytes = new Uint8Array(20)
    writeTcp(bytes, 0, 1, 2, 3, 4, 20, AE | ACK, 5, 6)
    expect(hex(bytes, 12, 14)).toBe('51 10')
  })

  it('is the inverse of readTcp for all fields', () => {
    const port = fc.integer({ min: 0, max: 65535 })
    fc.assert(
      fc.property(
        fc.record({ sourcePort: port, destinationPort: port, window: port, urgentPointer: port }),
        fc.integer(),
        fc.integer(),
        fc.integer({ min: 0, max: 511 }),
        fc.integer({ min: 5, max: 15 }),
        fc.nat(50),
        (fields, seq, ack, flags, words, data) => {
          const bytes = new Uint8Array(7 + words * 4 + data)
          const { sourcePort, destinationPort, window, urgentPointer } = fields
          writeTcp(bytes, 7, sourcePort, destinationPort, seq, ack, words * 4, flags, window, urgentPointer)
          const segment = new TcpSegment()
          expect(readTcp(segment, bytes, 7, bytes.length)).toBe(true)
          expect(segment).toMatchObject({ ...fields, seq, ack, flags, headerLength: words * 4, payloadLength: data })
        },
      ),
      { numRuns: 500, seed: 1 },
    )
  })

  it('and the option writers rebuild a captured SYN', () => {
    const bytes = new Uint8Array(40)
    writeTcp(bytes, 0, 41730, 8000, 848192810, 0, 40, SYN, 64240, 0)
    bytes.set(octets('02 04 05 b4 04 02'), 20)
    const at = writeTimestamps(bytes, 26, 0x9bd18d6d | 0, 0)
    bytes[at] = 1
    expect(writeWindowScale(bytes, at + 1, 10)).toBe(40)
    expect(hex(bytes, 0, 16)).toBe(hex(SYN_OCTETS, 0, 16))
    expect(hex(bytes, 18)).toBe(hex(SYN_OCTETS, 18))
  })
})
