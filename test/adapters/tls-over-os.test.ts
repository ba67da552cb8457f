// Node's TLS over the operating system's sockets, both ends in one process: C++ calls back into what the event loop has just told.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:tls'
import { expect, test } from 'vitest'
import { toDuplex } from '../../src/adapters/duplex.ts'
import { AF_INET, SOCK_STREAM } from '../../src/base/constants.ts'
import { os } from '../../src/os/operating-system.ts'
import { Socket } from '../../src/socket/socket.ts'

const own = (name: string) => readFileSync(new URL(`../drop-in/registered/${name}.pem`, import.meta.url))
const OCTETS = 500_000

test('TLS: the server comes of an accept that was waiting, and what both ends send goes to the end', async () => {
  const server = createServer({ key: own('key'), cert: own('certificate') }, (socket) => socket.pipe(socket))
  const listener = new Socket(os, AF_INET, SOCK_STREAM)
  listener.bind({ address: '127.0.0.1', port: 0 })
  listener.listen(1)
  const accepted = listener.accept().then((socket) => {
    server.emit('connection', toDuplex(socket, { allowHalfOpen: true }))
  })
  const socket = new Socket(os, AF_INET, SOCK_STREAM)
  await socket.connect(listener.getsockname())
  const client = connect({ socket: toDuplex(socket, { allowHalfOpen: true }), rejectUnauthorized: false })
  client.end(new Uint8Array(OCTETS))
  let count = 0
  client.on('data', (chunk: Uint8Array) => {
    count += chunk.length
  })
  await once(client, 'close')
  await accepted
  expect(count).toBe(OCTETS)
  await listener.close()
})
