// The kernel's sockets in every state, made by our own provider, as our netstat and the real ss(8) list them: in one namespace, at the
// same time.

import { closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IP_TOS,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  SHUT_WR,
  SO_BINDTODEVICE,
  SO_KEEPALIVE,
  SO_MARK,
  SO_RCVBUF,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_DEFER_ACCEPT,
} from '../../src/base/constants.ts'
import type { NetstatEntry } from '../../src/base/netstat-entry.ts'
import { libc } from '../../src/os/libc.ts'
import { os } from '../../src/os/operating-system.ts'
import { osNetstat } from '../../src/os/os-netstat.ts'
import { osInterfaces, osNeighbours, osRoutes } from '../../src/os/os-tables.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND } from './served.ts'
import { asSs, disagreements, parseSs } from './ss-listing.ts'

const CLONE_NEWNET = 0x40000000
const LOCAL = '127.0.0.1'

describeNetwork("netstat of the operating system's sockets", ['ss', 'sysctl'], () => {
  let namespace: Namespace
  let folder: string
  let home: number
  const open: Socket[] = []

  const socket = (family: number, type: number, protocol = 0): Socket => {
    const made = new Socket(os, family, type, protocol)
    open.push(made)
    return made
  }

  const listener = (port: number, backlog: number, family = AF_INET, address = LOCAL): Socket => {
    const made = socket(family, SOCK_STREAM)
    made.bind({ address, port })
    made.listen(backlog)
    return made
  }

  /** Two ends of a connection: who connected, and who was connected to. */
  const pair = async (port: number): Promise<[Socket, Socket]> => {
    const from = listener(port, 1)
    const client = socket(AF_INET, SOCK_STREAM)
    await client.connect({ address: LOCAL, port })
    const server = await from.accept()
    open.push(server)
    return [client, server]
  }

  const bytes = (length: number) => new Uint8Array(length).fill(7)

  /** More than the two queues take. */
  const fill = (client: Socket) => {
    while (client.trySend(bytes(1 << 16)) > 0);
  }

  const makeStreams = async () => {
    // LISTEN with a queue of 2 of 7, of IPv6 for one family and for both.
    listener(1000, 7)
    for (let i = 0; i < 2; i++) await socket(AF_INET, SOCK_STREAM).connect({ address: LOCAL, port: 1000 })
    listener(1001, 5, AF_INET6, '::')
    await socket(AF_INET, SOCK_STREAM).connect({ address: LOCAL, port: 1001 })
    await socket(AF_INET6, SOCK_STREAM).connect({ address: '::1', port: 1001 })
    const only = socket(AF_INET6, SOCK_STREAM)
    only.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, true)
    only.bind({ address: '::', port: 1002 })
    only.listen(4)
    // ESTABLISHED, with octets that nobody reads, and with more than anybody takes: the persist timer is set.
    const [, unread] = await pair(1010)
    await unread.send(bytes(100))
    const [full] = await pair(1011)
    fill(full)
    const [alive] = await pair(1012)
    alive.setsockopt(SOL_SOCKET, SO_KEEPALIVE, true)
    alive.setsockopt(IPPROTO_IP, IP_TOS, 0x10)
    alive.setsockopt(SOL_SOCKET, SO_MARK, 77)
    // FIN-WAIT-2 and CLOSE-WAIT, held and left behind; TIME-WAIT.
    const [half] = await pair(1020)
    half.shutdown(SHUT_WR)
    const [left] = await pair(1021)
    await left.close()
    const [first, second] = await pair(1022)
    await first.close()
    await second.close()
    // SYN-SENT: the interface swallows everything. SYN-RECEIVED: the connection is not told before it brings data.
    void socket(AF_INET, SOCK_STREAM)
      .connect({ address: '10.55.0.9', port: 9 })
      .catch(() => {})
    const patient = socket(AF_INET, SOCK_STREAM)
    patient.setsockopt(IPPROTO_TCP, TCP_DEFER_ACCEPT, 60)
    patient.bind({ address: LOCAL, port: 1030 })
    patient.listen(3)
    await socket(AF_INET, SOCK_STREAM).connect({ address: LOCAL, port: 1030 })
    // FIN-WAIT-1: more is to be sent before the FIN than the other takes.
    const [late, deaf] = await pair(1031)
    deaf.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
    fill(late)
    late.shutdown(SHUT_WR)
    // LAST-ACK: the same of one that the other has ended already.
    const [ended, last] = await pair(1032)
    ended.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
    ended.shutdown(SHUT_WR)
    fill(last)
    last.shutdown(SHUT_WR)
  }

  const makeDatagrams = async () => {
    const bound = socket(AF_INET, SOCK_DGRAM)
    bound.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, 'lo')
    bound.bind({ address: LOCAL, port: 2000 })
    const client = socket(AF_INET, SOCK_DGRAM)
    await client.connect({ address: LOCAL, port: 2000 })
    for (let i = 0; i < 3; i++) await client.send(bytes(50))
    socket(AF_INET6, SOCK_DGRAM).bind({ address: '::', port: 2001 })
    await socket(AF_INET6, SOCK_DGRAM).connect({ address: '::1', port: 2001 })
    const raw = socket(AF_INET, SOCK_RAW, 89)
    await raw.connect({ address: LOCAL, port: 0 })
    socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)
    socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)
    socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP).bind({ address: '', port: 77 })
    socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6).bind({ address: '::', port: 78 })
  }

  const makeUnix = async () => {
    const waiting = socket(AF_UNIX, SOCK_STREAM)
    waiting.bind({ path: join(folder, 'stream') })
    waiting.listen(6)
    await socket(AF_UNIX, SOCK_STREAM).connect({ path: join(folder, 'stream') })
    const [left, right] = Socket.pair(os, AF_UNIX, SOCK_STREAM)
    open.push(left, right)
    await left.send(bytes(123))
    right.shutdown(SHUT_WR)
    const datagrams = socket(AF_UNIX, SOCK_DGRAM)
    datagrams.bind({ path: join(folder, 'dgram') })
    const sender = socket(AF_UNIX, SOCK_DGRAM)
    await sender.connect({ path: join(folder, 'dgram') })
    await sender.send(bytes(10))
    const records = socket(AF_UNIX, SOCK_SEQPACKET)
    records.bind({ path: '\0jackfield\0records' })
    records.listen(2)
  }

  beforeAll(async () => {
    namespace = new Namespace()
    folder = mkdtempSync(join(tmpdir(), 'jackfield-netstat-'))
    // What is sent to the other end comes from this host, and is not believed.
    namespace.ip('link', 'add', 'hole', 'type', 'veth', 'peer', 'name', 'far')
    namespace.sysctl('net.ipv6.conf.far.disable_ipv6', 1)
    namespace.ip('link', 'set', 'far', 'up')
    namespace.configure('hole', ['10.55.0.1/24', 'fd55::1/64'])
    namespace.ip('route', 'add', '192.0.2.0/24', 'via', '10.55.0.7', 'metric', '5')
    namespace.ip('-6', 'route', 'add', 'default', 'via', 'fd55::7')
    for (const neighbour of ['10.55.0.7', '10.55.0.9']) {
      namespace.ip('neighbour', 'add', neighbour, 'lladdr', '02:00:00:00:00:07', 'dev', 'hole')
    }
    namespace.sysctl('net.ipv4.ping_group_range', '0 2147483647')
    // Everything that this process opens from now on lies in the namespace, and so does what it starts.
    home = openSync('/proc/thread-self/ns/net', 'r')
    enter(openSync(`/run/netns/${namespace.name}`, 'r'))
    await makeStreams()
    await makeDatagrams()
    await makeUnix()
  })

  afterAll(async () => {
    await Promise.allSettled(open.map((one) => one.close()))
    if (home !== undefined) enter(home)
    await namespace?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function enter(fd: number): void {
    const setns = libc().library.func('setns', 'int', ['int', 'int']) as (fd: number, kind: number) => number
    const result = setns(fd, CLONE_NEWNET)
    closeSync(fd)
    if (result !== 0) throw new Error('the namespace could not be entered')
  }

  const ss = async () => parseSs((await namespace.run('ss', ['-tuxwnaeopimOH'])).stdout)

  const listing = async (...args: string[]): Promise<NetstatEntry[]> => {
    const { status, stdout, stderr } = await namespace.run(COMMAND, ['netstat', '--os', '-a', '--json', ...args])
    expect([status, stderr]).toEqual([0, ''])
    return JSON.parse(stdout) as NetstatEntry[]
  }

  test('the command and ss -tuxwnaeopim tell the same of every socket: ends, states, queues, timers, holders, memory, TCP_INFO', async () => {
    const before = await ss()
    const ours = (await listing('-e', '-p')).filter(({ protocol }) => !protocol.startsWith('icmp'))
    const after = await ss()
    const { wrong, compared } = disagreements(before, ours.map(asSs), after)
    expect(wrong).toEqual([])
    expect(compared).toBeGreaterThan(800)
  })

  test('every state is among them', async () => {
    const entries = await osNetstat()
    const states = new Set(entries.filter(({ protocol }) => protocol.startsWith('tcp')).map(({ state }) => state))
    expect([...states].sort()).toEqual([
      'CLOSE-WAIT',
      'ESTABLISHED',
      'FIN-WAIT-1',
      'FIN-WAIT-2',
      'LAST-ACK',
      'LISTEN',
      'SYN-RECEIVED',
      'SYN-SENT',
      'TIME-WAIT',
    ])
    const kinds = new Set(entries.flatMap(({ timers }) => timers.map(({ kind }) => kind)))
    expect([...kinds].sort()).toEqual(['fin-wait-2', 'keepalive', 'persist', 'retransmit', 'time-wait'])
    expect(new Set(entries.map(({ protocol }) => protocol)).size).toBe(11)
  })

  test('a Unix socket has its path, the file of it, and who is connected to it', async () => {
    const entries = await osNetstat({ kinds: ['unix'] })
    const path = join(folder, 'dgram')
    const receiver = entries.find(({ localAddress }) => localAddress === path)
    const { ino, dev } = statSync(path)
    expect(receiver?.system?.file).toEqual({ inode: ino, device: dev })
    const sender = entries.find(({ peerAddress }) => peerAddress === path)
    expect(sender).toMatchObject({ protocol: 'unix-dgram', localAddress: '', state: 'ESTABLISHED' })
    expect(sender?.system?.peerInode).toBe(receiver?.system?.inode)
    expect(entries.find(({ protocol }) => protocol === 'unix-seqpacket')).toMatchObject({
      localAddress: '@jackfield@records',
      state: 'LISTEN',
      sendQueue: 2,
    })
  })

  test('ICMP sockets, which ss does not list, have their identifiers', async () => {
    const entries = await osNetstat({ kinds: ['icmp'] })
    expect(entries.map((one) => `${one.protocol} ${one.localAddress} ${one.localPort} ${one.state}`)).toEqual([
      'icmp 0.0.0.0 77 ',
      'icmp6 :: 78 ',
    ])
  })

  test('what /proc tells agrees with what netlink tells, as far as it goes', async () => {
    const known = (entry: NetstatEntry, other: NetstatEntry | undefined) => {
      const { protocol, localAddress, localPort, state, receiveQueue, sendQueue, timers, system } = entry
      const unix = protocol.startsWith('unix')
      const peer = unix ? '' : `${entry.peerAddress} ${entry.peerPort}`
      const backlog = unix || state === 'LISTEN'
      return {
        ends: `${protocol} ${localAddress} ${localPort} ${peer}`,
        state,
        receiveQueue: unix ? 0 : receiveQueue,
        sendQueue: backlog ? 0 : sendQueue,
        timers: timers.map(({ kind }) => kind),
        uid: unix ? null : system?.uid,
        inode: system?.inode,
        holders: system?.holders.length,
        other: other?.pid,
      }
    }
    const all = async (source: 'netlink' | 'proc') => {
      const entries = await osNetstat({ source, processes: true })
      return entries
        .map((entry) => known(entry, undefined))
        .sort((x, y) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1))
    }
    const before = await all('netlink')
    const proc = await all('proc')
    const after = await all('netlink')
    // Where the window is closed an octet goes across now and then: a queue that moves is between what it was and what it is.
    const between = (one: number, low: number, high: number) => (one >= low && one <= high ? one : [low, high])
    const expected = proc.map(({ receiveQueue, sendQueue }, i) => ({
      ...before[i],
      receiveQueue: between(receiveQueue, before[i]?.receiveQueue ?? 0, after[i]?.receiveQueue ?? 0),
      sendQueue: between(sendQueue, after[i]?.sendQueue ?? 0, before[i]?.sendQueue ?? 0),
    }))
    expect(proc).toEqual(expected)
    expect(before.length).toBe(proc.length)
    expect(proc.length).toBeGreaterThan(40)
  })

  test('routes, interfaces and neighbours are those that ip(8) was told', async () => {
    expect(
      (await osRoutes()).map((one) => `${one.destination} ${one.gateway} ${one.interface} ${one.metric} ${one.source}`),
    ).toEqual([
      '10.55.0.0/24 null hole 0 10.55.0.1',
      '192.0.2.0/24 10.55.0.7 hole 5 null',
      'fd55::/64 null hole 256 null',
      'fe80::/64 null hole 256 null',
      'default fd55::7 hole 1024 null',
    ])
    const interfaces = await osInterfaces()
    const [lo, hole] = ['lo', 'hole'].map((name) => interfaces.find((one) => one.name === name))
    expect(lo).toMatchObject({ name: 'lo', index: 1, medium: 'ip', mtu: 65536, hardwareAddress: null })
    expect(lo?.addresses).toEqual(['127.0.0.1/8', '::1/128'])
    expect(hole).toMatchObject({ name: 'hole', medium: 'ethernet', mtu: 1500 })
    expect(hole?.addresses.slice(0, 2)).toEqual(['10.55.0.1/24', 'fd55::1/64'])
    expect(await osNeighbours()).toContainEqual({
      address: '10.55.0.7',
      interface: 'hole',
      hardwareAddress: '02:00:00:00:00:07',
      state: 'PERMANENT',
    })
  })
})
