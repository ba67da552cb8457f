// A peer that sends what it likes, at every state: random fields, fields near those that would be right, and random octets.
// HOSTILE=1000-2000 runs other seeds than the usual ones.

import { describe, expect, test } from 'vitest'
import {
  IPPROTO_TCP,
  MSG_MORE,
  MSG_OOB,
  MSG_PEEK,
  SHUT_WR,
  TCP_CORK,
  TCP_MAXSEG,
  TCP_NODELAY,
} from '../../src/base/constants.ts'
import type { TcpEndpoint } from '../../src/stack/endpoint/tcp-endpoint.ts'
import type { Connection } from '../../src/tcp/connection.ts'
import {
  CLOSE_WAIT,
  CLOSED,
  CLOSING,
  ESTABLISHED,
  FIN_WAIT_1,
  FIN_WAIT_2,
  LAST_ACK,
  type State,
  SYN_RECEIVED,
  SYN_SENT,
  stateName,
  TIME_WAIT,
} from '../../src/tcp/state.ts'
import { ACK, FIN, PSH, RST, SYN, TCP_HEADER_LENGTH, URG } from '../../src/wire/tcp.ts'
import { Chance, seeds } from './chance.ts'
import { FAMILIES, familyOf } from './family.ts'
import { checkConnection } from './invariants.ts'
import { connectionOf, int, LARGE, MSS_SACK_SCALE, Peer, sackBlocks, timestamps } from './peer.ts'

const SEGMENTS = 300
/** An answer and all that it lets go: no more than the send buffer holds in the smallest of segments. */
const ANSWERS_MAX = 1000
const HOUR = 3_600_000
/** Time-outs, probes and keep-alives of one connection in an hour, each a few steps of the clock. */
const STEPS_AN_HOUR = 2000
const BUFFER = 65_536

const scratch = new Uint8Array(70_000)

/** Brings a connection to each state, by a peer that behaves. */
const ways: readonly [State, (peer: Peer) => TcpEndpoint][] = [
  [SYN_SENT, (peer) => peer.beConnected()],
  [
    SYN_RECEIVED,
    (peer) => {
      const endpoint = peer.beConnected()
      peer.send(SYN, { options: MSS_SACK_SCALE })
      peer.seq++
      return endpoint
    },
  ],
  [ESTABLISHED, (peer) => peer.open(MSS_SACK_SCALE)],
  [FIN_WAIT_1, halfClosed],
  [
    FIN_WAIT_2,
    (peer) => {
      const endpoint = halfClosed(peer)
      peer.ack++
      peer.send(ACK)
      return endpoint
    },
  ],
  [
    CLOSING,
    (peer) => {
      const endpoint = halfClosed(peer)
      peer.send(FIN | ACK)
      peer.seq++
      return endpoint
    },
  ],
  [
    TIME_WAIT,
    (peer) => {
      const endpoint = halfClosed(peer)
      peer.ack++
      peer.send(FIN | ACK)
      peer.seq++
      return endpoint
    },
  ],
  [CLOSE_WAIT, closedByPeer],
  [
    LAST_ACK,
    (peer) => {
      const endpoint = closedByPeer(peer)
      endpoint.shutdown(SHUT_WR)
      return endpoint
    },
  ],
]

function halfClosed(peer: Peer): TcpEndpoint {
  const endpoint = peer.open(MSS_SACK_SCALE)
  endpoint.shutdown(SHUT_WR)
  return endpoint
}

function closedByPeer(peer: Peer): TcpEndpoint {
  const endpoint = peer.open(MSS_SACK_SCALE)
  peer.send(FIN | ACK)
  peer.seq++
  return endpoint
}

function reach(state: State, chance: Chance, seed: number): [Peer, TcpEndpoint] {
  const way = ways.find(([reached]) => reached === state)
  const peer = new Peer({
    family: familyOf(seed),
    tcp: { timeWait: 3000, receiveBuffer: BUFFER, sendBuffer: BUFFER },
    start: chance.pick(12_345, 2 ** 31 - 5000),
    ...(chance.oneIn(2) ? { features: LARGE } : {}),
  })
  peer.seq = chance.pick(1000, -3, 0x7ffffff0)
  if (way === undefined) throw new Error(`no way to ${stateName(state)}`)
  const endpoint = way[1](peer)
  expect(stateName(connectionOf(endpoint).state)).toBe(stateName(state))
  peer.take()
  return [peer, endpoint]
}

/** A segment whose every field is right, nearly right, or wrong. */
function structured(peer: Peer, c: Connection, chance: Chance): Uint8Array {
  const unacknowledged = (c.sndNxt - c.sndUna) | 0
  const length = chance.pick(0, 0, 1, 10, 500, 1400)
  let flags = chance.pick(
    ACK,
    ACK,
    ACK | PSH,
    ACK | URG,
    ACK | FIN,
    SYN,
    SYN | ACK,
    RST,
    RST | ACK,
    0,
    chance.below(512),
  )
  // What would end it soon is sent seldom.
  if (!chance.oneIn(12)) flags &= ~RST
  if (!chance.oneIn(8)) flags &= ~FIN
  if (chance.oneIn(4)) flags &= ~SYN
  const edge = c.receiveWindow - chance.below(2000)
  const ahead = chance.pick(
    0,
    0,
    0,
    1,
    -1,
    edge,
    chance.below(3000),
    -chance.below(3000),
    chance.below(70_000),
    chance.int32(),
  )
  const acknowledged = chance.pick(
    0,
    unacknowledged,
    unacknowledged >> 1,
    chance.below(Math.max(unacknowledged, 1)),
    unacknowledged + 1,
    -1,
    -chance.below(100_000),
    chance.int32(),
  )
  return peer.packet(flags, {
    seq: (c.rcvNxt + ahead) | 0,
    ack: (c.sndUna + acknowledged) | 0,
    window: chance.pick(65_535, 65_535, 0, 1, chance.below(65_536)),
    urgentPointer: chance.pick(0, 1, length, length + 1, chance.below(65_536)),
    data: scratch.subarray(0, length),
    options: optionsOf(c, unacknowledged, chance),
  })
}

function optionsOf(c: Connection, unacknowledged: number, chance: Chance): Uint8Array {
  if (chance.oneIn(3)) return new Uint8Array(0)
  if (chance.oneIn(4))
    return timestamps(chance.pick(0, chance.int32()), chance.pick(c.tsNow, c.tsNow - 50, 0, chance.int32()))
  const edges: number[] = []
  for (let blocks = 1 + chance.below(4); blocks > 0; blocks--) {
    const left = (c.sndUna + chance.below(Math.max(unacknowledged, 1)) - chance.below(3)) | 0
    edges.push(chance.pick(left, left, left, chance.int32()))
    edges.push(chance.pick(left + chance.below(3000), left + 1, c.sndNxt, chance.int32()) | 0)
  }
  const options = sackBlocks(...edges)
  if (chance.oneIn(8)) options[3] = chance.below(256)
  return options
}

/** Octets of any kind, but with the ports and the checksum right. */
function random(peer: Peer, chance: Chance): Uint8Array {
  const segment = new Uint8Array(chance.below(120))
  for (let i = 0; i < segment.length; i++) segment[i] = chance.below(256)
  if (segment.length >= TCP_HEADER_LENGTH) {
    segment.set(Uint8Array.of(peer.port >> 8, peer.port, peer.stackPort >> 8, peer.stackPort))
    if (chance.oneIn(2)) segment[12] = (5 + chance.below(11)) << 4
  }
  return peer.checked(segment)
}

/** What the application does meanwhile. */
function call(endpoint: TcpEndpoint, chance: Chance): void {
  switch (chance.below(8)) {
    case 0:
    case 1:
      endpoint.send(scratch, 0, chance.below(20_000), chance.pick(0, MSG_OOB, MSG_MORE))
      break
    case 2:
    case 3:
      endpoint.recv(scratch, 0, 1 + chance.below(30_000), chance.pick(0, 0, MSG_OOB, MSG_PEEK))
      break
    case 4:
      if (chance.oneIn(10)) endpoint.shutdown(SHUT_WR)
      break
    case 5:
      if (chance.oneIn(30)) endpoint.close()
      break
    default:
      endpoint.setOption(IPPROTO_TCP, chance.pick(TCP_NODELAY, TCP_CORK, TCP_MAXSEG), int(chance.pick(0, 1, 88, 500)))
  }
}

function attack(state: State, seed: number, busy: boolean): void {
  const chance = new Chance(seed * 31 + state)
  const [peer, endpoint] = reach(state, chance, seed)
  const c = connectionOf(endpoint)
  for (let i = 0; i < SEGMENTS && c.state !== CLOSED; i++) {
    const { state: before } = c
    peer.device.deliver(chance.oneIn(6) ? random(peer, chance) : structured(peer, c, chance))
    // A segment, and no time passes: at most the delayed things of this instant run.
    peer.run(0, ANSWERS_MAX)
    const answers = peer.device.take().length
    // A FIN that was here before its data is acknowledged at once, before TIME-WAIT; its repetition with the data, as ever.
    const allowed = busy ? ANSWERS_MAX : c.state === TIME_WAIT && before !== TIME_WAIT ? 2 : 1
    if (answers > allowed) throw new Error(`segment ${i} drew ${answers} segments`)
    checkConnection(c)
    if (busy && chance.oneIn(3)) call(endpoint, chance)
    if (chance.oneIn(6)) peer.run(chance.pick(1, 40, 200, 1000, 5000))
    peer.device.take()
    checkConnection(c)
  }
  endpoint.close()
  peer.run(HOUR, STEPS_AN_HOUR)
  checkConnection(c)
}

function told(seed: number, run: () => void): void {
  try {
    run()
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
  }
}

describe.each(ways.map(([state]) => [stateName(state), state] as const))('%s', (_name, state) => {
  test('hostile segments throw nothing, break nothing, and cost bounded work and memory (RFC 9293 3.10.7)', () => {
    for (const seed of seeds('HOSTILE', 12)) told(seed, () => attack(state, seed, true))
  })

  test('with nothing to send, each hostile segment draws one answer at most', () => {
    for (const seed of seeds('HOSTILE', 8)) told(seed + 500_000, () => attack(state, seed + 500_000, false))
  })
})

describe('LISTEN', () => {
  test('hostile segments leave no more than their half-open connections, and these end (RFC 4987)', () => {
    for (const seed of seeds('HOSTILE', 8)) {
      told(seed, () => {
        const chance = new Chance(seed)
        const peer = new Peer({ family: familyOf(seed) })
        const listener = peer.listen()
        const { stack } = peer
        for (let i = 0; i < SEGMENTS; i++) {
          peer.port = 4000 + chance.below(50)
          const flags = chance.pick(SYN, SYN, SYN | ACK, ACK, FIN, RST, SYN | FIN, chance.below(512))
          const fields = { seq: chance.int32(), ack: chance.int32(), options: sackBlocks(chance.int32(), 0) }
          peer.device.deliver(chance.oneIn(4) ? random(peer, chance) : peer.packet(flags, fields))
          peer.run(0, ANSWERS_MAX)
          if (peer.device.take().length > 1) throw new Error(`segment ${i} drew more than one`)
          expect(stack.tcp.connections.count).toBeLessThanOrEqual(16)
        }
        peer.run(HOUR, SEGMENTS * 20)
        expect([stack.tcp.connections.count, stack.time.count]).toEqual([0, 0])
        expect(listener.close()).toBe(0)
      })
    }
  })
})

describe.each(FAMILIES)('CLOSED, over $name', (family) => {
  test('hostile segments draw a RST at most, and a RST draws nothing (RFC 9293 3.10.7.1)', () => {
    const chance = new Chance(1)
    const peer = new Peer({ family })
    for (let i = 0; i < 1000; i++) {
      peer.device.deliver(chance.oneIn(2) ? random(peer, chance) : peer.packet(chance.below(512)))
      peer.run(0, ANSWERS_MAX)
      const answers = peer.take()
      expect(answers.length).toBeLessThanOrEqual(1)
      for (const { flags } of answers) expect(flags & RST).toBe(RST)
    }
    peer.send(RST)
    expect(peer.take()).toEqual([])
  })
})
