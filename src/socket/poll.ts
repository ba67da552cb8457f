// Read first: poll(2).

import { checkOptions, given } from '../base/argument.ts'
import type { Alarm, Clock } from '../base/clock.ts'
import { POLLERR, POLLHUP, POLLNVAL } from '../base/constants.ts'
import { type Abortable, unwatchAbort, watchAbort } from './abort.ts'
import type { Watcher } from './provider.ts'
import type { Socket } from './socket.ts'

/** What poll looks at: a struct pollfd. */
export interface PollEntry {
  readonly socket: Socket
  /** POLLIN, POLLPRI, POLLOUT, POLLRDHUP that the caller wants to hear of. */
  readonly events: number
}

/** What poll found: of `events` those that hold, and POLLERR, POLLHUP, POLLNVAL where they do. 0: nothing. */
export interface PollResult extends PollEntry {
  readonly revents: number
}

export interface PollOptions {
  /** Milliseconds to wait at most; 0: not at all; left out or negative: for ever. On the clock of the first socket's provider. */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** These are told whether asked for or not. */
const ALWAYS = POLLERR | POLLHUP | POLLNVAL

/**
 * Waits until one of the sockets is ready for what its entry asks, over sockets of any providers at once. Resolves with all
 * entries and their `revents`, all 0 where the time is over. Level-triggered: what held before holds at once. A closed socket
 * has POLLNVAL.
 *
 * ```ts
 * const [a, b] = await poll([{ socket: left, events: POLLIN }, { socket: right, events: POLLIN }], { timeout: 1000 })
 * if ((a.revents & POLLIN) !== 0) left.tryRecv(bytes)
 * ```
 */
export function poll<const Entries extends readonly PollEntry[]>(
  entries: Entries,
  options: PollOptions = {},
): Promise<{ -readonly [Index in keyof Entries]: PollResult }> {
  const first = check(entries, options)
  const { timeout = -1, signal } = options
  if (signal?.aborted === true) return Promise.reject(signal.reason)
  const now = look(entries)
  if (now !== null || timeout === 0) return Promise.resolve(told(now ?? idle(entries), timeout) as never)
  return new Promise((resolve, reject) => {
    new Polling(entries, (results) => resolve(results as never), reject, signal).start(first.provider.clock, timeout)
  })
}

/** One poll that waits. */
class Polling implements Watcher, Abortable {
  readonly #entries: readonly PollEntry[]
  readonly #resolve: (results: PollResult[]) => void
  readonly #reject: (reason: unknown) => void
  readonly #signal: AbortSignal | undefined
  #alarm: Alarm | null = null
  #timeout = -1
  #over = false

  constructor(
    entries: readonly PollEntry[],
    resolve: (results: PollResult[]) => void,
    reject: (reason: unknown) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#entries = entries
    this.#resolve = resolve
    this.#reject = reject
    this.#signal = signal
  }

  start(clock: Clock, timeout: number): void {
    for (const { socket } of this.#entries) socket.addWatcher(this)
    if (this.#signal !== undefined) watchAbort(this.#signal, this)
    if (timeout > 0 && timeout < Number.POSITIVE_INFINITY) {
      this.#timeout = timeout
      this.#alarm = clock.alarm(() => this.#finish(look(this.#entries) ?? idle(this.#entries)))
      this.#alarm.set(clock.now() + timeout)
    }
  }

  ready(): void {
    if (this.#over) return
    const results = look(this.#entries)
    if (results !== null) this.#finish(results)
  }

  aborted(signal: AbortSignal): void {
    this.#stop()
    this.#reject(signal.reason)
  }

  #finish(results: PollResult[]): void {
    this.#stop()
    this.#resolve(told(results, this.#timeout))
  }

  #stop(): void {
    this.#over = true
    this.#alarm?.clear()
    if (this.#signal !== undefined) unwatchAbort(this.#signal, this)
    for (const { socket } of this.#entries) socket.removeWatcher(this)
  }
}

// What holds now, or null where nothing does.
function look(entries: readonly PollEntry[]): PollResult[] | null {
  let any = false
  const results: PollResult[] = []
  for (const { socket, events } of entries) {
    const revents = socket.readiness & (events | ALWAYS)
    if (revents !== 0) any = true
    results.push({ socket, events, revents })
  }
  return any ? results : null
}

function idle(entries: readonly PollEntry[]): PollResult[] {
  return entries.map(({ socket, events }) => ({ socket, events, revents: 0 }))
}

// Tells the providers that want to know. `fd` is that of now: −1 where the socket has been closed meanwhile.
function told(results: PollResult[], timeout: number): PollResult[] {
  for (let i = 0; i < results.length; i++) {
    const { provider } = (results[i] as PollResult).socket
    if (provider.polled === undefined || results.findIndex(({ socket }) => socket.provider === provider) < i) continue
    provider.polled(
      results.map(({ socket, events, revents }) => ({ fd: socket.fd, events, revents })),
      timeout < 0 ? -1 : timeout,
    )
  }
  return results
}

function check(entries: readonly PollEntry[], options: PollOptions): Socket {
  if (!Array.isArray(entries)) throw new TypeError(`entries must be an array, got ${given(entries)}`)
  for (const entry of entries) {
    if (typeof entry?.socket?.addWatcher !== 'function') {
      throw new TypeError(`entries must be of { socket, events }, got ${given(entry)}`)
    }
    if (!Number.isInteger(entry.events)) throw new TypeError(`events must be POLL… bits, got ${given(entry.events)}`)
  }
  const first = entries[0] as PollEntry | undefined
  // Without a socket there is no clock to wait by.
  if (first === undefined) throw new RangeError('entries must have at least one socket, got none')
  checkOptions('options', options, ['timeout', 'signal'])
  if (options.signal !== undefined && typeof options.signal?.addEventListener !== 'function') {
    throw new TypeError(`options.signal must be an AbortSignal, got ${given(options.signal)}`)
  }
  if (options.timeout !== undefined && (typeof options.timeout !== 'number' || Number.isNaN(options.timeout))) {
    throw new TypeError(`options.timeout must be a number of milliseconds, got ${given(options.timeout)}`)
  }
  return first.socket
}
