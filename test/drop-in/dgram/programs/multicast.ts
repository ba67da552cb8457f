import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Bench, Programs } from '../../harness.ts'
import { messages } from './send.ts'

type Call = (...args: unknown[]) => unknown

const GROUP = '239.1.2.3'
const SOURCED = '232.1.2.3'
const LOCAL = '127.0.0.1'

async function listener({ dgram, log }: Bench, name: string, port = 0): Promise<Socket> {
  const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true }, (data, from) => log(name, data, from))
  socket.bind(port)
  await once(socket, 'listening')
  return socket
}

async function speaker({ dgram }: Bench): Promise<Socket> {
  const socket = dgram.createSocket('udp4')
  socket.bind(0, LOCAL)
  await once(socket, 'listening')
  socket.setMulticastInterface(LOCAL)
  return socket
}

const method = (socket: Socket, name: string, ...args: unknown[]) =>
  ((socket as never)[name] as Call).apply(socket, args)

export const multicastPrograms: Programs = {
  'a group is heard while it is joined': async (bench) => {
    const { log, turns } = bench
    const receiver = await listener(bench, 'heard')
    const { port } = receiver.address()
    const sender = await speaker(bench)
    log('join', receiver.addMembership(GROUP, LOCAL))
    const arrived = messages(receiver, 1)
    sender.send('one', port, GROUP)
    await arrived
    log('leave', receiver.dropMembership(GROUP, LOCAL))
    sender.send('two', port, GROUP)
    await turns(5)
    sender.close()
    receiver.close()
  },
  'two sockets of one port hear it both': async (bench) => {
    const first = await listener(bench, 'heard')
    const { port } = first.address()
    const second = await listener(bench, 'heard', port)
    first.addMembership(GROUP, LOCAL)
    second.addMembership(GROUP, LOCAL)
    const sender = await speaker(bench)
    const arrived = Promise.all([messages(first, 1), messages(second, 1)])
    sender.send('one', port, GROUP)
    await arrived
    for (const socket of [first, second, sender]) socket.close()
  },
  'the sender hears itself, unless it wants not to': async (bench) => {
    const { log, turns } = bench
    const socket = await listener(bench, 'heard')
    socket.addMembership(GROUP, LOCAL)
    socket.setMulticastInterface(LOCAL)
    const arrived = messages(socket, 1)
    socket.send('one', socket.address().port, GROUP)
    await arrived
    log('off', socket.setMulticastLoopback(false))
    socket.send('two', socket.address().port, GROUP)
    await turns(5)
    log('on', socket.setMulticastLoopback(true))
    const again = messages(socket, 1)
    socket.send('three', socket.address().port, GROUP)
    await again
    socket.close()
  },
  'joining binds': async (bench) => {
    const { dgram, attempt, heard, turns, log } = bench
    const socket = dgram.createSocket('udp4')
    heard(socket, 'listening', 'error')
    attempt('addMembership', () => socket.addMembership(GROUP, LOCAL))
    attempt('address', () => socket.address())
    // It is bound behind the back of the socket.
    socket.bind(0)
    await turns()
    log('over')
    socket.close()
  },
  'joining twice, leaving what was not joined': async (bench) => {
    const { attempt } = bench
    const socket = await listener(bench, 'heard')
    attempt('join', () => socket.addMembership(GROUP, LOCAL))
    attempt('join again', () => socket.addMembership(GROUP, LOCAL))
    attempt('leave', () => socket.dropMembership(GROUP, LOCAL))
    attempt('leave again', () => socket.dropMembership(GROUP, LOCAL))
    attempt('join from a source', () => socket.addSourceSpecificMembership(LOCAL, SOURCED, LOCAL))
    attempt('join from it again', () => socket.addSourceSpecificMembership(LOCAL, SOURCED, LOCAL))
    attempt('leave another', () => socket.dropSourceSpecificMembership('192.0.2.1', SOURCED, LOCAL))
    attempt('leave it', () => socket.dropSourceSpecificMembership(LOCAL, SOURCED, LOCAL))
    attempt('leave it again', () => socket.dropSourceSpecificMembership(LOCAL, SOURCED, LOCAL))
    socket.close()
  },
  'arguments that cannot be': async (bench) => {
    const { dgram, attempt } = bench
    const wrong: readonly unknown[][] = [
      [],
      [''],
      [null],
      [0],
      [5],
      [{}],
      ['x'],
      ['127.0.0.1'],
      ['256.0.0.1'],
      [GROUP, 'x'],
      [GROUP, ''],
      [GROUP, 5],
      [GROUP, '::1'],
      [GROUP, '192.0.2.77'],
      ['::1'],
      ['ff02::1', '127.0.0.1'],
      [true],
    ]
    for (const state of ['unbound', 'bound']) {
      for (const name of ['addMembership', 'dropMembership']) {
        const socket = dgram.createSocket('udp4')
        if (state === 'bound') {
          socket.bind(0, LOCAL)
          await once(socket, 'listening')
        }
        for (const args of wrong)
          attempt(`${state} ${name} ${JSON.stringify(args)}`, () => method(socket, name, ...args))
        socket.close()
      }
    }
  },
  'arguments of sources that cannot be': async (bench) => {
    const { dgram, attempt } = bench
    const wrong: readonly unknown[][] = [
      [],
      [5],
      [LOCAL],
      [LOCAL, 5],
      [LOCAL, ''],
      ['', SOURCED],
      ['x', SOURCED],
      [LOCAL, 'x'],
      [LOCAL, LOCAL],
      [LOCAL, SOURCED, 'x'],
      [LOCAL, SOURCED, '::1'],
      ['::1', SOURCED],
      [LOCAL, 'ff3e::1'],
      [LOCAL, SOURCED, '192.0.2.77'],
    ]
    for (const name of ['addSourceSpecificMembership', 'dropSourceSpecificMembership']) {
      const socket = dgram.createSocket('udp4')
      for (const args of wrong) attempt(`${name} ${JSON.stringify(args)}`, () => method(socket, name, ...args))
      socket.close()
    }
  },
  'a source is heard, others are not': async (bench) => {
    const { log, turns } = bench
    const receiver = await listener(bench, 'heard')
    const { port } = receiver.address()
    const sender = await speaker(bench)
    log('join', receiver.addSourceSpecificMembership('127.0.0.9', SOURCED, LOCAL))
    sender.send('from another', port, SOURCED)
    await turns(5)
    log('join', receiver.addSourceSpecificMembership(LOCAL, SOURCED, LOCAL))
    const arrived = messages(receiver, 1)
    sender.send('from it', port, SOURCED)
    await arrived
    log('leave', receiver.dropSourceSpecificMembership(LOCAL, SOURCED, LOCAL))
    sender.send('no more', port, SOURCED)
    await turns(5)
    sender.close()
    receiver.close()
  },
  setMulticastInterface: async ({ dgram, attempt }) => {
    const values = [undefined, null, 5, {}, '', 'x', '127.0.0.1', '0.0.0.0', '::', '::1', '192.0.2.77', '224.0.0.1']
    for (const type of ['udp4', 'udp6'] as const) {
      const socket = dgram.createSocket(type)
      for (const value of values) {
        attempt(`unbound ${type} ${String(value)}`, () => method(socket, 'setMulticastInterface', value))
      }
      socket.bind(0)
      await once(socket, 'listening')
      for (const value of values) {
        attempt(`${type} ${String(value)}`, () => method(socket, 'setMulticastInterface', value))
      }
      socket.close()
    }
  },
  'a group of IPv6 on the loopback': async (bench) => {
    const { dgram, log, attempt } = bench
    const receiver = dgram.createSocket('udp6', (data, from) => log('heard', data, from.family, from.size))
    receiver.bind(0)
    await once(receiver, 'listening')
    attempt('a group of IPv4', () => receiver.addMembership(GROUP, LOCAL))
    attempt('no group', () => receiver.addMembership('::1'))
    attempt('an interface that is none', () => receiver.addMembership('ff01::114', 'x'))
    attempt('an interface of IPv4', () => receiver.addMembership('ff01::114', '127.0.0.1'))
    attempt('a source of IPv4', () => receiver.addSourceSpecificMembership('127.0.0.1', 'ff31::114'))
    attempt('not joined', () => receiver.dropMembership('ff01::114', '::%lo'))
    receiver.close()
  },
  'interfaces of IPv6 by their zone': async (bench) => {
    const { dgram, attempt } = bench
    const receiver = dgram.createSocket('udp6')
    receiver.bind(0)
    await once(receiver, 'listening')
    attempt('join', () => receiver.addMembership('ff02::114', '::%lo'))
    attempt('join again', () => receiver.addMembership('ff02::114', '::1%lo'))
    const sender = dgram.createSocket('udp6')
    sender.bind(0, '::1')
    await once(sender, 'listening')
    for (const zone of ['::%lo', '::1%lo', '::%nosuch', '%lo', '::%']) {
      attempt(`interface ${zone}`, () => sender.setMulticastInterface(zone))
    }
    attempt('leave', () => receiver.dropMembership('ff02::114', '::%lo'))
    attempt('leave again', () => receiver.dropMembership('ff02::114', '::%lo'))
    attempt('a source', () => receiver.addSourceSpecificMembership('::1', 'ff31::114', '::%lo'))
    attempt('no source', () => receiver.dropSourceSpecificMembership('::1', 'ff31::114', '::%lo'))
    for (const socket of [receiver, sender]) socket.close()
  },
  'a group of IPv4 gives a socket of IPv6 its family, where it has none yet': async ({ dgram, attempt, turns }) => {
    const socket = dgram.createSocket('udp6')
    attempt('join', () => socket.addMembership(GROUP, LOCAL))
    attempt('a group of IPv6', () => socket.addMembership('ff02::114'))
    attempt('where', () => socket.address().address)
    attempt('hops', () => socket.setTTL(3))
    attempt('hops of groups', () => socket.setMulticastTTL(3))
    attempt('leave', () => socket.dropMembership(GROUP, LOCAL))
    attempt('bind', () => socket.bind(0))
    await turns()
    attempt('close', () => void socket.close())
  },
}
