import { describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  MSG_DONTWAIT,
  MSG_EOR,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  POLLERR,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  SHUT_WR,
  SO_ERROR,
  SO_LINGER,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SO_SNDTIMEO,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { EAGAIN, EINPROGRESS } from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { poll } from '../../src/socket/poll.ts'
import { Message } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import { SocketError } from '../../src/socket/socket-error.ts'
import { drive, failure, pass, settle, stateOf } from '../berkeley/drive.ts'
import { octets, World } from './world.ts'

describe('Socket: making one', () => {
  test('socket() gives the lowest free descriptor', async () => {
    const world = new World()
    const [first, second] = [world.stream(), world.stream()]
    expect([first.fd, second.fd]).toEqual([3, 4])
    await first.close()
    expect(first.fd).toBe(-1)
    expect(world.stream().fd).toBe(3)
  })

  test('a family that the provider lacks is EAFNOSUPPORT, named as Node names it', () => {
    const world = new World()
    expect(() => new Socket(world.provider, AF_INET6, SOCK_STREAM)).toThrow(
      expect.objectContaining({
        name: 'SocketError',
        code: 'EAFNOSUPPORT',
        errno: -97,
        syscall: 'socket',
        message: 'socket EAFNOSUPPORT',
      }),
    )
  })

  test('a wrong argument is named, with what was given, before any system call', () => {
    const world = new World()
    const socket = world.stream()
    const wrong = <T>(value: unknown) => value as T
    expect(() => new Socket(wrong(null), AF_INET, SOCK_STREAM)).toThrow('provider must be a Provider, got null')
    expect(() => new Socket(world.provider, wrong('inet'), SOCK_STREAM)).toThrow(
      'family must be an integer, got "inet"',
    )
    expect(() => socket.bind(wrong('0.0.0.0:80'))).toThrow('got "0.0.0.0:80"')
    expect(() => socket.bind({ address: '127.0.0.1', port: 65536 })).toThrow(RangeError)
    expect(() => socket.connect({ address: 'example.org', port: 80 })).toThrow(/example\.org/)
    expect(() => socket.listen(1.5)).toThrow('backlog must be an integer')
    expect(() => socket.send(wrong('text'))).toThrow('bytes must be a Uint8Array, got "text"')
    expect(() => socket.recv(wrong([1]))).toThrow('bytes must be a Uint8Array, got an array')
    expect(() => socket.recv(octets(1), 0, { timeout: -1 })).toThrow('options.timeout must be 0 or more')
    expect(() => socket.recv(octets(1), 0, { signal: wrong({}) })).toThrow('options.signal must be an AbortSignal')
    expect(() => socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, wrong('yes'))).toThrow('SO_REUSEADDR takes a boolean')
    expect(() => socket.setsockopt(SOL_SOCKET, SO_RCVTIMEO, -1)).toThrow(RangeError)
    expect(world.provider.calls).toEqual([])
  })

  const wrongFlags: [string, unknown, string][] = [
    ['options in their place', { timeout: 5 }, 'bits, got an object of class Object; options come behind them'],
    ['text', 'x', 'bits, got "x"'],
    ['null', null, 'bits, got null'],
    ['a fraction', 1.5, 'bits, got 1.5'],
    ['NaN', Number.NaN, 'bits, got NaN'],
    ['more than 32 bits', 2 ** 32, 'bits, got 4294967296'],
  ]

  test.each(wrongFlags)('wrong flags are named, before any system call: %s', (_what, value, message) => {
    const world = new World()
    const socket = world.stream()
    const flags = value as number
    const bytes = octets(1)
    const to = { address: '127.0.0.1', port: 7 }
    const calls = [
      () => socket.send(bytes, flags),
      () => socket.trySend(bytes, flags),
      () => socket.recv(bytes, flags),
      () => socket.tryRecv(bytes, flags),
      () => socket.sendto(bytes, to, flags),
      () => socket.trySendto(bytes, to, flags),
      () => socket.recvfrom(bytes, flags),
      () => socket.tryRecvfrom(bytes, flags),
      () => socket.sendmsg(new Message([bytes]), flags),
      () => socket.trySendmsg(new Message([bytes]), flags),
      () => socket.recvmsg(new Message([bytes]), flags),
      () => socket.tryRecvmsg(new Message([bytes]), flags),
    ]
    for (const call of calls) {
      expect(call).toThrow(`flags must be an integer of MSG_… ${message}`)
      expect(call).toThrow(typeof value === 'number' ? RangeError : TypeError)
    }
    expect(world.provider.calls).toEqual([])
  })

  test('options that are none, or have what there is not, are named', () => {
    const world = new World()
    const socket = world.stream()
    const wrong = <T>(value: unknown) => value as T
    const calls = [
      () => socket.recv(octets(1), 0, wrong({ timeuot: 5 })),
      () => socket.write(octets(1), wrong({ timeuot: 5 })),
      () => socket.recvfrom(octets(1), 0, wrong({ timeuot: 5 })),
      () => socket.accept(wrong({ timeuot: 5 })),
      () => socket.connect({ address: '127.0.0.1', port: 7 }, wrong({ timeuot: 5 })),
      () => poll([{ socket, events: 1 }], wrong({ timeuot: 5 })),
    ]
    for (const call of calls) expect(call).toThrow(/^options has no 'timeuot': there are \w+, \w+$/)
    expect(() => socket.read(octets(1), wrong(0))).toThrow('options must be an object, got 0')
    expect(() => poll([{ socket, events: 1 }], wrong(5))).toThrow('options must be an object, got 5')
    expect(() => poll([{ socket, events: 1 }], { signal: wrong(5) })).toThrow('options.signal must be an AbortSignal')
    expect(() => socket.addWatcher(wrong({}))).toThrow('watcher must be a Watcher, got an object of class Object')
    expect(world.provider.calls).toEqual([])
  })

  test('what a message is made of is looked at', () => {
    const socket = new World().stream()
    const wrong = <T>(value: unknown) => value as T
    expect(() => new Message(wrong([5]))).toThrow(new TypeError('buffers[0] must be a Uint8Array, got 5'))
    expect(() => new Message(wrong(octets(3)))).toThrow('buffers must be an array of Uint8Arrays')
    expect(() => new Message([], wrong({ address: '', port: 7 }))).toThrow('name must be a SocketAddress or null')
    const message = new Message([octets(1)])
    message.name = wrong('host')
    expect(() => socket.trySendmsg(message)).toThrow('message.name must be a SocketAddress or null, got "host"')
    message.name = null
    message.control = wrong([{ level: 0, type: 2 }])
    expect(() => socket.trySendmsg(message)).toThrow('message.control must be of { level, type, data: Uint8Array }')
    message.control = []
    message.buffers = wrong([octets(1), 'x'])
    expect(() => socket.tryRecvmsg(message)).toThrow('message.buffers[1] must be a Uint8Array, got "x"')
  })

  test('an endpoint that is none is named', () => {
    const { provider } = new World()
    for (const endpoint of [null, {}]) {
      expect(() => new Socket(provider, endpoint as never)).toThrow('endpoint must be an Endpoint, got')
    }
  })

  test("'' is the wildcard address, not localhost", () => {
    const socket = new World().stream()
    socket.bind({ address: '', port: 7 })
    expect(socket.getsockname().toString()).toBe('0.0.0.0:7')
  })
})

describe('Socket.of: one over an endpoint that exists', () => {
  test('keeps the time limits and the linger time that the endpoint has', async () => {
    const world = new World(8)
    const [client] = await world.pair()
    const seconds = (value: number) => {
      const bytes = new Uint8Array(16)
      bytes[0] = value
      return bytes
    }
    const endpoint = world.endpoint(client.fd)
    endpoint.setOption(SOL_SOCKET, SO_SNDTIMEO, seconds(2))
    endpoint.setOption(SOL_SOCKET, SO_RCVTIMEO, seconds(3))
    endpoint.setOption(SOL_SOCKET, SO_LINGER, Uint8Array.of(1, 0, 0, 0, 4, 0, 0, 0))
    const socket = Socket.of(world.provider, endpoint)
    expect([socket.fd, socket.family, socket.type]).toEqual([client.fd, AF_INET, SOCK_STREAM])
    expect(await drive(world.clock, socket.send(octets(20)))).toBe(8)
    expect(world.clock.now()).toBe(2000)
    expect(await failure(world.clock, socket.recv(octets(1)))).toMatchObject({ code: 'EAGAIN' })
    expect(world.clock.now()).toBe(5000)
    await drive(world.clock, socket.close())
    expect(world.clock.now()).toBe(9000)
  })
})

describe('Socket: connect', () => {
  test('resolves when the peer has answered', async () => {
    const world = new World()
    world.listener(80)
    const client = world.stream()
    await drive(world.clock, client.connect({ address: '127.0.0.1', port: 80 }))
    expect(client.getpeername().toString()).toBe('127.0.0.1:80')
  })

  test('a refusal names the call, the code and the address', async () => {
    const world = new World()
    const error = await failure(world.clock, world.stream().connect({ address: '192.0.2.1', port: 80 }))
    expect(error).toBeInstanceOf(SocketError)
    expect(error).toMatchObject({
      message: 'connect ECONNREFUSED 192.0.2.1:80',
      code: 'ECONNREFUSED',
      errno: -111,
      syscall: 'connect',
      address: '192.0.2.1',
      port: 80,
    })
  })

  test('tryConnect answers -EINPROGRESS; SO_ERROR then says how it went, once', async () => {
    const world = new World()
    const client = world.stream()
    expect(client.tryConnect({ address: '192.0.2.1', port: 80 })).toBe(-EINPROGRESS)
    await settle(world.clock)
    expect(client.readiness & POLLERR).toBe(POLLERR)
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(111)
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0)
  })

  test('a second connect while the first is under way is EALREADY, and disturbs nothing', async () => {
    const world = new World()
    world.listener(80)
    const client = world.stream()
    const first = client.connect({ address: '127.0.0.1', port: 80 })
    await expect(client.connect({ address: '127.0.0.1', port: 80 })).rejects.toMatchObject({ code: 'EALREADY' })
    await drive(world.clock, first)
  })

  test('SO_SNDTIMEO ends the wait with EINPROGRESS, at its time (connect(2) on Linux)', async () => {
    const world = new World()
    const client = world.stream()
    client.setsockopt(SOL_SOCKET, SO_SNDTIMEO, 1500)
    const error = await failure(world.clock, client.connect({ address: '192.0.2.1', port: 9 }))
    expect(error).toMatchObject({ code: 'EINPROGRESS', syscall: 'connect' })
    expect(world.clock.now()).toBe(1500)
  })

  test('the error names the address that was given, whatever became of the object since', async () => {
    const world = new World()
    const address = SocketAddress.internet('192.0.2.1', 80)
    const promise = world.stream().connect(address)
    address.port = 81
    expect(await failure(world.clock, promise)).toMatchObject({ port: 80 })
  })

  test('an abort rejects with the reason of the signal', async () => {
    const world = new World()
    const client = world.stream()
    const abort = new AbortController()
    const promise = client.connect({ address: '192.0.2.1', port: 9 }, { signal: abort.signal })
    const reason = new Error('enough')
    abort.abort(reason)
    expect(await failure(world.clock, promise)).toBe(reason)
    await client.close()
    expect(world.provider.open.size).toBe(0)
  })

  test('an error that someone else has read still fails the connect: ECONNABORTED', async () => {
    const world = new World()
    const client = world.stream()
    const promise = client.connect({ address: '192.0.2.1', port: 9 })
    promise.catch(() => {})
    const endpoint = world.endpoint(client.fd)
    endpoint.ended = true
    endpoint.shutWrite = true
    endpoint.notify(POLLERR)
    expect(await failure(world.clock, promise)).toMatchObject({ code: 'ECONNABORTED' })
  })
})

describe('Socket: accept', () => {
  test('waits while the queue is empty and gives a new socket, with the port of the listener', async () => {
    const world = new World()
    const listener = world.listener(80)
    expect(listener.tryAccept()).toBe(-EAGAIN)
    const promise = listener.accept()
    const client = world.stream()
    await drive(world.clock, client.connect({ address: '127.0.0.1', port: 80 }))
    const server = await drive(world.clock, promise)
    expect(server.fd).not.toBe(listener.fd)
    expect(server.getsockname().port).toBe(80)
    expect(server.getpeername().port).toBe(client.getsockname().port)
  })

  test('several accepts wait in order, and none is lost when one is aborted', async () => {
    const world = new World()
    const listener = world.listener(80)
    const abort = new AbortController()
    const order: string[] = []
    const accepts = [
      listener.accept().then(() => order.push('first')),
      listener.accept({ signal: abort.signal }).catch(() => order.push('aborted')),
      listener.accept().then(() => order.push('third')),
    ]
    abort.abort()
    for (let i = 0; i < 2; i++) {
      const client = world.stream()
      await drive(world.clock, client.connect({ address: '127.0.0.1', port: 80 }))
    }
    await drive(world.clock, Promise.all(accepts))
    expect(order).toEqual(['aborted', 'first', 'third'])
  })

  test('a connection that has come is for who waits, not for who tries', async () => {
    const world = new World()
    const listener = world.listener(80)
    const waiting = listener.accept()
    world.stream().tryConnect({ address: '127.0.0.1', port: 80 })
    let tried: unknown
    // After the connection has come, before the listener is told.
    world.clock.defer(() => {
      tried = listener.tryAccept()
    })
    await drive(world.clock, waiting)
    expect(tried).toBe(-EAGAIN)
  })

  test('an accepted socket inherits the time limits of its listener, as on Linux', async () => {
    const world = new World()
    const listener = world.listener(80)
    listener.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 250)
    const client = world.stream()
    await drive(world.clock, client.connect({ address: '127.0.0.1', port: 80 }))
    const server = await drive(world.clock, listener.accept())
    const start = world.clock.now()
    expect(await failure(world.clock, server.recv(octets(1)))).toMatchObject({ code: 'EAGAIN' })
    expect(world.clock.now() - start).toBe(250)
  })
})

describe('Socket: send on a stream', () => {
  test('resolves when all octets are taken, however small the buffer', async () => {
    const world = new World(16)
    const [client, server] = await world.pair()
    const sending = client.send(octets(100))
    expect(await stateOf(sending)).toBe('pending')
    const got = new Uint8Array(100)
    expect(await drive(world.clock, server.recv(got, MSG_WAITALL))).toBe(100)
    expect(got).toEqual(octets(100))
    expect(await drive(world.clock, sending)).toBe(100)
  })

  test('room that has come is for who waits, not for who tries', async () => {
    const world = new World(8)
    const [client, server] = await world.pair()
    const waiting = client.send(octets(20))
    server.tryRecv(new Uint8Array(8))
    expect(client.trySend(octets(1, 90))).toBe(-EAGAIN)
    expect(client.trySendmsg(new Message([octets(1, 90)]))).toBe(-EAGAIN)
    const got = new Uint8Array(12)
    await drive(world.clock, server.recv(got, MSG_WAITALL))
    expect(got).toEqual(octets(12, 8))
    expect(await drive(world.clock, waiting)).toBe(20)
  })

  test('several senders go in order, each whole', async () => {
    const world = new World(8)
    const [client, server] = await world.pair()
    const sends = [client.send(octets(20, 0)), client.send(octets(20, 20)), client.write(octets(20, 40))]
    expect(client.trySend(octets(1))).toBe(-EAGAIN)
    const got = new Uint8Array(60)
    await drive(world.clock, server.recv(got, MSG_WAITALL))
    expect(got).toEqual(octets(60))
    expect(await drive(world.clock, Promise.all(sends))).toEqual([20, 20, 20])
  })

  test('trySend gives the count there was room for, then -EAGAIN', async () => {
    const [client] = await new World(8).pair()
    expect(client.trySend(octets(20))).toBe(8)
    expect(client.trySend(octets(20))).toBe(-EAGAIN)
  })

  test('MSG_DONTWAIT gives the part that fits, and EAGAIN where nothing does', async () => {
    const [client] = await new World(8).pair()
    expect(await client.send(octets(20), MSG_DONTWAIT)).toBe(8)
    await expect(client.send(octets(20), MSG_DONTWAIT)).rejects.toMatchObject({ code: 'EAGAIN', syscall: 'send' })
    const [other] = await new World(8).pair()
    expect(await other.sendmsg(new Message([octets(5), octets(9)]), MSG_DONTWAIT)).toBe(8)
    await expect(other.sendmsg(new Message([octets(5)]), MSG_DONTWAIT)).rejects.toMatchObject({ syscall: 'sendmsg' })
  })

  test('a provider that takes a little of it in each call is asked again, not waited for', async () => {
    const world = new World(100)
    const [client] = await world.pair()
    world.provider.most = 7
    expect(await client.send(octets(30))).toBe(30)
    expect(await client.send(octets(30), MSG_DONTWAIT)).toBe(30)
    expect(await client.sendmsg(new Message([octets(10), octets(10)]))).toBe(20)
  })

  test('an error after a part gives the count of the part; the error comes with the next call (send(2))', async () => {
    const world = new World(8)
    const [client] = await world.pair()
    const sending = client.send(octets(20))
    world.endpoint(client.fd).reset()
    expect(await drive(world.clock, sending)).toBe(8)
    expect(client.readiness & POLLERR).toBe(POLLERR)
    await expect(client.send(octets(1))).rejects.toMatchObject({ message: 'send ECONNRESET' })
    await expect(client.send(octets(1))).rejects.toMatchObject({ message: 'send EPIPE' })
  })

  test('the error held after a part is told to trySend, trySendmsg, tryRecv, recv and recvmsg alike', async () => {
    const calls: ((socket: Socket) => unknown)[] = [
      (socket) => socket.trySend(octets(1)),
      (socket) => socket.trySendmsg(new Message([octets(1)])),
      (socket) => socket.tryRecv(octets(1)),
      (socket) => socket.recv(octets(1)),
      (socket) => socket.recv(octets(1), MSG_WAITALL),
      (socket) => socket.tryRecvmsg(new Message([octets(1)])),
      (socket) => socket.recvmsg(new Message([octets(1)])),
      (socket) => socket.sendmsg(new Message([octets(1)])),
    ]
    for (const call of calls) {
      const world = new World(8)
      const [client] = await world.pair()
      const sending = client.send(octets(20))
      world.endpoint(client.fd).reset()
      await drive(world.clock, sending)
      await expect((async () => call(client))()).rejects.toMatchObject({ code: 'ECONNRESET' })
      expect(client.readiness & POLLERR).toBe(0)
    }
  })

  test('the error held after a part is what SO_ERROR gives, once', async () => {
    const world = new World(8)
    const [client] = await world.pair()
    const sending = client.send(octets(20))
    world.endpoint(client.fd).reset()
    await drive(world.clock, sending)
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(104)
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0)
  })

  test('SO_SNDTIMEO: the part that was taken, or EAGAIN (socket(7))', async () => {
    const world = new World(8)
    const [client] = await world.pair()
    client.setsockopt(SOL_SOCKET, SO_SNDTIMEO, 100)
    expect(await drive(world.clock, client.send(octets(20)))).toBe(8)
    expect(world.clock.now()).toBe(100)
    expect(await failure(world.clock, client.send(octets(20)))).toMatchObject({ code: 'EAGAIN' })
    expect(world.clock.now()).toBe(200)
  })

  test('aborted after a part: the count; who waits behind goes on', async () => {
    const world = new World(8)
    const [client, server] = await world.pair()
    const abort = new AbortController()
    const first = client.send(octets(20), 0, { signal: abort.signal })
    const second = client.send(octets(4, 100))
    abort.abort()
    expect(await first).toBe(8)
    const got = new Uint8Array(12)
    await drive(world.clock, server.recv(got, MSG_WAITALL))
    expect(got).toEqual(Uint8Array.from([...octets(8), ...octets(4, 100)]))
    expect(await drive(world.clock, second)).toBe(4)
  })

  test('sendmsg sends its buffers one after the other, across waits', async () => {
    const world = new World(8)
    const [client, server] = await world.pair()
    const sending = client.sendmsg(new Message([octets(5), octets(0), octets(10, 5), octets(10, 15)]))
    const got = new Uint8Array(25)
    await drive(world.clock, server.recv(got, MSG_WAITALL))
    expect(got).toEqual(octets(25))
    expect(await drive(world.clock, sending)).toBe(25)
  })
})

describe('Socket: recv on a stream', () => {
  test('gives what is there; 0 is the end', async () => {
    const world = new World()
    const [client, server] = await world.pair()
    await client.send(octets(5))
    const room = new Uint8Array(10)
    expect(await server.recv(room)).toBe(5)
    const waiting = server.read(room)
    expect(await stateOf(waiting)).toBe('pending')
    client.shutdown(SHUT_WR)
    expect(await drive(world.clock, waiting)).toBe(0)
    expect(server.tryRecv(room)).toBe(0)
  })

  test('several readers are served in order, each whole', async () => {
    const world = new World()
    const [client, server] = await world.pair()
    const rooms = [new Uint8Array(4), new Uint8Array(4), new Uint8Array(4)]
    const reads = rooms.map((room, i) => server.recv(room, i === 1 ? MSG_WAITALL : 0))
    expect(server.tryRecv(octets(1))).toBe(-EAGAIN)
    for (let i = 0; i < 12; i += 3) {
      await client.send(octets(3, i))
      await settle(world.clock)
    }
    expect(await drive(world.clock, Promise.all(reads))).toEqual([3, 4, 2])
    expect(rooms.map((room) => [...room])).toEqual([
      [0, 1, 2, 0],
      [3, 4, 5, 6],
      [7, 8, 0, 0],
    ])
  })

  test('MSG_PEEK leaves the data; with MSG_WAITALL it waits for all of it', async () => {
    const world = new World()
    const [client, server] = await world.pair()
    const room = new Uint8Array(6)
    const peek = server.recv(room, MSG_PEEK | MSG_WAITALL)
    await client.send(octets(3))
    await settle(world.clock)
    expect(await stateOf(peek)).toBe('pending')
    await client.send(octets(3, 3))
    expect(await drive(world.clock, peek)).toBe(6)
    expect(room).toEqual(octets(6))
    expect(server.tryRecv(room)).toBe(6)
  })

  test('MSG_WAITALL gives the part at the end of the stream, at a time limit, at an abort', async () => {
    const world = new World()
    const [client, server] = await world.pair()
    await client.send(octets(3))
    expect(await drive(world.clock, server.recv(new Uint8Array(9), MSG_WAITALL, { timeout: 50 }))).toBe(3)
    await client.send(octets(2))
    const abort = new AbortController()
    const aborted = server.recv(new Uint8Array(9), MSG_WAITALL, { signal: abort.signal })
    abort.abort()
    expect(await aborted).toBe(2)
    await client.send(octets(1))
    client.shutdown(SHUT_WR)
    expect(await drive(world.clock, server.recv(new Uint8Array(9), MSG_WAITALL))).toBe(1)
  })

  test('MSG_DONTWAIT rejects with EAGAIN; MSG_OOB never waits', async () => {
    const [, server] = await new World().pair()
    await expect(server.recv(octets(1), MSG_DONTWAIT)).rejects.toMatchObject({ message: 'recv EAGAIN' })
    const waiting = server.recv(octets(1))
    await expect(server.recv(octets(1), MSG_OOB)).rejects.toMatchObject({ code: 'EAGAIN' })
    expect(await stateOf(waiting)).toBe('pending')
  })

  test('data that has come is for who waits, not for who tries', async () => {
    const world = new World()
    const [client, server] = await world.pair()
    const waiting = server.recv(new Uint8Array(9))
    client.trySend(octets(5))
    expect(server.tryRecv(new Uint8Array(9))).toBe(-EAGAIN)
    expect(server.tryRecvfrom(new Uint8Array(9))).toBe(-EAGAIN)
    await expect(server.recv(new Uint8Array(9), MSG_DONTWAIT)).rejects.toMatchObject({ code: 'EAGAIN' })
    expect(await drive(world.clock, waiting)).toBe(5)
  })

  test('recvmsg with MSG_WAITALL gathers data, flags and control messages of all parts', async () => {
    const world = new World()
    const [client, server] = await world.pair()
    const message = new Message([new Uint8Array(3), new Uint8Array(4)])
    const waiting = server.recvmsg(message, MSG_WAITALL)
    await client.send(octets(2))
    await settle(world.clock)
    await client.send(octets(5, 2))
    expect(await drive(world.clock, waiting)).toBe(7)
    expect(message.buffers).toEqual([octets(3), octets(4, 3)])
    expect(message.control.map((control) => control.type)).toEqual([2, 1, 4])
    expect(message.flags).toBe(MSG_EOR)
  })

  test('one signal for a hundred calls is one listener, and ends them all', async () => {
    const world = new World()
    const [, server] = await world.pair()
    const abort = new AbortController()
    let listeners = 0
    const add = abort.signal.addEventListener.bind(abort.signal)
    abort.signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++
      add(...args)
    }
    const waits = Array.from({ length: 100 }, () => server.recv(octets(1), 0, { signal: abort.signal }))
    expect(listeners).toBe(1)
    abort.abort()
    for (const wait of waits) await expect(wait).rejects.toBe(abort.signal.reason)
  })

  test('an aborted reader takes no data: the next has it all', async () => {
    const world = new World()
    const [client, server] = await world.pair()
    const abort = new AbortController()
    const first = server.recv(new Uint8Array(9), 0, { signal: abort.signal })
    const second = server.recv(new Uint8Array(9))
    await client.send(octets(5))
    abort.abort()
    await expect(first).rejects.toBe(abort.signal.reason)
    expect(await drive(world.clock, second)).toBe(5)
  })

  test('a signal that is aborted already refuses before any call', async () => {
    const world = new World()
    const [, server] = await world.pair()
    world.provider.calls.length = 0
    const reason = new Error('no')
    await expect(server.recv(octets(1), 0, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(world.provider.calls).toEqual([])
  })

  test('SO_RCVTIMEO: EAGAIN at its time, for each waiter by its own', async () => {
    const world = new World()
    const [, server] = await world.pair()
    server.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 100)
    const start = world.clock.now()
    const ends: number[] = []
    const note = () => ends.push(world.clock.now() - start)
    const slow = server.recv(octets(1)).catch(note)
    const quick = server.recv(octets(1), 0, { timeout: 30 }).catch(note)
    const late = server.recv(octets(1), 0, { timeout: 500 }).catch(note)
    await drive(world.clock, Promise.all([slow, quick, late]))
    expect(ends).toEqual([30, 100, 500])
  })

  test('a time limit of 0 does not wait', async () => {
    const [, server] = await new World().pair()
    await expect(server.recv(octets(1), 0, { timeout: 0 })).rejects.toMatchObject({ code: 'EAGAIN' })
  })

  test('recvfrom on a stream has no address', async () => {
    const world = new World()
    const [client, server] = await world.pair()
    await client.send(octets(2))
    expect(await server.recvfrom(octets(5))).toMatchObject({ length: 2, address: null })
  })
})

describe('Socket: datagrams', () => {
  test('recvfrom tells who sent; a datagram that is too long is cut, with MSG_TRUNC', async () => {
    const world = new World()
    const [a, b] = [world.datagram(1000), world.datagram(2000)]
    const waiting = b.recvfrom(new Uint8Array(4))
    await a.sendto(octets(6), { address: '127.0.0.1', port: 2000 })
    const received = await drive(world.clock, waiting)
    expect(received.length).toBe(4)
    expect(received.flags).toBe(MSG_TRUNC)
    expect(received.address?.port).toBe(1000)
    expect(b.tryRecvfrom(octets(1))).toBe(-EAGAIN)
    await a.sendto(octets(6), { address: '127.0.0.1', port: 2000 })
    expect(await b.recv(new Uint8Array(4), MSG_TRUNC)).toBe(6)
  })

  test('a small datagram behind a large one that does not fit keeps its turn', async () => {
    const world = new World(16)
    const [a, b] = [world.datagram(1000), world.datagram(2000)]
    const to = { address: '127.0.0.1', port: 2000 }
    await a.sendto(octets(10), to)
    const large = a.sendto(octets(12, 50), to)
    const small = a.sendto(octets(2, 90), to)
    expect(a.trySendto(octets(1), to)).toBe(-EAGAIN)
    expect(await stateOf(small)).toBe('pending')
    const first = await b.recvfrom(new Uint8Array(20))
    expect(first.length).toBe(10)
    expect(await drive(world.clock, Promise.all([large, small]))).toEqual([12, 2])
  })

  test('when the large one gives up, the small one goes at once', async () => {
    const world = new World(16)
    const [a] = [world.datagram(1000), world.datagram(2000)]
    const to = { address: '127.0.0.1', port: 2000 }
    await a.sendto(octets(10), to)
    const large = a.sendto(octets(12), to, 0, { timeout: 20 })
    const small = a.sendto(octets(2), to)
    expect(await failure(world.clock, large)).toMatchObject({ code: 'EAGAIN', address: '127.0.0.1', port: 2000 })
    expect(await small).toBe(2)
  })

  test('readers of one socket each get whole datagrams, in turn', async () => {
    const world = new World(1000)
    const [a, b] = [world.datagram(1000), world.datagram(2000)]
    const counts = [0, 0, 0]
    const reader = async (who: number) => {
      for (let i = 0; i < 5; i++) {
        expect((await b.recvfrom(new Uint8Array(50))).length).toBe(10)
        counts[who] = (counts[who] as number) + 1
        if (i < 4) expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      }
    }
    const readers = [reader(0), reader(1), reader(2)]
    for (let i = 0; i < 15; i++) {
      await a.sendto(octets(10), { address: '127.0.0.1', port: 2000 })
      await settle(world.clock)
    }
    await drive(world.clock, Promise.all(readers))
    expect(counts).toEqual([5, 5, 5])
  })

  test('recvmsg fills several buffers, the name and the flags', async () => {
    const world = new World()
    const [a, b] = [world.datagram(1000), world.datagram(2000)]
    const message = new Message([new Uint8Array(3), new Uint8Array(5)], new SocketAddress())
    const waiting = b.recvmsg(message)
    await a.sendmsg(new Message([octets(4), octets(3, 4)], SocketAddress.internet('127.0.0.1', 2000)))
    expect(await drive(world.clock, waiting)).toBe(7)
    expect(message.buffers).toEqual([octets(3), Uint8Array.of(3, 4, 5, 6, 0)])
    expect(message.name?.port).toBe(1000)
  })
})

describe('Socket: close', () => {
  test('who waits is rejected with EBADF; every later call is EBADF', async () => {
    const world = new World(8)
    const [client, server] = await world.pair()
    const waits = [server.recv(octets(1)), server.recvfrom(octets(1)), server.recv(octets(1))]
    const sending = client.send(octets(20))
    await server.close()
    for (const wait of waits) await expect(wait).rejects.toMatchObject({ code: 'EBADF' })
    await client.close()
    expect(await sending).toBe(8)
    await expect(server.recv(octets(1))).rejects.toMatchObject({ message: 'recv EBADF' })
    await expect(server.recv(octets(1), 0, {})).rejects.toMatchObject({ message: 'recv EBADF' })
    expect(() => server.tryRecv(octets(1))).toThrow('recv EBADF')
    expect(() => server.getsockname()).toThrow('getsockname EBADF')
    expect(() => server.bind({ address: '', port: 0 })).toThrow('bind EBADF 0.0.0.0:0')
    expect(server.readiness).toBe(POLLNVAL)
    expect(world.provider.open.size).toBe(0)
  })

  test('closing twice is one close, and the same promise', async () => {
    const world = new World()
    const socket = world.stream()
    expect(socket.close()).toBe(socket.close())
    expect(socket.closed).toBe(true)
    await socket.close()
  })

  test('SO_LINGER: waits until all is acknowledged', async () => {
    const world = new World()
    const [client] = await world.pair()
    client.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 5 })
    const endpoint = world.endpoint(client.fd)
    await client.send(octets(3))
    const closing = client.close()
    await pass(world.clock, 1000)
    expect(await stateOf(closing)).toBe('pending')
    endpoint.acknowledged()
    await drive(world.clock, closing)
    expect(world.clock.now()).toBe(1000)
    expect(world.clock.nextAt()).toBe(Number.POSITIVE_INFINITY)
  })

  test('SO_LINGER: its time is the longest that it waits', async () => {
    const world = new World()
    const [client] = await world.pair()
    client.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 5 })
    await client.send(octets(3))
    await drive(world.clock, client.close())
    expect(world.clock.now()).toBe(5000)
  })

  test('`using` and `await using` close', async () => {
    const world = new World()
    const plain = world.stream()
    plain[Symbol.dispose]()
    const awaited = world.stream()
    await awaited[Symbol.asyncDispose]()
    expect(world.provider.open.size).toBe(0)
  })

  test('a time limit that is no longer needed leaves no alarm behind', async () => {
    const world = new World()
    const [client, server] = await world.pair()
    const waiting = server.recv(octets(1), 0, { timeout: 10_000 })
    await client.send(octets(1))
    await drive(world.clock, waiting)
    await client.close()
    await server.close()
    await settle(world.clock)
    expect(world.clock.nextAt()).toBe(Number.POSITIVE_INFINITY)
  })

  test('a signal is let go when its call is over', async () => {
    const world = new World()
    const [client, server] = await world.pair()
    const abort = new AbortController()
    let listeners = 0
    const { signal } = abort
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--
      remove(...args)
    }
    const waiting = server.recv(octets(1), 0, { signal })
    expect(listeners).toBe(1)
    await client.send(octets(1))
    await drive(world.clock, waiting)
    expect(listeners).toBe(0)
  })
})

describe('Socket: iteration', () => {
  test('a stream gives its octets in fresh chunks until its end', async () => {
    const world = new World()
    const [client, server] = await world.pair()
    const seen: Uint8Array[] = []
    const reading = (async () => {
      for await (const chunk of server) seen.push(chunk as Uint8Array)
    })()
    for (let i = 0; i < 3; i++) {
      await client.send(octets(4, 4 * i))
      await settle(world.clock)
    }
    client.shutdown(SHUT_WR)
    await drive(world.clock, reading)
    expect(seen).toEqual([octets(4), octets(4, 4), octets(4, 8)])
    expect(new Set(seen.map((chunk) => chunk.buffer)).size).toBe(3)
  })

  test('large chunks are fresh too: none is written over by the next', async () => {
    const world = new World(50_000)
    const [client, server] = await world.pair()
    const seen: Uint8Array[] = []
    const reading = (async () => {
      for await (const chunk of server.chunks()) seen.push(chunk)
    })()
    for (let i = 0; i < 3; i++) {
      await client.send(octets(50_000, i))
      await settle(world.clock)
    }
    await client.close()
    await drive(world.clock, reading)
    expect(seen.map((chunk) => [chunk.length, chunk[0]])).toEqual([
      [50_000, 0],
      [50_000, 1],
      [50_000, 2],
    ])
  })

  test('a connection that was aborted in the queue is passed over; accept says ECONNABORTED', async () => {
    const world = new World()
    const listener = world.listener(80)
    const client = world.stream()
    await drive(world.clock, client.connect({ address: '127.0.0.1', port: 80 }))
    const endpoint = world.endpoint(listener.fd)
    endpoint.abortedInQueue = 1
    await expect(listener.accept()).rejects.toMatchObject({ message: 'accept ECONNABORTED' })
    endpoint.abortedInQueue = 2
    const { value } = await drive(world.clock, listener.connections().next())
    expect((value as Socket).getpeername().port).toBe(client.getsockname().port)
  })

  test('a listening socket gives connections; leaving the loop leaves it open', async () => {
    const world = new World()
    const listener = world.listener(80)
    const ports: number[] = []
    const serving = (async () => {
      for await (const connection of listener) {
        ports.push((connection as Socket).getpeername().port)
        if (ports.length === 2) break
      }
    })()
    const clients = [world.stream(), world.stream()]
    for (const client of clients) await drive(world.clock, client.connect({ address: '127.0.0.1', port: 80 }))
    await drive(world.clock, serving)
    expect(ports).toEqual(clients.map((client) => client.getsockname().port))
    expect(listener.closed).toBe(false)
  })

  test('a datagram socket gives datagrams with who sent them', async () => {
    const world = new World()
    const [a, b] = [world.datagram(1000), world.datagram(2000)]
    await a.sendto(octets(3), { address: '127.0.0.1', port: 2000 })
    await a.sendto(octets(2, 3), { address: '127.0.0.1', port: 2000 })
    const seen: unknown[] = []
    for await (const { data, address } of b.datagrams()) {
      seen.push([[...data], address?.port])
      if (seen.length === 2) break
    }
    expect(seen).toEqual([
      [[0, 1, 2], 1000],
      [[3, 4], 1000],
    ])
  })
})

describe('Socket: watchers', () => {
  test('are told after those who wait have been served, and POLLNVAL at the end', async () => {
    const world = new World()
    const [client, server] = await world.pair()
    const told: number[] = []
    const watcher = { ready: (events: number) => told.push(events | (server.readiness & POLLIN)) }
    server.addWatcher(watcher)
    const waiting = server.recv(new Uint8Array(2))
    await client.send(octets(2))
    await drive(world.clock, waiting)
    expect(server.readiness & POLLIN).toBe(0)
    await server.close()
    expect(told.at(-1)).toBe(POLLNVAL)
    expect(told.some((events) => (events & POLLOUT) !== 0)).toBe(false)
  })
})
