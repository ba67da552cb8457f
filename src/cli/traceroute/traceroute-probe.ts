// Read first: traceroute(8), ip(7) on IP_RECVERR. A packet with few hops to live dies on the way, and who let it die says so: the
// error queue of the socket that sent it tells who. It takes nothing that a provider of sockets does not have.

import { write16 } from '../../base/bytes.ts'
import {
  AF_INET,
  IP_MTU_DISCOVER,
  IP_PMTUDISC_PROBE,
  IP_RECVERR,
  IP_TTL,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_MTU_DISCOVER,
  IPV6_RECVERR,
  IPV6_UNICAST_HOPS,
  MSG_ERRQUEUE,
  POLLIN,
  POLLOUT,
  SO_ERROR,
  SO_LINGER,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_SYNCNT,
} from '../../base/constants.ts'
import { ECONNREFUSED } from '../../base/errno.ts'
import type { ExtendedError } from '../../base/extended-error.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { readExtendedError } from '../../socket/control-message.ts'
import { poll } from '../../socket/poll.ts'
import { Message, type Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'

/** "udp" goes to a port of its own with each probe, "port" to one port with all. */
export type TracerouteMethod = 'udp' | 'port' | 'icmp' | 'tcp'

export interface ProbeOptions {
  readonly method: TracerouteMethod
  /** Of UDP and TCP: the port. Of ICMP: the sequence number. */
  readonly port: number
  readonly hops: number
  /** Octets of data, headers not counted. */
  readonly size: number
  /** Milliseconds to wait. */
  readonly wait: number
  readonly dontFragment: boolean
  readonly source: SocketAddress | null
}

/** What came of a probe. */
export interface ProbeAnswer {
  /** Who answered. */
  readonly from: SocketAddress
  /** Milliseconds. */
  readonly time: number
  /** The target has answered, or nothing gets any further. */
  readonly final: boolean
  /** "!H" and such. */
  readonly note: string
}

/** Sends one probe over a socket of its own, and resolves with its answer; null where none came in time. */
export async function probe(
  provider: Provider,
  target: SocketAddress,
  options: ProbeOptions,
): Promise<ProbeAnswer | null> {
  const socket = openSocket(provider, target, options)
  try {
    const peer = target.copy()
    peer.port = options.method === 'icmp' ? 0 : options.port
    const sentAt = performance.now()
    if (options.method === 'tcp') {
      connectNow(socket, peer)
    } else {
      await socket.connect(peer)
      await sendAnyway(socket, options)
    }
    const events = options.method === 'tcp' ? POLLOUT : POLLIN
    const [{ revents }] = await poll([{ socket, events }], { timeout: options.wait })
    return revents === 0 ? null : whatCame(socket, target, options.method, performance.now() - sentAt)
  } finally {
    await socket.close()
  }
}

function openSocket(provider: Provider, target: SocketAddress, options: ProbeOptions): Socket {
  const { method, hops, source } = options
  const { family } = target
  const v4 = family === AF_INET
  const icmp = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6
  const socket = new Socket(provider, family, method === 'tcp' ? SOCK_STREAM : SOCK_DGRAM, method === 'icmp' ? icmp : 0)
  try {
    const level = v4 ? IPPROTO_IP : IPPROTO_IPV6
    socket.setsockopt(level, v4 ? IP_RECVERR : IPV6_RECVERR, 1)
    socket.setsockopt(level, v4 ? IP_TTL : IPV6_UNICAST_HOPS, hops)
    if (options.dontFragment) socket.setsockopt(level, v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, IP_PMTUDISC_PROBE)
    if (method === 'tcp') {
      socket.setsockopt(IPPROTO_TCP, TCP_SYNCNT, 1)
      // A connection that was made only to see whether it can be is reset.
      socket.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 })
    }
    if (source !== null) socket.bind(source)
  } catch (error) {
    void socket.close()
    throw error
  }
  return socket
}

// What a connect says at once, the error queue and SO_ERROR say too.
function connectNow(socket: Socket, peer: SocketAddress): void {
  socket.tryConnect(peer)
}

async function sendAnyway(socket: Socket, { method, size, port }: ProbeOptions): Promise<void> {
  const data = new Uint8Array(size).map((_, i) => 0x40 + (i & 0x3f))
  if (method === 'icmp') {
    // The kind of socket fills in identifier and checksum: icmp(7).
    data.fill(0, 0, 8)
    data[0] = socket.family === AF_INET ? 8 : 128
    write16(data, 6, port)
  }
  await socket.send(data)
}

function whatCame(socket: Socket, target: SocketAddress, method: TracerouteMethod, time: number): ProbeAnswer | null {
  const message = new Message([new Uint8Array(64)], new SocketAddress())
  if (socket.tryRecvmsg(message, MSG_ERRQUEUE) >= 0) {
    const error = readExtendedError(message)
    if (error !== null) return answerOf(error, target, time)
  }
  const reached: ProbeAnswer = { from: target, time, final: true, note: '' }
  if (method !== 'tcp') return reached
  const errno = Math.abs(socket.getsockopt(SOL_SOCKET, SO_ERROR))
  if (errno === 0 || errno === ECONNREFUSED) return reached
  throw new SocketError('connect', -errno, target)
}

function answerOf(error: ExtendedError, target: SocketAddress, time: number): ProbeAnswer {
  const { type, code } = error
  const v4 = target.family === AF_INET
  const from = error.offender ?? target
  if (type === (v4 ? TIME_EXCEEDED : TIME_EXCEEDED6) && code === 0) return { from, time, final: false, note: '' }
  return { from, time, final: true, note: v4 ? note4(error) : note6(error) }
}

const UNREACHABLE = 3
const TIME_EXCEEDED = 11
const UNREACHABLE6 = 1
const TOO_BIG6 = 2
const TIME_EXCEEDED6 = 3

/** By the code of "destination unreachable". That the port is nobody's is what one has waited for. */
const notes4: readonly string[] = [
  ...['!N', '!H', '!P', '', '!F', '!S', '!N', '!H', '!N', '!X', '!X', '!N', '!H', '!X', '!V', '!C'],
]
const notes6: readonly string[] = ['!N', '!X', '!N', '!H', '']

function note4({ type, code, info }: ExtendedError): string {
  if (type !== UNREACHABLE) return `!<${type}-${code}>`
  return code === 4 ? `!F-${info}` : (notes4[code] ?? `!<${code}>`)
}

function note6({ type, code, info }: ExtendedError): string {
  if (type === TOO_BIG6) return `!F-${info}`
  return type === UNREACHABLE6 ? (notes6[code] ?? `!<${code}>`) : `!<${type}-${code}>`
}
