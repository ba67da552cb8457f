// In front of each datagram: when it was sent, as seconds and microseconds, and its number from 1 on, of 4 octets or of 8.

import { read32, write32 } from '../../base/bytes.ts'

/** What a client sends on a socket for datagrams, and the answer: how the server learns where it is. */
export const DATAGRAM_HELLO = 0x36373839
export const DATAGRAM_ANSWER = 0x39383736
/** Those of versions before 3.12. */
const OLD_HELLO = 123456789
const OLD_ANSWER = 987654321

export const HELLO_LENGTH = 4

/** The number goes in the octet order of who sends it: most machines', little-endian. */
export function encodeHello(number: number): Uint8Array {
  return Uint8Array.of(number, number >>> 8, number >>> 16, number >>> 24)
}

export function isHello(bytes: Uint8Array, length: number): boolean {
  return isNumber(bytes, length, DATAGRAM_HELLO) || isNumber(bytes, length, OLD_HELLO)
}

export function isAnswer(bytes: Uint8Array, length: number): boolean {
  return isNumber(bytes, length, DATAGRAM_ANSWER) || isNumber(bytes, length, OLD_ANSWER)
}

function isNumber(bytes: Uint8Array, length: number, number: number): boolean {
  if (length !== HELLO_LENGTH) return false
  const encoded = encodeHello(number)
  return [0, 1, 2, 3].every((i) => bytes[i] === encoded[i]) || read32(bytes, 0) === number
}

export function datagramHeaderLength(wide: boolean): number {
  return wide ? 16 : 12
}

/** Writes the header at `at`; `now` in milliseconds. */
export function writeDatagramHeader(bytes: Uint8Array, at: number, now: number, count: number, wide: boolean): void {
  const seconds = Math.floor(now / 1000)
  write32(bytes, at, seconds)
  write32(bytes, at + 4, Math.floor((now - seconds * 1000) * 1000))
  if (wide) write32(bytes, at + 8, Math.floor(count / 0x100000000))
  write32(bytes, at + (wide ? 12 : 8), count)
}

/** When the datagram was sent, in milliseconds of the sender's clock. */
export function readDatagramTime(bytes: Uint8Array, at: number): number {
  return (read32(bytes, at) >>> 0) * 1000 + (read32(bytes, at + 4) >>> 0) / 1000
}

export function readDatagramCount(bytes: Uint8Array, at: number, wide: boolean): number {
  const low = read32(bytes, at + (wide ? 12 : 8)) >>> 0
  return wide ? (read32(bytes, at + 8) >>> 0) * 0x100000000 + low : low
}
