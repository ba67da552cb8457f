import { EAGAIN, EINPROGRESS } from '../base/errno.ts'
import type { SocketAddress } from '../base/socket-address.ts'
import { type Abortable, unwatchAbort } from './abort.ts'
import type { MessageBatch } from './message-batch.ts'
import type { Endpoint, Message } from './provider.ts'
import type { SystemCall } from './socket-error.ts'

export const RECV = 0
export const SEND = 1
export const RECVMSG = 2
export const SENDMSG = 3
export const ACCEPT = 4
export const CONNECT = 5
/** A connect that waits for room in the queue of a Unix listener. */
export const QUEUE = 6
export const RECVMMSG = 7
export const SENDMMSG = 8

/** What a waiting call does when it is tried. */
export type Operation =
  | typeof RECV
  | typeof SEND
  | typeof RECVMSG
  | typeof SENDMSG
  | typeof ACCEPT
  | typeof CONNECT
  | typeof QUEUE
  | typeof RECVMMSG
  | typeof SENDMMSG

type Executor<T> = (resolve: (outcome: T) => void, reject: (reason: unknown) => void) => void

/** What becomes of a call of a kind, for all calls of that kind: two closures for each that waits are 220 octets of heap. */
export interface Outcome {
  /** What the promise is resolved with. */
  succeeded(waiter: Waiter, count: number): unknown
  failed(waiter: Waiter): void
}

/** A call that waits: all that is needed to try it again, and whom to tell. */
export class Waiter implements Abortable {
  readonly operation: Operation
  readonly syscall: SystemCall
  /** Those of the next try: MSG_FASTOPEN counts for the first. */
  flags: number
  /** RECV, SEND: the caller's buffer. */
  readonly bytes: Uint8Array | null
  /** RECVMSG, SENDMSG: the caller's message. */
  readonly message: Message | null
  /** Whom the call is about, for the error's text. */
  readonly address: SocketAddress | null
  /** It is over only when all octets have been moved: a stream's send, MSG_WAITALL. */
  readonly whole: boolean
  /** Octets that the buffer had when the call began to wait. */
  room: number
  /** Octets moved so far. */
  done: number
  /** A send that has begun a connection, and waits for that first: RFC 7413 without a cookie. */
  opening: boolean
  /** What ACCEPT took from the queue. */
  accepted: Endpoint | null
  /** RECVMMSG, SENDMMSG: the caller's batch, and which places of it; `done` counts places. */
  batch: MessageBatch | null
  from: number
  count: number
  /** On the provider's clock; Infinity: waits for ever. */
  giveUpAt: number
  resolve: (outcome: unknown) => void
  reject: (reason: unknown) => void
  signal: AbortSignal | null
  /** Of a call that gives something else than a count, and the socket that this is asked of. */
  outcome: Outcome | null
  socket: object | null
  /** Where it queues, for when the signal aborts. */
  queuedAt: { leave(waiter: Waiter, reason: unknown): void } | null
  next: Waiter | null
  previous: Waiter | null
  queued: boolean

  constructor(
    operation: Operation,
    syscall: SystemCall,
    flags: number,
    bytes: Uint8Array | null,
    message: Message | null,
    address: SocketAddress | null,
    whole: boolean,
  ) {
    this.operation = operation
    this.syscall = syscall
    this.flags = flags
    this.bytes = bytes
    this.message = message
    this.address = address
    this.whole = whole
    this.room = 0
    this.done = 0
    this.opening = false
    this.accepted = null
    this.batch = null
    this.from = 0
    this.count = 0
    this.giveUpAt = Number.POSITIVE_INFINITY
    this.resolve = ignore
    this.reject = ignore
    this.signal = null
    this.outcome = null
    this.socket = null
    this.queuedAt = null
    this.next = null
    this.previous = null
    this.queued = false
  }

  /** The promise that `resolve` and `reject` settle. */
  promised<T = number>(): Promise<T> {
    promising = this
    return new Promise(settleWith as Executor<T>)
  }

  succeed(count: number): void {
    this.resolve(this.outcome === null ? count : this.outcome.succeeded(this, count))
  }

  fail(reason: unknown): void {
    this.outcome?.failed(this)
    this.reject(reason)
  }

  /** What it is told when its time is over. A connection that was begun goes on by itself: connect(2), SO_SNDTIMEO. */
  get late(): number {
    return this.operation === CONNECT || this.opening ? EINPROGRESS : EAGAIN
  }

  aborted(signal: AbortSignal): void {
    this.queuedAt?.leave(this, signal.reason)
  }

  /** Stops listening to the signal. */
  release(): void {
    if (this.signal === null) return
    unwatchAbort(this.signal, this)
    this.signal = null
  }
}

function ignore(): void {}

/** Whose promise is being made. One executor for all of them: a closure each would be 140 octets of heap more for a call that waits. */
let promising: Waiter | null = null

function settleWith(resolve: (outcome: unknown) => void, reject: (reason: unknown) => void): void {
  const waiter = promising as Waiter
  promising = null
  waiter.resolve = resolve
  waiter.reject = reject
}
