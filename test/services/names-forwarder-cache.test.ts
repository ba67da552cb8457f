import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  decodeMessage,
  encodeMessage,
  FORMERR,
  type Message,
  type MessageParts,
  NOERROR,
  NXDOMAIN,
  type ResourceRecord,
  SERVFAIL,
} from '../../src/services/names/message.ts'
import { findBounds } from '../../src/services/names/message-bounds.ts'
import { NameServer, type NameServerOptions } from '../../src/services/names/name-server.ts'
import { address, alias, type Behaviour, NamesWorld, reply, soa } from './names-world.ts'

let world: NamesWorld
let forwarder: NameServer

beforeEach(() => {
  world = new NamesWorld()
})

afterEach(async () => {
  forwarder.close()
  await world.pass(120_000)
  expect(world.left.descriptors.size).toBe(0)
})

function forward(behaviour: Behaviour, options: Partial<NameServerOptions> = {}): void {
  world.serve(behaviour)
  forwarder = new NameServer({ resolver: world.resolver({ attempts: 1 }), ...options })
}

const EDNS = { udpPayloadSize: 1232, version: 0, dnssecOk: false }

function query(name: string, parts: Partial<MessageParts> = {}, type = 'A'): Uint8Array {
  return encodeMessage({ id: 1, recursionDesired: true, question: { name, type, class: 1 }, ...parts })
}

async function bytesFor(bytes: Uint8Array, stream = false): Promise<Uint8Array> {
  return (await world.drive(forwarder.answer(bytes, stream))) as Uint8Array
}

async function ask(name: string, parts?: Partial<MessageParts>, type?: string): Promise<Message> {
  return decodeMessage(await bytesFor(query(name, parts, type)))
}

const ttls = ({ answers, authorities }: Message) => [...answers, ...authorities].map(({ ttl }) => ttl)

describe('an answer is kept', () => {
  test('and passed on as its octets are: only id, letters of the question and times change (RFC 1035 7.4)', async () => {
    // A type that nobody here knows, names that point into the question, EDNS with an option.
    const body = Uint8Array.of(
      ...[0xc0, 0x0c, 0xff, 0x00, 0, 1, 0, 0, 0, 90, 0, 5, 1, 2, 3, 4, 5],
      ...[0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 6, 0, 15, 0, 2, 0, 3],
    )
    forward((asked) => {
      const head = reply(asked, { authoritative: true, authenticData: true })
      head[7] = 1
      head[11] = 1
      return [Uint8Array.of(...head, ...body)]
    })
    const first = await bytesFor(query('x.example', { id: 0x1111, edns: EDNS }, 'TYPE65280'))
    const copy = first.slice()
    first.fill(0)
    await world.pass(30_500)
    const second = await bytesFor(query('X.eXample', { id: 0x2222, edns: EDNS }, 'TYPE65280'))
    const [record] = findBounds(copy).answers
    const expected = copy.slice()
    expected.set([0x22, 0x22])
    expected.set(new TextEncoder().encode('X'), 13)
    expected.set(new TextEncoder().encode('X'), 16)
    expected[(record?.dataStart ?? 0) - 3] = 60
    expect([...second]).toEqual([...expected])
    expect([...second.slice(-body.length + 10)]).toEqual([...copy.slice(-body.length + 10)])
    expect(world.asked).toHaveLength(1)
    expect(forwarder.counters).toMatchObject({ queries: 2, forwarded: 1, cached: 1 })
  })

  test('with the times of all its records running, and none below 0', async () => {
    forward(() => ({
      answers: [alias('a.example', 'b.example', 50), address('b.example', '192.0.2.1', 300)],
      authorities: [soa('example', 90, 5)],
    }))
    expect(ttls(await ask('a.example'))).toEqual([50, 300, 90])
    await world.pass(19_000)
    expect(ttls(await ask('a.example'))).toEqual([31, 281, 71])
    await world.pass(30_000)
    expect(ttls(await ask('a.example'))).toEqual([1, 251, 41])
    await world.pass(1_000)
    expect(ttls(await ask('a.example'))).toEqual([50, 300, 90])
    expect(world.asked).toHaveLength(2)
  })

  test('no longer than any record in it, of whatever section', async () => {
    forward(() => ({
      answers: [address('a.example', '192.0.2.1', 300)],
      additionals: [address('n.example', '192.0.2.2', 10)],
    }))
    await ask('a.example')
    await world.pass(9_000)
    await ask('a.example')
    expect(world.asked).toHaveLength(1)
    await world.pass(1_000)
    await ask('a.example')
    expect(world.asked).toHaveLength(2)
  })

  test('a day at most', async () => {
    forward(() => ({ answers: [address('a.example', '192.0.2.1', 0x7fffffff)] }))
    await ask('a.example')
    await world.pass(86_399_000)
    await ask('a.example')
    expect(world.asked).toHaveLength(1)
    await world.pass(1_000)
    await ask('a.example')
    expect(world.asked).toHaveLength(2)
  })

  test.each([
    ['no such name', NXDOMAIN, [], 20],
    ['no such record', NOERROR, [], 20],
    ['no such name at the end of an alias', NXDOMAIN, [alias('a.example', 'b.example', 7)], 7],
  ])(
    'that says %s for as long as its SOA lets it (RFC 2308 5)',
    async (_, rcode, answers: ResourceRecord[], seconds) => {
      forward(() => ({ rcode, answers, authorities: [soa('example', 40, 20)] }))
      expect((await ask('a.example')).rcode).toBe(rcode)
      await world.pass(1000 * seconds - 1)
      const again = await ask('a.example')
      expect(again.rcode).toBe(rcode)
      expect(again.authorities).toMatchObject([{ ttl: 40 - (seconds - 1) }])
      expect(world.asked).toHaveLength(1)
      await world.pass(1)
      await ask('a.example')
      expect(world.asked).toHaveLength(2)
    },
  )

  test('that says no for three hours at most (RFC 2308 5)', async () => {
    forward(() => ({ rcode: NXDOMAIN, authorities: [soa('example', 80_000, 80_000)] }))
    await ask('a.example')
    await world.pass(10_799_000)
    await ask('a.example')
    await world.pass(1_000)
    await ask('a.example')
    expect(world.asked).toHaveLength(2)
  })

  test('cut where the next client takes less, and whole again by stream', async () => {
    const many = Array.from({ length: 30 }, (_, i) => address('many.example', `192.0.2.${i}`))
    forward(() => ({ answers: many, edns: EDNS }))
    const whole = await bytesFor(query('many.example', { edns: EDNS }))
    const cut = await bytesFor(query('many.example', { edns: { ...EDNS, udpPayloadSize: 512 } }))
    expect(decodeMessage(cut)).toMatchObject({ truncated: true, answers: [] })
    expect([...(await bytesFor(query('many.example', { edns: EDNS }), true))]).toEqual([...whole])
    expect(world.asked).toHaveLength(1)
  })
})

describe('an answer is not kept', () => {
  const known = address('a.example', '192.0.2.1', 60)
  test.each<[string, Omit<MessageParts, 'id'>]>([
    ['that says it may not be (RFC 1035 3.2.1)', { answers: [{ ...known, ttl: 0 }] }],
    ['that says no and not for how long (RFC 2308 5)', { rcode: NXDOMAIN }],
    ['that says that there is nothing, and not for how long', {}],
    ['that is an alias alone', { answers: [alias('a.example', 'b.example')] }],
    ['that leads in a circle', { answers: [alias('a.example', 'a.example')] }],
    ['that is cut even by stream (RFC 2181 9)', { truncated: true, answers: [known] }],
    ['whose server failed', { rcode: SERVFAIL, answers: [known] }],
    ['whose server found the query malformed', { rcode: FORMERR, answers: [known] }],
    [
      'that is longer than 4096 octets',
      { answers: Array.from({ length: 300 }, (_, i) => address('a.example', `192.0.${i >> 8}.${i & 255}`)) },
    ],
  ])('%s', async (_, parts) => {
    forward(() => parts)
    await ask('a.example')
    const before = world.asked.length
    await ask('a.example')
    expect(world.asked.length).toBe(2 * before)
    expect(forwarder.counters.cached).toBe(0)
  })

  test('for another question, nor for other flags', async () => {
    forward(({ name }) => ({ answers: [address(name, '192.0.2.1')], edns: EDNS }))
    const asked = [
      () => ask('a.example'),
      () => ask('b.example'),
      () => ask('a.example', {}, 'AAAA'),
      () => ask('a.example', { recursionDesired: false }),
      () => ask('a.example', { checkingDisabled: true }),
      () => ask('a.example', { authenticData: true }),
      () => ask('a.example', { edns: EDNS }),
      () => ask('a.example', { edns: { ...EDNS, dnssecOk: true } }),
    ]
    for (const one of asked) await one()
    expect(world.asked).toHaveLength(asked.length)
  })

  test('by a forwarder without a cache', async () => {
    forward(() => ({ answers: [known] }), { cacheSize: 0 })
    await ask('a.example')
    await ask('a.example')
    expect(world.asked).toHaveLength(2)
  })
})

test('the oldest answer is given up for one too many', async () => {
  forward(({ name }) => ({ answers: [address(name, '192.0.2.1')] }), { cacheSize: 2 })
  for (const name of ['a.example', 'b.example', 'c.example', 'b.example', 'a.example']) await ask(name)
  expect(world.asked.map(({ name }) => name)).toEqual(['a.example', 'b.example', 'c.example', 'a.example'])
})

describe('a question that is under way', () => {
  test('is asked once, and its answer goes to all who ask, under their ids and letters (RFC 5452 5)', async () => {
    forward(({ name }) => ({ answers: [address(name.toLowerCase(), '192.0.2.1', 0)] }))
    const answers = await world.drive(
      Promise.all(
        [
          query('a.example', { id: 1 }),
          query('A.example', { id: 2 }),
          query('a.example', { id: 3 }, 'AAAA'),
          query('a.exAmple', { id: 4 }),
        ].map((bytes) => forwarder.answer(bytes, false)),
      ),
    )
    const read = answers.map((bytes) => decodeMessage(bytes as Uint8Array))
    expect(read.map(({ id, question }) => [id, question?.name, question?.type])).toEqual([
      [1, 'a.example', 'A'],
      [2, 'A.example', 'A'],
      [3, 'a.example', 'AAAA'],
      [4, 'a.exAmple', 'A'],
    ])
    expect(world.asked).toHaveLength(2)
    expect(forwarder.counters).toMatchObject({ queries: 4, forwarded: 2, shared: 2, cached: 0 })
    // What was not to be kept is asked for again.
    await ask('a.example')
    expect(world.asked).toHaveLength(3)
  })

  test('that nobody answers fails for all who ask, and may be asked again', async () => {
    forward(() => null)
    const both = await world.drive(Promise.all([2, 3].map((id) => forwarder.answer(query('a.example', { id }), false))))
    expect(both.map((bytes) => decodeMessage(bytes as Uint8Array))).toMatchObject([
      { id: 2, rcode: SERVFAIL },
      { id: 3, rcode: SERVFAIL },
    ])
    expect(world.asked).toHaveLength(1)
    expect((await ask('a.example')).rcode).toBe(SERVFAIL)
    expect(world.asked).toHaveLength(2)
  })

  test('counts for each who asks: past the bound the answer is SERVFAIL, also to the same question', async () => {
    forward(() => null, { concurrency: 2 })
    const held = [2, 3].map((id) => forwarder.answer(query('a.example', { id }), false))
    const third = decodeMessage((await forwarder.answer(query('a.example', { id: 4 }), false)) as Uint8Array)
    expect(third).toMatchObject({ id: 4, rcode: SERVFAIL })
    await world.drive(Promise.all(held))
    expect(world.asked).toHaveLength(1)
  })

  test('is no obstacle to answers that are kept', async () => {
    forward(({ name }) => (name === 'a.example' ? { answers: [address(name, '192.0.2.1')] } : null), { concurrency: 1 })
    await ask('a.example')
    const held = forwarder.answer(query('slow.example'), false)
    const kept = forwarder.answer(query('a.example'), false)
    expect(decodeMessage((await kept) as Uint8Array).rcode).toBe(NOERROR)
    await world.drive(held)
  })
})

test.each([[-1], [1.5], ['1']])('cacheSize %j is named', (cacheSize) => {
  forward(() => null)
  expect(() => new NameServer({ resolver: null, cacheSize: cacheSize as number })).toThrow(/cacheSize/)
})
