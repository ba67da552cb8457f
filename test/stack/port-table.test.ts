import { describe, expect, test } from 'vitest'
import { EACCES, EADDRINUSE, EADDRNOTAVAIL } from '../../src/base/errno.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { type PortBinding, PortTable } from '../../src/stack/endpoint/port-table.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'

const ANY = IpAddress.v4(0)
const ONE = IpAddress.v4(0x0a000001)
const TWO = IpAddress.v4(0x0a000002)
// Compared only by identity.
const eth0 = {} as NetworkInterface
const eth1 = {} as NetworkInterface

function table(stream: boolean, seed = 1, privileged = true): PortTable {
  return new PortTable(new SeededRandom(seed), stream, privileged)
}

function binding(fields: Partial<PortBinding> = {}): PortBinding {
  return {
    address: ANY,
    port: 4000,
    v6only: false,
    reuseAddress: false,
    reusePort: false,
    portLow: 0,
    portHigh: 0,
    listening: false,
    networkInterface: null,
    ...fields,
  }
}

const SHARE = { reuseAddress: true }
const SPREAD = { reusePort: true }

const CASES: readonly (readonly [string, Partial<PortBinding>, Partial<PortBinding>, boolean, boolean])[] = [
  ['the wildcard twice', {}, {}, false, false],
  ['an address and the wildcard', { address: ONE }, {}, false, false],
  ['the wildcard and an address', {}, { address: ONE }, false, false],
  ['the same address', { address: ONE }, { address: ONE }, false, false],
  ['two addresses', { address: ONE }, { address: TWO }, true, true],
  ['two interfaces', { networkInterface: eth0 }, { networkInterface: eth1 }, true, true],
  ['the same interface', { networkInterface: eth0 }, { networkInterface: eth0 }, false, false],
  ['an interface and none', { networkInterface: eth0 }, {}, false, false],
  ['both with SO_REUSEADDR', SHARE, SHARE, true, true],
  ['only the first with SO_REUSEADDR', SHARE, {}, false, false],
  ['only the second with SO_REUSEADDR', {}, SHARE, false, false],
  ['both with SO_REUSEADDR, the first listening', { ...SHARE, listening: true }, SHARE, false, true],
  ['both with SO_REUSEPORT', SPREAD, SPREAD, true, true],
  ['both with SO_REUSEPORT, the first listening', { ...SPREAD, listening: true }, SPREAD, true, true],
  ['one with SO_REUSEPORT, one with SO_REUSEADDR', SPREAD, SHARE, false, false],
]

describe('sharing (socket(7))', () => {
  test.each(CASES)('ports: %s', (_what, first, second, stream, datagram) => {
    for (const [ports, allowed] of [
      [table(true), stream],
      [table(false), datagram],
    ] as const) {
      expect(ports.bind(binding(first))).toBe(0)
      expect(ports.bind(binding(second))).toBe(allowed ? 0 : -EADDRINUSE)
    }
  })

  test('ports: two that share by SO_REUSEADDR cannot both listen', () => {
    const ports = table(true)
    const [first, second] = [binding(SHARE), binding(SHARE)]
    ports.bind(first)
    ports.bind(second)
    expect(ports.listen(first)).toBe(0)
    expect(ports.listen(second)).toBe(-EADDRINUSE)
    ports.release(first)
    expect(ports.listen(second)).toBe(0)
  })

  test('ports: two that share by SO_REUSEPORT can', () => {
    const ports = table(true)
    const both = [binding(SPREAD), binding(SPREAD)]
    expect(both.map((one) => ports.bind(one))).toEqual([0, 0])
    expect(both.map((one) => ports.listen(one))).toEqual([0, 0])
  })
})

test('ports: what was released is free, and releasing what was not bound changes nothing', () => {
  const ports = table(true)
  const [first, other] = [binding(), binding()]
  ports.bind(first)
  ports.release(other)
  expect(ports.size).toBe(1)
  ports.release(first)
  ports.release(first)
  expect(ports.size).toBe(0)
  expect(ports.bind(other)).toBe(0)
})

test('ports: below 1024 not without privilege', () => {
  expect(table(true, 1, false).bind(binding({ port: 1023 }))).toBe(-EACCES)
  expect(table(true, 1, false).bind(binding({ port: 1024 }))).toBe(0)
  expect(table(true, 1, true).bind(binding({ port: 1 }))).toBe(0)
})

test('ports: 0 takes one that nobody has, from 32768 to 60999, until there is none', () => {
  const ports = table(false)
  const taken = new Set<number>()
  for (let i = 0; i < 28_232; i++) {
    const one = binding({ port: 0, reuseAddress: true })
    expect(ports.bind(one)).toBe(0)
    taken.add(one.port)
  }
  expect(taken.size).toBe(28_232)
  expect([Math.min(...taken), Math.max(...taken)]).toEqual([32_768, 60_999])
  // Then those that can be shared are, and then there is none.
  expect(ports.bind(binding({ port: 0, reuseAddress: true }))).toBe(0)
  expect(ports.bind(binding({ port: 0 }))).toBe(-EADDRINUSE)
})

describe('ephemeral ports (RFC 6056 section 3.3.4)', () => {
  const free = () => true

  test('ports: the same ends get one after the other, other ends others', () => {
    const ports = table(true)
    const first = ports.ephemeral(binding({ address: ONE }), TWO, 80, free)
    expect(ports.ephemeral(binding({ address: ONE }), TWO, 80, free)).toBe(first === 60_999 ? 32_768 : first + 1)
    const elsewhere = new Set<number>()
    for (let port = 1; port <= 50; port++) elsewhere.add(ports.ephemeral(binding({ address: ONE }), TWO, port, free))
    expect(elsewhere.size).toBeGreaterThan(45)
    const spread = Math.max(...elsewhere) - Math.min(...elsewhere)
    expect(spread).toBeGreaterThan(10_000)
  })

  test('ports: another stack gets others', () => {
    const seen = new Set<number>()
    for (let seed = 0; seed < 50; seed++)
      seen.add(table(true, seed).ephemeral(binding({ address: ONE }), TWO, 80, free))
    expect(seen.size).toBeGreaterThan(45)
  })

  test('ports: all are tried, each once; then EADDRNOTAVAIL', () => {
    const tried = new Set<number>()
    const result = table(true).ephemeral(binding({ address: ONE }), TWO, 80, (port) => {
      tried.add(port)
      return false
    })
    expect(result).toBe(-EADDRNOTAVAIL)
    expect(tried.size).toBe(28_232)
    expect(table(true).ephemeral(binding({ address: ONE }), TWO, 80, (port) => port === 40_000)).toBe(40_000)
  })
})
