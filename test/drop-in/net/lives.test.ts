import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { netFor } from '../../../src/adapters/net/net-for.ts'
import { differential, type Programs } from '../harness.ts'
import { CLIENT_EVENTS, closed, connectedPair, gone, listening, portOf, STREAM_EVENTS } from './programs.ts'

const programs: Programs = {
  'a listener of connection that closes the server': async (bench) => {
    const server = await listening(bench, {}, (socket) => {
      server.close(() => bench.log('closed'))
      socket.end('bye')
      socket.resume()
    })
    const c = bench.net.connect(portOf(server), '127.0.0.1')
    bench.heard(c, ...CLIENT_EVENTS)
    await gone(c)
    await bench.turns()
  },
  'what was not sent when it was destroyed': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    peer.on('error', () => {}).resume()
    client.on('error', (e) => bench.log('error', e))
    const block = Buffer.alloc(8 << 20)
    peer.pause()
    client.write(block, (e) => bench.log('first', e))
    client.write('x', (e) => bench.log('second', e))
    client.end('y', () => bench.log('end'))
    await bench.turns()
    client.destroy()
    bench.log('destroyed')
    await gone(client)
    await bench.turns()
    bench.log('counts', client.bytesWritten)
    peer.resume()
    await gone(peer)
    await closed(server)
  },
  'texts that do not fit yet stay what they are, whatever is written meanwhile': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    peer.pause()
    // More than both ends take: from some text on they wait, of which the first has been begun.
    for (let i = 0; i < 1500; i++) client.write(`${i} `.repeat(2000).slice(0, 10_000))
    peer.write('-'.repeat(10_000))
    peer.cork()
    for (const text of ['=', '', '+']) peer.write(text.repeat(5000), 'latin1')
    peer.uncork()
    client.end()
    let received = ''
    for await (const data of peer) received += data.toString('latin1')
    let back = ''
    for await (const data of client) back += data.toString('latin1')
    bench.log('received', received.length, hash(received), back.length, hash(back))
    await gone(client, peer)
    await closed(server)
  },
  'timeouts of server sockets': async (bench) => {
    const server = await listening(bench, {}, (socket) => {
      socket.setTimeout(5)
      socket.on('timeout', () => {
        bench.log('timeout', socket.timeout)
        socket.destroy()
      })
      bench.heard(socket, 'close', 'error')
    })
    const c = bench.net.connect(portOf(server), '127.0.0.1').resume()
    await gone(c)
    await bench.turns()
    await closed(server)
  },
  reconnecting: async (bench) => {
    const server = await listening(bench, {}, (socket) => {
      socket.resume()
      socket.write('hello\r\n')
      socket.on('end', () => socket.end())
    })
    const c = bench.net.connect(portOf(server), '127.0.0.1')
    c.setEncoding('utf8')
    let n = 0
    await new Promise<void>((done) => {
      c.on('connect', () => bench.log('connect'))
      c.on('data', (d) => {
        bench.log('data', d)
        c.end()
      })
      c.on('end', () => bench.log('end'))
      c.on('close', (e) => {
        bench.log('close', e)
        if (n++ < 3) c.connect(portOf(server), '127.0.0.1')
        else done()
      })
    })
    await closed(server)
  },
  'writes in many forms before connect': async (bench) => {
    const server = await listening(bench, {}, (socket) => {
      let all = ''
      socket.on('data', (d) => {
        all += d
      })
      socket.on('end', () => {
        bench.log('all', all)
        socket.end()
      })
    })
    const c = new bench.net.Socket()
    bench.heard(c, ...STREAM_EVENTS)
    c.connect(portOf(server), '127.0.0.1')
    c.cork()
    c.write('a')
    c.write(Buffer.from('b'))
    c.write('c', 'latin1')
    c.uncork()
    bench.log('bw', c.bytesWritten)
    c.end('d')
    c.resume()
    await gone(c)
    await closed(server)
  },
  'readable side false': async (bench) => {
    const server = await listening(bench, {}, (socket) => {
      socket.resume()
      socket.end('x')
    })
    bench.attempt('s', () => new bench.net.Socket({ readable: false, writable: false }).readyState)
    const c = new bench.net.Socket({ readable: false })
    bench.heard(c, ...STREAM_EVENTS)
    c.connect(portOf(server), '127.0.0.1', () => {
      bench.log('state', c.readyState)
      c.end()
    })
    await bench.turns(6)
    c.destroy()
    await gone(c)
    await closed(server)
  },
  'a signal closes a server that has connections': async (bench) => {
    const ac = new AbortController()
    const s = bench.net.createServer()
    bench.heard(s, 'listening', 'close', 'error')
    s.listen({ port: 0, host: '127.0.0.1', signal: ac.signal })
    await once(s, 'listening')
    const c = bench.net.connect(portOf(s), '127.0.0.1')
    const [peer] = await once(s, 'connection')
    peer.resume()
    ac.abort()
    await bench.turns()
    c.end()
    c.resume()
    await gone(c)
    await bench.turns()
  },
  'data that nobody has read': async (bench) => {
    const { server, client, peer } = await connectedPair(bench)
    peer.pause()
    bench.heard(client, ...STREAM_EVENTS)
    client.resume()
    client.write('unread')
    await bench.turns()
    peer.destroy()
    await gone(client, peer)
    await closed(server)
  },
  'a name whose first address refuses': async (bench) => {
    const server = await listening(bench, {}, (socket) => socket.resume().end())
    const c = bench.net.connect({
      port: portOf(server),
      host: 'h',
      autoSelectFamilyAttemptTimeout: 10_000,
      lookup: ((_h: string, _o: object, cb: (...all: unknown[]) => void) =>
        cb(null, [
          { address: '::1', family: 6 },
          { address: '127.0.0.1', family: 4 },
        ])) as never,
    })
    bench.heard(c, ...CLIENT_EVENTS)
    await gone(c)
    await closed(server)
  },
}

function hash(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex')
}

differential('net: lives of sockets', programs, { net: netFor })
