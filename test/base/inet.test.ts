import { describe, expect, test } from 'vitest'
import { AF_INET, AF_INET6, AF_UNIX } from '../../src/base/constants.ts'
import {
  htonl,
  htons,
  INET_ADDRSTRLEN,
  INET6_ADDRSTRLEN,
  inet_aton,
  inet_ntop,
  inet_pton,
  ntohl,
  ntohs,
} from '../../src/base/inet.ts'

const hex = (bytes: Uint8Array | null) =>
  bytes === null ? null : Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join(' ')

describe('inet_pton', () => {
  test.each([
    [AF_INET, '192.0.2.1', 'c0 00 02 01'],
    [AF_INET, '255.255.255.255', 'ff ff ff ff'],
    [AF_INET6, '2001:db8::1', '20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01'],
    [AF_INET6, '::', '00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00'],
    [AF_INET6, '::ffff:192.0.2.1', '00 00 00 00 00 00 00 00 00 00 ff ff c0 00 02 01'],
  ])('%i %s is %s, in network order', (family, text, octets) => {
    expect(hex(inet_pton(family, text))).toBe(octets)
  })

  test.each([
    [AF_INET, '127.1'],
    [AF_INET, '192.0.2.256'],
    [AF_INET, '192.0.2.01'],
    [AF_INET, ' 192.0.2.1'],
    [AF_INET, '::1'],
    [AF_INET6, '192.0.2.1'],
    [AF_INET6, 'fe80::1%eth0'],
    [AF_INET6, '1::2::3'],
    [AF_INET6, '12345::'],
    [AF_INET6, ''],
  ])('%i %j is null', (family, text) => {
    expect(inet_pton(family, text)).toBe(null)
  })

  test('names a family that it does not know, and what is no text', () => {
    expect(() => inet_pton(AF_UNIX, 'x')).toThrow(RangeError)
    expect(() => inet_pton(AF_INET, 5 as never)).toThrow(TypeError)
  })
})

describe('inet_ntop', () => {
  test.each([
    [AF_INET, '192.0.2.1'],
    [AF_INET6, '2001:db8::1'],
    [AF_INET6, '::'],
    [AF_INET6, '::1'],
    [AF_INET6, '::ffff:192.0.2.1'],
    [AF_INET6, '2001:db8:0:1:1:1:1:1'],
    [AF_INET6, 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ])('%i %s is what inet_pton read (RFC 5952)', (family, text) => {
    expect(inet_ntop(family, inet_pton(family, text) as Uint8Array)).toBe(text)
    expect(text.length).toBeLessThan(family === AF_INET ? INET_ADDRSTRLEN : INET6_ADDRSTRLEN)
  })

  test('names too few octets', () => {
    expect(() => inet_ntop(AF_INET6, new Uint8Array(15))).toThrow(RangeError)
    expect(() => inet_ntop(AF_INET, 'x' as never)).toThrow(TypeError)
  })
})

describe('inet_aton', () => {
  test.each([
    ['127.1', '127.0.0.1'],
    ['192.0.513', '192.0.2.1'],
    ['3221225985', '192.0.2.1'],
    ['0xC0000201', '192.0.2.1'],
    ['0300.0.02.1', '192.0.2.1'],
    ['0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['0xffffffff', '255.255.255.255'],
  ])('%s is %s', (text, address) => {
    expect(String(inet_aton(text))).toBe(address)
  })

  test.each(['', '1.2.3.4.5', '256.1', '1.16777216', '4294967296', '0x', '08.1.1.1', '1..2', '1.2.3.4 ', 'a', '1e3'])(
    '%j is null',
    (text) => {
      expect(inet_aton(text)).toBe(null)
    },
  )
})

describe('byte order', () => {
  test('of 16 and 32 bits is turned, and turned back', () => {
    expect(htons(80)).toBe(0x5000)
    expect(ntohs(htons(0xfedc))).toBe(0xfedc)
    expect(htonl(0xc0000201)).toBe(0x010200c0)
    expect(htonl(1)).toBe(0x01000000)
    expect(ntohl(htonl(0xfffefdfc))).toBe(0xfffefdfc)
  })

  test('is of numbers that have so many bits', () => {
    expect(() => htons(65536)).toThrow(RangeError)
    expect(() => htonl(-1)).toThrow(RangeError)
    expect(() => htonl('1' as never)).toThrow(TypeError)
  })
})
