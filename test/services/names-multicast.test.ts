import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AF_INET, SOCK_STREAM } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { reverseName } from '../../src/services/names/domain-name.ts'
import { compareSets } from '../../src/services/names/multicast/claim.ts'
import { encodeMulticast } from '../../src/services/names/multicast/multicast-message.ts'
import { MulticastNames } from '../../src/services/names/multicast/multicast-names.ts'
import type { FoundService } from '../../src/services/names/multicast/service-browser.ts'
import { Names } from '../../src/services/names/names.ts'
import { address, data, MulticastWorld, pointer, words } from './multicast-world.ts'

let world: MulticastWorld

beforeEach(() => {
  world = new MulticastWorld()
})

afterEach(() => world.close())

describe('a name', () => {
  test('is asked for three times, 250 ms apart, with what it shall have, and announced twice, a second apart (RFC 6762 8)', async () => {
    const neighbour = world.neighbour()
    const start = world.clock.now()
    const names = world.host('server')
    await world.drive(names.claimed)
    await world.pass(5000)
    const { queries, responses } = neighbour
    expect(queries.map(({ questions, authorities }) => [questions, words(authorities)])).toEqual(
      Array.from({ length: 3 }, () => [[{ name: 'server.local', type: 'ANY', unicast: true }], ['server.local A']]),
    )
    const [first = 0, second = 0, third = 0] = queries.map(({ at }) => at)
    expect(first - start).toBeLessThanOrEqual(251)
    expect([second - first, third - second]).toEqual([250, 250])
    expect(responses.map(({ at }) => Math.round(at - third))).toEqual([250, 1250])
    for (const { answers } of responses)
      expect(words(answers)).toEqual(['server.local A flush', '2.0.0.10.in-addr.arpa PTR flush'])
    expect(names.host).toBe('server.local')
  })

  test('that somebody has is left to him: the next one is tried (RFC 6762 9)', async () => {
    const first = world.host('server')
    await world.drive(first.claimed)
    const second = world.host('server')
    const third = world.host('server')
    await world.drive(second.claimed)
    await world.drive(third.claimed)
    expect([first, second, third].map(({ host }) => host).sort()).toEqual([
      'server-2.local',
      'server-3.local',
      'server.local',
    ])
    expect(first.host).toBe('server.local')
  })

  test('that two want at once is given to one of them: the later data wins, the other waits a second (RFC 6762 8.2)', async () => {
    const neighbour = world.neighbour()
    const hosts = [world.host('server'), world.host('server')]
    for (const { claimed } of hosts) await world.drive(claimed)
    await world.pass(5000)
    // 10.0.0.3 comes after 10.0.0.2.
    expect(hosts.map(({ host }) => host)).toEqual(['server-2.local', 'server.local'])
    const probes = (host: string) =>
      neighbour.queries.filter(
        ({ from, questions }) => from.toString() === host && questions[0]?.name === 'server.local',
      )
    const [won] = probes('10.0.0.3:5353')
    expect(probes('10.0.0.3:5353')).toHaveLength(3)
    expect(probes('10.0.0.2:5353').filter(({ at }) => at > (won?.at ?? 0))).toEqual([])
  })

  test('that has other addresses: all are told, and of a family that it has none of any more that too (RFC 6762 8.4, 10.1)', async () => {
    const neighbour = world.neighbour()
    const asker = world.host()
    const names = world.host('server', { addresses: ['10.0.0.3', '2001:db8::3'] })
    await world.drive(names.claimed)
    await world.pass(5000)
    neighbour.heard.length = 0
    names.setAddresses(['2001:db8::3', '10.0.0.3'])
    await world.pass(5000)
    expect(neighbour.heard).toEqual([])
    names.setAddresses(['10.0.0.33'])
    await world.pass(5000)
    const said = neighbour.responses.map(({ answers }) =>
      answers.map(({ record }) => `${record.name} ${record.type} ${record.ttl}`),
    )
    expect(said[0]).toEqual([
      '3.0.0.10.in-addr.arpa PTR 0',
      'server.local AAAA 0',
      `${reverseName(IpAddress.parse('2001:db8::3') as IpAddress)} PTR 0`,
    ])
    expect(said.slice(1)).toEqual([
      ['server.local A 120', '33.0.0.10.in-addr.arpa PTR 120'],
      ['server.local A 120', '33.0.0.10.in-addr.arpa PTR 120'],
    ])
    expect(data(await world.drive(asker.query('server.local', 'A')))).toEqual(['10.0.0.33'])
    expect(() => names.setAddresses([])).toThrow('addresses must be one at least, got none')
    expect(() => names.setAddresses(['x'])).toThrow('addresses must be addresses, got "x"')
  })

  test('of a host that has an address of the link alone is reached by that link', async () => {
    const host = world.host('server', { addresses: ['fe80::3'] })
    await world.drive(host.claimed)
    const asker = world.host()
    const names = new Names(asker.provider, { multicast: asker })
    const [found] = await world.drive(names.getaddrinfo('server.local', 80))
    expect(`${found?.address}`).toBe('[fe80::3%2]:80')
  })

  test('whose two owners meet later is asked for again by both (RFC 6762 9)', async () => {
    const neighbour = world.neighbour()
    const host = world.host('server')
    await world.drive(host.claimed)
    await world.pass(3000)
    neighbour.say({ response: true, answers: [address('server.local', '10.0.0.77')] })
    await world.pass(600)
    neighbour.say({ response: true, answers: [address('server.local', '10.0.0.77')] })
    await world.pass(3000)
    expect(host.host).toBe('server-2.local')
  })

  test('is not given up for what says the same, or says goodbye', async () => {
    const neighbour = world.neighbour()
    const host = world.host('server')
    await world.drive(host.claimed)
    await world.pass(3000)
    const asked = neighbour.queries.length
    neighbour.say({ response: true, answers: [address('SERVER.local', '10.0.0.2', 60)] })
    neighbour.say({ response: true, answers: [address('server.local', '10.0.0.9', 0)] })
    await world.pass(3000)
    expect([host.host, neighbour.queries.length]).toEqual(['server.local', asked])
  })

  test('that is taken ever again is asked for ever more slowly: fifteen conflicts, then five seconds each (RFC 6762 8.1)', async () => {
    const neighbour = world.neighbour()
    const host = world.host('server')
    let conflicts = 0
    for (let i = 0; i < 400; i++) {
      const { length } = neighbour.queries
      await world.pass(50)
      const [query] = neighbour.queries.slice(length)
      if (query === undefined) continue
      conflicts++
      neighbour.say({ response: true, answers: [address(query.questions[0]?.name as string, '10.0.0.99')] })
    }
    // Twenty seconds: fifteen at once, and three or four of the rest.
    expect(conflicts).toBeGreaterThan(15)
    expect(conflicts).toBeLessThan(21)
    expect(host.host).toBe(`server-${conflicts + 1}.local`)
  })

  test('is taken back with a time to live of 0 (RFC 6762 10.1)', async () => {
    const neighbour = world.neighbour()
    const host = world.host('server')
    await world.drive(host.claimed)
    await world.pass(3000)
    await world.drive(host.close())
    await world.settle()
    expect(neighbour.responses.at(-1)?.answers.map(({ record }) => [record.name, record.ttl])).toEqual([
      ['server.local', 0],
      ['2.0.0.10.in-addr.arpa', 0],
    ])
  })
})

test('of two sets of records the later is that of the greater type, then data, then the longer (RFC 6762 8.2.1)', () => {
  const a = (text: string) => address('x.local', text).record
  expect(compareSets([a('169.254.99.200')], [a('169.254.200.50')])).toBeLessThan(0)
  expect(compareSets([a('::1')], [a('169.254.200.50')])).toBeGreaterThan(0)
  expect(compareSets([a('10.0.0.1'), a('10.0.0.2')], [a('10.0.0.1')])).toBeGreaterThan(0)
  expect(compareSets([a('10.0.0.2'), a('10.0.0.1')], [a('10.0.0.1'), a('10.0.0.2')])).toBe(0)
})

describe('a question', () => {
  async function established() {
    const neighbour = world.neighbour()
    const host = world.host('server')
    await world.drive(host.claimed)
    await world.pass(10_000)
    neighbour.heard.length = 0
    return { neighbour, host }
  }

  test('for a name is answered to all, at once, with the bit that voids what was known (RFC 6762 6 and 10.2)', async () => {
    const { neighbour } = await established()
    const at = world.clock.now()
    neighbour.ask('Server.Local', 'A')
    await world.pass(500)
    expect(neighbour.responses).toMatchObject([{ id: 0, questions: [], at }])
    expect(words(neighbour.responses[0]?.answers ?? [])).toEqual(['server.local A flush'])
  })

  test('is not answered with what whoever asks knows for half its time (RFC 6762 7.1)', async () => {
    const { neighbour } = await established()
    neighbour.ask('server.local', 'A', { answers: [address('server.local', '10.0.0.2', 60, false)] })
    await world.pass(500)
    expect(neighbour.responses).toEqual([])
    neighbour.ask('server.local', 'A', { answers: [address('server.local', '10.0.0.2', 59, false)] })
    await world.pass(500)
    expect(neighbour.responses).toHaveLength(1)
  })

  test('whose known answers go on in another message waits for that (RFC 6762 7.2)', async () => {
    const { neighbour } = await established()
    neighbour.ask('server.local', 'A', { truncated: true })
    await world.pass(200)
    neighbour.say({ answers: [address('server.local', '10.0.0.2', 120, false)] })
    await world.pass(1000)
    expect(neighbour.responses).toEqual([])
    const at = world.clock.now()
    neighbour.ask('server.local', 'A', { truncated: true })
    await world.pass(1000)
    expect((neighbour.responses[0]?.at ?? 0) - at).toBeGreaterThanOrEqual(400)
    expect((neighbour.responses[0]?.at ?? 0) - at).toBeLessThanOrEqual(501)
  })

  test('is answered once in a second (RFC 6762 6)', async () => {
    const { neighbour } = await established()
    for (let i = 0; i < 12; i++) {
      neighbour.ask('server.local', 'A')
      await world.pass(100)
    }
    expect(neighbour.responses).toHaveLength(2)
  })

  test('of one who probes is answered also where all were told a moment ago', async () => {
    const { neighbour } = await established()
    const probe = { authorities: [address('server.local', '10.0.0.99', 120, false)] }
    for (let i = 0; i < 3; i++) {
      neighbour.ask('server.local', 'ANY', probe, true)
      await world.pass(250)
    }
    expect(neighbour.responses).toHaveLength(3)
  })

  test('may be answered to whoever asks alone, if all were told within a quarter of its time (RFC 6762 5.4)', async () => {
    const { neighbour } = await established()
    const other = world.neighbour()
    neighbour.ask('server.local', 'A', {}, true)
    await world.pass(500)
    expect([neighbour.responses.length, other.responses.length]).toEqual([1, 0])
    await world.pass(40_000)
    neighbour.ask('server.local', 'A', {}, true)
    await world.pass(500)
    expect([neighbour.responses.length, other.responses.length]).toEqual([2, 1])
  })

  test('for what the name has not is answered: there is none (RFC 6762 6.1)', async () => {
    const { neighbour } = await established()
    neighbour.ask('server.local', 'AAAA')
    await world.pass(500)
    const [answer] = neighbour.responses[0]?.answers ?? []
    expect(answer).toMatchObject({ flush: true, record: { type: 'NSEC', name: 'server.local' } })
    const asker = world.host()
    const at = world.clock.now()
    expect(await world.drive(asker.query('server.local', 'AAAA'))).toEqual([])
    expect(world.clock.now() - at).toBeLessThan(200)
  })

  test('from another port is answered as by a server of names: its id, its question, short times, no bits (RFC 6762 6.7)', async () => {
    await established()
    const resolver = world.neighbour(40_000)
    resolver.say({ id: 77, questions: [{ name: 'server.local', type: 'A', unicast: false }] })
    await world.pass(100)
    expect(resolver.heard).toMatchObject([{ id: 77, response: true, questions: [{ name: 'server.local', type: 'A' }] }])
    expect(words(resolver.heard[0]?.answers ?? [])).toEqual(['server.local A'])
    expect(resolver.heard[0]?.answers[0]?.record.ttl).toBe(10)
  })

  test('for what others have is not answered, nor what comes by unicast', async () => {
    const { neighbour } = await established()
    neighbour.ask('other.local', 'A')
    neighbour.say(
      { questions: [{ name: 'server.local', type: 'A', unicast: true }] },
      { address: '10.0.0.2', port: 5353 },
    )
    await world.pass(500)
    expect(neighbour.responses).toEqual([])
  })
})

describe('asking', () => {
  test('finds a host, and remembers it for as long as it holds', async () => {
    const host = world.host('server')
    const asker = world.host()
    const neighbour = world.neighbour()
    await world.drive(host.claimed)
    await world.pass(5000)
    expect(data(await world.drive(asker.query('Server.local', 'A')))).toEqual(['10.0.0.1'])
    const { length } = neighbour.heard
    expect(data(await world.drive(asker.query('server.local', 'A')))).toEqual(['10.0.0.1'])
    expect(neighbour.heard).toHaveLength(length)
    await world.drive(host.close())
    await world.pass(1100)
    expect(await world.drive(asker.query('server.local', 'A'))).toEqual([])
  })

  test('finds its own name', async () => {
    const host = world.host('server')
    await world.drive(host.claimed)
    expect(data(await world.drive(host.query('server.local', 'A')))).toEqual(['10.0.0.1'])
  })

  test('goes on after 1 s, 2 s … and ends in time, with nothing', async () => {
    const neighbour = world.neighbour()
    const asker = world.host()
    const start = world.clock.now()
    expect(await world.drive(asker.query('nobody.local', 'A', { timeout: 8000 }))).toEqual([])
    expect(world.clock.now() - start).toBe(8000)
    const [first = 0, ...rest] = neighbour.queries.map(({ at }) => at)
    expect(first - start).toBeGreaterThanOrEqual(20)
    expect(first - start).toBeLessThanOrEqual(121)
    expect(rest.map((at) => Math.round(at - first))).toEqual([1000, 3000, 7000])
    await world.pass(60_000)
    expect(neighbour.queries).toHaveLength(4)
  })

  test('can be given up', async () => {
    const asker = world.host()
    const stop = new AbortController()
    const asking = asker.query('nobody.local', 'A', { signal: stop.signal })
    asking.catch(() => {})
    await world.pass(100)
    stop.abort(new Error('enough'))
    await expect(asking).rejects.toThrow('enough')
    await expect(asker.query('nobody.local', 'A', { signal: stop.signal })).rejects.toThrow('enough')
  })

  test('what somebody else has just asked is not asked again (RFC 6762 7.3)', async () => {
    const neighbour = world.neighbour()
    const asker = world.host()
    const asking = asker.query('nobody.local', 'A', { timeout: 900 })
    neighbour.ask('nobody.local', 'A')
    await world.drive(asking)
    expect(neighbour.queries).toEqual([])
  })

  test('what was said before is void a second after other data (RFC 6762 10.2)', async () => {
    const neighbour = world.neighbour()
    const asker = world.host()
    neighbour.say({ response: true, answers: [address('x.local', '10.0.0.50')] })
    await world.pass(2000)
    neighbour.say({ response: true, answers: [address('x.local', '10.0.0.51'), address('x.local', '10.0.0.52')] })
    await world.pass(500)
    expect(data(await asker.query('x.local', 'A')).sort()).toEqual(['10.0.0.50', '10.0.0.51', '10.0.0.52'])
    await world.pass(600)
    expect(data(await asker.query('x.local', 'A')).sort()).toEqual(['10.0.0.51', '10.0.0.52'])
  })

  test('answers from another port, and what is no message, are dropped and counted (RFC 6762 6)', async () => {
    const liar = world.neighbour(40_000)
    const asker = world.host()
    liar.say({ response: true, answers: [address('x.local', '10.0.0.66')] })
    liar.say(Uint8Array.of(1, 2, 3))
    const twisted = encodeMulticast({ response: true, answers: [address('x.local', '10.0.0.66')] })
    twisted[12] = 0xc0
    liar.say(twisted)
    await world.pass(10)
    expect(asker.counters).toMatchObject({ heard: 3, dropped: 3 })
    expect(await world.drive(asker.query('x.local', 'A'))).toEqual([])
  })

  test('an answer that came through a router is not heard (RFC 6762 11)', async () => {
    const neighbour = world.neighbour()
    const asker = world.host()
    neighbour.socket.setsockopt(0, 2, 254)
    neighbour.say({ response: true, answers: [address('x.local', '10.0.0.66')] }, { address: '10.0.0.2', port: 5353 })
    await world.pass(10)
    expect(asker.counters.heard).toBe(0)
    neighbour.socket.setsockopt(0, 2, 255)
    neighbour.say({ response: true, answers: [address('x.local', '10.0.0.67')] }, { address: '10.0.0.2', port: 5353 })
    expect(data(await world.drive(asker.query('x.local', 'A')))).toEqual(['10.0.0.67'])
  })

  test('a flood of names leaves a table of 2000, and what is asked is still answered', async () => {
    const neighbour = world.neighbour()
    const asker = world.host()
    for (let i = 0; i < 200; i++) {
      neighbour.say({
        response: true,
        answers: Array.from({ length: 20 }, (_, j) => address(`n${i}-${j}.local`, '10.0.0.9')),
      })
      await world.pass(1)
    }
    expect(data(await world.drive(asker.query('n199-19.local', 'A')))).toEqual(['10.0.0.9'])
    expect(await world.drive(asker.query('n0-0.local', 'A'))).toEqual([])
  })
})

describe('a service', () => {
  const told: string[] = []
  const follow = (names: MulticastNames, type = '_http._tcp') => {
    told.length = 0
    const line = (what: string) => (service: FoundService) => {
      told.push(
        `${what} ${service.instance} ${service.host}:${service.port} ${service.addresses.join()} ${JSON.stringify(service.text)}`,
      )
    }
    return names.browse(type, { added: line('added'), changed: line('changed'), removed: line('removed') })
  }

  test('is published, found with all that is needed, and lost when it says goodbye (RFC 6763)', async () => {
    const host = world.host('server')
    const seeker = world.host()
    const browser = follow(seeker)
    const service = await world.drive(
      host.publish({ instance: 'My Files', type: '_http._tcp', port: 8080, text: { path: '/a=b', flag: true } }),
    )
    await world.pass(3000)
    const found = 'My Files server.local:8080 10.0.0.1 {"path":"/a=b","flag":true}'
    expect(told).toEqual([`added ${found}`])
    expect(browser.services).toHaveLength(1)
    service.withdraw()
    await world.pass(1500)
    expect(told).toEqual([`added ${found}`, `removed ${found}`])
  })

  test('is found by who looks later, and asked for less and less', async () => {
    const host = world.host('server')
    const neighbour = world.neighbour()
    await world.drive(host.publish({ instance: 'Files', type: '_http._tcp', port: 80 }))
    await world.pass(60_000)
    neighbour.heard.length = 0
    const start = world.clock.now()
    follow(world.host())
    await world.pass(20_000)
    expect(told).toEqual(['added Files server.local:80 10.0.0.1 {}'])
    const queries = neighbour.queries.filter(({ questions }) => questions[0]?.type === 'PTR')
    const [first] = queries
    expect((first?.at ?? 0) - start).toBeLessThan(121)
    expect(queries.map(({ at }) => Math.round((at - (first?.at ?? 0)) / 1000))).toEqual([0, 1, 3, 7, 15])
    // From the second on with the answer that is known, and so nobody answers.
    expect(queries.map(({ answers }) => answers.length)).toEqual([0, 1, 1, 1, 1])
    // The other question is for an IPv6 address, and its answer that there is none.
    expect(neighbour.queries).toHaveLength(6)
    expect(neighbour.responses.map(({ answers }) => words(answers))).toEqual([
      ['_http._tcp.local PTR'],
      ['server.local NSEC flush'],
    ])
    expect(words(neighbour.responses[0]?.additionals ?? [])).toEqual([
      'Files._http._tcp.local SRV flush',
      'Files._http._tcp.local TXT flush',
      'server.local A flush',
    ])
  })

  test('whose name somebody has is called otherwise, on the same host or another', async () => {
    const [one, two] = [world.host('one'), world.host('two')]
    const options = { instance: 'Files', type: '_http._tcp', port: 80 }
    const first = await world.drive(one.publish(options))
    const second = await world.drive(two.publish(options))
    expect([first.instance, second.instance]).toEqual(['Files', 'Files (2)'])
  })

  test('follows the name of its host', async () => {
    const neighbour = world.neighbour()
    const host = world.host('server')
    await world.drive(host.publish({ instance: 'Files', type: '_http._tcp', port: 80 }))
    follow(world.host())
    await world.pass(3000)
    for (let i = 0; i < 2; i++) {
      neighbour.say({ response: true, answers: [address('server.local', '10.0.0.99', 1)] })
      await world.pass(600)
    }
    await world.pass(5000)
    expect(host.host).toBe('server-2.local')
    expect(told.at(-1)).toBe('changed Files server-2.local:80 10.0.0.2 {}')
  })

  test('is lost when nobody hears of it any more, after it was asked for at 80, 85, 90 and 95 % of its time (RFC 6762 5.2)', async () => {
    const neighbour = world.neighbour()
    follow(world.host())
    const instance = 'Files._http._tcp.local'
    const record = { name: instance, class: 1, ttl: 100 }
    const srv = {
      ...record,
      kind: 'srv',
      type: 'SRV',
      data: { priority: 0, weight: 0, port: 80, target: 'x.local' },
    } as const
    const txt = { ...record, kind: 'text', type: 'TXT', data: [new Uint8Array()] } as const
    const answers = [
      pointer('_http._tcp.local', instance, 100),
      { record: srv, flush: true },
      { record: txt, flush: true },
    ]
    const start = world.clock.now()
    neighbour.say({ response: true, answers: [...answers, address('x.local', '10.0.0.9', 100)] })
    await world.pass(99_000)
    expect(told).toEqual(['added Files x.local:80 10.0.0.9 {}'])
    const times = neighbour.queries
      .filter(({ questions }) => questions.some(({ type }) => type === 'SRV'))
      .map(({ at }) => at - start)
    expect(times.map((at) => Math.floor(at / 5000) * 5)).toEqual([80, 85, 90, 95])
    await world.pass(2000)
    expect(told).toEqual(['added Files x.local:80 10.0.0.9 {}', 'removed Files x.local:80 10.0.0.9 {}'])
  })

  test('is one of 500 that are followed, however many somebody invents', async () => {
    const neighbour = world.neighbour()
    const browser = follow(world.host())
    for (let i = 0; i < 700; i += 20) {
      neighbour.say({
        response: true,
        answers: Array.from({ length: 20 }, (_, j) => pointer('_http._tcp.local', `n${i + j}._http._tcp.local`)),
      })
      await world.pass(1)
    }
    neighbour.heard.length = 0
    await world.pass(200)
    const asked = new Set(neighbour.queries.flatMap(({ questions }) => questions.map(({ name }) => name)))
    expect(asked.size).toBeLessThanOrEqual(501)
    browser.close()
  })
})

describe('three hosts, and a third of all frames lost', () => {
  test('have three names, find each other, and each other’s services', async () => {
    world = new MulticastWorld(0.33)
    const hosts = [world.host('node'), world.host('node'), world.host('node')]
    for (const { claimed } of hosts) await world.drive(claimed)
    await world.pass(30_000)
    const found = hosts.map(() => new Set<string>())
    hosts.forEach((host, i) => {
      host.browse('_lab._udp', { added: ({ instance }) => found[i]?.add(instance) })
      void host.publish({ instance: `from ${i}`, type: '_lab._udp', port: 1000 + i })
    })
    await world.pass(300_000)
    expect(found.map((set) => [...set].sort())).toEqual(hosts.map(() => ['from 0', 'from 1', 'from 2']))
    // Who was not heard at first is asked once more when he is.
    expect(new Set(hosts.map(({ host }) => host)).size).toBe(3)
    for (const [i, host] of hosts.entries()) {
      for (const asker of hosts) {
        expect(data(await world.drive(asker.query(host.host as string, 'A', { timeout: 20_000 })))).toEqual([
          `10.0.0.${i + 1}`,
        ])
      }
    }
  })
})

describe('getaddrinfo', () => {
  test('asks the link for its names, and a server for none of them (RFC 6762 3)', async () => {
    const host = world.host('server')
    const asker = world.host()
    const server = world.neighbour(53)
    await world.drive(host.claimed)
    const names = new Names(asker.provider, { multicast: asker, servers: ['10.0.0.3'], random: new SeededRandom(5) })
    const [found] = await world.drive(names.getaddrinfo('server.local', 80, { socketType: SOCK_STREAM }))
    expect(String(found?.address)).toBe('10.0.0.1:80')
    const none = names.getaddrinfo('none.local', 80).catch((error: unknown) => error)
    expect(await world.drive(none)).toMatchObject({ code: 'EAI_NONAME' })
    expect(server.heard).toEqual([])
  })

  test('has an address of one version while nobody speaks of the other', async () => {
    const neighbour = world.neighbour()
    const asker = world.host()
    const asking = new Names(asker.provider, { multicast: asker }).getaddrinfo('x.local', 80, {
      socketType: SOCK_STREAM,
    })
    await world.pass(200)
    const at = world.clock.now()
    neighbour.say({ response: true, answers: [address('x.local', '10.0.0.9')] })
    expect(String((await world.drive(asking))[0]?.address)).toBe('10.0.0.9:80')
    expect(world.clock.now() - at).toBe(300)
  })

  test('is told what is no MulticastNames', () => {
    expect(() => new Names(world.stack(), { multicast: 1 as never })).toThrow(
      'options.multicast must be a MulticastNames, got 1',
    )
  })
})

test.each([
  [{}, 'options.ifindex must be an integer, got undefined'],
  [{ ifindex: 0 }, 'options.ifindex must be an integer from 1 to 2147483647, got 0'],
  [{ ifindex: 2, random: 1 }, 'options.random must be a Random, got 1'],
  [{ ifindex: 2, host: 'a.b' }, 'options.host must have 1 to 63 octets without dots and control characters, got "a.b"'],
  [{ ifindex: 2, host: 'a', addresses: ['x'] }, 'options.addresses must be addresses, got "x"'],
  [{ ifindex: 2, host: 'a' }, 'options.host needs options.addresses, got none'],
  [{ ifindex: 2, families: [1] }, 'options.families must be some of AF_INET and AF_INET6, got an array'],
  [{ ifindex: 2, interface: 'eth0' }, "options has no 'interface'"],
])('wrong options are named: %j', (options, message) => {
  expect(() => new MulticastNames(world.stack(), { random: new SeededRandom(1), ...options } as never)).toThrow(message)
})

test('wrong services are named', async () => {
  const host = world.host('server', { families: [AF_INET] })
  const good = { instance: 'a', type: '_http._tcp', port: 80 }
  for (const [wrong, message] of [
    [{ type: 'http' }, 'type must be a service and how it is reached, such as _http._tcp, got "http"'],
    [{ instance: 'a.b' }, 'service.instance must have 1 to 63 octets without dots and control characters, got "a.b"'],
    [{ port: 65_536 }, 'service.port must be an integer from 0 to 65535, got 65536'],
    [{ text: { 'a=b': 'c' } }, 'text has the key "a=b": letters of ASCII without "="'],
    [{ text: { a: 1 } }, 'text.a must be a string or true, got 1'],
    [{ text: { a: 'x'.repeat(300) } }, 'text.a takes 302 octets, and 255 fit'],
  ] as const) {
    await expect(host.publish({ ...good, ...wrong } as never)).rejects.toThrow(message)
  }
  await expect(world.host().publish(good)).rejects.toThrow('a host without a name publishes no services')
  expect(() => host.browse('http', { added: () => {} })).toThrow(RangeError)
  expect(() => host.browse('_http._tcp', {} as never)).toThrow('callbacks must be an object with added')
})
