// On a device that takes large segments one record of what is in flight stands for many packets.

import { describe, expect, test } from 'vitest'
import { IPPROTO_TCP, MSG_OOB, TCP_MAXSEG, TCP_NODELAY } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { Cable } from '../../src/device/cable.ts'
import { Offload, SEGMENT_TCP4 } from '../../src/device/device.ts'
import { ACK, URG } from '../../src/wire/tcp.ts'
import { octets, same } from '../stack/one-stack.ts'
import { FAMILIES } from './family.ts'
import { connectionOf, int, LARGE, MSS_ONLY, MSS_SACK_SCALE, Peer, sackBlocks } from './peer.ts'

describe.each(FAMILIES)('over $name', (family) => {
  test('a large segment sent again after the MSS has grown carries only octets of the stream (RFC 9293 3.8.1)', () => {
    const peer = new Peer({ family, features: LARGE })
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
    'with SACK blocks of our own, no packet of MSS plus %i octets is longer than the path takes (RFC 2018 3, RFC 9293 3.7.1)',
    (more) => {
      const peer = new Peer({ family, features: LARGE })
      const socket = peer.open(MSS_SACK_SCALE)
      socket.setOption(IPPROTO_TCP, TCP_NODELAY, int(1))
      peer.send(ACK, { seq: peer.seq + 100, data: octets(10) })
      peer.take()
      const length = connectionOf(socket).mss + more
      socket.send(octets(length), 0, length, 0)
      const arrived = peer.take()
      expect(arrived.reduce((sum, { data }) => sum + data.length, 0)).toBe(length)
      for (const { packetLength, headerLength, segmentSize } of arrived) {
        expect(segmentSize === 0 ? packetLength : headerLength + segmentSize).toBeLessThanOrEqual(family.mtu)
      }
    },
  )

  test('urgent data goes in packets of their own: each pointer counts from its packet (RFC 9293 3.8.5)', () => {
    const peer = new Peer({ family, features: LARGE })
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
    const peer = new Peer({ family, features: LARGE })
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
      const peer = new Peer({ family, features: LARGE })
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
      const peer = new Peer({ family, features: LARGE })
      const socket = peer.open(MSS_SACK_SCALE)
      socket.send(octets(10_000), 0, 10_000, 0)
      peer.take()
      socket.setOption(IPPROTO_TCP, TCP_MAXSEG, int(1000))
      peer.send(ACK, { options: sackBlocks(peer.ack + 1460, peer.ack + 2 * 1460) })
      expect(connectionOf(socket).flight?.sackedOut).toBe(1)
    })
  })
})

test('an empty cable takes a large segment that is longer than its queue', () => {
  const cable = new Cable({ offloads: true, queue: 4000 })
  const clock = new ManualClock()
  const offload = new Offload()
  const lengths: number[] = []
  cable.right.attach(
    { receive: (_bytes, start, end) => lengths.push(end - start), flush: () => {}, writable: () => {} },
    clock,
  )
  offload.segment = SEGMENT_TCP4
  offload.segmentSize = 1448
  for (const length of [60_000, 17_000]) {
    expect(cable.left.transmit(new Uint8Array(length), 0, length, offload)).toBe(true)
    clock.settle()
  }
  expect(lengths).toEqual([60_000, 17_000])
})
