// Read first: pcap-filter(7), "primitive": a protocol, a direction and a kind, and then what it is compared with.

import { read16 } from '../../base/bytes.ts'
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from '../../base/constants.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { services } from '../../services/names/service-table.ts'
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../../wire/ethernet.ts'
import type { CaptureFilter } from './capture-filter.ts'
import type { CaptureHeaders } from './capture-headers.ts'
import type { CaptureWords } from './capture-words.ts'

type Side = 'src' | 'dst' | 'either' | 'both'
type Kind = 'host' | 'net' | 'port' | 'portrange'

/** What stands before an address or a port, and holds on for those behind "or". */
export interface Qualifiers {
  readonly protocol: string | null
  readonly side: Side
  readonly kind: Kind
}

export interface Primitive {
  readonly filter: CaptureFilter
  readonly qualifiers: Qualifiers | null
}

type Test = (headers: CaptureHeaders) => boolean

const IPPROTO_SCTP = 132

const ofEtherType =
  (etherType: number): Test =>
  (headers) =>
    headers.etherType === etherType
const ofProtocol =
  (protocol: number): Test =>
  (headers) =>
    headers.protocol === protocol

const PROTOCOLS: ReadonlyMap<string, Test> = new Map([
  ['ether', (headers) => headers.ethernet >= 0],
  ['arp', ofEtherType(ETHERTYPE_ARP)],
  ['ip', ofEtherType(ETHERTYPE_IPV4)],
  ['ip6', ofEtherType(ETHERTYPE_IPV6)],
  ['icmp', (headers) => headers.etherType === ETHERTYPE_IPV4 && headers.protocol === IPPROTO_ICMP],
  ['icmp6', (headers) => headers.etherType === ETHERTYPE_IPV6 && headers.protocol === IPPROTO_ICMPV6],
  ['igmp', ofProtocol(2)],
  ['tcp', ofProtocol(IPPROTO_TCP)],
  ['udp', ofProtocol(IPPROTO_UDP)],
  ['sctp', ofProtocol(IPPROTO_SCTP)],
])

const KINDS: readonly string[] = ['host', 'net', 'port', 'portrange']
/** What can stand before a port; before an address can be the others, and only those that have one. */
const WITH_PORTS = ['tcp', 'udp', 'sctp', 'ip', 'ip6']
const WITH_ADDRESSES = ['ether', 'arp', 'ip', 'ip6']

const EXPECTED = 'a protocol, "host", "net", "port", "portrange", "src" or "dst"'

/** Reads one primitive. `last`: the qualifiers before, which an address or port without any takes over. */
export function parsePrimitive(words: CaptureWords, last: Qualifiers | null): Primitive {
  const plain = parsePlain(words)
  if (plain !== null) return { filter: plain, qualifiers: null }
  const protocol = words.next !== null && PROTOCOLS.has(words.next) ? words.takeAny(EXPECTED) : null
  const group = parseGroup(words, protocol)
  if (group !== null) return { filter: group, qualifiers: null }
  if (protocol !== null && words.take('proto')) return { filter: parseNumber(words, protocol), qualifiers: null }
  const side = parseSide(words)
  const kind = words.next !== null && KINDS.includes(words.next) ? (words.takeAny(EXPECTED) as Kind) : null
  if (side === null && kind === null) {
    const test = protocol === null ? null : (PROTOCOLS.get(protocol) as Test)
    if (test !== null && isOver(words)) return { filter: test, qualifiers: null }
    if (protocol === null && last !== null && looksLikeValue(words.next)) {
      return { filter: parseValue(words, last), qualifiers: last }
    }
    if (!looksLikeValue(words.next)) throw words.wrong(test === null ? EXPECTED : `"and", "or" or ${EXPECTED}`)
  }
  const qualifiers: Qualifiers = { protocol, side: side ?? 'either', kind: kind ?? 'host' }
  return { filter: parseValue(words, qualifiers), qualifiers }
}

function isOver(words: CaptureWords): boolean {
  return words.next === null || ['and', 'or', '&&', '||', ')'].includes(words.next)
}

/** An address, a port, or the name of one, and no word of the language: by its first character, a digit, or a colon or point in it. */
function looksLikeValue(word: string | null): boolean {
  return word !== null && (/^\d/.test(word) || /[.:]/.test(word))
}

// What stands alone.
function parsePlain(words: CaptureWords): CaptureFilter | null {
  if (words.take('inbound')) return (_, direction) => direction === 'in'
  if (words.take('outbound')) return (_, direction) => direction === 'out'
  if (words.take('less')) {
    const length = wholeNumber(words, 'a length', 0, 262144)
    return (headers) => headers.length <= length
  }
  if (words.take('greater')) {
    const length = wholeNumber(words, 'a length', 0, 262144)
    return (headers) => headers.length >= length
  }
  if (words.take('proto')) return parseNumber(words, null)
  if (!words.take('vlan')) return null
  if (!/^\d/.test(words.next ?? '')) return (headers) => headers.vlan >= 0
  const vlan = wholeNumber(words, 'the number of a VLAN', 0, 4095)
  return (headers) => headers.vlan === vlan
}

function parseGroup(words: CaptureWords, protocol: string | null): CaptureFilter | null {
  if (words.take('broadcast')) {
    if (protocol === 'ip') throw words.refuse('of ip would need the mask of the link: write ether broadcast')
    if (protocol !== null && protocol !== 'ether') throw words.refuse(`is nothing that ${protocol} has`)
    return ({ ethernet, bytes }) => ethernet >= 0 && read16(bytes, ethernet) === 0xffff && isOnes(bytes, ethernet)
  }
  if (!words.take('multicast')) return null
  if (protocol === null || protocol === 'ether') {
    return ({ ethernet, bytes }) => ethernet >= 0 && ((bytes[ethernet] as number) & 1) === 1
  }
  if (protocol === 'ip') {
    // As tcpdump: 224.0.0.0 and all above it, the broadcast address too.
    return ({ etherType, destination, bytes }) =>
      etherType === ETHERTYPE_IPV4 && destination >= 0 && (bytes[destination] as number) >= 224
  }
  if (protocol === 'ip6') {
    return ({ etherType, destination, bytes }) =>
      etherType === ETHERTYPE_IPV6 && destination >= 0 && bytes[destination] === 0xff
  }
  throw words.refuse(`is nothing that ${protocol} has`)
}

function isOnes(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 6; i++) if (bytes[at + i] !== 0xff) return false
  return true
}

function parseNumber(words: CaptureWords, protocol: string | null): CaptureFilter {
  if (protocol !== null && protocol !== 'ip' && protocol !== 'ip6')
    throw words.refuse(`is nothing that ${protocol} has`)
  const family = protocol === null ? null : (PROTOCOLS.get(protocol) as Test)
  // pcap-filter(7) has the names of protocols escaped here, since they are words of the language.
  const text = (words.next ?? '').replace(/^\\/, '')
  const named = PROTOCOLS.get(text)
  if (named !== undefined && !WITH_ADDRESSES.includes(text)) {
    words.takeAny('')
    return (headers) => (family === null || family(headers)) && named(headers)
  }
  const number = wholeNumber(words, 'the number of a protocol', 0, 255)
  return (headers) => (family === null || family(headers)) && headers.protocol === number
}

function parseSide(words: CaptureWords): Side | null {
  const first = words.take('src') ? 'src' : words.take('dst') ? 'dst' : null
  if (first === null) return null
  const other = first === 'src' ? 'dst' : 'src'
  // "src or dst": only where the other side follows, or it would be the "or" of two primitives.
  for (const [word, side] of [
    ['or', 'either'],
    ['and', 'both'],
  ] as const) {
    if (words.next === word && words.after === other) {
      words.takeAny('')
      words.takeAny('')
      return side
    }
  }
  return first
}

function parseValue(words: CaptureWords, { protocol, side, kind }: Qualifiers): CaptureFilter {
  const allowed = kind === 'host' || kind === 'net' ? WITH_ADDRESSES : WITH_PORTS
  if (protocol !== null && (!allowed.includes(protocol) || (protocol === 'ether' && kind === 'net'))) {
    throw words.wrong(`no ${kind} of ${protocol} (${allowed.join(', ')} have one), but "and", "or" or the end`)
  }
  const of = protocol === null ? null : (PROTOCOLS.get(protocol) as Test)
  const test =
    kind === 'host' || kind === 'net' ? addressTest(words, kind, protocol, side) : portTest(words, kind, protocol, side)
  return of === null ? test : (headers) => of(headers) && test(headers)
}

function sided(side: Side, source: Test, destination: Test): Test {
  if (side === 'src') return source
  if (side === 'dst') return destination
  if (side === 'both') return (headers) => source(headers) && destination(headers)
  return (headers) => source(headers) || destination(headers)
}

function addressTest(words: CaptureWords, kind: 'host' | 'net', protocol: string | null, side: Side): Test {
  if (protocol === 'ether') {
    const octets = hardwareAddress(words)
    return sided(
      side,
      ({ ethernet, bytes }) => ethernet >= 0 && startsWith(bytes, ethernet + 6, octets, 48),
      ({ ethernet, bytes }) => ethernet >= 0 && startsWith(bytes, ethernet, octets, 48),
    )
  }
  const text = words.takeAny(kind === 'net' ? 'a network such as 10.0.0.0/24' : 'an address such as 10.0.0.1')
  const [address = '', prefix] = text.split('/')
  const ip = IpAddress.parse(address)
  if (ip === null) throw words.refuse('is no address (names are not looked up)')
  const octets = octetsOf(ip)
  const bits = octets.length * 8
  let length = bits
  if (prefix !== undefined) {
    if (kind === 'host') throw words.refuse('is a network: write "net" before it')
    length = /^\d{1,3}$/.test(prefix) ? Number(prefix) : bits + 1
    if (length > bits) throw words.refuse(`has no prefix length from 0 to ${bits}`)
    if (!isNetwork(octets, length)) throw words.refuse(`has bits set behind its first ${length}`)
  }
  return sided(
    side,
    (headers) => headers.addressLength === octets.length && startsWith(headers.bytes, headers.source, octets, length),
    (headers) =>
      headers.addressLength === octets.length && startsWith(headers.bytes, headers.destination, octets, length),
  )
}

function portTest(words: CaptureWords, kind: 'port' | 'portrange', protocol: string | null, side: Side): Test {
  const [low, high] = kind === 'port' ? onePort(words, protocol) : portRange(words)
  return sided(
    side,
    ({ sourcePort }) => sourcePort >= low && sourcePort <= high,
    ({ destinationPort }) => destinationPort >= low && destinationPort <= high,
  )
}

function onePort(words: CaptureWords, protocol: string | null): [number, number] {
  const text = words.takeAny('a port such as 80 or http')
  const transport = protocol === 'tcp' || protocol === 'udp' ? protocol : null
  const port = /^\d{1,5}$/.test(text) ? Number(text) : services.byName(text, transport)?.port
  if (port === undefined) throw words.refuse('is no port and no service with one')
  if (port > 65535) throw words.refuse('is no port: they end at 65535')
  return [port, port]
}

function portRange(words: CaptureWords): [number, number] {
  const text = words.takeAny('a range such as 1-1023')
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text)
  const [low, high] = [Number(match?.[1]), Number(match?.[2])]
  if (!(low <= high && high <= 65535)) throw words.refuse('is no range of ports such as 1-1023')
  return [low, high]
}

function wholeNumber(words: CaptureWords, what: string, low: number, high: number): number {
  const text = words.takeAny(what)
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < low || number > high) throw words.refuse(`is not ${what}, from ${low} to ${high}`)
  return number
}

function hardwareAddress(words: CaptureWords): Uint8Array {
  const text = words.takeAny('a hardware address such as 02:00:00:00:00:01')
  if (!/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(text)) {
    throw words.refuse('is no hardware address such as 02:00:00:00:00:01')
  }
  return Uint8Array.from(text.split(':'), (octet) => Number.parseInt(octet, 16))
}

function octetsOf(ip: IpAddress): Uint8Array {
  const octets = new Uint8Array(16)
  const view = new DataView(octets.buffer)
  for (const [i, word] of [ip.a, ip.b, ip.c, ip.d].entries()) view.setInt32(i * 4, word)
  return ip.isV4 ? octets.subarray(12) : octets
}

/** Whether the first `length` bits of `octets` are at `at`. */
function startsWith(bytes: Uint8Array, at: number, octets: Uint8Array, length: number): boolean {
  for (let i = 0; i * 8 < length; i++) {
    const mask = length - i * 8 >= 8 ? 0xff : 0xff00 >> (length - i * 8)
    if ((((bytes[at + i] as number) ^ (octets[i] as number)) & mask & 0xff) !== 0) return false
  }
  return true
}

function isNetwork(octets: Uint8Array, length: number): boolean {
  const zeros = octets.map((octet, i) =>
    length - i * 8 >= 8 ? 0 : length - i * 8 <= 0 ? octet : octet & (0xff >> (length - i * 8)),
  )
  return zeros.every((octet) => octet === 0)
}
