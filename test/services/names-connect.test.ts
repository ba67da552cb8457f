import { beforeEach, describe, expect, test } from 'vitest'
import { AF_INET, AF_INET6, SO_KEEPALIVE, SOCK_STREAM, SOL_SOCKET } from '../../src/base/constants.ts'
import { interleave } from '../../src/base/interleave.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Socket } from '../../src/socket/socket.ts'
import { SocketError } from '../../src/socket/socket-error.ts'
import { address, NamesWorld, zone } from './names-world.ts'

let world: NamesWorld

beforeEach(() => {
  world = new NamesWorld()
})

function listen(port: number): Socket {
  const listener = new Socket(world.right, AF_INET, SOCK_STREAM)
  listener.bind({ address: '', port })
  listener.listen()
  return listener
}

/** Whom the client has tried to connect to, and when: by the names in the table, 10.0.0.x each. */
const silent = (i: number) => `10.0.0.${i} many.example`

describe('connect', () => {
  test('by name and service reaches the server', async () => {
    world.serve(zone(address('www.example', '10.0.0.2')))
    const listener = listen(80)
    const socket = await world.drive(world.names().connect('www.example', 'http'))
    expect(String(socket.getpeername())).toBe('10.0.0.2:80')
    const accepted = await world.drive(listener.accept())
    await world.drive(socket.send(new Uint8Array([7])))
    const room = new Uint8Array(4)
    expect(await world.drive(accepted.recv(room))).toBe(1)
  })

  test('goes on to the next address at once where one refuses', async () => {
    world.serve(zone())
    // Ours, where nobody listens; then the server's.
    const names = world.names({ hosts: '127.0.0.1 h.example\n10.0.0.2 h.example' })
    listen(80)
    const start = world.clock.now()
    const socket = await world.drive(names.connect('h.example', 'http'))
    expect(String(socket.getpeername())).toBe('10.0.0.2:80')
    expect(world.clock.now() - start).toBeLessThan(250)
  })

  test('tries the next address after 250 ms, beside the first (RFC 8305 5), and closes what it does not need', async () => {
    listen(80)
    const names = world.names({ hosts: [silent(8), silent(9), '10.0.0.2 many.example'].join('\n') })
    const start = world.clock.now()
    const socket = await world.drive(names.connect('many.example', 'http'))
    expect(Math.floor(world.clock.now() - start)).toBe(500)
    expect(String(socket.getpeername())).toBe('10.0.0.2:80')
    await world.pass(10)
    expect(world.left.descriptors.size).toBe(1)
  })

  test('rejects with what the first address that failed failed with', async () => {
    const names = world.names({ hosts: '10.0.0.2 h.example\n203.0.113.1 h.example' })
    const error = await world.failure(names.connect('h.example', 81))
    expect(error).toBeInstanceOf(SocketError)
    expect((error as Error).message).toBe('connect ECONNREFUSED 10.0.0.2:81')
    expect(world.left.descriptors.size).toBe(0)
  })

  test('rejects with EAI_NONAME where there is no such name', async () => {
    world.serve(zone())
    expect(await world.failure(world.names().connect('none.example', 'http'))).toMatchObject({ code: 'EAI_NONAME' })
  })

  test('ends with the reason of a signal, and leaves no socket behind', async () => {
    const names = world.names({ hosts: [silent(8), silent(9)].join('\n') })
    const stop = new AbortController()
    const pending = names.connect('many.example', 80, { signal: stop.signal })
    pending.catch(() => {})
    await world.pass(300)
    expect(world.left.descriptors.size).toBe(2)
    stop.abort('enough')
    expect(await world.failure(pending)).toBe('enough')
    expect(world.left.descriptors.size).toBe(0)
  })

  test('ends after the time-out with EINPROGRESS', async () => {
    const names = world.names({ hosts: silent(8) })
    const start = world.clock.now()
    const error = await world.failure(names.connect('many.example', 80, { timeout: 1000 }))
    expect(error).toMatchObject({ code: 'EINPROGRESS', address: '10.0.0.8' })
    expect(world.clock.now() - start).toBe(1000)
    expect(world.left.descriptors.size).toBe(0)
  })

  test('hands each socket out before it connects', async () => {
    listen(80)
    const names = world.names({ hosts: '10.0.0.2 h.example' })
    const prepare = (socket: Socket) => socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, true)
    const socket = await world.drive(names.connect('h.example', 80, { prepare }))
    expect(socket.getsockopt(SOL_SOCKET, SO_KEEPALIVE)).toBe(true)
  })

  test('with what cannot be prepared fails as that does', async () => {
    const names = world.names({ hosts: '10.0.0.2 h.example' })
    const prepare = () => {
      throw new Error('not so')
    }
    expect(await world.failure(names.connect('h.example', 80, { prepare }))).toMatchObject({ message: 'not so' })
    expect(world.left.descriptors.size).toBe(0)
  })
})

describe('addresses', () => {
  test('of both families take turns (RFC 8305 4)', () => {
    const at = (text: string) => SocketAddress.internet(text, 1)
    const mixed = interleave(['::1', '::2', '::3', '192.0.2.1', '192.0.2.2'].map(at))
    expect(mixed.map(String)).toEqual(['[::1]:1', '192.0.2.1:1', '[::2]:1', '192.0.2.2:1', '[::3]:1'])
    expect(mixed.map(({ family }) => family)).toEqual([AF_INET6, AF_INET, AF_INET6, AF_INET, AF_INET6])
    expect(interleave([])).toEqual([])
  })
})
