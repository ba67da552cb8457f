import { expect, test } from 'vitest'
import { IpAddress } from '../../src/base/ip-address.ts'
import { Offload } from '../../src/device/device.ts'
import { ANY_SOURCE } from '../../src/stack/multicast/group-table.ts'
import { bits, icmp, ipv4, OneStack, OURS, octets, parse, udp } from './one-stack.ts'
import { hex, ScriptDevice, toHex } from './script-device.ts'

const DATA = octets(4)

/** Whether a UDP packet with these fields reaches a socket on port 7. */
function arrives(host: OneStack, packet: Uint8Array): boolean {
  const server = host.udp(7)
  host.device.deliver(packet)
  const got = server.recv(new Uint8Array(100), 0, 100, 0)
  server.close()
  return got === 4
}

function datagram(fields: Parameters<typeof ipv4>[1] = {}): Uint8Array {
  return ipv4(udp(5, 7, DATA, fields), fields)
}

test('IPv4 input: a packet for us arrives', () => {
  expect(arrives(new OneStack(), datagram())).toBe(true)
})

test('IPv4 input: a wrong header checksum is dropped without a word (RFC 1122 section 3.2.1.2)', () => {
  const host = new OneStack()
  const packet = datagram()
  packet[8] = 63
  expect(arrives(host, packet)).toBe(false)
  expect(host.stack.counters.badChecksum).toBe(1)
  expect(host.device.take()).toEqual([])
})

test('IPv4 input: padding behind the total length is cut off', () => {
  const host = new OneStack()
  const padded = new Uint8Array(60).fill(0x55)
  padded.set(datagram())
  expect(arrives(host, padded)).toBe(true)
})

test('IPv4 input: a time to live of 0 or 1 is no reason to drop a packet for us (RFC 1122 section 3.2.1.7)', () => {
  expect(arrives(new OneStack(), datagram({ ttl: 0 }))).toBe(true)
  expect(arrives(new OneStack(), datagram({ ttl: 1 }))).toBe(true)
})

test.each([
  ['the limited broadcast', '255.255.255.255'],
  ["the subnet's broadcast", '192.0.2.255'],
  ['a group', '224.0.0.9'],
  ['the loopback', '127.0.0.1'],
  ['our own address', OURS],
  ['no address, to one host', '0.0.0.0'],
])('IPv4 input: from %s: dropped without a word (RFC 1122 section 3.2.1.3)', (_what, source) => {
  const host = new OneStack()
  expect(arrives(host, datagram({ source }))).toBe(false)
  expect(host.stack.counters.inBadSource).toBe(1)
  expect(host.device.take()).toEqual([])
})

test('IPv4 input: who has no address yet may speak to all (RFC 1122 section 3.2.1.3)', () => {
  expect(arrives(new OneStack(), datagram({ source: '0.0.0.0', destination: '255.255.255.255' }))).toBe(true)
})

test.each([
  ["another host's address", '192.0.2.77', false],
  ["another subnet's broadcast", '198.51.100.255', false],
  ['a loopback address', '127.0.0.1', false],
  ['a group that nobody here joined', '224.0.0.251', false],
  ['the limited broadcast', '255.255.255.255', true],
  ["the subnet's broadcast", '192.0.2.255', true],
  ['the group of all hosts', '224.0.0.1', true],
])('IPv4 input: to %s (RFC 1122 section 3.2.1.3)', (_what, destination, expected) => {
  const host = new OneStack()
  expect(arrives(host, datagram({ destination }))).toBe(expected)
  expect(host.stack.counters.inNotOurs).toBe(expected ? 0 : 1)
  expect(host.device.take()).toEqual([])
})

test('IPv4 input: a joined group is heard until it is left', () => {
  const host = new OneStack()
  const group = IpAddress.parse('224.0.0.251') as IpAddress
  host.link.groups.set(host, group, ANY_SOURCE)
  host.device.take()
  expect(arrives(host, datagram({ destination: '224.0.0.251' }))).toBe(true)
  host.link.groups.set(host, group, null)
  expect(arrives(host, datagram({ destination: '224.0.0.251' }))).toBe(false)
})

test('IPv4 input: a frame to all with a packet for one is dropped (RFC 1122 section 3.3.6)', () => {
  const host = new OneStack({}, new ScriptDevice('ethernet'))
  const server = host.udp(7)
  const toUs = hex('02 00 00 00 00 01  02 00 00 00 00 02  08 00')
  const toAll = hex('ff ff ff ff ff ff  02 00 00 00 00 02  08 00')
  host.device.deliver(Uint8Array.from([...toAll, ...datagram()]))
  expect(server.recv(new Uint8Array(10), 0, 10, 0)).toBe(-11)
  host.device.deliver(Uint8Array.from([...toUs, ...datagram()]))
  expect(server.recv(new Uint8Array(10), 0, 10, 0)).toBe(4)
})

test('IPv4 input: a frame for another station is not ours', () => {
  const host = new OneStack({}, new ScriptDevice('ethernet'))
  host.udp(7)
  host.device.deliver(Uint8Array.from([...hex('02 00 00 00 00 09  02 00 00 00 00 02  08 00'), ...datagram()]))
  expect(host.stack.counters.linkDiscards).toBe(1)
  expect(host.stack.counters.udpReceived).toBe(0)
})

test('IPv4 input: an unknown option is ignored, a source route is not followed (RFC 7126 section 4.3)', () => {
  expect(arrives(new OneStack(), datagram({ options: hex('5e 04 00 00') }))).toBe(true)
  const host = new OneStack()
  expect(arrives(host, datagram({ options: hex('83 07 04 0a 00 00 01 00') }))).toBe(false)
  expect(host.device.take()).toEqual([])
})

test('IPv4 input: a malformed option draws a parameter problem that points at it (RFC 1122 section 3.2.2.5)', () => {
  const host = new OneStack()
  expect(arrives(host, datagram({ options: hex('01 5e 00 00') }))).toBe(false)
  const [answer] = host.device.take()
  const { payload, destination } = parse(answer as Uint8Array)
  expect(destination).toBe(bits('192.0.2.2'))
  expect(toHex(payload.subarray(0, 2))).toBe('0c 00')
  // The length octet, behind 20 octets of header and a no operation and the kind.
  expect(payload[4]).toBe(22)
})

test('IPv4 input: an unknown protocol draws "protocol unreachable" (RFC 1122 section 3.2.2.1)', () => {
  const host = new OneStack()
  host.device.deliver(ipv4(DATA, { protocol: 200 }))
  const [answer] = host.device.take()
  expect(toHex(parse(answer as Uint8Array).payload.subarray(0, 2))).toBe('03 02')
})

test('IPv4 input: no octets, of any kind, throw', () => {
  const host = new OneStack()
  host.udp(7)
  const good = [
    datagram(),
    ipv4(icmp(8, 0, 1, 1, DATA), { protocol: 1 }),
    datagram({ options: hex('07 07 04 00 00 00 00 00') }),
  ]
  for (const packet of good) {
    for (let end = 0; end <= packet.length; end++) host.device.deliver(packet.slice(0, end))
    for (let at = 0; at < packet.length; at++) {
      for (const value of [0, 1, 0x45, 0x4f, 0x7f, 0xff]) {
        const changed = packet.slice()
        changed[at] = value
        host.device.deliver(changed)
        // The same with a header checksum that is right again.
        changed[10] = 0
        changed[11] = 0
        let sum = 0
        const length = Math.min(((changed[0] as number) & 15) * 4, changed.length & ~1)
        for (let i = 0; i < length; i += 2) sum += ((changed[i] as number) << 8) | (changed[i + 1] as number)
        while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
        changed[10] = (~sum >> 8) & 255
        changed[11] = ~sum & 255
        host.device.deliver(changed)
      }
    }
  }
  expect(host.stack.counters.inReceives).toBeGreaterThan(1000)
})

test('IPv4 input: a checksum that the device vouches for is not looked at, one it does not is', () => {
  const host = new OneStack()
  const server = host.udp(7)
  const packet = datagram()
  packet[27] = (packet[27] as number) ^ 1
  const offload = new Offload()
  host.device.deliverWith(packet, offload)
  expect(server.recv(new Uint8Array(10), 0, 10, 0)).toBe(-11)
  offload.checksum = 2
  host.device.deliverWith(packet, offload)
  expect(server.recv(new Uint8Array(10), 0, 10, 0)).toBe(4)
})
