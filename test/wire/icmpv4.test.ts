import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IcmpHeader, isIcmpError, readIcmp, writeIcmp } from '../../src/wire/icmpv4.ts'

const octet = fc.integer({ min: 0, max: 255 })
const uint16 = fc.integer({ min: 0, max: 0xffff })

test('ICMP: what was written is read, and lies where RFC 792 puts it', () => {
  fc.assert(
    fc.property(octet, octet, uint16, uint16, (type, code, high, low) => {
      const bytes = new Uint8Array(12).fill(0xff)
      writeIcmp(bytes, 2, type, code, high, low)
      expect([...bytes.subarray(2, 10)]).toEqual([type, code, 0, 0, high >> 8, high & 255, low >> 8, low & 255])
      const header = new IcmpHeader()
      expect(readIcmp(header, bytes, 2, 10)).toBe(true)
      expect(header).toEqual({ type, code, high, low })
      expect(readIcmp(header, bytes, 2, 9)).toBe(false)
    }),
  )
})

test('ICMP: errors are the types of RFC 1122 section 3.2.2, queries are not', () => {
  const errors = []
  for (let type = 0; type < 256; type++) if (isIcmpError(type)) errors.push(type)
  expect(errors).toEqual([3, 4, 5, 11, 12])
})
