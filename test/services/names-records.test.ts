import { beforeEach, describe, expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/random.ts'
import { CLASS_IN, NXDOMAIN, type ResourceRecord } from '../../src/services/names/message.ts'
import { orderExchangers, orderServices } from '../../src/services/names/record-order.ts'
import { NamesWorld, pointer, soa, zone } from './names-world.ts'

let world: NamesWorld

beforeEach(() => {
  world = new NamesWorld()
})

const owned = (name: string, type: string) => ({ name, type, class: CLASS_IN, ttl: 300 })
const srv = (priority: number, weight: number, target: string, port = 5060): ResourceRecord => ({
  ...owned('_sip._udp.example', 'SRV'),
  kind: 'srv',
  data: { priority, weight, port, target },
})
const mx = (preference: number, exchange: string): ResourceRecord => ({
  ...owned('example', 'MX'),
  kind: 'mx',
  data: { preference, exchange },
})
const txt = (...strings: string[]): ResourceRecord => ({
  ...owned('example', 'TXT'),
  kind: 'text',
  data: strings.map((string) => new TextEncoder().encode(string)),
})

describe('hosts of a service (RFC 2782)', () => {
  const targets = (records: readonly ResourceRecord[], seed: number) =>
    orderServices(records, new SeededRandom(seed)).map(({ target }) => target)

  test('are in the order of their priority', () => {
    for (let seed = 0; seed < 20; seed++) {
      expect(targets([srv(20, 9, 'c'), srv(0, 1, 'a'), srv(10, 65_535, 'b')], seed)).toEqual(['a', 'b', 'c'])
    }
  })

  test('of one priority come first as often as their weight says', () => {
    const counts = { a: 0, b: 0, c: 0 } as Record<string, number>
    for (let seed = 0; seed < 3000; seed++) {
      const [first = '', ...rest] = targets([srv(0, 10, 'a'), srv(0, 60, 'b'), srv(0, 30, 'c')], seed)
      counts[first] = (counts[first] ?? 0) + 1
      expect(rest).toHaveLength(2)
    }
    const share = (name: string) => (counts[name] as number) / 3000
    for (const [name, weight] of [
      ['a', 0.1],
      ['b', 0.6],
      ['c', 0.3],
    ] as const)
      expect(Math.abs(share(name) - weight)).toBeLessThan(0.04)
  })

  test('without a weight are all tried, and seldom before others', () => {
    let first = 0
    for (let seed = 0; seed < 1000; seed++) {
      const order = targets([srv(0, 0, 'zero'), srv(0, 99, 'heavy')], seed)
      expect(order).toHaveLength(2)
      if (order[0] === 'zero') first++
    }
    expect(first).toBeGreaterThan(0)
    expect(first).toBeLessThan(40)
  })

  test('are none where the service is said not to be there', async () => {
    expect(targets([srv(0, 0, '.')], 1)).toEqual([])
    world.serve(zone(srv(0, 0, 'a.example'), srv(1, 0, 'b.example', 5061)))
    expect(await world.drive(world.resolver().services('_sip._udp.example'))).toEqual([
      { priority: 0, weight: 0, port: 5060, target: 'a.example' },
      { priority: 1, weight: 0, port: 5061, target: 'b.example' },
    ])
  })
})

describe('hosts that take mail', () => {
  test('are in the order of preference, and in any within one (RFC 5321 5.1)', async () => {
    const firsts = new Set<string>()
    for (let seed = 0; seed < 20; seed++) {
      const order = orderExchangers([mx(20, 'c'), mx(10, 'a'), mx(10, 'b')], new SeededRandom(seed))
      expect(order[2]).toEqual({ preference: 20, exchange: 'c' })
      firsts.add(order[0]?.exchange as string)
    }
    expect([...firsts].sort()).toEqual(['a', 'b'])
    world.serve(zone(mx(5, 'mail.example')))
    expect(await world.drive(world.resolver().mailExchangers('example'))).toEqual([
      { preference: 5, exchange: 'mail.example' },
    ])
  })

  test('are none where none is taken (RFC 7505)', () => {
    expect(orderExchangers([mx(0, '.')], new SeededRandom(1))).toEqual([])
  })
})

test('texts are the strings of each record as one (RFC 7208 3.3 reads them so)', async () => {
  world.serve(zone(txt('v=spf1 ', '-all'), txt('bü'.slice(0, 1), 'ü')))
  expect(await world.drive(world.resolver().texts('example'))).toEqual(['v=spf1 -all', 'bü'])
})

test('names of an address are asked for in reverse, of both versions of IP', async () => {
  world.serve(
    zone(
      pointer('1.2.0.192.in-addr.arpa', 'a.example'),
      pointer(`1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`, 'b.example'),
    ),
  )
  const resolver = world.resolver()
  expect(await world.drive(resolver.namesOf('192.0.2.1'))).toEqual(['a.example'])
  expect(await world.drive(resolver.namesOf('2001:db8::1'))).toEqual(['b.example'])
  await expect(resolver.namesOf('here')).rejects.toThrow('address must be an IPv4 or IPv6 address, got "here"')
})

test('that there are none is remembered for as long as the SOA says (RFC 2308 5)', async () => {
  world.serve(() => ({ rcode: NXDOMAIN, authorities: [soa('example', 60, 30)] }))
  const resolver = world.resolver()
  for (let i = 0; i < 2; i++) expect(await world.drive(resolver.services('_sip._udp.example'))).toEqual([])
  expect(world.asked).toHaveLength(1)
  await world.pass(31_000)
  await world.drive(resolver.services('_sip._udp.example'))
  expect(world.asked).toHaveLength(2)
})
