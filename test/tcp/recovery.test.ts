// Loss, and what it is taken for.

import { describe, expect, test } from 'vitest'
import { IPPROTO_TCP, TCP_CONGESTION } from '../../src/base/constants.ts'
import type { TcpEndpoint } from '../../src/stack/endpoint/tcp-endpoint.ts'
import { ACK } from '../../src/wire/tcp.ts'
import { octets } from '../stack/one-stack.ts'
import { connectionOf, MSS_SACK_SCALE, Peer, sackBlocks, timestamps } from './peer.ts'

const MSS = 1460
const ROUND_TRIP = 50

/** A connection that knows its path: one kilobyte has gone there and back. */
function measured(): [Peer, TcpEndpoint] {
  const peer = new Peer()
  const socket = peer.open(MSS_SACK_SCALE)
  socket.send(octets(1000), 0, 1000, 0)
  peer.run(ROUND_TRIP)
  peer.acknowledgeAll()
  peer.take()
  return [peer, socket]
}

describe('tail loss probe (RFC 8985 7)', () => {
  /** Nine segments are sent, nothing comes back, and the ninth has gone out again as a probe. */
  function probed(): [Peer, TcpEndpoint] {
    const [peer, socket] = measured()
    socket.setOption(IPPROTO_TCP, TCP_CONGESTION, new TextEncoder().encode('reno'))
    socket.send(octets(9 * MSS), 0, 9 * MSS, 0)
    expect(peer.taken().length).toBe(9)
    peer.run(130)
    expect(peer.taken()).toEqual([`${8 * MSS}+${MSS}`])
    return [peer, socket]
  }

  test('while it is out, all segments found lost are sent again (RFC 6675 4)', () => {
    const [peer] = probed()
    peer.send(ACK, { options: sackBlocks(peer.ack + 2 * MSS, peer.ack + 8 * MSS) })
    expect(peer.taken()).toEqual([`0+${MSS}`, `${MSS}+${MSS}`])
  })

  test('a loss that it has mended halves the window (RFC 8985 7.4)', () => {
    const [peer, socket] = probed()
    peer.ack = (peer.ack + 9 * MSS) | 0
    peer.send(ACK)
    socket.send(octets(1000), 0, 1000, 0)
    peer.run(ROUND_TRIP)
    peer.acknowledgeAll()
    expect(connectionOf(socket).ssthresh).toBeLessThanOrEqual(4)
  })
})

test('between milliseconds, too, what may only be late is lost after its time and two milliseconds (RFC 8985 6.2 step 5)', () => {
  const peer = new Peer({ distance: ROUND_TRIP })
  const socket = peer.open(MSS_SACK_SCALE)
  socket.send(octets(3 * MSS), 0, 3 * MSS, 0)
  expect(peer.taken().length).toBe(3)
  peer.run(ROUND_TRIP + 0.3)
  peer.send(ACK, { options: sackBlocks(peer.ack + MSS, peer.ack + 2 * MSS) })
  // A quarter of the round trip: 12.5 ms. No timer comes sooner, and this one a millisecond after what it is set for at most.
  peer.run(ROUND_TRIP / 4)
  expect(peer.taken()).toEqual([])
  peer.run(3)
  expect(peer.taken()).toEqual([`0+${MSS}`])
})

describe('timestamps of what was sent twice (RFC 7323 4.1, RFC 6298 3)', () => {
  const PATH = 20
  /** Milliseconds: the time-out on this path. */
  const TIME_OUT = 220

  function steady(): [Peer, TcpEndpoint] {
    const peer = new Peer({ distance: PATH })
    const socket = peer.openWithTimestamps(1)
    for (let i = 0; i < 30; i++) {
      socket.send(octets(100), 0, 100, 0)
      const tsVal = peer.take()[0]?.tsVal ?? 0
      peer.run(PATH)
      peer.ack = (peer.ack + 100) | 0
      peer.send(ACK, { options: timestamps(1, tsVal) })
    }
    expect(connectionOf(socket).srtt / 1000).toBeCloseTo(PATH, 0)
    return [peer, socket]
  }

  /** 100 octets are sent, and sent again after the time-out. The timestamps of both. */
  function sentTwice(): [Peer, TcpEndpoint, number, number] {
    const [peer, socket] = steady()
    socket.send(octets(100), 0, 100, 0)
    const first = peer.take()[0]?.tsVal ?? 0
    peer.run(TIME_OUT + 10)
    const again = peer.take()
    expect(again.map(({ seq, data }) => [seq, data.length])).toEqual([[peer.ack, 100]])
    const second = again[0]?.tsVal ?? 0
    expect(second).not.toBe(first)
    peer.ack = (peer.ack + 100) | 0
    return [peer, socket, first, second]
  }

  test('an old echo a round trip after the retransmission is a round trip too, though it measures our time-out (as Linux)', () => {
    const [peer, socket, first] = sentTwice()
    const { srtt } = connectionOf(socket)
    peer.run(PATH)
    peer.send(ACK, { options: timestamps(1, first) })
    expect(connectionOf(socket).flight).toBeNull()
    expect(connectionOf(socket).srtt).toBeGreaterThan(srtt)
  })

  test('an echo of the retransmission is a round trip', () => {
    const [peer, socket, , second] = sentTwice()
    const { srtt } = connectionOf(socket)
    peer.run(2 * PATH)
    peer.send(ACK, { options: timestamps(1, second) })
    expect(connectionOf(socket).srtt).toBeGreaterThan(srtt)
    expect(connectionOf(socket).srtt).toBeLessThan(2 * PATH * 1000)
    expect(connectionOf(socket).backoff).toBe(0)
  })

  test('an old echo sooner after the retransmission than any answer ever came is a true, long round trip', () => {
    const [peer, socket, first] = sentTwice()
    peer.send(ACK, { options: timestamps(1, first) })
    expect(connectionOf(socket).srtt).toBeGreaterThan(2 * PATH * 1000)
    expect(connectionOf(socket).backoff).toBe(0)
  })
})
