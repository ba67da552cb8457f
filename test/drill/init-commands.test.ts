import { describe, expect, it } from 'vitest'
import { DrillFailure } from '../../src/drill/failure.ts'
import { applyCommand } from '../../src/drill/init-commands.ts'
import type { ShellCommand } from '../../src/drill/script.ts'

function command(text: string): ShellCommand {
  return { kind: 'command', text, line: 1, column: 1 }
}

describe('init command: what it sets', () => {
  it.each([
    ['sysctl -q net.ipv4.tcp_timestamps=0', { tcp: { timestamps: false } }],
    ['sysctl -w net.ipv4.tcp_syn_retries=3 net.ipv4.tcp_fin_timeout=5', { tcp: { synRetries: 3, finWait2: 5000 } }],
    ['../common/set_sysctls.py /proc/sys/net/ipv4/tcp_sack=0', { tcp: { sack: false } }],
    [
      'sysctl -q net.ipv4.tcp_rmem="4096 540000 15728640"',
      { tcp: { receiveBuffer: 270000, receiveBufferMax: 15728640 } },
    ],
    ['sysctl -q net.ipv4.tcp_retries2=4 > /dev/null 2>&1 || true', { tcp: { retries2: 4 } }],
    ['tc qdisc replace dev tun0 root pfifo\nsysctl -q net.ipv4.tcp_retries1=2 # why', { tcp: { retries1: 2 } }],
    ['sysctl -q net.ipv4.tcp_early_retrans=0', { tcp: { tailLossProbe: false } }],
    ['sysctl -q net.ipv4.tcp_congestion_control=reno', {}],
    ['ethtool -K tun0 tso off gso off; ip tcp_metrics flush all', {}],
  ])('%s', (text, settings) => {
    expect(applyCommand(command(text), {})).toEqual(settings)
  })
})

describe('init command: what it cannot', () => {
  it.each([
    ['reboot now', "the command 'reboot now' is not understood"],
    ['sysctl -q net.ipv4.tcp_bogus=1', "the variable 'net.ipv4.tcp_bogus' is not understood"],
    ['sysctl -q net.ipv4.tcp_ecn=x', 'net.ipv4.tcp_ecn=x: a number is wanted'],
    ['sysctl -q net.ipv4.tcp_sack=maybe', 'net.ipv4.tcp_sack=maybe: a number is wanted'],
    ['sysctl -q net.ipv4.tcp_rmem=1', 'net.ipv4.tcp_rmem=1: three numbers are wanted'],
  ])('%s', (text, message) => {
    expect(() => applyCommand(command(text), {})).toThrow(DrillFailure)
    expect(() => applyCommand(command(text), {})).toThrow(message)
  })
})
