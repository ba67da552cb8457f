// Read first: recv(2), recvmsg(2), socket(7) SO_PEEK_OFF; __unix_dgram_recvmsg in Linux for order and errors.

import { MSG_PEEK, MSG_TRUNC } from '../base/constants.ts'
import type { Message } from '../socket/provider.ts'
import { total } from '../socket/waiting.ts'
import { deliver, release } from './ancillary.ts'
import type { RecordQueue, UnixRecord } from './record-queue.ts'
import { fillSender, type UnixEndpoint } from './unix-endpoint.ts'

/** Which record a call is about, and where its octets begin. One call's: calls do not nest. */
class Found {
  record: UnixRecord | null = null
  /** Of the record's first octet in the queue, and of the first to give in the record. */
  base = 0
  skip = 0
}

const found = new Found()

/** Whether there is a record for a call with these flags; `receiveOctets` and `receiveMessage` are then about it. */
export function findRecord(endpoint: UnixEndpoint, queue: RecordQueue, flags: number): boolean {
  found.record = queue.head
  found.base = 0
  found.skip = 0
  if ((flags & MSG_PEEK) === 0 || endpoint.peekOffset <= 0) return found.record !== null
  // SO_PEEK_OFF counts through all records.
  let { record } = found
  let skip = endpoint.peekOffset
  while (record !== null && skip >= record.length) {
    skip -= record.length
    found.base += record.length
    record = record.next
  }
  found.record = record
  found.skip = skip
  return record !== null
}

/** recv(2) of the record that was found. Passed descriptors are lost. */
export function receiveOctets(
  endpoint: UnixEndpoint,
  queue: RecordQueue,
  bytes: Uint8Array,
  start: number,
  end: number,
  flags: number,
): number {
  const record = found.record as UnixRecord
  const left = record.length - found.skip
  const length = Math.min(end - start, left)
  queue.peek(found.base + found.skip, length, bytes, start)
  finish(endpoint, queue, length, flags)
  return (flags & MSG_TRUNC) !== 0 ? left : length
}

/** recvmsg(2) of the record that was found. */
export function receiveMessage(endpoint: UnixEndpoint, queue: RecordQueue, message: Message, flags: number): number {
  const record = found.record as UnixRecord
  const { system } = endpoint
  const left = record.length - found.skip
  const length = Math.min(total(message), left)
  let done = 0
  for (let i = 0; done < length; i++) {
    const buffer = message.buffers[i] as Uint8Array
    const part = Math.min(length - done, buffer.length)
    queue.peek(found.base + found.skip + done, part, buffer, 0)
    done += part
  }
  message.flags = length < left ? MSG_TRUNC : 0
  message.control = []
  fillSender(message.name, record.sender.name)
  const sender = endpoint.passCredentials ? (record.credentials ?? system.host.credentials) : null
  deliver(system, message, sender, record.files)
  finish(endpoint, queue, length, flags)
  return (flags & MSG_TRUNC) !== 0 ? left : length
}

function finish(endpoint: UnixEndpoint, queue: RecordQueue, length: number, flags: number): void {
  found.record = null
  if ((flags & MSG_PEEK) !== 0) {
    if (endpoint.peekOffset >= 0) endpoint.peekOffset += length
    return
  }
  const record = queue.shift()
  if (endpoint.peekOffset > 0) endpoint.peekOffset = Math.max(0, endpoint.peekOffset - record.length)
  record.sender.recordGone(record.cost)
  if (record.files.length > 0) release(endpoint.system, record.files)
}

/** Throws away all records. Their files have been taken. */
export function discardRecords(queue: RecordQueue): void {
  while (queue.head !== null) {
    const record = queue.shift()
    record.sender.recordGone(record.cost)
  }
}
