// Read first: cmsg(3), socket(7), unix(7), packet(7), netlink(7), Linux's networking/timestamping.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AF_INET, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, SOL_SOCKET } from '../../src/base/constants.ts'
import {
  SCM_TIMESTAMP_NEW,
  SCM_TIMESTAMPING,
  SCM_TIMESTAMPING_NEW,
  SCM_TIMESTAMPNS_NEW,
  SO_EE_ORIGIN_TIMESTAMPING,
  SO_EE_ORIGIN_ZEROCOPY,
} from '../../src/base/constants-control.ts'
import { PACKET_AUXDATA, PACKET_TX_TIMESTAMP, SOL_NETLINK, SOL_PACKET } from '../../src/base/constants-link.ts'
import { encodeExtendedError } from '../../src/base/extended-error.ts'
import * as controlMessages from '../../src/socket/control-message.ts'
import { readExtendedError, readTimestamp } from '../../src/socket/control-message.ts'
import * as linkControl from '../../src/socket/link-control.ts'
import { readFrameDetails, readNamespaceId, readNetlinkGroup } from '../../src/socket/link-control.ts'
import { type ControlMessage, Message } from '../../src/socket/provider.ts'
import * as systemControl from '../../src/socket/system-control.ts'
import {
  packetMark,
  packetPriority,
  readFlowInfo,
  readFragmentSize,
  readPacketMark,
  readPacketPriority,
  readPathMtu,
  readPidfd,
  readQueued,
  readReceivedChecksum,
  readSecurity,
  readZeroCopyDone,
} from '../../src/socket/system-control.ts'
import * as timestamping from '../../src/socket/timestamping.ts'
import {
  departure,
  readTimestampedPacket,
  readTimestamps,
  stampedAt,
  timestampId,
} from '../../src/socket/timestamping.ts'
import { toHex as hex } from '../stack/script-device.ts'

function received(...control: ControlMessage[]): Message {
  const message = new Message()
  message.control = control
  return message
}

function octets(spaced: string): Uint8Array {
  return Uint8Array.from(spaced.split(/\s+/), (octet) => Number.parseInt(octet, 16))
}

function withData(level: number, type: number, spaced: string): Message {
  return received({ level, type, data: octets(spaced) })
}

describe('Control messages that only an operating system takes: as C has them', () => {
  test.each([
    ['SO_TIMESTAMPING', stampedAt(0x102), 1, 37, '02 01 00 00'],
    ['SCM_TS_OPT_ID', timestampId(0xfffffffe), 1, 81, 'fe ff ff ff'],
    ['SCM_TXTIME', departure(0x0102030405060708n), 1, 61, '08 07 06 05 04 03 02 01'],
    ['SO_MARK', packetMark(0x80000001), 1, 36, '01 00 00 80'],
    ['SO_PRIORITY', packetPriority(6), 1, 12, '06 00 00 00'],
  ])('%s', (_what, { level, type, data }, ...expected) => {
    expect([level, type, hex(data)]).toEqual(expected)
  })

  test('what cannot be is named', () => {
    expect(() => stampedAt(-1)).toThrow(new RangeError('flags must be an integer from 0 to 4294967295, got -1'))
    expect(() => timestampId(2 ** 32)).toThrow(RangeError)
    expect(() => departure(1 as unknown as bigint)).toThrow(new TypeError('at must be a bigint of nanoseconds, got 1'))
    expect(() => departure(-1n)).toThrow(RangeError)
    expect(() => departure(1n << 64n)).toThrow(RangeError)
    expect(() => packetMark(1.5)).toThrow(RangeError)
    expect(() => packetPriority(-1)).toThrow(RangeError)
  })
})

describe('SCM_TIMESTAMPING (networking/timestamping)', () => {
  const software = '00 f1 53 65 00 00 00 00  15 cd 5b 07 00 00 00 00  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00'
  const none = '00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00'

  test.each([SCM_TIMESTAMPING, SCM_TIMESTAMPING_NEW])(
    'type %i: three timespecs, of which two mean something',
    (type) => {
      expect(readTimestamps(withData(SOL_SOCKET, type, `${software} ${none}`))).toEqual({
        software: 1_700_000_000_123_456_789n,
        hardware: null,
      })
      expect(
        readTimestamps(withData(SOL_SOCKET, type, `${none} ${none} 02 00 00 00 00 00 00 00 03 00 00 00 00 00 00 00`)),
      ).toEqual({
        software: null,
        hardware: 2_000_000_003n,
      })
    },
  )

  test('one that is cut short says nothing', () => {
    expect(readTimestamps(withData(SOL_SOCKET, SCM_TIMESTAMPING, software))).toBeNull()
    expect(readTimestamps(received())).toBeNull()
  })

  test('the timestamps of the options that are called NEW are read like the old ones', () => {
    const nanoseconds = withData(SOL_SOCKET, SCM_TIMESTAMPNS_NEW, '02 00 00 00 00 00 00 00 40 42 0f 00 00 00 00 00')
    expect(readTimestamp(nanoseconds)).toBe(2001)
    const microseconds = withData(SOL_SOCKET, SCM_TIMESTAMP_NEW, '02 00 00 00 00 00 00 00 e8 03 00 00 00 00 00 00')
    expect(readTimestamp(microseconds)).toBe(2001)
  })

  test('struct scm_ts_pktinfo', () => {
    const message = withData(SOL_SOCKET, 58, '03 00 00 00 ea 05 00 00 00 00 00 00 00 00 00 00')
    expect(readTimestampedPacket(message)).toEqual({ ifindex: 3, length: 1514 })
    expect(readTimestampedPacket(withData(SOL_SOCKET, 58, '03 00 00 00'))).toBeNull()
  })

  test('which packet of ours it is says the extended error, of packet(7) too', () => {
    const error = { errno: 42, origin: SO_EE_ORIGIN_TIMESTAMPING, type: 0, code: 0, info: 1, data: 7, offender: null }
    const data = encodeExtendedError(error, AF_INET).slice(0, 16)
    expect(readExtendedError(received({ level: SOL_PACKET, type: PACKET_TX_TIMESTAMP, data }))).toEqual(error)
    expect(readZeroCopyDone(received({ level: IPPROTO_IP, type: 11, data }))).toBeNull()
  })
})

describe('What comes beside a message', () => {
  test('PACKET_AUXDATA: struct tpacket_auxdata, with a tag and without', () => {
    const fixed = 'ea 05 00 00  00 01 00 00  00 00 0e 00'
    expect(readFrameDetails(withData(SOL_PACKET, PACKET_AUXDATA, `51 00 00 00 ${fixed} 64 a0 a8 88`))).toEqual({
      status: 0x51,
      length: 1514,
      snapLength: 256,
      mac: 0,
      net: 14,
      vlan: { tci: 0xa064, tpid: 0x88a8 },
    })
    const untyped = readFrameDetails(withData(SOL_PACKET, PACKET_AUXDATA, `11 00 00 00 ${fixed} 64 00 00 00`))
    expect(untyped?.vlan).toEqual({ tci: 100, tpid: 0x8100 })
    expect(readFrameDetails(withData(SOL_PACKET, PACKET_AUXDATA, `01 00 00 00 ${fixed} 64 00 00 00`))?.vlan).toBeNull()
    expect(readFrameDetails(withData(SOL_PACKET, PACKET_AUXDATA, `01 00 00 00 ${fixed}`))).toBeNull()
  })

  test('SCM_PIDFD: a descriptor, or none where the process has ended', () => {
    expect(readPidfd(withData(SOL_SOCKET, 4, '13 00 00 00'))).toBe(19)
    expect(readPidfd(withData(SOL_SOCKET, 4, 'fd ff ff ff'))).toBeNull()
    expect(readPidfd(received())).toBeNull()
  })

  test('SCM_SECURITY: a text, with or without its NUL', () => {
    expect(readSecurity(withData(SOL_SOCKET, 3, '75 3a 72 00'))).toBe('u:r')
    expect(readSecurity(withData(SOL_SOCKET, 3, '75 3a 72'))).toBe('u:r')
    expect(readSecurity(received())).toBeNull()
  })

  test.each([
    ['TCP_INQ', readQueued, IPPROTO_TCP, 36, '00 00 01 00', 65536],
    ['SCM_INQ', readQueued, SOL_SOCKET, 84, '05 00 00 00', 5],
    ['SO_RCVMARK', readPacketMark, SOL_SOCKET, 36, '01 00 00 80', 0x80000001],
    ['SO_RCVPRIORITY', readPacketPriority, SOL_SOCKET, 12, '06 00 00 00', 6],
    ['IP_RECVFRAGSIZE', readFragmentSize, IPPROTO_IP, 25, 'dc 05 00 00', 1500],
    ['IPV6_RECVFRAGSIZE', readFragmentSize, IPPROTO_IPV6, 77, '00 05 00 00', 1280],
    ['IP_CHECKSUM', readReceivedChecksum, IPPROTO_IP, 23, 'ff ff 00 80', 0x8000ffff],
    ['IPV6_FLOWINFO, in network order', readFlowInfo, IPPROTO_IPV6, 11, '0b 81 23 45', 0x0b812345],
    ['NETLINK_PKTINFO', readNetlinkGroup, SOL_NETLINK, 3, '01 00 00 00', 1],
    ['NETLINK_LISTEN_ALL_NSID', readNamespaceId, SOL_NETLINK, 8, '02 00 00 00', 2],
  ] as const)('%s', (_what, read, level, type, spaced, expected) => {
    expect(read(withData(level, type, spaced))).toBe(expected)
    expect(read(received())).toBeNull()
    expect(read(withData(level + 1000, type, spaced))).toBeNull()
  })

  test('IPV6_PATHMTU: struct ip6_mtuinfo (RFC 3542 section 11.3)', () => {
    const address = '0a 00 00 00 00 00 00 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02 00 00 00 00'
    const message = withData(IPPROTO_IPV6, 61, `${address} 00 05 00 00`)
    expect(readPathMtu(message)?.mtu).toBe(1280)
    expect(readPathMtu(message)?.address.address).toBe('2001:db8::2')
    expect(readPathMtu(withData(IPPROTO_IPV6, 61, address))).toBeNull()
  })

  test('calls of MSG_ZEROCOPY that are over: networking/msg_zerocopy', () => {
    const error = { errno: 0, origin: SO_EE_ORIGIN_ZEROCOPY, type: 0, code: 1, info: 3, data: 9, offender: null }
    const message = received({ level: IPPROTO_IP, type: 11, data: encodeExtendedError(error, AF_INET) })
    expect(readZeroCopyDone(message)).toEqual({ from: 3, to: 9, copied: true })
    const kept = encodeExtendedError({ ...error, code: 0 }, AF_INET)
    expect(readZeroCopyDone(received({ level: IPPROTO_IP, type: 11, data: kept }))?.copied).toBe(false)
  })

  test('no reader throws, whatever came', () => {
    const all = { ...controlMessages, ...linkControl, ...systemControl, ...timestamping }
    const readers = Object.entries(all).filter(([name]) => /^read[A-Z]/.test(name) && name !== 'readControlInt')
    expect(readers.length).toBeGreaterThanOrEqual(25)
    const levels = [0, 1, 6, 17, 41, 58, SOL_PACKET, SOL_NETLINK]
    const one = fc.record({
      level: fc.constantFrom(...levels),
      type: fc.nat(90),
      data: fc.uint8Array({ maxLength: 60 }),
    })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 4 }), (control) => {
        for (const [, read] of readers) (read as (message: Message) => unknown)(received(...control))
      }),
      { numRuns: 2000 },
    )
  })
})
