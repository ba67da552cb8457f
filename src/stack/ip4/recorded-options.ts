// Read first: RFC 791 section 3.1 "Record Route" and "Internet Timestamp", RFC 1122 sections 3.2.1.8 and 3.2.2.6.
//
// The two options in which those that a packet passes enter themselves. Offsets count from the start of the options.

import { read32, write32 } from '../../base/bytes.ts'
import { IPV4_OPTION_NOP, Ipv4Options, readIpv4Options } from '../../wire/ipv4-options.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { LeanStack } from '../lean-stack.ts'

/** Of the timestamp option: times alone; addresses and times; times at addresses that the sender has written. */
const TIMES = 0
const ADDRESSES = 1
const PRESPECIFIED = 3
const OVERFLOW_MAX = 15
/** RFC 791: set where the time is not in milliseconds since midnight UT. Ours is not: a stack's clock begins anywhere. */
const NOT_UNIVERSAL = 0x80000000

const found = new Ipv4Options()

/**
 * Writes to `into` the record route and timestamp options that `packet`, an echo request, came with, as its answer carries them: we
 * are entered, once. Returns their length, padded; 0 where there are none; -1 − n where the octet n of the request's options is
 * wrong. Other options are not answered; a source route never comes here, since none is accepted.
 */
export function returnedOptions(stack: LeanStack, packet: IpPacket, into: Uint8Array): number {
  const { bytes, payloadStart } = packet
  const start = packet.start + 20
  if (!readIpv4Options(found, bytes, start, payloadStart)) return -1 - found.errorAt
  let length = 0
  for (let i = 0; i < 2; i++) {
    const at = i === 0 ? found.recordRouteAt : found.timestampAt
    if (at < 0) continue
    const size = bytes[start + at + 1] as number
    for (let j = 0; j < size; j++) into[length + j] = bytes[start + at + j] as number
    const wrong =
      i === 0 ? recordRoute(into, length, packet.destination.d) : recordTime(stack, into, length, packet.destination.d)
    if (wrong >= 0) return -1 - at - wrong
    length += size
  }
  return padded(into, length)
}

/** Enters `source`, who sends the packet, into the options in `bytes[start, end)`. Returns the offset of what is wrong; −1: nothing. */
export function recordSender(stack: LeanStack, bytes: Uint8Array, start: number, end: number, source: number): number {
  if (!readIpv4Options(found, bytes, start, end)) return found.errorAt
  const { recordRouteAt, timestampAt } = found
  if (recordRouteAt >= 0) {
    const wrong = recordRoute(bytes, start + recordRouteAt, source)
    if (wrong >= 0) return recordRouteAt + wrong
  }
  const wrong = timestampAt < 0 ? -1 : recordTime(stack, bytes, start + timestampAt, source)
  return wrong < 0 ? -1 : timestampAt + wrong
}

/** Leaves of the options those that every fragment carries (RFC 791: their copied flag is set); returns their length, padded. */
export function keepCopied(options: Uint8Array, length: number): number {
  let kept = 0
  for (let at = 0; at < length && options[at] !== 0; ) {
    const kind = options[at] as number
    const size = kind === IPV4_OPTION_NOP ? 1 : (options[at + 1] as number)
    if ((kind & 0x80) !== 0) {
      for (let i = 0; i < size; i++) options[kept + i] = options[at + i] as number
      kept += size
    }
    at += size
  }
  return padded(options, kept)
}

// Room for part of an entry is an error, no room at all is none: RFC 791.
function recordRoute(bytes: Uint8Array, at: number, address: number): number {
  const length = bytes[at + 1] as number
  const pointer = bytes[at + 2] as number
  if (pointer > length) return -1
  if (pointer + 3 > length) return 2
  write32(bytes, at + pointer - 1, address)
  bytes[at + 2] = pointer + 4
  return -1
}

function recordTime(stack: LeanStack, bytes: Uint8Array, at: number, address: number): number {
  const length = bytes[at + 1] as number
  const pointer = bytes[at + 2] as number
  const last = bytes[at + 3] as number
  const flag = last & 15
  if (flag !== TIMES && flag !== ADDRESSES && flag !== PRESPECIFIED) return -1
  if (pointer > length) {
    if (last >>> 4 === OVERFLOW_MAX) return 3
    bytes[at + 3] = last + 16
    return -1
  }
  const size = flag === TIMES ? 4 : 8
  if (pointer - 1 + size > length) return 2
  const entry = at + pointer - 1
  if (flag === ADDRESSES) write32(bytes, entry, address)
  else if (flag === PRESPECIFIED && !stack.isOwnBits(read32(bytes, entry))) return -1
  write32(bytes, entry + size - 4, stack.time.now | NOT_UNIVERSAL)
  bytes[at + 2] = pointer + size
  return -1
}

function padded(options: Uint8Array, length: number): number {
  let end = length
  while ((end & 3) !== 0) options[end++] = 0
  return end
}
