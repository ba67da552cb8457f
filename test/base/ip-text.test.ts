import { isIP, isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IpAddress, ipv4Text } from '../../src/base/ip-address.ts'
import { parseIpv4, parseIpv6 } from '../../src/base/ip-text.ts'

function words(text: string): string | null {
  const parsed = parseIpv6(text)
  return parsed === null ? null : parsed.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join(' ')
}

describe('parseIpv4', () => {
  it.each([
    ['0.0.0.0', 0],
    ['192.0.2.1', 0xc0000201 | 0],
    ['255.255.255.255', -1],
    ['127.0.0.1', 0x7f000001],
  ])('reads %s', (text, bits) => {
    expect(parseIpv4(text)).toBe(bits)
  })

  it.each([
    '',
    '1',
    '127.1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '256.1.1.1',
    '1.1.1.999',
    '1.2.3.1234',
    '01.2.3.4',
    '1.2.3.00',
    '0x1.2.3.4',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '+1.2.3.4',
    '-1.2.3.4',
    '1.2.3.４',
    '１.2.3.4',
    '1.2.3.4/8',
  ])('refuses %j, as inet_pton does', (text) => {
    expect(parseIpv4(text)).toBe(null)
  })
})

describe('parseIpv6', () => {
  it.each([
    ['::', '00000000 00000000 00000000 00000000'],
    ['::1', '00000000 00000000 00000000 00000001'],
    ['1::', '00010000 00000000 00000000 00000000'],
    ['2001:db8::1', '20010db8 00000000 00000000 00000001'],
    ['2001:DB8:0:0:8:800:200C:417A', '20010db8 00000000 00080800 200c417a'],
    ['1:2:3:4:5:6:7:8', '00010002 00030004 00050006 00070008'],
    ['1:2:3:4:5:6:7::', '00010002 00030004 00050006 00070000'],
    ['::2:3:4:5:6:7:8', '00000002 00030004 00050006 00070008'],
    ['::ffff:192.0.2.1', '00000000 00000000 0000ffff c0000201'],
    ['::192.0.2.1', '00000000 00000000 00000000 c0000201'],
    ['1:2:3:4:5:6:255.255.255.255', '00010002 00030004 00050006 ffffffff'],
    ['64:ff9b::192.0.2.33', '0064ff9b 00000000 00000000 c0000221'],
  ])('reads %s', (text, expected) => {
    expect(words(text)).toBe(expected)
  })

  it.each([
    '',
    ':',
    ':::',
    '1',
    '1:2',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:',
    ':1:2:3:4:5:6:7',
    '1::2::3',
    '::12345',
    '::g',
    '1:2:3:4::5:6:7:8',
    '::1.2.3',
    '::1.2.3.256',
    '::01.2.3.4',
    '1.2.3.4::',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::1.2.3.4:5',
    ':1.2.3.4',
    '1:::1.2.3.4',
    'fe80::1%eth0',
    '::1 ',
    '[::1]',
    '::1/64',
    '1:2:3:4:5:6::1.2.3.4',
  ])('refuses %j, as inet_pton does', (text) => {
    expect(parseIpv6(text)).toBe(null)
  })
})

describe('both parsers', () => {
  it("agree with Node's on text that is nearly an address", () => {
    const piece = fc.constantFrom(
      '0',
      '1',
      '12',
      '255',
      '256',
      '1.2.3.4',
      'ffff',
      'db8',
      'g',
      '00',
      '12345',
      '',
      '1000',
      'F',
    )
    const separator = fc.constantFrom('.', ':', '::', ':', '.', ' ')
    fc.assert(
      fc.property(fc.array(fc.tuple(piece, separator), { maxLength: 9 }), piece, (parts, last) => {
        const text = parts.map(([one, other]) => one + other).join('') + last
        expect([text, parseIpv4(text) !== null, parseIpv6(text) !== null]).toEqual([text, isIPv4(text), isIPv6(text)])
      }),
      { numRuns: 20_000, seed: 1 },
    )
  })

  it("agree with Node's on addresses with one character changed", () => {
    const seeds = ['192.0.2.1', '2001:db8::8:800:200c:417a', '::ffff:192.0.2.128', '1:2:3:4:5:6:7:8', '::', 'fe80::1']
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.nat(30),
        fc.constantFrom(...'0159af.:gZ- '.split(''), ''),
        fc.boolean(),
        (seed, at, character, replace) => {
          const text = seed.slice(0, at) + character + seed.slice(replace ? at + 1 : at)
          expect([text, IpAddress.parse(text) !== null]).toEqual([text, isIP(text) !== 0])
        },
      ),
      { numRuns: 20_000, seed: 1 },
    )
  })
})

describe('IpAddress', () => {
  it.each([
    // RFC 5952 section 4 and 5.
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::ABCD', '2001:db8::abcd'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['10.0.0.255', '10.0.0.255'],
  ])('writes %s as %s (RFC 5952)', (text, canonical) => {
    expect(IpAddress.parse(text)?.toString()).toBe(canonical)
  })

  it('what it writes it reads back to the same bits, and Node takes it for the address it is', () => {
    const word = fc.oneof(fc.integer(), fc.constantFrom(0, 1, 0x10000, 0xffff, -1))
    fc.assert(
      fc.property(word, word, word, word, (a, b, c, d) => {
        const address = new IpAddress(a, b, c, d)
        const text = address.toString()
        expect(isIP(text)).toBe(address.isV4 ? 4 : 6)
        expect(IpAddress.parse(text)?.equals(address)).toBe(true)
        // What the URL parser prints is RFC 5952 as well.
        if (!address.isV4 && !(a === 0 && b === 0 && c === 0))
          expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`)
      }),
      { numRuns: 3000, seed: 1 },
    )
  })

  it('writes IPv4 bits with the high bit set', () => {
    expect(ipv4Text(-1)).toBe('255.255.255.255')
    expect(ipv4Text(0x80000001 | 0)).toBe('128.0.0.1')
  })

  it('knows the kinds of address', () => {
    const kinds = (text: string) => {
      const address = IpAddress.parse(text) as IpAddress
      const names = ['isV4', 'isUnspecified', 'isLoopback', 'isMulticast', 'isLimitedBroadcast'] as const
      return names.filter((name) => address[name]).join(' ')
    }
    expect(kinds('0.0.0.0')).toBe('isV4 isUnspecified')
    expect(kinds('::')).toBe('isUnspecified')
    expect(kinds('127.255.255.254')).toBe('isV4 isLoopback')
    expect(kinds('128.0.0.1')).toBe('isV4')
    expect(kinds('::1')).toBe('isLoopback')
    expect(kinds('::2')).toBe('')
    expect(kinds('224.0.0.1')).toBe('isV4 isMulticast')
    expect(kinds('239.255.255.255')).toBe('isV4 isMulticast')
    expect(kinds('240.0.0.1')).toBe('isV4')
    expect(kinds('ff02::1')).toBe('isMulticast')
    expect(kinds('fe80::1')).toBe('')
    expect(kinds('255.255.255.255')).toBe('isV4 isLimitedBroadcast')
  })

  it('copies, sets and compares all 128 bits', () => {
    const address = new IpAddress(1, 2, 3, 4)
    const copy = address.copy()
    expect(copy.equals(address)).toBe(true)
    for (const field of ['a', 'b', 'c', 'd'] as const) {
      const other = address.copy()
      other[field] = 99
      expect(other.equals(address)).toBe(false)
      other.set(address)
      expect(other.equals(address)).toBe(true)
    }
    copy.setV4(0xffffffff)
    expect([copy.toString(), copy.d]).toEqual(['255.255.255.255', -1])
    expect(new IpAddress(0, 0, 0xffff, 0xc0000201).equals(IpAddress.v4(0xc0000201 | 0))).toBe(true)
  })
})
