// Read first: RFC 9293 section 3.2, RFC 7323, RFC 2018, RFC 7413 section 4.1, RFC 2385, RFC 9768 section 3.2.3.
//
// The list of options as a script has it, in order and complete; wire/tcp-options.ts reads only what a stack needs.

import { read16, read32, write16, write32 } from '../base/bytes.ts'
import {
  OPTION_END,
  OPTION_MSS,
  OPTION_NOP,
  OPTION_SACK,
  OPTION_SACK_PERMITTED,
  OPTION_TIMESTAMPS,
  OPTION_WINDOW_SCALE,
} from '../wire/tcp-options.ts'
import type { TcpOption } from './script.ts'

const OPTION_MD5 = 19
const OPTION_FAST_OPEN = 34
const OPTION_ACCURATE_ECN_0 = 172
const OPTION_ACCURATE_ECN_1 = 174
/** Shared by experiments (RFC 6994); the 16 bits that follow say which. */
const OPTION_EXPERIMENT = 254
const EXPERIMENT_FAST_OPEN = 0xf989

const NUMBERS = {
  eol: OPTION_END,
  nop: OPTION_NOP,
  mss: OPTION_MSS,
  wscale: OPTION_WINDOW_SCALE,
  sackOK: OPTION_SACK_PERMITTED,
  sack: OPTION_SACK,
  TS: OPTION_TIMESTAMPS,
  FO: OPTION_FAST_OPEN,
  FOEXP: OPTION_EXPERIMENT,
  md5: OPTION_MD5,
} as const

function optionLength(option: TcpOption): number {
  switch (option.kind) {
    case 'nop':
    case 'eol':
      return 1
    case 'sackOK':
      return 2
    case 'wscale':
      return 3
    case 'mss':
      return 4
    case 'TS':
      return 10
    case 'sack':
      return 2 + 8 * option.blocks.length
    case 'ECN':
      return 2 + 3 * option.counters.length
    case 'FOEXP':
      return 4 + option.data.length
    default:
      return 2 + option.data.length
  }
}

/** Octets that the options take. */
export function tcpOptionsLength(options: readonly TcpOption[]): number {
  let length = 0
  for (const option of options) length += optionLength(option)
  return length
}

/** Writes the options at `at` and returns where they end. */
export function writeTcpOptionList(bytes: Uint8Array, at: number, options: readonly TcpOption[]): number {
  let next = at
  for (const option of options) {
    writeOption(bytes, next, option)
    next += optionLength(option)
  }
  return next
}

function writeOption(bytes: Uint8Array, at: number, option: TcpOption): void {
  if (option.kind === 'ECN') bytes[at] = option.e1First ? OPTION_ACCURATE_ECN_1 : OPTION_ACCURATE_ECN_0
  else bytes[at] = option.kind === 'unknown' ? option.number : NUMBERS[option.kind]
  if (option.kind === 'nop' || option.kind === 'eol') return
  bytes[at + 1] = optionLength(option)
  switch (option.kind) {
    case 'mss':
      write16(bytes, at + 2, option.value)
      break
    case 'wscale':
      bytes[at + 2] = option.value
      break
    case 'TS':
      write32(bytes, at + 2, option.val)
      write32(bytes, at + 6, option.ecr)
      break
    case 'sack':
      option.blocks.forEach(([left, right], i) => {
        write32(bytes, at + 2 + 8 * i, left)
        write32(bytes, at + 6 + 8 * i, right)
      })
      break
    case 'ECN':
      option.counters.forEach((counter, i) => {
        bytes[at + 2 + 3 * i] = counter >>> 16
        write16(bytes, at + 3 + 3 * i, counter & 0xffff)
      })
      break
    case 'FOEXP':
      write16(bytes, at + 2, EXPERIMENT_FAST_OPEN)
      bytes.set(option.data, at + 4)
      break
    case 'FO':
    case 'md5':
    case 'unknown':
      bytes.set(option.data, at + 2)
      break
  }
}

/** The options in `bytes[start, end)`, all of them; what cannot be read ends the list as an unknown option. */
export function readTcpOptionList(bytes: Uint8Array, start: number, end: number): TcpOption[] {
  const options: TcpOption[] = []
  let at = start
  while (at < end) {
    const number = bytes[at] as number
    const length = number === OPTION_END || number === OPTION_NOP ? 1 : at + 1 < end ? (bytes[at + 1] as number) : 0
    if (length === 0 || at + length > end || (length < 2 && number > OPTION_NOP)) {
      options.push({ kind: 'unknown', number, data: [...bytes.subarray(at + 1, end)] })
      break
    }
    options.push(readOption(bytes, at, number, length))
    at += length
  }
  return options
}

function readOption(bytes: Uint8Array, at: number, number: number, length: number): TcpOption {
  const data = [...bytes.subarray(at + 2, at + length)]
  if (number === OPTION_END) return { kind: 'eol' }
  if (number === OPTION_NOP) return { kind: 'nop' }
  if (number === OPTION_SACK_PERMITTED && length === 2) return { kind: 'sackOK' }
  if (number === OPTION_MSS && length === 4) return { kind: 'mss', value: read16(bytes, at + 2) }
  if (number === OPTION_WINDOW_SCALE && length === 3) return { kind: 'wscale', value: bytes[at + 2] as number }
  if (number === OPTION_TIMESTAMPS && length === 10) {
    return { kind: 'TS', val: read32(bytes, at + 2) >>> 0, ecr: read32(bytes, at + 6) >>> 0 }
  }
  if (number === OPTION_SACK && length >= 10 && (length - 2) % 8 === 0) {
    const blocks: [number, number][] = []
    for (let i = at + 2; i < at + length; i += 8) blocks.push([read32(bytes, i) >>> 0, read32(bytes, i + 4) >>> 0])
    return { kind: 'sack', blocks }
  }
  if ((number === OPTION_ACCURATE_ECN_0 || number === OPTION_ACCURATE_ECN_1) && length > 2 && (length - 2) % 3 === 0) {
    const counters: number[] = []
    for (let i = at + 2; i < at + length; i += 3) counters.push(((bytes[i] as number) << 16) | read16(bytes, i + 1))
    return { kind: 'ECN', e1First: number === OPTION_ACCURATE_ECN_1, counters }
  }
  if (number === OPTION_FAST_OPEN) return { kind: 'FO', data }
  if (number === OPTION_MD5) return { kind: 'md5', data }
  if (number === OPTION_EXPERIMENT && length >= 4 && read16(bytes, at + 2) === EXPERIMENT_FAST_OPEN) {
    return { kind: 'FOEXP', data: data.slice(2) }
  }
  return { kind: 'unknown', number, data }
}
