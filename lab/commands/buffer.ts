// As much of Node's Buffer as commands use.

class Octets extends Uint8Array {
  override toString(encoding?: 'hex' | 'base64'): string {
    if (encoding === 'base64') return btoa(String.fromCharCode(...this))
    return Array.from(this, (octet) => octet.toString(16).padStart(2, '0')).join('')
  }
}

export const Buffer = {
  /** Of a text, or of the octets that its hexadecimal digits are. */
  from(value: string | ArrayLike<number>, encoding?: 'hex'): Octets {
    if (typeof value !== 'string') return new Octets(value)
    if (encoding !== 'hex') return new Octets(new TextEncoder().encode(value))
    return new Octets(Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)))
  },
  byteLength: (text: string): number => new TextEncoder().encode(text).length,
}
