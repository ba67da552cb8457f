// ping over IPv6, on a raw socket: RFC 4443 section 4. The system completes the checksum, which covers the addresses too, and
// gives no header: what was in it comes in a control message.

import {
  AF_INET6,
  IPPROTO_ICMPV6,
  IPPROTO_IPV6,
  IPV6_RECVHOPLIMIT,
  Message,
  type Provider,
  readHopLimit,
  SOCK_RAW,
  Socket,
  SocketAddress,
  SocketError,
} from '../../index.ts'
import { pause } from './pause.ts'
import type { Say } from './say.ts'

const ECHO_REQUEST = 128
const ECHO_REPLY = 129
const PATIENCE = 1000
const INTERVAL = 200
const IDENTIFIER = 4712
const DATA = 'abcdefghijklmnopqrstuvwxyz'

/** Sends `count` requests; gives the round trips in milliseconds, null for a request without an answer. */
export async function ping6(provider: Provider, address: string, count: number, say: Say): Promise<(number | null)[]> {
  const socket = new Socket(provider, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)
  socket.setsockopt(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, true)
  const times: (number | null)[] = []
  for (let sequence = 1; sequence <= count; sequence++) {
    const sentAt = provider.clock.now()
    await socket.sendto(echoRequest(sequence), { address, port: 0 })
    const limit = await answer(socket, sequence)
    const time = limit === null ? null : provider.clock.now() - sentAt
    if (time === null) say(`icmp_seq=${sequence}: no answer in ${PATIENCE} ms`)
    else say(`answer from ${address}: icmp_seq=${sequence} hlim=${limit} time=${time.toFixed(1)} ms`)
    times.push(time)
    if (sequence < count) await pause(provider, INTERVAL)
  }
  await socket.close()
  return times
}

function echoRequest(sequence: number): Uint8Array {
  const packet = new Uint8Array(8 + DATA.length)
  const view = new DataView(packet.buffer)
  view.setUint8(0, ECHO_REQUEST)
  view.setUint16(4, IDENTIFIER)
  view.setUint16(6, sequence)
  new TextEncoder().encodeInto(DATA, packet.subarray(8))
  return packet
}

/** The hop limit of the answer, or null: none came. A raw socket hears every ICMPv6 message. */
async function answer(socket: Socket, sequence: number): Promise<number | null> {
  const packet = new Uint8Array(2048)
  const view = new DataView(packet.buffer)
  const deadline = socket.provider.clock.now() + PATIENCE
  try {
    for (;;) {
      const message = new Message([packet], new SocketAddress())
      const left = deadline - socket.provider.clock.now()
      const length = await socket.recvmsg(message, 0, { timeout: Math.max(left, 0) })
      if (view.getUint8(0) !== ECHO_REPLY || view.getUint16(4) !== IDENTIFIER) continue
      const data = new TextDecoder().decode(packet.subarray(8, length))
      if (view.getUint16(6) === sequence && data === DATA) return readHopLimit(message)
    }
  } catch (error) {
    if (error instanceof SocketError && error.code === 'EAGAIN') return null
    throw error
  }
}
