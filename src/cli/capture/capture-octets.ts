// Read first: tcpdump(1) on -x, -X and -A.

/** -x: hexadecimal digits; -X: and text beside them; -A: text alone. */
export type OctetsForm = 'x' | 'X' | 'A'

const ROW = 16

/** The octets of a packet, in the form of tcpdump. */
export function octetsText(bytes: Uint8Array, start: number, end: number, form: OctetsForm): string {
  if (form === 'A') return `${plainText(bytes, start, end)}\n`
  let text = ''
  for (let at = start; at < end; at += ROW) {
    const row = bytes.subarray(at, Math.min(at + ROW, end))
    const digits = pairs(row)
    const beside = form === 'X' ? `${digits.padEnd(41)}${printable(row)}` : digits
    text += `\t0x${(at - start).toString(16).padStart(4, '0')}:  ${beside}\n`
  }
  return text
}

/** "4500 0054 0001" */
function pairs(row: Uint8Array): string {
  let text = ''
  for (const [i, octet] of row.entries()) {
    text += `${i > 0 && i % 2 === 0 ? ' ' : ''}${octet.toString(16).padStart(2, '0')}`
  }
  return text
}

function printable(row: Uint8Array): string {
  return String.fromCharCode(...row.map((octet) => (octet > 0x20 && octet < 0x7f ? octet : 0x2e)))
}

/** Lines stay lines; a return at the end of one is left out, as tcpdump does. */
function plainText(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at++) {
    const octet = bytes[at] as number
    if (octet === 0x0d && (at + 1 === end || bytes[at + 1] === 0x0a)) continue
    const shown = octet === 0x0a || octet === 0x09 || (octet >= 0x20 && octet < 0x7f)
    text += shown ? String.fromCharCode(octet) : '.'
  }
  return text
}
