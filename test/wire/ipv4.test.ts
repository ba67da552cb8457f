import fc from 'fast-check'
import { expect, test } from 'vitest'
import { internetChecksum } from '../../src/base/checksum.ts'
import { Ipv4Header, ipv4ChecksumRight, readIpv4, writeIpv4 } from '../../src/wire/ipv4.ts'
import { Ipv4Options, readIpv4Options } from '../../src/wire/ipv4-options.ts'

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const uint16 = fc.integer({ min: 0, max: 0xffff })
const octet = fc.integer({ min: 0, max: 255 })

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (pair) => Number.parseInt(pair, 16))
}

test('IPv4: the fields lie where RFC 791 section 3.1 puts them', () => {
  const bytes = new Uint8Array(20)
  writeIpv4(bytes, 0, 20, 0xb9, 0x1234, 0xabcd, true, true, 0x48, 63, 17, 0xc0000201 | 0, 0xc6336401 | 0)
  expect(Array.from(bytes.subarray(0, 10))).toEqual([...hex('45 b9 12 34'), ...hex('ab cd 60 09'), ...hex('3f 11')])
  expect(Array.from(bytes.subarray(12))).toEqual([...hex('c0 00 02 01'), ...hex('c6 33 64 01')])
})

test('IPv4: what was written is read, and its checksum is right', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 5, max: 15 }),
      octet,
      uint16,
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 0, max: 0x1fff }),
      octet,
      octet,
      int32,
      int32,
      fc.uint8Array({ minLength: 40, maxLength: 40 }),
      (words, tos, identification, dontFragment, moreFragments, offset, ttl, protocol, source, destination, rest) => {
        const bytes = new Uint8Array(80)
        bytes.set(rest, 23)
        writeIpv4(
          bytes,
          3,
          words * 4,
          tos,
          70,
          identification,
          dontFragment,
          moreFragments,
          offset * 8,
          ttl,
          protocol,
          source,
          destination,
        )
        const header = new Ipv4Header()
        expect(readIpv4(header, bytes, 3, 80)).toBe(true)
        expect(header).toEqual({
          headerLength: words * 4,
          tos,
          totalLength: 70,
          identification,
          dontFragment,
          moreFragments,
          fragmentOffset: offset * 8,
          ttl,
          protocol,
          source,
          destination,
        })
        expect(ipv4ChecksumRight(bytes, 3, words * 4)).toBe(true)
        expect(internetChecksum(bytes, 3, 3 + words * 4)).toBe(0)
        bytes[3 + 8] = (bytes[3 + 8] as number) ^ 1
        expect(ipv4ChecksumRight(bytes, 3, words * 4)).toBe(false)
      },
    ),
  )
})

test.each([
  ['another version', 0, 0x65],
  ['a header length below 5 words', 0, 0x44],
  ['a header longer than the packet', 0, 0x4f],
  ['a total length beyond the bytes', 3, 41],
  ['a total length below the header', 3, 19],
])('IPv4: %s is not read (RFC 1122 section 3.2.1)', (_what, at, value) => {
  const bytes = new Uint8Array(40)
  writeIpv4(bytes, 0, 20, 0, 40, 1, false, false, 0, 64, 17, 1, 2)
  expect(readIpv4(new Ipv4Header(), bytes, 0, 40)).toBe(true)
  bytes[at] = value
  expect(readIpv4(new Ipv4Header(), bytes, 0, 40)).toBe(false)
})

test('IPv4: a packet that is cut short is not read, at any length', () => {
  const bytes = new Uint8Array(40)
  writeIpv4(bytes, 0, 20, 0, 40, 1, false, false, 0, 64, 17, 1, 2)
  for (let end = 0; end < 40; end++) expect(readIpv4(new Ipv4Header(), bytes, 0, end)).toBe(false)
})

test.each([
  ['nothing', '', -1],
  ['end of list, then anything', '00 ff ff ff', -1],
  ['no operations', '01 01 01 00', -1],
  ['an unknown option', '5e 04 01 02', -1],
  ['a record route', '07 07 04 00 00 00 00 00', -1],
  ['a router alert', '94 04 00 00', -1],
  ['length 0', '07 00 00 00', 1],
  ['length 1', '5e 01 00 00', 1],
  ['a length beyond the header', '01 5e 08 00', 2],
  ['a kind without a length', '01 01 01 5e', 3],
  ['a record route without a pointer', '01 07 02 00', 2],
  ['a record route that points before its data', '07 07 03 00 00 00 00 00', 2],
  ['a timestamp without flags', '44 03 05 00', 1],
  ['a timestamp that points before its data', '44 08 04 00 00 00 00 00', 2],
  ['a source route without a pointer', '83 02 00 00', 1],
  ['two source routes', '83 07 04 00 00 00 00 89 07 04 00 00 00 00 00 00', 7],
])('IPv4 options: %s', (_what, text, errorAt) => {
  const bytes = hex(text)
  const options = new Ipv4Options()
  expect(readIpv4Options(options, bytes, 0, bytes.length)).toBe(errorAt === -1)
  expect(options.errorAt).toBe(errorAt)
})

test('IPv4 options: a source route is told, and whether it is used up', () => {
  const options = new Ipv4Options()
  expect(readIpv4Options(options, hex('83 07 04 0a 00 00 01 00'), 0, 8)).toBe(true)
  expect([options.sourceRoute, options.sourceRouteComplete]).toEqual([true, false])
  expect(readIpv4Options(options, hex('89 07 08 0a 00 00 01 00'), 0, 8)).toBe(true)
  expect([options.sourceRoute, options.sourceRouteComplete]).toEqual([true, true])
})

test('IPv4 options: any octets end the walk, inside their bounds', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const padded = new Uint8Array(bytes.length + 4).fill(0x83)
      padded.set(bytes)
      const options = new Ipv4Options()
      readIpv4Options(options, padded, 0, bytes.length)
      expect(options.errorAt).toBeLessThan(bytes.length)
    }),
  )
})
