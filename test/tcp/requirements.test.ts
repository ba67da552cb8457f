// Requirements of RFC 9293 that a script cannot show: checksums, initial sequence numbers, addresses that a packet may not have, and
// what an application may do with its calls.

import { expect, test } from 'vitest'
import { AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { SequenceGenerator } from '../../src/tcp/isn.ts'
import { ACK, RST, SYN } from '../../src/wire/tcp.ts'
import { octets } from '../stack/one-stack.ts'
import { int, MSS_ONLY, Peer } from './peer.ts'

const LOCAL = IpAddress.parse('192.0.2.1') as IpAddress
const REMOTE = IpAddress.parse('198.51.100.7') as IpAddress

test('LISTEN: every segment that is sent has the checksum of its octets and addresses (RFC 9293 3.1, MUST-2)', () => {
  const peer = new Peer()
  const socket = peer.open()
  socket.send(octets(1000), 0, 1000, 0)
  peer.run()
  // take() throws where a checksum is wrong.
  expect(peer.take().map(({ data }) => data.length)).toEqual([1000])
})

test('LISTEN: a segment whose checksum is wrong in any one bit is dropped without a word (RFC 9293 3.1, MUST-3)', () => {
  const peer = new Peer()
  peer.listen()
  const right = peer.packet(SYN, { options: MSS_ONLY })
  const header = peer.family.header
  for (let bit = 0; bit < 8 * (right.length - header); bit++) {
    const wrong = right.slice()
    const at = header + (bit >> 3)
    wrong[at] = (wrong[at] as number) ^ (1 << (bit & 7))
    peer.device.deliver(wrong)
    peer.run()
  }
  expect(peer.device.take()).toEqual([])
  // Some turn the length of the header into one that cannot be.
  const { badChecksum, malformed } = peer.stack.tcp.counters
  expect([badChecksum + malformed, malformed < 5]).toEqual([8 * (right.length - header), true])
  peer.send(SYN, { options: MSS_ONLY })
  expect(peer.take()).toHaveLength(1)
})

test('the initial sequence number moves by one every four microseconds (RFC 9293 3.4.1, MUST-8)', () => {
  const generator = new SequenceGenerator(new SeededRandom(1))
  const at = (now: number) => generator.initial(LOCAL, 80, REMOTE, 4000, now)
  expect((at(1.004) - at(1)) | 0).toBe(1)
  expect((at(1001) - at(1)) | 0).toBe(250_000)
  // About four and a half hours later it has come round.
  expect((at(2 ** 32 / 250) - at(0)) | 0).toBe(0)
})

test('the initial sequence numbers of connections tell nothing of each other without the key (RFC 9293 3.4.1, MUST-9, SHLD-1; RFC 6528 3)', () => {
  const one = new SequenceGenerator(new SeededRandom(1))
  const other = new SequenceGenerator(new SeededRandom(2))
  const ports = Array.from({ length: 1000 }, (_, i) => 1024 + i)
  const of = (generator: SequenceGenerator) => ports.map((port) => generator.initial(LOCAL, port, REMOTE, 80, 0))
  // The same connection has its place again; with another key it is another.
  expect(of(one)).toEqual(of(one))
  expect(of(one).filter((value, i) => value === of(other)[i])).toEqual([])
  const numbers = of(one)
  const steps = new Set(numbers.slice(1).map((value, i) => (value - (numbers[i] as number)) | 0))
  expect(steps.size).toBe(numbers.length - 1)
  for (let bit = 0; bit < 32; bit++) {
    const set = numbers.filter((value) => ((value >>> bit) & 1) === 1).length
    expect(Math.abs(set - 500), `bit ${bit}`).toBeLessThan(80)
  }
})

test.each(['192.0.2.255', '255.255.255.255', '224.0.0.1'])(
  'LISTEN: a SYN to %s, which is not of one host, is dropped without a word (RFC 9293 3.9.2.3, MUST-57)',
  (destination) => {
    const peer = new Peer()
    peer.listen()
    const packet = peer.packet(SYN, { options: MSS_ONLY })
    const to = IpAddress.parse(destination) as IpAddress
    peer.device.deliver(peer.readdressed(packet, peer.family.peerIp, to))
    peer.run()
    expect(peer.device.take()).toEqual([])
    expect(peer.stack.tcp.counters.badAddress).toBe(1)
    expect(peer.stack.tcp.connections.count).toBe(0)
  },
)

test.each(['192.0.2.255', '255.255.255.255', '224.0.0.1', '127.0.0.1', '192.0.2.1'])(
  'LISTEN: a SYN from %s, which is no other host, is dropped without a word (RFC 9293 3.9.2.3, MUST-63)',
  (source) => {
    const peer = new Peer()
    peer.listen()
    const from = source === '192.0.2.1' ? peer.family.oursIp : (IpAddress.parse(source) as IpAddress)
    peer.device.deliver(peer.readdressed(peer.packet(SYN, { options: MSS_ONLY }), from, peer.family.oursIp))
    peer.run()
    expect(peer.device.take()).toEqual([])
    expect(peer.stack.tcp.connections.count).toBe(0)
  },
)

test('SYN-SENT: a port can be listened at while a connection is being opened from it (RFC 9293 3.9.1.1, MUST-42)', () => {
  const peer = new Peer()
  const opening = peer.socket()
  opening.setOption(SOL_SOCKET, SO_REUSEADDR, int(1))
  expect(opening.bind(SocketAddress.internet(peer.family.wildcard, 7000))).toBe(0)
  opening.connect(SocketAddress.internet(peer.family.peer, 80))
  const listener = peer.socket()
  listener.setOption(SOL_SOCKET, SO_REUSEADDR, int(1))
  expect(listener.bind(SocketAddress.internet(peer.family.wildcard, 7000))).toBe(0)
  expect(listener.listen(1)).toBe(0)
  peer.run()
  peer.device.take()
  peer.stackPort = 7000
  peer.send(SYN, { options: MSS_ONLY })
  expect(peer.take()).toHaveLength(1)
})

test('CLOSED: an open asks IP for the local address, which the connection keeps (RFC 9293 3.9.1.1, MUST-44, MUST-45)', () => {
  const peer = new Peer()
  const socket = peer.socket()
  socket.connect(SocketAddress.internet(peer.family.peer, 80))
  const address = new SocketAddress()
  socket.localAddress(address)
  expect(address.ip.toString()).toBe(peer.family.oursIp.toString())
  // Another address, and a better way to the peer, that come later change nothing.
  peer.stack.addAddress(peer.link, IpAddress.parse('203.0.113.5') as IpAddress, 24)
  peer.run(1000)
  socket.localAddress(address)
  expect(address.ip.toString()).toBe(peer.family.oursIp.toString())
})

test('CLOSED: an open takes the local address that the application names (RFC 9293 3.9.1.1, MUST-43)', () => {
  const peer = new Peer()
  peer.stack.addAddress(peer.link, IpAddress.parse('203.0.113.5') as IpAddress, 24)
  const socket = peer.stack.socket(AF_INET, SOCK_STREAM, 0)
  if (typeof socket === 'number') throw new Error('no socket')
  expect(socket.bind(SocketAddress.internet('203.0.113.5', 0))).toBe(0)
  socket.connect(SocketAddress.internet(peer.family.peer, 80))
  peer.run()
  const [packet] = peer.device.take()
  expect(packet?.slice(12, 16)).toEqual(Uint8Array.of(203, 0, 113, 5))
})

test('ESTABLISHED: a RST that carries data, in words why, is a RST (RFC 9293 3.5.3, SHLD-2)', () => {
  const peer = new Peer()
  const socket = peer.open()
  peer.send(RST | ACK, { data: octets(20) })
  expect(socket.recv(new Uint8Array(10), 0, 10, 0)).toBeLessThan(0)
  expect(peer.take()).toEqual([])
})
