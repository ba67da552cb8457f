import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as constants from '../../src/base/constants.ts'
import { AF_VSOCK, SOL_NETLINK, SOL_PACKET } from '../../src/base/constants-link.ts'
import {
  decodeTcpInfo,
  emptyTcpInfo,
  encodeTcpInfo,
  TCP_INFO_LAYOUT,
  TCP_INFO_LENGTH,
} from '../../src/base/tcp-info.ts'
import { OPTION_ROWS } from '../../src/socket/option-rows.ts'
import { levelName, optionEntries, optionEntry, optionName } from '../../src/socket/option-table.ts'
import { decodeOption, encodeOption, OPTION_LENGTH } from '../../src/socket/option-values.ts'
import { World } from './world.ts'

const {
  ICMP_FILTER,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_TCP,
  SO_LINGER,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SO_SNDBUF,
  SOL_RAW,
  SOL_SOCKET,
  TCP_CONGESTION,
  TCP_INFO,
} = constants

function hex(bytes: Uint8Array): string {
  return [...bytes].map((octet) => octet.toString(16).padStart(2, '0')).join(' ')
}

describe('Options: as C has them', () => {
  test('an int is 4 octets, little endian', () => {
    expect(hex(encodeOption('SO_SNDBUF', 'int', 0x12345678))).toBe('78 56 34 12')
    expect(hex(encodeOption('IP_TTL', 'int', -1))).toBe('ff ff ff ff')
    expect(decodeOption('int', Uint8Array.of(0xfe, 0xff, 0xff, 0xff), 4)).toBe(-2)
    expect(decodeOption('int', Uint8Array.of(64), 1)).toBe(64)
  })

  test('a flag is an int; any value but 0 is true', () => {
    expect(hex(encodeOption('SO_REUSEADDR', 'boolean', true))).toBe('01 00 00 00')
    expect(hex(encodeOption('SO_REUSEADDR', 'boolean', 0))).toBe('00 00 00 00')
    expect(decodeOption('boolean', Uint8Array.of(0, 1, 0, 0), 4)).toBe(true)
  })

  test('struct linger', () => {
    expect(hex(encodeOption('SO_LINGER', 'linger', { onoff: true, linger: 5 }))).toBe('01 00 00 00 05 00 00 00')
    expect(decodeOption('linger', Uint8Array.of(1, 0, 0, 0, 5, 0, 0, 0), 8)).toEqual({ onoff: true, linger: 5 })
  })

  test('struct timeval in milliseconds', () => {
    expect(hex(encodeOption('SO_RCVTIMEO', 'timeval', 2500.5))).toBe('02 00 00 00 00 00 00 00 14 a3 07 00 00 00 00 00')
    const value = encodeOption('SO_RCVTIMEO', 'timeval', 2500.5)
    expect(decodeOption('timeval', value, 16)).toBe(2500.5)
  })

  test('a string ends at its NUL', () => {
    expect(decodeOption('string', Uint8Array.of(0x63, 0x75, 0x62, 0x69, 0x63, 0, 0x78), 7)).toBe('cubic')
    expect(hex(encodeOption('TCP_CONGESTION', 'string', 'reno'))).toBe('72 65 6e 6f')
  })

  test('a struct that came too short is given as octets', () => {
    expect(decodeOption('linger', Uint8Array.of(1, 0, 0, 0), 4)).toEqual(Uint8Array.of(1, 0, 0, 0))
    expect(decodeOption('timeval', Uint8Array.of(1, 0, 0, 0), 4)).toEqual(Uint8Array.of(1, 0, 0, 0))
  })

  test('wrong values are named with their option', () => {
    expect(() => encodeOption('SO_SNDBUF', 'int', 'big')).toThrow('SO_SNDBUF takes an integer, got "big"')
    expect(() => encodeOption('SO_SNDBUF', 'int', 1.5)).toThrow(RangeError)
    expect(() => encodeOption('SO_SNDBUF', 'int', 2 ** 32)).toThrow(RangeError)
    expect(() => encodeOption('SO_LINGER', 'linger', 5)).toThrow('SO_LINGER takes { onoff: boolean, linger: seconds }')
    expect(() => encodeOption('SO_LINGER', 'linger', { onoff: true, linger: -1 })).toThrow(RangeError)
    expect(() => encodeOption('SO_RCVTIMEO', 'timeval', Number.NaN)).toThrow(RangeError)
    expect(() => encodeOption('TCP_CONGESTION', 'string', 7)).toThrow('TCP_CONGESTION takes a string, got 7')
  })
})

describe('Options: structs of the Internet families', () => {
  test.each([
    ['an interface by its address', 'ip_interface', '192.0.2.1', 'c0 00 02 01', '192.0.2.1'],
    ['an int in network order', 'network_int', 2, '00 00 00 02', 2],
    ['a range of ports', 'port_range', { low: 40_000, high: 40_010 }, '40 9c 4a 9c', { low: 40_000, high: 40_010 }],
    [
      'struct in6_pktinfo',
      'in6_pktinfo',
      { address: '::1', ifindex: 2 },
      '00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 02 00 00 00',
      { address: '::1', ifindex: 2 },
    ],
  ] as const)('%s', (_what, kind, value, octets, decoded) => {
    const bytes = encodeOption('X', kind, value)
    expect(hex(bytes)).toBe(octets)
    expect(decodeOption(kind, bytes, bytes.length)).toEqual(decoded)
    expect(decodeOption(kind, bytes, 3)).toEqual(bytes.slice(0, 3))
  })

  test('an interface by its number is a struct ip_mreqn', () => {
    expect(hex(encodeOption('IP_MULTICAST_IF', 'ip_interface', 3))).toBe('00 00 00 00 00 00 00 00 03 00 00 00')
    expect(() => encodeOption('IP_MULTICAST_IF', 'ip_interface', 'eth0')).toThrow(
      new TypeError('IP_MULTICAST_IF takes an address or the number of an interface, got "eth0"'),
    )
  })

  test('a filter of groups comes back as it was set', () => {
    const filter = { group: 'ff05::1', ifindex: 2, mode: 'include', sources: ['2001:db8::1', '2001:db8::2'] } as const
    const bytes = encodeOption('MCAST_MSFILTER', 'group_filter', filter)
    expect(decodeOption('group_filter', bytes, bytes.length)).toEqual(filter)
  })
})

describe('Options: the table', () => {
  test('has every option constant, under its own name and number', () => {
    const named = new Map(optionEntries().map((entry) => [entry.constant, entry.name]))
    const expected = Object.entries(constants).filter(
      ([name]) =>
        /^(SO|IP|TCP|ICMP|ICMP6|UDP|IPV6|MCAST)_/.test(name) && !/_PMTUDISC_|^SO_EE_|^MCAST_(IN|EX)CLUDE$/.test(name),
    )
    // Two names of one option, and what is only a control message.
    const others =
      /^IPV6_(ADD|DROP)_MEMBERSHIP$|^IPV?6?_ORIGDSTADDR$|^IPV6_HOPLIMIT$|^SO_GET_FILTER$|^SO_DETACH_BPF$|^IP_RECVRETOPTS$/
    for (const [name, value] of expected) {
      if (!others.test(name)) expect([name, named.get(name)]).toEqual([name, value])
    }
  })

  test('has those of packet(7), netlink(7) and vsock(7), whose numbers other things share', () => {
    const named = new Map(optionEntries().map((entry) => [entry.constant, [entry.level, entry.name]]))
    expect([
      named.get('PACKET_FANOUT'),
      named.get('NETLINK_LIST_MEMBERSHIPS'),
      named.get('SO_VM_SOCKETS_TRUSTED'),
    ]).toEqual([
      [SOL_PACKET, 18],
      [SOL_NETLINK, 9],
      [AF_VSOCK, 5],
    ])
    expect([SOL_PACKET, SOL_NETLINK, AF_VSOCK].map(levelName)).toEqual(['SOL_PACKET', 'SOL_NETLINK', 'AF_VSOCK'])
  })

  test('has every option once, by its number and by its name, each under a kind that there is', () => {
    const entries = optionEntries()
    expect(OPTION_ROWS.length).toBe(entries.length)
    expect(new Set(entries.map((entry) => `${entry.level} ${entry.constant}`)).size).toBe(entries.length)
    for (const { level, name, constant, kind } of entries) {
      expect([constant, OPTION_LENGTH[kind] > 0]).toEqual([constant, true])
      expect([optionName(level, name), optionEntry(level, name).kind]).toEqual([constant, kind])
    }
    expect([optionName(77, 2), optionName(0, 65536 + 2)]).toEqual([undefined, undefined])
  })

  test('tells levels apart that share numbers', () => {
    expect(optionEntry(SOL_SOCKET, 2).constant).toBe('SO_REUSEADDR')
    expect(optionEntry(IPPROTO_IP, 2).constant).toBe('IP_TTL')
    expect(optionEntry(IPPROTO_TCP, 2).constant).toBe('TCP_MAXSEG')
    expect(optionEntry(SOL_RAW, ICMP_FILTER).constant).toBe('ICMP_FILTER')
    expect(optionEntry(77, 2)).toMatchObject({ kind: 'bytes', level: 77, name: 2 })
    // Numbers chosen so that a careless key would collide with SO_REUSEADDR.
    expect(optionEntry(0, 65536 + 2).kind).toBe('bytes')
    expect([levelName(SOL_SOCKET), levelName(IPPROTO_TCP), levelName(77)]).toEqual(['SOL_SOCKET', 'SOL_TCP', '77'])
  })
})

describe('Options: through a socket', () => {
  test('come back as what they are in JavaScript, typed by their constants', () => {
    const socket = new World().stream()
    socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
    const reuse: boolean = socket.getsockopt(SOL_SOCKET, SO_REUSEADDR)
    expect(reuse).toBe(true)
    socket.setsockopt(SOL_SOCKET, SO_SNDBUF, 4096)
    const room: number = socket.getsockopt(SOL_SOCKET, SO_SNDBUF)
    expect(room).toBe(4096)
    socket.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 3 })
    expect(socket.getsockopt(SOL_SOCKET, SO_LINGER)).toEqual({ onoff: true, linger: 3 })
    socket.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 1234.5)
    expect(socket.getsockopt(SOL_SOCKET, SO_RCVTIMEO)).toBe(1234.5)
    socket.setsockopt(IPPROTO_IP, IP_TTL, 3)
    expect(socket.getsockopt(IPPROTO_IP, IP_TTL)).toBe(3)
    socket.setsockopt(IPPROTO_TCP, TCP_CONGESTION, 'reno')
    expect(socket.getsockopt(IPPROTO_TCP, TCP_CONGESTION)).toBe('reno')
  })

  test('one without a name takes and gives octets; an unknown one is the errno of the provider', () => {
    const socket = new World().stream()
    const value: unknown = Uint8Array.of(1, 2, 3)
    socket.setsockopt(IPPROTO_TCP as number, 9999 as number, value as Uint8Array)
    expect(socket.getsockopt(IPPROTO_TCP, 9999)).toEqual(value)
    expect(() => socket.getsockopt(IPPROTO_TCP, 9998)).toThrow('getsockopt ENOPROTOOPT')
  })

  test('a value given as octets goes through as it is', () => {
    const socket = new World().stream()
    socket.setsockopt(SOL_SOCKET, SO_LINGER, Uint8Array.of(1, 0, 0, 0, 9, 0, 0, 0))
    expect(socket.getsockopt(SOL_SOCKET, SO_LINGER)).toEqual({ onoff: true, linger: 9 })
  })

  test('TCP_INFO is an object of tcpi_ fields', () => {
    const socket = new World().stream()
    const info = emptyTcpInfo()
    info.tcpi_rtt = 1500
    socket.setsockopt(IPPROTO_TCP, TCP_INFO, info)
    expect(socket.getsockopt(IPPROTO_TCP, TCP_INFO).tcpi_rtt).toBe(1500)
  })
})

describe('struct tcp_info (linux/tcp.h)', () => {
  test('fields lie one after the other, without overlap, aligned to their width', () => {
    let end = 0
    for (const [name, at, width] of TCP_INFO_LAYOUT) {
      if (typeof width !== 'number') continue
      expect([name, at >= end, at % width]).toEqual([name, true, 0])
      end = at + width
    }
    expect(end).toBe(TCP_INFO_LENGTH)
  })

  test('the first octets: state, and both window scales in one', () => {
    const info = emptyTcpInfo()
    Object.assign(info, { tcpi_state: 1, tcpi_snd_wscale: 7, tcpi_rcv_wscale: 10, tcpi_delivery_rate_app_limited: 1 })
    Object.assign(info, { tcpi_rto: 0x01020304, tcpi_pacing_rate: 2 ** 33 + 5 })
    const bytes = new Uint8Array(TCP_INFO_LENGTH)
    expect(encodeTcpInfo(info, bytes)).toBe(TCP_INFO_LENGTH)
    expect(hex(bytes.subarray(0, 12))).toBe('01 00 00 00 00 00 a7 01 04 03 02 01')
    expect(hex(bytes.subarray(104, 112))).toBe('05 00 00 00 02 00 00 00')
  })

  test('what is encoded is decoded, and a shorter buffer holds a prefix', () => {
    const value = (width: (typeof TCP_INFO_LAYOUT)[number][2]) =>
      typeof width !== 'number' ? (1 << width[1]) - 1 : width === 8 ? Number.MAX_SAFE_INTEGER : 2 ** (8 * width) - 1
    const record = Object.fromEntries(
      TCP_INFO_LAYOUT.map(([name, , width]) => [name, fc.nat(Math.min(value(width), 0x7fffffff))]),
    )
    fc.assert(
      fc.property(fc.record(record), fc.integer({ min: 0, max: TCP_INFO_LENGTH }), (fields, length) => {
        const info = { ...emptyTcpInfo(), ...fields }
        const bytes = new Uint8Array(TCP_INFO_LENGTH)
        encodeTcpInfo(info, bytes)
        expect(decodeTcpInfo(bytes)).toEqual(info)
        const short = new Uint8Array(length)
        const written = encodeTcpInfo(info, short)
        expect(written).toBeLessThanOrEqual(length)
        expect([...short.subarray(0, written)]).toEqual([...bytes.subarray(0, written)])
        const partial = decodeTcpInfo(short, written)
        for (const [name, at, width] of TCP_INFO_LAYOUT) {
          const end = at + (typeof width === 'number' ? width : 1)
          expect(partial[name]).toBe(end <= written ? info[name] : 0)
        }
      }),
    )
  })
})
