// Read first: cmsg(3), ip(7), ipv6(7), RFC 3542 section 6.

import { describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  IP_TOS,
  IPPROTO_IP,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_LOCAL,
  SO_RXQ_OVFL,
  SOL_SOCKET,
  SOL_UDP,
  UDP_GRO,
} from '../../src/base/constants.ts'
import { EHOSTUNREACH, EMSGSIZE } from '../../src/base/errno.ts'
import { decodeExtendedError, encodeExtendedError } from '../../src/base/extended-error.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import {
  hopLimit,
  pktinfo,
  readDrops,
  readExtendedError,
  readHopLimit,
  readOriginalDestination,
  readPacketInfo,
  readSegmentSize,
  readTimestamp,
  readTrafficClass,
  segmentSize,
  timeToLive,
  trafficClass,
  typeOfService,
} from '../../src/socket/control-message.ts'
import { type ControlMessage, Message } from '../../src/socket/provider.ts'
import { toHex as hex } from '../stack/script-device.ts'

function received(...control: ControlMessage[]): Message {
  const message = new Message()
  message.control = control
  return message
}

describe('Control messages of the Internet families', () => {
  test.each([
    ['struct in_pktinfo', pktinfo({ address: '192.0.2.1', ifindex: 2 }), 0, 8, '02 00 00 00 c0 00 02 01 00 00 00 00'],
    [
      'struct in6_pktinfo',
      pktinfo({ address: '2001:db8::1', ifindex: 2 }),
      41,
      50,
      '20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 02 00 00 00',
    ],
    ['IP_TTL', timeToLive(9), 0, 2, '09 00 00 00'],
    ['IPV6_HOPLIMIT', hopLimit(-1), 41, 52, 'ff ff ff ff'],
    ['IP_TOS', typeOfService(0x10), 0, 1, '10'],
    ['IPV6_TCLASS', trafficClass(0xb8), 41, 67, 'b8 00 00 00'],
    ['UDP_SEGMENT', segmentSize(1200), 17, 103, 'b0 04'],
  ])('%s as C has it', (_what, message, level, type, data) => {
    expect([message.level, message.type, hex(message.data)]).toEqual([level, type, data])
  })

  test('what cannot be is named', () => {
    expect(() => pktinfo({ address: 'eth0', ifindex: 0 })).toThrow(
      new TypeError('pktinfo: address must be an IPv4 or IPv6 address, got "eth0"'),
    )
    expect(() => pktinfo({ address: '::', ifindex: -1 })).toThrow(RangeError)
    expect(() => timeToLive(0)).toThrow(new RangeError('ttl must be an integer from 1 to 255, got 0'))
    expect(() => hopLimit(-2)).toThrow(RangeError)
    expect(() => trafficClass(256)).toThrow(RangeError)
    expect(() => typeOfService(-1)).toThrow(RangeError)
    expect(() => segmentSize(65_536)).toThrow(RangeError)
  })

  test('readers find theirs, of either family, and give null where there is none', () => {
    const none = received({ level: SOL_SOCKET, type: 1, data: new Uint8Array(4) })
    expect([
      readPacketInfo(none),
      readHopLimit(none),
      readTrafficClass(none),
      readTimestamp(none),
      readSegmentSize(none),
      readOriginalDestination(none),
      readExtendedError(none),
      readDrops(none),
    ]).toEqual([null, null, null, null, null, null, null, 0])
    expect(readPacketInfo(received(pktinfo({ address: '2001:db8::1', ifindex: 7 })))).toEqual({
      address: '2001:db8::1',
      ifindex: 7,
    })
    expect(readHopLimit(received(timeToLive(3)))).toBe(3)
    expect(readHopLimit(received(hopLimit(4)))).toBe(4)
    expect(readTrafficClass(received({ level: IPPROTO_IP, type: IP_TOS, data: Uint8Array.of(0xb8) }))).toBe(0xb8)
    expect(readTrafficClass(received(trafficClass(5)))).toBe(5)
    const drops = { level: SOL_SOCKET, type: SO_RXQ_OVFL, data: Uint8Array.of(2, 1, 0, 0) }
    expect(readDrops(received(drops))).toBe(258)
    const size = { level: SOL_UDP, type: UDP_GRO, data: Uint8Array.of(0xb0, 4, 0, 0) }
    expect(readSegmentSize(received(size))).toBe(1200)
  })
})

describe('struct sock_extended_err (ip(7))', () => {
  test('lies in front of who reported it', () => {
    const error = {
      errno: EHOSTUNREACH,
      origin: SO_EE_ORIGIN_ICMP,
      type: 3,
      code: 1,
      info: 0,
      data: 0,
      offender: SocketAddress.internet('192.0.2.1', 0),
    }
    const bytes = encodeExtendedError(error, AF_INET)
    expect(hex(bytes)).toBe(
      '71 00 00 00 02 03 01 00 00 00 00 00 00 00 00 00 02 00 00 00 c0 00 02 01 00 00 00 00 00 00 00 00',
    )
    expect(decodeExtendedError(bytes)).toEqual(error)
  })

  test('has a sockaddr_in6 behind it where the socket is of AF_INET6, of nobody where this host says so itself', () => {
    const error = {
      errno: EMSGSIZE,
      origin: SO_EE_ORIGIN_LOCAL,
      type: 0,
      code: 0,
      info: 1500,
      data: 0,
      offender: null,
    }
    const bytes = encodeExtendedError(error, AF_INET6)
    expect(bytes.length).toBe(44)
    expect(hex(bytes.subarray(0, 18))).toBe('5a 00 00 00 01 00 00 00 dc 05 00 00 00 00 00 00 00 00')
    expect(decodeExtendedError(bytes)).toEqual(error)
    expect(decodeExtendedError(bytes.subarray(0, 15))).toBeNull()
  })
})
