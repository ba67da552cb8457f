import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AF_INET, SOCK_DGRAM } from '../../src/base/constants.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { decodeMessage, encodeMessage, type Message, SERVFAIL } from '../../src/services/names/message.ts'
import { NameServer } from '../../src/services/names/name-server.ts'
import { Resolver } from '../../src/services/names/resolver.ts'
import { Zone } from '../../src/services/names/zone.ts'
import { Socket } from '../../src/socket/socket.ts'
import type { Stack } from '../../src/stack/stack.ts'
import { NamesWorld, SERVER } from './names-world.ts'

const FORWARDER = '10.0.0.1'

let world: NamesWorld
let servers: NameServer[]
let closing: (() => Promise<void>)[]

beforeEach(() => {
  world = new NamesWorld()
  servers = []
  closing = []
})

afterEach(async () => {
  for (const server of servers) server.close()
  for (const close of closing) await world.drive(close())
  await world.pass(120_000)
  expect([world.left.descriptors.size, world.right.descriptors.size]).toEqual([0, 0])
})

/** A server of `zone` on a host, that asks `other` for all else. */
function serve(host: Stack, other: string, zone?: string): NameServer {
  const resolver = new Resolver(host, { servers: [other], random: new SeededRandom(9) })
  const server = new NameServer({ resolver, zones: zone === undefined ? [] : [Zone.parse(zone)] })
  const socket = new Socket(host, AF_INET, SOCK_DGRAM)
  socket.bind({ address: '', port: 53 })
  const datagrams = server.datagrams(socket)
  void datagrams.run()
  servers.push(server)
  closing.push(() => datagrams.close())
  return server
}

/** The answer that a client on the right host gets in a minute, and the milliseconds it took. */
async function ask(name: string): Promise<{ answer: Message; after: number }> {
  const start = world.clock.now()
  const socket = new Socket(world.right, AF_INET, SOCK_DGRAM)
  await socket.connect({ address: FORWARDER, port: 53 })
  await socket.send(encodeMessage({ id: 7, recursionDesired: true, question: { name, type: 'A', class: 1 } }))
  const room = new Uint8Array(4096)
  const length = await world.drive(socket.recv(room, 0, { timeout: 60_000 }))
  await socket.close()
  return { answer: decodeMessage(room.subarray(0, length)), after: world.clock.now() - start }
}

const queries = () => servers.map(({ counters }) => counters.queries)

describe('two servers that ask each other', () => {
  test('come to an end: SERVFAIL when their time is over, after a question for each try', async () => {
    serve(world.left, SERVER)
    serve(world.right, FORWARDER)
    const { answer, after } = await ask('a.example')
    expect(answer.rcode).toBe(SERVFAIL)
    expect(after).toBeLessThanOrEqual(10_000)
    await world.pass(60_000)
    expect(queries()).toEqual([3, 2])
  })

  test('one that asks itself too', async () => {
    serve(world.left, FORWARDER)
    const { answer, after } = await ask('a.example')
    expect(answer.rcode).toBe(SERVFAIL)
    expect(after).toBeLessThanOrEqual(10_000)
    expect(queries()).toEqual([3])
  })

  test('aliases that lead from one zone to the other and back', async () => {
    const soa = '@ 60 SOA ns h 1 1 1 1 60\n@ 60 NS ns\n'
    serve(world.left, SERVER, `$ORIGIN left.test.\n${soa}a 60 CNAME a.right.test.\n`)
    serve(world.right, FORWARDER, `$ORIGIN right.test.\n${soa}a 60 CNAME a.left.test.\n`)
    const { answer, after } = await ask('a.left.test')
    expect(answer.rcode).toBe(SERVFAIL)
    expect(after).toBeLessThanOrEqual(10_000)
    await world.pass(60_000)
    expect(queries()).toEqual([3, 2])
  })

  test('whole parts of the tree that do (DNAME), each round with a longer name: none is asked twice', async () => {
    const soa = '@ 60 SOA ns h 1 1 1 1 60\n@ 60 NS ns\n'
    serve(world.left, SERVER, `$ORIGIN left.test.\n${soa}d 60 DNAME x.d.right.test.\n`)
    serve(world.right, FORWARDER, `$ORIGIN right.test.\n${soa}d 60 DNAME x.d.left.test.\n`)
    const { answer, after } = await ask('a.d.left.test')
    expect(answer.rcode).toBe(SERVFAIL)
    expect(after).toBeLessThan(1000)
    await world.pass(60_000)
    // As often as four more letters fit into a name of 255 octets.
    expect(queries()).toEqual([61, 60])
  })
})
