import { beforeEach, describe, expect, test } from 'vitest'
import { AF_INET, SOCK_DGRAM, SOCK_STREAM } from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { encodeMessage, FORMERR, NOERROR, NXDOMAIN, REFUSED, SERVFAIL } from '../../src/services/names/message.ts'
import type { QueryResult } from '../../src/services/names/query-result.ts'
import { ResolverError } from '../../src/services/names/resolver-error.ts'
import { Socket } from '../../src/socket/socket.ts'
import { type Asked, address, alias, NamesWorld, reply, SERVER, soa, zone } from './names-world.ts'

let world: NamesWorld

beforeEach(() => {
  world = new NamesWorld()
})

const texts = (result: QueryResult) => result.records.map((record) => String(record.data))
/** What it is rejected with. Time does not pass. */
const reasonOf = (promise: Promise<unknown>) => promise.catch((reason: unknown) => reason)
const codeOf = (error: unknown) => (error instanceof ResolverError ? error.code : error)

describe('a question', () => {
  test('goes out by UDP with recursion desired and EDNS for 1232 octets (RFC 1035 4.1.1, RFC 6891 6.2.5)', async () => {
    world.serve(zone(address('www.example', '192.0.2.80')))
    const result = await world.drive(world.resolver().query('www.example', 'A'))
    expect(texts(result)).toEqual(['192.0.2.80'])
    expect(result).toMatchObject({ name: 'www.example', rcode: NOERROR, chain: [] })
    expect(world.asked).toHaveLength(1)
    const [asked] = world.asked
    expect(asked).toMatchObject({ name: 'www.example', type: 'A', class: 1, transport: 'udp' })
    expect(asked?.message).toMatchObject({
      response: false,
      opcode: 0,
      recursionDesired: true,
      edns: { udpPayloadSize: 1232, version: 0, dnssecOk: false },
    })
  })

  test('has an id and a source port that the last one had not (RFC 5452 9.2)', async () => {
    world.serve(() => ({}))
    const resolver = world.resolver()
    for (let i = 0; i < 20; i++) await world.drive(resolver.query(`host${i}.example`, 'A'))
    const ids = world.asked.map(({ message }) => message.id)
    const ports = world.asked.map(({ client }) => client.port)
    expect(new Set(ids).size).toBe(20)
    expect(new Set(ports).size).toBeGreaterThan(15)
    // Neither counts up.
    const steps = (values: number[]) => values.slice(1).map((value, i) => value - (values[i] as number))
    expect(new Set(steps(ids)).size).toBeGreaterThan(15)
    expect(new Set(steps(ports)).size).toBeGreaterThan(15)
  })

  test('leaves no socket behind', async () => {
    world.serve(zone(address('www.example', '192.0.2.80')))
    await world.drive(world.resolver().query('www.example', 'A'))
    expect(world.left.descriptors.size).toBe(0)
  })

  test.each(['a..b', `${'a'.repeat(64)}.example`, 'abcdefg.'.repeat(32)])(
    'about %j, which cannot be a name, is not asked',
    async (name) => {
      world.serve(() => ({}))
      expect(codeOf(await world.failure(world.resolver().query(name, 'A')))).toBe('EBADNAME')
      expect(world.asked).toEqual([])
    },
  )

  test('of any type gives its records as they are', async () => {
    const data = new Uint8Array([0x00, 0x01, 0x00])
    world.serve(() => ({ answers: [{ kind: 'other', name: 'x.example', type: 'HTTPS', class: 1, ttl: 5, data }] }))
    const { records } = await world.drive(world.resolver().query('x.example', 'TYPE65'))
    expect(records).toMatchObject([{ kind: 'other', type: 'HTTPS', data }])
  })
})

describe('an answer', () => {
  // What is wrong with the first datagram that comes, before the right one.
  const forgeries: [string, (asked: Asked) => Uint8Array][] = [
    ['another id', (asked) => encodeMessage({ ...parts(asked), id: asked.message.id ^ 1 })],
    ['another name in its question', (asked) => reply(asked, { ...forged, question: { ...asked, name: 'b.example' } })],
    ['another type in its question', (asked) => reply(asked, { ...forged, question: { ...asked, type: 'AAAA' } })],
    ['another class in its question', (asked) => reply(asked, { ...forged, question: { ...asked, class: 3 } })],
    ['no question', (asked) => reply(asked, { ...forged, question: null })],
    ['the form of a query', (asked) => reply(asked, { ...forged, response: false })],
    ['another opcode', (asked) => reply(asked, { ...forged, opcode: 4 })],
    ['octets that are no message', () => new Uint8Array([1, 2, 3])],
    ['no octets', () => new Uint8Array(0)],
  ]
  const forged = { answers: [address('a.example', '203.0.113.66')] }
  const parts = (asked: Asked) => ({ ...forged, response: true, question: asked.message.question })

  test.each(forgeries)(
    'with %s is passed over and counted, and the right one heard (RFC 5452 9.1)',
    async (_, forge) => {
      world.serve((asked) => [forge(asked), reply(asked, { answers: [address('a.example', '192.0.2.1')] })])
      const resolver = world.resolver()
      expect(texts(await world.drive(resolver.query('a.example', 'A')))).toEqual(['192.0.2.1'])
      expect(resolver.counters.wrongAnswers).toBe(1)
    },
  )

  test('from another port of the server is not heard (RFC 5452 9.1)', async () => {
    const liar = new Socket(world.right, AF_INET, SOCK_DGRAM)
    world.serve((asked) => {
      const answer = reply(asked, forged)
      // A socket of its own, on another port.
      liar.trySendto(answer, asked.client)
      return null
    })
    expect(codeOf(await world.failure(world.resolver({ attempts: 1 }).query('a.example', 'A')))).toBe('ETIMEOUT')
  })

  test('with the case of letters changed is the same name, unless case is mixed (RFC 4343; 0x20)', async () => {
    world.serve((asked) => {
      const question = { ...asked, name: asked.name.toLowerCase() }
      return [reply(asked, { answers: [address('a.example', '192.0.2.1')], question })]
    })
    expect(texts(await world.drive(world.resolver().query('A.Example', 'A')))).toEqual(['192.0.2.1'])
    const mixed = world.resolver({ mixedCase: true, attempts: 1 })
    expect(codeOf(await world.failure(mixed.query('a-long-name-with-letters.example', 'A')))).toBe('ETIMEOUT')
    expect(mixed.counters.wrongAnswers).toBe(1)
    expect(world.asked.at(-1)?.name).toMatch(/[A-Z]/)
    expect(world.asked.at(-1)?.name).toMatch(/[a-z]/)
  })

  test('repeats the mixed case of the question, and is believed', async () => {
    world.serve(({ name }) => ({ answers: [address(name, '192.0.2.1')] }))
    const mixed = world.resolver({ mixedCase: true })
    expect(texts(await world.drive(mixed.query('some.long.name.example', 'A')))).toEqual(['192.0.2.1'])
  })

  test("has records of other names, which are nobody's business", async () => {
    world.serve(() => ({ answers: [address('bank.example', '203.0.113.66'), address('a.example', '192.0.2.1')] }))
    const resolver = world.resolver()
    expect(texts(await world.drive(resolver.query('a.example', 'A')))).toEqual(['192.0.2.1'])
    world.asked.length = 0
    await world.drive(resolver.query('bank.example', 'A'))
    expect(world.asked).toHaveLength(1)
  })
})

describe('by stream', () => {
  test('comes what was cut in a datagram (RFC 7766 5), the length before it (RFC 1035 4.2.2)', async () => {
    const many = Array.from({ length: 200 }, (_, i) => address('many.example', `192.0.2.${i}`))
    world.serve(({ transport }) => (transport === 'udp' ? { truncated: true } : { answers: many }))
    const resolver = world.resolver()
    const { records } = await world.drive(resolver.query('many.example', 'A'))
    expect(records).toHaveLength(200)
    expect(world.asked.map(({ transport }) => transport)).toEqual(['udp', 'tcp'])
    expect(world.asked[1]?.message.id).not.toBe(world.asked[0]?.message.id)
    expect(resolver.counters.streamQueries).toBe(1)
    await world.pass(1000)
    expect(world.left.descriptors.size).toBe(0)
  })

  test('comes what is longer than EDNS has allowed, cut in the middle of a record or not', async () => {
    const many = Array.from({ length: 200 }, (_, i) => address('many.example', `192.0.2.${i}`))
    world.serve(() => ({ answers: many }))
    const { records } = await world.drive(world.resolver().query('many.example', 'A'))
    expect(records).toHaveLength(200)
    expect(world.asked.map(({ transport }) => transport)).toEqual(['udp', 'tcp'])
  })

  test('several questions share one connection, and answers may come in any order (RFC 7766 6.2.1, 7)', async () => {
    const waiting: Asked[] = []
    world.serve((asked) => {
      if (asked.transport === 'udp') return { truncated: true }
      waiting.push(asked)
      if (waiting.length < 3) return null
      return waiting.reverse().map((one) => reply(one, { answers: [address(one.name, `192.0.2.${one.name[0]}`)] }))
    })
    const resolver = world.resolver()
    const results = await world.drive(
      Promise.all(['1.example', '2.example', '3.example'].map((name) => resolver.query(name, 'A'))),
    )
    expect(results.map(texts)).toEqual([['192.0.2.1'], ['192.0.2.2'], ['192.0.2.3']])
    const streams = world.asked.filter(({ transport }) => transport === 'tcp')
    expect(new Set(streams.map(({ client }) => client.port)).size).toBe(1)
    expect(new Set(streams.map(({ message }) => message.id)).size).toBe(3)
  })

  test('two questions never have one id, whatever the random numbers are', async () => {
    world.serve(() => ({}))
    const numbers = [7, 7, 7, 9]
    const resolver = world.resolver({ random: { int32: () => numbers.shift() ?? 11 } })
    const ask = (name: string) => resolver.exchange({ name, type: 'A', class: 1 }, { transport: 'tcp' })
    await world.drive(Promise.all([ask('a.example'), ask('b.example')]))
    expect(world.asked.map(({ message }) => message.id)).toEqual([7, 9])
  })

  test('ends with the reason of a signal, and the connection with the last question', async () => {
    world.serve(() => null)
    const stop = new AbortController()
    const question = { name: 'a.example', type: 'A', class: 1 }
    const asking = reasonOf(world.resolver().exchange(question, { transport: 'tcp', signal: stop.signal }))
    await world.pass(100)
    expect(world.asked).toHaveLength(1)
    expect(world.left.descriptors.size).toBe(1)
    stop.abort('enough')
    expect(await asking).toBe('enough')
    await world.pass(100)
    expect(world.left.descriptors.size).toBe(0)
  })

  test('octet by octet comes no answer: a question has its time, however much is said meanwhile', async () => {
    const listener = new Socket(world.right, AF_INET, SOCK_STREAM)
    listener.bind({ address: '', port: 53 })
    listener.listen()
    const question = { name: 'a.example', type: 'A', class: 1 }
    const began = world.clock.now()
    let ended = -1
    const asking = reasonOf(
      world.resolver({ timeout: 4000, attempts: 1 }).exchange(question, { transport: 'tcp' }),
    ).finally(() => {
      ended = world.clock.now() - began
    })
    const socket = await world.drive(listener.accept())
    for (let i = 0; i < 20 && ended < 0; i++) {
      await socket.send(Uint8Array.of(1)).catch(() => {})
      await world.pass(500)
    }
    expect(ended).toBe(4000)
    expect(codeOf(await asking)).toBe('ETIMEOUT')
    await world.pass(100)
    expect(world.left.descriptors.size).toBe(0)
    await Promise.all([socket.close(), listener.close()])
  })

  test('what answers nothing is passed over and counted', async () => {
    world.serve((asked) => {
      if (asked.transport === 'udp') return { truncated: true }
      const answers = [address('a.example', '203.0.113.66')]
      return [
        new Uint8Array([7]),
        encodeMessage({ id: asked.message.id ^ 1, response: true, question: asked.message.question, answers }),
        reply(asked, { question: { ...asked, name: 'b.example' }, answers }),
        asked.bytes.slice(0, 13),
        reply(asked, { answers: [address('a.example', '192.0.2.1')] }),
      ]
    })
    const resolver = world.resolver()
    expect(texts(await world.drive(resolver.query('a.example', 'A')))).toEqual(['192.0.2.1'])
    expect(resolver.counters.wrongAnswers).toBe(4)
  })

  test('a server that says nothing is given up after the time-out, and no connection is left', async () => {
    world.serve(({ transport }) => (transport === 'udp' ? { truncated: true } : null))
    const resolver = world.resolver({ attempts: 1, timeout: 2000 })
    const start = world.clock.now()
    expect(codeOf(await world.failure(resolver.query('a.example', 'A')))).toBe('ETIMEOUT')
    expect(world.clock.now() - start).toBeLessThan(2100)
    await world.pass(1000)
    expect(world.left.descriptors.size).toBe(0)
  })
})

describe('EDNS', () => {
  test('is left out where the server says FORMERR to it (RFC 6891 7)', async () => {
    world.serve(({ message }) =>
      message.edns === null ? { answers: [address('a.example', '192.0.2.1')] } : { rcode: FORMERR },
    )
    const resolver = world.resolver()
    expect(texts(await world.drive(resolver.query('a.example', 'A')))).toEqual(['192.0.2.1'])
    expect(world.asked.map(({ message }) => message.edns !== null)).toEqual([true, false])
    expect(resolver.counters.plainQueries).toBe(1)
  })

  test('is left out where the server answers with a header alone', async () => {
    world.serve((asked) =>
      asked.message.edns === null
        ? { answers: [address('a.example', '192.0.2.1')] }
        : [encodeMessage({ id: asked.message.id, response: true, rcode: FORMERR })],
    )
    expect(texts(await world.drive(world.resolver().query('a.example', 'A')))).toEqual(['192.0.2.1'])
  })

  test('gives the code its upper bits (RFC 6891 6.1.3)', async () => {
    world.serve(() => ({ rcode: 23, edns: { udpPayloadSize: 1232, version: 0, dnssecOk: false } }))
    const question = { name: 'a.example', type: 'A', class: 1 }
    const { message } = await world.drive(world.resolver({ attempts: 1 }).exchange(question))
    expect(message.rcode).toBe(23)
  })
})

describe('servers', () => {
  test('are asked one after the other, each for the time-out, as often as attempts says (resolv.conf(5))', async () => {
    const resolver = world.resolver({ servers: ['10.0.0.2', '10.0.0.3'], timeout: 1000, attempts: 3 })
    const times: number[] = []
    world.serve(() => {
      times.push(world.clock.now())
      return null
    })
    const start = world.clock.now()
    expect(codeOf(await world.failure(resolver.query('a.example', 'A')))).toBe('ETIMEOUT')
    expect(times.map((time) => Math.round((time - start) / 1000))).toEqual([0, 2, 4])
    expect(Math.round((world.clock.now() - start) / 1000)).toBe(6)
    expect(resolver.counters.timeouts).toBe(6)
  })

  test.each([
    ['SERVFAIL', SERVFAIL],
    ['REFUSED', REFUSED],
  ])('one that says %s is passed over for the next', async (_, rcode) => {
    world.serve(() => ({ rcode }))
    world.serve(zone(address('a.example', '192.0.2.1')), 5353)
    const resolver = world.resolver({ servers: [SERVER, SocketAddress.internet(SERVER, 5353)] })
    expect(texts(await world.drive(resolver.query('a.example', 'A')))).toEqual(['192.0.2.1'])
    expect(world.asked).toHaveLength(2)
  })

  test('one that knows nothing, and nobody who does, is passed over for the next', async () => {
    world.serve(() => ({ recursionAvailable: false }))
    world.serve(zone(address('a.example', '192.0.2.1')), 5353)
    const resolver = world.resolver({ servers: [SERVER, SocketAddress.internet(SERVER, 5353)] })
    expect(texts(await world.drive(resolver.query('a.example', 'A')))).toEqual(['192.0.2.1'])
  })

  test('one that says with authority that there is nothing is believed', async () => {
    world.serve(() => ({ recursionAvailable: false, authoritative: true }))
    world.serve(zone(address('a.example', '192.0.2.1')), 5353)
    const resolver = world.resolver({ servers: [SERVER, SocketAddress.internet(SERVER, 5353)] })
    expect(texts(await world.drive(resolver.query('a.example', 'A')))).toEqual([])
  })

  test('one that nobody serves is known at once (ICMP), and the next is asked', async () => {
    world.serve(zone(address('a.example', '192.0.2.1')))
    const resolver = world.resolver({ servers: [SocketAddress.internet(SERVER, 5399), SERVER] })
    const start = world.clock.now()
    expect(texts(await world.drive(resolver.query('a.example', 'A')))).toEqual(['192.0.2.1'])
    expect(world.clock.now() - start).toBeLessThan(100)
  })

  test.each([
    ['ESERVFAIL', SERVFAIL],
    ['EREFUSED', REFUSED],
    ['ENOTIMP', 4],
    ['EFORMERR', FORMERR],
    ['EOTHER', 9],
  ])('all of which say so give %s', async (code, rcode) => {
    world.serve(() => ({ rcode }))
    expect(codeOf(await world.failure(world.resolver().query('a.example', 'A')))).toBe(code)
  })

  test('that cannot be reached, or are none, give ENOSERVER', async () => {
    expect(codeOf(await world.failure(world.resolver({ servers: [] }).query('a.example', 'A')))).toBe('ENOSERVER')
    const far = world.resolver({ servers: ['203.0.113.1'] })
    const error = await world.failure(far.query('a.example', 'A'))
    expect(codeOf(error)).toBe('ENOSERVER')
    expect((error as Error).cause).toMatchObject({ code: 'ENETUNREACH' })
  })

  test('take turns with rotate', async () => {
    const ports: number[] = []
    for (const port of [53, 5353]) {
      world.serve(() => {
        ports.push(port)
        return {}
      }, port)
    }
    const resolver = world.resolver({ servers: [SERVER, SocketAddress.internet(SERVER, 5353)], rotate: true })
    for (let i = 0; i < 4; i++) await world.drive(resolver.query(`h${i}.example`, 'A'))
    expect(ports).toEqual([53, 5353, 53, 5353])
  })
})

describe('aliases', () => {
  test('are followed in one answer, and told', async () => {
    world.serve(
      zone(alias('www.example', 'web.example'), alias('web.example', 'h.example'), address('h.example', '192.0.2.1')),
    )
    const result = await world.drive(world.resolver().query('www.example', 'A'))
    expect(texts(result)).toEqual(['192.0.2.1'])
    expect(result.name).toBe('h.example')
    expect(result.chain.map(({ data }) => data)).toEqual(['web.example', 'h.example'])
    expect(world.asked).toHaveLength(1)
  })

  test('that lead out of what the server knows are asked for (RFC 1034 5.3.1)', async () => {
    world.serve(({ name }) =>
      name === 'www.example'
        ? { answers: [alias('www.example', 'far.test')] }
        : { answers: [address('far.test', '192.0.2.9')] },
    )
    const result = await world.drive(world.resolver().query('www.example', 'A'))
    expect(texts(result)).toEqual(['192.0.2.9'])
    expect(world.asked.map(({ name }) => name)).toEqual(['www.example', 'far.test'])
  })

  test.each([
    ['in a circle', [alias('a.example', 'b.example'), alias('b.example', 'a.example')]],
    ['to themselves', [alias('a.example', 'a.example')]],
  ])('that lead %s are refused', async (_, answers) => {
    world.serve(() => ({ answers }))
    expect(codeOf(await world.failure(world.resolver().query('a.example', 'A')))).toBe('ELOOP')
  })

  test('of which a message has more than 16 in a row are refused', async () => {
    const names = ['a.example', ...Array.from({ length: 18 }, (_, i) => `${i + 1}.example`)]
    const chain = names.slice(1).map((next, i) => alias(names[i] as string, next))
    world.serve(() => ({ answers: chain }))
    expect(codeOf(await world.failure(world.resolver().query('a.example', 'A')))).toBe('ELOOP')
  })

  test('that lead in a circle over several messages are refused with the one that closes it', async () => {
    const next: Record<string, string> = {
      'a.example': 'b.example',
      'b.example': 'c.example',
      'c.example': 'a.example',
    }
    world.serve(({ name }) => ({ answers: [alias(name, next[name] as string)] }))
    expect(codeOf(await world.failure(world.resolver().query('a.example', 'A')))).toBe('ELOOP')
    expect(world.asked).toHaveLength(3)
  })

  test('that never end are given up after 8 messages', async () => {
    world.serve(({ name }) => ({ answers: [alias(name, `x${name}`)] }))
    expect(codeOf(await world.failure(world.resolver().query('a.example', 'A')))).toBe('ELOOP')
    expect(world.asked).toHaveLength(8)
  })

  test('to a name that is not give NXDOMAIN (RFC 6604 2.1)', async () => {
    world.serve(zone(alias('www.example', 'gone.example')))
    expect(await world.drive(world.resolver().query('www.example', 'A'))).toMatchObject({
      rcode: NXDOMAIN,
      records: [],
      name: 'gone.example',
    })
    expect(world.asked).toHaveLength(1)
  })

  test('are records themselves where they are asked for', async () => {
    world.serve(zone(alias('www.example', 'web.example'), address('web.example', '192.0.2.1')))
    const { records, chain } = await world.drive(world.resolver().query('www.example', 'CNAME'))
    expect(records.map(({ data }) => data)).toEqual(['web.example'])
    expect(chain).toEqual([])
  })
})

describe('what is known', () => {
  test('is not asked again before the smallest TTL of its records is over, which runs meanwhile', async () => {
    world.serve(zone(alias('www.example', 'h.example', 60), address('h.example', '192.0.2.1', 300)))
    const resolver = world.resolver()
    await world.drive(resolver.query('www.example', 'A'))
    await world.pass(59_500)
    const again = await world.drive(resolver.query('WWW.example.', 'A'))
    expect(again.records[0]?.ttl).toBe(241)
    expect(again.chain[0]?.ttl).toBe(1)
    expect(world.asked).toHaveLength(1)
    await world.pass(1000)
    await world.drive(resolver.query('www.example', 'A'))
    expect(world.asked).toHaveLength(2)
    expect(resolver.cache.hits).toBe(1)
  })

  test('with TTL 0, or one with the highest bit, is for the question alone (RFC 1035 3.2.1, RFC 2181 8)', async () => {
    for (const ttl of [0, 0x80000000]) {
      world = new NamesWorld()
      world.serve(zone(address('a.example', '192.0.2.1', ttl)))
      const resolver = world.resolver()
      for (let i = 0; i < 2; i++) await world.drive(resolver.query('a.example', 'A'))
      expect(world.asked).toHaveLength(2)
      expect(resolver.cache.size).toBe(0)
    }
  })

  test('is kept for a day at most', async () => {
    world.serve(zone(address('a.example', '192.0.2.1', 1_000_000)))
    const resolver = world.resolver()
    await world.drive(resolver.query('a.example', 'A'))
    await world.pass(86_399_000)
    await world.drive(resolver.query('a.example', 'A'))
    expect(world.asked).toHaveLength(1)
    await world.pass(2000)
    await world.drive(resolver.query('a.example', 'A'))
    expect(world.asked).toHaveLength(2)
  })

  test.each([
    ['no such name', NXDOMAIN],
    ['no such record', NOERROR],
  ])('to be none (%s) is kept for the minimum of the SOA (RFC 2308 5)', async (_, rcode) => {
    world.serve(() => ({ rcode, authorities: [soa('example', 3600, 30)] }))
    const resolver = world.resolver()
    for (let i = 0; i < 2; i++) await world.drive(resolver.query('a.example', 'A'))
    expect(world.asked).toHaveLength(1)
    await world.pass(30_000)
    expect(await world.drive(resolver.query('a.example', 'A'))).toMatchObject({ rcode, records: [] })
    expect(world.asked).toHaveLength(2)
  })

  test('to be none without a SOA, or with one of another zone, is not kept (RFC 2308 5)', async () => {
    for (const authorities of [[], [soa('elsewhere.test', 3600, 3600)]]) {
      world = new NamesWorld()
      world.serve(() => ({ rcode: NXDOMAIN, authorities }))
      const resolver = world.resolver()
      for (let i = 0; i < 2; i++) await world.drive(resolver.query('a.example', 'A'))
      expect(world.asked).toHaveLength(2)
    }
  })

  test('to be none is kept for three hours at most (RFC 2308 5)', async () => {
    world.serve(() => ({ rcode: NXDOMAIN, authorities: [soa('example', 1_000_000, 1_000_000)] }))
    const resolver = world.resolver()
    await world.drive(resolver.query('a.example', 'A'))
    await world.pass(10_799_000)
    await world.drive(resolver.query('a.example', 'A'))
    expect(world.asked).toHaveLength(1)
    await world.pass(2000)
    await world.drive(resolver.query('a.example', 'A'))
    expect(world.asked).toHaveLength(2)
  })

  test('is bounded: the oldest is given up', async () => {
    world.serve(({ name }) => ({ answers: [address(name, '192.0.2.1')] }))
    const resolver = world.resolver({ cacheSize: 3 })
    for (const name of ['a', 'b', 'c', 'd']) await world.drive(resolver.query(`${name}.example`, 'A'))
    expect(resolver.cache.size).toBe(3)
    await world.drive(resolver.query('b.example', 'A'))
    expect(world.asked).toHaveLength(4)
    await world.drive(resolver.query('a.example', 'A'))
    expect(world.asked).toHaveLength(5)
  })

  test('to be an error of the server is not kept', async () => {
    world.serve(() => ({ rcode: SERVFAIL }))
    const resolver = world.resolver({ attempts: 1 })
    for (let i = 0; i < 2; i++) await world.failure(resolver.query('a.example', 'A'))
    expect(world.asked).toHaveLength(2)
  })
})

describe('who asks what is being asked', () => {
  test('shares the answer', async () => {
    world.serve(zone(address('a.example', '192.0.2.1')))
    const resolver = world.resolver()
    const results = await world.drive(Promise.all([1, 2, 3].map(() => resolver.query('A.example', 'A'))))
    expect(results.map(texts)).toEqual([['192.0.2.1'], ['192.0.2.1'], ['192.0.2.1']])
    expect(world.asked).toHaveLength(1)
  })

  test('may leave without the others, and the last to leave ends it', async () => {
    const resolver = world.resolver()
    world.serve(() => null)
    const first = new AbortController()
    const second = new AbortController()
    const one = reasonOf(resolver.query('a.example', 'A', { signal: first.signal }))
    const other = reasonOf(resolver.query('a.example', 'A', { signal: second.signal }))
    await world.pass(10)
    expect(world.left.descriptors.size).toBe(1)
    first.abort('enough')
    expect(await one).toBe('enough')
    await world.pass(10)
    expect(world.left.descriptors.size).toBe(1)
    second.abort('me too')
    expect(await other).toBe('me too')
    await world.pass(10)
    expect(world.left.descriptors.size).toBe(0)
    expect(world.asked).toHaveLength(1)
  })

  test('after it was given up is asked for anew', async () => {
    let silent = true
    world.serve(() => (silent ? null : { answers: [address('a.example', '192.0.2.1')] }))
    const resolver = world.resolver()
    const stop = new AbortController()
    const left = reasonOf(resolver.query('a.example', 'A', { signal: stop.signal }))
    await world.pass(10)
    stop.abort('enough')
    silent = false
    const again = resolver.query('a.example', 'A')
    expect(await left).toBe('enough')
    expect(texts(await world.drive(again))).toEqual(['192.0.2.1'])
  })

  test('with a signal that has aborted asks nothing', async () => {
    world.serve(() => ({}))
    const stop = new AbortController()
    stop.abort('no')
    expect(await world.failure(world.resolver().query('a.example', 'A', { signal: stop.signal }))).toBe('no')
    await world.pass(10)
    expect(world.asked).toEqual([])
  })
})

describe('questions under way', () => {
  test('are bounded: the next is refused at once (EAGAIN), what is asked or known already is not', async () => {
    world.serve(({ name }) => (name === 'a.example' ? { answers: [address(name, '192.0.2.1')] } : null))
    const resolver = world.resolver({ concurrency: 2, attempts: 1 })
    await world.drive(resolver.query('a.example', 'A'))
    const held = [reasonOf(resolver.query('b.example', 'A')), reasonOf(resolver.query('c.example', 'A'))]
    const shared = reasonOf(resolver.query('b.example', 'A'))
    expect(await reasonOf(resolver.query('d.example', 'A'))).toMatchObject({
      name: 'ResolverError',
      code: 'EAGAIN',
      hostname: 'd.example',
      message: 'query EAGAIN d.example: too many questions are under way',
    })
    expect(await reasonOf(resolver.exchange({ name: 'd.example', type: 'A', class: 1 }))).toMatchObject({
      code: 'EAGAIN',
    })
    expect(texts(await resolver.query('a.example', 'A'))).toEqual(['192.0.2.1'])
    await world.pass(10)
    expect(world.left.descriptors.size).toBe(2)
    expect(await world.drive(Promise.all([...held, shared]))).toMatchObject(Array(3).fill({ code: 'ETIMEOUT' }))
    // There is room again.
    expect(await world.failure(resolver.query('d.example', 'A'))).toMatchObject({ code: 'ETIMEOUT' })
  })

  test('of exchange count too, and one that leads to aliases counts once', async () => {
    world.serve(({ name }) =>
      name === 'a.example' ? { answers: [alias(name, 'b.example')] } : { answers: [address(name, '192.0.2.1')] },
    )
    const resolver = world.resolver({ concurrency: 1 })
    expect(texts(await world.drive(resolver.query('a.example', 'A')))).toEqual(['192.0.2.1'])
    const held = resolver.exchange({ name: 'c.example', type: 'A', class: 1 })
    expect(await reasonOf(resolver.query('d.example', 'A'))).toMatchObject({ code: 'EAGAIN' })
    await world.drive(held)
  })

  test('that are given up make room', async () => {
    world.serve(() => null)
    const resolver = world.resolver({ concurrency: 1, attempts: 1 })
    const stop = new AbortController()
    const left = reasonOf(resolver.query('a.example', 'A', { signal: stop.signal }))
    await world.pass(10)
    stop.abort('enough')
    expect(await left).toBe('enough')
    await world.pass(10)
    expect(await world.failure(resolver.query('b.example', 'A'))).toMatchObject({ code: 'ETIMEOUT' })
  })

  test('are 512 at most where nothing else is said', async () => {
    world.serve(() => null)
    const resolver = world.resolver({ attempts: 1 })
    const held = Array.from({ length: 512 }, (_, i) => reasonOf(resolver.query(`n${i}.example`, 'A')))
    expect(await reasonOf(resolver.query('one-more.example', 'A'))).toMatchObject({ code: 'EAGAIN' })
    await world.drive(Promise.all(held))
  })
})

describe('wrong options', () => {
  test.each([
    [{ servers: ['nowhere'] }, TypeError, /servers/],
    [{ servers: 'x' as never }, TypeError, /servers/],
    [{ concurrency: 0 }, RangeError, /concurrency/],
    [{ timeout: 0 }, RangeError, /timeout/],
    [{ random: {} as never }, TypeError, /random/],
    [{ tries: 3 } as never, TypeError, /tries/],
  ])('%j are named', (options, kind, message) => {
    expect(() => world.resolver(options)).toThrow(kind)
    expect(() => world.resolver(options)).toThrow(message)
  })
})
