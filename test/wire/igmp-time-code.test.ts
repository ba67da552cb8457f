import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeTimeCode8,
  decodeTimeCode16,
  encodeTimeCode8,
  encodeTimeCode16,
  TIME_CODE_8_MAX,
  TIME_CODE_16_MAX,
} from '../../src/wire/igmp-time-code.ts'

test.each([
  [0, 0],
  [127, 127],
  [0x80, 128],
  [0x81, 136],
  [0x8f, 248],
  [0x90, 256],
  [0xff, 31744],
])('a code of 8 bits: %i is %i (RFC 3376 section 4.1.1)', (code, time) => {
  expect(decodeTimeCode8(code)).toBe(time)
})

test.each([
  [0, 0],
  [32767, 32767],
  [0x8000, 32768],
  [0x8001, 32776],
  [0x9000, 65536],
  [0xffff, 8387584],
])('a code of 16 bits: %i is %i (RFC 3810 section 5.1.3)', (code, time) => {
  expect(decodeTimeCode16(code)).toBe(time)
})

test('the code of what a code says is that code', () => {
  for (let code = 0; code < 0x100; code++) expect(encodeTimeCode8(decodeTimeCode8(code))).toBe(code)
  let wrong = 0
  for (let code = 0; code < 0x10000; code++) if (encodeTimeCode16(decodeTimeCode16(code)) !== code) wrong++
  expect(wrong).toBe(0)
})

test('any other time gets the code of the longest one below it', () => {
  fc.assert(
    fc.property(fc.nat(TIME_CODE_8_MAX + 100), (time) => {
      const code = encodeTimeCode8(time)
      expect(decodeTimeCode8(code)).toBeLessThanOrEqual(time)
      if (code < 0xff) expect(decodeTimeCode8(code + 1)).toBeGreaterThan(time)
    }),
  )
  fc.assert(
    fc.property(fc.nat(TIME_CODE_16_MAX + 10000), (time) => {
      const code = encodeTimeCode16(time)
      expect(decodeTimeCode16(code)).toBeLessThanOrEqual(time)
      if (code < 0xffff) expect(decodeTimeCode16(code + 1)).toBeGreaterThan(time)
    }),
  )
})
