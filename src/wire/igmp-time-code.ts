// Read first: RFC 3376 sections 4.1.1 and 4.1.7, RFC 3810 sections 5.1.3 and 5.1.9.
//
// Times that a querier sends as small floating point numbers: below half of the range the code is the time, above it the code is
// 1 · exponent (3) · mantissa (4, or 12 of 16 bits), and the time is the mantissa with a 1 before it, shifted by exponent + 3.

/** The longest time that a code of 8 bits says. */
export const TIME_CODE_8_MAX = 0x1f << 10
/** The longest time that a code of 16 bits says. */
export const TIME_CODE_16_MAX = 0x1fff << 10

/** The time that 8 bits say, in the units of the field: 0 to 31744. */
export function decodeTimeCode8(code: number): number {
  return code < 0x80 ? code : (0x10 | (code & 0xf)) << (((code >>> 4) & 7) + 3)
}

/** The time that 16 bits say: 0 to 8387584. */
export function decodeTimeCode16(code: number): number {
  return code < 0x8000 ? code : (0x1000 | (code & 0xfff)) << (((code >>> 12) & 7) + 3)
}

/** The code of 8 bits for `time`, an integer from 0: of the longest time not above it that a code says. */
export function encodeTimeCode8(time: number): number {
  if (time < 0x80) return time
  if (time >= TIME_CODE_8_MAX) return 0xff
  const exponent = 27 - Math.clz32(time >>> 3)
  return 0x80 | (exponent << 4) | ((time >>> (exponent + 3)) & 0xf)
}

/** The code of 16 bits for `time`, as encodeTimeCode8. */
export function encodeTimeCode16(time: number): number {
  if (time < 0x8000) return time
  if (time >= TIME_CODE_16_MAX) return 0xffff
  const exponent = 19 - Math.clz32(time >>> 3)
  return 0x8000 | (exponent << 12) | ((time >>> (exponent + 3)) & 0xfff)
}
