// Read first: RFC 6762 section 6.1, RFC 4034 section 4. That there is none of a type, said by an NSEC record.

import { canonicalName } from '../domain-name.ts'
import { CLASS_IN, type ResourceRecord } from '../message.ts'
import { typeNumber } from '../record-type.ts'
import type { Published } from './claim.ts'

/** An NSEC record: of this name there is what `named` has, and nothing else. */
export function absence(named: readonly Published[]): Published {
  const { name, ttl } = (named[0] as Published).record
  const types = named.filter(({ unique }) => unique).map(({ record }) => typeNumber(record.type))
  const bitmap = new Uint8Array((Math.max(...types) >> 3) + 1)
  for (const type of types) bitmap[type >> 3] = (bitmap[type >> 3] as number) | (0x80 >> (type & 7))
  const labels = name.split('.').flatMap((label) => {
    const octets = new TextEncoder().encode(label)
    return [octets.length, ...octets]
  })
  const data = Uint8Array.of(...labels, 0, 0, bitmap.length, ...bitmap)
  const record = { kind: 'other', name, type: 'NSEC', class: CLASS_IN, ttl, data } as const
  return { record, unique: true, sentAt: Number.NEGATIVE_INFINITY }
}

/** Whether an NSEC record says that its name has no record of `type`. What cannot be read says nothing. */
export function saysAbsent(record: ResourceRecord, name: string, type: string): boolean {
  if (record.kind !== 'other' || record.type !== 'NSEC' || canonicalName(record.name) !== canonicalName(name))
    return false
  const { data } = record
  const number = typeNumber(type)
  let at = 0
  while (at < data.length && (data[at] as number) > 0 && (data[at] as number) < 0xc0) at += 1 + (data[at] as number)
  // Behind the name, which may end in a pointer, one block: RFC 6762 section 6.1.
  at += (data[at] ?? 0) >= 0xc0 ? 2 : 1
  const length = data[at + 1] ?? 0
  if (data[at] !== 0 || length === 0 || at + 2 + length > data.length || number > 255) return false
  return number >> 3 >= length || ((data[at + 2 + (number >> 3)] as number) & (0x80 >> (number & 7))) === 0
}
