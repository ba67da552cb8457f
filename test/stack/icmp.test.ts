import { expect, test } from 'vitest'
import {
  ECONNREFUSED,
  EHOSTDOWN,
  EHOSTUNREACH,
  EMSGSIZE,
  ENETUNREACH,
  ENONET,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPROTO,
} from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import type { IcmpReport } from '../../src/stack/transport/transport.ts'
import { bits, icmp, ipv4, OneStack, octets, PEER, parse, same, udp } from './one-stack.ts'
import { toHex } from './script-device.ts'

const ICMP = { protocol: 1 }

test.each([0, 1, 56, 1472, 1473, 9000, 60_000, 65_507])(
  'ICMP: an echo request with %i octets is answered with the same (RFC 1122 section 3.2.2.6)',
  (size) => {
    const host = new OneStack()
    const request = icmp(8, 0, 0x1234, 7, octets(size))
    // What is longer than the link takes comes in fragments, and goes back in fragments.
    const step = 1480
    for (let from = 0; from < request.length; from += step) {
      const part = request.slice(from, from + step)
      host.device.deliver(ipv4(part, { ...ICMP, offset: from, more: from + step < request.length, tos: 0x10 }))
    }
    const answer = new Uint8Array(request.length)
    let got = 0
    for (const packet of host.device.take()) {
      const { payload, fragmentOffset, source, destination, tos } = parse(packet)
      expect([source, destination, tos]).toEqual([bits('192.0.2.1'), bits(PEER), 0x10])
      answer.set(payload, fragmentOffset)
      got += payload.length
    }
    expect(got).toBe(request.length)
    expect(same(answer, icmp(0, 0, 0x1234, 7, octets(size)))).toBe(true)
  },
)

test('ICMP: an echo request to all is not answered (RFC 1122 section 3.2.2.6)', () => {
  const host = new OneStack()
  const request = icmp(8, 0, 1, 1, octets(8))
  host.device.deliver(ipv4(request, { ...ICMP, destination: '192.0.2.255' }))
  host.device.deliver(ipv4(request, { ...ICMP, destination: '224.0.0.1' }))
  expect(host.device.take()).toEqual([])
})

test('ICMP: a wrong checksum is dropped without a word', () => {
  const host = new OneStack()
  const request = icmp(8, 0, 1, 1, octets(8))
  request[9] = 99
  host.device.deliver(ipv4(request, ICMP))
  expect(host.device.take()).toEqual([])
  expect(host.stack.counters.icmpInErrors).toBe(1)
})

test.each([13, 15, 17, 42])('ICMP: type %i is dropped without a word (RFC 1122 section 3.2.2)', (type) => {
  const host = new OneStack()
  host.device.deliver(ipv4(icmp(type, 0, 1, 1, octets(12)), ICMP))
  expect(host.device.take()).toEqual([])
})

test('ICMP: "port unreachable" quotes the datagram unchanged, in 576 octets at most (RFC 1812 section 4.3.2.3)', () => {
  const host = new OneStack()
  for (const size of [0, 40, 1400]) {
    const packet = ipv4(udp(5, 9, octets(size)), { id: 77 })
    host.device.deliver(packet)
    const [answer] = host.device.take()
    const { payload, totalLength, destination } = parse(answer as Uint8Array)
    expect(destination).toBe(bits(PEER))
    expect(toHex(payload.subarray(0, 8))).toMatch(/^03 03 .. .. 00 00 00 00$/)
    expect(totalLength).toBe(Math.min(576, 20 + 8 + packet.length))
    expect(payload.subarray(8)).toEqual(packet.subarray(0, totalLength - 28))
  }
})

test.each([
  ['of an unknown protocol to broadcast', ipv4(octets(4), { destination: '192.0.2.255', protocol: 200 })],
  ['to broadcast', ipv4(udp(5, 9, octets(4), { destination: '192.0.2.255' }), { destination: '192.0.2.255' })],
  ['to a group', ipv4(udp(5, 9, octets(4), { destination: '224.0.0.1' }), { destination: '224.0.0.1' })],
  ['from nobody', ipv4(octets(4), { source: '0.0.0.0', destination: '255.255.255.255', protocol: 200 })],
  ['that is an ICMP error', ipv4(icmp(3, 3, 0, 0, octets(3)), ICMP)],
])('ICMP: no error about a packet %s (RFC 1122 section 3.2.2)', (_what, packet) => {
  const host = new OneStack()
  host.device.deliver(packet)
  expect(host.device.take()).toEqual([])
})

test('ICMP: no error about an ICMP error, even one with a malformed option', () => {
  const host = new OneStack()
  host.device.deliver(ipv4(icmp(3, 3, 0, 0, octets(30)), { ...ICMP, options: Uint8Array.of(7, 1, 0, 0) }))
  expect(host.device.take()).toEqual([])
  host.device.deliver(ipv4(icmp(8, 0, 0, 0, octets(30)), { ...ICMP, options: Uint8Array.of(7, 1, 0, 0) }))
  expect(host.device.take().length).toBe(1)
})

test('ICMP: errors to one destination are six at once, then one a second (RFC 1812 section 4.3.2.8)', () => {
  const host = new OneStack()
  const packet = ipv4(udp(5, 9, octets(4)))
  const burst = (count: number) => {
    for (let i = 0; i < count; i++) host.device.deliver(packet)
    return host.device.take().length
  }
  expect(burst(20)).toBe(6)
  expect(host.stack.counters.icmpRateLimited).toBe(14)
  host.run(1000)
  expect(burst(20)).toBe(1)
  host.run(60_000)
  expect(burst(20)).toBe(6)
})

test('ICMP: errors to all destinations together are limited too', () => {
  const host = new OneStack()
  let sent = 0
  for (let i = 0; i < 500; i++) {
    const source = `198.51.${100 + (i >> 8)}.${i & 255 || 1}`
    host.device.deliver(ipv4(udp(5, 9, octets(4), { source }), { source }))
    sent += host.device.take().length
  }
  expect(sent).toBeGreaterThan(20)
  expect(sent).toBeLessThanOrEqual(50)
})

const ERRORS: readonly (readonly [string, number, number, number, boolean])[] = [
  ['net unreachable', 3, 0, ENETUNREACH, false],
  ['host unreachable', 3, 1, EHOSTUNREACH, false],
  ['protocol unreachable', 3, 2, ENOPROTOOPT, true],
  ['port unreachable', 3, 3, ECONNREFUSED, true],
  ['source route failed', 3, 5, EOPNOTSUPP, false],
  ['net unknown', 3, 6, ENETUNREACH, true],
  ['host unknown', 3, 7, EHOSTDOWN, true],
  ['host isolated', 3, 8, ENONET, true],
  ['net prohibited', 3, 9, ENETUNREACH, true],
  ['host prohibited', 3, 10, EHOSTUNREACH, true],
  ['net unreachable for the type of service', 3, 11, ENETUNREACH, false],
  ['host unreachable for the type of service', 3, 12, EHOSTUNREACH, false],
  ['administratively prohibited', 3, 13, EHOSTUNREACH, true],
  ['precedence violation', 3, 14, EHOSTUNREACH, true],
  ['precedence cutoff', 3, 15, EHOSTUNREACH, true],
  ['time to live exceeded', 11, 0, EHOSTUNREACH, false],
  ['parameter problem', 12, 0, EPROTO, true],
]

test.each(ERRORS)('ICMP: "%s" reaches a connected socket as Linux has it', (_what, type, code, errno, hard) => {
  const host = new OneStack()
  const client = host.udp(4000)
  expect(client.connect(SocketAddress.internet('198.51.100.9', 53))).toBe(0)
  const quoted = ipv4(udp(4000, 53, octets(4)), { source: '192.0.2.1', destination: '198.51.100.9' })
  host.device.deliver(ipv4(icmp(type, code, 0, 0, quoted.subarray(0, 28)), { ...ICMP, source: '192.0.2.254' }))
  // Once, and only the hard ones.
  expect(client.recv(new Uint8Array(4), 0, 4, 0)).toBe(hard ? -errno : -11)
  expect(client.recv(new Uint8Array(4), 0, 4, 0)).toBe(-11)
})

test.each([
  ['of which less than 8 octets are quoted', (quoted: Uint8Array) => quoted.subarray(0, 27)],
  ['that we did not send', (quoted: Uint8Array) => quoted.with(15, 9)],
  ['that is a later fragment', (quoted: Uint8Array) => quoted.with(7, 1)],
  ['of another IP version', (quoted: Uint8Array) => quoted.with(0, 0x65)],
  ['with a header that is too short', (quoted: Uint8Array) => quoted.with(0, 0x41)],
])('ICMP: an error about a packet %s is dropped (RFC 5927 section 4.1)', (_what, change) => {
  const host = new OneStack()
  const client = host.udp(4000)
  client.connect(SocketAddress.internet('198.51.100.9', 53))
  const quoted = ipv4(udp(4000, 53, octets(4)), { source: '192.0.2.1', destination: '198.51.100.9' }).slice(0, 28)
  host.device.deliver(ipv4(icmp(3, 3, 0, 0, change(quoted)), ICMP))
  expect(client.recv(new Uint8Array(4), 0, 4, 0)).toBe(-11)
  expect(host.stack.counters.icmpInErrors).toBe(1)
})

test('ICMP: source quench is not acted on (RFC 6633), redirects are not believed; both are counted', () => {
  const host = new OneStack()
  const quoted = ipv4(udp(4000, 53, octets(4)), { source: '192.0.2.1', destination: '198.51.100.9' })
  host.device.deliver(ipv4(icmp(4, 0, 0, 0, quoted), ICMP), ipv4(icmp(5, 1, 0xc000, 0x0209, quoted), ICMP))
  expect(host.stack.counters).toMatchObject({ icmpSourceQuenchIgnored: 1, icmpRedirectsIgnored: 1 })
})

test('ICMP: what a transport is told about an error', () => {
  const host = new OneStack()
  const reports: string[] = []
  const error = host.stack.tcp.error.bind(host.stack.tcp)
  host.stack.tcp.error = (report: IcmpReport) => {
    const { type, code, errno, mtu, reporter, source, destination, protocol, start, end } = report
    reports.push(`${type}/${code} ${errno} ${mtu} ${reporter} ${source} ${destination} ${protocol} ${end - start}`)
    error(report)
  }
  const quoted = ipv4(octets(20), { source: '192.0.2.1', destination: '198.51.100.9', protocol: 6 })
  host.device.deliver(ipv4(icmp(3, 4, 0, 1400, quoted), { ...ICMP, source: '203.0.113.1' }))
  expect(reports).toEqual([`3/4 ${EMSGSIZE} 1400 203.0.113.1 192.0.2.1 198.51.100.9 6 20`])
})
