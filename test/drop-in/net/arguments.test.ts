// Every call with every kind of wrong argument: what is refused, in which words, and what passes.

import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { inspect } from 'node:util'
import { netFor } from '../../../src/adapters/net/net-for.ts'
import { type Bench, differential, type Programs } from '../harness.ts'

const ODD = [undefined, null, '', ' ', 'x', '1', -1, 1.5, Number.NaN, true, {}, [], () => {}, 10n, Symbol('s')]

const programs: Programs = {
  'what a Socket is made of': ({ net, attempt }) => {
    const made = (options: unknown) => {
      const socket = new net.Socket(options as object)
      const { readable, writable, allowHalfOpen, readyState, readableHighWaterMark: mark } = socket
      return [readable, writable, allowHalfOpen, readyState, mark, socket.pending]
    }
    for (const value of ODD) {
      const names = ['keepAliveInitialDelay', 'readableHighWaterMark', 'writableHighWaterMark', 'onread', 'signal']
      for (const name of [...names, 'objectMode', 'readableObjectMode', 'allowHalfOpen', 'readable', 'writable']) {
        attempt(`${name} ${shown(value)}`, () => made({ [name]: value }))
      }
      if (value !== undefined) attempt(`fd ${shown(value)}`, () => made({ fd: value }))
    }
    for (const fd of [-1, 100_000, 0.5]) attempt(`${fd}`, () => made(fd))
  },
  'what a Server is made of': ({ net, attempt }) => {
    for (const value of ODD) {
      attempt(`Server(${shown(value)})`, () =>
        (net.Server as unknown as (options: unknown) => Server)(value).listenerCount('connection'),
      )
      for (const name of ['highWaterMark', 'keepAliveInitialDelay', 'allowHalfOpen', 'pauseOnConnect', 'noDelay']) {
        attempt(`${name} ${shown(value)}`, () => {
          const server = net.createServer({ [name]: value }) as unknown as Record<string, unknown>
          return [server[name], server['highWaterMark']]
        })
      }
    }
  },
  'what the setters take': ({ net, log, attempt }) => {
    const socket = new net.Socket()
    for (const value of ODD) {
      attempt(`setTimeout ${shown(value)}`, () => socket.setTimeout(value as number).timeout)
      for (const wait of [0, 1000]) {
        attempt(`setTimeout ${wait} ${shown(value)}`, () => socket.setTimeout(wait, value as () => void).timeout)
      }
      log('listeners', socket.listenerCount('timeout'))
      attempt(`setNoDelay ${shown(value)}`, () => socket.setNoDelay(value as boolean) === socket)
      attempt(`setKeepAlive ${shown(value)}`, () => socket.setKeepAlive(true, value as number) === socket)
    }
    socket.destroy()
    attempt('after destroy', () => socket.setTimeout('x' as never) === socket)
  },
  'where to connect to': async (bench) => {
    const where = [...ODD, '1000x', 65536, '65536'].flatMap((port) => [
      [port],
      [{ port }],
      [{ port, host: '127.0.0.1' }],
    ])
    await connectEach(bench, where)
    await connectEach(
      bench,
      ODD.filter((path) => path != null).map((path) => [{ path }]),
    )
  },
  'how to connect': async (bench) => {
    const options = [
      'localAddress',
      'localPort',
      'autoSelectFamily',
      'autoSelectFamilyAttemptTimeout',
      'signal',
      'hints',
    ]
    for (const name of options)
      await connectEach(
        bench,
        ODD.map((value) => [{ port: 1, host: '127.0.0.1', [name]: value }]),
      )
    await connectEach(
      bench,
      ODD.filter((lookup) => lookup != null && typeof lookup !== 'function').map((lookup) => [
        { port: 1, host: 'some.name', lookup },
      ]),
    )
    await connectEach(
      bench,
      [65536 + 1, 70_000].map((localPort) => [{ port: 1, host: '127.0.0.1', localPort }]),
    )
  },
  'where to listen': async (bench) => {
    for (const port of [...ODD, '-1', '0', '0x0', 65536]) await listenEach(bench, [[port], [{ port }]])
    await listenEach(
      bench,
      ODD.filter((path) => path !== ' ' && path !== 'x').map((path) => [{ path }]),
    )
    await listenEach(
      bench,
      ODD.filter((fd) => fd !== '').map((fd) => [{ fd }]),
    )
    await listenEach(bench, [[], [{}], [{ host: '127.0.0.1' }], [{ backlog: 1 }], [{ handle: {} }], [{ handle: 1 }]])
  },
  'how to listen': async (bench) => {
    // A backlog of these is an exception in the callback of the lookup.
    for (const value of ODD.filter((one) => typeof one !== 'bigint' && typeof one !== 'symbol')) {
      const names = ['backlog', 'ipv6Only', 'exclusive', 'signal', 'readableAll']
      await listenEach(
        bench,
        names.map((name) => [{ port: 0, host: '::1', [name]: value }]),
      )
      await listenEach(
        bench,
        [
          [0, '::1', value],
          [0, value],
        ].slice(0, typeof value === 'string' ? 1 : 2),
      )
    }
  },
  'the defaults': ({ net, attempt }) => {
    for (const value of [...ODD, 1, 9, 11, 2 ** 31]) {
      attempt(`family ${shown(value)}`, () => net.setDefaultAutoSelectFamily(value as boolean))
      attempt(`attempt ${shown(value)}`, () => net.setDefaultAutoSelectFamilyAttemptTimeout(value as number))
      attempt('are', () => [net.getDefaultAutoSelectFamily(), net.getDefaultAutoSelectFamilyAttemptTimeout()])
    }
    net.setDefaultAutoSelectFamily(true)
    net.setDefaultAutoSelectFamilyAttemptTimeout(250)
  },
}

const shown = (value: unknown) => inspect(value)

/** Each by net.connect and by connect of a Socket, one after the other. */
async function connectEach({ net, log, attempt }: Bench, all: readonly unknown[][]): Promise<void> {
  type Connect = (...args: unknown[]) => Socket
  for (const args of all) {
    for (const connect of [
      net.connect as Connect,
      ((...given) => new net.Socket().connect(...(given as [number]))) as Connect,
    ]) {
      let socket: Socket | undefined
      attempt(args.map(shown).join(), () => {
        socket = connect(...args)
        return [socket.connecting, socket.readyState, socket.pending]
      })
      if (socket === undefined) continue
      socket.on('error', (error) => log('error', error))
      const closed = once(socket, 'close').catch(() => {})
      await closed
    }
  }
}

async function listenEach({ net, log, attempt, forgetPorts }: Bench, all: readonly unknown[][]): Promise<void> {
  for (const args of all) {
    forgetPorts()
    const server = net.createServer()
    server.on('error', (error) => log('error', error))
    let begun = false
    attempt(args.map(shown).join(), () => {
      server.listen(...(args as [number]))
      begun = true
      return [server.listening, server.address()]
    })
    if (!begun) continue
    if (!server.listening) await Promise.race([once(server, 'listening'), once(server, 'error')]).catch(() => {})
    server.close()
    await once(server, 'close')
  }
}

differential('net: wrong arguments', programs, { net: netFor })
