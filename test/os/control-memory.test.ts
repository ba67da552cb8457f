// Read first: cmsg(3).

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { controlLength, decodeControl, encodeControl } from '../../src/socket/control-buffer.ts'

const messages = fc.array(
  fc.record({
    level: fc.integer(),
    type: fc.integer(),
    data: fc.uint8Array({ maxLength: 40 }),
  }),
  { maxLength: 5 },
)

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

test('struct cmsghdr: the length with the header, level, type, data, and padding to whole words', () => {
  const two = [
    { level: 1, type: 2, data: Uint8Array.of(0xaa, 0xbb, 0xcc) },
    { level: -1, type: 0x01020304, data: new Uint8Array(0) },
  ]
  const bytes = new Uint8Array(64).fill(0xee)
  expect(controlLength(two)).toBe(24 + 16)
  encodeControl(two, bytes)
  expect(hex(bytes)).toBe(
    [
      // cmsg_len, cmsg_level, cmsg_type, data and padding
      '1300000000000000 01000000 02000000 aabbcc0000000000',
      '1000000000000000 ffffffff 04030201',
      'ee'.repeat(24),
    ]
      .join('')
      .replaceAll(' ', ''),
  )
})

test('what is encoded is decoded, in its order, from a view of memory too', () => {
  fc.assert(
    fc.property(messages, fc.nat(9), (control, offset) => {
      const length = controlLength(control)
      const bytes = new Uint8Array(new ArrayBuffer(offset + length + 7), offset)
      encodeControl(control, bytes)
      expect(decodeControl(bytes, length)).toEqual(control)
    }),
  )
})

test('what is cut off is left out, and all behind it; what there is keeps its own copy', () => {
  fc.assert(
    fc.property(messages, fc.nat(200), (control, cut) => {
      const length = controlLength(control)
      const bytes = new Uint8Array(new ArrayBuffer(length))
      encodeControl(control, bytes)
      const seen = decodeControl(bytes, Math.min(cut, length))
      bytes.fill(0xee)
      expect(seen).toEqual(control.slice(0, seen.length))
      const whole = control.filter(
        (_, i) => controlLength(control.slice(0, i)) + 16 + (control[i]?.data.length ?? 0) <= cut,
      )
      expect(seen.length).toBe(whole.length)
    }),
  )
})

test('garbage ends: lengths that are too small, too large or beyond any number', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(300), (octets, length) => {
      const bytes = new Uint8Array(new ArrayBuffer(octets.length))
      bytes.set(octets)
      let held = 0
      for (const { data } of decodeControl(bytes, length)) held += 16 + data.length
      expect(held).toBeLessThanOrEqual(Math.min(octets.length, length))
    }),
  )
  for (const first of [0, 1, 15, 255]) {
    const bytes = new Uint8Array(new ArrayBuffer(64)).fill(255)
    bytes.fill(0, 1, 8)
    bytes[0] = first
    expect(decodeControl(bytes, 64)).toEqual([])
  }
  expect(decodeControl(new Uint8Array(new ArrayBuffer(64)).fill(255), 64)).toEqual([])
})
