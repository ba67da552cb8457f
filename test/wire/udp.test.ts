import fc from 'fast-check'
import { expect, test } from 'vitest'
import { internetSum, pseudoHeaderSum } from '../../src/base/checksum.ts'
import { completePartialChecksum } from '../../src/wire/partial-checksum.ts'
import { readUdp, UdpHeader, writeUdp } from '../../src/wire/udp.ts'

const uint16 = fc.integer({ min: 0, max: 0xffff })

test('UDP: what was written is read, and lies where RFC 768 puts it', () => {
  fc.assert(
    fc.property(uint16, uint16, fc.integer({ min: 8, max: 30 }), uint16, (from, to, length, checksum) => {
      const bytes = new Uint8Array(32)
      writeUdp(bytes, 2, from, to, length, checksum)
      expect([...bytes.subarray(2, 10)]).toEqual(
        [from, to, length, checksum].flatMap((field) => [field >> 8, field & 255]),
      )
      const header = new UdpHeader()
      expect(readUdp(header, bytes, 2, 32)).toBe(true)
      expect(header).toEqual({ sourcePort: from, destinationPort: to, length, checksum })
    }),
  )
})

test.each([
  ['below the header', 7],
  ['beyond the bytes', 13],
])('UDP: a length %s is not read', (_what, length) => {
  const bytes = new Uint8Array(12)
  writeUdp(bytes, 0, 1, 2, length, 0)
  expect(readUdp(new UdpHeader(), bytes, 0, 12)).toBe(false)
})

test('UDP: a partial checksum that is completed is right, and never the zero that means none (RFC 768)', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer(), fc.integer(), (data, source, destination) => {
      const bytes = new Uint8Array(8 + data.length)
      const sum = pseudoHeaderSum(source, destination, 17, bytes.length)
      writeUdp(bytes, 0, 1, 2, bytes.length, sum)
      bytes.set(data, 8)
      completePartialChecksum(bytes, 0, 6, bytes.length)
      expect(internetSum(bytes, 0, bytes.length, sum)).toBe(0xffff)
      expect(((bytes[6] as number) << 8) | (bytes[7] as number)).not.toBe(0)
    }),
  )
  // Octets whose sum is all ones already.
  const bytes = new Uint8Array(8)
  writeUdp(bytes, 0, 0xffff, 0, 0, 0)
  completePartialChecksum(bytes, 0, 6, 8)
  expect([bytes[6], bytes[7]]).toEqual([0xff, 0xff])
})
