// Read first: Deno's documentation, "Network" and Deno.errors.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { toDuplex } from '../../../src/adapters/duplex.ts'
import { nodeTls } from '../../../src/adapters/node-tls.ts'
import { type DenoConn, type DenoNetwork, denoFor, type NetAddr } from '../../../src/adapters/web.ts'
import {
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOL_SOCKET,
  TCP_NODELAY,
} from '../../../src/base/constants.ts'
import { Names } from '../../../src/services/names/index.ts'
import type { Provider } from '../../../src/socket/provider.ts'
import { CERTIFICATE, KEY } from './certificate.ts'
import { bytes, failure, listen, PROVIDERS, settled, text, watched } from './hosts.ts'

const folder = mkdtempSync(join(tmpdir(), 'jackfield-deno-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let paths = 0

async function readText(conn: DenoConn<never> | DenoConn<NetAddr> | DenoConn): Promise<string | null> {
  const p = new Uint8Array(100)
  const count = await conn.read(p)
  return count === null ? null : text(p.subarray(0, count))
}

describe.each(PROVIDERS)("Deno's network over %s", (_, make) => {
  let provider: Provider
  let deno: DenoNetwork
  beforeEach(() => {
    provider = make()
    deno = denoFor(provider)
  })

  async function pair() {
    const listener = deno.listen({ hostname: '127.0.0.1', port: 0 })
    const client = await deno.connect({ port: listener.addr.port })
    const server = await listener.accept()
    listener.close()
    return { client, server }
  }

  test('connect and accept: addresses, octets, null at the end', async () => {
    const listener = deno.listen({ hostname: '127.0.0.1' })
    expect(listener.addr).toEqual({ transport: 'tcp', hostname: '127.0.0.1', port: expect.any(Number) })
    const client = await deno.connect({ hostname: '127.0.0.1', port: listener.addr.port, transport: 'tcp' })
    const server = await listener.accept()
    expect(client.remoteAddr).toEqual(listener.addr)
    expect(server.localAddr).toEqual(listener.addr)
    expect(server.remoteAddr).toEqual(client.localAddr)
    expect(await client.write(bytes('hello'))).toBe(5)
    expect(await server.read(new Uint8Array(0))).toBe(0)
    expect(await readText(server)).toBe('hello')
    await client.closeWrite()
    expect(await readText(server)).toBe(null)
    expect(await server.write(bytes('still'))).toBe(5)
    expect(await readText(client)).toBe('still')
    for (const one of [client, server, listener]) one.close()
  })

  test('IPv6, with brackets and without; a name by `names`', async () => {
    const listener = deno.listen({ hostname: '[::1]', port: 0 })
    expect(listener.addr.hostname).toBe('::1')
    for (const hostname of ['::1', '[::1]']) {
      const conn = await deno.connect({ hostname, port: listener.addr.port })
      expect(conn.remoteAddr).toEqual(listener.addr)
      conn.close()
    }
    const names = new Names(provider, { hosts: '::1 server.example' })
    const conn = await denoFor(provider, { names }).connect({ hostname: 'server.example', port: listener.addr.port })
    expect(conn.remoteAddr.hostname).toBe('::1')
    conn.close()
    expect(await failure(deno.connect({ hostname: 'server.example', port: 1 }))).toBeInstanceOf(TypeError)
    listener.close()
  })

  test('errors have the classes and names of Deno.errors', async () => {
    const listener = deno.listen({ hostname: '127.0.0.1', port: 0 })
    const { port } = listener.addr
    try {
      deno.listen({ hostname: '127.0.0.1', port })
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(deno.errors.AddrInUse)
      expect(error).toBeInstanceOf(Error)
      expect(error).toMatchObject({
        name: 'AddrInUse',
        code: 'EADDRINUSE',
        message: 'Address already in use (os error 98)',
      })
    }
    listener.close()
    const refused = await failure(deno.connect({ port }))
    expect(refused).toBeInstanceOf(deno.errors.ConnectionRefused)
    expect(refused).toMatchObject({ name: 'ConnectionRefused', message: 'Connection refused (os error 111)' })
    expect(() => deno.listen({ hostname: '192.0.2.7', port: 0 })).toThrow(deno.errors.AddrNotAvailable)
    expect(() => deno.listen({ hostname: 'server.example', port: 0 })).toThrow(TypeError)
    expect(() => deno.listen({ port: 65536 })).toThrow('port must be an integer from 0 to 65535, got 65536')
    const nowhere = await failure(deno.connect({ transport: 'unix', path: join(folder, 'nothing') }))
    expect([nowhere instanceof Error, (nowhere as Error).name]).toEqual([
      true,
      provider.name === 'os' ? 'NotFound' : expect.stringMatching(/NotFound|ConnectionRefused/),
    ])
  })

  test('a closed connection is a BadResource, close the second time too, dispose not; what waits is Interrupted', async () => {
    const { client, server } = await pair()
    const reading = failure(client.read(new Uint8Array(9)))
    expect(await settled(reading)).toBe('pending')
    client.close()
    expect(await reading).toBeInstanceOf(deno.errors.Interrupted)
    for (const again of [
      client.read(new Uint8Array(1)),
      client.write(bytes('x')),
      client.closeWrite(),
    ] as Promise<unknown>[]) {
      expect(await failure(again)).toMatchObject({ name: 'BadResource', message: 'Bad resource ID' })
    }
    expect(() => client.close()).toThrow(deno.errors.BadResource)
    client[Symbol.dispose]()
    expect(await readText(server)).toBe(null)
    server[Symbol.dispose]()
    expect(() => server.close()).toThrow(deno.errors.BadResource)
  })

  test('a write behind closeWrite is a BrokenPipe', async () => {
    const { client, server } = await pair()
    await client.closeWrite()
    expect(await failure(client.write(bytes('late')))).toBeInstanceOf(deno.errors.BrokenPipe)
    client.close()
    server.close()
  })

  test('accept: Busy where one waits, BadResource when the listener closes; iteration ends then', async () => {
    const listener = deno.listen({ hostname: '127.0.0.1', port: 0 })
    const accepting = failure(listener.accept())
    expect(await failure(listener.accept())).toBeInstanceOf(deno.errors.Busy)
    listener.close()
    expect(await accepting).toMatchObject({ name: 'BadResource', message: 'Listener has been closed' })
    expect(await failure(listener.accept())).toMatchObject({ message: 'Listener has been closed' })
    expect(() => listener.close()).toThrow(deno.errors.BadResource)
    for await (const _conn of listener) expect.unreachable()
  })

  test('an address can be listened at again at once (SO_REUSEADDR), by two with reusePort; Nagle is as the system has it', async () => {
    const [seen, option] = watched(provider)
    const one = denoFor(seen).listen({ hostname: '127.0.0.1', port: 0, reusePort: true })
    expect([option(SOL_SOCKET, SO_REUSEADDR), option(SOL_SOCKET, SO_REUSEPORT)]).toEqual([1, 1])
    const two = deno.listen({ hostname: '127.0.0.1', port: one.addr.port, reusePort: true })
    const conn = await denoFor(seen).connect({ port: one.addr.port })
    expect(option(IPPROTO_TCP, TCP_NODELAY)).toBe(0)
    conn.setNoDelay()
    expect(option(IPPROTO_TCP, TCP_NODELAY)).toBe(1)
    conn.setKeepAlive()
    expect(option(SOL_SOCKET, SO_KEEPALIVE)).toBe(1)
    for (const each of [one, two, conn]) each.close()
  })

  test('for await over a listener; who leaves the loop closes it', async () => {
    const listener = deno.listen({ hostname: '127.0.0.1', port: 0 })
    const { port } = listener.addr
    const clients = [await deno.connect({ port }), await deno.connect({ port })]
    const peers: unknown[] = []
    for await (const conn of listener) {
      peers.push(conn.remoteAddr)
      conn.close()
      if (peers.length === 2) break
    }
    expect(peers).toEqual(clients.map(({ localAddr }) => localAddr))
    expect(() => listener.close()).toThrow(deno.errors.BadResource)
    for (const client of clients) client.close()
  })

  test('readable and writable: an echo by pipeTo', async () => {
    const { client, server } = await pair()
    expect(server.readable).toBe(server.readable)
    const piping = server.readable.pipeTo(server.writable)
    await client.write(bytes('echo'))
    expect(await readText(client)).toBe('echo')
    await client.closeWrite()
    expect(await readText(client)).toBe(null)
    await piping
    client.close()
  })

  test('options of a connection, ref and unref', async () => {
    const { client, server } = await pair()
    client.setNoDelay()
    client.setNoDelay(false)
    client.setKeepAlive()
    client.unref()
    client.ref()
    client.close()
    server.close()
    expect(() => client.setNoDelay()).toThrow(deno.errors.BadResource)
  })

  test('Unix streams and datagrams', async () => {
    const path = join(folder, `stream-${paths++}`)
    const listener = deno.listen({ transport: 'unix', path })
    expect(listener.addr).toEqual({ transport: 'unix', path })
    const client = await deno.connect({ transport: 'unix', path })
    const server = await listener.accept()
    expect(client.remoteAddr).toEqual({ transport: 'unix', path })
    expect(server.remoteAddr).toEqual({ transport: 'unix', path: null })
    await server.write(bytes('unix'))
    expect(await readText(client)).toBe('unix')
    for (const one of [client, server, listener]) one.close()
    const [a, b] = [0, 1].map(() =>
      deno.listenDatagram({ transport: 'unixpacket', path: join(folder, `packet-${paths++}`) }),
    )
    if (a === undefined || b === undefined) throw new Error('there are two')
    expect(await a.send(bytes('packet'), b.addr)).toBe(6)
    const [got, from] = await b.receive()
    expect([text(got), from]).toEqual(['packet', a.addr])
    a.close()
    b.close()
  })

  test('datagrams: send, receive into a buffer, iteration, close', async () => {
    const a = deno.listenDatagram({ transport: 'udp', port: 0 })
    const b = deno.listenDatagram({ transport: 'udp', hostname: '127.0.0.1', port: 0 })
    expect(a.addr).toEqual({ transport: 'udp', hostname: '127.0.0.1', port: expect.any(Number) })
    expect(await a.send(bytes('one'), b.addr)).toBe(3)
    expect(await a.send(bytes('two'), b.addr)).toBe(3)
    const p = new Uint8Array(2)
    const [cut, from] = await b.receive(p)
    expect([text(cut), cut.buffer === p.buffer, from]).toEqual(['on', true, a.addr])
    for await (const [datagram] of b) {
      expect(text(datagram)).toBe('two')
      break
    }
    const waiting = failure(a.receive())
    a.close()
    expect(await waiting).toBeInstanceOf(deno.errors.Interrupted)
    expect(await failure(a.receive())).toBeInstanceOf(deno.errors.BadResource)
    expect(await failure(a.send(p, b.addr))).toBeInstanceOf(deno.errors.BadResource)
    for await (const _datagram of a) expect.unreachable()
    expect(() => a.close()).toThrow(deno.errors.BadResource)
    b[Symbol.dispose]()
  })

  test('multicast: what goes to a group is heard while it is joined', async () => {
    const conn = deno.listenDatagram({ transport: 'udp', hostname: '0.0.0.0', port: 0, reuseAddress: true })
    const membership = await conn.joinMulticastV4('239.1.2.3', '127.0.0.1')
    await membership.setLoopback(true)
    await membership.setTTL(1)
    await membership.leave()
    const left = await failure(membership.leave())
    expect(left).toBeInstanceOf(deno.errors.AddrNotAvailable)
    expect(await failure(conn.joinMulticastV4('10.1.2.3', '127.0.0.1'))).toBeInstanceOf(TypeError)
    conn.close()
    expect(await failure(conn.joinMulticastV4('239.1.2.3', '127.0.0.1'))).toBeInstanceOf(deno.errors.BadResource)
  })

  test('TLS: connectTls and startTls by the engine, caCerts beside its own', async () => {
    const [listener] = listen(provider)
    const { port } = listener.getsockname()
    const secure = denoFor(provider, { tls: nodeTls() })
    const serve = async () => {
      const server = createServer({ key: KEY, cert: CERTIFICATE, ALPNProtocols: ['echo/1'] })
      server.on('tlsClientError', () => {})
      server.on('secureConnection', (socket: TLSSocket) => socket.on('error', () => {}).pipe(socket))
      server.emit('connection', toDuplex(await listener.accept(), { allowHalfOpen: true }))
    }
    const options = { caCerts: [CERTIFICATE], alpnProtocols: ['echo/1'] }
    const connecting = secure.connectTls({ hostname: '127.0.0.1', port, ...options })
    void serve()
    const conn = await connecting
    expect(await conn.handshake()).toEqual({ alpnProtocol: 'echo/1' })
    expect(conn.remoteAddr).toEqual({ transport: 'tcp', hostname: '127.0.0.1', port })
    await conn.write(bytes('secret'))
    expect(await readText(conn)).toBe('secret')
    conn.close()

    const refused = failure(secure.connectTls({ port }))
    void serve()
    expect(await refused).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })

    const plain = await secure.connect({ port })
    const reading = failure(plain.read(new Uint8Array(1)))
    expect(await failure(secure.startTls(plain))).toBeInstanceOf(deno.errors.Busy)
    plain.close()
    await reading
    const gone = await listener.accept()
    await gone.close()

    const other = await secure.connect({ port })
    void serve()
    const upgraded = await secure.startTls(other, { ...options, hostname: 'server.example' })
    expect(await failure(other.write(bytes('plain')))).toBeInstanceOf(deno.errors.BadResource)
    await upgraded.write(bytes('inside'))
    expect(await readText(upgraded)).toBe('inside')
    upgraded.close()
    await listener.close()
    expect(await failure(deno.connectTls({ port }))).toMatchObject({ name: 'ConnectionRefused' })
  })

  test('what is wrong is a TypeError', async () => {
    expect(() => deno.listen(undefined as never)).toThrow('options must be an object, got undefined')
    expect(() => deno.listen({ transport: 'udp' } as never)).toThrow("transport must be 'tcp' or 'unix', got \"udp\"")
    expect(() => deno.listenDatagram({ port: 0 } as never)).toThrow(TypeError)
    expect(() => deno.listen({ transport: 'unix' } as never)).toThrow('path must be a string, got undefined')
    expect(await failure(deno.connect({ transport: 'udp' } as never))).toBeInstanceOf(TypeError)
    const { client, server } = await pair()
    expect(await failure(client.read('x' as never))).toBeInstanceOf(TypeError)
    client.close()
    server.close()
  })
})
