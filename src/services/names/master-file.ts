// Read first: RFC 1035 section 5, RFC 2308 section 4 ($TTL).

import { MasterFileError, type MasterLine, masterLines } from './master-lines.ts'
import type { ResourceRecord } from './message.ts'
import { typeName, typeNumber } from './record-type.ts'
import { parseDuration, parseName, parseRecord, parseTtl } from './record-words.ts'

export interface MasterFileOptions {
  /** Where relative names lie before the first $ORIGIN. */
  readonly origin?: string | undefined
}

export interface MasterRecord {
  readonly record: ResourceRecord
  readonly line: number
}

// What is no type of a record in a zone: OPT, and the types of questions (RFC 6895 section 3.1).
const NO_RECORD = new Set(['OPT', 'IXFR', 'AXFR', 'ANY'])

/** Reads master files: `entry` takes line by line. */
class MasterFileReader {
  readonly records: MasterRecord[] = []
  #origin: string | null
  #owner: string | null = null
  /** That of $TTL. */
  #default: number | null = null
  /** What the last record that said one had (RFC 1035 section 5.1), or else the minimum of the SOA. */
  #last: number | null = null

  constructor(origin: string | null) {
    this.#origin = origin
  }

  entry(line: MasterLine): void {
    const [first] = line.words
    if (first === undefined) return
    if (first.text.startsWith('$') && !first.quoted && !line.indented) this.#control(line)
    else this.#record(line)
  }

  #control({ number, words }: MasterLine): void {
    const [control, value, ...rest] = words.map(({ text }) => text)
    const name = (control as string).toUpperCase()
    if (name === '$INCLUDE') throw new MasterFileError(number, '$INCLUDE is not read: put it all into one file')
    if (name !== '$ORIGIN' && name !== '$TTL') {
      throw new MasterFileError(number, `there is no ${control}: there are $ORIGIN and $TTL`)
    }
    if (value === undefined || rest.length > 0) throw new MasterFileError(number, `${name} has one value`)
    if (name === '$TTL') this.#default = parseTtl(value, number)
    else this.#origin = parseName(value, this.#origin, number)
  }

  #record(line: MasterLine): void {
    const { number, words, indented } = line
    let at = 0
    if (!indented) this.#owner = parseName((words[at++] as { text: string }).text, this.#origin, number)
    const name = this.#owner
    if (name === null) throw new MasterFileError(number, 'there is no owner, here or before')
    let said: number | null = null
    let classed = false
    // Time and class may be there or not, in either order.
    for (; at < words.length; at++) {
      const word = words[at] as { text: string; quoted: boolean }
      const { text } = word
      if (word.quoted) break
      if (/^(CH|CS|HS)$/i.test(text)) throw new MasterFileError(number, `the class is ${text}, and only IN is read`)
      if (!classed && /^IN$/i.test(text)) classed = true
      else if (said === null && parseDuration(text) !== null) said = parseTtl(text, number)
      else break
    }
    const type = typeOf(words[at]?.text, number)
    const ttl = said ?? this.#default ?? this.#last
    const record = parseRecord({ name, type, ttl: ttl ?? 0 }, line, at + 1, this.#origin)
    if (said !== null) this.#last = said
    // RFC 1035 section 3.3.13 has the minimum as what holds for records that say nothing.
    if (record.kind === 'soa' && ttl === null) {
      this.#last = Math.min(record.data.minimum, 0x7fffffff)
      this.records.push({ record: { ...record, ttl: this.#last }, line: number })
      return
    }
    if (ttl === null) throw new MasterFileError(number, `${name} has no time to live: write $TTL 3600 before it`)
    this.records.push({ record, line: number })
  }
}

function typeOf(text: string | undefined, line: number): string {
  if (text === undefined) throw new MasterFileError(line, 'there is an owner, and no type of a record behind it')
  let type: string
  try {
    type = typeName(typeNumber(text))
  } catch {
    throw new MasterFileError(line, `there is no type ${JSON.stringify(text)}`)
  }
  if (NO_RECORD.has(type)) throw new MasterFileError(line, `${type} is no type of a record`)
  return type
}

/** The records of a master file, in order, each with its line. Throws a MasterFileError. */
export function readMasterFile(text: string, options: MasterFileOptions = {}): MasterRecord[] {
  const { origin } = options
  const reader = new MasterFileReader(origin === undefined ? null : parseName(`${origin.replace(/\.$/, '')}.`, null, 0))
  for (const line of masterLines(text)) reader.entry(line)
  return reader.records
}
