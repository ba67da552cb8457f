// Read first: RFC 2784, RFC 2890, RFC 3032 section 2.1; the packetdrill language.

import { IpAddress } from '../base/ip-address.ts'
import { NO_IP_FIELDS } from './ip-header.ts'
import type { Lexer } from './lexer.ts'
import type { IpFields, MplsLabel, Outer } from './script.ts'

const U32 = 0xffffffff

/** The headers before that of the packet itself, outermost first: `ipv4 192.0.2.9 > 192.0.2.8 : gre : …` */
export function parseEncapsulation(
  lexer: Lexer,
  parseIp: () => IpFields,
): { readonly outer: readonly Outer[]; readonly ip: IpFields } {
  const outer: Outer[] = []
  let ip = NO_IP_FIELDS
  for (;;) {
    const word = lexer.scan(/(?:ipv4|ipv6|gre|mpls)\b/y)
    if (word === null) return { outer, ip }
    if (word === 'ipv4' || word === 'ipv6') outer.push(parseOuterIp(lexer, word, parseIp))
    else if (word === 'gre') outer.push(parseGre(lexer))
    else outer.push({ kind: 'mpls', labels: parseLabels(lexer) })
    lexer.take(':')
    // Of the packet itself.
    ip = parseIp()
  }
}

function parseOuterIp(lexer: Lexer, kind: 'ipv4' | 'ipv6', parseIp: () => IpFields): Outer {
  const ip = parseIp()
  const source = parseAddress(lexer, kind)
  lexer.take('>')
  return { kind, ip, source, destination: parseAddress(lexer, kind) }
}

function parseAddress(lexer: Lexer, kind: 'ipv4' | 'ipv6'): IpAddress {
  const place = lexer.place()
  // The colon that ends the header may stand right behind an address of IPv6, but is no part of it.
  const text = lexer.scan(kind === 'ipv4' ? /[0-9.]+/y : /[0-9A-Fa-f:.]*[0-9A-Fa-f]|::/y)
  const address = text === null ? null : IpAddress.parse(text)
  if (address === null || address.isV4 !== (kind === 'ipv4')) {
    lexer.fail(
      `expected an ${kind === 'ipv4' ? 'IPv4' : 'IPv6'} address${text === null ? '' : `, found '${text}'`}`,
      place,
    )
  }
  return address
}

function parseGre(lexer: Lexer): Outer {
  const number = (name: string, pattern: RegExp, most: number) => {
    lexer.scan(/,/y)
    return lexer.scan(pattern) === null ? null : lexer.number(name, most)
  }
  const flags = number('the flags of GRE', /flags\b/y, 0xffff)
  const checksum = number('the checksum of GRE', /sum\b/y, 0xffff)
  const offset = number('the offset of GRE', /off\b/y, 0xffff)
  const key = number('the key of GRE', /key\b/y, U32)
  const sequence = number('the sequence number of GRE', /seq\b/y, U32)
  return { kind: 'gre', flags: flags ?? 0, checksum, offset, key, sequence }
}

/** `(label 100, tc 0, [S], ttl 64)`, once or more. */
function parseLabels(lexer: Lexer): MplsLabel[] {
  const labels: MplsLabel[] = []
  while (lexer.scan(/\(/y) !== null) {
    take(lexer, /label\b/y, "'label'")
    const label = lexer.number('the label', 0xfffff)
    lexer.scan(/,/y)
    take(lexer, /tc\b/y, "'tc'")
    const trafficClass = lexer.number('the traffic class', 7)
    lexer.scan(/,/y)
    const bottom = lexer.scan(/\[\s*S\s*\]/y) !== null
    lexer.scan(/,/y)
    take(lexer, /ttl\b/y, "'ttl'")
    labels.push({ label, trafficClass, bottom, ttl: lexer.number('the time to live', 255) })
    lexer.take(')')
  }
  if (labels.length === 0) lexer.expected("'(label …)'")
  return labels
}

function take(lexer: Lexer, pattern: RegExp, what: string): void {
  if (lexer.scan(pattern) === null) lexer.expected(what)
}
