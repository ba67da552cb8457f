import { expect, test } from 'vitest'
import { ANY_SOURCE } from '../../src/stack/multicast/group-table.ts'
import { GroupHost } from './multicast-host.ts'
import { ScriptDevice, toHex } from './script-device.ts'

const FE80_1 = 'fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01'
const FF02_16 = 'ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 16'
const FF02_2 = 'ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 02'
const GROUP = 'ff 0e 00 00 00 00 00 00 00 00 00 00 00 00 12 34'
const SOURCE = '20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01'
const HOP_BY_HOP = '3a 00 05 02 00 00 01 00'

function packet(length: string, to: string, message: string): string {
  return `60 00 00 00 00 ${length} 00 01 ${FE80_1} ${to} ${HOP_BY_HOP} ${message}`
}

function sent(host: GroupHost): string[] {
  return host.device.take().map(toHex)
}

test('MLDv2: the report of a group joined, octet by octet (RFC 3810 section 5.2)', () => {
  const host = new GroupHost('MLD')
  host.set('ff0e::1234', 'all but 2001:db8::1')
  expect(sent(host)).toEqual([packet('34', FF02_16, `8f 00 2f ff 00 00 00 01 04 00 00 01 ${GROUP} ${SOURCE}`)])
})

test('MLDv1: report and done, octet by octet (RFC 2710 section 3)', () => {
  const host = new GroupHost('MLD')
  host.oldQuery()
  host.set('ff0e::1234', 'all')
  expect(sent(host)).toEqual([packet('20', GROUP, `83 00 5b a5 00 00 00 00 ${GROUP}`)])
  host.set('ff0e::1234', 'none')
  expect(sent(host)).toEqual([packet('20', FF02_2, `84 00 6c e3 00 00 00 00 ${GROUP}`)])
})

test('MLDv1: a query about one group counts as well as one about all (RFC 3810 section 8.2.1)', () => {
  const host = new GroupHost('MLD')
  host.set('g', 'all but a')
  host.timeline(5000)
  host.oldQuery('g', { maxResponseTime: 1000 })
  expect(host.groups.version(6)).toBe(1)
  expect(host.events(20_000)).toEqual(['report g'])
})

test('MLDv1: a query that allows no time is answered at once (RFC 2710 section 4)', () => {
  const host = new GroupHost('MLD')
  host.set('g', 'all')
  host.timeline(5000)
  host.oldQuery('g', { maxResponseTime: 0 })
  expect(host.timeline(20_000)).toEqual([[1, 'report g']])
})

test('on Ethernet a report goes to the hardware address of its group (RFC 2464 section 7)', () => {
  const host = new GroupHost('MLD', {}, new ScriptDevice('ethernet'))
  host.device.take()
  host.set('ff0e::1234', 'all')
  expect(sent(host).some((frame) => frame.startsWith('33 33 00 00 00 16 02 00 00 00 00 01 86 dd'))).toBe(true)
})

test.each(['ff01::1', 'ff01::5', 'ff11::1:2', 'ff02::1'])('nothing is said of %s (RFC 3810 section 6)', (group) => {
  const host = new GroupHost('MLD')
  host.set(group, 'all')
  host.query()
  expect(host.events(20_000)).toEqual([])
  expect(host.groups.isMember(host.address(group))).toBe(true)
})

test.each(['ff02::2', 'ff02::1:ff00:7', 'ff12::1', 'ff05::1:3', 'ff3e::8000:1'])('%s is reported', (group) => {
  const host = new GroupHost('MLD')
  host.set(group, 'all')
  expect(host.took()).toEqual([`TO_EX ${group}()`])
})

test('ff02::1 is heard without being joined (RFC 4291 section 2.8)', () => {
  const host = new GroupHost('MLD')
  expect(host.groups.isMember(host.address('ff02::1'))).toBe(true)
  expect(host.groups.isMember(host.address('ff02::2'))).toBe(false)
})

test.each(['2001:db8::9', '::', 'ff02::9'])('a query from %s is dropped (RFC 3810 section 5.1.14)', (source) => {
  const host = new GroupHost('MLD')
  host.set('g', 'all')
  host.timeline(5000)
  host.query(null, { source })
  host.oldQuery(null, { source })
  expect(host.events(20_000)).toEqual([])
  expect(host.groups.version(6)).toBe(2)
})

test("another host's report that is not from a link-local address suppresses nothing (RFC 2710 section 5)", () => {
  const host = new GroupHost('MLD')
  host.set('g', 'all')
  host.timeline(5000)
  host.oldQuery()
  host.oldReport('g', { source: '2001:db8::9' })
  host.oldReport('g', { source: '::' })
  expect(host.events(20_000)).toEqual(['report g'])
})

test('without an address that can be used reports come from ::, and again once there is one (RFC 3590 section 4)', () => {
  const host = new GroupHost('MLD')
  const device = new ScriptDevice('ip')
  const link = host.stack.attach(device, { address: '2001:db8::7/64', name: 'eth1' })
  for (const own of [...link.addresses]) if (own.address.isLinkLocal) host.stack.removeAddress(link, own)
  device.take()
  link.groups.set(host, host.address('g'), ANY_SOURCE)
  link.groups.set(host, host.address('h'), { include: true, sources: [host.address('a')] })
  host.run(5000)
  const nobody = '00 '.repeat(15).concat('00')
  const sources = device.take().map((bytes) => toHex(bytes.subarray(8, 24)))
  expect(sources).toEqual([nobody, nobody, nobody])
  host.stack.addAddress(link, host.address('fe80::7'), 64)
  host.run(5000)
  const told = device.take()
  expect(told.map((bytes) => toHex(bytes.subarray(8, 24)))).toEqual(new Array(2).fill(FE80_1.replace(/01$/, '07')))
  expect(told.map((bytes) => host.read(bytes))).toEqual(new Array(2).fill('TO_EX g(), ALLOW h(a)'))
  // Another address changes nothing.
  host.stack.addAddress(link, host.address('fe80::8'), 64)
  host.run(5000)
  expect(device.take()).toEqual([])
})

test('while an address is asked for, its group is reported from ::, and from the address once it is ours (RFC 3590 section 4)', () => {
  const host = new GroupHost('MLD')
  const device = new ScriptDevice('ethernet')
  host.stack.attach(device, { address: 'fe80::9/64' })
  host.run(10_000)
  const frames = device.take()
  const reports = frames.filter((frame) => toHex(frame.subarray(0, 6)) === '33 33 00 00 00 16')
  const sources = reports.map((frame) => toHex(frame.subarray(22, 38)))
  const nobody = '00 '.repeat(15).concat('00')
  const ours = FE80_1.replace(/01$/, '09')
  expect(sources).toEqual([nobody, ...sources.slice(1, -2).map(() => nobody), ours, ours])
  for (const frame of reports) expect(host.read(frame.slice(14))).toBe('TO_EX ff02::1:ff00:9()')
  // Before the question itself (RFC 4862 section 5.4.2): switches that look at reports are to let the answer through.
  expect(frames.indexOf(reports[0] as Uint8Array)).toBe(0)
})

test('the same while an MLDv1 querier is there', () => {
  const host = new GroupHost('MLD')
  const link = host.link
  for (const own of [...link.addresses]) host.stack.removeAddress(link, own)
  host.stack.addAddress(link, host.address('2001:db8::7'), 64)
  host.oldQuery('g', { destination: 'ff02::1' })
  host.set('g', 'all')
  host.run(20_000)
  host.took()
  host.stack.addAddress(link, host.address('fe80::7'), 64)
  expect(host.events(20_000)).toEqual(['report g', 'report g'])
})
