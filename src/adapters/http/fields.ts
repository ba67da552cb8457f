// Read first: RFC 9110 section 5, RFC 9112 section 5.

import { HttpError, quoted } from './http-error.ts'
import type { OctetReader } from './octet-reader.ts'

/** Name, in small letters, and value. */
export type Field = readonly [name: string, value: string]

/** How much of a head is read. */
export interface HeadLimits {
  /** Octets of the whole head. */
  readonly octets: number
  readonly fields: number
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

export function isToken(text: string): boolean {
  return TOKEN.test(text)
}

/** Lines of fields up to the empty one. `left`: octets that they may have. */
export async function readFields(reader: OctetReader, limits: HeadLimits, left: number): Promise<Field[]> {
  const fields: Field[] = []
  for (;;) {
    const line = await reader.line(left)
    if (line === '') return fields
    left -= line.length + 2
    if (fields.length === limits.fields) {
      throw new HttpError('HTTP_LIMIT', `there are more than ${limits.fields} fields`, 431)
    }
    fields.push(parseField(line))
  }
}

// "No whitespace is allowed between the field name and colon"; a line that begins with whitespace (obs-fold) has no name either.
// We differ: a client MUST replace an obs-fold by spaces. Nothing that is written today sends one, but for attacks.
function parseField(line: string): Field {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(0, colon))
  if (!TOKEN.test(name)) throw new HttpError('HTTP_SYNTAX', `${quoted(line)} is no field`)
  let start = colon + 1
  let end = line.length
  while (start < end && isBlank(line, start)) start++
  while (end > start && isBlank(line, end - 1)) end--
  const value = line.slice(start, end)
  if (!VALUE.test(value))
    throw new HttpError('HTTP_SYNTAX', `the value ${quoted(value)} of ${name} has a control character`)
  return [name.toLowerCase(), value]
}

function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code === 0x20 || code === 0x09
}

/** The values of all fields of that name. */
export function valuesOf(fields: readonly Field[], name: string): string[] {
  return fields.filter(([other]) => other === name).map(([, value]) => value)
}

/** Whether a list of tokens (Connection, RFC 9110 section 7.6.1) has this one. */
export function lists(fields: readonly Field[], name: string, token: string): boolean {
  return valuesOf(fields, name).some((value) =>
    value.split(',').some((member) => member.trim().toLowerCase() === token),
  )
}

/** Whether the sender leaves the connection open behind this message: RFC 9112 section 9.3. */
export function persists(minor: number, fields: readonly Field[]): boolean {
  if (lists(fields, 'connection', 'close')) return false
  return minor > 0 || lists(fields, 'connection', 'keep-alive')
}
