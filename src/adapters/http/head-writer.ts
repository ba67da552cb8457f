// Read first: RFC 9112 sections 2.1 and 5.

/** A head as octets: its first line and its fields. A character is an octet, as `Headers` has it. */
export function headOctets(line: string, fields: Iterable<readonly [string, string]>): Uint8Array<ArrayBuffer> {
  let text = `${line}\r\n`
  for (const [name, value] of fields) text += `${name}: ${value}\r\n`
  return latin1(`${text}\r\n`)
}

export function latin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
