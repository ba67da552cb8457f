import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Program, Programs } from '../../harness.ts'
import { messages, receiverOf } from './send.ts'

type Call = (...args: unknown[]) => unknown

const VALUES: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  'x',
  '5',
  {},
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  0,
  1,
  1.5,
  64,
  255,
  256,
  1000,
]

/** Each method with every value, on a socket that is unbound, bound, and closed. */
function everyValue(methods: readonly string[], type: 'udp4' | 'udp6'): Program {
  return async ({ dgram, attempt }) => {
    const socket = dgram.createSocket(type)
    const call = (name: string, value: unknown) => ((socket as never)[name] as Call).call(socket, value)
    const all = (state: string) => {
      for (const name of methods) {
        for (const value of VALUES) attempt(`${state} ${name} ${String(value)}`, () => call(name, value))
      }
    }
    all('unbound')
    socket.bind(0, type === 'udp4' ? '127.0.0.1' : '::1')
    await once(socket, 'listening')
    all('bound')
    socket.close()
    all('closed')
  }
}

const bound = async (socket: Socket) => {
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

export const optionPrograms: Programs = {
  'setTTL of udp4': everyValue(['setTTL'], 'udp4'),
  'setTTL of udp6': everyValue(['setTTL'], 'udp6'),
  'setMulticastTTL of udp4': everyValue(['setMulticastTTL'], 'udp4'),
  'setMulticastTTL of udp6': everyValue(['setMulticastTTL'], 'udp6'),
  'setMulticastLoopback of udp4': everyValue(['setMulticastLoopback'], 'udp4'),
  'setMulticastLoopback of udp6': everyValue(['setMulticastLoopback'], 'udp6'),
  'setBroadcast of udp4': everyValue(['setBroadcast'], 'udp4'),
  'setBroadcast of udp6': everyValue(['setBroadcast'], 'udp6'),
  'buffer sizes that cannot be': async ({ dgram, attempt }) => {
    const wrong = [undefined, null, true, 'x', {}, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 32]
    const socket = dgram.createSocket('udp4')
    const all = (state: string) => {
      for (const name of ['setRecvBufferSize', 'setSendBufferSize']) {
        for (const size of wrong) {
          attempt(`${state} ${name} ${String(size)}`, () => ((socket as never)[name] as Call).call(socket, size))
        }
      }
    }
    all('unbound')
    attempt('unbound', () => socket.setRecvBufferSize(5000))
    attempt('unbound', () => socket.setSendBufferSize(5000))
    attempt('unbound', () => socket.getRecvBufferSize())
    attempt('unbound', () => socket.getSendBufferSize())
    await bound(socket)
    all('bound')
    socket.close()
    all('closed')
    attempt('closed', () => socket.getRecvBufferSize())
    attempt('closed', () => socket.getSendBufferSize())
    attempt('closed', () => socket.getSendQueueSize())
    attempt('closed', () => socket.getSendQueueCount())
  },
  'buffer sizes': async ({ dgram, log, attempt }) => {
    const socket = await bound(dgram.createSocket('udp4'))
    attempt('set', () => socket.setRecvBufferSize(10000))
    attempt('set', () => socket.setSendBufferSize(12000))
    // Linux keeps twice what it was told.
    log('sizes', socket.getRecvBufferSize(), socket.getSendBufferSize())
    attempt('set', () => socket.setRecvBufferSize(0))
    attempt('set', () => socket.setRecvBufferSize(1))
    attempt('set', () => socket.setSendBufferSize(1))
    log('least', socket.getRecvBufferSize(), socket.getSendBufferSize())
    socket.close()
  },
  'buffer sizes as options': async ({ dgram, log }) => {
    const socket = await bound(dgram.createSocket({ type: 'udp4', recvBufferSize: 10000, sendBufferSize: 12000 }))
    log('sizes', socket.getRecvBufferSize(), socket.getSendBufferSize())
    socket.close()
  },
  'buffer sizes as options that are too large': async ({ dgram, log, turns, heard }) => {
    const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 2 ** 31 })
    heard(socket, 'error', 'listening')
    socket.bind(0, '127.0.0.1')
    await turns()
    log('over')
    socket.close()
  },
  'ref and unref': async ({ dgram, log }) => {
    const socket = dgram.createSocket('udp4')
    log('unbound', socket.ref() === socket, socket.unref() === socket, socket.ref() === socket)
    await bound(socket)
    log('bound', socket.unref() === socket, socket.ref() === socket)
    socket.close()
    log('closed', socket.unref() === socket, socket.ref() === socket)
  },
  'an unref that is ahead of bind does not keep from hearing': async (bench) => {
    const { dgram, log } = bench
    const socket = dgram.createSocket('udp4', (data) => log('message', data))
    socket.unref()
    await bound(socket)
    const sender = await receiverOf(bench)
    const arrived = messages(socket, 1)
    sender.send('x', socket.address().port, '127.0.0.1')
    await arrived
    sender.close()
    socket.close()
  },
  'broadcast is refused until it is allowed': async ({ dgram, log, attempt }) => {
    const socket = await bound(dgram.createSocket('udp4'))
    const sent = () =>
      new Promise<void>((resolve) => {
        socket.send('x', 9, '255.255.255.255', (error) => {
          log('sent', (error as NodeJS.ErrnoException | null)?.code === 'EACCES')
          resolve()
        })
      })
    await sent()
    attempt('setBroadcast', () => socket.setBroadcast(true))
    await sent()
    socket.close()
  },
  'addresses of what is not bound': ({ dgram, attempt }) => {
    for (const type of ['udp4', 'udp6'] as const) {
      const socket = dgram.createSocket(type)
      attempt('address', () => socket.address())
      attempt('remoteAddress', () => socket.remoteAddress())
      socket.close()
      attempt('address', () => socket.address())
      attempt('remoteAddress', () => socket.remoteAddress())
    }
  },
}
