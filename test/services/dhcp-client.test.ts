import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/random.ts'
import { Impair } from '../../src/device/impair.ts'
import { DhcpClient } from '../../src/services/dhcp/dhcp-client.ts'
import { DhcpServer } from '../../src/services/dhcp/dhcp-server.ts'
import { InterfaceConfiguration } from '../../src/stack/link/interface-configuration.ts'
import { Stack } from '../../src/stack/stack.ts'
import {
  DHCPACK,
  DHCPDECLINE,
  DHCPDISCOVER,
  DHCPNAK,
  DHCPOFFER,
  DHCPRELEASE,
  DHCPREQUEST,
  writeDhcp,
} from '../../src/wire/dhcp.ts'
import * as OPTION from '../../src/wire/dhcp-options.ts'
import {
  addressesOf,
  addressOctets,
  routesOctets,
  searchListOctets,
  textOctets,
  uint16Octets,
  uint32Octets,
} from '../../src/wire/dhcp-values.ts'
import { failure, pass, stateOf } from '../berkeley/drive.ts'
import { answer, type Behaviour, ClientWorld, honest } from './dhcp-client-world.ts'
import { bits } from './dhcp-world.ts'

const OFFERED = '10.0.0.50'

/** An honest server until it is told otherwise. */
class Moody {
  behaviour: Behaviour = honest
  readonly asked: Behaviour = (said) => this.behaviour(said)
}

const silent: Behaviour = () => []
const refusing: Behaviour = (said) => [answer(said, '0.0.0.0', [], { type: DHCPNAK })]

describe('INIT to BOUND', () => {
  test('DISCOVER, REQUEST, and the interface is configured (RFC 2131 section 4.4.1)', async () => {
    const world = new ClientWorld()
    world.serve((said) => [
      answer(said, OFFERED, [
        [OPTION.DHCP_ROUTER, addressOctets(bits('10.0.0.1'), bits('10.0.0.2'))],
        [OPTION.DHCP_DOMAIN_NAME_SERVER, addressOctets(bits('10.0.0.1'), bits('192.0.2.53'))],
        [OPTION.DHCP_DOMAIN_NAME, textOctets('lab.example')],
        [OPTION.DHCP_DOMAIN_SEARCH, searchListOctets(['lab.example', 'example'])],
        [OPTION.DHCP_INTERFACE_MTU, uint16Octets(1400)],
        [224, textOctets('own')],
      ]),
    ])
    const leases: string[] = []
    const client = world.client({ hostName: 'printer', request: [224], onLease: ({ address }) => leases.push(address) })
    const lease = await world.drive(client.bound())
    expect(lease).toMatchObject({
      address: OFFERED,
      prefixLength: 24,
      server: '10.0.0.1',
      routers: ['10.0.0.1', '10.0.0.2'],
      routes: [{ to: 'default', via: '10.0.0.1' }],
      nameServers: ['10.0.0.1', '192.0.2.53'],
      domain: 'lab.example',
      search: ['lab.example', 'example'],
      mtu: 1400,
      leaseTime: 1000,
      renewAt: 501_000,
      rebindAt: 876_000,
      expiresAt: 1_001_000,
    })
    expect(lease.options.get(224)).toEqual(textOctets('own'))
    expect(leases).toEqual([OFFERED])
    expect(client.state).toBe('BOUND')
    expect(world.addresses).toEqual([`${OFFERED}/24`])
    expect(world.routes).toEqual(['10.0.0.0/24', '0.0.0.0/0 via 10.0.0.1'])
    expect(world.link.mtu).toBe(1400)
    expect(world.types).toEqual([DHCPDISCOVER, DHCPREQUEST])
    expect(world.said.map(({ to }) => to)).toEqual(['0.0.0.0:68', '0.0.0.0:68'])
    const [discover, request] = world.said.map(({ message }) => message)
    expect(discover).toMatchObject({ broadcast: true, ciaddr: 0, xid: request?.xid })
    expect(discover?.options.get(OPTION.DHCP_CLIENT_IDENTIFIER)?.[0]).toBe(255)
    expect(discover?.options.get(OPTION.DHCP_HOST_NAME)).toEqual(textOctets('printer'))
    expect([...(discover?.options.get(OPTION.DHCP_PARAMETER_LIST) ?? [])]).toEqual([
      1, 121, 3, 6, 15, 26, 28, 42, 119, 224,
    ])
    expect(addressesOf(request?.options.get(OPTION.DHCP_REQUESTED_ADDRESS) ?? new Uint8Array())).toEqual([
      bits(OFFERED),
    ])
    expect(addressesOf(request?.options.get(OPTION.DHCP_SERVER_IDENTIFIER) ?? new Uint8Array())).toEqual([
      bits('10.0.0.1'),
    ])
    await world.drive(client.close())
    expect(world.link.mtu).toBe(1500)
  })

  test('classless routes, and then no router (RFC 3442)', async () => {
    const world = new ClientWorld()
    const routes = routesOctets([
      { prefix: bits('10.9.0.0'), length: 16, router: bits('10.0.0.9') },
      { prefix: bits('10.8.0.0'), length: 16, router: 0 },
      { prefix: 0, length: 0, router: bits('10.0.0.7') },
      { prefix: 0, length: 0, router: bits('10.0.0.7') },
      { prefix: bits('224.0.0.0'), length: 4, router: bits('10.0.0.7') },
    ])
    world.serve((said) => [
      answer(said, OFFERED, [
        [OPTION.DHCP_ROUTER, addressOctets(bits('10.0.0.1'))],
        [OPTION.DHCP_CLASSLESS_ROUTES, routes],
      ]),
    ])
    const client = world.client()
    await world.drive(client.bound())
    expect(world.routes).toEqual(['10.0.0.0/24', '10.9.0.0/16 via 10.0.0.9', '10.8.0.0/16', '0.0.0.0/0 via 10.0.0.7'])
    await world.drive(client.close())
    expect([world.routes, world.addresses]).toEqual([[], []])
  })

  test('asks again after 4, 8, 16, 32 and then 64 seconds, a second more or less, with the same number (section 4.1)', async () => {
    const world = new ClientWorld()
    world.serve(silent)
    const client = world.client()
    await world.pass(260_000)
    const waits = world.said.slice(1).map(({ at }, i) => (at - (world.said[i]?.at ?? 0)) / 1000)
    expect(waits).toHaveLength(7)
    ;[4, 8, 16, 32, 64, 64, 64].forEach((seconds, i) => {
      expect(Math.abs((waits[i] ?? 0) - seconds)).toBeLessThanOrEqual(1.01)
    })
    expect(new Set(world.said.map(({ message }) => message.xid)).size).toBe(1)
    expect(world.said[2]?.message.secs).toBe(Math.floor(((world.said[2]?.at ?? 0) - 1000) / 1000))
    expect(client.state).toBe('SELECTING')
    await world.drive(client.close())
  })

  test('an offer that comes late, when it has asked again, is taken', async () => {
    const world = new ClientWorld()
    let first: Parameters<Behaviour>[0] | null = null
    world.serve((said) => {
      if (said.message.type === DHCPREQUEST) return honest(said)
      const late = first === null ? [] : [answer(first)]
      first ??= said
      return late
    })
    const client = world.client()
    expect(await world.drive(client.bound())).toMatchObject({ address: OFFERED })
    await world.drive(client.close())
  })

  test('of two servers the first is taken, and the other told so', async () => {
    const world = new ClientWorld()
    world.serve(honest)
    const other: Behaviour = (said) =>
      said.message.type === DHCPDISCOVER
        ? [answer(said, '10.0.0.60', [[OPTION.DHCP_SERVER_IDENTIFIER, addressOctets(bits('10.0.0.2'))]])]
        : []
    world.serve(other, '10.0.0.2')
    const client = world.client()
    const { address, server } = await world.drive(client.bound())
    expect([OFFERED, '10.0.0.60']).toContain(address)
    const requests = world.said.filter(({ message }) => message.type === DHCPREQUEST)
    for (const { message } of requests) {
      expect(addressesOf(message.options.get(OPTION.DHCP_SERVER_IDENTIFIER) ?? new Uint8Array())).toEqual([
        bits(server),
      ])
    }
    await world.drive(client.close())
  })

  test('a server that offers and then refuses, or says nothing, is not asked without end', async () => {
    for (const second of [refusing, silent]) {
      const world = new ClientWorld()
      world.serve((said) => (said.message.type === DHCPDISCOVER ? honest(said) : second(said)))
      const client = world.client()
      await world.pass(600_000)
      expect(client.lease).toBeNull()
      expect(world.said.length).toBeGreaterThan(10)
      expect(world.said.length).toBeLessThan(130)
      await world.drive(client.close())
    }
  })

  test('with much lost, doubled and late, our server and our client come to terms', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = new ClientWorld()
      const host = new Stack({ clock: world.clock, random: new SeededRandom(seed) })
      const bad = new Impair(world.port(), { loss: 0.3, duplicate: 0.3, delay: 500, jitter: 400, seed })
      host.attach(bad, { address: '10.0.0.1/24', name: 'eth0' })
      const server = DhcpServer.open(host, 'eth0', {
        address: '10.0.0.1/24',
        pool: '10.0.0.100-10.0.0.109',
        leaseTime: 600,
      })
      void server.run()
      const client = world.client({ random: new SeededRandom(seed) })
      const { address } = await world.drive(client.bound())
      expect(address).toBe('10.0.0.100')
      await world.pass(7_200_000)
      expect(client.lease?.address).toBe('10.0.0.100')
      expect(server.leases.map((lease) => lease.address)).toEqual(['10.0.0.100'])
      await world.drive(client.close())
      await server.close()
    }
  })

  test('ten clients and a pool of eight: two wait until there are addresses', async () => {
    const world = new ClientWorld()
    const host = new Stack({ clock: world.clock, random: new SeededRandom(9) })
    host.attach(world.port(), { address: '10.0.0.1/24', name: 'eth0' })
    const pool = '10.0.0.100-10.0.0.107'
    const server = DhcpServer.open(host, 'eth0', { address: '10.0.0.1/24', pool })
    void server.run()
    const clients = Array.from({ length: 10 }, (_, i) => {
      const stack = new Stack({ clock: world.clock, random: new SeededRandom(100 + i) })
      const link = new InterfaceConfiguration(stack.attach(world.port(), { name: 'eth0' }))
      return new DhcpClient(stack, link, { random: new SeededRandom(200 + i), conflictDetection: false })
    })
    await world.pass(100_000)
    const got = () => clients.flatMap(({ lease }) => (lease === null ? [] : [lease.address])).sort()
    expect(got()).toHaveLength(8)
    expect(new Set(got()).size).toBe(8)
    const leaving = clients.filter(({ lease }) => lease !== null).slice(0, 2)
    await Promise.all(leaving.map((client) => world.drive(client.release())))
    await world.pass(200_000)
    expect(got()).toHaveLength(8)
    for (const client of clients) await world.drive(client.close())
    await server.close()
  })
})

describe('conflicts', () => {
  test('an address that nobody answers for is used after the probes of RFC 5227', async () => {
    const world = new ClientWorld()
    world.serve(honest)
    const client = world.client({ conflictDetection: true })
    const before = world.clock.now()
    await world.drive(client.bound())
    const took = world.clock.now() - before
    expect(took).toBeGreaterThanOrEqual(4000)
    expect(took).toBeLessThanOrEqual(7100)
    await world.drive(client.close())
  })

  test('one that another host has is declined, ten seconds waited, and another taken (RFC 2131 section 3.1, step 5)', async () => {
    const world = new ClientWorld()
    const other = new Stack({ clock: world.clock, random: new SeededRandom(4) })
    other.attach(world.port(), { address: `${OFFERED}/24` })
    world.serve((said) => {
      const declined = world.types.includes(DHCPDECLINE)
      return said.message.type === DHCPDECLINE ? [] : [answer(said, declined ? '10.0.0.51' : OFFERED)]
    })
    const client = world.client({ conflictDetection: true })
    expect(await world.drive(client.bound())).toMatchObject({ address: '10.0.0.51' })
    expect(world.types).toEqual([DHCPDISCOVER, DHCPREQUEST, DHCPDECLINE, DHCPDISCOVER, DHCPREQUEST])
    const [, , decline, again] = world.said
    expect(decline?.message.options.get(OPTION.DHCP_REQUESTED_ADDRESS)).toEqual(addressOctets(bits(OFFERED)))
    expect(decline?.message.options.get(OPTION.DHCP_SERVER_IDENTIFIER)).toEqual(addressOctets(bits('10.0.0.1')))
    expect((again?.at ?? 0) - (decline?.at ?? 0)).toBeGreaterThanOrEqual(10_000)
    expect(again?.message.options.has(OPTION.DHCP_REQUESTED_ADDRESS)).toBe(false)
    expect(world.addresses).toEqual(['10.0.0.51/24'])
    await world.drive(client.close())
  })

  test('closed while it asks, it is over at once, and nothing is declined', async () => {
    const world = new ClientWorld()
    world.serve(honest)
    const client = world.client({ conflictDetection: true })
    await world.pass(1500)
    expect(world.addresses).toEqual([`${OFFERED}/24`])
    const before = world.clock.now()
    await world.drive(client.close())
    expect(world.clock.now()).toBe(before)
    await world.pass(100_000)
    expect(world.addresses).toEqual([])
    expect(world.types).toEqual([DHCPDISCOVER, DHCPREQUEST])
  })
})

describe('RENEWING and REBINDING', () => {
  test('the server alone is asked, from the address, and the time begins anew (section 4.4.5)', async () => {
    const world = new ClientWorld()
    world.serve(honest)
    let leases = 0
    const client = world.client({ onLease: () => leases++ })
    const first = await world.drive(client.bound())
    await world.pass(510_000)
    expect(leases).toBe(2)
    const renewal = world.said[2]
    expect(renewal).toMatchObject({
      to: `${OFFERED}:68`,
      message: { type: DHCPREQUEST, ciaddr: bits(OFFERED), broadcast: false },
    })
    expect(renewal?.message.options.has(OPTION.DHCP_REQUESTED_ADDRESS)).toBe(false)
    expect(renewal?.message.options.has(OPTION.DHCP_SERVER_IDENTIFIER)).toBe(false)
    expect(renewal?.at).toBeGreaterThan(470_000)
    expect(renewal?.at).toBeLessThanOrEqual(first.renewAt + 10)
    expect(client.lease?.expiresAt).toBeGreaterThan(first.expiresAt + 400_000)
    expect(world.types).toHaveLength(3)
    await world.drive(client.close())
  })

  test('without an answer: again after half of what is left, then to all, then the address is lost, and it begins anew', async () => {
    const world = new ClientWorld()
    const moody = new Moody()
    world.serve(moody.asked)
    const lost: string[] = []
    const client = world.client({ onLost: ({ address }, why) => lost.push(`${address} ${why}`) })
    await world.drive(client.bound())
    moody.behaviour = silent
    await world.pass(800_000)
    expect(client.state).toBe('RENEWING')
    await world.pass(100_000)
    expect(client.state).toBe('REBINDING')
    const times = world.said.slice(2).map(({ at }) => at / 1000)
    // The last before T2 has less.
    const renewals = times.filter((time) => time < 875)
    for (let i = 1; i < renewals.length; i++)
      expect((renewals[i] ?? 0) - (renewals[i - 1] ?? 0)).toBeGreaterThanOrEqual(59.9)
    expect(times.length).toBeGreaterThan(3)
    expect(world.addresses).toEqual([`${OFFERED}/24`])
    await world.pass(100_000)
    expect(lost).toEqual([`${OFFERED} expired`])
    expect([client.lease, world.addresses, world.routes, client.state]).toEqual([null, [], [], 'SELECTING'])
    moody.behaviour = honest
    expect(await world.drive(client.bound())).toMatchObject({ address: OFFERED })
    await world.drive(client.close())
  })

  test('another server may answer who is REBINDING, and is asked from then on', async () => {
    const world = new ClientWorld()
    const [first, second] = [new Moody(), new Moody()]
    world.serve(first.asked)
    second.behaviour = silent
    world.serve(second.asked, '10.0.0.2')
    const client = world.client()
    await world.drive(client.bound())
    first.behaviour = silent
    second.behaviour = (said) => [
      answer(said, OFFERED, [[OPTION.DHCP_SERVER_IDENTIFIER, addressOctets(bits('10.0.0.2'))]]),
    ]
    await world.pass(890_000)
    expect(client.lease?.server).toBe('10.0.0.2')
    expect(client.state).toBe('BOUND')
    await world.drive(client.close())
  })

  test('a NAK ends it at once: the address goes, and another is asked for (section 4.4.5)', async () => {
    const world = new ClientWorld()
    const moody = new Moody()
    world.serve(moody.asked)
    const lost: string[] = []
    const client = world.client({ onLost: (_, why) => lost.push(why) })
    await world.drive(client.bound())
    moody.behaviour = (said) => (said.message.ciaddr !== 0 ? refusing(said) : [answer(said, '10.0.0.77')])
    await world.pass(510_000)
    expect(lost).toEqual(['refused'])
    expect(world.addresses).toEqual(['10.0.0.77/24'])
    await world.drive(client.close())
  })

  test('what the server says otherwise now, is otherwise: routes, prefix, MTU', async () => {
    const world = new ClientWorld()
    const moody = new Moody()
    moody.behaviour = (said) => [answer(said, OFFERED, [[OPTION.DHCP_ROUTER, addressOctets(bits('10.0.0.1'))]])]
    world.serve(moody.asked)
    const client = world.client()
    await world.drive(client.bound())
    moody.behaviour = (said) => [
      answer(said, OFFERED, [
        [OPTION.DHCP_ROUTER, addressOctets(bits('10.0.0.2'))],
        [OPTION.DHCP_SUBNET_MASK, addressOctets(bits('255.255.0.0'))],
        [OPTION.DHCP_INTERFACE_MTU, uint16Octets(1300)],
      ]),
    ]
    await world.pass(510_000)
    expect(world.addresses).toEqual([`${OFFERED}/16`])
    expect(world.routes).toEqual(['10.0.0.0/16', '0.0.0.0/0 via 10.0.0.2'])
    expect(world.link.mtu).toBe(1300)
    await world.drive(client.close())
  })

  test('for ever is for ever', async () => {
    const world = new ClientWorld()
    world.serve((said) => [answer(said, OFFERED, [[OPTION.DHCP_LEASE_TIME, uint32Octets(0xffffffff)]])])
    const client = world.client()
    expect(await world.drive(client.bound())).toMatchObject({ leaseTime: Number.POSITIVE_INFINITY })
    await world.pass(1e11)
    expect(client.state).toBe('BOUND')
    expect(world.types).toHaveLength(2)
    await world.drive(client.close())
  })

  test('136 years are not for ever, nor at once', async () => {
    const world = new ClientWorld()
    world.serve((said) => [answer(said, OFFERED, [[OPTION.DHCP_LEASE_TIME, uint32Octets(0xfffffffe)]])])
    const client = world.client()
    await world.drive(client.bound())
    await world.pass(1_000_000_000)
    expect(world.types).toHaveLength(2)
    await world.drive(client.close())
  })
})

describe('INIT-REBOOT', () => {
  test('the address of before is asked for, and had with two messages (section 4.4.2)', async () => {
    const world = new ClientWorld()
    world.serve((said) => [answer(said, '10.0.0.66')])
    const client = world.client({ previous: '10.0.0.66' })
    await world.drive(client.bound())
    expect(world.types).toEqual([DHCPREQUEST])
    expect(world.said[0]?.message).toMatchObject({ ciaddr: 0 })
    expect(world.said[0]?.message.options.has(OPTION.DHCP_SERVER_IDENTIFIER)).toBe(false)
    await world.drive(client.close())
  })

  test('refused, or without an answer, it begins as others do', async () => {
    for (const first of [refusing, silent]) {
      const world = new ClientWorld()
      world.serve((said) => (world.types.includes(DHCPDISCOVER) ? honest(said) : first(said)))
      const client = world.client({ previous: '10.0.0.66' })
      expect(await world.drive(client.bound())).toMatchObject({ address: OFFERED })
      const selecting = world.said.find(({ message }) => message.type === DHCPDISCOVER)
      expect(selecting?.message.options.get(OPTION.DHCP_REQUESTED_ADDRESS)).toEqual(addressOctets(bits('10.0.0.66')))
      expect((selecting?.at ?? 0) - 1000).toBeLessThan(first === silent ? 15_000 : 100)
      await world.drive(client.close())
    }
  })
})

describe('the end', () => {
  test('RELEASE tells the server, and the address is gone', async () => {
    const world = new ClientWorld()
    world.serve(honest)
    const lost: string[] = []
    const client = world.client({ onLost: (_, why) => lost.push(why) })
    await world.drive(client.bound())
    await world.drive(client.release())
    await world.pass(10)
    expect(world.said[2]).toMatchObject({ to: `${OFFERED}:68`, message: { type: DHCPRELEASE, ciaddr: bits(OFFERED) } })
    expect([client.state, client.lease, world.addresses, lost]).toEqual(['CLOSED', null, [], ['closed']])
    expect(await failure(world.clock, client.bound())).toThrowError
    await world.drive(client.close())
    await world.pass(1e7)
    expect(world.types).toHaveLength(3)
  })

  test('who waits for an address is told that there is none to come; or gives up', async () => {
    const world = new ClientWorld()
    const client = world.client()
    const waiting = client.bound()
    waiting.catch(() => {})
    const stop = new AbortController()
    const given = client.bound({ signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    expect(await stateOf(waiting)).toBe('pending')
    await world.drive(client.close())
    await expect(waiting).rejects.toThrow('the DHCP client is closed')
  })

  test('a stack that closes ends its client', async () => {
    const world = new ClientWorld()
    world.serve(honest)
    const client = world.client()
    await world.drive(client.bound())
    world.stack.close()
    await pass(world.clock, 1000)
    expect(client.state).toBe('CLOSED')
    await world.drive(client.close())
  })
})

describe('lies', () => {
  const strange = Uint8Array.of(2, 0, 0, 0, 0, 99)
  test.each<[string, Behaviour]>([
    ['another number', (said) => [answer(said, OFFERED, [], { xid: said.message.xid ^ 1 })]],
    ['another hardware address', (said) => [answer(said, OFFERED, [], { chaddr: strange })]],
    ['a request', (said) => [answer(said, OFFERED, [], { op: 1 })]],
    ['an ACK nobody asked for', (said) => [answer(said, OFFERED, [], { type: DHCPACK })]],
    ['no address', (said) => [answer(said, '0.0.0.0')]],
    ['a group', (said) => [answer(said, '224.0.0.5')]],
    ['the loopback', (said) => [answer(said, '127.0.0.1')]],
    ['the broadcast address of its prefix', (said) => [answer(said, '10.0.0.255')]],
    ['the network itself', (said) => [answer(said, '10.0.0.0')]],
    ['a lease of no time', (said) => [answer(said, OFFERED, [[OPTION.DHCP_LEASE_TIME, uint32Octets(0)]])]],
    ['a time of two octets', (said) => [answer(said, OFFERED, [[OPTION.DHCP_LEASE_TIME, uint16Octets(5)]])]],
    [
      'a mask with a hole',
      (said) => [answer(said, OFFERED, [[OPTION.DHCP_SUBNET_MASK, addressOctets(bits('255.0.255.0'))]])],
    ],
    ['a mask of nothing', (said) => [answer(said, OFFERED, [[OPTION.DHCP_SUBNET_MASK, addressOctets(0)]])]],
    ['no server', (said) => [answer(said, OFFERED, [[OPTION.DHCP_SERVER_IDENTIFIER, new Uint8Array(0)]])]],
    [
      'a server that is a group',
      (said) => [answer(said, OFFERED, [[OPTION.DHCP_SERVER_IDENTIFIER, addressOctets(bits('224.0.0.1'))]])],
    ],
    ['cut off', (said) => [writeDhcp(answer(said)).slice(0, 239)]],
    ['another cookie', (said) => [writeDhcp(answer(said)).fill(0, 236, 240)]],
    ['options that overrun', (said) => [Uint8Array.of(...writeDhcp(answer(said)).subarray(0, 240), 53, 1, 2, 12, 40)]],
    ['nothing', () => [new Uint8Array(0)]],
    ['a NAK to a DISCOVER', refusing],
  ])('%s in place of an offer: it goes on asking', async (_, behaviour) => {
    const world = new ClientWorld()
    const moody = new Moody()
    moody.behaviour = (said) => [...behaviour(said)]
    world.serve(moody.asked)
    const client = world.client()
    await world.pass(3000)
    expect([client.state, world.addresses, world.types]).toEqual(['SELECTING', [], [DHCPDISCOVER]])
    expect(client.counters).toMatchObject({ sent: 1, answers: 0, others: 1 })
    moody.behaviour = honest
    expect(await world.drive(client.bound())).toMatchObject({ address: OFFERED })
    await world.drive(client.close())
  })

  test.each<[string, Behaviour]>([
    ['an ACK of another address', (said) => [answer(said, '10.0.0.51')]],
    [
      'an ACK of another server',
      (said) => [answer(said, OFFERED, [[OPTION.DHCP_SERVER_IDENTIFIER, addressOctets(bits('10.0.0.9'))]])],
    ],
    [
      'a NAK of another server',
      (said) => [
        answer(said, OFFERED, [[OPTION.DHCP_SERVER_IDENTIFIER, addressOctets(bits('10.0.0.9'))]], { type: DHCPNAK }),
      ],
    ],
    ['another OFFER', (said) => [answer(said, OFFERED, [], { type: DHCPOFFER })]],
    ['an ACK of no time', (said) => [answer(said, OFFERED, [[OPTION.DHCP_LEASE_TIME, uint32Octets(0)]])]],
  ])('%s in place of an ACK is passed over', async (_, behaviour) => {
    const world = new ClientWorld()
    world.serve((said) => [...(said.message.type === DHCPREQUEST ? behaviour(said) : []), ...honest(said)])
    const client = world.client()
    expect(await world.drive(client.bound())).toMatchObject({ address: OFFERED })
    expect(world.types).toEqual([DHCPDISCOVER, DHCPREQUEST])
    await world.drive(client.close())
  })

  test('what is wrong beside the address is left out, and lists have an end', async () => {
    const world = new ClientWorld()
    const many = Array.from({ length: 60 }, (_, i) => bits(`192.0.2.${i + 1}`))
    world.serve((said) => [
      answer(said, OFFERED, [
        [OPTION.DHCP_ROUTER, addressOctets(bits('224.0.0.1'), bits('0.0.0.0'))],
        [OPTION.DHCP_DOMAIN_NAME_SERVER, addressOctets(...many)],
        [OPTION.DHCP_DOMAIN_NAME, textOctets('two words')],
        [OPTION.DHCP_DOMAIN_SEARCH, Uint8Array.of(0xc0, 0)],
        [OPTION.DHCP_INTERFACE_MTU, uint16Octets(68)],
        [OPTION.DHCP_RENEWAL_TIME, uint32Octets(5000)],
        [OPTION.DHCP_REBINDING_TIME, uint32Octets(0)],
      ]),
    ])
    const client = world.client()
    const lease = await world.drive(client.bound())
    expect(lease).toMatchObject({
      routers: [],
      routes: [],
      domain: null,
      search: [],
      mtu: null,
      renewAt: 501_000,
      rebindAt: 876_000,
    })
    expect(lease.nameServers).toHaveLength(16)
    expect(world.link.mtu).toBe(1500)
    await world.drive(client.close())
  })

  test('an MTU of more than the link carries is not taken', async () => {
    const world = new ClientWorld()
    world.serve((said) => [answer(said, OFFERED, [[OPTION.DHCP_INTERFACE_MTU, uint16Octets(9000)]])])
    const client = world.client()
    expect(await world.drive(client.bound())).toMatchObject({ mtu: 9000 })
    expect(world.link.mtu).toBe(1500)
    await world.drive(client.close())
  })

  test('a lease of a second is not renewed without end', async () => {
    const world = new ClientWorld()
    world.serve((said) => [answer(said, OFFERED, [[OPTION.DHCP_LEASE_TIME, uint32Octets(1)]])])
    const client = world.client()
    await world.drive(client.bound())
    await world.pass(100_000)
    expect(client.state).toBe('BOUND')
    expect(world.said.length).toBeLessThan(300)
    await world.drive(client.close())
  })

  test('no mask: the class of the address', async () => {
    const world = new ClientWorld()
    world.serve((said) => {
      const reply = answer(said)
      reply.options.delete(OPTION.DHCP_SUBNET_MASK)
      return [reply]
    })
    const client = world.client()
    expect(await world.drive(client.bound())).toMatchObject({ prefixLength: 8 })
    await world.drive(client.close())
  })
})

describe('wrong words', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ random: 1 }, 'options.random must be a Random, got 1'],
    [{ previous: 'x' }, 'options.previous must be an IPv4 address such as 192.0.2.1, got "x"'],
    [{ identifier: new Uint8Array(1) }, 'options.identifier must be a Uint8Array of 2 to 255 octets'],
    [{ hostName: 'a b' }, 'options.hostName must be a name of a host, got "a b"'],
    [{ request: [0] }, 'options.request must have numbers from 1 to 254, got 0'],
    [{ conflictDetection: 1 }, 'options.conflictDetection must be true or false, got 1'],
    [{ onlease: () => {} }, "options has no 'onlease'"],
  ])('%j: %s', (wrong, message) => {
    const world = new ClientWorld()
    expect(() => world.client(wrong)).toThrow(message)
  })
})
