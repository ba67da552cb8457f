// Read first: accept(2). On the real clock, where the ACK that ends a handshake waits for a moment for data to carry it.

import { expect, test } from 'vitest'
import { AF_INET, Cable, SOCK_STREAM, Socket, Stack } from '../../src/index.ts'

const joined = {
  'over loopback': () => {
    const host = new Stack()
    return { here: host, there: host, address: '127.0.0.1' }
  },
  'over a cable': () => {
    const [here, there, cable] = [new Stack(), new Stack(), new Cable()]
    here.attach(cable.left, { address: '192.0.2.1/24' })
    there.attach(cable.right, { address: '192.0.2.2/24' })
    return { here, there, address: '192.0.2.2' }
  },
}

test.each(Object.entries(joined))(
  '%s, who has connected first is accepted first, though a later one has sent',
  async (_, join) => {
    const { here, there, address } = join()
    const listener = new Socket(there, AF_INET, SOCK_STREAM)
    listener.bind({ address, port: 80 })
    listener.listen()
    const clients = [0, 1, 2].map(() => new Socket(here, AF_INET, SOCK_STREAM))
    for (const client of clients) await client.connect({ address, port: 80 })
    await clients[2]?.send(new Uint8Array(5))
    const servers: Socket[] = []
    for (const _ of clients) servers.push(await listener.accept())
    expect(servers.map((server) => server.getpeername().port)).toEqual(
      clients.map((client) => client.getsockname().port),
    )
    for (const socket of [...clients, ...servers, listener]) await socket.close()
  },
)
