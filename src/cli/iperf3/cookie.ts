// Read first: iperf3(1) on the control connection. What is said here of the protocol was seen between iperf3 3.12 and itself.

import { type Random, randomBelow } from '../../base/random.ts'

/** Octets of a cookie: 36 characters and a NUL. It is the first thing on each TCP connection, and says which test it belongs to. */
export const COOKIE_LENGTH = 37

/** Base32 of RFC 4648, in small letters. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

export function makeCookie(random: Random): string {
  let cookie = ''
  for (let i = 1; i < COOKIE_LENGTH; i++) cookie += ALPHABET[randomBelow(random, ALPHABET.length)]
  return cookie
}

export function encodeCookie(cookie: string): Uint8Array {
  const bytes = new Uint8Array(COOKIE_LENGTH)
  new TextEncoder().encodeInto(cookie, bytes.subarray(0, COOKIE_LENGTH - 1))
  return bytes
}

/** The text of a cookie. Other programs may use other letters, but what is not printable is none: null. */
export function decodeCookie(bytes: Uint8Array): string | null {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, COOKIE_LENGTH - 1))
  return bytes.length === COOKIE_LENGTH && /^[!-~]+$/.test(text) ? text : null
}
