import { describe, expect, test } from 'vitest'
import { AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_STREAM } from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import type { Endpoint } from '../../src/socket/provider.ts'
import { advertisement, NdHost, prefixIs, routeIs, routerAdvertisement, solicitation, targetIs } from './nd-host.ts'
import { echoRequest, icmp6, ip, ipv6, OneStack6, OURS, PEER, udp6 } from './one-stack6.ts'
import { hex, ScriptDevice } from './script-device.ts'

// RFC 4291 section 2.5.5.2: a mapped address stands for an IPv4 address in programs, and is never on a wire. To the stack it is
// that IPv4 address, so one that gets in goes where only IPv4 packets may.
describe('a mapped address in an IPv6 packet', () => {
  test('is not our IPv4 address', () => {
    const host = new OneStack6()
    const device = new ScriptDevice('ip')
    host.stack.attach(device, { address: '192.0.2.1/24' })
    const endpoint = host.stack.socket(AF_INET, SOCK_DGRAM, 0) as Endpoint
    endpoint.bind(SocketAddress.internet('192.0.2.1', 9))
    for (const destination of ['::ffff:192.0.2.1', '::ffff:127.0.0.1']) {
      const before = host.stack.counters.inNotOurs
      expect(host.answers(ipv6(udp6(5, 9, hex('01'), { destination }), { destination }))).toEqual([])
      expect(host.answers(echoRequest({ destination }))).toEqual([])
      expect(host.stack.counters.inNotOurs).toBe(before + 2)
    }
    expect(host.stack.counters.inDelivers).toBe(0)
    expect(endpoint.recv(new Uint8Array(8), 0, 8, 0)).toBe(-11)
  })

  test('is not passed on by the routes of IPv4', () => {
    const host = new OneStack6({ forwarding: true })
    const device = new ScriptDevice('ip')
    host.stack.attach(device, { address: '192.0.2.1/24' })
    expect(host.answers(echoRequest({ destination: '::ffff:192.0.2.7' }))).toEqual([])
    expect(device.take()).toEqual([])
    expect(host.stack.counters.forwarded).toBe(0)
  })

  test('in the packet that an error quotes is not ours', () => {
    const host = new OneStack6()
    host.stack.attach(new ScriptDevice('ip'), { address: '192.0.2.1/24' })
    const endpoint = host.stack.socket(AF_INET, SOCK_DGRAM, 0) as Endpoint
    endpoint.bind(SocketAddress.internet('192.0.2.1', 9))
    endpoint.connect(SocketAddress.internet('192.0.2.2', 5))
    const fields = { source: '::ffff:192.0.2.1', destination: '::ffff:192.0.2.2' }
    const quoted = ipv6(udp6(9, 5, hex('01 02 03 04'), fields), fields)
    host.device.deliver(ipv6(icmp6(2, 0, 1280, quoted), { next: 58 }))
    expect(host.stack.counters.icmpInErrors).toBe(1)
    expect(host.stack.pathMtus.size).toBe(0)
  })

  test('is no target to ask for or to tell of: what is known of IPv4 is the business of ARP', () => {
    const one = new NdHost({ address: ['192.0.2.1/24', '2001:db8::1/64'] })
    one.deliver(solicitation('::ffff:192.0.2.1'))
    expect(one.took()).toEqual([])
    const neighbour = one.link.neighbours?.ensure(ip('192.0.2.254'))
    neighbour?.heard(0x0200, 0x0a)
    one.deliver(advertisement('::ffff:192.0.2.254', 'O', targetIs('02 00 00 00 00 66')))
    expect(neighbour?.hardwareLow).toBe(0x0a)
    expect(one.stack.counters.ndErrors).toBe(2)
  })

  test('is no prefix that routers advertise: IPv4 would go their way', () => {
    const one = new NdHost({ address: ['192.0.2.1/24', 'fe80::1/64'], ipv6: 'auto' })
    const before = one.routes()
    one.fromRouter(
      routerAdvertisement({}, prefixIs('::ffff:0.0.0.0/96', 'L', 600, 600), routeIs('::ffff:10.0.0.0/104', 0, 600)),
    )
    expect(one.routes()).toEqual(before)
    expect(one.stack.routeTo(ip('10.1.2.3'), null, null)).toBe(-101)
  })
})

// RFC 4291 section 2.5.2: whoever has no address yet asks groups, and can be answered by nobody.
test('a packet from no address to us alone is dropped: its answer would come back to ourselves', () => {
  const host = new OneStack6()
  const listener = host.stack.socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) as Endpoint
  listener.bind(SocketAddress.internet('::', 80))
  listener.listen(4)
  const syn = hex('04 d2 00 50  00 00 00 64  00 00 00 00  50 02 ff ff  00 00 00 00')
  for (const [payload, next] of [
    [udp6(5, 9, hex('01'), { source: '::' }), IPPROTO_UDP],
    [syn, IPPROTO_TCP],
    [icmp6(128, 0, 1, hex('01'), { source: '::' }), 58],
  ] as const) {
    expect(host.answers(ipv6(payload, { source: '::', next }))).toEqual([])
  }
  expect(host.stack.counters.inBadSource).toBe(3)
  expect(host.stack.counters.outRequests).toBe(0)
})

test.each([
  [{ source: OURS }, 'ours'],
  [{ source: '::1' }, 'the loopback'],
  [{ source: 'ff02::1' }, 'a group'],
  [{ source: '::ffff:192.0.2.9' }, 'mapped'],
])('TCP: a SYN from %j, %s, makes a listener remember nothing', (fields) => {
  const host = new OneStack6()
  const listener = host.stack.socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) as Endpoint
  listener.bind(SocketAddress.internet('::', 80))
  listener.listen(4)
  const syn = hex('04 d2 00 50  00 00 00 64  00 00 00 00  50 02 ff ff  00 00 00 00')
  expect(host.answers(ipv6(syn, { ...fields, next: IPPROTO_TCP }))).toEqual([])
  expect(host.stack.counters.inBadSource).toBe(1)
  expect(host.stack.tcp.counters.segmentsIn).toBe(0)
})

test('what is heard at a link-local address is answered on that link, whatever way leads to who asked (RFC 4007 section 9)', () => {
  const host = new OneStack6()
  const own = host.link.addresses.find(({ address }) => address.isLinkLocal)?.address.toString() as string
  const device = new ScriptDevice('ip')
  host.stack.attach(device, { address: '2001:db8:2::1/64' })
  host.run(3000)
  device.take()
  // Its own link has no way there but by the gateway; the other has it on the link.
  const [answer] = host.answers(echoRequest({ source: '2001:db8:2::9', destination: own }))
  expect(device.take()).toEqual([])
  expect(answer?.slice(8, 24)).toEqual(echoRequest({ source: own }).slice(8, 24))
  expect(PEER).not.toBe(own)
})
