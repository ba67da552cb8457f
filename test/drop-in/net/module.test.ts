import { EventEmitter } from 'node:events'
import nodeNet from 'node:net'
import { Duplex } from 'node:stream'
import { inherits } from 'node:util'
import { expect, it } from 'vitest'
import { netFor } from '../../../src/adapters/net/net-for.ts'
import { Stack } from '../../../src/platform/stack.ts'
import { differential, type Programs } from '../harness.ts'

const programs: Programs = {
  'isIP, isIPv4 and isIPv6': ({ net, log }) => {
    for (const text of ['127.0.0.1', '::1', 'fe80::1%lo', '256.1.1.1', '', '::ffff:1.2.3.4', '1.2.3', 'localhost']) {
      log(text, net.isIP(text), net.isIPv4(text), net.isIPv6(text))
    }
  },
  'the classes are functions with the names and lengths of Node': ({ net, log }) => {
    const all = net as unknown as Record<string, unknown>
    for (const name of ['Socket', 'Stream', 'Server', 'connect', 'createConnection', 'createServer']) {
      const one = all[name] as { name: string; length: number }
      log(name, typeof one, one.name, one.length)
    }
    log('the same', net.Socket === (net as unknown as { Stream: unknown }).Stream, net.connect === net.createConnection)
  },
  'what the prototypes lead to': ({ net, log }) => {
    log('socket', Object.getPrototypeOf(net.Socket.prototype) === Duplex.prototype)
    log('socket class', Object.getPrototypeOf(net.Socket) === Duplex)
    log('server', Object.getPrototypeOf(net.Server.prototype) === EventEmitter.prototype)
    log('server class', Object.getPrototypeOf(net.Server) === EventEmitter)
    log('constructor', net.Socket.prototype.constructor === net.Socket)
  },
  'methods have the lengths of Node': ({ net, log }) => {
    for (const Class of [net.Socket, net.Server]) {
      const prototype = Class.prototype as unknown as Record<string, unknown>
      for (const name of METHODS[Class === (net.Socket as never) ? 'Socket' : 'Server']) {
        const method = prototype[name] as { length: number } | undefined
        log(name, typeof method, method?.length)
      }
    }
  },
  'a socket without new is one': ({ net, log }) => {
    const make = net.Socket as unknown as () => InstanceType<typeof net.Socket>
    const socket = make()
    log('is', socket instanceof net.Socket, socket instanceof Duplex)
    log('state', socket.readyState, socket.pending, socket.connecting, socket.destroyed, socket.bytesRead)
    log('more', socket.bytesWritten, socket.bufferSize, socket.timeout, socket.allowHalfOpen, socket.localAddress)
    log('address', socket.address(), socket.remoteAddress, socket.remotePort, socket.remoteFamily)
    log('listeners', socket.listenerCount('end'), socket.eventNames())
  },
  'a class that extends Socket': ({ net, log }) => {
    class Mine extends net.Socket {
      mine = 1
      override address(): object {
        return { mine: super.address() }
      }
    }
    const socket = new Mine({ allowHalfOpen: true })
    log('is', socket instanceof Mine, socket instanceof net.Socket, socket.mine, socket.address(), socket.allowHalfOpen)
  },
  'a constructor that inherits in the old way': ({ net, log }) => {
    function Mine(this: InstanceType<typeof net.Socket>, options: object): void {
      ;(net.Socket as unknown as (this: unknown, options: object) => void).call(this, options)
    }
    inherits(Mine, net.Socket)
    const socket = new (Mine as unknown as new (options: object) => InstanceType<typeof net.Socket>)({})
    log('is', socket instanceof Mine, socket instanceof net.Socket, socket.readyState)
    function Waiter(this: InstanceType<typeof net.Server>): void {
      ;(net.Server as unknown as (this: unknown) => void).call(this)
    }
    inherits(Waiter, net.Server)
    const server = new (Waiter as unknown as new () => InstanceType<typeof net.Server>)()
    log('is', server instanceof Waiter, server instanceof net.Server, server.listening)
  },
  'a server without new is one': ({ net, log }) => {
    const make = net.Server as unknown as (...args: unknown[]) => InstanceType<typeof net.Server>
    const server = make({ allowHalfOpen: true, keepAliveInitialDelay: -5 }, () => {})
    const fields = server as unknown as Record<string, unknown>
    log('is', server instanceof net.Server, server.listenerCount('connection'))
    for (const name of [
      'allowHalfOpen',
      'pauseOnConnect',
      'noDelay',
      'keepAlive',
      'keepAliveInitialDelay',
      'highWaterMark',
    ]) {
      log(name, fields[name])
    }
    log('address', server.address(), server.listening, server.maxConnections, fields._connections)
  },
  'what a Server takes for its options': ({ net, log, attempt }) => {
    for (const options of [null, undefined, 1, 'text', true, [], () => {}]) {
      attempt(`server of ${typeof options}`, () => net.createServer(options as never).listenerCount('connection'))
    }
    attempt('delay', () => net.createServer({ keepAliveInitialDelay: '1' as never }))
    attempt('mark', () => net.createServer({ highWaterMark: 'x' as never }))
    attempt('negative mark', () =>
      log('mark', (net.createServer({ highWaterMark: -1 }) as never as { highWaterMark: number }).highWaterMark),
    )
  },
  'what a Socket takes for its options': ({ net, attempt }) => {
    for (const options of [
      { objectMode: true },
      { readableObjectMode: true },
      { writableObjectMode: true },
      { keepAliveInitialDelay: 'x' },
      { fd: -1 },
      { fd: 'x' },
      { fd: 1.5 },
      { fd: 999 },
      { signal: 1 },
      { signal: {} },
      -1,
    ]) {
      attempt(`socket of ${JSON.stringify(options)}`, () => new net.Socket(options as never).readyState)
    }
  },
  'the defaults of automatic family selection': ({ net, log, attempt }) => {
    log('family', net.getDefaultAutoSelectFamily())
    attempt('wrong', () => net.setDefaultAutoSelectFamily(1 as never))
    net.setDefaultAutoSelectFamily(false)
    log('family', net.getDefaultAutoSelectFamily())
    net.setDefaultAutoSelectFamily(true)
    const before = net.getDefaultAutoSelectFamilyAttemptTimeout()
    log('timeout', before)
    for (const value of [0, -1, 'x', 1.5, Number.NaN, 1]) {
      attempt(`wait ${value}`, () => net.setDefaultAutoSelectFamilyAttemptTimeout(value as never))
    }
    log('timeout', net.getDefaultAutoSelectFamilyAttemptTimeout())
    net.setDefaultAutoSelectFamilyAttemptTimeout(before)
  },
  'BlockList and SocketAddress are there': ({ net, log }) => {
    const list = new net.BlockList()
    list.addAddress('127.0.0.1')
    log('check', list.check('127.0.0.1'), list.check('127.0.0.2'))
    log('address', new net.SocketAddress({ address: '::1', family: 'ipv6', port: 8080 }).port)
  },
  'setters of a socket that has no connection yet': ({ net, log, attempt }) => {
    const socket = new net.Socket()
    log(
      'self',
      socket.setNoDelay() === socket,
      socket.setKeepAlive(true, 1000) === socket,
      socket.setTimeout(0) === socket,
    )
    log(
      'self',
      socket.ref() === socket,
      socket.unref() === socket,
      socket.pause() === socket,
      socket.resume() === socket,
    )
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY, '100', null, undefined, {}]) {
      attempt(`timeout ${value}`, () => socket.setTimeout(value as never))
    }
    attempt('callback', () => socket.setTimeout(10, 'x' as never))
    attempt('callback', () => socket.setTimeout(0, 1 as never))
    log('timeout', socket.timeout)
    socket.setTimeout(0)
  },
  'a timeout that is too long': async ({ net, turns }) => {
    const socket = new net.Socket()
    socket.setTimeout(2 ** 40)
    await turns()
    socket.setTimeout(0)
  },
}

const METHODS = {
  Socket: ['connect', 'end', 'destroySoon', 'resetAndDestroy', 'setTimeout', 'setNoDelay', 'address', 'ref', 'unref'],
  Server: ['listen', 'close', 'address', 'getConnections', 'ref', 'unref'],
} as const

differential('net: the module', programs, { net: netFor })

it('has everything that the module of this Node has', () => {
  const ours = netFor(new Stack()) as unknown as Record<string, unknown>
  const missing = Object.keys(nodeNet).filter((name) => !(name in ours))
  // What cluster and worker threads alone call.
  const internal = ['_createServerHandle', '_TransferredBoundSocket']
  expect(missing.filter((name) => !internal.includes(name))).toEqual([])
})

it.each(['Socket', 'Server'] as const)('has all properties of %s of this Node', (name) => {
  const own = netFor(new Stack())[name].prototype as object
  const missing = Object.getOwnPropertyNames(nodeNet[name].prototype).filter((one) => !(one in own))
  const internal = { Socket: ['_handle', '_onTimeout'], Server: ['_listen2', '_setupWorker'] }[name]
  expect(missing.filter((one) => !internal.includes(one))).toEqual([])
})

it('is the same module for the same provider', () => {
  const stack = new Stack()
  expect(netFor(stack)).toBe(netFor(stack))
  expect(netFor(stack)).not.toBe(netFor(new Stack()))
})
