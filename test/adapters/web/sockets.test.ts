// Read first: the WinterTC Sockets API. Each case has the words that it holds to.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SocketError, socketsFor } from '../../../src/adapters/web.ts'
import { AF_INET6, IPPROTO_TCP, SHUT_WR, SO_LINGER, SOL_SOCKET, TCP_NODELAY } from '../../../src/base/constants.ts'
import { Names } from '../../../src/services/names/index.ts'
import type { Provider } from '../../../src/socket/provider.ts'
import type { Socket } from '../../../src/socket/socket.ts'
import {
  bytes,
  expectNoUnhandledRejections,
  failure,
  listen,
  PROVIDERS,
  received,
  settled,
  text,
  watched,
} from './hosts.ts'

expectNoUnhandledRejections()

function reset(socket: Socket): void {
  socket.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 })
  void socket.close()
}

describe.each(PROVIDERS)('sockets of the web over %s', (_, make) => {
  let provider: Provider
  let listener: Socket
  let address: string
  beforeEach(() => {
    provider = make()
    ;[listener, address] = listen(provider)
  })
  afterEach(() => void listener.close())

  async function pair(options = {}) {
    const socket = socketsFor(provider).connect(address, options)
    const peer = await listener.accept()
    await socket.opened
    return { socket, peer }
  }

  test('connect gives a socket at once, "in a pending state"; its streams "can be used immediately"', async () => {
    const socket = socketsFor(provider).connect(address)
    const writing = socket.writable.getWriter().write('Hello, World!\r\n')
    const reading = socket.readable.getReader().read()
    expect([socket.upgraded, socket.secureTransport]).toEqual([false, 'off'])
    const peer = await listener.accept()
    expect(await received(peer)).toBe('Hello, World!\r\n')
    await peer.send(bytes('and you'))
    await writing
    expect(text((await reading).value)).toBe('and you')
    await socket.close()
    await peer.close()
  })

  test('opened "resolves a SocketInfo" with both ends', async () => {
    const { socket, peer } = await pair()
    const info = await socket.opened
    expect(info).toEqual({ remoteAddress: address, localAddress: peer.getpeername().toString(), alpn: null })
    await socket.close()
    await peer.close()
  })

  test.each([
    ['text in brackets', (port: number) => `[::1]:${port}`],
    ['an object', (port: number) => ({ hostname: '::1', port })],
    ['an object with brackets', (port: number) => ({ hostname: '[::1]', port })],
    ['a URL', (port: number) => new URL(`http://[::1]:${port}/`)],
  ])('an IPv6 address as %s', async (_kind, write) => {
    const [six] = listen(provider, AF_INET6, '::1')
    const { port } = six.getsockname()
    const socket = socketsFor(provider).connect(write(port))
    expect((await socket.opened).remoteAddress).toBe(`[::1]:${port}`)
    await socket.close()
    await six.close()
  })

  test('a name is looked up by `names`; without, it is a SocketError', async () => {
    const { port } = listener.getsockname()
    const names = new Names(provider, { hosts: '127.0.0.1 server.example' })
    const socket = socketsFor(provider, { names }).connect(`server.example:${port}`)
    expect((await socket.opened).remoteAddress).toBe(address)
    await socket.close()
    const unknown = socketsFor(provider, { names }).connect({ hostname: 'other.example', port })
    expect(await failure(unknown.opened)).toMatchObject({ code: 'EAI_NONAME' })
    const none = socketsFor(provider).connect({ hostname: 'server.example', port })
    const error = await failure(none.opened)
    expect(error).toBeInstanceOf(SocketError)
    expect((error as Error).message).toBe(
      'SocketError: server.example is a name, and there is nobody to look it up: give `names`, or an address',
    )
  })

  test('a connection that fails rejects opened and closed "with error", cancels the readable and aborts the writable', async () => {
    await listener.close()
    const socket = socketsFor(provider).connect(address)
    const reading = socket.readable.getReader().read()
    const writer = socket.writable.getWriter()
    const writing = failure(writer.write(bytes('lost')))
    const error = await failure(socket.opened)
    expect(error).toBeInstanceOf(SocketError)
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({
      message: `SocketError: connect ECONNREFUSED ${address}`,
      code: 'ECONNREFUSED',
      errno: -111,
      syscall: 'connect',
      address: '127.0.0.1',
      cause: { code: 'ECONNREFUSED' },
    })
    expect(await failure(socket.closed)).toBe(error)
    expect((await reading).done).toBe(true)
    expect(await writing).toBe(error)
    expect(await failure(writer.write(bytes('more')))).toBe(error)
    expect(await failure(socket.close())).toBe(error)
  })

  test('promises that nobody looks at are "marked as handled"', async () => {
    await listener.close()
    const socket = socketsFor(provider).connect(address)
    await failure(socket.opened)
    const other = socketsFor(provider).connect(address)
    void other.close(new Error('no more'))
    await other.closed
  })

  test('close gives the promise of `closed`, and resolves it', async () => {
    const { socket, peer } = await pair()
    const { closed } = socket
    expect(socket.closed).toBe(closed)
    expect(await settled(closed)).toBe('pending')
    expect(socket.close()).toBe(closed)
    expect(await closed).toBe(undefined)
    expect(socket.close()).toBe(closed)
    expect(await received(peer)).toBe('')
    await peer.close()
  })

  test('close cancels the readable and aborts the writable with the reason, though both are locked', async () => {
    const { socket, peer } = await pair()
    const reader = socket.readable.getReader()
    const reading = reader.read()
    const writer = socket.writable.getWriter()
    const reason = new Error('enough')
    const aborted = failure(writer.closed)
    await socket.close(reason)
    expect((await reading).done).toBe(true)
    expect(await reader.closed).toBe(undefined)
    expect(await aborted).toBe(reason)
    expect(await failure(writer.write(bytes('late')))).toBe(reason)
    await peer.close()
  })

  test('close while it connects: opened "will be rejected with the reason"', async () => {
    const socket = socketsFor(provider).connect(address)
    const reason = { why: 'changed my mind' }
    const closed = socket.close(reason)
    expect(await failure(socket.opened)).toBe(reason)
    expect(await closed).toBe(undefined)
  })

  test('what was written before close arrives; close does not reset', async () => {
    const { socket, peer } = await pair()
    await socket.writable.getWriter().write(bytes('the last'))
    await socket.close()
    expect(await received(peer)).toBe('the last')
    expect(await received(peer)).toBe('')
    await peer.close()
  })

  test('each chunk leaves at once: nobody could ask for TCP_NODELAY', async () => {
    const [seen, option] = watched(provider)
    const socket = socketsFor(seen).connect(address)
    await socket.opened
    expect(option(IPPROTO_TCP, TCP_NODELAY)).toBe(1)
    await socket.close()
  })

  test('a byte stream: a BYOB reader gets octets in its own buffer, and its buffer back at the end', async () => {
    const { socket, peer } = await pair()
    const reader = socket.readable.getReader({ mode: 'byob' })
    await peer.send(bytes('hello'))
    const first = await reader.read(new Uint8Array(new ArrayBuffer(16), 4, 3))
    expect([text(first.value), first.value?.byteOffset]).toEqual(['hel', 4])
    const second = await reader.read(new Uint8Array(16))
    expect(text(second.value)).toBe('lo')
    const third = reader.read(new Uint8Array(16))
    await peer.close()
    expect(await third).toMatchObject({ done: true, value: new Uint8Array(0) })
    await socket.closed
  })

  test('nothing is read that nobody asks for, and a writer waits for the peer: backpressure both ways', async () => {
    const { socket, peer } = await pair()
    const much = new Uint8Array(32 << 20)
    const writing = socket.writable.getWriter().write(much)
    const back = peer.send(much)
    expect(await settled(writing)).toBe('pending')
    expect(await settled(back)).toBe('pending')
    const into = new Uint8Array(1 << 20)
    for (let left = much.length; left > 0; ) left -= await peer.recv(into)
    await writing
    const reader = socket.readable.getReader()
    for (let left = much.length; left > 0; ) left -= (await reader.read()).value?.length ?? left
    await back
    await socket.close()
    await peer.close()
  })

  test('allowHalfOpen false: a FIN closes the writable and the socket, once the readable is read to it', async () => {
    const { socket, peer } = await pair()
    await peer.send(bytes('bye'))
    peer.shutdown(SHUT_WR)
    expect(await settled(socket.closed)).toBe('pending')
    const writer = socket.writable.getWriter()
    const reader = socket.readable.getReader()
    expect(text((await reader.read()).value)).toBe('bye')
    expect((await reader.read()).done).toBe(true)
    await socket.closed
    expect(await writer.closed).toBe(undefined)
    expect(await failure(writer.write(bytes('late')))).toBeInstanceOf(TypeError)
    expect(await received(peer)).toBe('')
    await peer.close()
  })

  test('allowHalfOpen false: what waits to be written when the FIN comes is sent', async () => {
    const { socket, peer } = await pair()
    const writer = socket.writable.getWriter()
    const writing = [writer.write(new Uint8Array(16 << 20)), writer.write(bytes('the end'))]
    expect(await settled(writing[1] as Promise<void>)).toBe('pending')
    peer.shutdown(SHUT_WR)
    expect((await socket.readable.getReader().read()).done).toBe(true)
    let tail = new Uint8Array(0)
    let all = 0
    for (const into = new Uint8Array(1 << 20); ; ) {
      const count = await peer.recv(into)
      if (count === 0) break
      all += count
      tail = into.slice(Math.max(0, count - 7), count)
    }
    expect([all, text(tail)]).toEqual([(16 << 20) + 7, 'the end'])
    await Promise.all(writing)
    await socket.closed
    await peer.close()
  })

  test('allowHalfOpen false with the writable piped to: it fails, and the socket closes', async () => {
    const { socket, peer } = await pair()
    const endless = new ReadableStream({ pull: () => new Promise(() => {}) })
    const piping = failure(endless.pipeTo(socket.writable))
    peer.shutdown(SHUT_WR)
    expect((await socket.readable.getReader().read()).done).toBe(true)
    expect(await piping).toMatchObject({ message: 'SocketError: the peer has closed the connection' })
    await socket.closed
    await peer.close()
  })

  test('allowHalfOpen true: the writable "can still be written to" behind a FIN', async () => {
    const { socket, peer } = await pair({ allowHalfOpen: true })
    peer.shutdown(SHUT_WR)
    expect((await socket.readable.getReader().read()).done).toBe(true)
    const writer = socket.writable.getWriter()
    await writer.write(bytes('still here'))
    expect(await received(peer)).toBe('still here')
    expect(await settled(socket.closed)).toBe('pending')
    await writer.close()
    expect(await received(peer)).toBe('')
    await socket.close()
    await peer.close()
  })

  test('closing the writable and cancelling the readable "does not resolve the closed promise"', async () => {
    const { socket, peer } = await pair()
    await socket.writable.close()
    expect(await received(peer)).toBe('')
    await socket.readable.cancel()
    expect(await settled(socket.closed)).toBe('pending')
    await socket.close()
    expect(await settled(socket.closed)).toBe('fulfilled')
    await peer.close()
  })

  test('closing the writable while it connects sends the end after what was written', async () => {
    const socket = socketsFor(provider).connect(address)
    void socket.writable.getWriter().write(bytes('short'))
    const peer = await listener.accept()
    const other = socketsFor(provider).connect(address)
    await other.writable.close()
    const second = await listener.accept()
    expect([await received(peer), await received(second)]).toEqual(['short', ''])
    await Promise.all([socket.close(), other.close(), peer.close(), second.close()])
  })

  test('aborting the writable resets the connection', async () => {
    const { socket, peer } = await pair()
    await socket.writable.abort(new Error('no'))
    expect(await failure(received(peer))).toMatchObject({ code: 'ECONNRESET' })
    await socket.closed
    await peer.close()
  })

  test('a RST rejects who reads and writes with a SocketError, and closes the socket', async () => {
    const { socket, peer } = await pair()
    const reading = failure(socket.readable.getReader().read())
    const writer = socket.writable.getWriter()
    reset(peer)
    const error = await reading
    expect(error).toBeInstanceOf(SocketError)
    expect(error).toMatchObject({ message: 'SocketError: recv ECONNRESET', code: 'ECONNRESET' })
    await socket.closed
    expect(await failure(writer.write(bytes('late')))).toBe(error)
  })

  test('startTls fails with a SocketError unless the option is "starttls"', async () => {
    const { socket, peer } = await pair()
    expect(() => socket.startTls()).toThrow(SocketError)
    expect(() => socket.startTls()).toThrow("SocketError: startTls needs secureTransport 'starttls'")
    expect(socket.upgraded).toBe(false)
    await socket.close()
    await peer.close()
  })
})

describe('connect throws a SocketError', () => {
  const { connect } = socketsFor(PROVIDERS[1]?.[1]() as Provider)
  test.each([
    ['127.0.0.1', 'an address must be "host:port", got "127.0.0.1", which has no port'],
    ['', 'an address must be "host:port", got "", which has no port'],
    [':80', 'a hostname must be a name or an address, got ":80"'],
    ['::1:80', 'an address must be "host:port", an IPv6 address in it "[::1]:port", got "::1:80"'],
    ['[::1]', 'an address must be "host:port", an IPv6 address in it "[::1]:port", got "[::1]"'],
    ['server.example:', 'port must be an integer from 0 to 65535, got ""'],
    ['server.example:http', 'port must be an integer from 0 to 65535, got "http"'],
    ['server.example:65536', 'port must be an integer from 0 to 65535, got "65536"'],
    ['server.example:-1', 'port must be an integer from 0 to 65535, got "-1"'],
    ['a b:80', 'a hostname must be a name or an address, got "a b:80"'],
    ['user@server.example:80', 'a hostname must be a name or an address, got "user@server.example:80"'],
    [null, 'an address must be "host:port" or { hostname, port }, got null'],
    [undefined, 'an address must be "host:port" or { hostname, port }, got undefined'],
    [80, 'an address must be "host:port" or { hostname, port }, got 80'],
    [{ port: 80 }, 'hostname must be a string, got undefined'],
    [{ hostname: '', port: 80 }, 'a hostname must be a name or an address, got ""'],
    [{ hostname: 'server.example' }, 'port must be an integer from 0 to 65535, got undefined'],
    [{ hostname: 'server.example', port: 1.5 }, 'port must be an integer from 0 to 65535, got 1.5'],
  ])('for the address %o', (address, message) => {
    expect(() => connect(address as never)).toThrow(SocketError)
    expect(() => connect(address as never)).toThrow(`SocketError: ${message}`)
  })

  test.each([
    [{ secureTransport: 'yes' }, `secureTransport must be 'off', 'on' or 'starttls', got "yes"`],
    [{ sni: 'server.example' }, "sni needs secureTransport 'on' or 'starttls'"],
    [{ alpn: ['h2'] }, "alpn needs secureTransport 'on' or 'starttls'"],
    [{ secureTransport: 'on', alpn: 'h2' }, 'alpn must be an array of names of 1 to 255 octets, got "h2"'],
    [{ secureTransport: 'on', sni: 7 }, 'sni must be a name, got 7'],
    [{ secureTransport: 'on' }, "secureTransport 'on' needs a TLS engine: give `tls`"],
    [{ secureTransport: 'starttls' }, "secureTransport 'starttls' needs a TLS engine: give `tls`"],
    [true, 'options must be an object, got true'],
  ])('for the options %o', (options, message) => {
    expect(() => connect('127.0.0.1:80', options as never)).toThrow(SocketError)
    expect(() => connect('127.0.0.1:80', options as never)).toThrow(`SocketError: ${message}`)
  })

  test('and made by hand it begins so, too', () => {
    expect(new SocketError('connection failed').message).toBe('SocketError: connection failed')
    expect(new SocketError('connection failed').name).toBe('TypeError')
  })
})
