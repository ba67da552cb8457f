import { describe, expect, test } from 'vitest'
import {
  AF_INET,
  IP_HDRINCL,
  IP_MTU,
  IP_MTU_DISCOVER,
  IP_OPTIONS,
  IP_PKTINFO,
  IP_RECVERR,
  IP_RECVTOS,
  IP_RECVTTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_TCP,
  SO_ACCEPTCONN,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_DOMAIN,
  SO_DONTROUTE,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_OOBINLINE,
  SO_PRIORITY,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_SNDLOWAT,
  SO_SNDTIMEO,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { EDOM, EINVAL, ENODEV, ENOPROTOOPT, ENOTCONN, EOPNOTSUPP } from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import type { Endpoint } from '../../src/socket/provider.ts'
import { OneStack } from './one-stack.ts'
import { hex, toHex } from './script-device.ts'

function open(): Endpoint {
  return new OneStack().stack.socket(AF_INET, SOCK_DGRAM, 0) as Endpoint
}

/** The value in hex, or the errno; at most `room` octets of it. */
function get(endpoint: Endpoint, name: number, level = SOL_SOCKET, room = 32): string | number {
  const value = new Uint8Array(room)
  const length = endpoint.getOption(level, name, value)
  return length < 0 ? length : toHex(value.subarray(0, length))
}

function set(endpoint: Endpoint, name: number, value: string, level = SOL_SOCKET): number {
  return endpoint.setOption(level, name, hex(value))
}

describe('SOL_SOCKET (socket(7))', () => {
  test.each([
    ['SO_TYPE', SO_TYPE, '02 00 00 00'],
    ['SO_PROTOCOL', SO_PROTOCOL, '11 00 00 00'],
    ['SO_DOMAIN', SO_DOMAIN, '02 00 00 00'],
    ['SO_ERROR', SO_ERROR, '00 00 00 00'],
    ['SO_ACCEPTCONN', SO_ACCEPTCONN, '00 00 00 00'],
    ['SO_SNDLOWAT', SO_SNDLOWAT, '01 00 00 00'],
  ])('option %s can be read only', (_what, name, value) => {
    const endpoint = open()
    expect(get(endpoint, name)).toBe(value)
    expect(set(endpoint, name, '01 00 00 00')).toBe(-ENOPROTOOPT)
  })

  test.each([
    ['SO_REUSEADDR', SO_REUSEADDR],
    ['SO_REUSEPORT', SO_REUSEPORT],
    ['SO_BROADCAST', SO_BROADCAST],
    ['SO_KEEPALIVE', SO_KEEPALIVE],
    ['SO_OOBINLINE', SO_OOBINLINE],
    ['SO_DONTROUTE', SO_DONTROUTE],
  ])('option %s is off, and on by any int but 0', (_what, name) => {
    const endpoint = open()
    expect(get(endpoint, name)).toBe('00 00 00 00')
    expect(set(endpoint, name, '00 00 01 00')).toBe(0)
    expect(get(endpoint, name)).toBe('01 00 00 00')
    expect(set(endpoint, name, '00 00 00 00')).toBe(0)
    expect(get(endpoint, name)).toBe('00 00 00 00')
    expect(set(endpoint, name, '01 00 00')).toBe(-EINVAL)
  })

  test.each([
    ['SO_RCVBUF', SO_RCVBUF, 2304],
    ['SO_SNDBUF', SO_SNDBUF, 4608],
  ])('option %s is doubled, and has a floor and a ceiling', (_what, name, floor) => {
    const endpoint = open()
    const int = (value: number) => toHex(new Uint8Array(Int32Array.of(value).buffer))
    expect(get(endpoint, name)).toBe(int(212_992))
    for (const [asked, expected] of [
      [65_536, 131_072],
      [1, floor],
      [0, floor],
      [1 << 30, 2 * (4 << 20)],
      // As an unsigned int: socket(7) has no negative sizes.
      [-1, 2 * (4 << 20)],
    ] as const) {
      expect(set(endpoint, name, int(asked))).toBe(0)
      expect(get(endpoint, name)).toBe(int(expected))
    }
  })

  test('option SO_LINGER takes a struct linger', () => {
    const endpoint = open()
    expect(get(endpoint, SO_LINGER)).toBe('00 00 00 00 00 00 00 00')
    expect(set(endpoint, SO_LINGER, '05 00 00 00 0a 00 00 00')).toBe(0)
    expect(get(endpoint, SO_LINGER)).toBe('01 00 00 00 0a 00 00 00')
    expect(set(endpoint, SO_LINGER, '01 00 00 00')).toBe(-EINVAL)
    expect(set(endpoint, SO_LINGER, '01 00 00 00 00 00 00 00')).toBe(0)
    expect(get(endpoint, SO_LINGER)).toBe('01 00 00 00 00 00 00 00')
    expect(set(endpoint, SO_LINGER, '05 00 00 00 0a 00 00 00')).toBe(0)
    expect(set(endpoint, SO_LINGER, '00 00 00 00 00 00 00 00')).toBe(0)
    expect(get(endpoint, SO_LINGER)).toBe('00 00 00 00 0a 00 00 00')
  })

  test.each([
    ['SO_RCVTIMEO', SO_RCVTIMEO],
    ['SO_SNDTIMEO', SO_SNDTIMEO],
  ])('option %s takes a struct timeval; EDOM for microseconds that are none', (_what, name) => {
    const endpoint = open()
    expect(set(endpoint, name, '02 00 00 00 00 00 00 00 20 a1 07 00 00 00 00 00')).toBe(0)
    expect(get(endpoint, name)).toBe('02 00 00 00 00 00 00 00 20 a1 07 00 00 00 00 00')
    expect(set(endpoint, name, '02 00 00 00 00 00 00 00 40 42 0f 00 00 00 00 00')).toBe(-EDOM)
    expect(set(endpoint, name, '02 00 00 00 00 00 00 00 ff ff ff ff ff ff ff ff')).toBe(-EDOM)
    expect(set(endpoint, name, '02 00 00 00')).toBe(-EINVAL)
    expect(set(endpoint, name, 'ff ff ff ff ff ff ff ff 00 00 00 00 00 00 00 00')).toBe(0)
    expect(get(endpoint, name)).toBe('00 '.repeat(16).trim())
  })

  test('option SO_BINDTODEVICE takes the name of an interface', () => {
    const endpoint = open()
    expect(get(endpoint, SO_BINDTODEVICE)).toBe('')
    expect(endpoint.setOption(SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode('eth0'))).toBe(0)
    expect(get(endpoint, SO_BINDTODEVICE)).toBe('65 74 68 30 00')
    expect(get(endpoint, SO_BINDTODEVICE, SOL_SOCKET, 15)).toBe(-EINVAL)
    expect(endpoint.setOption(SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode('eth9\0'))).toBe(-ENODEV)
    expect(endpoint.setOption(SOL_SOCKET, SO_BINDTODEVICE, new Uint8Array(0))).toBe(0)
    expect(get(endpoint, SO_BINDTODEVICE)).toBe('')
  })

  test('options SO_PRIORITY and SO_RCVLOWAT keep what they are given', () => {
    const endpoint = open()
    set(endpoint, SO_PRIORITY, '06 00 00 00')
    expect(get(endpoint, SO_PRIORITY)).toBe('06 00 00 00')
    set(endpoint, SO_RCVLOWAT, '00 00 00 00')
    expect(get(endpoint, SO_RCVLOWAT)).toBe('01 00 00 00')
    set(endpoint, SO_RCVLOWAT, 'ff ff ff ff')
    expect(get(endpoint, SO_RCVLOWAT)).toBe('ff ff ff 7f')
  })

  test('options are cut to the room that there is (getsockopt(2))', () => {
    const endpoint = open()
    expect(get(endpoint, SO_RCVBUF, SOL_SOCKET, 3)).toBe('00 40 03')
    expect(get(endpoint, SO_LINGER, SOL_SOCKET, 5)).toBe('00 00 00 00 00')
    expect(get(endpoint, SO_RCVTIMEO, SOL_SOCKET, 2)).toBe('00 00')
    expect(get(endpoint, SO_TYPE, SOL_SOCKET, 0)).toBe('')
  })

  test("options that there are not: ENOPROTOOPT; levels that are not the socket's: EOPNOTSUPP to read, ENOPROTOOPT to set", () => {
    const endpoint = open()
    expect(get(endpoint, 9999)).toBe(-ENOPROTOOPT)
    expect(set(endpoint, 9999, '01 00 00 00')).toBe(-ENOPROTOOPT)
    expect(get(endpoint, 1, IPPROTO_TCP)).toBe(-EOPNOTSUPP)
    expect(set(endpoint, 1, '01 00 00 00', IPPROTO_TCP)).toBe(-ENOPROTOOPT)
  })
})

describe('IPPROTO_IP (ip(7))', () => {
  test('option IP_TTL: 64, 1 to 255, −1 for the default', () => {
    const endpoint = open()
    expect(get(endpoint, IP_TTL, IPPROTO_IP)).toBe('40 00 00 00')
    expect(set(endpoint, IP_TTL, 'ff 00 00 00', IPPROTO_IP)).toBe(0)
    expect(get(endpoint, IP_TTL, IPPROTO_IP)).toBe('ff 00 00 00')
    for (const bad of ['00 00 00 00', '00 01 00 00', 'fe ff ff ff']) {
      expect(set(endpoint, IP_TTL, bad, IPPROTO_IP)).toBe(-EINVAL)
    }
    expect(set(endpoint, IP_TTL, 'ff ff ff ff', IPPROTO_IP)).toBe(0)
    expect(get(endpoint, IP_TTL, IPPROTO_IP)).toBe('40 00 00 00')
  })

  test('options take and give a single octet as well', () => {
    const endpoint = open()
    expect(set(endpoint, IP_TOS, 'b8', IPPROTO_IP)).toBe(0)
    expect(get(endpoint, IP_TOS, IPPROTO_IP)).toBe('b8 00 00 00')
    expect(get(endpoint, IP_TOS, IPPROTO_IP, 1)).toBe('b8')
    expect(get(endpoint, IP_TOS, IPPROTO_IP, 3)).toBe('b8')
    expect(set(endpoint, IP_TOS, '', IPPROTO_IP)).toBe(-EINVAL)
  })

  test('option IP_MTU_DISCOVER: 0 to 5', () => {
    const endpoint = open()
    expect(get(endpoint, IP_MTU_DISCOVER, IPPROTO_IP)).toBe('01 00 00 00')
    for (let value = 0; value <= 5; value++)
      expect(set(endpoint, IP_MTU_DISCOVER, `0${value}000000`, IPPROTO_IP)).toBe(0)
    expect(set(endpoint, IP_MTU_DISCOVER, '06 00 00 00', IPPROTO_IP)).toBe(-EINVAL)
    expect(set(endpoint, IP_MTU_DISCOVER, 'ff ff ff ff', IPPROTO_IP)).toBe(-EINVAL)
  })

  test('option IP_MTU: ENOTCONN until there is a peer', () => {
    const endpoint = open()
    expect(get(endpoint, IP_MTU, IPPROTO_IP)).toBe(-ENOTCONN)
    endpoint.connect(SocketAddress.internet('192.0.2.2', 7))
    expect(get(endpoint, IP_MTU, IPPROTO_IP)).toBe('dc 05 00 00')
  })

  test.each([
    ['IP_RECVTTL', IP_RECVTTL],
    ['IP_RECVTOS', IP_RECVTOS],
    ['IP_PKTINFO', IP_PKTINFO],
    ['IP_RECVERR', IP_RECVERR],
  ])('option %s is off, then on', (_what, name) => {
    const endpoint = open()
    expect(get(endpoint, name, IPPROTO_IP)).toBe('00 00 00 00')
    expect(set(endpoint, name, '01 00 00 00', IPPROTO_IP)).toBe(0)
    expect(get(endpoint, name, IPPROTO_IP)).toBe('01 00 00 00')
  })

  test('option IP_OPTIONS is set and got, padded to whole words, and taken away by nothing', () => {
    const endpoint = open()
    expect(get(endpoint, IP_OPTIONS, IPPROTO_IP)).toBe('')
    expect(set(endpoint, IP_OPTIONS, '', IPPROTO_IP)).toBe(0)
    expect(set(endpoint, IP_OPTIONS, '07 07 04 00 00 00 00', IPPROTO_IP)).toBe(0)
    expect(get(endpoint, IP_OPTIONS, IPPROTO_IP)).toBe('07 07 04 00 00 00 00 00')
    expect(set(endpoint, IP_OPTIONS, '', IPPROTO_IP)).toBe(0)
    expect(get(endpoint, IP_OPTIONS, IPPROTO_IP)).toBe('')
  })

  test.each([
    ['longer than 40 octets', `${'01 '.repeat(40)}01`],
    ['malformed', '07 09 04 00'],
    ['a source route (RFC 7126 section 4.3)', '83 07 04 0a 00 00 01 00'],
    ['a record route with room for part of an address', '07 06 04 00 00 00'],
    ['a timestamp that has overflown', '44 04 05 f0'],
  ])('option IP_OPTIONS: %s is EINVAL', (_what, text) => {
    const endpoint = open()
    expect(set(endpoint, IP_OPTIONS, '94 04 00 00', IPPROTO_IP)).toBe(0)
    expect(set(endpoint, IP_OPTIONS, text, IPPROTO_IP)).toBe(-EINVAL)
    expect(get(endpoint, IP_OPTIONS, IPPROTO_IP)).toBe('94 04 00 00')
  })

  test('option IP_OPTIONS: a stream has none', () => {
    const endpoint = new OneStack().stack.socket(AF_INET, SOCK_STREAM, 0) as Endpoint
    expect(set(endpoint, IP_OPTIONS, '94 04 00 00', IPPROTO_IP)).toBe(-ENOPROTOOPT)
    expect(set(endpoint, IP_OPTIONS, '', IPPROTO_IP)).toBe(0)
    expect(get(endpoint, IP_OPTIONS, IPPROTO_IP)).toBe('')
  })

  test('options that there are not, or not for datagrams: ENOPROTOOPT', () => {
    const endpoint = open()
    expect(get(endpoint, 999, IPPROTO_IP)).toBe(-ENOPROTOOPT)
    expect(set(endpoint, 999, '01 00 00 00', IPPROTO_IP)).toBe(-ENOPROTOOPT)
    // It can be read on every socket, as on Linux.
    expect(get(endpoint, IP_HDRINCL, IPPROTO_IP)).toBe('00 00 00 00')
    expect(set(endpoint, IP_HDRINCL, '01 00 00 00', IPPROTO_IP)).toBe(-ENOPROTOOPT)
  })
})
