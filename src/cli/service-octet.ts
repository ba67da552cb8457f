// Read first: RFC 2474 section 3, RFC 3168 section 5. IPv4 calls it type of service, IPv6 traffic class.

import { InvalidArgumentError } from 'commander'
import { AF_INET, IP_TOS, IPPROTO_IP, IPPROTO_IPV6, IPV6_TCLASS } from '../base/constants.ts'
import type { Socket } from '../socket/socket.ts'

/** Names of RFC 1349, which nc(1) and ping(8) still know. */
const NAMES: Readonly<Record<string, number>> = {
  lowdelay: 0x10,
  throughput: 0x08,
  reliability: 0x04,
  inetcontrol: 0xc0,
  netcontrol: 0xe0,
  critical: 0xa0,
}

/** For commander: reads a number of eight bits, such as 0x10, or the name of a class, such as ef, cs1, af21 or lowdelay. */
export function serviceOctet(text: string): number {
  const name = text.toLowerCase()
  const value = NAMES[name] ?? (codePoint(name) ?? Number.NaN) << 2
  if (Object.hasOwn(NAMES, name) || codePoint(name) !== null) return value
  const octet = cNumber(text)
  if (octet <= 255) return octet
  throw new InvalidArgumentError(
    'It must be a number from 0 to 255, as in 16, 020 or 0x10, or a name such as ef, cs1, af21.',
  )
}

/** For commander: reads the upper six bits of it. */
export function serviceCodePoint(text: string): number {
  const value = codePoint(text.toLowerCase()) ?? cNumber(text)
  if (value <= 63) return value
  throw new InvalidArgumentError('It must be a number from 0 to 63, or a name such as ef, cs1, af21.')
}

/** RFC 2474 and RFC 4594: class selectors, assured and expedited forwarding. Null: no name of theirs. */
function codePoint(name: string): number | null {
  const [, selector] = /^cs([0-7])$/.exec(name) ?? []
  if (selector !== undefined) return Number(selector) << 3
  const [, major, minor] = /^af([1-4])([1-3])$/.exec(name) ?? []
  if (major !== undefined) return (Number(major) << 3) | (Number(minor) << 1)
  return { ef: 46, va: 44, le: 1, be: 0 }[name] ?? null
}

/** A number as C writes it, in tens, eights or sixteens; NaN for what is none. */
export function cNumber(text: string): number {
  if (/^0x[\da-f]+$/i.test(text)) return Number(text)
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8)
  return /^\d+$/.test(text) ? Number(text) : Number.NaN
}

/** Gives what `socket` sends that octet. */
export function setServiceOctet(socket: Socket, octet: number): void {
  const v4 = socket.family === AF_INET
  socket.setsockopt(v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, octet)
}
