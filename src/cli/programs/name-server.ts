// A name server: it knows the names of one domain, from a table as in /etc/hosts, and answers questions over UDP.

import { AF_INET, type Provider, SOCK_DGRAM, Socket } from '../../index.ts'
import { HostsFile, NameServer } from '../../services/names/index.ts'
import type { Say } from './say.ts'

const PORT = 53

/** Answers until `signal` is aborted. `hosts` is the text of a hosts(5). */
export async function nameServer(
  provider: Provider,
  hosts: string,
  zone: string,
  say: Say,
  signal: AbortSignal,
  port = PORT,
): Promise<void> {
  const socket = new Socket(provider, AF_INET, SOCK_DGRAM)
  socket.bind({ address: '', port })
  const server = new NameServer({ resolver: null, hosts: new HostsFile(hosts), zone })
  const serving = server.datagrams(socket)
  signal.addEventListener('abort', () => {
    server.close()
    void serving.close()
  })
  say(`socket ${socket.fd} is bound to ${socket.getsockname()} and knows the domain ${zone}`)
  await serving.run()
}
