import { describe, expect, it } from 'vitest'
import { ipVersionsOf } from '../../src/drill/ip-version.ts'
import { type ParseOptions, parseScript } from '../../src/drill/parser.ts'
import { runScript } from '../../src/drill/runner.ts'
import type { CallAction, PacketAction, ScriptEvent, TcpFields } from '../../src/drill/script.ts'
import { ScriptSyntaxError } from '../../src/drill/syntax-error.ts'
import { ACK, PSH, SYN } from '../../src/wire/tcp.ts'

function eventsOf(text: string): readonly ScriptEvent[] {
  return parseScript(text, 'test.pkt').events
}

function actionOf(text: string, options: ParseOptions) {
  return (parseScript(text, 'test.pkt', options).events[0] as ScriptEvent).action
}

function packetOf(text: string): PacketAction {
  return (eventsOf(`0 ${text}`)[0] as ScriptEvent).action as PacketAction
}

function callOf(text: string): CallAction {
  return (eventsOf(`0 ${text}`)[0] as ScriptEvent).action as CallAction
}

function errorOf(text: string): string {
  try {
    parseScript(text, 'test.pkt')
  } catch (error) {
    if (error instanceof ScriptSyntaxError) return error.message
    throw error
  }
  return 'no error'
}

describe('script: parts', () => {
  it('options, init command, events, cleanup command', () => {
    const script = parseScript(
      '--tolerance_usecs=10000 // why\n--strict_segments\n--local_ip=10.0.0.1/8\n`sysctl -q a=1`\n' +
        '0 close(3) = 0\n/* two\nlines */ +.5 close(4) = 0\n`clean up`',
      'parts.pkt',
    )
    expect(script.options.map(({ name, value }) => [name, value])).toEqual([
      ['tolerance_usecs', '10000'],
      ['strict_segments', null],
      ['local_ip', '10.0.0.1/8'],
    ])
    expect(script.initCommand?.text).toBe('sysctl -q a=1')
    expect(script.events.map((event) => event.line)).toEqual([5, 7])
    expect(script.cleanupCommand?.text).toBe('clean up')
  })

  it('a command with a time in front is an event', () => {
    const script = parseScript('0 `first`\n+1 `second`', 'commands.pkt')
    expect(script.events.map((event) => event.action.kind)).toEqual(['command', 'command'])
    expect(script.cleanupCommand).toBe(null)
  })

  it('--define replaces words; the caller wins over the script', () => {
    const text =
      '--define=LENGTH=7\n--define=CODE=host_unreachable\n0 write(3, ..., LENGTH) = LENGTH\n+0 < icmp unreachable CODE [1:8(7)]'
    const code = (script: ReturnType<typeof parseScript>) => (script.events[1] as ScriptEvent).action as PacketAction
    const callArguments = (script: ReturnType<typeof parseScript>) =>
      ((script.events[0] as ScriptEvent).action as CallAction).args
    const plain = parseScript(text, 'define.pkt')
    expect(callArguments(plain)[2]).toMatchObject({ kind: 'number', value: 7 })
    expect(code(plain).transport).toMatchObject({ type: 3, code: 1 })
    const given = parseScript(text, 'define.pkt', { defines: { CODE: 'port_unreachable' } })
    expect(code(given).transport).toMatchObject({ type: 3, code: 3 })
  })
})

describe('script: times', () => {
  it.each([
    ['0', { kind: 'at', relative: false, at: 0 }],
    ['+.25', { kind: 'at', relative: true, at: 250_000 }],
    ['+0.000001', { kind: 'at', relative: true, at: 1 }],
    ['2', { kind: 'at', relative: false, at: 2_000_000 }],
    ['*', { kind: 'any' }],
    ['0.1~0.3', { kind: 'between', relative: false, from: 100_000, to: 300_000 }],
    ['+.1~+.3', { kind: 'between', relative: true, from: 100_000, to: 300_000 }],
  ])('%s', (text, time) => {
    const events = eventsOf(`0 close(3) = 0\n${text} > . 1:1(0) ack 1`)
    expect(events[1]?.time).toEqual(time)
  })

  it('a call that waits says when it returns', () => {
    const event = eventsOf('0...0.250 read(3, ..., 10) = 10')[0] as ScriptEvent
    expect(event.time).toEqual({ kind: 'at', relative: false, at: 0 })
    expect((event.action as CallAction).returnsAt).toBe(250_000)
    const later = eventsOf('0 close(3) = 0\n+.1...0.5 accept(3, ..., ...) = 4')[1] as ScriptEvent
    expect((later.action as CallAction).returnsAt).toBe(500_000)
  })

  it.each([
    ['0.1 close(3) = 0', 'test.pkt:1:1: the first event must be at time 0'],
    ['0 close(3) = 0\n2 close(3) = 0\n1 close(3) = 0', 'test.pkt:3:1: time goes backwards, from 2 to 1'],
    ['0 close(3) = 0\n-1 close(3) = 0', 'test.pkt:2:1: a time cannot be negative'],
    [
      '0 close(3) = 0\n* close(3) = 0',
      'test.pkt:2:1: only a packet that the stack is expected to send may come at any time or within a range',
    ],
    ['0 close(3) = 0\n+1~2 > . 1:1(0) ack 1', 'test.pkt:2:4: both ends of a range must be absolute or both relative'],
    ['0 close(3) = 0\n.3~.2 > . 1:1(0) ack 1', 'test.pkt:2:7: the range ends before it begins'],
  ])('%j', (text, message) => {
    expect(errorOf(text)).toBe(message)
  })
})

describe('script: TCP packets', () => {
  it('flags, numbers, window, urgent pointer and options', () => {
    const packet = packetOf('< P.U 1:1001(1000) ack 5 win 257 urg 3 <nop,nop,TS val 7 ecr 9>')
    expect(packet.direction).toBe('in')
    expect(packet.transport).toMatchObject({
      flags: PSH | ACK | 0x20,
      seq: 1,
      length: 1000,
      ack: 5,
      window: 257,
      urgent: 3,
      options: [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'TS', val: 7, ecr: 9 }],
    })
  })

  it('every option', () => {
    const text = '< S 0:0(0) win 5 <mss 1460,sackOK,nop,wscale 7,FO 0a0b,FOEXP,ECN e1b 1 ceb 2,eol,nop>'
    const tcp = packetOf(text).transport as TcpFields
    expect(tcp.options?.map((option) => option.kind).join()).toBe('mss,sackOK,nop,wscale,FO,FOEXP,ECN,eol,nop')
    const sack = packetOf('< . 1:1(0) ack 1 win 5 <nop,nop,sack 1:2 4294967295:0>').transport as TcpFields
    expect(sack.options?.[2]).toEqual({
      kind: 'sack',
      blocks: [
        [1, 2],
        [4294967295, 0],
      ],
    })
  })

  it('<...> leaves the options open, none written means none', () => {
    expect((packetOf('> . 1:1(0) ack 1 <...>').transport as TcpFields).options).toBe(null)
    expect((packetOf('> . 1:1(0) ack 1').transport as TcpFields).options).toEqual([])
  })

  it('ports and IP fields', () => {
    const packet = packetOf('< [ect0, ttl 64] [40000 > 8080] S 0:0(0) win 5')
    expect(packet.ip).toEqual({ ecn: 'ect0', tos: null, ttl: 64, flowLabel: null })
    expect(packet.transport).toMatchObject({ ports: { source: 40000, destination: 8080 }, flags: SYN })
    expect(packetOf('> (tos 0xb8) . 1:1(0) ack 1').ip.tos).toBe(0xb8)
  })

  it('flags that look like a number: a count of congestion marks', () => {
    const tcp = packetOf('> P.5 1:2(1) ack 1').transport as TcpFields
    expect(tcp.ace).toBe(5)
    expect(tcp.flags).toBe(PSH | ACK | 0x100 | 0x40)
  })

  it.each([
    ['0 < . 1:1(0) ack 1', "test.pkt:1:19: expected 'win' and the window, found the end of the script"],
    ['0 < . 1:2(0) ack 1 win 5', 'test.pkt:1:9: the sequence numbers 1:2 do not span the length 0'],
    ['0 < X 1:1(0) win 5', "test.pkt:1:5: expected TCP flags (of 'FSRP.UEWA', or '-'), 'udp' or 'icmp', found 'X'"],
    [
      '0 < S 0:0(0) win 5 <mss 1460,sackOK>',
      'test.pkt:1:20: the options are 6 octets long, which is no multiple of 4: add nop',
    ],
    ['0 < S 0:0(0) win 5 <mss>', "test.pkt:1:24: expected the maximum segment size, found '>'"],
    [
      '0 < S 0:0(0) win 5 <mss 1460,bogus 4>',
      "test.pkt:1:30: expected a TCP option ('mss', 'wscale', 'sackOK', 'sack', 'TS', 'nop', 'eol', 'FO', 'FOEXP', 'ECN', 'md5'), found 'bogus'",
    ],
    ['0 < S 0:0(0) win 70000', 'test.pkt:1:18: the window must be 0 to 65535, is 70000'],
    ['0 < S 0:0 win 5', "test.pkt:1:11: expected '(', found 'win'"],
    ['0 < icmp bogus', "test.pkt:1:10: expected an ICMP type, found 'bogus'"],
    ['0 < icmp unreachable bogus', "test.pkt:1:22: expected an ICMP code of that type, found 'bogus'"],
    ['0 < icmp echo_request mtu 5', "test.pkt:1:23: 'mtu' goes only with frag_needed"],
    [
      '0',
      "test.pkt:1:2: expected a packet ('<' or '>'), a system call, a command or a code block, found the end of the script",
    ],
    ['', 'test.pkt:1:1: expected an event, found the end of the script'],
  ])('%j', (text, message) => {
    expect(errorOf(text)).toBe(message)
  })
})

describe('script: UDP and ICMP packets', () => {
  it('lengths, types, codes and what is quoted', () => {
    expect(packetOf('< udp (100)').transport).toEqual({ protocol: 'udp', ports: null, length: 100 })
    expect(packetOf('< icmp unreachable frag_needed mtu 1200 [1:1461(1460)]').transport).toEqual({
      protocol: 'icmp',
      version: 4,
      type: 3,
      code: 4,
      mtu: 1200,
      id: null,
      quoted: { protocol: 'tcp', seq: 1, length: 1460 },
    })
    expect(packetOf('< icmp echo_request id 7 [raw (56)]').transport).toMatchObject({
      type: 8,
      id: 7,
      quoted: { protocol: 'raw', length: 56 },
    })
    expect(packetOf('< icmp type_42 code_7').transport).toMatchObject({ type: 42, code: 7 })
  })
})

describe('script: what it is run over', () => {
  const versionOf = (text: string, options: ParseOptions = {}) =>
    parseScript(`${text}0 close(3) = 0`, 'test.pkt', options).ipVersion
  const transportOf = (text: string) => (actionOf(`0 ${text}`, { ipVersion: 'ipv6' }) as PacketAction).transport

  it('the option of the script, which that of the caller overrides', () => {
    expect(versionOf('')).toBe('ipv4')
    expect(versionOf('--ip_version=ipv4-mapped-ipv6\n')).toBe('ipv4-mapped-ipv6')
    expect(versionOf('--ip_version=ipv6\n')).toBe('ipv6')
    expect(versionOf('--ip_version=ipv6\n', { ipVersion: 'ipv4' })).toBe('ipv4')
    expect(errorOf('--ip_version=ipv5\n0 close(3) = 0')).toBe(
      "test.pkt:1:1: --ip_version must be ipv4, ipv4-mapped-ipv6 or ipv6, is 'ipv5'",
    )
    expect(() => versionOf('', { ipVersion: 'ipv5' as 'ipv6' })).toThrow(
      new TypeError('options.ipVersion must be ipv4, ipv4-mapped-ipv6 or ipv6, got "ipv5"'),
    )
  })

  it('the file name says for which versions a script is', () => {
    expect(ipVersionsOf('udp/poll.pkt')).toEqual(['ipv4', 'ipv4-mapped-ipv6', 'ipv6'])
    expect(ipVersionsOf('udp/too-long-v4.pkt')).toEqual(['ipv4', 'ipv4-mapped-ipv6'])
    expect(ipVersionsOf('udp/too-long-v6.pkt')).toEqual(['ipv6'])
  })

  it.each([
    ['unreachable no_route', 1, 0],
    ['unreachable admin_prohibited', 1, 1],
    ['unreachable not_neighbour', 1, 2],
    ['unreachable address_unreachable', 1, 3],
    ['unreachable port_unreachable', 1, 4],
    ['packet_too_big', 2, 0],
    ['time_exceeded exceeded_hop_limit', 3, 0],
    ['time_exceeded exceeded_frag_time', 3, 1],
    ['parameter_problem header_field', 4, 0],
    ['parameter_problem unknown_next_header', 4, 1],
    ['parameter_problem unknown_option', 4, 2],
    ['echo_request', 128, 0],
    ['echo_reply', 129, 0],
    ['type_200 code_7', 200, 7],
  ])('ICMPv6: %s (RFC 4443 3, 4)', (names, type, code) => {
    expect(transportOf(`< icmp ${names}`)).toMatchObject({ protocol: 'icmp', version: 6, type, code })
  })

  it('names of the other version are none, and an MTU of IPv6 has 32 bits', () => {
    const six = (text: string) => errorOf(`--ip_version=ipv6\n0 ${text}`)
    expect(six('< icmp unreachable frag_needed')).toBe(
      "test.pkt:2:22: expected an ICMP code of that type, found 'frag_needed'",
    )
    expect(six('< icmp redirect')).toBe("test.pkt:2:10: expected an ICMP type, found 'redirect'")
    expect(errorOf('0 < icmp packet_too_big')).toBe("test.pkt:1:10: expected an ICMP type, found 'packet_too_big'")
    expect(six('< icmp unreachable no_route mtu 1300')).toBe("test.pkt:2:31: 'mtu' goes only with packet_too_big")
    expect(transportOf('< icmp packet_too_big mtu 4294967295')).toMatchObject({ mtu: 4_294_967_295 })
  })

  it('flow labels are of IPv6', () => {
    const six = (text: string) => (actionOf(`0 ${text}`, { ipVersion: 'ipv6' }) as PacketAction).ip
    expect(six('> [tos 0x2, flowlabel 0xfffff] . 1:1(0) ack 1')).toMatchObject({ tos: 2, flowLabel: 0xfffff })
    // A script for several versions may name one: in IPv4 there is none to compare.
    expect(errorOf('0 > [flowlabel 0x1] . 1:1(0) ack 1')).toBe('no error')
  })

  it('addresses of IPv6 in options and in struct sockaddr_in6', () => {
    const script = parseScript(
      `--local_ip=fd3d:a0b:17d6::1/48\n--remote_ip=2001:db8::1
0 bind(3, {sa_family = AF_INET6, sin6_port = htons(80), sin6_addr = inet_addr("fd3d:a0b:17d6::1")}, 28) = 0`,
      'test.pkt',
    )
    expect(script.options.map(({ value }) => value)).toEqual(['fd3d:a0b:17d6::1/48', '2001:db8::1'])
    const address = ((script.events[0] as ScriptEvent).action as CallAction).args[1]
    expect(address).toMatchObject({ kind: 'struct' })
  })
})

describe('script: system calls', () => {
  it('arguments of every kind', () => {
    const call = callOf(
      'sendmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 1000}], msg_flags=MSG_DONTWAIT|MSG_OOB}, 0x10) = -1 EAGAIN (Try again)',
    )
    expect(call).toMatchObject({ name: 'sendmsg', errno: 'EAGAIN', result: { kind: 'number', value: -1 } })
    expect(call.args[1]).toMatchObject({
      kind: 'struct',
      members: [
        { name: 'msg_name', argument: { kind: 'ellipsis' }, value: { kind: 'ellipsis' } },
        { name: 'msg_iov', argument: { value: 1 }, value: { kind: 'array' } },
        { name: 'msg_flags', argument: null, value: { kind: 'or' } },
      ],
    })
    expect(call.args[2]).toMatchObject({ value: 16 })
    expect(callOf('setsockopt(3, IPPROTO_TCP, TCP_CONGESTION, "re" "no", 4) = 0').args[3]).toMatchObject({
      text: 'reno',
    })
    expect(callOf('fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)').result).toMatchObject({ value: 2 })
  })

  it.each([
    ['0 close(3)', "test.pkt:1:11: expected '=', found the end of the script"],
    ['0 close(3 = 0', "test.pkt:1:11: expected ',' or ')', found '='"],
    [
      '0 close() = ',
      "test.pkt:1:13: expected a value (a number, a name, a string, '...', '[' or '{'), found the end of the script",
    ],
    ['0...1 > . 1:1(0) ack 1', "test.pkt:1:7: expected a system call, found '>'"],
  ])('%j', (text, message) => {
    expect(errorOf(text)).toBe(message)
  })
})

describe('wrong arguments', () => {
  it('are named before anything is read or run', () => {
    expect(() => parseScript(5 as never, 'x')).toThrow(/^text must be a string, got 5/)
    expect(() => parseScript('0 close(3) = 0', undefined as never)).toThrow(/^name must be a string, got undefined/)
    expect(() => runScript(5 as never)).toThrow(/^script must be what parseScript gives, got 5/)
    expect(() => parseScript('0 close(3) = 0', 'x', { ip: 'ipv6' } as never)).toThrow(/^options has no 'ip': there are/)
    const script = parseScript('0 close(3) = 0', 'x')
    expect(() => runScript(script, { stict: true } as never)).toThrow(/^options has no 'stict': there are strict, seed/)
    expect(() => runScript(script, { seed: 'x' } as never)).toThrow(/^options.seed must be an integer, got "x"/)
  })
})
