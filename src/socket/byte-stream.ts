// A stream socket, and what is like one, for those who must neither wait nor hold it up: octets come in bursts, and go as far as
// there is room.

import { checkMethods } from '../base/argument.ts'
import type { Clock } from '../base/clock.ts'
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLRDHUP } from '../base/constants.ts'
import type { Watcher } from './provider.ts'
import type { Socket } from './socket.ts'

/** Who gets the octets of a ByteStream. */
export interface ByteStreamUser {
  /** Octets came, in `bytes[start, end)`, lent until this returns. */
  octets(bytes: Uint8Array, start: number, end: number): void
  /** The burst is over. */
  flush(): void
  /** `write` has taken less than it was given before, and has room again. */
  writable(): void
  /** The peer has ended the stream (null), or it has failed. Told once; nothing follows. */
  ended(error: Error | null): void
}

/** Octets both ways, without waiting. Never calls its user from inside a call. */
export interface ByteStream {
  /** Starts to tell `user`; what is deferred runs on the clock. */
  open(user: ByteStreamUser, clock: Clock): void
  /** Takes of `bytes[start, end)` what there is room for, and returns how much. It is lent until then. */
  write(bytes: Uint8Array, start: number, end: number): number
  /** Ends the stream, and tells nobody. Twice is once. */
  close(): void
}

const READ = 65536
/** Reads before others get their turn. */
const READS_PER_TURN = 16

const INPUT = POLLIN | POLLRDHUP | POLLHUP | POLLERR
const OUTPUT = POLLOUT | POLLHUP | POLLERR

/** A connected stream socket of any provider as a ByteStream. From then on the socket is the stream's. */
export class SocketByteStream implements ByteStream, Watcher {
  readonly #socket: Socket
  readonly #buffer = new Uint8Array(READ)
  readonly #turn = () => this.#serve()
  #user: ByteStreamUser | null = null
  #clock: Clock | null = null
  #scheduled = false
  #full = false
  #failure: Error | null = null

  constructor(socket: Socket) {
    checkMethods('socket', socket, 'a connected Socket', 'tryRecv', 'trySend', 'addWatcher')
    this.#socket = socket
  }

  open(user: ByteStreamUser, clock: Clock): void {
    this.#user = user
    this.#clock = clock
    this.#socket.addWatcher(this)
    this.#schedule()
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    if (this.#user === null || this.#failure !== null) return end - start
    try {
      const count = this.#socket.trySend(bytes.subarray(start, end))
      if (count >= end - start) return count
      this.#full = true
      return count < 0 ? 0 : count
    } catch (error) {
      // It is told as the end of the stream, and not from inside this call.
      this.#failure = error as Error
      this.#schedule()
      return end - start
    }
  }

  close(): void {
    this.#user = null
    this.#socket.removeWatcher(this)
    void this.#socket.close()
  }

  /** For the socket. Its provider is in the middle of its work: what this leads to comes after that. */
  ready(events: number): void {
    if ((events & (INPUT | POLLNVAL)) !== 0 || (this.#full && (events & OUTPUT) !== 0)) this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled || this.#clock === null) return
    this.#scheduled = true
    this.#clock.defer(this.#turn)
  }

  #serve(): void {
    this.#scheduled = false
    if (this.#full) {
      this.#full = false
      this.#user?.writable()
    }
    let read = false
    for (let i = 0; i < READS_PER_TURN && this.#user !== null; i++) {
      const count = this.#receive()
      if (count <= 0) {
        if (read) this.#user.flush()
        if (count === 0 || this.#failure !== null) this.#end(this.#failure)
        return
      }
      read = true
      this.#user.octets(this.#buffer, 0, count)
    }
    if (this.#user === null) return
    this.#user.flush()
    this.#schedule()
  }

  #receive(): number {
    try {
      return this.#socket.tryRecv(this.#buffer)
    } catch (error) {
      this.#failure ??= error as Error
      return 0
    }
  }

  #end(error: Error | null): void {
    const user = this.#user
    this.close()
    user?.ended(error)
  }
}
