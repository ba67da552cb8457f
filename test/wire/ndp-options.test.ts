import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IpAddress } from '../../src/base/ip-address.ts'
import {
  DnsSearchList,
  DnsServers,
  readDnsSearchList,
  readDnsServer,
  readDnsServers,
  writeDnsSearchList,
  writeDnsServers,
} from '../../src/wire/ndp-dns-options.ts'
import {
  NDP_OPTION_NONCE,
  NDP_OPTION_SOURCE_LINK_LAYER_ADDRESS,
  NdpOption,
  NdpSixOctets,
  ndpOptionsFit,
  PrefixInformation,
  RouteInformation,
  readNdpMtu,
  readNdpSixOctets,
  readPrefixInformation,
  readRouteInformation,
  writeNdpMtu,
  writeNdpSixOctets,
  writePrefixInformation,
  writeRedirectedHeader,
  writeRouteInformation,
} from '../../src/wire/ndp-options.ts'
import { counting, hex, octets } from '../device/recorder.ts'

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const anyAddress = fc.tuple(int32, int32, int32, int32).map(([a, b, c, d]) => new IpAddress(a, b, c, d))
const preference = fc.constantFrom(-1 as const, 0 as const, 1 as const)

function walk(text: string): string[] {
  const bytes = octets(`ee ee ${text} 01 01 ee ee ee ee ee ee`)
  const option = new NdpOption()
  option.begin(2, bytes.length - 8)
  const seen: string[] = []
  while (option.next(bytes)) seen.push(`${option.type} ${hex(bytes, option.start, option.end)}`)
  return seen
}

describe('a walk over options', () => {
  test('gives each of them, several of one type too, and ends inside its bounds', () => {
    expect(walk('')).toEqual([])
    expect(walk('05 01 00 00 00 00 05 dc 19 01 00 00 00 00 00 00 05 01 00 00 00 00 00 01')).toEqual([
      '5 05 01 00 00 00 00 05 dc',
      '25 19 01 00 00 00 00 00 00',
      '5 05 01 00 00 00 00 00 01',
    ])
  })

  test.each([
    ['length 0', '05 00 00 00 00 00 05 dc'],
    ['a length beyond the message', '05 02 00 00 00 00 05 dc'],
    ['a type without a length', '05'],
  ])('ends at an option with %s', (_what, text) => {
    expect(walk(text)).toEqual([])
    const bytes = octets(text)
    expect(ndpOptionsFit(bytes, 0, bytes.length)).toBe(false)
  })

  test('any octets: it ends, gives options inside the bounds, and agrees with ndpOptionsFit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const option = new NdpOption()
        option.begin(0, bytes.length)
        let at = 0
        while (option.next(bytes)) {
          expect(option.start).toBe(at)
          at = option.end
        }
        expect(at).toBeLessThanOrEqual(bytes.length)
        expect(ndpOptionsFit(bytes, 0, bytes.length)).toBe(at === bytes.length)
      }),
    )
  })
})

test('link-layer address and nonce: six octets behind type and length (RFC 4861 section 4.6.1, RFC 3971 section 5.3.2)', () => {
  const bytes = new Uint8Array(16)
  expect(writeNdpSixOctets(bytes, 0, NDP_OPTION_SOURCE_LINK_LAYER_ADDRESS, 0x0200, 0x80000001 | 0)).toBe(8)
  expect(writeNdpSixOctets(bytes, 8, NDP_OPTION_NONCE, 0xfedc, 0x12345678)).toBe(16)
  expect(hex(bytes)).toBe('01 01 02 00 80 00 00 01 0e 01 fe dc 12 34 56 78')
  const read = new NdpSixOctets()
  expect(readNdpSixOctets(read, bytes, 8, 16)).toBe(true)
  expect(read).toEqual({ high: 0xfedc, low: 0x12345678 })
  expect(readNdpSixOctets(read, bytes, 0, 16)).toBe(false)
})

test('MTU: its octets; one of another length is none (RFC 4861 section 4.6.4)', () => {
  const bytes = new Uint8Array(16).fill(0xff)
  expect(writeNdpMtu(bytes, 0, 1500)).toBe(8)
  expect(hex(bytes, 0, 8)).toBe('05 01 00 00 00 00 05 dc')
  expect(readNdpMtu(bytes, 0, 8)).toBe(1500)
  expect(readNdpMtu(bytes, 8, 16)).toBe(0xffffffff)
  expect(readNdpMtu(bytes, 0, 16)).toBe(-1)
})

describe('prefix information', () => {
  test('its octets (RFC 4861 section 4.6.2)', () => {
    const bytes = new Uint8Array(32).fill(0xff)
    const prefix = new IpAddress(0x20010db8, 0, 0, 0)
    expect(writePrefixInformation(bytes, 0, prefix, 64, true, true, 0xffffffff, 604800)).toBe(32)
    expect(hex(bytes)).toBe(
      '03 04 40 c0 ff ff ff ff 00 09 3a 80 00 00 00 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 00',
    )
  })

  test('what was written is read', () => {
    fc.assert(
      fc.property(
        anyAddress,
        fc.nat(128),
        fc.boolean(),
        fc.boolean(),
        uint32,
        uint32,
        (prefix, prefixLength, onLink, autonomous, validLifetime, preferredLifetime) => {
          const bytes = new Uint8Array(40)
          writePrefixInformation(bytes, 8, prefix, prefixLength, onLink, autonomous, validLifetime, preferredLifetime)
          const read = new PrefixInformation()
          expect(readPrefixInformation(read, bytes, 8, 40)).toBe(true)
          expect(read).toEqual({ prefix, prefixLength, onLink, autonomous, validLifetime, preferredLifetime })
        },
      ),
    )
  })

  test('another length, or a prefix of more than 128 bits, is not read', () => {
    const bytes = new Uint8Array(40)
    writePrefixInformation(bytes, 0, new IpAddress(), 64, true, true, 1, 1)
    for (const end of [8, 16, 24, 31, 33, 40]) {
      expect(readPrefixInformation(new PrefixInformation(), bytes, 0, end)).toBe(false)
    }
    bytes[2] = 129
    expect(readPrefixInformation(new PrefixInformation(), bytes, 0, 32)).toBe(false)
  })
})

describe('redirected header', () => {
  test('holds as much of the packet as fits in units of 8 octets (RFC 4861 section 4.6.3)', () => {
    const bytes = new Uint8Array(64).fill(0xff)
    expect(writeRedirectedHeader(bytes, 8, 64, counting(30), 3, 30)).toBe(8 + 8 + 24)
    expect(hex(bytes, 8, 42)).toBe(`04 04 00 00 00 00 00 00 ${hex(counting(24, 3))} ff ff`)
    expect(writeRedirectedHeader(bytes, 8, 35, counting(30), 3, 30)).toBe(8 + 8 + 16)
  })

  test('is left out where nothing fits, and is never longer than its length can say', () => {
    const bytes = new Uint8Array(5000)
    expect(writeRedirectedHeader(bytes, 8, 23, counting(30), 3, 30)).toBe(8)
    expect(writeRedirectedHeader(bytes, 8, 40, counting(30), 3, 10)).toBe(8)
    expect(writeRedirectedHeader(bytes, 0, 5000, new Uint8Array(4000), 0, 4000)).toBe(2040)
    expect(bytes[1]).toBe(255)
  })
})

describe('route information', () => {
  test.each([
    [0, 8, '18 01 00 00 00 00 07 08'],
    [48, 16, '18 02 30 00 00 00 07 08 20 01 0d b8 00 01 00 02'],
    [64, 16, '18 02 40 00 00 00 07 08 20 01 0d b8 00 01 00 02'],
    [65, 24, '18 03 41 00 00 00 07 08 20 01 0d b8 00 01 00 02 00 03 00 04 00 05 00 06'],
  ])('of a prefix of %i bits takes %i octets (RFC 4191 section 2.3)', (prefixLength, length, text) => {
    const bytes = new Uint8Array(24).fill(0xff)
    const prefix = IpAddress.parse('2001:db8:1:2:3:4:5:6') ?? new IpAddress()
    expect(writeRouteInformation(bytes, 0, prefix, prefixLength, 0, 1800)).toBe(length)
    expect(hex(bytes, 0, length)).toBe(text)
  })

  test('what was written is read, without the bits that were not sent', () => {
    fc.assert(
      fc.property(anyAddress, fc.nat(128), preference, uint32, (prefix, prefixLength, preferred, lifetime) => {
        const bytes = new Uint8Array(30).fill(0xff)
        const end = writeRouteInformation(bytes, 6, prefix, prefixLength, preferred, lifetime)
        const read = new RouteInformation()
        expect(readRouteInformation(read, bytes, 6, end)).toBe(true)
        const { a, b, c, d } = prefix
        const sent = new IpAddress(
          ...(prefixLength === 0 ? [0, 0, 0, 0] : prefixLength <= 64 ? [a, b, 0, 0] : [a, b, c, d]),
        )
        expect(read).toEqual({ prefix: sent, prefixLength, preference: preferred, lifetime })
      }),
    )
  })

  test.each([
    ['a prefix longer than the option', '18 02 41 00 00 00 07 08 20 01 0d b8 00 01 00 02'],
    ['a prefix in an option of 8 octets', '18 01 01 00 00 00 07 08'],
    ['a prefix of 129 bits', `18 03 81 00 00 00 07 08 ${'00 '.repeat(16)}`],
    ['the reserved preference', '18 01 00 10 00 00 07 08'],
    ['a length of 4 units', `18 04 00 00 00 00 07 08 ${'00 '.repeat(24)}`],
  ])('with %s is not read', (_what, text) => {
    const bytes = octets(text)
    expect(readRouteInformation(new RouteInformation(), bytes, 0, bytes.length)).toBe(false)
  })
})

describe('DNS servers', () => {
  test('what was written is read (RFC 8106 section 5.1)', () => {
    fc.assert(
      fc.property(fc.array(anyAddress, { minLength: 1, maxLength: 127 }), uint32, (addresses, lifetime) => {
        const bytes = new Uint8Array(2048)
        const end = writeDnsServers(bytes, 3, lifetime, addresses)
        expect([bytes[3], (bytes[4] as number) * 8]).toEqual([25, end - 3])
        const read = new DnsServers()
        expect(readDnsServers(read, bytes, 3, end)).toBe(true)
        expect(read).toEqual({ lifetime, count: addresses.length })
        const address = new IpAddress()
        for (const [index, expected] of addresses.entries()) {
          readDnsServer(address, bytes, 3, index)
          expect(address).toEqual(expected)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('no address, or half of one, is not read', () => {
    for (const end of [8, 16, 32, 48]) {
      expect(readDnsServers(new DnsServers(), new Uint8Array(48), 0, end), `${end}`).toBe(false)
    }
    expect(readDnsServers(new DnsServers(), new Uint8Array(48), 0, 24)).toBe(true)
    expect(readDnsServers(new DnsServers(), new Uint8Array(48), 0, 40)).toBe(true)
  })
})

describe('DNS search list', () => {
  function read(text: string): string[] | null {
    const bytes = octets(text)
    const option = new DnsSearchList()
    return readDnsSearchList(option, bytes, 0, bytes.length) ? option.names : null
  }

  test('its octets: names as labels, zeros to a multiple of 8 (RFC 8106 section 5.2)', () => {
    const bytes = new Uint8Array(32).fill(0xff)
    expect(writeDnsSearchList(bytes, 0, 1800, ['example', 'a.b.'])).toBe(24)
    expect(hex(bytes, 0, 24)).toBe('1f 03 00 00 00 00 07 08 07 65 78 61 6d 70 6c 65 00 01 61 01 62 00 00 00')
    const option = new DnsSearchList()
    expect(readDnsSearchList(option, bytes, 0, 24)).toBe(true)
    expect(option).toEqual({ lifetime: 1800, names: ['example', 'a.b'] })
  })

  test.each([
    ['a name that runs out of the option', '1f 02 00 00 00 00 07 08 07 61 61 61 61 61 61 61'],
    ['a label that runs out of the option', '1f 02 00 00 00 00 07 08 08 61 61 61 61 61 61 61'],
    ['a compressed name', '1f 02 00 00 00 00 07 08 01 61 c0 08 00 00 00 00'],
    ['a name with a space in it', '1f 02 00 00 00 00 07 08 02 61 20 00 00 00 00 00'],
    ['a name with a dot in a label', '1f 02 00 00 00 00 07 08 02 61 2e 00 00 00 00 00'],
    ['no name', '1f 02 00 00 00 00 07 08 00 00 00 00 00 00 00 00'],
    ['no room for a name', '1f 01 00 00 00 00 07 08'],
    ['a name of 257 octets', `1f 22 00 00 00 00 07 08 ${`01 61 `.repeat(128)} ${'00 '.repeat(8)}`],
  ])('with %s is not read', (_what, text) => {
    expect(read(text)).toBeNull()
  })

  test('a name of 255 octets is read and one of 257 is not written', () => {
    const longest = Array.from({ length: 127 }, () => 'a').join('.')
    const bytes = new Uint8Array(2048)
    const end = writeDnsSearchList(bytes, 0, 1, [longest])
    expect(read(hex(bytes, 0, end))).toEqual([longest])
    expect(writeDnsSearchList(bytes, 0, 1, [`${longest}.a`])).toBe(0)
  })

  test.each([[['']], [['a..b']], [['a b']], [['a'.repeat(64)]], [[]], [new Array<string>(20).fill('a.'.repeat(60))]])(
    'what is no list of names is not written (%#)',
    (names) => {
      const bytes = new Uint8Array(5000)
      expect(writeDnsSearchList(bytes, 0, 1, names)).toBe(0)
      expect(bytes.findLastIndex((octet) => octet !== 0)).toBeLessThan(2040)
    },
  )
})
