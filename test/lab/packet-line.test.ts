import { expect, test } from 'vitest'
import { filterWords, flagsOf, lineOf } from '../../lab/page/packets/packet-line.ts'

test.each([
  [
    'tcp',
    'IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 7, win 65535, options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0',
    '[S], seq 7, win 65535, mss 1460, sackOK, wscale 7, length 0, 40000 > 80, TS val 1 ecr 0',
  ],
  [
    'tcp',
    'IP6 fd00::1.80 > fd00::2.5: Flags [.], ack 9, win 0, options [nop,nop,sack 2 {20:30}{40:50}], length 0',
    '[.], ack 9, win 0, sack 2 {20:30}{40:50}, length 0, 80 > 5',
  ],
  [
    'tcp',
    'IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [P.], seq 7:12, ack 9, win 502, length 5',
    '[P.], seq 7, ack 9, win 502, length 5, 40000 > 80',
  ],
  [
    'tcp',
    'IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [.], ack 9, win 502, options [nop,nop,sack 1 {20:30}], length 5',
    '[.], ack 9, win 502, sack 1 {20:30}, length 5, 40000 > 80',
  ],
  ['udp', 'IP 10.0.0.1.5 > 10.0.0.2.53: UDP, length 29', 'UDP, length 29, 5 > 53'],
  ['icmp', 'IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1', 'ICMP echo request, id 1, 10.0.0.1 > 10.0.0.2'],
  ['arp', 'ARP, Request who-has 10.0.0.2 tell 10.0.0.1', 'ARP, Request who-has 10.0.0.2 tell 10.0.0.1'],
] as const)('a line of %s begins with what is told: %s', (kind, text, line) => {
  expect(lineOf({ kind, text })).toBe(line)
})

test('flags stand before the rest of a line, where there are any', () => {
  expect(flagsOf('[P.], seq 7, length 5')).toEqual(['[P.], ', 'seq 7, length 5'])
  expect(flagsOf('UDP, length 29')).toEqual(['', 'UDP, length 29'])
})

test('a filter is words that all must be there: what joins them elsewhere is none', () => {
  expect(filterWords(' TCP && port 12000 and -arp - ')).toEqual(['tcp', '12000', '-arp'])
  expect(filterWords('udp port 9x unreachable')).toEqual(['udp', '9x', 'unreachable'])
})
