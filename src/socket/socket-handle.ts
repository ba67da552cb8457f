/// <reference lib="esnext.disposable" preserve="true" />

// Read first: bind(2), listen(2), shutdown(2), getsockname(2), getsockopt(2), socket(7).

import { checkMethods } from '../base/argument.ts'
import {
  AF_UNIX,
  SO_ACCEPTCONN,
  SO_LINGER,
  SO_RCVTIMEO,
  SO_RCVTIMEO_NEW,
  SO_SNDTIMEO,
  SO_SNDTIMEO_NEW,
  SOL_SOCKET,
} from '../base/constants.ts'
import { EBADF } from '../base/errno.ts'
import type { Endpoint, Provider, Watcher } from './provider.ts'
import { decodeSimple, type Linger } from './simple-values.ts'
import { SocketError } from './socket-error.ts'
import { SocketNames } from './socket-names.ts'
import { NO_LIMITS, TimeLimits, UNKNOWN, UNKNOWN_LIMITS, UNKNOWN_TIMES } from './time-limits.ts'

/** For the longest that is asked for: a struct timeval. */
const room = new Uint8Array(16)

/** The part of a socket that never waits: its names, options, readiness, and its end. `Socket` adds what transfers and waits. */
export abstract class SocketHandle extends SocketNames {
  protected limits: TimeLimits
  #closing: Promise<void> | null

  protected constructor(provider: Provider, endpoint: Endpoint, known: boolean) {
    super(provider, endpoint, true)
    // What a Unix socket has sent is with its peer already: it never lingers.
    this.limits = known ? NO_LIMITS : this.family === AF_UNIX ? UNKNOWN_TIMES : UNKNOWN_LIMITS
    this.#closing = null
  }

  get closed(): boolean {
    return this.#closing !== null
  }

  /** What holds now, of the POLL… bits; POLLNVAL once closed. Source: poll(2). */
  get readiness(): number {
    return this.waiting.readiness()
  }

  /**
   * Tells `watcher` whenever readiness may have changed, after the calls that wait on the socket have been served; POLLNVAL once
   * it is closed. For those who drive many sockets by `try…` calls; everyone else waits.
   */
  addWatcher(watcher: Watcher): void {
    checkMethods('watcher', watcher, 'a Watcher', 'ready')
    this.waiting.addWatcher(watcher)
  }

  removeWatcher(watcher: Watcher): void {
    this.waiting.removeWatcher(watcher)
  }

  /**
   * Closes the socket and gives its descriptor back. Calls that wait on it are rejected with EBADF, or give what they had done.
   * What was sent still goes out, and the connection ends in order; unless data was left unread or SO_LINGER is on with time 0:
   * then it is reset. Resolves at once, except with SO_LINGER on: when all has been acknowledged, or the time is over.
   * Closing again gives the same promise.
   *
   * Source: close(2), socket(7) SO_LINGER.
   */
  close(): Promise<void> {
    if (this.#closing === null) {
      const lingerTime = this.limits.linger === UNKNOWN ? this.askLinger() : this.limits.linger
      if (lingerTime === 0) {
        this.#closing = Promise.resolve()
        this.waiting.close(0, atOnce)
        return this.#closing
      }
      let over = () => {}
      this.#closing = new Promise((resolve) => {
        over = resolve
      })
      this.waiting.close(lingerTime, over)
    }
    return this.#closing
  }

  /**
   * Lets go of the descriptor, which stays open, and gives its number: for a worker thread, which takes it by `fromDescriptor`, or for
   * whoever else. This Socket is closed by that: calls that wait on it are rejected with EBADF. Throws a SocketError with EBADF where
   * it is closed already.
   *
   * ```ts
   * const fd = socket.detach()
   * const again = Socket.fromDescriptor(provider, fd) // here, or in another thread
   * ```
   */
  detach(): number {
    const { fd } = this
    if (this.#closing !== null || fd < 0) throw new SocketError('close', EBADF)
    this.#closing = Promise.resolve()
    this.waiting.detach()
    return fd
  }

  /** Whether the socket, while it is open, keeps the process alive: `unref` says that it shall not. Gives the socket back. */
  ref(): this {
    this.waiting.endpoint.keepAlive?.(true)
    return this
  }

  unref(): this {
    this.waiting.endpoint.keepAlive?.(false)
    return this
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Closes, and does not wait for what lingers. */
  [Symbol.dispose](): void {
    void this.close()
  }

  // Kept beside the endpoint: it is here that calls wait. What it was given raw is asked for when it is needed.
  protected override wasSet(name: number, value: unknown): void {
    const { receive, send, linger } = this.limits
    const time = typeof value === 'number' ? value : UNKNOWN
    if (name === SO_RCVTIMEO || name === SO_RCVTIMEO_NEW) this.limits = new TimeLimits(time, send, linger)
    else if (name === SO_SNDTIMEO || name === SO_SNDTIMEO_NEW) this.limits = new TimeLimits(receive, time, linger)
    else if (name === SO_LINGER) {
      this.limits = new TimeLimits(receive, send, isLinger(value) ? milliseconds(value) : UNKNOWN)
    }
  }

  /** A socket that came from elsewhere has time limits that only its endpoint knows. */
  protected askLimits(): void {
    const { receive, send, linger } = this.limits
    const known = new TimeLimits(
      receive === UNKNOWN ? this.askTime(SO_RCVTIMEO) : receive,
      send === UNKNOWN ? this.askTime(SO_SNDTIMEO) : send,
      linger,
    )
    this.limits = known.receive === 0 && known.send === 0 && linger === 0 ? NO_LIMITS : known
  }

  protected get listening(): boolean {
    return this.waiting.endpoint.getOption(SOL_SOCKET, SO_ACCEPTCONN, room) >= 0 && room[0] !== 0
  }

  private askTime(name: number): number {
    const length = this.waiting.endpoint.getOption(SOL_SOCKET, name, room)
    return length < 0 ? 0 : (decodeSimple('timeval', room, length) as number)
  }

  private askLinger(): number {
    const length = this.waiting.endpoint.getOption(SOL_SOCKET, SO_LINGER, room)
    return length < 8 ? 0 : milliseconds(decodeSimple('linger', room, length) as Linger)
  }
}

/** Nothing is to be waited for. */
function atOnce(): void {}

function isLinger(value: unknown): value is Linger {
  return value !== null && typeof value === 'object' && 'onoff' in value
}

function milliseconds(linger: Linger): number {
  return linger.onoff ? linger.linger * 1000 : 0
}
