// What newer Nodes have and older have not: it is the same on all here, and compared where Node has it too (test `newest`).

import { once } from 'node:events'
import type { Programs } from '../../harness.ts'
import { messages, receiverOf } from './send.ts'

interface Newest {
  bindSync(options?: unknown): unknown
  connectSync(port?: unknown, address?: unknown): unknown
}

export const newestPrograms: Programs = {
  bindSync: async ({ dgram, log, heard, attempt, forgetPorts }) => {
    for (const options of [undefined, {}, { port: 0 }, { address: '127.0.0.1' }, { port: '0', address: '127.0.0.1' }]) {
      forgetPorts()
      const socket = dgram.createSocket('udp4') as never as Newest & ReturnType<typeof dgram.createSocket>
      heard(socket, 'listening', 'close')
      attempt('bindSync', () => socket.bindSync(options))
      attempt('address', () => socket.address())
      log('before listening')
      await once(socket, 'listening')
      attempt('again', () => socket.bindSync())
      socket.close()
      attempt('closed', () => socket.bindSync())
    }
    const six = dgram.createSocket('udp6') as never as Newest & ReturnType<typeof dgram.createSocket>
    attempt('six', () => six.bindSync())
    six.close()
  },
  'bindSync with what cannot be': async ({ dgram, attempt }) => {
    const socket = dgram.createSocket('udp4') as never as Newest & ReturnType<typeof dgram.createSocket>
    for (const options of [
      null,
      5,
      'x',
      [],
      { port: -1 },
      { port: 65536 },
      { port: 'x' },
      { port: {} },
      { address: 5 },
      { address: 'localhost' },
      { address: '::1' },
      { address: '192.0.2.77' },
    ]) {
      attempt(JSON.stringify(options), () => socket.bindSync(options))
    }
    const taken = dgram.createSocket('udp4')
    taken.bind(0, '127.0.0.1')
    await once(taken, 'listening')
    attempt('taken', () => socket.bindSync({ port: taken.address().port, address: '127.0.0.1' }))
    attempt('free', () => socket.bindSync())
    socket.close()
    taken.close()
  },
  'bindSync, and closed at once': async ({ dgram, heard, turns }) => {
    const socket = dgram.createSocket('udp4') as never as Newest & ReturnType<typeof dgram.createSocket>
    heard(socket, 'listening', 'close')
    socket.bindSync()
    socket.close()
    await turns()
  },
  connectSync: async (bench) => {
    const { dgram, log, heard, attempt } = bench
    const receiver = await receiverOf(bench)
    const { port } = receiver.address()
    for (const args of [[port], [port, '127.0.0.1'], [String(port), ''], [port, null]]) {
      const socket = dgram.createSocket('udp4') as never as Newest & ReturnType<typeof dgram.createSocket>
      heard(socket, 'listening', 'connect', 'close')
      attempt('connectSync', () => socket.connectSync(...args))
      attempt('peer', () => socket.remoteAddress())
      log('before connect')
      const arrived = messages(receiver, 1)
      socket.send('x')
      await arrived
      attempt('again', () => socket.connectSync(port))
      socket.close()
      attempt('closed', () => socket.connectSync(port))
    }
    receiver.close()
  },
  'connectSync with what cannot be': async ({ dgram, attempt, turns }) => {
    const socket = dgram.createSocket('udp4') as never as Newest & ReturnType<typeof dgram.createSocket>
    for (const args of [[], [0], [70000], ['x'], [1, 5], [1, {}], [1, 'localhost'], [1, '::1']]) {
      attempt(JSON.stringify(args), () => socket.connectSync(...args))
    }
    const binding = dgram.createSocket('udp4') as never as Newest & ReturnType<typeof dgram.createSocket>
    binding.bind(0)
    attempt('while it binds', () => binding.connectSync(9))
    await turns()
    attempt('bound', () => binding.connectSync(9))
    binding.close()
    socket.close()
  },
  'block lists': async (bench) => {
    const { dgram, net, log, attempt, heard, turns } = bench
    const list = new net.BlockList()
    list.addAddress('127.0.0.1')
    const receiver = await receiverOf(bench)
    const { port } = receiver.address()
    const deaf = dgram.createSocket({ type: 'udp4', receiveBlockList: list } as never, () => log('never'))
    deaf.bind(0, '127.0.0.1')
    await once(deaf, 'listening')
    receiver.send('x', deaf.address().port, '127.0.0.1')
    await turns()
    const mute = dgram.createSocket({ type: 'udp4', sendBlockList: list } as never)
    heard(mute, 'error', 'connect')
    mute.send('x', port, '127.0.0.1', (...values: unknown[]) => log('sent', ...values))
    mute.send('x', port, '127.0.0.1')
    await turns()
    mute.connect(port, '127.0.0.1', (...values: unknown[]) => log('connected', ...values))
    await turns()
    mute.connect(port, '127.0.0.1')
    await turns()
    attempt('connectSync', () => (mute as never as Newest).connectSync(port, '127.0.0.1'))
    for (const wrong of [5, 'x', {}, [], true]) {
      for (const name of ['receiveBlockList', 'sendBlockList']) {
        attempt(`${name} ${String(wrong)}`, () => dgram.createSocket({ type: 'udp4', [name]: wrong } as never))
      }
    }
    for (const socket of [receiver, deaf, mute]) socket.close()
  },
  'reusePort lets two bind to one port': async ({ dgram, log, heard }) => {
    const options = { type: 'udp4', reusePort: true } as never
    const first = dgram.createSocket(options)
    first.bind(0, '127.0.0.1')
    await once(first, 'listening')
    const second = dgram.createSocket(options)
    heard(second, 'error')
    second.bind(first.address().port, '127.0.0.1')
    await once(second, 'listening')
    log('both', first.address(), second.address())
    first.close()
    second.close()
  },
}
