import { expect, test } from 'vitest'
import type { IpAddress } from '../../src/base/ip-address.ts'
import { randomAddress } from '../../src/stack/nd/stable-identifiers.ts'
import type { AttachOptions, StackOptions } from '../../src/stack/stack.ts'
import {
  address,
  advertisement,
  HER,
  NdHost,
  nonceIs,
  OTHER,
  OURS,
  solicitation,
  sourceIs,
  targetIs,
} from './nd-host.ts'
import { ScriptDevice } from './script-device.ts'

const GROUP = 'ff02::1:ff00:1'
const ASKING = `NS ${OURS} nonce | :: > ${GROUP} | 33:33:ff:00:00:01`
const TELLING = `NA ${OURS} O target 01 | ${OURS} > ff02::1 | 33:33:00:00:00:01`

/** A host that asks for 2001:db8::1 (and, unless it is told otherwise, for its own link-local address). */
function asking(attach: AttachOptions = {}, options: Partial<StackOptions> = {}): NdHost {
  return new NdHost({ address: `${OURS}/64`, duplicateAddressDetection: true, ...attach }, options)
}

/** Runs until the question for 2001:db8::1 is out, and gives the frame. */
function question(host: NdHost): Uint8Array {
  for (let ms = 0; ms <= 1000; ms++) {
    const sent = host.device.take().find((bytes) => bytes[54] === 135 && bytes[77] === 1)
    if (sent !== undefined) return sent
    host.run(1)
  }
  throw new Error('nobody asked')
}

/** Whether it has settled, once it has. */
function settled(host: NdHost): { value: boolean | null } {
  const result: { value: boolean | null } = { value: null }
  host.link.settled().then((value) => {
    result.value = value
  })
  return result
}

test('an address is asked for once, within a second; after another second it is ours, and all are told (RFC 4862 5.4)', async () => {
  const host = asking()
  const result = settled(host)
  question(host)
  expect(host.addresses()).toContain(`${OURS} tentative`)
  host.run(999)
  await Promise.resolve()
  expect(host.addresses()).toContain(`${OURS} tentative`)
  expect(host.stack.isOwnAddress(address(OURS))).toBe(false)
  host.took()
  host.run(1)
  expect(host.addresses()).toContain(OURS)
  expect(host.stack.isOwnAddress(address(OURS))).toBe(true)
  expect(host.took().filter((words) => words.includes(OURS))).toEqual([TELLING])
  host.run(1000)
  await Promise.resolve()
  expect(result.value).toBe(true)
  expect(host.stack.counters.addressesRefused).toBe(0)
})

test('the question comes from nobody, to the group of the address, with a nonce (RFC 4862 5.4.2, RFC 7527 4.1)', () => {
  const host = asking()
  host.run(1000)
  expect(host.took()).toContain(ASKING)
})

test('hosts that come up together do not ask in step (RFC 4862 5.4.2)', () => {
  const asked = new Set<number>()
  for (let seed = 1; seed <= 8; seed++) {
    const host = new NdHost({ address: `${OURS}/64`, duplicateAddressDetection: true }, {}, seed)
    question(host)
    asked.add(host.clock.now())
  }
  expect(asked.size).toBeGreaterThan(4)
})

test('a tentative address is neither answered for nor used (RFC 4862 5.4)', () => {
  const host = asking()
  host.deliver(solicitation(OURS, sourceIs(HER)), { destination: GROUP })
  host.deliver(solicitation(OURS, sourceIs(HER)))
  expect(host.took()).toEqual([])
  expect(host.addresses()).toContain(`${OURS} tentative`)
  // No prefix, no source.
  expect(host.send()).toBeLessThan(0)
})

test.each([
  ['asks for it too, with a nonce', solicitation(OURS, nonceIs(1, 2)), '::', GROUP],
  ['asks for it too, without', solicitation(OURS), '::', GROUP],
  ['has it', advertisement(OURS, 'O', targetIs(OTHER)), OURS, 'ff02::1'],
])(
  'an address that another node %s is given up (RFC 4862 5.4.3, 5.4.4)',
  async (_what, message, source, destination) => {
    const host = asking()
    const result = settled(host)
    const refused: string[] = []
    host.ipv6.onRefused = (given: IpAddress) => refused.push(given.toString())
    question(host)
    host.took()
    host.deliver(message, { source, destination })
    expect(host.addresses().join()).not.toContain(OURS)
    expect(host.stack.counters.addressesRefused).toBe(1)
    expect(refused).toEqual([])
    host.run(5000)
    await Promise.resolve()
    expect(refused).toEqual([OURS])
    expect(result.value).toBe(false)
    expect(host.took().join()).not.toContain(OURS)
    expect(host.link.groups.isMember(address(GROUP))).toBe(false)
    // It has been told; from now on all is well.
    expect(await host.link.settled()).toBe(true)
  },
)

test('a node that resolves the address does not claim it (RFC 4862 5.4.3)', () => {
  const host = asking()
  host.deliver(solicitation(OURS, sourceIs(HER)), { destination: GROUP })
  host.run(3000)
  expect(host.addresses()).toContain(OURS)
})

test('a question for an address that is ours is answered to all (RFC 4861 7.2.4)', () => {
  const host = new NdHost()
  host.deliver(solicitation(OURS, nonceIs(1, 2)), { source: '::', destination: GROUP })
  expect(host.took()).toEqual([TELLING])
  expect(host.link.neighbours?.size).toBe(0)
})

test('our own question that a link gives back draws three more, a second apart, each with another nonce (RFC 7527 4.1)', () => {
  const host = asking()
  const nonces = new Set<string>()
  const first = question(host)
  nonces.add(first.slice(-6).join())
  host.device.deliver(first)
  expect(host.stack.counters.ndLoopedBack).toBe(1)
  expect(host.addresses()).toContain(`${OURS} tentative`)
  for (let i = 0; i < 3; i++) {
    host.run(999)
    host.device.take()
    host.run(1)
    const sent = host.device.take().filter((bytes) => bytes[54] === 135 && bytes[77] === 1)
    expect(sent).toHaveLength(1)
    nonces.add((sent[0] as Uint8Array).slice(-6).join())
  }
  expect(nonces.size).toBe(4)
  expect(host.addresses()).toContain(`${OURS} tentative`)
  host.run(1000)
  expect(host.addresses()).toContain(OURS)
  expect(host.stack.counters.addressesRefused).toBe(0)
})

test('a link that goes on giving questions back is asked until it does no longer (RFC 7527 4.1)', () => {
  const host = asking()
  host.device.deliver(question(host))
  for (let second = 0; second < 30; second++) {
    host.run(1000)
    for (const bytes of host.device.take()) if (bytes[54] === 135) host.device.deliver(bytes)
  }
  expect(host.addresses()).toContain(`${OURS} tentative`)
  host.run(5000)
  expect(host.addresses()).toContain(OURS)
})

test('a link may give one of the last four questions back (RFC 7527 4.2)', () => {
  const host = asking()
  const first = question(host)
  host.device.deliver(first)
  host.run(3000)
  host.device.deliver(first)
  expect(host.addresses()).toContain(`${OURS} tentative`)
  expect(host.stack.counters.ndLoopedBack).toBe(2)
})

test('the group of the address is joined before the question, and left with the address (RFC 4862 5.4.2)', () => {
  const host = asking()
  expect(host.link.groups.isMember(address(GROUP))).toBe(true)
  host.run(3000)
  const entry = host.link.addresses[0]
  if (entry === undefined) throw new Error('no address')
  host.stack.removeAddress(host.link, entry)
  expect(host.link.groups.isMember(address(GROUP))).toBe(false)
})

test('an address that is taken away while it is asked for is forgotten', async () => {
  const host = asking()
  const result = settled(host)
  const entry = host.link.addresses[0]
  if (entry === undefined) throw new Error('no address')
  host.stack.removeAddress(host.link, entry)
  host.run(5000)
  await Promise.resolve()
  expect(host.took().join()).not.toContain(OURS)
  expect(result.value).toBe(true)
})

test('without detection an address is ours at once, and all are told', async () => {
  const host = new NdHost({ address: [], ipv6: 'static' })
  host.stack.addAddress(host.link, address(OURS), 64)
  expect(host.took()).toEqual([TELLING])
  expect(host.stack.isOwnAddress(address(OURS))).toBe(true)
  expect(await host.link.settled()).toBe(true)
})

test('settled is false where the interface is closed', async () => {
  const host = asking()
  const result = host.link.settled()
  host.stack.removeInterface(host.link)
  expect(await result).toBe(false)
})

test('the link-local address is made of a secret, so that nobody learns the hardware from it (RFC 7217)', () => {
  const one = new NdHost({ address: [], ipv6: 'static' }, {}, 1)
  const two = new NdHost({ address: [], ipv6: 'static' }, {}, 2)
  expect(one.addresses()).toHaveLength(1)
  expect(one.addresses()[0]).toMatch(/^fe80::[0-9a-f:]+$/)
  expect(one.addresses()).not.toEqual(two.addresses())
  // No trace of 02:00:00:00:00:01 in it (RFC 4291 appendix A).
  expect(one.addresses()[0]).not.toContain('ff:fe')
})

test('it is the same when the interface comes back, and another for another interface (RFC 7217 5)', () => {
  const host = new NdHost({ address: [], ipv6: 'static' })
  const first = host.addresses()
  host.stack.removeInterface(host.link)
  const options = { ipv6: 'static', duplicateAddressDetection: false } as const
  const again = host.stack.attach(new ScriptDevice('ethernet'), { ...options, name: 'eth0' })
  const other = host.stack.attach(new ScriptDevice('ethernet'), { ...options, name: 'eth1' })
  expect(again.addresses.map((own) => own.address.toString())).toEqual(first)
  expect(other.addresses.map((own) => own.address.toString())).not.toEqual(first)
})

test.each([
  ["the routers'", [0, 0]],
  ["of IANA's hardware addresses", [0x02005eff, 0xfe000001 | 0]],
  ['of subnet anycast', [0xfdffffff | 0, 0xffffff80 | 0]],
])('an identifier that is reserved, %s, is not taken (RFC 5453)', (_what, reserved) => {
  const numbers = [...reserved, 1, 2]
  const random = { int32: () => numbers.shift() ?? 0 }
  expect(randomAddress(address('2001:db8:1::'), random).toString()).toBe('2001:db8:1::1:0:2')
})

test('it is given beside global ones, and not where one is given by hand', () => {
  expect(asking().addresses()[1]).toMatch(/^fe80::/)
  expect(new NdHost({ address: [`${OURS}/64`, 'fe80::1/64'] }).addresses()).toEqual([OURS, 'fe80::1'])
  expect(new NdHost({ address: 'fe80::1/64' }).addresses()).toEqual(['fe80::1'])
})

test('where it is taken another is tried, up to three times (RFC 7217 6)', async () => {
  const host = asking({ address: [], ipv6: 'static' })
  const result = settled(host)
  const tried = new Set<string>()
  for (let i = 0; i < 4; i++) {
    const own = host.link.addresses[0]?.address.toString() ?? ''
    tried.add(own)
    expect(host.addresses()).toEqual([`${own} tentative`])
    host.deliver(advertisement(own, 'O', targetIs(OTHER)), { source: own, destination: 'ff02::1' })
    await Promise.resolve()
    expect(result.value).toBe(i < 3 ? null : false)
  }
  expect(tried.size).toBe(4)
  expect(host.addresses()).toEqual([])
  host.run(10_000)
  expect(host.took()).toEqual([])
  expect(host.stack.counters.addressesRefused).toBe(4)
})

test('a medium without hardware addresses needs no detection', async () => {
  const host = new NdHost({ address: [] })
  const device = new ScriptDevice('ip')
  const link = host.stack.attach(device, { address: '2001:db8:1::1/64', name: 'tun0' })
  expect(await link.settled()).toBe(true)
  expect(host.stack.isOwnAddress(address('2001:db8:1::1'))).toBe(true)
  host.run(5000)
  expect(device.take().filter((bytes) => bytes[40] === 135)).toEqual([])
})
