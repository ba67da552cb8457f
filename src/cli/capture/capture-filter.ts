// Read first: pcap-filter(7), of which this is a part: what people write every day.

import type { CaptureDirection } from '../../device/capture.ts'
import { UsageError } from '../usage-error.ts'
import { beginsArithmetic, parseRelation } from './capture-arithmetic.ts'
import type { CaptureHeaders } from './capture-headers.ts'
import { parsePrimitive, type Qualifiers } from './capture-primitive.ts'
import { CaptureWords } from './capture-words.ts'

/** Whether a frame is wanted. */
export type CaptureFilter = (headers: CaptureHeaders, direction: CaptureDirection) => boolean

export const FILTER_SYNTAX =
  "which packets, in tcpdump's words: tcp port 80 and host 10.0.0.1; src|dst host, net, port, portrange; " +
  'ether, arp, ip, ip6, icmp, icmp6, tcp, udp, vlan, broadcast, multicast, less, greater, inbound, outbound; ' +
  'tcp[tcpflags] & tcp-syn != 0, len > 100; and, or, not, ( )'

/** Reads a filter. No words at all are one that wants everything. Throws a UsageError that says which word is wrong. */
export function parseFilter(text: string): CaptureFilter {
  const words = new CaptureWords(text)
  if (words.next === null) return () => true
  const filter = parseExpression(words, { last: null })
  if (words.next !== null) throw words.wrong('"and", "or" or the end')
  return filter
}

/** What the last address or port was: "host 10.0.0.1 or 10.0.0.2" says it once. */
interface Memory {
  last: Qualifiers | null
}

// "and" and "or" bind alike, from the left.
function parseExpression(words: CaptureWords, memory: Memory): CaptureFilter {
  let left = parseTerm(words, memory)
  for (;;) {
    const first = left
    if (words.take('and', '&&')) {
      const second = parseTerm(words, memory)
      left = (headers, direction) => first(headers, direction) && second(headers, direction)
    } else if (words.take('or', '||')) {
      const second = parseTerm(words, memory)
      left = (headers, direction) => first(headers, direction) || second(headers, direction)
    } else {
      return left
    }
  }
}

function parseTerm(words: CaptureWords, memory: Memory): CaptureFilter {
  if (words.take('not', '!')) {
    const negated = parseTerm(words, memory)
    return (headers, direction) => !negated(headers, direction)
  }
  if (beginsArithmetic(words)) {
    memory.last = null
    return parseRelation(words)
  }
  const relation = words.next === '(' ? tryRelation(words) : null
  if (relation !== null) return relation
  if (words.take('(')) {
    const inner = parseExpression(words, memory)
    if (!words.take(')')) throw words.wrong('"and", "or" or ")"')
    return inner
  }
  const { filter, qualifiers } = parsePrimitive(words, memory.last)
  memory.last = qualifiers
  return filter
}

/** "(tcp[12] & 0xf0) >> 2 > 20": what is in parentheses may be a number too. Null: it is none. */
function tryRelation(words: CaptureWords): CaptureFilter | null {
  const { at } = words
  try {
    return parseRelation(words)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    words.at = at
    return null
  }
}
