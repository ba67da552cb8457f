// Read first: raw(7), icmp(7) on ping_group_range.

import { SO_BINDTODEVICE, SOCK_DGRAM, SOCK_RAW, SOL_SOCKET } from '../../base/constants.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { secureRandom } from '../../platform/secure-random.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import type { EchoProtocol } from './ping-echo.ts'

/** A socket for echo requests. */
export interface EchoSocket {
  readonly socket: Socket
  /** A raw socket gets every ICMP message to this host, and of IPv4 the header before it. Else the kernel picks out what is ours. */
  readonly raw: boolean
  /** What tells our requests from those of others. */
  readonly identifier: number
}

/**
 * Opens one that sends from `source`, or from whichever address fits, by `device` alone if one is named: a raw one where that is allowed, else one of the kind that
 * Linux has for everybody. Throws an Error that says what to do where neither is.
 */
export function openEchoSocket(
  provider: Provider,
  echo: EchoProtocol,
  source: IpAddress | null,
  device: string | null = null,
): EchoSocket {
  const { family, protocol } = echo
  const raw = unlessForbidden(() => new Socket(provider, family, SOCK_RAW, protocol))
  const socket = raw ?? unlessForbidden(() => new Socket(provider, family, SOCK_DGRAM, protocol))
  if (socket === null) {
    throw new Error(
      'ping: a raw socket needs root or CAP_NET_RAW, and sockets of ICMP echo are for the groups in the sysctl ' +
        'net.ipv4.ping_group_range: run it as root, or widen that range',
    )
  }
  try {
    if (device !== null) socket.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, device)
    if (raw !== null) {
      if (source !== null) raw.bind(new SocketAddress(family, source))
      return { socket: raw, raw: true, identifier: secureRandom.int32() & 0xffff }
    }
    socket.bind(source === null ? { address: '', port: 0 } : new SocketAddress(family, source))
    return { socket, raw: false, identifier: socket.getsockname().port }
  } catch (error) {
    void socket.close()
    throw error
  }
}

function unlessForbidden(open: () => Socket): Socket | null {
  try {
    return open()
  } catch (error) {
    if (error instanceof SocketError && (error.code === 'EPERM' || error.code === 'EACCES')) return null
    throw error
  }
}
