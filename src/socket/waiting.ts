// Waiting, written once for all providers: calls that found nothing to do queue up here, and are tried again when the endpoint
// says that something may have changed. Read first: poll(2), recv(2) and send(2) on what blocking calls return.

import type { Alarm, Clock } from '../base/clock.ts'
import {
  MSG_DONTWAIT,
  MSG_FASTOPEN,
  MSG_PEEK,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  SO_ERROR,
  SOL_SOCKET,
} from '../base/constants.ts'
import { EAGAIN, EBADF, ECONNABORTED, EFAULT, EINPROGRESS, EPIPE } from '../base/errno.ts'
import { SocketAddress } from '../base/socket-address.ts'
import { watchAbort } from './abort.ts'
import type { WaitOptions } from './arguments.ts'
import { receiveBatch, sendBatch } from './batch-transfer.ts'
import { closedEndpoint } from './closed-endpoint.ts'
import { checkMessage } from './message-check.ts'
import { type Endpoint, Message, type Watcher } from './provider.ts'
import { lateError, SocketError } from './socket-error.ts'
import { ACCEPT, CONNECT, QUEUE, RECV, RECVMMSG, RECVMSG, SEND, SENDMMSG, type Waiter } from './waiter.ts'
import { dequeued, earliestEnd, enqueued } from './waiter-queue.ts'

const READ_EVENTS = POLLIN | POLLPRI | POLLRDHUP | POLLERR | POLLHUP
const WRITE_EVENTS = POLLOUT | POLLERR | POLLHUP

const errorValue = new Uint8Array(4)
const scratchAddress = new SocketAddress()

/** What most sockets never have. */
class RareWaiting {
  watchers: readonly Watcher[] | null = null
  alarm: Alarm | null = null
  alarmAt: number = Number.POSITIVE_INFINITY
  /**
   * A negated errno that the endpoint has reported while a call already had part of its work done. That call returned the part,
   * so the next one reports the error, as it would have found it in the kernel's sk_err.
   */
  held = 0
  lingered: (() => void) | null = null
}

/** The one watcher of an endpoint, and the calls that wait on it: readers and writers, each in order of arrival. */
export class Waiting implements Watcher {
  endpoint: Endpoint
  readonly clock: Clock
  /** Who waits first to read, and to write; the others behind it (waiter-queue). */
  readers: Waiter | null
  writers: Waiter | null
  #rare: RareWaiting | null

  constructor(endpoint: Endpoint, clock: Clock, watches: boolean) {
    this.endpoint = endpoint
    this.clock = clock
    this.readers = null
    this.writers = null
    this.#rare = null
    if (watches) endpoint.watch(this)
  }

  private ensureRare(): RareWaiting {
    this.#rare ??= new RareWaiting()
    return this.#rare
  }

  /** Called by the endpoint. */
  ready(events: number): void {
    if ((events & POLLNVAL) !== 0) {
      this.gone()
      return
    }
    const lingered = this.#rare === null ? null : this.#rare.lingered
    if (lingered !== null) {
      if ((events & (POLLHUP | POLLERR)) !== 0) lingered()
      return
    }
    if ((events & READ_EVENTS) !== 0 && this.readers !== null) this.serve(true)
    if ((events & WRITE_EVENTS) !== 0 && this.writers !== null) this.serve(false)
    const watchers = this.#rare === null ? null : this.#rare.watchers
    if (watchers !== null) for (const watcher of watchers) watcher.ready(events)
  }

  /** Also tells `watcher`, after those who wait have been served; POLLNVAL once the socket is closed. */
  addWatcher(watcher: Watcher): void {
    const rare = this.ensureRare()
    rare.watchers = rare.watchers === null ? [watcher] : [...rare.watchers, watcher]
  }

  /** Whether somebody is told besides those who wait: a poll, or a stream over the socket. */
  get isWatched(): boolean {
    return this.#rare !== null && this.#rare.watchers !== null
  }

  removeWatcher(watcher: Watcher): void {
    const rare = this.#rare
    if (rare === null || rare.watchers === null) return
    const rest = rare.watchers.filter((other) => other !== watcher)
    rare.watchers = rest.length === 0 ? null : rest
  }

  readiness(): number {
    return !this.hasHeld ? this.endpoint.readiness() : this.endpoint.readiness() | POLLERR
  }

  /** The held error, once; 0 where there is none. */
  takeHeld(): number {
    const rare = this.#rare
    if (rare === null) return 0
    const { held } = rare
    rare.held = 0
    return held
  }

  get hasHeld(): boolean {
    return this.#rare !== null && this.#rare.held !== 0
  }

  /** Tries the waiter's call: its result, or -EAGAIN where it must wait. */
  attempt(waiter: Waiter): number {
    switch (waiter.operation) {
      case RECV:
        return this.receive(waiter)
      case SEND:
        return this.send(waiter)
      case RECVMSG:
        return this.receiveMessage(waiter)
      case ACCEPT: {
        const accepted = this.endpoint.accept(null)
        if (typeof accepted === 'number') return accepted
        waiter.accepted = accepted
        return 0
      }
      case CONNECT:
        return this.connected()
      case QUEUE:
        return this.endpoint.connect(waiter.address as SocketAddress)
      case RECVMMSG:
        return this.hasHeld ? this.takeHeld() : receiveBatch(this.endpoint, waiter)
      case SENDMMSG:
        return this.sendBatch(waiter)
      default:
        return this.sendMessage(waiter)
    }
  }

  /** Puts the waiter at the end of its queue. `limit`: milliseconds, 0 for no limit. */
  wait(waiter: Waiter, limit: number, options: WaitOptions | undefined): void {
    const signal = options?.signal
    if (waiter.bytes !== null) waiter.room = waiter.bytes.length
    if (signal !== undefined) {
      waiter.signal = signal
      waiter.queuedAt = this
      watchAbort(signal, waiter)
    }
    if (limit > 0 && limit < Number.POSITIVE_INFINITY) {
      waiter.giveUpAt = this.clock.now() + limit
      this.wakeAt(waiter.giveUpAt)
    }
    if (isReader(waiter)) this.readers = enqueued(this.readers, waiter)
    else this.writers = enqueued(this.writers, waiter)
  }

  /**
   * Closes the endpoint. Whoever waits gets EBADF, or the part of its work that was done. Where SO_LINGER asks to wait, `over` is
   * called when that is over, `lingerTime` milliseconds from now at the latest, else at once.
   */
  close(lingerTime: number, over: () => void): void {
    const { endpoint } = this
    this.endpoint = closedEndpoint
    const watchers = this.end()
    if (endpoint.close() === -EINPROGRESS && lingerTime > 0) {
      const rare = this.ensureRare()
      const alarm = this.clock.alarm(() => rare.lingered?.())
      rare.lingered = () => {
        rare.lingered = null
        alarm.clear()
        endpoint.watch(null)
        over()
      }
      alarm.set(this.clock.now() + lingerTime)
    } else {
      over()
    }
    if (watchers !== null) for (const watcher of watchers) watcher.ready(POLLNVAL)
  }

  /** Lets go of the endpoint, which stays open. Whoever waits gets EBADF, as if it were closed. */
  detach(): void {
    const { endpoint } = this
    this.gone()
    endpoint.watch(null)
    endpoint.detach?.()
  }

  // Its provider is closed, and has closed the endpoint with itself.
  private gone(): void {
    this.endpoint = closedEndpoint
    this.#rare?.lingered?.()
    const watchers = this.end()
    if (watchers !== null) for (const watcher of watchers) watcher.ready(POLLNVAL)
  }

  // Nobody waits any more; who is to be told of that.
  private end(): readonly Watcher[] | null {
    const rare = this.#rare
    if (rare !== null) rare.held = 0
    this.refuse(true)
    this.refuse(false)
    if (rare === null) return null
    rare.alarm?.clear()
    rare.alarm = null
    const { watchers } = rare
    rare.watchers = null
    return watchers
  }

  private first(reads: boolean): Waiter | null {
    return reads ? this.readers : this.writers
  }

  private remove(waiter: Waiter): void {
    if (isReader(waiter))
      this.readers = dequeued(this.readers as Waiter, waiter) // it is in it
    else this.writers = dequeued(this.writers as Waiter, waiter)
  }

  private serve(reads: boolean): void {
    for (let waiter = this.first(reads); waiter !== null; waiter = this.first(reads)) {
      let result: number
      try {
        // A buffer that was transferred meanwhile has no octets: what came would be lost, and 0 would say that the stream has ended.
        if (waiter.message !== null) checkMessage(waiter.message)
        const gone = waiter.bytes !== null && waiter.bytes.length < waiter.room
        result = gone ? -EFAULT : this.attempt(waiter)
      } catch (error) {
        // The caller's message is no message any more: it is his to hear of, and the others' turn.
        this.remove(waiter)
        this.giveUp(waiter, error)
        continue
      }
      if (result === -EAGAIN) return
      this.remove(waiter)
      waiter.release()
      if (result < 0) waiter.fail(lateError(waiter.syscall, result, waiter.address))
      else waiter.succeed(result)
    }
  }

  private refuse(reads: boolean): void {
    for (let waiter = this.first(reads); waiter !== null; waiter = this.first(reads)) {
      this.remove(waiter)
      this.giveUp(waiter, new SocketError(waiter.syscall, EBADF, waiter.address))
    }
  }

  /** Takes a waiter out: it gets what it has done, or `reason`. */
  leave(waiter: Waiter, reason: unknown): void {
    const reads = isReader(waiter)
    const first = this.first(reads) === waiter
    this.remove(waiter)
    this.giveUp(waiter, reason)
    // Who stood behind it may have less to ask for: a small datagram fits where a large one did not.
    if (first) this.serve(reads)
  }

  private giveUp(waiter: Waiter, reason: unknown): void {
    waiter.release()
    if (waiter.done > 0) waiter.succeed(waiter.done)
    else waiter.fail(reason)
  }

  private wakeAt(at: number): void {
    const rare = this.ensureRare()
    if (at >= rare.alarmAt) return
    if (rare.alarm === null) rare.alarm = this.clock.alarm(() => this.expire())
    rare.alarmAt = at
    rare.alarm.set(at)
  }

  // The alarm is left running when the call it was set for is done (most are): setting it for every call would cost more.
  private expire(): void {
    this.ensureRare().alarmAt = Number.POSITIVE_INFINITY
    const now = this.clock.now()
    for (const reads of [true, false]) {
      // What has come in time is had, as of recv(2), though the process had no processor to look: its alarm may ring before it is told.
      if (earliestEnd(this.first(reads)) <= now) this.serve(reads)
      for (let waiter = this.first(reads); waiter !== null; ) {
        const { next } = waiter
        if (waiter.giveUpAt <= now) {
          this.leave(waiter, lateError(waiter.syscall, waiter.late, waiter.address))
        }
        waiter = next?.queued === false ? this.first(reads) : next
      }
    }
    const next = Math.min(earliestEnd(this.readers), earliestEnd(this.writers))
    if (next < Number.POSITIVE_INFINITY) this.wakeAt(next)
  }

  // What is left when an error comes after part of the work: the part, and the error for the next call. EPIPE comes again anyway.
  private part(waiter: Waiter, error: number): number {
    if (waiter.done === 0) return error
    if (error !== -EPIPE && error !== -EBADF) this.ensureRare().held = error
    return waiter.done
  }

  private receive(waiter: Waiter): number {
    const bytes = waiter.bytes as Uint8Array
    for (;;) {
      let count = this.endpoint.recv(bytes, waiter.done, bytes.length, waiter.flags)
      if (count <= 0 && this.hasHeld) count = this.takeHeld()
      if (count === -EAGAIN) return count
      if (count < 0) return this.part(waiter, count)
      if (!waiter.whole || count === 0) return waiter.done + count
      if ((waiter.flags & MSG_PEEK) !== 0) return this.peeked(count, bytes.length)
      waiter.done += count
      if (waiter.done >= bytes.length) return waiter.done
    }
  }

  // MSG_PEEK with MSG_WAITALL looks again from the start each time, until all is there or no more can come.
  private peeked(count: number, wanted: number): number {
    if (count >= wanted || (this.readiness() & (POLLRDHUP | POLLHUP | POLLERR)) !== 0) return count
    return -EAGAIN
  }

  private send(waiter: Waiter): number {
    const bytes = waiter.bytes as Uint8Array
    for (;;) {
      const opened = waiter.opening ? this.opened(waiter) : 0
      if (opened < 0) return opened
      const count = this.hasHeld ? this.takeHeld() : this.endpoint.send(bytes, waiter.done, bytes.length, waiter.flags)
      if (count === -EAGAIN) return count
      if (this.opens(waiter, count)) continue
      if (count < 0) return this.part(waiter, count)
      waiter.done += count
      // Not waiting before -EAGAIN: only that promises a wake-up.
      if (!waiter.whole || waiter.done >= bytes.length) return waiter.done
    }
  }

  private receiveMessage(waiter: Waiter): number {
    const message = waiter.message as Message
    for (;;) {
      const part = waiter.done === 0 ? message : rest(message, waiter.done)
      let count = this.endpoint.recvmsg(part, waiter.flags)
      if (count <= 0 && this.hasHeld) count = this.takeHeld()
      if (count === -EAGAIN) return count
      if (count < 0) return this.part(waiter, count)
      if (part !== message) {
        message.flags |= part.flags
        message.control.push(...part.control)
      }
      if (!waiter.whole || count === 0) return waiter.done + count
      const wanted = total(message)
      if ((waiter.flags & MSG_PEEK) !== 0) return this.peeked(count, wanted)
      waiter.done += count
      if (waiter.done >= wanted) return waiter.done
    }
  }

  private sendMessage(waiter: Waiter): number {
    const message = waiter.message as Message
    for (;;) {
      const opened = waiter.opening ? this.opened(waiter) : 0
      if (opened < 0) return opened
      const part = waiter.done === 0 ? message : rest(message, waiter.done)
      const count = this.hasHeld ? this.takeHeld() : this.endpoint.sendmsg(part, waiter.flags)
      if (count === -EAGAIN) return count
      if (this.opens(waiter, count)) continue
      if (count < 0) return this.part(waiter, count)
      waiter.done += count
      if (!waiter.whole || waiter.done >= total(message)) return waiter.done
    }
  }

  /**
   * Fast Open (RFC 7413, tcp(7)): what the first try has sent went with the SYN, and the rest goes as usual. True: it has sent the SYN
   * alone, for there was no cookie, and a call that may wait goes on when the connection stands.
   */
  private opens(waiter: Waiter, count: number): boolean {
    if (count >= 0) waiter.flags &= ~MSG_FASTOPEN
    if (count !== -EINPROGRESS || (waiter.flags & MSG_DONTWAIT) !== 0) return false
    waiter.flags &= ~MSG_FASTOPEN
    waiter.opening = true
    return true
  }

  private opened(waiter: Waiter): number {
    const result = this.connected()
    if (result !== -EAGAIN) waiter.opening = false
    return result
  }

  private sendBatch(waiter: Waiter): number {
    for (;;) {
      const count = this.hasHeld ? this.takeHeld() : sendBatch(this.endpoint, waiter)
      if (count === -EAGAIN) return count
      if (count < 0) return this.part(waiter, count)
      waiter.done += count
      if (waiter.done >= waiter.count) return waiter.done
    }
  }

  // connect(2): when it becomes writable, SO_ERROR says how it went.
  private connected(): number {
    if (this.endpoint.finishConnect !== undefined) {
      const result = this.endpoint.finishConnect()
      return result === -EINPROGRESS ? -EAGAIN : result
    }
    const events = this.endpoint.readiness()
    if ((events & WRITE_EVENTS) === 0) return -EAGAIN
    const result = this.endpoint.getOption(SOL_SOCKET, SO_ERROR, errorValue)
    if (result < 0) return result
    const error = new DataView(errorValue.buffer).getInt32(0, true)
    if (error !== 0) return -error
    // Someone else has read SO_ERROR: that it failed is still to be seen.
    if ((events & POLLHUP) !== 0 && this.endpoint.peerAddress(scratchAddress) < 0) return -ECONNABORTED
    return 0
  }
}

function isReader({ operation }: Waiter): boolean {
  return operation === RECV || operation === RECVMSG || operation === ACCEPT || operation === RECVMMSG
}

/** How many octets the buffers of a message are long. */
export function total(message: Message): number {
  let length = 0
  for (const buffer of message.buffers) length += buffer.length
  return length
}

// The message without its first `done` octets. Control messages went with those.
function rest(message: Message, done: number): Message {
  const buffers: Uint8Array[] = []
  let skip = done
  for (const buffer of message.buffers) {
    if (skip >= buffer.length) {
      skip -= buffer.length
    } else {
      buffers.push(skip === 0 ? buffer : buffer.subarray(skip))
      skip = 0
    }
  }
  const left = new Message(buffers, message.name)
  left.controlLength = message.controlLength
  return left
}
