import { describe, expect, it } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_ICMP,
  IPPROTO_UDP,
  SO_BINDTODEVICE,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
  UDP_SEGMENT,
} from '../../src/base/constants.ts'
import { Socket } from '../../src/socket/socket.ts'
import type { LeanStack } from '../../src/stack/lean-stack.ts'
import { type NetstatEntry, type NetstatOptions, netstat } from '../../src/stack/netstat.ts'
import { listCounters, listInterfaces, listNeighbours, listRoutes } from '../../src/stack/netstat-tables.ts'
import { formatConnection, formatNetstat } from '../../src/stack/netstat-text.ts'
import { drive, settle } from '../berkeley/drive.ts'
import { TwoStacks } from './two-stacks.ts'

const PEER = { address: '10.0.0.2', port: 80 }

/** A listener on the right, and sockets of the left. */
class Scene extends TwoStacks {
  listen(backlog = 5): Socket {
    const listener = new Socket(this.right, AF_INET, SOCK_STREAM)
    listener.bind(PEER)
    listener.listen(backlog)
    return listener
  }

  async connect(): Promise<Socket> {
    const client = new Socket(this.left, AF_INET, SOCK_STREAM)
    await drive(this.clock, client.connect(PEER))
    await settle(this.clock)
    return client
  }

  async pair(): Promise<[Socket, Socket]> {
    const listener = this.listen()
    const client = await this.connect()
    const server = await drive(this.clock, listener.accept())
    await listener.close()
    return [client, server]
  }
}

/** The one entry of TCP in this state. */
function only(entries: NetstatEntry[], state: string): NetstatEntry {
  const found = entries.filter((entry) => entry.state === state)
  expect(found.map((entry) => entry.state)).toEqual([state])
  return found[0] as NetstatEntry
}

const kinds = (entry: NetstatEntry): string[] => entry.timers.map(({ kind }) => kind)

describe('netstat', () => {
  it('lists a listener with what waits in its queue and its backlog, and what waits, which no descriptor holds', async () => {
    const scene = new Scene()
    scene.listen(5)
    const client = await scene.connect()
    await scene.connect()
    expect(netstat(scene.right, { pid: 42 }).map(({ timers: _, ...rest }) => rest)).toEqual([
      {
        protocol: 'tcp',
        localAddress: '10.0.0.2',
        localPort: 80,
        peerAddress: '0.0.0.0',
        peerPort: 0,
        state: 'LISTEN',
        receiveQueue: 2,
        sendQueue: 5,
        fd: 3,
        pid: 42,
        interface: null,
        details: null,
      },
      ...netstat(scene.left).map((entry) => ({
        protocol: 'tcp',
        localAddress: '10.0.0.2',
        localPort: 80,
        peerAddress: '10.0.0.1',
        peerPort: entry.localPort,
        state: 'ESTABLISHED',
        receiveQueue: 0,
        sendQueue: 0,
        fd: null,
        pid: null,
        interface: null,
        details: null,
      })),
    ])
    expect(netstat(scene.left)[0]).toMatchObject({ peerPort: 80, fd: client.fd, pid: null })
  })

  it('lists SYN-SENT with its retransmission, and SYN-RECEIVED, which is no socket yet, with that of its SYN-ACK', async () => {
    const scene = new Scene()
    scene.listen()
    const client = new Socket(scene.left, AF_INET, SOCK_STREAM)
    client.connect(PEER).catch(() => {})
    expect(only(netstat(scene.left), 'SYN-SENT')).toMatchObject({
      sendQueue: 1,
      timers: [{ kind: 'retransmit', left: 1000, retries: 0 }],
    })
    // The way back is cut: the SYN arrives, its answer does not.
    const transmit = scene.cable.right.transmit.bind(scene.cable.right)
    let passed = 0
    scene.cable.right.transmit = (...frame) => (passed++ === 0 ? transmit(...frame) : true)
    scene.run(50)
    const entry = only(
      netstat(scene.right).filter(({ state }) => state !== 'LISTEN'),
      'SYN-RECEIVED',
    )
    expect(entry).toMatchObject({ localPort: 80, peerAddress: '10.0.0.1', fd: null, pid: null })
    expect(kinds(entry)).toEqual(['retransmit'])
    scene.run(1500)
    expect(only(netstat(scene.left), 'SYN-SENT').timers[0]).toMatchObject({ kind: 'retransmit', retries: 1 })
    scene.left.close()
  })

  it('counts what was not acknowledged, what was not read, and a FIN as one octet', async () => {
    const scene = new Scene()
    const [client, server] = await scene.pair()
    await client.send(new Uint8Array(1000))
    expect(only(netstat(scene.left), 'ESTABLISHED')).toMatchObject({ sendQueue: 1000 })
    // One timer answers for what is in flight: the probe, and after it the time-out.
    expect(kinds(only(netstat(scene.left), 'ESTABLISHED'))).toEqual(['tail-loss-probe'])
    scene.run(100)
    expect(only(netstat(scene.left), 'ESTABLISHED')).toMatchObject({ sendQueue: 0, timers: [] })
    expect(only(netstat(scene.right), 'ESTABLISHED')).toMatchObject({ receiveQueue: 1000 })
    expect(server.tryRecv(new Uint8Array(1000))).toBe(1000)
    scene.cable.left.transmit = () => true
    await client.close()
    await settle(scene.clock)
    expect(only(netstat(scene.left), 'FIN-WAIT-1')).toMatchObject({ sendQueue: 1, fd: null, pid: null })
  })

  it('lists who is left behind: FIN-WAIT-2, CLOSE-WAIT and TIME-WAIT, with the time until it is forgotten', async () => {
    const scene = new Scene()
    const [client, server] = await scene.pair()
    await client.close()
    scene.run(50)
    expect(kinds(only(netstat(scene.left), 'FIN-WAIT-2'))).toEqual(['fin-wait-2'])
    expect(only(netstat(scene.right), 'CLOSE-WAIT').fd).toBe(server.fd)
    await server.close()
    scene.run(10)
    const entry = only(netstat(scene.left), 'TIME-WAIT')
    expect(entry.timers).toEqual([{ kind: 'time-wait', left: expect.any(Number), retries: 0 }])
    const [before] = entry.timers
    scene.run(500)
    const [after] = only(netstat(scene.left), 'TIME-WAIT').timers
    expect(Number(before?.left) - Number(after?.left)).toBe(500)
    expect(netstat(scene.right)).toEqual([])
    scene.run(120_000)
    expect(netstat(scene.left)).toEqual([])
  })

  it('lists keep-alive, persist and delayed-ack timers: RFC 9293 3.8.4, 3.8.6.1 and 3.8.6.3', async () => {
    const scene = new Scene()
    const [client, server] = await scene.pair()
    client.setsockopt(SOL_SOCKET, SO_KEEPALIVE, true)
    expect(only(netstat(scene.left), 'ESTABLISHED').timers).toEqual([
      { kind: 'keepalive', left: 7_200_000, retries: 0 },
    ])
    client.setsockopt(SOL_SOCKET, SO_KEEPALIVE, false)
    // The first segments are acknowledged at once.
    const seen = new Set<string>()
    for (let i = 0; i < 40; i++) {
      await client.send(new Uint8Array(1))
      scene.run(2)
      for (const kind of kinds(only(netstat(scene.right), 'ESTABLISHED'))) seen.add(kind)
    }
    expect([...seen]).toEqual(['delayed-ack'])
    scene.run(1000)
    const sending = server.send(new Uint8Array(8 << 20)).catch(() => {})
    scene.run(10_000)
    expect(kinds(only(netstat(scene.right), 'ESTABLISHED'))).toEqual(['persist'])
    scene.right.close()
    await sending
  })

  it('lists datagram sockets without a state, connected ones as ESTABLISHED, raw and ICMP sockets', async () => {
    const scene = new Scene()
    const receiver = new Socket(scene.left, AF_INET, SOCK_DGRAM)
    receiver.bind({ address: '', port: 4242 })
    receiver.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, 'eth0')
    const connected = new Socket(scene.left, AF_INET, SOCK_DGRAM)
    await connected.connect({ address: '10.0.0.2', port: 9 })
    const raw = new Socket(scene.left, AF_INET, SOCK_RAW, IPPROTO_ICMP)
    const ping = new Socket(scene.left, AF_INET, SOCK_DGRAM, IPPROTO_ICMP)
    ping.bind({ address: '10.0.0.1', port: 77 })
    // A socket without a port is in no list.
    new Socket(scene.left, AF_INET, SOCK_DGRAM)
    const sender = new Socket(scene.right, AF_INET, SOCK_DGRAM)
    await sender.sendto(new Uint8Array(100), { address: '10.0.0.1', port: 4242 })
    scene.run(50)
    const entries = netstat(scene.left).map((entry) => [
      entry.protocol,
      `${entry.localAddress}:${entry.localPort}`,
      `${entry.peerAddress}:${entry.peerPort}`,
      entry.state,
      entry.receiveQueue >= 100,
      entry.fd,
      entry.interface,
    ])
    const { port } = connected.getsockname()
    expect(entries).toEqual([
      ['udp', '0.0.0.0:4242', '0.0.0.0:0', '', true, receiver.fd, 'eth0'],
      ['udp', `10.0.0.1:${port}`, '10.0.0.2:9', 'ESTABLISHED', false, connected.fd, null],
      ['icmp', '10.0.0.1:77', '0.0.0.0:0', '', false, ping.fd, null],
      ['raw', '0.0.0.0:1', '0.0.0.0:0', '', false, raw.fd, null],
    ])
  })

  it('lists sockets of AF_INET6 as tcp6 and udp6, also where they talk IPv4: ipv6(7)', async () => {
    const scene = new Scene()
    const listener = new Socket(scene.left, AF_INET6, SOCK_STREAM)
    listener.bind({ address: '::', port: 80 })
    listener.listen(5)
    const client = new Socket(scene.left, AF_INET6, SOCK_STREAM)
    await drive(scene.clock, client.connect({ address: '::1', port: 80 }))
    const old = new Socket(scene.left, AF_INET, SOCK_STREAM)
    await drive(scene.clock, old.connect({ address: '127.0.0.1', port: 80 }))
    const datagrams = new Socket(scene.left, AF_INET6, SOCK_DGRAM)
    datagrams.bind({ address: '::', port: 9 })
    await settle(scene.clock)
    const [six, four] = [client.getsockname().port, old.getsockname().port]
    const rows = netstat(scene.left).map(({ protocol, localAddress, localPort, peerAddress, peerPort, state }) =>
      [protocol, localAddress, localPort, peerAddress, peerPort, state].join(' '),
    )
    expect(rows.sort()).toEqual(
      [
        'tcp6 :: 80 :: 0 LISTEN',
        `tcp6 ::1 ${six} ::1 80 ESTABLISHED`,
        `tcp6 ::1 80 ::1 ${six} ESTABLISHED`,
        `tcp 127.0.0.1 ${four} 127.0.0.1 80 ESTABLISHED`,
        `tcp6 127.0.0.1 80 127.0.0.1 ${four} ESTABLISHED`,
        'udp6 :: 9 :: 0 ',
      ].sort(),
    )
  })

  it('lists Unix sockets by name: listeners, connections and those that wait, datagram sockets, pairs', async () => {
    const scene = new Scene()
    const unix = (type: number) => new Socket(scene.left, AF_UNIX, type)
    const listener = unix(SOCK_STREAM)
    listener.bind({ path: '/run/echo' })
    listener.listen(7)
    const client = unix(SOCK_STREAM)
    await client.connect({ path: '/run/echo' })
    await client.send(new Uint8Array(10))
    const [left] = Socket.pair(scene.left, AF_UNIX, SOCK_SEQPACKET)
    const named = unix(SOCK_DGRAM)
    named.bind({ path: '\0name' })
    const rows = netstat(scene.left, { pid: 9 }).map((entry) => [
      entry.protocol,
      entry.localAddress,
      entry.peerAddress,
      entry.state,
      entry.receiveQueue,
      entry.sendQueue > 0,
      entry.fd,
      entry.pid,
    ])
    expect(rows).toEqual([
      ['unix-stream', '/run/echo', '', 'LISTEN', 1, true, listener.fd, 9],
      ['unix-stream', '', '/run/echo', 'ESTABLISHED', 0, true, client.fd, 9],
      ['unix-stream', '/run/echo', '', 'ESTABLISHED', 10, false, null, null],
      ['unix-dgram', '@name', '', '', 0, false, named.fd, 9],
      ['unix-seqpacket', '', '', 'ESTABLISHED', 0, false, left.fd, 9],
      ['unix-seqpacket', '', '', 'ESTABLISHED', 0, false, left.fd + 1, 9],
    ])
    expect(formatNetstat(netstat(scene.left))).toContain(
      'u_str      1      7 /run/echo               *                       LISTEN       -/3\n',
    )
  })

  it('gives TCP_INFO where details are asked for, and nothing that JSON does not have', async () => {
    const scene = new Scene()
    const [client] = await scene.pair()
    await client.send(new Uint8Array(10))
    scene.run(100)
    const [entry] = netstat(scene.left, { details: true })
    expect(entry?.details).toMatchObject({ tcpi_state: 1, tcpi_bytes_acked: 11, congestion: 'cubic' })
    expect(JSON.parse(JSON.stringify(entry))).toEqual(entry)
  })

  it.each([
    [{ pid: -1 }, 'options.pid must be an integer'],
    [{ detail: true }, "options has no 'detail'"],
  ])('%o is refused', (options, message) => {
    expect(() => netstat(new TwoStacks().left, options as NetstatOptions)).toThrow(message)
  })
})

describe('the tables', () => {
  it('have the routes, interfaces, neighbours and counters of a stack', async () => {
    const scene = new Scene()
    scene.left.addRoute('default', { via: '10.0.0.2', metric: 7 })
    await scene.pair()
    expect(listRoutes(scene.left)).toEqual(
      expect.arrayContaining([
        { destination: '10.0.0.0/24', family: 'IPv4', gateway: null, interface: 'eth0', metric: 0, source: '10.0.0.1' },
        { destination: 'default', family: 'IPv4', gateway: '10.0.0.2', interface: 'eth0', metric: 7, source: null },
      ]),
    )
    const [loopback, link] = listInterfaces(scene.left)
    expect(loopback).toMatchObject({ name: 'lo', index: 1, medium: 'ip', hardwareAddress: null })
    expect(loopback?.addresses).toContain('127.0.0.1/8')
    expect(link).toMatchObject({ name: 'eth0', index: 2, medium: 'ethernet', mtu: 1500 })
    expect(link?.addresses).toContain('10.0.0.1/24')
    expect(link?.hardwareAddress).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/)
    const other = listInterfaces(scene.right)[1]?.hardwareAddress
    expect(listNeighbours(scene.left)).toContainEqual({
      address: '10.0.0.2',
      interface: 'eth0',
      hardwareAddress: other,
      state: 'REACHABLE',
    })
    const counters = listCounters(scene.left)
    expect(counters['tcp']).toMatchObject({ activeOpens: 1, passiveOpens: 0 })
    expect(counters['arp']).toMatchObject({ arpRequestsSent: 1 })
    expect(counters['ip']?.['inDelivers']).toBeGreaterThan(0)
  })
})

describe('as text', () => {
  const entry: NetstatEntry = {
    protocol: 'tcp',
    localAddress: '10.0.0.1',
    localPort: 80,
    peerAddress: '0.0.0.0',
    peerPort: 0,
    state: 'LISTEN',
    receiveQueue: 2,
    sendQueue: 5,
    fd: 3,
    pid: 42,
    timers: [],
    interface: null,
    details: null,
  }

  it('is laid out as netstat(8) does it', () => {
    const six: NetstatEntry = {
      ...entry,
      protocol: 'tcp6',
      localAddress: '2001:db8::1',
      peerAddress: '2001:db8:1234:5678:9abc:def0:1234:5678',
      peerPort: 54321,
      state: 'TIME-WAIT',
      fd: null,
      pid: null,
      timers: [{ kind: 'time-wait', left: 59_940, retries: 0 }],
    }
    const udp: NetstatEntry = {
      ...entry,
      protocol: 'udp',
      state: '',
      receiveQueue: 0,
      sendQueue: 0,
      pid: null,
      interface: 'eth0',
    }
    expect(formatNetstat([entry, six, udp], { timers: true })).toBe(
      [
        'Proto Recv-Q Send-Q Local Address           Foreign Address                                State        PID/FD     Timers',
        'tcp        2      5 10.0.0.1:80             0.0.0.0:*                                      LISTEN       42/3       off',
        'tcp6       2      5 [2001:db8::1]:80        [2001:db8:1234:5678:9abc:def0:1234:5678]:54321 TIME-WAIT    -          time-wait (59.94/0)',
        'udp        0      0 10.0.0.1%eth0:80        0.0.0.0:*                                                   -/3        off',
        '',
      ].join('\n'),
    )
    expect(formatNetstat([])).toBe(
      'Proto Recv-Q Send-Q Local Address           Foreign Address         State        PID/FD\n',
    )
  })

  it('has below a socket of datagrams what it has carried, those of one call each counted (UDP_SEGMENT), and what was dropped', async () => {
    const scene = new Scene()
    const receiver = new Socket(scene.left, AF_INET, SOCK_DGRAM)
    receiver.bind({ address: '', port: 4242 })
    receiver.setsockopt(SOL_SOCKET, SO_RCVBUF, 1)
    const sender = new Socket(scene.right, AF_INET, SOCK_DGRAM)
    await sender.connect({ address: '10.0.0.1', port: 4242 })
    sender.setsockopt(IPPROTO_UDP, UDP_SEGMENT, 1000)
    await sender.send(new Uint8Array(2500))
    scene.run(50)
    const traffic = (stack: LeanStack) => netstat(stack, { details: true })[0]?.traffic
    const none = { datagramsReceived: 0, octetsReceived: 0, datagramsSent: 0, octetsSent: 0, drops: 0 }
    expect(traffic(scene.right)).toEqual({ ...none, datagramsSent: 3, octetsSent: 2500 })
    const { datagramsReceived = 0, octetsReceived, drops = 0 } = traffic(scene.left) ?? none
    expect(datagramsReceived + drops).toBe(3)
    expect(drops).toBeGreaterThan(0)
    expect(octetsReceived).toBe(1000 * datagramsReceived)
    expect(netstat(scene.right)[0]).not.toHaveProperty('traffic')
    expect(formatNetstat(netstat(scene.right, { details: true }), { details: true })).toContain(
      '\n\t bytes_sent:2500 bytes_received:0 datagrams_out:3 datagrams_in:0\n',
    )
    expect(formatNetstat(netstat(scene.left, { details: true }), { details: true })).toContain(` drops:${drops}\n`)
  })

  it('has a line of details below a connection, as ss -i', async () => {
    const scene = new Scene()
    const [client] = await scene.pair()
    await client.send(new Uint8Array(10))
    scene.run(100)
    const entries = netstat(scene.left, { details: true })
    const details = entries[0]?.details
    if (details === null || details === undefined) throw new Error('there are none')
    const line = formatConnection(details)
    expect(line).toContain('ts sack cubic wscale:')
    expect(line).toContain(' mss:1448 pmtu:1500 ')
    expect(line).toContain(' bytes_sent:10 bytes_acked:11 segs_out:')
    expect(line).not.toContain('lost:')
    expect(formatNetstat(entries, { details: true })).toContain(`\n\t ${line}\n`)
    expect(formatNetstat(entries)).not.toContain(line)
  })
})
