// Options of the operating system's sockets as the kernel has them: the numbers, the lengths and the structs of the table are right
// where it takes them and gives them back.

import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IP_PROTOCOL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_ADDR_PREFERENCES,
  IPV6_FLOWLABEL_MGR,
  IPV6_PATHMTU,
  IPV6_RECVPATHMTU,
  SO_ATTACH_FILTER,
  SO_ATTACH_REUSEPORT_CBPF,
  SO_BPF_EXTENSIONS,
  SO_COOKIE,
  SO_DETACH_FILTER,
  SO_GET_FILTER,
  SO_INCOMING_CPU,
  SO_LOCK_FILTER,
  SO_MARK,
  SO_MAX_PACING_RATE,
  SO_MEMINFO,
  SO_NETNS_COOKIE,
  SO_ORIGINAL_DST,
  SO_PASSPIDFD,
  SO_PEERGROUPS,
  SO_PEERPIDFD,
  SO_RCVTIMEO_NEW,
  SO_REUSEPORT,
  SO_TIMESTAMPING,
  SO_TXTIME,
  SO_ZEROCOPY,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_FASTOPEN_KEY,
  TCP_MD5SIG,
  TCP_QUEUE_SEQ,
  TCP_REPAIR,
  TCP_REPAIR_QUEUE,
  TCP_REPAIR_WINDOW,
  TCP_SAVE_SYN,
  TCP_SAVED_SYN,
  TCP_THIN_LINEAR_TIMEOUTS,
  TCP_ULP,
  TCP_ZEROCOPY_RECEIVE,
} from '../../src/base/constants.ts'
import {
  AF_NETLINK,
  AF_PACKET,
  AF_VSOCK,
  ETH_P_ALL,
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_EXT_ACK,
  NETLINK_LIST_MEMBERSHIPS,
  NETLINK_ROUTE,
  PACKET_ADD_MEMBERSHIP,
  PACKET_DROP_MEMBERSHIP,
  PACKET_FANOUT,
  PACKET_FANOUT_DATA,
  PACKET_HDRLEN,
  PACKET_MR_MULTICAST,
  PACKET_MR_PROMISC,
  PACKET_ROLLOVER_STATS,
  PACKET_STATISTICS,
  PACKET_VERSION,
  SO_VM_SOCKETS_BUFFER_SIZE,
  SO_VM_SOCKETS_CONNECT_TIMEOUT,
  SOL_NETLINK,
  SOL_PACKET,
} from '../../src/base/constants-link.ts'
import {
  BPF_ABS,
  BPF_B,
  BPF_K,
  BPF_LD,
  BPF_RET,
  CLOCK_MONOTONIC,
  IPV6_FL_A_GET,
  IPV6_FL_A_PUT,
  IPV6_FL_A_RENEW,
  IPV6_FL_F_CREATE,
  IPV6_FL_S_EXCL,
  IPV6_PREFER_SRC_PUBLIC,
  PACKET_FANOUT_CBPF,
  PACKET_FANOUT_FLAG_ROLLOVER,
  SOF_TXTIME_REPORT_ERRORS,
  TCP_REPAIR_OFF,
  TCP_REPAIR_ON,
  TCP_SEND_QUEUE,
  TPACKET_V1,
  TPACKET_V3,
} from '../../src/base/constants-options.ts'
import { htons } from '../../src/base/inet.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { libc } from '../../src/os/libc.ts'
import { os } from '../../src/os/operating-system.ts'
import { optionEntries } from '../../src/socket/option-table.ts'
import { decodeOption, encodeOption, OPTION_LENGTH, type OptionKind } from '../../src/socket/option-values.ts'
import type { Endpoint } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Namespace } from '../interop/namespace.ts'
import { describeNetwork } from '../interop/requirements.ts'

/** The octet at `k`. */
const load = (k: number) => ({ code: BPF_LD | BPF_B | BPF_ABS, jt: 0, jf: 0, k })
/** Takes so many octets: 0 drops what came. */
const take = (k: number) => ({ code: BPF_RET | BPF_K, jt: 0, jf: 0, k })

describeNetwork("options of the operating system's sockets", [], () => {
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

  const keep = (socket: Socket): Socket => {
    sockets.push(socket)
    return socket
  }

  const open = (family: number, type: number, protocol = 0): Socket =>
    keep(namespace.enter(() => new Socket(os, family, type, protocol)))

  const connected = async (
    family: number,
    prepare: (listener: Socket) => void = () => {},
  ): Promise<[Socket, Socket]> => {
    const listener = open(family, SOCK_STREAM)
    prepare(listener)
    listener.bind({ address: family === AF_INET ? '127.0.0.1' : '::1', port: 0 })
    listener.listen()
    const client = open(family, SOCK_STREAM)
    await client.connect(listener.getsockname())
    return [client, keep(await listener.accept())]
  }

  test('SO_COOKIE and SO_NETNS_COOKIE are bigints that tell sockets and namespaces apart', () => {
    const [a, b] = [open(AF_INET, SOCK_STREAM), open(AF_INET, SOCK_STREAM)]
    const cookie: bigint = a.getsockopt(SOL_SOCKET, SO_COOKIE)
    expect([typeof cookie, cookie > 0n, a.getsockopt(SOL_SOCKET, SO_COOKIE) === cookie]).toEqual(['bigint', true, true])
    expect(b.getsockopt(SOL_SOCKET, SO_COOKIE)).not.toBe(cookie)
    expect(a.getsockopt(SOL_SOCKET, SO_NETNS_COOKIE)).toBe(b.getsockopt(SOL_SOCKET, SO_NETNS_COOKIE))
  })

  test('SO_MAX_PACING_RATE is without limit at first, and takes a number or a bigint beyond 32 bits', () => {
    const socket = open(AF_INET, SOCK_STREAM)
    expect(socket.getsockopt(SOL_SOCKET, SO_MAX_PACING_RATE)).toBe(2n ** 64n - 1n)
    socket.setsockopt(SOL_SOCKET, SO_MAX_PACING_RATE, 125_000)
    expect(socket.getsockopt(SOL_SOCKET, SO_MAX_PACING_RATE)).toBe(125_000n)
    socket.setsockopt(SOL_SOCKET, SO_MAX_PACING_RATE, 2n ** 40n + 1n)
    expect(socket.getsockopt(SOL_SOCKET, SO_MAX_PACING_RATE)).toBe(2n ** 40n + 1n)
  })

  test('SO_MARK has no sign', () => {
    const socket = open(AF_INET, SOCK_DGRAM)
    socket.setsockopt(SOL_SOCKET, SO_MARK, 0xf0000001)
    expect(socket.getsockopt(SOL_SOCKET, SO_MARK)).toBe(0xf0000001)
  })

  test('structs of integers of socket(7): SO_TIMESTAMPING, SO_TXTIME, SO_MEMINFO, SO_RCVTIMEO_NEW', () => {
    const socket = open(AF_INET, SOCK_DGRAM)
    socket.setsockopt(SOL_SOCKET, SO_TIMESTAMPING, 0x18)
    expect(socket.getsockopt(SOL_SOCKET, SO_TIMESTAMPING).flags).toBe(0x18)
    socket.setsockopt(SOL_SOCKET, SO_TIMESTAMPING, { flags: 0x10 })
    expect(socket.getsockopt(SOL_SOCKET, SO_TIMESTAMPING).flags).toBe(0x10)
    socket.setsockopt(SOL_SOCKET, SO_TXTIME, { clockid: CLOCK_MONOTONIC, flags: SOF_TXTIME_REPORT_ERRORS })
    expect(socket.getsockopt(SOL_SOCKET, SO_TXTIME)).toEqual({ clockid: 1, flags: 2 })
    const memory = socket.getsockopt(SOL_SOCKET, SO_MEMINFO)
    expect([memory.rmem_alloc, memory.drops, memory.rcvbuf > 0, memory.sndbuf > 0]).toEqual([0, 0, true, true])
    socket.setsockopt(SOL_SOCKET, SO_RCVTIMEO_NEW, 2500)
    expect(socket.getsockopt(SOL_SOCKET, SO_RCVTIMEO_NEW)).toBe(2500)
  })

  test('who the peer of a Unix socket is: SO_PEERGROUPS, SO_PEERPIDFD', () => {
    const before = process.getgroups?.() ?? []
    process.setgroups?.([7, 70_000])
    const [a, b] = namespace.enter(() => Socket.pair(os, AF_UNIX, SOCK_STREAM))
    process.setgroups?.(before)
    keep(a)
    keep(b)
    expect(a.getsockopt(SOL_SOCKET, SO_PEERGROUPS)).toEqual([7, 70_000])
    a.setsockopt(SOL_SOCKET, SO_PASSPIDFD, true)
    expect(a.getsockopt(SOL_SOCKET, SO_PASSPIDFD)).toBe(true)
    const process_ = a.getsockopt(SOL_SOCKET, SO_PEERPIDFD)
    expect(process_).toBeGreaterThan(0)
    expect(libc().close(process_)).toBe(0)
  })

  test('a classic BPF program of SO_ATTACH_FILTER drops and cuts datagrams, is given back, and can be locked', async () => {
    const [receiver, sender] = [open(AF_INET, SOCK_DGRAM), open(AF_INET, SOCK_DGRAM)]
    receiver.bind({ address: '127.0.0.1', port: 0 })
    const to = receiver.getsockname()
    expect(receiver.getsockopt(SOL_SOCKET, SO_GET_FILTER)).toEqual([])
    receiver.setsockopt(SOL_SOCKET, SO_ATTACH_FILTER, [take(0)])
    await sender.sendto(Uint8Array.of(1, 2, 3, 4, 5), to)
    expect(receiver.tryRecv(new Uint8Array(9))).toBe(-11)
    // The header counts as well: of UDP its 8 octets come before what is read.
    receiver.setsockopt(SOL_SOCKET, SO_ATTACH_FILTER, [load(0), take(8 + 3)])
    await sender.sendto(Uint8Array.of(1, 2, 3, 4, 5), to)
    expect(await receiver.recv(new Uint8Array(9))).toBe(3)
    expect(receiver.getsockopt(SOL_SOCKET, SO_GET_FILTER)).toEqual([load(0), take(11)])
    receiver.setsockopt(SOL_SOCKET, SO_LOCK_FILTER, true)
    expect(() => receiver.setsockopt(SOL_SOCKET, SO_DETACH_FILTER, 0)).toThrow('setsockopt EPERM')
    expect(receiver.getsockopt(SOL_SOCKET, SO_BPF_EXTENSIONS)).toBeGreaterThan(0)
  })

  test('SO_GET_FILTER writes no further than the value that it is given, however long the program', () => {
    const socket = open(AF_INET, SOCK_DGRAM)
    const program = [...Array.from({ length: 300 }, () => load(0)), take(0)]
    socket.setsockopt(SOL_SOCKET, SO_ATTACH_FILTER, program)
    expect(socket.getsockopt(SOL_SOCKET, SO_GET_FILTER)).toEqual(program)
    const endpoint = os.endpoint(socket.fd) as Endpoint
    const memory = new Uint8Array(301 * 8).fill(0xee)
    expect(endpoint.getOption(SOL_SOCKET, SO_GET_FILTER, memory.subarray(0, 301))).toBe(-22)
    expect(memory.every((octet) => octet === 0xee)).toBe(true)
  })

  test('filters that the kernel refuses are EINVAL, and those that are too long a RangeError before', () => {
    const socket = open(AF_INET, SOCK_DGRAM)
    expect(() => socket.setsockopt(SOL_SOCKET, SO_ATTACH_FILTER, [])).toThrow('setsockopt EINVAL')
    expect(() => socket.setsockopt(SOL_SOCKET, SO_ATTACH_FILTER, [load(0)])).toThrow('setsockopt EINVAL')
    expect(() => socket.setsockopt(SOL_SOCKET, SO_ATTACH_FILTER, 7)).toThrow('setsockopt EINVAL')
    expect(() => socket.setsockopt(SOL_SOCKET, SO_ATTACH_FILTER, new Array(4097).fill(load(0)))).toThrow(RangeError)
  })

  test('SO_ATTACH_REUSEPORT_CBPF chooses among the sockets of a port', async () => {
    const sender = open(AF_INET, SOCK_DGRAM)
    const group: Socket[] = []
    for (let i = 0; i < 3; i++) {
      const socket = open(AF_INET, SOCK_DGRAM)
      socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, true)
      socket.bind({ address: '127.0.0.1', port: i === 0 ? 0 : (group[0] as Socket).getsockname().port })
      group.push(socket)
    }
    group[0]?.setsockopt(SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, [take(2)])
    for (let i = 0; i < 8; i++) await sender.sendto(Uint8Array.of(i), (group[0] as Socket).getsockname())
    const counts = group.map((socket) => {
      let count = 0
      while (socket.tryRecv(new Uint8Array(4)) === 1) count++
      return count
    })
    expect(counts).toEqual([0, 0, 8])
  })

  test('TCP_SAVED_SYN, TCP_THIN_LINEAR_TIMEOUTS, TCP_FASTOPEN_KEY and what a connection knows of itself', async () => {
    const key = Uint8Array.from({ length: 16 }, (_, i) => i)
    const [client, server] = await connected(AF_INET, (listener) => {
      listener.setsockopt(IPPROTO_TCP, TCP_SAVE_SYN, 1)
      listener.setsockopt(IPPROTO_TCP, TCP_FASTOPEN_KEY, key)
      expect(listener.getsockopt(IPPROTO_TCP, TCP_FASTOPEN_KEY)).toEqual(key)
    })
    const syn = server.getsockopt(IPPROTO_TCP, TCP_SAVED_SYN)
    expect([(syn[0] as number) >> 4, syn[9]]).toEqual([4, 6])
    client.setsockopt(IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, true)
    expect(client.getsockopt(IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS)).toBe(true)
    expect(client.getsockopt(IPPROTO_TCP, TCP_ULP)).toBe('')
    expect(open(AF_INET, SOCK_RAW, 1).getsockopt(IPPROTO_IP, IP_PROTOCOL)).toBe(1)
    expect(client.getsockopt(SOL_SOCKET, SO_INCOMING_CPU)).toBeGreaterThanOrEqual(0)
    client.setsockopt(SOL_SOCKET, SO_ZEROCOPY, true)
    expect(client.getsockopt(SOL_SOCKET, SO_ZEROCOPY)).toBe(true)
    // Nothing was redirected.
    expect(() => client.getsockopt(IPPROTO_IP, SO_ORIGINAL_DST)).toThrow(/ENOENT|ENOPROTOOPT/)
  })

  test('a connection under repair: TCP_QUEUE_SEQ has no sign, TCP_REPAIR_WINDOW is a struct', async () => {
    const [client] = await connected(AF_INET)
    client.setsockopt(IPPROTO_TCP, TCP_REPAIR, TCP_REPAIR_ON)
    client.setsockopt(IPPROTO_TCP, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE)
    expect(client.getsockopt(IPPROTO_TCP, TCP_QUEUE_SEQ)).toBeGreaterThanOrEqual(0)
    const window = client.getsockopt(IPPROTO_TCP, TCP_REPAIR_WINDOW)
    expect([window.rcv_wnd > 0, window.snd_wnd > 0, window.max_window >= window.snd_wnd]).toEqual([true, true, true])
    client.setsockopt(IPPROTO_TCP, TCP_REPAIR_WINDOW, window)
    client.setsockopt(IPPROTO_TCP, TCP_REPAIR, TCP_REPAIR_OFF)
  })

  test('TCP_ZEROCOPY_RECEIVE and options of AF_XDP, which would write where their value says, are EOPNOTSUPP', async () => {
    const [client] = await connected(AF_INET)
    expect(() => client.setsockopt(283, 4, new Uint8Array(32))).toThrow('setsockopt EOPNOTSUPP')
    expect(() => client.getsockopt(IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE)).toThrow('getsockopt EOPNOTSUPP')
  })

  test('tables of packet filters, whose counters are written where their value says, are EOPNOTSUPP', async () => {
    const [client] = await connected(AF_INET)
    const IPT_SO_SET_REPLACE = 64
    const EBT_SO_SET_ENTRIES = 128
    for (const name of [IPT_SO_SET_REPLACE, EBT_SO_SET_ENTRIES]) {
      expect(() => client.setsockopt(IPPROTO_IP, name, new Uint8Array(100))).toThrow('setsockopt EOPNOTSUPP')
    }
    expect(() => client.setsockopt(IPPROTO_IPV6, IPT_SO_SET_REPLACE, new Uint8Array(100))).toThrow('EOPNOTSUPP')
  })

  test('TCP_MD5SIG takes its struct, and a peer without the key is not heard', async () => {
    const listener = open(AF_INET, SOCK_STREAM)
    const address = SocketAddress.internet('127.0.0.1', 0)
    const key = Uint8Array.from(Buffer.from('secret'))
    try {
      listener.setsockopt(IPPROTO_TCP, TCP_MD5SIG, { address, key })
    } catch (error) {
      // A kernel that was built without it.
      expect((error as { code: string }).code).toBe('ENOPROTOOPT')
      return
    }
    listener.bind({ address: '127.0.0.1', port: 0 })
    listener.listen()
    const client = open(AF_INET, SOCK_STREAM)
    client.setsockopt(IPPROTO_TCP, TCP_MD5SIG, { address: listener.getsockname(), key })
    await client.connect(listener.getsockname())
    const stranger = open(AF_INET, SOCK_STREAM)
    await expect(stranger.connect(listener.getsockname(), { timeout: 50 })).rejects.toThrow()
  })

  test('ipv6(7): IPV6_PATHMTU is an address and a number, labels are leased, preferences kept', async () => {
    const [client] = await connected(AF_INET6)
    const path = client.getsockopt(IPPROTO_IPV6, IPV6_PATHMTU)
    // The address is filled in where it comes as a control message.
    expect([path.address.family, path.mtu]).toEqual([0, 65536])
    const socket = open(AF_INET6, SOCK_DGRAM)
    socket.setsockopt(IPPROTO_IPV6, IPV6_RECVPATHMTU, true)
    expect(socket.getsockopt(IPPROTO_IPV6, IPV6_RECVPATHMTU)).toBe(true)
    socket.setsockopt(IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, IPV6_PREFER_SRC_PUBLIC)
    expect(socket.getsockopt(IPPROTO_IPV6, IPV6_ADDR_PREFERENCES) & IPV6_PREFER_SRC_PUBLIC).toBe(IPV6_PREFER_SRC_PUBLIC)
    const lease = {
      address: '::1',
      label: 0x12345,
      action: IPV6_FL_A_GET,
      share: IPV6_FL_S_EXCL,
      flags: IPV6_FL_F_CREATE,
      expires: 6,
      linger: 6,
    }
    socket.setsockopt(IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, lease)
    expect(() => open(AF_INET6, SOCK_DGRAM).setsockopt(IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, lease)).toThrow('EPERM')
    socket.setsockopt(IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, { address: '::1', label: 0x12345, action: IPV6_FL_A_PUT })
    expect(() => socket.setsockopt(IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, { ...lease, action: IPV6_FL_A_RENEW })).toThrow(
      'ESRCH',
    )
  })

  test('packet(7): members, fan-out, statistics', () => {
    const lo = namespace.enter(() => os.interfaceIndex('lo'))
    const socket = open(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))
    const promiscuous = { ifindex: lo, type: PACKET_MR_PROMISC }
    socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, promiscuous)
    socket.setsockopt(SOL_PACKET, PACKET_DROP_MEMBERSHIP, promiscuous)
    expect(() => socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, { ...promiscuous, ifindex: 99 })).toThrow(
      'ENODEV',
    )
    const tooLong = { ifindex: lo, type: PACKET_MR_MULTICAST, address: new Uint8Array(32) }
    expect(() => socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, tooLong)).toThrow('EINVAL')
    expect(socket.getsockopt(SOL_PACKET, PACKET_STATISTICS)).toEqual({ packets: 0, drops: 0 })
    socket.bind({ ifindex: lo, protocol: ETH_P_ALL })
    const type_flags = PACKET_FANOUT_CBPF | PACKET_FANOUT_FLAG_ROLLOVER
    socket.setsockopt(SOL_PACKET, PACKET_FANOUT, { id: 77, type_flags })
    expect(socket.getsockopt(SOL_PACKET, PACKET_FANOUT)).toEqual({ id: 77, type_flags })
    socket.setsockopt(SOL_PACKET, PACKET_FANOUT_DATA, [take(0)])
    expect(socket.getsockopt(SOL_PACKET, PACKET_ROLLOVER_STATS)).toEqual({ all: 0n, huge: 0n, failed: 0n })
    // Asked with the version that it is about, in `about`.
    expect(socket.getsockopt(SOL_PACKET, PACKET_HDRLEN, TPACKET_V3)).toBe(48)
    expect(socket.getsockopt(SOL_PACKET, PACKET_VERSION)).toBe(TPACKET_V1)
  })

  test('netlink(7): the groups that a socket has joined', () => {
    const socket = open(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
    socket.bind({ pid: 0 })
    for (const group of [1, 5, 33]) socket.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
    expect(socket.getsockopt(SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS)).toEqual([1, 5, 33])
    socket.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, true)
    expect(socket.getsockopt(SOL_NETLINK, NETLINK_EXT_ACK)).toBe(true)
  })

  test('vsock(7): sizes are bigints, the time to connect milliseconds', () => {
    const socket = open(AF_VSOCK, SOCK_STREAM)
    socket.setsockopt(AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, 65536)
    expect(socket.getsockopt(AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE)).toBe(65536n)
    socket.setsockopt(AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, 1500)
    expect(socket.getsockopt(AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT)).toBe(1500)
  })

  test('every option of the table, asked of every kind of socket: a length within its room, and octets that come back from their value', async () => {
    const [client] = await connected(AF_INET)
    const sockets = [
      client,
      open(AF_INET, SOCK_STREAM),
      open(AF_INET6, SOCK_STREAM),
      open(AF_INET, SOCK_DGRAM),
      open(AF_INET6, SOCK_DGRAM),
      open(AF_INET, SOCK_RAW, 1),
      open(AF_INET6, SOCK_RAW, 58),
      open(AF_UNIX, SOCK_STREAM),
      open(AF_PACKET, SOCK_RAW, 0),
      open(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE),
      open(AF_VSOCK, SOCK_STREAM),
    ]
    // Strings end with a NUL and filters of groups with room for more; the address of IPV6_PATHMTU is none, and rates of TCP_INFO are
    // numbers, which 64 bits are not always.
    const inexact = new Set<OptionKind>([
      'string',
      'tcp_info',
      'netlink_groups',
      'ip6_mtuinfo',
      'ip_msfilter',
      'group_filter',
    ])
    const memory = new Uint8Array(65536)
    const known = new Set<string>()
    for (const { level, name, constant, kind } of optionEntries()) {
      const room = OPTION_LENGTH[kind]
      for (const socket of sockets) {
        memory.fill(0, 0, room).fill(0xee, room)
        const endpoint = os.endpoint(socket.fd) as Endpoint
        const length = endpoint.getOption(level, name, memory.subarray(0, room))
        if (length >= 0) known.add(constant)
        // What does not fit is counted nevertheless of lists of groups.
        if (kind !== 'netlink_groups') expect([constant, length <= room]).toEqual([constant, true])
        expect([constant, memory.indexOf(0, room)]).toEqual([constant, -1])
        if (length <= 0 || length > room || inexact.has(kind)) continue
        const octets = memory.slice(0, length)
        const value = decodeOption(kind, octets, length)
        // A flag is told as 1 or 0, whatever it is in the kernel.
        if (kind === 'boolean') octets.set(octets.some((octet) => octet !== 0) ? [1, 0, 0, 0] : [0, 0, 0, 0])
        expect([constant, encodeOption(constant, kind, value).subarray(0, length)]).toEqual([constant, octets])
      }
    }
    // The others can only be set, need a connection, or are not in every kernel.
    expect(known.size).toBeGreaterThan(150)
  })
})
