import { AF_INET, SOCK_DGRAM, SOCK_STREAM } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { Socket } from '../../src/socket/socket.ts'
import { drive } from '../berkeley/drive.ts'
import { type MemoryEndpoint, MemoryProvider } from './memory-provider.ts'

/** A clock, a provider, and sockets of it. */
export class World {
  readonly clock = new ManualClock()
  readonly provider: MemoryProvider

  constructor(capacity?: number) {
    this.provider = new MemoryProvider(this.clock, capacity)
  }

  stream(): Socket {
    return new Socket(this.provider, AF_INET, SOCK_STREAM)
  }

  datagram(port = 0): Socket {
    const socket = new Socket(this.provider, AF_INET, SOCK_DGRAM)
    if (port !== 0) socket.bind({ address: '', port })
    return socket
  }

  listener(port = 80): Socket {
    const socket = this.stream()
    socket.bind({ address: '', port })
    socket.listen()
    return socket
  }

  /** A connected pair: [client, server]. */
  async pair(): Promise<[Socket, Socket]> {
    const listener = this.listener()
    const client = this.stream()
    await drive(this.clock, client.connect({ address: '127.0.0.1', port: 80 }))
    const server = await drive(this.clock, listener.accept())
    await listener.close()
    return [client, server]
  }

  /** The memory endpoint with this descriptor. */
  endpoint(fd: number): MemoryEndpoint {
    for (const endpoint of this.provider.open) if (endpoint.fd === fd) return endpoint
    throw new Error(`no endpoint has the descriptor ${fd}`)
  }
}

/** The octets from 0 on: what was lost, doubled or moved shows. */
export function octets(length: number, from = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (from + i) & 255)
}
