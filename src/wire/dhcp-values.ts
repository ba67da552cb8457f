// Read first: RFC 2132 section 2, RFC 3397 (search list), RFC 3442 (routes), RFC 1035 section 4.1.4 (names).
//
// What the values of options say. Each is null where it is not what it should be: these come from anybody on the link.

import { read16, read32, write16, write32 } from '../base/bytes.ts'
import { wordMask } from '../base/prefix.ts'

const NAME_LENGTH_MAX = 255
const LABEL_LENGTH_MAX = 63
const POINTER = 0xc0

/** A network and the router that leads there; 0: it is on the link. */
export interface DhcpRoute {
  readonly prefix: number
  /** Of 32 bits. */
  readonly length: number
  readonly router: number
}

/** One address or more, each of 32 bits. */
export function addressesOf(value: Uint8Array): number[] | null {
  if (value.length === 0 || value.length % 4 !== 0) return null
  return Array.from({ length: value.length / 4 }, (_, i) => read32(value, 4 * i))
}

export function addressOf(value: Uint8Array): number | null {
  return value.length === 4 ? read32(value, 0) : null
}

/** Seconds, or what else is a number of 32 bits. */
export function uint32Of(value: Uint8Array): number | null {
  return value.length === 4 ? read32(value, 0) >>> 0 : null
}

export function uint16Of(value: Uint8Array): number | null {
  return value.length === 2 ? read16(value, 0) : null
}

/** A text, up to its first zero; null where it has none but zeros, or an octet that ASCII does not print. */
export function textOf(value: Uint8Array): string | null {
  let text = ''
  for (let i = 0; i < value.length && value[i] !== 0; i++) {
    const octet = value[i] as number
    if (octet < 0x20 || octet > 0x7e) return null
    text += String.fromCharCode(octet)
  }
  return text === '' ? null : text
}

/** A domain's name as a text, without the dot at its end; null where it has what no host name has. It ends up in queries. */
export function domainOf(value: Uint8Array): string | null {
  const name = textOf(value)?.replace(/\.$/, '') ?? ''
  if (name.length > NAME_LENGTH_MAX - 2) return null
  return name.split('.').every(isLabel) ? name : null
}

function isLabel(label: string): boolean {
  return label.length <= LABEL_LENGTH_MAX && /^[\w-]+$/.test(label)
}

/** The names of a search list, each of which may end in that of an earlier one. */
export function searchListOf(value: Uint8Array): string[] | null {
  const names: string[] = []
  let at = 0
  while (at < value.length) {
    const labels: string[] = []
    let length = 1
    let next = -1
    for (;;) {
      const octet = value[at] ?? -1
      if (octet === -1) return null
      if (octet === 0) break
      if (octet >= POINTER) {
        if (at + 1 >= value.length) return null
        const target = read16(value, at) & 0x3fff
        if (next < 0) next = at + 2
        // Backwards alone: who comes back here has read a label more, and those have an end.
        if (target >= at) return null
        at = target
        continue
      }
      const end = at + 1 + octet
      if (octet > LABEL_LENGTH_MAX || end > value.length) return null
      const label = textOf(value.subarray(at + 1, end)) ?? ''
      if (label.length !== octet || !isLabel(label)) return null
      length += 1 + octet
      if (length > NAME_LENGTH_MAX) return null
      labels.push(label)
      at = end
    }
    if (labels.length === 0) return null
    names.push(labels.join('.'))
    at = next < 0 ? at + 1 : next
  }
  return names.length === 0 ? null : names
}

export function routesOf(value: Uint8Array): DhcpRoute[] | null {
  const routes: DhcpRoute[] = []
  let at = 0
  while (at < value.length) {
    const length = value[at] as number
    const octets = (length + 7) >>> 3
    if (length > 32 || at + 1 + octets + 4 > value.length) return null
    let prefix = 0
    for (let i = 0; i < octets; i++) prefix |= (value[at + 1 + i] as number) << (24 - 8 * i)
    // RFC 3442: bits behind the prefix are zeros, whatever the option says.
    routes.push({ prefix: prefix & wordMask(length), length, router: read32(value, at + 1 + octets) })
    at += 1 + octets + 4
  }
  return routes.length === 0 ? null : routes
}

/** How many bits of 32 a subnet's mask has; null where its ones are not all in front. */
export function maskLengthOf(value: Uint8Array): number | null {
  const mask = addressOf(value)
  if (mask === null) return null
  const length = Math.clz32(~mask)
  return mask === wordMask(length) ? length : null
}

export function addressOctets(...addresses: readonly number[]): Uint8Array<ArrayBuffer> {
  const value = new Uint8Array(4 * addresses.length)
  addresses.forEach((address, i) => {
    write32(value, 4 * i, address)
  })
  return value
}

export function uint32Octets(number: number): Uint8Array<ArrayBuffer> {
  return addressOctets(number)
}

export function uint16Octets(number: number): Uint8Array<ArrayBuffer> {
  const value = new Uint8Array(2)
  write16(value, 0, number)
  return value
}

/** A text of ASCII. */
export function textOctets(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/** Names as DNS writes them, none compressed. */
export function searchListOctets(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const octets: number[] = []
  for (const name of names) {
    for (const label of name.replace(/\.$/, '').split('.')) octets.push(label.length, ...textOctets(label))
    octets.push(0)
  }
  return Uint8Array.from(octets)
}

export function routesOctets(routes: readonly DhcpRoute[]): Uint8Array<ArrayBuffer> {
  const octets: number[] = []
  for (const { prefix, length, router } of routes) {
    octets.push(length, ...addressOctets(prefix).subarray(0, (length + 7) >>> 3), ...addressOctets(router))
  }
  return Uint8Array.from(octets)
}
