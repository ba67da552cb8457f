// Read first: socket(7), getsockopt(2). The values that most options have, as C has them (on Linux x86-64 and arm64, little endian), and
// what JavaScript has for them; option-values.ts has the others.

import { given } from '../base/argument.ts'
import { writeNative } from '../base/bytes.ts'
import { decodeU64, encodeU64 } from './option-structs.ts'

/** struct linger. `linger` counts seconds. */
export interface Linger {
  readonly onoff: boolean
  readonly linger: number
}

/** What each of these kinds is in JavaScript. Times (struct timeval) are milliseconds. */
export interface SimpleKinds {
  int: number
  /** An int without a sign. */
  uint: number
  /** Always a bigint: cookies take all 64 bits, and no limit is 2⁶⁴ − 1. To set one, an exact number does as well. */
  u64: bigint
  boolean: boolean
  linger: Linger
  timeval: number
  string: string
  bytes: Uint8Array
}

export type SimpleKind = keyof SimpleKinds

/** The room that an option of this kind is given by getsockopt. */
export const SIMPLE_LENGTH: { readonly [Kind in SimpleKind]: number } = {
  int: 4,
  uint: 4,
  u64: 8,
  boolean: 4,
  linger: 8,
  timeval: 16,
  string: 256,
  bytes: 1024,
}

export function isSimple(kind: string): kind is SimpleKind {
  return Object.hasOwn(SIMPLE_LENGTH, kind)
}

const WANTED = {
  int: 'an integer',
  uint: 'an integer',
  boolean: 'a boolean',
  bytes: 'a Uint8Array or an integer',
} as const

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** `value` as C has it. Throws a TypeError or RangeError that names the option where the value does not fit it. */
export function encodeSimple(option: string, kind: SimpleKind, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  switch (kind) {
    case 'bytes':
    case 'int':
    case 'uint':
    case 'boolean': {
      if (typeof value === 'boolean') return int32(value ? 1 : 0)
      if (typeof value !== 'number') {
        throw new TypeError(`${option} takes ${WANTED[kind]}, got ${given(value)}`)
      }
      if (!Number.isInteger(value) || value < -0x80000000 || value > 0xffffffff) {
        throw new RangeError(`${option} takes an integer of 32 bits, got ${value}`)
      }
      return int32(value)
    }
    case 'u64':
      return encodeU64(option, value)
    case 'linger': {
      const linger = value as Linger | null
      if (typeof linger?.onoff !== 'boolean' || typeof linger.linger !== 'number') {
        throw new TypeError(`${option} takes { onoff: boolean, linger: seconds }, got ${given(value)}`)
      }
      if (!Number.isInteger(linger.linger) || linger.linger < 0 || linger.linger > 0x7fffffff) {
        throw new RangeError(`${option}: linger must be an integer of seconds from 0, got ${linger.linger}`)
      }
      const bytes = new Uint8Array(8)
      writeNative(bytes, 0, linger.onoff ? 1 : 0)
      writeNative(bytes, 4, linger.linger)
      return bytes
    }
    case 'timeval': {
      if (typeof value !== 'number') throw new TypeError(`${option} takes milliseconds, got ${given(value)}`)
      if (!(value >= 0) || !Number.isFinite(value)) {
        throw new RangeError(`${option} takes 0 (no limit) or more milliseconds, got ${value}`)
      }
      const bytes = new Uint8Array(16)
      const view = new DataView(bytes.buffer)
      const micros = Math.round(value * 1000)
      view.setBigInt64(0, BigInt(Math.floor(micros / 1e6)), true)
      view.setBigInt64(8, BigInt(micros % 1e6), true)
      return bytes
    }
    case 'string': {
      if (typeof value !== 'string') throw new TypeError(`${option} takes a string, got ${given(value)}`)
      return encoder.encode(value)
    }
  }
}

/** What the first `length` octets of `bytes` say; octets that are too few stay what they are. Nothing of `bytes` is kept. */
export function decodeSimple(kind: SimpleKind, bytes: Uint8Array, length: number): SimpleKinds[SimpleKind] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  switch (kind) {
    case 'int':
      return int(view)
    case 'uint':
      return int(view) >>> 0
    case 'boolean':
      return int(view) !== 0
    case 'linger':
      if (length < 8) break
      return { onoff: view.getInt32(0, true) !== 0, linger: view.getInt32(4, true) }
    case 'timeval':
      if (length < 16) break
      return Number(view.getBigInt64(0, true)) * 1000 + Number(view.getBigInt64(8, true)) / 1000
    case 'string': {
      // C counts the terminating NUL of some strings and pads others with more.
      const text = bytes.subarray(0, length)
      const end = text.indexOf(0)
      return decoder.decode(end < 0 ? text : text.subarray(0, end))
    }
    case 'u64':
      return decodeU64(bytes.subarray(0, length)) ?? bytes.slice(0, length)
    case 'bytes':
  }
  return bytes.slice(0, length)
}

// An int of one octet is what Linux writes where it was asked for less than four (ip(7) takes either).
function int(view: DataView): number {
  if (view.byteLength >= 4) return view.getInt32(0, true)
  return view.byteLength > 0 ? view.getUint8(0) : 0
}

/** An int as C has it. */
export function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  writeNative(bytes, 0, value)
  return bytes
}
