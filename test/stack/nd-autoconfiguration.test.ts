import { expect, test } from 'vitest'
import type { InterfaceAddress } from '../../src/stack/link/interface-address.ts'
import type { AttachOptions, StackOptions } from '../../src/stack/stack.ts'
import { address, advertisement, frame, NdHost, OTHER, prefixIs, routerAdvertisement, targetIs } from './nd-host.ts'
import { ScriptDevice } from './script-device.ts'

const HOUR = 3600
const DAY = 24 * HOUR
const FOREVER = 0xffffffff

/** A host at fe80::1 that listens to routers; without temporary addresses unless it is told otherwise. */
function host(attach: AttachOptions = {}, options: Partial<StackOptions> = {}, seed = 7): NdHost {
  return new NdHost({ address: 'fe80::1/64', ipv6: 'auto', temporaryAddresses: false, ...attach }, options, seed)
}

/** A router advertises 2001:db8:1::/64, for the given seconds. */
function advertised(one: NdHost, valid: number, preferred: number, flags = 'LA'): void {
  one.fromRouter(routerAdvertisement({ lifetime: 0 }, prefixIs('2001:db8:1::/64', flags, valid, preferred)))
}

/** The addresses that were formed, without fe80::1. */
function formed(one: NdHost): string[] {
  return one.addresses().slice(1)
}

function seconds(one: NdHost, count: number): void {
  one.run(count * 1000)
}

/** How many seconds an address is preferred and valid. */
function left(one: NdHost, own: InterfaceAddress | undefined): [number, number] {
  if (own === undefined) throw new Error('no address')
  const now = one.clock.now()
  return [(own.preferredUntil - now) / 1000, (own.validUntil - now) / 1000]
}

test('a prefix with the flag A gives an address, used once nobody else has it (RFC 4862 5.5.3, 5.4)', () => {
  const one = host({ duplicateAddressDetection: true })
  one.run(2000)
  advertised(one, DAY, HOUR)
  expect(formed(one)).toHaveLength(1)
  expect(formed(one)[0]).toMatch(/^2001:db8:1:0:.* tentative$/)
  one.run(2000)
  expect(formed(one)[0]).toMatch(/^2001:db8:1:0:[0-9a-f:]+$/)
  expect(left(one, one.link.addresses[1])).toEqual([HOUR - 2, DAY - 2])
})

test('the same prefix gives the same address, another prefix another identifier (RFC 7217 5)', () => {
  const one = host()
  advertised(one, 10, 10)
  const first = formed(one)
  seconds(one, 10)
  expect(formed(one)).toEqual([])
  advertised(one, 10, 10)
  expect(formed(one)).toEqual(first)
  one.fromRouter(routerAdvertisement({}, prefixIs('2001:db8:2::/64', 'A', 10, 10)))
  expect(formed(one)[1]?.slice(-19)).not.toBe(first[0]?.slice(-19))
})

test.each([
  ['without the flag A', prefixIs('2001:db8:1::/64', 'L', 100, 100)],
  ['that is preferred for longer than it is valid', prefixIs('2001:db8:1::/64', 'A', 100, 101)],
  ['of 63 bits', prefixIs('2001:db8:1::/63', 'A', 100, 100)],
  ['with a valid lifetime of 0', prefixIs('2001:db8:1::/64', 'A', 0, 0)],
  ['fe80::/64', prefixIs('fe80::/64', 'A', 100, 100)],
])('a prefix %s gives no address (RFC 4862 5.5.3)', (_what, option) => {
  const one = host()
  one.fromRouter(routerAdvertisement({}, option))
  expect(formed(one)).toEqual([])
})

test('an address does not say that its prefix is on the link: that is the flag L (RFC 5942 4)', () => {
  const one = host()
  advertised(one, 100, 100, 'A')
  expect(formed(one)).toHaveLength(1)
  expect(one.routes().filter((route) => route.startsWith('2001'))).toEqual([])
})

test('when its preferred lifetime is over it is deprecated, when its valid one is, it is gone (RFC 4862 5.5.4)', () => {
  const one = host()
  advertised(one, 100, 50)
  const own = one.link.addresses[1]?.address
  if (own === undefined) throw new Error('no address')
  one.run(49_999)
  expect(formed(one)).toEqual([`${own}`])
  one.run(1)
  expect(formed(one)).toEqual([`${own} deprecated`])
  expect(one.stack.isOwnAddress(own)).toBe(true)
  one.run(49_999)
  expect(formed(one)).toEqual([`${own} deprecated`])
  one.run(1)
  expect(formed(one)).toEqual([])
  expect(one.stack.isOwnAddress(own)).toBe(false)
})

test('for ever is for ever', () => {
  const one = host()
  advertised(one, FOREVER, FOREVER)
  seconds(one, 60 * DAY)
  expect(formed(one)).toHaveLength(1)
  expect(formed(one)[0]).not.toContain('deprecated')
})

test('a lifetime of longer than int32 milliseconds is kept to the millisecond', () => {
  const one = host()
  advertised(one, 40 * DAY, 30 * DAY)
  seconds(one, 30 * DAY - 1)
  expect(formed(one)[0]).not.toContain('deprecated')
  seconds(one, 1)
  expect(formed(one)[0]).toContain('deprecated')
  seconds(one, 10 * DAY - 1)
  expect(formed(one)).toHaveLength(1)
  seconds(one, 1)
  expect(formed(one)).toEqual([])
})

// RFC 4862 5.5.3 e: what is left, what a router says, and what is left then.
test.each([
  ['more than is left is taken', HOUR, HOUR + 1, HOUR + 1],
  ['more than two hours is taken', DAY, 2 * HOUR + 1, 2 * HOUR + 1],
  ['two hours are the least of a day', DAY, 2 * HOUR, 2 * HOUR],
  ['no lifetime at all leaves two hours of a day', DAY, 0, 2 * HOUR],
  ['no lifetime at all leaves two hours of for ever', FOREVER, 0, 2 * HOUR],
  ['less than what is left of an hour is not believed', HOUR, 60, HOUR],
  ['no lifetime at all leaves an hour as it is', HOUR, 0, HOUR],
])('an advertised valid lifetime: %s', (_what, before, said, after) => {
  const one = host()
  advertised(one, before, 0)
  advertised(one, said, 0)
  expect(left(one, one.link.addresses[1])[1]).toBe(after)
})

test('the preferred lifetime is always that of the last advertisement (RFC 4862 5.5.3 e)', () => {
  const one = host()
  advertised(one, DAY, HOUR)
  advertised(one, DAY, 60)
  expect(left(one, one.link.addresses[1])[0]).toBe(60)
  advertised(one, DAY, 0)
  expect(formed(one)[0]).toContain('deprecated')
  advertised(one, DAY, HOUR)
  expect(formed(one)[0]).not.toContain('deprecated')
})

test('where a stable address is taken the next is tried, three times (RFC 7217 6)', () => {
  const one = host({ duplicateAddressDetection: true })
  one.run(2000)
  advertised(one, DAY, DAY)
  const tried = new Set<string>()
  for (let i = 0; i < 4; i++) {
    const own = `${one.link.addresses[1]?.address}`
    tried.add(own)
    one.deliver(advertisement(own, 'O', targetIs(OTHER)), { source: own, destination: 'ff02::1' })
  }
  expect(tried.size).toBe(4)
  expect(formed(one)).toEqual([])
  advertised(one, DAY, DAY)
  expect(formed(one)).toEqual([])
  expect(one.stack.counters.addressesRefused).toBe(4)
})

test('addresses are bounded: a full table takes no more, and gives up none', () => {
  const one = host({}, { limits: { advertisedAddresses: 3 } })
  for (let i = 1; i <= 5; i++) {
    one.fromRouter(routerAdvertisement({}, prefixIs(`2001:db8:${i}::/64`, 'A', DAY, DAY)))
  }
  expect(formed(one).map((own) => own.slice(0, 10))).toEqual(['2001:db8:1', '2001:db8:2', '2001:db8:3'])
})

test('an address that is taken away by hand stays away', () => {
  const one = host()
  advertised(one, DAY, DAY)
  one.stack.removeAddress(one.link, one.link.addresses[1] as InterfaceAddress)
  advertised(one, DAY, DAY)
  expect(formed(one)).toEqual([])
})

test('a medium without hardware addresses is configured in the same way (RFC 4862 1)', () => {
  const one = host()
  const device = new ScriptDevice('ip')
  const link = one.stack.attach(device, { ipv6: 'auto', temporaryAddresses: false, name: 'tun0' })
  one.run(1000)
  expect(device.take().map((bytes) => bytes[40])).toContain(133)
  const message = routerAdvertisement({}, prefixIs('2001:db8:7::/64', 'LA', DAY, DAY))
  device.deliver(frame(message, { source: 'fe80::a', destination: 'ff02::1' }).subarray(14))
  expect(link.addresses.map((own) => own.address.toString().slice(0, 10))[1]).toBe('2001:db8:7')
  expect(one.stack.routeTo(address('2001:db8:99::1'), null, null)).toMatchObject({ neighbour: null, mtu: 1500 })
})

// Temporary addresses

function temporary(attach: AttachOptions = {}, options: Partial<StackOptions> = {}, seed = 7): NdHost {
  return host({ temporaryAddresses: true, ...attach }, options, seed)
}

function temporaries(one: NdHost): InterfaceAddress[] {
  return one.link.addresses.filter((own) => own.temporary)
}

test('beside the stable address there is a temporary one, from which packets go (RFC 8981 3.4, RFC 6724 5 rule 7)', () => {
  const one = temporary()
  advertised(one, 30 * DAY, 7 * DAY)
  expect(formed(one)).toHaveLength(2)
  const [own] = temporaries(one)
  const [preferred, valid] = left(one, own)
  expect(valid).toBe(2 * DAY)
  expect(preferred).toBeGreaterThan(0.6 * DAY)
  expect(preferred).toBeLessThanOrEqual(DAY)
  const route = one.stack.routeTo(address('2001:db8:1::5'), null, null)
  expect(typeof route === 'number' ? route : `${route.source}`).toBe(`${own?.address}`)
})

test('its lifetimes are those of the prefix where those are shorter (RFC 8981 3.4)', () => {
  const one = temporary()
  advertised(one, 2 * HOUR, HOUR)
  expect(left(one, temporaries(one)[0])).toEqual([HOUR, 2 * HOUR])
})

test('it differs from the next, and lasts as long as chance says (RFC 8981 3.8)', () => {
  const lifetimes = new Set<number>()
  for (let seed = 1; seed <= 8; seed++) {
    const one = temporary({}, {}, seed)
    advertised(one, 30 * DAY, 7 * DAY)
    lifetimes.add(left(one, temporaries(one)[0])[0])
  }
  expect(lifetimes.size).toBe(8)
})

test('five seconds before it is deprecated there is another (RFC 8981 3.5)', () => {
  const one = temporary()
  advertised(one, 30 * DAY, 7 * DAY)
  const [first] = temporaries(one)
  const [preferred] = left(one, first)
  one.run(Math.round((preferred - 5) * 1000) - 1)
  expect(temporaries(one)).toHaveLength(1)
  one.run(1)
  expect(temporaries(one)).toHaveLength(2)
  expect(first?.deprecated).toBe(false)
  one.run(5000)
  expect(temporaries(one).map((own) => own.deprecated)).toEqual([true, false])
})

test('never are there more than three of a prefix, nor is there none that is preferred (RFC 8981 3.8)', () => {
  const one = temporary()
  for (let hour = 0; hour < 20 * 24; hour++) {
    advertised(one, 30 * DAY, 7 * DAY)
    seconds(one, HOUR)
    expect(temporaries(one).length).toBeLessThanOrEqual(3)
    expect(temporaries(one).some((own) => !own.deprecated)).toBe(true)
  }
  const longest = Math.max(...temporaries(one).map((own) => left(one, own)[1]))
  expect(longest).toBeLessThanOrEqual(2 * DAY)
})

test('routers cannot keep one preferred for more than a day, nor alive for more than two (RFC 8981 3.4)', () => {
  const one = temporary()
  advertised(one, 30 * DAY, 7 * DAY)
  const [first] = temporaries(one)
  for (let hour = 0; hour < 48; hour++) {
    expect(temporaries(one)).toContain(first)
    advertised(one, 30 * DAY, 7 * DAY)
    if (hour >= 24) expect(first?.deprecated).toBe(true)
    seconds(one, HOUR)
  }
  expect(temporaries(one)).not.toContain(first)
})

test.each([
  ['one that a router deprecates is not replaced', 0],
  ['one that would not live longer than it takes to make it is not made', 5],
])('%s (RFC 8981 3.4, 3.5)', (_what, preferred) => {
  const one = temporary()
  advertised(one, DAY, HOUR)
  advertised(one, DAY, preferred)
  expect(temporaries(one)).toHaveLength(1)
  seconds(one, 10)
  expect(temporaries(one).map((own) => own.deprecated)).toEqual([true])
  advertised(one, DAY, HOUR)
  expect(temporaries(one)[0]?.deprecated).toBe(false)
})

test('where it is taken another is tried, up to three times; then never again (RFC 8981 3.4)', () => {
  const one = temporary({ duplicateAddressDetection: true })
  one.run(2000)
  advertised(one, 30 * DAY, 7 * DAY)
  const tried = new Set<string>()
  for (let i = 0; i < 4; i++) {
    const own = `${temporaries(one)[0]?.address}`
    tried.add(own)
    one.deliver(advertisement(own, 'O', targetIs(OTHER)), { source: own, destination: 'ff02::1' })
  }
  expect(tried.size).toBe(4)
  advertised(one, 30 * DAY, 7 * DAY)
  seconds(one, DAY)
  expect(temporaries(one)).toEqual([])
  expect(formed(one)).toHaveLength(1)
})

test('one that could be had ends the counting of those that could not (RFC 8981 3.4)', () => {
  const one = temporary({ duplicateAddressDetection: true })
  one.run(2000)
  advertised(one, 30 * DAY, 7 * DAY)
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 3; i++) {
      const own = `${temporaries(one).at(-1)?.address}`
      one.deliver(advertisement(own, 'O', targetIs(OTHER)), { source: own, destination: 'ff02::1' })
    }
    one.run(2000)
    expect(temporaries(one).at(-1)?.tentative).toBe(false)
    const [preferred] = left(one, temporaries(one).at(-1))
    one.run(Math.round((preferred - 5) * 1000))
    expect(temporaries(one).at(-1)?.tentative).toBe(true)
  }
})

test('all that was formed is gone with the interface, and nothing wakes the stack any more', () => {
  const one = temporary({ duplicateAddressDetection: true })
  one.run(2000)
  advertised(one, 30 * DAY, 7 * DAY)
  one.stack.removeInterface(one.link)
  expect(one.stack.time.count).toBe(0)
  expect(one.stack.routes.entries.filter((entry) => entry.interface === one.link)).toEqual([])
})

test('what a router says of DHCPv6 is told when it changes (RFC 4861 4.2)', () => {
  const one = host()
  const told: boolean[][] = []
  const { ipv6 } = one.link
  if (ipv6 === null) throw new Error('no IPv6')
  ipv6.onManaged = () => told.push([ipv6.managed, ipv6.other])
  one.fromRouter(routerAdvertisement({}))
  one.fromRouter(routerAdvertisement({ other: true }))
  one.run(1)
  one.fromRouter(routerAdvertisement({ other: true }))
  one.fromRouter(routerAdvertisement({ managed: true, other: true }))
  one.run(1)
  expect(told).toEqual([
    [false, true],
    [true, true],
  ])
})
