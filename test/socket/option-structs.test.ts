import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  IPPROTO_IP,
  type IPPROTO_IPV6,
  IPPROTO_TCP,
  type IPV6_FLOWLABEL_MGR,
  type SO_ATTACH_FILTER,
  SO_COOKIE,
  SO_DETACH_FILTER,
  SO_MARK,
  SO_MAX_PACING_RATE,
  SO_ORIGINAL_DST,
  SO_PEERGROUPS,
  type SO_REUSEADDR,
  type SO_TIMESTAMPING,
  type SO_TXTIME,
  SOL_SOCKET,
  type TCP_MD5SIG,
} from '../../src/base/constants.ts'
import { PACKET_FANOUT, SOL_PACKET } from '../../src/base/constants-link.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import type { FilterInstruction } from '../../src/socket/option-lists.ts'
import type { SockTxtime } from '../../src/socket/option-structs.ts'
import type { OptionInput, OptionOf } from '../../src/socket/option-table.ts'
import { decodeOption, encodeOption, OPTION_LENGTH, type OptionKind } from '../../src/socket/option-values.ts'
import { levelText, optionText, optionValueText } from '../../src/socket/trace/option-text.ts'
import { World } from './world.ts'

function hex(bytes: Uint8Array): string {
  return [...bytes].map((octet) => octet.toString(16).padStart(2, '0')).join(' ')
}

const kinds = Object.keys(OPTION_LENGTH) as OptionKind[]

describe('Options: structs, field by field', () => {
  test.each([
    ['so_timestamping', { flags: 0x18, bind_phc: 2 }, '18 00 00 00  02 00 00 00'],
    ['so_timestamping', { flags: 0x18 }, '18 00 00 00'],
    ['sock_txtime', { clockid: -1, flags: 2 }, 'ff ff ff ff  02 00 00 00'],
    [
      'meminfo',
      {
        rmem_alloc: 1,
        rcvbuf: 2,
        wmem_alloc: 3,
        sndbuf: 4,
        fwd_alloc: 5,
        wmem_queued: 6,
        optmem: 7,
        backlog: 8,
        drops: 0xffffffff,
      },
      `01 00 00 00  02 00 00 00  03 00 00 00  04 00 00 00  05 00 00 00
       06 00 00 00  07 00 00 00  08 00 00 00  ff ff ff ff`,
    ],
    [
      'tcp_repair_window',
      { snd_wl1: 0x80000000, snd_wnd: 2, max_window: 3, rcv_wnd: 4, rcv_wup: 5 },
      '00 00 00 80  02 00 00 00  03 00 00 00  04 00 00 00  05 00 00 00',
    ],
    ['tpacket_stats', { packets: 9, drops: 1 }, '09 00 00 00  01 00 00 00'],
    ['tpacket_stats', { packets: 9, drops: 1, freeze_q_cnt: 3 }, '09 00 00 00  01 00 00 00  03 00 00 00'],
    [
      'tpacket_rollover_stats',
      { all: 2n ** 63n, huge: 1n, failed: 0n },
      '00 00 00 00 00 00 00 80  01 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00',
    ],
    ['fanout_args', { id: 0x1234, type_flags: 0x1006 }, '34 12  06 10'],
    ['fanout_args', { id: 0x1234, type_flags: 0x1006, max_num_members: 4 }, '34 12  06 10  04 00 00 00'],
    ['uint', 0xfffffffe, 'fe ff ff ff'],
    ['u64', 2n ** 64n - 1n, 'ff ff ff ff ff ff ff ff'],
    ['gid_list', [7, 0xffffffff], '07 00 00 00  ff ff ff ff'],
    ['netlink_groups', [1, 5, 33], '11 00 00 00  01 00 00 00'],
    [
      'sock_filter',
      [
        { code: 0x28, jt: 0, jf: 1, k: 12 },
        { code: 0x06, jt: 2, jf: 0, k: 0xffffffff },
      ],
      '28 00  00  01  0c 00 00 00    06 00  02  00  ff ff ff ff',
    ],
    ['tcp_repair_opt', [{ opt_code: 3, opt_val: 0x70007 }], '03 00 00 00  07 00 07 00'],
    ['sockaddr', SocketAddress.internet('192.0.2.1', 80), '02 00  00 50  c0 00 02 01  00 00 00 00 00 00 00 00'],
    [
      'packet_mreq',
      { ifindex: 3, type: 0, address: Uint8Array.of(1, 0, 0x5e, 0, 0, 1) },
      '03 00 00 00  00 00  06 00  01 00 5e 00 00 01 00 00',
    ],
    [
      'in6_flowlabel_req',
      { address: '2001:db8::1', label: 0x12345, action: 0, share: 1, flags: 2, expires: 6, linger: 7 },
      `20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
       00 01 23 45  00  01  02 00  06 00  07 00  00 00 00 00`,
    ],
    [
      'ip6_mtuinfo',
      { address: SocketAddress.internet('::1', 9), mtu: 1280 },
      `0a 00  00 09  00 00 00 00  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01  00 00 00 00
       00 05 00 00`,
    ],
  ] as const)('%s: %o', (kind, value, octets) => {
    const bytes = encodeOption('X', kind, value)
    expect(hex(bytes)).toBe(octets.trim().replace(/\s+/g, ' '))
    expect(decodeOption(kind, bytes, bytes.length)).toEqual(value)
  })

  test('struct tcp_md5sig: the address, what it is good for, the key', () => {
    const value = {
      address: SocketAddress.internet('192.0.2.1', 0),
      key: Uint8Array.of(0xca, 0xfe),
      flags: 1,
      prefixlen: 24,
      ifindex: 3,
    }
    const bytes = encodeOption('X', 'tcp_md5sig', value)
    expect([bytes.length, hex(bytes.subarray(0, 8))]).toEqual([216, '02 00 00 00 c0 00 02 01'])
    expect(hex(bytes.subarray(128, 140))).toBe('01 18 02 00 03 00 00 00 ca fe 00 00')
    expect(decodeOption('tcp_md5sig', bytes, bytes.length)).toEqual(value)
  })

  test('a u64 of an older kernel has 4 octets; to set one, a number does', () => {
    expect(decodeOption('u64', Uint8Array.of(0xff, 0xff, 0xff, 0xff), 4)).toBe(0xffffffffn)
    expect(hex(encodeOption('X', 'u64', 258))).toBe('02 01 00 00 00 00 00 00')
  })

  test('the short forms: flags of SO_TIMESTAMPING, the descriptor of an eBPF program', () => {
    expect(hex(encodeOption('X', 'so_timestamping', 0x18))).toBe('18 00 00 00')
    expect(hex(encodeOption('X', 'sock_filter', 9))).toBe('09 00 00 00')
  })
})

describe('Options: what cannot be', () => {
  const address = SocketAddress.internet('192.0.2.1', 0)
  test.each([
    ['u64', -1, RangeError, 'SO_X must be an integer from 0 to 18446744073709551615, got -1'],
    ['u64', 2n ** 64n, RangeError, 'SO_X must be an integer from 0 to 18446744073709551615, got 18446744073709551616'],
    ['u64', 2 ** 53, RangeError, 'SO_X must be an integer from 0 to 18446744073709551615, got 9007199254740992'],
    ['u64', 'all', TypeError, 'SO_X must be a bigint or an integer, got "all"'],
    ['uint', '1', TypeError, 'SO_X takes an integer, got "1"'],
    ['sock_txtime', 5, TypeError, 'SO_X takes { clockid, flags }, got 5'],
    ['sock_txtime', { clockid: 1 }, TypeError, 'SO_X: flags must be an integer, got undefined'],
    ['sock_txtime', { clockid: 1n, flags: 0 }, TypeError, 'SO_X: clockid must be an integer, got 1'],
    ['sock_txtime', { clockid: 1, flags: 0, flag: 1 }, TypeError, "SO_X has no 'flag': there are clockid, flags"],
    [
      'sock_txtime',
      { clockid: 0.5, flags: 0 },
      RangeError,
      'clockid must be an integer from -2147483648 to 2147483647, got 0.5',
    ],
    ['fanout_args', { id: 65536, type_flags: 0 }, RangeError, 'SO_X: id must be an integer from 0 to 65535, got 65536'],
    ['gid_list', 5, TypeError, 'SO_X takes an array, got 5'],
    ['gid_list', [1, -1], RangeError, 'SO_X: [1] must be an integer from 0 to 4294967295, got -1'],
    ['netlink_groups', [0], RangeError, 'SO_X: [0] must be an integer from 1 to 2048, got 0'],
    [
      'sock_filter',
      [{ code: 1, jt: 256, jf: 0, k: 0 }],
      RangeError,
      'SO_X: [0].jt must be an integer from 0 to 255, got 256',
    ],
    ['sock_filter', [null], TypeError, 'SO_X: [0] must be an object, got null'],
    ['tcp_repair_opt', [{ opt_code: 1 }], TypeError, 'SO_X: [0].opt_val must be an integer, got undefined'],
    ['sockaddr', '192.0.2.1:80', TypeError, 'SO_X must be a SocketAddress, got "192.0.2.1:80"'],
    ['tcp_md5sig', { address, key: 'secret' }, TypeError, 'SO_X: key must be a Uint8Array, got "secret"'],
    ['tcp_md5sig', { address, key: new Uint8Array(81) }, RangeError, 'SO_X: key must have at most 80 octets, got 81'],
    ['tcp_md5sig', { key: new Uint8Array(8) }, TypeError, 'SO_X: address must be a SocketAddress, got undefined'],
    ['packet_mreq', { ifindex: 1, type: 0, address: new Uint8Array(33) }, RangeError, 'at most 32 octets, got 33'],
    [
      'packet_mreq',
      { ifindex: 1, type: 0, address: [1] },
      TypeError,
      'SO_X: address must be a Uint8Array, got an array',
    ],
    [
      'in6_flowlabel_req',
      { address: 'lo', label: 0, action: 0 },
      TypeError,
      'SO_X: address must be an IPv6 address, got "lo"',
    ],
    [
      'in6_flowlabel_req',
      { address: '::1', label: 1 << 20, action: 0 },
      RangeError,
      'SO_X: label must be an integer from 0 to',
    ],
    ['ip6_mtuinfo', { address, mtu: -1 }, RangeError, 'SO_X: mtu must be an integer from 0 to 4294967295, got -1'],
  ] as const)('%s: %o', (kind, value, kindOfError, text) => {
    const attempt = () => encodeOption('SO_X', kind, value)
    expect(attempt).toThrow(kindOfError)
    expect(attempt).toThrow(text)
  })

  test('whatever is given as a value: octets, or a TypeError or RangeError that names the option', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.anything({ withBigInt: true, withTypedArray: true }), (kind, value) => {
        try {
          expect(encodeOption('SO_X', kind, value)).toBeInstanceOf(Uint8Array)
        } catch (error) {
          expect(error instanceof TypeError || error instanceof RangeError ? error.message : error).toContain('SO_X')
        }
      }),
      { numRuns: 2000, seed: 7 },
    )
  })

  test('whatever octets the kernel gives: a value, which keeps none of them', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.uint8Array({ maxLength: 600 }), (kind, octets) => {
        const bytes = octets.slice()
        const value = decodeOption(kind, bytes, bytes.length)
        const copy = structuredClone(value)
        bytes.fill(0xff)
        expect(structuredClone(value)).toEqual(copy)
        // What came too short for its struct stays octets, as it came.
        if (value instanceof Uint8Array) expect(copy).toEqual(octets)
      }),
      { numRuns: 4000, seed: 7 },
    )
  })
})

describe('Options: in a trace', () => {
  const style = { stringLimit: 32, verbose: false, interfaceName: () => null }

  test('each has its name at its level, where others have the number', () => {
    expect([optionText(SOL_PACKET, PACKET_FANOUT), optionText(SOL_SOCKET, SO_DETACH_FILTER)]).toEqual([
      'PACKET_FANOUT',
      'SO_DETACH_FILTER',
    ])
    expect([optionText(IPPROTO_IP, SO_ORIGINAL_DST), levelText(SOL_PACKET)]).toEqual(['SO_ORIGINAL_DST', 'SOL_PACKET'])
    expect(optionText(IPPROTO_TCP, 99)).toBe('0x63 /* TCP_??? */')
  })

  test('numbers of 64 bits and without a sign are read as such', () => {
    const cookie = encodeOption('X', 'u64', 2n ** 63n)
    expect(optionValueText(SOL_SOCKET, SO_COOKIE, cookie, style)).toBe('[9223372036854775808]')
    expect(optionValueText(SOL_SOCKET, SO_MARK, encodeOption('X', 'uint', 0xffffffff), style)).toBe('[4294967295]')
  })
})

describe('Options: types', () => {
  test('follow from the constants', () => {
    expectTypeOf<OptionOf<typeof SOL_SOCKET, typeof SO_COOKIE>>().toEqualTypeOf<bigint>()
    expectTypeOf<OptionOf<typeof SOL_SOCKET, typeof SO_TXTIME>>().toEqualTypeOf<SockTxtime>()
    expectTypeOf<OptionOf<typeof SOL_SOCKET, typeof SO_PEERGROUPS>>().toEqualTypeOf<readonly number[]>()
    expectTypeOf<OptionOf<typeof IPPROTO_IP, typeof SO_ORIGINAL_DST>>().toEqualTypeOf<SocketAddress>()
    expectTypeOf<number>().toExtend<OptionInput<typeof SOL_SOCKET, typeof SO_MAX_PACING_RATE>>()
    expectTypeOf<number>().toExtend<OptionInput<typeof SOL_SOCKET, typeof SO_TIMESTAMPING>>()
    expectTypeOf<number>().not.toExtend<OptionInput<typeof SOL_SOCKET, typeof SO_TXTIME>>()
    expectTypeOf<number>().toExtend<OptionInput<typeof SOL_SOCKET, typeof SO_REUSEADDR>>()
    expectTypeOf<FilterInstruction[]>().toExtend<OptionInput<typeof SOL_SOCKET, typeof SO_ATTACH_FILTER>>()
    expectTypeOf<string>().not.toExtend<OptionInput<typeof IPPROTO_TCP, typeof TCP_MD5SIG>>()
    expectTypeOf<Uint8Array>().toExtend<OptionInput<typeof IPPROTO_IPV6, typeof IPV6_FLOWLABEL_MGR>>()
  })

  test('and come through a socket, whose provider knows nothing of them', () => {
    const socket = new World().stream()
    socket.setsockopt(SOL_SOCKET, SO_MAX_PACING_RATE, 5)
    expect(socket.getsockopt(SOL_SOCKET, SO_MAX_PACING_RATE)).toBe(5n)
    socket.setsockopt(SOL_PACKET, PACKET_FANOUT, { id: 1, type_flags: 2 })
    expect(socket.getsockopt(SOL_PACKET, PACKET_FANOUT).type_flags).toBe(2)
  })

  test('what an earlier call left behind is not asked with', () => {
    const world = new World()
    const socket = world.stream()
    socket.setsockopt(SOL_SOCKET, SO_PEERGROUPS, [0xffffffff, 0xffffffff])
    expect(socket.getsockopt(SOL_SOCKET, SO_PEERGROUPS)).toHaveLength(2)
    const endpoint = world.provider.endpoint(socket.fd)
    let asked: Uint8Array | null = null
    if (endpoint !== null) {
      endpoint.getOption = (_level: number, _name: number, value: Uint8Array) => {
        asked = value.slice(0, 8)
        return 0
      }
    }
    socket.getsockopt(SOL_SOCKET, SO_COOKIE)
    expect(asked).toEqual(new Uint8Array(8))
  })
})
