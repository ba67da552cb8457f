// What claims to come from a router. Read first: RFC 5927, RFC 1191, RFC 8201, RFC 1812 section 4.3.2.8.

import { expect, test } from 'vitest'
import { write16, write32 } from '../../src/base/bytes.ts'
import { IPPROTO_ICMPV6, IPPROTO_TCP } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SYN } from '../../src/wire/tcp.ts'
import { icmp, ipv4, OneStack, OURS, octets, PEER } from '../stack/one-stack.ts'
import { icmp6, ipv6, OURS as OURS_V6 } from '../stack/one-stack6.ts'
import { ScriptDevice } from '../stack/script-device.ts'
import { connectionOf, MSS_ONLY, Peer } from '../tcp/peer.ts'

/** The first 8 octets of a segment of ours. */
function quotedSegment(peer: Peer, seq: number): Uint8Array {
  const segment = new Uint8Array(8)
  write16(segment, 0, peer.stackPort)
  write16(segment, 2, peer.port)
  write32(segment, 4, seq)
  return segment
}

test('an error about a half-open connection counts where it quotes its SYN-ACK (RFC 5927 4.1)', () => {
  const peer = new Peer()
  peer.listen()
  peer.send(SYN, { options: MSS_ONLY })
  const iss = peer.take()[0]?.seq ?? 0
  const tell = (seq: number) => {
    const quoted = ipv4(quotedSegment(peer, seq), { source: OURS, destination: PEER, protocol: IPPROTO_TCP })
    peer.device.deliver(ipv4(icmp(3, 1, 0, 0, quoted), { protocol: 1, source: '192.0.2.254' }))
    return peer.stack.tcp.connections.count
  }
  expect([tell(iss + 1), tell(iss - 1), tell(0), tell(iss)]).toEqual([1, 1, 1, 0])
})

test('a report never makes a path wider, nor its memory longer (RFC 1191 3, 6.3)', () => {
  const { stack, clock } = new OneStack()
  const far = IpAddress.v4(0xc6336401 | 0)
  const pass = (ms: number) => clock.advanceTo(clock.now() + ms)
  expect(stack.pathMtus.reduce(far, 1000, 1500)).toBe(true)
  pass(500_000)
  expect([stack.pathMtus.reduce(far, 1400, 1500), stack.pathMtus.reduce(far, 1000, 1500)]).toEqual([false, false])
  expect(stack.pathMtus.get(far, 1500)).toBe(1000)
  pass(101_000)
  expect(stack.pathMtus.get(far, 1500)).toBe(1500)
})

test('an ICMPv6 error that quotes mapped addresses does not reach the connections of IPv4 (RFC 4291 2.5.5.2)', () => {
  const peer = new Peer()
  const endpoint = peer.open(MSS_ONLY)
  endpoint.send(octets(1460), 0, 1460, 0)
  peer.run()
  const device = new ScriptDevice('ip', 1500)
  peer.stack.attach(device, { address: `${OURS_V6}/64`, name: 'eth1', duplicateAddressDetection: false })
  const c = connectionOf(endpoint)
  const quoted = ipv6(quotedSegment(peer, c.sndUna), {
    source: `::ffff:${OURS}`,
    destination: `::ffff:${PEER}`,
    next: IPPROTO_TCP,
  })
  device.deliver(ipv6(icmp6(2, 0, 1280, quoted), { next: IPPROTO_ICMPV6 }))
  expect([c.mss, peer.stack.pathMtus.size, peer.stack.counters.icmpInErrors]).toEqual([1460, 0, 1])
})

test('how many errors are left is another number each time: who counts them learns nothing (CVE-2020-25705)', () => {
  const { stack, clock } = new OneStack()
  const counts: number[] = []
  for (let second = 0; second < 30; second++) {
    let count = 0
    while (stack.icmpRateLimit.allow(IpAddress.v4((0xc6336400 + 256 * second + count) | 0))) count++
    counts.push(count)
    clock.advanceTo(clock.now() + 1000)
    stack.time.refresh()
  }
  expect(Math.max(...counts)).toBeLessThanOrEqual(stack.limits.icmpBurst)
  expect(new Set(counts).size).toBeGreaterThan(5)
})
