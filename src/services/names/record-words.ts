// Read first: RFC 1035 sections 3.3 and 5.1, RFC 2782, RFC 3597 section 5, RFC 8659 section 4.
//
// The data of records as they are written in master files.

import { IpAddress } from '../../base/ip-address.ts'
import { isDomainName } from './domain-name.ts'
import { MasterFileError, type MasterLine, type Word } from './master-lines.ts'
import { CLASS_IN, decodeMessage, encodeMessage, MessageError, type ResourceRecord } from './message.ts'

/** RFC 2181 section 8. */
const LONGEST_TTL = 0x7fffffff
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Seconds as "3600", or as "1h30m"; null for what is neither. */
export function parseDuration(text: string): number | null {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  if (!/^(\d{1,10}[smhdw])+$/i.test(text)) return null
  let seconds = 0
  for (const [, count, unit] of text.toLowerCase().matchAll(/(\d+)([smhdw])/g)) {
    seconds += Number(count) * (SECONDS[unit as string] as number)
  }
  return seconds
}

export function parseTtl(text: string, line: number): number {
  const seconds = parseDuration(text)
  if (seconds === null || seconds > LONGEST_TTL) {
    throw new MasterFileError(line, `${JSON.stringify(text)} is no time to live: write seconds, such as 3600, or 1h`)
  }
  return seconds
}

/** The octets of a word: "\." is a dot, "\046" too. */
export function wordOctets(text: string, line: number): Uint8Array {
  const octets: number[] = []
  for (let at = 0; at < text.length; ) {
    if (text[at] !== '\\') {
      const letter = String.fromCodePoint(text.codePointAt(at) as number)
      octets.push(...new TextEncoder().encode(letter))
      at += letter.length
      continue
    }
    const digits = /^\d{3}/.exec(text.slice(at + 1, at + 4))
    if (digits === null) {
      const letter = String.fromCodePoint(text.codePointAt(at + 1) ?? 0x5c)
      octets.push(...new TextEncoder().encode(letter))
      at += 1 + letter.length
      continue
    }
    if (Number(digits[0]) > 255) throw new MasterFileError(line, `"\\${digits[0]}" is no octet: \\000 to \\255 are`)
    octets.push(Number(digits[0]))
    at += 4
  }
  return Uint8Array.from(octets)
}

/** A name: '@' is the origin, and one without a dot at its end lies below it. `origin` null: there is none. */
export function parseName(text: string, origin: string | null, line: number): string {
  const wrong = (why: string) => new MasterFileError(line, `${JSON.stringify(text)} ${why}`)
  const based = (): string => {
    if (origin === null) throw wrong('is relative, and there is no $ORIGIN: write one, or a dot at the end')
    return origin
  }
  if (text === '@') return based()
  if (text === '.') return '.'
  const labels = text.match(/(?:\\.|[^.\\])+|\./gsu) ?? []
  let name = ''
  labels.forEach((label, i) => {
    if ((label === '.') !== (i % 2 === 1)) throw wrong('has a label without a letter')
    if (label === '.') return
    const octets = wordOctets(label, line)
    // Names are text here: see domain-name.ts.
    if (octets.includes(0x2e)) throw wrong('has a label with a dot in it, which is not supported')
    try {
      name += `${name === '' ? '' : '.'}${strict.decode(octets)}`
    } catch {
      throw wrong('has a label that is not UTF-8, which is not supported')
    }
  })
  if (labels.length === 0) throw wrong('is no name')
  if (labels.at(-1) !== '.') name += based() === '.' ? '' : `.${based()}`
  if (!isDomainName(name)) throw wrong('cannot be a name: labels have 1 to 63 octets, a name 255 in all')
  return name
}

/** What every record has. */
export interface RecordHead {
  readonly name: string
  readonly type: string
  readonly ttl: number
}

/** Words of a record's data, taken one by one. */
class Words {
  readonly #line: MasterLine
  readonly #type: string
  readonly #origin: string | null
  #at: number

  constructor(line: MasterLine, at: number, type: string, origin: string | null) {
    this.#line = line
    this.#at = at
    this.#type = type
    this.#origin = origin
  }

  get left(): number {
    return this.#line.words.length - this.#at
  }

  fail(text: string): MasterFileError {
    return new MasterFileError(this.#line.number, text)
  }

  next(what: string): Word {
    const word = this.#line.words[this.#at++]
    if (word === undefined) throw this.fail(`${this.#type} lacks its ${what}`)
    return word
  }

  /** No words may be left. */
  end(): void {
    if (this.left > 0) throw this.fail(`${this.#type} has ${JSON.stringify(this.next('').text)} behind its data`)
  }

  name(what: string): string {
    return parseName(this.next(what).text, this.#origin, this.#line.number)
  }

  integer(what: string, most: number): number {
    const { text } = this.next(what)
    if (!/^\d{1,10}$/.test(text) || Number(text) > most) {
      throw this.fail(`${this.#type} has ${JSON.stringify(text)} as its ${what}, which is a number from 0 to ${most}`)
    }
    return Number(text)
  }

  duration(what: string): number {
    const { text } = this.next(what)
    const seconds = parseDuration(text)
    if (seconds === null || seconds > 0xffffffff) {
      throw this.fail(`${this.#type} has ${JSON.stringify(text)} as its ${what}, which is a number of seconds`)
    }
    return seconds
  }

  octets(what: string, most: number): Uint8Array {
    const octets = wordOctets(this.next(what).text, this.#line.number)
    if (octets.length > most)
      throw this.fail(`the ${what} of ${this.#type} has ${octets.length} octets, and ${most} fit`)
    return octets
  }

  address(v4: boolean): IpAddress {
    const { text } = this.next('address')
    const address = IpAddress.parse(text)
    if (address === null || address.isV4 !== v4) {
      throw this.fail(`${JSON.stringify(text)} is no IPv${v4 ? 4 : 6} address, which ${this.#type} has`)
    }
    return address
  }
}

/** The record whose data begins at word `at` of `line`. Throws a MasterFileError where it cannot be. */
export function parseRecord(head: RecordHead, line: MasterLine, at: number, origin: string | null): ResourceRecord {
  const words = new Words(line, at, head.type, origin)
  const owned = { ...head, class: CLASS_IN }
  const first = line.words[at]
  const generic = first?.text === '\\#' && !first.quoted
  const record = generic ? genericRecord(owned, words) : knownRecord(owned, words)
  words.end()
  return record
}

type Owned = RecordHead & { readonly class: number }

function knownRecord(owned: Owned, words: Words): ResourceRecord {
  switch (owned.type) {
    case 'A':
    case 'AAAA':
      return { ...owned, kind: 'address', data: words.address(owned.type === 'A') }
    case 'NS':
    case 'CNAME':
    case 'PTR':
    case 'DNAME':
      return { ...owned, kind: 'name', data: words.name('target') }
    case 'MX':
      return {
        ...owned,
        kind: 'mx',
        data: { preference: words.integer('preference', 65_535), exchange: words.name('exchange') },
      }
    case 'SRV': {
      const priority = words.integer('priority', 65_535)
      const weight = words.integer('weight', 65_535)
      const port = words.integer('port', 65_535)
      return { ...owned, kind: 'srv', data: { priority, weight, port, target: words.name('target') } }
    }
    case 'TXT': {
      const data = [words.octets('string', 255)]
      while (words.left > 0) data.push(words.octets('string', 255))
      return { ...owned, kind: 'text', data }
    }
    case 'SOA': {
      const mname = words.name('primary server')
      const rname = words.name('mailbox')
      const serial = words.integer('serial', 0xffffffff)
      const refresh = words.duration('refresh')
      const retry = words.duration('retry')
      const expire = words.duration('expire')
      const minimum = words.duration('minimum')
      return { ...owned, kind: 'soa', data: { mname, rname, serial, refresh, retry, expire, minimum } }
    }
    case 'CAA': {
      const flags = words.integer('flags', 255)
      const tag = words.octets('tag', 255)
      const value = words.octets('value', 65_535)
      return { ...owned, kind: 'other', data: Uint8Array.of(flags, tag.length, ...tag, ...value) }
    }
    default:
      throw words.fail(`the data of ${owned.type} is not read in words: write it as \\# LENGTH HEXADECIMAL (RFC 3597)`)
  }
}

// RFC 3597 section 5: data of any type as octets.
function genericRecord(owned: Owned, words: Words): ResourceRecord {
  words.next('data')
  const length = words.integer('length', 65_535)
  let digits = ''
  while (words.left > 0) digits += words.next('data').text
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw words.fail(`${JSON.stringify(digits)} is not octets in hexadecimal`)
  const data = Uint8Array.from(digits.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16))
  if (data.length !== length)
    throw words.fail(`${owned.type} is to have ${length} octets of data, and has ${data.length}`)
  try {
    // What has a form of its own here is to have it.
    const answers = [{ ...owned, kind: 'other', data }] as const
    return { ...(decodeMessage(encodeMessage({ id: 0, answers })).answers[0] as ResourceRecord), name: owned.name }
  } catch (error) {
    if (error instanceof MessageError || error instanceof RangeError) throw words.fail(error.message)
    throw error
  }
}
