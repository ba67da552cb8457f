// Read first: cmsg(3). Control messages as C has them, one behind the other: struct cmsghdr (length with the header, level, type),
// data, and padding to whole words of 8 octets.

import { trueLength } from '../base/true-length.ts'
import type { ControlMessage } from './provider.ts'

const HEADER_LENGTH = 16

function space(length: number): number {
  return (HEADER_LENGTH + length + 7) & ~7
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
    view.setBigUint64(at, BigInt(HEADER_LENGTH + length), true)
    view.setInt32(at + 8, level, true)
    view.setInt32(at + 12, type, true)
    // What was given away has no octets, and cannot even be asked for them.
    if (length > 0) into.set(data, at + HEADER_LENGTH)
    const end = at + space(length)
    into.fill(0, at + HEADER_LENGTH + length, end)
    at = end
  }
}

/** Those in the first `length` octets, each with a copy of its data. What is cut off, or no message, ends them. */
export function decodeControl(bytes: Uint8Array, length: number): ControlMessage[] {
  const end = Math.min(length, bytes.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, end)
  const messages: ControlMessage[] = []
  for (let at = 0; at + HEADER_LENGTH <= end; ) {
    const size = Number(view.getBigUint64(at, true))
    if (size < HEADER_LENGTH || at + size > end) break
    messages.push({
      level: view.getInt32(at + 8, true),
      type: view.getInt32(at + 12, true),
      data: bytes.slice(at + HEADER_LENGTH, at + size),
    })
    at += space(size - HEADER_LENGTH)
  }
  return messages
}
