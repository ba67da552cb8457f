// What a test is to be: the client says it, and the server does it.

import { Iperf3Failure } from './iperf3-failure.ts'
import { amountField, flagField, integerField, type JsonRecord, textField } from './record-field.ts'

export const STREAMS_MAX = 128
export const BLOCK_MAX = 1024 * 1024
/** What a datagram of ours must have room for, and the most that one of UDP over IPv4 carries. */
export const DATAGRAM_MIN = 16
export const DATAGRAM_MAX = 65507
export const TIME_MAX = 86_400
export const OMIT_MAX = 60
export const BUFFER_MAX = 512 * 1024 * 1024
export const SEGMENT_MAX = 9216
export const BURST_MAX = 1000

export interface TestParameters {
  readonly protocol: 'tcp' | 'udp'
  /** Seconds. */
  readonly omit: number
  /** Seconds, octets, blocks: one of them ends the test. All 0: the client does, some time. */
  readonly time: number
  readonly bytes: number
  readonly blocks: number
  /** Streams in each direction. */
  readonly parallel: number
  /** Who sends: the client, the server, both. */
  readonly direction: 'forward' | 'reverse' | 'both'
  /** Octets of a block or datagram. */
  readonly length: number
  /** Bits a second of each stream. 0: as much as goes. */
  readonly rate: number
  /** Datagrams or blocks that go at once whatever the rate; 0: as the rate has it. */
  readonly burst: number
  /** SO_MAX_PACING_RATE, in bits a second; 0: none. */
  readonly fqRate: number
  /** Octets of the sockets' buffers; 0: as the system has them. */
  readonly window: number
  readonly segment: number
  readonly noDelay: boolean
  readonly tos: number
  /** '' as the system has it. */
  readonly congestion: string
  readonly wantsServerOutput: boolean
  /** Counters of datagrams have 8 octets. */
  readonly wideCounters: boolean
  readonly repeatingPayload: boolean
  readonly dontFragment: boolean
  readonly title: string
  readonly extraData: string
}

/** How many streams a test has in all. */
export function streamCount({ parallel, direction }: TestParameters): number {
  return direction === 'both' ? 2 * parallel : parallel
}

/** Whether the stream of this number, from 0, is one that the client sends on: of both directions its own come first. */
export function clientSends({ parallel, direction }: TestParameters, place: number): boolean {
  return direction === 'both' ? place < parallel : direction === 'forward'
}

/** The number that both sides know a stream by. */
export function streamId(place: number): number {
  return place === 0 ? 1 : place + 2
}

/** The record of the parameters: what is as usual is left out, as iperf3 does. */
export function parametersRecord(parameters: TestParameters, version: string): JsonRecord {
  const { protocol, direction, title, extraData, congestion } = parameters
  return {
    [protocol]: true,
    omit: parameters.omit,
    time: parameters.time,
    num: parameters.bytes,
    blockcount: parameters.blocks,
    ...(parameters.segment > 0 ? { MSS: parameters.segment } : {}),
    ...(parameters.noDelay ? { nodelay: true } : {}),
    parallel: parameters.parallel,
    ...(direction === 'reverse' ? { reverse: true } : {}),
    ...(direction === 'both' ? { bidirectional: true } : {}),
    ...(parameters.window > 0 ? { window: parameters.window } : {}),
    len: parameters.length,
    ...(parameters.rate > 0 ? { bandwidth: parameters.rate } : {}),
    ...(parameters.fqRate > 0 ? { fqrate: parameters.fqRate } : {}),
    pacing_timer: 1000,
    ...(parameters.burst > 0 ? { burst: parameters.burst } : {}),
    ...(parameters.tos > 0 ? { TOS: parameters.tos } : {}),
    ...(title === '' ? {} : { title }),
    ...(extraData === '' ? {} : { extra_data: extraData }),
    ...(congestion === '' ? {} : { congestion }),
    ...(parameters.wantsServerOutput ? { get_server_output: 1 } : {}),
    ...(parameters.wideCounters ? { udp_counters_64bit: 1 } : {}),
    ...(parameters.repeatingPayload ? { repeating_payload: 1 } : {}),
    ...(parameters.dontFragment ? { dont_fragment: 1 } : {}),
    client_version: version,
  }
}

/** What a client asks for. Throws an Iperf3Failure that names the field that cannot be. */
export function readParameters(record: JsonRecord): TestParameters {
  const udp = flagField(record, 'udp')
  if (flagField(record, 'sctp')) throw new Iperf3Failure('sctp is no protocol of this server; there are tcp and udp')
  if (udp && flagField(record, 'tcp')) throw new Iperf3Failure('tcp and udp exclude each other')
  const reverse = flagField(record, 'reverse')
  const both = flagField(record, 'bidirectional')
  if (reverse && both) throw new Iperf3Failure('reverse and bidirectional exclude each other')
  return {
    protocol: udp ? 'udp' : 'tcp',
    omit: integerField(record, 'omit', 0, OMIT_MAX, 0),
    time: integerField(record, 'time', 0, TIME_MAX, 0),
    bytes: amountField(record, 'num', 0),
    blocks: amountField(record, 'blockcount', 0),
    parallel: integerField(record, 'parallel', 1, STREAMS_MAX, 1),
    direction: both ? 'both' : reverse ? 'reverse' : 'forward',
    length: udp
      ? integerField(record, 'len', DATAGRAM_MIN, DATAGRAM_MAX, 1460)
      : integerField(record, 'len', 1, BLOCK_MAX, 128 * 1024),
    rate: amountField(record, 'bandwidth', 0),
    burst: integerField(record, 'burst', 0, BURST_MAX, 0),
    fqRate: amountField(record, 'fqrate', 0),
    window: integerField(record, 'window', 0, BUFFER_MAX, 0),
    segment: integerField(record, 'MSS', 0, SEGMENT_MAX, 0),
    noDelay: flagField(record, 'nodelay'),
    tos: integerField(record, 'TOS', 0, 255, 0),
    congestion: textField(record, 'congestion', 15),
    wantsServerOutput: flagField(record, 'get_server_output'),
    wideCounters: flagField(record, 'udp_counters_64bit'),
    repeatingPayload: flagField(record, 'repeating_payload'),
    dontFragment: flagField(record, 'dont_fragment'),
    title: textField(record, 'title', 1024),
    extraData: textField(record, 'extra_data', 4096),
  }
}
