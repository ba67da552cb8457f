// Read first: RFC 6298, RFC 8985, RFC 9293 sections 3.6.1, 3.8.4 and 3.8.6. What a connection waits for, and how long yet.

import { endsText } from '../../../src/base/ends-text.ts'
import type { NetstatEntry, NetstatTimer, NetstatTimerKind } from '../../../src/base/netstat-entry.ts'
import { type EndLog, endLog, lastAt } from '../state/flow-log.ts'
import { now } from '../state/store.ts'
import './timers.css'

const MEANING: Readonly<Record<NetstatTimerKind, string>> = {
  retransmit: 'What was sent and is not acknowledged goes again (RFC 6298 section 5).',
  persist: 'A closed window is asked after (RFC 9293 section 3.8.6.1).',
  'delayed-ack': 'An acknowledgement waits for data that it can ride on (RFC 9293 section 3.8.6.3).',
  keepalive: 'A silent peer is asked whether it is there (RFC 9293 section 3.8.4).',
  'fin-wait-2': 'The peer’s FIN is waited for no longer than this.',
  'time-wait': 'Segments of this connection may still be on their way: 2 MSL (RFC 9293 section 3.6.1).',
  reorder: 'What may only be late is lost by then (RFC 8985 section 6).',
  'tail-loss-probe': 'The end of what was sent is unanswered: a probe asks for it (RFC 8985 section 7).',
}

/** "10.0.1.1:4242 10.0.1.2:80": whose row it is. */
export function endsOfRow({ localAddress, localPort, peerAddress, peerPort }: NetstatEntry): string {
  return endsText(localAddress, localPort, peerAddress, peerPort)
}

/** The timers of a connection, counting down. */
export function Timers({ ends, timers }: { ends: string; timers: readonly NetstatTimer[] }) {
  const log = endLog(ends)
  return (
    <span class="timers">
      {timers.map((timer) => {
        const whole = Math.max(wholeOf(timer, log), timer.left, 1)
        return (
          <span key={timer.kind} class="timer" title={MEANING[timer.kind]}>
            <Bar part={timer.left / whole} />
            {timer.kind} {(timer.left / 1000).toFixed(timer.left < 10_000 ? 3 : 1)} s
            {timer.retries > 0 ? `, ${timer.retries} ×` : ''}
          </span>
        )
      })}
    </span>
  )
}

/** Octets that wait, against the room that there is for them; no bar where that is not known. */
export function Queue({ octets, room, what }: { octets: number; room: number; what: string }) {
  return (
    <span class="queue" title={room > 0 ? `${octets} of ${room} ${what}` : what}>
      {octets}
      {room > 0 ? <Bar part={octets / room} /> : null}
    </span>
  )
}

function Bar({ part }: { part: number }) {
  return (
    <svg class="part" viewBox="0 0 40 6" width="40" height="6" aria-hidden="true">
      <rect class="all" width="40" height="6" rx="3" />
      <rect class="is" width={40 * Math.min(Math.max(part, 0), 1)} height="6" rx="3" />
    </svg>
  )
}

/** For how long it was set: since it was first told with this end, or since the state began that it ends. */
function wholeOf({ kind, left }: NetstatTimer, log: EndLog | null): number {
  if (log === null) return left
  const expires = now.value + left
  const sample = lastAt(log.samples, now.value)
  const set = sample?.timers.find((timer) => timer.kind === kind && Math.abs(timer.at - expires) < 2)
  if (set === undefined) return expires - (lastAt(log.states, now.value)?.at ?? expires - left)
  let since = sample?.at ?? now.value
  for (let i = log.samples.length - 1; i >= 0; i--) {
    const earlier = log.samples[i]
    if (earlier === undefined || earlier.at > since) continue
    if (!earlier.timers.some((timer) => timer.kind === kind && timer.at === set.at)) break
    since = earlier.at
  }
  return set.at - since
}
