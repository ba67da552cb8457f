import { describe, expect, it } from 'vitest'
import { BASELINE } from '../../src/drill/baseline.ts'
import { DrillFailure } from '../../src/drill/failure.ts'
import { parseScript } from '../../src/drill/parser.ts'
import type { RouteChange } from '../../src/drill/route-command.ts'
import { runScript } from '../../src/drill/runner.ts'
import { applyCommand } from '../../src/drill/shell-commands.ts'
import { simpleCommands } from '../../src/drill/shell-words.ts'
import type { TcpConfig } from '../../src/tcp/config.ts'

/** What a command changes, and what it says of what it does not. */
function effectOf(text: string): {
  readonly tcp: Partial<TcpConfig>
  readonly notes: readonly string[]
  readonly routes: readonly RouteChange[]
} {
  const tcp = {}
  const routes: RouteChange[] = []
  const notes: string[] = []
  applyCommand(
    { kind: 'command', text, line: 1, column: 1 },
    {
      configure: (change) => Object.assign(tcp, change),
      changeRoute: (change) => routes.push(change),
      forgetPeers: () => {},
      file: () => {},
      note: (note) => notes.push(note),
    },
  )
  return { tcp, notes, routes }
}

describe('shell words (POSIX.1-2024, Shell Command Language, 2.2 and 2.3)', () => {
  it.each([
    ['a b', [['a', 'b']]],
    ['a "b c" d\\ e \'f "g\'', [['a', 'b c', 'd e', 'f "g']]],
    ['a=1"2 3"4', [['a=12 34']]],
    ['a \\\n  b\nc;d && e', [['a', 'b'], ['c'], ['d'], ['e']]],
    ['a # b\n# c\nd#e', [['a'], ['d#e']]],
    ['a || b\nc | d', [['a'], ['c']]],
    ['a > /dev/null 2>&1 &', [['a']]],
    ['a 2>/dev/null b', [['a', 'b']]],
    ['', []],
  ])('%j', (text, words) => {
    expect(simpleCommands(text).map((command) => command.words)).toEqual(words)
  })

  it('where the output goes', () => {
    expect(simpleCommands('echo 0 > /sys/module/a; echo 1 2>b').map(({ into }) => into)).toEqual([
      '/sys/module/a',
      null,
    ])
  })
})

describe('shell command: what it sets', () => {
  it.each([
    ['sysctl -q net.ipv4.tcp_timestamps=0', { timestamps: false }],
    ['sysctl -w net.ipv4.tcp_syn_retries=3 net.ipv4.tcp_fin_timeout=5', { synRetries: 3, finWait2: 5000 }],
    ['../common/set_sysctls.py /proc/sys/net/ipv4/tcp_sack=0', { sack: false }],
    [
      'sh ../common/set_sysctls.py /proc/sys/net/ipv4/tcp_sack=0 \\\n /proc/sys/net/ipv4/tcp_retries1=2',
      { sack: false, retries1: 2 },
    ],
    ['sysctl -q net.ipv4.tcp_rmem="4096 540000 15728640"', { receiveBuffer: 540_000, receiveBufferMax: 15728640 }],
    ['sysctl -q net.ipv4.tcp_retries2=4 > /dev/null 2>&1 || true', { retries2: 4 }],
    ['echo 4 > /proc/sys/net/ipv4/tcp_retries2', { retries2: 4 }],
    ['tc qdisc replace dev tun0 root pfifo\nsysctl -q net.ipv4.tcp_retries1=2 # why', { retries1: 2 }],
    ['sysctl -q net.ipv4.tcp_early_retrans=0', { tailLossProbe: false }],
    ['sysctl -q net.ipv4.tcp_rto_min_us=5000', { minimumRto: 5 }],
    ['ethtool -K tun0 tso off gso off; ip tcp_metrics flush all; nstat -n', {}],
    ['dd bs=1M count=1 if=/dev/zero of=/tmp/file; /tmp/sysctl_restore_71.sh', {}],
  ])('%s', (text, settings) => {
    expect(effectOf(text)).toEqual({ tcp: settings, notes: [], routes: [] })
  })

  it("the baseline of the suite's scripts: every variable of it is known", () => {
    const { tcp } = effectOf('../common/defaults.sh')
    expect(tcp).toMatchObject({ receiveBufferMax: 15_728_640, slowStartAfterIdle: false, synRetries: 5 })
    for (const [name, value] of BASELINE) expect(() => effectOf(`sysctl -q ${name}="${value}"`)).not.toThrow()
  })

  it('a variable that Linux acts on and the stack does not is told of, and fails a strict run', () => {
    const text = '`sysctl -q net.ipv4.tcp_stdurg=1`\n0 socket(..., SOCK_STREAM, 0) = 3'
    const note = 'net.ipv4.tcp_stdurg=1 has no effect here: the stack acts as with 0'
    const result = runScript(parseScript(text, 'note.pkt'))
    expect(result).toMatchObject({ ok: true, notes: [note] })
    expect(runScript(parseScript(text, 'note.pkt'), { strict: true }).failure).toMatchObject({ line: 1, message: note })
  })
})

describe('shell command: routes (ip-route(8))', () => {
  it.each([
    ['ip route change default dev tun0 advmss 900', 'default', { advertisedMss: 900 }],
    [
      'ip route change 192.0.2.0/24 via 192.168.0.1 dev tun0 mtu lock 1200',
      '192.0.2.0/24',
      { mtu: 1200, mtuLocked: true },
    ],
    [
      'ip ro replace 192.0.2.1 dev tun0 proto static initcwnd 20 initrwnd 4',
      '192.0.2.1',
      { initialWindow: 20, initialReceiveWindow: 4 },
    ],
    [
      'ip -6 route add fd3d::/16 dev tun0 rto_min lock 1s quickack 1',
      'fd3d::/16',
      { minimumRto: 1000, quickAck: true },
    ],
    [
      'ip route change default dev tun0 rto_min 40ms features ecn mtu 1400',
      'default',
      { minimumRto: 40, ecn: true, mtu: 1400, mtuLocked: false },
    ],
  ])('%s', (text, prefix, metrics) => {
    expect(effectOf(text).routes).toEqual([{ prefix, metrics }])
  })

  it.each([
    ['ip route change default dev tun0 advmss many', 'ip route: advmss: a number is wanted'],
    ['ip route change default dev tun0 rto_min soon', 'ip route: rto_min: a time is wanted'],
    ['ip route change default wheels 4', "ip route: 'wheels' is not understood"],
    ['ip route change dev tun0', 'ip route: a prefix is wanted'],
  ])('%s cannot be', (text, message) => {
    expect(() => effectOf(text)).toThrow(message)
  })
})

describe('shell command: what it cannot', () => {
  it.each([
    ['reboot now', "the command 'reboot now' is not understood"],
    ['sysctl -q net.ipv4.tcp_bogus=1', 'net.ipv4.tcp_bogus=1: there is no such variable'],
    ['sysctl -q net.ipv4.tcp_sack=maybe', 'net.ipv4.tcp_sack=maybe: a number is wanted'],
    ['sysctl -q net.ipv4.tcp_rmem=1', 'net.ipv4.tcp_rmem=1: three numbers are wanted'],
    ['echo 1 > /etc/passwd', 'there is no such file'],
    ['../common/set_sysctls.py nothing', "'nothing' is no assignment"],
  ])('%s', (text, message) => {
    expect(() => effectOf(text)).toThrow(DrillFailure)
    expect(() => effectOf(text)).toThrow(message)
  })
})

describe('shell command: while the script runs', () => {
  it('connections from then on are as it says', () => {
    const open = (options: string) => `+0 socket(..., SOCK_STREAM, 0) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS
+0 > S 0:0(0) <${options}>
+0 close(3) = 0
`
    const text = `0 \`true\`\n${open('mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7')}+0 \`sysctl -q net.ipv4.tcp_timestamps=0 net.ipv4.tcp_sack=0\`\n${open('mss 1460,nop,wscale 7')}`
    expect(runScript(parseScript(text, 'timed.pkt')).failure).toBe(null)
  })
})
