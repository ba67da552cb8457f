// Read first: traceroute(8), ip(7) on IP_RECVERR. A packet with few hops to live dies on the way, and who let it die says so: the
// error queue of the socket that sent it tells who. It takes nothing that a provider of sockets does not have.

import { read16, write16 } from '../../base/bytes.ts'
import { internetChecksum } from '../../base/checksum.ts'
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
  SO_BINDTODEVICE,
  SO_DONTROUTE,
  SO_ERROR,
  SO_LINGER,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_SYNCNT,
} from '../../base/constants.ts'
import { ECONNREFUSED, EMSGSIZE } from '../../base/errno.ts'
import type { ExtendedError } from '../../base/extended-error.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { secureRandom } from '../../platform/secure-random.ts'
import { readExtendedError } from '../../socket/control-message.ts'
import { poll } from '../../socket/poll.ts'
import { Message, type Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { ECHO_IPV4, ECHO_IPV6, type EchoProtocol } from '../ping/ping-echo.ts'
import { setServiceOctet } from '../service-octet.ts'

/** "udp" goes to a port of its own with each probe, "port" to one port with all. */
export type TracerouteMethod = 'udp' | 'port' | 'icmp' | 'tcp'

/** What sockets of probes are given. */
export interface ProbeSocket {
  readonly dontFragment: boolean
  readonly source: SocketAddress | null
  /** By this interface alone; null: by any. */
  readonly device: string | null
  /** Type of service, or traffic class; null: the usual one. */
  readonly serviceOctet: number | null
  /** -r: to hosts of links alone, whatever routes say. */
  readonly direct: boolean
}

export interface ProbeOptions extends ProbeSocket {
  readonly method: TracerouteMethod
  /** Of UDP and TCP: the port. Of ICMP: the sequence number. */
  readonly port: number
  readonly hops: number
  /** Octets of data, headers not counted. */
  readonly size: number
  /** Aborted when it is waited for no longer. */
  readonly signal: AbortSignal
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

/** Sends one probe over a socket of its own, and resolves with its answer; null where none came before the signal. */
export async function probe(
  provider: Provider,
  target: SocketAddress,
  options: ProbeOptions,
): Promise<ProbeAnswer | null> {
  const socket = openSocket(provider, target, options)
  const echo = socket.type === SOCK_RAW ? new RawEcho(target.family) : null
  const { clock } = provider
  const look = () => whatCame(socket, target, options.method, clock.now() - sentAt, echo)
  let sentAt = 0
  try {
    const peer = target.copy()
    peer.port = options.method === 'icmp' ? 0 : options.port
    sentAt = clock.now()
    if (options.method === 'tcp') {
      connectNow(socket, peer)
    } else {
      await socket.connect(peer)
      const data = new Uint8Array(options.size).map((_, i) => 0x40 + (i & 0x3f))
      if (options.method === 'icmp') writeEcho(data, socket.family, options.port)
      await sendOrQueue(socket, echo === null ? data : echo.request(data))
    }
    const events = options.method === 'tcp' ? POLLOUT : POLLIN
    for (;;) {
      try {
        await poll([{ socket, events }], { signal: options.signal })
      } catch (error) {
        if (!options.signal.aborted) throw error
        const [{ revents }] = await poll([{ socket, events }], { timeout: 0 })
        return revents === 0 ? null : look()
      }
      const answer = look()
      if (answer !== null) return answer
    }
  } finally {
    await socket.close()
  }
}

function openSocket(provider: Provider, target: SocketAddress, options: ProbeOptions): Socket {
  const { method, hops, source, device, serviceOctet, direct } = options
  const { family } = target
  const v4 = family === AF_INET
  const icmp = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6
  const socket =
    method === 'icmp'
      ? openEcho(provider, family, icmp)
      : new Socket(provider, family, method === 'tcp' ? SOCK_STREAM : SOCK_DGRAM)
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
    if (device !== null) socket.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, device)
    if (serviceOctet !== null) setServiceOctet(socket, serviceOctet)
    if (direct) socket.setsockopt(SOL_SOCKET, SO_DONTROUTE, true)
    // The next probe comes from the same port at once.
    if (source !== null && source.port > 0) socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
    if (source !== null) socket.bind(source)
  } catch (error) {
    void socket.close()
    throw error
  }
  return socket
}

// Linux has sockets of ICMP echo for those whom an administrator allows them, and raw ones for root.
function openEcho(provider: Provider, family: number, icmp: number): Socket {
  for (const type of [SOCK_DGRAM, SOCK_RAW]) {
    try {
      return new Socket(provider, family, type, icmp)
    } catch (error) {
      if (!(error instanceof SocketError) || (error.code !== 'EACCES' && error.code !== 'EPERM')) throw error
    }
  }
  throw new Error(
    'traceroute -I: sockets of ICMP echo are for the groups in the sysctl net.ipv4.ping_group_range, and raw sockets need root ' +
      'or CAP_NET_RAW: widen that range, or run it as root',
  )
}

// That it is too long for our own link is in the error queue as well, with how long it may be.
async function sendOrQueue(socket: Socket, data: Uint8Array): Promise<void> {
  try {
    await socket.send(data)
  } catch (error) {
    if (!(error instanceof SocketError) || error.errno !== -EMSGSIZE) throw error
  }
}

// What a connect says at once, the error queue and SO_ERROR say too.
function connectNow(socket: Socket, peer: SocketAddress): void {
  socket.tryConnect(peer)
}

// The kind of socket fills in identifier and checksum: icmp(7). A raw one does not.
function writeEcho(data: Uint8Array, family: number, sequence: number): void {
  data.fill(0, 0, 8)
  data[0] = family === AF_INET ? ECHO_IPV4.request : ECHO_IPV6.request
  write16(data, 6, sequence)
}

/** `echo`: of a raw socket, which gets what is for others too. Null: what came says nothing of our probe. */
function whatCame(
  socket: Socket,
  target: SocketAddress,
  method: TracerouteMethod,
  time: number,
  echo: RawEcho | null,
): ProbeAnswer | null {
  const message = new Message([new Uint8Array(128)], new SocketAddress())
  const quoted = socket.tryRecvmsg(message, MSG_ERRQUEUE)
  if (quoted >= 0) {
    const error = readExtendedError(message)
    if (error !== null && (echo === null || error.errno === EMSGSIZE || echo.isRequest(message, quoted)))
      return answerOf(error, target, socket.getsockname(), time)
  }
  const reached: ProbeAnswer = { from: target, time, final: true, note: '' }
  if (echo !== null) {
    const length = socket.tryRecvmsg(message)
    return length >= 0 && echo.isReply(message, length) ? reached : null
  }
  if (method !== 'tcp') return reached
  const errno = Math.abs(socket.getsockopt(SOL_SOCKET, SO_ERROR))
  if (errno === 0 || errno === ECONNREFUSED) return reached
  throw new SocketError('connect', -errno, target)
}

/** An echo request over a raw socket, which does by itself what the kernel does for the other kind. */
class RawEcho {
  readonly #protocol: EchoProtocol
  readonly #identifier = secureRandom.int32() & 0xffff

  constructor(family: number) {
    this.#protocol = family === AF_INET ? ECHO_IPV4 : ECHO_IPV6
  }

  request(data: Uint8Array): Uint8Array {
    write16(data, 4, this.#identifier)
    // That of ICMPv6 covers addresses: the socket fills it in (RFC 3542 section 3.1).
    if (this.#protocol === ECHO_IPV4) write16(data, 2, internetChecksum(data, 0, data.length))
    return data
  }

  /** Whether this is what an ICMP error quotes of our request. */
  isRequest({ buffers }: Message, length: number): boolean {
    return this.#is(this.#protocol.request, buffers[0] as Uint8Array, 0, length)
  }

  isReply({ buffers }: Message, length: number): boolean {
    const packet = buffers[0] as Uint8Array
    return this.#is(this.#protocol.reply, packet, this.#protocol.start(packet), length)
  }

  #is(type: number, bytes: Uint8Array, start: number, length: number): boolean {
    return length >= start + 8 && bytes[start] === type && read16(bytes, start + 4) === this.#identifier
  }
}

/** `own`: our address, which errors of our own host come from. */
function answerOf(error: ExtendedError, target: SocketAddress, own: SocketAddress, time: number): ProbeAnswer {
  const { type, code } = error
  const v4 = target.family === AF_INET
  const from = error.offender ?? own
  if (error.errno === EMSGSIZE) return { from, time, final: true, note: `!F-${error.info}` }
  if (type === (v4 ? TIME_EXCEEDED : TIME_EXCEEDED6) && code === 0) return { from, time, final: false, note: '' }
  return { from, time, final: true, note: v4 ? note4(error) : note6(error) }
}

const UNREACHABLE = 3
const TIME_EXCEEDED = 11
const UNREACHABLE6 = 1
const TIME_EXCEEDED6 = 3

/** By the code of "destination unreachable". That the port is nobody's is what one has waited for. */
const notes4: readonly string[] = [
  ...['!N', '!H', '!P', '', '!F', '!S', '!N', '!H', '!N', '!X', '!X', '!N', '!H', '!X', '!V', '!C'],
]
const notes6: readonly string[] = ['!N', '!X', '!N', '!H', '']

function note4({ type, code }: ExtendedError): string {
  if (type !== UNREACHABLE) return `!<${type}-${code}>`
  return notes4[code] ?? `!<${code}>`
}

function note6({ type, code }: ExtendedError): string {
  return type === UNREACHABLE6 ? (notes6[code] ?? `!<${code}>`) : `!<${type}-${code}>`
}
