import { expect, test } from 'vitest'
import { IPPROTO_UDP } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import { Stack } from '../../src/stack/stack.ts'
import type { AttachOptions } from '../../src/stack/stack-options.ts'
import { ipv4, octets, udp } from './one-stack.ts'
import { ip, ipv6, udp6 } from './one-stack6.ts'
import { ScriptDevice } from './script-device.ts'

/** A router at .1 of three links: the packets come from the first; gateways are .254 of the second and of the third. */
class Router {
  readonly stack = new Stack({ clock: new ManualClock(5000), random: new SeededRandom(5), forwarding: true })
  readonly devices: readonly ScriptDevice[]
  readonly links: readonly NetworkInterface[]

  constructor(medium: 'ethernet' | 'ip' = 'ip', options: AttachOptions = {}) {
    this.devices = [1, 2, 3].map((n) => new ScriptDevice(n === 1 ? 'ip' : medium))
    this.links = this.devices.map((device, i) =>
      this.stack.attach(device, {
        address: [`10.${i + 1}.0.1/16`, `2001:db8:${i + 1}::1/64`],
        duplicateAddressDetection: false,
        ...options,
      }),
    )
  }

  addDefault(link: 2 | 3, metric = 0): void {
    this.stack.addRoute('default', { via: `10.${link}.0.254`, metric })
    this.stack.addRoute('default', { via: `2001:db8:${link}::254`, metric })
  }

  /** Delivers a packet to `destination`; the number of the link by which it went on, 0 where it did not. */
  linkTaken(destination: string, source?: string): number {
    for (const device of this.devices) device.take()
    this.devices[0]?.deliver(destination.includes(':') ? packet6(destination, source) : packet4(destination, source))
    return this.devices.findIndex((device) => device.take().length > 0) + 1
  }
}

function packet4(destination: string, source = '10.1.0.9'): Uint8Array {
  const between = { source, destination }
  return ipv4(udp(1, 2, octets(4), between), { ...between, protocol: IPPROTO_UDP, ttl: 9 })
}

function packet6(destination: string, source = '2001:db8:1::9'): Uint8Array {
  const between = { source, destination }
  return ipv6(udp6(1, 2, octets(4), between), { ...between, hopLimit: 9 })
}

/** One of many destinations that no link has. */
const remote4 = (i: number) => `99.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
const remote6 = (i: number) => `2003:1:${i.toString(16)}::${i.toString(16)}`

test.each([
  ['IPv4', '10.2.0.254', remote4],
  ['IPv6', '2001:db8:2::254', remote6],
])('%s: packets for any number of hosts behind a gateway leave our own ways in peace', (_version, gateway, remote) => {
  const router = new Router()
  router.addDefault(2)
  const own = router.stack.routeTo(ip(gateway), null, null)
  if (typeof own === 'number') throw new TypeError('there is a way to the gateway')
  const count = router.stack.limits.routes + 1000
  for (let i = 0; i < count; i++) expect(router.linkTaken(remote(i))).toBe(2)
  // And again: a slot may hold another by now.
  for (let i = 0; i < count; i += 7) expect(router.linkTaken(remote(i))).toBe(2)
  expect(own.stale).toBe(false)
  expect(router.stack.routeTo(ip(gateway), null, null)).toBe(own)
  expect(router.stack.ways.find(ip(remote(1)))).toBe(router.stack.ways.find(ip(remote(2))))
})

test.each([
  ['IPv4', remote4(1), '10.3.0.254', '99.0.0.0/8'],
  ['IPv6', remote6(1), '2001:db8:3::254', '2003::/16'],
])('%s: the next packet goes where a new route says, and back when that is gone', (_version, host, via, prefix) => {
  const router = new Router()
  router.addDefault(2)
  expect(router.linkTaken(host)).toBe(2)
  const entry = router.stack.addRoute(prefix, { via })
  expect(router.linkTaken(host)).toBe(3)
  const other = router.stack.ways.find(ip(host))
  router.stack.tablesChanged()
  expect(router.stack.ways.find(ip(host))).not.toBe(other)
  router.stack.removeRoute(entry)
  expect(router.linkTaken(host)).toBe(2)
  router.stack.removeInterface(router.links[1] as NetworkInterface)
  expect(router.linkTaken(host)).toBe(1) // what there is to say: nobody is there
})

test.each([
  ['IPv4', '10.2.0.77', remote4(1), '10.2.0.0/24'],
  ['IPv6', '2001:db8:2::77', remote6(1), '2001:db8:2::/65'],
])(
  '%s: a host on a link has a way of its own, beside the one behind the gateway there',
  (_version, near, far, prefix) => {
    const router = new Router()
    router.addDefault(2)
    router.addDefault(3, 1)
    expect([router.linkTaken(near), router.linkTaken(far)]).toEqual([2, 2])
    const [toNear, toFar] = [near, far].map((text) => router.stack.ways.find(ip(text)))
    expect(toNear).not.toBe(toFar)
    router.stack.addRoute(prefix, { via: near.includes(':') ? '2001:db8:3::254' : '10.3.0.254' })
    expect([router.linkTaken(near), router.linkTaken(far)]).toEqual([3, 2])
  },
)

test.each([
  ['IPv4', remote4(1), '10.2.0.254'],
  ['IPv6', remote6(1), '2001:db8:2::254'],
])('%s: a gateway that the neighbour table has given up is looked for again', (_version, host, gateway) => {
  const router = new Router('ethernet')
  router.addDefault(2)
  expect(router.linkTaken(host)).toBe(2)
  const { neighbours } = router.links[1] as NetworkInterface
  const first = neighbours?.ensure(ip(gateway))
  neighbours?.clear()
  expect(first?.removed).toBe(true)
  const way = router.stack.ways.find(ip(host))
  expect(typeof way === 'number' ? null : way.neighbour).toBe(neighbours?.ensure(ip(gateway)))
})

test.each([
  ['IPv4', (i: number) => `10.1.${i >> 8}.${i & 255}`, '10.2.0.9'],
  ['IPv6', (i: number) => `2001:db8:1::${i.toString(16)}`, '2001:db8:2::9'],
])(
  '%s: sources that somebody makes up push nothing out where they are looked at (RFC 3704)',
  (_version, source, to) => {
    const router = new Router('ip', { reversePath: 'strict' })
    const own = router.stack.routeTo(ip(to), null, null)
    if (typeof own === 'number') throw new TypeError('there is a way to the host')
    const count = router.stack.limits.routes + 100
    for (let i = 2; i < count; i++) expect(router.linkTaken(to, source(i))).toBe(2)
    expect(own.stale).toBe(false)
    expect(
      router.linkTaken(
        to,
        source(3)
          .replace(/^10\.1/, '10.3')
          .replace(/^2001:db8:1/, '2001:db8:3'),
      ),
    ).toBe(0)
  },
)

test.each([
  ['IPv4', remote4(1)],
  ['IPv6', remote6(1)],
])('%s: an address that we are asking for does not go to the gateway (RFC 4862 section 5.4)', (_version, host) => {
  const router = new Router('ethernet')
  router.addDefault(2)
  router.stack.probeAddress(router.links[1] as NetworkInterface, ip(host), 128, () => {})
  expect(router.linkTaken(host)).toBe(0)
})

test.each([0, 1, 2, 3])('of two addresses that differ in word %i only, each has its own way', (word) => {
  const router = new Router()
  router.addDefault(2)
  const words = [0x2003_0000, 5 << 16, 6 << 16, 7 << 16]
  const address = (low: number) => {
    const [a, b, c, d] = words.map((value, at) => (at === word ? value | low : value))
    return new IpAddress(a, b, c, d)
  }
  // The lower half of what the lower 16 bits of the word can be.
  router.stack.addRoute(`${address(0)}/${32 * word + 17}`, { via: '2001:db8:3::254' })
  for (let i = 0; i < 4000; i++) {
    const low = (i * 40_503) & 0xffff
    const way = router.stack.ways.find(address(low))
    expect(typeof way === 'number' ? null : way.interface).toBe(router.links[low < 0x8000 ? 2 : 1])
  }
})
