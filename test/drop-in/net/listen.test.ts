import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { netFor } from '../../../src/adapters/net/net-for.ts'
import { type Bench, differential, type Programs } from '../harness.ts'
import { closed, listening, portOf } from './programs.ts'

/** Listens as `args` say, logs what comes of it, and closes. */
async function tryToListen(bench: Bench, name: string, ...args: unknown[]): Promise<void> {
  const { net, log, turns } = bench
  bench.forgetPorts()
  const server = net.createServer()
  let done: (value?: unknown) => void = () => {}
  const over = new Promise((resolve) => {
    done = resolve
  })
  server.on('listening', () => {
    log(`${name}: listening`, server.address(), server.listening)
    done()
  })
  server.on('error', (error) => {
    log(`${name}: error`, error, server.listening)
    done()
  })
  try {
    const returned = (server.listen as (...all: unknown[]) => Server)(...args)
    log(`${name}: returned`, returned === server)
  } catch (error) {
    log(`${name}: threw`, error)
    return
  }
  await over
  if (server.listening) await closed(server)
  await turns(1)
}

const programs: Programs = {
  'forms of listen without a port': async (bench) => {
    await tryToListen(bench, 'nothing')
    await tryToListen(bench, 'null', null)
    await tryToListen(bench, 'undefined', undefined)
    await tryToListen(bench, 'callback', () => bench.log('callback'))
    await tryToListen(bench, 'null and callback', null, () => bench.log('callback'))
    await tryToListen(bench, 'port undefined', { port: undefined })
    await tryToListen(bench, 'port null', { port: null })
  },
  'forms of listen with a port': async (bench) => {
    await tryToListen(bench, 'number', 0)
    await tryToListen(bench, 'text', '0')
    await tryToListen(bench, 'host', 0, '127.0.0.1')
    await tryToListen(bench, 'backlog', 0, 5)
    await tryToListen(bench, 'host and backlog', 0, '127.0.0.1', 5, () => bench.log('callback'))
    await tryToListen(bench, 'options', { port: 0, host: '127.0.0.1', backlog: 5, exclusive: true })
    await tryToListen(bench, 'text in options', { port: '0' }, () => bench.log('callback'))
    await tryToListen(bench, 'IPv6', 0, '::1')
    await tryToListen(bench, 'IPv4 wildcard', 0, '0.0.0.0')
    await tryToListen(bench, 'IPv6 wildcard', 0, '::')
    await tryToListen(bench, 'IPv6 only', { port: 0, host: '::', ipv6Only: true })
    await tryToListen(bench, 'a name', 0, 'localhost')
    await tryToListen(bench, 'undefined callback', 0, undefined, undefined)
  },
  'what cannot be listened on': async (bench) => {
    for (const port of [-1, 65536, 1.5, 'x', '', ' ', true, {}, '-1', Number.NaN, Number.POSITIVE_INFINITY]) {
      await tryToListen(bench, `port ${JSON.stringify(port)}`, port)
      await tryToListen(bench, `option ${JSON.stringify(port)}`, { port })
    }
    await tryToListen(bench, 'empty options', {})
    await tryToListen(bench, 'host alone', { host: '127.0.0.1' })
    await tryToListen(bench, 'false', false)
    await tryToListen(bench, 'path of another type', { path: 5 })
    await tryToListen(bench, 'path null', { path: null })
    await tryToListen(bench, 'fd text', { fd: 'x' })
    await tryToListen(bench, 'fd negative', { fd: -1 })
    await tryToListen(bench, 'fd of a file', { fd: 2 ** 20 })
    await tryToListen(bench, 'signal', { port: 0, signal: 'x' })
  },
  'an address that is not there': async (bench) => {
    await tryToListen(bench, 'IPv4', 0, '192.0.2.77')
    await tryToListen(bench, 'IPv6', 0, '2001:db8::77')
  },
  'a name that is not there': async (bench) => {
    await tryToListen(bench, 'name', 0, 'no..such.name')
  },
  'a port that is in use': async (bench) => {
    const { net, heard, turns } = bench
    const first = await listening(bench, {}, () => {})
    const second = net.createServer()
    heard(second, 'listening', 'error', 'close')
    second.listen(portOf(first), '127.0.0.1')
    await once(second, 'error')
    await turns()
    await closed(first)
    second.listen(0, '127.0.0.1')
    await once(second, 'listening')
    await closed(second)
  },
  'a port that is in use, at the wildcard': async (bench) => {
    const { net, heard } = bench
    const first = await listening(bench, {}, () => {}, { port: 0 })
    const second = net.createServer()
    heard(second, 'listening', 'error', 'close')
    second.listen(portOf(first))
    await once(second, 'error')
    await closed(first)
  },
  'listen while it listens': async (bench) => {
    const server = await listening(bench, {}, () => {})
    bench.attempt('again', () => server.listen(0))
    await closed(server)
    bench.attempt('after close', () => server.listen(0, '127.0.0.1') === server)
    await once(server, 'listening')
    await closed(server)
  },
  'listen while a name is looked up': async ({ net, attempt, heard }) => {
    const server = net.createServer()
    heard(server, 'listening', 'error', 'close')
    server.listen(0, '127.0.0.1')
    attempt('again', () => server.listen(0, '127.0.0.1') === server)
    await once(server, 'listening')
    await closed(server)
  },
  'close before anything': async ({ net, log, heard, turns }) => {
    const server = net.createServer()
    heard(server, 'listening', 'close')
    log('self', server.close((error) => log('callback', error)) === server)
    log('at once')
    await turns()
  },
  'close twice': async (bench) => {
    const server = await listening(bench, {}, () => {})
    bench.heard(server, 'close')
    server.close((error) => bench.log('first', error))
    server.close((error) => bench.log('second', error))
    bench.log('listening', server.listening, server.address())
    await bench.turns()
  },
  'close right after listen': async ({ net, log, heard, turns }) => {
    const server = net.createServer()
    heard(server, 'listening', 'close', 'error')
    server.listen(0, '127.0.0.1', () => log('callback'))
    server.close((error) => log('closed', error))
    await turns()
    const other = net.createServer()
    heard(other, 'listening', 'close', 'error')
    other.listen(0, () => log('callback'))
    log('listening', other.listening)
    other.close((error) => log('closed', error))
    await turns()
  },
  'asyncDispose closes it': async (bench) => {
    const server = await listening(bench, {}, () => {})
    bench.heard(server, 'close')
    await server[Symbol.asyncDispose]()
    bench.log('listening', server.listening)
    await server[Symbol.asyncDispose]()
  },
  'a signal closes it': async (bench) => {
    const controller = new AbortController()
    const server = await listening(bench, {}, () => {}, { port: 0, host: '127.0.0.1', signal: controller.signal })
    bench.heard(server, 'close', 'error')
    controller.abort()
    bench.log('listening', server.listening)
    await bench.turns()
    const late = bench.net.createServer()
    bench.heard(late, 'close', 'error', 'listening')
    late.listen({ port: 0, signal: controller.signal })
    await bench.turns()
  },
  'maxConnections drops the others': async (bench) => {
    const { net, log } = bench
    const sockets: import('node:net').Socket[] = []
    const server = await listening(bench, {}, (socket) => {
      log('connection')
      sockets.push(socket)
    })
    server.maxConnections = 1
    server.on('drop', (data) => log('drop', data))
    const first = net.connect(portOf(server), '127.0.0.1')
    await once(first, 'connect')
    const second = net.connect(portOf(server), '127.0.0.1')
    second.on('error', () => {})
    second.resume()
    await Promise.all([once(second, 'close'), once(server, 'drop')])
    await new Promise<void>((done) => {
      server.getConnections((error, count) => {
        log('count', error, count)
        done()
      })
    })
    first.destroy()
    for (const socket of sockets) socket.destroy()
    await closed(server)
  },
  'getConnections counts': async (bench) => {
    const { net, log, turns } = bench
    const server = await listening(bench, {}, (socket) => socket.resume())
    const count = (what: string) =>
      new Promise<void>((done) => {
        log(
          `${what} returns`,
          server.getConnections((error, value) => {
            log(what, error, value)
            done()
          }) === server,
        )
      })
    await count('none')
    const client = net.connect(portOf(server), '127.0.0.1')
    await once(server, 'connection')
    await count('one')
    client.end()
    client.resume()
    await once(client, 'close')
    await turns()
    await count('none again')
    await closed(server)
  },
  'close waits for connections': async (bench) => {
    const { net, log } = bench
    const server = await listening(bench, {}, (socket) => {
      socket.resume()
      socket.on('close', () => log('peer closed'))
    })
    const client = net.connect(portOf(server), '127.0.0.1')
    await once(server, 'connection')
    bench.heard(server, 'close')
    server.close(() => log('callback'))
    log('listening', server.listening)
    await bench.turns()
    client.on('close', () => log('client closed'))
    client.end()
    client.resume()
    await once(server, 'close')
  },
  'ref and unref': async (bench) => {
    const server = bench.net.createServer()
    bench.log('self', server.unref() === server, server.ref() === server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    bench.log('self', server.unref() === server, server.ref() === server)
    await closed(server)
  },
  'an asynchronous listener that fails, with captureRejections': async (bench) => {
    const server = bench.net.createServer({ captureRejections: true } as never)
    bench.heard(server, 'error')
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    await closed(server)
  },
  'its address is that of its family': async (bench) => {
    for (const host of ['127.0.0.1', '::1', '0.0.0.0', '::']) {
      bench.forgetPorts()
      const server = await listening(bench, {}, () => {}, { port: 0, host })
      bench.log(host, Object.keys(server.address() as AddressInfo), server.address())
      await closed(server)
      bench.log('closed', server.address())
    }
  },
  'the key of its connections': async (bench) => {
    const server = await listening(bench, {}, () => {}, { port: 0, host: '127.0.0.1' })
    bench.log('key', (server as unknown as { _connectionKey: string })._connectionKey)
    await closed(server)
  },
  'a listener that throws': async (bench) => {
    const server = bench.net.createServer()
    server.on('listening', () => {
      throw new Error('thrown')
    })
    server.listen(0, '127.0.0.1')
    await bench.turns()
    await closed(server)
  },
  'an error that nobody hears': async (bench) => {
    const server = bench.net.createServer()
    server.listen(0, '192.0.2.77')
    await bench.turns(5)
  },
}

differential('net: listen', programs, { net: netFor })
