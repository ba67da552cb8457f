import { AsyncLocalStorage } from 'node:async_hooks'
import { channel, tracingChannel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { netFor } from '../../../src/adapters/net/net-for.ts'
import { differential, type Programs } from '../harness.ts'
import { closed, gone, listening, portOf } from './programs.ts'

const programs: Programs = {
  'events have the context in which the connection was asked for': async (bench) => {
    const { net, log } = bench
    const storage = new AsyncLocalStorage<string>()
    const peerLog: string[] = []
    const server = storage.run('server', () =>
      net.createServer((socket) => {
        log('connection', storage.getStore())
        storage.run('inside', () => {
          socket.on('data', () => {
            log('peer data', storage.getStore())
            socket.end('hello')
          })
          socket.on('end', () => peerLog.push(`peer end ${storage.getStore()}`))
          socket.on('close', () => peerLog.push(`peer close ${storage.getStore()}`))
        })
      }),
    )
    storage.run('listen', () => server.listen(0, '127.0.0.1', () => log('listening', storage.getStore())))
    await once(server, 'listening')
    const client = storage.run('client', () => net.connect(portOf(server), '127.0.0.1'))
    storage.run('other', () => {
      for (const event of ['connectionAttempt', 'connect', 'ready', 'data', 'end', 'finish', 'close']) {
        client.on(event, () => log(event, storage.getStore()))
      }
    })
    client.on('data', () => client.end())
    client.write('x', () => log('written', storage.getStore()))
    await gone(client)
    await closed(server)
    await bench.turns()
    log('peer', peerLog)
  },
  'a timeout has the context in which it was set': async (bench) => {
    const { net, log } = bench
    const storage = new AsyncLocalStorage<string>()
    const server = await listening(bench, {}, (socket) => socket.resume())
    const client = storage.run('client', () => net.connect(portOf(server), '127.0.0.1'))
    await once(client, 'connect')
    storage.run('timeout', () => client.setTimeout(2, () => log('timeout', storage.getStore())))
    await once(client, 'timeout')
    client.end()
    client.resume()
    await gone(client)
    await closed(server)
  },
  'an error has it too': async (bench) => {
    const { net, log } = bench
    const storage = new AsyncLocalStorage<string>()
    const server = await listening(bench, {}, () => {})
    const port = portOf(server)
    await closed(server)
    const client = storage.run('client', () => net.connect(port, '127.0.0.1'))
    client.on('error', () => log('error', storage.getStore()))
    client.on('close', () => log('close', storage.getStore()))
    await gone(client)
  },
  'channels tell of clients and servers': async (bench) => {
    const { net, log } = bench
    const told = (name: string) => (message: unknown) => {
      const { socket } = message as { socket: InstanceType<typeof net.Socket> }
      log(name, Object.keys(message as object), socket instanceof net.Socket, socket.connecting)
    }
    const [client, server] = [told('client'), told('server')]
    channel('net.client.socket').subscribe(client)
    channel('net.server.socket').subscribe(server)
    const listener = await listening(bench, {}, (socket) => {
      log('connection')
      socket.end()
    })
    const socket = net.connect(portOf(listener), '127.0.0.1').resume()
    log('returned')
    await gone(socket)
    const plain = new net.Socket().connect(portOf(listener), '127.0.0.1').resume()
    await gone(plain)
    channel('net.client.socket').unsubscribe(client)
    channel('net.server.socket').unsubscribe(server)
    await closed(listener)
  },
  'a channel traces listen': async (bench) => {
    const ch = tracingChannel('net.server.listen')
    const told = (name: string) => (message: object) => {
      const { options, error } = message as { options?: unknown; error?: unknown }
      bench.log(name, Object.keys(message), options, error)
    }
    const names = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const
    const h = Object.fromEntries(names.map((name) => [name, told(name)])) as never
    ch.subscribe(h)
    const s = await listening(bench, {}, () => {})
    const s2 = bench.net
      .createServer()
      .on('error', (e) => bench.log('error', e))
      .listen(portOf(s), '127.0.0.1')
    await once(s2, 'error').catch(() => {})
    ch.unsubscribe(h)
    await closed(s)
  },
}

differential('net: context', programs, { net: netFor })
