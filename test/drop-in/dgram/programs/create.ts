import { AsyncLocalStorage } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import { EventEmitter, once } from 'node:events'
import { inherits } from 'node:util'
import type { Programs } from '../../harness.ts'

export const createPrograms: Programs = {
  'types that there are not': ({ dgram, attempt }) => {
    for (const type of ['udp', 'tcp4', '', undefined, null, 5, {}, { type: 'udp5' }, [], true, Symbol.iterator]) {
      attempt(String(JSON.stringify(type)), () => dgram.createSocket(type as never))
    }
  },
  'types that there are': ({ dgram, log }) => {
    for (const type of ['udp4', 'udp6', { type: 'udp4' }, { type: 'udp6' }] as const) {
      const socket = dgram.createSocket(type as never)
      log('type', (socket as unknown as { type: string }).type, socket instanceof dgram.Socket)
      log('an emitter', socket instanceof EventEmitter, Object.keys(socket))
      socket.close()
    }
  },
  'wrong options': ({ dgram, attempt }) => {
    const wrong: readonly object[] = [
      { lookup: 5 },
      { lookup: null },
      { lookup: 'x' },
      { recvBufferSize: 'x' },
      { recvBufferSize: -1 },
      { recvBufferSize: 1.5 },
      { recvBufferSize: Number.POSITIVE_INFINITY },
      { recvBufferSize: 2 ** 32 },
      { sendBufferSize: {} },
      { sendBufferSize: -5 },
      { signal: 5 },
      { signal: null },
      { signal: {} },
      { signal: 'x' },
    ]
    for (const options of wrong) {
      attempt(JSON.stringify(options), () => dgram.createSocket({ type: 'udp4', ...options } as never))
    }
  },
  'options that say nothing': ({ dgram, log }) => {
    for (const options of [
      { recvBufferSize: 0 },
      { sendBufferSize: null },
      { recvBufferSize: '' },
      { lookup: undefined },
      { signal: undefined },
      { reuseAddr: undefined },
    ]) {
      const socket = dgram.createSocket({ type: 'udp4', ...options } as never)
      log('made', Object.keys(options))
      socket.close()
    }
  },
  'the listener hears messages, if it is a function': ({ dgram, log }) => {
    for (const listener of [() => {}, undefined, null, 5, {}]) {
      const socket = dgram.createSocket('udp4', listener as never)
      log('listeners', socket.listenerCount('message'))
      socket.close()
    }
  },
  'the class': ({ dgram, log }) => {
    const { Socket } = dgram
    log('name', Socket.name, Socket.length, Object.getPrototypeOf(Socket) === EventEmitter)
    log('prototype', Object.getPrototypeOf(Socket.prototype) === EventEmitter.prototype)
    const theirs = [
      'bind',
      'connect',
      'disconnect',
      'sendto',
      'send',
      'close',
      'address',
      'remoteAddress',
      'setBroadcast',
      'setTTL',
      'setMulticastTTL',
      'setMulticastLoopback',
      'setMulticastInterface',
      'addMembership',
      'dropMembership',
      'addSourceSpecificMembership',
      'dropSourceSpecificMembership',
      'ref',
      'unref',
      'setRecvBufferSize',
      'setSendBufferSize',
      'getRecvBufferSize',
      'getSendBufferSize',
      'getSendQueueSize',
      'getSendQueueCount',
    ]
    for (const name of theirs) {
      const { value, ...flags } = Object.getOwnPropertyDescriptor(Socket.prototype, name) ?? {}
      log(name, typeof value, flags)
    }
    log('disposes', typeof Socket.prototype[Symbol.asyncDispose])
    log('own constructor', Socket.prototype.constructor === Socket)
  },
  'with new, without, and by heirs': async ({ dgram, log, attempt }) => {
    const Socket = dgram.Socket as unknown as new (type: unknown, listener?: unknown) => EventEmitter & { type: string }
    const made = new Socket('udp4', () => {})
    log('new', made.type, made.listenerCount('message'))
    ;(made as never as { close(): void }).close()
    attempt('called', () => (Socket as unknown as (type: string) => void)('udp4'))
    class Heir extends Socket {
      constructor() {
        super('udp6')
      }
    }
    const heir = new Heir()
    log('heir', heir.type, heir instanceof dgram.Socket)
    ;(heir as never as { close(): void }).close()
    function Old(this: object): void {
      Reflect.apply(Socket, this, ['udp4'])
    }
    inherits(Old, Socket)
    const old = new (Old as unknown as new () => InstanceType<typeof Socket>)()
    log('old', old.type, old instanceof dgram.Socket)
    ;(old as never as { close(): void }).close()
    await once(old, 'close')
  },
  'tracers hear of sockets': ({ dgram, log }) => {
    const opened = channel('udp.socket')
    const hear = (message: unknown) => log('opened', Object.keys(message as object))
    opened.subscribe(hear)
    const socket = dgram.createSocket('udp4')
    opened.unsubscribe(hear)
    socket.close()
  },
  'a signal closes': async ({ dgram, log, heard, turns }) => {
    const controller = new AbortController()
    const socket = dgram.createSocket({ type: 'udp4', signal: controller.signal })
    heard(socket, 'close', 'error', 'listening')
    log('listeners', socket.listenerCount('close'))
    socket.bind(0)
    await once(socket, 'listening')
    controller.abort()
    log('aborted')
    await turns()
    controller.abort()
  },
  'a signal that was aborted before': async ({ dgram, log, heard, turns, attempt }) => {
    const socket = dgram.createSocket({ type: 'udp4', signal: AbortSignal.abort() })
    heard(socket, 'close', 'error')
    attempt('bind', () => socket.bind(0))
    await turns()
    log('over')
  },
  'a signal after the socket is closed': async ({ dgram, log, heard, turns }) => {
    const controller = new AbortController()
    const socket = dgram.createSocket({ type: 'udp4', signal: controller.signal })
    heard(socket, 'close', 'error')
    socket.close()
    await turns()
    controller.abort()
    await turns()
    log('listeners', socket.listenerCount('close'))
  },
  'context: each listener runs in that of the socket': async ({ dgram, log }) => {
    const store = new AsyncLocalStorage<string>()
    const receiver = store.run('made', () => dgram.createSocket('udp4'))
    receiver.on('message', (data) => log(`message ${data}`, store.getStore()))
    receiver.on('listening', () => log('listening', store.getStore()))
    receiver.on('close', () => log('close', store.getStore()))
    store.run('bound', () => receiver.bind(0, '127.0.0.1', () => log('bind callback', store.getStore())))
    await once(receiver, 'listening')
    const sender = store.run('sender', () => dgram.createSocket('udp4'))
    sender.on('connect', () => log('connect', store.getStore()))
    const { port } = receiver.address()
    const sent = new Promise<void>((resolve) => {
      store.run('sent', () => {
        sender.send('one', port, '127.0.0.1', () => {
          log('send callback', store.getStore())
          resolve()
        })
      })
    })
    await Promise.all([sent, once(receiver, 'message')])
    store.run('connected', () => sender.connect(port, '127.0.0.1'))
    await once(sender, 'connect')
    const heard = once(receiver, 'message')
    store.run('sent again', () => sender.send('two', () => log('send callback', store.getStore())))
    await heard
    store.run('closed', () => receiver.close())
    await once(receiver, 'close')
    sender.close()
  },
}
