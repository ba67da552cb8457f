// What many programs do.

import { once } from 'node:events'
import type { AddressInfo, ListenOptions, Server, Socket } from 'node:net'
import type { Bench } from '../harness.ts'

export const CLIENT_EVENTS = [
  'lookup',
  'connectionAttempt',
  'connectionAttemptFailed',
  'connectionAttemptTimeout',
  'connect',
  'ready',
  'data',
  'end',
  'finish',
  'drain',
  'timeout',
  'error',
  'close',
]

export const STREAM_EVENTS = ['data', 'end', 'finish', 'drain', 'timeout', 'error', 'close']

/** A server that listens at 127.0.0.1, or as said. */
export async function listening(
  { net }: Bench,
  options: object,
  connection: (socket: Socket) => void,
  where: ListenOptions = { port: 0, host: '127.0.0.1' },
): Promise<Server> {
  const server = net.createServer(options, connection)
  server.listen(where)
  await once(server, 'listening')
  return server
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

export async function closed(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}

/** Two connected ends, and the server, which takes no more. */
export async function connectedPair(
  bench: Bench,
  serverOptions: object = {},
  clientOptions: object = {},
): Promise<{ server: Server; client: Socket; peer: Socket }> {
  let taken: (socket: Socket) => void = () => {}
  const accepted = new Promise<Socket>((resolve) => {
    taken = resolve
  })
  const server = await listening(bench, serverOptions, (socket) => taken(socket))
  const client = bench.net.connect({ port: portOf(server), host: '127.0.0.1', ...clientOptions })
  const [peer] = await Promise.all([accepted, once(client, 'connect')])
  return { server, client, peer }
}

/** Waits until each of them has told 'close'. */
export async function gone(
  ...sockets: { readonly closed?: boolean; once(event: 'close', listener: () => void): unknown }[]
) {
  await Promise.all(
    sockets.map((socket) => (socket.closed === true ? null : new Promise<void>((done) => socket.once('close', done)))),
  )
}
