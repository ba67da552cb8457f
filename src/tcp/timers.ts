// Read first: RFC 6298 section 5, RFC 9293 sections 3.8.1, 3.8.3, 3.8.4 and 3.8.6.1, RFC 5482.

import { ETIMEDOUT } from '../base/errno.ts'
import { ackDelayOver } from './ack-policy.ts'
import { resendSyn } from './active-open.ts'
import { closeConnection } from './close.ts'
import {
  type Connection,
  TIMER_ACK,
  TIMER_LONG,
  TIMER_PACE,
  TIMER_PERSIST,
  TIMER_PROBE,
  TIMER_REORDER,
  TIMER_RETRANSMIT,
} from './connection.ts'
import { arm, mayKeepAlive, schedule } from './deadlines.ts'
import { enterLoss } from './loss.ts'
import { suspectPathMtu } from './mtu-search.ts'
import { probeWindow, resendOldest, sendProbe, stampEpisode } from './output.ts'
import { reorderingTimeout } from './recovery.ts'
import { currentRto } from './rtt.ts'
import { sendAck, sendReset } from './segment-writer.ts'
import { FIN_WAIT_2, SYN_RECEIVED, SYN_SENT, TIME_WAIT } from './state.ts'
import { tailProbeTimeout } from './tail-loss.ts'
import { armTransmit, untilUserTimeout } from './transmit-timer.ts'

/** Called by the wheel: runs what is due and sets the wheel for what is not. */
export function connectionTimerExpired(c: Connection): void {
  const now = c.host.time.now
  if ((c.armed & TIMER_ACK) !== 0 && ((c.ackAt - now) | 0) <= 0) {
    c.armed &= ~TIMER_ACK
    if (c.ackPending) {
      ackDelayOver(c)
      c.host.counters.delayedAcks++
      sendAck(c)
    }
  }
  if ((c.armed & TIMER_REORDER) !== 0 && ((c.reorderAt - now) | 0) <= 0) {
    c.armed &= ~TIMER_REORDER
    reorderingTimeout(c)
  }
  if ((c.armed & TIMER_PROBE) !== 0 && ((c.probeAt - now) | 0) <= 0) {
    c.armed &= ~TIMER_PROBE
    tailProbeTimeout(c)
  }
  if ((c.armed & TIMER_RETRANSMIT) !== 0 && ((c.retransmitAt - now) | 0) <= 0) {
    c.armed &= ~TIMER_RETRANSMIT
    retransmitTimeout(c)
  }
  if ((c.armed & TIMER_PERSIST) !== 0 && ((c.persistAt - now) | 0) <= 0) {
    c.armed &= ~TIMER_PERSIST
    persistTimeout(c)
  }
  if ((c.armed & TIMER_PACE) !== 0 && ((c.paceAt - now) | 0) <= 0) {
    c.armed &= ~TIMER_PACE
    c.host.touch(c)
  }
  if ((c.armed & TIMER_LONG) !== 0 && ((c.longAt - now) | 0) <= 0) {
    c.armed &= ~TIMER_LONG
    longTimeout(c)
  }
  reschedule(c)
}

function reschedule(c: Connection): void {
  if (c.armed === 0) return
  const now = c.host.time.now
  let earliest = 0x7fffffff
  if ((c.armed & TIMER_ACK) !== 0) earliest = Math.min(earliest, (c.ackAt - now) | 0)
  if ((c.armed & TIMER_RETRANSMIT) !== 0) earliest = Math.min(earliest, (c.retransmitAt - now) | 0)
  if ((c.armed & TIMER_PERSIST) !== 0) earliest = Math.min(earliest, (c.persistAt - now) | 0)
  if ((c.armed & TIMER_LONG) !== 0) earliest = Math.min(earliest, (c.longAt - now) | 0)
  if ((c.armed & TIMER_PACE) !== 0) earliest = Math.min(earliest, (c.paceAt - now) | 0)
  if ((c.armed & TIMER_PROBE) !== 0) earliest = Math.min(earliest, (c.probeAt - now) | 0)
  if ((c.armed & TIMER_REORDER) !== 0) earliest = Math.min(earliest, (c.reorderAt - now) | 0)
  schedule(c, (now + earliest) | 0)
}

/** TCP_USER_TIMEOUT, where it is set (RFC 5482). */
function userTimeoutOver(c: Connection): boolean {
  return c.userTimeout > 0 && ((c.host.time.now - c.unansweredSince) | 0) >= c.userTimeout
}

/** Whether the peer has been silent for longer than the application, or R2 (MUST-20, MUST-21), allows. */
function givenUp(c: Connection): boolean {
  if (c.userTimeout > 0) return userTimeoutOver(c)
  return c.retries > (c.orphan ? c.host.config.orphanRetries : c.host.config.retries2)
}

/**
 * R2 (MUST-20, SHLD-11) of retransmissions, as Linux: not so many of them, but the time that so many would take from the minimum of
 * the time-out on, counted from the first. A long path does not hold a dead connection longer.
 */
function retransmitGivenUp(c: Connection): boolean {
  if (c.retries === 0) return false
  const config = c.host.config
  const since = (c.tsNow - c.repairs.stamp) >>> 0
  // We differ, as Linux: RFC 5482 counts from the first transmission.
  if (c.userTimeout > 0) return since >= c.userTimeout
  const retries = c.orphan ? config.orphanRetries : config.retries2
  const doublings = Math.floor(Math.log2(config.maximumRto / config.minimumRto))
  const shifted = Math.min(retries, doublings)
  return since >= (2 * 2 ** shifted - 1) * config.minimumRto + (retries - shifted) * config.maximumRto
}

/** RFC 6298 sections 5.4 to 5.7. */
function retransmitTimeout(c: Connection): void {
  if (c.request !== null) {
    c.host.counters.timeouts++
    c.host.fastOpen?.calls.requestTimeout(c, c.request)
    return
  }
  if (c.state === SYN_SENT || c.state === SYN_RECEIVED) {
    synTimeout(c)
    return
  }
  if (c.flight === null || c.flight.count === 0) return
  c.host.counters.timeouts++
  const over = retransmitGivenUp(c)
  c.host.fastOpen?.calls.suspectFastOpenBlocked(c, c.retries, over)
  if (over) {
    giveUp(c)
    return
  }
  suspectPathMtu(c)
  // R1 (MUST-20): ask IP whether there is another way.
  if (c.retries >= c.host.config.retries1) c.path = null
  enterLoss(c)
  stampEpisode(c)
  noteTimeout(c)
  c.retries++
  c.backoff++
  resendOldest(c)
  let wait = currentRto(c)
  // tcp_clamp_rto_to_user_timeout
  if (c.userTimeout > 0) wait = Math.min(wait, Math.max((c.userTimeout - (c.tsNow - c.repairs.stamp)) | 0, 1))
  armTransmit(c, TIMER_RETRANSMIT, wait)
}

/** Whether `count` retransmissions, each after twice the wait of the one before, would be over by now (Linux: tcp_model_timeout). */
function outlasted(c: Connection, count: number): boolean {
  const { initialRto, maximumRto } = c.host.config
  let lasts = initialRto
  let wait = initialRto
  for (let i = 0; i < count; i++) {
    wait = Math.min(wait * 2, maximumRto)
    lasts += wait
  }
  return (c.host.time.now - c.unansweredSince) >>> 0 >= lasts
}

/** tcp_update_rto_stats: what TCP_INFO tells of time-outs. */
function noteTimeout(c: Connection): void {
  const { repairs } = c
  repairs.timeouts++
  if (c.retries > 0) return
  repairs.timeoutEpisodes++
  repairs.timedOutAt = c.host.time.now
  repairs.timedOut = true
}

function synTimeout(c: Connection): void {
  c.host.counters.timeouts++
  if (c.state === SYN_SENT) noteTimeout(c)
  c.retries++
  const { config } = c.host
  const most = c.state === SYN_SENT ? c.synRetries : config.synAckRetries
  const linear = c.state === SYN_SENT ? config.synLinearTimeouts : 0
  const over = userTimeoutOver(c) || c.retries > most + linear || (linear > 0 && outlasted(c, most))
  c.host.fastOpen?.calls.suspectFastOpenBlocked(c, c.retries - 1, over)
  if (over) {
    c.host.counters.attemptFails++
    giveUp(c)
    return
  }
  if (c.state !== SYN_SENT || c.retries > config.synLinearTimeouts) c.backoff++
  resendSyn(c)
  arm(c, TIMER_RETRANSMIT, untilUserTimeout(c, currentRto(c)))
}

/** The error of a time-out is what ICMP last said, if it said anything (RFC 1122 4.2.3.9: soft errors are remembered). */
function giveUp(c: Connection): void {
  c.host.counters.abortsOnTimeout++
  c.aborted = true
  closeConnection(c, c.softError !== 0 ? c.softError : ETIMEDOUT)
}

/** The window is closed, or too small to be worth using: send what may go, or probe (MUST-36, SHLD-29, SHLD-30). */
function persistTimeout(c: Connection): void {
  // MUST-37: a peer that answers probes keeps the connection open for ever; its answers set `retries` back. But not one that
  // no application holds: a stranger's closed window shall not keep our memory.
  if (givenUp(c) || (c.orphan && c.backoff >= c.host.config.orphanRetries)) {
    giveUp(c)
    return
  }
  if (!probeWindow(c)) return
  c.retries++
  c.backoff++
  arm(c, TIMER_PERSIST, untilUserTimeout(c, currentRto(c)))
}

function longTimeout(c: Connection): void {
  if (c.state === TIME_WAIT || (c.state === FIN_WAIT_2 && c.orphan)) {
    closeConnection(c, 0)
    return
  }
  keepAliveTimeout(c)
}

/** RFC 9293 section 3.8.4: only when nothing is outstanding (MUST-26), and one lost answer is not death (MUST-29). */
function keepAliveTimeout(c: Connection): void {
  if (!c.keepAlive || !mayKeepAlive(c)) return
  const idle = (c.host.time.now - c.lastReceivedAt) >>> 0
  if (c.flight !== null || c.sendRing.length > 0) {
    arm(c, TIMER_LONG, c.keepAliveTime)
    return
  }
  if (idle < c.keepAliveTime) {
    arm(c, TIMER_LONG, c.keepAliveTime - idle)
    return
  }
  const silent = c.userTimeout > 0 ? idle >= c.userTimeout && c.keepAliveSent > 0 : c.keepAliveSent >= c.keepAliveProbes
  if (silent) {
    sendReset(c)
    c.aborted = true
    closeConnection(c, ETIMEDOUT)
    return
  }
  c.keepAliveSent++
  c.host.counters.keepAliveProbes++
  sendProbe(c)
  arm(c, TIMER_LONG, c.keepAliveInterval)
}
