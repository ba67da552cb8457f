import { describe, expect, test } from 'vitest'
import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  CHECKSUM_VERIFIED,
  Offload,
  SEGMENT_NONE,
  SEGMENT_TCP4,
  SEGMENT_TCP6,
  SEGMENT_UDP,
} from '../../src/device/device.ts'
import { readVnetHeader, VNET_HEADER_LENGTH, writeVnetHeader } from '../../src/os/vnet-header.ts'

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.trim().split(/\s+/), (octet) => Number.parseInt(octet, 16))
}

function headerOf(offload: Offload, frame: Uint8Array = new Uint8Array(80)): string {
  const bytes = new Uint8Array(VNET_HEADER_LENGTH + frame.length).fill(0xee)
  bytes.set(frame, VNET_HEADER_LENGTH)
  writeVnetHeader(bytes, VNET_HEADER_LENGTH, offload)
  return Array.from(bytes.subarray(0, VNET_HEADER_LENGTH), (octet) => octet.toString(16).padStart(2, '0')).join(' ')
}

function readOf(header: string, frame: Uint8Array): Offload | null {
  const bytes = new Uint8Array(VNET_HEADER_LENGTH + frame.length)
  bytes.set(bytesOf(header))
  bytes.set(frame, VNET_HEADER_LENGTH)
  const offload = new Offload()
  offload.checksumStart = 99
  offload.segment = SEGMENT_TCP6
  return readVnetHeader(bytes, VNET_HEADER_LENGTH, bytes.length, offload) ? offload : null
}

// An Ethernet frame of 34 octets of lower headers, then a TCP header of 32 octets.
const tcpFrame = (() => {
  const frame = new Uint8Array(3000)
  frame[34 + 12] = 0x80
  return frame
})()

describe('vnet header, written (virtio 1.1 section 5.1.6)', () => {
  test('a finished frame: all zero', () => {
    expect(headerOf(new Offload())).toBe('00 00 00 00 00 00 00 00 00 00')
  })

  test('a frame that was verified: DATA_VALID', () => {
    const offload = new Offload()
    offload.checksum = CHECKSUM_VERIFIED
    expect(headerOf(offload)).toBe('02 00 00 00 00 00 00 00 00 00')
  })

  test('a partial checksum: NEEDS_CSUM, start and offset, little endian', () => {
    const offload = new Offload()
    offload.checksum = CHECKSUM_PARTIAL
    offload.checksumStart = 0x122
    offload.checksumOffset = 16
    expect(headerOf(offload, tcpFrame)).toBe('01 00 00 00 00 00 22 01 10 00')
  })

  for (const [name, segment, type] of [
    ['IPv4 TCP', SEGMENT_TCP4, '01'],
    ['IPv6 TCP', SEGMENT_TCP6, '04'],
    ['UDP', SEGMENT_UDP, '05'],
  ] as const) {
    test(`a large ${name} segment: kind, length of headers and segment size`, () => {
      const offload = new Offload()
      offload.checksum = CHECKSUM_PARTIAL
      offload.checksumStart = 34
      offload.checksumOffset = 16
      offload.segment = segment
      offload.segmentSize = 1448
      offload.headerLength = 66
      expect(headerOf(offload, tcpFrame)).toBe(`01 ${type} 42 00 a8 05 22 00 10 00`)
    })
  }

  test('a large TCP segment with CWR: only its first packet may bear it (RFC 3168 6.1.2), so the ECN bit is set', () => {
    const offload = new Offload()
    offload.checksum = CHECKSUM_PARTIAL
    offload.checksumStart = 34
    offload.checksumOffset = 16
    offload.segment = SEGMENT_TCP4
    offload.segmentSize = 1448
    offload.headerLength = 66
    const frame = tcpFrame.slice()
    frame[34 + 13] = 0x90
    expect(headerOf(offload, frame)).toBe('01 81 42 00 a8 05 22 00 10 00')
  })
})

describe('vnet header, read', () => {
  test('all zero: nothing is known of the checksum', () => {
    const offload = readOf('00 00 00 00 00 00 00 00 00 00', tcpFrame)
    expect(offload).toMatchObject({ checksum: CHECKSUM_NONE, segment: SEGMENT_NONE, segmentSize: 0 })
  })

  test('DATA_VALID: verified below', () => {
    expect(readOf('02 00 00 00 00 00 00 00 00 00', tcpFrame)).toMatchObject({ checksum: CHECKSUM_VERIFIED })
  })

  test('NEEDS_CSUM: partial, with its place', () => {
    expect(readOf('01 00 00 00 00 00 22 00 10 00', tcpFrame)).toMatchObject({
      checksum: CHECKSUM_PARTIAL,
      checksumStart: 34,
      checksumOffset: 16,
      segment: SEGMENT_NONE,
    })
  })

  test('a large segment: the length of headers comes from the TCP header, not from the hint', () => {
    expect(readOf('01 81 00 04 a8 05 22 00 10 00', tcpFrame)).toMatchObject({
      checksum: CHECKSUM_PARTIAL,
      segment: SEGMENT_TCP4,
      segmentSize: 1448,
      headerLength: 66,
    })
  })

  test('a large datagram', () => {
    expect(readOf('01 05 2a 00 c0 05 22 00 06 00', tcpFrame)).toMatchObject({
      segment: SEGMENT_UDP,
      segmentSize: 1472,
      headerLength: 42,
    })
  })

  for (const [what, header] of [
    ['a checksum that would lie past the end', '01 00 00 00 00 00 b0 0b 10 00'],
    ['a large segment without its checksum left to do', '00 01 42 00 a8 05 00 00 00 00'],
    ['a large segment whose TCP header is not all there', '01 01 42 00 a8 05 a8 0b 02 00'],
    ['a large segment of size zero', '01 01 42 00 00 00 22 00 10 00'],
    ['a kind of large segment that was not asked for', '01 03 2a 00 c0 05 22 00 06 00'],
  ] as const) {
    test(`${what} is refused`, () => {
      expect(readOf(header, tcpFrame)).toBeNull()
    })
  }
})
