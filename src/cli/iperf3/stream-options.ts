import {
  AF_INET,
  AF_INET6,
  IP_MTU_DISCOVER,
  IP_PMTUDISC_DO,
  IP_TOS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_TCLASS,
  SO_MAX_PACING_RATE,
  SO_RCVBUF,
  SO_SNDBUF,
  SOL_SOCKET,
  TCP_CONGESTION,
  TCP_MAXSEG,
  TCP_NODELAY,
} from '../../base/constants.ts'
import type { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { failureOf, STREAM_CREATION_FAILED } from './iperf3-failure.ts'
import type { TestParameters } from './test-parameters.ts'

/**
 * Gives the socket of a stream the options that the test asks for. A client does so before it connects: a server's connection has
 * shaken hands already, so that a large window of -w is the client's alone.
 */
export function setStreamOptions(socket: Socket, parameters: TestParameters): void {
  const { window, segment, noDelay, congestion, tos, fqRate, dontFragment } = parameters
  const tcp = parameters.protocol === 'tcp'
  if (tcp && noDelay) option('set TCP no delay', () => socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, true))
  if (tcp && segment > 0) {
    option(`set TCP MSS to ${segment}`, () => socket.setsockopt(IPPROTO_TCP, TCP_MAXSEG, segment))
  }
  if (window > 0) {
    option(`set socket buffer size to ${window}`, () => {
      socket.setsockopt(SOL_SOCKET, SO_RCVBUF, window)
      socket.setsockopt(SOL_SOCKET, SO_SNDBUF, window)
    })
  }
  if (tcp && congestion !== '') {
    option(`set TCP congestion control to ${congestion}`, () =>
      socket.setsockopt(IPPROTO_TCP, TCP_CONGESTION, congestion),
    )
  }
  if (fqRate > 0) {
    option('set socket pacing', () => socket.setsockopt(SOL_SOCKET, SO_MAX_PACING_RATE, BigInt(Math.round(fqRate / 8))))
  }
  if (tos > 0) {
    option(`set the type of service to ${tos}`, () => {
      // A socket of IPv6 that talks IPv4 has both.
      if (socket.family === AF_INET6) socket.setsockopt(IPPROTO_IPV6, IPV6_TCLASS, tos)
      if (socket.family === AF_INET) socket.setsockopt(IPPROTO_IP, IP_TOS, tos)
    })
  }
  if (!tcp && dontFragment && socket.family === AF_INET) {
    option("set IPv4's Don't Fragment", () => socket.setsockopt(IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO))
  }
}

/** What congestion control a stream has; '' where it is not known. */
export function congestionOf(socket: Socket): string {
  return asked(() => socket.getsockopt(IPPROTO_TCP, TCP_CONGESTION)) ?? ''
}

/** The largest segment of a connection; 0 where it is not known. */
export function segmentOf(socket: Socket): number {
  return asked(() => socket.getsockopt(IPPROTO_TCP, TCP_MAXSEG)) ?? 0
}

/** What the buffers of a socket hold, as the system says. */
export function buffersOf(socket: Socket): { readonly send: number; readonly receive: number } {
  return {
    send: asked(() => socket.getsockopt(SOL_SOCKET, SO_SNDBUF)) ?? 0,
    receive: asked(() => socket.getsockopt(SOL_SOCKET, SO_RCVBUF)) ?? 0,
  }
}

function asked<T>(ask: () => T): T | null {
  try {
    return ask()
  } catch (error) {
    if (error instanceof SocketError) return null
    throw error
  }
}

function option(what: string, set: () => void): void {
  try {
    set()
  } catch (error) {
    throw failureOf(`unable to ${what}`, error, STREAM_CREATION_FAILED)
  }
}
