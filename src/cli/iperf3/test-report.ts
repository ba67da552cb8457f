import { AF_INET } from '../../base/constants.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { ConnectionExtremes, DatagramFigures, IntervalFigures } from './interval-figures.ts'
import type { ProcessorUse } from './processor-use.ts'
import type { JsonRecord } from './record-field.ts'
import type { TestParameters } from './test-parameters.ts'

/** One end of a stream, as it is shown. */
export interface StreamPlace {
  readonly fd: number
  readonly local: SocketAddress
  readonly remote: SocketAddress
}

export interface TestBeginning {
  readonly role: 'client' | 'server'
  readonly parameters: TestParameters
  readonly cookie: string
  /** The largest segment of the control connection. */
  readonly segment: number
  readonly buffers: { readonly send: number; readonly receive: number }
  readonly streams: readonly StreamPlace[]
  /** When it began, in milliseconds since 1970. */
  readonly date: number
}

/** Of one side of one stream. */
export interface SideTotals {
  readonly bytes: number
  readonly seconds: number
  /** Null: not known, or nothing is sent there. */
  readonly retransmits: number | null
}

export interface StreamTotals {
  readonly fd: number
  /** Whether it is this side that sends. */
  readonly sends: boolean
  /** Null: the other side has told nothing. */
  readonly sender: SideTotals | null
  readonly receiver: SideTotals | null
  readonly extremes: ConnectionExtremes | null
  /** As the receiver has counted them; null of TCP. */
  readonly datagrams: DatagramFigures | null
  /** Datagrams that were sent. */
  readonly sent: number
}

export interface TestEnding {
  readonly streams: readonly StreamTotals[]
  readonly processor: ProcessorUse
  /** Null: the other side has told nothing. */
  readonly remoteProcessor: ProcessorUse | null
  readonly congestion: string
  readonly remoteCongestion: string
  /** Of the server, where it was asked for. */
  readonly serverOutput: string | JsonRecord | null
}

/** Who tells people, or programs, of a test. */
export interface TestReport {
  connecting(host: string, port: number, segment: number): void
  accepted(host: string, port: number): void
  began(beginning: TestBeginning): void
  interval(figures: IntervalFigures): void
  ended(ending: TestEnding): void
  /** It has failed: the line that says why, without the name of the program. */
  failed(message: string): void
  /** Nothing more comes of this test. `done`: it has gone well. */
  close(done: boolean): void
  /** What was said of this test, for the client that asks for it. */
  readonly output: string | JsonRecord
}

/** An address without its port; an IPv4 address that an IPv6 socket has as itself. */
export function hostText(address: SocketAddress): string {
  if (!address.ip.isV4) return address.ip.toString()
  const plain = address.copy()
  plain.family = AF_INET
  return plain.ip.toString()
}

/** Totals of several streams: null where one is not known. */
export function sumOf(sides: readonly (SideTotals | null)[]): SideTotals | null {
  let bytes = 0
  let seconds = 0
  let retransmits: number | null = 0
  for (const side of sides) {
    if (side === null) return null
    bytes += side.bytes
    seconds = Math.max(seconds, side.seconds)
    retransmits = retransmits === null || side.retransmits === null ? null : retransmits + side.retransmits
  }
  return { bytes, seconds, retransmits }
}

/** Datagrams of several streams: the jitter is the mean. */
export function sumOfDatagrams(all: readonly (DatagramFigures | null)[]): DatagramFigures | null {
  const known = all.filter((one) => one !== null)
  if (known.length === 0) return null
  const sum = (of: (figures: DatagramFigures) => number) => known.reduce((total, one) => total + of(one), 0)
  return {
    packets: sum((one) => one.packets),
    lost: sum((one) => one.lost),
    outOfOrder: sum((one) => one.outOfOrder),
    jitter: sum((one) => one.jitter) / known.length,
  }
}

export function bitsPerSecond(bytes: number, seconds: number): number {
  return seconds > 0 ? (bytes * 8) / seconds : 0
}

export function lostPercent({ lost, packets }: DatagramFigures): number {
  return packets > 0 ? (100 * lost) / packets : 0
}
