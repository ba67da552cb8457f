// Read first: RFC 9293 section 3.2, RFC 7323 sections 2 and 3, RFC 2018 sections 2 and 3, RFC 2385 section 3, RFC 7413 section
// 4.1.1, RFC 9768 section 3.2.3.

import { read16, read32, write16, write32 } from '../base/bytes.ts'

export const OPTION_END = 0
export const OPTION_NOP = 1
export const OPTION_MSS = 2
export const OPTION_WINDOW_SCALE = 3
export const OPTION_SACK_PERMITTED = 4
export const OPTION_SACK = 5
export const OPTION_TIMESTAMPS = 8
/** MD5 signature (RFC 2385). */
export const OPTION_SIGNATURE = 19
export const OPTION_FAST_OPEN = 34
/** Shared by experiments (RFC 6994); the 16 bits that follow say which. Fast Open was one before it had a kind of its own. */
export const OPTION_EXPERIMENT = 254
export const EXPERIMENT_FAST_OPEN = 0xf989
/** Octets received by their ECN codepoints (RFC 9768): ECT(0), CE, ECT(1) in this order, and the other way round. */
export const OPTION_ECN_COUNTERS_0 = 172
export const OPTION_ECN_COUNTERS_1 = 174

/** RFC 7323 section 2.3: a shift above 14 is used as 14. */
export const WINDOW_SCALE_MAX = 14
/** 40 octets of options hold four blocks; three beside timestamps. */
export const SACK_BLOCKS_MAX = 4
/** Octets of a signature and the two NOPs before it. */
export const SIGNATURE_SPACE = 20
/** Where the digest is of a segment that has none. */
export const NO_SIGNATURE = -1
/** Octets of a cookie (RFC 7413 section 4.1.1). */
const COOKIE_MIN = 4
export const COOKIE_MAX = 16

/** The options of a segment, read into one reused object. */
export class TcpOptions {
  /** 0: none came. */
  mss = 0
  /** The shift as sent; −1: none came. */
  windowScale = -1
  sackPermitted = false
  hasTimestamps = false
  tsVal = 0
  tsEcr = 0
  /** How many counters of accurate ECN came; each is of 24 bits, and −1 where it is not among them. */
  ecnCounters = 0
  e0b = -1
  ceb = -1
  e1b = -1
  sackCount = 0
  /** Edges of block i: `sack[2 * i]` its first octet, `sack[2 * i + 1]` the octet after its last. */
  readonly sack: Int32Array = new Int32Array(2 * SACK_BLOCKS_MAX)
  /** Octets of the Fast Open cookie; 0: one is asked for; −1: the option is not there. */
  cookieLength = -1
  /** It came as the experiment that it once was. */
  cookieExperimental = false
  readonly cookie: Uint8Array = new Uint8Array(COOKIE_MAX)
  /** Where in the bytes the 16 octets of an MD5 signature lie; NO_SIGNATURE: the option is not there. */
  signatureAt = NO_SIGNATURE
}

/**
 * Reads the options in `bytes[start, end)`. An option of unknown kind is skipped by its length (MUST-6), one whose length
 * cannot be right ends the reading (MUST-7), and one of known kind but wrong length counts as unknown.
 */
export function readTcpOptions(options: TcpOptions, bytes: Uint8Array, start: number, end: number): void {
  options.mss = 0
  options.windowScale = -1
  options.sackPermitted = false
  options.hasTimestamps = false
  options.sackCount = 0
  options.cookieLength = -1
  options.ecnCounters = 0
  options.signatureAt = NO_SIGNATURE
  // Most segments of a connection carry NOP NOP Timestamps and nothing else.
  if (end - start === 12 && read32(bytes, start) === 0x0101080a) {
    options.hasTimestamps = true
    options.tsVal = read32(bytes, start + 4)
    options.tsEcr = read32(bytes, start + 8)
    return
  }
  let at = start
  while (at < end) {
    const kind = bytes[at] as number
    if (kind === OPTION_END) return
    if (kind === OPTION_NOP) {
      at++
      continue
    }
    if (at + 1 >= end) return
    const length = bytes[at + 1] as number
    if (length < 2 || at + length > end) return
    readOption(options, bytes, at, kind, length)
    at += length
  }
}

function readOption(options: TcpOptions, bytes: Uint8Array, at: number, kind: number, length: number): void {
  if (kind === OPTION_MSS && length === 4) {
    options.mss = read16(bytes, at + 2)
  } else if (kind === OPTION_WINDOW_SCALE && length === 3) {
    options.windowScale = bytes[at + 2] as number
  } else if (kind === OPTION_SACK_PERMITTED && length === 2) {
    options.sackPermitted = true
  } else if (kind === OPTION_TIMESTAMPS && length === 10) {
    options.hasTimestamps = true
    options.tsVal = read32(bytes, at + 2)
    options.tsEcr = read32(bytes, at + 6)
  } else if (kind === OPTION_SACK && length >= 10 && (length - 2) % 8 === 0) {
    const count = Math.min((length - 2) >> 3, SACK_BLOCKS_MAX)
    options.sackCount = count
    for (let i = 0; i < 2 * count; i++) options.sack[i] = read32(bytes, at + 2 + 4 * i)
  } else if (kind === OPTION_SIGNATURE && length === 18) {
    options.signatureAt = at + 2
  } else if (kind === OPTION_FAST_OPEN) {
    readCookie(options, bytes, at + 2, length - 2, false)
  } else if (kind === OPTION_EXPERIMENT && length >= 4 && read16(bytes, at + 2) === EXPERIMENT_FAST_OPEN) {
    readCookie(options, bytes, at + 4, length - 4, true)
  } else if (kind === OPTION_ECN_COUNTERS_0 || kind === OPTION_ECN_COUNTERS_1) {
    readEcnCounters(options, bytes, at, kind, length)
  }
}

/** A cookie of impossible length counts as no option (RFC 7413 section 4.1.1); one of odd length is passed over, as in Linux. */
function readCookie(options: TcpOptions, bytes: Uint8Array, at: number, length: number, experimental: boolean): void {
  if ((length & 1) !== 0) return
  const possible = length === 0 || (length >= COOKIE_MIN && length <= COOKIE_MAX)
  options.cookieLength = possible ? length : -1
  options.cookieExperimental = experimental
  if (!possible) return
  for (let i = 0; i < length; i++) options.cookie[i] = bytes[at + i] as number
}

/** RFC 9768 section 3.2.3: counters may be left out from the end. What else has this kind is ignored. */
function readEcnCounters(options: TcpOptions, bytes: Uint8Array, at: number, kind: number, length: number): void {
  if (length < 5 || length > 11 || (length - 2) % 3 !== 0) return
  const count = (length - 2) / 3
  const first = read24(bytes, at + 2)
  const third = count > 2 ? read24(bytes, at + 8) : -1
  options.ecnCounters = count
  options.ceb = count > 1 ? read24(bytes, at + 5) : -1
  options.e0b = kind === OPTION_ECN_COUNTERS_0 ? first : third
  options.e1b = kind === OPTION_ECN_COUNTERS_0 ? third : first
}

function read24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 16) | read16(bytes, at + 1)
}

/** Each writes an option at `at` and returns where the next one goes. */
export function writeMss(bytes: Uint8Array, at: number, mss: number): number {
  bytes[at] = OPTION_MSS
  bytes[at + 1] = 4
  write16(bytes, at + 2, mss)
  return at + 4
}

export function writeWindowScale(bytes: Uint8Array, at: number, shift: number): number {
  bytes[at] = OPTION_WINDOW_SCALE
  bytes[at + 1] = 3
  bytes[at + 2] = shift
  return at + 3
}

export function writeSackPermitted(bytes: Uint8Array, at: number): number {
  bytes[at] = OPTION_SACK_PERMITTED
  bytes[at + 1] = 2
  return at + 2
}

export function writeTimestamps(bytes: Uint8Array, at: number, tsVal: number, tsEcr: number): number {
  bytes[at] = OPTION_TIMESTAMPS
  bytes[at + 1] = 10
  write32(bytes, at + 2, tsVal)
  write32(bytes, at + 6, tsEcr)
  return at + 10
}

/** Writes `count` blocks whose edges lie in `edges` as in TcpOptions.sack. */
export function writeSack(bytes: Uint8Array, at: number, edges: Int32Array, count: number): number {
  bytes[at] = OPTION_SACK
  bytes[at + 1] = 2 + 8 * count
  for (let i = 0; i < 2 * count; i++) write32(bytes, at + 2 + 4 * i, edges[i] as number)
  return at + 2 + 8 * count
}

/** Writes the first `length` octets of `cookie`, 0 to ask for one, and NOPs up to a whole word. */
export function writeCookie(
  bytes: Uint8Array,
  at: number,
  cookie: Uint8Array,
  length: number,
  experimental: boolean,
): number {
  let p = at + 2
  if (experimental) {
    bytes[at] = OPTION_EXPERIMENT
    write16(bytes, p, EXPERIMENT_FAST_OPEN)
    p += 2
  } else {
    bytes[at] = OPTION_FAST_OPEN
  }
  for (let i = 0; i < length; i++) bytes[p++] = cookie[i] as number
  bytes[at + 1] = p - at
  while (((p - at) & 3) !== 0) p = writeNop(bytes, p)
  return p
}

/** Writes two NOPs and room for a signature, which is filled in when the segment is complete: its digest lies in the last 16 octets. */
export function writeSignature(bytes: Uint8Array, at: number): number {
  const p = writeNop(bytes, writeNop(bytes, at))
  bytes[p] = OPTION_SIGNATURE
  bytes[p + 1] = 18
  return at + SIGNATURE_SPACE
}

export function writeNop(bytes: Uint8Array, at: number): number {
  bytes[at] = OPTION_NOP
  return at + 1
}

/** All three counters of accurate ECN, and a NOP: 12 octets. */
export function writeEcnCounters(bytes: Uint8Array, at: number, e0b: number, ceb: number, e1b: number): number {
  bytes[at] = OPTION_ECN_COUNTERS_0
  bytes[at + 1] = 11
  bytes[at + 2] = e0b >>> 16
  write16(bytes, at + 3, e0b)
  bytes[at + 5] = ceb >>> 16
  write16(bytes, at + 6, ceb)
  bytes[at + 8] = e1b >>> 16
  write16(bytes, at + 9, e1b)
  return writeNop(bytes, at + 11)
}
