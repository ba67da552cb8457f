// Read first: RFC 6298 (retransmission), RFC 9293 sections 3.8.4 and 3.8.6.1 (keep-alive, persist), RFC 8985 (reordering and probe).

import type { NetstatTimer, NetstatTimerKind } from '../base/netstat-entry.ts'
import {
  Connection,
  TIMER_ACK,
  TIMER_LONG,
  TIMER_PERSIST,
  TIMER_PROBE,
  TIMER_REORDER,
  TIMER_RETRANSMIT,
} from '../tcp/connection.ts'
import type { HalfOpen } from '../tcp/half-open.ts'
import { FIN_WAIT_2, TIME_WAIT } from '../tcp/state.ts'

export type { NetstatTimer, NetstatTimerKind } from '../base/netstat-entry.ts'

/** The timers of a connection that are set, the first to expire first. `now`: the stack's time, just read. */
export function timersOf(flow: Connection | HalfOpen, now: number): NetstatTimer[] {
  if (!(flow instanceof Connection)) {
    return flow.timerSlot < 0 ? [] : [{ kind: 'retransmit', left: left(flow.timerAt, now), retries: flow.retries }]
  }
  const timers: NetstatTimer[] = []
  const add = (bit: number, kind: NetstatTimerKind, at: number, retries: number) => {
    if ((flow.armed & bit) !== 0) timers.push({ kind, left: left(at, now), retries })
  }
  add(TIMER_RETRANSMIT, 'retransmit', flow.retransmitAt, flow.retries)
  add(TIMER_PERSIST, 'persist', flow.persistAt, flow.retries)
  add(TIMER_ACK, 'delayed-ack', flow.ackAt, 0)
  const long = longKind(flow)
  add(TIMER_LONG, long, flow.longAt, long === 'keepalive' ? flow.keepAliveSent : 0)
  add(TIMER_REORDER, 'reorder', flow.reorderAt, 0)
  add(TIMER_PROBE, 'tail-loss-probe', flow.probeAt, 0)
  return timers.sort((x, y) => x.left - y.left)
}

function longKind(c: Connection): NetstatTimerKind {
  if (c.state === TIME_WAIT) return 'time-wait'
  return c.state === FIN_WAIT_2 && c.orphan ? 'fin-wait-2' : 'keepalive'
}

function left(at: number, now: number): number {
  return Math.max((at - now) | 0, 0)
}
