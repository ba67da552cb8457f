// Read first: the WinterTC Sockets API, "startTls()" and secureTransport. Two engines: Node's, and one that does nothing but is watched.

import { createServer, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toDuplex } from '../../../src/adapters/duplex.ts'
import { nodeTls } from '../../../src/adapters/node-tls.ts'
import { SocketError, socketsFor, type TlsEngine, type TlsWishes } from '../../../src/adapters/web.ts'
import type { Provider } from '../../../src/socket/provider.ts'
import type { Socket } from '../../../src/socket/socket.ts'
import { CERTIFICATE, KEY } from './certificate.ts'
import { bytes, expectNoUnhandledRejections, failure, listen, PROVIDERS, received, settled, text } from './hosts.ts'

/** TLS that is none: it begins with a line each way, so that a test sees where it begins. */
class Greeting implements TlsEngine {
  readonly asked: TlsWishes[] = []
  answer: string | null = null

  async connect({ readable, writable }: Parameters<TlsEngine['connect']>[0], wishes: TlsWishes) {
    this.asked.push(wishes)
    const writer = writable.getWriter()
    await writer.write(bytes('HELLO\n'))
    writer.releaseLock()
    const reader = readable.getReader()
    const { value } = await reader.read()
    reader.releaseLock()
    if (text(value) !== 'WELCOME\n') throw new Error(`not welcome: ${text(value)}`)
    return { readable, writable, alpn: this.answer }
  }
}

/** A server of Node's TLS over sockets of ours, which sends back what it gets. */
async function secureEcho(connection: Socket): Promise<TLSSocket> {
  const server = createServer({ key: KEY, cert: CERTIFICATE, ALPNProtocols: ['echo/2', 'echo/1'], allowHalfOpen: true })
  server.on('tlsClientError', () => {})
  const secured = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve))
  server.emit('connection', toDuplex(connection, { allowHalfOpen: true }))
  const socket = await secured
  socket.on('error', () => {})
  return socket.pipe(socket)
}

expectNoUnhandledRejections()

describe.each(PROVIDERS)('TLS over %s', (_, make) => {
  let provider: Provider
  let listener: Socket
  let address: string
  beforeEach(() => {
    provider = make()
    ;[listener, address] = listen(provider)
  })
  afterEach(() => void listener.close())

  test('the engine gets the name and the protocols, and its streams are the socket', async () => {
    const tls = new Greeting()
    tls.answer = 'echo/1'
    const options = { secureTransport: 'on', sni: 'server.example', alpn: ['echo/2', 'echo/1'] } as const
    const socket = socketsFor(provider, { tls }).connect(address, options)
    const peer = await listener.accept()
    expect(await received(peer)).toBe('HELLO\n')
    expect(await settled(socket.opened)).toBe('pending')
    const writing = socket.writable.getWriter().write(bytes('inside'))
    await peer.send(bytes('WELCOME\n'))
    expect((await socket.opened).alpn).toBe('echo/1')
    await writing
    expect(await received(peer)).toBe('inside')
    await peer.send(bytes('a longer answer'))
    const reader = socket.readable.getReader({ mode: 'byob' })
    expect(text((await reader.read(new Uint8Array(8))).value)).toBe('a longer')
    expect(text((await reader.read(new Uint8Array(8))).value)).toBe(' answer')
    expect(tls.asked).toEqual([{ servername: 'server.example', alpn: ['echo/2', 'echo/1'] }])
    expect(() => socket.startTls()).toThrow('SocketError: startTls: there is TLS already')
    await socket.close()
    expect(await received(peer)).toBe('')
    await peer.close()
  })

  test('without sni the hostname is asked for; a handshake that fails rejects opened and closes the connection', async () => {
    const tls = new Greeting()
    const socket = socketsFor(provider, { tls }).connect(address, { secureTransport: 'on' })
    const peer = await listener.accept()
    await received(peer)
    await peer.send(bytes('NO'))
    const error = await failure(socket.opened)
    expect(error).toBeInstanceOf(SocketError)
    expect(error).toMatchObject({ message: 'SocketError: not welcome: NO' })
    expect(await failure(socket.closed)).toBe(error)
    expect(tls.asked).toEqual([{ servername: '127.0.0.1', alpn: [] }])
    expect(await received(peer)).toBe('')
    await peer.close()
  })

  test('a protocol that was not offered is refused', async () => {
    const tls = new Greeting()
    tls.answer = 'other'
    const socket = socketsFor(provider, { tls }).connect(address, { secureTransport: 'on', alpn: ['echo/1'] })
    const peer = await listener.accept()
    await peer.send(bytes('WELCOME\n'))
    expect(await failure(socket.opened)).toMatchObject({
      message: 'SocketError: the server has chosen "other", which was not offered',
    })
    await peer.close()
  })

  test('close during the handshake ends it', async () => {
    const socket = socketsFor(provider, { tls: new Greeting() }).connect(address, { secureTransport: 'on' })
    const peer = await listener.accept()
    expect(await received(peer)).toBe('HELLO\n')
    const reason = new Error('no time')
    await socket.close(reason)
    expect(await failure(socket.opened)).toBe(reason)
    expect(await received(peer)).toBe('')
    await peer.close()
  })

  test('close does not wait for a peer that reads nothing', async () => {
    const socket = socketsFor(provider, { tls: new Greeting() }).connect(address, { secureTransport: 'on' })
    const peer = await listener.accept()
    await received(peer)
    await peer.send(bytes('WELCOME\n'))
    await socket.opened
    const writing = failure(socket.writable.getWriter().write(new Uint8Array(32 << 20)))
    expect(await settled(writing)).toBe('pending')
    const reason = new Error('enough')
    await socket.close(reason)
    await writing
    await peer.close()
  })

  test('startTls: the original is upgraded and closed, "though the original connection is kept alive"', async () => {
    const tls = new Greeting()
    const socket = socketsFor(provider, { tls }).connect(address, {
      secureTransport: 'starttls',
      sni: 'server.example',
    })
    const peer = await listener.accept()
    const writer = socket.writable.getWriter()
    const reader = socket.readable.getReader()
    await writer.write(bytes('STARTTLS\n'))
    await peer.send(bytes('OK\n'))
    expect([await received(peer), text((await reader.read()).value)]).toEqual(['STARTTLS\n', 'OK\n'])
    const secure = socket.startTls()
    expect([socket.upgraded, secure.upgraded, secure.secureTransport]).toEqual([true, false, 'on'])
    expect(secure).not.toBe(socket)
    await socket.closed
    expect(await received(peer)).toBe('HELLO\n')
    await peer.send(bytes('WELCOME\n'))
    expect(await secure.opened).toEqual(await socket.opened)
    expect((await reader.read()).done).toBe(true)
    expect(await failure(writer.write(bytes('plain')))).toBeInstanceOf(TypeError)
    await secure.writable.getWriter().write(bytes('secret'))
    expect(await received(peer)).toBe('secret')
    await socket.close()
    await peer.send(bytes('still'))
    expect(text((await secure.readable.getReader().read()).value)).toBe('still')
    for (const again of [socket, secure]) expect(() => again.startTls()).toThrow(SocketError)
    await secure.close()
    expect(await received(peer)).toBe('')
    await peer.close()
  })

  test('startTls: a read that waits takes nothing of what TLS is to read, and what was written goes before', async () => {
    const tls = new Greeting()
    const socket = socketsFor(provider, { tls }).connect(address, { secureTransport: 'starttls' })
    const peer = await listener.accept()
    await socket.opened
    const reading = socket.readable.getReader({ mode: 'byob' }).read(new Uint8Array(10))
    const writer = socket.writable.getWriter()
    for (const word of ['one ', 'two ', 'three ']) void writer.write(bytes(word))
    expect(await settled(reading)).toBe('pending')
    const secure = socket.startTls()
    expect((await reading).done).toBe(true)
    const all = new Uint8Array(20)
    expect(text(all.subarray(0, await peer.recv(all, 0x100)))).toBe('one two three HELLO\n')
    await peer.send(bytes('WELCOME\n'))
    await secure.opened
    await secure.close()
    await peer.close()
  })

  test('startTls at once, before there is a connection', async () => {
    const tls = new Greeting()
    const socket = socketsFor(provider, { tls }).connect(address, { secureTransport: 'starttls' })
    const reading = socket.readable.getReader().read()
    await Promise.resolve()
    const secure = socket.startTls()
    const peer = await listener.accept()
    expect(await received(peer)).toBe('HELLO\n')
    await peer.send(bytes('WELCOME\n'))
    await secure.opened
    await socket.opened
    expect((await reading).done).toBe(true)
    await secure.close()
    await peer.close()
  })

  test('startTls of a connection that fails rejects both', async () => {
    await listener.close()
    const socket = socketsFor(provider, { tls: new Greeting() }).connect(address, { secureTransport: 'starttls' })
    const secure = socket.startTls()
    const error = await failure(secure.opened)
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    expect(await failure(socket.opened)).toBe(error)
    expect(await failure(socket.closed)).toBe(error)
    expect(await failure(secure.closed)).toBe(error)
  })

  test('startTls of a socket that is closed fails', async () => {
    const socket = socketsFor(provider, { tls: new Greeting() }).connect(address, { secureTransport: 'starttls' })
    await socket.close()
    expect(() => socket.startTls()).toThrow('SocketError: startTls: the socket is closed')
  })

  describe("by Node's engine", () => {
    const tls = nodeTls({ ca: CERTIFICATE })

    async function secure(options: object) {
      const socket = socketsFor(provider, { tls }).connect(address, { secureTransport: 'on', ...options })
      const server = await secureEcho(await listener.accept())
      return { socket, server }
    }

    test('octets both ways, by name and protocol', async () => {
      const { socket, server } = await secure({ sni: 'server.example', alpn: ['echo/1', 'http/1.1'] })
      expect((await socket.opened).alpn).toBe('echo/1')
      expect((server as TLSSocket & { servername: string }).servername).toBe('server.example')
      const sent = new Uint8Array(1 << 20).map((_, i) => i % 251)
      const writing = socket.writable.getWriter().write(sent)
      const reader = socket.readable.getReader()
      const got = new Uint8Array(sent.length)
      for (let at = 0; at < got.length; ) {
        const { value = new Uint8Array(1) } = await reader.read()
        got.set(value, at)
        at += value.length
      }
      expect(Buffer.compare(got, sent)).toBe(0)
      await writing
      await socket.close()
    })

    test('an address is verified as one, and no SNI is sent', async () => {
      const { socket, server } = await secure({})
      expect((await socket.opened).alpn).toBe(null)
      expect((server as TLSSocket & { servername: unknown }).servername).toBe(false)
      server.end('good bye')
      expect(text((await socket.readable.getReader().read()).value)).toBe('good bye')
      await socket.close()
    })

    test('closing the writable is heard, and with allowHalfOpen the answer still comes', async () => {
      const { socket, server } = await secure({ sni: 'server.example', allowHalfOpen: true })
      const writer = socket.writable.getWriter()
      await writer.write(bytes('question'))
      await writer.close()
      const reader = socket.readable.getReader()
      expect(text((await reader.read()).value)).toBe('question')
      expect((await reader.read()).done).toBe(true)
      expect(server.readableEnded).toBe(true)
      await socket.close()
    })

    test('a name that the certificate does not have, and a certificate that nobody has signed', async () => {
      const refused = async (sni: string, engine: TlsEngine) => {
        const socket = socketsFor(provider, { tls: engine }).connect(address, { secureTransport: 'on', sni })
        void secureEcho(await listener.accept())
        return failure(socket.opened)
      }
      expect(await refused('other.example', tls)).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
      const error = await refused('server.example', nodeTls())
      expect(error).toBeInstanceOf(SocketError)
      expect(error).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    })

    test('the peer is gone in the middle of the handshake', async () => {
      const socket = socketsFor(provider, { tls }).connect(address, { secureTransport: 'on' })
      const peer = await listener.accept()
      await received(peer)
      await peer.close()
      const error = await failure(socket.opened)
      expect(error).toBeInstanceOf(SocketError)
      expect(await failure(socket.closed)).toBe(error)
    })

    test('startTls', async () => {
      const options = { secureTransport: 'starttls', sni: 'server.example' } as const
      const socket = socketsFor(provider, { tls }).connect(address, options)
      const peer = await listener.accept()
      await socket.writable.getWriter().write(bytes('STARTTLS\n'))
      expect(await received(peer)).toBe('STARTTLS\n')
      await peer.send(bytes('OK\n'))
      expect(text((await socket.readable.getReader().read()).value)).toBe('OK\n')
      const inside = socket.startTls()
      await secureEcho(peer)
      await inside.opened
      await inside.writable.getWriter().write(bytes('secret'))
      expect(text((await inside.readable.getReader().read()).value)).toBe('secret')
      await inside.close()
    })
  })
})
