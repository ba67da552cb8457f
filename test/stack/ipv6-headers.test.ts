import { expect, test } from 'vitest'
import { IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from '../../src/base/constants.ts'
import { writeFragment } from '../../src/wire/ipv6-extension.ts'
import { echoRequest, icmp6, ipv6, OneStack6, type Packet6Fields, parse6, udp6 } from './one-stack6.ts'
import { hex, ScriptDevice } from './script-device.ts'

const HOP_BY_HOP = 0
const FRAGMENT = 44
const DESTINATION = 60

const header = { type: DESTINATION, bytes: hex('00 00  01 04 00 00 00 00') }

test.each([
  [8, true],
  [9, false],
  [150, false],
])(
  'IPv6 input: of a packet with %i extension headers it is %s that it is read (RFC 8504 section 5.3)',
  (count, read) => {
    const host = new OneStack6()
    const headers = Array.from({ length: count }, () => header)
    const answers = host.answers(echoRequest({ headers }))
    expect(answers.length).toBe(read ? 1 : 0)
    expect(host.stack.counters.badOptions).toBe(read ? 0 : 1)
  },
)

test('IPv6 input: headers in front of the fragment header and behind it count together, and so do fragments of fragments', () => {
  const host = new OneStack6()
  const atomic = { type: FRAGMENT, bytes: hex('00 00 00 00  00 00 00 01') }
  const eight = [header, header, header, atomic, header, header, header, header]
  expect(host.answers(echoRequest({ headers: eight })).length).toBe(1)
  expect(host.answers(echoRequest({ headers: [...eight, header] }))).toEqual([])
  expect(host.answers(echoRequest({ headers: Array.from({ length: 9 }, () => atomic) }))).toEqual([])
  expect(host.stack.counters.badOptions).toBe(2)
})

test.each([
  ['hop-by-hop', HOP_BY_HOP],
  ['destination', DESTINATION],
])(
  'IPv6 input: eight %s options are read, with nine the packet is dropped; padding is none (RFC 8504 section 5.3)',
  (_what, type) => {
    const options = (count: number, rest: string): Uint8Array =>
      hex(
        `00 ${rest === '' ? '01' : '02'} ${'1e 00 '.repeat(count)} ${'00 '.repeat((rest === '' ? 14 : 22) - 2 * count)}`,
      )
    for (const [count, rest, answers] of [
      [7, '', 1],
      [8, 'more', 1],
      [9, 'more', 0],
    ] as const) {
      const host = new OneStack6()
      const bytes = options(count, rest)
      expect(host.answers(echoRequest({ headers: [{ type, bytes }] })).length).toBe(answers)
      expect(host.stack.counters.badOptions).toBe(1 - answers)
    }
  },
)

test('a router does not look for what is behind more headers than a host reads; it passes the packet on', () => {
  const host = new OneStack6({ forwarding: true })
  const far = new ScriptDevice('ip')
  host.stack.attach(far, { address: '2001:db8:2::1/64' })
  host.run(3000)
  far.take()
  const headers = Array.from({ length: 20 }, () => header)
  host.device.deliver(echoRequest({ headers, destination: '2001:db8:2::9' }))
  expect(far.take().length).toBe(1)
})

/** A fragment of `payload`. */
function fragment(payload: Uint8Array, offset: number, more: boolean, fields: Packet6Fields = {}, id = 7): Uint8Array {
  const bytes = new Uint8Array(8)
  writeFragment(bytes, 0, 0, offset, more, id)
  return ipv6(payload, { ...fields, headers: [{ type: FRAGMENT, bytes }] })
}

test.each([
  ['TCP', IPPROTO_TCP, 16, 24, true],
  ['UDP', IPPROTO_UDP, 0, 8, true],
  // It might be about an error: RFC 4443 section 2.4(e).
  ['ICMPv6', IPPROTO_ICMPV6, 0, 8, false],
])(
  'reassembly: a first fragment without the whole header of %s is refused (RFC 7112 section 5)',
  (_what, next, short, enough, told) => {
    const host = new OneStack6()
    // Where nothing of the header is there, an extension header is, so that the fragment is not empty.
    const [answer] = host.answers(
      short > 0
        ? fragment(new Uint8Array(short), 0, true, { next })
        : ipv6(new Uint8Array(0), {
            next,
            headers: [{ type: FRAGMENT, bytes: hex('00 00 00 01  00 00 00 09') }, header],
          }),
    )
    expect(answer === undefined ? null : Array.from(parse6(answer).payload.slice(0, 2))).toEqual(told ? [4, 3] : null)
    expect(host.stack.counters.reassemblyFailures).toBe(1)
    expect(host.stack.reassembly.size).toBe(0)
    expect(host.answers(fragment(new Uint8Array(enough), 0, true, { next }))).toEqual([])
    expect(host.stack.reassembly.size).toBe(1)
  },
)

const ECHO = icmp6(128, 0, 0x00070001, new Uint8Array(1592).fill(5))

test('reassembly: only an exact copy of a fragment is no overlap; a part of one costs the packet (RFC 8200 section 4.5)', () => {
  const host = new OneStack6()
  const next = IPPROTO_ICMPV6
  const pieces = [
    fragment(ECHO.slice(0, 800), 0, true, { next }),
    fragment(ECHO.slice(800), 800, false, { next }),
  ] as const
  host.device.deliver(pieces[0], pieces[0], pieces[1])
  expect(host.stack.counters.reassembled).toBe(1)
  host.device.deliver(pieces[0], fragment(ECHO.slice(80, 160), 80, true, { next }), pieces[1])
  expect(host.stack.counters.reassembled).toBe(1)
  expect(host.stack.counters.reassemblyFailures).toBe(1)
})

test('reassembly: a link-local host is another on every link (RFC 4007 section 6)', () => {
  const host = new OneStack6()
  const other = new ScriptDevice('ip')
  host.stack.attach(other, { address: '2001:db8:2::1/64' })
  host.run(3000)
  const fields = { source: 'fe80::9', next: IPPROTO_UDP }
  const datagram = udp6(1, 9, new Uint8Array(1000), fields)
  host.device.deliver(fragment(datagram.slice(0, 504), 0, true, fields))
  other.deliver(fragment(datagram.slice(504), 504, false, fields))
  expect(host.stack.counters.reassembled).toBe(0)
  expect(host.stack.reassembly.size).toBe(2)
  host.device.deliver(fragment(datagram.slice(504), 504, false, fields))
  expect(host.stack.counters.reassembled).toBe(1)
})

test('reassembly: both versions share one bound of memory, headers counted in', () => {
  const host = new OneStack6({ limits: { reassemblyBytes: 20_000 } })
  const { reassembly } = host.stack
  const headers = [{ type: DESTINATION, bytes: Uint8Array.from([0, 127, ...new Uint8Array(1022)]) }]
  for (let id = 0; id < 100; id++) {
    const bytes = new Uint8Array(8)
    writeFragment(bytes, 0, 0, 0, true, id)
    const packet = ipv6(new Uint8Array(8), { headers: [...headers, { type: FRAGMENT, bytes }] })
    host.device.deliver(packet)
    expect(reassembly.bytes).toBeGreaterThanOrEqual(Math.min(id, 14) * 1072)
    expect(reassembly.bytes).toBeLessThanOrEqual(20_000)
  }
  expect(reassembly.size).toBeLessThan(20)
})
