// Read first: RFC 6762 section 18. A message as others have it, but for its many questions, and two classes with a bit of their own.

import * as codec from '@dnsquery/dns-packet'
import { read16, write16 } from '../../../base/bytes.ts'
import { compressNames } from '../compressed-names.ts'
import { canonicalName } from '../domain-name.ts'
import { CLASS_IN, type ResourceRecord } from '../message.ts'
import { findBounds, MessageError, TYPE_OPT } from '../message-bounds.ts'
import { checkName, decodeRecord, encodable, typeText } from '../message-records.ts'
import { typeName } from '../record-type.ts'

/** Octets of a message that go into one Ethernet frame with either version of IP: RFC 6762 section 17. */
export const LONGEST_PACKET = 1440

const LIMITS = { questions: 256, records: 1024 }
const TOP_BIT = 0x8000
const CLASS_ANY = 255

export interface MulticastQuestion {
  readonly name: string
  readonly type: string
  /** The answer may come to whoever asks alone: RFC 6762 section 5.4. */
  readonly unicast: boolean
}

export interface MulticastRecord {
  readonly record: ResourceRecord
  /** It is all there is of its name and type: what was known before is void (RFC 6762 section 10.2). */
  readonly flush: boolean
}

export interface MulticastMessage {
  /** 0, but in questions of those who know nothing of multicast, and answers to them. */
  readonly id: number
  readonly response: boolean
  /** Of a query: more known answers follow. */
  readonly truncated: boolean
  readonly questions: readonly MulticastQuestion[]
  readonly answers: readonly MulticastRecord[]
  readonly authorities: readonly MulticastRecord[]
  readonly additionals: readonly MulticastRecord[]
}

/** What a message says; null for one that says nothing here: of another opcode or with an error (RFC 6762 section 18.3). Throws a MessageError. */
export function decodeMulticast(bytes: Uint8Array): MulticastMessage | null {
  const bounds = findBounds(bytes, LIMITS)
  const flags = read16(bytes, 2)
  if (((flags >>> 11) & 15) !== 0 || (flags & 15) !== 0) return null
  try {
    let at = 12
    const questions: MulticastQuestion[] = []
    for (const end of bounds.questionEnds) {
      const asked = read16(bytes, end - 2)
      const name = codec.name.decode(bytes, at)
      at = end
      if ((asked & ~TOP_BIT) !== CLASS_IN && (asked & ~TOP_BIT) !== CLASS_ANY) continue
      questions.push({ name, type: typeName(read16(bytes, end - 4)), unicast: (asked & TOP_BIT) !== 0 })
    }
    const section = (records: typeof bounds.answers): MulticastRecord[] =>
      records
        .filter((record) => record.type !== TYPE_OPT && (record.class & ~TOP_BIT) === CLASS_IN)
        .map((record) => ({
          record: { ...decodeRecord(bytes, record), class: CLASS_IN },
          flush: (record.class & TOP_BIT) !== 0,
        }))
    return {
      id: read16(bytes, 0),
      response: (flags & 0x8000) !== 0,
      truncated: (flags & 0x0200) !== 0,
      questions,
      answers: section(bounds.answers),
      authorities: section(bounds.authorities),
      additionals: section(bounds.additionals),
    }
  } catch (error) {
    if (error instanceof MessageError) throw error
    throw new MessageError((error as Error).message)
  }
}

/** Writes a message, names compressed. RangeError for names that cannot be. */
export function encodeMulticast(message: Partial<MulticastMessage>): Uint8Array {
  const { id = 0, response = false, truncated = false } = message
  const { questions = [], answers = [], authorities = [], additionals = [] } = message
  const plain = (records: readonly MulticastRecord[]) => records.map(({ record }) => encodable(record))
  const bytes = compressNames(
    codec.encode({
      type: response ? 'response' : 'query',
      id,
      // RFC 6762 section 18.4: answers are with authority.
      flags: (response ? codec.AUTHORITATIVE_ANSWER : 0) | (truncated ? codec.TRUNCATED_RESPONSE : 0),
      questions: questions.map(({ name, type }) => ({ name: checkName(name), type: typeText(type), class: 'IN' })),
      answers: plain(answers),
      authorities: plain(authorities),
      additionals: plain(additionals),
    }),
    true,
  )
  const bounds = findBounds(bytes, { questions: 65_535, records: 65_535 })
  questions.forEach(({ unicast }, i) => {
    if (unicast) write16(bytes, (bounds.questionEnds[i] as number) - 2, TOP_BIT | CLASS_IN)
  })
  const sections = [bounds.answers, bounds.authorities, bounds.additionals]
  ;[answers, authorities, additionals].forEach((records, i) => {
    records.forEach(({ flush }, j) => {
      const place = sections[i]?.[j]
      if (flush && place !== undefined) write16(bytes, place.dataStart - 8, TOP_BIT | CLASS_IN)
    })
  })
  return bytes
}

/** Under which the records of a name and a type are. */
export function setKey(name: string, type: string): string {
  return `${type} ${canonicalName(name)}`
}

/** Records are the same where this is: RFC 6762 section 7.1, names in letters of any case. */
export function identityOf(record: ResourceRecord): string {
  return `${setKey(record.name, record.type)} ${dataText(record)}`
}

function dataText(record: ResourceRecord): string {
  switch (record.kind) {
    case 'address':
      return record.data.toString()
    case 'name':
      return canonicalName(record.data)
    case 'mx':
      return `${record.data.preference} ${canonicalName(record.data.exchange)}`
    case 'srv': {
      const { priority, weight, port, target } = record.data
      return `${priority} ${weight} ${port} ${canonicalName(target)}`
    }
    case 'soa':
      return JSON.stringify(record.data)
    case 'text':
      return record.data.map((octets) => `${octets.length}:${latin(octets)}`).join()
    case 'other':
      return latin(record.data)
  }
}

function latin(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += String.fromCharCode(octet)
  return text
}
