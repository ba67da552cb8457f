// Who chooses addresses and ports does not choose where they lie in our tables. Read first: Crosby and Wallach, "Denial of service via
// algorithmic complexity attacks" (2003).

import { expect, test } from 'vitest'
import { AddressHash } from '../../src/base/address-hash.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { ConnectionTable } from '../../src/stack/transport/connection-table.ts'

/** How many of these fall into the fullest of 4096 buckets. */
function fullest(hashes: readonly number[]): number {
  const buckets = new Int32Array(4096)
  for (const hash of hashes) buckets[hash & 4095] = (buckets[hash & 4095] as number) + 1
  return Math.max(...buckets)
}

const PREFIX = [0x20010db8, 0x00010002] as const

// What stays within the highest bits of a word goes through a multiplication by an odd number as such.
test.each([
  ['the highest bits of the last two words', (i: number) => [(i & 63) << 26, (i >>> 6) << 26, 4000]],
  ['the highest bits of the last word and of the port', (i: number) => [0, (i & 63) << 26, (i >>> 6) << 10]],
  ['the lowest bits of the last two words', (i: number) => [i & 63, i >>> 6, 4000]],
  ['one port after the other', (i: number) => [0, 1, 1024 + i]],
] as const)('4096 connections of one IPv6 network that differ in %s lie apart, whatever the key', (_what, make) => {
  for (let key = 1; key < 20; key++) {
    const table = new ConnectionTable(Math.imul(key, 0x3779b1))
    const hashes = Array.from({ length: 4096 }, (_, i) => {
      const [c, d, port] = make(i) as [number, number, number]
      return table.hash(80, new IpAddress(...PREFIX, c, d), port)
    })
    // By chance seven or eight.
    expect(fullest(hashes)).toBeLessThan(24)
  }
})

test.each([
  ['the highest bits', (i: number) => IpAddress.v4(i << 20)],
  ['the lowest bits', (i: number) => IpAddress.v4(0x0a000000 + i)],
  ['the halves of a word', (i: number) => new IpAddress(...PREFIX, (i & 63) << 26, (i >>> 6) << 26)],
] as const)('4096 addresses that differ in %s lie apart, whatever the key', (_what, make) => {
  for (let key = 1; key < 20; key++) {
    const hash = new AddressHash(Math.imul(key, 0x3779b1))
    expect(fullest(Array.from({ length: 4096 }, (_, i) => hash.of(make(i))))).toBeLessThan(24)
  }
})

test('what falls together under one key does not under another', () => {
  const addresses = Array.from({ length: 20_000 }, (_, i) => new IpAddress(...PREFIX, 0, i))
  const one = new AddressHash(1)
  const together = addresses.filter((address) => (one.of(address) & 255) === 0)
  expect(together.length).toBeGreaterThan(40)
  const other = new AddressHash(2)
  expect(together.filter((address) => (other.of(address) & 255) === 0).length).toBeLessThan(5)
})
