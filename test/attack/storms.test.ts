// Read first: RFC 9293 sections 3.8.6.1 and 3.10.7.4, RFC 5961 sections 7 and 10 (and CVE-2016-5696), RFC 4732 section 2.1.4.

import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/random.ts'
import type { Endpoint } from '../../src/socket/provider.ts'
import { ChallengeBudget } from '../../src/tcp/challenge.ts'
import { ACK, RST, SYN } from '../../src/wire/tcp.ts'
import { FAMILIES } from '../tcp/family.ts'
import { connectionOf, MSS_ONLY, MSS_SACK_SCALE, Peer } from '../tcp/peer.ts'

describe.each(FAMILIES)('over $name', (family) => {
  test('10,000 acknowledgements outside of the window in a second draw two at most: two ends cannot answer each other for ever', () => {
    const peer = new Peer({ family })
    peer.open(MSS_SACK_SCALE)
    let answers = 0
    for (let i = 0; i < 1000; i++) {
      for (let k = 0; k < 10; k++) peer.send(ACK, { seq: (peer.seq + 10_000_000) | 0 })
      answers += peer.take().length
      peer.run(1)
    }
    expect(answers).toBeGreaterThan(0)
    expect(answers).toBeLessThanOrEqual(3)
  })

  test('10,000 SYNs and RSTs inside of the window in a second draw two challenges at most, and end nothing (RFC 5961 3.2, 4.2)', () => {
    const peer = new Peer({ family })
    const endpoint = peer.open(MSS_SACK_SCALE)
    let answers = 0
    for (let i = 0; i < 1000; i++) {
      for (let k = 1; k <= 10; k++) peer.send(k & 1 ? SYN : RST, { seq: (peer.seq + k) | 0 })
      answers += peer.take().length
      peer.run(1)
    }
    expect(answers).toBeLessThanOrEqual(3)
    peer.sendData(Uint8Array.of(7))
    expect(endpoint.recv(new Uint8Array(10), 0, 10, 0)).toBe(1)
  })

  test('many that close their window: what is buffered for them is within memoryMax, and orphans among them end (RFC 4732 2.1.4)', () => {
    const memoryMax = 1 << 20
    const peer = new Peer({ family, tcp: { memoryMax, sendBuffer: 65_536, orphanRetries: 3 } })
    const listener = peer.listen()
    const endpoints: Endpoint[] = []
    for (let i = 0; i < 200; i++) {
      peer.port = 3000 + i
      peer.seq = 1000
      peer.take()
      const endpoint = peer.open(MSS_ONLY, listener)
      endpoints.push(endpoint)
      peer.send(ACK, { window: 0 })
      endpoint.send(new Uint8Array(65_536), 0, 65_536, 0)
      expect(peer.stack.tcp.memory.used).toBeLessThan(memoryMax + 200 * 8192)
    }
    peer.take()
    for (const endpoint of endpoints) endpoint.close()
    // The other side answers no probe any more.
    peer.run(3_600_000)
    expect([peer.stack.tcp.connections.count, peer.stack.tcp.memory.used]).toEqual([0, 0])
  })
})

test('RSTs at many connections draw no more challenges than the limit of the host (RFC 5961 7)', () => {
  const peer = new Peer({ tcp: { challengeAckLimit: 10 } })
  const listener = peer.listen()
  const seqs: number[] = []
  for (let i = 0; i < 40; i++) {
    peer.port = 3000 + i
    peer.seq = 1000
    peer.open(MSS_ONLY, listener)
    seqs.push(peer.seq)
  }
  for (let i = 0; i < 40; i++) {
    peer.port = 3000 + i
    peer.send(RST, { seq: (seqs[i] as number) + 5 })
  }
  const answers = peer.take().length
  expect(answers).toBeGreaterThanOrEqual(5)
  expect(answers).toBeLessThan(15)
})

test('an orphan whose peer keeps its window closed and answers probes ends all the same (RFC 4732 2.1.4)', () => {
  const peer = new Peer({ tcp: { sendBuffer: 65_536 } })
  const endpoint = peer.open(MSS_ONLY)
  peer.send(ACK, { window: 0 })
  endpoint.send(new Uint8Array(65_536), 0, 65_536, 0)
  endpoint.close()
  for (let i = 0; i < 3600 && peer.stack.tcp.connections.count > 0; i++) {
    peer.run(1000)
    for (const { flags } of peer.take()) if ((flags & RST) === 0) peer.send(ACK, { window: 0 })
  }
  expect([peer.stack.tcp.connections.count, peer.stack.tcp.memory.used]).toEqual([0, 0])
})

test('one who keeps a window closed and answers every probe keeps the memory of his own connection, and no more', () => {
  const peer = new Peer({ tcp: { sendBuffer: 65_536 } })
  const endpoint = peer.open(MSS_ONLY)
  peer.send(ACK, { window: 0 })
  endpoint.send(new Uint8Array(65_536), 0, 65_536, 0)
  const c = connectionOf(endpoint)
  let probes = 0
  for (let i = 0; i < 3600; i++) {
    peer.run(1000)
    for (const _ of peer.take()) {
      probes++
      peer.send(ACK, { window: 0 })
    }
  }
  // MUST-37: as long as it answers the connection stays; the probes are ever rarer, and a program can say that it has had enough.
  expect(probes).toBeGreaterThan(20)
  expect(probes).toBeLessThan(60)
  expect(c.sendRing.length).toBe(65_536)
  expect(peer.stack.tcp.memory.used).toBeLessThanOrEqual(2 * 65_536)
})

describe('the challenges of a host (RFC 5961 7)', () => {
  const taken = (budget: ChallengeBudget, now: number) => {
    let count = 0
    while (budget.take(now)) count++
    return count
  }

  test('are so many in a second, and come back in the next', () => {
    const budget = new ChallengeBudget(1000, new SeededRandom(1))
    for (let second = 0; second < 50; second++) {
      const count = taken(budget, second * 1000)
      expect(count).toBeGreaterThanOrEqual(500)
      expect(count).toBeLessThan(1500)
      expect(taken(budget, second * 1000 + 999)).toBe(0)
    }
  })

  test('are another number in every second: who counts them learns nothing (CVE-2016-5696)', () => {
    const budget = new ChallengeBudget(1000, new SeededRandom(1))
    const counts = Array.from({ length: 50 }, (_, second) => taken(budget, second * 1000))
    expect(new Set(counts).size).toBeGreaterThan(40)
  })

  test('are no more while the clock stands at the edge of 32 bits', () => {
    const budget = new ChallengeBudget(1000, new SeededRandom(1))
    expect(taken(budget, -1)).toBeGreaterThan(0)
    expect(taken(budget, -1)).toBe(0)
    expect(taken(budget, 0)).toBeGreaterThan(0)
  })
})
