import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AF_INET, SHUT_WR, SOCK_DGRAM, SOCK_STREAM } from '../../src/base/constants.ts'
import { HostsFile } from '../../src/services/names/hosts-file.ts'
import {
  BADVERS,
  decodeMessage,
  encodeMessage,
  FORMERR,
  type Message,
  type MessageParts,
  NOERROR,
  NOTIMP,
  NXDOMAIN,
  REFUSED,
  SERVFAIL,
} from '../../src/services/names/message.ts'
import { NameServer, type NameServerOptions } from '../../src/services/names/name-server.ts'
import { frameMessage, readFramed } from '../../src/services/names/stream-channel.ts'
import { StreamServer } from '../../src/services/stream-server.ts'
import { Socket } from '../../src/socket/socket.ts'
import { address, alias, NamesWorld, zone } from './names-world.ts'

// The forwarder is on the left host and asks the server on the right, which its clients, there too, cannot reach otherwise.
const FORWARDER = { address: '10.0.0.1', port: 53 }

let world: NamesWorld
let forwarder: NameServer
let servers: { close(): Promise<void> }[]

beforeEach(() => {
  world = new NamesWorld()
  servers = []
})

afterEach(async () => {
  forwarder.close()
  for (const server of servers) await world.drive(server.close())
  await world.pass(120_000)
  expect(world.left.descriptors.size).toBe(0)
})

function forward(options: Partial<NameServerOptions> = {}): void {
  forwarder = new NameServer({ resolver: world.resolver({ attempts: 1 }), ...options })
  const socket = new Socket(world.left, AF_INET, SOCK_DGRAM)
  socket.bind({ address: '', port: 53 })
  const datagrams = forwarder.datagrams(socket)
  const listener = new Socket(world.left, AF_INET, SOCK_STREAM)
  listener.bind({ address: '', port: 53 })
  listener.listen()
  const streams = new StreamServer(listener, (connection) => forwarder.stream(connection))
  servers.push(datagrams, streams)
  void datagrams.run()
  void streams.run()
}

const question = (name: string, type = 'A', klass = 1) => ({ name, type, class: klass })
const EDNS = { udpPayloadSize: 4096, version: 0, dnssecOk: false }

/** What comes back by UDP, as octets; null where nothing comes within ten seconds. */
async function exchange(bytes: Uint8Array): Promise<Uint8Array | null> {
  const socket = new Socket(world.right, AF_INET, SOCK_DGRAM)
  await socket.connect(FORWARDER)
  await socket.send(bytes)
  const room = new Uint8Array(4096)
  const length = await world.drive(socket.recv(room, 0, { timeout: 10_000 }).catch(() => -1))
  await socket.close()
  return length < 0 ? null : room.slice(0, length)
}

async function ask(parts: MessageParts): Promise<Message> {
  const bytes = await exchange(encodeMessage({ recursionDesired: true, ...parts }))
  if (bytes === null) throw new Error('no answer')
  return decodeMessage(bytes)
}

const texts = ({ answers }: Message) => answers.map((record) => `${record.name} ${record.type} ${String(record.data)}`)

describe('a question', () => {
  test('goes to the server, and its answer comes back under the id and the letters of the client', async () => {
    world.serve(zone(alias('www.example', 'h.example'), address('h.example', '192.0.2.1')))
    forward()
    const answer = await ask({ id: 0x1234, question: question('wWw.ExAmPlE') })
    expect(answer).toMatchObject({
      id: 0x1234,
      response: true,
      recursionDesired: true,
      recursionAvailable: true,
      rcode: NOERROR,
      question: { name: 'wWw.ExAmPlE' },
      edns: null,
    })
    expect(texts(answer)).toEqual(['www.example CNAME h.example', 'h.example A 192.0.2.1'])
    expect(world.asked[0]?.message.id).not.toBe(0x1234)
    expect(forwarder.counters).toMatchObject({ queries: 1, forwarded: 1 })
  })

  test('comes back in the letters of the client also where others went to the server (0x20)', async () => {
    world.serve(({ name }) => ({ answers: [address(name, '192.0.2.1')] }))
    forward({ resolver: world.resolver({ attempts: 1, mixedCase: true }) })
    const answer = await ask({ id: 1, question: question('some.long.name.example') })
    expect(answer.question?.name).toBe('some.long.name.example')
    expect(world.asked[0]?.name).not.toBe('some.long.name.example')
  })

  test('that the server answers with a header alone gets that', async () => {
    world.serve((asked) => [encodeMessage({ id: asked.message.id, response: true, rcode: FORMERR })])
    forward()
    expect(await exchange(encodeMessage({ id: 0x4711, question: question('a.example') }))).toHaveLength(12)
  })

  test('keeps its flags on the way (RFC 5625 4.1)', async () => {
    world.serve(zone())
    forward()
    await ask({
      id: 1,
      question: question('a.example'),
      recursionDesired: false,
      checkingDisabled: true,
      authenticData: true,
    })
    await ask({ id: 1, question: question('b.example'), edns: { ...EDNS, dnssecOk: true } })
    expect(world.asked.map(({ message }) => message)).toMatchObject([
      { recursionDesired: false, checkingDisabled: true, authenticData: true, edns: null },
      { recursionDesired: true, checkingDisabled: false, authenticData: false, edns: { dnssecOk: true } },
    ])
  })

  test('may be of a type that nobody here knows: the answer is passed on as it came (RFC 3597)', async () => {
    const data = new Uint8Array([1, 2, 3])
    world.serve(() => ({ answers: [{ kind: 'other', name: 'x.example', type: 'TYPE65280', class: 1, ttl: 9, data }] }))
    forward()
    expect((await ask({ id: 1, question: question('x.example', 'TYPE65280') })).answers).toMatchObject([
      { data, ttl: 9 },
    ])
  })

  test('about a name that is not gets NXDOMAIN', async () => {
    world.serve(zone())
    forward()
    expect((await ask({ id: 1, question: question('none.example') })).rcode).toBe(NXDOMAIN)
  })

  test('that nobody answers gets SERVFAIL', async () => {
    world.serve(() => null)
    forward()
    expect((await ask({ id: 7, question: question('a.example') })).rcode).toBe(SERVFAIL)
    expect(forwarder.counters.failures).toBe(1)
  })

  test('without servers gets REFUSED', async () => {
    forward({ resolver: null })
    const answer = await ask({ id: 7, question: question('a.example') })
    expect(answer).toMatchObject({ rcode: REFUSED, recursionAvailable: false })
  })

  test('past those that are worked on at once gets SERVFAIL', async () => {
    world.serve(() => null)
    forward({ concurrency: 2 })
    const query = (id: number) => encodeMessage({ id, question: question(`${id}.example`) })
    const held = [forwarder.answer(query(1), false), forwarder.answer(query(2), false)]
    expect(decodeMessage((await forwarder.answer(query(3), false)) as Uint8Array).rcode).toBe(SERVFAIL)
    expect(world.clock.now()).toBe(1000)
    const answers = await world.drive(Promise.all(held))
    expect(answers.map((bytes) => decodeMessage(bytes as Uint8Array).rcode)).toEqual([SERVFAIL, SERVFAIL])
  })
})

describe('answered by itself is', () => {
  test.each<[string, MessageParts, number]>([
    ['another opcode', { id: 5, opcode: 4, question: question('a.example') }, NOTIMP],
    ['no question', { id: 5 }, FORMERR],
    ['another class', { id: 5, question: question('version.bind', 'TXT', 3) }, REFUSED],
    ['a transfer of a zone', { id: 5, question: question('example', 'AXFR') }, REFUSED],
    [
      'EDNS of a later version (RFC 6891 6.1.3)',
      { id: 5, question: question('a.example'), edns: { ...EDNS, version: 1 } },
      BADVERS,
    ],
  ])('%s', async (_, parts, rcode) => {
    world.serve(zone())
    forward()
    expect(await ask(parts)).toMatchObject({ id: 5, response: true, rcode })
    expect(world.asked).toEqual([])
  })

  test('what is malformed: FORMERR, under its id', async () => {
    forward()
    const bytes = encodeMessage({ id: 0xabcd, question: question('a.example') })
    const answer = await exchange(bytes.slice(0, -3))
    expect(decodeMessage(answer as Uint8Array)).toMatchObject({ id: 0xabcd, response: true, rcode: FORMERR })
  })

  test('nothing that is no query', async () => {
    forward()
    expect(await exchange(new Uint8Array(11))).toBe(null)
    expect(await exchange(encodeMessage({ id: 1, response: true, question: question('a.example') }))).toBe(null)
    expect(forwarder.counters.dropped).toBe(2)
  })
})

describe('names of the table', () => {
  const hosts = new HostsFile('192.0.2.7 seven.lan seven\n2001:db8::7 seven.lan\n192.0.2.8 eight.lan')

  beforeEach(() => {
    world.serve(({ name }) => ({ answers: [address(name, '203.0.113.1')] }))
    forward({ hosts, zone: 'lan', ttl: 30 })
  })

  test.each([
    ['seven.lan', 'A', ['seven.lan A 192.0.2.7']],
    ['Seven.LAN', 'AAAA', ['Seven.LAN AAAA 2001:db8::7']],
    ['seven', 'A', ['seven A 192.0.2.7']],
    ['7.2.0.192.in-addr.arpa', 'PTR', ['7.2.0.192.in-addr.arpa PTR seven.lan']],
    ['localhost', 'A', ['localhost A 127.0.0.1']],
    ['1.0.0.127.in-addr.arpa', 'PTR', ['1.0.0.127.in-addr.arpa PTR localhost']],
  ])('%s %s is answered, and nobody asked', async (name, type, expected) => {
    const answer = await ask({ id: 1, question: question(name, type) })
    expect(texts(answer)).toEqual(expected)
    expect(answer).toMatchObject({ authoritative: true, rcode: NOERROR })
    expect(answer.answers[0]?.ttl).toBe(30)
    expect(world.asked).toEqual([])
    expect(forwarder.counters.local).toBe(1)
  })

  test.each([
    ['eight.lan', 'AAAA', NOERROR],
    ['eight.lan', 'MX', NOERROR],
    ['lan', 'NS', NOERROR],
    ['nine.lan', 'A', NXDOMAIN],
  ])('%s %s is not there, as the SOA of the zone says (RFC 2308 3)', async (name, type, rcode) => {
    const answer = await ask({ id: 1, question: question(name, type) })
    expect(answer).toMatchObject({ rcode, answers: [], authorities: [{ kind: 'soa', name: 'lan', ttl: 30 }] })
    expect(world.asked).toEqual([])
  })

  test('localhost has nothing else (RFC 6761 6.3)', async () => {
    expect(await ask({ id: 1, question: question('localhost', 'MX') })).toMatchObject({ rcode: NOERROR, answers: [] })
    expect(world.asked).toEqual([])
  })

  test('names under invalid are none (RFC 6761 6.4)', async () => {
    expect((await ask({ id: 1, question: question('a.invalid') })).rcode).toBe(NXDOMAIN)
    expect(world.asked).toEqual([])
  })

  test('other names, and other addresses, are asked for', async () => {
    expect(texts(await ask({ id: 1, question: question('far.example') }))).toEqual(['far.example A 203.0.113.1'])
    await ask({ id: 1, question: question('9.2.0.192.in-addr.arpa', 'PTR') })
    expect(world.asked.map(({ name }) => name)).toEqual(['far.example', '9.2.0.192.in-addr.arpa'])
  })
})

describe('an answer that is too long', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => address('many.example', `192.0.2.${i}`))

  test('for 512 octets is cut whole: TC, the question, no records (RFC 2181 9)', async () => {
    world.serve(() => ({ answers: many(60) }))
    forward()
    const answer = await ask({ id: 1, question: question('Many.example') })
    expect(answer).toMatchObject({ truncated: true, answers: [], question: { name: 'Many.example' }, edns: null })
  })

  test.each([
    [30, 4096, false],
    [30, 600, true],
    [30, 100, true],
    [10, 100, false],
    [60, 4096, true],
  ])('of %i records for a client that takes %i octets: TC %s (RFC 6891 6.2.3)', async (count, size, truncated) => {
    world.serve(() => ({ answers: many(count), edns: EDNS }))
    forward()
    const answer = await ask({ id: 1, question: question('many.example'), edns: { ...EDNS, udpPayloadSize: size } })
    expect(answer.truncated).toBe(truncated)
    expect(answer.edns).not.toBe(null)
  })
})

describe('a stream', () => {
  async function connect(): Promise<Socket> {
    const socket = new Socket(world.right, AF_INET, SOCK_STREAM)
    await world.drive(socket.connect(FORWARDER))
    return socket
  }
  const framed = (id: number, name: string) =>
    frameMessage(encodeMessage({ id, recursionDesired: true, question: question(name) }))
  const read = async (socket: Socket) => decodeMessage((await world.drive(readFramed(socket))) as Uint8Array)

  test('carries answers of any length, and more than one (RFC 7766 6.2.1)', async () => {
    const many = Array.from({ length: 250 }, (_, i) => address('many.example', `192.0.2.${i}`))
    world.serve(() => ({ answers: many }))
    forward()
    const socket = await connect()
    await world.drive(socket.send(framed(1, 'many.example')))
    expect((await read(socket)).answers).toHaveLength(250)
    await world.drive(socket.send(framed(2, 'many.example')))
    expect(await read(socket)).toMatchObject({ id: 2, truncated: false })
    await socket.close()
  })

  test('carries answers as they come (RFC 7766 7), also after the client has finished', async () => {
    // The first question is answered only by time.
    world.serve(({ name }) => (name === 'slow.example' ? null : { answers: [address(name, '192.0.2.1')] }))
    forward()
    const socket = await connect()
    await world.drive(socket.send(framed(1, 'slow.example')))
    await world.drive(socket.send(framed(2, 'fast.example')))
    socket.shutdown(SHUT_WR)
    expect(await read(socket)).toMatchObject({ id: 2, rcode: NOERROR })
    expect(await read(socket)).toMatchObject({ id: 1, rcode: SERVFAIL })
    expect(await world.drive(readFramed(socket))).toBe(null)
    await socket.close()
  })

  test('that says nothing for ten seconds is closed', async () => {
    forward()
    const socket = await connect()
    const start = world.clock.now()
    expect(await world.drive(readFramed(socket))).toBe(null)
    expect(Math.round((world.clock.now() - start) / 1000)).toBe(10)
    await socket.close()
  })

  test('whose client is gone takes nothing else with it', async () => {
    world.serve(() => null)
    forward()
    const socket = await connect()
    await world.drive(socket.send(framed(1, 'slow.example')))
    await world.pass(10)
    socket.setsockopt(1, 13, { onoff: true, linger: 0 })
    await socket.close()
    await world.pass(30_000)
    const other = await connect()
    await world.drive(other.send(framed(2, 'localhost')))
    expect(await read(other)).toMatchObject({ id: 2, rcode: NOERROR })
    await other.close()
  })
})

describe('wrong options', () => {
  test.each([
    [{ resolver: null, hosts: 'x' as never }, TypeError],
    [{ resolver: null, zone: 'a..b' }, RangeError],
    [{ resolver: null, concurrency: 0 }, RangeError],
    [{ resolver: null, cache: 1 } as never, TypeError],
  ])('%j are named', (options, kind) => {
    forward({ resolver: null })
    expect(() => new NameServer(options)).toThrow(kind)
  })
})
