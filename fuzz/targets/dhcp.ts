// Read first: RFC 2131 section 2, RFC 3396. What a message holds is told by a fault, or read; what was read is written and read as the same.

import { type DhcpMessage, readDhcp, writeDhcp } from '../../src/wire/dhcp.ts'
import { addressesOf, domainOf, maskLengthOf, routesOf, searchListOf, textOf } from '../../src/wire/dhcp-values.ts'
import type { Chance } from '../../test/tcp/chance.ts'
import { type Octets, octets } from '../frames/packet.ts'
import { damaged, octetsTarget } from '../octets.ts'
import type { Target } from '../target.ts'

const CODES: readonly number[] = [1, 3, 6, 12, 15, 26, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 61, 82, 119, 121]
/** A search list of pointers may say the same long name again and again. */
const GROWTH_MAX = 260

function value(code: number, message: Octets, chance: Chance): void {
  if (code === 53) message.u8(chance.pick(1, 2, 3, 4, 5, 6, 7, 8, chance.below(256)))
  else if (code === 52) message.u8(chance.below(4))
  else if (code === 119) {
    for (let i = 1 + chance.below(4); i > 0; i--) {
      for (let labels = chance.below(4); labels > 0; labels--) message.u8(1, 0x61 + chance.below(26))
      if (chance.oneIn(2)) message.u16(0xc000 | chance.below(40))
      else message.u8(0)
    }
  } else if (code === 121) {
    for (let i = 1 + chance.below(3); i > 0; i--)
      message.u8(chance.pick(0, 8, 16, 24, 32, chance.below(40))).fill(4 + chance.below(5))
  } else message.fill(chance.pick(4, 4, 8, 1, 2, 0, chance.below(60)))
}

function field(length: number, chance: Chance): Uint8Array {
  const all = octets()
  for (let i = chance.below(12); i > 0 && all.length < length; i--) {
    const code = chance.oneIn(10) ? chance.below(256) : chance.pick(...CODES)
    const inner = octets()
    value(code, inner, chance)
    const bytes = inner.take()
    all.u8(code, chance.oneIn(40) ? chance.below(256) : bytes.length).raw(bytes)
  }
  if (!chance.oneIn(4)) all.u8(255)
  const bytes = new Uint8Array(length)
  bytes.set(all.take().subarray(0, length))
  return bytes
}

function make(chance: Chance): Uint8Array {
  const message = octets().u8(
    chance.pick(1, 2, 2, chance.below(256)),
    1,
    chance.pick(6, 6, 6, 0, 16, chance.below(256)),
    0,
  )
  message.u32(chance.int32()).u16(chance.below(65_536), chance.pick(0, 0x8000))
  message.u32(0, chance.int32(), chance.int32(), chance.pick(0, chance.int32())).fill(16)
  message
    .raw(field(64, chance))
    .raw(field(128, chance))
    .u32(chance.oneIn(20) ? chance.int32() : 0x63825363)
  message.raw(field(60 + chance.below(300), chance))
  const bytes = message.take()
  return chance.oneIn(3) ? damaged(bytes, chance) : bytes
}

function essence(message: DhcpMessage): string {
  return JSON.stringify({
    ...message,
    chaddr: [...message.chaddr],
    options: [...message.options].map(([code, of]) => [code, ...of]),
  })
}

function take(bytes: Uint8Array): void {
  const copy = bytes.slice()
  const read = readDhcp(bytes, 0, bytes.length)
  if (!bytes.every((octet, i) => octet === copy[i])) throw new Error('reading changes the message')
  if (typeof read === 'string') return
  for (const of of read.options.values()) {
    const found = [addressesOf(of), domainOf(of), maskLengthOf(of), routesOf(of), searchListOf(of), textOf(of)]
    const { length } = JSON.stringify(found)
    if (length > 200 + GROWTH_MAX * of.length) throw new Error(`${of.length} octets become ${length}`)
  }
  const again = readDhcp(writeDhcp(read, 4096), 0, writeDhcp(read, 4096).length)
  if (typeof again === 'string') throw new Error(`what was read is written as ${again}`)
  if (essence(again) !== essence(read))
    throw new Error(`read as ${essence(read)}, written and read as ${essence(again)}`)
}

export const DHCP: Target = octetsTarget('dhcp', 2000, make, take)
