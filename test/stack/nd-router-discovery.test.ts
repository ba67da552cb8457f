import { expect, test } from 'vitest'
import type { AttachOptions, StackOptions } from '../../src/stack/stack.ts'
import {
  address,
  advertisement,
  domainsAre,
  hardwareOf,
  mtuIs,
  NdHost,
  prefixIs,
  ROUTER,
  ROUTER2,
  routeIs,
  routerAdvertisement,
  serversAre,
  sourceIs,
  targetIs,
} from './nd-host.ts'
import { hex } from './script-device.ts'

const FAR = '2001:db8:99::1'
const FOREVER = 0xffffffff

/** A host at fe80::1 that listens to routers. */
function host(attach: AttachOptions = {}, options: Partial<StackOptions> = {}): NdHost {
  return new NdHost({ address: 'fe80::1/64', ipv6: 'auto', ...attach }, options)
}

/** Where packets to `destination` go. */
function hop(one: NdHost, destination = FAR): string {
  const route = one.stack.routeTo(address(destination), null, null)
  return typeof route === 'number' ? String(route) : `${route.neighbour?.address}`
}

/** A global address, without which no packet goes far. */
const HOME = prefixIs('2001:db8:1::/64', 'LA', FOREVER, FOREVER)

function solicited(one: NdHost): number {
  return one.took().filter((words) => words.startsWith('RS')).length
}

test('a host asks for routers when its link-local address is its own, at once (RFC 4861 6.3.7)', () => {
  const one = new NdHost({ address: 'fe80::1/64', ipv6: 'auto', duplicateAddressDetection: true })
  while (one.link.addresses[0]?.tentative) {
    expect(solicited(one)).toBe(0)
    one.run(1)
  }
  expect(one.took()).toEqual([
    'NA fe80::1 O target 01 | fe80::1 > ff02::1 | 33:33:00:00:00:01',
    'RS source 01 | fe80::1 > ff02::2 | 33:33:00:00:00:02',
  ])
})

test('without detection it waits up to a second first (RFC 4861 6.3.7)', () => {
  const asked = new Set<number>()
  for (let seed = 1; seed <= 8; seed++) {
    const one = new NdHost({ address: 'fe80::1/64', ipv6: 'auto' }, {}, seed)
    const start = one.clock.now()
    while (solicited(one) === 0) one.run(1)
    asked.add(one.clock.now() - start)
  }
  expect(Math.max(...asked)).toBeLessThanOrEqual(1000)
  expect(asked.size).toBeGreaterThan(4)
})

test('it asks again after about 4, 8, 16 … s, at last every hour, for ever (RFC 7559 2)', () => {
  const one = host()
  one.run(1000)
  expect(solicited(one)).toBe(1)
  let last = one.clock.now()
  const waits: number[] = []
  while (waits.length < 14) {
    one.run(100)
    if (solicited(one) === 0) continue
    waits.push((one.clock.now() - last) / 1000)
    last = one.clock.now()
  }
  for (const [i, wait] of waits.entries()) {
    const middle = Math.min(i === 0 ? 4 : 2 * (waits[i - 1] as number), 3600)
    // Each is 1.9 to 2.1 times the last; the longest, 0.9 to 1.1 times an hour.
    expect(wait).toBeGreaterThan(middle * (middle === 3600 ? 0.9 : 0.94) - 1.1)
    expect(wait).toBeLessThan(middle * 1.1 + 1.1)
  }
  expect(waits.at(-1)).toBeGreaterThan(3200)
})

test('a default router ends the asking, a router that is none does not (RFC 7559 2.1)', () => {
  const one = host()
  one.run(1000)
  one.fromRouter(routerAdvertisement({ lifetime: 0 }))
  expect(solicited(one)).toBe(1)
  one.run(5000)
  expect(solicited(one)).toBe(1)
  one.fromRouter(routerAdvertisement({ lifetime: 9000 }))
  one.run(8_000_000)
  expect(solicited(one)).toBe(0)
})

test('packets for elsewhere go to the default router until its lifetime is over; then it asks anew (RFC 4861 6.3.4, 6.3.5)', () => {
  const one = host()
  expect(hop(one)).toBe('-101')
  one.fromRouter(routerAdvertisement({ lifetime: 100 }, sourceIs(hardwareOf(ROUTER)), HOME))
  one.took()
  expect(hop(one)).toBe(ROUTER)
  expect(one.send(FAR)).toBe(0)
  expect(one.took().at(-1)).toMatch(/^UDP \| 2001:db8:1:.* > 2001:db8:99::1 \| 02:00:00:00:00:0a$/)
  one.run(99_999)
  expect(hop(one)).toBe(ROUTER)
  one.run(1)
  expect(hop(one)).toBe('-101')
  one.took()
  one.run(1000)
  expect(solicited(one)).toBe(1)
})

test('a lifetime of 0 takes the router off the list at once (RFC 4861 6.3.4)', () => {
  const one = host()
  one.fromRouter(routerAdvertisement({ lifetime: 1800 }, HOME))
  expect(hop(one)).toBe(ROUTER)
  one.fromRouter(routerAdvertisement({ lifetime: 0 }))
  expect(hop(one)).toBe('-101')
})

test('a router that says it is none any more is taken off the list (RFC 4861 7.2.5)', () => {
  const one = host()
  one.fromRouter(routerAdvertisement({}, sourceIs(hardwareOf(ROUTER)), HOME))
  expect(hop(one)).toBe(ROUTER)
  one.deliver(advertisement(ROUTER, 'O', targetIs(hardwareOf(ROUTER))), { source: ROUTER, destination: 'ff02::1' })
  expect(hop(one)).toBe('-101')
})

test('of several the more preferred is taken (RFC 4191 3.2)', () => {
  const one = host()
  one.fromRouter(routerAdvertisement({ preference: -1 }, HOME), ROUTER)
  one.fromRouter(routerAdvertisement({ preference: 0 }), ROUTER2)
  expect(hop(one)).toBe(ROUTER2)
  one.fromRouter(routerAdvertisement({ preference: 1 }), ROUTER)
  expect(hop(one)).toBe(ROUTER)
})

test('one that does not answer is passed over until it is heard of again (RFC 4861 6.3.6)', () => {
  const one = host()
  one.fromRouter(routerAdvertisement({ preference: 1 }, HOME), ROUTER)
  one.fromRouter(routerAdvertisement({ preference: 0 }), ROUTER2)
  one.send(FAR)
  expect(hop(one)).toBe(ROUTER)
  one.run(3000)
  expect(hop(one)).toBe(ROUTER2)
  one.fromRouter(routerAdvertisement({ preference: 1 }), ROUTER)
  expect(hop(one)).toBe(ROUTER)
})

test('where none answers they are asked for in turn (RFC 4861 6.3.6)', () => {
  const one = host()
  one.fromRouter(routerAdvertisement({}, HOME), ROUTER)
  one.fromRouter(routerAdvertisement({}), ROUTER2)
  for (let i = 0; i < 2; i++) {
    one.send(FAR)
    one.run(3000)
  }
  const first = hop(one)
  one.stack.tablesChanged()
  const second = hop(one)
  expect([first, second].sort()).toEqual([ROUTER, ROUTER2])
})

test('the list is bounded: who does not answer goes first, then who was heard of the longest ago', () => {
  const one = host({}, { limits: { defaultRouters: 3 } })
  for (const last of ['a', 'b', 'c']) {
    one.fromRouter(routerAdvertisement({}, HOME), `fe80::${last}`)
    one.run(1)
  }
  one.ipv6.discovery?.routers.heard(address('fe80::b'), false)
  one.fromRouter(routerAdvertisement({}), 'fe80::d')
  one.run(1)
  expect(one.ipv6.discovery?.routers.addresses.join()).toBe('fe80::a,fe80::c,fe80::d')
  one.fromRouter(routerAdvertisement({}), 'fe80::a')
  one.run(1)
  one.fromRouter(routerAdvertisement({}), 'fe80::e')
  expect(one.ipv6.discovery?.routers.addresses.join()).toBe('fe80::a,fe80::d,fe80::e')
})

test('hop limit and MTU are those of the router; what cannot be is not taken (RFC 4861 6.3.4)', () => {
  const one = host()
  one.fromRouter(routerAdvertisement({ hopLimit: 33 }, mtuIs(1400), HOME))
  expect([one.ipv6.hopLimit, one.ipv6.mtu]).toEqual([33, 1400])
  const route = one.stack.routeTo(address(FAR), null, null)
  expect(typeof route === 'number' ? route : route.mtu).toBe(1400)
  one.fromRouter(
    routerAdvertisement(
      { hopLimit: 0 },
      mtuIs(1279),
      mtuIs(1501),
      hex('05 02 00 00 00 00 05 14 00 00 00 00 00 00 00 00'),
    ),
  )
  expect([one.ipv6.hopLimit, one.ipv6.mtu]).toEqual([33, 1400])
})

test('timers are those of the router, where they are between a tenth of a second and an hour', () => {
  const one = host()
  one.fromRouter(routerAdvertisement({ reachableTime: 20_000, retransmitTime: 1 }))
  expect([one.ipv6.reachableTime, one.ipv6.retransmitTime]).toEqual([20_000, 100])
  one.fromRouter(routerAdvertisement({ reachableTime: 3_600_001, retransmitTime: 0xffffffff }))
  expect([one.ipv6.reachableTime, one.ipv6.retransmitTime]).toEqual([20_000, 100])
  one.fromRouter(routerAdvertisement({ reachableTime: 0, retransmitTime: 0 }))
  expect([one.ipv6.reachableTime, one.ipv6.retransmitTime]).toEqual([20_000, 100])
})

test('a prefix is on the link for as long as a router says, and no longer (RFC 4861 6.3.4, 6.3.5)', () => {
  const one = host()
  one.fromRouter(routerAdvertisement({}, prefixIs('2001:db8:2::ffff/64', 'L', 100, 50)))
  expect(one.routes()).toContain('2001:db8:2::/64')
  one.run(99_999)
  expect(one.routes()).toContain('2001:db8:2::/64')
  one.run(1)
  expect(one.routes()).not.toContain('2001:db8:2::/64')
  expect(one.addresses()).toEqual(['fe80::1'])
})

test('a lifetime of 0 takes the prefix off the link at once; one without L says nothing (RFC 4861 6.3.4)', () => {
  const one = host()
  one.fromRouter(routerAdvertisement({}, prefixIs('2001:db8:2::/64', 'L', 100, 50)))
  one.fromRouter(routerAdvertisement({}, prefixIs('2001:db8:2::/64', '', 0, 0)))
  expect(one.routes()).toContain('2001:db8:2::/64')
  one.fromRouter(routerAdvertisement({}, prefixIs('2001:db8:2::/64', 'L', 0, 0)))
  expect(one.routes()).not.toContain('2001:db8:2::/64')
})

test('fe80::/10 and groups are no prefixes to advertise (RFC 4861 6.3.4)', () => {
  const one = host()
  const before = one.routes()
  one.fromRouter(routerAdvertisement({}, prefixIs('fe80::/64', 'LA', 100, 50), prefixIs('ff02::/64', 'LA', 100, 50)))
  expect(one.routes()).toEqual(before)
  expect(one.addresses()).toEqual(['fe80::1'])
})

test('prefixes on the link are bounded: the one heard of the longest ago goes', () => {
  const one = host({}, { limits: { advertisedPrefixes: 2 } })
  const [a, b, c] = [1, 2, 3].map((i) => prefixIs(`2001:db8:${i}::/64`, 'L', 1000, 1000)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  one.fromRouter(routerAdvertisement({}, a, b, a, c))
  expect(one.routes().filter((route) => route.startsWith('2001'))).toEqual(['2001:db8:1::/64', '2001:db8:3::/64'])
})

test('routes beyond a router are taken, with their lifetimes; they are bounded (RFC 4191 2.3, 3.1)', () => {
  const one = host({}, { limits: { advertisedRoutes: 2 } })
  one.fromRouter(routerAdvertisement({ lifetime: 0 }, HOME, routeIs('2001:db8:99::/48', 0, 100)))
  expect(one.routes()).toContain(`2001:db8:99::/48 via ${ROUTER}`)
  expect(hop(one)).toBe(ROUTER)
  one.run(100_000)
  expect(hop(one)).toBe('-101')
  one.fromRouter(routerAdvertisement({}, ...[1, 2, 3].map((i) => routeIs(`2001:db8:${i}000::/36`, 0, 100))))
  expect(one.routes().filter((route) => route.includes('/36'))).toEqual([
    `2001:db8:2000::/36 via ${ROUTER}`,
    `2001:db8:3000::/36 via ${ROUTER}`,
  ])
})

test('of two routers to one prefix the more preferred is taken, unless it does not answer (RFC 4191 3.2)', () => {
  const one = host()
  one.fromRouter(routerAdvertisement({ lifetime: 0 }, HOME, routeIs('2001:db8:99::/48', 0, 100)), ROUTER)
  one.fromRouter(routerAdvertisement({ lifetime: 0 }, routeIs('2001:db8:99::/48', 1, 100)), ROUTER2)
  expect(hop(one)).toBe(ROUTER2)
  one.send(FAR)
  one.run(3000)
  expect(hop(one)).toBe(ROUTER)
  one.fromRouter(routerAdvertisement({ lifetime: 0 }, routeIs('2001:db8:99::/48', 1, 0)), ROUTER2)
  expect(one.routes().filter((route) => route.includes('/48'))).toEqual([`2001:db8:99::/48 via ${ROUTER}`])
})

test('a route to ::/0 speaks of the default router (RFC 4191 3.1)', () => {
  const one = host()
  one.fromRouter(routerAdvertisement({ lifetime: 0 }, HOME, routeIs('::/0', 1, 100)))
  expect(hop(one)).toBe(ROUTER)
  one.run(100_000)
  expect(hop(one)).toBe('-101')
})

test('resolvers and domains are known for as long as a router says (RFC 8106 5.3.1)', () => {
  const one = host()
  one.fromRouter(
    routerAdvertisement({}, serversAre(100, '2001:db8::53', 'fe80::53'), domainsAre(50, 'Example.org', 'lan')),
  )
  expect(one.ipv6.nameServers.join()).toBe('2001:db8::53,fe80::53')
  expect(one.ipv6.searchDomains).toEqual(['Example.org', 'lan'])
  one.fromRouter(routerAdvertisement({}, domainsAre(100, 'example.ORG')))
  one.run(50_000)
  expect(one.ipv6.searchDomains).toEqual(['Example.org'])
  one.fromRouter(routerAdvertisement({}, serversAre(0, '2001:db8::53')))
  expect(one.ipv6.nameServers.join()).toBe('fe80::53')
  one.run(50_000)
  expect(one.ipv6.nameServers).toEqual([])
})

test('they are bounded: the one whose time is over first goes (RFC 8106 5.3.1)', () => {
  const one = host({}, { limits: { advertisedNames: 2 } })
  one.fromRouter(
    routerAdvertisement(
      {},
      serversAre(100, '2001:db8::1'),
      serversAre(50, '2001:db8::2'),
      serversAre(70, '2001:db8::3'),
    ),
  )
  expect(one.ipv6.nameServers.join()).toBe('2001:db8::1,2001:db8::3')
})

test.each([
  ['a global source', routerAdvertisement({}), { source: '2001:db8::2', destination: 'ff02::1' }],
  ['a hop limit of 254', routerAdvertisement({}), { hopLimit: 254 }],
  ['code 1', routerAdvertisement({}), { code: 1 }],
  ['only 15 octets', routerAdvertisement({}).slice(0, 15), {}],
  ['an option of length 0', Uint8Array.of(...routerAdvertisement({}), 1, 0, 0, 0, 0, 0, 0, 0), {}],
])('an advertisement with %s is dropped (RFC 4861 6.1.2)', (_what, message, fields) => {
  const one = host()
  one.deliver(message, { source: ROUTER, destination: 'ff02::1', ...fields })
  expect(one.stack.counters.ndErrors).toBe(1)
  expect(one.ipv6.discovery?.routers.size).toBe(0)
})

test("an interface in the mode 'static' takes nothing from routers but that they are there", () => {
  const one = new NdHost()
  one.fromRouter(routerAdvertisement({ hopLimit: 3 }, HOME, mtuIs(1400)))
  expect([one.ipv6.hopLimit, one.ipv6.mtu]).toEqual([64, 1500])
  expect(one.addresses()).toEqual(['2001:db8::1', 'fe80::1'])
  expect(hop(one)).toBe('-101')
  expect(one.stack.counters.ndErrors).toBe(0)
})
