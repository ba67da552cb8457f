import { describe, expect, test } from 'vitest'
import { read16, read32, write16 } from '../../src/base/bytes.ts'
import { internetChecksum, pseudoSum } from '../../src/base/checksum.ts'
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { Cable } from '../../src/device/cable.ts'
import {
  CHECKSUM_PARTIAL,
  CHECKSUM_VERIFIED,
  Offload,
  SEGMENT_TCP4,
  SEGMENT_TCP6,
  SEGMENT_UDP,
} from '../../src/device/device.ts'
import type { AttachOptions } from '../../src/stack/stack.ts'
import { Stack } from '../../src/stack/stack.ts'
import { TCP_CHECKSUM_OFFSET } from '../../src/wire/tcp.ts'
import { icmp, ipv4, octets, parse, same, udp } from './one-stack.ts'
import { icmp6, ip, ipv6, parse6, udp6 } from './one-stack6.ts'
import { hex, ScriptDevice } from './script-device.ts'

const NEAR = '192.0.2.9'
const FAR = '198.51.100.9'
const NEAR6 = '2001:db8:1::9'
const FAR6 = '2001:db8:2::9'

/** A router at .1 between 192.0.2.0/24 and 198.51.100.0/24, 2001:db8:1::/64 and 2001:db8:2::/64, on devices without addresses. */
class Router {
  readonly clock = new ManualClock(5000)
  readonly near: ScriptDevice
  readonly far: ScriptDevice
  readonly stack: Stack

  constructor(far = new ScriptDevice('ip'), near = new ScriptDevice('ip'), options: AttachOptions = {}) {
    this.near = near
    this.far = far
    this.stack = new Stack({ clock: this.clock, random: new SeededRandom(3), forwarding: true })
    this.stack.attach(near, { address: ['192.0.2.1/24', '2001:db8:1::1/64'], name: 'near', ...options })
    const address = far.mtu < 1280 ? '198.51.100.1/24' : ['198.51.100.1/24', '2001:db8:2::1/64']
    this.stack.attach(far, { address, name: 'far' })
    this.run(3000)
    near.take()
    far.take()
  }

  run(ms: number): void {
    this.clock.advanceTo(this.clock.now() + ms)
    this.clock.settle()
  }

  /** Delivers a packet to the near side; what went out on either. */
  passes(packet: Uint8Array, offload: Offload | null = null): { near: Uint8Array[]; far: Uint8Array[] } {
    this.near.take()
    this.far.take()
    if (offload === null) this.near.deliver(packet)
    else this.near.deliverWith(packet.slice(), offload)
    return { near: this.near.take(), far: this.far.take() }
  }
}

const TO_FAR = { source: NEAR, destination: FAR }
const TO_FAR6 = { source: NEAR6, destination: FAR6 }
const packet4 = ipv4(udp(1, 2, octets(20), TO_FAR), { ...TO_FAR, ttl: 9, tos: 0x28, id: 77, dontFragment: true })
const packet6 = ipv6(udp6(1, 2, octets(20), TO_FAR6), {
  ...TO_FAR6,
  hopLimit: 9,
  trafficClass: 0x28,
  flowLabel: 0x12345,
})

describe('a packet for another host', () => {
  test('IPv4: goes out on the other side with one hop less and is otherwise the same (RFC 1812 section 5.3.1)', () => {
    const { near, far } = new Router().passes(packet4)
    expect(near).toEqual([])
    const header = parse(far[0] as Uint8Array)
    expect(header.ttl).toBe(8)
    const expected = packet4.slice()
    expected[8] = 8
    write16(expected, 10, read16(packet4, 10) + 0x100)
    expect(far).toEqual([expected])
  })

  test('IPv6: the same (RFC 8200 section 3)', () => {
    const router = new Router()
    const { near, far } = router.passes(packet6)
    const expected = packet6.slice()
    expected[7] = 8
    expect([near, far]).toEqual([[], [expected]])
    expect(router.stack.counters.forwarded).toBe(1)
  })

  test('is dropped and counted by a host that is no router', () => {
    const router = new Router()
    router.stack.forwarding = false
    const before = router.stack.counters.inNotOurs
    for (const packet of [packet4, packet6]) expect(router.passes(packet)).toEqual({ near: [], far: [] })
    expect(router.stack.counters.inNotOurs).toBe(before + 2)
  })

  test('every time to live has a right header checksum when it goes out', () => {
    const router = new Router()
    for (let ttl = 2; ttl < 256; ttl++) {
      const sent = router.passes(ipv4(octets(8), { ...TO_FAR, ttl, id: ttl * 251, protocol: 253 })).far[0]
      expect(parse(sent as Uint8Array).ttl).toBe(ttl - 1)
    }
  })
})

function error6(packet: Uint8Array | undefined): [number, number, number] {
  const { payload } = parse6(packet)
  return [payload[0] as number, payload[1] as number, new DataView(payload.buffer).getUint32(4)]
}

function error4(packet: Uint8Array | undefined): [number, number, number] {
  const { payload, source } = parse(packet as Uint8Array)
  expect(source).toBe(0xc0000201 | 0)
  return [payload[0] as number, payload[1] as number, new DataView(payload.buffer).getUint32(4)]
}

describe('a packet that cannot go on', () => {
  test('that came with its last hop: time exceeded, from the address of the side it came from', () => {
    const router = new Router()
    expect(error4(router.passes(ipv4(octets(20), { ...TO_FAR, ttl: 1 })).near[0])).toEqual([11, 0, 0])
    const answer = router.passes(ipv6(udp6(1, 2, octets(20), TO_FAR6), { ...TO_FAR6, hopLimit: 1 })).near[0]
    expect(error6(answer)).toEqual([3, 0, 0])
    expect(String(parse6(answer).source)).toBe('2001:db8:1::1')
  })

  test('to a network that nobody knows: net unreachable, no route', () => {
    const router = new Router()
    expect(error4(router.passes(ipv4(octets(20), { source: NEAR, destination: '203.0.113.1' })).near[0])).toEqual([
      3, 0, 0,
    ])
    expect(error6(router.passes(ipv6(octets(20), { source: NEAR6, destination: '2001:db8:9::1' })).near[0])).toEqual([
      1, 0, 0,
    ])
    expect(router.stack.counters.inNoRoutes).toBe(2)
  })

  test('too long for the next link: fragmentation needed, packet too big, with its MTU', () => {
    const router = new Router(new ScriptDevice('ip', 1400))
    const long = ipv4(octets(1450), { ...TO_FAR, dontFragment: true })
    expect(error4(router.passes(long).near[0])).toEqual([3, 4, 1400])
    expect(error6(router.passes(ipv6(octets(1450), TO_FAR6)).near[0])).toEqual([2, 0, 1400])
  })

  test('a host on the next link that does not answer: host unreachable, address unreachable', () => {
    const router = new Router(new ScriptDevice('ethernet'))
    router.run(5000)
    expect(router.passes(packet4).near).toEqual([])
    expect(router.passes(packet6).near).toEqual([])
    router.run(4000)
    const sent = router.near.take()
    expect(error4(sent.find((packet) => (packet[0] as number) >>> 4 === 4))).toEqual([3, 1, 0])
    const answer6 = sent.find((packet) => (packet[0] as number) >>> 4 === 6)
    expect(error6(answer6)).toEqual([1, 3, 0])
  })

  test.each([
    ['a broadcast into the next network (RFC 2644)', ipv4(octets(8), { source: NEAR, destination: '198.51.100.255' })],
    ['from an address of the link (RFC 3927 section 7)', ipv4(octets(8), { source: '169.254.1.1', destination: FAR })],
    ['to an address of the link', ipv4(octets(8), { source: NEAR, destination: '169.254.1.1' })],
    ['to a group', ipv4(octets(8), { source: NEAR, destination: '239.1.2.3' })],
    ['from nobody', ipv4(octets(8), { source: '0.0.0.0', destination: FAR })],
    ['from the loopback', ipv4(octets(8), { source: '127.0.0.1', destination: FAR })],
    ['to "this network"', ipv4(octets(8), { source: NEAR, destination: '0.1.2.3' })],
    ['to class E', ipv4(octets(8), { source: NEAR, destination: '240.0.0.1' })],
    [
      'to a link-local IPv6 address (RFC 4291 section 2.5.6)',
      ipv6(octets(8), { source: NEAR6, destination: 'fe80::9' }),
    ],
    ['to an IPv6 group', ipv6(octets(8), { source: NEAR6, destination: 'ff0e::9' })],
    ['to the IPv6 loopback', ipv6(octets(8), { source: NEAR6, destination: '::1' })],
    ['from no IPv6 address', ipv6(octets(8), { source: '::', destination: FAR6 })],
  ])('%s: dropped without a word', (_what, packet) => {
    expect(new Router().passes(packet)).toEqual({ near: [], far: [] })
  })

  test('source routes are not followed for others either (RFC 7126 section 4.3)', () => {
    const options = hex('83 07 04 c6 33 64 05 00')
    expect(new Router().passes(ipv4(octets(8), { ...TO_FAR, options })).far).toEqual([])
  })
})

test('the way is recorded where a packet asks for it (RFC 1812 section 4.2.2.2)', () => {
  const options = hex('07 0b 04 00 00 00 00 00 00 00 00 00')
  const sent = new Router().passes(ipv4(octets(8), { ...TO_FAR, options, protocol: 253 })).far[0] as Uint8Array
  expect(parse(sent).headerLength).toBe(32)
  expect(sent.slice(20, 32)).toEqual(hex('07 0b 08 c6 33 64 01 00 00 00 00 00'))
})

test('IPv4: what is too long and may be cut is cut, and a fragment again (RFC 1812 section 4.2.2.7)', () => {
  const router = new Router(new ScriptDevice('ip', 600))
  const payload = octets(1480)
  const whole = new Uint8Array(2 * 1480)
  for (const [offset, more] of [
    [0, true],
    [1480, false],
  ] as const) {
    const { far } = router.passes(ipv4(payload, { ...TO_FAR, id: 5, offset, more, protocol: 17 }))
    expect(far.length).toBe(3)
    far.forEach((packet, i) => {
      const header = parse(packet)
      expect([header.identification, header.ttl, header.moreFragments]).toEqual([5, 63, more || i < 2])
      expect(packet.length).toBeLessThanOrEqual(600)
      whole.set(header.payload, header.fragmentOffset)
    })
  }
  expect(same(whole, Uint8Array.from([...payload, ...payload]))).toBe(true)
})

// Large segments and checksums that are not there yet

function segment(version: 4 | 6, length: number): { packet: Uint8Array; transport: number } {
  const tcp = new Uint8Array(20 + length)
  tcp.set(hex('04 d2 00 50  00 00 00 64  00 00 00 c8  50 18 ff ff  00 00 00 00'))
  tcp.set(octets(length), 20)
  const [source, destination] = version === 4 ? [NEAR, FAR] : [NEAR6, FAR6]
  write16(tcp, TCP_CHECKSUM_OFFSET, pseudoSum(ip(source), ip(destination), IPPROTO_TCP, tcp.length))
  const fields = { source, destination }
  if (version === 4)
    return { packet: ipv4(tcp, { ...fields, protocol: IPPROTO_TCP, dontFragment: true }), transport: 20 }
  return { packet: ipv6(tcp, { ...fields, next: IPPROTO_TCP }), transport: 40 }
}

function offloadOf(version: 4 | 6, transport: number, checksum: 1 | 2 = CHECKSUM_PARTIAL): Offload {
  const offload = new Offload()
  offload.checksum = checksum
  offload.checksumStart = transport
  offload.checksumOffset = TCP_CHECKSUM_OFFSET
  offload.segment = version === 4 ? SEGMENT_TCP4 : SEGMENT_TCP6
  offload.segmentSize = 1000
  offload.headerLength = transport + 20
  return offload
}

const LARGE = { checksum: true, largeSegment: 65535 }

describe.each([4, 6] as const)('a large segment of IPv%i', (version) => {
  test.each([CHECKSUM_PARTIAL, CHECKSUM_VERIFIED] as const)(
    'stays one on a link that takes it (checksum %i)',
    (checksum) => {
      const router = new Router(new ScriptDevice('ip', 1500, LARGE))
      const { packet, transport } = segment(version, 5000)
      if (checksum === CHECKSUM_VERIFIED) write16(packet, transport + TCP_CHECKSUM_OFFSET, 0xabcd)
      router.near.deliverWith(packet.slice(), offloadOf(version, transport, checksum))
      const [offload] = router.far.offloads
      const [sent] = router.far.take()
      expect(sent?.length).toBe(packet.length)
      expect({ ...offload }).toEqual({ ...offloadOf(version, transport) })
      const pseudo = read16(segment(version, 5000).packet, transport + TCP_CHECKSUM_OFFSET)
      expect(read16(sent as Uint8Array, transport + TCP_CHECKSUM_OFFSET)).toBe(pseudo)
    },
  )

  test('with options in front of TCP is cut as well, each piece with all headers', () => {
    const { packet, transport } = segment(version, 5000)
    const extra = version === 4 ? hex('01 01 01 00') : hex('06 00 01 04 00 00 00 00')
    const long = Uint8Array.from([...packet.slice(0, transport), ...extra, ...packet.slice(transport)])
    if (version === 4) {
      long[0] = 0x46
      write16(long, 2, long.length)
      write16(long, 10, 0)
      write16(long, 10, internetChecksum(long, 0, 24))
    } else {
      long[6] = 60
      write16(long, 4, long.length - 40)
    }
    const behind = transport + extra.length
    const { far } = new Router().passes(long, offloadOf(version, behind))
    expect(far.length).toBe(5)
    far.forEach((piece, i) => {
      expect(piece.length).toBe(behind + 1020)
      expect(piece.slice(transport, behind)).toEqual(extra)
      expect(read32(piece, behind + 4)).toBe(100 + 1000 * i)
      expect(same(piece.slice(behind + 20), packet.slice(transport + 20 + 1000 * i, transport + 1020 + 1000 * i))).toBe(
        true,
      )
    })
  })

  test('of datagrams is cut, and one that was verified too, whatever the next link takes of TCP', () => {
    const fields = version === 4 ? TO_FAR : TO_FAR6
    for (const checksum of [CHECKSUM_PARTIAL, CHECKSUM_VERIFIED] as const) {
      const packet =
        version === 4 ? ipv4(udp(1, 2, octets(3000), TO_FAR), fields) : ipv6(udp6(1, 2, octets(3000), TO_FAR6), fields)
      const offload = offloadOf(version, version === 4 ? 20 : 40, checksum)
      offload.segment = SEGMENT_UDP
      offload.checksumOffset = 6
      offload.headerLength -= 12
      const { far } = new Router(new ScriptDevice('ip', 1500, LARGE)).passes(packet, offload)
      expect(far.length).toBe(3)
      // The parsers verify the checksums.
      for (const piece of far) expect((version === 4 ? parse(piece) : parse6(piece)).payload.length).toBe(1008)
    }
  })

  test('is cut for a link that does not, each piece whole', () => {
    const router = new Router()
    const { packet, transport } = segment(version, 5000)
    const { far } = router.passes(packet, offloadOf(version, transport))
    expect(far.length).toBe(5)
    far.forEach((piece, i) => {
      const payload = version === 4 ? parse(piece).payload : parse6(piece).payload
      expect(new DataView(payload.buffer).getUint32(4)).toBe(100 + 1000 * i)
      expect(same(payload.slice(20), packet.slice(transport + 20 + 1000 * i, transport + 1020 + 1000 * i))).toBe(true)
    })
  })

  test('whose pieces are too long draws the error of one of them', () => {
    const router = new Router(new ScriptDevice('ip', 1300, LARGE))
    const { packet, transport } = segment(version, 5000)
    const offload = offloadOf(version, transport)
    offload.segmentSize = 1300 - transport - 19
    const { near, far } = router.passes(packet, offload)
    expect(far).toEqual([])
    const told = version === 4 ? error4(near[0]) : error6(near[0])
    expect(told).toEqual(version === 4 ? [3, 4, 1300] : [2, 0, 1300])
  })

  test('a checksum that is not there yet is completed for a link that wants it', () => {
    const { packet, transport } = segment(version, 500)
    const offload = offloadOf(version, transport)
    offload.segment = 0
    const [sent] = new Router().passes(packet, offload).far
    // The parsers verify it.
    const payload = version === 4 ? parse(sent as Uint8Array).payload : parse6(sent).payload
    expect(payload.length).toBe(520)
    const sum = pseudoSum(ip(version === 4 ? NEAR : NEAR6), ip(version === 4 ? FAR : FAR6), IPPROTO_TCP, 520)
    let total = sum
    for (let i = 0; i < 520; i += 2) total += read16(payload, i)
    while (total > 0xffff) total = (total & 0xffff) + (total >>> 16)
    expect(total).toBe(0xffff)
  })
})

const DESTINATION_OPTIONS = { type: 60, bytes: hex('06 00 01 04 00 00 00 00') }

test.each([
  ['a checksum that is not there yet', CHECKSUM_PARTIAL, 0],
  ['a large segment that was verified', CHECKSUM_VERIFIED, SEGMENT_TCP6],
] as const)('IPv6: %s lies behind the extension headers, and is left to the next link', (_what, checksum, kind) => {
  const tcp = segment(6, 500).packet.slice(40)
  const packet = ipv6(tcp, { ...TO_FAR6, next: IPPROTO_TCP, headers: [DESTINATION_OPTIONS] })
  const offload = offloadOf(6, 48, checksum)
  offload.segment = kind
  const router = new Router(new ScriptDevice('ip', 1500, LARGE))
  router.near.deliverWith(packet.slice(), offload)
  const [left] = router.far.offloads
  expect(router.far.take()[0]?.length).toBe(packet.length)
  expect([left?.checksumStart, left?.checksumOffset]).toEqual([48, TCP_CHECKSUM_OFFSET])
})

test('IPv6: where the checksum is to go of which a device says that it is missing, and no header is whole, nothing goes on', () => {
  const router = new Router(new ScriptDevice('ip', 1500, LARGE))
  const before = router.stack.counters.inHeaderErrors
  const broken = ipv6(octets(4), { ...TO_FAR6, next: DESTINATION_OPTIONS.type })
  const offload = offloadOf(6, 40)
  offload.segment = 0
  expect(router.passes(broken, offload)).toEqual({ near: [], far: [] })
  expect(router.stack.counters.inHeaderErrors).toBe(before + 1)
})

test('from a link-local IPv6 address: beyond its scope, unless it stays on its link (RFC 4007 section 9)', () => {
  const router = new Router()
  const { near, far } = router.passes(ipv6(octets(8), { source: 'fe80::9', destination: FAR6 }))
  expect(far).toEqual([])
  expect(error6(near[0])).toEqual([1, 2, 0])
  expect(String(parse6(near[0]).destination)).toBe('fe80::9')
  expect(router.passes(ipv6(octets(8), { source: 'fe80::9', destination: NEAR6 })).near.length).toBe(1)
})

test('IPv4: no error about a fragment other than the first; of IPv6 it is told (RFC 1812 section 4.3.2.7, RFC 4443 section 2.4)', () => {
  const router = new Router(new ScriptDevice('ip', 1400))
  const fields = { source: NEAR, offset: 1480, id: 5 }
  for (const packet of [
    ipv4(octets(20), { ...fields, destination: FAR, ttl: 1 }),
    ipv4(octets(20), { ...fields, destination: '203.0.113.1' }),
    ipv4(octets(1450), { ...fields, destination: FAR, dontFragment: true }),
  ]) {
    expect(router.passes(packet)).toEqual({ near: [], far: [] })
  }
  const bytes = hex('00 00 05 c8  00 00 00 05')
  const packet = ipv6(octets(1400), { ...TO_FAR6, headers: [{ type: 44, bytes }] })
  expect(error6(router.passes(packet).near[0])).toEqual([2, 0, 1400])
})

test('a fragment other than the first goes on as it is, whatever its octets look like', () => {
  const bytes = hex('00 00 05 c8  00 00 00 05')
  const packet = ipv6(octets(40), { ...TO_FAR6, next: 60, headers: [{ type: 44, bytes }] })
  const [sent] = new Router().passes(packet).far
  expect(sent?.slice(8)).toEqual(packet.slice(8))
})

test('what we learnt of a path for ourselves does not hold for others: they find out themselves (RFC 1191 section 4)', () => {
  const router = new Router()
  for (const [far, packet] of [
    [FAR, ipv4(octets(1400), { ...TO_FAR, dontFragment: true })],
    [FAR6, ipv6(octets(1400), TO_FAR6)],
  ] as const) {
    router.stack.pathMtus.reduce(ip(far), 1280, 1500)
    router.stack.pathChanged(ip(far))
    expect(router.passes(packet).far.map(({ length }) => length)).toEqual([packet.length])
  }
  const { far } = router.passes(ipv4(octets(1400), TO_FAR))
  expect(far.length).toBe(1)
})

test('a way that is not there counts where the packet came in, not where we would send', () => {
  const router = new Router(undefined, undefined, { reversePath: 'loose' })
  const { counters } = router.stack
  const before = counters.outNoRoutes
  router.passes(ipv4(octets(20), { source: NEAR, destination: '203.0.113.1' }))
  expect([counters.inNoRoutes, counters.outNoRoutes - before]).toEqual([1, 0])
  router.passes(ipv4(octets(20), { source: '203.0.113.1', destination: FAR }))
  expect([counters.inNoRoutes, counters.inBadSource, counters.outNoRoutes - before]).toEqual([1, 1, 0])
})

test.each(['198.51.100.255', '192.0.2.255'])(
  'IPv4: nobody is %s, the broadcast address of a link of ours: an answer would go to all there (RFC 1122 section 3.2.1.3)',
  (source) => {
    const router = new Router()
    const echo = icmp(8, 0, 1, 1, octets(4))
    for (const destination of ['192.0.2.1', FAR]) {
      const packet = ipv4(echo, { source, destination, protocol: IPPROTO_ICMP })
      expect(router.passes(packet)).toEqual({ near: [], far: [] })
    }
    expect(router.stack.counters.inBadSource).toBe(2)
  },
)

test('an address that we are still asking for is nobody yet: what comes for it is dropped (RFC 4862 section 5.4)', () => {
  const near = new ScriptDevice('ethernet')
  const stack = new Stack({ clock: new ManualClock(5000), random: new SeededRandom(3), forwarding: true })
  stack.attach(near, { address: ['2001:db8:1::1/64', '192.0.2.1/24'], name: 'near' })
  const far = new ScriptDevice('ip')
  stack.attach(far, { address: '2001:db8:2::1/64', name: 'far' })
  near.take()
  far.take()
  far.deliver(ipv6(udp6(1, 2, octets(20)), { source: FAR6, destination: '2001:db8:1::1' }))
  expect(near.take()).toEqual([])
  expect(far.take()).toEqual([])
  expect(stack.counters.inNotOurs).toBe(1)
})

test('two routers whose default routes point at each other: a packet goes round until its hops are used up, and ends', () => {
  const clock = new ManualClock(5000)
  const cable = new Cable()
  const near = new ScriptDevice('ip')
  const [left, right] = [cable.left, cable.right].map((device, i) => {
    const stack = new Stack({ clock, random: new SeededRandom(i), forwarding: true })
    stack.attach(device, { address: [`10.0.0.${i + 1}/24`, `2001:db8:3::${i + 1}/64`] })
    return stack
  }) as [Stack, Stack]
  left.attach(near, { address: ['192.0.2.1/24', '2001:db8:1::1/64'] })
  for (const [stack, other] of [
    [left, 2],
    [right, 1],
  ] as const) {
    stack.addRoute('default', { via: `10.0.0.${other}` })
    stack.addRoute('::/0', { via: `2001:db8:3::${other}` })
  }
  clock.advanceTo(9000)
  clock.settle()
  near.take()
  const forwarded = (): number => left.counters.forwarded + right.counters.forwarded
  near.deliver(ipv4(octets(20), { source: NEAR, destination: '203.0.113.9', ttl: 255 }))
  clock.settle()
  // 254 hops, and those that the error takes on its way back.
  expect(forwarded() - 254).toBeLessThanOrEqual(1)
  expect(error4Any(near.take())).toEqual([[11, 0]])
  const before = forwarded()
  near.deliver(ipv6(octets(20), { source: NEAR6, destination: '2001:db8:9::9', hopLimit: 255 }))
  clock.settle()
  expect(forwarded() - before - 254).toBeLessThanOrEqual(1)
  const answers = near.take()
  expect(answers.length).toBe(1)
  expect(error6(answers[0])).toEqual([3, 0, 0])
})

function error4Any(packets: Uint8Array[]): number[][] {
  return packets.map((packet) => Array.from(parse(packet).payload.slice(0, 2)))
}

describe('the reverse path (RFC 3704)', () => {
  const spoofed4 = ipv4(icmp(8, 0, 1, 1, octets(4)), { source: FAR, destination: '192.0.2.1', protocol: IPPROTO_ICMP })
  const spoofed6 = ipv6(icmp6(128, 0, 1, octets(4), { source: FAR6, destination: '2001:db8:1::1' }), {
    source: FAR6,
    destination: '2001:db8:1::1',
    next: IPPROTO_ICMPV6,
  })
  const unknown = ipv4(icmp(8, 0, 1, 1, octets(4)), {
    source: '203.0.113.5',
    destination: '192.0.2.1',
    protocol: IPPROTO_ICMP,
  })

  test('off: a source of the other side is believed', () => {
    const router = new Router()
    for (const packet of [spoofed4, spoofed6]) expect(router.passes(packet).far.length).toBe(1)
    expect(router.stack.counters.inBadSource).toBe(0)
  })

  test('strict: it must be where packets to it would go; loose: there must be a way at all', () => {
    const strict = new Router(undefined, undefined, { reversePath: 'strict' })
    for (const packet of [spoofed4, spoofed6, unknown]) expect(strict.passes(packet)).toEqual({ near: [], far: [] })
    expect(strict.stack.counters.inBadSource).toBe(3)
    expect(strict.passes(packet4).far.length).toBe(1)
    const loose = new Router(undefined, undefined, { reversePath: 'loose' })
    for (const packet of [spoofed4, spoofed6]) expect(loose.passes(packet).far.length).toBe(1)
    expect(loose.passes(unknown)).toEqual({ near: [], far: [] })
  })
})
