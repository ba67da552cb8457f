import { expect, test } from 'vitest'
import { write32 } from '../../src/base/bytes.ts'
import { IPPROTO_ICMPV6 } from '../../src/base/constants.ts'
import { ANY_SOURCE } from '../../src/stack/multicast/group-table.ts'
import { writeFragment } from '../../src/wire/ipv6-extension.ts'
import { echoRequest, icmp6, ip, ipv6, OneStack6, OURS, PEER, parse6, udp6 } from './one-stack6.ts'
import { hex, ScriptDevice } from './script-device.ts'

const HOP_BY_HOP = 0
const ROUTING = 43
const FRAGMENT = 44
const NO_NEXT = 59
const DESTINATION = 60

/** What an ICMPv6 error says: type, code, the word behind the checksum, and the quoted packet. */
function error(packet: Uint8Array | undefined): [number, number, number, Uint8Array] {
  const { payload } = parse6(packet)
  const view = new DataView(payload.buffer, payload.byteOffset)
  return [payload[0] as number, payload[1] as number, view.getUint32(4), payload.slice(8)]
}

function answered(host: OneStack6, packet: Uint8Array): boolean {
  const [answer] = host.answers(packet)
  if (answer === undefined) return false
  const { payload } = parse6(answer)
  return payload[0] === 129
}

test('ICMPv6: an echo request is answered from the address that was asked, same data (RFC 4443 section 4.2)', () => {
  const host = new OneStack6()
  const [answer] = host.answers(echoRequest({ trafficClass: 0xb8 }))
  const reply = parse6(answer)
  expect(String(reply.source)).toBe(OURS)
  expect(String(reply.destination)).toBe(PEER)
  expect(reply.hopLimit).toBe(64)
  expect(reply.payload.slice(0, 2)).toEqual(hex('81 00'))
  expect(reply.payload.slice(4)).toEqual(hex('00 07 00 01  01 02 03'))
})

test('ICMPv6: a request to all nodes is answered from an address of ours, one to another group is not', () => {
  const host = new OneStack6()
  const [answer] = host.answers(echoRequest({ destination: 'ff02::1' }))
  expect(String(parse6(answer).source)).toBe(OURS)
  expect(host.answers(echoRequest({ destination: 'ff02::1234' }))).toEqual([])
  host.link.groups.set(host, ip('ff02::1234'), ANY_SOURCE)
  expect(answered(host, echoRequest({ destination: 'ff02::1234' }))).toBe(true)
})

test.each([
  ['a group of scope 0 (RFC 4291 section 2.7)', { destination: 'ff00::1' }],
  ['a group of the interface, from a link', { destination: 'ff01::1' }],
  ['the loopback, from a link (RFC 4291 section 2.5.3)', { destination: '::1' }],
  ['another host', { destination: '2001:db8::7' }],
  ['a source that is a group', { source: 'ff02::1' }],
  ['a source that is the loopback', { source: '::1' }],
  ['a source that is ours', { source: OURS }],
  ['a source that is an IPv4 address (RFC 4291 section 2.5.5.2)', { source: '::ffff:192.0.2.1' }],
  ['no source, which nobody can answer', { source: '::' }],
])('IPv6 input: %s draws no answer', (_what, fields) => {
  expect(new OneStack6().answers(echoRequest(fields))).toEqual([])
})

test('IPv6 input: every truncation of a packet, and another version, is dropped and counted', () => {
  const host = new OneStack6()
  const packet = echoRequest()
  for (let end = 1; end < packet.length; end++) expect(host.answers(packet.slice(0, end))).toEqual([])
  expect(host.stack.counters.inHeaderErrors).toBe(packet.length - 1)
  const other = packet.slice()
  other[0] = 0x50
  expect(host.answers(other)).toEqual([])
})

test('IPv6 input: what a link padded behind the packet is not part of it', () => {
  const host = new OneStack6()
  const padded = Uint8Array.from([...echoRequest(), 9, 9, 9, 9, 9, 9])
  expect(parse6(host.answers(padded)[0]).payload.slice(8)).toEqual(hex('01 02 03'))
})

test('IPv6 input: an interface that does not speak IPv6 drops it', () => {
  const host = new OneStack6()
  const device = new ScriptDevice('ip')
  host.stack.attach(device, { address: '192.0.2.1/24' })
  device.deliver(echoRequest())
  expect(device.take()).toEqual([])
  expect(host.stack.counters.inDiscards).toBe(1)
})

test('ICMPv6: a wrong checksum is dropped and counted', () => {
  const host = new OneStack6()
  const packet = echoRequest()
  packet[packet.length - 1] = (packet[packet.length - 1] as number) ^ 1
  expect(host.answers(packet)).toEqual([])
  expect(host.stack.counters.icmpInErrors).toBe(1)
})

const PADDING = hex('00 00  01 04 00 00 00 00')

test('IPv6 input: hop-by-hop, routing, fragment and destination headers are walked over (RFC 8200 section 4)', () => {
  const headers = [
    { type: HOP_BY_HOP, bytes: PADDING },
    { type: DESTINATION, bytes: PADDING },
    { type: ROUTING, bytes: hex('00 00 00 00  00 00 00 00') },
    { type: FRAGMENT, bytes: hex('00 00 00 00  12 34 56 78') },
    { type: DESTINATION, bytes: hex('00 01  00 00 00 00 00 00  01 06 00 00 00 00 00 00') },
  ]
  expect(answered(new OneStack6(), echoRequest({ headers }))).toBe(true)
})

test('IPv6 input: a hop-by-hop header anywhere but first is an unknown next header (RFC 8200 section 4.3)', () => {
  const headers = [
    { type: DESTINATION, bytes: PADDING },
    { type: HOP_BY_HOP, bytes: PADDING },
  ]
  const packet = echoRequest({ headers })
  const [type, code, pointer, quoted] = error(new OneStack6().answers(packet)[0])
  expect([type, code, pointer]).toEqual([4, 1, 40])
  expect(quoted).toEqual(packet)
})

// RFC 8200 section 4.2: the two highest bits of an unknown option say what to do.
test.each<[string, number, string, boolean, boolean]>([
  ['00: skipped', 0x1e, OURS, true, false],
  ['01: the packet is dropped', 0x5e, OURS, false, false],
  ['10: dropped, and reported', 0x9e, OURS, false, true],
  ['11: dropped, and reported if it was for us alone', 0xde, OURS, false, true],
  ['10: reported for a group as well', 0x9e, 'ff02::1', false, true],
  ['11: not reported for a group', 0xde, 'ff02::1', false, false],
])('IPv6 input: an unknown option %s', (_what, option, destination, accepted, reported) => {
  for (const type of [HOP_BY_HOP, DESTINATION]) {
    const host = new OneStack6()
    const bytes = hex('00 00  01 00  00 02 00 00')
    bytes[4] = option
    const [answer] = host.answers(echoRequest({ destination, headers: [{ type, bytes }] }))
    expect(answer !== undefined && parse6(answer).payload[0] === 129).toBe(accepted)
    if (reported) expect(error(answer).slice(0, 3)).toEqual([4, 2, 44])
    else if (!accepted) expect(answer).toBe(undefined)
  }
})

test('IPv6 input: a routing header with segments left is refused, pointing at its type (RFC 8200 section 4.4)', () => {
  const bytes = hex('00 02 00 01  00 00 00 00  20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 09')
  const [type, code, pointer] = error(new OneStack6().answers(echoRequest({ headers: [{ type: ROUTING, bytes }] }))[0])
  expect([type, code, pointer]).toEqual([4, 0, 42])
})

test('IPv6 input: an unknown next header is reported where it stands (RFC 8200 section 4)', () => {
  const packet = ipv6(hex('01 02 03 04'), { next: 253, headers: [{ type: DESTINATION, bytes: PADDING }] })
  expect(error(new OneStack6().answers(packet)[0])).toEqual([4, 1, 40, packet])
})

test('IPv6 input: behind "no next header" nothing is looked at (RFC 8200 section 4.7)', () => {
  expect(new OneStack6().answers(ipv6(hex('01 02 03 04'), { next: NO_NEXT }))).toEqual([])
})

test('IPv6 input: an extension header that is cut off is dropped', () => {
  const host = new OneStack6()
  expect(host.answers(ipv6(hex('3a 05 01 04 00 00 00 00'), { next: DESTINATION }))).toEqual([])
  expect(host.stack.counters.inHeaderErrors).toBe(1)
})

test('UDP over IPv6: a port that nobody has is reported (RFC 4443 section 3.1)', () => {
  const packet = ipv6(udp6(4000, 9, hex('01 02')))
  expect(error(new OneStack6().answers(packet)[0])).toEqual([1, 4, 0, packet])
})

test('ICMPv6: an error quotes no more than fits in 1280 octets (RFC 4443 section 2.4)', () => {
  const packet = ipv6(udp6(4000, 9, new Uint8Array(1400)))
  const [answer] = new OneStack6().answers(packet)
  expect((answer as Uint8Array).length).toBe(1280)
})

test.each([
  ['an error', echoOf(1)],
  ['a redirect', echoOf(137)],
])('ICMPv6: %s with an unknown option draws no error (RFC 4443 section 2.4(e))', (_what, message) => {
  const headers = [{ type: DESTINATION, bytes: hex('00 00  01 00  9e 02 00 00') }]
  const host = new OneStack6()
  // Behind the header that is refused the stack looks on, to see what the packet carries.
  expect(host.answers(ipv6(message, { next: IPPROTO_ICMPV6, headers }))).toEqual([])
  expect(host.stack.counters.badOptions).toBe(1)
})

function echoOf(type: number): Uint8Array {
  return icmp6(type, 0, 0, new Uint8Array(48))
}

// Fragments

/** `payload` in fragments of `size` octets, in order. */
function fragments(payload: Uint8Array, size: number, identification = 0x1234): Uint8Array[] {
  const packets: Uint8Array[] = []
  for (let at = 0; at < payload.length; at += size) {
    const bytes = new Uint8Array(8)
    writeFragment(bytes, 0, 0, at, at + size < payload.length, identification)
    packets.push(ipv6(payload.slice(at, at + size), { next: IPPROTO_ICMPV6, headers: [{ type: FRAGMENT, bytes }] }))
  }
  return packets
}

const LONG = icmp6(128, 0, 0x00070001, new Uint8Array(2000).fill(5))

test.each([
  ['in order', [0, 1, 2]],
  ['backwards', [2, 1, 0]],
  ['with a copy', [0, 1, 1, 2]],
])('reassembly: fragments %s make one packet, once (RFC 8200 section 4.5)', (_what, order) => {
  const host = new OneStack6()
  const pieces = fragments(LONG, 800)
  for (const index of order) host.device.deliver(pieces[index] as Uint8Array)
  const sent = host.device.take()
  // The answer is as long, and is cut to our MTU of 1500.
  expect(sent.length).toBe(2)
  expect(host.stack.counters.reassembled).toBe(1)
  expect(host.stack.reassembly.size).toBe(0)
})

test('reassembly: overlapping fragments cost the whole packet (RFC 5722)', () => {
  const host = new OneStack6()
  const [first, second, third] = fragments(LONG, 800) as [Uint8Array, Uint8Array, Uint8Array]
  const bytes = new Uint8Array(8)
  writeFragment(bytes, 0, 0, 792, true, 0x1234)
  const overlapping = ipv6(LONG.slice(792, 1592), { next: IPPROTO_ICMPV6, headers: [{ type: FRAGMENT, bytes }] })
  for (const piece of [first, overlapping, second, third]) host.device.deliver(piece)
  expect(host.device.take()).toEqual([])
  expect(host.stack.counters.reassemblyFailures).toBe(1)
})

test('reassembly: a fragment that is no multiple of 8 octets is reported, pointing at the payload length', () => {
  const bytes = new Uint8Array(8)
  writeFragment(bytes, 0, 0, 0, true, 1)
  const packet = ipv6(LONG.slice(0, 805), { next: IPPROTO_ICMPV6, headers: [{ type: FRAGMENT, bytes }] })
  expect(error(new OneStack6().answers(packet)[0]).slice(0, 3)).toEqual([4, 0, 4])
})

test('reassembly: a packet longer than any can be is reported, pointing at the fragment offset', () => {
  const bytes = new Uint8Array(8)
  writeFragment(bytes, 0, 0, 65528, false, 1)
  const packet = ipv6(new Uint8Array(16), { headers: [{ type: FRAGMENT, bytes }] })
  expect(error(new OneStack6().answers(packet)[0]).slice(0, 3)).toEqual([4, 0, 42])
})

test('reassembly: a first fragment without all the headers is reported (RFC 7112 section 5)', () => {
  const bytes = new Uint8Array(8)
  writeFragment(bytes, 0, 0, 0, true, 1)
  const headers = [
    { type: FRAGMENT, bytes },
    { type: DESTINATION, bytes: hex('00 05  01 04 00 00 00 00') },
  ]
  const packet = ipv6(new Uint8Array(0), { next: IPPROTO_ICMPV6, headers })
  expect(error(new OneStack6().answers(packet)[0]).slice(0, 3)).toEqual([4, 3, 0])
})

test('reassembly: what is not whole after 60 s is given up; who sent the first fragment is told (RFC 8200 section 4.5)', () => {
  const host = new OneStack6()
  const [first, second] = fragments(LONG, 800) as [Uint8Array, Uint8Array]
  host.device.deliver(second)
  host.run(59_999)
  host.device.deliver(first)
  host.run(1)
  const [type, code, , quoted] = error(host.device.take()[0])
  expect([type, code]).toEqual([3, 1])
  expect(quoted.slice(0, 40)).toEqual(first.slice(0, 40))
  // Without the first there is nobody to tell.
  host.device.deliver(second)
  host.run(60_000)
  expect(host.device.take()).toEqual([])
  expect(host.stack.counters.reassemblyTimeouts).toBe(2)
})

test('reassembly: an atomic fragment is whole whatever else has its identification (RFC 6946)', () => {
  const host = new OneStack6()
  host.device.deliver(fragments(LONG, 800)[0] as Uint8Array)
  const bytes = new Uint8Array(8)
  writeFragment(bytes, 0, 0, 0, false, 0x1234)
  expect(answered(host, echoRequest({ headers: [{ type: FRAGMENT, bytes }] }))).toBe(true)
  expect(host.stack.reassembly.size).toBe(1)
})

test('IPv6 output: what is longer than the path is cut by the sender, each piece but the last a multiple of 8', () => {
  const host = new OneStack6()
  for (const piece of fragments(LONG, 800)) host.device.deliver(piece)
  const sent = host.device.take()
  const parts = sent.map((packet) => {
    const header = parse6(packet)
    expect(header.nextHeader).toBe(FRAGMENT)
    expect(packet.length).toBeLessThanOrEqual(1500)
    return header.payload
  })
  const [first, last] = parts as [Uint8Array, Uint8Array]
  const view = new DataView(first.buffer)
  const lastView = new DataView(last.buffer)
  expect(first[0]).toBe(IPPROTO_ICMPV6)
  expect(view.getUint16(2) & 0xfff8).toBe(0)
  expect(view.getUint16(2) & 1).toBe(1)
  expect(lastView.getUint16(2) & 0xfff8).toBe(first.length - 8)
  expect((first.length - 8) % 8).toBe(0)
  expect(lastView.getUint16(2) & 1).toBe(0)
  expect(lastView.getUint32(4)).toBe(view.getUint32(4))
  expect(first.length + last.length - 16).toBe(LONG.length)
})

test('flow label: the same for a flow, another for another, of 20 bits (RFC 6437 section 3)', () => {
  const host = new OneStack6()
  const label = (source: string) => {
    const [answer] = host.answers(echoRequest({ source }))
    return parse6(answer).flowLabel
  }
  const one = label('2001:db8::2')
  expect(label('2001:db8::2')).toBe(one)
  expect(one).toBeLessThan(1 << 20)
  const all = new Set(Array.from({ length: 20 }, (_, i) => label(`2001:db8::${(i + 2).toString(16)}`)))
  expect(all.size).toBeGreaterThan(18)
})

test('ICMPv6: a report whose quote is cut short, or that is about no packet of ours, is counted and ignored', () => {
  const host = new OneStack6()
  const ours = ipv6(udp6(1, 2, new Uint8Array(8)), { source: OURS, destination: PEER })
  const report = (quoted: Uint8Array) => {
    const message = icmp6(1, 4, 0, quoted)
    host.device.deliver(ipv6(message, { next: IPPROTO_ICMPV6 }))
  }
  for (let end = 0; end < 48; end++) report(ours.slice(0, end))
  expect(host.stack.counters.icmpInErrors).toBe(48)
  const theirs = ours.slice()
  write32(theirs, 8 + 12, 99)
  report(theirs)
  expect(host.stack.counters.icmpInErrors).toBe(49)
  report(ours)
  expect(host.stack.counters.icmpInErrors).toBe(49)
})
