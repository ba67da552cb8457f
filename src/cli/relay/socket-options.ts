import {
  AF_INET6,
  AF_UNIX,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  SO_BROADCAST,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SOL_SOCKET,
  TCP_NODELAY,
} from '../../base/constants.ts'
import type { Socket } from '../../socket/socket.ts'
import type { AddressOptions } from './address-options.ts'

/** Sets what an address asks for, before the socket is bound. */
export function setOptions(socket: Socket, options: AddressOptions): void {
  const { reuseAddress, reusePort, broadcast, keepAlive, noDelay, sendBuffer, receiveBuffer } = options
  const set = (level: number, name: number, value: number | boolean | undefined) => {
    if (value !== undefined) socket.setsockopt(level, name, Number(value))
  }
  set(SOL_SOCKET, SO_REUSEADDR, reuseAddress)
  set(SOL_SOCKET, SO_REUSEPORT, reusePort)
  set(SOL_SOCKET, SO_BROADCAST, broadcast)
  set(SOL_SOCKET, SO_KEEPALIVE, keepAlive)
  set(SOL_SOCKET, SO_SNDBUF, sendBuffer)
  set(SOL_SOCKET, SO_RCVBUF, receiveBuffer)
  set(IPPROTO_TCP, TCP_NODELAY, noDelay)
  if (socket.family === AF_UNIX) return
  const v6 = socket.family === AF_INET6
  set(v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_UNICAST_HOPS : IP_TTL, options.timeToLive)
  set(v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS, options.typeOfService)
}
