import { expect, test } from 'vitest'
import { IpAddress } from '../../src/base/ip-address.ts'
import { ANY_SOURCE } from '../../src/stack/multicast/group-table.ts'
import { GroupHost } from './multicast-host.ts'
import { hex, ScriptDevice, toHex } from './script-device.ts'

/** Version 4, 24 octets of header, internetwork control; the identification is any; TTL 1, IGMP; from 192.0.2.1. */
function packet(length: string, to: string, message: string): RegExp {
  const header = `46 c0 00 ${length} .. .. 40 00 01 02 .. .. c0 00 02 01 ${to} 94 04 00 00`
  return new RegExp(`^${header} ${message}$`)
}

const TO_ROUTERS = 'e0 00 00 16'

function host(...filter: [string, string][]): GroupHost {
  const made = new GroupHost('IGMP')
  for (const [group, text] of filter) made.set(group, text)
  return made
}

function sent(from: GroupHost): string[] {
  return from.device.take().map(toHex)
}

test('IGMPv3: the report of a group joined, octet by octet (RFC 3376 section 4.2)', () => {
  const one = host(['239.1.2.3', 'all but 198.51.100.1 198.51.100.2'])
  expect(sent(one)).toEqual([
    expect.stringMatching(
      packet('30', TO_ROUTERS, '22 00 94 8c 00 00 00 01 04 00 00 02 ef 01 02 03 c6 33 64 01 c6 33 64 02'),
    ),
  ])
})

test('IGMPv3: on Ethernet a report goes to the hardware address of 224.0.0.22 (RFC 1112 section 6.4)', () => {
  const one = new GroupHost('IGMP', {}, new ScriptDevice('ethernet'))
  one.set('239.1.2.3', 'all')
  expect(sent(one)[0]).toMatch(/^01 00 5e 00 00 16 02 00 00 00 00 01 08 00 46 c0 /)
})

test('IGMPv3: a host that has no address reports from 0.0.0.0 (RFC 3376 section 4.2.13)', () => {
  const one = new GroupHost('IGMP')
  const device = new ScriptDevice('ip')
  const link = one.stack.attach(device)
  link.groups.set(one, one.address('g'), ANY_SOURCE)
  expect(toHex(device.take()[0] as Uint8Array)).toMatch(/^46 c0 00 28 .. .. 40 00 01 02 .. .. 00 00 00 00 e0 00 00 16/)
})

test('IGMPv3: groups of the link itself are reported, for switches that look at reports (RFC 4541 section 2.1.2)', () => {
  expect(host(['224.0.0.251', 'all']).took()).toEqual(['TO_EX 224.0.0.251()'])
})

test('IGMPv2: report and leave, octet by octet (RFC 2236 section 2)', () => {
  const one = new GroupHost('IGMP')
  one.oldQuery()
  one.set('239.1.2.3', 'all')
  expect(sent(one)).toEqual([expect.stringMatching(packet('20', 'ef 01 02 03', '16 00 f8 fa ef 01 02 03'))])
  one.set('239.1.2.3', 'none')
  expect(sent(one)).toEqual([expect.stringMatching(packet('20', 'e0 00 00 02', '17 00 f7 fa ef 01 02 03'))])
})

test('IGMPv1: the report octet by octet, and no word of leaving (RFC 1112 appendix I)', () => {
  const one = new GroupHost('IGMP')
  one.igmp(hex('11 00 00 00 00 00 00 00'), '224.0.0.1', { routerAlert: false })
  expect(one.groups.version(4)).toBe(1)
  one.set('239.1.2.3', 'all')
  expect(sent(one)).toEqual([expect.stringMatching(packet('20', 'ef 01 02 03', '12 00 fc fa ef 01 02 03'))])
  expect(one.events(20_000)).toEqual(['old report 239.1.2.3'])
  one.set('239.1.2.3', 'none')
  expect(one.events(20_000)).toEqual([])
})

test('IGMPv1: a query is answered within ten seconds (RFC 3376 section 7.2.1)', () => {
  const one = host(['g', 'all'])
  one.timeline(5000)
  const waits: number[] = []
  for (let i = 0; i < 100; i++) {
    one.igmp(hex('11 00 00 00 00 00 00 00'), '224.0.0.1', { routerAlert: false })
    for (const [at] of one.timeline(20_000)) waits.push(at)
  }
  expect(waits.length).toBe(100)
  expect(Math.max(...waits)).toBeGreaterThan(9000)
  expect(Math.max(...waits)).toBeLessThanOrEqual(10_000)
})

test('IGMPv1 goes before IGMPv2, and each is spoken until its querier has been silent for long (RFC 3376 section 7.2.1)', () => {
  const one = host(['g', 'all'])
  const version = () => one.groups.version(4)
  one.timeline(5000)
  one.igmp(hex('11 00 00 00 00 00 00 00'), '224.0.0.1', { routerAlert: false })
  one.run(100_000)
  one.oldQuery()
  expect(version()).toBe(1)
  one.run(159_999)
  expect(version()).toBe(1)
  one.run(1)
  expect(version()).toBe(2)
  one.run(99_999)
  expect(version()).toBe(2)
  one.run(1)
  expect(version()).toBe(3)
})

test('IGMPv2: a query about one group is answered in the version that is spoken, which it does not change (RFC 3376 section 7.2.1)', () => {
  const one = host(['g', 'all but a'])
  one.timeline(5000)
  one.oldQuery('g', { maxResponseTime: 1000 })
  expect(one.groups.version(4)).toBe(3)
  expect(one.events(20_000)).toEqual(['IS_EX g(a)'])
  expect(one.stack.time.count).toBe(0)
})

test('IGMPv2: the longest time to answer is 25.5 seconds, not a floating point number (RFC 3376 section 7.2.1)', () => {
  const one = host(['g', 'all'])
  one.timeline(5000)
  const waits: number[] = []
  for (let i = 0; i < 100; i++) {
    one.igmp(hex('11 ff 00 00 00 00 00 00'), '224.0.0.1')
    for (const [at] of one.timeline(30_000)) waits.push(at)
  }
  expect(waits.length).toBe(100)
  expect(Math.max(...waits)).toBeGreaterThan(24_000)
  expect(Math.max(...waits)).toBeLessThanOrEqual(25_500)
})

test('IGMPv1: a report of version 1 is heard as well (RFC 2236 section 5)', () => {
  const one = host(['239.1.2.3', 'all'])
  one.timeline(5000)
  one.oldQuery()
  one.igmp(hex('12 00 00 00 ef 01 02 03'), '239.1.2.3', { routerAlert: false })
  expect(one.events(20_000)).toEqual([])
})

test('a report from another network than ours suppresses nothing; one from 0.0.0.0 does (RFC 3376 section 9.2)', () => {
  const one = host(['239.1.2.3', 'all'])
  one.timeline(5000)
  one.oldQuery()
  one.oldReport('239.1.2.3', { source: '198.51.100.77' })
  expect(one.events(20_000)).toEqual(['report 239.1.2.3'])
  expect(one.stack.counters.igmpInErrors).toBe(1)
})

test('a query from 0.0.0.0, as switches without an address send it, is answered', () => {
  const one = host(['g', 'all'])
  one.timeline(5000)
  one.query(null, { source: '0.0.0.0' })
  expect(one.events(20_000)).toEqual(['IS_EX g()'])
})

test.each([
  ['shorter than 8 octets', '11 64 00 00 00 00 00'],
  ['a query of 10 octets', '11 64 00 00 00 00 00 00 02 7d'],
  ['a query with fewer sources than it says', '11 64 00 00 ef 01 02 03 02 7d 00 02 c6 33 64 01'],
  ['a type that is none', '42 00 00 00 00 00 00 00 00 00 00 00'],
  ['nothing', ''],
])('%s is counted and dropped (RFC 3376 sections 4 and 7.1)', (_title, message) => {
  const one = host(['239.1.2.3', 'all'])
  one.timeline(5000)
  one.igmp(hex(message), '224.0.0.1')
  expect(one.events(20_000)).toEqual([])
  expect(one.stack.counters.igmpReceived).toBe(1)
  expect(one.stack.counters.igmpInErrors).toBe(1)
})

test('reports of other hosts that are none of our business are no errors', () => {
  const one = host(['239.1.2.3', 'all'])
  one.igmp(hex('22 00 00 00 00 00 00 01 04 00 00 00 ef 01 02 03'), '239.1.2.3')
  one.igmp(hex('17 00 00 00 ef 01 02 03'), '239.1.2.3')
  expect(one.stack.counters.igmpInErrors).toBe(0)
  expect(one.events(5000).length).toBe(2)
})

test('all that is sent and received is counted', () => {
  const one = host(['g', 'all'])
  one.query()
  one.run(20_000)
  expect(one.stack.counters.igmpSent).toBe(3)
  expect(one.stack.counters.igmpReceived).toBe(1)
})

test('an owner that is the interface, or an address of it, is not bounded as a socket is', () => {
  const one = new GroupHost('IGMP', { limits: { groupsPerSocket: 1, groups: 2 } })
  const { groups, link } = one
  const { addresses } = link
  for (const owner of [one.link, addresses[0] as object]) {
    for (let i = 1; i < 5; i++) expect(groups.set(owner, IpAddress.v4(0xef020000 + i), ANY_SOURCE)).toBe(0)
  }
})
