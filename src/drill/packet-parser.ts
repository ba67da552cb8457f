import { parseEncapsulation } from './encapsulation-parser.ts'
import { type IcmpVersion, icmpCode, icmpType, namesMtu } from './icmp-names.ts'
import { NO_IP_FIELDS } from './ip-header.ts'
import type { Lexer } from './lexer.ts'
import type { EventTime, IcmpFields, IpFields, PacketAction, Ports, Quoted, TcpFields, UdpFields } from './script.ts'
import { ACE_BITS, flagsOfAce, parseFlags } from './tcp-flags.ts'
import { parseTcpOptions } from './tcp-option-parser.ts'

/** A packet. `version` is that of the run: the names of ICMP are other ones in each. */
export function parsePacket(lexer: Lexer, time: EventTime, version: IcmpVersion): PacketAction {
  const arrow = lexer.next()
  const place = { line: arrow.line, column: arrow.column }
  const direction = arrow.text === '<' ? 'in' : 'out'
  if (direction === 'in' && time.kind !== 'at') {
    lexer.fail('a packet that the script sends needs one time, not a range or *', place)
  }
  const first = parseIpFields(lexer, direction)
  const { outer, ip: behind } = parseEncapsulation(lexer, () => parseIpFields(lexer, direction))
  const ip = outer.length === 0 ? first : behind
  const common = { kind: 'packet', direction, outer, ip, ...place } as const
  const word = lexer.scan(/(?:udp|icmp|encap)\b/y)
  if (word === 'udp') return { ...common, transport: parseUdp(lexer) }
  if (word === 'icmp') return { ...common, transport: parseIcmp(lexer, version) }
  if (word !== null) lexer.fail('PSP is not built: packets cannot be encrypted', place)
  return { ...common, transport: parseTcp(lexer, direction) }
}

const IP_FIELDS = "a field of the IP header ('ect0', 'ect1', 'ce', 'noecn', 'ect01', 'tos', 'ttl', 'flowlabel')"

function parseIpFields(lexer: Lexer, direction: 'in' | 'out'): IpFields {
  const bracket = lexer.scan(/[[(](?=\s*[a-z])/y)
  if (bracket === null) return NO_IP_FIELDS
  let { ecn, tos, ttl, flowLabel } = NO_IP_FIELDS
  do {
    const place = lexer.place()
    const word = lexer.scan(/[a-z0-9]+/y)
    if (word === 'tos') tos = lexer.number('the type of service', 255)
    else if (word === 'ttl') ttl = lexer.number('the time to live', 255)
    else if (word === 'flowlabel') flowLabel = lexer.number('the flow label', 0xfffff)
    else if (word === 'noecn' || word === 'ect0' || word === 'ect1' || word === 'ce' || word === 'ect01') ecn = word
    else lexer.fail(`expected ${IP_FIELDS}${word === null ? '' : `, found '${word}'`}`, place)
    if (ecn === 'ect01' && direction === 'in') lexer.fail("'ect01' fits only a packet that the stack sends", place)
  } while (lexer.scan(/,/y) !== null)
  lexer.take(bracket === '[' ? ']' : ')')
  return { ecn, tos, ttl, flowLabel }
}

function parsePorts(lexer: Lexer): Ports | null {
  if (lexer.scan(/\[(?=\s*[0-9]+\s*>)/y) === null) return null
  const source = lexer.number('the source port', 65535)
  lexer.take('>')
  const destination = lexer.number('the destination port', 65535)
  lexer.take(']')
  return { source, destination }
}

const FLAGS = "TCP flags (of 'FSRP.UEWA', or '-'), 'udp' or 'icmp'"

function parseTcp(lexer: Lexer, direction: 'in' | 'out'): TcpFields {
  const ports = parsePorts(lexer)
  const flagsPlace = lexer.place()
  const written = lexer.scan(/-|[FSRP.UEWA]+[0-7]?(?=[\s[])/y)
  if (written === null) {
    // As a word it would not be shown whole.
    const found = lexer.onNewLine() ? null : lexer.scan(/[^\s[(<]+/y)
    if (found === null) lexer.expected(FLAGS)
    lexer.fail(`expected ${FLAGS}, found '${found}'`, flagsPlace)
  }
  const digit = /[0-7]$/.exec(written)
  const ace = digit === null ? null : Number(digit[0])
  let flags = parseFlags(digit === null ? written : written.slice(0, -1)) as number // The pattern allows only flags.
  if (ace !== null) {
    if ((flags & ACE_BITS) !== 0) lexer.fail('a count of congestion marks stands for E, W and A', flagsPlace)
    flags |= flagsOfAce(ace)
  }
  const { seq, length } = parseSequence(lexer)
  const ack = lexer.scan(/ack\b/y) === null ? 0 : lexer.number('the acknowledgement number', 0xffffffff)
  const window = lexer.scan(/win\b/y) === null ? null : lexer.number('the window', 65535)
  if (window === null && direction === 'in') lexer.expected("'win' and the window")
  const urgent = lexer.scan(/urg\b/y) === null ? 0 : lexer.number('the urgent pointer', 65535)
  const options = parseTcpOptions(lexer, direction)
  return { protocol: 'tcp', ports, flags, ace, seq, length, ack, window, urgent, options }
}

/** `SEQ:END(LENGTH)` */
function parseSequence(lexer: Lexer): { seq: number; length: number } {
  const seq = parseSequenceNumber(lexer)
  lexer.take(':')
  const endPlace = lexer.place()
  const end = parseSequenceNumber(lexer)
  const length = parseLength(lexer)
  if ((seq + length) % 0x100000000 !== end) {
    lexer.fail(`the sequence numbers ${seq}:${end} do not span the length ${length}`, endPlace)
  }
  return { seq, length }
}

/** `(LENGTH)` */
function parseLength(lexer: Lexer): number {
  lexer.take('(')
  const length = lexer.number('the length of the payload', 65535)
  lexer.take(')')
  return length
}

function parseUdp(lexer: Lexer): UdpFields {
  return { protocol: 'udp', ports: parsePorts(lexer), length: parseLength(lexer) }
}

function parseIcmp(lexer: Lexer, version: IcmpVersion): IcmpFields {
  const typeToken = lexer.peek()
  const type = typeToken.kind === 'word' ? icmpType(version, typeToken.text) : undefined
  if (type === undefined) lexer.expected('an ICMP type')
  lexer.next()
  let code = 0
  const codeToken = lexer.peek()
  const codeNumber = codeToken.kind === 'word' ? icmpCode(version, type, codeToken.text) : undefined
  if (codeNumber !== undefined) {
    code = codeNumber
    lexer.next()
  } else if (codeToken.kind === 'word' && codeToken.text !== 'mtu' && codeToken.text !== 'id') {
    lexer.expected('an ICMP code of that type')
  }
  const mtuPlace = lexer.place()
  const mtu = lexer.scan(/mtu\b/y) === null ? null : lexer.number('the MTU', version === 4 ? 0xffff : 0xffffffff)
  if (mtu !== null && !namesMtu(version, type, code)) {
    lexer.fail(`'mtu' goes only with ${version === 4 ? 'frag_needed' : 'packet_too_big'}`, mtuPlace)
  }
  const id = lexer.scan(/id\b/y) === null ? null : lexer.number('the identifier', 65535)
  return { protocol: 'icmp', version, type, code, mtu, id, quoted: parseQuoted(lexer) }
}

function parseQuoted(lexer: Lexer): Quoted | null {
  if (lexer.scan(/\[/y) === null) return null
  const word = lexer.scan(/(?:udp|raw)\b/y)
  const quoted: Quoted =
    word === null
      ? { protocol: 'tcp', ...parseSequence(lexer) }
      : { protocol: word as 'udp' | 'raw', length: parseLength(lexer) }
  lexer.take(']')
  return quoted
}

function parseSequenceNumber(lexer: Lexer): number {
  return lexer.number('a sequence number', 0xffffffff)
}
