// Read first: RFC 7766 (sections 5, 6.2.1, 7 and 8), RFC 1035 section 4.2.2.

import { read16, write16 } from '../../base/bytes.ts'
import type { Alarm } from '../../base/clock.ts'
import { MSG_WAITALL } from '../../base/constants.ts'
import type { Random } from '../../base/random.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { type Abortable, unwatchAbort, watchAbort } from '../../socket/abort.ts'
import type { WaitOptions } from '../../socket/arguments.ts'
import type { Socket } from '../../socket/socket.ts'
import { decodeMessage, type Message } from './message.ts'
import type { Query } from './query.ts'
import { ResolverError } from './resolver-error.ts'

/** A message with its length before it, in one piece: RFC 7766 section 8 wants both in one segment. */
export function frameMessage(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(2 + bytes.length)
  write16(frame, 0, bytes.length)
  frame.set(bytes, 2)
  return frame
}

/** The next message of a stream; null where the stream ends before it has one whole. */
export async function readFramed(socket: Socket, options?: WaitOptions): Promise<Uint8Array | null> {
  const prefix = new Uint8Array(2)
  if ((await socket.recv(prefix, MSG_WAITALL, options)) < 2) return null
  const bytes = new Uint8Array(read16(prefix, 0))
  if (bytes.length > 0 && (await socket.recv(bytes, MSG_WAITALL, options)) < bytes.length) return null
  return bytes
}

/** What a message came as: read, and as it was. */
export interface Reply {
  readonly message: Message
  readonly bytes: Uint8Array
}

class Pending implements Abortable {
  readonly channel: StreamChannel
  readonly query: Query
  readonly signal: AbortSignal | undefined
  readonly alarm: Alarm
  readonly resolve: (reply: Reply) => void
  readonly reject: (reason: unknown) => void

  constructor(
    channel: StreamChannel,
    query: Query,
    signal: AbortSignal | undefined,
    alarm: Alarm,
    resolve: (reply: Reply) => void,
    reject: (reason: unknown) => void,
  ) {
    this.channel = channel
    this.query = query
    this.signal = signal
    this.alarm = alarm
    this.resolve = resolve
    this.reject = reject
  }

  aborted(signal: AbortSignal): void {
    this.channel.leave(this.query.id, signal.reason)
  }
}

/**
 * The one connection to a server, for all questions to it that are under way: they go out one behind the other, and answers come
 * in any order. It is opened by the first and closed with the last.
 */
export class StreamChannel {
  readonly #socket: Socket
  readonly #random: Random
  readonly #pending = new Map<number, Pending>()
  readonly #connected: Promise<void>
  readonly #wrong: () => void
  readonly #over: () => void
  #closed = false

  /** By `socket`, which is its own from here on. `wrong` is told of what answers nothing, `over` when the connection is no more. */
  constructor(socket: Socket, random: Random, server: SocketAddress, wrong: () => void, over: () => void) {
    this.#socket = socket
    this.#random = random
    this.#wrong = wrong
    this.#over = over
    this.#connected = this.#socket.connect(server)
    this.#connected.catch(() => {})
    this.#listen().catch((error: unknown) => this.#fail(error))
  }

  /** Asks, with an id that nobody else on the connection has. Rejects with ETIMEOUT after `timeout` milliseconds. */
  ask(query: Query, timeout: number, signal: AbortSignal | undefined): Promise<Reply> {
    while (this.#pending.has(query.id)) query.renumber(this.#random.int32() & 0xffff)
    const { clock } = this.#socket.provider
    return new Promise((resolve, reject) => {
      const { id, question } = query
      const alarm = clock.alarm(() => this.leave(id, new ResolverError('ETIMEOUT', question.name)))
      this.#pending.set(id, new Pending(this, query, signal, alarm, resolve, reject))
      alarm.set(clock.now() + timeout)
      if (signal !== undefined) watchAbort(signal, this.#pending.get(id) as Pending)
      this.#connected
        .then(() => this.#socket.send(frameMessage(query.bytes)))
        .catch((error: unknown) => this.#fail(error))
    })
  }

  /** Ends one question, and the connection with the last. */
  leave(id: number, reason: unknown): void {
    this.#take(id)?.reject(reason)
    this.#closeIfIdle()
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    if (pending === undefined) return undefined
    this.#pending.delete(id)
    pending.alarm.clear()
    if (pending.signal !== undefined) unwatchAbort(pending.signal, pending)
    return pending
  }

  async #listen(): Promise<void> {
    await this.#connected
    for (;;) {
      const bytes = await readFramed(this.#socket)
      if (bytes === null) throw new ResolverError('ENOSERVER', null)
      this.#hear(bytes)
    }
  }

  #hear(bytes: Uint8Array): void {
    const query = bytes.length < 2 ? undefined : this.#pending.get(read16(bytes, 0))?.query
    if (query === undefined) {
      this.#wrong()
      return
    }
    let message: Message
    try {
      message = decodeMessage(bytes)
    } catch {
      this.#wrong()
      return
    }
    if (!query.isAnsweredBy(message)) {
      this.#wrong()
      return
    }
    this.#take(query.id)?.resolve({ message, bytes })
    this.#closeIfIdle()
  }

  #closeIfIdle(): void {
    if (this.#pending.size === 0) this.#close()
  }

  #fail(error: unknown): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(error)
    this.#close()
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#over()
    void this.#socket.close()
  }
}
