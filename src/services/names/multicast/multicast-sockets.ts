// Read first: RFC 6762 sections 3, 5.1, 11 and 15.1.

import {
  AF_INET,
  AF_INET6,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_PKTINFO,
  IP_RECVTTL,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MULTICAST_ALL,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  MCAST_JOIN_GROUP,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../../../base/constants.ts'
import { IpAddress } from '../../../base/ip-address.ts'
import { SocketAddress } from '../../../base/socket-address.ts'
import { readHopLimit, readPacketInfo } from '../../../socket/control-message.ts'
import { Message, type Provider } from '../../../socket/provider.ts'
import { Socket } from '../../../socket/socket.ts'
import { SocketError } from '../../../socket/socket-error.ts'
import { MULTICAST_PORT } from './multicast-responder.ts'

const GROUP4 = '224.0.0.251'
const GROUP6 = 'ff02::fb'
/** RFC 6762 section 17: with its headers no packet is longer. */
const ROOM = 9000
const HOPS = 255

/** A packet that came. `bytes` is the listener's. */
export type PacketListener = (bytes: Uint8Array, from: SocketAddress, toGroup: boolean) => void

/** The group of one link, heard and spoken to over both versions of IP, as far as there are both. */
export class MulticastSockets {
  readonly #sockets: Socket[] = []
  readonly #ifindex: number
  readonly #listener: PacketListener
  /** Packets that could not be sent, or came from further than the link. */
  lost = 0
  foreign = 0

  /** Throws a SocketError where there is no group on that interface in any of `families`. */
  constructor(provider: Provider, ifindex: number, families: readonly number[], listener: PacketListener) {
    this.#ifindex = ifindex
    this.#listener = listener
    let failure: unknown
    for (const family of families) {
      try {
        this.#sockets.push(open(provider, family, ifindex))
      } catch (error) {
        if (!(error instanceof SocketError)) throw error
        failure = error
      }
    }
    if (this.#sockets.length === 0) throw failure
    for (const socket of this.#sockets) void this.#listen(socket)
  }

  /** To all, by each version of IP; or to one. How many packets went. */
  send(bytes: Uint8Array, to?: SocketAddress): number {
    let sent = 0
    for (const socket of this.#sockets) {
      if (to !== undefined && to.family !== socket.family) continue
      try {
        const place = to ?? groupAddress(socket.family, this.#ifindex)
        if (socket.trySendto(bytes, place) < 0) this.lost++
        else sent++
      } catch (error) {
        // A link that is down, an address that is still being looked at: the next time it goes.
        if (!(error instanceof SocketError)) throw error
        this.lost++
      }
    }
    return sent
  }

  async close(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.close()))
  }

  async #listen(socket: Socket): Promise<void> {
    const room = new Uint8Array(ROOM)
    while (!socket.closed) {
      const from = new SocketAddress(socket.family)
      const message = new Message([room], from)
      let length: number
      try {
        length = await socket.recvmsg(message)
      } catch (error) {
        if (socket.closed || !(error instanceof SocketError) || error.code === 'EBADF') return
        continue
      }
      const info = readPacketInfo(message)
      if (info === null || info.ifindex !== this.#ifindex) continue
      const toGroup = IpAddress.parse(info.address)?.isMulticast ?? false
      // RFC 6762 section 11: what has passed a router has no place here. A packet to the group cannot have.
      if (!toGroup && readHopLimit(message) !== HOPS) this.foreign++
      else this.#listener(room.slice(0, length), from, toGroup)
    }
  }
}

function groupAddress(family: number, ifindex: number): SocketAddress {
  return family === AF_INET
    ? SocketAddress.internet(GROUP4, MULTICAST_PORT)
    : SocketAddress.internet(`${GROUP6}%${ifindex}`, MULTICAST_PORT)
}

function open(provider: Provider, family: number, ifindex: number): Socket {
  const socket = new Socket(provider, family, SOCK_DGRAM)
  try {
    socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
    if (family === AF_INET) {
      socket.setsockopt(IPPROTO_IP, IP_MULTICAST_ALL, false)
      socket.setsockopt(IPPROTO_IP, IP_PKTINFO, true)
      socket.setsockopt(IPPROTO_IP, IP_RECVTTL, true)
      socket.bind({ address: '', port: MULTICAST_PORT })
      socket.setsockopt(IPPROTO_IP, MCAST_JOIN_GROUP, { group: GROUP4, ifindex })
      socket.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, ifindex)
      socket.setsockopt(IPPROTO_IP, IP_MULTICAST_LOOP, true)
      socket.setsockopt(IPPROTO_IP, IP_MULTICAST_TTL, HOPS)
      socket.setsockopt(IPPROTO_IP, IP_TTL, HOPS)
    } else {
      socket.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, true)
      socket.setsockopt(IPPROTO_IPV6, IPV6_MULTICAST_ALL, false)
      socket.setsockopt(IPPROTO_IPV6, IPV6_RECVPKTINFO, true)
      socket.setsockopt(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, true)
      socket.bind({ address: '::', port: MULTICAST_PORT })
      socket.setsockopt(IPPROTO_IPV6, MCAST_JOIN_GROUP, { group: GROUP6, ifindex })
      socket.setsockopt(IPPROTO_IPV6, IPV6_MULTICAST_IF, ifindex)
      socket.setsockopt(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, true)
      socket.setsockopt(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, HOPS)
      socket.setsockopt(IPPROTO_IPV6, IPV6_UNICAST_HOPS, HOPS)
    }
    return socket
  } catch (error) {
    void socket.close()
    throw error
  }
}

export const BOTH_FAMILIES: readonly number[] = [AF_INET, AF_INET6]
