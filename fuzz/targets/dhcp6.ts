// Read first: RFC 8415 sections 8 and 21. What a message holds is told by a fault, or read; what was read is written as it was.

import { readDhcp6, writeDhcp6 } from '../../src/wire/dhcp6.ts'
import { dhcp6Value, readDhcp6Options } from '../../src/wire/dhcp6-options.ts'
import {
  associationOctets,
  associationOf,
  domainListOf,
  ipv6AddressesOf,
  requestedOf,
  statusOf,
} from '../../src/wire/dhcp6-values.ts'
import type { Chance } from '../../test/tcp/chance.ts'
import { type Octets, octets } from '../frames/packet.ts'
import { damaged, octetsTarget } from '../octets.ts'
import type { Target } from '../target.ts'

const CODES: readonly number[] = [1, 2, 3, 3, 4, 5, 6, 7, 8, 13, 14, 23, 24, 25, 32, 39, 82, 83]
/** An association within an association within … */
const DEPTH_MAX = 4
/** What is read of so many octets at the most, as text: a list of names says each octet once. */
const GROWTH_MAX = 40

function option(message: Octets, depth: number, chance: Chance): void {
  const code = chance.oneIn(12) ? chance.below(200) : chance.pick(...CODES)
  const inner = octets()
  if (code === 3 && depth < DEPTH_MAX) {
    inner.fill(12)
    for (let i = chance.below(4); i > 0; i--) option(inner, depth + 1, chance)
  } else if (code === 5) inner.fill(24)
  else if (code === 24 || code === 39) {
    for (let labels = chance.below(9); labels > 0; labels--) {
      if (chance.oneIn(3)) inner.u8(chance.pick(0, 0, 0xc0, 0xff))
      else inner.u8(1, 0x61 + chance.below(26))
    }
  } else inner.fill(chance.pick(0, 1, 2, 4, 10, 16, 32, chance.below(60)))
  const bytes = inner.take()
  message.u16(code, chance.oneIn(30) ? chance.below(65_536) : bytes.length).raw(bytes)
}

function make(chance: Chance): Uint8Array {
  const message = octets()
    .u8(chance.oneIn(20) ? chance.below(256) : 1 + chance.below(11))
    .fill(3)
  for (let i = chance.oneIn(100) ? 300 : chance.below(12); i > 0; i--) option(message, 0, chance)
  const bytes = message.take()
  return chance.oneIn(3) ? damaged(bytes, chance) : bytes
}

function take(bytes: Uint8Array): void {
  const copy = bytes.slice()
  const read = readDhcp6(bytes, 0, bytes.length)
  if (!bytes.every((octet, i) => octet === copy[i])) throw new Error('reading changes the message')
  if (typeof read === 'string') return
  const again = writeDhcp6(read)
  if (again.length !== bytes.length || !again.every((octet, i) => octet === bytes[i])) {
    throw new Error('what was read is written as something else')
  }
  statusOf(read.options)
  for (const { code, value } of read.options) {
    if (dhcp6Value(read.options, code) === null) throw new Error(`there is no ${code}`)
    const ia = associationOf(value)
    const found = [domainListOf(value), ipv6AddressesOf(value), requestedOf(value), ia]
    const { length } = JSON.stringify(found)
    if (length > 200 + GROWTH_MAX * value.length) throw new Error(`${value.length} octets become ${length}`)
    if (ia === null) continue
    const written = associationOf(associationOctets(ia))
    if (JSON.stringify(written) !== JSON.stringify(ia)) throw new Error('an association is written as another')
    readDhcp6Options(value, 12, value.length)
  }
}

export const DHCP6: Target = octetsTarget('dhcp6', 4000, make, take)
