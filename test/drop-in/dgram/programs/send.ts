import type { RemoteInfo, Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Bench, Programs } from '../../harness.ts'

/** A socket that is bound to the loopback and logs what comes. */
export async function receiverOf({ dgram, log }: Bench, type: 'udp4' | 'udp6' = 'udp4'): Promise<Socket> {
  const receiver = dgram.createSocket(type, (data: Buffer, from: RemoteInfo) => log('message', data, from))
  receiver.bind(0, type === 'udp4' ? '127.0.0.1' : '::1')
  await once(receiver, 'listening')
  return receiver
}

/** Until the receiver has had `count` more messages. */
export async function messages(receiver: Socket, count: number): Promise<void> {
  await new Promise<void>((resolve) => {
    let left = count
    const hear = () => {
      left--
      if (left > 0) return
      receiver.off('message', hear)
      resolve()
    }
    receiver.on('message', hear)
  })
}

type Send = (...args: unknown[]) => void

const send = (socket: Socket, ...args: unknown[]) => (socket.send as Send)(...args)

export const sendPrograms: Programs = {
  'every form, to an address': async (bench) => {
    const { dgram, log } = bench
    const receiver = await receiverOf(bench)
    const { port } = receiver.address()
    const sender = dgram.createSocket('udp4')
    sender.bind(0, '127.0.0.1')
    await once(sender, 'listening')
    const data = Buffer.from('octets')
    const forms: readonly unknown[][] = [
      [data, port, '127.0.0.1'],
      [data, port],
      ['text', port, '127.0.0.1'],
      [data, 1, 3, port, '127.0.0.1'],
      [data, 0, 6, port],
      [data, 6, 0, port, '127.0.0.1'],
      ['grüße', 0, 3, port, '127.0.0.1'],
      [[data, ' and ', data], port, '127.0.0.1'],
      [[], port, '127.0.0.1'],
      ['', port, '127.0.0.1'],
      [Buffer.alloc(0), port, '127.0.0.1'],
      [[Buffer.alloc(0), ''], port, '127.0.0.1'],
      [new Uint8Array([65, 66]), port, '127.0.0.1'],
      [new Uint16Array([0x4241, 0x4443]), port, '127.0.0.1'],
      [new DataView(new Uint8Array([97, 98, 99]).buffer, 1), port, '127.0.0.1'],
      [new Uint16Array([0x4241, 0x4443]), 1, 2, port, '127.0.0.1'],
      [[new Uint16Array([0x4241]), new DataView(new ArrayBuffer(1))], port, '127.0.0.1'],
      [data, String(port), '127.0.0.1'],
      [data, port, 'localhost'],
      [data, port, ''],
      [data, port, null],
      [data, port, undefined],
    ]
    for (const form of forms) {
      const arrived = messages(receiver, 1)
      const called = new Promise<void>((resolve) => {
        send(sender, ...form, (...values: unknown[]) => {
          log('sent', ...values)
          resolve()
        })
      })
      await Promise.all([arrived, called])
      const again = messages(receiver, 1)
      send(sender, ...form)
      await again
    }
    sender.close()
    receiver.close()
  },
  'arguments that cannot be': ({ dgram, attempt }) => {
    const socket = dgram.createSocket('udp4')
    const wrong: readonly unknown[][] = [
      [],
      [5],
      [undefined, 1],
      [null, 1, '127.0.0.1'],
      [{}, 1],
      [true, 1],
      [[1], 1],
      [['x', null], 1, '127.0.0.1'],
      [{ length: 1 }, 1],
      ['x'],
      ['x', 0],
      ['x', -1],
      ['x', 65536],
      ['x', 1.5],
      ['x', 'port'],
      ['x', {}],
      ['x', null],
      ['x', () => {}],
      ['x', 1, 5],
      ['x', 1, {}],
      ['x', 1, true],
      ['x', 2, 1, 1, '127.0.0.1'],
      ['x', 0, 2, 1, '127.0.0.1'],
      ['x', -1, 1, 1, '127.0.0.1'],
      ['x', 0, -1, 1],
      [Buffer.alloc(3), 4, 0, 1],
      [Buffer.alloc(3), 1, 3, 1],
      [['x'], 0, 1, 1],
      ['x', 0, 1, 0, '127.0.0.1'],
      ['x', 0, 1, 70000, '127.0.0.1'],
      ['x', 0, 1, 'y', '127.0.0.1'],
      ['x', 0, 1, 1, 5],
      ['x', 0, 1, 1, {}],
    ]
    for (const form of wrong) attempt(JSON.stringify(form), () => send(socket, ...form))
    socket.close()
    attempt('closed', () => send(socket, 'x', 1, '127.0.0.1'))
    attempt('closed and wrong', () => send(socket, 5, 1, '127.0.0.1'))
  },
  sendto: async (bench) => {
    const { dgram, attempt } = bench
    const receiver = await receiverOf(bench)
    const { port } = receiver.address()
    const sender = dgram.createSocket('udp4') as Socket & { sendto: Send }
    const arrived = messages(receiver, 1)
    sender.sendto('octets', 1, 3, port, '127.0.0.1', (error: unknown, count: unknown) =>
      bench.log('sent', error, count),
    )
    await arrived
    for (const form of [
      ['x', '0', 1, 1, 'y'],
      ['x', 0, '1', 1, 'y'],
      ['x', 0, 1, '1', 'y'],
      ['x', 0, 1, 1, 5],
      ['x', 0, 1, 1],
      [5, 0, 1, 1, 'y'],
    ]) {
      attempt(JSON.stringify(form), () => sender.sendto(...form))
    }
    sender.close()
    receiver.close()
  },
  'what is sent before it is bound waits, in order': async (bench) => {
    const { dgram, log, heard } = bench
    const receiver = await receiverOf(bench)
    const { port } = receiver.address()
    const sender = dgram.createSocket('udp4')
    heard(sender, 'listening', 'close')
    const arrived = Promise.all([messages(receiver, 3), once(sender, 'close')])
    sender.send('one', port, '127.0.0.1', (...values: unknown[]) => log('sent one', ...values))
    sender.send('two', port, '127.0.0.1')
    log('listeners', sender.listenerCount('listening'), sender.listenerCount('error'))
    sender.send('three', port, '127.0.0.1', () => {
      log('sent three')
      sender.close()
    })
    log('returned')
    await arrived
    receiver.close()
  },
  'close behind what waits: it is looked up no more': async (bench) => {
    const { dgram, log, heard, turns } = bench
    const receiver = await receiverOf(bench)
    const { port } = receiver.address()
    const sender = dgram.createSocket('udp4')
    heard(sender, 'listening', 'close')
    sender.send('one', port, '127.0.0.1', (...values: unknown[]) => log('sent', ...values))
    log('same', sender.close(() => log('close callback')) === sender)
    await turns()
    receiver.close()
  },
  'what waits is dropped where binding fails': async (bench) => {
    const { dgram, log, heard, turns } = bench
    const receiver = await receiverOf(bench)
    const sender = dgram.createSocket('udp4')
    heard(sender, 'listening', 'error')
    sender.bind(receiver.address().port, '127.0.0.1')
    sender.send('one', 9, '127.0.0.1', () => log('never'))
    await turns()
    log('listeners', sender.listenerCount('listening'), sender.listenerCount('error'))
    const arrived = messages(receiver, 1)
    sender.send('two', receiver.address().port, '127.0.0.1')
    await arrived
    sender.close()
    receiver.close()
  },
  'too long': async ({ dgram, log, heard, turns }) => {
    const socket = dgram.createSocket('udp4')
    heard(socket, 'error')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    for (const length of [65507, 65508, 65536, 100000]) {
      await new Promise<void>((resolve) => {
        socket.send(Buffer.alloc(length), 9, '127.0.0.1', (...values: unknown[]) => {
          log(`${length}`, ...values)
          resolve()
        })
      })
    }
    socket.send(Buffer.alloc(70000), 9, '127.0.0.1')
    await turns()
    socket.close()
  },
  'an address of the other version': async ({ dgram, log, heard, turns }) => {
    const socket = dgram.createSocket('udp4')
    heard(socket, 'error')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    socket.send('x', 9, '::1', (...values: unknown[]) => log('callback', ...values))
    socket.send('x', 9, '::1')
    await turns()
    socket.close()
  },
  'a lookup that fails, with a callback and without': async ({ dgram, log, heard, turns }) => {
    const failing = (name: string, family: number, callback: (error: Error) => void) => {
      log('lookup', name, family)
      callback(Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' }))
    }
    const socket = dgram.createSocket({
      type: 'udp4',
      lookup: ((name: string, family: number, callback: (error: Error | null, address?: string) => void) => {
        if (name === '0.0.0.0') callback(null, name)
        else failing(name, family, callback)
      }) as never,
    })
    heard(socket, 'error', 'listening')
    socket.bind(0)
    socket.send('x', 9, 'one.test', (...values: unknown[]) => log('callback', ...values))
    socket.send('x', 9, 'two.test')
    log('after')
    await turns()
    socket.close()
  },
  'a lookup that gives what is no address': async ({ dgram, log, heard, turns }) => {
    for (const answer of ['', 'nonsense', '::1', '127.0.0.1%lo', '1.2.3.4.5']) {
      const lookup = (name: string, _: number, callback: (error: null, address: unknown) => void) => {
        callback(null, name === '0.0.0.0' ? name : answer)
      }
      const socket = dgram.createSocket({ type: 'udp4', lookup: lookup as never })
      heard(socket, 'error')
      socket.bind(0)
      socket.send('x', 9, 'one.test', (...values: unknown[]) => log(`for ${String(answer)}`, ...values))
      await turns()
      socket.close()
    }
  },
  'callbacks come behind what is deferred before them': async (bench) => {
    const { dgram, log } = bench
    const receiver = await receiverOf(bench)
    const { port } = receiver.address()
    const sender = dgram.createSocket('udp4')
    sender.bind(0, '127.0.0.1')
    await once(sender, 'listening')
    const arrived = messages(receiver, 2)
    process.nextTick(() => log('tick before'))
    sender.send('one', port, '127.0.0.1', () => {
      log('sent one')
      process.nextTick(() => log('tick of one'))
      void Promise.resolve().then(() => log('microtask of one'))
    })
    sender.send('two', port, '127.0.0.1', () => log('sent two'))
    process.nextTick(() => log('tick after'))
    void Promise.resolve().then(() => log('microtask'))
    log('returned')
    await arrived
    sender.close()
    receiver.close()
  },
  'a callback that throws': async (bench) => {
    const { dgram, turns } = bench
    const receiver = await receiverOf(bench)
    const sender = dgram.createSocket('udp4')
    const arrived = messages(receiver, 1)
    sender.send('x', receiver.address().port, '127.0.0.1', () => {
      throw new Error('thrown')
    })
    await arrived
    await turns()
    sender.close()
    receiver.close()
  },
  'udp6, and IPv4 by it': async (bench) => {
    const { dgram, log } = bench
    const six = await receiverOf(bench, 'udp6')
    const sender = dgram.createSocket('udp6')
    const first = messages(six, 2)
    sender.send('to six', six.address().port, '::1', (...values: unknown[]) => log('sent', ...values))
    sender.send('to six', six.address().port)
    await first
    const four = await receiverOf(bench)
    const second = messages(four, 1)
    sender.send('to four', four.address().port, '::ffff:127.0.0.1')
    await second
    const both = dgram.createSocket('udp6', (data, from) => log('both', data, from))
    both.bind(0)
    await once(both, 'listening')
    const third = messages(both, 1)
    four.send('from four', both.address().port, '127.0.0.1')
    await third
    for (const socket of [six, four, both, sender]) socket.close()
  },
  'what waits to be sent is counted': async ({ dgram, log }) => {
    const socket = dgram.createSocket('udp4')
    log('unbound', socket.getSendQueueSize(), socket.getSendQueueCount())
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    log('bound', socket.getSendQueueSize(), socket.getSendQueueCount())
    socket.close()
  },
}
