// Read first: RFC 6528 (initial sequence numbers), RFC 6056 (ports), RFC 7739 (fragment identifiers), RFC 5452 (DNS). What the family
// called NUMBER:JACK was about: numbers that a stranger can tell from those he has seen.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { PortTable } from '../../src/stack/endpoint/port-table.ts'
import { Ipv4Identification } from '../../src/stack/ip4/ipv4-identification.ts'
import { Ipv6Identification } from '../../src/stack/ip6/ipv6-identification.ts'
import { SequenceGenerator } from '../../src/tcp/isn.ts'

const OURS = IpAddress.v4(0xc0000201 | 0)
const OURS_V6 = new IpAddress(0x20010db8, 0, 0, 1)
const COUNT = 4000

function peer(i: number): IpAddress {
  return IpAddress.v4((0xc6336400 + i) | 0)
}

/** How many of the differences between one number and the next are the commonest. */
function commonest(numbers: readonly number[], bits: number): number {
  const counts = new Map<number, number>()
  for (let i = 1; i < numbers.length; i++) {
    const difference = ((numbers[i] as number) - (numbers[i - 1] as number)) & (bits === 32 ? -1 : 2 ** bits - 1)
    counts.set(difference, (counts.get(difference) ?? 0) + 1)
  }
  return Math.max(...counts.values())
}

test('initial sequence numbers of different ends do not tell of each other, nor does another stack (RFC 6528 3)', () => {
  const one = new SequenceGenerator(new SeededRandom(1))
  const numbers = Array.from({ length: COUNT }, (_, i) => one.initial(OURS, 80, peer(i), 4000, 1000))
  expect(commonest(numbers, 32)).toBeLessThan(3)
  const ports = Array.from({ length: COUNT }, (_, i) => one.initial(OURS, 80, peer(1), 1024 + i, 1000))
  expect(commonest(ports, 32)).toBeLessThan(3)
  const other = new SequenceGenerator(new SeededRandom(2))
  expect(other.initial(OURS, 80, peer(1), 4000, 1000)).not.toBe(one.initial(OURS, 80, peer(1), 4000, 1000))
})

test('of the same ends they go up by 250 in a millisecond: an old segment is no new one (RFC 6528 3)', () => {
  const isn = new SequenceGenerator(new SeededRandom(1))
  const first = isn.initial(OURS, 80, peer(1), 4000, 1000)
  expect((isn.initial(OURS, 80, peer(1), 4000, 1010) - first) | 0).toBe(2500)
  // Where 32 bits wrap.
  const late = isn.initial(OURS, 80, peer(1), 4000, 2 ** 32 / 250 + 1000)
  expect(Math.abs((late - first) | 0)).toBeLessThan(251)
})

test('timestamps of different ends begin elsewhere (RFC 7323 5.4)', () => {
  const isn = new SequenceGenerator(new SeededRandom(1))
  const offsets = Array.from({ length: COUNT }, (_, i) => isn.timestampOffset(OURS, 80, peer(i), 4000))
  expect(commonest(offsets, 32)).toBeLessThan(3)
  isn.initial(OURS, 80, peer(1), 4000, 1000)
  expect(isn.offsetOfLast).toBe(isn.timestampOffset(OURS, 80, peer(1), 4000))
})

test('ephemeral ports to one place do not tell of those to another (RFC 6056 3.3.4)', () => {
  const table = new PortTable(new SeededRandom(3), true, true)
  const binding = () => ({ address: OURS, port: 0, v6Only: false, reuseAddress: false, reusePort: false }) as never
  const ports = Array.from({ length: 500 }, (_, i) => table.ephemeral(binding(), peer(i), 80, () => true))
  expect(new Set(ports).size).toBeGreaterThan(450)
  expect(commonest(ports, 16)).toBeLessThan(5)
})

test('ports of sockets that are bound to none follow no order (RFC 6056 3.3.1)', () => {
  const table = new PortTable(new SeededRandom(3), false, true)
  const ports = Array.from({ length: 500 }, () => {
    const binding = {
      address: OURS,
      port: 0,
      v6only: false,
      reuseAddress: false,
      reusePort: false,
      networkInterface: null,
    }
    expect(table.bind(binding as never)).toBe(0)
    return binding.port
  })
  expect(commonest(ports, 16)).toBeLessThan(5)
})

test('who counts his own fragment identifiers does not see whether others get some (RFC 7739 5.1; idle scan)', () => {
  const seen = (others: number, atomic: boolean) => {
    const ids = new Ipv4Identification(new SeededRandom(4))
    const next = (to: IpAddress) => (atomic ? ids.atomic(OURS, to, 1) : ids.next(OURS, to, 17))
    return Array.from({ length: 50 }, () => {
      for (let i = 0; i < others; i++) next(peer(2 + i))
      return next(peer(1))
    })
  }
  for (const atomic of [false, true]) expect(seen(5, atomic)).toEqual(seen(0, atomic))
  const seen6 = (others: number) => {
    const ids = new Ipv6Identification(new SeededRandom(4))
    const next = (host: number) => ids.next(OURS_V6, new IpAddress(0x20010db8, 0, 0, host))
    return Array.from({ length: 50 }, () => {
      for (let i = 0; i < others; i++) next(100 + i)
      return next(99)
    })
  }
  expect(seen6(5)).toEqual(seen6(0))
})

test('fragment identifiers to one place do not tell of those to another (RFC 7739 5.1)', () => {
  const v4 = new Ipv4Identification(new SeededRandom(4))
  // A stranger has his own told, and what others get follows neither it nor any count of them.
  const seen: number[] = []
  const others: number[] = []
  for (let i = 0; i < 1000; i++) {
    seen.push(v4.next(OURS, peer(1), 17))
    others.push(v4.next(OURS, peer(2 + (i % 500)), 17))
  }
  expect(commonest(others, 16)).toBeLessThan(60)
  expect(commonest(seen, 16)).toBeLessThan(600)
  const v6 = new Ipv6Identification(new SeededRandom(4))
  const from = IpAddress.parse('2001:db8::1') as IpAddress
  const numbers = Array.from({ length: COUNT }, (_, i) => v6.next(from, new IpAddress(0x20010db8, 0, 0, 2 + i)))
  expect(commonest(numbers, 32)).toBeLessThan(3)
})

test('nothing in the library takes Math.random: what chance decides can be a secret', () => {
  const root = fileURLToPath(new URL('../../src', import.meta.url))
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const found = files.filter((name) => {
    const code = readFileSync(join(root, name), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    return /Math\s*\.\s*random\s*\(/.test(code)
  })
  expect(files.length).toBeGreaterThan(200)
  expect(found).toEqual([])
})
