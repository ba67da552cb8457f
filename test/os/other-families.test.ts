// Families that only the operating system has: packet(7), netlink(7), vsock(7), raw(7), in a network namespace of the test's.

import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  MSG_PEEK,
  MSG_TRUNC,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from '../../src/base/constants.ts'
import {
  AF_NETLINK,
  AF_PACKET,
  AF_VSOCK,
  ARPHRD_LOOPBACK,
  ETH_P_ALL,
  ETH_P_IP,
  NETLINK_ROUTE,
  PACKET_HOST,
  PACKET_OUTGOING,
  VMADDR_CID_ANY,
} from '../../src/base/constants-link.ts'
import { htons } from '../../src/base/inet.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { os } from '../../src/os/operating-system.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Namespace } from '../interop/namespace.ts'
import { describeNetwork } from '../interop/requirements.ts'

describeNetwork("families that are the operating system's alone", ['sysctl'], () => {
  let namespace: Namespace
  let sockets: Socket[] = []
  let lo = 0

  beforeEach(() => {
    namespace = new Namespace()
    lo = namespace.enter(() => os.interfaceIndex('lo'))
  })

  afterEach(async () => {
    await Promise.all(sockets.map((socket) => socket.close()))
    sockets = []
    await namespace.close()
  })

  const open = (family: number, type: number, protocol = 0): Socket => {
    const socket = namespace.enter(() => new Socket(os, family, type, protocol))
    sockets.push(socket)
    return socket
  }

  test('AF_PACKET sees a datagram leave and arrive, each frame whole, and says whose it is', async () => {
    const sniffer = open(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))
    sniffer.bind({ ifindex: lo, protocol: ETH_P_ALL })
    expect(sniffer.getsockname().packet).toMatchObject({ ifindex: lo, protocol: ETH_P_ALL })
    const sender = open(AF_INET, SOCK_DGRAM)
    await sender.sendto(Uint8Array.of(0xca, 0xfe), { address: '127.0.0.1', port: 9 })
    const frame = new Uint8Array(2048)
    for (const packetType of [PACKET_OUTGOING, PACKET_HOST]) {
      const { length, address } = await sniffer.recvfrom(frame)
      expect(length).toBe(14 + 20 + 8 + 2)
      expect(Buffer.from(frame.subarray(length - 2, length)).toString('hex')).toBe('cafe')
      expect(address?.packet).toEqual({
        ifindex: lo,
        protocol: ETH_P_IP,
        hardwareType: ARPHRD_LOOPBACK,
        packetType,
        hardwareAddress: new Uint8Array(6),
      })
    }
  })

  test('AF_PACKET sends a packet that a raw socket receives: SOCK_DGRAM has the kernel write the frame header', async () => {
    const icmp = open(AF_INET, SOCK_RAW, IPPROTO_ICMP)
    const sender = open(AF_PACKET, SOCK_DGRAM)
    // What comes from outside with an address of this host's is refused else: it does not matter here that outside is lo.
    namespace.sysctl('net.ipv4.conf.all.accept_local', 1)
    namespace.sysctl('net.ipv4.conf.all.route_localnet', 1)
    namespace.sysctl('net.ipv4.conf.all.rp_filter', 0)
    namespace.sysctl('net.ipv4.conf.lo.rp_filter', 0)
    const packet = Buffer.from('4500001c00000000400166df7f0000017f0000010800f7ff00000000', 'hex')
    packet.writeUInt16BE(checksum(packet.subarray(0, 20)), 10)
    const to = SocketAddress.packet({ ifindex: lo, protocol: ETH_P_IP, hardwareAddress: new Uint8Array(6) })
    expect(await sender.sendto(packet, to)).toBe(packet.length)
    const bytes = new Uint8Array(100)
    // The request itself; the kernel answers it with another.
    const { length, address } = await icmp.recvfrom(bytes)
    expect([length, bytes[20], address?.toString()]).toEqual([28, 8, '127.0.0.1:0'])
    const answer = await icmp.recvfrom(bytes)
    expect([answer.length, bytes[20]]).toEqual([28, 0])
  })

  test('AF_NETLINK asks the kernel for its links, and is answered by pid 0', async () => {
    const socket = open(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
    socket.bind({ pid: 0 })
    expect(socket.getsockname().netlink?.pid).toBeGreaterThan(0)
    // struct nlmsghdr, struct ifinfomsg: RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP.
    const request = new Uint8Array(32)
    const view = new DataView(request.buffer)
    view.setUint32(0, 32, true)
    view.setUint16(4, 18, true)
    view.setUint16(6, 0x301, true)
    view.setUint32(8, 4242, true)
    expect(await socket.sendto(request, { pid: 0 })).toBe(32)
    // How long the answer is can be asked first.
    const whole = await socket.recv(new Uint8Array(0), MSG_PEEK | MSG_TRUNC)
    const answer = new Uint8Array(whole)
    const { length, address } = await socket.recvfrom(answer)
    expect(length).toBe(whole)
    expect(address?.netlink).toEqual({ pid: 0, groups: 0 })
    const read = new DataView(answer.buffer)
    // RTM_NEWLINK, our sequence number, the index of lo.
    expect([read.getUint16(4, true), read.getUint32(8, true), read.getInt32(20, true)]).toEqual([16, 4242, lo])
  })

  test('AF_VSOCK: what the kernel says of it, an address of it in and out', async () => {
    let socket: Socket
    try {
      socket = open(AF_VSOCK, SOCK_STREAM)
    } catch (error) {
      // A kernel without the family says so as it says of any.
      expect(error).toMatchObject({ code: 'EAFNOSUPPORT', syscall: 'socket' })
      return
    }
    socket.bind({ cid: VMADDR_CID_ANY, port: 4242 })
    expect(socket.getsockname().vsock).toEqual({ cid: VMADDR_CID_ANY, port: 4242 })
  })

  test.each([
    [AF_INET, IPPROTO_ICMP, '127.0.0.1', 8, 0],
    [AF_INET6, IPPROTO_ICMPV6, '::1', 128, 129],
  ])(
    'sockets of ICMP echo, family %i: the kernel writes identifier and checksum',
    async (family, protocol, address, request, reply) => {
      namespace.sysctl('net.ipv4.ping_group_range', '0 2147483647')
      const socket = open(family, SOCK_DGRAM, protocol)
      socket.bind({ address, port: 0 })
      const identifier = socket.getsockname().port
      await socket.sendto(Uint8Array.of(request, 0, 0, 0, 0, 0, 0, 7, 0xab), { address, port: 0 })
      const bytes = new Uint8Array(100)
      const length = await socket.recv(bytes)
      expect([length, bytes[0], (bytes[4] as number) * 256 + (bytes[5] as number), bytes[7], bytes[8]]).toEqual([
        9,
        reply,
        identifier,
        7,
        0xab,
      ])
    },
  )

  test('a socket of a family or protocol that is not there: EAFNOSUPPORT, EPROTONOSUPPORT', () => {
    expect(() => open(9999, SOCK_STREAM)).toThrow('EAFNOSUPPORT')
    expect(() => open(AF_NETLINK, SOCK_RAW, 999)).toThrow('EPROTONOSUPPORT')
  })
})

function checksum(bytes: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) if (i !== 10) sum += (bytes[i] as number) * 256 + (bytes[i + 1] as number)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
