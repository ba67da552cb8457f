// Read first: socket(7), unix(7) "Socket options"; sock_setsockopt in Linux for errors and limits.

import {
  SO_ACCEPTCONN,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_BSDCOMPAT,
  SO_COOKIE,
  SO_DEBUG,
  SO_DOMAIN,
  SO_DONTROUTE,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_OOBINLINE,
  SO_PASSCRED,
  SO_PEEK_OFF,
  SO_PEERCRED,
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
  SOL_SOCKET,
} from '../base/constants.ts'
import { encodeCredentials } from '../base/credentials.ts'
import { EDOM, EINVAL, ENOPROTOOPT, EOPNOTSUPP, EPERM } from '../base/errno.ts'
import { writeCookie } from '../base/socket-cookie.ts'
import { simpleKind } from '../socket/simple-options.ts'
import { SIMPLE_LENGTH } from '../socket/simple-values.ts'
import type { UnixEndpoint } from './unix-endpoint.ts'

/** Linux's SOCK_MIN_SNDBUF and SOCK_MIN_RCVBUF. */
const SEND_BUFFER_MIN = 4608
const RECEIVE_BUFFER_MIN = 2304

/** What getsockopt(2) gives for a socket that has no peer to tell of. */
const NOBODY = { pid: 0, uid: -1, gid: -1 }

/** Taken and given back, and without effect on a Unix socket, but for the two times, by which `Socket` waits. */
const KEPT: readonly number[] = [
  SO_DEBUG,
  SO_REUSEADDR,
  SO_DONTROUTE,
  SO_BROADCAST,
  SO_KEEPALIVE,
  SO_OOBINLINE,
  SO_PRIORITY,
  SO_LINGER,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
]

export function getUnixOption(endpoint: UnixEndpoint, level: number, name: number, value: Uint8Array): number {
  if (level !== SOL_SOCKET) return -EOPNOTSUPP
  switch (name) {
    case SO_TYPE:
      return writeInt(value, endpoint.type)
    case SO_DOMAIN:
      return writeInt(value, endpoint.family)
    case SO_PROTOCOL:
    case SO_REUSEPORT:
      return writeInt(value, 0)
    case SO_ERROR:
      return writeInt(value, -endpoint.takeError())
    case SO_ACCEPTCONN:
      return writeInt(value, endpoint.listening ? 1 : 0)
    case SO_SNDBUF:
      return writeInt(value, endpoint.sendBufferSize)
    case SO_RCVBUF:
      return writeInt(value, endpoint.receiveBufferSize)
    case SO_SNDLOWAT:
      return writeInt(value, 1)
    case SO_PASSCRED:
      return writeInt(value, endpoint.passCredentials ? 1 : 0)
    case SO_PEERCRED:
      return encodeCredentials(endpoint.peerCredentials ?? NOBODY, value)
    case SO_PEEK_OFF:
      return writeInt(value, endpoint.peekOffset)
    case SO_BINDTODEVICE:
      return 0
    case SO_BSDCOMPAT:
      return writeInt(value, 0)
    case SO_COOKIE:
      return writeCookie(endpoint, value)
    case SO_RCVTIMEO_NEW:
      return kept(endpoint, SO_RCVTIMEO, value)
    case SO_SNDTIMEO_NEW:
      return kept(endpoint, SO_SNDTIMEO, value)
    default:
      return KEPT.includes(name) ? kept(endpoint, name, value) : -ENOPROTOOPT
  }
}

export function setUnixOption(endpoint: UnixEndpoint, level: number, name: number, value: Uint8Array): number {
  if (level !== SOL_SOCKET) return -EOPNOTSUPP
  if (value.length < 4) return -EINVAL
  const int = readInt(value)
  switch (name) {
    // Twice what was asked for, since in Linux the bookkeeping comes out of it as well: socket(7).
    case SO_SNDBUF:
      endpoint.sendBufferSize = Math.max(SEND_BUFFER_MIN, 2 * Math.min(int >>> 0, endpoint.system.limits.sendBufferMax))
      endpoint.sendBufferChanged()
      return 0
    // Without effect: what waits to be received is counted in the buffer of who sent it.
    case SO_RCVBUF:
      endpoint.receiveBufferSize = Math.max(
        RECEIVE_BUFFER_MIN,
        2 * Math.min(int >>> 0, endpoint.system.limits.sendBufferMax),
      )
      return 0
    case SO_PASSCRED:
      endpoint.passCredentials = int !== 0
      return 0
    case SO_PEEK_OFF:
      endpoint.peekOffset = int < 0 ? -1 : int
      return 0
    case SO_REUSEPORT:
      return int === 0 ? 0 : -EOPNOTSUPP
    case SO_BSDCOMPAT:
      return 0
    case SO_PRIORITY:
      // socket(7): above 6 only for the privileged.
      if (!endpoint.system.host.privileged && (int < 0 || int > 6)) return -EPERM
      return keep(endpoint, name, value)
    case SO_RCVTIMEO_NEW:
      return keep(endpoint, SO_RCVTIMEO, value)
    case SO_SNDTIMEO_NEW:
      return keep(endpoint, SO_SNDTIMEO, value)
    default:
      return KEPT.includes(name) ? keep(endpoint, name, value) : -ENOPROTOOPT
  }
}

function kept(endpoint: UnixEndpoint, name: number, value: Uint8Array): number {
  const length = lengthOf(name)
  const octets = endpoint.keptOptions?.get(name) ?? unset(name, length)
  const room = Math.min(length, value.length)
  value.set(octets.subarray(0, room))
  return room
}

function keep(endpoint: UnixEndpoint, name: number, value: Uint8Array): number {
  const length = lengthOf(name)
  if (value.length < length) return -EINVAL
  const octets = value.slice(0, length)
  const view = new DataView(octets.buffer)
  const kind = simpleKind(SOL_SOCKET, name)
  if (kind === 'boolean') view.setInt32(0, readInt(octets) === 0 ? 0 : 1, true)
  if (kind === 'timeval') {
    const micros = view.getBigInt64(8, true)
    if (micros < 0n || micros >= 1_000_000n) return -EDOM
    if (view.getBigInt64(0, true) < 0n) octets.fill(0)
  }
  if (name === SO_RCVLOWAT && readInt(octets) === 0) octets[0] = 1
  if (name === SO_RCVLOWAT && readInt(octets) < 0) view.setInt32(0, 0x7fffffff, true)
  endpoint.keptOptions ??= new Map()
  endpoint.keptOptions.set(name, octets)
  return 0
}

function unset(name: number, length: number): Uint8Array {
  const octets = new Uint8Array(length)
  if (name === SO_RCVLOWAT) octets[0] = 1
  return octets
}

function lengthOf(name: number): number {
  return SIMPLE_LENGTH[simpleKind(SOL_SOCKET, name)]
}

function readInt(value: Uint8Array): number {
  return new DataView(value.buffer, value.byteOffset, 4).getInt32(0, true)
}

function writeInt(value: Uint8Array, int: number): number {
  const length = Math.min(value.length, 4)
  for (let i = 0; i < length; i++) value[i] = int >>> (8 * i)
  return length
}
