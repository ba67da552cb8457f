import { expect, test } from 'vitest'
import { EADDRNOTAVAIL, EINVAL, ENETUNREACH } from '../../src/base/errno.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import type { Route } from '../../src/stack/ip/route.ts'
import type { InterfaceAddress } from '../../src/stack/link/interface-address.ts'
import { Stack } from '../../src/stack/stack.ts'
import { ip } from './one-stack6.ts'
import { ScriptDevice } from './script-device.ts'

/** An address, and what is special about it: "2001:db8::1 deprecated", "2001:db8::2 temporary". Prefixes are of 64 bits. */
function host(candidates: readonly string[], others: readonly string[] = []): Stack {
  const clock = new ManualClock(5000)
  const stack = new Stack({ clock, random: new SeededRandom(1) })
  const give = (name: string, texts: readonly string[]) => {
    const address = texts.map((text) => `${text.split(' ')[0]}/64`)
    const link = stack.attach(new ScriptDevice('ip'), { name, address })
    for (const text of texts) {
      const [address = '', ...marks] = text.split(' ')
      const own = link.addresses.find((one) => one.address.equals(ip(address))) as InterfaceAddress
      own.deprecated = marks.includes('deprecated')
      own.temporary = marks.includes('temporary')
    }
  }
  give('eth0', candidates)
  if (others.length > 0) give('eth1', others)
  stack.addRoute('::/0', { interface: 'eth0' })
  clock.advanceTo(9000)
  clock.settle()
  return stack
}

function chosen(stack: Stack, destination: string): string {
  const route = stack.routeTo(ip(destination), null, stack.interfaceNamed('eth0'))
  return typeof route === 'number' ? String(route) : String(route.source)
}

// The first eight are RFC 6724 section 10.1's own.
test.each([
  ['2001:db8:1::1', ['2001:db8:3::1', 'fe80::1'], '2001:db8:3::1', 'rule 2: appropriate scope'],
  ['ff05::1', ['2001:db8:3::1', 'fe80::1'], '2001:db8:3::1', 'rule 2: appropriate scope'],
  ['2001:db8:1::1', ['2001:db8:2::1', '2001:db8:1::7'], '2001:db8:1::7', 'rule 8: longest matching prefix'],
  ['fe80::9', ['2001:db8:1::1', 'fe80::2 deprecated'], 'fe80::2', 'rule 2 comes before rule 3'],
  ['2001:db8:1::1', ['2001:db8:3::2', '2001:db8:1::2'], '2001:db8:1::2', 'rule 8: longest matching prefix'],
  ['2002:c633:6401::1', ['2001:db8:1::2', '2002:c633:6401::d5e3 temporary'], '2002:c633:6401::d5e3', 'rule 6: label'],
  [
    '2001:db8:1::d5e3:0:0:1',
    ['2001:db8:1::2', '2001:db8:1::d5e3:7953:13eb:22e8 temporary'],
    '2001:db8:1:0:d5e3:7953:13eb:22e8',
    'rule 7',
  ],
  ['2001:db8:1::1', ['2001:db8:1::2 deprecated', '2001:db8:3::2'], '2001:db8:3::2', 'rule 3: not a deprecated one'],
  ['2001:db8:1::1', ['2001:db8:1::2 deprecated'], '2001:db8:1::2', 'rule 3: unless there is no other'],
  ['2001:db8:1::1', ['fe80::1'], 'fe80::1', 'nothing better'],
  ['ff02::1', ['2001:db8:3::1', 'fe80::1'], 'fe80::1', 'rule 2: no wider than it must be'],
  ['fd00::5', ['2001:db8:1::1', 'fd00:1::1'], 'fd00:1::1', 'rule 6: local addresses among themselves'],
  ['2001:db8:1::1', ['fd00:1::1', '2001:db8:9::1'], '2001:db8:9::1', 'rule 6: label of the destination'],
])('source for %s of %j: %s (RFC 6724 section 5, %s)', (destination, candidates, expected) => {
  const order = [candidates, [...candidates].reverse()]
  for (const texts of order) expect(chosen(host(texts), destination)).toBe(String(ip(expected)))
})

test('source: another interface gives its address where the outgoing one has none of the scope, but never a link-local one', () => {
  expect(chosen(host(['fe80::1'], ['2001:db8:5::1']), '2001:db8:1::1')).toBe('2001:db8:5::1')
  // Rule 5: the outgoing interface, although the other's prefix matches longer.
  expect(chosen(host(['2001:db8:7::1'], ['2001:db8:1::9']), '2001:db8:1:1::1')).toBe('2001:db8:7::1')
  expect(chosen(host(['2001:db8:7::1'], ['fe80::77']), 'fe80::5')).not.toBe('fe80::77')
})

test('source: an address that is still being asked for is not used (RFC 4862 section 5.4)', () => {
  const clock = new ManualClock(5000)
  const stack = new Stack({ clock, random: new SeededRandom(1) })
  stack.attach(new ScriptDevice('ethernet'), { name: 'eth0', address: '2001:db8::1/64' })
  expect(stack.isOwnAddress(ip('2001:db8::1'))).toBe(false)
  clock.advanceTo(9000)
  clock.settle()
  expect(stack.isOwnAddress(ip('2001:db8::1'))).toBe(true)
  expect(chosen(stack, '2001:db8::2')).toBe('2001:db8::1')
})

const two = () => host(['2001:db8:1::1', 'fe80::1'], ['2001:db8:2::1', 'fe80::2'])
const route = (stack: Stack, destination: string, source: string | null = null, out: string | null = null) =>
  stack.routeTo(ip(destination), source === null ? null : ip(source), out === null ? null : stack.interfaceNamed(out))

test('routing: a prefix is on its link, the rest goes by ::/0; an IPv4 address never does', () => {
  const stack = two()
  expect((route(stack, '2001:db8:2::5') as Route).interface.name).toBe('eth1')
  expect((route(stack, '2001:db8:9::5') as Route).interface.name).toBe('eth0')
  expect(route(stack, '192.0.2.1')).toBe(-ENETUNREACH)
})

test('routing: fe80::/10 is on every link: which, the caller says, or his source (RFC 4007 section 6)', () => {
  const stack = two()
  expect(route(stack, 'fe80::9')).toBe(-EINVAL)
  expect((route(stack, 'fe80::9', null, 'eth1') as Route).interface.name).toBe('eth1')
  expect(String((route(stack, 'fe80::9', null, 'eth1') as Route).source)).toBe('fe80::2')
  expect((route(stack, 'fe80::9', 'fe80::1') as Route).interface.name).toBe('eth0')
  expect((route(host(['fe80::1']), 'fe80::9') as Route).interface.name).toBe('eth0')
  expect(route(new Stack({ clock: new ManualClock(), random: new SeededRandom(1) }), 'fe80::9')).toBe(-ENETUNREACH)
})

test('routing: sources that are not ours, or of the other family, are refused', () => {
  const stack = two()
  expect(route(stack, '2001:db8:9::5', '2001:db8:1::2')).toBe(-EADDRNOTAVAIL)
  expect(route(stack, '2001:db8:9::5', '127.0.0.1')).toBe(-EINVAL)
  expect(route(stack, '2001:db8:9::5', '::1')).toBe(-EINVAL)
  expect(route(stack, '2001:db8:9::5', 'ff02::1')).toBe(-EINVAL)
})

test('routing: ourselves, and "::", by the loopback', () => {
  const stack = two()
  for (const [destination, source] of [
    ['::1', '::1'],
    ['::', '::1'],
    ['2001:db8:2::1', '2001:db8:2::1'],
  ] as const) {
    const found = route(stack, destination) as Route
    expect([found.interface.name, String(found.source)]).toEqual(['lo', source])
  }
})

test('routing: an address that is taken away takes its routes with it', () => {
  const stack = two()
  const link = stack.interfaceNamed('eth1')
  const own = link?.addresses.find((one) => String(one.address) === '2001:db8:2::1') as InterfaceAddress
  stack.removeAddress(link as NonNullable<typeof link>, own)
  expect((route(stack, '2001:db8:2::5') as Route).interface.name).toBe('eth0')
  expect(stack.isOwnAddress(ip('2001:db8:2::1'))).toBe(false)
})

test('routing: "default" is of the family of its gateway', () => {
  const stack = two()
  const entry = stack.addRoute('default', { via: '2001:db8:2::fe' })
  expect([entry.length, entry.prefix.isV4]).toEqual([0, false])
  expect(stack.addRoute('default', { via: 'fe80::fe', interface: 'eth1' }).gateway?.toString()).toBe('fe80::fe')
})

test('routing: a gateway can be named while our address is still being asked for', () => {
  const clock = new ManualClock(5000)
  const stack = new Stack({ clock, random: new SeededRandom(1) })
  const link = stack.attach(new ScriptDevice('ethernet'), { address: '2001:db8::1/64' })
  expect(stack.addRoute('default', { via: '2001:db8::fe' }).interface).toBe(link)
  clock.advanceTo(9000)
  clock.settle()
  expect(
    stack.routes.entries.filter(({ prefix }) => !prefix.isV4 && !prefix.isLinkLocal && !prefix.isLoopback),
  ).toHaveLength(2)
})

test('routing: the network of an address is entered without the part that names the host', () => {
  const stack = new Stack({ clock: new ManualClock(5000), random: new SeededRandom(1) })
  const link = stack.attach(new ScriptDevice('ip'), {
    address: ['2001:db8:1:2:3::4/64', '192.0.2.77/26', 'fe80::9/10'],
  })
  const networks = stack.routes.entries.filter((entry) => entry.interface === link)
  expect(networks.map(({ prefix, length }) => `${prefix}/${length}`)).toEqual([
    '192.0.2.64/122',
    '2001:db8:1:2::/64',
    'fe80::/10',
  ])
})

test('the loopback has its two addresses and no other', () => {
  const { loopback } = new Stack({ clock: new ManualClock(5000), random: new SeededRandom(1) })
  expect(loopback.addresses.map(({ address }) => String(address))).toEqual(['127.0.0.1', '::1'])
})
