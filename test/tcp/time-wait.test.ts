// A connection in TIME-WAIT that nobody holds is kept in few words. Nobody can tell: not its peer, not netstat, not who wants its port.

import { describe, expect, test } from 'vitest'
import { IP_TTL, IPPROTO_IP, SHUT_WR } from '../../src/base/constants.ts'
import { netstat } from '../../src/stack/netstat.ts'
import { Connection } from '../../src/tcp/connection.ts'
import { TIME_WAIT } from '../../src/tcp/state.ts'
import { TimeWait } from '../../src/tcp/time-wait.ts'
import { ACK, FIN, RST, SYN } from '../../src/wire/tcp.ts'
import { int, MSS_SACK_SCALE, mssAndTimestamps, Peer, type SegmentFields, timestamps } from './peer.ts'

const WAIT = 60_000

function entryOf(peer: Peer): unknown {
  const entries = [...peer.stack.tcp.connections.entries()]
  expect(entries.length).toBe(1)
  return entries[0]
}

/** A stack that has closed first: `whole` keeps connections as they are. */
function closed(options: Uint8Array, whole: boolean, data = 0): Peer {
  const peer = new Peer()
  if (whole) peer.stack.tcp.settle = () => {}
  const listener = peer.listen()
  const endpoint = peer.open(options, listener)
  endpoint.setOption(IPPROTO_IP, IP_TTL, int(33))
  const stamp = options.length === 16 ? timestamps(200, 12_345) : new Uint8Array(0)
  if (data > 0) {
    peer.send(ACK, { options: stamp, data: new Uint8Array(data) })
    peer.seq = (peer.seq + data) | 0
    endpoint.recv(new Uint8Array(data), 0, data, 0)
  }
  endpoint.close()
  peer.run()
  peer.ack = (peer.ack + 1) | 0
  peer.send(ACK | FIN, { options: stamp })
  peer.seq = (peer.seq + 1) | 0
  return peer
}

test('TIME-WAIT: one that nobody holds is folded, and ends after its time with all that it had', () => {
  const peer = closed(MSS_SACK_SCALE, false)
  expect(entryOf(peer)).toBeInstanceOf(TimeWait)
  peer.run(WAIT - 1)
  expect(peer.stack.tcp.connections.count).toBe(1)
  peer.run(2)
  expect([peer.stack.tcp.connections.count, peer.stack.time.count]).toEqual([0, 0])
  expect(peer.stack.ports.tcp.size).toBe(1) // the listener's
})

test('TIME-WAIT: one that an application holds is folded when that lets go of it', () => {
  const peer = new Peer()
  const endpoint = peer.open(MSS_SACK_SCALE, peer.listen())
  endpoint.shutdown(SHUT_WR)
  peer.run()
  peer.ack = (peer.ack + 1) | 0
  peer.send(ACK | FIN)
  expect(entryOf(peer)).toBeInstanceOf(Connection)
  endpoint.close()
  peer.run()
  expect(entryOf(peer)).toBeInstanceOf(TimeWait)
})

test('TIME-WAIT: netstat lists a folded one as a whole one', () => {
  const [folded, whole] = [closed(MSS_SACK_SCALE, false), closed(MSS_SACK_SCALE, true)].map((peer) => {
    peer.run(1000)
    return netstat(peer.stack)
  })
  expect(folded).toEqual(whole)
  expect(folded?.[1]).toMatchObject({ state: 'TIME-WAIT', timers: [{ kind: 'time-wait', left: WAIT - 1000 }] })
})

describe('TIME-WAIT: a folded one answers as a whole one', () => {
  const stale = timestamps(100, 12_345)
  const fresh = timestamps(300, 12_345)
  const cases: readonly [string, number, (peer: Peer) => SegmentFields][] = [
    ['its FIN again', ACK | FIN, (peer) => ({ seq: peer.seq - 1 })],
    ['its FIN again, with time stamps', ACK | FIN, (peer) => ({ seq: peer.seq - 1, options: fresh })],
    ['an old time stamp', ACK, () => ({ options: stale })],
    ['a mere acknowledgement', ACK, () => ({})],
    ['data', ACK, () => ({ data: new Uint8Array(10), options: fresh })],
    ['old data', ACK, (peer) => ({ seq: peer.seq - 5, data: new Uint8Array(4), options: fresh })],
    ['what lies beyond the window', ACK, (peer) => ({ seq: peer.seq + 1_000_000, options: fresh })],
    ['a RST', RST, () => ({})],
    ['a RST elsewhere in the window', RST, (peer) => ({ seq: peer.seq + 1 })],
    ['an old SYN', SYN, (peer) => ({ seq: peer.seq - 10_000, options: mssAndTimestamps(100) })],
    ['a new SYN', SYN, (peer) => ({ seq: peer.seq + 10_000, options: mssAndTimestamps(400) })],
    ['a SYN with an ACK', SYN | ACK, () => ({ options: mssAndTimestamps(400) })],
  ]

  test.each(cases)('%s', (_, flags, fields) => {
    for (const options of [MSS_SACK_SCALE, mssAndTimestamps(200)]) {
      const [folded, whole] = [false, true].map((kept) => {
        const peer = closed(options, kept, 1000)
        const seen: unknown[] = [peer.device.take()]
        expect(entryOf(peer)).toBeInstanceOf(kept ? Connection : TimeWait)
        // Again within half a second, and after that.
        for (const pause of [10, 100, 1000, 30_000, 40_000]) {
          peer.run(pause)
          peer.send(flags, fields(peer))
          seen.push(peer.device.take(), peer.stack.tcp.connections.count, { ...peer.stack.tcp.counters })
        }
        return seen
      })
      expect(folded).toEqual(whole)
    }
  })
})

test('TIME-WAIT: one that still owes the answer to a FIN gives it, where both ends have closed at once', () => {
  const [folded, whole] = [false, true].map((kept) => {
    const peer = new Peer()
    if (kept) peer.stack.tcp.settle = () => {}
    peer.open(MSS_SACK_SCALE, peer.listen()).close()
    peer.run()
    peer.device.take()
    // In one burst their FIN, and their acknowledgement of ours.
    const fin = peer.packet(ACK | FIN)
    peer.seq = (peer.seq + 1) | 0
    peer.ack = (peer.ack + 1) | 0
    peer.device.deliver(fin, peer.packet(ACK))
    peer.run()
    const answers = peer.device.take()
    expect(entryOf(peer)).toMatchObject({ state: TIME_WAIT })
    return answers
  })
  expect(folded?.length).toBe(1)
  expect(folded).toEqual(whole)
})

test('TIME-WAIT: one that was made whole by a segment keeps its place among those that are given up', () => {
  const peer = new Peer({ tcp: { timeWaitMax: 3 } })
  const listener = peer.listen()
  const close = (port: number) => {
    peer.port = port
    peer.seq = 1000
    peer.take()
    const endpoint = peer.open(MSS_SACK_SCALE, listener)
    endpoint.close()
    peer.run()
    peer.ack = (peer.ack + 1) | 0
    peer.send(ACK | FIN)
  }
  for (let port = 5000; port < 5003; port++) close(port)
  peer.port = 5000
  peer.send(ACK | FIN)
  const waiting = () =>
    [...peer.stack.tcp.connections.entries()]
      .filter((entry) => 'state' in entry && entry.state === TIME_WAIT)
      .map((entry) => entry.remotePort)
      .sort()
  expect(waiting()).toEqual([5000, 5001, 5002])
  close(5003)
  expect(waiting()).toEqual([5001, 5002, 5003])
  expect(peer.stack.tcp.counters.timeWaitEvicted).toBe(1)
})
