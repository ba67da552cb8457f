// Where a segment cannot be sent: the device is full, or there is no way for a while.

import { describe, expect, test } from 'vitest'
import { ACK } from '../../src/wire/tcp.ts'
import { octets } from '../stack/one-stack.ts'
import { ScriptDevice } from '../stack/script-device.ts'
import { FAMILIES } from './family.ts'
import { connectionOf, MSS_ONLY, Peer } from './peer.ts'

const MINUTE = 60_000

/** Lets a minute pass in which the peer acknowledges what comes. Returns how many octets came. */
function drain(peer: Peer): number {
  let octets = 0
  for (let ms = 0; ms < MINUTE; ms += 100) {
    peer.run(100)
    octets += peer.acknowledgeAll()
  }
  return octets
}

function takeRoutes(peer: Peer): void {
  peer.stack.routes.removeWhere(() => true)
  peer.stack.tablesChanged()
}

describe.each(FAMILIES)('over $name', (family) => {
  test('a route that is lost while nothing is in flight and comes back: all that waits is sent (RFC 1122 3.3.1)', () => {
    const peer = new Peer({ family })
    const socket = peer.open(MSS_ONLY)
    takeRoutes(peer)
    expect(socket.send(octets(5000), 0, 5000, 0)).toBe(5000)
    peer.run(500)
    expect(peer.take()).toEqual([])
    peer.stack.addRoute(family.prefix, { interface: 'eth0' })
    expect(drain(peer)).toBe(5000)
    expect(socket.send(octets(5000), 0, 5000, 0)).toBe(5000)
    expect(drain(peer)).toBe(5000)
  })

  test('a route that is lost while data is in flight and comes back: all is sent', () => {
    const peer = new Peer({ family })
    const socket = peer.open(MSS_ONLY)
    socket.send(octets(1000), 0, 1000, 0)
    peer.take()
    takeRoutes(peer)
    socket.send(octets(5000), 0, 5000, 0)
    peer.run(3000)
    expect(peer.take()).toEqual([])
    peer.stack.addRoute(family.prefix, { interface: 'eth0' })
    expect(drain(peer)).toBe(6000)
  })

  test('another way is looked for after three retransmissions (RFC 9293 3.8.3, MUST-20, SHLD-10)', () => {
    const peer = new Peer({ family, tcp: { tailLossProbe: false } })
    const socket = peer.open(MSS_ONLY)
    socket.send(octets(1000), 0, 1000, 0)
    const connection = connectionOf(socket)
    let lookups = 0
    const { stack } = peer
    const routeTo = stack.routeTo.bind(stack)
    stack.routeTo = (...way) => {
      lookups++
      return routeTo(...way)
    }
    const until = (count: number) => {
      while (connection.totalRetransmits < count) peer.run(10)
    }
    until(3)
    expect(lookups).toBe(0)
    until(4)
    expect(lookups).toBe(1)
  })

  test('a full device that is removed: what waited for its room goes another way', () => {
    const peer = new Peer({ family })
    const socket = peer.open(MSS_ONLY)
    peer.device.full = true
    socket.send(octets(50_000), 0, 50_000, 0)
    peer.run(1)
    peer.stack.removeInterface(peer.link)
    const other = new ScriptDevice('ip', family.mtu)
    peer.attach(other, 'eth1')
    Object.assign(peer, { device: other })
    expect(drain(peer)).toBe(50_000)
  })

  test('a full device that is full for half a minute: all is sent when it has room', () => {
    const peer = new Peer({ family })
    const socket = peer.open(MSS_ONLY)
    peer.device.full = true
    socket.send(octets(5000), 0, 5000, 0)
    peer.run(30_000)
    peer.device.hasRoom()
    expect(drain(peer)).toBe(5000)
  })

  test('an acknowledgement that finds a full device is sent a little later (RFC 5681 4.2)', () => {
    const peer = new Peer({ family })
    const socket = peer.open(MSS_ONLY)
    peer.device.full = true
    peer.sendData(octets(3000))
    peer.run(100)
    peer.device.full = false
    peer.run(200)
    expect(peer.take().map(({ ack }) => ack)).toEqual([peer.seq])
    expect(connectionOf(socket).readable).toBe(3000)
  })

  test('connections that are closed while they wait for room are forgotten', () => {
    const peer = new Peer({ family })
    const socket = peer.open(MSS_ONLY)
    peer.device.full = true
    socket.send(octets(5000), 0, 5000, 0)
    peer.send(ACK, { seq: peer.seq })
    socket.close()
    peer.run(7_200_000)
    expect([peer.stack.tcp.connections.count, peer.stack.time.count]).toEqual([0, 0])
    peer.device.hasRoom()
    expect(peer.take()).toEqual([])
  })
})
