// Read first: RFC 6762 sections 5.1 and 6.7: a question to all of the link from a port of its own, which each answers to whoever asks.

import { networkInterfaces } from 'node:os'
import {
  AF_INET,
  IP_MULTICAST_IF,
  IP_MULTICAST_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  SOCK_DGRAM,
} from '../../base/constants.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { secureRandom } from '../../platform/secure-random.ts'
import type { Answer } from '../../services/names/exchange.ts'
import { decodeMessage, MessageError, type Question } from '../../services/names/message.ts'
import { Query } from '../../services/names/query.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import type { Host } from '../host.ts'

export const LINK_PORT = 5353
export const LINK_GROUP = '224.0.0.251'
export const LINK_GROUP_IPV6 = 'ff02::fb'
const HOPS = 255
const ROOM = 9000

/** How long others are waited for once one has answered, where several may: RFC 6762 section 6 has them wait up to 120 ms. */
const PATIENCE = 500

/** The answers of all on the links of a host to one question; none in `timeout` milliseconds: []. */
export async function askLinks(
  host: Host,
  question: Question,
  group: SocketAddress,
  timeout: number,
  source: SocketAddress | null,
): Promise<readonly { readonly answer: Answer; readonly time: number }[]> {
  const query = new Query(question, { recursionDesired: false }, 0, secureRandom, false)
  const found: { answer: Answer; time: number }[] = []
  const start = performance.now()
  const over = new AbortController()
  let timer = setTimeout(() => over.abort(), timeout)
  // A name has one owner; a service has as many as there are, and so has everything.
  const several = question.type === 'PTR' || question.type === 'ANY'
  const heard = (answer: Answer) => {
    found.push({ answer, time: performance.now() - start })
    clearTimeout(timer)
    if (several) timer = setTimeout(() => over.abort(), PATIENCE)
    else over.abort()
  }
  const sockets: Socket[] = []
  try {
    for (const ifindex of linksOf(host)) {
      const socket = sent(host, group, ifindex, query.bytes, source)
      if (socket === null) continue
      sockets.push(socket)
    }
    if (sockets.length === 0) throw new Error(`dig: no link takes a question to ${group.address}`)
    await Promise.all(sockets.map((socket) => listen(socket, query, heard, over.signal)))
  } finally {
    clearTimeout(timer)
    await Promise.all(sockets.map((socket) => socket.close()))
  }
  return found
}

/** The numbers of the interfaces that a question goes out by. */
function linksOf(host: Host): readonly number[] {
  const own = networkInterfaces()
  const names =
    host.where === null
      ? Object.keys(own).filter((name) => own[name]?.some(({ internal }) => !internal))
      : [host.where.name]
  return names.flatMap((name) => host.interfaceIndex(name) ?? [])
}

/** A socket by which it was asked; null where that link takes no such thing. */
function sent(
  { provider }: Host,
  group: SocketAddress,
  ifindex: number,
  bytes: Uint8Array,
  source: SocketAddress | null,
): Socket | null {
  const socket = new Socket(provider, group.family, SOCK_DGRAM)
  try {
    if (source !== null) socket.bind(source)
    if (group.family === AF_INET) {
      socket.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, ifindex)
      socket.setsockopt(IPPROTO_IP, IP_MULTICAST_TTL, HOPS)
    } else {
      socket.setsockopt(IPPROTO_IPV6, IPV6_MULTICAST_IF, ifindex)
      socket.setsockopt(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, HOPS)
    }
    const to = group.copy()
    if (group.family !== AF_INET) to.scopeId = ifindex
    if (socket.trySendto(bytes, to) >= 0) return socket
  } catch (error) {
    if (!(error instanceof SocketError)) throw error
  }
  void socket.close()
  return null
}

async function listen(
  socket: Socket,
  query: Query,
  heard: (answer: Answer) => void,
  signal: AbortSignal,
): Promise<void> {
  const room = new Uint8Array(ROOM)
  while (!signal.aborted) {
    try {
      const { length, address } = await socket.recvfrom(room, 0, { signal })
      const bytes = room.slice(0, length)
      const message = decodeMessage(bytes)
      if (address === null || !query.isAnsweredBy(message) || message.answers.length === 0) continue
      heard({ message, bytes, server: address.copy(), transport: 'udp' })
    } catch (error) {
      if (signal.aborted) return
      // What is no message is nobody's answer.
      if (!(error instanceof MessageError)) throw error
    }
  }
}

/** The group of the link to ask, where that is meant: "@224.0.0.251", or a name that ends in .local and no server. Null: it is not. */
export function linkGroup(
  { server, serverName, name }: { server: SocketAddress | null; serverName: string | null; name: string },
  ipv6: boolean,
  port: number | null,
): SocketAddress | null {
  if (server?.ip.isMulticast) return SocketAddress.internet(server.address, port ?? LINK_PORT)
  const local = server === null && serverName === null && /(^|\.)local$/i.test(name)
  return local ? SocketAddress.internet(ipv6 ? LINK_GROUP_IPV6 : LINK_GROUP, port ?? LINK_PORT) : null
}
