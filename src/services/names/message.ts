// Read first: RFC 1035 section 4, RFC 6891 section 6.1 (EDNS), RFC 3597 (types that nobody here knows).
//
// This file and message-records.ts alone know the codec. It is given only what `findBounds` has gone through, one record at a time, and has to end
// where the record ends: a message makes it neither throw, nor read elsewhere, nor take long.

import * as codec from '@dnsquery/dns-packet'
import { read16, write16 } from '../../base/bytes.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { findBounds, LONGEST_MESSAGE, MessageError, TYPE_OPT } from './message-bounds.ts'
import { checkName, decodeRecord, encodable, typeText } from './message-records.ts'
import { typeName } from './record-type.ts'

export { LONGEST_MESSAGE, MessageError } from './message-bounds.ts'

export const OPCODE_QUERY = 0

export const NOERROR = 0
export const FORMERR = 1
export const SERVFAIL = 2
export const NXDOMAIN = 3
export const NOTIMP = 4
export const REFUSED = 5
/** RFC 6891 section 9. */
export const BADVERS = 16

/** 1: the Internet. */
export const CLASS_IN = 1

export interface Question {
  readonly name: string
  /** "A", "AAAA", "TYPE65". */
  readonly type: string
  readonly class: number
}

interface Owned {
  readonly name: string
  readonly type: string
  readonly class: number
  /** Seconds. */
  readonly ttl: number
}

/** A, AAAA. */
export interface AddressRecord extends Owned {
  readonly kind: 'address'
  readonly data: IpAddress
}

/** NS, CNAME, PTR, DNAME. */
export interface NameRecord extends Owned {
  readonly kind: 'name'
  readonly data: string
}

export interface SoaRecord extends Owned {
  readonly kind: 'soa'
  readonly data: {
    readonly mname: string
    readonly rname: string
    readonly serial: number
    readonly refresh: number
    readonly retry: number
    readonly expire: number
    readonly minimum: number
  }
}

export interface MxRecord extends Owned {
  readonly kind: 'mx'
  readonly data: { readonly preference: number; readonly exchange: string }
}

export interface SrvRecord extends Owned {
  readonly kind: 'srv'
  readonly data: {
    readonly priority: number
    readonly weight: number
    readonly port: number
    readonly target: string
  }
}

export interface TextRecord extends Owned {
  readonly kind: 'text'
  readonly data: readonly Uint8Array[]
}

/** Every other type: its data as it came. */
export interface OtherRecord extends Owned {
  readonly kind: 'other'
  readonly data: Uint8Array
}

export type ResourceRecord = AddressRecord | NameRecord | SoaRecord | MxRecord | SrvRecord | TextRecord | OtherRecord

/** What an OPT record says: RFC 6891 section 6.1.3. */
export interface Edns {
  /** Octets of a UDP payload that the sender takes: 512 at the least, whatever it says (RFC 6891 section 6.2.3). */
  readonly udpPayloadSize: number
  readonly version: number
  readonly dnssecOk: boolean
}

/** Octets of a UDP payload that everybody takes (RFC 1035 section 4.2.1). */
export const SHORTEST_PAYLOAD = 512

export interface Message {
  readonly id: number
  readonly response: boolean
  readonly opcode: number
  readonly authoritative: boolean
  readonly truncated: boolean
  readonly recursionDesired: boolean
  readonly recursionAvailable: boolean
  readonly authenticData: boolean
  readonly checkingDisabled: boolean
  /** With the upper bits that EDNS has for it. */
  readonly rcode: number
  readonly question: Question | null
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
  /** Without the OPT record, which is `edns`. */
  readonly additionals: readonly ResourceRecord[]
  readonly edns: Edns | null
}

/** A message of which little is said: a query, unless `response`. */
export type MessageParts = Partial<Message> & { readonly id: number }

/**
 * Reads the message that `bytes` is. Throws a MessageError where it is none, and nothing else. The result has copies: `bytes`
 * stays the caller's.
 *
 * Source: RFC 1035 section 4, RFC 6891 section 6.1.
 *
 * ```ts
 * const { rcode, answers } = decodeMessage(bytes)
 * for (const record of answers) if (record.kind === 'address') console.log(record.name, record.ttl, record.data.toString())
 * ```
 */
export function decodeMessage(bytes: Uint8Array): Message {
  const bounds = findBounds(bytes)
  try {
    const flags = read16(bytes, 2)
    let edns: Edns | null = null
    let extended = 0
    const additionals: ResourceRecord[] = []
    for (const record of bounds.additionals) {
      if (record.type !== TYPE_OPT) {
        additionals.push(decodeRecord(bytes, record))
        continue
      }
      // RFC 6891 section 6.1.1: more than one is a format error; so is one with a name.
      if (edns !== null) throw new MessageError('a message has one OPT record, and this has two')
      if (bytes[record.start] !== 0) throw new MessageError('the OPT record has a name')
      extended = record.ttl >>> 24
      edns = {
        udpPayloadSize: Math.max(record.class, SHORTEST_PAYLOAD),
        version: (record.ttl >>> 16) & 255,
        dnssecOk: (record.ttl & codec.DNSSEC_OK) !== 0,
      }
    }
    return {
      id: read16(bytes, 0),
      response: (flags & 0x8000) !== 0,
      opcode: (flags >>> 11) & 15,
      authoritative: (flags & codec.AUTHORITATIVE_ANSWER) !== 0,
      truncated: (flags & codec.TRUNCATED_RESPONSE) !== 0,
      recursionDesired: (flags & codec.RECURSION_DESIRED) !== 0,
      recursionAvailable: (flags & codec.RECURSION_AVAILABLE) !== 0,
      authenticData: (flags & codec.AUTHENTIC_DATA) !== 0,
      checkingDisabled: (flags & codec.CHECKING_DISABLED) !== 0,
      rcode: (extended << 4) | (flags & 15),
      question: bounds.questions === 0 ? null : decodeQuestion(bytes, bounds.questionEnd),
      answers: bounds.answers.map((record) => decodeRecord(bytes, record)),
      authorities: bounds.authorities.map((record) => decodeRecord(bytes, record)),
      additionals,
      edns,
    }
  } catch (error) {
    if (error instanceof MessageError) throw error
    throw new MessageError((error as Error).message)
  }
}

function decodeQuestion(bytes: Uint8Array, end: number): Question {
  return {
    name: codec.name.decode(bytes, 12),
    type: typeName(read16(bytes, end - 4)),
    class: read16(bytes, end - 2),
  }
}

/**
 * Writes a message. What is not said is 0, false or empty. RangeError for a name that cannot be one, and a message longer than
 * 65,535 octets. Names are not compressed.
 *
 * Source: RFC 1035 section 4, RFC 6891 section 6.1.
 *
 * ```ts
 * const question = { name: 'server.example', type: 'AAAA', class: CLASS_IN }
 * await socket.send(encodeMessage({ id: 4711, recursionDesired: true, question }))
 * ```
 */
export function encodeMessage(message: MessageParts): Uint8Array {
  const { question = null, answers = [], authorities = [], additionals = [], edns = null, rcode = NOERROR } = message
  const flags =
    ((message.opcode ?? OPCODE_QUERY) << 11) |
    (message.authoritative ? codec.AUTHORITATIVE_ANSWER : 0) |
    (message.truncated ? codec.TRUNCATED_RESPONSE : 0) |
    (message.recursionDesired ? codec.RECURSION_DESIRED : 0) |
    (message.recursionAvailable ? codec.RECURSION_AVAILABLE : 0) |
    (message.authenticData ? codec.AUTHENTIC_DATA : 0) |
    (message.checkingDisabled ? codec.CHECKING_DISABLED : 0) |
    (rcode & 15)
  const bytes = codec.encode({
    type: message.response ? 'response' : 'query',
    id: message.id,
    flags,
    // The class is written below: the codec has names for classes, and not for all.
    questions:
      question === null ? [] : [{ name: checkName(question.name), type: typeText(question.type), class: 'IN' }],
    answers: answers.map(encodable),
    authorities: authorities.map(encodable),
    additionals: edns === null ? additionals.map(encodable) : [...additionals.map(encodable), optRecord(edns, rcode)],
  })
  if (bytes.length > LONGEST_MESSAGE) throw new RangeError(`a message has at most ${LONGEST_MESSAGE} octets`)
  if (question !== null && question.class !== CLASS_IN) write16(bytes, questionEnd(bytes) - 2, question.class)
  return bytes
}

/**
 * Where the question of an encoded message ends, and its records begin. Throws a MessageError where `bytes` is no message.
 *
 * ```ts
 * questionEnd(encodeMessage({ id: 1, question: { name: 'example', type: 'A', class: CLASS_IN } })) // 25
 * ```
 */
export function questionEnd(bytes: Uint8Array): number {
  return findBounds(bytes).questionEnd
}

function optRecord({ udpPayloadSize, version, dnssecOk }: Edns, rcode: number): codec.Answer {
  const record = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: Math.max(udpPayloadSize, SHORTEST_PAYLOAD),
    extendedRcode: rcode >>> 4,
    ednsVersion: version,
    flags: dnssecOk ? codec.DNSSEC_OK : 0,
    options: [],
  }
  return record as unknown as codec.Answer
}
