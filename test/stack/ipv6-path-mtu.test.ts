import { expect, test } from 'vitest'
import { write32 } from '../../src/base/bytes.ts'
import { AF_INET6, IPPROTO_ICMPV6, IPPROTO_TCP, SOCK_DGRAM, SOCK_STREAM } from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import type { Endpoint } from '../../src/socket/provider.ts'
import { icmp6, ip, ipv6, OneStack6, OURS, PEER, parse6, udp6 } from './one-stack6.ts'
import { hex } from './script-device.ts'

const FRAGMENT = 44
const ROUTER = '2001:db8::fe'

/** A router tells that `quoted` was too big. */
function tooBig(host: OneStack6, quoted: Uint8Array, mtu: number): void {
  const message = icmp6(2, 0, mtu, quoted.slice(0, 1232), { source: ROUTER })
  host.device.deliver(ipv6(message, { source: ROUTER, next: IPPROTO_ICMPV6 }))
}

/** A UDP socket at port 9 that is connected to port 5 of the peer. */
function connected(host: OneStack6): Endpoint {
  const endpoint = host.stack.socket(AF_INET6, SOCK_DGRAM, 0) as Endpoint
  endpoint.bind(SocketAddress.internet(OURS, 9))
  endpoint.connect(SocketAddress.internet(PEER, 5))
  return endpoint
}

const FIELDS = { source: OURS, destination: PEER }
const quotedOf = (from: number, to: number): Uint8Array =>
  ipv6(udp6(from, to, new Uint8Array(1400), FIELDS), { ...FIELDS })

test.each([
  ['another port of ours', quotedOf(10, 5)],
  ['another peer', quotedOf(9, 6)],
  ['an address that is not ours', ipv6(udp6(9, 5, new Uint8Array(1400)), { source: '2001:db8::3', destination: PEER })],
])('UDP: "packet too big" about %s is not believed (RFC 8201 section 4)', (_what, quoted) => {
  const host = new OneStack6()
  connected(host)
  tooBig(host, quoted, 1300)
  expect(host.stack.pathMtus.size).toBe(0)
})

test('UDP: the next datagram is cut to what a router said, never to less than 1280 octets (RFC 8201 section 4)', () => {
  const host = new OneStack6()
  const endpoint = connected(host)
  for (const [said, believed] of [
    [1400, 1400],
    [100, 1280],
    [1450, 1280],
  ] as const) {
    tooBig(host, quotedOf(9, 5), said)
    // The socket hears of it once.
    endpoint.send(new Uint8Array(1452), 0, 1452, 0)
    host.device.take()
    expect(endpoint.send(new Uint8Array(1452), 0, 1452, 0)).toBe(1452)
    const sent = host.device.take()
    expect(sent.length).toBe(2)
    expect(sent[0]?.length).toBe((believed - 48) % 8 === 0 ? believed : believed - ((believed - 48) % 8))
  }
  // RFC 8021: what fits is not made an atomic fragment.
  endpoint.send(new Uint8Array(1200), 0, 1200, 0)
  expect(host.device.take().map((packet) => packet[6])).not.toContain(FRAGMENT)
})

/** A connection to port 80 of the peer with 1000 octets in flight; the segment that has them. */
function inFlight(host: OneStack6, length = 1000): { endpoint: Endpoint; segment: Uint8Array } {
  const endpoint = host.stack.socket(AF_INET6, SOCK_STREAM, 0) as Endpoint
  endpoint.connect(SocketAddress.internet(PEER, 80))
  host.run()
  const [syn] = host.device.take()
  const { payload } = parse6(syn)
  const seq = new DataView(payload.buffer).getUint32(4)
  const answer = hex('00 50 00 00  00 00 10 00  00 00 00 00  60 12 ff ff  00 00 00 00  02 04 05 a0')
  answer.set(payload.slice(0, 2), 2)
  write32(answer, 8, (seq + 1) | 0)
  host.device.deliver(ipv6(summed(answer), { next: IPPROTO_TCP }))
  host.run()
  host.device.take()
  endpoint.send(new Uint8Array(length), 0, length, 0)
  host.run()
  const [segment] = host.device.take()
  return { endpoint, segment: segment as Uint8Array }
}

function summed(segment: Uint8Array): Uint8Array {
  const sum = [ip(PEER), ip(OURS)].flatMap(({ a, b, c, d }) => [a, b, c, d])
  let total = IPPROTO_TCP + segment.length
  for (const word of sum) total += (word >>> 16) + (word & 0xffff)
  for (let i = 0; i < segment.length; i += 2) total += ((segment[i] as number) << 8) | (segment[i + 1] as number)
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16)
  segment[16] = (~total >>> 8) & 255
  segment[17] = ~total & 255
  return segment
}

test('TCP: "packet too big" is believed with a sequence number in flight alone; then it goes again in smaller ones (RFC 5927 section 7)', () => {
  const host = new OneStack6()
  const { segment } = inFlight(host, 1400)
  expect(segment.length).toBe(1460)
  const guess = segment.slice()
  write32(guess, 44, 0x12345678)
  tooBig(host, guess, 1300)
  expect(host.stack.pathMtus.size).toBe(0)
  expect(host.device.take()).toEqual([])
  tooBig(host, segment, 1300)
  const again = host.device.take()
  expect(again.map(({ length }) => length)).toEqual([1300, 220])
})

test('TCP: every packet of a connection has one flow label, those that are repeated as well (RFC 6437 section 3)', () => {
  const host = new OneStack6()
  const endpoint = host.stack.socket(AF_INET6, SOCK_STREAM, 0) as Endpoint
  endpoint.connect(SocketAddress.internet(PEER, 80))
  host.run(20_000)
  const syns = host.device.take().map((packet) => parse6(packet).flowLabel)
  expect(syns.length).toBeGreaterThan(3)
  expect(new Set(syns).size).toBe(1)
  const other = inFlight(host)
  const { flowLabel } = parse6(other.segment)
  host.run(5000)
  const repeated = host.device.take().filter((packet) => packet.length === other.segment.length)
  expect(repeated.length).toBeGreaterThan(1)
  for (const packet of repeated) expect(parse6(packet).flowLabel).toBe(flowLabel)
  expect(flowLabel).not.toBe(syns[0])
})
