// Upper-casing over UDP, the server: it sends each datagram back in capitals, to whoever it came from.

import { AF_INET, type Provider, SOCK_DGRAM, Socket } from '../../index.ts'
import type { Say } from './say.ts'

const PORT = 12000

/** Answers until `signal` is aborted. */
export async function upperUdpServer(
  provider: Provider,
  say: Say,
  signal: AbortSignal,
  family = AF_INET,
  port = PORT,
): Promise<void> {
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()]
  const socket = new Socket(provider, family, SOCK_DGRAM)
  socket.bind({ address: '', port })
  say(`socket ${socket.fd} is bound to ${socket.getsockname()}; with UDP nothing listens or accepts`)
  try {
    for await (const { data, address } of socket.datagrams({ signal })) {
      if (address === null) continue
      const line = decoder.decode(data)
      say(`${address} sent "${line}"`)
      await socket.sendto(encoder.encode(line.toUpperCase()), address)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await socket.close()
  }
}
