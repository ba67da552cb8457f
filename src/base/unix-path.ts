// Read first: unix(7), RFC 3629 section 3. The name of a Unix socket is octets to the kernel, and text to those who write it. Octets that are
// no UTF-8 become low surrogates without a high one, U+DC80 to U+DCFF, which no UTF-8 has: so every name is a string, and every
// string the same octets again.

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const ESCAPE = 0xdc00
const REPLACEMENT = '\ufffd'
const LOW_SURROGATE = /[\udc80-\udcff]/

/** The text of a name: its UTF-8, and for each octet that is none U+DC00 and the octet. */
export function unixPathText(octets: Uint8Array): string {
  const text = decoder.decode(octets)
  return text.includes(REPLACEMENT) ? escapedText(octets) : text
}

/** The octets of a name. */
export function unixPathOctets(path: string): Uint8Array {
  return LOW_SURROGATE.test(path) ? escapedOctets(path) : encoder.encode(path)
}

// One character after the other: what decodes to one of its length is that, the rest are octets.
function escapedText(octets: Uint8Array): string {
  let text = ''
  for (let at = 0; at < octets.length; ) {
    const octet = octets[at] as number
    const length = sequenceLength(octet)
    const one = decoder.decode(octets.subarray(at, at + length))
    // A replacement character may be the name's own.
    const own = octet === 0xef && octets[at + 1] === 0xbf && octets[at + 2] === 0xbd
    if (length > 0 && (own || !one.includes(REPLACEMENT))) {
      text += one
      at += length
    } else {
      text += String.fromCharCode(ESCAPE | octet)
      at++
    }
  }
  return text
}

// By its first octet; 0 for what begins nothing.
function sequenceLength(octet: number): number {
  if (octet < 0x80) return 1
  if (octet < 0xc2) return 0
  if (octet < 0xe0) return 2
  if (octet < 0xf0) return 3
  return octet < 0xf5 ? 4 : 0
}

function escapedOctets(path: string): Uint8Array {
  const octets: number[] = []
  // By code points: a surrogate that stands alone comes as itself.
  for (const one of path) {
    const code = one.codePointAt(0) as number
    if (code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff) octets.push(code & 0xff)
    else octets.push(...encoder.encode(one))
  }
  return Uint8Array.from(octets)
}
