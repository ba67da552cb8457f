import { beforeEach, describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import type { AddressInfo } from '../../src/services/names/address-info.ts'
import type { AddressInfoHints } from '../../src/services/names/address-info-hints.ts'
import { orderDestinations } from '../../src/services/names/destination-order.ts'
import { NXDOMAIN, SERVFAIL } from '../../src/services/names/message.ts'
import type { Names, NamesOptions } from '../../src/services/names/names.ts'
import {
  AddressInfoError,
  AI_ADDRCONFIG,
  AI_ALL,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  AI_V4MAPPED,
  NI_DGRAM,
  NI_NAMEREQD,
  NI_NOFQDN,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
} from '../../src/services/names/netdb.ts'
import { address, alias, NamesWorld, pointer, soa, zone } from './names-world.ts'

let world: NamesWorld

beforeEach(() => {
  world = new NamesWorld()
})

/** A system that has addresses of both families, whatever the stack can do. */
function names(options: NamesOptions = {}): Names {
  return world.names({ configuredFamilies: () => [AF_INET, AF_INET6], ...options })
}

const STREAM = { socketType: SOCK_STREAM }

function shown({ family, socketType, protocol, address: own }: AddressInfo): string {
  const families = new Map([
    [AF_INET, 'inet'],
    [AF_INET6, 'inet6'],
  ])
  const scope = own.scopeId === 0 ? '' : `%${own.scopeId}`
  return `${families.get(family)} ${socketType}/${protocol} ${own.ip}${scope} ${own.port}`
}

async function ask(
  node: string | null,
  service: string | number | null = null,
  hints: AddressInfoHints = STREAM,
  system = names(),
): Promise<string[]> {
  return (await world.drive(system.getaddrinfo(node, service, hints))).map(shown)
}

async function refusal(
  node: string | null,
  service: string | null = null,
  hints: AddressInfoHints = STREAM,
  system = names(),
): Promise<string> {
  const error = await world.failure(system.getaddrinfo(node, service, hints))
  if (!(error instanceof AddressInfoError)) throw error
  return error.code
}

describe('getaddrinfo of an address', () => {
  test.each([
    ['192.0.2.1', ['inet 1/6 192.0.2.1 0']],
    ['2001:db8::1', ['inet6 1/6 2001:db8::1 0']],
    ['127.1', ['inet 1/6 127.0.0.1 0']],
    ['::ffff:192.0.2.1', ['inet6 1/6 192.0.2.1 0']],
    ['fe80::1%7', ['inet6 1/6 fe80::1%7 0']],
    ['fe80::1%eth0', ['inet6 1/6 fe80::1%2 0']],
  ])('%s is it, and nobody is asked', async (node, expected) => {
    world.serve(() => ({}))
    const system = names({ interfaceIndex: (name) => (name === 'eth0' ? 2 : null) })
    expect(await ask(node, null, STREAM, system)).toEqual(expected)
    expect(world.asked).toEqual([])
  })

  test('with a zone that there is not is no name: EAI_NONAME', async () => {
    expect(await refusal('fe80::1%eth9')).toBe('EAI_NONAME')
    const system = names({ interfaceIndex: () => 2 })
    expect(await refusal('192.0.2.1%eth0', null, STREAM, system)).toBe('EAI_NONAME')
    expect(await refusal('2001:db8::1%eth0', null, STREAM, system)).toBe('EAI_NONAME')
  })

  test('of the other family is EAI_ADDRFAMILY, or mapped with AI_V4MAPPED', async () => {
    expect(await refusal('192.0.2.1', null, { ...STREAM, family: AF_INET6 })).toBe('EAI_ADDRFAMILY')
    expect(await refusal('::1', null, { ...STREAM, family: AF_INET })).toBe('EAI_ADDRFAMILY')
    expect(await ask('192.0.2.1', null, { ...STREAM, family: AF_INET6, flags: AI_V4MAPPED })).toEqual([
      'inet6 1/6 192.0.2.1 0',
    ])
  })

  test('with AI_NUMERICHOST is all there is: a name is EAI_NONAME', async () => {
    expect(await ask('192.0.2.1', null, { ...STREAM, flags: AI_NUMERICHOST })).toEqual(['inet 1/6 192.0.2.1 0'])
    expect(await refusal('localhost', null, { ...STREAM, flags: AI_NUMERICHOST })).toBe('EAI_NONAME')
  })
})

describe('getaddrinfo of a service', () => {
  test('gives a way for each kind of socket, stream first', async () => {
    expect(await ask('192.0.2.1', 'domain', {})).toEqual(['inet 1/6 192.0.2.1 53', 'inet 2/17 192.0.2.1 53'])
    expect(await ask('192.0.2.1', 'http', {})).toEqual(['inet 1/6 192.0.2.1 80'])
    expect(await ask('192.0.2.1', '8080', {})).toEqual([
      'inet 1/6 192.0.2.1 8080',
      'inet 2/17 192.0.2.1 8080',
      'inet 3/0 192.0.2.1 8080',
    ])
  })

  test.each<[string | number | null, AddressInfoHints, string]>([
    ['submissions', {}, 'inet 1/6 192.0.2.1 465'],
    ['ntp', {}, 'inet 2/17 192.0.2.1 123'],
    ['domain', { socketType: SOCK_DGRAM }, 'inet 2/17 192.0.2.1 53'],
    ['domain', { protocol: IPPROTO_UDP }, 'inet 2/17 192.0.2.1 53'],
    [443, { protocol: IPPROTO_TCP, socketType: SOCK_STREAM }, 'inet 1/6 192.0.2.1 443'],
    [null, { socketType: SOCK_RAW, protocol: 89 }, 'inet 3/89 192.0.2.1 0'],
    [null, { protocol: 200 }, 'inet 3/200 192.0.2.1 0'],
    [null, { protocol: IPPROTO_TCP }, 'inet 1/6 192.0.2.1 0'],
  ])('%s with %j is %s', async (service, hints, expected) => {
    expect(await ask('192.0.2.1', service, hints)).toEqual([expected])
  })

  test.each<[string, AddressInfoHints, string]>([
    ['nonsense', {}, 'EAI_SERVICE'],
    ['http', { socketType: SOCK_DGRAM }, 'EAI_SERVICE'],
    ['http', { socketType: SOCK_RAW }, 'EAI_SERVICE'],
    ['65536', {}, 'EAI_SERVICE'],
    ['http', { flags: AI_NUMERICSERV }, 'EAI_NONAME'],
    ['http', { socketType: SOCK_SEQPACKET }, 'EAI_SOCKTYPE'],
    ['http', { socketType: SOCK_STREAM, protocol: IPPROTO_UDP }, 'EAI_SOCKTYPE'],
    ['80', { protocol: 200 }, 'EAI_SERVICE'],
    ['80', { socketType: SOCK_RAW }, 'EAI_SERVICE'],
    ['http', { family: AF_UNIX }, 'EAI_FAMILY'],
    ['http', { flags: 0x8000 }, 'EAI_BADFLAGS'],
  ])('%s with %j is %s', async (service, hints, code) => {
    expect(await refusal('192.0.2.1', service, hints)).toBe(code)
  })

  test('with hints that are none is a TypeError', async () => {
    expect(await world.failure(names().getaddrinfo('a', 'http', { type: 1 } as never))).toBeInstanceOf(TypeError)
    expect(await world.failure(names().getaddrinfo(5 as never))).toBeInstanceOf(TypeError)
    expect(await world.failure(names().getaddrinfo('a', null, { flags: 'x' as never }))).toBeInstanceOf(TypeError)
  })
})

describe('getaddrinfo without a node', () => {
  test('is this host: to connect to, or with AI_PASSIVE to bind', async () => {
    expect(await ask(null, 'http')).toEqual(['inet6 1/6 ::1 80', 'inet 1/6 127.0.0.1 80'])
    expect(await ask(null, 'http', { ...STREAM, flags: AI_PASSIVE })).toEqual([
      'inet 1/6 0.0.0.0 80',
      'inet6 1/6 :: 80',
    ])
    expect(await ask(null, '80', { ...STREAM, family: AF_INET })).toEqual(['inet 1/6 127.0.0.1 80'])
  })

  test('and without a service is nothing: EAI_NONAME; with AI_CANONNAME EAI_BADFLAGS', async () => {
    expect(await refusal(null, null)).toBe('EAI_NONAME')
    expect(await refusal(null, '80', { flags: AI_CANONNAME })).toBe('EAI_BADFLAGS')
  })
})

describe('getaddrinfo of a name', () => {
  const both = () =>
    zone(
      alias('www.example', 'host.example'),
      address('host.example', '192.0.2.1'),
      address('host.example', '192.0.2.2'),
      address('host.example', '2001:db8::1'),
      address('four.example', '192.0.2.4'),
    )

  test('asks for A and AAAA at once, not one after the other', async () => {
    world.serve(() => null)
    const pending = names({ attempts: 1, timeout: 1000 }).getaddrinfo('host.example', null, STREAM)
    pending.catch(() => {})
    await world.pass(100)
    expect(world.asked.map(({ type }) => type).sort()).toEqual(['A', 'AAAA'])
    await world.failure(pending)
  })

  test('with patience waits only so long for the family that does not answer (RFC 8305 3)', async () => {
    world.serve(({ type }) => (type === 'A' ? { answers: [address('a.example', '192.0.2.1')] } : null))
    const system = names({ attempts: 1, timeout: 1000 })
    const start = world.clock.now()
    expect(await ask('a.example', null, { ...STREAM, patience: 50 }, system)).toEqual(['inet 1/6 192.0.2.1 0'])
    expect(Math.round(world.clock.now() - start)).toBe(50)
    await world.pass(2000)
    expect(world.left.descriptors.size).toBe(0)
    // A family without addresses is no reason to hurry.
    expect(await ask('b.example', null, { ...STREAM, patience: 50, family: AF_INET6 }, system).catch(String)).toMatch(
      'EAI_AGAIN',
    )
  })

  test('gives all addresses, and the canonical name on the first where it is wanted', async () => {
    world.serve(both())
    const hints = { ...STREAM, flags: AI_CANONNAME }
    const found = await world.drive(names().getaddrinfo('www.example', 'http', hints))
    expect(found.map(shown).sort()).toEqual([
      'inet 1/6 192.0.2.1 80',
      'inet 1/6 192.0.2.2 80',
      'inet6 1/6 2001:db8::1 80',
    ])
    expect(found.map(({ canonicalName }) => canonicalName)).toEqual(['host.example', undefined, undefined])
  })

  test('asks only for the family that is wanted', async () => {
    world.serve(both())
    expect(await ask('host.example', null, { ...STREAM, family: AF_INET })).toEqual([
      'inet 1/6 192.0.2.1 0',
      'inet 1/6 192.0.2.2 0',
    ])
    expect(await ask('host.example', null, { ...STREAM, family: AF_INET6 })).toEqual(['inet6 1/6 2001:db8::1 0'])
    expect(world.asked.map(({ type }) => type)).toEqual(['A', 'AAAA'])
  })

  test('with AI_V4MAPPED maps IPv4 where there is no IPv6, with AI_ALL too where there is', async () => {
    world.serve(both())
    const hints = { ...STREAM, family: AF_INET6 }
    expect(await ask('four.example', null, { ...hints, flags: AI_V4MAPPED })).toEqual(['inet6 1/6 192.0.2.4 0'])
    expect(await ask('host.example', null, { ...hints, flags: AI_V4MAPPED })).toEqual(['inet6 1/6 2001:db8::1 0'])
    expect((await ask('host.example', null, { ...hints, flags: AI_V4MAPPED | AI_ALL })).sort()).toEqual([
      'inet6 1/6 192.0.2.1 0',
      'inet6 1/6 192.0.2.2 0',
      'inet6 1/6 2001:db8::1 0',
    ])
    expect(await refusal('four.example', null, hints)).toBe('EAI_NODATA')
  })

  test('with AI_ADDRCONFIG asks only for families that this host has (RFC 3493 6.1)', async () => {
    world.serve(both())
    const system = names({ configuredFamilies: () => [AF_INET] })
    const found = await ask('host.example', null, { ...STREAM, flags: AI_ADDRCONFIG }, system)
    expect(found).toEqual(['inet 1/6 192.0.2.1 0', 'inet 1/6 192.0.2.2 0'])
    expect(world.asked.map(({ type }) => type)).toEqual(['A'])
    const none = names({ configuredFamilies: () => [] })
    const hints = { ...STREAM, flags: AI_ADDRCONFIG }
    expect(await refusal('host.example', null, { ...hints, family: AF_INET }, none)).toBe('EAI_NONAME')
    // A host with nothing but its loopback: as glibc, nothing is held back from it.
    expect(await ask('localhost', null, hints, none)).toHaveLength(2)
  })

  test('finds out which families this host has: those with a way to a server', () => {
    expect(world.names().configuredFamilies()).toEqual([AF_INET])
    expect(world.names({ servers: [] }).configuredFamilies()).toEqual([])
  })

  test('that is not is EAI_NONAME, one without addresses EAI_NODATA', async () => {
    world.serve(zone(pointer('some.example', 'x')))
    expect(await refusal('none.example')).toBe('EAI_NONAME')
    expect(await refusal('some.example')).toBe('EAI_NODATA')
  })

  test('that the server fails at is EAI_AGAIN, that it refuses EAI_FAIL, that nobody answers EAI_AGAIN', async () => {
    world.serve(({ name }) => (name === 'fail.example' ? { rcode: SERVFAIL } : { rcode: 5 }))
    expect(await refusal('fail.example')).toBe('EAI_AGAIN')
    expect(await refusal('refused.example')).toBe('EAI_FAIL')
    expect(await refusal('a.example', null, STREAM, names({ servers: ['10.0.0.9'] }))).toBe('EAI_AGAIN')
  })

  test('that there is no room to ask for is EAI_AGAIN, and no other name of the search list is taken for it', async () => {
    world.serve(({ name }) => (name === 'slow.example' ? null : { answers: [address(name, '192.0.2.1')] }))
    const system = names({ concurrency: 1, attempts: 1, search: ['one.example', 'two.example'] })
    const held = system.resolver?.query('slow.example', 'A').catch(() => null)
    const hints = { ...STREAM, family: AF_INET }
    expect(await refusal('host', null, hints, system)).toBe('EAI_AGAIN')
    await world.drive(held ?? Promise.resolve(null))
    expect(await ask('host', null, hints, system)).toEqual(['inet 1/6 192.0.2.1 0'])
    expect(world.asked.map(({ name }) => name)).toEqual(['slow.example', 'host.one.example'])
  })

  test('of which one family fails is what the other gives', async () => {
    world.serve(({ type }) => (type === 'A' ? { answers: [address('a.example', '192.0.2.1')] } : { rcode: SERVFAIL }))
    expect(await ask('a.example')).toEqual(['inet 1/6 192.0.2.1 0'])
  })

  test('that cannot be one is EAI_NONAME, and nobody is asked', async () => {
    world.serve(() => ({}))
    for (const node of ['', '.', 'a..b', 'a'.repeat(64)]) expect(await refusal(node)).toBe('EAI_NONAME')
    expect(world.asked).toEqual([])
  })

  test('is an error with the text of gai_strerror and what was asked', async () => {
    world.serve(zone())
    const error = await world.failure(names().getaddrinfo('none.example', 'http'))
    expect(error).toMatchObject({
      name: 'AddressInfoError',
      code: 'EAI_NONAME',
      errno: -2,
      syscall: 'getaddrinfo',
      hostname: 'none.example',
      service: 'http',
      message: 'getaddrinfo EAI_NONAME none.example: Name or service not known',
    })
  })

  test('ends with the reason of a signal', async () => {
    world.serve(() => null)
    const stop = new AbortController()
    const pending = names().getaddrinfo('a.example', null, { signal: stop.signal })
    pending.catch(() => {})
    await world.pass(10)
    stop.abort('enough')
    expect(await world.failure(pending)).toBe('enough')
    await world.pass(10)
    expect(world.left.descriptors.size).toBe(0)
  })
})

describe('getaddrinfo of a name of the table', () => {
  const hosts = '192.0.2.7 seven.example seven\n2001:db8::7 seven.example'

  test('asks nobody', async () => {
    world.serve(() => ({}))
    const system = names({ hosts })
    expect((await ask('seven.example', null, STREAM, system)).sort()).toEqual([
      'inet 1/6 192.0.2.7 0',
      'inet6 1/6 2001:db8::7 0',
    ])
    const [first] = await world.drive(system.getaddrinfo('seven', null, { ...STREAM, flags: AI_CANONNAME }))
    expect(first?.canonicalName).toBe('seven.example')
    expect(world.asked).toEqual([])
  })

  test('of the other family asks the servers', async () => {
    world.serve(zone(address('seven', '2001:db8::70')))
    expect(await ask('seven', null, { ...STREAM, family: AF_INET6 }, names({ hosts, search: [] }))).toEqual([
      'inet6 1/6 2001:db8::70 0',
    ])
  })

  test('localhost is the loopback, of which nobody else is asked (RFC 6761 6.3)', async () => {
    world.serve(() => ({ answers: [address('localhost', '203.0.113.66')] }))
    expect(await ask('localhost', null, { ...STREAM, family: AF_INET })).toEqual(['inet 1/6 127.0.0.1 0'])
    expect(await ask('x.localhost', null, { ...STREAM, family: AF_INET6 })).toEqual(['inet6 1/6 ::1 0'])
    const four = names({ hosts: '127.0.0.1 localhost' })
    expect(await refusal('localhost', null, { ...STREAM, family: AF_INET6 }, four)).toBe('EAI_NODATA')
    expect(world.asked).toEqual([])
  })

  test('without servers is all there is', async () => {
    const system = names({ hosts, servers: [] })
    expect(await ask('seven', null, { ...STREAM, family: AF_INET }, system)).toEqual(['inet 1/6 192.0.2.7 0'])
    expect(await refusal('eight', null, STREAM, system)).toBe('EAI_NONAME')
  })
})

describe('the search list (resolv.conf(5))', () => {
  async function tried(node: string, options: NamesOptions): Promise<string[]> {
    world.serve(() => ({ rcode: NXDOMAIN }))
    await refusal(node, null, { ...STREAM, family: AF_INET }, names(options))
    return world.asked.map(({ name }) => name)
  }
  const search = ['a.example', 'b.example']

  test('is tried before a name with fewer dots than ndots', async () => {
    expect(await tried('host', { search })).toEqual(['host.a.example', 'host.b.example', 'host'])
  })

  test('is tried after a name with ndots dots', async () => {
    expect(await tried('host.sub', { search })).toEqual(['host.sub', 'host.sub.a.example', 'host.sub.b.example'])
  })

  test('is tried first up to ndots', async () => {
    expect(await tried('host.sub', { search, ndots: 2 })).toEqual([
      'host.sub.a.example',
      'host.sub.b.example',
      'host.sub',
    ])
  })

  test('is not for a name with a dot at its end', async () => {
    expect(await tried('host.', { search })).toEqual(['host'])
  })

  test('ends with the first that has addresses; a name without is passed over', async () => {
    world.serve(zone(pointer('host.a.example', 'x'), address('host.b.example', '192.0.2.1')))
    const system = names({ search })
    const [first] = await world.drive(system.getaddrinfo('host', null, { ...STREAM, flags: AI_CANONNAME }))
    expect(first?.canonicalName).toBe('host.b.example')
    expect(shown(first as AddressInfo)).toBe('inet 1/6 192.0.2.1 0')
  })

  test('goes on after a failure of the server, which is told in the end; ends where nobody answers', async () => {
    world.serve(({ name }) => ({ rcode: name === 'host.a.example' ? SERVFAIL : NXDOMAIN }))
    const hints = { ...STREAM, family: AF_INET }
    expect(await refusal('host', null, hints, names({ search, attempts: 1 }))).toBe('EAI_AGAIN')
    expect(world.asked.map(({ name }) => name)).toEqual(['host.a.example', 'host.b.example', 'host'])
    const start = world.clock.now()
    const silent = names({ search, attempts: 1, timeout: 1000, servers: ['10.0.0.9'] })
    expect(await refusal('host', null, hints, silent)).toBe('EAI_AGAIN')
    expect(world.clock.now() - start).toBeLessThan(4000)
  })
})

describe('destinations', () => {
  const ip = (text: string) => IpAddress.parse(text) as IpAddress
  const order = (...pairs: [destination: string, source: string | null][]) =>
    orderDestinations(
      pairs.map(([destination, source]) => ({
        destination: ip(destination),
        source: source === null ? null : ip(source),
        value: destination,
      })),
    )

  // RFC 6724 section 10.2, with the sources that its candidate sets give.
  test.each<[string, string[], [string, string | null][]]>([
    [
      'matching scope',
      ['2001:db8:1::1', '198.51.100.121'],
      [
        ['198.51.100.121', '169.254.13.78'],
        ['2001:db8:1::1', '2001:db8:1::2'],
      ],
    ],
    [
      'matching scope',
      ['198.51.100.121', '2001:db8:1::1'],
      [
        ['2001:db8:1::1', 'fe80::1'],
        ['198.51.100.121', '198.51.100.117'],
      ],
    ],
    [
      'higher precedence',
      ['2001:db8:1::1', '10.1.2.3'],
      [
        ['10.1.2.3', '10.1.2.4'],
        ['2001:db8:1::1', '2001:db8:1::2'],
      ],
    ],
    [
      'smaller scope',
      ['fe80::1', '2001:db8:1::1'],
      [
        ['2001:db8:1::1', '2001:db8:1::2'],
        ['fe80::1', 'fe80::2'],
      ],
    ],
    [
      'longest matching prefix',
      ['2001:db8:1::1', '2001:db8:3ffe::1'],
      [
        ['2001:db8:3ffe::1', '2001:db8:3f44::2'],
        ['2001:db8:1::1', '2001:db8:1::2'],
      ],
    ],
    [
      'matching label',
      ['2002:c633:6401::1', '2001:db8:1::1'],
      [
        ['2001:db8:1::1', '2002:c633:6401::2'],
        ['2002:c633:6401::1', '2002:c633:6401::2'],
      ],
    ],
    [
      'higher precedence',
      ['2001:db8:1::1', '2002:c633:6401::1'],
      [
        ['2002:c633:6401::1', '2002:c633:6401::2'],
        ['2001:db8:1::1', '2001:db8:1::2'],
      ],
    ],
    [
      'unusable last',
      ['192.0.2.1', '2001:db8::1'],
      [
        ['2001:db8::1', null],
        ['192.0.2.1', '192.0.2.2'],
      ],
    ],
    [
      'otherwise as they came',
      ['192.0.2.9', '192.0.2.1', '192.0.2.5'],
      [
        ['192.0.2.9', '192.0.2.2'],
        ['192.0.2.1', '192.0.2.2'],
        ['192.0.2.5', '192.0.2.2'],
      ],
    ],
  ])('go by %s: %j (RFC 6724 6, 10.2)', (_, expected, pairs) => {
    expect(order(...pairs)).toEqual(expected)
  })

  test('that cannot be reached come last in what getaddrinfo gives', async () => {
    world.serve(zone(address('h.example', '203.0.113.1'), address('h.example', '10.0.0.2')))
    expect(await ask('h.example')).toEqual(['inet 1/6 10.0.0.2 0', 'inet 1/6 203.0.113.1 0'])
    expect(world.left.descriptors.size).toBe(0)
  })
})

describe('getnameinfo', () => {
  const at = (text: string, port = 80) => SocketAddress.internet(text, port)

  test('asks for the name of an address (RFC 1035 3.5), and knows services', async () => {
    world.serve(zone(pointer('1.2.0.192.in-addr.arpa', 'www.example')))
    expect(await world.drive(names().getnameinfo(at('192.0.2.1')))).toEqual({ node: 'www.example', service: 'http' })
    expect(world.asked).toMatchObject([{ name: '1.2.0.192.in-addr.arpa', type: 'PTR' }])
  })

  test('asks for that of an IPv6 address in ip6.arpa (RFC 3596 2.5)', async () => {
    const name = '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'
    world.serve(zone(pointer(name, 'six.example')))
    expect(await world.drive(names().getnameinfo(at('2001:db8::1', 443)))).toEqual({
      node: 'six.example',
      service: 'https',
    })
  })

  test('follows aliases of reverse names (RFC 2317)', async () => {
    world.serve(
      zone(
        alias('1.2.0.192.in-addr.arpa', '1.0-127.2.0.192.in-addr.arpa'),
        pointer('1.0-127.2.0.192.in-addr.arpa', 'www.example'),
      ),
    )
    expect((await world.drive(names().getnameinfo(at('192.0.2.1')))).node).toBe('www.example')
  })

  test('knows the table, which has localhost', async () => {
    const system = names({ hosts: '192.0.2.7 seven.example seven', servers: [] })
    expect((await world.drive(system.getnameinfo(at('192.0.2.7')))).node).toBe('seven.example')
    expect((await world.drive(system.getnameinfo(at('127.0.0.1')))).node).toBe('localhost')
  })

  test('gives numbers where there is no name, or NI_NUMERICHOST and NI_NUMERICSERV ask for them', async () => {
    world.serve(zone())
    expect(await world.drive(names().getnameinfo(at('192.0.2.1', 4711)))).toEqual({
      node: '192.0.2.1',
      service: '4711',
    })
    world.asked.length = 0
    const flags = NI_NUMERICHOST | NI_NUMERICSERV
    expect(await world.drive(names().getnameinfo(at('2001:db8::1'), flags))).toEqual({
      node: '2001:db8::1',
      service: '80',
    })
    expect(world.asked).toEqual([])
  })

  test('writes the zone of a link-local address, and IPv4 in an AF_INET6 address as glibc does', async () => {
    const system = names({ interfaceName: (index) => (index === 2 ? 'eth0' : null) })
    const local = at('fe80::1')
    local.scopeId = 2
    expect((await world.drive(system.getnameinfo(local, NI_NUMERICHOST))).node).toBe('fe80::1%eth0')
    local.scopeId = 3
    expect((await world.drive(system.getnameinfo(local, NI_NUMERICHOST))).node).toBe('fe80::1%3')
    const mapped = new SocketAddress(AF_INET6, IpAddress.parse('192.0.2.1') as IpAddress, 80)
    expect((await world.drive(system.getnameinfo(mapped, NI_NUMERICHOST))).node).toBe('::ffff:192.0.2.1')
  })

  test('with NI_NAMEREQD fails without a name: EAI_NONAME, EAI_AGAIN where nobody answers', async () => {
    world.serve(({ name }) => ({
      rcode: name.startsWith('1.') ? NXDOMAIN : SERVFAIL,
      authorities: [soa('arpa', 9, 9)],
    }))
    const code = async (text: string, flags: number) =>
      ((await world.failure(names({ attempts: 1 }).getnameinfo(at(text), flags))) as AddressInfoError).code
    expect(await code('192.0.2.1', NI_NAMEREQD)).toBe('EAI_NONAME')
    expect(await code('192.0.2.2', NI_NAMEREQD)).toBe('EAI_AGAIN')
    expect(await code('192.0.2.1', NI_NAMEREQD | NI_NUMERICHOST)).toBe('EAI_NONAME')
    expect(await code('192.0.2.1', 0x8000)).toBe('EAI_BADFLAGS')
  })

  test('with NI_DGRAM knows the services of datagrams', async () => {
    const flags = NI_NUMERICHOST
    const name = async (more: number) =>
      (await world.drive(names().getnameinfo(at('192.0.2.1', 123), flags | more))).service
    expect(await name(NI_DGRAM)).toBe('ntp')
    expect(await name(0)).toBe('123')
  })

  test('with NI_NOFQDN leaves the domain of this host out, and no other', async () => {
    const system = names({ hosts: '192.0.2.1 a.my.example\n192.0.2.2 a.other.example', search: ['my.example'] })
    expect((await world.drive(system.getnameinfo(at('192.0.2.1'), NI_NOFQDN))).node).toBe('a')
    expect((await world.drive(system.getnameinfo(at('192.0.2.2'), NI_NOFQDN))).node).toBe('a.other.example')
  })

  test('of another family is EAI_FAMILY', async () => {
    const error = await world.failure(names().getnameinfo(new SocketAddress(AF_UNIX)))
    expect(error).toMatchObject({ code: 'EAI_FAMILY', syscall: 'getnameinfo' })
  })
})
