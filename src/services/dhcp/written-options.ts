// What a program writes of options that both versions have.

import { given } from '../../base/argument.ts'
import { domainOf, searchListOctets, textOctets } from '../../wire/dhcp-values.ts'

/** Options as messages have them, by their numbers. */
export type OptionOctets = Map<number, Uint8Array<ArrayBuffer>>

export function checkDomain(name: string, domain: unknown): void {
  if (typeof domain === 'string' && domainOf(textOctets(domain)) !== null) return
  throw new RangeError(`${name} must be a domain name, got ${given(domain)}`)
}

/** The domains in which names are looked for, for option `code`; nothing of none. */
export function addSearch(all: OptionOctets, code: number, name: string, search: unknown): void {
  if (!Array.isArray(search)) throw new TypeError(`${name} must be an array, got ${given(search)}`)
  search.forEach((one: unknown, i) => {
    checkDomain(`${name}[${i}]`, one)
  })
  if (search.length > 0) all.set(code, searchListOctets(search))
}

/** Options by their numbers, from 1 to `most`, but those of `own`, which the server says itself or only clients say. */
export function addOthers(
  all: OptionOctets,
  name: string,
  others: Readonly<Record<number, Uint8Array>>,
  most: number,
  own: readonly number[],
): void {
  for (const [key, value] of Object.entries(others)) {
    const code = Number(key)
    if (!Number.isInteger(code) || code < 1 || code > most || own.includes(code)) {
      throw new RangeError(`${name} must have numbers from 1 to ${most} that are not the server's to say, got ${key}`)
    }
    if (!(value instanceof Uint8Array)) {
      throw new TypeError(`${name}[${key}] must be a Uint8Array, got ${given(value)}`)
    }
    all.set(code, value.slice() as Uint8Array<ArrayBuffer>)
  }
}
