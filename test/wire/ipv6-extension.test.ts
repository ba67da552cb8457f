import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ExtensionHeader,
  FragmentHeader,
  isExtensionHeader,
  RoutingHeader,
  readExtension,
  readFragment,
  readRouting,
  writeFragment,
} from '../../src/wire/ipv6-extension.ts'
import { hex, octets } from '../device/recorder.ts'

test('extension headers are hop-by-hop, routing, fragment, authentication and destination options (RFC 8200 section 4)', () => {
  const types = []
  for (let type = 0; type < 256; type++) if (isExtensionHeader(type)) types.push(type)
  expect(types).toEqual([0, 43, 44, 51, 60])
})

test.each([
  ['hop-by-hop', 0, '3a 00 05 02 00 00 01 00', 8],
  ['hop-by-hop, its length counted in units of 8 octets', 0, `3a 02 ${'00 '.repeat(22)}`, 24],
  ['routing', 43, `06 02 04 01 ${'00 '.repeat(20)}`, 24],
  ['fragment', 44, '11 00 00 01 12 34 56 78', 8],
  ['fragment, its reserved octet not looked at (section 4.5)', 44, '11 ff 00 01 12 34 56 78', 8],
  ['destination options', 60, '3b 00 01 04 00 00 00 00', 8],
  [
    'authentication, its length counted in units of 4 octets (RFC 4302 section 2.2)',
    51,
    `06 04 ${'00 '.repeat(22)}`,
    24,
  ],
])('%s: its extent and what follows', (_what, type, text, length) => {
  const bytes = octets(`ee ${text} ee`)
  const header = new ExtensionHeader()
  expect(readExtension(header, type, bytes, 1, bytes.length)).toBe(true)
  expect(header).toEqual({ type, nextHeader: bytes[1], start: 1, end: 1 + length })
  for (let end = 0; end <= length; end++) expect(readExtension(header, type, bytes, 1, end)).toBe(false)
})

test('other types are not read', () => {
  for (const type of [6, 50, 59, 135, 253]) {
    expect(readExtension(new ExtensionHeader(), type, new Uint8Array(64), 0, 64)).toBe(false)
  }
})

test('any octets: a walk from header to header ends inside its bounds', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.constantFrom<number>(0, 43, 44, 51, 60), (bytes, first) => {
      // Next headers that lead on.
      for (let i = 0; i < bytes.length; i += 4) bytes[i] = [0, 43, 44, 51, 60][(bytes[i] as number) % 5] as number
      const header = new ExtensionHeader()
      let type = first
      let at = 0
      while (readExtension(header, type, bytes, at, bytes.length)) {
        expect(header.end).toBeGreaterThanOrEqual(at + 8)
        at = header.end
        type = header.nextHeader
      }
      expect(at).toBeLessThanOrEqual(bytes.length)
    }),
  )
})

test('fragment: its octets, and what was written is read (RFC 8200 section 4.5)', () => {
  const bytes = new Uint8Array(8).fill(0xff)
  writeFragment(bytes, 0, 17, 1448, true, 0x12345678)
  expect(hex(bytes)).toBe('11 00 05 a9 12 34 56 78')
  const header = new FragmentHeader()
  expect(readFragment(header, bytes, 0, 8)).toBe(true)
  expect(header).toEqual({ nextHeader: 17, offset: 1448, more: true, identification: 0x12345678 })
  writeFragment(bytes, 0, 6, 65528, false, -1)
  // The two reserved bits say nothing.
  bytes[3] = (bytes[3] as number) | 6
  expect(readFragment(header, bytes, 0, 8)).toBe(true)
  expect(header).toEqual({ nextHeader: 6, offset: 65528, more: false, identification: -1 })
  for (let end = 0; end < 8; end++) expect(readFragment(header, bytes, 0, end)).toBe(false)
})

test('routing: its type and the segments left (RFC 8200 section 4.4)', () => {
  const bytes = octets('06 02 04 01 00 00 00 00')
  const header = new RoutingHeader()
  expect(readRouting(header, bytes, 0, 8)).toBe(true)
  expect(header).toEqual({ routingType: 4, segmentsLeft: 1 })
  for (let end = 0; end < 8; end++) expect(readRouting(header, bytes, 0, end)).toBe(false)
})
