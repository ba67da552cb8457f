import { describe, expect, test } from 'vitest'
import { searchListOctets, uint16Octets, uint32Octets } from '../../src/wire/dhcp-values.ts'
import {
  DHCP6_ADVERTISE,
  DHCP6_CONFIRM,
  DHCP6_DECLINE,
  DHCP6_INFORMATION_REQUEST,
  DHCP6_REBIND,
  DHCP6_RELEASE,
  DHCP6_RENEW,
  DHCP6_REPLY,
  DHCP6_REQUEST,
  DHCP6_SOLICIT,
  Dhcp6Message,
  writeDhcp6,
} from '../../src/wire/dhcp6.ts'
import * as OPTION from '../../src/wire/dhcp6-options.ts'
import { associationOf, ipv6AddressOctets, statusOctets } from '../../src/wire/dhcp6-values.ts'
import { failure, stateOf } from '../berkeley/drive.ts'
import { answer, type Behaviour, Dhcp6World, honest, IAID, ia, ip, type Option, type Said } from './dhcp6-world.ts'

const ADDRESS = '2001:db8:1::50'
const S = DHCP6_SOLICIT

/** An honest server until it is told otherwise. */
class Moody {
  behaviour: Behaviour = honest
  readonly asked: Behaviour = (said) => this.behaviour(said)
}

const silent: Behaviour = () => []

function status(code: number): Option {
  return [OPTION.DHCP6_STATUS_CODE, statusOctets(code, 'no')]
}

function other(message: Dhcp6Message, fields: Partial<Dhcp6Message>): Dhcp6Message {
  return Object.assign(new Dhcp6Message(), message, fields)
}

/** How long was waited between what was said, in seconds. */
function waits(said: readonly Said[]): number[] {
  return said.slice(1).map(({ at }, i) => (at - (said[i] as Said).at) / 1000)
}

describe('an address', () => {
  test('Solicit for a second, Request, and the interface is configured (RFC 8415 section 18.2)', async () => {
    const world = new Dhcp6World()
    world.serve((said) => [
      answer(said, [
        ia([[ADDRESS, 1000, 2000]], { t1: 400, t2: 700 }),
        [OPTION.DHCP6_DNS_SERVERS, ipv6AddressOctets(ip('2001:db8::53'), ip('fe80::1'), ip('ff02::1'))],
        [OPTION.DHCP6_DOMAIN_LIST, searchListOctets(['lab.example', 'example'])],
        [56, Uint8Array.of(1)],
      ]),
    ])
    const client = world.client({ hostName: 'printer', request: [56] })
    const lease = await world.drive(client.bound())
    const at = (world.said[1] as Said).at
    expect(lease).toMatchObject({
      addresses: [{ address: ADDRESS, preferredUntil: at + 1_000_000, validUntil: at + 2_000_000 }],
      nameServers: ['2001:db8::53', 'fe80::1%eth0'],
      search: ['lab.example', 'example'],
      renewAt: at + 400_000,
      rebindAt: at + 700_000,
      expiresAt: at + 2_000_000,
    })
    expect(lease.options.get(56)).toEqual(Uint8Array.of(1))
    expect([client.state, world.addresses, world.types]).toEqual(['BOUND', [`${ADDRESS}/128`], [S, DHCP6_REQUEST]])
    expect(at - (world.said[0] as Said).at).toBeGreaterThanOrEqual(1000)
    const codes = world.said.map(({ message }) => message.options.map(({ code }) => code))
    expect(codes).toEqual([
      [1, 3, 6, 39, 14, 8],
      [1, 2, 3, 6, 39, 8],
    ])
  })

  test('nothing is sent before the host has a link-local address, and then soon (RFC 8415 section 17.1)', async () => {
    const world = new Dhcp6World(true)
    world.serve(honest)
    const client = world.client()
    await world.drive(world.link.settled())
    const settledAt = world.clock.now()
    expect([settledAt > 1900, world.said, client.counters.sent]).toEqual([true, [], 0])
    await world.pass(250)
    expect(world.types).toEqual([S])
  })

  test('at our own server, and back again: it knows the name, and what is released', async () => {
    const world = new Dhcp6World()
    const server = world.server()
    const client = world.client({ hostName: 'printer' })
    await world.drive(client.bound())
    expect(server.leases).toMatchObject([{ address: '2001:db8:1::100', iaid: IAID, hostName: 'printer' }])
    await world.drive(client.release())
    expect([server.leases, world.addresses, client.state]).toEqual([[], [], 'CLOSED'])
  })

  test('the best of several offers; the highest at once (section 18.2.1)', async () => {
    const preferring = (preference: number, address: string): Behaviour => {
      const identifier = Uint8Array.of(0, 3, 0, 1, preference)
      return (said) => {
        const options: Option[] = [
          [OPTION.DHCP6_PREFERENCE, Uint8Array.of(preference)],
          [OPTION.DHCP6_SERVERID, identifier],
        ]
        return [answer(said, [...options, ia([[address, 1000, 2000]])], [])].map((reply) =>
          other(reply, { options: reply.options.filter(({ code, value }) => code !== 2 || value === identifier) }),
        )
      }
    }
    const world = new Dhcp6World()
    world.serve(preferring(3, '2001:db8:1::3'), '2001:db8:1::2/64')
    world.serve(preferring(200, '2001:db8:1::c8'), '2001:db8:1::3/64')
    world.serve(preferring(7, '2001:db8:1::7'), '2001:db8:1::4/64')
    expect((await world.drive(world.client().bound())).addresses[0]?.address).toBe('2001:db8:1::c8')
    const sure = new Dhcp6World()
    sure.serve(preferring(255, '2001:db8:1::ff'))
    const client = sure.client({ conflictDetection: false })
    await sure.drive(client.bound())
    expect(sure.clock.now()).toBe(1000)
  })

  test('questions are asked again as section 15 has it: doubled, with a most, and elapsed time', async () => {
    const world = new Dhcp6World()
    world.serve(silent)
    world.client()
    await world.pass(40_000)
    const all = waits(world.said)
    expect(all).toHaveLength(5)
    expect(all[0]).toBeGreaterThanOrEqual(1)
    const growth = all.slice(1).map((wait, i) => wait / (all[i] as number))
    expect(growth.every((factor) => factor >= 1.89 && factor <= 2.11)).toBe(true)
    expect(new Set(growth).size).toBe(4)
    const elapsed = OPTION.dhcp6Value((world.said[2] as Said).message.options, OPTION.DHCP6_ELAPSED_TIME)
    expect(elapsed).toEqual(uint16Octets(Math.floor(((world.said[2] as Said).at - (world.said[0] as Said).at) / 10)))
    expect(new Set(world.said.map(({ message }) => message.xid)).size).toBe(1)
  })

  test('a server may say how long is waited at the most, within reason (section 21.24)', async () => {
    const last = async (seconds: number) => {
      const world = new Dhcp6World()
      world.serve((said) => [answer(said, [ia([], { status: 2 }), [OPTION.DHCP6_SOL_MAX_RT, uint32Octets(seconds)]])])
      world.client()
      await world.pass(1_000_000)
      return waits(world.said).at(-1)
    }
    expect(await last(100)).toBeLessThan(111)
    expect(await last(5)).toBeGreaterThan(200)
  })

  test('it is another’s: it is declined, and another is got (section 18.2.8)', async () => {
    const world = new Dhcp6World(true)
    world.host({ address: `${ADDRESS}/64`, duplicateAddressDetection: false })
    const asked = new Set<number>()
    world.serve((said) => {
      asked.add(said.message.type)
      return [answer(said, asked.has(DHCP6_DECLINE) ? [ia([['2001:db8:1::51', 1000, 2000]])] : [])]
    })
    const lease = await world.drive(world.client().bound())
    expect(lease.addresses[0]?.address).toBe('2001:db8:1::51')
    expect(world.types).toEqual([S, DHCP6_REQUEST, DHCP6_DECLINE, S, DHCP6_REQUEST])
    const value = OPTION.dhcp6Value(
      (world.said[2] as Said).message.options,
      OPTION.DHCP6_IA_NA,
    ) as Uint8Array<ArrayBuffer>
    expect(associationOf(value)?.addresses.map(({ address }) => `${address}`)).toEqual([ADDRESS])
    expect(world.addresses).toEqual(['2001:db8:1::51/128'])
  })
})

describe('for how long', () => {
  test('it is renewed at T1; another server is asked at T2; deprecated, and over (sections 18.2.4, 18.2.5)', async () => {
    const moody = new Moody()
    const world = new Dhcp6World()
    world.serve(moody.asked)
    const lost: string[] = []
    const client = world.client({ onLost: (_, why) => lost.push(why) })
    const { renewAt, rebindAt, addresses } = await world.drive(client.bound())
    await world.pass(renewAt - world.clock.now() + 1)
    expect(world.types).toEqual([S, DHCP6_REQUEST, DHCP6_RENEW])
    moody.behaviour = silent
    const second = client.lease?.renewAt ?? 0
    expect(second).toBeGreaterThan(rebindAt - 400_000)
    await world.pass(second - world.clock.now() + 1)
    expect(client.state).toBe('RENEWING')
    await world.pass((client.lease?.rebindAt ?? 0) - world.clock.now() + 1)
    expect([client.state, world.types.at(-1)]).toEqual(['REBINDING', DHCP6_REBIND])
    await world.pass((client.lease?.addresses[0]?.preferredUntil ?? 0) - world.clock.now() + 1)
    expect(world.addresses).toEqual([`${addresses[0]?.address}/128 deprecated`])
    await world.pass((client.lease?.expiresAt ?? 0) - world.clock.now() + 1)
    expect([world.addresses, lost, client.state]).toEqual([[], ['expired'], 'SOLICITING'])
  })

  test('a server that knows nothing of it is asked for it anew (section 18.2.10.1); one that takes it away is believed', async () => {
    const moody = new Moody()
    const world = new Dhcp6World()
    world.serve(moody.asked)
    const client = world.client()
    const { renewAt } = await world.drive(client.bound())
    moody.behaviour = (said) => [answer(said, said.message.type === DHCP6_RENEW ? [ia([], { status: 3 })] : [])]
    await world.pass(renewAt - world.clock.now() + 1)
    expect(world.types).toEqual([S, DHCP6_REQUEST, DHCP6_RENEW, DHCP6_REQUEST])
    expect(client.state).toBe('BOUND')
    moody.behaviour = (said) => [answer(said, [ia([[ADDRESS, 0, 0]])])]
    await world.pass((client.lease?.renewAt ?? 0) - world.clock.now() + 1)
    expect([client.state, world.addresses]).toEqual(['SOLICITING', []])
  })

  test('on another link it is asked whether it belongs there (section 18.2.3)', async () => {
    const moody = new Moody()
    const world = new Dhcp6World()
    world.serve(moody.asked)
    const client = world.client()
    await world.drive(client.bound())
    expect(await world.drive(client.confirm())).toBe(true)
    expect([client.state, world.types.at(-1)]).toEqual(['BOUND', DHCP6_CONFIRM])
    moody.behaviour = silent
    expect(await world.drive(client.confirm())).toBe(true)
    moody.behaviour = (said) => [answer(said, [status(4)])]
    expect(await world.drive(client.confirm())).toBe(false)
    expect(world.addresses).toEqual([])
  })

  test('released it is told four times at the most, and gone at once (section 18.2.7)', async () => {
    const moody = new Moody()
    const world = new Dhcp6World()
    world.serve(moody.asked)
    const client = world.client()
    await world.drive(client.bound())
    moody.behaviour = silent
    const released = client.release()
    expect(world.addresses).toEqual([])
    await world.drive(released)
    expect(world.types.filter((type) => type === DHCP6_RELEASE)).toHaveLength(4)
    expect(((await failure(world.clock, client.bound())) as Error).message).toBe('the DHCPv6 client is closed')
  })
})

describe('what there is to be known besides', () => {
  test('is asked for again when its time is over (sections 18.2.6 and 21.23), which is ten minutes at the least', async () => {
    const world = new Dhcp6World()
    world.serve((said) => [
      answer(said, [
        [OPTION.DHCP6_DNS_SERVERS, ipv6AddressOctets(ip('2001:db8::53'))],
        [OPTION.DHCP6_INFORMATION_REFRESH_TIME, uint32Octets(1)],
      ]),
    ])
    const client = world.client({ mode: 'information' })
    const lease = await world.drive(client.bound())
    expect([client.state, lease.addresses, lease.nameServers]).toEqual(['INFORMED', [], ['2001:db8::53']])
    await world.pass(599_000)
    expect(world.types).toEqual([DHCP6_INFORMATION_REQUEST])
    await world.pass(2000)
    expect(world.types).toHaveLength(2)
    await world.drive(client.release())
    expect(world.types).toHaveLength(2)
  })
})

describe('who means harm', () => {
  const wrong: readonly (readonly [string, (said: Said) => Dhcp6Message | Uint8Array<ArrayBuffer>])[] = [
    ['with another number', (said) => other(answer(said), { xid: said.message.xid ^ 1 })],
    [
      'to another client',
      (said) => answer(said, [[1, Uint8Array.of(0, 3, 0, 1, 9)]].map(([c, v]) => [c, v]) as Option[], []),
    ],
    ['to nobody', (said) => answer(said, [], [1])],
    ['of nobody', (said) => answer(said, [], [2])],
    ['that is no answer', (said) => other(answer(said), { type: DHCP6_REQUEST })],
    ['of another association', (said) => answer(said, [ia([[ADDRESS, 1000, 2000]], { iaid: 1 })])],
    ['renewed after it is rebound', (said) => answer(said, [ia([[ADDRESS, 1000, 2000]], { t1: 9, t2: 8 })])],
    ['preferred for longer than valid', (said) => answer(said, [ia([[ADDRESS, 2000, 1000]])])],
    ['of no time', (said) => answer(said, [ia([[ADDRESS, 0, 0]])])],
    ['with a group', (said) => answer(said, [ia([['ff02::5', 1000, 2000]])])],
    ['with an address of the link', (said) => answer(said, [ia([['fe80::5', 1000, 2000]])])],
    ['with ::1', (said) => answer(said, [ia([['::1', 1000, 2000]])])],
    ['with a mapped address', (said) => answer(said, [ia([['::ffff:10.0.0.5', 1000, 2000]])])],
    ['that has failed', (said) => answer(said, [status(1)])],
    ['cut off', (said) => writeDhcp6(answer(said)).slice(0, -5)],
    ['too long', (said) => writeDhcp6(answer(said, [[99, new Uint8Array(5000)]]))],
  ]

  test.each(wrong)('an offer %s is none: it goes on asking', async (name, offer) => {
    const world = new Dhcp6World()
    world.serve((said) => {
      const reply = offer(said)
      if (name !== 'to another client' || reply instanceof Uint8Array) return [reply]
      return [other(reply, { options: reply.options.filter(({ code, value }) => code !== 1 || value.length === 5) })]
    })
    const client = world.client()
    const bound = client.bound()
    await world.pass(30_000)
    expect(await stateOf(bound)).toBe('pending')
    expect(new Set(world.types)).toEqual(new Set([S]))
    expect(client.counters.answers).toBe(0)
    expect(client.counters.others).toBeGreaterThanOrEqual(5)
    bound.catch(() => {})
    await world.drive(client.close())
  })

  test('a Reply nobody asked for by Rapid Commit is none; nor is one of a server that was not chosen', async () => {
    const world = new Dhcp6World()
    world.serve((said) => {
      if (said.message.type === S) return [other(answer(said), { type: DHCP6_REPLY })]
      return []
    })
    const bound = world.client().bound()
    await world.pass(10_000)
    expect(await stateOf(bound)).toBe('pending')
    const second = new Dhcp6World()
    second.serve((said) => {
      const reply = answer(said, [ia([['2001:db8:1::66', 1000, 2000]])])
      if (said.message.type === S) return [answer(said)]
      const options = reply.options.map((one) => (one.code === 2 ? { code: 2, value: Uint8Array.of(0, 3, 9) } : one))
      return [other(reply, { options }), other(answer(said), { type: DHCP6_ADVERTISE })].slice(0, 1)
    })
    const pending = second.client().bound()
    await second.pass(10_000)
    expect(await stateOf(pending)).toBe('pending')
    expect(second.types.filter((type) => type === DHCP6_REQUEST).length).toBeGreaterThan(2)
  })

  test('a server that offers and then refuses is not asked without end', async () => {
    const world = new Dhcp6World()
    world.serve((said) => [answer(said, said.message.type === S ? [] : [ia([], { status: 2 })])])
    world.client()
    await world.pass(100_000)
    expect(world.types.length).toBeLessThan(22)
  })

  test('one whose leases are over at once does not have us flood the link (section 14.1)', async () => {
    const world = new Dhcp6World()
    world.serve((said) => [answer(said, [ia([[ADDRESS, 0, 1]]), [OPTION.DHCP6_RAPID_COMMIT, new Uint8Array(0)]])])
    const client = world.client({ conflictDetection: false, compareOffers: false })
    await world.pass(100_000)
    expect(client.counters.limited).toBeGreaterThan(0)
    expect(world.types.length).toBeLessThan(130)
  })

  test('of thousands of addresses four are taken, of name servers sixteen', async () => {
    const world = new Dhcp6World()
    const many = Array.from({ length: 60 }, (_, i) => [`2001:db8:1::${(i + 1).toString(16)}`, 1000, 2000] as const)
    const servers = Array.from({ length: 60 }, (_, i) => ip(`2001:db8::${i + 1}`))
    world.serve((said) => [answer(said, [ia(many), [OPTION.DHCP6_DNS_SERVERS, ipv6AddressOctets(...servers)]])])
    const lease = await world.drive(world.client().bound())
    expect([lease.addresses.length, lease.nameServers.length, world.addresses.length]).toEqual([4, 16, 4])
  })
})

test.each([
  [{ mode: 'both' }, "options.mode must be 'addresses' or 'information', got \"both\""],
  [{ previous: '10.0.0.1' }, 'options.previous must be an IPv6 address, got "10.0.0.1"'],
  [{ identifier: new Uint8Array(2) }, 'options.identifier must be a Uint8Array of 3 to 130 octets'],
  [{ iaid: -1 }, 'options.iaid must be an integer from 0 to 4294967295, got -1'],
  [{ hostName: 'a b' }, 'options.hostName must be a name of a host, got "a b"'],
  [{ request: [0] }, 'options.request must have numbers from 1 to 65535, got 0'],
  [{ colour: 1 }, "options has no 'colour'"],
])('%j is refused, and the option named', (options, message) => {
  expect(() => new Dhcp6World().client(options as never)).toThrow(message)
})
