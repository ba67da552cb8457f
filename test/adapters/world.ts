import { AF_INET, SOCK_STREAM } from '../../src/base/constants.ts'
import { RealClock } from '../../src/platform/real-clock.ts'
import { Socket } from '../../src/socket/socket.ts'
import { MemoryProvider } from '../socket/memory-provider.ts'

/** Sockets on the real clock: Node's own streams and http take turns of the real event loop. */
export class RealWorld {
  readonly provider: MemoryProvider

  constructor(capacity = 40_000) {
    this.provider = new MemoryProvider(new RealClock(), capacity)
  }

  listener(port = 80): Socket {
    const listener = new Socket(this.provider, AF_INET, SOCK_STREAM)
    listener.bind({ address: '', port })
    listener.listen()
    return listener
  }

  async connect(port = 80): Promise<Socket> {
    const client = new Socket(this.provider, AF_INET, SOCK_STREAM)
    await client.connect({ address: '127.0.0.1', port })
    return client
  }

  async pair(): Promise<[Socket, Socket]> {
    const listener = this.listener()
    const client = await this.connect()
    const server = await listener.accept()
    await listener.close()
    return [client, server]
  }
}
