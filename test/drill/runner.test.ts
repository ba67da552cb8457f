// The runner must see what is wrong: each script here fails, and says why.

import { describe, expect, it } from 'vitest'
import {
  formatResult,
  type IpVersion,
  parseScript,
  type RunOptions,
  runScript,
  type ScriptFailure,
  ScriptSyntaxError,
} from '../../src/drill/index.ts'

const OPEN = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+.1 < S 0:0(0) win 65535 <mss 1000>
+0 > S. 0:0(0) ack 1 <mss 1460>
+.1 < . 1:1(0) ack 1 win 65535
+0 accept(3, ..., ...) = 4
`
const WRITE = `${OPEN}+0 write(4, ..., 100) = 100\n`

function run(text: string, options: RunOptions = {}) {
  return runScript(parseScript(text, 'test.pkt'), options)
}

function failureOf(text: string, options: RunOptions = {}): ScriptFailure {
  const { failure, ok } = run(text, options)
  expect(ok).toBe(false)
  return failure as ScriptFailure
}

describe('runner: a packet that differs fails its script', () => {
  it.each([
    ['flags', '+0 > . 1:101(100) ack 1', 'flags: expected ., seen P.'],
    ['sequence number', '+0 > P. 2:102(100) ack 1', 'sequence number: expected 2, seen 1'],
    ['acknowledgment number', '+0 > P. 1:101(100) ack 2', 'acknowledgment number: expected 2, seen 1'],
    ['missing acknowledgment number', '+0 > P. 1:101(100)', 'acknowledgment number: expected 0, seen 1'],
    ['window', '+0 > P. 1:101(100) ack 1 win 17', 'window: expected 17, seen 64240'],
    ['urgent pointer', '+0 > P. 1:101(100) ack 1 urg 4', 'urgent pointer: expected 4, seen 0'],
    ['payload shorter', '+0 > P. 1:51(50) ack 1', 'payload length: expected 50, seen 100'],
    ['payload longer', '+0 > P. 1:201(200) ack 1', 'payload length: expected 200, seen 100'],
    ['options', '+0 > P. 1:101(100) ack 1 <nop,nop,TS val 1 ecr 1>', 'options: expected nop,nop,TS, seen none'],
    ['type of service', '+0 > [tos 0x20] P. 1:101(100) ack 1', 'type of service: expected 32, seen 0'],
    ['time to live', '+0 > [ttl 3] P. 1:101(100) ack 1', 'time to live: expected 3, seen 64'],
    [
      'congestion notification',
      '+0 > [ect0] P. 1:101(100) ack 1',
      'congestion notification: expected ect0, seen noecn',
    ],
    ['congestion marks', '+0 > P.3 1:101(100) ack 1', 'count of congestion marks: expected 3, seen 0'],
    ['protocol', '+0 > udp (100)', 'protocol: expected udp, seen tcp'],
    ['ports', '+0 > [8080 > 5] P. 1:101(100) ack 1', 'there is no socket that could send this packet'],
  ])('%s', (_, expectation, message) => {
    const failure = failureOf(WRITE + expectation)
    expect(failure.message).toBe(message)
    expect(failure.line).toBe(9)
  })

  it('options of a SYN: order, value, one too few', () => {
    const connect = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS
+0 > S 0:0(0) `
    expect(failureOf(`${connect}<sackOK,mss 1460,TS val 1 ecr 0,nop,wscale 7>`).message).toBe(
      'options: expected sackOK,mss,TS,nop,wscale, seen mss,sackOK,TS,nop,wscale',
    )
    expect(failureOf(`${connect}<mss 1461,sackOK,TS val 1 ecr 0,nop,wscale 7>`).message).toBe(
      'option mss: expected mss 1461, seen mss 1460',
    )
    expect(failureOf(`${connect}<mss 1460>`).message).toBe('options: expected mss, seen mss,sackOK,TS,nop,wscale')
    expect(run(`${connect}<...>`).ok).toBe(true)
  })

  it('ICMP: type, code, data', () => {
    const failing = (expectation: string) => failureOf(`0 < udp (10)\n+0 > icmp ${expectation}`).message
    expect(failing('echo_reply')).toBe('ICMP type: expected 0, seen 3')
    expect(failing('unreachable host_unreachable')).toBe('ICMP code: expected 1, seen 3')
    const echo = (expectation: string) =>
      failureOf(`0 < icmp echo_request id 7 [raw (8)]\n+0 > icmp ${expectation}`).message
    expect(echo('echo_reply id 8')).toBe('identifier: expected 8, seen 7')
    expect(echo('echo_reply id 7 [raw (9)]')).toBe('ICMP data: expected 9 octets, seen 8')
  })

  it('the failure shows the line, what was expected, what was seen, and the packets before', () => {
    const result = run(`${WRITE}+0 > P. 1:101(100) ack 2`)
    expect(formatResult(result).split('\n')).toEqual([
      'test.pkt:9: acknowledgment number: expected 2, seen 1',
      '  expected: > P. 1:101(100) ack 2',
      '  seen:     0.200000 > P. 1:101(100) ack 1 win 64240',
      '  last packets:',
      '    0.100000 < S 0:0(0) win 65535 <mss 1000>',
      '    0.100000 > S. 0:0(0) ack 1 win 64240 <mss 1460>',
      '    0.200000 < . 1:1(0) ack 1 win 65535',
      '    0.200000 > P. 1:101(100) ack 1 win 64240',
    ])
  })
})

describe('runner: segments that stand for one of the script', () => {
  const write = `${OPEN}+0 write(4, ..., 2500) = 2500\n`

  it('are joined', () => {
    expect(run(`${write}+0 > P. 1:2501(2500) ack 1`).ok).toBe(true)
  })

  it('are not with --strict_segments', () => {
    const text = `--strict_segments\n${write}+0 > P. 1:2501(2500) ack 1`
    expect(failureOf(text).message).toBe('flags: expected P., seen .')
    expect(failureOf(text.replace('> P.', '> .')).message).toBe('payload length: expected 2500, seen 1000')
  })

  it('do not hide one too many octets, nor a missing tail', () => {
    expect(failureOf(`${write}+0 > P. 1:2001(2000) ack 1\n+0 > P. 2001:2502(501) ack 1`).message).toBe(
      'payload length: expected 501, seen 500',
    )
    expect(failureOf(`${write}+0 > P. 1:1501(1500) ack 1`).message).toBe('payload length: expected 1500, seen 2000')
  })
})

describe('runner: time', () => {
  it.each([
    [
      'late',
      '+0 > P. 1:101(100) ack 1\n+.1 > P. 1:101(100) ack 1',
      'too late: expected at 0.300000 (tolerance 0.012500), happened at 0.500000',
    ],
    [
      'early',
      '+0 > P. 1:101(100) ack 1\n+2 > P. 1:101(100) ack 1',
      'too early: expected at 2.200000 (tolerance 0.250000), happened at 0.500000',
    ],
    [
      'before a range',
      '+0 > P. 1:101(100) ack 1\n+.5~+.7 > P. 1:101(100) ack 1',
      'too early: expected at 0.700000~0.900000 (tolerance 0.087500), happened at 0.500000',
    ],
    [
      'after a range',
      '+0 > P. 1:101(100) ack 1\n+.1~+.2 > P. 1:101(100) ack 1',
      'too late: expected at 0.300000~0.400000 (tolerance 0.025000), happened at 0.500000',
    ],
    [
      'absolute',
      '0.25 > P. 1:101(100) ack 1',
      'too early: expected at 0.250000 (tolerance 0.006250), happened at 0.200000',
    ],
  ])('%s', (_, expectation, message) => {
    expect(failureOf(WRITE + expectation).message).toBe(message)
  })

  it('at any time: no time is wrong', () => {
    const result = run(`${WRITE}+0 > P. 1:101(100) ack 1\n* > P. 1:101(100) ack 1\n* > P. 1:101(100) ack 1`)
    expect(result.ok).toBe(true)
    expect(result.duration).toBe(1100)
  })

  it('the tolerance is the larger of the two options', () => {
    const text = `${WRITE}+0 > P. 1:101(100) ack 1\n+.29 > P. 1:101(100) ack 1`
    expect(run(text).ok).toBe(true)
    expect(run(text, { options: { tolerance_percent: '1' } }).ok).toBe(false)
    expect(run(text, { options: { tolerance_percent: '1', tolerance_usecs: '10000' } }).ok).toBe(true)
    expect(run(`--tolerance_percent=1\n${text}`).ok).toBe(false)
  })
})

describe('runner: packets that do not come, and packets that nobody expects', () => {
  it('a packet that does not come', () => {
    const failure = failureOf(`${OPEN}+.1 > P. 1:101(100) ack 1`)
    expect(failure.message).toBe('the packet did not come')
    expect(failure.expected).toBe('0.300000 > P. 1:101(100) ack 1')
    expect(failure.seen).toBe(null)
  })

  it('an unexpected packet meets the next expectation', () => {
    const text = `${WRITE}+.1 < P. 1:11(10) ack 101 win 65535\n+0 > . 101:101(0) ack 11 <...>`
    expect(failureOf(text).message).toBe('flags: expected ., seen P.')
  })

  it('one that is left over is reported, and fails the script only if it is run strictly', () => {
    const lenient = run(WRITE)
    expect(lenient.ok).toBe(true)
    expect(lenient.leftovers).toEqual(['0.200000 > P. 1:101(100) ack 1 win 64240'])
    const strict = failureOf(WRITE, { strict: true })
    expect(strict.message).toBe('the stack sent a packet that the script does not expect')
    expect(strict.seen).toBe('0.200000 > P. 1:101(100) ack 1 win 64240')
  })

  it('an echoed timestamp is compared if the script is run strictly', () => {
    const text = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+.1 < S 0:0(0) win 65535 <mss 1000,nop,nop,TS val 10 ecr 0>
+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 100 ecr 11>`
    expect(run(text).ok).toBe(true)
    expect(failureOf(text, { strict: true }).message).toBe('timestamp echo: expected 11, seen 10')
  })

  it('a timestamp that was never sent cannot be echoed, unless echoes are scaled', () => {
    const text = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+.1 < S 0:0(0) win 65535 <mss 1000,nop,nop,TS val 10 ecr 0>
+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 100 ecr 10>
+.1 < . 1:1(0) ack 1 win 65535 <nop,nop,TS val 20 ecr 150>
+0 accept(3, ..., ...) = 4`
    expect(failureOf(text).message).toBe('no packet was expected with the timestamp 150 that is echoed')
    expect(run(`--tcp_ts_ecr_scaled\n${text}`).ok).toBe(true)
  })

  it('the value of a timestamp is compared with --tcp_ts_tick_usecs', () => {
    const text = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS
+0 > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>
+1 > S 0:0(0) <mss 1460,sackOK,TS val 2100 ecr 0,nop,wscale 7>`
    expect(run(text).ok).toBe(true)
    expect(failureOf(`--tcp_ts_tick_usecs=1000\n${text}`).message).toBe(
      'timestamp: expected 2000 ticks after the first, seen 1000',
    )
  })
})

describe('runner: system calls', () => {
  it.each([
    ['result', '+0 write(4, ..., 100) = 99', 'write() returned 100, expected 99'],
    [
      'success where an error was expected',
      '+0 write(4, ..., 100) = -1 EPIPE',
      'write() returned 100, expected -1 EPIPE',
    ],
    ['errno', '+0 recv(4, ..., 100, MSG_DONTWAIT) = -1 EPIPE', 'recv() returned -1 EAGAIN, expected -1 EPIPE'],
    [
      'error where success was expected',
      '+0 recv(4, ..., 100, MSG_DONTWAIT) = 7',
      'recv() returned -1 EAGAIN, expected 7',
    ],
    ['descriptor', '+0 socket(..., SOCK_STREAM, IPPROTO_UDP) = 9', 'socket() returned -1 EPROTONOSUPPORT, expected 9'],
    ['waiting', '+0 read(4, ..., 100) = 100', 'read() would wait, but the script has it return at once'],
    [
      'option value',
      '+0 getsockopt(4, IPPROTO_TCP, TCP_NODELAY, [1], [4]) = 0',
      'the value of the option: expected [1], seen [0]',
    ],
    [
      'option struct',
      '+0 getsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, [8]) = 0',
      'the value of the option: expected {onoff=1, linger=0}, seen {onoff=0, linger=0}',
    ],
    [
      'option length',
      '+0 getsockopt(4, SOL_SOCKET, SO_LINGER, ..., [12]) = 0',
      'the length of the option: expected 12, seen 8',
    ],
    ['ioctl', '+0 ioctl(4, SIOCINQ, [5]) = 0', 'ioctl() wrote 0, expected 5'],
    [
      'poll',
      '+0 poll([{fd=4, events=POLLOUT, revents=POLLIN}], 1, 0) = 1',
      'revents of descriptor 4: expected 1, seen 4',
    ],
    ['unknown call', '+0 reboot(4) = 0', 'the system call reboot() is not supported'],
    ['unknown constant', '+0 shutdown(4, SHUT_BOGUS) = 0', "'SHUT_BOGUS' is no number or known constant"],
    ['number of arguments', '+0 read(4, ...) = 0', 'read() takes 3 arguments, the script gives 2'],
    ['closed descriptor', '+0 close(4) = 0\n+0 close(4) = 0', 'close() returned -1 EBADF, expected 0'],
  ])('%s', (_, call, message) => {
    expect(failureOf(OPEN + call).message).toBe(message)
  })

  it('a call that waits returns too late, too early, or not at all', () => {
    const data = '+.3 < P. 1:11(10) ack 1 win 65535'
    expect(failureOf(`${OPEN}+0...0.1 read(4, ..., 100) = 10\n${data}`).message).toBe(
      'too late: expected at 0.300000 (tolerance 0.012500), happened at 0.500000',
    )
    expect(failureOf(`${OPEN}+0...0.5 read(4, ..., 100) = 10\n${data}`).message).toBe(
      'too early: expected at 0.700000 (tolerance 0.062500), happened at 0.500000',
    )
    expect(failureOf(`${OPEN}+0...0.3 read(4, ..., 100) = 9\n${data}`).message).toBe('read() returned 10, expected 9')
    expect(failureOf(`${OPEN}+0...0.3 read(4, ..., 100) = 10`).message).toBe(
      'the script ends before the call has returned',
    )
    expect(failureOf(`${OPEN}+0...0.3 read(4, ..., 100) = 10\n+.1 close(3) = 0`).message).toBe(
      'the call has not returned when the next is due',
    )
    expect(failureOf(`${OPEN}+0...0.3 write(4, ..., 100) = 100`).message).toBe(
      'too early: expected at 0.500000 (tolerance 0.037500), happened at 0.200000',
    )
  })

  it('msg_flags and control messages of recvmsg', () => {
    const text = (message: string) => `0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3
+0 bind(3, ..., ...) = 0
+0 < udp (100)
+0 recvmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 10}], ${message}}, 0) = 10`
    expect(failureOf(text('msg_flags=0')).message).toBe('msg_flags: expected 0, seen 32')
    expect(
      failureOf(text('msg_flags=MSG_TRUNC, msg_control=[{cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=64}]')).message,
    ).toBe('control messages: expected {cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=64}, seen none')
  })
})

describe('runner: IPv6', () => {
  const run6 = (text: string, options: RunOptions = {}, ipVersion: IpVersion = 'ipv6') =>
    runScript(parseScript(text, 'test.pkt', { ipVersion }), options)

  it('an MTU 20 octets larger makes the same MSS, and another one another', () => {
    expect(formatResult(run6(WRITE))).toBe('')
    expect(formatResult(run6(`--mtu=1500\n${WRITE}`))).toBe('')
    const only = `--ip_version=ipv6\n--mtu=1500\n${WRITE}`
    expect(run6(only).failure?.message).toBe('option mss: expected mss 1460, seen mss 1440')
    expect(run6(WRITE, { options: { mtu: '1500' } }).failure?.message).toBe(
      'option mss: expected mss 1460, seen mss 1440',
    )
  })

  it("'...' is a socket of the run's family; one of AF_INET cannot be bound to an IPv6 address (ip(7), ipv6(7))", () => {
    const bind = (family: string) => `0 socket(${family}, SOCK_STREAM, 0) = 3\n+0 bind(3, ..., ...) = 0`
    const only = '\n+0 getsockopt(3, IPPROTO_IPV6, IPV6_V6ONLY, [0], [4]) = 0'
    expect(formatResult(run6(bind('...') + only))).toBe('')
    expect(formatResult(run6(bind('...') + only, {}, 'ipv4-mapped-ipv6'))).toBe('')
    expect(run6(bind('...') + only, {}, 'ipv4').failure?.message).toMatch(/^getsockopt\(\) returned -1 /)
    expect(run6(bind('AF_INET')).failure?.message).toMatch(/^bind\(\) returned -1 /)
    expect(formatResult(run6(bind('AF_INET'), {}, 'ipv4-mapped-ipv6'))).toBe('')
  })

  it("a script's own addresses win where they are of the run's family", () => {
    const echo = '0 < icmp echo_request id 7\n+0 > icmp echo_reply id 7'
    const both = `--local_ip=10.0.0.1/8\n--remote_ip=10.0.0.2\n${echo}`
    expect(formatResult(run6(both, { strict: true }))).toBe('')
    expect(formatResult(run6(both, { strict: true }, 'ipv4'))).toBe('')
    expect(formatResult(run6(`--local_ip=2001:db8::1/64\n--remote_ip=2001:db8::2\n${echo}`, { strict: true }))).toBe('')
    expect(run6(`--local_ip=10.0.0.1/40\n${echo}`).failure?.message).toBe(
      "--local_ip must be an IPv4 or IPv6 address, is '10.0.0.1/40'",
    )
  })

  it('one flow label of the script is one on the wire, and another is another', () => {
    const syn = (port: number, label: number) =>
      `+.1 < [${port} > 8080] S 0:0(0) win 65535 <mss 1000>
+0 > [flowlabel ${label}] [8080 > ${port}] S. 0:0(0) ack 1 <mss 1460>\n`
    const listen = '0 socket(..., SOCK_STREAM, 0) = 3\n+0 bind(3, ..., ...) = 0\n+0 listen(3, 2) = 0\n'
    expect(formatResult(run6(listen + syn(5000, 1) + syn(5001, 2)))).toBe('')
    expect(run6(listen + syn(5000, 1) + syn(5001, 1)).failure?.message).toMatch(
      /^flow label: 0x1 has changed on the wire, 0x[0-9a-f]+$/,
    )
    const again = '+1 > [flowlabel 2] [8080 > 5000] S. 0:0(0) ack 1 <mss 1460>'
    expect(run6(listen + syn(5000, 1) + again).failure?.message).toMatch(
      /^flow label: 0x2 is 0x1 on the wire, 0x[0-9a-f]+$/,
    )
  })

  it('what the stack says of itself to routers and neighbours is no part of a script that does not expect it', () => {
    // ff02::1234 on any interface, a struct ipv6_mreq.
    const join = `0 socket(..., SOCK_DGRAM, 0) = 3
+0 setsockopt(3, IPPROTO_IPV6, IPV6_JOIN_GROUP, [0x2ff, 0, 0, 0x34120000, 0], 20) = 0\n`
    expect(formatResult(run6(`${join}+60 close(3) = 0`, { strict: true }))).toBe('')
    expect(formatResult(run6(`${join}* > icmp type_143`))).toBe('')
    expect(run6(`${join}* > icmp type_143 code_1`).failure?.message).toBe('ICMP code: expected 1, seen 0')
  })
})

describe('runner: code blocks and configuration', () => {
  it('an assertion that does not hold', () => {
    const failure = failureOf(`${OPEN}+0 %{ assert tcpi_snd_cwnd == 11, 'window' }%`)
    expect(failure.message).toBe('assertion failed: tcpi_snd_cwnd == 11: window (tcpi_snd_cwnd is 10)')
    expect(failure.line).toBe(8)
  })

  it('a field that there is not, and a socket that there is not', () => {
    expect(failureOf(`${OPEN}+0 %{ assert tcpi_bogus == 1 }%`).message).toBe("'tcpi_bogus' is not defined")
    expect(failureOf('0 %{ assert tcpi_state == 1 }%').message).toBe(
      'no descriptor of the socket under test is open, so it has no TCP_INFO',
    )
  })

  it('commands and options that are not understood', () => {
    expect(failureOf('`reboot`\n0 close(3) = -1 EBADF').message).toBe("the command 'reboot' is not understood")
    expect(failureOf(`${OPEN}+0 \`reboot\``).line).toBe(8)
    expect(failureOf('--bogus=1\n0 close(3) = -1 EBADF').message).toBe('the option --bogus is not supported')
    expect(failureOf('0 close(3) = -1 EBADF', { options: { ip_version: 'ipv6' } }).message).toBe(
      'the script was parsed for ipv4, and cannot be run over ipv6',
    )
    expect(failureOf('--tolerance_usecs=soon\n0 close(3) = -1 EBADF').message).toBe(
      "--tolerance_usecs must be a number from 0 up, is 'soon'",
    )
    expect(failureOf('--local_ip=here\n0 close(3) = -1 EBADF').message).toBe(
      "--local_ip must be an IPv4 or IPv6 address, is 'here'",
    )
  })

  it('a script that cannot be read', () => {
    expect(() => run(`${OPEN}+0 > P. 1:101(10) ack 1`)).toThrow(
      new ScriptSyntaxError(
        'test.pkt',
        { line: 8, column: 11 },
        'the sequence numbers 1:101 do not span the length 10',
      ),
    )
  })

  it('the same seed is the same run, another one another', () => {
    const connect = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS`
    const timestamps = [1, 2, 1].map((seed) => run(connect, { seed }).leftovers[0])
    expect(timestamps[0]).not.toBe(timestamps[1])
    expect(timestamps[0]).toBe(timestamps[2])
  })
})

describe('what a run tells', () => {
  it('a trace: a SYN that no line has named yet has the number 0', () => {
    const lines: string[] = []
    run(OPEN, { trace: (line) => lines.push(line) })
    expect(lines.find((line) => line.includes('> S.'))).toMatch(/ > S\. 0:0\(0\) ack 1 /)
  })

  it.each([
    [{ mtu: '5' }, "options.options: --mtu must be a whole number from 68 to 65535, is '5'"],
    [{ mtu: '1e9' }, "options.options: --mtu must be a whole number from 68 to 65535, is '1e9'"],
    [{ tolerance_usecs: 'abc' }, "options.options: --tolerance_usecs must be a number from 0 up, is 'abc'"],
    [{ bind_port: '99999' }, "options.options: --bind_port must be a whole number from 0 to 65535, is '99999'"],
    [
      { non_fatal: 'packets' },
      "options.options: --non_fatal must be 'packet', 'syscall' or 'packet,syscall', is 'packets'",
    ],
    [{ ip_version: 'ipv5' }, "options.options: --ip_version must be ipv4, ipv4-mapped-ipv6 or ipv6, is 'ipv5'"],
    [{ bogus: '1' }, 'options.options: the option --bogus is not supported'],
  ])("an option of the caller's that cannot be is the caller's error, not the script's: %j", (options, message) => {
    expect(() => run(OPEN, { options })).toThrow(new RangeError(message))
  })

  it('an MTU that no link has fails the script that has it', () => {
    expect(failureOf(`--mtu=5\n${OPEN}`).message).toBe("--mtu must be a whole number from 68 to 65535, is '5'")
  })
})
