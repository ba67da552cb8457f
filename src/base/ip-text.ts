// Read first: inet_pton(3), RFC 4291 section 2.2. Only the forms that inet_pton takes: no octal, no "127.1", no zone.

/** "192.0.2.1" → its 32 bits as an int32, or null where the text is not a dotted quad. */
export function parseIpv4(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (match === null) return null
  let bits = 0
  for (let i = 1; i <= 4; i++) {
    const part = match[i] as string
    const value = Number(part)
    if (value > 255 || (part.length > 1 && part[0] === '0')) return null
    bits = (bits << 8) | value
  }
  return bits
}

const COLON = 58
const DOT = 46
const groups = new Uint16Array(8)

/**
 * "2001:db8::1" → four int32 words, or null where the text is not an IPv6 address. Character by character: who sends datagrams to
 * an address in text paid three times as much for IPv6 as for IPv4 with `split` and patterns.
 */
export function parseIpv6(text: string): [number, number, number, number] | null {
  const { length } = text
  /** Groups read, and how many of them stand in front of the "::"; −1: there is none yet. */
  let count = 0
  let gap = -1
  let at = 0
  if (text.startsWith('::')) {
    gap = 0
    at = 2
  }
  while (at < length) {
    const start = at
    let value = 0
    for (; at < length; at++) {
      const digit = hexDigit(text.charCodeAt(at))
      if (digit < 0) break
      value = (value << 4) | digit
    }
    if (at < length && text.charCodeAt(at) === DOT) {
      const v4 = count > 6 ? null : parseIpv4(text.slice(start))
      if (v4 === null) return null
      groups[count++] = v4 >>> 16
      groups[count++] = v4
      break
    }
    if (at === start || at - start > 4 || count === 8) return null
    groups[count++] = value
    if (at === length) break
    // Behind a colon there is more, if only another one.
    if (text.charCodeAt(at++) !== COLON || at === length) return null
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) return null
      gap = count
      at++
    }
  }
  if (gap < 0 ? count !== 8 : count > 7) return null
  if (gap >= 0) {
    const behind = 8 - count + gap
    groups.copyWithin(behind, gap, count)
    groups.fill(0, gap, behind)
  }
  return [word(0), word(2), word(4), word(6)]
}

function word(i: number): number {
  return ((groups[i] as number) << 16) | (groups[i + 1] as number)
}

/** The value of a hexadecimal digit; −1 where it is none. */
function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 0x20
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}
