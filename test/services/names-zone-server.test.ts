import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AF_INET, SOCK_DGRAM, SOCK_STREAM } from '../../src/base/constants.ts'
import {
  decodeMessage,
  encodeMessage,
  type Message,
  type MessageParts,
  NOERROR,
  NXDOMAIN,
  REFUSED,
  type ResourceRecord,
  SERVFAIL,
} from '../../src/services/names/message.ts'
import { NameServer, type NameServerOptions } from '../../src/services/names/name-server.ts'
import { frameMessage, readFramed } from '../../src/services/names/stream-channel.ts'
import { Zone } from '../../src/services/names/zone.ts'
import { NOTAUTH } from '../../src/services/names/zone-transfer.ts'
import { StreamServer } from '../../src/services/stream-server.ts'
import { Socket } from '../../src/socket/socket.ts'
import { address, alias, NamesWorld, zone as others, SERVER } from './names-world.ts'

const HEAD = `$ORIGIN example.\n$TTL 60\n@ SOA ns hostmaster 1 2 3 4 5\n NS ns\nns A 192.0.2.53\n`
const ZONE = `${HEAD}
www   CNAME host
host  A 192.0.2.1
away  CNAME www.test.
sub   NS ns.sub
ns.sub A 192.0.2.99
${Array.from({ length: 12 }, (_, i) => `@ MX ${i} mail-exchanger-${i}\nmail-exchanger-${i} A 192.0.2.${i + 100}`).join('\n')}
${Array.from({ length: 13 }, (_, i) => `big NS a-rather-long-name-${i}.big\na-rather-long-name-${i}.big A 192.0.2.${i}`).join('\n')}
`

let world: NamesWorld
let server: NameServer
let servers: { close(): Promise<void> }[]

beforeEach(() => {
  world = new NamesWorld()
  servers = []
})

afterEach(async () => {
  server.close()
  for (const one of servers) await world.drive(one.close())
  await world.pass(120_000)
  expect(world.left.descriptors.size).toBe(0)
})

function serve(options: Partial<NameServerOptions> = {}): void {
  server = new NameServer({ resolver: null, zones: [Zone.parse(ZONE)], ...options })
  const socket = new Socket(world.left, AF_INET, SOCK_DGRAM)
  socket.bind({ address: '', port: 53 })
  const datagrams = server.datagrams(socket)
  const listener = new Socket(world.left, AF_INET, SOCK_STREAM)
  listener.bind({ address: '', port: 53 })
  listener.listen()
  const streams = new StreamServer(listener, (connection) => server.stream(connection))
  servers.push(datagrams, streams)
  void datagrams.run()
  void streams.run()
}

const recursing = () => ({ resolver: world.resolver({ attempts: 1 }) })
const asking = (name: string, type = 'A', parts: Partial<MessageParts> = {}) =>
  encodeMessage({ id: 7, question: { name, type, class: 1 }, ...parts })

async function ask(...words: Parameters<typeof asking>): Promise<Message & { length: number }> {
  const bytes = await world.drive(server.answer(asking(...words), false))
  if (bytes === null) throw new Error('no answer')
  return { ...decodeMessage(bytes), length: bytes.length }
}

async function connected(): Promise<Socket> {
  const socket = new Socket(world.right, AF_INET, SOCK_STREAM)
  await world.drive(socket.connect({ address: '10.0.0.1', port: 53 }))
  return socket
}

/** What comes by TCP, until the server says no more within a second. */
async function stream(bytes: Uint8Array, count: number): Promise<Message[]> {
  const socket = await connected()
  await world.drive(socket.send(frameMessage(bytes)))
  const messages: Message[] = []
  while (messages.length < count) {
    const framed = await world.drive(readFramed(socket, { timeout: 1000 }))
    if (framed === null) break
    messages.push(decodeMessage(framed))
  }
  await socket.close()
  return messages
}

const texts = (records: readonly ResourceRecord[]) => records.map(({ name, type }) => `${name} ${type}`)

describe('a server of a zone', () => {
  test('answers with authority, and says that it does not ask others', async () => {
    serve()
    const answer = await ask('www.example', 'A', { recursionDesired: true })
    expect(answer).toMatchObject({ authoritative: true, recursionAvailable: false, rcode: NOERROR })
    expect(texts(answer.answers)).toEqual(['www.example CNAME', 'host.example A'])
    expect(server.counters).toMatchObject({ queries: 1, local: 1 })
  })

  test('writes each name once (RFC 1035 4.1.4)', async () => {
    serve()
    // Header, question, and two records: a pointer, ten octets, and "host" with a pointer; an address.
    expect((await ask('www.example')).length).toBe(12 + 17 + (2 + 10 + 5 + 2) + (2 + 10 + 4))
  })

  test('refuses what lies outside', async () => {
    serve()
    expect(await ask('www.test')).toMatchObject({ rcode: REFUSED, authoritative: false })
  })

  test('refers to those who have a part, where it asks nobody itself, or is not to', async () => {
    serve(recursing())
    const answer = await ask('x.sub.example')
    expect(answer).toMatchObject({ authoritative: false, answers: [], rcode: NOERROR })
    expect(texts(answer.authorities)).toEqual(['sub.example NS'])
    expect(texts(answer.additionals)).toEqual(['ns.sub.example A'])
    expect(world.asked).toEqual([])
  })

  test('asks its resolver for a part that others have, where it is to', async () => {
    world.serve(others(address('x.sub.example', '192.0.2.42')))
    serve(recursing())
    expect(texts((await ask('x.sub.example', 'A', { recursionDesired: true })).answers)).toEqual(['x.sub.example A'])
  })

  test('follows aliases to where others know, for those who want it', async () => {
    world.serve(others(alias('www.test', 'end.test'), address('end.test', '203.0.113.9')))
    serve(recursing())
    const wanted = await ask('away.example', 'A', { recursionDesired: true })
    expect(texts(wanted.answers)).toEqual(['away.example CNAME', 'www.test CNAME', 'end.test A'])
    expect(texts((await ask('away.example')).answers)).toEqual(['away.example CNAME'])
  })

  test('has the code of the end of an alias (RFC 6604 2.1)', async () => {
    world.serve(others())
    serve(recursing())
    expect((await ask('away.example', 'A', { recursionDesired: true })).rcode).toBe(NXDOMAIN)
  })

  test('says SERVFAIL where nobody knows the end of an alias', async () => {
    serve({ resolver: world.resolver({ attempts: 1, servers: ['10.0.0.77'], timeout: 1000 }) })
    expect((await ask('away.example', 'A', { recursionDesired: true })).rcode).toBe(SERVFAIL)
    expect(server.counters.failures).toBe(1)
  })
})

describe('what is too long for a datagram', () => {
  test('goes without what only spares questions, and is not cut for that (RFC 2181 9)', async () => {
    serve()
    const short = await ask('example', 'MX')
    expect(short).toMatchObject({ truncated: false, additionals: [] })
    expect(short.answers).toHaveLength(12)
    const edns = { udpPayloadSize: 1232, version: 0, dnssecOk: false }
    expect((await ask('example', 'MX', { edns })).additionals).toHaveLength(12)
  })

  test('is cut where the addresses of a referral do not fit (RFC 9471)', async () => {
    serve()
    expect(await ask('www.big.example')).toMatchObject({ truncated: true, authorities: [], additionals: [] })
  })
})

describe('a whole zone (RFC 5936)', () => {
  const big = Zone.parse(
    `${HEAD}${Array.from({ length: 900 }, (_, i) => `h${i} A 10.0.${i >> 8}.${i & 255}`).join('\n')}\n`,
  )

  test('goes to whom it may, in several messages, between its SOA record and the same again', async () => {
    serve({ zones: [big], transfer: (client, name) => client.ip.toString() === SERVER && name === 'example' })
    const messages = await stream(asking('Example', 'AXFR'), 5)
    for (const { id, authoritative, rcode } of messages)
      expect({ id, authoritative, rcode }).toEqual({ id: 7, authoritative: true, rcode: 0 })
    const all = messages.flatMap(({ answers }) => answers)
    expect(messages.length).toBeGreaterThan(4)
    const rest = await stream(asking('example', 'AXFR'), 100).catch((error: Error) => error)
    expect(rest).toMatchObject({ code: 'EAGAIN' })
    expect(all[0]).toMatchObject({ kind: 'soa' })
  })

  test('has each record once', async () => {
    serve({ transfer: () => true })
    const [message] = await stream(asking('example', 'AXFR'), 1)
    const all = message?.answers ?? []
    expect(all[0]).toMatchObject({ kind: 'soa' })
    expect(all.at(-1)).toEqual(all[0])
    expect(texts(all.slice(1, -1)).sort()).toEqual(
      texts(Zone.parse(ZONE).records)
        .filter((text) => !text.includes('SOA'))
        .sort(),
    )
  })

  test.each([
    ['example', REFUSED, 'nobody may'],
    ['www.example', NOTAUTH, 'it is no zone'],
    ['test', NOTAUTH, 'it is not known'],
  ])('%s: %i, for %s', async (name, rcode) => {
    serve()
    expect(await stream(asking(name, 'AXFR'), 1)).toMatchObject([{ rcode, answers: [] }])
  })

  test('does not go by datagram', async () => {
    serve({ transfer: () => true })
    expect(await ask('example', 'AXFR')).toMatchObject({ rcode: REFUSED, answers: [] })
  })
})

test('more than a message holds is SERVFAIL, and no end of the server', async () => {
  const text = `${HEAD}${Array.from({ length: 300 }, (_, i) => `t TXT ${`${'x'.repeat(250)} `.repeat(1)}${i}`).join('\n')}\n`
  serve({ zones: [Zone.parse(text)] })
  expect(decodeMessage((await server.answer(asking('t.example', 'TXT'), true)) as Uint8Array).rcode).toBe(SERVFAIL)
})

test.each([
  [{ resolver: null, zones: [1] }, 'options.zones must be an array of Zones, got an array'],
  [{ resolver: null, zones: Zone.parse(ZONE) }, 'options.zones must be an array of Zones, got an object of class Zone'],
  [{ resolver: null, transfer: true }, 'options.transfer must be a function, got true'],
])('wrong options are named: %#', (options, message) => {
  serve()
  expect(() => new NameServer(options as never)).toThrow(new TypeError(message))
})

describe('a client by TCP', () => {
  test('that says its question octet by octet has ten seconds for the length, and ten for the rest (RFC 7766 6.2.3)', async () => {
    serve()
    const socket = await connected()
    const question = frameMessage(asking('www.example'))
    const began = world.clock.now()
    let at = 0
    while (world.left.descriptors.size > 2 && at < question.length) {
      await world.drive(socket.send(question.slice(at, ++at)))
      await world.pass(1500)
    }
    expect(world.clock.now() - began).toBeLessThan(15_000)
    expect(at).toBeLessThan(question.length)
    await socket.close()
  })

  test('that reads nothing of what it asks for is let go of', async () => {
    const lines = Array.from({ length: 4000 }, (_, i) => `host-${i} A 192.0.2.1`)
    serve({ zones: [Zone.parse(`${HEAD}${lines.join('\n')}`)], transfer: () => true })
    const socket = await connected()
    for (let i = 0; i < 40; i++) await world.drive(socket.send(frameMessage(asking('example', 'AXFR'))))
    await world.pass(60_000)
    expect(world.left.descriptors.size).toBe(2)
    await socket.close()
  })
})
