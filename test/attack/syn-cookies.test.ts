// Read first: RFC 4987 section 3.6.

import { expect, test } from 'vitest'
import { TcpEndpoint } from '../../src/stack/endpoint/tcp-endpoint.ts'
import { ACK, RST, SYN } from '../../src/wire/tcp.ts'
import { FAMILIES } from '../tcp/family.ts'
import { connectionOf, MSS_SACK_SCALE, mssAndTimestamps, Peer, timestamps } from '../tcp/peer.ts'

/** Fills the queue of the listener with SYNs of others. */
function fill(peer: Peer): void {
  for (let i = 0; i < 16; i++) {
    peer.port = 9000 + i
    peer.send(SYN)
  }
  peer.take()
  peer.port = 4000
}

test.each(FAMILIES)(
  'LISTEN with a full queue: who answers a cookie is connected, and is remembered from then on (over $name)',
  (family) => {
    const peer = new Peer({ family })
    const listener = peer.listen()
    fill(peer)
    const before = peer.stack.tcp.connections.count
    peer.send(SYN, { options: MSS_SACK_SCALE })
    const answer = peer.take()[0]
    expect(answer?.flags).toBe(SYN | ACK)
    expect(peer.stack.tcp.connections.count).toBe(before)
    peer.seq++
    peer.ack = ((answer?.seq ?? 0) + 1) | 0
    peer.send(ACK, { data: Uint8Array.of(1, 2, 3) })
    const endpoint = listener.accept(null)
    if (!(endpoint instanceof TcpEndpoint)) throw new Error(`accept is ${String(endpoint)}`)
    expect(endpoint.recv(new Uint8Array(10), 0, 10, 0)).toBe(3)
    const { counters } = peer.stack.tcp
    expect(counters.synCookiesSent).toBeGreaterThan(0)
    expect([counters.synCookiesReceived, counters.halfOpenEvicted]).toEqual([1, 0])
    // Without timestamps nothing but the segment size could be agreed on.
    const c = connectionOf(endpoint)
    expect([c.windowScaling, c.sackPermitted]).toEqual([false, false])
    expect(c.peerMss).toBeLessThanOrEqual(1460)
    expect(c.peerMss).toBeGreaterThanOrEqual(1440)
  },
)

test('with timestamps window scale and SACK are agreed on as well', () => {
  const peer = new Peer()
  const listener = peer.listen()
  fill(peer)
  const options = Uint8Array.of(...mssAndTimestamps(1000), ...MSS_SACK_SCALE.slice(4))
  peer.send(SYN, { options })
  const answer = peer.take()[0]
  peer.seq++
  peer.ack = ((answer?.seq ?? 0) + 1) | 0
  peer.run(300)
  peer.send(ACK, { options: timestamps(1300, answer?.tsVal ?? 0) })
  const endpoint = listener.accept(null)
  if (!(endpoint instanceof TcpEndpoint)) throw new Error(`accept is ${String(endpoint)}`)
  const c = connectionOf(endpoint)
  expect([c.timestamps, c.windowScaling, c.sndWndShift, c.sackPermitted]).toEqual([true, true, 7, true])
})

test('an ACK that brings no cookie draws a RST, and so does a cookie two minutes later', () => {
  const peer = new Peer()
  peer.listen()
  fill(peer)
  peer.send(SYN)
  const answer = peer.take()[0]
  peer.seq++
  peer.ack = (answer?.seq ?? 0) | 0
  peer.send(ACK)
  expect(peer.take().map(({ flags }) => flags)).toEqual([RST])
  expect(peer.stack.tcp.counters.synCookiesFailed).toBe(1)
  peer.run(130_000)
  peer.take()
  peer.ack = (peer.ack + 1) | 0
  peer.send(ACK)
  expect(peer.take().map(({ flags }) => flags)).toEqual([RST])
})

test('without cookies (synCookies 0) the oldest half-open connection makes room', () => {
  const peer = new Peer({ tcp: { synCookies: 0 } })
  peer.listen()
  fill(peer)
  peer.send(SYN)
  const { counters } = peer.stack.tcp
  expect(counters.synCookiesSent).toBe(0)
  expect(counters.halfOpenEvicted).toBeGreaterThan(0)
  expect(peer.stack.tcp.connections.count).toBe(6)
})

test('a cookie is worth nothing after two minutes, while others are sent', () => {
  const peer = new Peer({ tcp: { synCookies: 2 } })
  peer.listen()
  const ask = (port: number) => {
    peer.port = port
    peer.send(SYN)
    return peer.take()[0]?.seq ?? 0
  }
  const cookie = ask(4000)
  for (let i = 0; i < 5; i++) {
    peer.run(25_000)
    ask(5000 + i)
  }
  peer.port = 4000
  peer.send(ACK, { seq: peer.seq + 1, ack: cookie + 1 })
  expect(peer.take().map(({ flags }) => flags)).toEqual([RST])
  expect(peer.stack.tcp.counters.synCookiesFailed).toBe(1)
})

test('who has sent no cookie looks for none: an ACK costs no more than its RST', () => {
  const peer = new Peer()
  peer.listen()
  peer.send(ACK)
  expect(peer.take().map(({ flags }) => flags)).toEqual([RST])
  expect(peer.stack.tcp.counters.synCookiesFailed).toBe(0)
})

test('however long a queue the listener asks for, halfOpenMax are half open', () => {
  const peer = new Peer({ tcp: { halfOpenMax: 4 } })
  peer.listen()
  fill(peer)
  expect(peer.stack.tcp.connections.count).toBe(4)
})

test.each(FAMILIES)(
  'a cookie tells no MSS below its smallest, 536 or 1220, as docs/reference/security.md admits (over $name)',
  (family) => {
    const peer = new Peer({ family })
    const listener = peer.listen()
    fill(peer)
    peer.send(SYN, { options: Uint8Array.of(2, 4, 1, 44) })
    const answer = peer.take()[0]
    peer.seq++
    peer.ack = ((answer?.seq ?? 0) + 1) | 0
    peer.send(ACK)
    const endpoint = listener.accept(null)
    if (!(endpoint instanceof TcpEndpoint)) throw new Error(`accept is ${String(endpoint)}`)
    expect(connectionOf(endpoint).peerMss).toBe(family.name === 'IPv6' ? 1220 : 536)
  },
)
