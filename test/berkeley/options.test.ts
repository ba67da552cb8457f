// Read first: socket(7), ip(7), tcp(7). What an option answers to a value: what can be read back, or which error.

import { expect, test } from 'vitest'
import {
  AF_INET,
  IP_HDRINCL,
  IP_MTU,
  IP_MTU_DISCOVER,
  IP_PMTUDISC_DO,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SIOCINQ,
  SO_ACCEPTCONN,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_BSDCOMPAT,
  SO_COOKIE,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_OOBINLINE,
  SO_PASSCRED,
  SO_PASSPIDFD,
  SO_PASSSEC,
  SO_PRIORITY,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_RCVTIMEO_NEW,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_SNDLOWAT,
  SO_SNDTIMEO,
  SO_SNDTIMEO_NEW,
  SO_TYPE,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_CONGESTION,
  TCP_CORK,
  TCP_DEFER_ACCEPT,
  TCP_INFO,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_LINGER2,
  TCP_MAXSEG,
  TCP_NODELAY,
  TCP_NOTSENT_LOWAT,
  TCP_QUICKACK,
  TCP_SYNCNT,
  TCP_USER_TIMEOUT,
  TCP_WINDOW_CLAMP,
} from '../../src/base/constants.ts'
import { TCPI_OPT_SACK, TCPI_OPT_TIMESTAMPS, TCPI_OPT_WSCALE } from '../../src/base/tcp-info.ts'
import { levelName, optionEntry } from '../../src/socket/option-table.ts'
import type { Socket } from '../../src/socket/socket.ts'
import { SocketError } from '../../src/socket/socket-error.ts'
import { berkeley, octets } from './scene.ts'

/** A value that is set, and what then can be read or the error's code. Left out: what was set. */
type Trial = readonly [value: number | boolean, outcome?: number | boolean | string]

// Each line was tried on Linux 6.18.
const stream: readonly (readonly [
  level: number,
  name: number,
  initial: number | boolean | string | null,
  ...trials: Trial[],
])[] = [
  [SOL_SOCKET, SO_REUSEADDR, false, [true], [false]],
  [SOL_SOCKET, SO_REUSEPORT, false, [true], [false]],
  [SOL_SOCKET, SO_KEEPALIVE, false, [true], [false]],
  [SOL_SOCKET, SO_OOBINLINE, false, [true], [7, true], [false]],
  [SOL_SOCKET, SO_BROADCAST, false, [true]],
  [SOL_SOCKET, SO_TYPE, SOCK_STREAM, [1, 'ENOPROTOOPT']],
  [SOL_SOCKET, SO_PROTOCOL, IPPROTO_TCP, [1, 'ENOPROTOOPT']],
  [SOL_SOCKET, SO_ERROR, 0, [1, 'ENOPROTOOPT']],
  [SOL_SOCKET, SO_ACCEPTCONN, false, [1, 'ENOPROTOOPT']],
  // Twice what was asked for, and a minimum: socket(7).
  [SOL_SOCKET, SO_SNDBUF, null, [10_000, 20_000], [0, 4608]],
  [SOL_SOCKET, SO_RCVBUF, null, [10_000, 20_000], [0, 2304]],
  [SOL_SOCKET, SO_RCVLOWAT, 1, [5], [0, 1]],
  [SOL_SOCKET, SO_SNDLOWAT, 1, [5, 'ENOPROTOOPT']],
  [SOL_SOCKET, SO_PRIORITY, 0, [6]],
  // Of Linux 2.0, and without effect since: socket(7).
  [SOL_SOCKET, SO_BSDCOMPAT, false, [true, false]],
  // What comes beside the data of Unix sockets: unix(7).
  [SOL_SOCKET, SO_PASSCRED, 'EOPNOTSUPP', [true, 'EOPNOTSUPP']],
  [SOL_SOCKET, SO_PASSSEC, 'EOPNOTSUPP', [true, 'EOPNOTSUPP']],
  [SOL_SOCKET, SO_PASSPIDFD, 'EOPNOTSUPP', [true, 'EOPNOTSUPP']],
  [SOL_SOCKET, 999, null, [1, 'ENOPROTOOPT']],
  [IPPROTO_IP, IP_TTL, 64, [1], [255], [0, 'EINVAL'], [256, 'EINVAL'], [-1, 64]],
  // The last two bits are ECN's, which TCP keeps to itself.
  [IPPROTO_IP, IP_TOS, 0, [0x10], [255, 252]],
  [IPPROTO_IP, IP_MTU_DISCOVER, 1, [IP_PMTUDISC_DO], [9, 'EINVAL']],
  [IPPROTO_IP, IP_HDRINCL, false, [1, 'ENOPROTOOPT']],
  [IPPROTO_IP, 999, null, [1, 'ENOPROTOOPT']],
  [IPPROTO_TCP, TCP_NODELAY, false, [true], [5, true], [false]],
  [IPPROTO_TCP, TCP_CORK, false, [true], [false]],
  [IPPROTO_TCP, TCP_QUICKACK, true, [false], [true]],
  [IPPROTO_TCP, TCP_MAXSEG, 536, [88], [1000], [32_767], [87, 'EINVAL'], [32_768, 'EINVAL']],
  [IPPROTO_TCP, TCP_KEEPIDLE, 7200, [1], [32_767], [0, 'EINVAL'], [32_768, 'EINVAL']],
  [IPPROTO_TCP, TCP_KEEPINTVL, 75, [5], [0, 'EINVAL'], [32_768, 'EINVAL']],
  [IPPROTO_TCP, TCP_KEEPCNT, 9, [127], [0, 'EINVAL'], [128, 'EINVAL']],
  [IPPROTO_TCP, TCP_SYNCNT, null, [1], [127], [0, 'EINVAL'], [128, 'EINVAL']],
  [IPPROTO_TCP, TCP_LINGER2, 60, [5], [-1], [1000, 120]],
  // In seconds, rounded up to where a SYN-ACK is sent again: 1, 3, 7, 15 s.
  [IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, [1], [3], [10, 15], [0]],
  [IPPROTO_TCP, TCP_USER_TIMEOUT, 0, [5000], [-1, 'EINVAL']],
  [IPPROTO_TCP, TCP_NOTSENT_LOWAT, null, [100]],
  // Half of SOCK_MIN_RCVBUF is the least.
  [IPPROTO_TCP, TCP_WINDOW_CLAMP, 0, [1, 1152], [-1, 1152], [5000], [0]],
  [IPPROTO_TCP, 999, null, [1, 'ENOPROTOOPT']],
]

function get(socket: Socket, level: number, name: number): unknown {
  try {
    return socket.getsockopt(level, name)
  } catch (error) {
    if (error instanceof SocketError) return error.code
    throw error
  }
}

function set(socket: Socket, level: number, name: number, value: number | boolean): string | null {
  try {
    socket.setsockopt(level, name, value)
    return null
  } catch (error) {
    if (error instanceof SocketError) return error.code
    throw error
  }
}

berkeley('getsockopt(2) and setsockopt(2) of a stream', (scene) => {
  for (const [level, name, initial, ...trials] of stream) {
    test(`${levelName(level)} ${optionEntry(level, name).constant}`, () => {
      const socket = scene().stream()
      if (initial !== null) expect(get(socket, level, name)).toBe(initial)
      for (const [value, outcome = value] of trials) {
        const before = get(socket, level, name)
        const refusal = set(socket, level, name, value)
        expect([value, refusal]).toEqual([value, typeof outcome === 'string' ? outcome : null])
        expect([value, get(socket, level, name)]).toEqual([value, refusal === null ? outcome : before])
      }
    })
  }

  test('SO_LINGER, off keeps its time', () => {
    const socket = scene().stream()
    expect(socket.getsockopt(SOL_SOCKET, SO_LINGER)).toEqual({ onoff: false, linger: 0 })
    socket.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 5 })
    expect(socket.getsockopt(SOL_SOCKET, SO_LINGER)).toEqual({ onoff: true, linger: 5 })
    socket.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: false, linger: 9 })
    expect(socket.getsockopt(SOL_SOCKET, SO_LINGER)).toEqual({ onoff: false, linger: 5 })
  })

  test('SO_RCVTIMEO and SO_SNDTIMEO, SO_RCVTIMEO_NEW and SO_SNDTIMEO_NEW in milliseconds; microseconds past a second: EDOM', () => {
    for (const name of [SO_RCVTIMEO, SO_SNDTIMEO, SO_RCVTIMEO_NEW, SO_SNDTIMEO_NEW] as const) {
      const socket = scene().stream()
      expect(socket.getsockopt(SOL_SOCKET, name)).toBe(0)
      socket.setsockopt(SOL_SOCKET, name, 1500)
      expect(socket.getsockopt(SOL_SOCKET, name)).toBe(1500)
      const value = new Uint8Array(16)
      new DataView(value.buffer).setBigInt64(8, 1_000_000n, true)
      expect(() => socket.setsockopt(SOL_SOCKET, name, value)).toThrow('setsockopt EDOM')
      expect(() => socket.setsockopt(SOL_SOCKET, name, Uint8Array.of(1, 0, 0, 0))).toThrow('setsockopt EINVAL')
    }
  })

  test('TCP_WINDOW_CLAMP of a connection bounds what is offered at a time, not what waits to be read', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    const client = scene().stream()
    client.setsockopt(SOL_SOCKET, SO_RCVBUF, 200_000)
    await hosts.drive(client.connect(scene().at()))
    const server = await scene().accept(listener)
    client.setsockopt(IPPROTO_TCP, TCP_WINDOW_CLAMP, 3000)
    for (let i = 0; i < 40; i++) {
      server.trySend(octets(100_000))
      await hosts.pass(10)
    }
    client.tryRecv(octets(client.ioctl(SIOCINQ)))
    await hosts.pass(100)
    expect(client.ioctl(SIOCINQ)).toBeLessThan(400_000)
    // The kernel forgets the bound when it learns of larger segments: docs/reference/differences.md.
    if (!hosts.kernel) expect(client.getsockopt(IPPROTO_TCP, TCP_INFO).tcpi_rcv_wnd).toBeLessThanOrEqual(3000)
  })

  test('SO_RCVTIMEO_NEW is SO_RCVTIMEO, whoever asks', async () => {
    const { hosts } = scene()
    const socket = scene().datagram()
    socket.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 0)
    socket.setsockopt(SOL_SOCKET, SO_RCVTIMEO_NEW, 40)
    expect(socket.getsockopt(SOL_SOCKET, SO_RCVTIMEO)).toBe(40)
    expect(await hosts.failure(socket.recv(octets(1)))).toMatchObject({ code: 'EAGAIN' })
  })

  test('SO_RCVLOWAT of a stream is at most half of SO_RCVBUF; of datagrams it is what it is', () => {
    const [stream, datagram] = [scene().stream(), scene().datagram()]
    for (const socket of [stream, datagram]) {
      socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 10_000)
      socket.setsockopt(SOL_SOCKET, SO_RCVLOWAT, -1)
    }
    expect(stream.getsockopt(SOL_SOCKET, SO_RCVLOWAT)).toBe(10_000)
    expect(datagram.getsockopt(SOL_SOCKET, SO_RCVLOWAT)).toBe(0x7fffffff)
  })

  test('SO_COOKIE: one of its own, the same each time', () => {
    const [stream, datagram] = [scene().stream(), scene().datagram()]
    const cookie = stream.getsockopt(SOL_SOCKET, SO_COOKIE)
    expect(cookie).toBeTypeOf('bigint')
    expect(stream.getsockopt(SOL_SOCKET, SO_COOKIE)).toBe(cookie)
    expect(datagram.getsockopt(SOL_SOCKET, SO_COOKIE)).not.toBe(cookie)
    expect(get(stream, SOL_SOCKET, SO_COOKIE)).not.toBe(0n)
    expect(() => stream.setsockopt(SOL_SOCKET, SO_COOKIE, 1n)).toThrow('setsockopt ENOPROTOOPT')
  })

  test('TCP_WINDOW_CLAMP of a listener and of a connection can be changed, but not taken away: EINVAL', async () => {
    const listener = scene().listener()
    expect(() => listener.setsockopt(IPPROTO_TCP, TCP_WINDOW_CLAMP, 0)).toThrow('setsockopt EINVAL')
    const [client, server] = [await scene().connect(), await scene().accept(listener)]
    expect(client.getsockopt(IPPROTO_TCP, TCP_WINDOW_CLAMP)).toBeGreaterThan(0)
    expect(() => client.setsockopt(IPPROTO_TCP, TCP_WINDOW_CLAMP, 0)).toThrow('setsockopt EINVAL')
    client.setsockopt(IPPROTO_TCP, TCP_WINDOW_CLAMP, 3000)
    expect(client.getsockopt(IPPROTO_TCP, TCP_WINDOW_CLAMP)).toBe(3000)
    expect(server.getsockopt(IPPROTO_TCP, TCP_WINDOW_CLAMP)).toBeGreaterThan(3000)
  })

  test('a time limit that was given as octets is kept too', async () => {
    const { hosts } = scene()
    const [client] = await scene().pair()
    const value = new Uint8Array(16)
    new DataView(value.buffer).setBigInt64(8, 40_000n, true)
    client.setsockopt(SOL_SOCKET, SO_RCVTIMEO, value)
    const start = hosts.now()
    expect(await hosts.failure(client.recv(octets(1)))).toMatchObject({ code: 'EAGAIN' })
    expect(hosts.now() - start).toBe(40)
  })

  test('a value that is too short: EINVAL; one octet will do for ip(7)', () => {
    const socket = scene().stream()
    const octet = Uint8Array.of(64)
    expect(() => socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, octet)).toThrow('setsockopt EINVAL')
    expect(() => socket.setsockopt(SOL_SOCKET, SO_LINGER, new Uint8Array(4))).toThrow('setsockopt EINVAL')
    expect(() => socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, octet)).toThrow('setsockopt EINVAL')
    socket.setsockopt(IPPROTO_IP, IP_TTL, octet)
    expect(socket.getsockopt(IPPROTO_IP, IP_TTL)).toBe(64)
  })

  test('TCP_CONGESTION: a name; ENOENT for one that there is not, EINVAL for none', () => {
    const socket = scene().stream()
    const initial = socket.getsockopt(IPPROTO_TCP, TCP_CONGESTION)
    expect(initial).toMatch(/^[a-z]+$/)
    expect(() => socket.setsockopt(IPPROTO_TCP, TCP_CONGESTION, 'nonesuch')).toThrow('setsockopt ENOENT')
    expect(() => socket.setsockopt(IPPROTO_TCP, TCP_CONGESTION, '')).toThrow('setsockopt EINVAL')
    socket.setsockopt(IPPROTO_TCP, TCP_CONGESTION, 'reno')
    expect(socket.getsockopt(IPPROTO_TCP, TCP_CONGESTION)).toBe('reno')
  })

  test('SO_BINDTODEVICE: the name of an interface; ENODEV', async () => {
    const { hosts } = scene()
    const socket = scene().stream()
    expect(() => socket.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, 'nosuch')).toThrow('setsockopt ENODEV')
    socket.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, 'lo')
    expect(socket.getsockopt(SOL_SOCKET, SO_BINDTODEVICE)).toBe('lo')
    if (hosts.silentAddress !== null) {
      scene().listener()
      const error = await hosts.failure(socket.connect(scene().at(), { timeout: 5000 }))
      expect(error).toBeInstanceOf(SocketError)
    }
    const other = scene().stream()
    other.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, 'lo')
    other.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, '')
    expect(other.getsockopt(SOL_SOCKET, SO_BINDTODEVICE)).toBe('')
  })

  test('levels that are not of this socket: EOPNOTSUPP to get, ENOPROTOOPT to set', () => {
    const socket = scene().stream()
    // ipv6_getsockopt of Linux says ENOPROTOOPT here too.
    const no = scene().hosts.family === AF_INET ? 'getsockopt EOPNOTSUPP' : 'getsockopt ENOPROTOOPT'
    for (const level of [IPPROTO_UDP, 77]) {
      expect(() => socket.getsockopt(level, 1)).toThrow(no)
      expect(() => socket.setsockopt(level, 1, Uint8Array.of(1, 0, 0, 0))).toThrow('setsockopt ENOPROTOOPT')
    }
    const datagram = scene().datagram()
    expect(() => datagram.getsockopt(IPPROTO_TCP, TCP_NODELAY)).toThrow(no)
    expect(() => datagram.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)).toThrow('setsockopt ENOPROTOOPT')
  })

  test('IP_MTU: ENOTCONN before there is a connection, then the path MTU', async () => {
    const [client] = await scene().pair()
    expect(client.getsockopt(IPPROTO_IP, IP_MTU)).toBeGreaterThanOrEqual(1500)
    expect(() => scene().stream().getsockopt(IPPROTO_IP, IP_MTU)).toThrow('getsockopt ENOTCONN')
  })

  test('TCP_INFO of a connection: what was negotiated, and what went', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    const sending = client.send(octets(50_000))
    const room = new Uint8Array(50_000)
    for (let got = 0; got < 50_000; ) got += await hosts.drive(server.recv(room.subarray(got)))
    await hosts.drive(sending)
    await hosts.pass(300)
    const info = client.getsockopt(IPPROTO_TCP, TCP_INFO)
    expect(info.tcpi_options).toBe(TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE)
    expect(info.tcpi_bytes_acked).toBe(50_001)
    expect(info.tcpi_unacked).toBe(0)
    expect(info.tcpi_total_retrans).toBe(0)
    expect(info.tcpi_snd_cwnd).toBeGreaterThanOrEqual(10)
    expect(info.tcpi_rto).toBeGreaterThanOrEqual(200_000)
    expect(server.getsockopt(IPPROTO_TCP, TCP_INFO).tcpi_bytes_received).toBe(50_000)
  })

  test('options stay settable on a connection', async () => {
    const [client] = await scene().pair()
    client.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)
    client.setsockopt(IPPROTO_IP, IP_TTL, 9)
    client.setsockopt(SOL_SOCKET, SO_KEEPALIVE, true)
    expect(client.getsockopt(IPPROTO_TCP, TCP_NODELAY)).toBe(true)
    expect(client.getsockopt(IPPROTO_IP, IP_TTL)).toBe(9)
    expect(client.getsockopt(SOL_SOCKET, SO_KEEPALIVE)).toBe(true)
  })
})
