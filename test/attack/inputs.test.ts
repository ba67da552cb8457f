// Packets that are not what they say they are. Read first: RFC 791, RFC 8200, RFC 2018, RFC 9293 section 3.10.7, RFC 6274.

import { describe, expect, test } from 'vitest'

import { CHECKSUM_VERIFIED, Offload } from '../../src/device/device.ts'
import type { Endpoint } from '../../src/socket/provider.ts'
import { writeFragment } from '../../src/wire/ipv6-extension.ts'
import { ACK, RST } from '../../src/wire/tcp.ts'
import { writeMss } from '../../src/wire/tcp-options.ts'
import { ipv4, OneStack, octets, parse, udp } from '../stack/one-stack.ts'
import { echoRequest, icmp6, ipv6, OneStack6, OURS, parse6, udp6 } from '../stack/one-stack6.ts'
import { hex, ScriptDevice } from '../stack/script-device.ts'
import { FAMILIES } from '../tcp/family.ts'
import { connectionOf, MSS_ONLY, MSS_SACK_SCALE, Peer, sackBlocks } from '../tcp/peer.ts'

const into = new Uint8Array(70_000)

function receives(socket: Endpoint): number {
  return socket.recv(into, 0, into.length, 0)
}

describe('IP in IP is no protocol here: what is inside is not looked at, and its sender hears so', () => {
  test('in IPv4 (protocol 4)', () => {
    const host = new OneStack()
    const socket = host.udp(7)
    host.device.deliver(ipv4(ipv4(udp(5, 7, octets(4))), { protocol: 4 }))
    expect(receives(socket)).toBe(-11)
    const [answer] = host.device.take()
    expect([...parse(answer as Uint8Array).payload.slice(0, 2)]).toEqual([3, 2])
  })

  test.each([4, 41])('in IPv6 (next header %i)', (next) => {
    const host = new OneStack6()
    const inside = next === 4 ? ipv4(udp(5, 7, octets(4))) : echoRequest()
    const [answer, second] = host.answers(ipv6(inside, { next }))
    expect([...parse6(answer).payload.slice(0, 8)]).toEqual([4, 1, expect.anything(), expect.anything(), 0, 0, 0, 6])
    expect(second).toBe(undefined)
  })
})

test('an option that leads out of its header costs the packet (RFC 8200 4.2)', () => {
  for (const type of [0, 60]) {
    const host = new OneStack6()
    const headers = [{ type, bytes: hex('00 00  1e 05 00 00 00 00') }]
    expect(host.answers(echoRequest({ headers }))).toEqual([])
    expect(host.stack.counters.badOptions).toBe(1)
  }
})

test('a hop-by-hop header within fragments is an unknown next header, as everywhere but in front (RFC 8200 4.3)', () => {
  const host = new OneStack6()
  const message = icmp6(128, 0, 0x70001, octets(40))
  const inside = Uint8Array.from([...hex('3a 00  01 04 00 00 00 00'), ...message])
  host.device.take()
  for (const at of [0, 24]) {
    const bytes = new Uint8Array(8)
    writeFragment(bytes, 0, 0, at, at === 0, 77)
    const piece = inside.slice(at, at === 0 ? 24 : inside.length)
    host.device.deliver(ipv6(piece, { next: 0, headers: [{ type: 44, bytes }] }))
  }
  const sent = host.device.take().map((packet) => parse6(packet).payload)
  // It points at the next header field of the fixed header, which names it now.
  expect(sent.map((payload) => [payload[0], payload[1], payload[7]])).toEqual([[4, 1, 6]])
})

test('a fragment of another protocol is no part of a datagram (RFC 791 3.2)', () => {
  const host = new OneStack()
  const socket = host.udp(7)
  const whole = udp(5, 7, octets(40))
  const last = { id: 9, offset: 16, more: false }
  host.device.deliver(ipv4(whole.slice(0, 16), { id: 9, more: true }))
  host.device.deliver(ipv4(whole.slice(16).fill(9), { ...last, protocol: 200 }))
  expect(receives(socket)).toBe(-11)
  host.device.deliver(ipv4(whole.slice(16), last))
  expect(receives(socket)).toBe(40)
})

test('a checksum that a device vouches for in fragments is looked at in the whole', () => {
  const host = new OneStack()
  const socket = host.udp(7)
  const offload = new Offload()
  offload.checksum = CHECKSUM_VERIFIED
  const whole = udp(5, 7, octets(40))
  whole[30] = 0xff
  host.device.deliverWith(ipv4(whole.slice(0, 16), { more: true }), offload)
  host.device.deliverWith(ipv4(whole.slice(16), { offset: 16 }), offload)
  expect(host.stack.counters.reassembled).toBe(1)
  expect(receives(socket)).toBe(-11)
})

test('what comes from a link for the loopback is not for us (RFC 1122 3.2.1.3, RFC 4291 2.5.3)', () => {
  const host = new OneStack()
  host.device.deliver(ipv4(udp(5, 7, octets(4), { destination: '127.0.0.1' }), { destination: '127.0.0.1' }))
  const host6 = new OneStack6()
  host6.device.deliver(ipv6(udp6(5, 7, octets(4), { destination: '::1' }), { destination: '::1' }))
  for (const { counters } of [host.stack, host6.stack])
    expect([counters.inNotOurs, counters.udpNoPorts]).toEqual([1, 0])
})

test('IPv6: a packet for one in a frame to many is not taken (RFC 1122 3.3.6, of IPv4)', () => {
  const host = new OneStack6({}, new ScriptDevice('ethernet'))
  const counts = (destination: string) => {
    const packet = ipv6(udp6(5, 7, octets(4)))
    host.device.deliver(Uint8Array.from([...hex(destination), ...hex('02 00 00 00 00 02  86 dd'), ...packet]))
    return [host.stack.counters.inDiscards, host.stack.counters.udpNoPorts]
  }
  expect(counts('33 33 00 00 00 01')).toEqual([1, 0])
  expect(counts('ff ff ff ff ff ff')).toEqual([2, 0])
  expect(counts('02 00 00 00 00 01')).toEqual([2, 1])
})

describe('IPv6: a source that nobody can have', () => {
  const heard = (source: string) => {
    const host = new OneStack6()
    host.device.deliver(ipv6(udp6(5, 7, octets(4), { source }), { source }))
    return [host.stack.counters.inBadSource, host.stack.counters.udpNoPorts]
  }

  test('a packet of IPv6 from our own address or the loopback is not taken', () => {
    expect([heard(OURS), heard('::1')]).toEqual([
      [1, 0],
      [1, 0],
    ])
  })

  test('a packet of IPv6 from a mapped address is not taken (RFC 4291 2.5.5.2)', () => {
    expect(heard('::ffff:203.0.113.9')).toEqual([1, 0])
  })

  test('a packet of IPv6 from nobody to one host is not taken (RFC 4291 2.5.2)', () => {
    expect(heard('::')).toEqual([1, 0])
  })

  test('one that somebody can have is taken', () => {
    expect(heard('2001:db8::77')).toEqual([0, 1])
  })
})

describe.each(FAMILIES)('over $name', (family) => {
  test('a SACK block that is turned round, or of what is acknowledged, reports nothing (RFC 2018 4)', () => {
    const peer = new Peer({ family })
    const endpoint = peer.open(MSS_SACK_SCALE)
    endpoint.send(octets(8 * 1460), 0, 8 * 1460, 0)
    peer.run()
    peer.take()
    peer.ack = (peer.ack + 1460) | 0
    peer.send(ACK)
    const { flight } = connectionOf(endpoint)
    const at = (segments: number) => (peer.ack + segments * 1460) | 0
    for (const edges of [
      [at(3), at(1)],
      [at(2), at(2)],
      [at(0), at(1)],
      [at(1), at(2), at(5), at(3)],
    ]) {
      peer.send(ACK, { options: sackBlocks(...edges) })
    }
    expect(flight?.sackedOut).toBe(1)
  })

  test('acknowledgements of single octets open the congestion window no faster than one of them all (RFC 3465 1)', () => {
    const peer = new Peer({ family })
    const endpoint = peer.open(MSS_ONLY)
    const c = connectionOf(endpoint)
    endpoint.send(octets(14_600), 0, 14_600, 0)
    peer.run()
    peer.take()
    const before = c.cwnd
    for (let i = 1; i <= 2 * 1460; i++) peer.send(ACK, { ack: peer.ack + i })
    expect(c.cwnd - before).toBe(2)
  })

  test('a peer that takes one octet in a segment gets segments of 48 and more (CVE-2019-11479)', () => {
    const peer = new Peer({ family })
    const options = new Uint8Array(4)
    writeMss(options, 0, 1)
    const endpoint = peer.open(options)
    expect(endpoint.send(octets(4800), 0, 4800, 0)).toBe(4800)
    peer.run()
    const lengths = peer.take().map(({ data }) => data.length)
    expect(lengths.length).toBeGreaterThan(0)
    expect(Math.min(...lengths)).toBe(48)
  })

  test('a RST of no connection draws nothing, with ACK or without, at a listener or at none (RFC 9293 3.10.7.1)', () => {
    const peer = new Peer({ family })
    peer.listen()
    for (const port of [80, 81]) {
      peer.stackPort = port
      for (const flags of [RST, RST | ACK]) peer.send(flags, { ack: 77 })
    }
    expect(peer.take()).toEqual([])
  })

  test('a connection whose numbers come round, ours and theirs, loses nothing (RFC 9293 3.4)', () => {
    // The clock of initial sequence numbers, a quarter of a thousand each millisecond, tells when ours begin short of the turn.
    const { iss } = connectionOf(new Peer({ family }).open())
    for (const turn of [0x80000000, 0]) {
      const start = 12_345 + Math.floor(((turn - 20_000 - iss) >>> 0) / 250)
      const peer = new Peer({ family, start })
      peer.seq = (turn - 20_000) | 0
      const endpoint = peer.open(MSS_ONLY)
      const c = connectionOf(endpoint)
      expect((turn - c.iss) >>> 0).toBeLessThan(21_000)
      const data = octets(1000)
      for (let i = 0; i < 50; i++) {
        endpoint.send(data, 0, 1000, 0)
        peer.run(1)
        expect(peer.acknowledgeAll()).toBe(1000)
        peer.sendData(data)
        expect(receives(endpoint)).toBe(1000)
      }
      expect(c.totalRetransmits).toBe(0)
    }
  })
})
