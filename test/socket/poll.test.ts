import { expect, test } from 'vitest'
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { poll } from '../../src/socket/poll.ts'
import { drive, settle, stateOf } from '../berkeley/drive.ts'
import { MemoryProvider } from './memory-provider.ts'
import { octets, World } from './world.ts'

test('poll: what holds already is told at once, and told again (level-triggered)', async () => {
  const world = new World()
  const [client, server] = await world.pair()
  await client.send(octets(3))
  for (let i = 0; i < 2; i++) {
    const results = await poll([
      { socket: server, events: POLLIN },
      { socket: client, events: POLLIN },
    ])
    expect(results.map((result) => result.revents)).toEqual([POLLIN, 0])
  }
})

test('poll: waits for the first that becomes ready', async () => {
  const world = new World()
  const [client, server] = await world.pair()
  const polling = poll([{ socket: server, events: POLLIN }])
  expect(await stateOf(polling)).toBe('pending')
  await client.send(octets(1))
  expect((await drive(world.clock, polling))[0].revents).toBe(POLLIN)
})

test('poll: an event that was not asked for does not end the wait', async () => {
  const world = new World()
  const [client, server] = await world.pair()
  const polling = poll([{ socket: server, events: 0 }], { timeout: 10 })
  await client.send(octets(1))
  expect((await drive(world.clock, polling))[0].revents).toBe(0)
  expect(world.clock.now()).toBe(10)
})

test('poll: errors are told unasked', async () => {
  const world = new World()
  const [client] = await world.pair()
  const polling = poll([{ socket: client, events: 0 }])
  world.endpoint(client.fd).reset()
  expect((await drive(world.clock, polling))[0].revents).toBe(POLLERR | POLLHUP)
})

test('poll: a time limit of 0 looks and returns; a longer one ends with nothing', async () => {
  const world = new World()
  const [, server] = await world.pair()
  const entries = [{ socket: server, events: POLLIN }]
  expect((await poll(entries, { timeout: 0 })).map((result) => result.revents)).toEqual([0])
  expect((await drive(world.clock, poll(entries, { timeout: 250 }))).map((result) => result.revents)).toEqual([0])
  expect(world.clock.now()).toBe(250)
})

test('poll: sockets of several providers at once', async () => {
  const clock = new ManualClock()
  const worlds = [new World(), new World()] as const
  for (const world of worlds) Object.assign(world, { clock, provider: new MemoryProvider(clock) })
  const [[a], [b, c]] = [await worlds[0].pair(), await worlds[1].pair()]
  const polling = poll([
    { socket: a, events: POLLIN },
    { socket: b, events: POLLIN },
  ])
  await c.send(octets(1))
  expect((await drive(clock, polling)).map((result) => result.revents)).toEqual([0, POLLIN])
})

test('poll: a reader that waits is served first; what it took is not there to poll', async () => {
  const world = new World()
  const [client, server] = await world.pair()
  const reading = server.recv(octets(4))
  const polling = poll([{ socket: server, events: POLLIN }], { timeout: 10 })
  await client.send(octets(4))
  expect(await drive(world.clock, reading)).toBe(4)
  expect((await drive(world.clock, polling))[0].revents).toBe(0)
})

test('poll: a closed socket is POLLNVAL, at once or while it is polled', async () => {
  const world = new World()
  const [client, server] = await world.pair()
  const polling = poll([{ socket: server, events: POLLIN }])
  await server.close()
  expect((await polling)[0].revents).toBe(POLLNVAL)
  expect((await poll([{ socket: server, events: POLLIN }]))[0].revents).toBe(POLLNVAL)
  expect((await poll([{ socket: client, events: POLLOUT }]))[0].revents & POLLOUT).toBe(POLLOUT)
})

test('poll: an abort rejects with the reason and leaves nothing behind', async () => {
  const world = new World()
  const [client, server] = await world.pair()
  const abort = new AbortController()
  const polling = poll([{ socket: server, events: POLLIN }], { signal: abort.signal, timeout: 1000 })
  abort.abort()
  await expect(polling).rejects.toBe(abort.signal.reason)
  await settle(world.clock)
  expect(world.clock.nextAt()).toBe(Number.POSITIVE_INFINITY)
  await client.send(octets(1))
  await settle(world.clock)
  await expect(poll([{ socket: server, events: POLLIN }], { signal: abort.signal })).rejects.toBe(abort.signal.reason)
})

test('poll: wrong arguments are named', () => {
  const wrong = <T>(value: unknown) => value as T
  expect(() => poll([])).toThrow('entries must have at least one socket')
  expect(() => poll('x' as unknown as [])).toThrow('entries must be an array, got "x"')
  expect(() => poll([{ socket: wrong(7), events: 1 }])).toThrow('entries must be of { socket, events }')
})

test('poll: nobody watches a socket any more once it is over', async () => {
  const world = new World()
  const [client, server] = await world.pair()
  let watchers = 0
  const [add, remove] = [server.addWatcher.bind(server), server.removeWatcher.bind(server)]
  Object.assign(server, {
    addWatcher: (watcher: never) => {
      watchers++
      add(watcher)
    },
    removeWatcher: (watcher: never) => {
      watchers--
      remove(watcher)
    },
  })
  const entries = [{ socket: server, events: POLLIN }]
  await drive(world.clock, poll(entries, { timeout: 5 }))
  expect(watchers).toBe(0)
  const polling = poll(entries)
  expect(watchers).toBe(1)
  await client.send(octets(1))
  await drive(world.clock, polling)
  expect(watchers).toBe(0)
})
