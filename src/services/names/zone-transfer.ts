// Read first: RFC 5936.

import { compressNames } from './compressed-names.ts'
import {
  CLASS_IN,
  decodeMessage,
  encodeMessage,
  type Message,
  MessageError,
  type MessageParts,
  OPCODE_QUERY,
  type ResourceRecord,
} from './message.ts'
import { HEADER_LENGTH } from './message-bounds.ts'
import type { Zone } from './zone.ts'

/** RFC 2136 section 2.2: not a zone of this server. */
export const NOTAUTH = 9

/** Records of one message. With their names compressed they are mostly far from its end. */
const MOST_OF_A_MESSAGE = 200

/** The question for a whole zone that `bytes` is; null where it is another message. */
export function transferQuery(bytes: Uint8Array): Message | null {
  if (bytes.length < HEADER_LENGTH || ((bytes[2] as number) & 0x80) !== 0) return null
  try {
    const query = decodeMessage(bytes)
    const { question, opcode, edns } = query
    const asked = question !== null && question.type === 'AXFR' && question.class === CLASS_IN
    return asked && opcode === OPCODE_QUERY && (edns === null || edns.version === 0) ? query : null
  } catch (error) {
    if (error instanceof MessageError) return null
    throw error
  }
}

/** The zone in messages with this head: its SOA record comes first, and once more at the end (RFC 5936 section 2.2). */
export function* transferMessages(head: MessageParts, zone: Zone): Generator<Uint8Array> {
  const { soa } = zone
  const all = [soa, ...zone.records.filter((record) => record.kind !== 'soa'), soa]
  yield* messagesOf({ ...head, authoritative: true }, all)
}

function* messagesOf(head: MessageParts, records: readonly ResourceRecord[]): Generator<Uint8Array> {
  const bytes = records.length > MOST_OF_A_MESSAGE ? null : written({ ...head, answers: records })
  if (bytes !== null) {
    yield bytes
    return
  }
  const half = records.length >> 1
  yield* messagesOf(head, records.slice(0, half))
  yield* messagesOf(head, records.slice(half))
}

// Null: they are more than one message holds. One alone never is: the zone has been made of those that fit.
function written(parts: MessageParts): Uint8Array | null {
  try {
    return compressNames(encodeMessage(parts))
  } catch (error) {
    if (error instanceof RangeError && (parts.answers?.length ?? 0) > 1) return null
    throw error
  }
}
