import { describe, expect, it } from 'vitest'
import { AF_INET, AF_INET6, AF_UNIX } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { decodeSocketAddress, encodeSocketAddress, SocketAddress } from '../../src/base/socket-address.ts'
import { hex, octets } from '../device/recorder.ts'

const SOCKADDR_IN = '02 00 1f 90 c6 33 64 0c 00 00 00 00 00 00 00 00'
const SOCKADDR_IN6 = '0a 00 01 bb 00 0a bc de fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01 02 00 00 00'

describe('encodeSocketAddress', () => {
  it('writes a struct sockaddr_in: family little endian, port and address in network order, zero padding (ip(7))', () => {
    const bytes = new Uint8Array(20).fill(0xee)
    expect(encodeSocketAddress(SocketAddress.internet('198.51.100.12', 8080), bytes, 2)).toBe(16)
    expect(hex(bytes)).toBe(`ee ee ${SOCKADDR_IN} ee ee`)
  })

  it('writes a struct sockaddr_in6 with flow information and scope (ipv6(7))', () => {
    const address = SocketAddress.internet('fe80::1', 443)
    address.flowInfo = 0xabcde
    address.scopeId = 2
    const bytes = new Uint8Array(28)
    expect(encodeSocketAddress(address, bytes)).toBe(28)
    expect(hex(bytes)).toBe(SOCKADDR_IN6)
  })

  it('writes an IPv4 address of family AF_INET6 as mapped', () => {
    const bytes = new Uint8Array(28)
    encodeSocketAddress(new SocketAddress(AF_INET6, IpAddress.v4(0x7f000001), 1), bytes)
    expect(hex(bytes, 8, 24)).toBe('00 00 00 00 00 00 00 00 00 00 ff ff 7f 00 00 01')
  })

  it('writes into a view in the middle of a buffer', () => {
    const bytes = new Uint8Array(40).fill(0xee)
    encodeSocketAddress(SocketAddress.internet('198.51.100.12', 8080), bytes.subarray(10, 30), 3)
    expect(hex(bytes, 13, 29)).toBe(SOCKADDR_IN)
    expect([bytes[12], bytes[29]]).toEqual([0xee, 0xee])
  })

  it.each([
    ['no name: the family alone', '', '01 00'],
    ['a path, and the NUL behind it', '/a/b', '01 00 2f 61 2f 62 00'],
    ['an abstract name up to its last octet, NULs included', '\0a\0', '01 00 00 61 00'],
  ])('writes a struct sockaddr_un: %s (unix(7))', (_, path, struct) => {
    const bytes = new Uint8Array(12).fill(0xee)
    const length = encodeSocketAddress(SocketAddress.unix(path), bytes, 1)
    expect(hex(bytes, 0, 1 + length + 1)).toBe(`ee ${struct} ee`)
  })

  it('writes a path that fills sun_path without a NUL, and no longer one', () => {
    const bytes = new Uint8Array(111).fill(0xee)
    expect(encodeSocketAddress(SocketAddress.unix('x'.repeat(108)), bytes)).toBe(110)
    expect([bytes[109], bytes[110]]).toEqual([0x78, 0xee])
    const address = new SocketAddress(AF_UNIX)
    address.path = 'x'.repeat(109)
    expect(() => encodeSocketAddress(address, bytes)).toThrow(
      new RangeError('path must have at most 108 octets, got 109'),
    )
    expect(() => encodeSocketAddress(SocketAddress.unix('/abc'), bytes, 105)).toThrow(
      new RangeError('bytes must have room for 7 octets at 105, got 111'),
    )
  })

  it('has no struct for other families', () => {
    expect(() => encodeSocketAddress(new SocketAddress(), new Uint8Array(110))).toThrow(
      'family must be AF_UNIX (1), AF_INET (2) or AF_INET6 (10), or have its octets, got 0',
    )
  })
})

describe('decodeSocketAddress', () => {
  it('reads both structs, at an offset, and clears what the family has not', () => {
    const address = new SocketAddress()
    address.scopeId = 9
    address.flowInfo = 9
    address.path = 'x'
    expect(decodeSocketAddress(address, octets(`ff ${SOCKADDR_IN}`), 1, 16)).toBe(true)
    expect(address).toEqual(SocketAddress.internet('198.51.100.12', 8080))
    expect(decodeSocketAddress(address, octets(`ff ff ff ${SOCKADDR_IN6}`), 3, 28)).toBe(true)
    expect([address.toString(), address.flowInfo, address.scopeId, address.family]).toEqual([
      '[fe80::1%2]:443',
      0xabcde,
      2,
      AF_INET6,
    ])
  })

  it('refuses structs that are too short, and AF_UNSPEC', () => {
    const address = new SocketAddress()
    for (let length = 0; length < 16; length++) {
      expect(decodeSocketAddress(address, octets(SOCKADDR_IN), 0, length)).toBe(false)
    }
    for (let length = 0; length < 28; length++) {
      expect(decodeSocketAddress(address, octets(SOCKADDR_IN6), 0, length)).toBe(false)
    }
    expect(decodeSocketAddress(address, octets(SOCKADDR_IN6.replace('0a', '00')), 0, 28)).toBe(false)
  })

  it('reads a struct sockaddr_un: none, a path up to its NUL, an abstract name to the end (unix(7))', () => {
    const address = SocketAddress.internet('192.0.2.1', 80)
    const names = ['01 00', '01 00 2f 61 00 62', '01 00 2f 61', '01 00 00 61 00'].map((struct) => {
      const bytes = octets(struct)
      expect(decodeSocketAddress(address, bytes, 0, bytes.length)).toBe(true)
      return [address.family, address.path, address.port]
    })
    expect(names.map(([, path]) => path)).toEqual(['', '/a', '/a', '\0a\0'])
    expect(names.every(([family, , port]) => family === AF_UNIX && port === 0)).toBe(true)
  })

  it('refuses a struct sockaddr_un that is too short or too long', () => {
    const bytes = new Uint8Array(112).fill(0x78)
    bytes.set([1, 0])
    expect([1, 111, 112].map((length) => decodeSocketAddress(new SocketAddress(), bytes, 0, length))).toEqual([
      false,
      true,
      false,
    ])
  })

  it('is the inverse of encodeSocketAddress for Unix names', () => {
    for (const path of ['', '/run/x', 'x'.repeat(108), '\0', '\0a\0b', `\0${'y'.repeat(107)}`, '/é€😀']) {
      const address = SocketAddress.unix(path)
      const bytes = new Uint8Array(110)
      const read = new SocketAddress()
      expect(decodeSocketAddress(read, bytes, 0, encodeSocketAddress(address, bytes))).toBe(true)
      expect(read).toEqual(address)
    }
  })

  it('is the inverse of encodeSocketAddress', () => {
    for (const text of ['0.0.0.0', '255.255.255.255', '::', '2001:db8::ff00:42:8329', 'ff02::1']) {
      for (const port of [0, 1, 80, 256, 65535]) {
        const address = SocketAddress.internet(text, port)
        const bytes = new Uint8Array(28)
        const length = encodeSocketAddress(address, bytes)
        const read = new SocketAddress()
        expect(decodeSocketAddress(read, bytes, 0, length)).toBe(true)
        expect(read.equals(address)).toBe(true)
      }
    }
  })
})

describe('SocketAddress', () => {
  it('from text has the family of the text; the empty text is the wildcard, not localhost', () => {
    expect(SocketAddress.internet('198.51.100.12', 1).family).toBe(AF_INET)
    expect(SocketAddress.internet('::1', 1).family).toBe(AF_INET6)
    expect(SocketAddress.internet('', 80).toString()).toBe('0.0.0.0:80')
  })

  it('from text with a colon is of AF_INET6, a mapped IPv4 address too, and says so again', () => {
    const mapped = SocketAddress.internet('::ffff:192.0.2.1', 80)
    expect([mapped.family, mapped.address, mapped.toString()]).toEqual([
      AF_INET6,
      '::ffff:192.0.2.1',
      '[::ffff:192.0.2.1]:80',
    ])
  })

  it('has the zone of a link-local address for its scope id, by number or by name (RFC 4007 section 11)', () => {
    const address = SocketAddress.internet('fe80::1%12', 80)
    expect([address.scopeId, address.address, address.toString()]).toEqual([12, 'fe80::1%12', '[fe80::1%12]:80'])
    const index = (name: string) => (name === 'eth0' ? 3 : 0)
    expect(SocketAddress.internet('fe80::1%eth0', 80, index).scopeId).toBe(3)
    for (const text of ['fe80::1%eth1', 'fe80::1%', 'fe80::1%0', 'fe80::1%99999999999', '192.0.2.1%1', '%1']) {
      expect(() => SocketAddress.internet(text, 80, index)).toThrow(TypeError)
    }
    expect(() => SocketAddress.internet('fe80::1%eth0', 80)).toThrow(
      new TypeError('address must have the number or name of an interface for its zone, got "fe80::1%eth0"'),
    )
  })

  it('throws a TypeError for what is no address, a RangeError for what is no port', () => {
    expect(() => SocketAddress.internet('localhost', 1)).toThrow(
      new TypeError('address must be an IPv4 or IPv6 address, got "localhost"'),
    )
    for (const port of [-1, 65536, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => SocketAddress.internet('::1', port)).toThrow(
        new RangeError(`port must be an integer from 0 to 65535, got ${port}`),
      )
    }
  })

  it('writes address and port as people do', () => {
    expect(SocketAddress.internet('192.0.2.1', 80).toString()).toBe('192.0.2.1:80')
    expect(SocketAddress.internet('2001:db8::1', 80).toString()).toBe('[2001:db8::1]:80')
    const unix = new SocketAddress(AF_UNIX)
    unix.path = '/tmp/s'
    expect([unix.toString(), unix.address]).toEqual(['/tmp/s', '/tmp/s'])
  })

  it('copies every field, and compares family, address, port, scope and path', () => {
    const address = SocketAddress.internet('fe80::1', 5)
    address.scopeId = 3
    address.flowInfo = 4
    const copy = address.copy()
    expect(copy).toEqual(address)
    copy.ip.d = 2
    expect(address.ip.d).toBe(1)
    for (const change of [
      (other: SocketAddress) => (other.family = AF_INET),
      (other: SocketAddress) => (other.port = 6),
      (other: SocketAddress) => (other.scopeId = 4),
      (other: SocketAddress) => (other.path = 'x'),
      (other: SocketAddress) => (other.ip.a = 1),
    ]) {
      const other = address.copy()
      expect(other.equals(address)).toBe(true)
      change(other)
      expect(other.equals(address)).toBe(false)
    }
  })

  it('of a Unix name shows a path as it is and an abstract name with @, as ss(8) does', () => {
    expect(['/run/x', '\0x', ''].map((path) => String(SocketAddress.unix(path)))).toEqual(['/run/x', '@x', ''])
    expect(SocketAddress.unix('\0x').address).toBe('@x')
  })

  it('takes Unix names of up to 108 octets, not characters, and no NUL behind the start of a path', () => {
    expect(SocketAddress.unix('é'.repeat(54)).path.length).toBe(54)
    expect(() => SocketAddress.unix('é'.repeat(55))).toThrow(RangeError)
    expect(() => SocketAddress.unix('/a\0')).toThrow(RangeError)
    expect(() => SocketAddress.unix(7 as never)).toThrow(new TypeError('path must be a string or a Uint8Array, got 7'))
  })
})

describe('sockaddr: wrong arguments are named, and nothing is written', () => {
  const wrong = <T>(value: unknown) => value as T
  const address = SocketAddress.internet('192.0.2.1', 80)
  const bytes = new Uint8Array(16)

  it.each<[string, () => unknown, string]>([
    ['no address', () => encodeSocketAddress(wrong(5), bytes), 'address must be a SocketAddress, got 5'],
    ['no octets', () => encodeSocketAddress(address, wrong('x')), 'bytes must be a Uint8Array, got "x"'],
    ['no room', () => encodeSocketAddress(address, bytes, 1), 'bytes must have room for 16 octets at 1, got 16'],
    ['an offset', () => encodeSocketAddress(address, bytes, -1), 'offset must be an integer from 0'],
    ['a family', () => encodeSocketAddress(new SocketAddress(), bytes), 'family must be AF_UNIX'],
    ['to decode: no address', () => decodeSocketAddress(wrong(5), bytes, 0, 16), 'address must be a SocketAddress'],
    ['to decode: too few', () => decodeSocketAddress(address, bytes, 0, 17), 'bytes must have 17 octets at 0, got 16'],
    [
      'to decode: no length',
      () => decodeSocketAddress(address, bytes, 0, wrong(undefined)),
      'length must be an integer',
    ],
  ])('%s', (_what, call, message) => {
    expect(call).toThrow(message)
    expect(bytes).toEqual(new Uint8Array(16))
    expect(address.toString()).toBe('192.0.2.1:80')
  })
})
