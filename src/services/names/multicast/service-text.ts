// Read first: RFC 6763 sections 4.1, 6.3 to 6.5 and 7.

import { given } from '../../../base/argument.ts'

/** What a service says of itself, beside where it is: keys, with a value or none. */
export type ServiceText = Readonly<Record<string, string | true>>

/** The strings of a TXT record. Throws a RangeError for keys that cannot be, and what does not fit. */
export function encodeServiceText(text: ServiceText): Uint8Array[] {
  const strings = Object.entries(text).map(([key, value]) => {
    if (!/^[\x20-\x3c\x3e-\x7e]+$/.test(key))
      throw new RangeError(`text has the key ${given(key)}: letters of ASCII without "="`)
    if (value !== true && typeof value !== 'string') {
      throw new TypeError(`text.${key} must be a string or true, got ${given(value)}`)
    }
    const octets = new TextEncoder().encode(value === true ? key : `${key}=${value}`)
    if (octets.length > 255) throw new RangeError(`text.${key} takes ${octets.length} octets, and 255 fit`)
    return octets
  })
  // Section 6.1: one string at least, be it empty.
  return strings.length === 0 ? [new Uint8Array()] : strings
}

/** What the strings of a TXT record say; of a key that comes twice the first counts, and what is no key nothing. */
export function decodeServiceText(strings: readonly Uint8Array[]): ServiceText {
  const text: Record<string, string | true> = Object.create(null)
  for (const octets of strings) {
    const string = new TextDecoder().decode(octets)
    const equals = string.indexOf('=')
    const key = equals < 0 ? string : string.slice(0, equals)
    if (key === '' || Object.keys(text).some((other) => other.toLowerCase() === key.toLowerCase())) continue
    text[key] = equals < 0 ? true : string.slice(equals + 1)
  }
  return text
}

/** Throws where `type` is no type of a service: "_http._tcp". */
export function checkServiceType(type: unknown): void {
  if (typeof type !== 'string') throw new TypeError(`type must be a string, got ${given(type)}`)
  if (!/^_[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?\._(tcp|udp)$/i.test(type)) {
    throw new RangeError(`type must be a service and how it is reached, such as _http._tcp, got ${given(type)}`)
  }
}

/** Throws where `label` cannot be a label of a name that people read. */
export function checkLabel(name: string, label: unknown): void {
  if (typeof label !== 'string') throw new TypeError(`${name} must be a string, got ${given(label)}`)
  const { length } = new TextEncoder().encode(label)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 6763 section 4.1.1 keeps them out.
  if (length < 1 || length > 63 || /[.\x00-\x1f\x7f\u2028\u2029]/.test(label)) {
    throw new RangeError(`${name} must have 1 to 63 octets without dots and control characters, got ${given(label)}`)
  }
}

/** The name to try when `label` is somebody's: "host", "host-2", "host-3"; "Files", "Files (2)". */
export function nextLabel(label: string, spoken: boolean): string {
  const found = (spoken ? /^(.*) \((\d{1,9})\)$/ : /^(.*)-(\d{1,9})$/).exec(label)
  const number = found === null ? 2 : Number(found[2]) + 1
  let base = found?.[1] ?? label
  const end = spoken ? ` (${number})` : `-${number}`
  const room = 63 - end.length
  while (new TextEncoder().encode(base).length > room) base = [...base].slice(0, -1).join('')
  return `${base}${end}`
}
