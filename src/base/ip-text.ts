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

/** "2001:db8::1" → four int32 words, or null where the text is not an IPv6 address. */
export function parseIpv6(text: string): [number, number, number, number] | null {
  let rest = text
  let tail: number[] = []
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  if (dotted !== null) {
    const v4 = parseIpv4(dotted[2] as string)
    if (v4 === null) return null
    tail = [v4 >>> 16, v4 & 0xffff]
    rest = dotted[1] as string
    // What is left ends in the colon before the quad; one that is half of "::" must stay.
    if (!rest.endsWith('::')) rest = rest.slice(0, -1)
  }
  const halves = rest.split('::')
  if (halves.length > 2) return null
  const left = parseGroups(halves[0] as string)
  const right = halves.length === 2 ? parseGroups(halves[1] as string) : []
  if (left === null || right === null) return null
  const given = left.length + right.length + tail.length
  if (halves.length === 2 ? given > 7 : given !== 8) return null
  const groups = [...left, ...new Array<number>(8 - given).fill(0), ...right, ...tail]
  const word = (i: number) => ((groups[i] as number) << 16) | (groups[i + 1] as number)
  return [word(0), word(2), word(4), word(6)]
}

function parseGroups(text: string): number[] | null {
  if (text === '') return []
  const groups: number[] = []
  for (const part of text.split(':')) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null
    groups.push(Number.parseInt(part, 16))
  }
  return groups
}
