// Read first: RFC 6298 section 5, RFC 5681 section 3.2, RFC 6675.

import type { Stack } from '../stack/stack.ts'
import { CA_RECOVERY, Connection } from '../tcp/connection.ts'
import type { HalfOpen } from '../tcp/half-open.ts'
import { currentRto } from '../tcp/rtt.ts'
import type { FrameSegment } from './demo-frame.ts'

/** Why `stack` sends a segment again that it sent `waited` milliseconds ago: its own state of the connection says so. */
export function whyAgain(stack: Stack, segment: FrameSegment, waited: number): string {
  const entry = find(stack, segment)
  const waitedText = `${Math.round(waited)} ms`
  if (!(entry instanceof Connection)) return `again: no answer in ${waitedText}, the time-out`
  const reported = entry.flight?.sackedOut ?? 0
  if (entry.caState === CA_RECOVERY) {
    return `again, before the time-out (fast retransmission): ${reported} segments sent after it were reported received`
  }
  return `again: no acknowledgement in ${waitedText}, the time-out; it is ${currentRto(entry)} ms from now on`
}

function find(stack: Stack, { source, destination }: FrameSegment): Connection | HalfOpen | null {
  for (const entry of stack.tcp.connections.entries()) {
    const local = `${entry.local}:${entry.localPort}`
    if (local === source && `${entry.remote}:${entry.remotePort}` === destination) return entry
  }
  return null
}
