import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Icmpv6Header, isIcmpv6Error, readIcmpv6, writeIcmpv6 } from '../../src/wire/icmpv6.ts'

const octet = fc.integer({ min: 0, max: 255 })
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })

test('ICMPv6: what was written is read, and lies where RFC 4443 section 2.1 puts it', () => {
  fc.assert(
    fc.property(octet, octet, int32, (type, code, word) => {
      const bytes = new Uint8Array(12).fill(0xff)
      writeIcmpv6(bytes, 2, type, code, word)
      const octets = [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]
      expect([...bytes]).toEqual([255, 255, type, code, 0, 0, ...octets, 255, 255])
      bytes[4] = 0xab
      bytes[5] = 0xcd
      const header = new Icmpv6Header()
      expect(readIcmpv6(header, bytes, 2, 10)).toBe(true)
      expect(header).toEqual({ type, code, checksum: 0xabcd, high: word >>> 16, low: word & 0xffff, word })
    }),
  )
})

test('ICMPv6: a header that is cut short is not read, at any length', () => {
  for (let end = 0; end < 8; end++) expect(readIcmpv6(new Icmpv6Header(), new Uint8Array(8), 0, end)).toBe(false)
})

test('ICMPv6: types below 128 are errors (RFC 4443 section 2.1)', () => {
  expect([0, 1, 4, 127, 128, 135, 255].map(isIcmpv6Error)).toEqual([true, true, true, true, false, false, false])
})
