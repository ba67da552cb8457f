// Every table has a cap and gives up its oldest: what strangers can make a host remember does not grow with what they send.

import { expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  IPPROTO_TCP,
  IPPROTO_UDP,
  POLLPRI,
  SHUT_WR,
  SOCK_DGRAM,
} from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import type { Endpoint } from '../../src/socket/provider.ts'
import type { Route } from '../../src/stack/ip/route.ts'
import { RouteCache } from '../../src/stack/ip/route-cache.ts'
import { URGENT_AWAITED, URGENT_NONE } from '../../src/tcp/connection.ts'
import { TIME_WAIT } from '../../src/tcp/state.ts'
import { ACK, FIN, SYN, URG } from '../../src/wire/tcp.ts'
import { ipv4, OneStack, OURS, udp } from '../stack/one-stack.ts'
import { connectionOf, MSS_SACK_SCALE, Peer } from '../tcp/peer.ts'

test('path MTUs: of many that are reported, as many as the limit says are kept, the newest', () => {
  const { stack } = new OneStack({ limits: { pathMtus: 4 } })
  for (let i = 0; i < 100; i++) {
    stack.pathMtus.reduce(IpAddress.v4((0xc6336400 + i) | 0), 1000 + i, 1500)
    expect(stack.pathMtus.size).toBeLessThanOrEqual(4)
  }
  expect(stack.pathMtus.get(IpAddress.v4((0xc6336400 + 99) | 0), 1500)).toBe(1099)
  expect(stack.pathMtus.get(IpAddress.v4(0xc6336400 | 0), 1500)).toBe(1500)
})

test('ways: of many that are looked up, as many as the limit says are kept, and who holds another asks again', () => {
  const cache = new RouteCache(4, 1)
  const routes = Array.from({ length: 100 }, () => ({ stale: false }) as Route)
  routes.forEach((route, i) => {
    cache.add(IpAddress.v4((0xc6336400 + (i >> 1)) | 0), i & 1 ? IpAddress.v4(1) : null, null, route)
    expect(cache.size).toBeLessThanOrEqual(4)
  })
  expect(routes.filter(({ stale }) => !stale).length).toBe(cache.size)
})

test('ICMP errors: however many destinations there were, those of the limit are remembered', () => {
  const host = new OneStack({ limits: { icmpDestinations: 4, icmpRate: 1e6, icmpBurst: 1e6, icmpDestinationBurst: 1 } })
  const from = (i: number) => `203.0.113.${i % 250}`
  const ask = (i: number) =>
    host.device.deliver(
      ipv4(udp(1000, 1, new Uint8Array(4), { source: from(i) }), { protocol: IPPROTO_UDP, source: from(i) }),
    )
  for (let i = 0; i < 100; i++) ask(i)
  host.device.take()
  // Who is remembered gets no second one within the second; who was forgotten begins anew.
  for (let i = 96; i < 100; i++) ask(i)
  const quiet = host.device.take().length
  for (let i = 0; i < 4; i++) ask(i)
  expect([quiet, host.device.take().length]).toEqual([0, 4])
})

test('limits of none: no fragment is kept, and no ICMP error sent', () => {
  for (const name of ['reassemblyDatagrams', 'reassemblyBytes', 'reassemblyFragments']) {
    const host = new OneStack({ limits: { [name]: 0 } })
    host.device.deliver(ipv4(new Uint8Array(16), { id: 1, more: true }))
    expect([name, host.stack.reassembly.size, host.stack.reassembly.bytes]).toEqual([name, 0, 0])
  }
  for (const name of ['icmpBurst', 'icmpDestinationBurst']) {
    const host = new OneStack({ limits: { [name]: 0 } })
    host.device.deliver(ipv4(udp(1000, 1, new Uint8Array(4)), { protocol: IPPROTO_UDP }))
    expect([name, host.device.take().length]).toEqual([name, 0])
  }
})

test('TIME-WAIT: of more than the limit the oldest is given up (RFC 4987)', () => {
  const peer = new Peer({ tcp: { timeWaitMax: 3 } })
  const listener = peer.listen()
  for (let i = 0; i < 10; i++) {
    peer.port = 5000 + i
    peer.seq = 1000
    peer.take()
    const endpoint = peer.open(MSS_SACK_SCALE, listener)
    endpoint.shutdown(SHUT_WR)
    peer.ack = (peer.ack + 1) | 0
    peer.send(FIN | ACK)
    endpoint.close()
    peer.run()
    const waiting = [...peer.stack.tcp.connections.entries()].filter(
      (entry) => 'state' in entry && entry.state === TIME_WAIT,
    )
    expect(waiting.length).toBe(Math.min(i + 1, 3))
  }
  expect(peer.stack.tcp.counters.timeWaitEvicted).toBe(7)
})

test('TCP to a broadcast or group address, or in a frame to many, is dropped without a word (RFC 9293 MUST-57)', () => {
  const peer = new Peer()
  peer.listen()
  const { counters } = peer.stack.tcp
  for (const destination of ['192.0.2.255', '255.255.255.255', '224.0.0.1']) {
    const before = counters.badAddress
    const syn = peer.packet(SYN)
    const segment = syn.slice(20)
    // The checksum is right for that destination.
    const sum = (text: string) => (IpAddress.parse(text) as IpAddress).d
    const change = (sum(destination) >>> 16) + (sum(destination) & 0xffff) - (sum(OURS) >>> 16) - (sum(OURS) & 0xffff)
    const old = ((segment[16] as number) << 8) | (segment[17] as number)
    let mended = (~old & 0xffff) + change + 4 * 0xffff
    while (mended > 0xffff) mended = (mended & 0xffff) + (mended >>> 16)
    segment.set([(~mended >>> 8) & 255, ~mended & 255], 16)
    peer.device.deliver(ipv4(segment, { protocol: IPPROTO_TCP, destination }))
    peer.run()
    expect([destination, peer.device.take().length, counters.badAddress - before]).toEqual([destination, 0, 1])
  }
  expect(peer.stack.tcp.connections.count).toBe(0)
})

test('an urgent pointer of 0 ahead of a hole announces nothing (CVE-2019-12255)', () => {
  const peer = new Peer()
  const endpoint = peer.open(MSS_SACK_SCALE)
  peer.send(ACK | URG, { seq: peer.seq + 100, urgentPointer: 0, data: new Uint8Array(10) })
  expect(endpoint.readiness() & POLLPRI).toBe(0)
  expect(connectionOf(endpoint).urgentState).toBe(0)
})

test('an urgent pointer behind the FIN announces nothing (RFC 9293 3.10.7.4)', () => {
  const peer = new Peer()
  const endpoint = peer.open(MSS_SACK_SCALE)
  peer.send(ACK | FIN)
  peer.seq++
  peer.send(ACK | URG, { urgentPointer: 5, data: new Uint8Array(5) })
  expect(connectionOf(endpoint).urgentState).toBe(0)
  expect(endpoint.readiness() & POLLPRI).toBe(0)
  expect(endpoint.recv(new Uint8Array(10), 0, 10, 0)).toBe(0)
})

test('an urgent mark does not outlive its connection: the next on the same socket has none (CVE-2019-12263)', () => {
  const peer = new Peer()
  const endpoint = peer.beConnected()
  const begin = (seq: number) => {
    peer.seq = seq
    peer.send(SYN | ACK, { options: MSS_SACK_SCALE })
    peer.seq++
    peer.take()
  }
  begin(1000)
  peer.send(ACK | URG, { urgentPointer: 500, data: new Uint8Array(10) })
  expect(connectionOf(endpoint).urgentState).toBe(URGENT_AWAITED)
  const nobody = new SocketAddress()
  nobody.family = AF_UNSPEC
  expect(endpoint.connect(nobody)).toBe(0)
  peer.take()
  endpoint.connect(SocketAddress.internet(peer.family.peer, peer.port))
  peer.run()
  const [syn] = peer.device.sent
  peer.stackPort = (((syn?.[20] as number) << 8) | (syn?.[21] as number)) >>> 0
  peer.ack = ((peer.take()[0]?.seq ?? 0) + 1) | 0
  begin(1000)
  expect(connectionOf(endpoint).urgentState).toBe(URGENT_NONE)
  peer.sendData(new Uint8Array(1000))
  expect(endpoint.recv(new Uint8Array(2000), 0, 2000, 0)).toBe(1000)
})

test('a segment or datagram that is kept is a copy: the device may use its buffer again at once', () => {
  const peer = new Peer()
  const endpoint = peer.open(MSS_SACK_SCALE)
  const data = Uint8Array.from({ length: 500 }, (_, i) => i)
  // `deliver` overwrites what it has lent.
  peer.send(ACK, { seq: peer.seq + 500, data })
  peer.sendData(data)
  const into = new Uint8Array(1000)
  expect(endpoint.recv(into, 0, 1000, 0)).toBe(1000)
  expect(into).toEqual(Uint8Array.of(...data, ...data))
  const host = new OneStack()
  const socket = host.stack.socket(AF_INET, SOCK_DGRAM, 0) as Endpoint
  socket.bind(SocketAddress.internet(OURS, 53))
  host.device.deliver(ipv4(udp(1000, 53, data), { protocol: IPPROTO_UDP }))
  expect(socket.recv(into, 0, 1000, 0)).toBe(500)
  expect(into.slice(0, 500)).toEqual(data)
})

test('connections that were accepted and got data before anyone reads keep it, and hold no more than their buffers', () => {
  const peer = new Peer({ tcp: { receiveBuffer: 40_000, receiveBufferMax: 40_000 } })
  const listener = peer.listen()
  const endpoints: Endpoint[] = []
  for (let i = 0; i < 3; i++) {
    peer.port = 6000 + i
    peer.seq = 1000
    peer.send(SYN, { options: MSS_SACK_SCALE })
    const answer = peer.take()[0]
    peer.seq++
    peer.ack = ((answer?.seq ?? 0) + 1) | 0
    peer.sendData(Uint8Array.from({ length: 1000 }, () => i))
    for (let k = 0; k < 30; k++) peer.sendData(new Uint8Array(1000).fill(i))
    peer.take()
  }
  peer.run(1000)
  for (let i = 0; i < 3; i++) {
    const endpoint = listener.accept(null) as Endpoint
    endpoints.push(endpoint)
    const into = new Uint8Array(40_000)
    const count = endpoint.recv(into, 0, into.length, 0)
    expect(count).toBeGreaterThanOrEqual(17_000)
    expect(count).toBeLessThanOrEqual(20_000)
    expect(into.subarray(0, count).every((octet) => octet === i)).toBe(true)
  }
})

test.each([AF_INET, AF_INET6])(
  'raw and datagram sockets nobody reads hold no more than their buffer (family %i)',
  (family) => {
    const host = new OneStack()
    const socket = host.stack.socket(family, SOCK_DGRAM, 0) as Endpoint
    socket.bind(SocketAddress.internet(family === AF_INET ? OURS : '::', 53))
    for (let i = 0; i < 5000; i++)
      host.device.deliver(ipv4(udp(1000, 53, new Uint8Array(1000)), { protocol: IPPROTO_UDP }))
    let received = 0
    const into = new Uint8Array(2000)
    while (socket.recv(into, 0, 2000, 0) > 0) received++
    expect(received).toBeGreaterThan(10)
    expect(received).toBeLessThan(1000)
    expect(host.stack.counters.udpReceiveBufferErrors).toBe(5000 - received)
  },
)
