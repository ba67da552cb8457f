import { once } from 'node:events'
import type { Programs } from '../../harness.ts'

export const bindPrograms: Programs = {
  'bind without arguments': async ({ dgram, log, heard }) => {
    const socket = dgram.createSocket('udp4')
    heard(socket, 'listening', 'close', 'error')
    log('returns itself', socket.bind() === socket)
    log('at once')
    await once(socket, 'listening')
    log('address', socket.address())
    log('close returns itself', socket.close() === socket)
    log('closed')
    await once(socket, 'close')
  },
  'bind with a callback hears listening, in the order of listeners': async ({ dgram, log }) => {
    const socket = dgram.createSocket('udp4')
    socket.on('listening', () => log('listening'))
    socket.bind(function callback(this: unknown, ...values: unknown[]) {
      log('callback', values, this === socket, socket.listenerCount('listening'), socket.listenerCount('error'))
    } as () => void)
    socket.on('listening', () => log('listening again'))
    log('bound so far', socket.listenerCount('listening'), socket.listenerCount('error'))
    await once(socket, 'listening')
    socket.close()
    await once(socket, 'close')
  },
  'bind to a port and an address': async ({ dgram, log, forgetPorts }) => {
    for (const form of [
      (s: ReturnType<typeof dgram.createSocket>, done: () => void) => s.bind(0, '127.0.0.1', done),
      (s: ReturnType<typeof dgram.createSocket>, done: () => void) => s.bind(0, done),
      (s: ReturnType<typeof dgram.createSocket>, done: () => void) => s.bind({ port: 0, address: '127.0.0.1' }, done),
      (s: ReturnType<typeof dgram.createSocket>, done: () => void) => s.bind({ address: '127.0.0.1' }, done),
      (s: ReturnType<typeof dgram.createSocket>, done: () => void) => s.bind({ port: 0, exclusive: true }, done),
      (s: ReturnType<typeof dgram.createSocket>, done: () => void) => s.bind({}, done),
      (s: ReturnType<typeof dgram.createSocket>, done: () => void) => s.bind(0, '', done),
      (s: ReturnType<typeof dgram.createSocket>, done: () => void) => s.bind(undefined, undefined, done),
      (s: ReturnType<typeof dgram.createSocket>, done: () => void) => s.bind(null as never, null as never, done),
      (s: ReturnType<typeof dgram.createSocket>, done: () => void) => s.bind('0' as never, '127.0.0.1', done),
      (s: ReturnType<typeof dgram.createSocket>, done: () => void) => s.bind('abc' as never, '127.0.0.1', done),
      (s: ReturnType<typeof dgram.createSocket>, done: () => void) => s.bind(65536, '127.0.0.1', done),
      (s: ReturnType<typeof dgram.createSocket>, done: () => void) => s.bind(0, 'localhost', done),
    ]) {
      forgetPorts()
      const socket = dgram.createSocket('udp4')
      await new Promise<void>((resolve) => form(socket, resolve))
      log('address', socket.address())
      socket.close()
      await once(socket, 'close')
    }
  },
  'bind of udp6': async ({ dgram, log, forgetPorts }) => {
    for (const options of [{}, { address: '::1' }, { address: '::' }, { address: '::ffff:127.0.0.1' }]) {
      forgetPorts()
      const socket = dgram.createSocket('udp6')
      socket.bind(options)
      await once(socket, 'listening')
      log('address', socket.address())
      socket.close()
      await once(socket, 'close')
    }
  },
  'bind twice throws': async ({ dgram, attempt }) => {
    const socket = dgram.createSocket('udp4')
    socket.bind(0)
    attempt('while binding', () => socket.bind(0))
    await once(socket, 'listening')
    attempt('when bound', () => socket.bind(0))
    socket.close()
    attempt('when closed', () => socket.bind(0))
  },
  'bind to a port that is taken is an error event': async ({ dgram, log, heard }) => {
    const first = dgram.createSocket('udp4')
    first.bind(0, '127.0.0.1')
    await once(first, 'listening')
    const second = dgram.createSocket('udp4')
    heard(second, 'listening', 'error', 'close')
    second.bind(first.address().port, '127.0.0.1')
    await once(second, 'error')
    // It may be bound again.
    second.bind(0, '127.0.0.1')
    await once(second, 'listening')
    log('address', second.address())
    second.close()
    first.close()
  },
  'bind with a callback to a port that is taken': async ({ dgram, log, turns }) => {
    const first = dgram.createSocket('udp4')
    first.bind(0, '127.0.0.1')
    await once(first, 'listening')
    const second = dgram.createSocket('udp4')
    second.bind(first.address().port, '127.0.0.1', () => log('never'))
    await turns()
    log('listeners', second.listenerCount('listening'), second.listenerCount('error'))
    second.close()
    first.close()
  },
  'bind to a port that is taken, without an error listener': async ({ dgram, turns }) => {
    const first = dgram.createSocket('udp4')
    first.bind(0, '127.0.0.1')
    await once(first, 'listening')
    const second = dgram.createSocket('udp4')
    second.bind(first.address().port, '127.0.0.1')
    await turns()
    second.close()
    first.close()
  },
  'bind to an address of the other version': async ({ dgram, heard }) => {
    for (const [type, address] of [
      ['udp4', '::1'],
      ['udp6', '127.0.0.1'],
      ['udp4', '192.0.2.77'],
      ['udp6', '2001:db8::77'],
    ] as const) {
      const socket = dgram.createSocket(type)
      heard(socket, 'error', 'listening')
      socket.bind(0, address)
      await once(socket, 'error')
      socket.close()
    }
  },
  'close while it binds': async ({ dgram, heard, log, turns, attempt }) => {
    const socket = dgram.createSocket('udp4')
    heard(socket, 'listening', 'close', 'error')
    socket.bind(0, () => log('never'))
    socket.close(() => log('close callback'))
    attempt('close again', () => socket.close())
    await turns()
  },
  'reuseAddr lets two bind to one port': async ({ dgram, log, heard }) => {
    const first = dgram.createSocket({ type: 'udp4', reuseAddr: true })
    first.bind(0, '127.0.0.1')
    await once(first, 'listening')
    const second = dgram.createSocket({ type: 'udp4', reuseAddr: true })
    heard(second, 'error')
    second.bind(first.address().port, '127.0.0.1')
    await once(second, 'listening')
    log('both', first.address(), second.address())
    first.close()
    second.close()
  },
  'ipv6Only leaves the port of IPv4 to others': async ({ dgram, log, heard }) => {
    const first = dgram.createSocket({ type: 'udp6', ipv6Only: true })
    first.bind(0)
    await once(first, 'listening')
    const second = dgram.createSocket('udp4')
    heard(second, 'error')
    second.bind(first.address().port)
    await once(second, 'listening')
    log('both', first.address(), second.address())
    first.close()
    second.close()
  },
  'without ipv6Only it is taken': async ({ dgram, heard }) => {
    const first = dgram.createSocket('udp6')
    first.bind(0)
    await once(first, 'listening')
    const second = dgram.createSocket('udp4')
    heard(second, 'error')
    second.bind(first.address().port)
    await once(second, 'error')
    first.close()
    second.close()
  },
  'ipv6Only with udp4': async ({ dgram, heard }) => {
    const socket = dgram.createSocket({ type: 'udp4', ipv6Only: true })
    heard(socket, 'error')
    socket.bind(0)
    await once(socket, 'error')
    socket.close()
  },
  'bind to descriptors that are no UDP sockets': ({ dgram, attempt }) => {
    for (const fd of [2 ** 31 - 1, 100000]) {
      const socket = dgram.createSocket('udp4')
      attempt(`fd ${fd}`, () => socket.bind({ fd } as never))
      socket.close()
    }
  },
  'a listener of listening that throws': async ({ dgram, log, turns }) => {
    const socket = dgram.createSocket('udp4')
    socket.bind(0, () => {
      throw new Error('thrown')
    })
    socket.on('listening', () => log('not reached'))
    await turns()
    log('address', socket.address())
    socket.close()
  },
  'a lookup of the program': async ({ dgram, log, heard }) => {
    const socket = dgram.createSocket({
      type: 'udp4',
      lookup: ((...values: unknown[]) => {
        log('lookup', ...values.slice(0, 2), typeof values[2], values.length)
        ;(values[2] as (error: null, address: string, family: number) => void)(null, '127.0.0.1', 4)
        log('looked up')
      }) as never,
    })
    heard(socket, 'listening')
    socket.bind(0, 'example.test')
    log('bind returns', socket.address())
    socket.close()
  },
  'a lookup that fails': async ({ dgram, heard, log, turns }) => {
    const failing = (_: string, __: unknown, callback: (error: Error) => void) => {
      process.nextTick(callback, Object.assign(new Error('not found'), { code: 'ENOTFOUND' }))
    }
    const socket = dgram.createSocket({ type: 'udp4', lookup: failing as never })
    heard(socket, 'error', 'listening')
    socket.bind(0, 'example.test')
    await once(socket, 'error')
    socket.send('x', 1, 'example.test', (error) => log('send', error))
    await turns()
    socket.close()
  },
}
