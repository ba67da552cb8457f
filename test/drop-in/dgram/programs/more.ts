import { on, once } from 'node:events'
import { promisify } from 'node:util'
import type { Programs } from '../../harness.ts'
import { messages, receiverOf } from './send.ts'

export const morePrograms: Programs = {
  'a refusal that nobody hears': async (bench) => {
    const { dgram, log, turns } = bench
    const peer = await receiverOf(bench)
    const { port } = peer.address()
    peer.close()
    await once(peer, 'close')
    const socket = dgram.createSocket('udp4')
    socket.connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.send('x')
    await turns(5)
    log('still there', socket.remoteAddress().port === port)
    socket.close()
  },
  'callbacks that send again': async (bench) => {
    const { dgram, log } = bench
    const receiver = await receiverOf(bench)
    const sender = dgram.createSocket('udp4')
    let left = 5
    const again = () => {
      log('sent')
      left--
      if (left > 0) sender.send(`${left}`, receiver.address().port, '127.0.0.1', again)
    }
    const arrived = messages(receiver, 5)
    sender.send('5', receiver.address().port, '127.0.0.1', again)
    await arrived
    sender.close()
    receiver.close()
  },
  'sent in the listener of listening': async (bench) => {
    const { dgram, log } = bench
    const receiver = await receiverOf(bench)
    const sender = dgram.createSocket('udp4')
    const arrived = messages(receiver, 2)
    sender.on('listening', () => {
      sender.send('in the listener', receiver.address().port, '127.0.0.1', () => log('sent in the listener'))
    })
    sender.send('before', receiver.address().port, '127.0.0.1', () => log('sent before'))
    await arrived
    sender.close()
    receiver.close()
  },
  'messages by events.on and once': async (bench) => {
    const { dgram, log } = bench
    const receiver = dgram.createSocket('udp4')
    receiver.bind(0, '127.0.0.1')
    await once(receiver, 'listening')
    const sender = dgram.createSocket('udp4')
    const send = () => sender.send('x', receiver.address().port, '127.0.0.1')
    let left = 3
    send()
    for await (const [data, from] of on(receiver, 'message')) {
      log('message', data, from)
      left--
      if (left === 0) break
      send()
    }
    log('listeners', receiver.listenerCount('message'))
    sender.close()
    receiver.close()
  },
  'methods as promises': async (bench) => {
    const { dgram, log } = bench
    const receiver = await receiverOf(bench)
    const sender = dgram.createSocket('udp4')
    const send = promisify(sender.send.bind(sender) as (...args: unknown[]) => void) as (
      ...args: unknown[]
    ) => Promise<unknown>
    const arrived = messages(receiver, 1)
    log('sent', await send('x', receiver.address().port, '127.0.0.1'))
    await arrived
    log(
      'too long',
      await send(Buffer.alloc(70000), receiver.address().port, '127.0.0.1').catch((error: unknown) => error),
    )
    await promisify(sender.close.bind(sender) as (callback: () => void) => void)()
    receiver.close()
  },
  'octets are taken when they are sent': async (bench) => {
    const { dgram } = bench
    const receiver = await receiverOf(bench)
    const sender = dgram.createSocket('udp4')
    sender.bind(0, '127.0.0.1')
    await once(sender, 'listening')
    const data = Buffer.from('before')
    const arrived = messages(receiver, 2)
    // The address is looked up first, which takes a turn: of both it is what is there by then.
    sender.send(data, receiver.address().port, '127.0.0.1')
    sender.send([data, data], receiver.address().port, '127.0.0.1')
    data.write('after!')
    await arrived
    sender.connect(receiver.address().port)
    await once(sender, 'connect')
    const again = messages(receiver, 1)
    sender.send(data)
    data.write('later!')
    await again
    sender.close()
    receiver.close()
  },
  'a part of a list, and of a string': async (bench) => {
    const { dgram, attempt, turns } = bench
    const receiver = await receiverOf(bench)
    const { port } = receiver.address()
    const sender = dgram.createSocket('udp4')
    const send = sender.send.bind(sender) as (...args: unknown[]) => void
    attempt('list', () => send([Buffer.from('x')], 0, 1, port, '127.0.0.1'))
    attempt('length left out', () => send('text', 1, undefined, port, '127.0.0.1'))
    attempt('offset left out', () => send('text', undefined, 2, port, '127.0.0.1'))
    attempt('offset as text', () => send('text', '1', '2', port, '127.0.0.1'))
    attempt('port as text', () => send('text', 0, 2, String(port), '127.0.0.1'))
    await turns(5)
    sender.close()
    receiver.close()
  },
  'many sockets at once': async (bench) => {
    const { dgram, log } = bench
    const sockets = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = dgram.createSocket('udp4')
        socket.bind(0, '127.0.0.1')
        await once(socket, 'listening')
        return socket
      }),
    )
    const arrived = sockets.map((socket) => once(socket, 'message'))
    sockets.forEach((socket, i) => {
      const next = sockets[(i + 1) % sockets.length]
      if (next !== undefined) socket.send(`${i}`, next.address().port, '127.0.0.1')
    })
    log('all', (await Promise.all(arrived)).map(([data]) => String(data)).join(' '))
    for (const socket of sockets) socket.close()
  },
  'a receive buffer that is too small loses, and goes on': async ({ dgram, log, turns }) => {
    const receiver = dgram.createSocket({ type: 'udp4', recvBufferSize: 2304 })
    let count = 0
    receiver.on('message', () => {
      count++
    })
    receiver.bind(0, '127.0.0.1')
    await once(receiver, 'listening')
    const sender = dgram.createSocket('udp4')
    sender.connect(receiver.address().port)
    await once(sender, 'connect')
    for (let i = 0; i < 200; i++) sender.send(Buffer.alloc(1000))
    await turns(5)
    log('lost some', count > 0 && count < 200)
    const arrived = messages(receiver, 1)
    sender.send('last')
    await arrived
    log('goes on')
    sender.close()
    receiver.close()
  },
  'messages while nobody listens to errors of lookups': async ({ dgram, turns }) => {
    const lookup = (name: string, _: number, callback: (error: Error | null, address?: string) => void) => {
      callback(name === '0.0.0.0' ? null : new Error(`no ${name}`), name)
    }
    const socket = dgram.createSocket({ type: 'udp4', lookup: lookup as never })
    socket.send('x', 9, 'one.test')
    await turns()
    socket.connect(9, 'two.test')
    await turns()
    socket.close()
  },
  'a lookup that throws': async ({ dgram, attempt, turns }) => {
    const lookup = () => {
      throw new Error('thrown')
    }
    const socket = dgram.createSocket({ type: 'udp4', lookup: lookup as never })
    attempt('bind', () => socket.bind(0))
    attempt('bind again', () => socket.bind(0))
    attempt('send', () => socket.send('x', 9, '127.0.0.1'))
    await turns()
    attempt('close', () => void socket.close())
  },
  'connect, and close in its callback': async (bench) => {
    const { dgram, heard, turns } = bench
    const receiver = await receiverOf(bench)
    const socket = dgram.createSocket('udp4')
    heard(socket, 'connect', 'close', 'listening')
    socket.connect(receiver.address().port, () => socket.close())
    await turns()
    receiver.close()
  },
}
