// Read first: socat(1) on -v and -x, whose form this is.

export type DumpForm = 'text' | 'hexadecimal' | 'both'

const ROW = 16

/** What passes, for people: a heading with the time and where in the stream it is, and the octets. */
export function dumpText(mark: '>' | '<', piece: Uint8Array, from: number, form: DumpForm, at: Date): string {
  const heading = `${mark} ${timeText(at)}  length=${piece.length} from=${from} to=${from + piece.length - 1}\n`
  if (form === 'text') return heading + plainText(piece)
  if (form === 'hexadecimal') return `${heading}${hexadecimal(piece)}\n`
  return `${heading}${rows(piece)}--\n`
}

/** "2026/11/22 01:56:23.000041609": the clock has milliseconds, and the place is that of nine digits. */
function timeText(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const date = `${at.getFullYear()}/${two(at.getMonth() + 1)}/${two(at.getDate())}`
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  return `${date} ${time}.${String(at.getMilliseconds()).padStart(3, '0')}000000`
}

function plainText(piece: Uint8Array): string {
  let text = ''
  for (const octet of piece) {
    if (octet === 0x0d) text += '\\r'
    else if (octet === 0x5c) text += '\\\\'
    else if (octet === 0x0a || octet === 0x09 || isPrintable(octet)) text += String.fromCharCode(octet)
    else text += '.'
  }
  return text
}

function isPrintable(octet: number): boolean {
  return octet >= 0x20 && octet < 0x7f
}

function hexadecimal(piece: Uint8Array): string {
  let text = ''
  for (const octet of piece) text += ` ${octet.toString(16).padStart(2, '0')}`
  return text
}

/** A row ends after sixteen octets, and after each line. */
function rows(piece: Uint8Array): string {
  let text = ''
  for (let start = 0; start < piece.length; ) {
    const line = piece.subarray(start, start + ROW).indexOf(0x0a)
    const row = piece.subarray(start, line < 0 ? start + ROW : start + line + 1)
    const shown = String.fromCharCode(...row.map((octet) => (isPrintable(octet) ? octet : 0x2e)))
    text += `${hexadecimal(row).padEnd(ROW * 3)}  ${shown}\n`
    start += row.length
  }
  return text
}
