// What strace 6.1 prints on Linux for the same calls is the measure; where we differ, the file that does says so.

import { describe, expect, it } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  AF_UNSPEC,
  IP_RECVTTL,
  IP_TTL,
  IPPROTO_ICMP,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_RECVPKTINFO,
  IPV6_V6ONLY,
  MSG_DONTWAIT,
  MSG_MORE,
  MSG_NOSIGNAL,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  POLLIN,
  POLLOUT,
  SHUT_WR,
  SIOCATMARK,
  SIOCINQ,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_CONGESTION,
  TCP_INFO,
  TCP_NODELAY,
} from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { poll } from '../../src/socket/poll.ts'
import { type Endpoint, Message } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import type { TraceOptions } from '../../src/socket/trace/call-log.ts'
import { type TracingProvider, trace } from '../../src/socket/trace/trace.ts'
import { Stack } from '../../src/stack/stack.ts'
import { drive } from '../berkeley/drive.ts'

const encoder = new TextEncoder()
const HERE = 'sin_addr=inet_addr("127.0.0.1")'

/** A stack that talks to itself, and what a trace of it says. */
class Traced {
  readonly clock = new ManualClock(1000)
  readonly stack = new Stack({ clock: this.clock, random: new SeededRandom(7), name: 'traced' })
  readonly lines: string[] = []
  readonly provider: TracingProvider

  constructor(options: TraceOptions = {}) {
    this.provider = trace(this.stack, (line) => this.lines.push(line), options)
  }

  /** The lines since the last time, the port of `port` as PORT. */
  take(port = -1): string[] {
    return this.lines.splice(0).map((line) => line.replaceAll(`htons(${port})`, 'htons(PORT)'))
  }

  /** A socket that is not traced, which listens at port 80. */
  listener(): Socket {
    const listener = new Socket(this.stack, AF_INET, SOCK_STREAM)
    listener.bind({ address: '127.0.0.1', port: 80 })
    listener.listen()
    return listener
  }

  /** A traced client and the untraced server that it is connected to. */
  async pair(): Promise<[Socket, Socket]> {
    const listener = this.listener()
    const client = new Socket(this.provider, AF_INET, SOCK_STREAM)
    await this.drive(client.connect({ address: '127.0.0.1', port: 80 }))
    const server = await this.drive(listener.accept())
    await listener.close()
    this.lines.length = 0
    return [client, server]
  }

  endpoint(type: number = SOCK_DGRAM): Endpoint {
    const endpoint = this.provider.socket(AF_INET, type, 0) as Endpoint
    this.lines.length = 0
    return endpoint
  }

  drive<T>(promise: Promise<T>): Promise<T> {
    return drive(this.clock, promise)
  }
}

describe('a trace', () => {
  it('shows a client from socket to close, waits as poll(2), and says how the program ended', async () => {
    const world = new Traced()
    const listener = world.listener()
    const client = new Socket(world.provider, AF_INET, SOCK_STREAM, IPPROTO_TCP)
    client.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)
    client.setsockopt(SOL_SOCKET, SO_KEEPALIVE, true)
    await world.drive(client.connect({ address: '127.0.0.1', port: 80 }))
    const { port } = client.getsockname()
    client.getpeername()
    await client.send(encoder.encode('GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n'), MSG_NOSIGNAL)
    const server = await world.drive(listener.accept())
    server.tryRecv(new Uint8Array(64))
    const answer = client.recv(new Uint8Array(4096))
    await server.send(encoder.encode('hello'))
    await server.close()
    await world.drive(answer)
    await client.close()
    world.provider.exit(0)
    expect(world.take(port)).toEqual([
      'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 4',
      'setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 4) = 0',
      'setsockopt(4, SOL_SOCKET, SO_KEEPALIVE, [1], 4) = 0',
      `connect(4, {sa_family=AF_INET, sin_port=htons(80), ${HERE}}, 16) = -1 EINPROGRESS (Operation now in progress)`,
      'poll([{fd=4, events=POLLOUT}], 1, -1)   = 1 ([{fd=4, revents=POLLOUT}])',
      'getsockopt(4, SOL_SOCKET, SO_ERROR, [0], [4]) = 0',
      `getsockname(4, {sa_family=AF_INET, sin_port=htons(PORT), ${HERE}}, [128 => 16]) = 0`,
      `getpeername(4, {sa_family=AF_INET, sin_port=htons(80), ${HERE}}, [128 => 16]) = 0`,
      'sendto(4, "GET / HTTP/1.1\\r\\nHost: 192.0.2.1\\r"..., 35, MSG_NOSIGNAL, NULL, 0) = 35',
      'recvfrom(4, 0x7f0000001000, 4096, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)',
      'poll([{fd=4, events=POLLIN}], 1, -1)    = 1 ([{fd=4, revents=POLLIN}])',
      'recvfrom(4, "hello", 4096, 0, NULL, NULL) = 5',
      'close(4)                                = 0',
      '+++ exited with 0 +++',
    ])
  })

  it('shows a server: bind, listen, accept with who came, and the accepted socket', async () => {
    const world = new Traced()
    const listener = new Socket(world.provider, AF_INET, SOCK_STREAM)
    listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
    listener.bind({ address: '', port: 80 })
    listener.listen(5)
    expect(listener.tryAccept()).toBe(-11)
    const client = new Socket(world.stack, AF_INET, SOCK_STREAM)
    await world.drive(client.connect({ address: '127.0.0.1', port: 80 }))
    const { port } = client.getsockname()
    const server = await world.drive(listener.accept())
    server.shutdown(SHUT_WR)
    expect(world.take(port)).toEqual([
      'socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3',
      'setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0',
      'bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("0.0.0.0")}, 16) = 0',
      'listen(3, 5)                            = 0',
      'accept(3, 0x7f0000001000, [128])        = -1 EAGAIN (Resource temporarily unavailable)',
      `accept(3, {sa_family=AF_INET, sin_port=htons(PORT), ${HERE}}, [128 => 16]) = 5`,
      'shutdown(5, SHUT_WR)                    = 0',
    ])
  })

  it('shows datagrams: sendto and recvfrom with addresses, sendmsg and recvmsg with vectors and control messages', async () => {
    const world = new Traced()
    const receiver = new Socket(world.provider, AF_INET, SOCK_DGRAM)
    receiver.bind({ address: '127.0.0.1', port: 9 })
    receiver.setsockopt(IPPROTO_IP, IP_RECVTTL, true)
    const sender = new Socket(world.provider, AF_INET, SOCK_DGRAM, IPPROTO_UDP)
    await sender.sendto(encoder.encode('0123456789'), { address: '127.0.0.1', port: 9 })
    const { port } = sender.getsockname()
    await world.drive(receiver.recvfrom(new Uint8Array(4)))
    const message = new Message([encoder.encode('ab'), encoder.encode('cde')], SocketAddress.internet('127.0.0.1', 9))
    await sender.sendmsg(message)
    const received = new Message([new Uint8Array(2), new Uint8Array(50), new Uint8Array(5)], new SocketAddress())
    await world.drive(receiver.recvmsg(received))
    expect(receiver.tryRecvmsg(new Message([new Uint8Array(2)], new SocketAddress()), MSG_DONTWAIT)).toBe(-11)
    const peer = `{sa_family=AF_INET, sin_port=htons(9), ${HERE}}`
    const own = `{sa_family=AF_INET, sin_port=htons(PORT), ${HERE}}`
    expect(world.take(port)).toEqual([
      'socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3',
      `bind(3, ${peer}, 16) = 0`,
      'setsockopt(3, SOL_IP, IP_RECVTTL, [1], 4) = 0',
      'socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) = 4',
      `sendto(4, "0123456789", 10, 0, ${peer}, 16) = 10`,
      `getsockname(4, ${own.replace('127.0.0.1', '0.0.0.0')}, [128 => 16]) = 0`,
      'recvfrom(3, 0x7f0000001080, 4, 0, 0x7f0000001000, [128]) = -1 EAGAIN (Resource temporarily unavailable)',
      'poll([{fd=3, events=POLLIN}], 1, -1)    = 1 ([{fd=3, revents=POLLIN}])',
      `recvfrom(3, "0123", 4, 0, ${own}, [128 => 16]) = 4`,
      `sendmsg(4, {msg_name=${peer}, msg_namelen=16, msg_iov=[{iov_base="ab", iov_len=2}, {iov_base="cde", iov_len=3}], msg_iovlen=2, msg_controllen=0, msg_flags=0}, 0) = 5`,
      'recvmsg(3, {msg_namelen=128}, 0)        = -1 EAGAIN (Resource temporarily unavailable)',
      'poll([{fd=3, events=POLLIN}], 1, -1)    = 1 ([{fd=3, revents=POLLIN}])',
      `recvmsg(3, {msg_name=${own}, msg_namelen=128 => 16, msg_iov=[{iov_base="ab", iov_len=2}, {iov_base="cde", iov_len=50}, {iov_base="", iov_len=5}], msg_iovlen=3, msg_control=[{cmsg_len=20, cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=[64]}], msg_controllen=24, msg_flags=0}, 0) = 5`,
      'recvmsg(3, {msg_namelen=128}, MSG_DONTWAIT) = -1 EAGAIN (Resource temporarily unavailable)',
    ])
  })

  it('shows the value of an option as C has it: integers, struct linger and timeval, strings, errnos', async () => {
    const world = new Traced()
    const socket = new Socket(world.provider, AF_INET, SOCK_STREAM)
    socket.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 5 })
    socket.getsockopt(SOL_SOCKET, SO_LINGER)
    socket.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 1500)
    socket.setsockopt(IPPROTO_TCP, TCP_CONGESTION, encoder.encode('reno\0'))
    socket.setsockopt(IPPROTO_IP, IP_TTL, 7)
    expect(() => socket.setsockopt(77, 1, 5)).toThrow('ENOPROTOOPT')
    expect(() => socket.getsockopt(SOL_SOCKET, 9999)).toThrow('ENOPROTOOPT')
    expect(() => socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, new Uint8Array(3))).toThrow('EINVAL')
    const connecting = socket.connect({ address: '127.0.0.1', port: 1 })
    await world.drive(connecting.catch(() => {}))
    expect(world.take().map((line) => line.replace(/0x7f\w{10}/, 'ADDRESS'))).toEqual([
      'socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3',
      'setsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}, 8) = 0',
      'getsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}, [8]) = 0',
      'setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=1, tv_usec=500000}, 16) = 0',
      'setsockopt(3, SOL_TCP, TCP_CONGESTION, "reno\\0", 5) = 0',
      'setsockopt(3, SOL_IP, IP_TTL, [7], 4)   = 0',
      'setsockopt(3, 0x4d /* SOL_?? */, 1, [5], 4) = -1 ENOPROTOOPT (Protocol not available)',
      'getsockopt(3, SOL_SOCKET, 0x270f /* SO_??? */, ADDRESS, [1024]) = -1 ENOPROTOOPT (Protocol not available)',
      'setsockopt(3, SOL_SOCKET, SO_REUSEADDR, "\\0\\0\\0", 3) = -1 EINVAL (Invalid argument)',
      `connect(3, {sa_family=AF_INET, sin_port=htons(1), ${HERE}}, 16) = -1 EINPROGRESS (Operation now in progress)`,
      'poll([{fd=3, events=POLLOUT}], 1, -1)   = 1 ([{fd=3, revents=POLLOUT|POLLERR|POLLHUP}])',
      'getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0',
    ])
  })

  it('shows struct tcp_info by its fields: the first of them, all with `verbose`', async () => {
    for (const [verbose, end] of [
      [false, /tcpi_retrans=0, \.\.\.\}, \[280\]\) = 0$/],
      [true, /tcpi_snd_wnd=\d+, tcpi_rcv_wnd=\d+, .*tcpi_accecn_opt_seen=0\}, \[280\]\) = 0$/],
    ] as const) {
      const world = new Traced({ verbose })
      const [client] = await world.pair()
      client.getsockopt(IPPROTO_TCP, TCP_INFO)
      const [line] = world.take()
      expect(line).toContain(
        'getsockopt(4, SOL_TCP, TCP_INFO, {tcpi_state=TCP_ESTABLISHED, tcpi_ca_state=TCP_CA_Open, tcpi_retransmits=0,',
      )
      expect(line).toContain('tcpi_options=TCPI_OPT_TIMESTAMPS|TCPI_OPT_SACK|TCPI_OPT_WSCALE')
      expect(line).toMatch(end)
    }
  })

  it("shows a poll of the program's own, once, with all its entries and its time-out", async () => {
    const world = new Traced()
    const [client, server] = await world.pair()
    const other = new Socket(world.provider, AF_INET, SOCK_DGRAM)
    const entries = [
      { socket: client, events: POLLIN },
      { socket: other, events: POLLIN },
    ] as const
    await poll(entries, { timeout: 0 })
    await world.drive(poll(entries, { timeout: 1000 }))
    expect(client.tryRecv(new Uint8Array(8))).toBe(-11)
    const waiting = poll(entries)
    await server.send(encoder.encode('x'))
    await world.drive(waiting)
    client.tryRecv(new Uint8Array(8))
    const asked = '[{fd=4, events=POLLIN}, {fd=3, events=POLLIN}], 2'
    expect(world.take().map((line) => line.replace(/0x7f\w{10}/, 'ADDRESS'))).toEqual([
      'socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3',
      `poll(${asked}, 0) = 0 (Timeout)`,
      `poll(${asked}, 1000) = 0 (Timeout)`,
      'recvfrom(4, ADDRESS, 8, 0, NULL, NULL)  = -1 EAGAIN (Resource temporarily unavailable)'.replace(
        'ADDRESS, 8, 0, NULL, NULL)  =',
        'ADDRESS, 8, 0, NULL, NULL) =',
      ),
      `poll(${asked}, -1) = 1 ([{fd=4, revents=POLLIN}])`,
      'recvfrom(4, "x", 8, 0, NULL, NULL)      = 1',
    ])
  })

  it('shows sockets of AF_INET6: addresses, options, control messages', async () => {
    const world = new Traced()
    const receiver = new Socket(world.provider, AF_INET6, SOCK_DGRAM)
    receiver.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, true)
    receiver.bind({ address: '::1', port: 9 })
    receiver.setsockopt(IPPROTO_IPV6, IPV6_RECVPKTINFO, true)
    const sender = new Socket(world.provider, AF_INET6, SOCK_DGRAM)
    await sender.sendto(encoder.encode('abc'), { address: '::1', port: 9 })
    const { port } = sender.getsockname()
    world.clock.settle()
    await receiver.recvmsg(new Message([new Uint8Array(10)], new SocketAddress()))
    const end = (name: string, address = '::1') =>
      `{sa_family=AF_INET6, sin6_port=htons(${name}), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "${address}", &sin6_addr), sin6_scope_id=0}`
    expect(world.take(port)).toEqual([
      'socket(AF_INET6, SOCK_DGRAM, IPPROTO_IP) = 3',
      'setsockopt(3, SOL_IPV6, IPV6_V6ONLY, [1], 4) = 0',
      `bind(3, ${end('9')}, 28) = 0`,
      'setsockopt(3, SOL_IPV6, IPV6_RECVPKTINFO, [1], 4) = 0',
      'socket(AF_INET6, SOCK_DGRAM, IPPROTO_IP) = 4',
      `sendto(4, "abc", 3, 0, ${end('9')}, 28) = 3`,
      `getsockname(4, ${end('PORT', '::')}, [128 => 28]) = 0`,
      `recvmsg(3, {msg_name=${end('PORT')}, msg_namelen=128 => 28, msg_iov=[{iov_base="abc", iov_len=10}], msg_iovlen=1, msg_control=[{cmsg_len=36, cmsg_level=SOL_IPV6, cmsg_type=IPV6_PKTINFO, cmsg_data={inet_pton(AF_INET6, "::1", &ipi6_addr), ipi6_ifindex=1}}], msg_controllen=40, msg_flags=0}, 0) = 3`,
    ])
  })

  it('shows pairs, duplicates and passed descriptors of Unix sockets: unix(7)', async () => {
    const world = new Traced()
    const [left, right] = Socket.pair(world.provider, AF_UNIX, SOCK_STREAM)
    const copy = left.dup()
    const message = new Message([encoder.encode('hi')])
    message.control = [{ level: SOL_SOCKET, type: 1, data: Uint8Array.of(5, 0, 0, 0) }]
    await left.sendmsg(message)
    const received = new Message([new Uint8Array(8)])
    await world.drive(right.recvmsg(received))
    const passed = Socket.fromDescriptor(world.provider, 6)
    await copy.close()
    await passed.close()
    // A Socket over an endpoint that it has not made may ask for what was set on it.
    expect(world.take().filter((line) => !line.startsWith('getsockopt'))).toEqual([
      'socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0',
      'dup(3)                                  = 5',
      'sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="hi", iov_len=2}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[5]}], msg_controllen=24, msg_flags=0}, 0) = 2',
      'recvmsg(4, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="hi", iov_len=8}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[6]}], msg_controllen=24, msg_flags=0}, 0) = 2',
      'close(5)                                = 0',
      'close(6)                                = 0',
    ])
  })

  it('shows flags in the order of their bits, and ioctl with its answer', async () => {
    const world = new Traced()
    const [client, server] = await world.pair()
    client.trySend(encoder.encode('x'), MSG_NOSIGNAL | MSG_MORE | MSG_OOB)
    client.tryRecv(new Uint8Array(1), MSG_PEEK | MSG_DONTWAIT)
    client.tryRecv(new Uint8Array(1), MSG_DONTWAIT | 0x10000000)
    await server.send(encoder.encode('12345'))
    world.clock.settle()
    client.ioctl(SIOCINQ)
    client.ioctl(SIOCATMARK)
    expect(() => client.ioctl(0x1234)).toThrow('ENOTTY')
    expect(world.take().map((line) => line.replace(/0x7f\w{10}/, 'ADDRESS-14-ODD'))).toEqual([
      'sendto(4, "x", 1, MSG_OOB|MSG_NOSIGNAL|MSG_MORE, NULL, 0) = 1',
      'recvfrom(4, ADDRESS-14-ODD, 1, MSG_PEEK|MSG_DONTWAIT, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)',
      'recvfrom(4, ADDRESS-14-ODD, 1, MSG_DONTWAIT|0x10000000, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)',
      'ioctl(4, FIONREAD, [5])                 = 0',
      'ioctl(4, SIOCATMARK, [0])               = 0',
      'ioctl(4, 0x1234, ADDRESS-14-ODD)        = -1 ENOTTY (Inappropriate ioctl for device)',
    ])
  })

  it('shows no poll(2) where MSG_DONTWAIT asked not to wait, and close(2) with SO_LINGER as done', async () => {
    const world = new Traced()
    const [client, server] = await world.pair()
    client.addWatcher({
      ready: (events) => {
        if ((events & POLLIN) !== 0) client.tryRecv(new Uint8Array(8), MSG_DONTWAIT)
      },
    })
    expect(client.tryRecv(new Uint8Array(8), MSG_DONTWAIT)).toBe(-11)
    await server.send(encoder.encode('x'))
    world.clock.settle()
    client.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 5 })
    await client.send(encoder.encode('y'))
    const closing = client.close()
    expect(world.take().filter((line) => !/SO_LINGER|= -1 EAGAIN/.test(line))).toEqual([
      'recvfrom(4, "x", 8, MSG_DONTWAIT, NULL, NULL) = 1',
      'sendto(4, "y", 1, 0, NULL, 0)           = 1',
      'close(4)                                = 0',
    ])
    await world.drive(closing)
  })

  it('has one endpoint for a descriptor, however often it is asked for', () => {
    const world = new Traced()
    const endpoint = world.endpoint()
    expect(world.provider.endpoint(endpoint.fd)).toBe(endpoint)
    expect(world.provider.endpoint(99)).toBeNull()
  })

  it('gives a failed system call its errno: socket(2), and calls on a closed descriptor', () => {
    const world = new Traced()
    const endpoint = world.endpoint()
    endpoint.close()
    endpoint.close()
    endpoint.shutdown(7)
    expect(world.take()).toEqual([
      'close(3)                                = 0',
      'close(3)                                = -1 EBADF (Bad file descriptor)',
      'shutdown(3, 0x7 /* SHUT_??? */)         = -1 EBADF (Bad file descriptor)',
    ])
    world.provider.socket(99, SOCK_STREAM, 0)
    world.provider.socket(AF_INET, SOCK_STREAM, IPPROTO_ICMP)
    expect(world.take()).toEqual([
      'socket(0x63 /* AF_??? */, SOCK_STREAM, 0) = -1 EAFNOSUPPORT (Address family not supported by protocol)',
      'socket(AF_INET, SOCK_STREAM, IPPROTO_ICMP) = -1 EPROTONOSUPPORT (Protocol not supported)',
    ])
  })

  it('shows an address of no family, and what recv with MSG_TRUNC had no room for', () => {
    const world = new Traced()
    const sender = world.endpoint()
    const receiver = world.endpoint()
    receiver.bind(SocketAddress.internet('127.0.0.1', 9))
    sender.connect(SocketAddress.internet('127.0.0.1', 9))
    sender.send(encoder.encode('0123456789'), 0, 10, 0)
    world.clock.settle()
    world.lines.length = 0
    receiver.recv(new Uint8Array(4), 0, 4, MSG_TRUNC)
    sender.connect(new SocketAddress(AF_UNSPEC))
    expect(world.take()).toEqual([
      'recvfrom(4, "0123", 4, MSG_TRUNC, NULL, NULL) = 10',
      'connect(3, {sa_family=AF_UNSPEC, sa_data="\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0"}, 16) = 0',
    ])
  })

  it('leaves the program as it was: a traced endpoint is told, and tells, what the inner one is', async () => {
    const world = new Traced({ calls: 'none' })
    const [client, server] = await world.pair()
    expect(client.fd).toBe(4)
    expect(client.readiness & POLLOUT).toBe(POLLOUT)
    expect([client.family, client.type, client.protocol]).toEqual([AF_INET, SOCK_STREAM, IPPROTO_TCP])
    const told: number[] = []
    client.addWatcher({ ready: (events) => told.push(events & POLLIN) })
    await server.send(encoder.encode('x'))
    world.clock.settle()
    expect(told).toContain(POLLIN)
    world.stack.close()
    expect(client.fd).toBe(-1)
    expect(world.lines).toEqual([])
  })
})

describe('options of a trace', () => {
  it.each([
    ['network', ['socket', 'bind', 'sendto']],
    ['trace=%network', ['socket', 'bind', 'sendto']],
    ['trace=bind,close', ['bind', 'close']],
    ['!close', ['socket', 'bind', 'sendto']],
    ['trace=!network', ['close']],
    ['all', ['socket', 'bind', 'sendto', 'close']],
    ['none', []],
  ])('calls: %s shows what strace -e shows', (calls, shown) => {
    const world = new Traced({ calls })
    const endpoint = world.provider.socket(AF_INET, SOCK_DGRAM, 0) as Endpoint
    endpoint.bind(SocketAddress.internet('127.0.0.1', 9))
    endpoint.send(new Uint8Array(1), 0, 1, 0)
    endpoint.close()
    expect(world.lines.map((line) => line.slice(0, line.indexOf('(')))).toEqual(shown)
  })

  it('calls: what is no call is refused by name', () => {
    expect(() => new Traced({ calls: 'conect' })).toThrow('calls must be of socket, socketpair, bind')
    expect(() => new Traced({ calls: 'conect' })).toThrow('got "conect"')
    expect(() => new Traced({ calls: 'signal=none' })).toThrow('there is no signal= here')
  })

  it('stringLimit cuts strings: strace -s', () => {
    const world = new Traced({ stringLimit: 3 })
    const endpoint = world.endpoint()
    endpoint.send(encoder.encode('abcd'), 0, 4, 0)
    endpoint.send(encoder.encode('abcd'), 0, 3, 0)
    expect(world.take().map((line) => line.split(', NULL')[0])).toEqual([
      'sendto(3, "abc"..., 4, 0',
      'sendto(3, "abc", 3, 0',
    ])
  })

  it('timestamps, durations, pid and column: strace -t, -tt, -ttt, -r, -T, -f and -a', () => {
    const day = new Date(2026, 0, 2, 3, 4, 5).getTime() + 678.901
    const lines = (options: TraceOptions): string[] => {
      const world = new Traced({ wallClock: () => day, ...options })
      const endpoint = world.provider.socket(AF_INET, SOCK_DGRAM, 0) as Endpoint
      world.clock.advanceTo(world.clock.now() + 1.5)
      endpoint.close()
      world.provider.exit(3)
      return world.lines.slice(1)
    }
    expect(lines({ timestamps: 'seconds' })).toEqual([
      '03:04:05 close(3)                       = 0',
      '03:04:05 +++ exited with 3 +++',
    ])
    expect(lines({ timestamps: 'microseconds' })[0]).toBe('03:04:05.678901 close(3)                = 0')
    expect(lines({ timestamps: 'epoch' })[0]).toBe(`${(day / 1000).toFixed(6)} close(3)              = 0`)
    expect(lines({ timestamps: 'relative' })).toEqual([
      '     0.001500 close(3)                  = 0',
      '     0.000000 +++ exited with 3 +++',
    ])
    expect(lines({ durations: true })[0]).toBe('close(3)                                = 0 <0.000000>')
    expect(lines({ pid: 42 })).toEqual([
      '[pid    42] close(3)                    = 0',
      '[pid    42] +++ exited with 3 +++',
    ])
    expect(lines({ column: 0 })[0]).toBe('close(3) = 0')
  })

  it('interfaceName names interfaces', () => {
    const world = new Traced({ interfaceName: (index) => (index === 1 ? 'lo' : null) })
    const address = SocketAddress.internet('fe80::1', 80)
    address.scopeId = 1
    address.flowInfo = 0x12345
    const endpoint = world.endpoint()
    endpoint.connect(address)
    address.scopeId = 2
    endpoint.connect(address)
    expect(world.lines.map((line) => /sin6_scope_id=(.*)}/.exec(line)?.[1])).toEqual(['if_nametoindex("lo")', '2'])
  })

  it.each([
    [{ stringLimit: -1 }, 'options.stringLimit must be an integer'],
    [{ timestamps: 'never' }, 'options.timestamps must be one of none, seconds'],
    [{ call: 'all' }, "options has no 'call'"],
    [{ calls: 7 }, "options.calls must be a string such as 'network', got 7"],
  ])('%o is refused', (options, message) => {
    expect(() => new Traced(options as TraceOptions)).toThrow(message)
  })
})
