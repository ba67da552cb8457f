import { expect, test } from 'vitest'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { Cable } from '../../src/device/cable.ts'
import type { AdvertiseOptions } from '../../src/stack/nd/advertise-options.ts'
import { Stack } from '../../src/stack/stack.ts'
import { address, HER, NdHost, OURS, routerSolicitation, sourceIs } from './nd-host.ts'

/** A router at fe80::1, and what it advertises. */
function router(options: AdvertiseOptions, forwarding = true): NdHost {
  const one = new NdHost({ address: ['fe80::1/64', `${OURS}/64`] }, { forwarding })
  one.link.advertise(options)
  return one
}

const TO_ALL = 'source 01 | fe80::1 > ff02::1 | 33:33:00:00:00:01'

/** Runs until something was sent, and gives it. */
function next(one: NdHost, within: number): string[] {
  for (let ms = 0; ms <= within; ms++) {
    const took = one.took()
    if (took.length > 0) return took
    one.run(1)
  }
  return []
}

/** The times at which advertisements go out in `total` milliseconds, from now. */
function times(one: NdHost, total: number): number[] {
  const start = one.clock.now()
  const found: number[] = []
  while (one.clock.now() - start < total) {
    one.run(10)
    for (const words of one.took()) if (words.startsWith('RA')) found.push(one.clock.now() - start)
  }
  return found
}

function gaps(found: readonly number[]): number[] {
  return found.slice(1).map((at, i) => at - (found[i] as number))
}

test('a router that has nothing to say but that it is one (RFC 4861 6.2.3)', () => {
  const one = router({})
  expect(next(one, 500)).toEqual([`RA 64 0 1800 ${TO_ALL}`])
})

test('all that it says (RFC 4861 4.2, RFC 4191 2, RFC 8106 5)', () => {
  const one = router({
    prefixes: [
      '2001:db8:1::/64',
      { prefix: '2001:db8:2::5/64', onLink: false, autonomous: false, validLifetime: Infinity, preferredLifetime: 16 },
    ],
    lifetime: 9000,
    preference: 'high',
    hopLimit: 5,
    mtu: 1400,
    reachableTime: 0x1000,
    retransmitTime: 0x2000,
    managed: true,
    other: true,
    routes: [{ prefix: '2001:db8:3::/48', preference: 'low', lifetime: 32 }],
    nameServers: ['2001:db8:1::53'],
    searchDomains: ['lan'],
    interval: 16,
  })
  expect(next(one, 500)).toEqual([
    [
      'RA 5 1 9000',
      'source 01',
      '05 01 00 00 00 00 05 78',
      '03 04 40 c0 00 27 8d 00 00 09 3a 80 00 00 00 00 20 01 0d b8 00 01 00 00 00 00 00 00 00 00 00 00',
      '03 04 40 00 ff ff ff ff 00 00 00 10 00 00 00 00 20 01 0d b8 00 02 00 00 00 00 00 00 00 00 00 00',
      '18 02 30 18 00 00 00 20 20 01 0d b8 00 03 00 00',
      '19 03 00 00 00 00 00 30 20 01 0d b8 00 01 00 00 00 00 00 00 00 00 00 53',
      '1f 02 00 00 00 00 00 30 03 6c 61 6e 00 00 00 00',
      '| fe80::1 > ff02::1 | 33:33:00:00:00:01',
    ].join(' '),
  ])
})

test('the first three come within 16 s of each other, then between a third of the interval and all of it (RFC 4861 6.2.4)', () => {
  const one = router({ interval: 600 })
  const found = gaps(times(one, 10_000_000))
  expect(found.slice(0, 2)).toEqual([16_000, 16_000])
  const rest = found.slice(2)
  expect(rest.length).toBeGreaterThan(15)
  expect(Math.min(...rest)).toBeGreaterThanOrEqual(199_990)
  expect(Math.max(...rest)).toBeLessThanOrEqual(600_010)
  expect(new Set(rest).size).toBeGreaterThan(10)
})

test('a solicitation is answered to all within half a second (RFC 4861 6.2.6)', () => {
  const one = router({})
  one.run(100_000)
  one.took()
  one.deliver(routerSolicitation(sourceIs(HER)), { source: 'fe80::2', destination: 'ff02::2' })
  one.deliver(routerSolicitation(), { source: '::', destination: 'ff02::2' })
  expect(one.took()).toEqual([])
  one.run(500)
  expect(one.took()).toEqual([`RA 64 0 1800 ${TO_ALL}`])
  expect(one.neighbour('fe80::2')?.hardwareLow).toBe(2)
})

test('a solicitation puts nothing off that is about to go out', () => {
  const one = router({})
  expect(next(one, 500)).toHaveLength(1)
  one.run(15_990)
  one.deliver(routerSolicitation(), { source: '::', destination: 'ff02::2' })
  expect(one.took()).toEqual([])
  one.run(10)
  expect(one.took()).toHaveLength(1)
})

test('however many ask, one goes out in three seconds (RFC 4861 6.2.6)', () => {
  const one = router({})
  const found: number[] = []
  for (let ms = 0; ms < 60_000; ms += 50) {
    one.deliver(routerSolicitation(), { source: '::', destination: 'ff02::2' })
    one.run(50)
    for (const words of one.took()) if (words.startsWith('RA')) found.push(one.clock.now())
  }
  expect(found.length).toBeGreaterThan(14)
  expect(Math.min(...gaps(found))).toBeGreaterThanOrEqual(2950)
})

test.each([
  ['a hop limit of 254', routerSolicitation(), { hopLimit: 254 }],
  ['code 1', routerSolicitation(), { code: 1 }],
  ['an option of length 0', Uint8Array.of(...routerSolicitation(), 1, 0, 0, 0, 0, 0, 0, 0), {}],
  ['no source, but a hardware address', routerSolicitation(sourceIs(HER)), { source: '::' }],
])('a solicitation with %s is not answered (RFC 4861 6.1.1)', (_what, message, fields) => {
  const one = router({})
  one.run(100_000)
  one.took()
  one.deliver(message, { source: 'fe80::2', destination: 'ff02::2', ...fields })
  one.run(500)
  expect(one.took()).toEqual([])
  expect(one.stack.counters.ndErrors).toBe(1)
})

test('who does not advertise does not hear solicitations: they are for routers (RFC 4861 6.2.6)', () => {
  const one = new NdHost()
  one.deliver(routerSolicitation(sourceIs(HER)), { source: 'fe80::2', destination: 'ff02::2' })
  one.run(500)
  expect(one.took()).toEqual([])
  expect(one.link.neighbours?.size).toBe(0)
})

test('when it is closed it says good-bye: a last one with the lifetime 0 (RFC 4861 6.2.5)', () => {
  const one = new NdHost({}, { forwarding: true })
  const advertiser = one.link.advertise({ preference: 'high' })
  one.run(500)
  one.took()
  advertiser.close()
  advertiser.close()
  // Of no preference: RFC 4191 section 2.2.
  const flags = one.device.sent.find((bytes) => bytes[14 + 40] === 134)?.[14 + 40 + 5]
  expect(one.took()).toEqual([`RA 64 0 0 ${TO_ALL}`])
  expect(flags).toBe(0)
  one.run(1_000_000)
  expect(one.took()).toEqual([])
  // And may begin again.
  one.link.advertise({})
  expect(next(one, 500)).toHaveLength(1)
})

test('so it does when the stack is closed', () => {
  const one = router({})
  one.run(500)
  one.took()
  one.stack.close()
  expect(one.took()).toEqual([`RA 64 0 0 ${TO_ALL}`])
  expect(one.stack.time.count).toBe(0)
})

test('a stack that does not forward is no default router, whatever it advertises (RFC 4861 6.2.5)', () => {
  expect(next(router({ lifetime: 1800 }, false), 500)).toEqual([`RA 64 0 0 ${TO_ALL}`])
})

test('nothing goes out before the link-local address is ours (RFC 4861 6.1.2)', () => {
  const one = new NdHost({ duplicateAddressDetection: true }, { forwarding: true })
  one.link.advertise({})
  while (one.ipv6.linkLocal === null) {
    expect(one.took().filter((words) => words.startsWith('RA'))).toEqual([])
    one.run(1)
  }
  one.run(500)
  expect(one.took().filter((words) => words.startsWith('RA'))).toHaveLength(1)
})

test('what is advertised can be changed, and goes out soon', () => {
  const one = new NdHost({}, { forwarding: true })
  const advertiser = one.link.advertise({ hopLimit: 1 })
  one.run(100_000)
  one.took()
  advertiser.update({ hopLimit: 2 })
  expect(next(one, 500)).toEqual([`RA 2 0 1800 ${TO_ALL}`])
  expect(() => advertiser.update({ hopLimit: 256 })).toThrow(RangeError)
})

test.each([
  [{ hoplimit: 3 }, TypeError, "options has no 'hoplimit'"],
  [{ interval: 3 }, RangeError, 'interval must be an integer from 4 to 1800, got 3'],
  [{ lifetime: 65536 }, RangeError, 'lifetime must be an integer from 0 to 65535, got 65536'],
  [{ mtu: 1279 }, RangeError, 'mtu must be an integer from 1280 to 1500, got 1279'],
  [{ preference: 'top' }, TypeError, "preference must be 'low', 'medium' or 'high', got \"top\""],
  [{ prefixes: ['192.0.2.0/24'] }, RangeError, 'prefixes[0].prefix must be an IPv6 prefix beyond the link'],
  [{ prefixes: [{ prefix: 'fe80::/64' }] }, RangeError, 'prefixes[0].prefix must be an IPv6 prefix beyond the link'],
  [
    { prefixes: [{ prefix: '2001:db8::/64', validLifetime: 5, preferredLifetime: 6 }] },
    RangeError,
    'prefixes[0].preferredLifetime must be at most the valid lifetime 5, got 6',
  ],
  [{ prefixes: '2001:db8::/64' }, TypeError, 'prefixes must be an array'],
  [{ nameServers: ['192.0.2.1'] }, RangeError, 'nameServers[0] must be an IPv6 address of a host'],
  [{ searchDomains: ['a b'] }, TypeError, 'searchDomains[0] must be a domain name, got "a b"'],
  [{ routes: [{ prefix: '2001:db8::/48', metric: 1 }] }, TypeError, "routes[0] has no 'metric'"],
  [
    { prefixes: Array.from({ length: 40 }, (_, i) => `2001:db8:${i}::/64`) },
    RangeError,
    'options must fit in one message of 1240 octets, and have 1304',
  ],
] as const)('%j is refused', (options, kind, message) => {
  const one = new NdHost()
  const advertise = () => one.link.advertise(options as unknown as AdvertiseOptions)
  expect(advertise).toThrow(kind)
  expect(advertise).toThrow(message)
  expect(one.ipv6.advertiser).toBe(null)
})

test('an interface advertises once, and only where it speaks IPv6', () => {
  const one = router({})
  expect(() => one.link.advertise({})).toThrow('advertise: this interface advertises already')
  const none = new NdHost({ address: '192.0.2.1/24', ipv6: 'none' })
  expect(() => none.link.advertise({})).toThrow('advertise: this interface does not speak IPv6')
})

test('a host on the same cable gets its addresses, its default router and its resolver from it', async () => {
  const one = new NdHost()
  const { clock } = one
  const cable = new Cable()
  const routing = new Stack({ clock, random: new SeededRandom(1), forwarding: true })
  const hosting = new Stack({ clock, random: new SeededRandom(2) })
  const left = routing.attach(cable.left, { address: '2001:db8:1::1/64', name: 'eth0' })
  const right = hosting.attach(cable.right, { ipv6: 'auto', name: 'eth0' })
  left.advertise({ prefixes: ['2001:db8:1::/64'], nameServers: ['2001:db8:1::1'], lifetime: 600 })
  one.run(10_000)
  expect(await right.settled()).toBe(true)
  const own = right.addresses.map((entry) => entry.address.toString())
  expect(own.map((text) => text.slice(0, 10))).toEqual([own[0]?.slice(0, 10), '2001:db8:1', '2001:db8:1'])
  expect(right.addresses.map((entry) => entry.temporary)).toEqual([false, false, true])
  const route = hosting.routeTo(address('2001:db8:99::1'), null, null)
  expect(typeof route === 'number' ? route : `${route.neighbour?.address}`).toBe(`${left.ipv6?.linkLocal}`)
  expect(right.ipv6?.nameServers.join()).toBe('2001:db8:1::1')
  left.ipv6?.advertiser?.close()
  one.run(10)
  expect(hosting.routeTo(address('2001:db8:99::1'), null, null)).toBe(-101)
  routing.close()
  hosting.close()
})

test('settled: in the mode auto not before a router was heard and what it told has been asked for, or nobody answered for 4 s', async () => {
  const clock = new ManualClock(5000)
  const cable = new Cable()
  const routing = new Stack({ clock, random: new SeededRandom(1), forwarding: true })
  const hosting = new Stack({ clock, random: new SeededRandom(2) })
  const left = routing.attach(cable.left, { address: '2001:db8:1::1/64', name: 'eth0' })
  const right = hosting.attach(cable.right, { ipv6: 'auto', name: 'eth0' })
  left.advertise({ prefixes: ['2001:db8:1::/64'], lifetime: 600 })
  const settled: boolean[] = []
  right.settled().then((usable) => settled.push(usable))
  for (let i = 0; i < 100 && settled.length === 0; i++) {
    clock.advanceTo(clock.now() + 100)
    clock.settle()
    await null
    if (settled.length === 0) continue
    expect(right.addresses.filter((own) => own.tentative)).toEqual([])
    expect(right.addresses.map((own) => own.address.toString().slice(0, 8))).toContain('2001:db8')
  }
  expect(settled).toEqual([true])

  const lonely = new Stack({ clock, random: new SeededRandom(3) })
  const nobody = lonely.attach(new Cable().left, { ipv6: 'auto', name: 'eth0' })
  const before = clock.now()
  nobody.settled().then((usable) => settled.push(usable))
  while (settled.length === 1 && clock.now() < before + 20_000) {
    clock.advanceTo(clock.now() + 100)
    clock.settle()
    await null
  }
  expect(settled).toEqual([true, true])
  expect(clock.now() - before).toBeGreaterThan(4000)
  expect(clock.now() - before).toBeLessThan(8000)
})
