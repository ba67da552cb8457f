import { describe, expect, test } from 'vitest'
import { parseRange } from '../../src/cli/serve/byte-range.ts'

describe('Range of a file of 1000 octets (RFC 9110 14.1.2)', () => {
  test.each([
    ['bytes=0-499', { start: 0, end: 500 }],
    ['bytes=500-', { start: 500, end: 1000 }],
    ['bytes=-200', { start: 800, end: 1000 }],
    ['bytes=-2000', { start: 0, end: 1000 }],
    ['bytes=999-2000', { start: 999, end: 1000 }],
    ['BYTES = 1 - 1', { start: 1, end: 2 }],
    ['bytes=1000-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-4', null],
    ['bytes=-', null],
    ['bytes=0-1,5-6', null],
    ['lines=0-1', null],
    ['bytes=a-b', null],
  ])('%s', (header, expected) => {
    expect(parseRange(header, 1000)).toEqual(expected)
  })

  test('an empty file has no part', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable')
    expect(parseRange('bytes=-5', 0)).toBe('unsatisfiable')
  })
})
