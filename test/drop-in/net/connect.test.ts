import dns from 'node:dns'
import { once } from 'node:events'
import type { NetConnectOpts, Socket } from 'node:net'
import { netFor } from '../../../src/adapters/net/net-for.ts'
import { type Bench, differential, type Programs } from '../harness.ts'
import { CLIENT_EVENTS, closed, gone, listening, portOf } from './programs.ts'

/** A server that ends every connection, and a client that connects as said: all its events. */
async function watched(
  bench: Bench,
  connect: (port: number) => Socket,
  where: object = { port: 0, host: '127.0.0.1' },
): Promise<void> {
  bench.forgetPorts()
  const server = await listening(
    bench,
    {},
    (socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('bye'),
    where,
  )
  const client = connect(portOf(server))
  bench.heard(client, ...CLIENT_EVENTS)
  bench.log('state', client.readyState, client.pending, client.connecting)
  await gone(client)
  bench.log('state', client.readyState, client.pending, client.connecting, client.destroyed)
  await closed(server)
}

/** A port at which nobody listens. */
async function nobody(bench: Bench): Promise<number> {
  const server = await listening(bench, {}, () => {})
  const port = portOf(server)
  await closed(server)
  return port
}

type LookupResult = [Error | null, unknown, unknown?]

function lookupOf(bench: Bench, ...result: LookupResult): never {
  return ((host: string, options: object, callback: (...values: unknown[]) => void) => {
    bench.log('lookup of', host, options)
    process.nextTick(callback, ...result)
  }) as never
}

const programs: Programs = {
  'forms of connect': async (bench) => {
    const { net, log } = bench
    const loopback = '127.0.0.1'
    await watched(bench, (port) => net.connect(port, loopback))
    await watched(bench, (port) => net.connect(port, loopback, () => log('callback')))
    await watched(bench, (port) => net.connect({ port, host: loopback }))
    await watched(bench, (port) => net.connect({ port, host: loopback }, () => log('callback')))
    await watched(bench, (port) => net.connect(String(port) as never, loopback))
    await watched(bench, (port) => net.createConnection({ port: String(port) as never, host: loopback }))
    await watched(bench, (port) => new net.Socket().connect(port, loopback))
    await watched(bench, (port) => new net.Socket().connect({ port, host: loopback }, () => log('callback')))
  },
  'a name is looked up': async (bench) => {
    const { net } = bench
    await watched(bench, (port) => net.connect({ port, host: 'localhost', family: 4 }))
    await watched(bench, (port) => net.connect({ port, host: 'localhost', family: 'IPv4' as never }))
    await watched(bench, (port) => net.connect({ port, host: 'localhost', autoSelectFamily: false, family: 4 }))
  },
  IPv6: async (bench) => {
    await watched(bench, (port) => bench.net.connect({ port, host: '::1' }), { port: 0, host: '::1' })
  },
  'what connect refuses': async (bench) => {
    const { net, attempt } = bench
    const tries: unknown[][] = [
      [],
      [{}],
      [{ host: 'x' }],
      [undefined],
      [null],
      [{ port: null }],
      [{ port: {} }],
      [{ port: true }],
      [{ port: -1 }],
      [{ port: 65536 }],
      [{ port: 'x' }],
      [{ port: '' }],
      [{ port: Number.NaN }],
      [-1],
      [70000],
      [{ port: 1, host: 5 }],
      [{ port: 1, host: 'a\0b' }],
      [{ port: 1, host: '127.0.0.1', localAddress: 'x' }],
      [{ port: 1, host: '127.0.0.1', localAddress: 5 }],
      [{ port: 1, host: '127.0.0.1', localPort: 'x' }],
      [{ port: 1, host: 'localhost', lookup: 'x' }],
      [{ port: 1, host: 'localhost', autoSelectFamily: 'x' }],
      [{ port: 1, host: 'localhost', autoSelectFamilyAttemptTimeout: 'x' }],
      [{ port: 1, host: 'localhost', autoSelectFamilyAttemptTimeout: 0 }],
      [{ port: 1, host: 'localhost', autoSelectFamilyAttemptTimeout: 1.5 }],
      [{ path: 5 }],
      [{ path: {} }],
      [{ port: 1, timeout: 'x' }],
      [{ port: 1, timeout: -1 }],
    ]
    for (const args of tries) {
      attempt(`connect(${JSON.stringify(args)})`, () => {
        const socket = (net.connect as (...all: unknown[]) => Socket)(...args)
        socket.on('error', () => {})
        socket.destroy()
        return 'nothing'
      })
    }
  },
  'nobody listens': async (bench) => {
    const port = await nobody(bench)
    await watched(bench, () => bench.net.connect(port, '127.0.0.1', () => bench.log('callback')))
    await watched(bench, () => bench.net.connect(port, '::1'))
  },
  'nobody listens, and nobody hears of it': async (bench) => {
    const port = await nobody(bench)
    const client = bench.net.connect(port, '127.0.0.1')
    bench.heard(client, 'close')
    await gone(client)
  },
  'a name that is not there': async (bench) => {
    await watched(bench, () => bench.net.connect(1, 'no..such.name'))
    await watched(bench, () => bench.net.connect({ port: 1, host: 'no..such.name', family: 4 }))
  },
  'lookups of its own': async (bench) => {
    const { net } = bench
    const one = { autoSelectFamily: false, host: 'some.name' }
    const results: LookupResult[] = [
      [null, '127.0.0.1', 4],
      [null, 'nonsense', 4],
      [null, '127.0.0.1', 5],
      [null, '127.0.0.1', undefined],
      [Object.assign(new Error('lookup failed'), { code: 'EX' }), undefined],
      [null, null, 4],
      [null, undefined],
    ]
    for (const result of results) {
      await watched(bench, (port) => net.connect({ port, ...one, lookup: lookupOf(bench, ...result) }))
    }
    await watched(bench, (port) =>
      net.connect({ port, ...one, family: 6, hints: dns.ADDRCONFIG, lookup: lookupOf(bench, null, '127.0.0.1', 4) }),
    )
    await watched(bench, (port) =>
      net.connect({ port, host: 'a', localAddress: '127.0.0.1', lookup: lookupOf(bench, null, '127.0.0.1', 4) }),
    )
  },
  'lookups of several addresses': async (bench) => {
    const { net } = bench
    const refusing = await nobody(bench)
    const all = (...addresses: unknown[]) => ({
      host: 'some.name',
      autoSelectFamily: true,
      lookup: lookupOf(bench, null, addresses),
    })
    const v4 = { address: '127.0.0.1', family: 4 }
    const v6 = { address: '::1', family: 6 }
    await watched(bench, (port) => net.connect({ port, ...all(v4) }))
    await watched(bench, (port) => net.connect({ port, ...all(v4, v4) }))
    await watched(bench, (port) => net.connect({ port, ...all(v6, v4) }))
    await watched(bench, (port) => net.connect({ port, ...all(v4, v6) }))
    await watched(bench, () => net.connect({ port: refusing, ...all(v6, v4) }))
    await watched(bench, () => net.connect({ port: refusing, ...all(v4, { address: '127.0.0.2', family: 4 }, v6) }))
    await watched(bench, (port) => net.connect({ port, ...all({ address: 'nonsense', family: 4 }) }))
    await watched(bench, (port) => net.connect({ port, ...all({ address: '127.0.0.1', family: 5 }) }))
    await watched(bench, (port) => net.connect({ port, ...all({ address: 'nonsense', family: 4 }, v4) }))
    await watched(bench, () =>
      net.connect({
        port: 1,
        host: 'a',
        lookup: lookupOf(bench, Object.assign(new Error('no'), { code: 'EX' }), undefined),
      }),
    )
  },
  'the addresses that were attempted': async (bench) => {
    const server = await listening(bench, {}, (socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end(),
    )
    const client = bench.net.connect({
      port: portOf(server),
      host: 'some.name',
      lookup: lookupOf(bench, null, [
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ]),
    })
    client.resume()
    await once(client, 'connect')
    bench.log(
      'attempted',
      (client as unknown as { autoSelectFamilyAttemptedAddresses: string[] }).autoSelectFamilyAttemptedAddresses,
    )
    await gone(client)
    await closed(server)
  },
  'destroyed before it has begun': async (bench) => {
    await watched(bench, (port) => bench.net.connect(port, '127.0.0.1').destroy())
    await watched(bench, (port) => bench.net.connect(port, '127.0.0.1').destroy(new Error('mine')))
  },
  'destroyed when it is connected': async (bench) => {
    await watched(bench, (port) =>
      bench.net.connect(port, '127.0.0.1', function (this: Socket) {
        this.destroy()
      }),
    )
    await watched(bench, (port) =>
      bench.net.connect(port, '127.0.0.1', function (this: Socket) {
        this.destroy(new Error('mine'))
      }),
    )
  },
  'destroyed by a lookup': async (bench) => {
    await watched(bench, (port) =>
      bench.net
        .connect({ port, host: 'a', lookup: lookupOf(bench, null, '127.0.0.1', 4), autoSelectFamily: false })
        .on('lookup', function (this: Socket) {
          this.destroy()
        }),
    )
  },
  'end before it has begun': async (bench) => {
    await watched(bench, (port) => bench.net.connect(port, '127.0.0.1').end())
    await watched(bench, (port) => bench.net.connect(port, '127.0.0.1').end('last words'))
  },
  'a write before it has begun': async (bench) => {
    await watched(bench, (port) => {
      const client = bench.net.connect(port, '127.0.0.1')
      bench.log(
        'write',
        client.write('early', () => bench.log('written')),
      )
      bench.log('counts', client.bytesWritten, client.bufferSize, client.writableLength)
      bench.log(
        'write',
        client.write('earlier', 'latin1', () => bench.log('written')),
      )
      bench.log('counts', client.bytesWritten, client.bufferSize, client.writableLength)
      return client
    })
  },
  'a write that never goes': async (bench) => {
    const port = await nobody(bench)
    await watched(bench, () => {
      const client = bench.net.connect(port, '127.0.0.1')
      client.write('lost', (error) => bench.log('written', error))
      client.write('lost too', (error) => bench.log('written', error))
      return client
    })
    await watched(bench, () => {
      const client = bench.net.connect(port, '127.0.0.1')
      client.write('lost', (error) => bench.log('written', error))
      client.end('end', () => bench.log('ended'))
      client.destroy()
      return client
    })
  },
  'a write without any connection': async ({ net, log, heard }) => {
    const socket = new net.Socket()
    heard(socket, ...CLIENT_EVENTS)
    log(
      'write',
      socket.write('x', (error) => log('written', error)),
    )
    await gone(socket)
    const other = new net.Socket()
    heard(other, ...CLIENT_EVENTS)
    other.end('x', () => log('ended'))
    await gone(other)
    const third = new net.Socket()
    heard(third, ...CLIENT_EVENTS)
    third.destroy()
    await gone(third)
  },
  'a local address and port': async (bench) => {
    const { net } = bench
    const free = await nobody(bench)
    const server = await listening(bench, {}, (socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end(),
    )
    const port = portOf(server)
    const options: NetConnectOpts[] = [
      { port, host: '127.0.0.1', localAddress: '127.0.0.1' },
      { port, host: '127.0.0.1', localAddress: '127.0.0.1', localPort: free },
      { port, host: '127.0.0.1', localPort: free },
      { port, host: '127.0.0.1', localAddress: '127.0.0.3' },
      { port, host: '127.0.0.1', localAddress: '192.0.2.77' },
      { port, host: '127.0.0.1', localAddress: '::1' },
      { port, host: '127.0.0.1', localAddress: '127.0.0.1', localPort: port },
    ]
    for (const one of options) {
      const client = net.connect(one)
      bench.heard(client, 'connectionAttempt', 'connectionAttemptFailed', 'connect', 'error', 'close')
      client.on('connect', () => bench.log('names', client.localAddress, client.remoteAddress, client.localFamily))
      client.resume()
      client.once('connect', () => client.resetAndDestroy())
      await gone(client)
    }
    const refused = net.connect({
      port: await nobody(bench),
      host: '127.0.0.1',
      localAddress: '127.0.0.1',
      localPort: free,
    })
    bench.heard(refused, ...CLIENT_EVENTS)
    await gone(refused)
    await closed(server)
  },
  'addresses while it lives and after': async (bench) => {
    const server = await listening(bench, {}, (socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end(),
    )
    const client = bench.net.connect(portOf(server), '127.0.0.1')
    const names = () => {
      bench.log('local', client.localAddress, client.localPort, client.localFamily, client.address())
      bench.log('remote', client.remoteAddress, client.remotePort, client.remoteFamily)
    }
    names()
    await once(client, 'connect')
    names()
    client.resume()
    await gone(client)
    names()
    await closed(server)
  },
  'an IPv4 client of an IPv6 server': async (bench) => {
    const server = await listening(
      bench,
      {},
      (socket) => {
        bench.log('names', socket.localAddress, socket.localFamily, socket.remoteAddress, socket.remoteFamily)
        socket.end()
      },
      { port: 0, host: '::' },
    )
    const client = bench.net.connect(portOf(server), '127.0.0.1').resume()
    await gone(client)
    await closed(server)
  },
  'connect again after the end': async (bench) => {
    const server = await listening(bench, {}, (socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('bye'),
    )
    const client = bench.net.connect(portOf(server), '127.0.0.1')
    bench.heard(client, ...CLIENT_EVENTS)
    await gone(client)
    client.connect(portOf(server), '127.0.0.1')
    bench.log('state', client.readyState, client.destroyed)
    await new Promise((done) => client.once('close', done))
    await closed(server)
  },
  'connect twice at once': async (bench) => {
    const server = await listening(bench, {}, (socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('bye'),
    )
    const client = new bench.net.Socket()
    bench.heard(client, 'connect', 'error', 'close')
    client.resume()
    client.connect(portOf(server), '127.0.0.1', () => bench.log('first'))
    await gone(client)
    await closed(server)
  },
  'a signal': async (bench) => {
    const controller = new AbortController()
    await watched(bench, (port) => {
      const client = bench.net.connect({ port, host: '127.0.0.1', signal: controller.signal } as never)
      controller.abort()
      return client
    })
    await watched(bench, (port) => bench.net.connect({ port, host: '127.0.0.1', signal: controller.signal } as never))
    const late = new AbortController()
    const server = await listening(bench, {}, () => {})
    const client = bench.net.connect({ port: portOf(server), host: '127.0.0.1', signal: late.signal } as never)
    bench.heard(client, ...CLIENT_EVENTS)
    await once(client, 'connect')
    late.abort()
    await gone(client)
    const connections = server
    await closed(connections)
  },
  'the server is told of a connection before the client, of every one of many': async (bench) => {
    const { net, log } = bench
    const order: string[] = []
    const server = await listening(bench, {}, (socket) => {
      order.push('connection')
      socket.end()
    })
    for (let i = 0; i < 150; i++) {
      const client = net.connect(portOf(server), '127.0.0.1', () => order.push('connect'))
      client.resume()
      await gone(client)
    }
    log('all', order.join() === Array(150).fill('connection,connect').join())
    await closed(server)
  },
  'the order of what a program defers around connecting': async (bench) => {
    const { net, log } = bench
    const server = await listening(bench, {}, (socket) => {
      log('connection')
      process.nextTick(() => log('tick of connection'))
      Promise.resolve().then(() => log('microtask of connection'))
      socket.end()
    })
    const client = net.connect(portOf(server), '127.0.0.1')
    log('returned')
    process.nextTick(() => log('tick'))
    Promise.resolve().then(() => log('microtask'))
    client.on('connect', () => {
      log('connect')
      process.nextTick(() => log('tick of connect'))
      Promise.resolve().then(() => log('microtask of connect'))
    })
    client.on('ready', () => log('ready'))
    client.resume()
    await gone(client)
    await closed(server)
  },
}

differential('net: connect', programs, { net: netFor })
