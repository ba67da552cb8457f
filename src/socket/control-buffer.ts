// Read first: cmsg(3). Control messages as C has them, one behind the other: struct cmsghdr (length with the header, level, type),
// data, and padding to whole words of 8 octets.

import { readNative, writeNative } from '../base/bytes.ts'
import { trueLength } from '../base/true-length.ts'
import type { ControlMessage } from './provider.ts'

/** Octets of a struct cmsghdr. */
export const CONTROL_HEADER_LENGTH = 16

function space(length: number): number {
  return (CONTROL_HEADER_LENGTH + length + 7) & ~7
}

/** The octets that these take: CMSG_SPACE of each. */
export function controlLength(messages: readonly ControlMessage[]): number {
  let length = 0
  for (const { data } of messages) length += space(trueLength(data))
  return length
}

/** Writes them from the start of `into`, which has room for `controlLength`. */
export function encodeControl(messages: readonly ControlMessage[], into: Uint8Array): void {
  const view = new DataView(into.buffer, into.byteOffset, into.length)
  let at = 0
  for (const { level, type, data } of messages) {
    const length = trueLength(data)
    view.setBigUint64(at, BigInt(CONTROL_HEADER_LENGTH + length), true)
    view.setInt32(at + 8, level, true)
    view.setInt32(at + 12, type, true)
    // What was given away has no octets, and cannot even be asked for them.
    if (length > 0) into.set(data, at + CONTROL_HEADER_LENGTH)
    const end = at + space(length)
    into.fill(0, at + CONTROL_HEADER_LENGTH + length, end)
    at = end
  }
}

/**
 * Writes one, with data of less than 240 octets, to `into[at, at + room)`: how many octets it takes, 0 where there is no room. Octet by
 * octet, for what is done with every datagram: a DataView costs more than all of it.
 */
export function encodeOneControl(
  into: Uint8Array,
  at: number,
  room: number,
  level: number,
  type: number,
  data: Uint8Array,
): number {
  const { length } = data
  const whole = space(length)
  if (whole > room) return 0
  for (let i = at; i < at + CONTROL_HEADER_LENGTH; i++) into[i] = 0
  into[at] = CONTROL_HEADER_LENGTH + length
  writeNative(into, at + 8, level)
  writeNative(into, at + 12, type)
  for (let i = 0; i < length; i++) into[at + CONTROL_HEADER_LENGTH + i] = data[i] as number
  for (let i = at + CONTROL_HEADER_LENGTH + length; i < at + whole; i++) into[i] = 0
  return whole
}

/** Whether `bytes[at, at + length)` is one message of this level and type with so much data, and nothing else: its data starts 16 on. */
export function isOneControl(
  bytes: Uint8Array,
  at: number,
  length: number,
  level: number,
  type: number,
  dataLength: number,
): boolean {
  if (length !== space(dataLength) || bytes[at] !== CONTROL_HEADER_LENGTH + dataLength) return false
  for (let i = at + 1; i < at + 8; i++) if (bytes[i] !== 0) return false
  return readNative(bytes, at + 8) === level && readNative(bytes, at + 12) === type
}

/** Those in the first `length` octets, each with a copy of its data. What is cut off, or no message, ends them. */
export function decodeControl(bytes: Uint8Array, length: number): ControlMessage[] {
  const end = Math.min(length, bytes.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, end)
  const messages: ControlMessage[] = []
  for (let at = 0; at + CONTROL_HEADER_LENGTH <= end; ) {
    const size = Number(view.getBigUint64(at, true))
    if (size < CONTROL_HEADER_LENGTH || at + size > end) break
    messages.push({
      level: view.getInt32(at + 8, true),
      type: view.getInt32(at + 12, true),
      data: bytes.slice(at + CONTROL_HEADER_LENGTH, at + size),
    })
    at += space(size - CONTROL_HEADER_LENGTH)
  }
  return messages
}
