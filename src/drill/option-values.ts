// Read first: socket(7), tcp(7), ip(7): the values of options as C has them, little endian.

import { expressionText } from './expression-text.ts'
import { DrillFailure } from './failure.ts'
import type { Expression, Member } from './script.ts'
import { numberOf } from './symbols.ts'

// Where the members of the structs lie that options take: name → octet and width.
const MEMBERS: Readonly<Record<string, readonly [at: number, width: 4 | 8]>> = {
  onoff: [0, 4],
  l_onoff: [0, 4],
  linger: [4, 4],
  l_linger: [4, 4],
  tv_sec: [0, 8],
  tv_usec: [8, 8],
}

/** The octets of an option's value, `length` of them. */
export function encodeOptionValue(value: Expression, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, length))
  const view = new DataView(bytes.buffer)
  if (value.kind === 'ellipsis') return bytes
  if (value.kind === 'string') {
    for (let i = 0; i < Math.min(length, value.text.length); i++) bytes[i] = value.text.charCodeAt(i)
    return bytes
  }
  if (value.kind === 'struct') {
    for (const member of value.members) {
      const [at, width, number] = memberValue(member, value)
      if (at + width > length) continue
      if (width === 4) view.setInt32(at, number, true)
      else view.setBigInt64(at, BigInt(number), true)
    }
    return bytes
  }
  const numbers = value.kind === 'array' ? value.items : [value]
  numbers.forEach((item, i) => {
    writeInteger(bytes, 4 * i, wholeNumber(item))
  })
  return bytes
}

/** An int; of a buffer shorter than that, the octets that there is room for. */
function writeInteger(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4 && at + i < bytes.length; i++) bytes[at + i] = value >>> (8 * i)
}

function readInteger(bytes: Uint8Array, at: number, end: number): number {
  let value = 0
  for (let i = 0; i < 4 && at + i < end; i++) value |= (bytes[at + i] as number) << (8 * i)
  return value
}

/** Fails unless the option's value, the first `length` octets of `bytes`, is what the script has. */
export function checkOptionValue(expected: Expression, bytes: Uint8Array, length: number): void {
  if (expected.kind === 'ellipsis') return
  const seen = seenValue(expected, bytes, length)
  const want = expectedValue(expected)
  if (seen !== want) {
    throw new DrillFailure(
      expected,
      `the value of the option: expected ${want}, seen ${seen}`,
      expressionText(expected),
      seen,
    )
  }
}

function expectedValue(expected: Expression): string {
  if (expected.kind === 'string') return JSON.stringify(expected.text)
  if (expected.kind === 'struct') {
    return `{${expected.members.map((member) => `${member.name}=${memberValue(member, expected)[2]}`).join(', ')}}`
  }
  const numbers = expected.kind === 'array' ? expected.items : [expected]
  return `[${numbers.map(wholeNumber).join(', ')}]`
}

function seenValue(expected: Expression, bytes: Uint8Array, length: number): string {
  if (expected.kind === 'string') {
    let text = ''
    for (let i = 0; i < length && bytes[i] !== 0; i++) text += String.fromCharCode(bytes[i] as number)
    return JSON.stringify(expected.prefix ? text.slice(0, expected.text.length) : text)
  }
  if (expected.kind === 'struct') {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const members = expected.members.map((member) => {
      const [at, width] = memberValue(member, expected)
      if (at + width > length) return `${member.name} missing`
      return `${member.name}=${width === 4 ? view.getInt32(at, true) : view.getBigInt64(at, true)}`
    })
    return `{${members.join(', ')}}`
  }
  const count = expected.kind === 'array' ? expected.items.length : 1
  const numbers: number[] = []
  for (let i = 0; i < count && 4 * i < length; i++) numbers.push(readInteger(bytes, 4 * i, length))
  return `[${numbers.join(', ')}]`
}

function memberValue(member: Member, where: Expression): readonly [at: number, width: 4 | 8, value: number] {
  const layout = member.name === null ? undefined : MEMBERS[member.name]
  if (layout === undefined) throw new DrillFailure(where, `no option has a member '${member.name ?? '(none)'}'`)
  return [layout[0], layout[1], wholeNumber(member.value)]
}

/** Octets that a script may have memory for. */
const OCTETS_MAX = 1 << 28

/** How many octets an argument speaks of: more than there is memory for fails the script, a negative count is for the call to refuse. */
export function octetCount(expression: Expression): number {
  const count = wholeNumber(expression)
  if (count > OCTETS_MAX) throw new DrillFailure(expression, `${count} octets: a script has memory for ${OCTETS_MAX}`)
  return count
}

/** The number that an argument stands for; anything else fails the script. */
export function wholeNumber(expression: Expression): number {
  const value = numberOf(expression)
  if (value === null)
    throw new DrillFailure(expression, `'${expressionText(expression)}' is no number or known constant`)
  return value
}
