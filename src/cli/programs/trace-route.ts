// traceroute: datagrams that may go one hop, two hops and so on, to a port where nobody listens. Who throws one away says so by
// ICMP, and the socket's error queue has what was said: ip(7) on IP_RECVERR.

import {
  AF_INET,
  IP_RECVERR,
  IP_TTL,
  IPPROTO_IP,
  Message,
  MSG_ERRQUEUE,
  POLLIN,
  type Provider,
  poll,
  readExtendedError,
  SOCK_DGRAM,
  Socket,
  SocketAddress,
} from '../../index.ts'
import type { Say } from './say.ts'

/** Where nobody listens, by an old custom. */
const PORT = 33434
const MOST_HOPS = 8
const ATTEMPTS = 3
const PATIENCE = 1000
/** RFC 792: the type of "destination unreachable", which the destination itself sends: nobody is at that port. */
const UNREACHABLE = 3

/** Gives the address of every hop to `address`, that at last; null for one that does not answer. */
export async function traceRoute(provider: Provider, address: string, say: Say): Promise<(string | null)[]> {
  const hops: (string | null)[] = []
  for (let ttl = 1; ttl <= MOST_HOPS; ttl++) {
    const answer = await probe(provider, address, ttl)
    hops.push(answer?.from ?? null)
    say(answer === null ? `${ttl}  * no answer` : `${ttl}  ${answer.from}  ${answer.time.toFixed(1)} ms`)
    if (answer?.arrived === true) break
  }
  return hops
}

interface ProbeAnswer {
  readonly from: string
  readonly time: number
  readonly arrived: boolean
}

async function probe(provider: Provider, address: string, ttl: number): Promise<ProbeAnswer | null> {
  const socket = new Socket(provider, AF_INET, SOCK_DGRAM)
  socket.setsockopt(IPPROTO_IP, IP_TTL, ttl)
  socket.setsockopt(IPPROTO_IP, IP_RECVERR, true)
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const sentAt = provider.clock.now()
      await socket.sendto(new Uint8Array(32), { address, port: PORT + ttl })
      // An error that waits is POLLERR, which is always told.
      await poll([{ socket, events: POLLIN }], { timeout: PATIENCE })
      const message = new Message([new Uint8Array(512)], new SocketAddress())
      if (socket.tryRecvmsg(message, MSG_ERRQUEUE) < 0) continue
      const error = readExtendedError(message)
      if (error === null || error.offender === null) continue
      const time = provider.clock.now() - sentAt
      return { from: error.offender.address, time, arrived: error.type === UNREACHABLE }
    }
    return null
  } finally {
    await socket.close()
  }
}
