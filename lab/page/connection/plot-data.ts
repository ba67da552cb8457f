// What plots are drawn of: columns of numbers, no more than a screen can show.

import type { SampleEvent } from '../../engine/run-events.ts'
import { type EndLog, placeAt } from '../state/flow-log.ts'

/** Instants between which something is looked at, in milliseconds. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Instants, and what was true then of each line. */
export interface Columns {
  readonly at: number[]
  readonly values: (number | null)[][]
}

/**
 * The samples of a span, and the one before it: of many that fall on one of `steps` parts of it the first and the last, and those with
 * the smallest and the greatest congestion window. What holds at the end of the span is told again there.
 */
export function samplesIn({ samples }: EndLog, { from, to }: Span, steps: number): SampleEvent[] {
  const first = Math.max(placeAt(samples, from) - 1, 0)
  const end = placeAt(samples, to)
  if (end - first <= 4 * steps) return samples.slice(first, end)
  const shown: SampleEvent[] = []
  const width = (to - from) / steps
  for (let place = first; place < end; ) {
    const step = Math.floor(((samples[place] as SampleEvent).at - from) / width)
    let [least, most, last] = [place, place, place]
    for (; last + 1 < end; last++) {
      const next = samples[last + 1] as SampleEvent
      if (Math.floor((next.at - from) / width) !== step) break
      if (next.cwnd < (samples[least] as SampleEvent).cwnd) least = last + 1
      if (next.cwnd > (samples[most] as SampleEvent).cwnd) most = last + 1
    }
    for (const one of new Set([place, Math.min(least, most), Math.max(least, most), last])) {
      shown.push(samples[one] as SampleEvent)
    }
    place = last + 1
  }
  return shown
}

/** Octets that are sent, and neither acknowledged nor reported by SACK (RFC 2018); a SYN and a FIN count as one each. */
export function inFlight({ sndUna, sndNxt, sacked }: SampleEvent): number {
  let octets = sndNxt - sndUna
  for (let i = 0; i + 1 < sacked.length; i += 2) octets -= (sacked[i + 1] as number) - (sacked[i] as number)
  return Math.max(octets, 0)
}

/** Columns of samples; what was last true goes on until `end`. */
export function columnsOf(
  samples: readonly SampleEvent[],
  end: number,
  ...values: readonly ((sample: SampleEvent) => number | null)[]
): Columns {
  const columns: Columns = { at: samples.map(({ at }) => at), values: values.map((value) => samples.map(value)) }
  const last = samples.at(-1)
  if (last !== undefined && last.at < end) {
    columns.at.push(end)
    values.forEach((value, i) => {
      columns.values[i]?.push(value(last))
    })
  }
  return columns
}

/** Bits in a second, in each of `steps` parts of a span: acknowledged by the peer, and sent, what was sent again with it. */
export function throughputOf({ samples, segments }: EndLog, { from, to }: Span, steps: number): Columns {
  const width = (to - from) / steps
  const acknowledged = new Array<number>(steps).fill(0)
  const sent = new Array<number>(steps).fill(0)
  const perSecond = 8000 / width
  let place = placeAt(samples, from)
  let before = samples[place - 1]?.sndUna ?? 0
  for (; place < samples.length; place++) {
    const { at, sndUna } = samples[place] as SampleEvent
    const step = Math.floor((at - from) / width)
    if (step >= steps) break
    acknowledged[step] = (acknowledged[step] as number) + Math.max(sndUna - before, 0) * perSecond
    before = sndUna
  }
  for (let i = placeAt(segments, from); i < segments.length; i++) {
    const segment = segments[i]
    if (segment === undefined) break
    const step = Math.floor((segment.at - from) / width)
    if (step >= steps) break
    sent[step] = (sent[step] as number) + (segment.end - segment.seq) * perSecond
  }
  const edges = Array.from({ length: steps + 1 }, (_, i) => from + i * width)
  // The last step goes on to its end.
  return {
    at: edges,
    values: [
      [...acknowledged, acknowledged.at(-1) ?? 0],
      [...sent, sent.at(-1) ?? 0],
    ],
  }
}

/** When the first and the last thing was told of a connection, its states aside: TIME-WAIT is a long time in which nothing happens. */
export function spanOf(logs: readonly (EndLog | null)[]): Span | null {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const log of logs) {
    for (const told of [log?.samples, log?.segments]) {
      from = Math.min(from, told?.[0]?.at ?? from)
      to = Math.max(to, told?.at(-1)?.at ?? to)
    }
  }
  return from > to ? null : { from, to: Math.max(to, from + 1) }
}

/** "1.45k", "2M": octets in a few letters. */
export function brief(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e9) return `${trimmed(value / 1e9)}G`
  if (size >= 1e6) return `${trimmed(value / 1e6)}M`
  if (size >= 1e3) return `${trimmed(value / 1e3)}k`
  return trimmed(value)
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)))
}
