// Sequence numbers that come near to others: of an earlier connection, of two gigabytes ago, outside a window that shrank.

import { describe, expect, test } from 'vitest'
import { SO_LINGER, SO_REUSEADDR, SOL_SOCKET } from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import type { TcpEndpoint } from '../../src/stack/endpoint/tcp-endpoint.ts'
import { CA_RECOVERY } from '../../src/tcp/connection.ts'
import { TIME_WAIT } from '../../src/tcp/state.ts'
import { ACK, FIN, RST, SYN } from '../../src/wire/tcp.ts'
import { OURS, octets, PEER } from '../stack/one-stack.ts'
import { connectionOf, int, LARGE, MSS_ONLY, mssAndTimestamps, Peer, type SegmentFields, timestamps } from './peer.ts'

const MEGABYTES = 10_000_000
/** Just short of half of the sequence space. */
const HALF = 0x7fffff00

/** Sends ten megabytes in a fraction of a second: faster than the clock of initial sequence numbers. */
function hurry(peer: Peer, socket: TcpEndpoint, fields: SegmentFields = {}): void {
  const data = octets(60_000)
  for (let acknowledged = 0; acknowledged < MEGABYTES; ) {
    socket.send(data, 0, data.length, 0)
    peer.run(1)
    acknowledged += peer.acknowledgeAll(fields)
  }
  while (connectionOf(socket).sendRing.length > 0) {
    peer.run(1)
    peer.acknowledgeAll(fields)
  }
}

/** The stack closes first, and comes to TIME-WAIT. */
function closeFirst(peer: Peer, socket: TcpEndpoint, fields: SegmentFields = {}): void {
  const c = connectionOf(socket)
  socket.close()
  peer.run(1)
  peer.take()
  peer.ack = (peer.ack + 1) | 0
  peer.send(ACK | FIN, fields)
  peer.seq = (peer.seq + 1) | 0
  expect(c.state).toBe(TIME_WAIT)
  peer.take()
}

describe('TIME-WAIT: a new connection begins above all that the old one has sent (RFC 9293 3.6.1 MAY-2)', () => {
  test('opened by the peer', () => {
    const peer = new Peer({ features: LARGE })
    const listener = peer.listen()
    const socket = peer.open(MSS_ONLY, listener)
    hurry(peer, socket)
    closeFirst(peer, socket)
    const old = peer.ack
    peer.run(1000)
    peer.send(SYN, { seq: peer.seq + 100_000, options: MSS_ONLY })
    const [answer] = peer.take()
    expect(answer?.flags).toBe(SYN | ACK)
    expect(((answer?.seq ?? 0) - old) | 0).toBeGreaterThan(65_535)
  })

  test('opened by us (RFC 6191)', () => {
    const peer = new Peer({ features: LARGE })
    const local = SocketAddress.internet(OURS, 5000)
    const connect = () => {
      const socket = peer.socket()
      socket.setOption(SOL_SOCKET, SO_REUSEADDR, int(1))
      expect(socket.bind(local)).toBe(0)
      socket.connect(SocketAddress.internet(PEER, 80))
      peer.run()
      return socket
    }
    const stamped = { options: timestamps(7, 0) }
    peer.port = 80
    peer.stackPort = 5000
    const socket = connect()
    peer.ack = ((peer.take()[0]?.seq ?? 0) + 1) | 0
    peer.send(SYN | ACK, { options: mssAndTimestamps(7) })
    peer.seq = (peer.seq + 1) | 0
    hurry(peer, socket, stamped)
    closeFirst(peer, socket, stamped)
    const old = peer.ack
    peer.run(1500)
    connect()
    const [syn] = peer.take()
    expect(syn?.flags).toBe(SYN)
    expect(((syn?.seq ?? 0) - old) | 0).toBeGreaterThan(65_535)
  })
})

describe('two gigabytes after the last loss', () => {
  /** The state of a connection that has sent nearly 2 GiB since: then it goes on, in order, over the half of the space. */
  function longWithoutLoss(): [Peer, TcpEndpoint] {
    const peer = new Peer()
    const socket = peer.open(MSS_ONLY)
    const c = connectionOf(socket)
    c.recoveryPoint = (c.sndUna - HALF) | 0
    c.sndSml = (c.sndUna - HALF) | 0
    socket.send(octets(10_000), 0, 10_000, 0)
    peer.run(1)
    peer.acknowledgeAll()
    return [peer, socket]
  }

  test('three duplicates begin a fast retransmit without SACK (RFC 6582 3.2)', () => {
    const [peer, socket] = longWithoutLoss()
    socket.send(octets(8000), 0, 8000, 0)
    peer.take()
    for (let i = 0; i < 3; i++) peer.send(ACK)
    expect(connectionOf(socket).caState).toBe(CA_RECOVERY)
    expect(peer.taken()).toContain('0+1460')
  })

  test('a small segment behind full ones goes at once (RFC 9293 appendix A.3)', () => {
    const peer = new Peer()
    const socket = peer.open(MSS_ONLY)
    const c = connectionOf(socket)
    // The last small one lies more than half of the space back: it seems to lie ahead.
    c.sndSml = (c.sndUna + HALF) | 0
    socket.send(octets(1560), 0, 1560, 0)
    expect(peer.taken()).toEqual(['0+1460', '1460+100'])
  })
})

describe('the peer has shrunk its window with data in flight (RFC 9293 MUST-34)', () => {
  function shrunk(): [Peer, TcpEndpoint] {
    const peer = new Peer()
    const socket = peer.open(MSS_ONLY)
    socket.send(octets(3000), 0, 3000, 0)
    peer.take()
    peer.window = 100
    // With an octet of data, or it would be older than the first word on the window (as Linux has it).
    peer.sendData(octets(1))
    peer.sendData(octets(1))
    peer.take()
    return [peer, socket]
  }

  test('an acknowledgement lies inside', () => {
    const [peer] = shrunk()
    peer.sendData(octets(10))
    peer.run(100)
    expect(peer.taken()).toContain('100+0')
  })

  test('a RST lies inside', () => {
    const [peer, socket] = shrunk()
    socket.setOption(SOL_SOCKET, SO_LINGER, new Uint8Array(Int32Array.of(1, 0).buffer))
    socket.close()
    const [reset] = peer.take()
    expect(reset?.flags).toBe(RST | ACK)
    expect(((reset?.seq ?? 0) - peer.ack) | 0).toBe(100)
  })
})
