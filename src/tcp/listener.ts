// Read first: listen(2), RFC 9293 section 3.10.1.

import type { IpAddress } from '../base/ip-address.ts'
import type { Connection } from './connection.ts'
import type { FastOpenKeys } from './fast-open-key.ts'
import type { HalfOpen } from './half-open.ts'
import type { ConnectionOwner, TcpHost } from './host.ts'
import type { SignatureKeys } from './signature.ts'

/** Milliseconds: no cookie is older. */
const COOKIES_LAST = 120_000
/** Connections that a queue for accept is kept for. */
const SHORT = 64

/**
 * A socket in LISTEN: a queue of half-open connections, and a queue of whole ones that wait for accept(2). New connections
 * take after it what the application had set on it.
 */
export class Listener {
  readonly host: TcpHost
  readonly owner: ConnectionOwner
  /** Has a fresh connection take after the listening socket: options and buffers. */
  readonly adopt: (connection: Connection) => void
  backlog: number
  ttl: number
  tos: number
  /** Of IPv4, and of IPv6: SYNs that have less hops left are not looked at (RFC 5082). */
  minTtl = 0
  minHopLimit = 0
  mssLimit: number
  /** SO_RCVBUF and TCP_WINDOW_CLAMP, which what a SYN-ACK offers follows from. */
  readonly receiveBuffer: number
  windowClamp = 0
  /** SO_RCVBUF was set: no window is larger than half of it. */
  receiveLocked = false
  /** TCP_DEFER_ACCEPT, as the number of SYN-ACK time-outs to wait for data; 0: off. */
  deferAccept = 0
  /** How many connections may stand by Fast Open whose SYN-ACK is unanswered (TCP_FASTOPEN); 0: none. How many do. */
  fastOpenMax = 0
  fastOpenPending = 0
  /** TCP_FASTOPEN_NO_COOKIE */
  fastOpenNoCookie = false
  /** TCP_FASTOPEN_KEY; null: those of the host. */
  fastOpenKeys: FastOpenKeys | null = null
  /** TCP_MD5SIG; null: no peer's segments are signed. */
  signatureKeys: SignatureKeys | null = null
  /** Until when those count that were reset. */
  #fastOpenHeld: number[] = []
  /** SYN cookies were sent, last then. */
  cookies = false
  cookieAt = 0
  #oldest: HalfOpen | null = null
  #youngest: HalfOpen | null = null
  halfOpen = 0
  #accepted: Connection[] = []
  #head = 0

  constructor(
    host: TcpHost,
    owner: ConnectionOwner,
    backlog: number,
    ttl: number,
    tos: number,
    mssLimit: number,
    receiveBuffer: number,
    adopt: (connection: Connection) => void,
  ) {
    this.host = host
    this.owner = owner
    this.backlog = backlog
    this.ttl = ttl
    this.tos = tos
    this.mssLimit = mssLimit
    this.receiveBuffer = receiveBuffer
    this.adopt = adopt
  }

  /** What no window may be larger than; 0: nothing is said. */
  get windowLimit(): number {
    const half = this.receiveBuffer >> 1
    return this.receiveLocked && (this.windowClamp === 0 || this.windowClamp > half) ? half : this.windowClamp
  }

  signatureKeyFor(peer: IpAddress): Uint8Array | null {
    return this.signatureKeys === null ? null : this.signatureKeys.find(peer)
  }

  /** Connections that wait for accept. */
  get queued(): number {
    return this.#accepted.length - this.#head
  }

  /** As Linux counts: a backlog of n holds n + 1. */
  get full(): boolean {
    return this.queued > this.backlog
  }

  /** Whether there is no place for another half-open connection. As Linux counts, a backlog of n holds n + 1. */
  get halfOpenFull(): boolean {
    return this.halfOpen > Math.min(this.backlog, this.host.config.halfOpenMax - 1)
  }

  /** Whether an ACK may bring a cookie that was sent lately. */
  expectsCookies(now: number): boolean {
    if (this.cookies && (now - this.cookieAt) >>> 0 > COOKIES_LAST) this.cookies = false
    return this.cookies
  }

  /** The oldest half-open connection, to be given up when there are too many. */
  get oldest(): HalfOpen | null {
    return this.#oldest
  }

  addHalfOpen(halfOpen: HalfOpen): void {
    halfOpen.older = this.#youngest
    if (this.#youngest === null) this.#oldest = halfOpen
    else this.#youngest.younger = halfOpen
    this.#youngest = halfOpen
    this.halfOpen++
  }

  removeHalfOpen(halfOpen: HalfOpen): void {
    if (halfOpen.older === null) this.#oldest = halfOpen.younger
    else halfOpen.older.younger = halfOpen.younger
    if (halfOpen.younger === null) this.#youngest = halfOpen.older
    else halfOpen.younger.older = halfOpen.older
    halfOpen.older = null
    halfOpen.younger = null
    this.halfOpen--
  }

  /**
   * Whether a connection may stand by Fast Open: not while there are too many that nobody has confirmed (RFC 7413 section 5.1).
   * With all places taken, that of one that was reset long enough ago is free again.
   */
  mayFastOpen(now: number): boolean {
    if (this.fastOpenPending < this.fastOpenMax) return true
    const until = this.#fastOpenHeld[0]
    if (until === undefined || ((until - now) | 0) > 0) return false
    this.#fastOpenHeld.shift()
    this.fastOpenPending--
    return true
  }

  /** One that stood by Fast Open is confirmed, or over. `heldUntil` is not 0 where it was reset: an accepted one counts until then. */
  fastOpenOver(h: HalfOpen, heldUntil: number): void {
    if (heldUntil !== 0 && h.accepted) this.#fastOpenHeld.push(heldUntil | 0)
    else this.fastOpenPending--
  }

  enqueue(connection: Connection): void {
    this.#accepted.push(connection)
  }

  /** The connection that has waited longest, or null. */
  dequeue(): Connection | null {
    if (this.#head === this.#accepted.length) return null
    const connection = this.#accepted[this.#head++] as Connection
    if (this.#head === this.#accepted.length) {
      // Emptied where it is short, not replaced: a new one takes 150 octets for each connection that comes alone.
      if (this.#head > SHORT) this.#accepted = []
      while (this.#accepted.length > 0) this.#accepted.pop()
      this.#head = 0
    } else if (this.#head >= 256 && this.#head * 2 >= this.#accepted.length) {
      this.#accepted = this.#accepted.slice(this.#head)
      this.#head = 0
    }
    connection.listener = null
    if (connection.request !== null) connection.request.accepted = true
    return connection
  }

  /** A connection in the queue has died; accept(2) still hands out one that was reset, as Linux does, but not one closed. */
  forget(connection: Connection): void {
    const i = this.#accepted.indexOf(connection, this.#head)
    if (i >= 0) this.#accepted.splice(i, 1)
  }
}
