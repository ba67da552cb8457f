import { once } from 'node:events'
import type { Programs } from '../../harness.ts'

export const closePrograms: Programs = {
  'close of what is not bound': async ({ dgram, log, heard }) => {
    const socket = dgram.createSocket('udp4')
    heard(socket, 'close', 'error', 'listening')
    process.nextTick(() => log('tick before'))
    log(
      'returns itself',
      socket.close(function callback(this: unknown, ...values: unknown[]) {
        log('callback', values, this === socket)
      } as () => void) === socket,
    )
    process.nextTick(() => log('tick after'))
    void Promise.resolve().then(() => log('microtask'))
    log('returned')
    await once(socket, 'close')
    log('listeners', socket.listenerCount('close'))
  },
  'close twice': async ({ dgram, attempt, turns, log }) => {
    const socket = dgram.createSocket('udp4')
    socket.bind(0)
    await once(socket, 'listening')
    socket.close(() => log('first'))
    attempt('again', () => socket.close(() => log('second')))
    await turns()
    attempt('later', () => socket.close())
  },
  'close with what is no function': async ({ dgram, attempt, turns }) => {
    for (const callback of [undefined, null, 5, 'x', {}]) {
      const socket = dgram.createSocket('udp4')
      attempt('close', () => socket.close(callback as never) === socket)
      await turns(1)
    }
  },
  'every method of what is closed': async ({ dgram, attempt }) => {
    const socket = dgram.createSocket('udp4')
    socket.bind(0)
    await once(socket, 'listening')
    socket.close()
    const calls: Readonly<Record<string, unknown[]>> = {
      bind: [0],
      connect: [1],
      disconnect: [],
      send: ['x', 1],
      close: [],
      address: [],
      remoteAddress: [],
      setBroadcast: [true],
      setTTL: [5],
      setMulticastTTL: [5],
      setMulticastLoopback: [true],
      setMulticastInterface: ['127.0.0.1'],
      addMembership: ['224.0.0.1'],
      dropMembership: ['224.0.0.1'],
      addSourceSpecificMembership: ['127.0.0.1', '232.0.0.1'],
      dropSourceSpecificMembership: ['127.0.0.1', '232.0.0.1'],
      setRecvBufferSize: [5000],
      setSendBufferSize: [5000],
      getRecvBufferSize: [],
      getSendBufferSize: [],
      getSendQueueSize: [],
      getSendQueueCount: [],
    }
    for (const [name, args] of Object.entries(calls)) {
      attempt(name, () => ((socket as never)[name] as (...args: unknown[]) => unknown).apply(socket, args))
    }
  },
  'every method of what was never bound and is closed': async ({ dgram, attempt }) => {
    const socket = dgram.createSocket('udp4')
    socket.close()
    attempt('connect', () => socket.connect(1))
    attempt('setMulticastInterface', () => socket.setMulticastInterface('127.0.0.1'))
    attempt('addMembership', () => socket.addMembership('224.0.0.1'))
    attempt('addMembership', () => socket.addMembership(''))
    await once(socket, 'close')
  },
  'disposed of': async ({ dgram, log, heard }) => {
    const socket = dgram.createSocket('udp4')
    heard(socket, 'close')
    socket.bind(0)
    await once(socket, 'listening')
    log('disposes to', await socket[Symbol.asyncDispose]())
    log('disposed')
    log('again', await socket[Symbol.asyncDispose]())
  },
  'a close listener that throws': async ({ dgram, turns }) => {
    const socket = dgram.createSocket('udp4')
    socket.on('close', () => {
      throw new Error('thrown')
    })
    socket.close()
    await turns()
  },
  'close in the listener of listening': async ({ dgram, log, heard, turns }) => {
    const socket = dgram.createSocket('udp4')
    heard(socket, 'close', 'listening')
    socket.on('listening', () => socket.close())
    socket.on('listening', () => log('the next listener'))
    socket.bind(0)
    await turns()
  },
}
