import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AF_INET, SOCK_RAW } from '../../src/base/constants.ts'
import { type Endpoint, Message } from '../../src/socket/provider.ts'
import { ipv4, OneStack, octets, parse, same, udp } from './one-stack.ts'
import { toHex } from './script-device.ts'

const RECEIVED = new Uint8Array(70_000)

/** Cuts `whole` (what follows the IP header) at these offsets, which are multiples of 8. */
function cut(whole: Uint8Array, cuts: readonly number[], id = 9, tos: readonly number[] = []): Uint8Array[] {
  const edges = [0, ...cuts, whole.length]
  return edges.slice(0, -1).map((from, i) => {
    const to = edges[i + 1] as number
    return ipv4(whole.slice(from, to), { id, offset: from, more: to < whole.length, tos: tos[i] ?? 0 })
  })
}

function received(host: OneStack, server: Endpoint): Uint8Array | null {
  host.run()
  const length = server.recv(RECEIVED, 0, RECEIVED.length, 0)
  return length < 0 ? null : RECEIVED.slice(0, length)
}

test('reassembly: fragments in any order, some twice, make the datagram (RFC 791 section 3.2)', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 65507 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 8000 }), { maxLength: 12 }),
      fc.infiniteStream(fc.nat()),
      (length, places, order) => {
        const host = new OneStack()
        const server = host.udp(7)
        const data = octets(length)
        const cuts = places
          .map((place) => place * 8)
          .filter((place) => place < length + 8)
          .sort((x, y) => x - y)
        const fragments = cut(udp(5, 7, data), cuts)
        const twice = cuts.length === 0 ? fragments : [...fragments, fragments[0] as Uint8Array]
        const shuffled = twice
          .map((fragment) => ({ fragment, at: order.next().value as number }))
          .sort((x, y) => x.at - y.at)
          .map(({ fragment }) => fragment)
        host.device.deliver(...shuffled)
        expect(same(received(host, server), data)).toBe(true)
        host.stack.close()
      },
    ),
    { numRuns: 60 },
  )
})

test('reassembly: datagrams with other identification, source or protocol are other datagrams', () => {
  const host = new OneStack()
  const server = host.udp(7)
  const [a0, a1] = cut(udp(5, 7, octets(30)), [16], 1) as [Uint8Array, Uint8Array]
  const [b0, b1] = cut(udp(5, 7, octets(40)), [16], 2) as [Uint8Array, Uint8Array]
  host.device.deliver(a0, b1)
  expect(received(host, server)).toBe(null)
  host.device.deliver(b0)
  expect(received(host, server)).toEqual(octets(40))
  host.device.deliver(a1)
  expect(received(host, server)).toEqual(octets(30))
})

test('reassembly: a fragment that overlaps costs the datagram (RFC 5722 section 4)', () => {
  const host = new OneStack()
  const server = host.udp(7)
  const whole = udp(5, 7, octets(60))
  const fragments = [
    ipv4(whole.slice(0, 32), { id: 3, offset: 0, more: true }),
    ipv4(whole.slice(24, 48), { id: 3, offset: 24, more: true }),
    ipv4(whole.slice(48), { id: 3, offset: 48 }),
  ]
  host.device.deliver(...fragments)
  expect(received(host, server)).toBe(null)
  expect(host.stack.counters.reassemblyFailures).toBe(1)
  // What came after the overlap begins anew and times out.
  expect(host.stack.reassembly.size).toBe(1)
})

test('reassembly: one that would be longer than an IP packet is dropped (ping of death)', () => {
  const host = new OneStack()
  host.device.deliver(ipv4(octets(64), { id: 3, offset: 0, more: true }), ipv4(octets(64), { id: 3, offset: 65_528 }))
  expect(host.stack.reassembly.size).toBe(0)
  expect(host.stack.counters.reassemblyFailures).toBe(1)
})

test.each([
  ['is empty', ipv4(octets(0), { id: 4, offset: 8, more: true })],
  ['is not the last and no multiple of 8', ipv4(octets(12), { id: 4, offset: 8, more: true })],
])('reassembly: a fragment that %s is dropped', (_what, fragment) => {
  const host = new OneStack()
  host.device.deliver(fragment)
  expect(host.stack.reassembly.size).toBe(0)
  expect(host.stack.counters.reassemblyFailures).toBe(1)
})

test('reassembly: two last fragments that disagree cost the datagram', () => {
  const host = new OneStack()
  host.device.deliver(ipv4(octets(8), { id: 4, offset: 80 }), ipv4(octets(8), { id: 4, offset: 160 }))
  expect(host.stack.counters.reassemblyFailures).toBe(1)
  host.device.deliver(ipv4(octets(8), { id: 5, offset: 80 }), ipv4(octets(8), { id: 5, offset: 160, more: true }))
  expect(host.stack.counters.reassemblyFailures).toBe(2)
})

test('reassembly: after 60 seconds who sent the first fragment is told (RFC 1122 section 3.3.2)', () => {
  const host = new OneStack()
  const [first] = cut(udp(5, 7, octets(600)), [512]) as [Uint8Array, Uint8Array]
  host.device.deliver(first)
  host.run(59_999)
  expect(host.device.take()).toEqual([])
  host.run(2)
  const [answer] = host.device.take()
  const { payload, totalLength } = parse(answer as Uint8Array)
  expect(toHex(payload.subarray(0, 2))).toBe('0b 01')
  // The quoted packet is the first fragment as it came.
  expect(payload.subarray(8)).toEqual(first.subarray(0, 576 - 28).subarray(0, payload.length - 8))
  expect(totalLength).toBeLessThanOrEqual(576)
  expect(host.stack.reassembly.size).toBe(0)
  expect(host.stack.reassembly.bytes).toBe(0)
})

test('reassembly: without the first fragment nobody is told (RFC 1122 section 3.3.2)', () => {
  const host = new OneStack()
  const [, second] = cut(udp(5, 7, octets(600)), [512]) as [Uint8Array, Uint8Array]
  host.device.deliver(second)
  host.run(120_000)
  expect(host.device.take()).toEqual([])
  expect(host.stack.counters.reassemblyTimeouts).toBe(1)
})

test('reassembly: a later fragment does not give it more time (RFC 791 section 3.2 would; RFC 1122 section 3.3.2)', () => {
  const host = new OneStack()
  const [first, second] = cut(udp(5, 7, octets(600)), [256, 512]) as [Uint8Array, Uint8Array]
  host.device.deliver(first)
  host.run(50_000)
  host.device.deliver(second)
  host.run(10_001)
  expect(host.stack.reassembly.size).toBe(0)
})

test.each([
  ['octets', { reassemblyBytes: 100_000 }],
  ['datagrams', { reassemblyDatagrams: 50 }],
])(
  'reassembly: a flood of first fragments stays within its %s, and the oldest goes (FragmentSmack)',
  (_what, limits) => {
    const host = new OneStack({ limits })
    const server = host.udp(7)
    for (let id = 1; id <= 2000; id++) {
      host.device.deliver(ipv4(octets(1400), { id, offset: 0, more: true }))
      expect(host.stack.reassembly.bytes).toBeLessThanOrEqual(100_000)
      expect(host.stack.reassembly.size).toBeLessThanOrEqual(62)
    }
    host.device.deliver(...cut(udp(5, 7, octets(3000)), [1480], 3000))
    expect(received(host, server)).toEqual(octets(3000))
  },
)

test('reassembly: a datagram of very many tiny fragments is given up', () => {
  const host = new OneStack()
  for (let i = 0; i < 300; i++) host.device.deliver(ipv4(octets(8), { id: 6, offset: 16 * i, more: true }))
  expect(host.stack.counters.reassemblyFailures).toBe(1)
})

test('reassembly: the header is that of the first fragment, whichever comes last', () => {
  const host = new OneStack()
  const server = host.udp(7)
  server.setOption(0, 12, Uint8Array.of(1, 0, 0, 0))
  const whole = udp(5, 7, octets(30))
  host.device.deliver(
    ipv4(whole.slice(0, 16), { id: 8, offset: 0, more: true, ttl: 40 }),
    ipv4(whole.slice(16), { id: 8, offset: 16, ttl: 50 }),
  )
  const message = new Message([new Uint8Array(40)])
  expect(server.recvmsg(message, 0)).toBe(30)
  expect([...(message.control[0]?.data ?? [])]).toEqual([40, 0, 0, 0])
})

test('reassembly: a mark of congestion on any fragment is one on the datagram (RFC 3168 section 5.3)', () => {
  const host = new OneStack()
  const raw = host.stack.socket(AF_INET, SOCK_RAW, 17) as Endpoint
  host.device.deliver(...cut(udp(5, 7, octets(30)), [16], 1, [2, 3]))
  expect(raw.recv(RECEIVED, 0, 100, 0)).toBe(58)
  // The header is that of the whole.
  expect(parse(RECEIVED.slice(0, 58))).toMatchObject({ tos: 3, totalLength: 58, moreFragments: false })
  // A mark on one and a sender that does not know marks on the other cannot be.
  host.device.deliver(...cut(udp(5, 7, octets(30)), [16], 2, [0, 3]))
  expect(raw.recv(RECEIVED, 0, 100, 0)).toBe(-11)
})

test('reassembly: closing the stack forgets all and stops the clock', () => {
  const host = new OneStack()
  host.device.deliver(ipv4(octets(64), { id: 3, offset: 0, more: true }))
  expect(host.stack.time.count).toBe(1)
  host.stack.close()
  expect(host.stack.time.count).toBe(0)
  expect(host.device.closed).toBe(true)
})
