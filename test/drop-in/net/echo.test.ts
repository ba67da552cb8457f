import { once } from 'node:events'
import { netFor } from '../../../src/adapters/net/net-for.ts'
import { differential, type Programs } from '../harness.ts'

const EVENTS = [
  'lookup',
  'connectionAttempt',
  'connect',
  'ready',
  'end',
  'finish',
  'drain',
  'timeout',
  'error',
  'close',
]

const programs: Programs = {
  'a client says something, hears it again, and ends': async ({ net, log, heard }) => {
    const server = net.createServer((socket) => {
      log('connection')
      heard(socket, 'data', 'end', 'finish', 'close')
      socket.on('data', (data) => socket.write(data))
    })
    heard(server, 'listening', 'close')
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = net.connect((server.address() as { port: number }).port, '127.0.0.1', () => {
      log('callback')
      client.write('hello')
    })
    heard(client, ...EVENTS, 'data')
    client.on('data', () => client.end())
    await once(client, 'close')
    server.close()
    await once(server, 'close')
  },
}

differential('net: echo', programs, { net: netFor })
