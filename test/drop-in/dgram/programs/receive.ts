import type { RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import type { Programs } from '../../harness.ts'
import { messages, receiverOf } from './send.ts'

export const receivePrograms: Programs = {
  'between two messages all that is deferred runs': async ({ dgram, log }) => {
    const receiver = dgram.createSocket('udp4')
    receiver.on('message', (data) => {
      log(`message ${data}`)
      process.nextTick(() => {
        log(`tick ${data}`)
        void Promise.resolve().then(() => log(`microtask of tick ${data}`))
      })
      void Promise.resolve().then(() => {
        log(`microtask ${data}`)
        process.nextTick(() => log(`tick of microtask ${data}`))
      })
    })
    receiver.bind(0, '127.0.0.1')
    await once(receiver, 'listening')
    const sender = dgram.createSocket('udp4')
    sender.bind(0, '127.0.0.1')
    await once(sender, 'listening')
    const arrived = messages(receiver, 5)
    for (let i = 0; i < 5; i++) sender.send(`${i}`, receiver.address().port, '127.0.0.1')
    await arrived
    sender.close()
    receiver.close()
  },
  'many, in order': async ({ dgram, log }) => {
    const receiver = dgram.createSocket('udp4')
    const got: string[] = []
    receiver.on('message', (data) => got.push(String(data)))
    receiver.bind(0, '127.0.0.1')
    await once(receiver, 'listening')
    const sender = dgram.createSocket('udp4')
    const arrived = messages(receiver, 100)
    for (let i = 0; i < 100; i++) sender.send(`${i}`, receiver.address().port, '127.0.0.1')
    await arrived
    log('got', got.join(' '))
    sender.close()
    receiver.close()
  },
  'nothing comes after close, even of what has arrived': async ({ dgram, log, turns }) => {
    const receiver = dgram.createSocket('udp4')
    receiver.on('close', () => log('close'))
    receiver.on('message', (data) => {
      log('message', data)
      receiver.close()
    })
    receiver.bind(0, '127.0.0.1')
    await once(receiver, 'listening')
    const sender = dgram.createSocket('udp4')
    const { port } = receiver.address()
    for (let i = 0; i < 5; i++) sender.send(`${i}`, port, '127.0.0.1')
    await once(receiver, 'close')
    await turns()
    sender.close()
  },
  'a listener that throws, and what follows': async ({ dgram, log, turns }) => {
    const receiver = dgram.createSocket('udp4')
    let count = 0
    receiver.on('message', (data) => {
      log('message', data)
      count++
      if (count === 1) throw new Error('thrown')
    })
    receiver.bind(0, '127.0.0.1')
    await once(receiver, 'listening')
    const sender = dgram.createSocket('udp4')
    const { port } = receiver.address()
    for (let i = 0; i < 3; i++) sender.send(`${i}`, port, '127.0.0.1')
    await turns(6)
    sender.close()
    receiver.close()
  },
  'the buffer is the datagram alone': async ({ dgram, log }) => {
    const receiver = dgram.createSocket('udp4')
    receiver.on('message', (data: Buffer, from: RemoteInfo) => {
      log('buffer', data.byteOffset, data.buffer.byteLength, data.length, Buffer.isBuffer(data))
      log('from', Object.keys(from), from)
    })
    receiver.bind(0, '127.0.0.1')
    await once(receiver, 'listening')
    const sender = dgram.createSocket('udp4')
    for (const length of [0, 1, 5, 1500, 9000, 65507]) {
      const arrived = messages(receiver, 1)
      sender.send(Buffer.alloc(length), receiver.address().port, '127.0.0.1')
      await arrived
    }
    sender.close()
    receiver.close()
  },
  'an echo': async (bench) => {
    const { dgram, log } = bench
    const server = dgram.createSocket('udp4')
    server.on('message', (data, from) => server.send(data, from.port, from.address))
    server.bind(0, '127.0.0.1')
    await once(server, 'listening')
    const client = await receiverOf(bench)
    for (let i = 0; i < 10; i++) {
      const arrived = messages(client, 1)
      client.send(`round ${i}`, server.address().port, '127.0.0.1')
      await arrived
    }
    log('over')
    client.close()
    server.close()
  },
  'a message to oneself': async (bench) => {
    const socket = await receiverOf(bench)
    const arrived = messages(socket, 1)
    socket.send('mine', socket.address().port)
    await arrived
    socket.close()
  },
  'listeners that come later hear later messages': async (bench) => {
    const { dgram, log, turns } = bench
    const receiver = dgram.createSocket('udp4')
    receiver.bind(0, '127.0.0.1')
    await once(receiver, 'listening')
    const sender = dgram.createSocket('udp4')
    sender.send('unheard', receiver.address().port, '127.0.0.1')
    await turns()
    receiver.on('message', (data) => log('message', data))
    const arrived = messages(receiver, 1)
    sender.send('heard', receiver.address().port, '127.0.0.1')
    await arrived
    sender.close()
    receiver.close()
  },
  'an unbound socket with a listener hears nothing, and binds nothing': async ({ dgram, attempt, turns }) => {
    const socket = dgram.createSocket('udp4', () => {})
    await turns()
    attempt('address', () => socket.address())
    socket.close()
  },
}
