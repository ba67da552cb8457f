import { once } from 'node:events'
import type { Programs } from '../../harness.ts'
import { messages, receiverOf } from './send.ts'

type Connect = (...args: unknown[]) => unknown

export const connectPrograms: Programs = {
  'every form': async (bench) => {
    const { dgram, log, heard } = bench
    const receiver = await receiverOf(bench)
    const { port } = receiver.address()
    const forms: readonly unknown[][] = [
      [port],
      [port, '127.0.0.1'],
      [port, ''],
      [port, 'localhost'],
      [String(port)],
      [port, undefined],
    ]
    for (const form of forms) {
      for (const called of [false, true]) {
        const socket = dgram.createSocket('udp4')
        heard(socket, 'listening', 'connect', 'error')
        const connected = once(socket, 'connect')
        const args = called ? [...form, (...values: unknown[]) => log('callback', ...values)] : form
        log('returns', (socket.connect as Connect).apply(socket, args))
        await connected
        log('listeners', socket.listenerCount('connect'))
        log('peer', socket.remoteAddress())
        socket.close()
      }
    }
    receiver.close()
  },
  'arguments that cannot be': ({ dgram, attempt }) => {
    const socket = dgram.createSocket('udp4')
    for (const form of [[], [0], [-1], [65536], ['x'], [null], [{}], [1.5], [1, 5], [1, null], [1, {}], [1, true]]) {
      attempt(JSON.stringify(form), () => (socket.connect as Connect).apply(socket, form))
    }
    attempt('remoteAddress', () => socket.remoteAddress())
    attempt('disconnect', () => socket.disconnect())
    socket.close()
    attempt('remoteAddress when closed', () => socket.remoteAddress())
    attempt('disconnect when closed', () => socket.disconnect())
  },
  twice: async (bench) => {
    const { dgram, attempt } = bench
    const receiver = await receiverOf(bench)
    const { port } = receiver.address()
    const socket = dgram.createSocket('udp4')
    socket.connect(port)
    attempt('while it connects', () => socket.connect(port))
    await once(socket, 'connect')
    attempt('when connected', () => socket.connect(port))
    attempt('and with a wrong port', () => socket.connect(0))
    socket.close()
    receiver.close()
  },
  'close while it connects': async (bench) => {
    const { dgram, heard, turns } = bench
    const receiver = await receiverOf(bench)
    const socket = dgram.createSocket('udp4')
    heard(socket, 'listening', 'connect', 'close', 'error')
    socket.connect(receiver.address().port)
    socket.close()
    await turns()
    receiver.close()
  },
  'disconnect, and connect to another': async (bench) => {
    const { dgram, log, attempt } = bench
    const one = await receiverOf(bench)
    const two = await receiverOf(bench)
    const socket = dgram.createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    socket.connect(one.address().port)
    await once(socket, 'connect')
    log('peer', socket.remoteAddress(), socket.address())
    attempt('disconnect', () => socket.disconnect())
    attempt('remoteAddress', () => socket.remoteAddress())
    attempt('disconnect', () => socket.disconnect())
    attempt('send', () => socket.send('x'))
    const third = messages(one, 1)
    socket.send('to one', one.address().port, '127.0.0.1')
    await third
    socket.connect(two.address().port)
    await once(socket, 'connect')
    const fourth = messages(two, 1)
    socket.send('to two')
    await fourth
    socket.close()
    one.close()
    two.close()
  },
  'send on a connected socket': async (bench) => {
    const { dgram, log, attempt } = bench
    const receiver = await receiverOf(bench)
    const { port } = receiver.address()
    const socket = dgram.createSocket('udp4')
    socket.connect(port)
    await once(socket, 'connect')
    const send = socket.send.bind(socket) as (...args: unknown[]) => void
    for (const form of [
      ['text'],
      [Buffer.from('octets')],
      [['a', 'b', Buffer.from('c')]],
      [Buffer.from('octets'), 1, 3],
      [[]],
      [''],
      [new Uint16Array([0x4241])],
    ]) {
      const arrived = messages(receiver, 1)
      const called = new Promise<void>((resolve) => {
        send(...form, (...values: unknown[]) => {
          log('sent', ...values)
          resolve()
        })
      })
      await Promise.all([arrived, called])
      const again = messages(receiver, 1)
      send(...form)
      await again
    }
    for (const form of [
      ['x', port],
      ['x', port, '127.0.0.1'],
      ['x', 0, 1, port],
      ['x', 0, 1, port, '127.0.0.1'],
      ['x', 0, 1, null, '127.0.0.1'],
      ['x', 0, 1, undefined, 'y'],
      [5],
      [null],
      [[5]],
      ['x', 0, 2],
      ['x', 2, 1],
      ['x', 5, '127.0.0.1', () => {}],
    ]) {
      attempt(JSON.stringify(form).replace(String(port), 'port'), () => send(...form))
    }
    await bench.turns()
    socket.close()
    receiver.close()
  },
  'sent before it is connected': async (bench) => {
    const { dgram, attempt, log, turns } = bench
    const receiver = await receiverOf(bench)
    const { port } = receiver.address()
    const socket = dgram.createSocket('udp4')
    socket.connect(port, () => log('connected'))
    attempt('to the peer', () => socket.send('x'))
    attempt('to an address', () => socket.send('x', port, '127.0.0.1', (...values) => log('sent', ...values)))
    await once(socket, 'connect')
    await turns()
    socket.close()
    receiver.close()
  },
  'only the peer is heard': async (bench) => {
    const { dgram, log, turns } = bench
    const peer = await receiverOf(bench)
    const other = await receiverOf(bench)
    const socket = dgram.createSocket('udp4', (data, from) => log('heard', data, from))
    socket.connect(peer.address().port)
    await once(socket, 'connect')
    const { port } = socket.address()
    other.send('from another', port, '127.0.0.1')
    await turns()
    const arrived = messages(socket, 1)
    peer.send('from the peer', port, '127.0.0.1')
    await arrived
    for (const one of [peer, other, socket]) one.close()
  },
  'a peer that refuses': async (bench) => {
    const { dgram, heard, log, turns } = bench
    const peer = await receiverOf(bench)
    const { port } = peer.address()
    peer.close()
    await once(peer, 'close')
    const socket = dgram.createSocket('udp4')
    heard(socket, 'error', 'message')
    socket.connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const failed = once(socket, 'error')
    socket.send('x', (...values: unknown[]) => log('sent', ...values))
    await failed
    await turns()
    // It lives on.
    const again = once(socket, 'error')
    socket.send('y')
    await again
    socket.close()
  },
  'an unconnected socket hears no refusal': async (bench) => {
    const { dgram, heard, log, turns } = bench
    const peer = await receiverOf(bench)
    const { port } = peer.address()
    peer.close()
    await once(peer, 'close')
    const socket = dgram.createSocket('udp4')
    heard(socket, 'error')
    socket.send('x', port, '127.0.0.1', (...values: unknown[]) => log('sent', ...values))
    await turns()
    socket.send('y', port, '127.0.0.1', (...values: unknown[]) => log('sent', ...values))
    await turns()
    socket.close()
  },
  'an address of the other version': async ({ dgram, heard, log, turns }) => {
    const socket = dgram.createSocket('udp4')
    heard(socket, 'error', 'connect')
    socket.connect(9, '::1')
    await turns()
    socket.connect(9, '::1', (...values: unknown[]) => log('callback', ...values))
    await turns()
    log('listeners', socket.listenerCount('connect'))
    socket.close()
  },
  'a lookup that fails': async ({ dgram, heard, log, turns }) => {
    const lookup = (name: string, _: number, callback: (error: Error | null, address?: string) => void) => {
      if (name === '0.0.0.0') callback(null, name)
      else callback(Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' }))
    }
    const socket = dgram.createSocket({ type: 'udp4', lookup: lookup as never })
    heard(socket, 'error', 'connect')
    socket.connect(9, 'one.test', (...values: unknown[]) => log('callback', ...values))
    await turns()
    socket.connect(9, 'two.test')
    await turns()
    log('listeners', socket.listenerCount('connect'))
    socket.close()
  },
  udp6: async (bench) => {
    const { dgram, log } = bench
    const receiver = await receiverOf(bench, 'udp6')
    const socket = dgram.createSocket('udp6')
    socket.connect(receiver.address().port)
    await once(socket, 'connect')
    log('peer', socket.remoteAddress(), socket.address())
    const arrived = messages(receiver, 1)
    socket.send('six')
    await arrived
    socket.close()
    receiver.close()
  },
}
