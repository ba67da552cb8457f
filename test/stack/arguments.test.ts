import { expect, test } from 'vitest'
import { AF_INET, SOCK_DGRAM } from '../../src/base/constants.ts'
import { ENETDOWN } from '../../src/base/errno.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { Cable } from '../../src/device/cable.ts'
import { Stack as PlatformStack } from '../../src/platform/stack.ts'
import { netstat } from '../../src/stack/netstat.ts'
import { Stack } from '../../src/stack/stack.ts'
import { ScriptDevice } from './script-device.ts'

const wrong = <T>(value: unknown) => value as T
const clock = new ManualClock()
const random = new SeededRandom(1)

test.each<[string, unknown, string]>([
  ['no object', 5, 'options must be an object, got 5'],
  ['a key', { clok: clock }, "options has no 'clok': there are clock, random, name, privileged, forwarding"],
  ['clock', { clock: 5 }, 'options.clock must be a Clock, got 5'],
  ['random', { random: 5 }, 'options.random must be a Random, got 5'],
  ['name', { name: 5 }, 'options.name must be a string, got 5'],
  ['privileged', { privileged: 'no' }, 'options.privileged must be true or false, got "no"'],
  ['a limit', { limits: { descriptors: -1 } }, 'options.limits.descriptors must be an integer from 1'],
  [
    'a limit that there is not',
    { limits: { fds: 1 } },
    "options.limits has no 'fds': there are descriptors, neighbours",
  ],
  ['TCP', { tcp: { sack: 1 } }, 'options.tcp.sack must be true or false, got 1'],
  ['a time of TCP', { tcp: { timeWait: '1s' } }, 'options.tcp.timeWait must be an integer, got "1s"'],
  [
    'a congestion control that there is not',
    { tcp: { congestionControl: 'vegas' } },
    "options.tcp.congestionControl must be 'cubic' or 'reno', got \"vegas\"",
  ],
  ['a choice that TCP has not', { tcp: { nagle: true } }, "options.tcp has no 'nagle'"],
])('Stack: wrong options are named: %s', (_what, options, message) => {
  const all = typeof options === 'object' ? { clock, random, ...options } : options
  expect(() => new Stack(wrong(all))).toThrow(message)
  expect(() => new PlatformStack(wrong(options))).toThrow(message)
})

test('Stack: an option that is given as undefined is left out', () => {
  const stack = new PlatformStack(wrong({ clock: undefined, random: undefined, name: undefined, limits: undefined }))
  expect(stack.name).toBe('userspace')
  stack.close()
})

test.each<[string, string, string]>([
  ['no prefix', '192.0.2.1', 'address must have a prefix length, as 192.0.2.1/24 has, got "192.0.2.1"'],
  ['default', 'default', 'address must have a prefix length'],
  ['a name', 'host/24', 'address must be an address with a prefix length, as 192.0.2.1/24 has, got "host/24"'],
  ['a prefix too long', '192.0.2.1/33', 'address must have a prefix length from 0 to 32, got "192.0.2.1/33"'],
  ['the loopback of IPv6', '::1/128', 'got "::1/128": ::1 never leaves a host'],
  ['a group of IPv6', 'ff02::1/16', 'got "ff02::1/16": ff00::/8 are groups'],
  ['the loopback', '127.0.0.1/8', 'got "127.0.0.1/8": 127.0.0.0/8 never leaves a host'],
  ['a group', '224.0.0.1/4', 'got "224.0.0.1/4": 224.0.0.0/4 are groups'],
  ['no address', '0.0.0.0/0', 'got "0.0.0.0/0": 0.0.0.0/8 is for hosts'],
  ['this network', '0.1.2.3/8', 'got "0.1.2.3/8": 0.0.0.0/8 is for hosts'],
  ['all', '255.255.255.255/32', 'got "255.255.255.255/32": it is the broadcast address'],
  ['a network', '10.0.0.0/24', 'got "10.0.0.0/24": it is the network itself'],
  ['its broadcast address', '10.0.0.255/24', 'got "10.0.0.255/24": it is the broadcast address of its network'],
])('attach: an address that no host on a link can have: %s', (_what, address, message) => {
  const stack = new Stack({ clock, random })
  const device = new ScriptDevice('ip')
  expect(() => stack.attach(device, { address: ['192.0.2.9/24', address] })).toThrow(message)
  expect(stack.interfaces.length).toBe(1)
})

test.each([
  '10.0.0.1/24',
  '10.0.0.0/31',
  '10.0.0.1/31',
  '10.0.0.255/32',
  '10.0.0.255/16',
  '240.0.0.1/24',
  '10.0.0.1/0',
])('attach: %s is one that a host can have (RFC 3021 for /31)', (address) => {
  const stack = new Stack({ clock, random })
  expect(stack.attach(new ScriptDevice('ip'), { address }).name).toBe('script')
})

test('attach, addRoute: wrong arguments are named', () => {
  const stack = new Stack({ clock, random })
  const other = new Stack({ clock, random })
  const device = new ScriptDevice('ip')
  expect(() => stack.attach(wrong(undefined))).toThrow('device must be a Device, got undefined')
  expect(() => stack.attach(wrong({}))).toThrow('device must be a Device, got an object of class Object')
  expect(() => stack.attach(device, wrong('10.0.0.1/24'))).toThrow('options must be an object, got "10.0.0.1/24"')
  expect(() => stack.attach(device, wrong({ addres: '10.0.0.1/24' }))).toThrow(
    "options has no 'addres': there are address, name, ipv6",
  )
  expect(() => stack.attach(device, { address: wrong(5) })).toThrow(
    'address must be a string or an array of strings, got 5',
  )
  expect(() => stack.attach(device, { address: wrong([5]) })).toThrow('address must be an address with a prefix length')
  expect(() => stack.attach(device, { name: '' })).toThrow('options.name must not be empty')
  expect(stack.interfaces.length).toBe(1)
  expect(() => stack.addRoute(wrong(5))).toThrow('prefix must be an address with a prefix length')
  expect(() => stack.addRoute('2001:db8::/129', { interface: 'lo' })).toThrow(
    'prefix must have a prefix length from 0 to 128, got "2001:db8::/129"',
  )
  expect(() => stack.addRoute('2001:db8::/32', { via: '10.0.0.2' })).toThrow(
    'via must be an address of the family of 2001:db8::/32, got 10.0.0.2',
  )
  expect(() => stack.addRoute('default', wrong({ gateway: '10.0.0.1' }))).toThrow("options has no 'gateway'")
  expect(() => stack.addRoute('default', { interface: 'lo', metric: -1 })).toThrow('metric must be an integer from 0')
  expect(() => stack.addRoute('default', { interface: other.loopback })).toThrow('interface must be one of this stack')
  expect(() => stack.addRoute('default', { via: '::1' })).toThrow(RangeError)
  expect(() => stack.attach(device, { ipv6: wrong('maybe') })).toThrow("ipv6 must be 'none', 'static' or 'auto'")
  expect(() => stack.attach(device, { ipv6: 'none', address: '2001:db8::1/64' })).toThrow("ipv6 must not be 'none'")
  expect(() => stack.attach(device, { reversePath: wrong('on') })).toThrow("reversePath must be 'off', 'loose' or")
})

test('attach: a device whose frames have addresses must have one, and carry what every link does (RFC 791 section 3.2)', () => {
  const stack = new Stack({ clock, random })
  class Nameless extends ScriptDevice {
    override readonly hardwareAddress = null
  }
  expect(() => stack.attach(new Nameless('ethernet'))).toThrow(
    new TypeError("device must have a hardwareAddress, since its medium is 'ethernet', got null"),
  )
  expect(() => stack.attach(new ScriptDevice('ip', 67))).toThrow(RangeError)
  expect(() => stack.attach(new ScriptDevice('ip', 1279), { ipv6: 'static' })).toThrow(RangeError)
  expect(stack.interfaces.length).toBe(1)
  expect(stack.attach(new Nameless('ip', 68)).mtu).toBe(68)
})

test('attach: a device that another stack has is refused', () => {
  const [first, second] = [new Stack({ clock, random }), new Stack({ clock, random })]
  const { left } = new Cable()
  first.attach(left, { address: '10.0.0.1/24' })
  expect(() => second.attach(left, { address: '10.0.0.2/24' })).toThrow('device must not be attached to anything yet')
  expect(second.interfaces.length).toBe(1)
})

test('a closed stack refuses sockets, devices and routes', () => {
  const stack = new Stack({ clock, random })
  stack.close()
  expect(stack.socket(AF_INET, SOCK_DGRAM, 0)).toBe(-ENETDOWN)
  expect(() => stack.attach(new ScriptDevice('ip'))).toThrow('attach: the stack is closed')
  expect(() => stack.addRoute('default', { interface: 'lo' })).toThrow('addRoute: the stack is closed')
})

test('netstat of what is no stack is refused', () => {
  expect(() => netstat(wrong({}))).toThrow('stack must be a Stack, got an object of class Object')
})
