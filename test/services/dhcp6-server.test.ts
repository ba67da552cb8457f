import { describe, expect, test } from 'vitest'
import { uint32Octets } from '../../src/wire/dhcp-values.ts'
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
import { ipv6AddressesOf, requestedOctets, STATUS_NOT_ON_LINK, statusOf } from '../../src/wire/dhcp6-values.ts'
import { CLIENT_DUID, Dhcp6Asker, ia, ip, type Option, SERVER_DUID, told } from './dhcp6-world.ts'

const US: Option = [OPTION.DHCP6_SERVERID, SERVER_DUID]
const OTHER: Option = [OPTION.DHCP6_SERVERID, Uint8Array.of(0, 3, 0, 1, 9, 9)]
const RAPID: Option = [OPTION.DHCP6_RAPID_COMMIT, new Uint8Array(0)]
const FIRST = '2001:db8:1::100 2700 3600'

function duid(last: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, last >>> 8, last & 255)
}

describe('addresses (RFC 8415 section 18.3)', () => {
  test('Solicit, Advertise; Request, Reply: times, and what is asked for besides', async () => {
    const asker = new Dhcp6Asker({ nameServers: ['2001:db8::53'], search: ['lab.example'], preference: 7 })
    const wants: Option = [OPTION.DHCP6_ORO, requestedOctets([OPTION.DHCP6_DNS_SERVERS])]
    const offer = await asker.ask(DHCP6_SOLICIT, [ia([]), wants])
    expect(offer?.type).toBe(DHCP6_ADVERTISE)
    expect(told(offer)).toEqual([FIRST])
    expect(offer?.options.map(({ code }) => code)).toEqual([1, 2, 3, 23, 7])
    expect(asker.server.leases).toEqual([])
    const reply = await asker.ask(DHCP6_REQUEST, [US, ia([['2001:db8:1::100', 0, 0]]), wants])
    expect([reply?.type, told(reply)]).toEqual([DHCP6_REPLY, [FIRST]])
    const servers = OPTION.dhcp6Value(reply?.options ?? [], OPTION.DHCP6_DNS_SERVERS) as Uint8Array
    expect(ipv6AddressesOf(servers)?.map(String)).toEqual(['2001:db8::53'])
    expect(asker.server.leases).toMatchObject([{ address: '2001:db8:1::100', client: '00:03:00:01:02:00:00:00:00:09' }])
  })

  test('with Rapid Commit at once, unless that is not wanted (section 18.3.1)', async () => {
    const asker = new Dhcp6Asker()
    const reply = await asker.ask(DHCP6_SOLICIT, [ia([]), RAPID])
    expect([reply?.type, told(reply)]).toEqual([DHCP6_REPLY, [FIRST]])
    expect(asker.server.leases).toHaveLength(1)
    expect((await new Dhcp6Asker({ rapidCommit: false }).ask(DHCP6_SOLICIT, [ia([]), RAPID]))?.type).toBe(2)
  })

  test('a wish is heard, a reservation goes before it, and nobody else gets that', async () => {
    const reservations = [{ client: '02:00:00:00:00:09', address: '2001:db8:1::105' }]
    const asker = new Dhcp6Asker({ reservations })
    expect(told(await asker.ask(DHCP6_SOLICIT, [ia([['2001:db8:1::104', 0, 0]])]))).toEqual([
      '2001:db8:1::105 2700 3600',
    ])
    const wish = ia([['2001:db8:1::104', 0, 0]])
    expect(told(await asker.ask(DHCP6_SOLICIT, [wish], duid(1)))).toEqual(['2001:db8:1::104 2700 3600'])
    const kept = ia([['2001:db8:1::105', 0, 0]])
    expect(told(await asker.ask(DHCP6_SOLICIT, [kept], duid(2)))).toEqual([FIRST])
  })

  test('Renew and Rebind extend; of nobody known what is free is given, what another has is not (section 18.3.4)', async () => {
    const asker = new Dhcp6Asker()
    await asker.ask(DHCP6_SOLICIT, [ia([]), RAPID])
    await asker.world.pass(1_000_000)
    const mine = ia([['2001:db8:1::100', 0, 0]])
    expect(told(await asker.ask(DHCP6_RENEW, [US, mine]))).toEqual([FIRST])
    expect(asker.server.leases[0]?.until).toBeGreaterThan(4_500_000)
    expect(told(await asker.ask(DHCP6_REBIND, [mine]))).toEqual([FIRST])
    expect(told(await asker.ask(DHCP6_REBIND, [mine], duid(1)))).toEqual(['status 3'])
    const free = ia([['2001:db8:1::103', 0, 0]])
    expect(told(await asker.ask(DHCP6_REBIND, [free], duid(1)))).toEqual(['2001:db8:1::103 2700 3600'])
    const beside = new Dhcp6Asker({ authoritative: false })
    expect(told(await beside.ask(DHCP6_REBIND, [free]))).toEqual(['status 3'])
  })

  test('what is not of the link is over at once (section 18.3.4), and is not given (18.3.2)', async () => {
    const asker = new Dhcp6Asker()
    const foreign = ia([['2001:db8:2::1', 0, 0]])
    expect(told(await asker.ask(DHCP6_RENEW, [US, foreign]))).toEqual(['2001:db8:2::1 0 0'])
    expect(told(await asker.ask(DHCP6_REQUEST, [US, foreign]))).toEqual([`status ${STATUS_NOT_ON_LINK}`])
  })

  test('Confirm: whether all are of the link; who names none gets no answer (section 18.3.3)', async () => {
    const asker = new Dhcp6Asker()
    const status = async (...addresses: string[]) => {
      const reply = await asker.ask(DHCP6_CONFIRM, [ia(addresses.map((one) => [one, 0, 0]))])
      return reply === null ? null : statusOf(reply.options)
    }
    expect(await status('2001:db8:1::77')).toBe(0)
    expect(await status('2001:db8:1::77', '2001:db8:2::77')).toBe(STATUS_NOT_ON_LINK)
    expect(await status()).toBeNull()
  })

  test('Release and Decline of what is the client’s; of what is not they change nothing (sections 18.3.7 and 18.3.8)', async () => {
    const asker = new Dhcp6Asker()
    await asker.ask(DHCP6_SOLICIT, [ia([]), RAPID])
    const mine = ia([['2001:db8:1::100', 0, 0]])
    for (const type of [DHCP6_RELEASE, DHCP6_DECLINE]) {
      const reply = await asker.ask(type, [US, mine], duid(1))
      expect([statusOf(reply?.options ?? []), told(reply)]).toEqual([0, ['status 3']])
      expect(asker.server.leases).toHaveLength(1)
    }
    await asker.ask(DHCP6_RELEASE, [US, mine])
    expect(asker.server.leases).toEqual([])
    expect(told(await asker.ask(DHCP6_SOLICIT, [ia([]), RAPID]))).toEqual([FIRST])
    await asker.ask(DHCP6_DECLINE, [US, mine])
    expect(told(await asker.ask(DHCP6_SOLICIT, [mine, RAPID]))).not.toEqual([FIRST])
  })

  test('of temporary addresses and prefixes there are none', async () => {
    const asker = new Dhcp6Asker()
    const options: Option[] = [
      [OPTION.DHCP6_IA_TA, uint32Octets(1)],
      [OPTION.DHCP6_IA_PD, new Uint8Array(12)],
    ]
    const reply = await asker.ask(DHCP6_SOLICIT, options)
    const inner = (reply?.options ?? [])
      .filter(({ code }) => code === 4 || code === 25)
      .map(({ code, value }) => statusOf(OPTION.readDhcp6Options(value, code === 4 ? 4 : 12, value.length) ?? []))
    expect(inner).toEqual([2, 6])
  })
})

describe('what there is to be known besides (section 18.3.6)', () => {
  test('a server without addresses answers Information-requests, with and without an identifier, and nothing else', async () => {
    const asker = new Dhcp6Asker({
      nameServers: ['2001:db8::53'],
      refreshTime: 900,
      address: undefined,
      pool: [],
    } as never)
    const reply = await asker.ask(DHCP6_INFORMATION_REQUEST)
    expect(reply?.options.map(({ code }) => code)).toEqual([1, 2, 23, 32])
    const anonymous = new Dhcp6Message()
    anonymous.type = DHCP6_INFORMATION_REQUEST
    await asker.send(writeDhcp6(anonymous))
    expect(asker.heard.at(-1)?.options.map(({ code }) => code)).toEqual([2, 23, 32])
    expect(await asker.ask(DHCP6_SOLICIT, [ia([])])).toBeNull()
    expect(await asker.ask(DHCP6_INFORMATION_REQUEST, [OTHER])).toBeNull()
    expect(asker.server.counters).toMatchObject({ informationRequests: 3, ignored: 2 })
  })
})

describe('who means harm, or another server', () => {
  test('messages that lack what they must have, or have what they must not, are counted (section 16)', async () => {
    const asker = new Dhcp6Asker()
    const mine = ia([['2001:db8:1::100', 0, 0]])
    for (const type of [DHCP6_SOLICIT, DHCP6_CONFIRM, DHCP6_REBIND])
      expect(await asker.ask(type, [US, mine])).toBeNull()
    for (const type of [DHCP6_REQUEST, DHCP6_RENEW, DHCP6_RELEASE, DHCP6_DECLINE]) {
      expect(await asker.ask(type, [mine])).toBeNull()
    }
    for (const type of [DHCP6_ADVERTISE, DHCP6_REPLY]) expect(await asker.ask(type, [US, mine])).toBeNull()
    expect(await asker.ask(DHCP6_SOLICIT, [mine], new Uint8Array(2))).toBeNull()
    expect(await asker.ask(DHCP6_SOLICIT, [mine], new Uint8Array(131))).toBeNull()
    expect(await asker.ask(DHCP6_INFORMATION_REQUEST, [mine])).toBeNull()
    await asker.send(Uint8Array.of(1, 2, 3))
    expect(asker.server.counters.malformed).toBe(13)
    for (const type of [DHCP6_REQUEST, DHCP6_RENEW, DHCP6_RELEASE, DHCP6_DECLINE]) {
      expect(await asker.ask(type, [OTHER, mine])).toBeNull()
    }
    expect(asker.server.counters).toMatchObject({ malformed: 13, ignored: 4 })
  })

  test('who is not on the link is not answered', async () => {
    const asker = new Dhcp6Asker()
    asker.world.stack.addAddress(asker.world.link, ip('2001:db8:1::77'), 64)
    const message = new Dhcp6Message()
    message.options = [
      { code: 1, value: CLIENT_DUID },
      { code: 3, value: ia([])[1] },
    ]
    await asker.send(writeDhcp6(message), '2001:db8:1::1')
    expect([asker.heard, asker.server.counters.ignored]).toEqual([[], 1])
  })

  test('clients that there are not take no more than the pool has, and their offers are soon others’', async () => {
    const asker = new Dhcp6Asker({ rate: 100_000 })
    for (let i = 0; i < 30; i++) await asker.ask(DHCP6_SOLICIT, [ia([])], duid(i))
    expect(asker.server.counters).toMatchObject({ advertises: 30, exhausted: 20 })
    await asker.world.pass(2000)
    expect(told(await asker.ask(DHCP6_SOLICIT, [ia([])], duid(99)))).toEqual([expect.stringMatching(/ 2700 3600$/)])
  })

  test('of one message four associations are looked at', async () => {
    const asker = new Dhcp6Asker()
    const many = Array.from({ length: 9 }, (_, iaid) => ia([], { iaid }))
    expect(told(await asker.ask(DHCP6_SOLICIT, [...many, RAPID]))).toHaveLength(4)
    expect(asker.server.leases).toHaveLength(4)
  })

  test('who declines all he gets does not empty the pool', async () => {
    const asker = new Dhcp6Asker()
    for (let i = 0; i < 20; i++) {
      const [text = ''] = told(await asker.ask(DHCP6_SOLICIT, [ia([]), RAPID]))
      await asker.ask(DHCP6_DECLINE, [US, ia([[text.split(' ')[0] as string, 0, 0]])])
    }
    expect(told(await asker.ask(DHCP6_SOLICIT, [ia([]), RAPID]))).toEqual([expect.stringMatching(/ 2700 3600$/)])
  })

  test('more than the rate is not looked at', async () => {
    const asker = new Dhcp6Asker({ rate: 2 })
    for (let i = 0; i < 5; i++) await asker.ask(DHCP6_SOLICIT, [ia([])])
    expect(asker.server.counters).toMatchObject({ solicits: 2, limited: 3 })
  })
})

test.each([
  [{ pool: '2001:db8:2::1' }, 'options.pool must lie within 2001:db8:1::/64, got "2001:db8:2::1"'],
  [{ pool: '2001:db8:1::-2001:db8:1::1:0' }, 'options.pool must have at most 65536 addresses'],
  [{ pool: '2001:db8:1::9-2001:db8:1::1' }, 'options.pool must begin with its lowest address'],
  [{ pool: '10.0.0.1' }, 'options.pool must be a range such as 2001:db8::100-2001:db8::1ff, got "10.0.0.1"'],
  [{ pool: 7 }, 'options.pool must be a range of addresses or an array of them, got 7'],
  [{ address: undefined }, 'options.address must be the own address'],
  [{ address: '10.0.0.1/24' }, 'options.address must be an IPv6 address with its prefix'],
  [{ identifier: '02' }, 'options.identifier must be a hardware address such as 02:00:00:00:00:01, got "02"'],
  [{ identifier: new Uint8Array(1) }, 'options.identifier must be an identifier of 3 to 130 octets, got 1'],
  [{ leaseTime: 0 }, 'options.leaseTime must be an integer from 1 to 4294967294, got 0'],
  [{ preferredTime: 4000 }, 'options.preferredTime must be at most the lease time 3600, got 4000'],
  [{ refreshTime: 1 }, 'options.refreshTime must be an integer from 600'],
  [{ options: { 3: new Uint8Array(1) } }, "numbers from 1 to 65535 that are not the server's to say, got 3"],
  [{ reservations: [{ client: 'x', address: '2001:db8:1::5' }] }, 'options.reservations[0].client must be a hardware'],
  [{ colour: 'red' }, "options has no 'colour'"],
])('%j is refused, and the option named', (options, message) => {
  expect(() => new Dhcp6Asker(options as never)).toThrow(message)
})
