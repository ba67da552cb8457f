// Read first: socket(7), setsockopt(2). Errors and limits are those of sock_setsockopt in Linux.

import {
  IPPROTO_UDP,
  SO_ACCEPTCONN,
  SO_BINDTODEVICE,
  SO_BINDTOIFINDEX,
  SO_BROADCAST,
  SO_BSDCOMPAT,
  SO_COOKIE,
  SO_DEBUG,
  SO_DOMAIN,
  SO_DONTROUTE,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_MARK,
  SO_MAX_PACING_RATE,
  SO_NO_CHECK,
  SO_OOBINLINE,
  SO_PASSCRED,
  SO_PASSPIDFD,
  SO_PASSRIGHTS,
  SO_PASSSEC,
  SO_PEEK_OFF,
  SO_PRIORITY,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RCVLOWAT,
  SO_RCVMARK,
  SO_RCVTIMEO,
  SO_RCVTIMEO_NEW,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_RXQ_OVFL,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_SNDLOWAT,
  SO_SNDTIMEO,
  SO_SNDTIMEO_NEW,
  SO_TIMESTAMP,
  SO_TIMESTAMPNS,
  SO_TYPE,
  SOCK_DGRAM,
} from '../../base/constants.ts'
import { EDOM, EINVAL, ENODEV, EOPNOTSUPP, EPERM } from '../../base/errno.ts'
import { writeCookie } from '../../base/socket-cookie.ts'
import type { StackEndpoint } from './endpoint.ts'
import {
  CONTROL_DROPS,
  CONTROL_MARK,
  CONTROL_TIMESTAMP,
  CONTROL_TIMESTAMPNS,
  OPTION_BROADCAST,
  OPTION_DEBUG,
  OPTION_DONTROUTE,
  OPTION_KEEPALIVE,
  OPTION_LINGER,
  OPTION_NO_CHECK,
  OPTION_OOBINLINE,
  OPTION_RECEIVE_LOCKED,
  OPTION_REUSEADDR,
  OPTION_REUSEPORT,
  OPTION_SEND_LOCKED,
} from './option-bits.ts'
import { readInt, writeInt, writeInts } from './option-value.ts'
import { NO_PACING } from './rare-options.ts'
import { mayPrioritize } from './socket-control.ts'

/** Linux's SOCK_MIN_SNDBUF and SOCK_MIN_RCVBUF: room for a segment and its bookkeeping. */
export const SEND_BUFFER_MIN = 4608
export const RECEIVE_BUFFER_MIN = 2304

/** What SO_SNDBUFFORCE and SO_RCVBUFFORCE can ask for: half of what an int holds. */
const FORCED_MAX = 0x3fffffff

/** struct timeval: two longs. */
const TIMEVAL_LENGTH = 16
/** IFNAMSIZ, with the NUL. */
const INTERFACE_NAME_LENGTH = 16

const bits = new Map<number, number>([
  [SO_DEBUG, OPTION_DEBUG],
  [SO_REUSEADDR, OPTION_REUSEADDR],
  [SO_REUSEPORT, OPTION_REUSEPORT],
  [SO_DONTROUTE, OPTION_DONTROUTE],
  [SO_BROADCAST, OPTION_BROADCAST],
  [SO_KEEPALIVE, OPTION_KEEPALIVE],
  [SO_OOBINLINE, OPTION_OOBINLINE],
  [SO_NO_CHECK, OPTION_NO_CHECK],
])
const controls = new Map<number, number>([
  [SO_TIMESTAMP, CONTROL_TIMESTAMP],
  [SO_TIMESTAMPNS, CONTROL_TIMESTAMPNS],
  [SO_RXQ_OVFL, CONTROL_DROPS],
  [SO_RCVMARK, CONTROL_MARK],
])

/** unix(7): what comes beside the data of Unix sockets; sk_may_scm_recv of Linux. */
const ofUnix: readonly number[] = [SO_PASSCRED, SO_PASSSEC, SO_PASSPIDFD, SO_PASSRIGHTS]

export function getSocketOption(endpoint: StackEndpoint, name: number, value: Uint8Array): number {
  const bit = bits.get(name)
  if (bit !== undefined) return writeInt(value, endpoint.option(bit) ? 1 : 0)
  const control = controls.get(name)
  if (control !== undefined) return writeInt(value, (endpoint.controlBits & control) !== 0 ? 1 : 0)
  switch (name) {
    case SO_TYPE:
      return writeInt(value, endpoint.type)
    case SO_PROTOCOL:
      return writeInt(value, endpoint.protocol)
    case SO_DOMAIN:
      return writeInt(value, endpoint.family)
    case SO_ERROR:
      return writeInt(value, -endpoint.takeError())
    case SO_ACCEPTCONN:
      return writeInt(value, endpoint.listening ? 1 : 0)
    case SO_SNDBUF:
      return writeInt(value, endpoint.sendBufferNow)
    case SO_RCVBUF:
      return writeInt(value, endpoint.receiveBufferNow)
    case SO_PRIORITY:
      return writeInt(value, endpoint.rare?.priority ?? 0)
    case SO_LINGER:
      return writeInts(value, endpoint.option(OPTION_LINGER) ? 1 : 0, endpoint.rare?.linger ?? 0)
    case SO_RCVLOWAT:
      return writeInt(value, endpoint.rare?.receiveLowWater ?? 1)
    case SO_SNDLOWAT:
      return writeInt(value, 1)
    case SO_BSDCOMPAT:
      return writeInt(value, 0)
    case SO_COOKIE:
      return writeCookie(endpoint, value)
    case SO_RCVTIMEO:
    case SO_RCVTIMEO_NEW:
      return writeTimeval(value, endpoint.rare?.receiveTimeout ?? 0)
    case SO_SNDTIMEO:
    case SO_SNDTIMEO_NEW:
      return writeTimeval(value, endpoint.rare?.sendTimeout ?? 0)
    case SO_BINDTODEVICE:
      return writeName(value, endpoint.boundTo?.name ?? '')
    case SO_BINDTOIFINDEX:
      return writeInt(value, endpoint.boundTo?.index ?? 0)
    case SO_MARK:
      return writeInt(value, endpoint.rare?.mark ?? 0)
    case SO_MAX_PACING_RATE:
      return writePacingRate(value, endpoint.rare?.maxPacingRate ?? NO_PACING)
    case SO_PEEK_OFF:
      return hasPeekOffset(endpoint) ? writeInt(value, endpoint.rare?.peekOffset ?? -1) : -EOPNOTSUPP
    default:
      return ofUnix.includes(name) ? -EOPNOTSUPP : endpoint.getOwnSocketOption(name, value)
  }
}

export function setSocketOption(endpoint: StackEndpoint, name: number, value: Uint8Array): number {
  if (name === SO_BINDTODEVICE) return bindToDevice(endpoint, value)
  if (value.length < 4) return -EINVAL
  const int = readInt(value)
  const bit = bits.get(name)
  if (bit !== undefined) {
    endpoint.setOptionBit(bit, int !== 0)
    return 0
  }
  const control = controls.get(name)
  if (control !== undefined) {
    // There is one time stamp, in one of two units.
    const others = name === SO_TIMESTAMP || name === SO_TIMESTAMPNS ? CONTROL_TIMESTAMP | CONTROL_TIMESTAMPNS : control
    endpoint.controlBits = (endpoint.controlBits & ~others) | (int !== 0 ? control : 0)
    return 0
  }
  const { limits } = endpoint.stack
  switch (name) {
    // Twice what was asked for, since in Linux the bookkeeping comes out of it as well: socket(7). Programs read it back.
    case SO_SNDBUF:
      endpoint.sendBufferSize = bufferSize(int, limits.sendBufferMax, SEND_BUFFER_MIN)
      endpoint.setOptionBit(OPTION_SEND_LOCKED, true)
      return 0
    case SO_RCVBUF:
      endpoint.receiveBufferSize = bufferSize(int, limits.receiveBufferMax, RECEIVE_BUFFER_MIN)
      endpoint.setOptionBit(OPTION_RECEIVE_LOCKED, true)
      return 0
    case SO_SNDBUFFORCE:
      if (!endpoint.stack.privileged) return -EPERM
      endpoint.sendBufferSize = bufferSize(Math.max(0, int), FORCED_MAX, SEND_BUFFER_MIN)
      endpoint.setOptionBit(OPTION_SEND_LOCKED, true)
      return 0
    case SO_RCVBUFFORCE:
      if (!endpoint.stack.privileged) return -EPERM
      endpoint.receiveBufferSize = bufferSize(Math.max(0, int), FORCED_MAX, RECEIVE_BUFFER_MIN)
      endpoint.setOptionBit(OPTION_RECEIVE_LOCKED, true)
      return 0
    case SO_PRIORITY:
      if (!mayPrioritize(endpoint, int)) return -EPERM
      endpoint.ensureRare().priority = int
      return 0
    case SO_MARK:
      if (!endpoint.stack.privileged) return -EPERM
      endpoint.ensureRare().mark = int
      return 0
    case SO_MAX_PACING_RATE:
      endpoint.ensureRare().maxPacingRate = readPacingRate(value, int)
      return 0
    case SO_PEEK_OFF:
      if (!hasPeekOffset(endpoint)) return -EOPNOTSUPP
      endpoint.ensureRare().peekOffset = Math.max(-1, int)
      return 0
    // We differ: Linux takes any number, and has no way then.
    case SO_BINDTOIFINDEX: {
      const found = int === 0 ? null : endpoint.stack.interfaceWithIndex(int)
      if (int !== 0 && found === null) return int < 0 ? -EINVAL : -ENODEV
      endpoint.ensureRare().boundTo = found
      return 0
    }
    case SO_LINGER:
      if (value.length < 8) return -EINVAL
      endpoint.setOptionBit(OPTION_LINGER, int !== 0)
      if (int !== 0) setLinger(endpoint, Math.max(0, readInt(value, 4)))
      return 0
    case SO_RCVLOWAT:
      endpoint.ensureRare().receiveLowWater = Math.max(1, Math.min(int < 0 ? 0x7fffffff : int, endpoint.lowWaterMax))
      return 0
    case SO_RCVTIMEO:
    case SO_SNDTIMEO:
    case SO_RCVTIMEO_NEW:
    case SO_SNDTIMEO_NEW:
      return setTimeout(endpoint, name, value)
    // socket(7): of Linux 2.0; ICMP errors are told as they always are.
    case SO_BSDCOMPAT:
      return 0
    default:
      return ofUnix.includes(name) ? -EOPNOTSUPP : endpoint.setOwnSocketOption(name, value)
  }
}

// udp(7): of ours only UDP keeps one; a stream's look is always at its start.
function hasPeekOffset(endpoint: StackEndpoint): boolean {
  return endpoint.type === SOCK_DGRAM && endpoint.protocol === IPPROTO_UDP
}

function bufferSize(asked: number, max: number, min: number): number {
  return Math.max(min, 2 * Math.min(asked >>> 0, max))
}

function setTimeout(endpoint: StackEndpoint, name: number, value: Uint8Array): number {
  if (value.length < TIMEVAL_LENGTH) return -EINVAL
  const view = new DataView(value.buffer, value.byteOffset, TIMEVAL_LENGTH)
  const seconds = Number(view.getBigInt64(0, true))
  const micros = Number(view.getBigInt64(8, true))
  if (micros < 0 || micros >= 1_000_000) return -EDOM
  const time = seconds < 0 ? 0 : seconds * 1_000_000 + micros
  if (name === SO_RCVTIMEO || name === SO_RCVTIMEO_NEW) endpoint.ensureRare().receiveTimeout = time
  else endpoint.ensureRare().sendTimeout = time
  return 0
}

// A long where there is room for one, else an int, of which all ones are no limit either.
function readPacingRate(value: Uint8Array, int: number): bigint {
  if (value.length >= 8) return new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0, true)
  return int === -1 ? NO_PACING : BigInt(int >>> 0)
}

function writePacingRate(value: Uint8Array, rate: bigint): number {
  if (value.length < 8) return writeInt(value, Number(rate > 0xffffffffn ? 0xffffffffn : rate) | 0)
  new DataView(value.buffer, value.byteOffset, 8).setBigUint64(0, rate, true)
  return 8
}

function writeTimeval(value: Uint8Array, micros: number): number {
  const whole = new Uint8Array(TIMEVAL_LENGTH)
  const view = new DataView(whole.buffer)
  view.setBigInt64(0, BigInt(Math.floor(micros / 1_000_000)), true)
  view.setBigInt64(8, BigInt(micros % 1_000_000), true)
  const length = Math.min(value.length, TIMEVAL_LENGTH)
  value.set(whole.subarray(0, length))
  return length
}

function writeName(value: Uint8Array, name: string): number {
  if (name === '') return 0
  // Linux wants room for the longest name there can be.
  if (value.length < INTERFACE_NAME_LENGTH) return -EINVAL
  const bytes = new TextEncoder().encode(name)
  value.set(bytes)
  value[bytes.length] = 0
  return bytes.length + 1
}

function bindToDevice(endpoint: StackEndpoint, value: Uint8Array): number {
  let end = value.indexOf(0)
  if (end < 0) end = value.length
  if (end >= INTERFACE_NAME_LENGTH) end = INTERFACE_NAME_LENGTH - 1
  const name = new TextDecoder().decode(value.subarray(0, end))
  if (name === '') {
    if (endpoint.rare !== null) endpoint.rare.boundTo = null
    return 0
  }
  const found = endpoint.stack.interfaceNamed(name)
  if (found === null) return -ENODEV
  endpoint.ensureRare().boundTo = found
  return 0
}

// No time at all, which makes a reset of close, is what is there without the rare options: 240 octets less for who ends so.
function setLinger(endpoint: StackEndpoint, seconds: number): void {
  if (seconds !== (endpoint.rare?.linger ?? 0)) endpoint.ensureRare().linger = seconds
}
