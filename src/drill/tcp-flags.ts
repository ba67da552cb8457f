// Read first: RFC 9293 section 3.1, RFC 3168 section 6.1, RFC 9768 section 3.

import { ACK, AE, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../wire/tcp.ts'

// In the order in which they are written.
const LETTERS: readonly (readonly [string, number])[] = [
  ['F', FIN],
  ['S', SYN],
  ['R', RST],
  ['P', PSH],
  ['.', ACK],
  ['U', URG],
  ['E', ECE],
  ['W', CWR],
  ['A', AE],
]

/** The bits that carry the count of Accurate ECN. */
export const ACE_BITS = AE | CWR | ECE

/** `'P.'` → PSH | ACK; null where a letter is none. */
export function parseFlags(text: string): number | null {
  if (text === '-') return 0
  let flags = 0
  for (const letter of text) {
    const bit = LETTERS.find((entry) => entry[0] === letter)?.[1]
    if (bit === undefined) return null
    flags |= bit
  }
  return flags
}

/** The letters of `flags`; `'-'` for none. */
export function flagsText(flags: number): string {
  let text = ''
  for (const [letter, bit] of LETTERS) if ((flags & bit) !== 0) text += letter
  return text === '' ? '-' : text
}

/** AE, CWR and ECE as one number, 0 to 7. */
export function aceOf(flags: number): number {
  return ((flags & AE) !== 0 ? 4 : 0) | ((flags & CWR) !== 0 ? 2 : 0) | ((flags & ECE) !== 0 ? 1 : 0)
}

/** The flags that stand for the count `ace`. */
export function flagsOfAce(ace: number): number {
  return ((ace & 4) !== 0 ? AE : 0) | ((ace & 2) !== 0 ? CWR : 0) | ((ace & 1) !== 0 ? ECE : 0)
}
