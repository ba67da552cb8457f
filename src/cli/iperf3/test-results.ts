// What each side has counted: both tell the other at the end.

import { Iperf3Failure } from './iperf3-failure.ts'
import type { ProcessorUse } from './processor-use.ts'
import { amountField, integerField, type JsonRecord, textField } from './record-field.ts'

/** What a side says of one stream. */
export interface StreamResult {
  readonly id: number
  /** Sent or received by who says it. */
  readonly bytes: number
  /** Null: it does not know. */
  readonly retransmits: number | null
  /** Seconds. */
  readonly jitter: number
  /** Datagrams that did not come, and those that were sent, as the receiver knows; of the sender, those it has sent. */
  readonly lost: number
  readonly packets: number
  readonly start: number
  readonly end: number
}

export interface TestResults {
  readonly processor: ProcessorUse
  readonly hasRetransmits: boolean
  /** '' where it does not say. */
  readonly congestion: string
  readonly streams: readonly StreamResult[]
  /** What the server has printed; null where it was not asked. */
  readonly output: string | JsonRecord | null
}

/** What -1 is in 64 bits, as iperf3 writes it. */
const UNKNOWN = 2 ** 63

const TEXT_MAX = 1 << 24

export function resultsRecord(results: TestResults, sends: boolean, datagrams: boolean): JsonRecord {
  const { processor, congestion, output } = results
  return {
    cpu_util_total: processor.total,
    cpu_util_user: processor.user,
    cpu_util_system: processor.system,
    sender_has_retransmits: !sends ? -1 : results.hasRetransmits && !datagrams ? 1 : 0,
    ...(congestion === '' ? {} : { congestion_used: congestion }),
    ...(typeof output === 'string' ? { server_output_text: output } : {}),
    ...(output !== null && typeof output === 'object' ? { server_output_json: output } : {}),
    streams: results.streams.map((stream) => ({
      id: stream.id,
      bytes: stream.bytes,
      retransmits: stream.retransmits ?? -1,
      jitter: stream.jitter,
      errors: stream.lost,
      packets: stream.packets,
      start_time: stream.start,
      end_time: stream.end,
    })),
  }
}

/** What the peer says of the streams with these numbers: all of them, in this order. Throws an Iperf3Failure for what cannot be. */
export function readResults(record: JsonRecord, ids: readonly number[]): TestResults {
  try {
    return read(record, ids)
  } catch (error) {
    if (!(error instanceof Iperf3Failure)) throw error
    throw new Iperf3Failure(`unable to receive results: ${error.message}`)
  }
}

function read(record: JsonRecord, ids: readonly number[]): TestResults {
  const { streams, sender_has_retransmits: has, server_output_json: json } = record
  if (!Array.isArray(streams)) throw new Iperf3Failure('streams must be an array')
  if (streams.length !== ids.length) {
    throw new Iperf3Failure(`there are ${ids.length} streams, and it tells of ${streams.length}`)
  }
  const told = new Map<number, StreamResult>()
  for (const one of streams) {
    const stream = readStream(isRecord(one) ? one : {})
    told.set(stream.id, stream)
  }
  const text = textField(record, 'server_output_text', TEXT_MAX)
  return {
    processor: {
      total: amountField(record, 'cpu_util_total', 0),
      user: amountField(record, 'cpu_util_user', 0),
      system: amountField(record, 'cpu_util_system', 0),
    },
    hasRetransmits: has === 1 || has === true,
    congestion: textField(record, 'congestion_used', 64),
    streams: ids.map((id) => {
      const stream = told.get(id)
      if (stream === undefined) throw new Iperf3Failure(`it tells nothing of the stream ${id}`)
      return stream
    }),
    output: isRecord(json) ? json : text === '' ? null : text,
  }
}

function readStream(record: JsonRecord): StreamResult {
  const { retransmits } = record
  const known = typeof retransmits === 'number' && retransmits >= 0 && retransmits < UNKNOWN
  return {
    id: integerField(record, 'id', 1, 0x7fffffff, 0),
    bytes: amountField(record, 'bytes', 0),
    retransmits: known ? Math.trunc(retransmits) : null,
    jitter: amountField(record, 'jitter', 0),
    lost: amountField(record, 'errors', 0),
    packets: amountField(record, 'packets', 0),
    start: amountField(record, 'start_time', 0),
    end: amountField(record, 'end_time', 0),
  }
}

function isRecord(value: unknown): value is JsonRecord {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
