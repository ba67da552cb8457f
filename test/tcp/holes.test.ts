// Data ahead of a hole: what a peer can make us do and keep.

import { describe, expect, test } from 'vitest'
import { Reassembly } from '../../src/tcp/reassembly.ts'
import { CLOSE_WAIT } from '../../src/tcp/state.ts'
import { ACK, FIN } from '../../src/wire/tcp.ts'
import { octets, same } from '../stack/one-stack.ts'
import { connectionOf, MSS_ONLY, MSS_SACK_SCALE, Peer } from './peer.ts'

const RANGES = 1000

/** Counts how often it looks at a range. */
class CountedReassembly extends Reassembly {
  looks = 0

  override left(i: number): number {
    this.looks++
    return super.left(i)
  }

  override right(i: number): number {
    this.looks++
    return super.right(i)
  }
}

/** A thousand ranges of one octet, every second from 2 on. */
function manyHoles(): CountedReassembly {
  const reassembly = new CountedReassembly()
  for (let i = 0; i < RANGES; i++) reassembly.add(2 + 2 * i, 3 + 2 * i)
  expect(reassembly.count).toBe(RANGES)
  reassembly.looks = 0
  return reassembly
}

describe('a thousand holes (the SegmentSmack family)', () => {
  // Ten steps halve a thousand to one; each looks once, and joining what touches looks a few times more.
  test.each([2, RANGES, 2 * RANGES + 2])('one more range at %i costs the looks of a binary search', (left) => {
    const reassembly = manyHoles()
    reassembly.add(left, left + 1)
    expect(reassembly.looks).toBeLessThan(30)
  })

  test('SACK blocks for the four latest ranges cost four binary searches (RFC 2018 4)', () => {
    const reassembly = manyHoles()
    const edges = new Int32Array(8)
    expect(reassembly.blocks(edges, 4)).toBe(4)
    expect([...edges]).toEqual([2000, 2001, 1998, 1999, 1996, 1997, 1994, 1995])
    expect(reassembly.looks).toBeLessThan(4 * 20)
  })

  test('more than 1024 ranges are not kept', () => {
    const peer = new Peer()
    const socket = peer.open(MSS_SACK_SCALE)
    for (let i = 1; i <= 1500; i++) peer.send(ACK, { seq: peer.seq + 2 * i, data: octets(1) })
    expect(connectionOf(socket).reassembly?.count).toBe(1024)
    expect(peer.stack.tcp.counters.outOfOrderDropped).toBe(1500 - 1024)
  })
})

describe('data far ahead', () => {
  test('one octet at the far edge of a window of 2 MiB does not make us take the memory of all before it', () => {
    const peer = new Peer({ tcp: { receiveBuffer: 4 << 20 } })
    const socket = peer.open(MSS_SACK_SCALE)
    peer.sendData(octets(10))
    peer.run(100)
    const c = connectionOf(socket)
    expect(c.receiveWindow).toBeGreaterThan(2_000_000)
    peer.send(ACK, { seq: peer.seq + c.receiveWindow - 1, data: octets(1) })
    expect(c.receiveRing.capacity).toBeLessThanOrEqual(512 << 10)
  })

  test('a whole window behind one lost segment is kept (RFC 9293 SHLD-31)', () => {
    const peer = new Peer()
    const socket = peer.open(MSS_SACK_SCALE)
    peer.sendData(octets(10))
    peer.run(100)
    const c = connectionOf(socket)
    const data = octets(c.receiveWindow)
    for (let at = 1000; at < data.length; at += 1000) {
      peer.send(ACK, { seq: peer.seq + at, data: data.subarray(at, at + 1000) })
    }
    peer.send(ACK, { data: data.subarray(0, 1000) })
    expect(c.readable).toBe(10 + data.length)
    const got = new Uint8Array(10 + data.length)
    socket.recv(got, 0, got.length, 0)
    expect(same(got.subarray(10), data)).toBe(true)
  })
})

test('data behind a FIN is no part of the stream, and does not hide its end (RFC 9293 3.10.7.4)', () => {
  const peer = new Peer()
  const socket = peer.open(MSS_ONLY)
  peer.send(ACK, { seq: peer.seq + 5, data: octets(20) })
  peer.send(ACK | FIN, { seq: peer.seq + 10 })
  peer.sendData(octets(10))
  const got = new Uint8Array(100)
  expect(connectionOf(socket).state).toBe(CLOSE_WAIT)
  expect(socket.recv(got, 0, 100, 0)).toBe(10)
  expect(socket.recv(got, 0, 100, 0)).toBe(0)
})
