import { describe, expect, test } from 'vitest'
import { DhcpServer, type DhcpServerOptions } from '../../src/services/dhcp/dhcp-server.ts'
import {
  BOOTREPLY,
  DHCPACK,
  DHCPDECLINE,
  DHCPDISCOVER,
  DHCPINFORM,
  DHCPNAK,
  DHCPOFFER,
  DHCPRELEASE,
  DHCPREQUEST,
  type DhcpMessage,
  DhcpMessage as Message,
  writeDhcp,
} from '../../src/wire/dhcp.ts'
import * as OPTION from '../../src/wire/dhcp-options.ts'
import {
  addressesOf,
  addressOctets,
  routesOf,
  searchListOf,
  textOctets,
  textOf,
  uint16Octets,
  uint32Octets,
  uint32Of,
} from '../../src/wire/dhcp-values.ts'
import { pass, settle } from '../berkeley/drive.ts'
import { bits, DhcpWorld, hardware, text } from './dhcp-world.ts'

const SERVER = [OPTION.DHCP_SERVER_IDENTIFIER, addressOctets(bits('10.0.0.1'))] as const
const HOUR = 3_600_000

function wish(address: string) {
  return [OPTION.DHCP_REQUESTED_ADDRESS, addressOctets(bits(address))] as const
}

function value<T>(message: DhcpMessage | null, code: number, read: (octets: Uint8Array) => T): T | null {
  const octets = message?.options.get(code)
  return octets === undefined ? null : read(octets)
}

/** Discovers and requests: what a client does first. The address it has then; or null. */
async function take(world: DhcpWorld, last: number): Promise<string | null> {
  const offer = await world.ask(DHCPDISCOVER, { chaddr: hardware(last) })
  if (offer === null) return null
  const ack = await world.ask(DHCPREQUEST, { chaddr: hardware(last) }, [SERVER, wish(text(offer.yiaddr))])
  return ack?.type === DHCPACK ? text(ack.yiaddr) : null
}

describe('DISCOVER', () => {
  test('is answered with an OFFER to all (RFC 2131 sections 4.1 and 4.3.1)', async () => {
    const world = new DhcpWorld({ leaseTime: 1000 })
    const offer = await world.ask(DHCPDISCOVER, { broadcast: true })
    expect(offer).toMatchObject({
      op: BOOTREPLY,
      type: DHCPOFFER,
      xid: 77,
      broadcast: true,
      ciaddr: 0,
      siaddr: 0,
      giaddr: 0,
    })
    expect(text(offer?.yiaddr ?? 0)).toBe('10.0.0.100')
    expect(offer?.chaddr).toEqual(hardware(1))
    expect(value(offer, OPTION.DHCP_SERVER_IDENTIFIER, addressesOf)).toEqual([bits('10.0.0.1')])
    expect(value(offer, OPTION.DHCP_LEASE_TIME, uint32Of)).toBe(1000)
    expect(value(offer, OPTION.DHCP_RENEWAL_TIME, uint32Of)).toBe(500)
    expect(value(offer, OPTION.DHCP_REBINDING_TIME, uint32Of)).toBe(875)
    expect(value(offer, OPTION.DHCP_SUBNET_MASK, addressesOf)).toEqual([bits('255.255.255.0')])
    expect(world.heard.map(({ from }) => from)).toEqual(['10.0.0.1:67'])
    await world.close()
  })

  test('again gets the same address, another client another', async () => {
    const world = new DhcpWorld()
    const [one, again, two] = [
      await world.ask(DHCPDISCOVER),
      await world.ask(DHCPDISCOVER),
      await world.ask(DHCPDISCOVER, { chaddr: hardware(2) }),
    ]
    expect([one, again, two].map((offer) => text(offer?.yiaddr ?? 0))).toEqual([
      '10.0.0.100',
      '10.0.0.100',
      '10.0.0.101',
    ])
    await world.close()
  })

  test('a client is known by its identifier, else by its hardware address, and hears its own (RFC 6842)', async () => {
    const world = new DhcpWorld()
    const named = [[OPTION.DHCP_CLIENT_IDENTIFIER, Uint8Array.of(255, 0, 0, 0, 1)]] as const
    const offers = [
      await world.ask(DHCPDISCOVER, { chaddr: hardware(1) }, named),
      await world.ask(DHCPDISCOVER, { chaddr: hardware(2) }, named),
      await world.ask(DHCPDISCOVER, { chaddr: hardware(1) }),
    ]
    expect(offers.map((offer) => text(offer?.yiaddr ?? 0))).toEqual(['10.0.0.100', '10.0.0.100', '10.0.0.101'])
    expect(offers[0]?.options.get(OPTION.DHCP_CLIENT_IDENTIFIER)).toEqual(Uint8Array.of(255, 0, 0, 0, 1))
    await world.close()
  })

  test('the address that is wished for is offered, if it is of the pool and free', async () => {
    const world = new DhcpWorld()
    expect(await take(world, 9)).toBe('10.0.0.100')
    const offered = async (last: number, address: string) =>
      text((await world.ask(DHCPDISCOVER, { chaddr: hardware(last) }, [wish(address)]))?.yiaddr ?? 0)
    expect(await offered(1, '10.0.0.107')).toBe('10.0.0.107')
    expect(await offered(2, '10.0.0.200')).toBe('10.0.0.101')
    expect(await offered(3, '10.0.0.100')).toBe('10.0.0.102')
    expect(await offered(4, '10.0.0.1')).toBe('10.0.0.103')
    await world.close()
  })

  test('a client that was here before gets its address again, even after its time', async () => {
    const world = new DhcpWorld({ leaseTime: 60 })
    expect(await take(world, 1)).toBe('10.0.0.100')
    await pass(world.clock, HOUR)
    expect(world.server.leases).toEqual([])
    expect(await take(world, 2)).toBe('10.0.0.101')
    expect(await take(world, 1)).toBe('10.0.0.100')
    await world.close()
  })

  test('what it asks for it is told, in that order, and no more; who asks for nothing in particular is told all', async () => {
    const world = new DhcpWorld({
      routers: ['10.0.0.1'],
      nameServers: ['10.0.0.1', '192.0.2.53'],
      domain: 'lab.example',
      search: ['lab.example', 'example'],
      mtu: 1400,
      routes: [{ to: '192.168.0.0/16', via: '10.0.0.2' }, { to: 'default', via: '10.0.0.1' }, { to: '10.1.0.0/16' }],
      options: { 42: addressOctets(bits('10.0.0.3')), 224: textOctets('own') },
    })
    const all = await world.ask(DHCPDISCOVER)
    const asked = await world.ask(DHCPDISCOVER, {}, [[OPTION.DHCP_PARAMETER_LIST, Uint8Array.of(6, 121, 3, 77)]])
    expect([...(asked?.options.keys() ?? [])]).toEqual([54, 51, 58, 59, 1, 6, 121, 3])
    expect(value(all, OPTION.DHCP_ROUTER, addressesOf)).toEqual([bits('10.0.0.1')])
    expect(value(all, OPTION.DHCP_DOMAIN_NAME_SERVER, addressesOf)).toEqual([bits('10.0.0.1'), bits('192.0.2.53')])
    expect(value(all, OPTION.DHCP_DOMAIN_NAME, textOf)).toBe('lab.example')
    expect(value(all, OPTION.DHCP_DOMAIN_SEARCH, searchListOf)).toEqual(['lab.example', 'example'])
    expect(all?.options.get(OPTION.DHCP_INTERFACE_MTU)).toEqual(uint16Octets(1400))
    expect(value(all, OPTION.DHCP_BROADCAST_ADDRESS, addressesOf)).toEqual([bits('10.0.0.255')])
    expect(value(all, OPTION.DHCP_CLASSLESS_ROUTES, routesOf)).toEqual([
      { prefix: bits('192.168.0.0'), length: 16, router: bits('10.0.0.2') },
      { prefix: 0, length: 0, router: bits('10.0.0.1') },
      { prefix: bits('10.1.0.0'), length: 16, router: 0 },
    ])
    expect(value(all, 42, addressesOf)).toEqual([bits('10.0.0.3')])
    expect(value(all, 224, textOf)).toBe('own')
    await world.close()
  })

  test('who wants it for less time gets less, and nobody more than there is', async () => {
    const world = new DhcpWorld({ leaseTime: 1000 })
    const seconds = async (wished: number) =>
      value(
        await world.ask(DHCPDISCOVER, {}, [[OPTION.DHCP_LEASE_TIME, uint32Octets(wished)]]),
        OPTION.DHCP_LEASE_TIME,
        uint32Of,
      )
    expect([await seconds(60), await seconds(0xffffffff), await seconds(0)]).toEqual([60, 1000, 1000])
    await world.close()
  })

  test('for ever is 0xffffffff seconds (RFC 2131 section 3.3)', async () => {
    const world = new DhcpWorld({ leaseTime: Number.POSITIVE_INFINITY })
    expect(value(await world.ask(DHCPDISCOVER), OPTION.DHCP_LEASE_TIME, uint32Of)).toBe(0xffffffff)
    expect(await take(world, 1)).toBe('10.0.0.100')
    await pass(world.clock, 1e12)
    expect(world.server.leases).toMatchObject([{ address: '10.0.0.100', until: Number.POSITIVE_INFINITY }])
    await world.close()
  })

  test('an address that answers somebody is not offered, and not looked at again for ten minutes', async () => {
    const asked: string[] = []
    const inUse = async (address: string) => {
      asked.push(address)
      return address !== '10.0.0.102'
    }
    const world = new DhcpWorld({ inUse })
    expect(await take(world, 1)).toBe('10.0.0.102')
    expect(await world.ask(DHCPDISCOVER)).not.toBeNull()
    expect(asked).toEqual(['10.0.0.100', '10.0.0.101', '10.0.0.102'])
    await world.close()
  })
})

describe('REQUEST', () => {
  test('SELECTING: the offer that is taken is acknowledged, and is a lease', async () => {
    const world = new DhcpWorld()
    const name = [OPTION.DHCP_HOST_NAME, textOctets('printer')] as const
    await world.ask(DHCPDISCOVER)
    expect(world.server.leases).toEqual([])
    const ack = await world.ask(DHCPREQUEST, {}, [SERVER, wish('10.0.0.100'), name])
    expect(ack).toMatchObject({ type: DHCPACK, yiaddr: bits('10.0.0.100') })
    expect(world.server.leases).toEqual([
      { address: '10.0.0.100', client: '1 02:00:00:00:00:01', hostName: 'printer', until: expect.any(Number) },
    ])
    await world.close()
  })

  test('SELECTING: the offer is free again when another server was chosen', async () => {
    const world = new DhcpWorld({ pool: '10.0.0.100' })
    await world.ask(DHCPDISCOVER)
    expect(await world.ask(DHCPDISCOVER, { chaddr: hardware(2) })).toBeNull()
    const other = [OPTION.DHCP_SERVER_IDENTIFIER, addressOctets(bits('10.0.0.2'))] as const
    expect(await world.ask(DHCPREQUEST, {}, [other, wish('10.0.0.50')])).toBeNull()
    expect(await take(world, 2)).toBe('10.0.0.100')
    await world.close()
  })

  test('INIT-REBOOT: right is acknowledged, wrong refused to all, what is of another network too (section 4.3.2)', async () => {
    const world = new DhcpWorld()
    await take(world, 1)
    await take(world, 2)
    expect(await world.ask(DHCPREQUEST, {}, [wish('10.0.0.100')])).toMatchObject({ type: DHCPACK })
    for (const [address, reason] of [
      ['10.0.0.101', 'address not available'],
      ['192.0.2.5', 'wrong network'],
      ['10.0.0.200', 'address not available'],
    ] as const) {
      const nak = await world.ask(DHCPREQUEST, {}, [wish(address)])
      expect(nak).toMatchObject({ type: DHCPNAK, yiaddr: 0, ciaddr: 0 })
      expect(value(nak, OPTION.DHCP_ERROR_TEXT, textOf)).toBe(reason)
      expect(nak?.options.has(OPTION.DHCP_LEASE_TIME)).toBe(false)
    }
    await world.close()
  })

  test('of an unknown client: given what is free if we are authoritative, else silence', async () => {
    const authoritative = new DhcpWorld()
    expect(await authoritative.ask(DHCPREQUEST, {}, [wish('10.0.0.105')])).toMatchObject({ type: DHCPACK })
    await authoritative.close()
    const beside = new DhcpWorld({ authoritative: false })
    expect(await beside.ask(DHCPREQUEST, {}, [wish('10.0.0.105')])).toBeNull()
    expect(await beside.ask(DHCPREQUEST, {}, [wish('192.0.2.5')])).toMatchObject({ type: DHCPNAK })
    await beside.close()
  })

  test('RENEWING: the answer goes to the client alone, and the time begins anew', async () => {
    const world = new DhcpWorld({ leaseTime: 100 }, 68, '10.0.0.100/24')
    await take(world, 1)
    const [{ until } = { until: 0 }] = world.server.leases
    await pass(world.clock, 50_000)
    const ack = await world.ask(DHCPREQUEST, { ciaddr: bits('10.0.0.100') }, [], '10.0.0.1')
    expect(ack).toMatchObject({ type: DHCPACK, ciaddr: bits('10.0.0.100'), yiaddr: bits('10.0.0.100') })
    expect(world.server.leases[0]?.until).toBeGreaterThanOrEqual(until + 50_000)
    await world.close()
  })

  test('without an address is nothing', async () => {
    const world = new DhcpWorld()
    expect(await world.ask(DHCPREQUEST, {}, [SERVER])).toBeNull()
    expect(world.server.counters.malformed).toBe(1)
    await world.close()
  })
})

describe('DECLINE, RELEASE, INFORM', () => {
  test('a declined address is nobody’s for ten minutes', async () => {
    const world = new DhcpWorld({ pool: '10.0.0.100-10.0.0.101' })
    await take(world, 1)
    expect(await world.ask(DHCPDECLINE, {}, [SERVER, wish('10.0.0.100')])).toBeNull()
    expect(world.server.leases).toEqual([])
    expect(await take(world, 1)).toBe('10.0.0.101')
    expect(await take(world, 2)).toBeNull()
    await pass(world.clock, 600_000)
    expect(await take(world, 2)).toBe('10.0.0.100')
    await world.close()
  })

  test('who declines all he gets does not empty the pool: a quarter at the most is kept back', async () => {
    const world = new DhcpWorld({ pool: '10.0.0.100-10.0.0.107' })
    for (let i = 0; i < 20; i++) {
      const address = await take(world, i)
      expect(address).not.toBeNull()
      await world.ask(DHCPDECLINE, { chaddr: hardware(i) }, [SERVER, wish(address ?? '')])
    }
    for (let i = 50; i < 56; i++) expect(await take(world, i)).not.toBeNull()
    expect(await take(world, 60)).toBeNull()
    await world.close()
  })

  test('nobody declines or releases what is another’s, or another server’s', async () => {
    const world = new DhcpWorld()
    await take(world, 1)
    const ciaddr = bits('10.0.0.100')
    const other = [OPTION.DHCP_SERVER_IDENTIFIER, addressOctets(bits('10.0.0.2'))] as const
    await world.ask(DHCPRELEASE, { ciaddr, chaddr: hardware(2) }, [SERVER])
    await world.ask(DHCPRELEASE, { ciaddr: bits('10.0.0.101') }, [SERVER])
    await world.ask(DHCPRELEASE, { ciaddr }, [other])
    await world.ask(DHCPDECLINE, {}, [other, wish('10.0.0.100')])
    await world.ask(DHCPDECLINE, { chaddr: hardware(2) }, [SERVER, wish('10.0.0.100')])
    expect(world.server.leases).toHaveLength(1)
    await world.ask(DHCPRELEASE, { ciaddr }, [SERVER])
    expect(world.server.leases).toEqual([])
    await world.close()
  })

  test('a released address is its client’s again, until there is no other', async () => {
    const world = new DhcpWorld({ pool: '10.0.0.100-10.0.0.101' })
    await take(world, 1)
    await world.ask(DHCPRELEASE, { ciaddr: bits('10.0.0.100') }, [SERVER])
    expect(await take(world, 2)).toBe('10.0.0.101')
    expect(await take(world, 1)).toBe('10.0.0.100')
    await world.ask(DHCPRELEASE, { ciaddr: bits('10.0.0.100') }, [SERVER])
    expect(await take(world, 3)).toBe('10.0.0.100')
    await world.close()
  })

  test('INFORM: the rest without an address and a time, to who has one (section 4.3.5)', async () => {
    const world = new DhcpWorld({ nameServers: ['10.0.0.1'] }, 68, '10.0.0.50/24')
    const ack = await world.ask(DHCPINFORM, { ciaddr: bits('10.0.0.50') })
    expect(ack).toMatchObject({ type: DHCPACK, yiaddr: 0 })
    expect(ack?.options.has(OPTION.DHCP_LEASE_TIME)).toBe(false)
    expect(value(ack, OPTION.DHCP_DOMAIN_NAME_SERVER, addressesOf)).toEqual([bits('10.0.0.1')])
    expect(await world.ask(DHCPINFORM, { ciaddr: bits('192.0.2.1') })).toBeNull()
    await world.close()
  })
})

describe('reservations', () => {
  const reservations = [
    { client: '02:00:00:00:00:01', address: '10.0.0.20' },
    { client: Uint8Array.of(255, 1), address: '10.0.0.100' },
  ]

  test('by hardware address and by identifier; nobody else gets them', async () => {
    const world = new DhcpWorld({ reservations, pool: '10.0.0.100-10.0.0.101' })
    const named = [[OPTION.DHCP_CLIENT_IDENTIFIER, Uint8Array.of(255, 1)]] as const
    expect(await take(world, 1)).toBe('10.0.0.20')
    expect(text((await world.ask(DHCPDISCOVER, { chaddr: hardware(5) }, named))?.yiaddr ?? 0)).toBe('10.0.0.100')
    const wished = await world.ask(DHCPDISCOVER, { chaddr: hardware(6) }, [wish('10.0.0.20')])
    expect(text(wished?.yiaddr ?? 0)).toBe('10.0.0.101')
    expect(await take(world, 7)).toBeNull()
    await world.close()
  })

  test('another address is refused to who has one, and the reserved one to others', async () => {
    const world = new DhcpWorld({ reservations })
    const reason = async (last: number, address: string) =>
      value(await world.ask(DHCPREQUEST, { chaddr: hardware(last) }, [wish(address)]), OPTION.DHCP_ERROR_TEXT, textOf)
    expect(await reason(1, '10.0.0.105')).toBe('another address is kept for you')
    expect(await reason(2, '10.0.0.20')).toBe('address is kept for another client')
    await world.close()
  })
})

describe('relays', () => {
  const relayed = [{ network: '10.7.0.0/16', pool: '10.7.0.10-10.7.0.19', routers: ['10.7.0.1'] }]

  test('a relay says which subnet, gets the answer at its port 67, and its own option back (RFC 3046)', async () => {
    const world = new DhcpWorld({ relayed }, 67, '10.7.0.1/16')
    world.client.addRoute('10.0.0.1/32', { interface: 'eth0' })
    world.host.addRoute('10.7.0.0/16', { interface: 'eth0' })
    const circuit = [OPTION.DHCP_RELAY_INFORMATION, Uint8Array.of(1, 2, 0, 5)] as const
    const offer = await world.ask(DHCPDISCOVER, { giaddr: bits('10.7.0.1'), hops: 1 }, [circuit], '10.0.0.1')
    expect(offer).toMatchObject({ yiaddr: bits('10.7.0.10'), giaddr: bits('10.7.0.1') })
    expect(offer?.options.get(OPTION.DHCP_RELAY_INFORMATION)).toEqual(Uint8Array.of(1, 2, 0, 5))
    expect(value(offer, OPTION.DHCP_SUBNET_MASK, addressesOf)).toEqual([bits('255.255.0.0')])
    expect(value(offer, OPTION.DHCP_ROUTER, addressesOf)).toEqual([bits('10.7.0.1')])
    const nak = await world.ask(DHCPREQUEST, { giaddr: bits('10.7.0.1') }, [wish('10.0.0.100')], '10.0.0.1')
    expect(nak).toMatchObject({ type: DHCPNAK, broadcast: true })
    await world.close()
  })

  test('of another subnet is ignored', async () => {
    const world = new DhcpWorld({ relayed })
    expect(await world.ask(DHCPDISCOVER, { giaddr: bits('10.9.0.1') })).toBeNull()
    expect(world.server.counters.ignored).toBe(1)
    await world.close()
  })
})

describe('strangers', () => {
  test('a pool that is all offered is offered again soon: who only asks empties nothing', async () => {
    const world = new DhcpWorld({ rate: 1000 })
    for (let i = 0; i < 10; i++) expect(await world.ask(DHCPDISCOVER, { chaddr: hardware(i) })).not.toBeNull()
    expect(await world.ask(DHCPDISCOVER, { chaddr: hardware(100) })).toBeNull()
    expect(world.server.counters.exhausted).toBe(1)
    await pass(world.clock, 2000)
    expect(await take(world, 100)).not.toBeNull()
    await world.close()
  })

  test('a pool that is had is nobody’s until its time is over', async () => {
    const world = new DhcpWorld({ pool: '10.0.0.100', leaseTime: 100 })
    expect(await take(world, 1)).toBe('10.0.0.100')
    await pass(world.clock, 99_000)
    expect(await take(world, 2)).toBeNull()
    await pass(world.clock, 1000)
    expect(await take(world, 2)).toBe('10.0.0.100')
    await world.close()
  })

  test('more than the rate is not looked at', async () => {
    const world = new DhcpWorld({ rate: 10 })
    for (let i = 0; i < 40; i++) await world.ask(DHCPDISCOVER)
    expect(world.heard).toHaveLength(10)
    expect(world.server.counters.limited).toBe(30)
    await pass(world.clock, 1000)
    expect(await world.ask(DHCPDISCOVER)).not.toBeNull()
    await world.close()
  })

  test.each([
    ['nothing', () => new Uint8Array(0)],
    [
      'an answer',
      () => writeDhcp(Object.assign(new Message(), { op: BOOTREPLY, type: DHCPDISCOVER, chaddr: hardware(1) })),
    ],
    ['a message of BOOTP', () => writeDhcp(Object.assign(new Message(), { chaddr: hardware(1) }))],
    ['a message of a server', () => writeDhcp(Object.assign(new Message(), { type: DHCPACK, chaddr: hardware(1) }))],
    ['a client without a name', () => writeDhcp(Object.assign(new Message(), { type: DHCPDISCOVER }))],
    [
      'an identifier of 300 octets',
      () =>
        writeDhcp(Object.assign(new Message(), { type: DHCPDISCOVER, options: new Map([[61, new Uint8Array(300)]]) })),
    ],
    [
      'more than any client says',
      () =>
        Uint8Array.of(
          ...writeDhcp(Object.assign(new Message(), { type: DHCPDISCOVER, chaddr: hardware(1) })),
          ...new Uint8Array(5000),
        ),
    ],
  ])('%s gets no answer', async (_, bytes) => {
    const world = new DhcpWorld()
    await world.send(bytes())
    expect(world.heard).toEqual([])
    expect(world.server.counters.malformed).toBe(1)
    await world.close()
  })

  test('an offer goes to no address that a message names, nor an answer to another network', async () => {
    const world = new DhcpWorld({}, 68, '10.0.0.50/24')
    const offer = await world.ask(DHCPDISCOVER, { ciaddr: bits('192.0.2.1') })
    expect(offer?.type).toBe(DHCPOFFER)
    expect(await world.ask(DHCPREQUEST, { ciaddr: bits('192.0.2.1') })).toMatchObject({ type: DHCPNAK })
    await world.close()
  })
})

describe('wrong words', () => {
  const host = () => new DhcpWorld()
  test.each<[Partial<Record<keyof DhcpServerOptions, unknown>>, string]>([
    [
      { address: '10.0.0.1' },
      'options.address must be an IPv4 address with its prefix, such as 192.0.2.1/24, got "10.0.0.1"',
    ],
    [{ address: '10.0.0.0/24' }, "options.address must be a host's, got 10.0.0.0/24"],
    [{ pool: '10.0.0.9-10.0.0.2' }, 'options.pool must begin with its lowest address, got "10.0.0.9-10.0.0.2"'],
    [{ pool: '10.0.1.9' }, 'options.pool must lie within 10.0.0.0/24, got "10.0.1.9"'],
    [{ pool: '10.0.0.200-10.0.0.255' }, 'options.pool must lie within 10.0.0.0/24, got "10.0.0.200-10.0.0.255"'],
    [{ pool: 'x' }, 'options.pool must be an IPv4 address such as 192.0.2.1, got "x"'],
    [{ pool: 7 }, 'options.pool must be a range of addresses or an array of them, got 7'],
    [{ leaseTime: 0 }, 'options.leaseTime must be an integer from 1 to 4294967294, got 0'],
    [{ routers: ['::1'] }, 'options.routers[0] must be an IPv4 address such as 192.0.2.1, got "::1"'],
    [{ nameServers: '10.0.0.1' }, 'options.nameServers must be an array of IPv4 addresses, got "10.0.0.1"'],
    [{ domain: 'a b' }, 'options.domain must be a domain name, got "a b"'],
    [{ search: ['a..b'] }, 'options.search[0] must be a domain name, got "a..b"'],
    [{ mtu: 20 }, 'options.mtu must be an integer from 68 to 65535, got 20'],
    [
      { routes: [{ to: '10.0.0.0/8', via: 'x' }] },
      'options.routes[0].via must be an IPv4 address such as 192.0.2.1, got "x"',
    ],
    [
      { options: { 53: new Uint8Array(1) } },
      "options.options must have numbers from 1 to 254 that are not the server's to say, got 53",
    ],
    [{ options: { 42: 'x' } }, 'options.options[42] must be a Uint8Array, got "x"'],
    [
      { reservations: [{ client: 'x', address: '10.0.0.2' }] },
      'options.reservations[0].client must be a hardware address such as 02:00:00:00:00:01, got "x"',
    ],
    [
      { reservations: [{ client: '02:00:00:00:00:01', address: '10.0.1.2' }] },
      'options.reservations[0].address must lie within 10.0.0.0/24, got 10.0.1.2',
    ],
    [{ authoritative: 1 }, 'options.authoritative must be true or false, got 1'],
    [
      { relayed: [{ network: '10.1.0.0/16', pool: '10.0.0.5' }] },
      'options.relayed[0].pool must lie within 10.1.0.0/16, got "10.0.0.5"',
    ],
    [{ inUse: 1 }, 'options.inUse must be a function, got 1'],
  ])('%j: %s', async (wrong, message) => {
    const world = host()
    const options = { address: '10.0.0.1/24', ...wrong } as DhcpServerOptions
    expect(() => DhcpServer.open(world.client, 'eth0', options)).toThrow(message)
    await world.close()
    await settle(world.clock)
  })
})
