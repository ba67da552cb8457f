// For commander: what the value of an option may be, where that can be told from the value alone.

import { InvalidArgumentError } from 'commander'
import { canonicalName, isDomainName } from '../services/names/domain-name.ts'
import { parseScopedAddress } from '../services/names/server-address.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: what a header, a name or a line of ours cannot have.
const CONTROLS = /[\x00-\x1f\x7f]/

/** Reads a path: no file is without a name, and none has an octet 0 in it. */
export function filePath(text: string): string {
  if (text === '' || text.includes('\0')) throw new InvalidArgumentError('It must be the path of a file.')
  return text
}

/** Reads what a host may be called by: an address, or a name that somebody may know. */
export function hostText(text: string): string {
  const name = !/\s/.test(text) && !CONTROLS.test(text) && isDomainName(canonicalName(text))
  // Of an IPv4 address too the interface may be named: -B 192.0.2.1%eth0.
  const address = parseScopedAddress(text, () => 1) !== null
  if (name || address) return text
  throw new InvalidArgumentError('It must be an address, such as 192.0.2.1, or a name.')
}

/** Reads the name of a domain. */
export function domainText(text: string): string {
  if (/\s/.test(text) || CONTROLS.test(text) || !isDomainName(canonicalName(text))) {
    throw new InvalidArgumentError('It must be a domain, such as lan or example.org.')
  }
  return text
}

/** Reads the name of an interface, as the kernel would have it. */
export function interfaceName(text: string): string {
  if (/^[^\s/:]{1,15}$/.test(text) && !CONTROLS.test(text)) return text
  throw new InvalidArgumentError('It must be the name of an interface, such as eth0.')
}

/** Reads the name of an interface of the kernel or of a program's stack, which may be called anything. */
export function linkName(text: string): string {
  if (text !== '' && !CONTROLS.test(text)) return text
  throw new InvalidArgumentError('It must be the name of an interface, such as eth0.')
}

/** Reads words that are printed, or sent as they are: one line, which may be empty. */
export function lineText(text: string): string {
  if (CONTROLS.test(text)) throw new InvalidArgumentError('It must be one line of text.')
  return text
}

/** Reads an option that may be given several times, each as `parse` does. */
export function several<T>(parse: (text: string) => T): (text: string, before: readonly T[]) => readonly T[] {
  return (text, before) => [...before, parse(text)]
}
