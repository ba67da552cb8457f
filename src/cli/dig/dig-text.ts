// Read first: dig(1), RFC 1035 section 5.1 (names and strings as text), RFC 3597 section 5. The layout is that of BIND's dig.

import { IpAddress } from '../../base/ip-address.ts'
import type { Answer } from '../../services/names/exchange.ts'
import type { Message, Question, ResourceRecord } from '../../services/names/message.ts'
import { responseName } from '../../services/names/record-type.ts'

/** What of an answer is shown. */
export interface DigSections {
  readonly comments: boolean
  readonly question: boolean
  readonly answer: boolean
  readonly authority: boolean
  readonly additional: boolean
  readonly stats: boolean
  /** Records of more than one line, and columns closer together. */
  readonly multiline?: boolean
  /** Whether records have their time to live, and their class. */
  readonly ttlid?: boolean
  readonly class?: boolean
}

const TAB = 8

/** Columns where the parts of a record begin. */
interface Layout {
  readonly ttl: number
  readonly class: number
  readonly type: number
  readonly data: number
}

function layoutOf({ multiline, ttlid = true, class: shown = true }: DigSections): Layout {
  if (multiline || !(ttlid || shown)) return { ttl: 24, class: 24, type: 24, data: 32 }
  return ttlid && shown ? { ttl: 24, class: 32, type: 40, data: 48 } : { ttl: 24, class: 24, type: 32, data: 40 }
}

const classes: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CH', 4: 'HS', 255: 'ANY' }
const opcodes = ['QUERY', 'IQUERY', 'STATUS', 'RESERVED3', 'NOTIFY', 'UPDATE'] as const

/** The answer as dig prints it, with `time` milliseconds from the question to it, at `date`. */
export function digText(
  answer: Answer,
  sections: DigSections,
  time: number,
  date: Date,
  serverName: string | null = null,
): string {
  const { message } = answer
  const lines: string[] = []
  const gap = sections.comments ? [''] : []
  if (sections.comments) lines.push(...headerLines(message))
  if (sections.question && message.question !== null) {
    if (sections.comments) lines.push(';; QUESTION SECTION:')
    lines.push(questionLine(message.question, sections), ...gap)
  }
  const section = (name: string, shown: boolean, records: readonly ResourceRecord[]) => {
    if (!shown || records.length === 0) return
    if (sections.comments) lines.push(`;; ${name} SECTION:`)
    lines.push(...records.map((record) => recordText(record, sections)), ...gap)
  }
  section('ANSWER', sections.answer, message.answers)
  section('AUTHORITY', sections.authority, message.authorities)
  section('ADDITIONAL', sections.additional, message.additionals)
  if (sections.stats) lines.push(...statisticsLines(answer, time, date, serverName), '')
  return lines.map((line) => `${line}\n`).join('')
}

/** What a server on the way of +trace has said, and who it was. */
export function traceText(
  { message, bytes, server }: Answer,
  sections: DigSections,
  time: number,
  name: string,
): string {
  const records = [...message.answers, ...message.authorities].map((record) => `${recordText(record, sections)}\n`)
  const from = `${server.address}#${server.port}(${IpAddress.parse(name) === null ? nameText(name).replace(/\.$/, '') : name})`
  return `${records.join('')};; Received ${bytes.length} bytes from ${from} in ${Math.round(time)} ms\n\n`
}

/** The data of the answers alone, a line each. */
export function shortText(message: Message): string {
  return message.answers.map((record) => `${dataText(record)}\n`).join('')
}

function headerLines(message: Message): string[] {
  const { opcode, rcode, id, question, answers, authorities, additionals, edns } = message
  const flags = [
    ['qr', message.response],
    ['aa', message.authoritative],
    ['tc', message.truncated],
    ['rd', message.recursionDesired],
    ['ra', message.recursionAvailable],
    ['ad', message.authenticData],
    ['cd', message.checkingDisabled],
  ] as const
  const set = flags.flatMap(([name, value]) => (value ? [` ${name}`] : [])).join('')
  const counts = [
    `QUERY: ${question === null ? 0 : 1}`,
    `ANSWER: ${answers.length}`,
    `AUTHORITY: ${authorities.length}`,
    `ADDITIONAL: ${additionals.length + (edns === null ? 0 : 1)}`,
  ]
  const status = responseName(rcode)
  const lines = [
    ';; Got answer:',
    `;; ->>HEADER<<- opcode: ${opcodes[opcode] ?? `RESERVED${opcode}`}, status: ${status}, id: ${id}`,
    `;; flags:${set}; ${counts.join(', ')}`,
  ]
  if (message.recursionDesired && !message.recursionAvailable) {
    lines.push(';; WARNING: recursion requested but not available')
  }
  lines.push('')
  if (edns !== null) {
    const bits = edns.dnssecOk ? ' do' : ''
    lines.push(';; OPT PSEUDOSECTION:', `; EDNS: version: ${edns.version}, flags:${bits}; udp: ${edns.udpPayloadSize}`)
  }
  return lines
}

function questionLine({ name, type, class: klass }: Question, sections: DigSections): string {
  const layout = layoutOf(sections)
  const line = new Columns(nameText(name)).put(layout.class, className(klass)).put(layout.type, type)
  // The sign of a comment takes no room.
  return `;${line.text}`
}

/** A record, as a line of a zone file, or with +multiline as several. */
export function recordText(record: ResourceRecord, sections: DigSections): string {
  const layout = layoutOf(sections)
  const line = new Columns(nameText(record.name))
  if (sections.ttlid !== false) line.put(layout.ttl, String(record.ttl))
  if (sections.class !== false) line.put(layout.class, className(record.class))
  line.put(layout.type, record.type)
  return line.put(layout.data, sections.multiline && record.kind === 'soa' ? soaLines(record) : dataText(record)).text
}

function soaLines({ data }: Extract<ResourceRecord, { kind: 'soa' }>): string {
  const indent = '\t'.repeat(4)
  const line = (value: number, name: string, text = '') => `${indent}${String(value).padEnd(10)} ; ${name}${text}\n`
  const time = (value: number, name: string) => line(value, name, ` (${durationText(value)})`)
  const { mname, rname, serial, refresh, retry, expire, minimum } = data
  return (
    `${nameText(mname)} ${nameText(rname)} (\n${line(serial, 'serial')}` +
    `${time(refresh, 'refresh')}${time(retry, 'retry')}${time(expire, 'expire')}${time(minimum, 'minimum')}${indent})`
  )
}

/** "1 hour 30 minutes" */
function durationText(seconds: number): string {
  const parts: string[] = []
  let left = seconds
  for (const [name, length] of [
    ['week', 604_800],
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ] as const) {
    const count = Math.floor(left / length)
    left %= length
    if (count > 0 || (length === 1 && parts.length === 0)) parts.push(`${count} ${name}${count === 1 ? '' : 's'}`)
  }
  return parts.join(' ')
}

/** A line whose parts begin at columns, with tabs and spaces between them; after a part that is too long, one column on. */
class Columns {
  text: string
  #column: number

  constructor(text: string) {
    this.text = text
    this.#column = text.length
  }

  put(column: number, part: string): this {
    const to = Math.max(column, this.#column + 1)
    const tabs = Math.floor(to / TAB) - Math.floor(this.#column / TAB)
    const from = tabs > 0 ? to - (to % TAB) : this.#column
    this.text += '\t'.repeat(tabs) + ' '.repeat(to - from) + part
    this.#column = to + part.length
    return this
  }
}

function statisticsLines(
  { server, transport, bytes }: Answer,
  time: number,
  date: Date,
  serverName: string | null,
): string[] {
  const address = server.address
  return [
    `;; Query time: ${Math.round(time)} msec`,
    `;; SERVER: ${address}#${server.port}(${serverName ?? address}) (${transport.toUpperCase()})`,
    `;; WHEN: ${dateText(date)}`,
    `;; MSG SIZE  rcvd: ${bytes.length}`,
  ]
}

/** "Sat Nov 21 00:50:23 UTC 2026" */
function dateText(date: Date): string {
  const [day = '', number, month, year, time] = date.toUTCString().split(' ')
  return `${day.slice(0, 3)} ${month} ${number} ${time} UTC ${year}`
}

function className(klass: number): string {
  return classes[klass] ?? `CLASS${klass}`
}

/** The data of a record as a zone file has it. */
export function dataText(record: ResourceRecord): string {
  switch (record.kind) {
    case 'address':
      return record.data.toString()
    case 'name':
      return nameText(record.data)
    case 'soa': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record.data
      return `${nameText(mname)} ${nameText(rname)} ${serial} ${refresh} ${retry} ${expire} ${minimum}`
    }
    case 'mx':
      return `${record.data.preference} ${nameText(record.data.exchange)}`
    case 'srv': {
      const { priority, weight, port, target } = record.data
      return `${priority} ${weight} ${port} ${nameText(target)}`
    }
    case 'text':
      return record.data.map(quoted).join(' ')
    case 'other':
      return (record.type === 'CAA' ? authorityText(record.data) : null) ?? unknownText(record.data)
  }
}

/** RFC 8659 section 4.1.1; null where it is none. */
function authorityText(data: Uint8Array): string | null {
  const length = data[1] ?? 0
  if (length === 0 || data.length < 2 + length) return null
  const tag = new TextDecoder().decode(data.subarray(2, 2 + length))
  return /^[a-zA-Z0-9]+$/.test(tag) ? `${data[0]} ${tag} ${quoted(data.subarray(2 + length))}` : null
}

/** RFC 3597 section 5. */
function unknownText(data: Uint8Array): string {
  let hex = ''
  for (let i = 0; i < data.length; i++) hex += (data[i] as number).toString(16).padStart(2, '0').toUpperCase()
  return data.length === 0 ? '\\# 0' : `\\# ${data.length} ${hex}`
}

function quoted(octets: Uint8Array): string {
  return `"${escaped(octets, '"\\')}"`
}

/** With its dot at the end, and nothing in it that a terminal would take for a command. */
export function nameText(name: string): string {
  if (name === '.') return name
  return `${escaped(new TextEncoder().encode(name), '"\\();@$ ')}.`
}

// RFC 1035 section 5.1: \X for a character of the syntax, \DDD for an octet that cannot be shown.
function escaped(octets: Uint8Array, special: string): string {
  let text = ''
  for (const octet of octets) {
    const character = String.fromCharCode(octet)
    if (octet < 0x20 || octet > 0x7e) text += `\\${String(octet).padStart(3, '0')}`
    else text += special.includes(character) ? `\\${character}` : character
  }
  return text
}
