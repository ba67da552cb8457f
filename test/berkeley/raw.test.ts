// Read first: raw(7), icmp(7), RFC 792. What ping is made of.

import { expect, test } from 'vitest'
import { internetChecksum } from '../../src/base/checksum.ts'
import {
  AF_INET,
  ICMP_FILTER,
  IP_HDRINCL,
  IP_TTL,
  IPPROTO_ICMP,
  IPPROTO_IP,
  IPPROTO_RAW,
  SOCK_DGRAM,
  SOL_RAW,
} from '../../src/base/constants.ts'
import { EAGAIN } from '../../src/base/errno.ts'
import { Socket } from '../../src/socket/socket.ts'
import { berkeleyIpv4 as berkeley, octets, type Scene } from './scene.ts'

const ECHO_REPLY = 0
const ECHO = 8

/** An ICMP echo request with its checksum. */
function echo(identifier: number, sequence: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + data.length)
  bytes.set([ECHO, 0, 0, 0, identifier >> 8, identifier, sequence >> 8, sequence])
  bytes.set(data, 8)
  const sum = internetChecksum(bytes, 0, bytes.length)
  bytes[2] = sum >> 8
  bytes[3] = sum
  return bytes
}

function ping(scene: Scene): Socket {
  return scene.keep(new Socket(scene.hosts.client, AF_INET, SOCK_DGRAM, IPPROTO_ICMP))
}

/** The next packet that is an echo reply: on one host, requests come by too. */
async function reply(scene: Scene, socket: Socket): Promise<Uint8Array> {
  for (;;) {
    const room = new Uint8Array(70_000)
    const length = await scene.hosts.drive(socket.recv(room))
    if (room[20] === ECHO_REPLY) return room.subarray(0, length)
  }
}

berkeley('Raw sockets', (scene) => {
  test('ping: an echo request goes out, the reply comes in with its IP header', async () => {
    const { hosts } = scene()
    const socket = scene().raw(IPPROTO_ICMP)
    const request = echo(0x1234, 1, octets(56))
    expect(await socket.sendto(request, scene().at(0))).toBe(64)
    const packet = await reply(scene(), socket)
    expect(packet.length).toBe(84)
    expect(packet[0]).toBe(0x45)
    expect([...packet.subarray(12, 16)].join('.')).toBe(hosts.serverAddress)
    expect(packet[9]).toBe(IPPROTO_ICMP)
    expect(packet.subarray(24)).toEqual(request.subarray(4))
  })

  test('a large ping comes back whole, in fragments where it must', async () => {
    const socket = scene().raw(IPPROTO_ICMP)
    const request = echo(1, 1, octets(60_000))
    await socket.sendto(request, scene().at(0))
    const packet = await reply(scene(), socket)
    expect(packet.length).toBe(60_028)
    expect(Buffer.compare(packet.subarray(24), request.subarray(4))).toBe(0)
  })

  test('connect names the peer, who alone is heard', async () => {
    const { hosts } = scene()
    const socket = scene().raw(IPPROTO_ICMP)
    await socket.connect({ address: '127.0.0.3', port: 0 })
    const other = scene().raw(IPPROTO_ICMP)
    await other.sendto(echo(1, 1, octets(8)), { address: '127.0.0.2', port: 0 })
    await reply(scene(), other)
    expect(socket.tryRecv(octets(9))).toBe(-EAGAIN)
    await socket.send(echo(2, 1, octets(8)))
    const packet = await reply(scene(), socket)
    expect([...packet.subarray(12, 16)].join('.')).toBe('127.0.0.3')
    void hosts
  })

  test('ICMP_FILTER keeps the types out whose bits are set', async () => {
    const { hosts } = scene()
    const [deaf, open] = [scene().raw(IPPROTO_ICMP), scene().raw(IPPROTO_ICMP)]
    deaf.setsockopt(SOL_RAW, ICMP_FILTER, 1 << ECHO_REPLY)
    expect(deaf.getsockopt(SOL_RAW, ICMP_FILTER)).toBe(1 << ECHO_REPLY)
    await open.sendto(echo(1, 1, octets(8)), scene().at(0))
    await reply(scene(), open)
    for (;;) {
      const room = new Uint8Array(100)
      if (deaf.tryRecv(room) < 0) break
      expect(room[20]).not.toBe(ECHO_REPLY)
    }
    void hosts
  })

  test("IP_HDRINCL: the header is the caller's, with identification, checksum and total length filled in", async () => {
    const { hosts } = scene()
    const socket = scene().raw(IPPROTO_RAW)
    expect(socket.getsockopt(IPPROTO_IP, IP_HDRINCL)).toBe(true)
    const listener = scene().raw(IPPROTO_ICMP)
    const request = echo(7, 7, octets(16))
    const packet = new Uint8Array(20 + request.length)
    const to = hosts.serverAddress.split('.').map(Number)
    packet.set([0x45, 0, 0, 0, 0, 0, 0, 0, 33, IPPROTO_ICMP, 0, 0, 0, 0, 0, 0, ...to])
    packet.set(request, 20)
    expect(await socket.sendto(packet, scene().at(0))).toBe(packet.length)
    const answer = await reply(scene(), listener)
    expect(answer.subarray(24)).toEqual(request.subarray(4))
    // A socket of IPPROTO_RAW only sends.
    expect(socket.tryRecv(octets(9))).toBe(-EAGAIN)
  })

  test('a protocol that nobody speaks reaches the raw socket that asked for it', async () => {
    const { hosts } = scene()
    const sender = scene().raw(253)
    const receiver = scene().raw(253, hosts.server)
    sender.setsockopt(IPPROTO_IP, IP_TTL, 9)
    await sender.sendto(octets(12), scene().at(0))
    const room = new Uint8Array(100)
    expect(await hosts.drive(receiver.recv(room))).toBe(32)
    expect([room[8], room[9]]).toEqual([9, 253])
    expect(room.subarray(20, 32)).toEqual(octets(12))
  })

  test('listen and accept on one: EOPNOTSUPP', async () => {
    const { hosts } = scene()
    const socket = scene().raw(IPPROTO_ICMP)
    expect(() => socket.listen()).toThrow('listen EOPNOTSUPP')
    expect(await hosts.failure(socket.accept())).toMatchObject({ code: 'EOPNOTSUPP' })
  })
})

berkeley('ICMP datagram sockets', (scene) => {
  test('ping without privilege: the identifier is the port, the checksum is filled in, the header stays below', async () => {
    const { hosts } = scene()
    const socket = ping(scene())
    socket.bind({ address: '', port: 777 })
    const request = new Uint8Array([ECHO, 0, 0, 0, 0, 0, 0, 3, ...octets(20)])
    expect(await socket.sendto(request, scene().at(0))).toBe(28)
    const room = new Uint8Array(100)
    const { length, address } = await hosts.drive(socket.recvfrom(room))
    expect(length).toBe(28)
    expect(room[0]).toBe(ECHO_REPLY)
    expect((room[4] as number) * 256 + (room[5] as number)).toBe(777)
    expect(room[7]).toBe(3)
    expect(room.subarray(8, 28)).toEqual(octets(20))
    expect(address?.address).toBe(hosts.serverAddress)
  })

  test('each socket gets its own replies only', async () => {
    const { hosts } = scene()
    const [first, second] = [ping(scene()), ping(scene())]
    await first.sendto(new Uint8Array([ECHO, 0, 0, 0, 0, 0, 0, 1]), scene().at(0))
    await hosts.drive(first.recv(octets(99)))
    expect(second.tryRecv(octets(99))).toBe(-EAGAIN)
    expect(first.tryRecv(octets(99))).toBe(-EAGAIN)
  })

  test('anything but an echo request: EINVAL', async () => {
    const { hosts } = scene()
    const request = new Uint8Array([13, 0, 0, 0, 0, 0, 0, 1])
    expect(await hosts.failure(ping(scene()).sendto(request, scene().at(0)))).toMatchObject({ code: 'EINVAL' })
  })
})
