import { expect, test } from 'vitest'
import {
  NEIGHBOUR_DELAY,
  NEIGHBOUR_FAILED,
  NEIGHBOUR_INCOMPLETE,
  NEIGHBOUR_PROBE,
  NEIGHBOUR_REACHABLE,
  NEIGHBOUR_STALE,
} from '../../src/stack/link/neighbour.ts'
import type { IcmpReport } from '../../src/stack/transport/transport.ts'
import {
  advertisement,
  frame,
  framed,
  HER,
  HERS,
  mtuIs,
  NdHost,
  OTHER,
  OURS,
  routerAdvertisement,
  solicitation,
  sourceIs,
  targetIs,
} from './nd-host.ts'
import { hex } from './script-device.ts'

const ASKING = `NS ${HERS} source 01 | ${OURS} > ff02::1:ff00:2 | 33:33:ff:00:00:02`
const PROBING = `NS ${HERS} source 01 | fe80::1 > ${HERS} | 02:00:00:00:00:02`
const PACKET = `UDP | ${OURS} > ${HERS} | 02:00:00:00:00:02`
const ANSWER = advertisement(HERS, 'SO', targetIs(HER))

/** Makes 2001:db8::2 known and reachable. */
function met(host = new NdHost()): NdHost {
  host.send()
  host.deliver(ANSWER)
  host.took()
  return host
}

/** Makes it known, but not heard of for so long that it is asked at its next use. */
function stale(): NdHost {
  const host = met()
  host.run(45_000)
  host.send()
  host.took()
  return host
}

test('INCOMPLETE: the first packet draws a solicitation to the group of the target; the answer lets it go (RFC 4861 7.2.2)', () => {
  const host = new NdHost()
  expect(host.send()).toBe(0)
  expect(host.took()).toEqual([ASKING])
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_INCOMPLETE)
  host.deliver(ANSWER)
  expect(host.took()).toEqual([PACKET])
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_REACHABLE)
})

test('INCOMPLETE: three solicitations a second apart, then the packet is unreachable (RFC 4861 7.2.2, 7.3.3)', () => {
  const host = new NdHost()
  const reports: string[] = []
  host.stack.udp.error = (report: IcmpReport) => {
    reports.push(`${report.errno} ${report.source} ${report.destination} ${report.protocol} ${report.hard}`)
  }
  host.send()
  host.run(2999)
  expect(host.took()).toEqual([ASKING, ASKING, ASKING])
  expect(reports).toEqual([])
  host.run(1)
  expect(reports).toEqual([`113 ${OURS} ${HERS} 17 false`])
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_FAILED)
  expect(host.stack.counters.neighbourFailures).toBe(1)
})

test('INCOMPLETE: an advertisement without a hardware address is ignored (RFC 4861 7.2.5)', () => {
  const host = new NdHost()
  host.send()
  host.took()
  host.deliver(advertisement(HERS, 'SO'))
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_INCOMPLETE)
  expect(host.took()).toEqual([])
})

test('INCOMPLETE: one that nobody asked for makes it STALE, and lets the packet go (RFC 4861 7.2.5)', () => {
  const host = new NdHost()
  host.send()
  host.took()
  host.deliver(advertisement(HERS, 'R', targetIs(HER)), { destination: 'ff02::1' })
  expect(host.took()).toEqual([PACKET])
  expect(host.neighbour(HERS)?.isRouter).toBe(true)
  // The packet that waited was no use of it: the next is.
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_STALE)
})

test('an advertisement about a node that nobody asked for adds nobody (RFC 4861 7.2.5)', () => {
  const host = new NdHost()
  host.deliver(ANSWER)
  expect(host.link.neighbours?.size).toBe(0)
})

test('REACHABLE: another hardware address without Override makes it STALE and changes nothing else (RFC 4861 7.2.5 I)', () => {
  const host = met()
  host.deliver(advertisement(HERS, 'SR', targetIs(OTHER)))
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_STALE)
  expect(host.neighbour(HERS)?.hardwareLow).toBe(2)
  expect(host.neighbour(HERS)?.isRouter).toBe(false)
  // And in any other state it is ignored.
  host.deliver(advertisement(HERS, 'S', targetIs(OTHER)))
  expect(host.neighbour(HERS)?.hardwareLow).toBe(2)
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_STALE)
})

test.each([
  ['solicited, with Override', 'SO', OTHER, NEIGHBOUR_REACHABLE, 3],
  ['unsolicited, with Override', 'O', OTHER, NEIGHBOUR_STALE, 3],
  ['solicited, of the same address', 'S', HER, NEIGHBOUR_REACHABLE, 2],
  ['unsolicited, of the same address', '', HER, NEIGHBOUR_REACHABLE, 2],
  ['solicited, without an address', 'S', null, NEIGHBOUR_REACHABLE, 2],
])('REACHABLE: an advertisement %s (RFC 4861 7.2.5 II)', (_what, flags, hardware, state, low) => {
  const host = met()
  host.deliver(advertisement(HERS, flags, ...(hardware === null ? [] : [targetIs(hardware)])))
  expect(host.neighbour(HERS)?.state).toBe(state)
  expect(host.neighbour(HERS)?.hardwareLow).toBe(low)
})

test('STALE: use starts a wait of 5 s for a sign of life, then three unicast solicitations (RFC 4861 7.3.3)', () => {
  const host = met()
  host.run(45_000)
  host.send()
  expect(host.took()).toEqual([PACKET])
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_DELAY)
  host.run(4999)
  expect(host.took()).toEqual([])
  host.run(1)
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_PROBE)
  expect(host.took()).toEqual([PROBING])
  host.run(2000)
  expect(host.took()).toEqual([PROBING, PROBING])
  host.send()
  expect(host.took()).toEqual([PACKET])
  host.run(1000)
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_FAILED)
  host.send()
  expect(host.took()).toEqual([ASKING])
})

test('PROBE: a solicited answer without a hardware address is proof enough (RFC 4861 7.2.5 II)', () => {
  const host = stale()
  host.run(5000)
  host.took()
  host.deliver(advertisement(HERS, 'S'))
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_REACHABLE)
  host.run(10_000)
  expect(host.took()).toEqual([])
  expect(host.stack.time.count).toBe(0)
})

test('PROBE: an unsolicited one is no proof (RFC 4861 7.2.5 II)', () => {
  const host = stale()
  host.run(5000)
  host.deliver(advertisement(HERS, '', targetIs(HER)), { destination: 'ff02::1' })
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_PROBE)
})

test('DELAY: a sign of life from above saves the question (RFC 4861 7.3.1)', () => {
  const host = stale()
  host.neighbour(HERS)?.confirm()
  host.run(10_000)
  expect(host.took()).toEqual([])
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_REACHABLE)
})

test('reachable time and retransmission timer are those that a router has advertised (RFC 4861 6.3.4)', () => {
  const host = new NdHost({ ipv6: 'auto', temporaryAddresses: false })
  host.fromRouter(routerAdvertisement({ lifetime: 0, reachableTime: 100_000, retransmitTime: 250 }))
  host.took()
  host.send()
  host.run(749)
  expect(host.took().filter((words) => words.startsWith('NS'))).toEqual([ASKING, ASKING, ASKING])
  host.run(1)
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_FAILED)
  host.run(250)
  met(host)
  host.run(49_999)
  host.send()
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_REACHABLE)
  host.run(100_000)
  host.send()
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_DELAY)
})

test('a solicitation for us is answered, and makes us know who asks, as STALE (RFC 4861 7.2.3, 7.2.4)', () => {
  const host = new NdHost()
  host.deliver(solicitation(OURS, sourceIs(HER)), { destination: 'ff02::1:ff00:1' })
  expect(host.took()).toEqual([`NA ${OURS} SO target 01 | ${OURS} > ${HERS} | 02:00:00:00:00:02`])
  // It has been used, by the answer.
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_DELAY)
})

test('a solicitation by unicast without a hardware address: the answer waits for that (RFC 4861 7.2.4)', () => {
  const host = new NdHost()
  host.deliver(solicitation(OURS))
  expect(host.took()).toEqual([ASKING])
  host.deliver(ANSWER)
  expect(host.took()).toEqual([`NA ${OURS} SO target 01 | ${OURS} > ${HERS} | 02:00:00:00:00:02`])
})

test('a solicitation for our link-local address is answered from that', () => {
  const host = new NdHost()
  host.deliver(solicitation('fe80::1', sourceIs(HER)), { source: 'fe80::2', destination: 'ff02::1:ff00:1' })
  expect(host.took()).toEqual(['NA fe80::1 SO target 01 | fe80::1 > fe80::2 | 02:00:00:00:00:02'])
})

test('a solicitation for another is neither answered nor remembered (RFC 4861 7.2.3)', () => {
  const host = new NdHost()
  host.deliver(solicitation('2001:db8::3', sourceIs(HER)))
  expect(host.took()).toEqual([])
  expect(host.link.neighbours?.size).toBe(0)
})

test('who names another hardware address than we know is STALE with that, who names the same stays (RFC 4861 7.2.3)', () => {
  const host = met()
  host.deliver(solicitation(OURS, sourceIs(HER)))
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_REACHABLE)
  host.deliver(solicitation(OURS, sourceIs(OTHER)))
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_DELAY)
  expect(host.neighbour(HERS)?.hardwareLow).toBe(3)
})

test('a solicitation of the node that we ask for lets our packet go (RFC 4861 7.2.3)', () => {
  const host = new NdHost()
  host.send()
  host.took()
  host.deliver(solicitation(OURS, sourceIs(HER)))
  expect(host.took()[0]).toBe(PACKET)
})

test('a router says so in its advertisements (RFC 4861 7.2.4)', () => {
  const host = new NdHost({}, { forwarding: true })
  host.deliver(solicitation(OURS, sourceIs(HER)))
  expect(host.took()).toEqual([`NA ${OURS} RSO target 01 | ${OURS} > ${HERS} | 02:00:00:00:00:02`])
})

test('another node that says it has our address is counted, and we go on (RFC 4862 5.4.4)', () => {
  const host = new NdHost()
  host.deliver(advertisement(OURS, 'O', targetIs(OTHER)), {
    source: OURS.replace('::1', '::9'),
    destination: 'ff02::1',
  })
  expect(host.stack.counters.ndConflicts).toBe(1)
  expect(host.addresses()).toContain(OURS)
})

const VALID = solicitation(OURS, sourceIs(HER))

test.each([
  ['a hop limit of 254', VALID, { hopLimit: 254 }],
  ['code 1', VALID, { code: 1 }],
  ['only 23 octets', VALID.slice(0, 23), {}],
  ['an option of length 0', Uint8Array.of(...VALID.slice(0, 25), 0, ...VALID.slice(26)), {}],
  ['an option that is cut off', VALID.slice(0, 31), {}],
  ['a group as target', solicitation('ff02::5', sourceIs(HER)), {}],
  ['no source, and not to the group of the target', solicitation(OURS), { source: '::', destination: 'ff02::1' }],
  ['no source, but a hardware address', VALID, { source: '::', destination: 'ff02::1:ff00:1' }],
])('a solicitation with %s is dropped (RFC 4861 7.1.1)', (_what, message, fields) => {
  const host = new NdHost()
  host.deliver(message, fields)
  expect(host.took()).toEqual([])
  expect(host.stack.counters.ndErrors).toBe(1)
  expect(host.link.neighbours?.size).toBe(0)
})

test.each([
  ['a hop limit of 64', ANSWER, { hopLimit: 64 }],
  ['code 1', ANSWER, { code: 1 }],
  ['only 23 octets', ANSWER.slice(0, 23), {}],
  ['an option of length 0', Uint8Array.of(...ANSWER.slice(0, 25), 0, ...ANSWER.slice(26)), {}],
  ['a group as target', advertisement('ff02::5', 'SO', targetIs(HER)), {}],
  ['Solicited, to a group', ANSWER, { destination: 'ff02::1' }],
])('an advertisement with %s is dropped (RFC 4861 7.1.2)', (_what, message, fields) => {
  const host = new NdHost()
  host.send()
  host.deliver(message, fields)
  expect(host.stack.counters.ndErrors).toBe(1)
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_INCOMPLETE)
})

test('a wrong checksum is dropped before it is read', () => {
  const host = new NdHost()
  const bytes = frame(VALID)
  bytes[bytes.length - 1] = 0xff
  host.device.deliver(bytes)
  expect(host.took()).toEqual([])
  expect(host.stack.counters.icmpInErrors).toBe(1)
})

test('a message with a fragment header is ignored, even one that is whole (RFC 6980)', () => {
  const host = new NdHost()
  const plain = frame(VALID)
  const packet = Uint8Array.of(...plain.subarray(14, 54), ...hex('3a 00 00 00 00 00 00 01'), ...plain.subarray(54))
  packet[5] = (packet[5] as number) + 8
  packet[6] = 44
  host.device.deliver(framed(packet))
  expect(host.took()).toEqual([])
  expect(host.stack.counters.ndErrors).toBe(1)
})

test.each([
  ["a group's", '03 00 00 00 00 02'],
  ['no', '00 00 00 00 00 00'],
])('who names %s hardware address has named none', (_what, hardware) => {
  const host = new NdHost()
  host.send()
  host.took()
  host.deliver(advertisement(HERS, 'SO', targetIs(hardware)))
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_INCOMPLETE)
})

test('options that nobody knows are skipped (RFC 4861 4.6)', () => {
  const host = new NdHost()
  host.deliver(solicitation(OURS, mtuIs(1400), hex('fd 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00'), sourceIs(HER)))
  expect(host.took()).toHaveLength(1)
})

test('the table is bounded: who asks for us under many names does not push out who we talk to', () => {
  const host = met(new NdHost({}, { limits: { neighbours: 4 } }))
  for (let i = 0x10; i < 0x50; i++) {
    host.deliver(solicitation(OURS, sourceIs(OTHER)), { source: `2001:db8::${i.toString(16)}` })
  }
  expect(host.link.neighbours?.size).toBe(4)
  expect(host.neighbour(HERS)?.state).toBe(NEIGHBOUR_REACHABLE)
})

test('closing the stack clears all that waits', () => {
  const host = new NdHost({ ipv6: 'auto' })
  host.send()
  expect(host.stack.time.count).toBeGreaterThan(0)
  host.stack.close()
  expect(host.stack.time.count).toBe(0)
})
