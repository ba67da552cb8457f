// What the newest Node has, and the Node that runs this may not have: run against it where it is there, else against what its manual says.

import { once } from 'node:events'
import { BlockList } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type NetModule, netFor } from '../../../src/adapters/net/net-for.ts'
import { OperatingSystem } from '../../../src/os/operating-system.ts'
import { Stack } from '../../../src/platform/stack.ts'

type Options = Record<string, unknown>

describe.each([
  ['the operating system', netFor(new OperatingSystem())],
  ['a stack', netFor(new Stack())],
])('net on %s', (_name, module) => {
  const net = module as NetModule
  const portOf = (server: unknown) => (server as { address(): { port: number } }).address().port

  it('BoundSocket: a server listens on it', async () => {
    const bound = new net.BoundSocket({ host: '127.0.0.1' })
    const { port } = bound.address() as { port: number }
    expect(bound.address()).toEqual({ address: '127.0.0.1', family: 'IPv4', port: expect.any(Number) })
    expect(bound.fd()).toBeGreaterThan(2)
    const server = net.createServer((socket) => socket.end('hi'))
    server.listen(bound as never)
    await once(server, 'listening')
    expect(portOf(server)).toBe(port)
    expect(() => bound.address()).toThrow(expect.objectContaining({ code: 'ERR_SOCKET_HANDLE_ADOPTED' }))
    const client = net.connect(port, '127.0.0.1').resume()
    await once(client, 'close')
    server.close()
    await once(server, 'close')
  })

  it('BoundSocket: a socket connects it', async () => {
    const server = net.createServer((socket) => socket.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const bound = new net.BoundSocket({ host: '127.0.0.1' })
    const { port } = bound.address() as { port: number }
    const client = new net.Socket({ handle: bound } as Options)
    expect(client.connect(portOf(server), '127.0.0.1').resume().localPort).toBe(port)
    await once(client, 'close')
    server.close()
    await once(server, 'close')
  })

  it('BoundSocket: what is in use is thrown, and close gives it back', () => {
    const bound = new net.BoundSocket({ host: '127.0.0.1', port: 0 })
    const { port } = bound.address() as { port: number }
    const server = new net.BoundSocket({ host: '127.0.0.1', port: 0, reusePort: true })
    server.close()
    expect(() => server.close()).toThrow('already been adopted or closed')
    bound[Symbol.dispose]()
    bound[Symbol.dispose]()
    expect(port).toBeGreaterThan(0)
    expect(() => new net.BoundSocket({ host: 'localhost' })).toThrow('does not perform DNS resolution')
    expect(() => new net.BoundSocket({ path: '/x', port: 1 })).toThrow('mutually exclusive')
    expect(() => new net.BoundSocket({ host: '192.0.2.77' })).toThrow('bind EADDRNOTAVAIL 192.0.2.77')
  })

  it('BoundSocket: of a Unix socket', async () => {
    const bound = new net.BoundSocket({ path: '\0jackfield-bound' })
    expect([bound.isPipe, bound.address()]).toEqual([true, '\0jackfield-bound'])
    const server = net.createServer((socket) => socket.end()).listen(bound as never)
    await once(server, 'listening')
    expect(server.address()).toBe('\0jackfield-bound')
    await once(net.connect('\0jackfield-bound').resume(), 'close')
    server.close()
    await once(server, 'close')
  })

  it('blockList: a client does not connect, a server does not accept', async () => {
    const blockList = new BlockList()
    blockList.addAddress('127.0.0.1')
    const open = net.createServer((socket) => socket.end()).listen(0, '127.0.0.1')
    await once(open, 'listening')
    const blocked = net.connect({ port: portOf(open), host: '127.0.0.1', blockList } as never)
    const [error] = await once(blocked, 'error')
    expect(error).toMatchObject({ code: 'ERR_IP_BLOCKED', message: 'IP(127.0.0.1) is blocked by net.BlockList' })
    open.close()
    let connections = 0
    const closed = net.createServer({ blockList } as never, () => connections++).listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const refused = net.connect(portOf(closed), '127.0.0.1').on('error', () => {})
    await once(refused.resume(), 'close')
    expect(connections).toBe(0)
    closed.close()
    expect(() => new net.Socket({ blockList: 5 } as Options)).toThrow('"options.blockList"')
    expect(() => net.createServer({ blockList: 5 } as Options)).toThrow('"options.blockList"')
  })

  it('typeOfService, and keep-alive by an object', async () => {
    const server = net.createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = net.connect({ port: portOf(server), host: '127.0.0.1', typeOfService: 0x10 } as never) as never as {
      getTypeOfService(): number
      setTypeOfService(value: number): unknown
      setKeepAlive(options: object): unknown
      end(): void
      resume(): void
    }
    await once(client as never, 'connect')
    expect(client.getTypeOfService()).toBe(0x10)
    expect(client.setTypeOfService(0x20)).toBe(client)
    expect(client.getTypeOfService()).toBe(0x20)
    expect(() => client.setTypeOfService(256)).toThrow('"tos" is out of range')
    expect(client.setKeepAlive({ enable: true, initialDelay: 5000, interval: 2000, count: 3 })).toBe(client)
    client.end()
    client.resume()
    await once(client as never, 'close')
    server.close()
    await once(server, 'close')
  })
  it('promises: connect and listen', async () => {
    const { connect, listen } = net.promises
    const server = await listen({ host: '127.0.0.1', connectionListener: (socket) => socket.end('hi') })
    const socket = await connect(portOf(server), '127.0.0.1')
    expect([server.listening, socket.connecting, socket.pending]).toEqual([true, false, false])
    await expect(listen({ host: '127.0.0.1', port: portOf(server) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await once(socket.resume(), 'close')
    const port = portOf(server)
    server.close()
    await once(server, 'close')
    await expect(connect({ port, host: '127.0.0.1' })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(connect({ port, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
    await expect(listen({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
    await expect(listen(5 as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
    await expect(listen({ connectionListener: 5 as never })).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
  })
})
