// Read first: socket(7), getsockopt(2). How the values of options look in C (on Linux x86-64 and arm64, little endian), and what
// JavaScript has for them.

import { given } from '../base/argument.ts'
import { decodeTcpInfo, encodeTcpInfo, TCP_INFO_LENGTH, type TcpInfo } from '../base/tcp-info.ts'

/** struct linger. `linger` counts seconds. */
export interface Linger {
  readonly onoff: boolean
  readonly linger: number
}

/** What each kind of option is in JavaScript. Times (struct timeval) are milliseconds. */
export interface OptionKinds {
  int: number
  boolean: boolean
  linger: Linger
  timeval: number
  string: string
  tcp_info: TcpInfo
  bytes: Uint8Array
}

export type OptionKind = keyof OptionKinds

/** What getsockopt gives, whatever the option. */
export type OptionValue = OptionKinds[OptionKind]

/** The room that an option of this kind is given by getsockopt. */
export const OPTION_LENGTH: { readonly [Kind in OptionKind]: number } = {
  int: 4,
  boolean: 4,
  linger: 8,
  timeval: 16,
  string: 256,
  tcp_info: TCP_INFO_LENGTH,
  bytes: 1024,
}

const WANTED = { int: 'an integer', boolean: 'a boolean', bytes: 'a Uint8Array or an integer' } as const

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** `value` as C has it. Throws a TypeError or RangeError that names the option where the value does not fit it. */
export function encodeOption(option: string, kind: OptionKind, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  switch (kind) {
    case 'bytes':
    case 'int':
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
    case 'linger': {
      const linger = value as Linger | null
      if (typeof linger?.onoff !== 'boolean' || typeof linger.linger !== 'number') {
        throw new TypeError(`${option} takes { onoff: boolean, linger: seconds }, got ${given(value)}`)
      }
      if (!Number.isInteger(linger.linger) || linger.linger < 0 || linger.linger > 0x7fffffff) {
        throw new RangeError(`${option}: linger must be an integer of seconds from 0, got ${linger.linger}`)
      }
      const bytes = new Uint8Array(8)
      const view = new DataView(bytes.buffer)
      view.setInt32(0, linger.onoff ? 1 : 0, true)
      view.setInt32(4, linger.linger, true)
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
    case 'tcp_info': {
      if (value === null || typeof value !== 'object') {
        throw new TypeError(`${option} takes an object of tcpi_ fields, got ${given(value)}`)
      }
      const bytes = new Uint8Array(TCP_INFO_LENGTH)
      encodeTcpInfo(value as TcpInfo, bytes)
      return bytes
    }
  }
}

/** What the first `length` octets of `bytes` say. Nothing of `bytes` is kept. */
export function decodeOption(kind: OptionKind, bytes: Uint8Array, length: number): OptionValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  switch (kind) {
    case 'int':
      return int(view)
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
    case 'tcp_info':
      return decodeTcpInfo(bytes, length)
  }
  return bytes.slice(0, length)
}

// An int of one octet is what Linux writes where it was asked for less than four (ip(7) takes either).
function int(view: DataView): number {
  if (view.byteLength >= 4) return view.getInt32(0, true)
  return view.byteLength > 0 ? view.getUint8(0) : 0
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setInt32(0, value | 0, true)
  return bytes
}
