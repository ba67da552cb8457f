import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import nodeNet, { type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { netFor } from '../../../src/adapters/net/net-for.ts'
import { type Bench, differential, type Programs } from '../harness.ts'
import { CLIENT_EVENTS, closed, gone, listening } from './programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'jackfield-net-'))
afterAll(() => rmSync(folder, { recursive: true }))

const path = join(folder, 'socket')

/** Whether a path is there: of a file, or of a stack's own. */
function isThere({ on }: Bench, where: string): boolean | string {
  return on === 'userspace' ? 'as it is' : existsSync(where)
}

const programs: Programs = {
  'an echo over a path': async (bench) => {
    const server = await listening(
      bench,
      {},
      (socket) => {
        bench.log('connection', socket.address(), socket.remoteAddress, socket.localAddress, socket.remoteFamily)
        bench.heard(socket, 'data', 'end', 'error', 'close')
        socket.on('data', (data) => socket.write(data))
      },
      { path },
    )
    bench.log('address', server.address())
    const client = bench.net.connect(path, () => bench.log('callback'))
    bench.heard(client, ...CLIENT_EVENTS)
    bench.log('state', client.readyState, client.pending)
    client.on('data', () => client.end())
    client.write('over a path')
    await gone(client)
    bench.log('names', client.address(), client.remoteAddress, client.bytesRead, client.bytesWritten)
    await closed(server)
    bench.log('address', server.address())
  },
  'forms of listen and connect': async (bench) => {
    const { net } = bench
    const forms: [(server: Server) => unknown, () => Socket][] = [
      [(server) => server.listen(path), () => net.connect({ path })],
      [(server) => server.listen(path, 5, () => bench.log('callback')), () => net.createConnection(path)],
      [(server) => server.listen({ path, backlog: 3 }), () => new net.Socket().connect(path)],
      [(server) => server.listen({ path, exclusive: true }), () => new net.Socket().connect({ path })],
    ]
    for (const [listen, connect] of forms) {
      const server = net.createServer((socket) => socket.end())
      bench.log('self', listen(server) === server, server.listening)
      await once(server, 'listening')
      const client = connect().resume()
      await gone(client)
      await closed(server)
    }
  },
  'an abstract name': async (bench) => {
    const server = await listening(bench, {}, (socket) => socket.end('hi'), { path: '\0jackfield-test' })
    bench.log('address', server.address())
    const client = bench.net.connect('\0jackfield-test')
    bench.heard(client, ...CLIENT_EVENTS)
    await gone(client)
    await closed(server)
    const late = bench.net.connect('\0jackfield-test')
    bench.heard(late, ...CLIENT_EVENTS)
    await gone(late)
  },
  'a path that nobody has': async (bench) => {
    const client = bench.net.connect(join(folder, 'nothing'))
    bench.heard(client, ...CLIENT_EVENTS)
    await gone(client)
  },
  'a path that is in use': async (bench) => {
    const first = await listening(bench, {}, () => {}, { path })
    const second = bench.net.createServer()
    bench.heard(second, 'listening', 'error', 'close')
    second.listen(path)
    await once(second, 'error')
    bench.log('state', second.listening, second.address())
    await closed(first)
  },
  'an empty path': async (bench) => {
    bench.attempt('listen', () => bench.net.createServer().listen(''))
    bench.attempt('listen', () => bench.net.createServer().listen({ path: '' }))
    bench.attempt('connect', () => bench.net.connect({ path: '' }).destroy() !== null)
  },
  'the path goes when the server closes': async (bench) => {
    const server = await listening(bench, {}, () => {}, { path })
    if (bench.on !== 'userspace') bench.log('there', existsSync(path))
    else bench.log('there', true)
    await closed(server)
    bench.log('gone', existsSync(path))
    const again = await listening(bench, {}, () => {}, { path })
    await closed(again)
  },
  'a path whose folder is missing, and one of a file': async (bench) => {
    // A stack has neither folders nor files: what a program is told there is tried on the operating system.
    const net = bench.on === 'userspace' ? nodeNet : bench.net
    const file = join(folder, 'file')
    writeFileSync(file, '')
    for (const where of [join(folder, 'missing', 'socket'), file]) {
      const server = net.createServer()
      bench.heard(server, 'listening', 'error')
      server.listen(where)
      await once(server, 'error')
      const client = net.connect(where)
      bench.heard(client, ...CLIENT_EVENTS)
      await gone(client)
    }
  },
  'rights for all': async (bench) => {
    const server = bench.net.createServer()
    server.listen({ path, readableAll: true, writableAll: true })
    await once(server, 'listening')
    // Rights are of files: the paths of a stack have none.
    const expected = Number.parseInt(process.versions.node, 10) >= 24 ? 0o666 : 0o777
    const mode = isThere(bench, path) === true ? statSync(path).mode & 0o777 : expected
    bench.log('mode', mode.toString(8))
    await closed(server)
    bench.attempt('abstract', () => bench.net.createServer().listen({ path: '\0x', readableAll: true }))
    bench.attempt('abstract', () => bench.net.createServer().listen({ path: '\0x', writableAll: true }))
  },
  'what a Unix socket has no use for': async (bench) => {
    const server = await listening(bench, {}, (socket) => socket.resume(), { path })
    const client = bench.net.connect(path)
    await once(client, 'connect')
    bench.log('self', client.setNoDelay() === client, client.setKeepAlive(true) === client)
    bench.attempt('reset', () => client.resetAndDestroy())
    bench.log('state', client.destroyed, client.readyState)
    client.end()
    client.resume()
    await gone(client)
    await closed(server)
  },
  'maxConnections drops without saying whom': async (bench) => {
    const kept: Socket[] = []
    const server = await listening(bench, {}, (socket) => kept.push(socket.resume()), { path })
    server.maxConnections = 1
    bench.heard(server, 'drop')
    const first = bench.net.connect(path)
    await once(first, 'connect')
    const second = bench.net.connect(path).on('error', () => {})
    second.resume()
    await gone(second)
    first.end()
    first.resume()
    await gone(first)
    await closed(server)
  },
  'more than fits': async (bench) => {
    let received = 0
    const server = await listening(
      bench,
      {},
      (socket) => {
        socket.on('data', (data) => {
          received += data.length
        })
      },
      { path },
    )
    const client = bench.net.connect(path)
    client.end(Buffer.alloc(4 << 20), () => bench.log('ended'))
    client.resume()
    await gone(client)
    bench.log('received', received, client.bytesWritten)
    await closed(server)
  },
  'a write whose peer is gone': async (bench) => {
    const server = await listening(bench, {}, (socket) => socket.destroy(), { path })
    const client = bench.net.connect({ path, allowHalfOpen: true } as never)
    await once(client, 'connect')
    client.resume()
    await once(client, 'end')
    bench.heard(client, 'error', 'close', 'finish')
    client.write('x', (error) => bench.log('written', error))
    await gone(client)
    await closed(server)
  },
}

differential('net: Unix sockets', programs, { net: netFor })
