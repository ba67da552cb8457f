// What the kernel says beside a message, and heeds of what is said to it: unix(7), socket(7), packet(7), Linux's
// networking/timestamping and networking/msg_zerocopy, in a network namespace of the test's.

import { closeSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IP_MTU_DISCOVER,
  IP_PMTUDISC_DONT,
  IP_RECVFRAGSIZE,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_DONTFRAG,
  IPV6_RECVPATHMTU,
  MSG_ERRQUEUE,
  MSG_ZEROCOPY,
  SO_MARK,
  SO_PASSPIDFD,
  SO_PEERPIDFD,
  SO_PRIORITY,
  SO_RCVMARK,
  SO_RCVPRIORITY,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMPING,
  SO_TIMESTAMPNS_NEW,
  SO_TXTIME,
  SO_ZEROCOPY,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_INQ,
} from '../../src/base/constants.ts'
import {
  SCM_TSTAMP_SCHED,
  SCM_TSTAMP_SND,
  SO_EE_ORIGIN_TIMESTAMPING,
  SOF_TIMESTAMPING_OPT_CMSG,
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_OPT_TSONLY,
  SOF_TIMESTAMPING_RX_SOFTWARE,
  SOF_TIMESTAMPING_SOFTWARE,
  SOF_TIMESTAMPING_TX_SCHED,
  SOF_TIMESTAMPING_TX_SOFTWARE,
} from '../../src/base/constants-control.ts'
import {
  AF_NETLINK,
  AF_PACKET,
  ETH_P_ALL,
  NETLINK_PKTINFO,
  NETLINK_ROUTE,
  PACKET_AUXDATA,
  SOL_NETLINK,
  SOL_PACKET,
} from '../../src/base/constants-link.ts'
import { htons } from '../../src/base/inet.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { os } from '../../src/os/operating-system.ts'
import { readExtendedError, readTimestamp } from '../../src/socket/control-message.ts'
import { readFrameDetails, readNetlinkGroup } from '../../src/socket/link-control.ts'
import { type ControlMessage, Message } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import {
  packetMark,
  packetPriority,
  readFragmentSize,
  readPacketMark,
  readPacketPriority,
  readPathMtu,
  readPidfd,
  readQueued,
  readZeroCopyDone,
} from '../../src/socket/system-control.ts'
import { departure, readTimestamps, stampedAt } from '../../src/socket/timestamping.ts'
import { Namespace } from '../interop/namespace.ts'
import { describeNetwork } from '../interop/requirements.ts'

/** Nanoseconds since 1970, within what the two clocks of a machine differ. */
const HOUR = 3_600_000_000_000n

function isNow(instant: bigint | null | undefined): boolean {
  const now = BigInt(Date.now()) * 1_000_000n
  return typeof instant === 'bigint' && instant > now - HOUR && instant < now + HOUR
}

describeNetwork("control messages that are the operating system's alone", [], () => {
  let namespace: Namespace
  let sockets: Socket[] = []

  beforeEach(() => {
    namespace = new Namespace()
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

  /** Two datagram sockets of UDP, the second of which is bound. */
  const datagrams = (family: number = AF_INET): { sender: Socket; receiver: Socket; to: SocketAddress } => {
    const receiver = open(family, SOCK_DGRAM)
    receiver.bind({ address: family === AF_INET ? '127.0.0.1' : '::1', port: 0 })
    return { sender: open(family, SOCK_DGRAM), receiver, to: receiver.getsockname() }
  }

  const streams = async (): Promise<[client: Socket, server: Socket]> => {
    const listener = open(AF_INET, SOCK_STREAM)
    listener.bind({ address: '127.0.0.1', port: 0 })
    listener.listen()
    const client = open(AF_INET, SOCK_STREAM)
    await client.connect(listener.getsockname())
    const server = await listener.accept()
    sockets.push(server)
    return [client, server]
  }

  const pair = (type: number): readonly [Socket, Socket] => {
    const both = Socket.pair(os, AF_UNIX, type)
    sockets.push(...both)
    return both
  }

  const message = (bytes: Uint8Array, name: SocketAddress | null = null, ...control: ControlMessage[]): Message => {
    const one = new Message([bytes], name)
    one.control = control
    return one
  }

  const receive = async (socket: Socket, flags = 0): Promise<Message> => {
    const one = message(new Uint8Array(4096), new SocketAddress())
    await socket.recvmsg(one, flags)
    return one
  }

  const OCTET = Uint8Array.of(1)

  test('SO_TIMESTAMPING: when a datagram came, to the nanosecond', async () => {
    const { sender, receiver, to } = datagrams()
    receiver.setsockopt(SOL_SOCKET, SO_TIMESTAMPING, {
      flags: SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE,
    })
    // The kernel begins to stamp what comes a moment after the first socket of the machine has asked for it (its net_enable_timestamp is
    // deferred work): datagrams before that have none.
    let stamps = null
    for (let sent = 0; sent < 10_000 && typeof stamps?.software !== 'bigint'; sent++) {
      await sender.sendto(OCTET, to)
      stamps = readTimestamps(await receive(receiver))
    }
    expect(isNow(stamps?.software)).toBe(true)
    expect(stamps?.hardware).toBeNull()
  })

  test('SO_TIMESTAMPING: when our datagrams went, each by its number, those alone that ask', async () => {
    const { sender, to } = datagrams()
    const told = SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_CMSG | SOF_TIMESTAMPING_OPT_TSONLY
    const flags = SOF_TIMESTAMPING_SOFTWARE | told
    sender.setsockopt(SOL_SOCKET, SO_TIMESTAMPING, { flags })
    const stages = SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_SOFTWARE
    const seen: unknown[] = []
    await sender.sendmsg(message(OCTET, to))
    await sender.sendmsg(message(OCTET, to, stampedAt(stages)))
    for (let i = 0; i < 2; i++) {
      const one = await receive(sender, MSG_ERRQUEUE)
      const error = readExtendedError(one)
      expect(isNow(readTimestamps(one)?.software)).toBe(true)
      expect(error?.origin).toBe(SO_EE_ORIGIN_TIMESTAMPING)
      seen.push([error?.info, error?.data])
    }
    // The number counts datagrams that are stamped.
    expect(seen).toEqual([
      [SCM_TSTAMP_SCHED, 0],
      [SCM_TSTAMP_SND, 0],
    ])
  })

  test.each([SO_TIMESTAMP_NEW, SO_TIMESTAMPNS_NEW])(
    'timestamps of option %i are those of the older name',
    async (name) => {
      const { sender, receiver, to } = datagrams()
      receiver.setsockopt(SOL_SOCKET, name as number, 1)
      await sender.sendto(OCTET, to)
      const at = readTimestamp(await receive(receiver))
      expect(isNow(BigInt(Math.round(at ?? 0)) * 1_000_000n)).toBe(true)
    },
  )

  test('SO_PASSPIDFD and SO_PEERPIDFD: descriptors of the process at the other end', async () => {
    const [one, other] = pair(SOCK_STREAM)
    other.setsockopt(SOL_SOCKET, SO_PASSPIDFD, true)
    await one.send(OCTET)
    const passed = readPidfd(await receive(other))
    const peer = other.getsockopt(SOL_SOCKET, SO_PEERPIDFD)
    expect(passed).toBeGreaterThan(2)
    for (const descriptor of [passed as number, peer]) {
      expect(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')).toMatch(
        new RegExp(`^Pid:\\s${process.pid}$`, 'm'),
      )
      closeSync(descriptor)
    }
  })

  test('PACKET_AUXDATA: how long a frame is of which less was read, and where its network header lies', async () => {
    const sniffer = open(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))
    sniffer.setsockopt(SOL_PACKET, PACKET_AUXDATA, true)
    const { sender, to } = datagrams()
    await sender.sendto(new Uint8Array(1000), to)
    const one = message(new Uint8Array(64))
    await sniffer.recvmsg(one)
    const length = 14 + 20 + 8 + 1000
    expect(readFrameDetails(one)).toMatchObject({ length, snapLength: length, mac: 0, net: 14, vlan: null })
  })

  test('TCP_INQ: octets that still wait', async () => {
    const [client, server] = await streams()
    server.setsockopt(IPPROTO_TCP, TCP_INQ, true)
    await client.send(new Uint8Array(10))
    const one = message(new Uint8Array(4))
    await server.recvmsg(one)
    expect(readQueued(one)).toBe(6)
  })

  test('SO_MARK and SO_PRIORITY of one datagram, and what the receiver is told of them', async () => {
    const { sender, receiver, to } = datagrams()
    receiver.setsockopt(SOL_SOCKET, SO_RCVMARK, true)
    receiver.setsockopt(SOL_SOCKET, SO_RCVPRIORITY, true)
    await sender.sendmsg(message(OCTET, to, packetMark(0x80000007), packetPriority(5)))
    const told = await receive(receiver)
    expect([readPacketMark(told), readPacketPriority(told)]).toEqual([0x80000007, 5])
    // Of the next one nothing remains.
    sender.setsockopt(SOL_SOCKET, SO_MARK, 0)
    expect(sender.getsockopt(SOL_SOCKET, SO_PRIORITY)).toBe(0)
  })

  test('IP_RECVFRAGSIZE: the longest fragment; nothing for what came whole', async () => {
    namespace.ip('link', 'set', 'lo', 'mtu', '1500')
    const { sender, receiver, to } = datagrams()
    sender.setsockopt(IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
    receiver.setsockopt(IPPROTO_IP, IP_RECVFRAGSIZE, true)
    await sender.sendto(new Uint8Array(4000), to)
    expect(readFragmentSize(await receive(receiver))).toBe(1500)
    await sender.sendto(OCTET, to)
    expect(readFragmentSize(await receive(receiver))).toBeNull()
  })

  test('IPV6_RECVPATHMTU: the MTU that was too small, where a datagram may not be cut (RFC 3542 section 11.3)', async () => {
    namespace.ip('link', 'set', 'lo', 'mtu', '1500')
    const { sender, to } = datagrams(AF_INET6)
    sender.setsockopt(IPPROTO_IPV6, IPV6_RECVPATHMTU, true)
    sender.setsockopt(IPPROTO_IPV6, IPV6_DONTFRAG, true)
    await sender.connect(to)
    await expect(sender.send(new Uint8Array(4000))).rejects.toMatchObject({ code: 'EMSGSIZE' })
    const path = readPathMtu(await receive(sender))
    expect([path?.mtu, path?.address.address]).toEqual([1500, '::1'])
  })

  test('NETLINK_PKTINFO: an answer is for this socket alone', async () => {
    const socket = open(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
    socket.setsockopt(SOL_NETLINK, NETLINK_PKTINFO, true)
    // struct nlmsghdr: NLMSG_NOOP, NLM_F_REQUEST | NLM_F_ACK.
    const request = new Uint8Array(16)
    request.set([16, 0, 0, 0, 1, 0, 5, 0])
    await socket.sendto(request, { pid: 0 })
    expect(readNetlinkGroup(await receive(socket))).toBe(0)
  })

  test('SCM_TXTIME: taken from a socket that has SO_TXTIME on, EINVAL from any other', async () => {
    const { sender, receiver, to } = datagrams()
    const at = departure(process.hrtime.bigint())
    await expect(sender.sendmsg(message(OCTET, to, at))).rejects.toMatchObject({ code: 'EINVAL' })
    sender.setsockopt(SOL_SOCKET, SO_TXTIME, { clockid: 1, flags: 0 })
    expect(await sender.sendmsg(message(OCTET, to, at))).toBe(1)
    await receive(receiver)
  })

  test('MSG_ZEROCOPY: which calls are over; over loopback the kernel has copied', async () => {
    const [client, server] = await streams()
    client.setsockopt(SOL_SOCKET, SO_ZEROCOPY, true)
    const bytes = new Uint8Array(20_000).fill(7)
    for (let i = 0; i < 3; i++) expect(await client.send(bytes, MSG_ZEROCOPY)).toBe(bytes.length)
    let read = 0
    const room = new Uint8Array(65_536)
    while (read < 3 * bytes.length) read += await server.recv(room)
    let next = 0
    while (next < 3) {
      const done = readZeroCopyDone(await receive(client, MSG_ERRQUEUE))
      expect([done?.from, done?.copied]).toEqual([next, true])
      next = (done?.to ?? Number.POSITIVE_INFINITY) + 1
    }
    expect(next).toBe(3)
  })
})
