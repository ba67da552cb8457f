import { expect, test } from 'vitest'
import { linkOf, neighbourOf } from '../../src/cli/link-address.ts'

test.each([
  ['10.9.0.2/24', '10.9.0.1'],
  ['10.9.0.1/24', '10.9.0.2'],
  ['10.9.0.130/25', '10.9.0.129'],
  ['10.9.0.129/25', '10.9.0.130'],
  ['10.9.7.7/16', '10.9.7.6'],
  ['10.9.0.2/0', '10.9.0.1'],
  ['10.9.0.4/31', '10.9.0.5'],
  ['10.9.0.5/31', '10.9.0.4'],
  ['10.9.0.5/32', undefined],
  ['2001:db8::2/64', '2001:db8::1'],
  ['2001:db8::1/64', '2001:db8::2'],
  ['2001:db8::1/127', '2001:db8::'],
  ['2001:db8::5/128', undefined],
])('the neighbour of %s is on its link, and another host', (text, expected) => {
  expect(neighbourOf(linkOf(text))?.toString()).toBe(expected)
})
