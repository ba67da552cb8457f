// What calls find after an unusual peer, or an unusual time.

import { describe, expect, test } from 'vitest'
import { IPPROTO_TCP, MSG_OOB, POLLERR, SHUT_WR, TCP_USER_TIMEOUT } from '../../src/base/constants.ts'
import { EINVAL, EISCONN, ETIMEDOUT } from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Message } from '../../src/socket/provider.ts'
import { CLOSE_WAIT, CLOSED } from '../../src/tcp/state.ts'
import { ACK, FIN, PSH, SYN, URG } from '../../src/wire/tcp.ts'
import { octets, PEER } from '../stack/one-stack.ts'
import { connectionOf, int, MSS_ONLY, Peer } from './peer.ts'

const got = new Uint8Array(100)
const DAY = 86_400_000

describe('the urgent mark (RFC 9293 3.8.5, tcp(7))', () => {
  test.each([1, 2, 4])('a late pointer to octet %i of what is there already blocks nothing', (urgentPointer) => {
    const peer = new Peer()
    const socket = peer.open(MSS_ONLY)
    peer.sendData(octets(4))
    peer.send(ACK | URG, { seq: peer.seq - 4, data: octets(4), urgentPointer })
    expect(socket.recv(got, 0, 100, 0)).toBe(4)
    expect(socket.recv(got, 0, 1, MSG_OOB)).toBe(-EINVAL)
  })

  test('recvmsg stops at it, though another buffer is empty', () => {
    const peer = new Peer()
    const socket = peer.open(MSS_ONLY)
    peer.send(ACK | URG, { data: octets(4), urgentPointer: 4 })
    peer.seq += 4
    peer.sendData(octets(2))
    const message = () => new Message([new Uint8Array(3), new Uint8Array(3)])
    expect(socket.recvmsg(message(), 0)).toBe(3)
    expect(socket.recvmsg(message(), 0)).toBe(2)
  })
})

test('connect on a socket whose connection has ended in order: EISCONN (connect(2))', () => {
  const peer = new Peer()
  const socket = peer.open(MSS_ONLY)
  peer.send(ACK | FIN)
  peer.seq++
  expect(connectionOf(socket).state).toBe(CLOSE_WAIT)
  socket.shutdown(SHUT_WR)
  peer.ack++
  peer.send(ACK)
  expect(connectionOf(socket).state).toBe(CLOSED)
  expect(socket.connect(SocketAddress.internet(PEER, 99))).toBe(-EISCONN)
})

test.each([
  ['an empty last buffer', [100, 0]],
  ['two empty last buffers', [100, 0, 0]],
  ['an empty buffer in the middle', [60, 0, 40]],
])('sendmsg with %s: all goes at once, pushed (writev(2), RFC 9293 MUST-61)', (_which, lengths) => {
  const peer = new Peer()
  const socket = peer.open(MSS_ONLY)
  expect(socket.sendmsg(new Message(lengths.map(octets)), 0)).toBe(100)
  expect(peer.take().map(({ data, flags }) => [data.length, flags])).toEqual([[100, ACK | PSH]])
})

describe('TCP_USER_TIMEOUT ends the wait for a window that stays closed, though its probes are answered (tcp(7))', () => {
  test.each([
    ['with data in flight', 3000, 65_535],
    ['with nothing in flight', 3000, 0],
  ])('%s', (_where, length, window) => {
    const peer = new Peer()
    const socket = peer.open(MSS_ONLY)
    socket.setOption(IPPROTO_TCP, TCP_USER_TIMEOUT, int(5000))
    peer.window = window
    peer.send(ACK)
    socket.send(octets(length), 0, length, 0)
    peer.window = 0
    const c = connectionOf(socket)
    let ms = 0
    for (; ms < 60_000 && c.state !== CLOSED; ms += 10) {
      peer.run(10)
      if (peer.take().length > 0) peer.send(ACK)
    }
    expect(ms).toBeGreaterThanOrEqual(5000)
    expect(ms).toBeLessThan(5300)
    expect(socket.readiness() & POLLERR).toBe(POLLERR)
    expect(socket.recv(got, 0, 1, 0)).toBe(-ETIMEDOUT)
  })
})

test.each([1, 20, 25, 49])('after %i idle days the old congestion window is not used (RFC 5681 4.1)', (days) => {
  const peer = new Peer()
  const socket = peer.open(MSS_ONLY)
  for (let i = 0; i < 20; i++) {
    socket.send(octets(40_000), 0, 40_000, 0)
    peer.run(1)
    peer.acknowledgeAll()
  }
  while (connectionOf(socket).sendRing.length > 0) peer.acknowledgeAll()
  expect(connectionOf(socket).cwnd).toBeGreaterThan(30)
  peer.run(days * DAY)
  socket.send(octets(60_000), 0, 60_000, 0)
  expect(peer.take().length).toBe(10)
})

test('SYN-RECEIVED: a flood at one half-open connection leaves others their challenges (RFC 5961 7)', () => {
  const peer = new Peer()
  peer.open(MSS_ONLY)
  const { seq, port } = peer
  peer.port = 4001
  peer.seq = 5000
  peer.send(SYN, { options: MSS_ONLY })
  peer.take()
  for (let i = 0; i < 3000; i++) peer.send(ACK, { seq: peer.seq + 5_000_000, ack: 1 })
  expect(peer.take().length).toBe(1)
  peer.port = port
  peer.send(SYN, { seq: seq + 10 })
  expect(peer.take().map(({ flags }) => flags)).toEqual([ACK])
})
