// On a device that takes large segments one record of what is in flight stands for many packets.

import { describe, expect, test } from 'vitest'
import { AF_INET, IPPROTO_TCP, MSG_OOB, SOCK_STREAM, TCP_MAXSEG, TCP_NODELAY } from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import type { TcpEndpoint } from '../../src/stack/tcp-endpoint.ts'
import { ACK, URG } from '../../src/wire/tcp.ts'
import { octets, same } from '../stack/one-stack.ts'
import { TwoStacks } from '../stack/two-stacks.ts'
import { connectionOf, int, LARGE, MSS_ONLY, MSS_SACK_SCALE, Peer, sackBlocks } from './peer.ts'

const MTU = 1500

test('a large segment sent again after the MSS has grown carries only octets of the stream (RFC 9293 3.8.1)', () => {
  const peer = new Peer({ features: LARGE })
  const socket = peer.open(MSS_ONLY)
  const data = octets(1000)
  socket.setOption(IPPROTO_TCP, TCP_MAXSEG, int(200))
  socket.send(data, 0, data.length, 0)
  peer.run()
  expect(peer.taken()).toEqual(['0+1000'])
  socket.setOption(IPPROTO_TCP, TCP_MAXSEG, int(1460))
  for (let i = 0; i < 3; i++) peer.send(ACK)
  peer.run(10_000)
  for (const { seq, data: sent } of peer.take()) {
    const from = (seq - peer.ack) | 0
    expect(from + sent.length).toBeLessThanOrEqual(data.length)
    expect(same(sent, data.slice(from, from + sent.length))).toBe(true)
  }
  expect(connectionOf(socket).sndNxt).toBe((peer.ack + 1000) | 0)
})

test.each([-13, -12, -2, -1, 0, 1, 100])(
  'with SACK blocks of our own, no packet of MSS %+d octets is longer than the path takes (RFC 2018 3, RFC 9293 3.7.1)',
  (more) => {
    const peer = new Peer({ features: LARGE })
    const socket = peer.open(MSS_SACK_SCALE)
    socket.setOption(IPPROTO_TCP, TCP_NODELAY, int(1))
    peer.send(ACK, { seq: peer.seq + 100, data: octets(10) })
    peer.take()
    const length = connectionOf(socket).mss + more
    socket.send(octets(length), 0, length, 0)
    const arrived = peer.take()
    expect(arrived.reduce((sum, { data }) => sum + data.length, 0)).toBe(length)
    for (const { packetLength, headerLength, segmentSize } of arrived) {
      expect(segmentSize === 0 ? packetLength : headerLength + segmentSize).toBeLessThanOrEqual(MTU)
    }
  },
)

test('urgent data goes in packets of their own: each pointer counts from its packet (RFC 9293 3.8.5)', () => {
  const peer = new Peer({ features: LARGE })
  const socket = peer.open(MSS_ONLY)
  socket.send(octets(4000), 0, 4000, MSG_OOB)
  peer.run()
  const end = (peer.ack + 4000) | 0
  const arrived = peer.take()
  expect(arrived.reduce((sum, { data }) => sum + data.length, 0)).toBe(4000)
  for (const { seq, flags, urgentPointer, segmentSize } of arrived) {
    expect(segmentSize).toBe(0)
    expect(flags & URG).toBe(URG)
    expect((seq + urgentPointer) | 0).toBe(end)
  }
})

test('urgent data is sent again in packets of their own, too', () => {
  const peer = new Peer({ features: LARGE })
  const socket = peer.open(MSS_ONLY)
  socket.send(octets(4000), 0, 4000, 0)
  expect(peer.taken()).toEqual(['0+4000'])
  socket.send(octets(10), 0, 10, MSG_OOB)
  peer.take()
  for (let i = 0; i < 10; i++) {
    peer.run(1000)
    for (const { segmentSize } of peer.take()) expect(segmentSize).toBe(0)
    peer.send(ACK, { ack: peer.ack + 1460 * Math.min(i, 2) })
  }
})

describe('SACK of a large segment', () => {
  test('one packet of it is reported, though SACK blocks of our own made its packets shorter (RFC 2018 4)', () => {
    const peer = new Peer({ features: LARGE })
    const socket = peer.open(MSS_SACK_SCALE)
    peer.send(ACK, { seq: peer.seq + 100, data: octets(10) })
    peer.take()
    socket.send(octets(10_000), 0, 10_000, 0)
    const [segment] = peer.take()
    const size = segment?.segmentSize ?? 0
    expect(size).toBe(1460 - 12)
    peer.send(ACK, { options: sackBlocks(peer.ack + size, peer.ack + 2 * size) })
    expect(connectionOf(socket).flight?.sackedOut).toBe(1)
  })

  test('one packet of it is reported, though the MSS has changed since', () => {
    const peer = new Peer({ features: LARGE })
    const socket = peer.open(MSS_SACK_SCALE)
    socket.send(octets(10_000), 0, 10_000, 0)
    peer.take()
    socket.setOption(IPPROTO_TCP, TCP_MAXSEG, int(1000))
    peer.send(ACK, { options: sackBlocks(peer.ack + 1460, peer.ack + 2 * 1460) })
    expect(connectionOf(socket).flight?.sackedOut).toBe(1)
  })
})

test('a cable with a queue shorter than a large segment carries it nevertheless', () => {
  const hosts = new TwoStacks({ offloads: true, queue: 4000 })
  const listener = hosts.right.socket(AF_INET, SOCK_STREAM, 0) as TcpEndpoint // never refused
  listener.bind(SocketAddress.internet('0.0.0.0', 80))
  listener.listen(1)
  const client = hosts.left.socket(AF_INET, SOCK_STREAM, 0) as TcpEndpoint
  client.connect(SocketAddress.internet('10.0.0.2', 80))
  hosts.run(10)
  const server = listener.accept(null) as TcpEndpoint // the handshake is through
  const data = octets(200_000)
  const got = new Uint8Array(200_000)
  let heard = 0
  for (let sent = 0, i = 0; i < 1000 && heard < data.length; i++) {
    sent += Math.max(client.send(data, sent, data.length, 0), 0)
    hosts.run(1)
    heard += Math.max(server.recv(got, heard, got.length, 0), 0)
  }
  expect(same(got, data)).toBe(true)
})
