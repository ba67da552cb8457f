// Read first: pcap-filter(7) on "expr relop expr": octets of a packet, its length, numbers, and what is computed of them. All
// numbers are of 32 bits without a sign, as there. What looks behind the end of a packet does not want it.

import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from '../../base/constants.ts'
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../../wire/ethernet.ts'
import type { CaptureFilter } from './capture-filter.ts'
import type { CaptureHeaders } from './capture-headers.ts'
import type { CaptureWords } from './capture-words.ts'

/** A number of a packet; −1 where it has none. */
type Value = (headers: CaptureHeaders) => number

const NONE = -1

/** Where a header begins; −1 where the packet has none. That of TCP and UDP is looked for behind IPv4 alone, as tcpdump does. */
const HEADERS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['ether', ({ ethernet }) => ethernet],
  ['arp', ({ etherType, network }) => (etherType === ETHERTYPE_ARP ? network : NONE)],
  ['ip', ({ etherType, network }) => (etherType === ETHERTYPE_IPV4 ? network : NONE)],
  ['ip6', ({ etherType, network }) => (etherType === ETHERTYPE_IPV6 ? network : NONE)],
  ['tcp', behindIpv4(IPPROTO_TCP)],
  ['udp', behindIpv4(IPPROTO_UDP)],
  ['icmp', behindIpv4(IPPROTO_ICMP)],
  [
    'icmp6',
    ({ etherType, protocol, transport }) =>
      etherType === ETHERTYPE_IPV6 && protocol === IPPROTO_ICMPV6 ? transport : NONE,
  ],
])

function behindIpv4(wanted: number): Value {
  return ({ etherType, protocol, transport }) =>
    etherType === ETHERTYPE_IPV4 && protocol === wanted ? transport : NONE
}

const CONSTANTS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    tcpflags: 13,
    'tcp-fin': 0x01,
    'tcp-syn': 0x02,
    'tcp-rst': 0x04,
    'tcp-push': 0x08,
    'tcp-ack': 0x10,
    'tcp-urg': 0x20,
    'tcp-ece': 0x40,
    'tcp-cwr': 0x80,
    icmptype: 0,
    icmpcode: 1,
    'icmp-echoreply': 0,
    'icmp-unreach': 3,
    'icmp-sourcequench': 4,
    'icmp-redirect': 5,
    'icmp-echo': 8,
    'icmp-routeradvert': 9,
    'icmp-routersolicit': 10,
    'icmp-timxceed': 11,
    'icmp-paramprob': 12,
    'icmp-tstamp': 13,
    'icmp-tstampreply': 14,
    icmp6type: 0,
    icmp6code: 1,
    'icmp6-destinationunreach': 1,
    'icmp6-packettoobig': 2,
    'icmp6-timeexceeded': 3,
    'icmp6-parameterproblem': 4,
    'icmp6-echo': 128,
    'icmp6-echoreply': 129,
    'icmp6-multicastlistenerquery': 130,
    'icmp6-routersolicit': 133,
    'icmp6-routeradvert': 134,
    'icmp6-neighborsolicit': 135,
    'icmp6-neighboradvert': 136,
    'icmp6-redirect': 137,
  }),
)

const RELATIONS: ReadonlyMap<string, (x: number, y: number) => boolean> = new Map([
  ['=', (x, y) => x === y],
  ['==', (x, y) => x === y],
  ['!=', (x, y) => x !== y],
  ['<', (x, y) => x < y],
  ['>', (x, y) => x > y],
  ['<=', (x, y) => x <= y],
  ['>=', (x, y) => x >= y],
])

type Operation = (x: number, y: number) => number

/** From those that bind least to those that bind most. */
const OPERATIONS: readonly ReadonlyMap<string, Operation>[] = [
  new Map<string, Operation>([
    ['|', (x, y) => (x | y) >>> 0],
    ['&', (x, y) => (x & y) >>> 0],
    ['^', (x, y) => (x ^ y) >>> 0],
  ]),
  new Map<string, Operation>([
    ['<<', (x, y) => (y > 31 ? 0 : (x << y) >>> 0)],
    ['>>', (x, y) => (y > 31 ? 0 : x >>> y)],
  ]),
  new Map<string, Operation>([
    ['+', (x, y) => (x + y) >>> 0],
    ['-', (x, y) => (x - y) >>> 0],
  ]),
  new Map<string, Operation>([
    ['*', (x, y) => Math.imul(x, y) >>> 0],
    ['/', (x, y) => (y === 0 ? NONE : Math.floor(x / y))],
    ['%', (x, y) => (y === 0 ? NONE : x % y)],
  ]),
]

/** Whether a relation between numbers begins here, and no other primitive: a parenthesis may be either, which `parseTerm` tries. */
export function beginsArithmetic({ next, after }: CaptureWords): boolean {
  if (next === null) return false
  return next === 'len' || (HEADERS.has(next) && after === '[') || (isNumber(next) && isOperator(after))
}

function isNumber(word: string): boolean {
  return /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(word) || CONSTANTS.has(word)
}

function isOperator(word: string | null): boolean {
  return word !== null && (RELATIONS.has(word) || OPERATIONS.some((operations) => operations.has(word)))
}

/** Reads "tcp[tcpflags] & tcp-syn != 0". Throws a UsageError that says which word is wrong. */
export function parseRelation(words: CaptureWords): CaptureFilter {
  const left = parseValue(words, 0)
  const relation = RELATIONS.get(words.next ?? '')
  if (relation === undefined) throw words.wrong('"=", "!=", "<", ">", "<=" or ">="')
  words.takeAny('')
  const right = parseValue(words, 0)
  return (headers) => {
    const x = left(headers)
    const y = right(headers)
    return x !== NONE && y !== NONE && relation(x, y)
  }
}

function parseValue(words: CaptureWords, level: number): Value {
  const operations = OPERATIONS[level]
  if (operations === undefined) return parseOperand(words)
  let left = parseValue(words, level + 1)
  for (;;) {
    words.splitFront('-', '/', '%')
    const operation = operations.get(words.next ?? '')
    if (operation === undefined) return left
    words.takeAny('')
    const first = left
    const second = parseValue(words, level + 1)
    left = (headers) => {
      const x = first(headers)
      const y = second(headers)
      return x === NONE || y === NONE ? NONE : operation(x, y)
    }
  }
}

function parseOperand(words: CaptureWords): Value {
  if (words.take('(')) {
    const value = parseValue(words, 0)
    if (!words.take(')')) throw words.wrong('an operator or ")"')
    return value
  }
  if (words.take('len')) return ({ length }) => length
  const word = words.takeAny('a number, "len", or octets such as tcp[13]')
  const header = HEADERS.get(word)
  if (header !== undefined) {
    if (!words.take('[')) throw words.wrong('"["')
    return parseOctets(words, header)
  }
  if (!isNumber(word)) throw words.refuse('is no number, nor the name of one')
  const number = CONSTANTS.get(word) ?? Number(word)
  if (number > 0xffffffff) throw words.refuse('is more than 32 bits have room for')
  return () => number
}

function parseOctets(words: CaptureWords, header: Value): Value {
  const offset = parseValue(words, 0)
  let size = 1
  if (words.take(':')) {
    const text = words.takeAny('1, 2 or 4')
    if (text !== '1' && text !== '2' && text !== '4') throw words.refuse('is no number of octets: 1, 2 or 4')
    size = Number(text)
  }
  if (!words.take(']')) throw words.wrong('":" or "]"')
  return (headers) => {
    const start = header(headers)
    const at = offset(headers)
    if (start < 0 || at === NONE || start + at + size > headers.end) return NONE
    let value = 0
    for (let i = 0; i < size; i++) value = value * 256 + (headers.bytes[start + at + i] as number)
    return value
  }
}
