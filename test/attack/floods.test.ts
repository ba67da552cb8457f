// Read first: RFC 4987 (SYN floods), RFC 1122 section 3.3.2 and RFC 5722 (fragments), RFC 6583 (neighbour discovery), RFC 9293 section
// 3.10.7.4 (storms of acknowledgements).

import { describe, expect, test } from 'vitest'
import { ethernet, ICMPV6, ip, octets, sum, TCP, UDP } from '../../fuzz/frames/packet.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SeededRandom } from '../../src/base/random.ts'
import type { Stack } from '../../src/stack/stack.ts'
import { HalfOpen } from '../../src/tcp/half-open.ts'
import { ACK, RST, SYN } from '../../src/wire/tcp.ts'
import { amount } from '../soak.ts'
import { ATTACKER_HARDWARE, FloodWorld, SERVER, SERVER_HARDWARE } from './flood-world.ts'

/** In so many milliseconds the clients are counted. */
const WHILE = amount(300, 2000)
/** Of the attacker's frames, in each millisecond and in all. */
const EACH = 15
const FRAMES = WHILE * EACH
/** What the clients keep of their rate. */
const KEPT = 0.8

const server = IpAddress.parse(SERVER) as IpAddress
const server6 = IpAddress.parse('2001:db8::1') as IpAddress
const group6 = IpAddress.parse('ff02::1:ff00:1') as IpAddress
const groupHardware = Uint8Array.of(0x33, 0x33, 0xff, 0, 0, 1)

function frame(type: number, packet: Uint8Array, to = SERVER_HARDWARE): Uint8Array {
  return ethernet(to, ATTACKER_HARDWARE, type, packet)
}

function segment(from: IpAddress, fromPort: number, flags: number, random: SeededRandom): Uint8Array {
  const message = octets()
    .u16(fromPort, 80)
    .u32(random.int32(), random.int32())
    .u16(0x5000 | flags, 65_535, 0, 0)
  return frame(0x0800, ip(from, server, TCP, sum(message.take(), TCP, from, server)))
}

/** Somebody who is nowhere near: answers go to the gateway. */
function stranger(random: SeededRandom): IpAddress {
  return IpAddress.v4(0x0b000000 | (random.int32() & 0xffffff))
}

/** Somebody who says that he is on the link. */
function neighbour(random: SeededRandom): IpAddress {
  return IpAddress.v4(0x0a010000 | (random.int32() & 0xffff))
}

function neighbour6(random: SeededRandom): IpAddress {
  return new IpAddress(0x20010db8, 0, random.int32(), random.int32())
}

/** What share of their rate the clients keep while `make` makes frames. `look` looks at the server now and then. */
function share(world: FloodWorld, make: () => Uint8Array, look: (stack: Stack) => void): number {
  const alone = world.rate(WHILE)
  expect(alone).toBeGreaterThan(WHILE / 2)
  const flooded = world.rate(WHILE, (ms) => {
    for (let i = 0; i < EACH; i++) world.inject(make())
    if (ms % 100 === 99) look(world.server)
  })
  expect(world.injected).toBe(FRAMES)
  return flooded / alone
}

/** Connections in SYN-RECEIVED. */
function halfOpen(stack: Stack): number {
  let count = 0
  for (const entry of stack.tcp.connections.entries()) if (entry instanceof HalfOpen) count++
  return count
}

describe(`${FRAMES} frames in ${WHILE} ms at a server with 100 clients, who keep ${100 * KEPT} % of their rate`, () => {
  test('SYNs of nobody: half-open connections are within their limit, and soon forgotten (RFC 4987)', () => {
    const world = new FloodWorld()
    const random = new SeededRandom(9)
    const make = () => segment(stranger(random), random.int32() & 0xffff, SYN, random)
    const kept = share(world, make, (stack) => expect(halfOpen(stack)).toBeLessThanOrEqual(129))
    expect(kept).toBeGreaterThan(KEPT)
    world.stop()
    world.wait(200_000)
    expect(halfOpen(world.server)).toBe(0)
  })

  test('SYNs that name neighbours who are not there: who is asked for is forgotten, and what waits for them', () => {
    const world = new FloodWorld()
    const random = new SeededRandom(10)
    const make = () => segment(neighbour(random), random.int32() & 0xffff, SYN, random)
    const table = world.link.neighbours
    const kept = share(world, make, () => expect(table?.size).toBeLessThanOrEqual(1024))
    expect(kept).toBeGreaterThan(KEPT)
  })

  test('ACKs and RSTs of no connection: nothing is remembered, and a RST draws nothing (RFC 9293 3.10.7.1)', () => {
    const world = new FloodWorld()
    const random = new SeededRandom(11)
    const before = world.server.tcp.counters.resetsOut
    let acks = 0
    const make = () => {
      const flags = random.int32() & 1 ? ACK : ACK | RST
      if (flags === ACK) acks++
      return segment(stranger(random), random.int32() & 0xffff, flags, random)
    }
    const kept = share(world, make, (stack) => expect(stack.tcp.connections.count).toBeLessThan(40_000))
    expect(kept).toBeGreaterThan(KEPT)
    expect(world.server.tcp.counters.resetsOut - before).toBeLessThanOrEqual(acks)
  })

  test.each([4, 6] as const)(
    'first fragments of IPv%i that nothing follows: within 4 MiB, and forgotten after a minute',
    (version) => {
      const world = new FloodWorld({ ipv6: true })
      const random = new SeededRandom(12)
      const data = octets().u16(1000, 9, 2000, 0).fill(1208).take()
      const make = () => {
        if (version === 4) {
          const fields = { id: random.int32() & 0xffff, fragment: 0x2000 }
          return frame(0x0800, ip(stranger(random), server, UDP, data, fields))
        }
        const fragment = octets().u8(UDP, 0).u16(1).u32(random.int32()).raw(data).take()
        return frame(0x86dd, ip(neighbour6(random), server6, 44, fragment))
      }
      let most = 0
      const kept = share(world, make, ({ reassembly }) => {
        most = Math.max(most, reassembly.size)
        expect(reassembly.size).toBeLessThanOrEqual(1024)
        expect(reassembly.bytes).toBeLessThanOrEqual(4 << 20)
      })
      expect(most).toBe(1024)
      expect(kept).toBeGreaterThan(KEPT)
      world.stop()
      world.wait(61_000)
      expect(world.server.reassembly.size).toBe(0)
      expect(world.server.reassembly.bytes).toBe(0)
    },
  )

  test('smallest fragments, the last ones first: no more than 256 of a datagram are kept (FragmentSmack)', () => {
    const world = new FloodWorld()
    const random = new SeededRandom(13)
    let offset = 8000
    let id = 1
    const from = stranger(random)
    const data = octets().fill(8).take()
    const make = () => {
      offset -= 2
      if (offset < 2) {
        offset = 8000
        id++
      }
      return frame(0x0800, ip(from, server, UDP, data, { id, fragment: 0x2000 | offset }))
    }
    const kept = share(world, make, ({ reassembly }) => {
      expect(reassembly.size).toBeLessThanOrEqual(1024)
      expect(reassembly.bytes).toBeLessThanOrEqual(1024 * 256 * 208)
    })
    expect(kept).toBeGreaterThan(KEPT)
  })

  test('ARP requests of more neighbours than the table holds: it holds no more, and the clients stay in it', () => {
    const world = new FloodWorld()
    const random = new SeededRandom(14)
    const broadcast = new Uint8Array(6).fill(255)
    const make = () => {
      const hardware = octets().u16(0x0200).u32(random.int32()).take()
      const request = octets().u16(1, 0x0800).u8(6, 4).u16(1).raw(hardware).u32(neighbour(random).d)
      return ethernet(
        broadcast,
        ATTACKER_HARDWARE,
        0x0806,
        request.raw(new Uint8Array(6)).u32(server.d).fill(18).take(),
      )
    }
    let most = 0
    const kept = share(world, make, () => {
      most = Math.max(most, world.link.neighbours?.size ?? 0)
    })
    expect(most).toBeGreaterThan(900)
    expect(most).toBeLessThanOrEqual(1024)
    expect(kept).toBeGreaterThan(KEPT)
  })

  test('neighbour solicitations of more neighbours than the table holds: the same (RFC 6583)', () => {
    const world = new FloodWorld({ ipv6: true })
    const random = new SeededRandom(15)
    const make = () => {
      const from = neighbour6(random)
      const message = octets().u8(135, 0).u16(0).u32(0).address(server6).u8(1, 1).u16(0x0200).u32(random.int32()).take()
      return frame(0x86dd, ip(from, group6, ICMPV6, sum(message, ICMPV6, from, group6), { ttl: 255 }), groupHardware)
    }
    let most = 0
    const kept = share(world, make, () => {
      most = Math.max(most, world.link.neighbours?.size ?? 0)
    })
    expect(most).toBeGreaterThan(900)
    expect(most).toBeLessThanOrEqual(1024)
    expect(kept).toBeGreaterThan(KEPT)
  })

  test('datagrams to ports where nobody is: no more ICMP errors than the limit says (RFC 1812 4.3.2.8)', () => {
    const world = new FloodWorld()
    const random = new SeededRandom(16)
    const make = () => {
      const from = stranger(random)
      const message = octets()
        .u16(1000, 1 + (random.int32() & 1023), 28, 0)
        .fill(20)
        .take()
      return frame(0x0800, ip(from, server, UDP, sum(message, UDP, from, server)))
    }
    const kept = share(world, make, ({ counters }) => {
      expect(counters.icmpSent).toBeLessThanOrEqual(50 + (1000 * WHILE) / 1000)
    })
    expect(kept).toBeGreaterThan(KEPT)
    expect(world.server.counters.icmpRateLimited).toBeGreaterThan(FRAMES / 2)
  })
})
