// TCP segments that are right, nearly right or wrong for the connections a stack has at the moment.

import type { IpAddress } from '../../src/base/ip-address.ts'
import type { Stack } from '../../src/stack/stack.ts'
import { Connection } from '../../src/tcp/connection.ts'
import type { HalfOpen } from '../../src/tcp/half-open.ts'
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../../src/wire/tcp.ts'
import type { Chance } from '../../test/tcp/chance.ts'
import { neighbourOf, OURS_V4, OURS_V6 } from './hosts.ts'
import { octets, sum, TCP } from './packet.ts'

/** Where the stack listens. */
export const LISTENING: readonly number[] = [80, 81]

export interface Payload {
  readonly from: IpAddress
  readonly to: IpAddress
  readonly protocol: number
  readonly message: Uint8Array
}

/** A SYN-ACK, or a SYN, that the stack has sent: the other side may answer it long after the stack has forgotten. */
export interface Greeting {
  readonly local: IpAddress
  readonly localPort: number
  readonly remote: IpAddress
  readonly remotePort: number
  readonly seq: number
  readonly ack: number
  readonly synAck: boolean
}

interface SegmentParts {
  readonly from: IpAddress
  readonly fromPort: number
  readonly to: IpAddress
  readonly toPort: number
  readonly seq: number
  readonly ack: number
  readonly flags: number
  readonly window: number
  readonly urgent?: number
  readonly options?: Uint8Array
  readonly data?: number
}

function segment(parts: SegmentParts): Payload {
  const { from, to, options = new Uint8Array(0), data = 0 } = parts
  const headerLength = 20 + ((options.length + 3) & ~3)
  const message = octets().u16(parts.fromPort, parts.toPort).u32(parts.seq, parts.ack)
  message.u16((headerLength << 10) | (parts.flags & 0x1ff), parts.window, 0, parts.urgent ?? 0).raw(options)
  while (message.length < headerLength) message.u8(0)
  message.fill(data)
  return { from, to, protocol: TCP, message: sum(message.take(), TCP, from, to) }
}

function dataLength(chance: Chance): number {
  return chance.pick(0, 0, 0, 1, 8, 100, 536, 1200, 1400, chance.below(1440))
}

/** One of the segments that may come now. */
export function tcpFrame(
  stack: Stack,
  entries: readonly (Connection | HalfOpen)[],
  greetings: readonly Greeting[],
  chance: Chance,
): Payload {
  const kind = chance.below(20)
  const greeting = greetings.length === 0 ? null : (greetings[chance.below(greetings.length)] as Greeting)
  if (greeting !== null && kind < 4) return answer(greeting, chance)
  if (entries.length > 0 && kind < 15) {
    const entry = entries[chance.below(entries.length)] as Connection | HalfOpen
    return entry instanceof Connection ? forConnection(entry, chance) : forHalfOpen(entry, chance)
  }
  if (kind < 18) return opening(chance)
  return blind(stack, chance)
}

/** What the honest other side of a handshake would send. */
function answer(greeting: Greeting, chance: Chance): Payload {
  const { local, remote, localPort, remotePort } = greeting
  const base = { from: remote, fromPort: remotePort, to: local, toPort: localPort, window: 0xffff }
  if (greeting.synAck) {
    const ack = (greeting.seq + 1 + (chance.oneIn(12) ? chance.below(5) - 2 : 0)) | 0
    return segment({
      ...base,
      seq: greeting.ack,
      ack,
      flags: ACK | chance.pick(0, 0, PSH, FIN),
      data: chance.pick(0, 0, 50),
    })
  }
  const options = synOptions(chance)
  return segment({ ...base, seq: chance.int32(), ack: (greeting.seq + 1) | 0, flags: SYN | ACK, options })
}

function opening(chance: Chance): Payload {
  const version = chance.pick<4 | 6>(4, 6)
  return segment({
    from: neighbourOf(version, chance.below(6)),
    fromPort: 1024 + chance.below(40),
    to: version === 4 ? OURS_V4 : OURS_V6,
    toPort: chance.oneIn(20) ? chance.below(65_536) : chance.pick(...LISTENING),
    seq: chance.int32(),
    ack: chance.oneIn(8) ? chance.int32() : 0,
    flags: chance.oneIn(12) ? chance.below(512) : SYN | chance.pick(0, 0, 0, ECE | CWR),
    window: chance.pick(0xffff, 0xffff, 0, 1, chance.below(65_536)),
    options: synOptions(chance),
    data: chance.oneIn(10) ? dataLength(chance) : 0,
  })
}

function blind(stack: Stack, chance: Chance): Payload {
  const version = chance.pick<4 | 6>(4, 6)
  void stack
  return segment({
    from: neighbourOf(version, chance.below(200)),
    fromPort: chance.below(65_536),
    to: version === 4 ? OURS_V4 : OURS_V6,
    toPort: chance.pick(80, 81, chance.below(65_536)),
    seq: chance.int32(),
    ack: chance.int32(),
    flags: chance.below(512),
    window: chance.below(65_536),
    urgent: chance.below(65_536),
    options: randomOptions(chance),
    data: dataLength(chance),
  })
}

function synOptions(chance: Chance): Uint8Array {
  const options = octets()
  if (!chance.oneIn(8)) options.u8(2, 4).u16(chance.pick(1460, 1440, 536, 88, 1, 0, 65_535))
  if (!chance.oneIn(3)) options.u8(4, 2)
  if (!chance.oneIn(3)) options.u8(8, 10).u32(chance.pick(1000, chance.int32()), 0)
  if (!chance.oneIn(3)) options.u8(1, 3, 3, chance.pick(7, 8, 0, 14, 15, 255))
  if (chance.oneIn(6)) options.u8(34, chance.pick(2, 6, 10, 18, 3)).fill(chance.pick(0, 4, 8))
  if (chance.oneIn(10)) options.raw(randomOptions(chance))
  return options.take().slice(0, 40)
}

function randomOptions(chance: Chance): Uint8Array {
  const options = octets()
  for (let left = chance.below(5); left > 0; left--) {
    const kind = chance.pick(0, 1, 2, 3, 4, 5, 8, 34, 254, chance.below(256))
    options.u8(kind, chance.pick(0, 1, 2, 3, 4, 10, 18, 34, chance.below(256))).fill(chance.below(12))
  }
  return options.take().slice(0, 40)
}

function forHalfOpen(h: HalfOpen, chance: Chance): Payload {
  const near = chance.oneIn(4) ? chance.pick(1, -1, chance.below(100_000), chance.int32()) : 0
  const wrongAck = chance.oneIn(5) ? chance.pick(1, -1, chance.int32()) : 0
  return segment({
    from: h.remote,
    fromPort: h.remotePort,
    to: h.local,
    toPort: h.localPort,
    seq: (h.irs + 1 + near) | 0,
    ack: (h.iss + 1 + wrongAck) | 0,
    flags: chance.pick(ACK, ACK, ACK, ACK | PSH, ACK | FIN, RST, SYN, SYN | ACK, chance.below(512)),
    window: chance.pick(0xffff, 0xffff, 0, 100),
    options: h.timestamps && !chance.oneIn(5) ? stamps(h.tsRecent + chance.below(3), 0) : randomOptions(chance),
    data: chance.oneIn(4) ? dataLength(chance) : 0,
  })
}

function stamps(value: number, echo: number): Uint8Array {
  return octets().u8(1, 1, 8, 10).u32(value, echo).take()
}

function forConnection(c: Connection, chance: Chance): Payload {
  const unacknowledged = (c.sndNxt - c.sndUna) | 0
  const length = dataLength(chance)
  let flags = chance.pick(
    ACK,
    ACK,
    ACK,
    ACK | PSH,
    ACK | URG,
    ACK | FIN,
    ACK | ECE,
    SYN,
    SYN | ACK,
    RST,
    0,
    chance.below(512),
  )
  // What would end it soon is sent seldom.
  if (!chance.oneIn(20)) flags &= ~RST
  if (!chance.oneIn(12)) flags &= ~FIN
  const edge = c.receiveWindow - chance.below(2000)
  const ahead = chance.pick(
    0,
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
    unacknowledged,
    unacknowledged >> 1,
    unacknowledged + 1,
    -1,
    -chance.below(100_000),
    chance.int32(),
  )
  return segment({
    from: c.remote,
    fromPort: c.remotePort,
    to: c.local,
    toPort: c.localPort,
    seq: (c.rcvNxt + ahead) | 0,
    ack: (c.sndUna + acknowledged) | 0,
    flags,
    window: chance.pick(0xffff, 0xffff, 0xffff, 0, 1, chance.below(65_536)),
    urgent: chance.pick(0, 1, length, length + 1, chance.below(65_536)),
    options: connectionOptions(c, unacknowledged, chance),
    data: length,
  })
}

function connectionOptions(c: Connection, unacknowledged: number, chance: Chance): Uint8Array {
  const options = octets()
  if (c.timestamps && !chance.oneIn(8)) {
    const echo = chance.pick(c.tsNow, c.tsNow, c.tsNow - 50, 0, chance.int32())
    options.raw(stamps(chance.pick(c.tsRecent, c.tsRecent + 1, c.tsRecent, c.tsRecent - 1, chance.int32()), echo))
  }
  if (chance.oneIn(3)) {
    const blocks = 1 + chance.below(4)
    options.u8(1, 1, 5, chance.oneIn(12) ? chance.below(256) : 2 + 8 * blocks)
    for (let i = 0; i < blocks; i++) {
      const left = (c.sndUna + chance.below(Math.max(unacknowledged, 1)) - chance.below(3)) | 0
      options.u32(chance.pick(left, left, left, chance.int32()))
      options.u32(chance.pick(left + chance.below(3000), left + 1, c.sndNxt, chance.int32()))
    }
  }
  if (chance.oneIn(20)) options.raw(randomOptions(chance))
  return options.take().slice(0, 40)
}
