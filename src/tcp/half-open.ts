// Read first: RFC 9293 sections 3.5 and 3.10.7.4 (SYN-RECEIVED after a passive open), RFC 4987 section 3.
//
// A connection in SYN-RECEIVED that a listener was asked for is not a Connection yet: it is what a SYN flood makes a host
// remember, so it is small, and there is a cap on how many there are.

import type { IpAddress } from '../base/ip-address.ts'
import { Timer } from '../base/timer-wheel.ts'
import type { Connection } from './connection.ts'
import type { TcpFlow, TcpHost, TcpPath } from './host.ts'
import type { Listener } from './listener.ts'
import type { TimeWait } from './time-wait.ts'

export class HalfOpen extends Timer implements TcpFlow {
  readonly host: TcpHost
  readonly listener: Listener
  readonly local: IpAddress
  readonly localPort: number
  readonly remote: IpAddress
  readonly remotePort: number
  path: TcpPath | null = null
  readonly ttl: number
  readonly tos: number
  readonly dontFragment = true
  readonly signatureKey: Uint8Array | null
  next: Connection | HalfOpen | TimeWait | null = null
  /** Links of the listener's queue, oldest first. */
  older: HalfOpen | null = null
  younger: HalfOpen | null = null
  iss = 0
  irs = 0
  /** As the SYN offered it, not scaled. */
  window = 0
  peerMss = 0
  /** What our SYN-ACK offers. */
  offeredWindow = 0
  offeredShift = 0
  /** −1: the peer does not scale. */
  windowShift = -1
  timestamps = false
  sackPermitted = false
  /** What the connection begins with: ECN_… bits. */
  ecn = 0
  tsRecent = 0
  tsOffset = 0
  /** When the first SYN-ACK went out, microseconds: the first round trip sample, unless it was repeated. */
  sentAt = 0
  repeated = false
  /** When a segment of this client was last answered: its next is not, for a while. */
  answeredAt = 0
  answered = false
  retries = 0
  /** How often the SYN-ACK went out again, for whatever reason. */
  repeats = 0
  /** The last ACK of the handshake has come without data, and the listener waits for data (TCP_DEFER_ACCEPT). */
  acknowledged = false
  /** Octets of data taken with the SYN (Fast Open), whose connection exists already. */
  received = 0
  /** That connection has been accepted. */
  accepted = false

  constructor(
    host: TcpHost,
    listener: Listener,
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
  ) {
    super()
    this.host = host
    this.listener = listener
    this.local = local
    this.localPort = localPort
    this.remote = remote
    this.remotePort = remotePort
    this.signatureKey = listener.signatureKeyFor(remote)
    this.ttl = listener.ttl
    this.tos = listener.tos
  }

  /** RCV.NXT */
  get rcvNxt(): number {
    return (this.irs + 1 + this.received) | 0
  }

  /** One answer in half a second (RFC 9293 section 3.10.7.4), or two ends could answer each other for ever. */
  mayAnswer(): boolean {
    const { now } = this.host.time
    if (this.answered && (now - this.answeredAt) >>> 0 < this.host.config.invalidRateLimit) return false
    this.answered = true
    this.answeredAt = now
    return true
  }

  expire(): void {
    this.host.halfOpenTimerExpired(this)
  }
}
