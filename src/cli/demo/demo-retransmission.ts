// Read first: RFC 6298 section 5, RFC 6675 section 5, RFC 8985.

import { endText } from '../../base/ends-text.ts'
import type { Stack } from '../../stack/stack.ts'
import type { TableEntry } from '../../stack/transport/connection-table.ts'
import { CA_LOSS, CA_RECOVERY, Connection } from '../../tcp/connection.ts'
import { currentRto } from '../../tcp/rtt.ts'
import { SYN_RECEIVED, SYN_SENT } from '../../tcp/state.ts'
import type { FrameSegment } from './demo-frame.ts'

/** Why `stack` sends a segment again that it sent `waited` milliseconds ago: its own state of the connection says so. */
export function whyAgain(stack: Stack, segment: FrameSegment, waited: number): string {
  const entry = find(stack, segment)
  if (waited < 1) return 'again: this one and the one before waited together for the hardware address'
  const time = `${Math.round(waited)} ms`
  if (!(entry instanceof Connection)) return `again after ${time}: its acknowledgement has not come`
  const { state, caState } = entry
  if (caState === CA_RECOVERY) return `again after ${time}: later segments have arrived, this one not (SACK)`
  if (caState === CA_LOSS || state === SYN_SENT || state === SYN_RECEIVED) {
    return `again after ${time}: the time-out is over; the next is ${currentRto(entry)} ms`
  }
  return `again after ${time}: a probe, for nothing that follows could show its loss`
}

function find(stack: Stack, { source, destination }: FrameSegment): TableEntry | null {
  for (const entry of stack.tcp.connections.entries()) {
    const local = endText(entry.local.toString(), entry.localPort)
    if (local === source && endText(entry.remote.toString(), entry.remotePort) === destination) return entry
  }
  return null
}
