// Read first: RFC 1035 section 4.1, RFC 2181 section 11, RFC 9267 (what goes wrong in readers of these messages).
//
// Where the parts of a message lie, found before anything reads them: a message that a codec cannot get lost in. What is looked
// for is what codecs trip over: counts that promise more than there is, names that point forwards, in circles or through endless
// chains, record data that is shorter or longer than what it holds.

import { read16, read32 } from '../../base/bytes.ts'
import { LONGEST_NAME } from './domain-name.ts'

export const HEADER_LENGTH = 12
export const LONGEST_MESSAGE = 65535

/** A message with more is refused: it would be no answer to one question. */
export const MOST_RECORDS = 1024
/** Pointers that a name may lead through. One is what writers need; each must point further to the front than the last. */
export const MOST_POINTERS = 32

/**
 * What came is no DNS message, or one beyond the limits. Nothing else is ever thrown for what a message holds.
 *
 * ```ts
 * try {
 *   decodeMessage(bytes)
 * } catch (error) {
 *   if (error instanceof MessageError) console.log(error.message) // a header has 12 octets, and there are 3
 * }
 * ```
 */
export class MessageError extends Error {}
Object.defineProperty(MessageError.prototype, 'name', { value: 'MessageError', configurable: true, writable: true })

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Whether octets are UTF-8. Names are text here, and a lenient reader gives the same text for different octets: a dot or a letter
 * that is written longer than it need be (C0 AE) would pass for the short one, and a label for two.
 */
function isText(label: Uint8Array): boolean {
  try {
    strict.decode(label)
    return true
  } catch {
    return false
  }
}

export const TYPE_A = 1
export const TYPE_NS = 2
export const TYPE_CNAME = 5
export const TYPE_SOA = 6
export const TYPE_PTR = 12
export const TYPE_MX = 15
export const TYPE_TXT = 16
export const TYPE_AAAA = 28
export const TYPE_SRV = 33
export const TYPE_DNAME = 39
export const TYPE_OPT = 41

/** Where a record lies: `start` is that of its name, `end` that of the next. */
export interface RecordBounds {
  readonly start: number
  readonly type: number
  readonly class: number
  /** Seconds; RFC 2181 section 8: one with the highest bit set is 0. For OPT the raw 32 bits. */
  readonly ttl: number
  readonly dataStart: number
  readonly end: number
}

export interface MessageBounds {
  readonly questions: number
  /** Where each question ends. */
  readonly questionEnds: readonly number[]
  /** Where the question section ends. */
  readonly questionEnd: number
  readonly answers: readonly RecordBounds[]
  readonly authorities: readonly RecordBounds[]
  readonly additionals: readonly RecordBounds[]
}

/** How much a message may have. */
export interface MessageLimits {
  readonly questions: number
  readonly records: number
}

// RFC 9619: a query has one question, and nothing has more.
const UNICAST_LIMITS: MessageLimits = { questions: 1, records: MOST_RECORDS }

/** Finds the parts of the message in `bytes`. Throws a MessageError where they do not fit together. */
export function findBounds(bytes: Uint8Array, limits = UNICAST_LIMITS): MessageBounds {
  if (bytes.length < HEADER_LENGTH) throw new MessageError(`a header has 12 octets, and there are ${bytes.length}`)
  if (bytes.length > LONGEST_MESSAGE) throw new MessageError(`a message has at most ${LONGEST_MESSAGE} octets`)
  const questions = read16(bytes, 4)
  if (questions > limits.questions) {
    const most = limits.questions === 1 ? 'one question' : `${limits.questions} questions at most`
    throw new MessageError(`a message has ${most}, and this has ${questions}`)
  }
  const counts = [read16(bytes, 6), read16(bytes, 8), read16(bytes, 10)] as const
  if (counts[0] + counts[1] + counts[2] > limits.records) {
    throw new MessageError(`more than ${limits.records} records: ${counts.join(', ')}`)
  }
  let at = HEADER_LENGTH
  const questionEnds: number[] = []
  for (let i = 0; i < questions; i++) {
    at = skipName(bytes, at, bytes.length) + 4
    if (at > bytes.length) throw new MessageError('the question is cut off')
    questionEnds.push(at)
  }
  const questionEnd = at
  const section = (count: number) => {
    const records: RecordBounds[] = []
    for (let i = 0; i < count; i++) {
      const record = findRecord(bytes, at)
      records.push(record)
      at = record.end
    }
    return records
  }
  const answers = section(counts[0])
  const authorities = section(counts[1])
  return { questions, questionEnds, questionEnd, answers, authorities, additionals: section(counts[2]) }
}

function findRecord(bytes: Uint8Array, start: number): RecordBounds {
  const fixed = skipName(bytes, start, bytes.length)
  const dataStart = fixed + 10
  if (dataStart > bytes.length) throw new MessageError('a record is cut off')
  const end = dataStart + read16(bytes, fixed + 8)
  if (end > bytes.length) throw new MessageError("a record's data is cut off")
  const type = read16(bytes, fixed)
  const ttl = read32(bytes, fixed + 4)
  checkData(bytes, type, dataStart, end)
  return { start, type, class: read16(bytes, fixed + 2), ttl: ttl < 0 && type !== TYPE_OPT ? 0 : ttl, dataStart, end }
}

// The data of types that are understood is to be exactly what the type says.
function checkData(bytes: Uint8Array, type: number, start: number, end: number): void {
  let at = start
  switch (type) {
    case TYPE_A:
      at += 4
      break
    case TYPE_AAAA:
      at += 16
      break
    case TYPE_NS:
    case TYPE_CNAME:
    case TYPE_PTR:
    case TYPE_DNAME:
      at = skipName(bytes, at, end)
      break
    case TYPE_MX:
      at = skipName(bytes, at + 2, end)
      break
    case TYPE_SRV:
      at = skipName(bytes, at + 6, end)
      break
    case TYPE_SOA:
      at = skipName(bytes, skipName(bytes, at, end), end) + 20
      break
    case TYPE_TXT:
      // RFC 1035 section 3.3.14: one string at least.
      do at += 1 + (bytes[at] ?? 0)
      while (at < end)
      break
    case TYPE_OPT:
      while (at < end) at = at + 4 > end ? end + 1 : at + 4 + read16(bytes, at + 2)
      break
    default:
      return
  }
  if (at !== end) throw new MessageError(`data of type ${type} is ${end - start} octets long, which it cannot be`)
}

/** Where the name at `at` ends, which is before or at `end`. Follows its pointers, and throws a MessageError for a bad name. */
export function skipName(bytes: Uint8Array, at: number, end: number): number {
  let here = at
  let limit = end
  let after = -1
  let length = 1
  let pointers = 0
  for (;;) {
    if (here >= limit) throw new MessageError('a name is cut off')
    const octet = bytes[here] as number
    if (octet === 0) return after < 0 ? here + 1 : after
    if (octet >= 0xc0) {
      if (here + 2 > limit) throw new MessageError('a name is cut off')
      const target = read16(bytes, here) & 0x3fff
      if (after < 0) after = here + 2
      // No label lies in the header.
      if (target < HEADER_LENGTH) throw new MessageError('a name points to where no name is')
      if (++pointers > MOST_POINTERS) throw new MessageError('a name leads through too many pointers')
      // RFC 1035 section 4.1.4: to a prior occurrence. What is pointed to lies before the pointer, wholly.
      limit = here
      here = target
      continue
    }
    if (octet > 63) throw new MessageError('a name has a label of an unknown kind')
    length += octet + 1
    if (length > LONGEST_NAME) throw new MessageError('a name is longer than 255 octets')
    const next = here + 1 + octet
    if (next > limit) throw new MessageError('a name is cut off')
    let ascii = true
    for (let i = here + 1; i < next; i++) {
      // As text it would be two labels: "www.example" in one label must not pass for what it is not.
      if (bytes[i] === 0x2e) throw new MessageError('a label has a dot in it')
      if ((bytes[i] as number) > 0x7f) ascii = false
    }
    if (!ascii && !isText(bytes.subarray(here + 1, next))) throw new MessageError('a label is no text')
    here = next
  }
}
