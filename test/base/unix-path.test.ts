// Read first: unix(7), RFC 3629 section 3.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeSocketAddress, encodeSocketAddress, SocketAddress } from '../../src/base/socket-address.ts'
import { unixPathOctets, unixPathText } from '../../src/base/unix-path.ts'
import { addressText } from '../../src/socket/trace/address-text.ts'

function octets(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

describe('The text of a Unix name', () => {
  test.each([
    ['UTF-8', '2f c3 a9 e2 82 ac f0 9f 98 80', '/é€😀'],
    ['a mark of byte order, which is part of the name', 'ef bb bf 61', '\ufeffa'],
    ['a replacement character of its own', '61 ef bf bd', 'a\ufffd'],
    ['the same beside an octet that is no UTF-8', 'ef bf bd ff', '\ufffd\udcff'],
    ['octets that begin nothing', '61 80 c0 c1 f5 ff 62', 'a\udc80\udcc0\udcc1\udcf5\udcffb'],
    ['characters that are cut off', 'c3 2f e2 82 2f f0 9f 98', '\udcc3/\udce2\udc82/\udcf0\udc9f\udc98'],
    ['longer than need be', 'e0 80 af', '\udce0\udc80\udcaf'],
    ['a surrogate in UTF-8', 'ed b2 80', '\udced\udcb2\udc80'],
    ['beyond U+10FFFF', 'f4 90 80 80', '\udcf4\udc90\udc80\udc80'],
  ])('%s', (_what, hex, text) => {
    expect(unixPathText(octets(hex))).toBe(text)
    expect(unixPathOctets(text)).toEqual(octets(hex))
  })

  test('any octets come back from their text, and no two names have the same', () => {
    const texts = new Map<string, string>()
    const mixed = fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0xef, 0xbf, 0xbd, 0xc3, 0xa9, 0xed, 0xb2, 0x80)), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(mixed, (list) => {
        const bytes = Uint8Array.from(list)
        const text = unixPathText(bytes)
        expect(unixPathOctets(text)).toEqual(bytes)
        expect(texts.get(text) ?? String(list)).toBe(String(list))
        texts.set(text, String(list))
      }),
      { numRuns: 2000 },
    )
  })

  test('any string has octets, those of UTF-8 where it is well formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(unixPathOctets(text)).toEqual(new TextEncoder().encode(text))
      }),
    )
    expect(unixPathOctets('\ud800')).toEqual(octets('ef bf bd'))
  })
})

describe('SocketAddress.unix of octets', () => {
  test('is the address with that name, a path or an abstract one', () => {
    const name = octets('00 61 00 ff')
    const address = SocketAddress.unix(name)
    expect(address.path).toBe('\0a\0\udcff')
    const bytes = new Uint8Array(110)
    expect(encodeSocketAddress(address, bytes)).toBe(6)
    expect(bytes.slice(0, 6)).toEqual(octets('01 00 00 61 00 ff'))
    const back = new SocketAddress()
    expect(decodeSocketAddress(back, bytes, 0, 6)).toBe(true)
    expect(back.equals(address)).toBe(true)
    expect(SocketAddress.unix(new TextEncoder().encode('/run/é')).path).toBe('/run/é')
  })

  test('one that is too long or has a NUL in it is refused by its octets', () => {
    expect(() => SocketAddress.unix(new Uint8Array(109).fill(0xff))).toThrow(RangeError)
    expect(SocketAddress.unix(new Uint8Array(108).fill(0xff)).path.length).toBe(108)
    expect(() => SocketAddress.unix(octets('2f 61 00'))).toThrow(RangeError)
  })

  test('a trace shows its octets as strace does', () => {
    const address = SocketAddress.unix(octets('00 61 62 ff fe'))
    expect(addressText(address, () => null)).toBe('{sa_family=AF_UNIX, sun_path=@"ab\\377\\376"}')
  })
})
