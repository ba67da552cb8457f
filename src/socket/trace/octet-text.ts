// Read first: strace(1), option -s.

const LETTERS: Readonly<Record<number, string>> = {
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
}

/**
 * The octets of `bytes[start, end)` as a C string, at most `limit` of them and "..." behind it where there are more. What is no
 * printable ASCII is octal, as short as can be: three digits only where a digit follows.
 */
export function octetText(bytes: Uint8Array, start: number, end: number, limit: number): string {
  const stop = Math.min(end, start + limit)
  let text = '"'
  for (let i = start; i < stop; i++) {
    const octet = bytes[i] as number
    const letter = LETTERS[octet]
    if (letter !== undefined) {
      text += letter
    } else if (octet >= 32 && octet < 127) {
      text += String.fromCharCode(octet)
    } else {
      const next = i + 1 < stop ? (bytes[i + 1] as number) : 0
      const digits = octet.toString(8)
      text += `\\${next >= 48 && next <= 57 ? digits.padStart(3, '0') : digits}`
    }
  }
  return stop < end ? `${text}"...` : `${text}"`
}
