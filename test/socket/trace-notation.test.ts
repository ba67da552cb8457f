// What strace 6.1 prints on Linux is the measure; where we differ, the file that does says so.

import { describe, expect, it } from 'vitest'
import { constantName } from '../../src/base/constant-names.ts'
import * as constants from '../../src/base/constants.ts'
import { AF_INET, AF_INET6, AF_UNIX, IP_TTL, IPPROTO_IP, SOL_SOCKET } from '../../src/base/constants.ts'
import { encodeSocketAddress, SocketAddress } from '../../src/base/socket-address.ts'
import { Message } from '../../src/socket/provider.ts'
import { addressLength, addressText } from '../../src/socket/trace/address-text.ts'
import { sentText } from '../../src/socket/trace/message-text.ts'
import { octetText } from '../../src/socket/trace/octet-text.ts'

const encoder = new TextEncoder()
const constantPrefixes = [
  'SO_',
  'SO_EE_ORIGIN_',
  'IP_',
  'IP_PMTUDISC_',
  'IPV6_',
  'IPV6_PMTUDISC_',
  'TCP_',
  'MSG_',
  'AF_',
  'SOCK_',
] as const

describe('the notation', () => {
  it('writes octets as C does: letters, octal as short as can be, three digits before a digit', () => {
    const bytes = Uint8Array.from([...encoder.encode('hello\r\n'), 0, 1, 7, 27, 127, 255, 34, 92, 32, 49, 50, 1, 51])
    expect(octetText(bytes, 0, bytes.length, 99)).toBe(String.raw`"hello\r\n\0\1\7\33\177\377\"\\ 12\0013"`)
    expect(octetText(bytes, 0, 0, 99)).toBe('""')
    expect(octetText(encoder.encode('\u0001' + '2'), 0, 2, 1)).toBe('"\\1"...')
  })

  it('writes addresses of all families: ip(7), ipv6(7), unix(7)', () => {
    const none = () => null
    const six = SocketAddress.internet('2001:db8::1', 80)
    expect(addressText(six, none)).toBe(
      '{sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}',
    )
    expect(addressLength(six)).toBe(28)
    const mapped = SocketAddress.internet('192.0.2.1', 80)
    mapped.family = AF_INET6
    expect(addressText(mapped, none)).toContain('inet_pton(AF_INET6, "::ffff:192.0.2.1", &sin6_addr)')
    six.scopeId = 2
    six.flowInfo = 74565
    expect(addressText(six, (index) => `eth${index}`)).toContain(
      'sin6_flowinfo=htonl(74565), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=if_nametoindex("eth2")',
    )
    for (const [path, text, length] of [
      ['/run/a "b"', '{sa_family=AF_UNIX, sun_path="/run/a \\"b\\""}', 13],
      ['\0abs', '{sa_family=AF_UNIX, sun_path=@"abs"}', 6],
      ['', '{sa_family=AF_UNIX}', 2],
    ] as const) {
      const address = new SocketAddress(AF_UNIX)
      address.path = path
      expect(addressText(address, none)).toBe(text)
      expect(addressLength(address)).toBe(length)
    }
  })

  it('writes control messages: cmsg(3), of every kind that has a struct', () => {
    const message = new Message([encoder.encode('hi')])
    const style = { stringLimit: 32, verbose: false, interfaceName: (index: number) => (index === 1 ? 'lo' : null) }
    const words = (...values: number[]) => new Uint8Array(Int32Array.from(values).buffer)
    const control = (level: number, type: number, data: Uint8Array): string => {
      message.control = [{ level, type, data }]
      const text = sentText(message, style)
      return text.slice(text.indexOf('[{cmsg_len'), text.indexOf(', msg_controllen'))
    }
    expect(control(IPPROTO_IP, IP_TTL, words(64))).toBe(
      '[{cmsg_len=20, cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=[64]}]',
    )
    expect(control(IPPROTO_IP, constants.IP_TOS, Uint8Array.of(16))).toBe(
      '[{cmsg_len=17, cmsg_level=SOL_IP, cmsg_type=IP_TOS, cmsg_data=[0x10]}]',
    )
    expect(control(IPPROTO_IP, constants.IP_PKTINFO, words(1, 0x0100007f, 0x0200007f))).toBe(
      '[{cmsg_len=28, cmsg_level=SOL_IP, cmsg_type=IP_PKTINFO, cmsg_data={ipi_ifindex=if_nametoindex("lo"), ipi_spec_dst=inet_addr("127.0.0.1"), ipi_addr=inet_addr("127.0.0.2")}}]',
    )
    const reported = new Uint8Array(32)
    reported.set(words(111, 0x00030302, 0, 0))
    encodeSocketAddress(SocketAddress.internet('192.0.2.9', 0), reported, 16)
    expect(control(IPPROTO_IP, constants.IP_RECVERR, reported)).toBe(
      '[{cmsg_len=48, cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, cmsg_data={ee_errno=111, ee_origin=2, ee_type=3, ee_code=3, ee_info=0, ee_data=0, offender={sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("192.0.2.9")}}}]',
    )
    expect(control(SOL_SOCKET, 99, words(1))).toBe(
      '[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=0x63, cmsg_data=[1]}]',
    )
  })

  it('writes control messages that come from the kernel: networking/timestamping, packet(7), unix(7), tcp(7)', () => {
    const style = { stringLimit: 32, verbose: false, interfaceName: () => null }
    const data = (level: number, type: number, octets: Uint8Array): string => {
      const message = new Message([])
      message.control = [{ level, type, data: octets }]
      return /cmsg_level=(.*)\}\], msg_controllen/.exec(sentText(message, style))?.[1] ?? ''
    }
    const longs = (...values: bigint[]) => new Uint8Array(BigInt64Array.from(values).buffer)
    const at = '{tv_sec=2, tv_nsec=3}'
    expect(data(SOL_SOCKET, 35, longs(2n, 3n))).toBe(`SOL_SOCKET, cmsg_type=SCM_TIMESTAMPNS, cmsg_data=${at}`)
    expect(data(SOL_SOCKET, 64, longs(2n, 3n))).toBe(`SOL_SOCKET, cmsg_type=SCM_TIMESTAMPNS_NEW, cmsg_data=${at}`)
    expect(data(SOL_SOCKET, 63, longs(2n, 3n))).toBe(
      'SOL_SOCKET, cmsg_type=SCM_TIMESTAMP_NEW, cmsg_data={tv_sec=2, tv_usec=3}',
    )
    for (const [type, name] of [[37, 'SCM_TIMESTAMPING'] as const, [65, 'SCM_TIMESTAMPING_NEW'] as const]) {
      expect(data(SOL_SOCKET, type, longs(2n, 3n, 0n, 0n, 4n, 5n))).toBe(
        `SOL_SOCKET, cmsg_type=${name}, cmsg_data=[${at}, {tv_sec=0, tv_nsec=0}, {tv_sec=4, tv_nsec=5}]`,
      )
    }
    expect(data(SOL_SOCKET, 61, longs(7n))).toBe('SOL_SOCKET, cmsg_type=SCM_TXTIME, cmsg_data=[7]')
    expect(data(SOL_SOCKET, 4, Uint8Array.of(9, 0, 0, 0))).toBe('SOL_SOCKET, cmsg_type=SCM_PIDFD, cmsg_data=[9]')
    expect(data(SOL_SOCKET, 3, encoder.encode('u:r\0'))).toBe(
      String.raw`SOL_SOCKET, cmsg_type=SCM_SECURITY, cmsg_data="u:r\0"`,
    )
    expect(data(6, 36, Uint8Array.of(9, 0, 0, 0))).toBe('SOL_TCP, cmsg_type=TCP_INQ, cmsg_data=[9]')
    const frame = Uint8Array.of(0x11, 0, 0, 0, 60, 0, 0, 0, 64, 1, 0, 0, 0, 0, 14, 0, 5, 0, 0, 0x81)
    expect(data(263, 8, frame)).toBe(
      'SOL_PACKET, cmsg_type=PACKET_AUXDATA, cmsg_data={tp_status=TP_STATUS_USER|TP_STATUS_VLAN_VALID, tp_len=60, tp_snaplen=320, tp_mac=0, tp_net=14, tp_vlan_tci=5, tp_vlan_tpid=0x8100}',
    )
  })

  it('cuts a vector after 32 buffers', () => {
    const message = new Message(Array.from({ length: 40 }, () => encoder.encode('a')))
    const text = sentText(message, { stringLimit: 32, verbose: false, interfaceName: () => null })
    expect(text.split('iov_base').length - 1).toBe(32)
    expect(text).toContain('iov_len=1}, ...], msg_iovlen=40, msg_controllen=0, msg_flags=0}')
  })
})

describe('the names of constants', () => {
  it('are those of the module that defines them, with one meaning for each value', () => {
    expect(constantName('AF_', AF_INET)).toBe('AF_INET')
    expect(constantName('IPPROTO_', IPPROTO_IP)).toBe('IPPROTO_IP')
    // IP_PMTUDISC_DO is 2 as well, but no option.
    expect(constantName('IP_', 2)).toBe('IP_TTL')
    expect(constantName('IP_PMTUDISC_', 2)).toBe('IP_PMTUDISC_DO')
    expect(constantName('SO_', 9999)).toBeUndefined()
  })

  it('take in every number of the module that has one of the known beginnings', () => {
    const lost = Object.entries(constants).filter(
      ([name, value]) =>
        typeof value === 'number' &&
        /^(SO|IP|IPV6|TCP|MSG|AF|SOCK)_/.test(name) &&
        !/^SO(L|MAXCONN)/.test(name) &&
        !constantPrefixes.some((prefix) => name.startsWith(prefix) && constantName(prefix, value) !== undefined),
    )
    expect(lost).toEqual([])
  })
})
