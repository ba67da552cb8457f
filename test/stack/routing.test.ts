import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EADDRNOTAVAIL, EINVAL, ENETUNREACH } from '../../src/base/errno.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { prefixMatches } from '../../src/base/prefix.ts'
import { SeededRandom } from '../../src/base/random.ts'
import type { Route } from '../../src/stack/ip/route.ts'
import { Stack } from '../../src/stack/stack.ts'
import { ScriptDevice } from './script-device.ts'

function ip(text: string): IpAddress {
  const address = IpAddress.parse(text)
  if (address === null) throw new TypeError(text)
  return address
}

/** Two links: 192.0.2.1/24 with two addresses more, and 198.51.100.1/25; a default gateway on the first. */
function host() {
  const stack = new Stack({ clock: new ManualClock(), random: new SeededRandom(3) })
  const first = stack.attach(new ScriptDevice('ethernet'), {
    address: ['192.0.2.1/24', '192.0.2.77/24', '10.9.0.1/16'],
    name: 'eth0',
  })
  const second = stack.attach(new ScriptDevice('ip', 1400), { address: '198.51.100.1/25', name: 'tun0' })
  stack.addRoute('default', { via: '192.0.2.254' })
  return { stack, first, second }
}

function way(route: Route | number): string {
  if (typeof route === 'number') return String(route)
  return `${route.interface.name} ${route.source} ${route.neighbour?.address ?? '-'} ${route.mtu}`
}

test.each([
  ['a host on the link', '192.0.2.9', 'eth0 192.0.2.1 192.0.2.9 1500'],
  ['a host on the link of a second address', '10.9.3.3', 'eth0 10.9.0.1 10.9.3.3 1500'],
  ['a host behind the gateway', '203.0.113.5', 'eth0 192.0.2.1 192.0.2.254 1500'],
  ['a host on a link without hardware addresses', '198.51.100.2', 'tun0 198.51.100.1 - 1400'],
  ['the same subnet, other half', '198.51.100.200', 'eth0 192.0.2.1 192.0.2.254 1500'],
  ['our own address', '192.0.2.77', 'lo 192.0.2.77 - 65536'],
  ['the loopback', '127.0.0.1', 'lo 127.0.0.1 - 65536'],
  ['any of 127/8', '127.9.9.9', 'lo 127.0.0.1 - 65536'],
  ['this host', '0.0.0.0', 'lo 127.0.0.1 - 65536'],
  ["the subnet's broadcast", '192.0.2.255', 'eth0 192.0.2.1 - 1500'],
  ['the limited broadcast', '255.255.255.255', 'eth0 192.0.2.1 - 1500'],
  ['a group', '224.0.0.251', 'eth0 192.0.2.1 - 1500'],
])('routing: to %s (RFC 1122 section 3.3.1)', (_what, destination, expected) => {
  expect(way(host().stack.routeTo(ip(destination), null, null))).toBe(expected)
})

test('routing: the source that is asked for is used, and must be ours', () => {
  const { stack } = host()
  expect(way(stack.routeTo(ip('203.0.113.5'), ip('192.0.2.77'), null))).toBe('eth0 192.0.2.77 192.0.2.254 1500')
  expect(stack.routeTo(ip('203.0.113.5'), ip('192.0.2.9'), null)).toBe(-EADDRNOTAVAIL)
  expect(stack.routeTo(ip('203.0.113.5'), ip('224.0.0.1'), null)).toBe(-EINVAL)
  expect(stack.routeTo(ip('203.0.113.5'), ip('127.0.0.1'), null)).toBe(-EINVAL)
})

test('routing: an interface that is asked for is used; without a route through it: ENETUNREACH', () => {
  const { stack, first, second } = host()
  expect(stack.routeTo(ip('203.0.113.5'), null, second)).toBe(-ENETUNREACH)
  expect(way(stack.routeTo(ip('255.255.255.255'), null, second))).toBe('tun0 198.51.100.1 - 1400')
  expect(way(stack.routeTo(ip('224.0.0.1'), ip('198.51.100.1'), null))).toBe('tun0 198.51.100.1 - 1400')
  expect(way(stack.routeTo(ip('203.0.113.5'), null, first))).toBe('eth0 192.0.2.1 192.0.2.254 1500')
})

test('routing: IPv6 is not there yet', () => {
  expect(host().stack.routeTo(ip('2001:db8::1'), null, null)).toBe(-ENETUNREACH)
})

test('routing: no route: ENETUNREACH', () => {
  const stack = new Stack({ clock: new ManualClock(), random: new SeededRandom(3) })
  expect(stack.routeTo(ip('203.0.113.5'), null, null)).toBe(-ENETUNREACH)
  expect(stack.routeTo(ip('255.255.255.255'), null, null)).toBe(-ENETUNREACH)
  expect(stack.counters.outNoRoutes).toBe(2)
})

test('routing: the longest prefix wins, then the smallest metric, then the first', () => {
  const { stack } = host()
  stack.addRoute('203.0.113.0/24', { via: '198.51.100.2', metric: 5 })
  expect(way(stack.routeTo(ip('203.0.113.5'), null, null))).toBe('tun0 198.51.100.1 - 1400')
  stack.addRoute('203.0.113.0/24', { via: '192.0.2.250', metric: 1, source: '192.0.2.77' })
  expect(way(stack.routeTo(ip('203.0.113.5'), null, null))).toBe('eth0 192.0.2.77 192.0.2.250 1500')
  const narrow = stack.addRoute('203.0.113.4/30', { interface: 'tun0' })
  expect(way(stack.routeTo(ip('203.0.113.5'), null, null))).toBe('tun0 198.51.100.1 - 1400')
  expect(way(stack.routeTo(ip('203.0.113.9'), null, null))).toBe('eth0 192.0.2.77 192.0.2.250 1500')
  stack.removeRoute(narrow)
  expect(way(stack.routeTo(ip('203.0.113.5'), null, null))).toBe('eth0 192.0.2.77 192.0.2.250 1500')
})

test('routing: a way is looked up once and shared, and stale when the tables change', () => {
  const { stack } = host()
  const route = stack.routeTo(ip('203.0.113.5'), null, null) as Route
  const other = stack.routeTo(ip('203.0.113.5'), ip('192.0.2.77'), null) as Route
  expect(other).not.toBe(route)
  expect(stack.routeTo(ip('203.0.113.5'), null, null)).toBe(route)
  expect(stack.routeTo(ip('203.0.113.5'), ip('192.0.2.77'), null)).toBe(other)
  expect([route.stale, other.stale]).toEqual([false, false])
  stack.addRoute('203.0.113.0/24', { interface: 'tun0' })
  expect([route.stale, other.stale]).toEqual([true, true])
  expect(stack.routeTo(ip('203.0.113.5'), null, null)).not.toBe(route)
})

test('routing: ways that are given up for want of room are stale', () => {
  const stack = new Stack({ clock: new ManualClock(), random: new SeededRandom(3), limits: { routes: 8 } })
  stack.attach(new ScriptDevice('ip'), { address: '10.0.0.1/8' })
  const routes = Array.from({ length: 20 }, (_, i) => stack.routeTo(ip(`10.1.0.${i}`), null, null) as Route)
  expect(routes.map((route) => route.stale)).toEqual(routes.map((_, i) => i < 12))
})

test('routing: with its interface, addresses and routes go, and ways through it are stale', () => {
  const { stack, first } = host()
  const route = stack.routeTo(ip('203.0.113.5'), null, null) as Route
  stack.removeInterface(first)
  expect(route.stale).toBe(true)
  expect(stack.routeTo(ip('203.0.113.5'), null, null)).toBe(-ENETUNREACH)
  expect(stack.isOwnAddress(ip('192.0.2.77'))).toBe(false)
  expect((first.device as ScriptDevice).closed).toBe(true)
})

test('routing: wrong arguments are told by name', () => {
  const { stack } = host()
  expect(() => stack.addRoute('203.0.113.0/33', { via: '192.0.2.254' })).toThrow(
    new TypeError('prefix must have a prefix length from 0 to 32, got "203.0.113.0/33"'),
  )
  expect(() => stack.addRoute('nowhere', { via: '192.0.2.254' })).toThrow(
    'prefix must be an address with a prefix length',
  )
  expect(() => stack.addRoute('default', { via: 'gateway' })).toThrow(
    'via must be an IPv4 or IPv6 address, got "gateway"',
  )
  expect(() => stack.addRoute('default', { via: '172.16.0.1' })).toThrow(RangeError)
  expect(() => stack.addRoute('default')).toThrow('a route needs a gateway (via) or an interface')
  expect(() => stack.addRoute('default', { interface: 'eth7' })).toThrow(RangeError)
  expect(() => stack.addRoute('default', { via: '192.0.2.254', source: '9.9.9.9' })).toThrow(RangeError)
  expect(() => stack.attach(new ScriptDevice('ip'), { address: '10.0.0.256/8' })).toThrow(TypeError)
  expect(stack.interfaces.length).toBe(3)
})

test('routing: a second device of the same name gets another', () => {
  const { stack } = host()
  expect(stack.attach(new ScriptDevice('ip')).name).toBe('script')
  expect(stack.attach(new ScriptDevice('ip')).name).toBe('script.1')
})

test('routing: prefixes match as their bits do', () => {
  const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
  const binary = (address: IpAddress) =>
    [address.a, address.b, address.c, address.d].map((w) => (w >>> 0).toString(2).padStart(32, '0')).join('')
  fc.assert(
    fc.property(
      word,
      word,
      word,
      word,
      fc.integer({ min: 0, max: 128 }),
      fc.nat({ max: 127 }),
      (a, b, c, d, length, flip) => {
        const x = new IpAddress(a, b, c, d)
        const y = x.copy()
        const bit = 1 << (31 - (flip & 31))
        if (flip < 32) y.a ^= bit
        else if (flip < 64) y.b ^= bit
        else if (flip < 96) y.c ^= bit
        else y.d ^= bit
        expect(prefixMatches(x, x, length)).toBe(true)
        expect(prefixMatches(x, y, length)).toBe(binary(x).slice(0, length) === binary(y).slice(0, length))
      },
    ),
  )
})
