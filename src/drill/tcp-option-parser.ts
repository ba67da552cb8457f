import type { Lexer } from './lexer.ts'
import type { TcpOption } from './script.ts'
import { tcpOptionsLength } from './tcp-option-codec.ts'

const U32 = 0xffffffff

/** `<mss 1460,sackOK,…>`; null for `<...>`. None written is none expected. */
export function parseTcpOptions(lexer: Lexer, direction: 'in' | 'out'): TcpOption[] | null {
  const place = lexer.place()
  // An inbound packet of the next event begins with a time, so that this '<' can only be ours.
  if (lexer.scan(/</y) === null) return []
  if (lexer.scan(/\.\.\./y) !== null) {
    if (direction === 'in') lexer.fail("'<...>' fits only a packet that the stack sends", place)
    lexer.take('>')
    return null
  }
  const options: TcpOption[] = []
  if (lexer.scan(/>/y) !== null) return options
  do {
    options.push(parseOption(lexer))
  } while (lexer.scan(/,/y) !== null)
  if (lexer.peek().text !== '>') lexer.expected("',' or '>'")
  lexer.next()
  const length = tcpOptionsLength(options)
  if (length % 4 !== 0) lexer.fail(`the options are ${length} octets long, which is no multiple of 4: add nop`, place)
  if (length > 40) lexer.fail(`the options are ${length} octets long, more than the 40 that there is room for`, place)
  return options
}

const OPTIONS = "a TCP option ('mss', 'wscale', 'sackOK', 'sack', 'TS', 'nop', 'eol', 'FO', 'FOEXP', 'ECN', 'md5')"

function parseOption(lexer: Lexer): TcpOption {
  const place = lexer.place()
  const name = lexer.scan(/[A-Za-z0-9_]+/y)
  switch (name) {
    case 'nop':
    case 'eol':
    case 'sackOK':
      return { kind: name }
    case 'mss':
      return { kind: 'mss', value: lexer.number('the maximum segment size', 65535) }
    case 'wscale':
      return { kind: 'wscale', value: lexer.number('the window scale', 255) }
    case 'sack':
      return parseSack(lexer)
    case 'TS':
      return parseTimestamps(lexer)
    case 'ECN':
      return parseEcn(lexer)
    case 'FO':
    case 'FOEXP':
    case 'md5':
      return { kind: name, data: parseHex(lexer) }
  }
  if (name === null) lexer.expected(OPTIONS)
  return lexer.fail(`expected ${OPTIONS}, found '${name}'`, place)
}

function parseSack(lexer: Lexer): TcpOption {
  const blocks: [number, number][] = []
  while (lexer.peek().kind === 'integer') {
    const left = lexer.number('the left edge of a block', U32)
    lexer.take(':')
    blocks.push([left, lexer.number('the right edge of a block', U32)])
  }
  if (blocks.length === 0) lexer.expected('a block such as 1:1001')
  return { kind: 'sack', blocks }
}

function parseTimestamps(lexer: Lexer): TcpOption {
  if (lexer.scan(/val\b/y) === null) lexer.expected("'val'")
  const val = lexer.number('a timestamp', U32)
  if (lexer.scan(/ecr\b/y) === null) lexer.expected("'ecr'")
  return { kind: 'TS', val, ecr: lexer.number('a timestamp', U32) }
}

// Accurate ECN, RFC 9768 section 3.2.3: one to three counters, in one of two orders.
function parseEcn(lexer: Lexer): TcpOption {
  const names: string[] = []
  const counters: number[] = []
  for (let name = lexer.scan(/(?:e0b|ceb|e1b)\b/y); name !== null; name = lexer.scan(/(?:e0b|ceb|e1b)\b/y)) {
    names.push(name)
    counters.push(lexer.number('a counter', 0xffffff))
  }
  const order = names.join(' ')
  const e1First = names[0] === 'e1b'
  if (order === '' || !(e1First ? 'e1b ceb e0b' : 'e0b ceb e1b').startsWith(order)) {
    lexer.expected("counters in the order 'e0b ceb e1b' or 'e1b ceb e0b'")
  }
  return { kind: 'ECN', e1First, counters }
}

function parseHex(lexer: Lexer): number[] {
  const { kind, text: digits } = lexer.peek()
  const text = kind === 'word' || kind === 'integer' ? digits : ''
  if (text.length % 2 !== 0 || /[^0-9a-fA-F]/.test(text)) lexer.expected('octets in hexadecimal, two digits each')
  if (text !== '') lexer.next()
  const data: number[] = []
  for (let i = 0; i < text.length; i += 2) data.push(Number.parseInt(text.slice(i, i + 2), 16))
  return data
}
