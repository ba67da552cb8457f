// ping, on a raw socket: an ICMP echo request, and how long its answer takes (RFC 792).

import { AF_INET, IPPROTO_ICMP, type Provider, SOCK_RAW, Socket, SocketError } from '../../index.ts'
import { pause } from './pause.ts'
import type { Say } from './say.ts'

const ECHO_REPLY = 0
const ECHO_REQUEST = 8
const PATIENCE = 1000
const INTERVAL = 200
const IDENTIFIER = 4711
const DATA = 'abcdefghijklmnopqrstuvwxyz'

/** Sends `count` requests; gives the round trips in milliseconds, null for a request without an answer. */
export async function ping(provider: Provider, address: string, count: number, say: Say): Promise<(number | null)[]> {
  const socket = new Socket(provider, AF_INET, SOCK_RAW, IPPROTO_ICMP)
  const times: (number | null)[] = []
  for (let sequence = 1; sequence <= count; sequence++) {
    const sentAt = provider.clock.now()
    await socket.sendto(echoRequest(sequence), { address, port: 0 })
    const ttl = await answer(socket, sequence)
    const time = ttl === null ? null : provider.clock.now() - sentAt
    if (time === null) say(`icmp_seq=${sequence}: no answer in ${PATIENCE} ms`)
    else say(`answer from ${address}: icmp_seq=${sequence} ttl=${ttl} time=${time.toFixed(1)} ms`)
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
  // The Internet checksum (RFC 1071): the complement of the sum of all 16-bit words, carries added at the other end.
  let sum = 0
  for (let at = 0; at < packet.length; at += 2) sum += view.getUint16(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  view.setUint16(2, ~sum)
  return packet
}

/** The time to live of the answer, or null: none came. A raw socket hears every ICMP message, each with its IP header. */
async function answer(socket: Socket, sequence: number): Promise<number | null> {
  const packet = new Uint8Array(2048)
  const view = new DataView(packet.buffer)
  const deadline = socket.provider.clock.now() + PATIENCE
  try {
    for (;;) {
      const left = deadline - socket.provider.clock.now()
      const { length } = await socket.recvfrom(packet, 0, { timeout: Math.max(left, 0) })
      const start = (view.getUint8(0) & 15) * 4
      if (view.getUint8(start) !== ECHO_REPLY || view.getUint16(start + 4) !== IDENTIFIER) continue
      const data = new TextDecoder().decode(packet.subarray(start + 8, length))
      if (view.getUint16(start + 6) === sequence && data === DATA) return view.getUint8(8)
    }
  } catch (error) {
    if (error instanceof SocketError && error.code === 'EAGAIN') return null
    throw error
  }
}
