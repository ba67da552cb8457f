// Read first: cmsg(3), socket(7), ip(7), ipv6(7), udp(7), unix(7), RFC 3542 section 6. What each kind of socket makes of the control
// messages that sendmsg(2) is given. Each line was tried on Linux 6.18.

import { expect, test } from 'vitest'
import {
  AF_INET,
  AF_UNIX,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_AUTOFLOWLABEL,
  IPV6_FLOWINFO,
  IPV6_PKTINFO,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  SOL_UDP,
} from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Message } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import { readFlowInfo } from '../../src/socket/system-control.ts'
import { berkeley, octets, PORT, type Scene } from './scene.ts'

const LENGTH = 10
const SENT = LENGTH
/** One for experiments (RFC 3692). */
const EXPERIMENTAL = 253

function ints(...values: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer)
}

function zeros(length: number): Uint8Array {
  return new Uint8Array(length)
}

type Outcome = number | string

/** At level SOL_SOCKET; for sockets of the Internet families, and for Unix sockets. */
const ofSockets: readonly (readonly [what: string, type: number, data: Uint8Array, inet: Outcome, unix: Outcome])[] = [
  ['a type that there is not', 99, ints(1), 'EINVAL', 'EINVAL'],
  ['SCM_RIGHTS of none', 1, zeros(0), SENT, SENT],
  ['SCM_RIGHTS of one that is not open', 1, ints(9999), SENT, 'EBADF'],
  ['SCM_RIGHTS of −1', 1, ints(-1), SENT, 'EBADF'],
  ['SCM_RIGHTS of 254', 1, zeros(254 * 4), SENT, 'EINVAL'],
  ['SCM_CREDENTIALS cut short', 2, ints(1, 0), SENT, 'EINVAL'],
  ['SCM_CREDENTIALS with more', 2, ints(1, 0, 0, 0), SENT, 'EINVAL'],
  ['SO_MARK', 36, ints(1), SENT, 'EINVAL'],
  ['SO_MARK cut short', 36, zeros(2), 'EINVAL', 'EINVAL'],
  ['SO_MARK with more', 36, ints(1, 2), 'EINVAL', 'EINVAL'],
  ['SO_PRIORITY', 12, ints(1), SENT, 'EINVAL'],
  ['SO_PRIORITY of the privileged', 12, ints(7), SENT, 'EINVAL'],
  ['SO_PRIORITY cut short', 12, zeros(2), 'EINVAL', 'EINVAL'],
  ['SO_TIMESTAMPING to receive', 37, ints(8), 'EINVAL', 'EINVAL'],
  ['SO_TIMESTAMPING cut short', 37, zeros(2), 'EINVAL', 'EINVAL'],
  ['SCM_TXTIME without the option', 61, zeros(8), 'EINVAL', 'EINVAL'],
  ['SCM_TS_OPT_ID without the option', 81, ints(2), 'EINVAL', 'EINVAL'],
  ['what is only received: SO_TIMESTAMP', 29, ints(2), 'EINVAL', 'EINVAL'],
  ['what is only received: SCM_SECURITY', 3, ints(2), 'EINVAL', 'EINVAL'],
  ['what is only received: SCM_PIDFD', 4, ints(2), 'EINVAL', 'EINVAL'],
]

/** At level SOL_IP; for datagrams and raw sockets, of packets of IPv4. */
const ofIpv4: readonly (readonly [what: string, type: number, data: Uint8Array, outcome: Outcome])[] = [
  ['IP_TTL of 0', 2, ints(0), 'EINVAL'],
  ['IP_TTL', 2, ints(64), SENT],
  ['IP_TTL of 256', 2, ints(256), 'EINVAL'],
  ['IP_TTL of one octet', 2, Uint8Array.of(64), 'EINVAL'],
  ['IP_TOS of one octet', 1, Uint8Array.of(64), SENT],
  ['IP_TOS', 1, ints(64), SENT],
  ['IP_TOS of 256', 1, ints(256), 'EINVAL'],
  ['IP_TOS of two octets', 1, zeros(2), 'EINVAL'],
  ['IP_TOS of none', 1, zeros(0), 'EINVAL'],
  ['IP_PKTINFO that asks for nothing', 8, zeros(12), SENT],
  ['IP_PKTINFO cut short', 8, zeros(11), 'EINVAL'],
  ['IP_PKTINFO with more', 8, zeros(13), 'EINVAL'],
  ['IP_PKTINFO of no interface', 8, ints(999, 0, 0), 'ENODEV'],
  ['IP_RETOPTS of none', 7, zeros(0), SENT],
  ['IP_RETOPTS', 7, Uint8Array.of(1, 1, 1, 0), SENT],
  ['IP_RETOPTS that are malformed', 7, Uint8Array.of(7, 1, 1, 0), 'EINVAL'],
  ['IP_RETOPTS that a header has no room for', 7, zeros(44).fill(1), SENT],
  ['IP_PROTOCOL', 52, ints(17), SENT],
  ['IP_PROTOCOL of 0', 52, ints(0), 'EINVAL'],
  ['IP_PROTOCOL of 256', 52, ints(256), 'EINVAL'],
  ['what is only received: IP_RECVERR', 11, ints(1), 'EINVAL'],
  ['a type that there is not', 99, ints(1), 'EINVAL'],
]

/** At level SOL_IPV6, likewise of packets of IPv6. */
const ofIpv6: typeof ofIpv4 = [
  ['IPV6_PKTINFO that asks for nothing', 50, zeros(20), SENT],
  ['IPV6_PKTINFO cut short', 50, zeros(19), 'EINVAL'],
  ['IPV6_PKTINFO with more', 50, zeros(24), SENT],
  ['IPV6_PKTINFO of no interface', 50, ints(0, 0, 0, 0, 999), 'ENODEV'],
  ['IPV6_PKTINFO of RFC 2292', 2, zeros(20), SENT],
  ['IPV6_HOPLIMIT of −1, the default', 52, ints(-1), SENT],
  ['IPV6_HOPLIMIT of 0', 52, ints(0), SENT],
  ['IPV6_HOPLIMIT of 256', 52, ints(256), 'EINVAL'],
  ['IPV6_HOPLIMIT of one octet', 52, zeros(1), 'EINVAL'],
  ['IPV6_HOPLIMIT with more', 52, ints(1, 1), 'EINVAL'],
  ['IPV6_TCLASS', 67, ints(255), SENT],
  ['IPV6_TCLASS of −1, the default', 67, ints(-1), SENT],
  ['IPV6_TCLASS of 256', 67, ints(256), 'EINVAL'],
  ['IPV6_TCLASS of one octet', 67, Uint8Array.of(3), 'EINVAL'],
  ['IPV6_DONTFRAG', 62, ints(1), SENT],
  ['IPV6_DONTFRAG of 2', 62, ints(2), 'EINVAL'],
  ['IPV6_DONTFRAG cut short', 62, zeros(2), 'EINVAL'],
  ['IPV6_FLOWINFO', 11, ints(0x01000000), SENT],
  ['IPV6_FLOWINFO of none', 11, ints(0), SENT],
  ['IPV6_FLOWINFO cut short', 11, zeros(2), 'EINVAL'],
  ['IPV6_HOPOPTS', 54, Uint8Array.of(0, 0, 1, 4, 0, 0, 0, 0), SENT],
  ['IPV6_HOPOPTS cut short', 54, Uint8Array.of(0, 1, 1, 4, 0, 0, 0, 0), 'EINVAL'],
  ['IPV6_HOPOPTS of one octet', 54, zeros(1), 'EINVAL'],
  ['IPV6_DSTOPTS', 59, Uint8Array.of(0, 0, 1, 4, 0, 0, 0, 0), SENT],
  ['IPV6_DSTOPTS cut short', 59, Uint8Array.of(0, 1, 1, 4, 0, 0, 0, 0), 'EINVAL'],
  ['IPV6_RTHDR of type 0 (RFC 5095)', 57, zeros(8), 'EINVAL'],
  ['a type that there is not', 99, ints(1), 'EINVAL'],
]

/** At level SOL_UDP, for datagrams of UDP. */
const ofUdp: typeof ofIpv4 = [
  ['UDP_SEGMENT', 103, Uint8Array.of(100, 0), SENT],
  ['UDP_SEGMENT of 0, none', 103, Uint8Array.of(0, 0), SENT],
  ['UDP_SEGMENT of one octet', 103, Uint8Array.of(100), 'EINVAL'],
  ['UDP_SEGMENT of four', 103, ints(100), 'EINVAL'],
  ['what is only received: UDP_GRO', 104, ints(100), 'EINVAL'],
  ['a type that there is not', 99, ints(100), 'EINVAL'],
]

interface Sender {
  readonly socket: Socket
  readonly to: SocketAddress | null
}

berkeley('sendmsg(2) with control messages', (scene) => {
  const isMapped = () => scene().hosts.family !== AF_INET && scene().hosts.serverAddress.includes('.')
  const sendsIpv4 = () => scene().hosts.family === AF_INET || isMapped()

  const toServer = (socket: Socket, port: number): Sender => {
    const to = SocketAddress.internet(scene().hosts.serverAddress, port)
    to.family = scene().hosts.family
    return { socket, to }
  }
  const udp = (): Sender => {
    scene().receiver()
    return toServer(scene().datagram(), PORT)
  }
  const raw = (): Sender => toServer(scene().raw(EXPERIMENTAL), 0)
  const tcp = async (): Promise<Sender> => ({ socket: (await scene().pair())[0], to: null })
  const unix = (type: number): Sender => ({ socket: unixPair(scene(), type), to: null })

  const outcome = async ({ socket, to }: Sender, level: number, type: number, data: Uint8Array): Promise<Outcome> => {
    const message = new Message([octets(LENGTH)], to)
    message.control = [{ level, type, data }]
    try {
      return await scene().hosts.drive(socket.sendmsg(message))
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  /** Packets over mapped addresses are no matter of raw sockets. */
  const datagrams = (): Sender[] => (isMapped() ? [udp()] : [udp(), raw()])
  const others = async (): Promise<Sender[]> => [await tcp(), unix(SOCK_STREAM), unix(SOCK_DGRAM)]

  const compare = async (
    senders: readonly Sender[],
    level: number,
    rows: typeof ofIpv4,
    expected: (row: (typeof ofIpv4)[number]) => Outcome,
  ): Promise<void> => {
    for (const sender of senders) {
      const seen: [string, Outcome][] = []
      for (const [what, type, data] of rows) seen.push([what, await outcome(sender, level, type, data)])
      expect(seen).toEqual(rows.map((row) => [row[0], expected(row)]))
    }
  }

  test('of SOL_SOCKET: socket(7), unix(7)', async () => {
    const rows = ofSockets.map(([what, type, data]) => [what, type, data, SENT] as const)
    const inet = new Map(ofSockets.map(([what, , , expected]) => [what, expected]))
    const local = new Map(ofSockets.map(([what, , , , expected]) => [what, expected]))
    await compare([...datagrams(), await tcp()], SOL_SOCKET, rows, ([what]) => inet.get(what) as Outcome)
    await compare([unix(SOCK_STREAM), unix(SOCK_DGRAM)], SOL_SOCKET, rows, ([what]) => local.get(what) as Outcome)
  })

  test('of SOL_IP: ip(7). Who sends no datagrams of IPv4 passes over them', async () => {
    await compare(datagrams(), IPPROTO_IP, ofIpv4, ([, , , expected]) => (sendsIpv4() ? expected : SENT))
    await compare(await others(), IPPROTO_IP, ofIpv4, () => SENT)
  })

  test('of SOL_IPV6: ipv6(7), RFC 3542. Who sends no datagrams of IPv6 passes over them', async () => {
    await compare(datagrams(), IPPROTO_IPV6, ofIpv6, ([, type, , expected]) => {
      // To a mapped address: the source must be one too.
      if (isMapped()) return type === IPV6_PKTINFO ? 'EINVAL' : SENT
      return sendsIpv4() ? SENT : expected
    })
    await compare(await others(), IPPROTO_IPV6, ofIpv6, () => SENT)
  })

  test('of SOL_UDP: udp(7). Who is not of UDP passes over them', async () => {
    await compare([udp()], SOL_UDP, ofUdp, ([, , , expected]) => expected)
    await compare(await others(), SOL_UDP, ofUdp, () => SENT)
  })

  test('a raw socket of IPv6 reads them as such for a mapped address too, which is not for it', async () => {
    if (!isMapped()) return
    const sender = raw()
    expect(await outcome(sender, IPPROTO_IP, 2, ints(0))).toBe('ENETUNREACH')
    expect(await outcome(sender, IPPROTO_IPV6, 52, ints(256))).toBe('EINVAL')
    expect(await outcome(sender, IPPROTO_IPV6, 50, zeros(20))).toBe('ENETUNREACH')
  })

  test('IPV6_FLOWINFO: the receiver sees the label, of that datagram alone (RFC 6437)', async () => {
    if (sendsIpv4()) return
    const { hosts } = scene()
    const receiver = scene().receiver()
    receiver.setsockopt(IPPROTO_IPV6, IPV6_FLOWINFO, true)
    const { socket, to } = toServer(scene().datagram(), PORT)
    socket.setsockopt(IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, false)
    expect(await outcome({ socket, to }, IPPROTO_IPV6, IPV6_FLOWINFO, Uint8Array.of(0, 0x01, 0x23, 0x45))).toBe(SENT)
    await hosts.drive(socket.sendto(octets(1), to as SocketAddress))
    const seen: (number | null)[] = []
    for (let i = 0; i < 2; i++) {
      const message = new Message([new Uint8Array(LENGTH)])
      await hosts.drive(receiver.recvmsg(message))
      seen.push(readFlowInfo(message))
    }
    expect(seen).toEqual([0x12345, null])
  })

  test('of a level that there is not: passed over by all', async () => {
    const senders = [...datagrams(), ...(await others())]
    for (const sender of senders) expect(await outcome(sender, 99, 1, ints(1))).toBe(SENT)
  })

  test('a stream whose end is shut does not look at them: EPIPE', async () => {
    const sender = await tcp()
    sender.socket.shutdown(SHUT_WR)
    for (const type of [36, 99]) expect(await outcome(sender, SOL_SOCKET, type, ints(1))).toBe('EPIPE')
  })
})

function unixPair(scene: Scene, type: number): Socket {
  const [left, right] = Socket.pair(scene.hosts.client, AF_UNIX, type)
  scene.keep(right)
  return scene.keep(left)
}
