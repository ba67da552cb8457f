import { describe, expect, test } from 'vitest'
import {
  commonPrefixLength,
  labelOf,
  precedenceOf,
  SCOPE_GLOBAL,
  SCOPE_INTERFACE,
  SCOPE_LINK,
  SCOPE_SITE,
  scopeOf,
} from '../../src/base/address-policy.ts'
import { IpAddress } from '../../src/base/ip-address.ts'

const ip = (text: string) => IpAddress.parse(text) as IpAddress

describe('the policy table', () => {
  test.each([
    ['::1', 50, 0],
    ['2001:db8::1', 40, 1],
    ['fe80::1', 40, 1],
    ['192.0.2.1', 35, 4],
    ['2002:c000:201::1', 30, 2],
    ['2001:0:1::1', 5, 5],
    ['fd00::1', 3, 13],
    ['fc00::1', 3, 13],
    ['::192.0.2.1', 1, 3],
    ['::2', 1, 3],
    ['fec0::1', 1, 11],
    ['3ffe::1', 1, 12],
  ])('gives %s precedence %i and label %i (RFC 6724 2.1)', (text, precedence, label) => {
    expect([precedenceOf(ip(text)), labelOf(ip(text))]).toEqual([precedence, label])
  })
})

describe('the scope', () => {
  test.each([
    ['2001:db8::1', SCOPE_GLOBAL],
    ['fd00::1', SCOPE_GLOBAL],
    ['fe80::1', SCOPE_LINK],
    ['febf::1', SCOPE_LINK],
    ['fec0::1', SCOPE_SITE],
    ['::1', SCOPE_LINK],
    ['ff01::1', SCOPE_INTERFACE],
    ['ff02::1', SCOPE_LINK],
    ['ff05::1', SCOPE_SITE],
    ['ff0e::1', SCOPE_GLOBAL],
    ['127.0.0.1', SCOPE_LINK],
    ['169.254.1.1', SCOPE_LINK],
    ['10.0.0.1', SCOPE_GLOBAL],
    ['192.0.2.1', SCOPE_GLOBAL],
    ['224.0.0.1', SCOPE_LINK],
    ['239.1.1.1', SCOPE_GLOBAL],
  ])('of %s is %i (RFC 6724 3.1, 3.2)', (text, scope) => {
    expect(scopeOf(ip(text))).toBe(scope)
  })
})

describe('the common prefix', () => {
  test.each([
    ['2001:db8::1', '2001:db8::2', 64],
    ['2001:db8::1', '2001:db8:0:1::1', 63],
    ['2001:db8::1', '3001:db8::1', 3],
    ['8000::', '::', 0],
    ['192.0.2.1', '192.0.2.2', 30],
    ['192.0.2.1', '64.0.2.1', 0],
    ['192.0.2.1', '2001:db8::1', 0],
  ])('of %s and %s has %i bits (RFC 6724 2.2)', (one, other, length) => {
    expect(commonPrefixLength(ip(one), ip(other))).toBe(length)
  })
})
