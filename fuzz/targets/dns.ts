// Read first: RFC 1035 section 4, RFC 9267. What a message holds is told by a MessageError, or read; what was read can be written.

import { decodeMessage, encodeMessage, MessageError } from '../../src/services/names/message.ts'
import type { Chance } from '../../test/tcp/chance.ts'
import { type Octets, octets } from '../frames/packet.ts'
import { damaged, octetsTarget } from '../octets.ts'
import type { Target } from '../target.ts'

const LABELS = ['www', 'example', 'com', 'a', 'xn--bcher-kva', '_tcp', 'b'.repeat(63), '1', 'ip6']
const TYPES: readonly number[] = [1, 2, 5, 6, 12, 15, 16, 28, 33, 39, 41, 65, 43, 46, 255, 252, 35, 64]
/** Octets that are read of a message may be many times its own, by pointers, but not without end. */
const GROWTH_MAX = 1024 * 260

function name(message: Octets, chance: Chance): void {
  for (let i = chance.below(5); i > 0; i--) {
    const label = chance.pick(...LABELS)
    message.u8(chance.oneIn(30) ? chance.below(256) : label.length)
    for (const letter of label) message.u8(letter.charCodeAt(0))
  }
  // A pointer: to an earlier name, to itself, forwards.
  if (chance.oneIn(3))
    message.u16(0xc000 | chance.pick(12, 12, 12, message.length, message.length - 2, chance.below(300)))
  else message.u8(0)
}

function data(type: number, message: Octets, chance: Chance): void {
  switch (type) {
    case 1:
      message.u32(chance.int32())
      break
    case 28:
      message.u32(0x20010db8, 0, 0, chance.int32())
      break
    case 2:
    case 5:
    case 12:
    case 39:
      name(message, chance)
      break
    case 6:
      name(message, chance)
      name(message, chance)
      message.u32(1, 2, 3, 4, 5)
      break
    case 15:
      message.u16(10)
      name(message, chance)
      break
    case 33:
      message.u16(1, 2, 443)
      name(message, chance)
      break
    case 16:
      for (let i = 1 + chance.below(3); i > 0; i--) {
        const length = chance.pick(0, 1, 20, 255)
        message.u8(length).fill(chance.oneIn(20) ? length >> 1 : length)
      }
      break
    case 41:
      for (let i = chance.below(3); i > 0; i--) message.u16(chance.pick(3, 10, 12), chance.oneIn(10) ? 99 : 8).fill(8)
      break
    default:
      message.fill(chance.below(60))
  }
}

/** A message, right or wrong. */
export function makeMessage(chance: Chance): Uint8Array {
  const message = octets().u16(chance.below(65_536), chance.pick(0x8180, 0x0100, 0x8183, 0x8380, chance.below(65_536)))
  const counts = [chance.below(5), chance.below(3), chance.below(3)]
  message.u16(chance.oneIn(20) ? chance.below(4) : 1)
  for (const count of counts) message.u16(chance.oneIn(30) ? chance.below(65_536) : count)
  name(message, chance)
  message.u16(chance.pick(...TYPES), 1)
  for (let i = counts.reduce((all, one) => all + one, 0); i > 0; i--) {
    const type = chance.oneIn(20) ? chance.below(65_536) : chance.pick(...TYPES)
    if (type === 41) message.u8(0)
    else name(message, chance)
    message.u16(type, chance.pick(1, 1, 1, 255, 4096)).u32(chance.pick(300, 0, -1, chance.int32()))
    const at = message.length
    message.u16(0)
    data(type, message, chance)
    const length = message.length - at - 2
    message.patch16(at, chance.oneIn(30) ? chance.pick(0, length - 1, length + 1, 65_535) : length)
  }
  const bytes = message.take()
  return chance.oneIn(3) ? damaged(bytes, chance) : bytes
}

/** How many labels the question's name has; −1 where it goes on elsewhere. */
function labelsOf(bytes: Uint8Array): number {
  let count = 0
  for (let at = 12; at < bytes.length && bytes[at] !== 0; count++) {
    if ((bytes[at] as number) > 63) return -1
    at += 1 + (bytes[at] as number)
  }
  return count
}

function labelsIn(name: string): number {
  return name === '.' ? 0 : name.split('.').length
}

/** Reads a message; what was read is written, and read again as the same. */
function take(bytes: Uint8Array): void {
  const copy = bytes.slice()
  let read: ReturnType<typeof decodeMessage>
  try {
    read = decodeMessage(bytes)
  } catch (error) {
    if (error instanceof MessageError) return
    throw error
  }
  if (!bytes.every((octet, i) => octet === copy[i])) throw new Error('reading changes the message')
  const text = JSON.stringify(read)
  if (text.length > GROWTH_MAX) throw new Error(`${bytes.length} octets become ${text.length}`)
  const labels = labelsOf(bytes)
  if (read.question !== null && labels >= 0 && labels !== labelsIn(read.question.name)) {
    throw new Error(`${labels} labels are read as '${read.question.name}'`)
  }
  let written: Uint8Array
  try {
    written = encodeMessage(read)
  } catch (error) {
    // One that is longer without the pointers of the other, or whose name is none that a program would ask for.
    if (error instanceof RangeError) return
    throw error
  }
  const again = JSON.stringify(decodeMessage(written))
  if (again !== text) throw new Error(`read as ${text}, written and read as ${again}`)
}

export const DNS: Target = octetsTarget('dns', 2000, makeMessage, take)
