// Calls at unusual moments, and answers that nobody should give.

import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { finished } from 'node:stream'
import { netFor } from '../../../src/adapters/net/net-for.ts'
import { differential, type Programs } from '../harness.ts'
import { CLIENT_EVENTS, closed, connectedPair, gone, listening, portOf, STREAM_EVENTS } from './programs.ts'

type Lookup = (host: string, options: object, callback: (...found: unknown[]) => void) => void

const programs: Programs = {
  'calls of a socket that nobody has connected': async ({ net, log, heard, attempt, turns }) => {
    const calls = [
      'end',
      'destroySoon',
      'destroy',
      'resetAndDestroy',
      'ref',
      'unref',
      'pause',
      'resume',
      'address',
      'read',
    ] as const
    for (const call of calls) {
      const socket = new net.Socket()
      heard(socket, 'error', 'finish', 'end', 'close')
      attempt(call, () => {
        const answer: unknown = (socket[call] as () => unknown)()
        return answer === socket ? 'itself' : answer
      })
      log('then', socket.listenerCount('connect'), socket.readyState, socket.destroyed, socket.pending)
      await turns()
    }
    const socket = new net.Socket()
    socket.on('error', (error) => log('error', error))
    socket.end('x', (...told: unknown[]) => log('end', ...told))
    await gone(socket)
  },
  'families that are not those of the addresses': async ({ net, log }) => {
    for (const [address, family] of [
      ['127.0.0.1', 6],
      ['::1', 4],
    ] as const) {
      const lookup: Lookup = (_host, _options, callback) => callback(null, address, family)
      const socket = net.connect({ port: 1, host: 'some.name', autoSelectFamily: false, lookup: lookup as never })
      socket.on('error', (error) => log('error', error))
      await gone(socket)
    }
  },
  'lookups that answer something else than addresses': async ({ net, log, heard, attempt, turns }) => {
    for (const answer of [[], null, undefined, 'text', [{}], { length: 1, 0: { address: '::1', family: 6 } }]) {
      const lookup: Lookup = (_host, _options, callback) => callback(null, answer, 4)
      attempt('connect', () => {
        const socket = net.connect({ port: 1, host: 'some.name', autoSelectFamily: true, lookup: lookup as never })
        heard(socket, ...CLIENT_EVENTS)
        return 'nothing'
      })
      await turns()
    }
    log('over')
  },
  'onread is called by the socket': async (bench) => {
    const { log } = bench
    const server = await listening(bench, {}, (socket) => socket.end('abcdef'))
    const heardBy: string[] = []
    const client: Socket = bench.net.connect({
      port: portOf(server),
      host: '127.0.0.1',
      onread: {
        buffer(this: unknown) {
          heardBy.push(String(this instanceof bench.net.Socket))
          return Buffer.alloc(4)
        },
        callback(this: unknown, count: number) {
          log('read', count, this === client)
          return true
        },
      } as never,
    })
    await gone(client)
    log('buffers', heardBy)
    await closed(server)
  },
  'a timer destroys it: the peer hears of the end before it does': async (bench) => {
    const { client, peer, server } = await connectedPair(bench)
    for (const [name, socket] of [
      ['client', client],
      ['peer', peer],
    ] as const) {
      socket.resume()
      for (const event of STREAM_EVENTS) socket.on(event, (...told) => bench.log(`${name} ${event}`, ...told))
    }
    setTimeout(() => client.destroy(), 20)
    await once(peer, 'end')
    await gone(client)
    peer.destroy()
    await closed(server)
  },
  'two timers of one moment destroy': async (bench) => {
    const pairs = [await connectedPair(bench), await connectedPair(bench), await connectedPair(bench)]
    const all = pairs.flatMap(({ client, peer }) => [client.resume(), peer.resume()])
    setTimeout(() => {
      for (const { client } of pairs) client.destroy()
    }, 10)
    await gone(...all)
    bench.log(
      'gone',
      all.map((socket) => socket.destroyed),
    )
    for (const { server } of pairs) await closed(server)
  },
  'a server listens on what another one listens on': async (bench) => {
    const { net, log } = bench
    const first = await listening(bench, {}, (socket) => socket.end('first'))
    const second = net.createServer((socket) => socket.end('second'))
    second.listen(first as unknown as { fd: number }, () => log('listening'))
    await once(second, 'listening')
    log('the same port', portOf(first) === portOf(second))
    const client = net.connect(portOf(second), '127.0.0.1')
    client.on('data', (data) => log('data', data))
    await gone(client)
    for (const server of [second, first]) await closed(server)
  },
  'reusePort writes into its options': async ({ net, log }) => {
    const options: Record<string, unknown> = { port: 0, host: '127.0.0.1', reusePort: true }
    const server: Server = net.createServer().listen(options)
    await once(server, 'listening')
    log('options', Object.keys(options))
    await closed(server)
  },
  'a path with a NUL in it': async ({ net, log }) => {
    const socket = net.connect('/nothing\0here')
    socket.on('error', (error) => log('error', error))
    await gone(socket)
  },
  'what is finished': async (bench) => {
    const { client, peer, server } = await connectedPair(bench)
    finished(client, (error) => bench.log('client', error))
    finished(peer, (error) => bench.log('peer', error))
    peer.resume()
    client.resume().end('x')
    await gone(client, peer)
    await closed(server)
  },
  'properties in their order, as enumerations show them': ({ net, log }) => {
    for (const { prototype } of [net.Socket, net.Server] as { prototype: object }[]) {
      const own = Object.entries(Object.getOwnPropertyDescriptors(prototype))
        .filter(([name]) => !/^_|TypeOfService/.test(name))
        .map(([name, { enumerable, configurable }]) => `${name} ${enumerable} ${configurable}`)
      log('own', own)
    }
    const named = net as unknown as Record<string, { name: string; length: number }>
    for (const name of Object.keys(named)
      .filter((one) => !/^_.*r|^Bound/.test(one))
      .sort()) {
      log(name, named[name]?.name, named[name]?.length)
    }
  },
}

differential('net: unusual moments', programs, { net: netFor })
