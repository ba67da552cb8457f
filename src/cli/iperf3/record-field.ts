import { Iperf3Failure } from './iperf3-failure.ts'

export type JsonRecord = Readonly<Record<string, unknown>>

/** What a field of a record of the peer holds, checked: each throws an Iperf3Failure that names the field and what was given. */

/** A whole number of `low` to `high`; `standard` where there is none. */
export function integerField(record: JsonRecord, name: string, low: number, high: number, standard: number): number {
  const value = record[name] ?? standard
  if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value
  throw new Iperf3Failure(`${name} must be a whole number from ${low} to ${high}, got ${shown(value)}`)
}

/** A number that is not negative; `standard` where there is none. */
export function amountField(record: JsonRecord, name: string, standard: number): number {
  const value = record[name] ?? standard
  if (typeof value === 'number' && value >= 0 && value <= Number.MAX_VALUE) return value
  throw new Iperf3Failure(`${name} must be a number that is not negative, got ${shown(value)}`)
}

/** Whether a field is set: true, or a number other than 0. */
export function flagField(record: JsonRecord, name: string): boolean {
  const value = record[name] ?? false
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  throw new Iperf3Failure(`${name} must be true or false, got ${shown(value)}`)
}

/** A text of at most `limit` characters; '' where there is none. */
export function textField(record: JsonRecord, name: string, limit: number): string {
  const value = record[name] ?? ''
  if (typeof value === 'string' && value.length <= limit) return value
  throw new Iperf3Failure(`${name} must be a text of at most ${limit} characters, got ${shown(value)}`)
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 40) ?? String(value)
}
