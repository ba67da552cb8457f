// What was told of connections, by the end that it is of: views of one connection do not look through all of them.

import type { RunEvents, SampleEvent, SegmentEvent, StateEvent } from '../../engine/run-events.ts'

/** One end of a connection: everything that was told of it, in order. */
export interface EndLog {
  readonly host: string
  /** "10.0.1.1:4242 10.0.1.2:80", this end first. */
  readonly ends: string
  readonly samples: SampleEvent[]
  readonly segments: SegmentEvent[]
  readonly states: StateEvent[]
}

const logs = new Map<string, EndLog>()

/** Takes what is new. */
export function takeFlows(events: RunEvents): void {
  for (const event of events.states) logOf(event).states.push(event)
  for (const event of events.samples) logOf(event).samples.push(event)
  for (const event of events.segments) logOf(event).segments.push(event)
}

/** The run begins anew. */
export function forgetFlows(): void {
  logs.clear()
}

/** What is known of the end that comes first in `ends`; null: nothing. */
export function endLog(ends: string): EndLog | null {
  return logs.get(ends) ?? null
}

/** All connections, each by the end that was heard of first, oldest first. */
export function connections(): EndLog[] {
  const first: EndLog[] = []
  const seen = new Set<string>()
  for (const log of logs.values()) {
    const [a = '', b = ''] = log.ends.split(' ')
    if (seen.has(`${b} ${a}`)) continue
    seen.add(log.ends)
    first.push(log)
  }
  return first
}

function logOf({ host, ends }: { readonly host: string; readonly ends: string }): EndLog {
  let log = logs.get(ends)
  if (log === undefined) {
    log = { host, ends, samples: [], segments: [], states: [] }
    logs.set(ends, log)
  }
  return log
}

/** The last of what was told by an instant, by halving; null: nothing was. */
export function lastAt<T extends { readonly at: number }>(told: readonly T[], at: number): T | null {
  return told[placeAt(told, at) - 1] ?? null
}

/** How many were told by an instant. */
export function placeAt(told: readonly { readonly at: number }[], at: number): number {
  let [low, high] = [0, told.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((told[middle] as { at: number }).at <= at) low = middle + 1
    else high = middle
  }
  return low
}
