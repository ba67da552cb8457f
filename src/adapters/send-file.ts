// Read first: sendfile(2).

import { close, open, read } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { checkInteger, checkMethods, checkOptions, given } from '../base/argument.ts'
import { POLLOUT, SOCK_STREAM } from '../base/constants.ts'
import { EAGAIN, EINVAL, ENOSYS, EOPNOTSUPP, ESPIPE } from '../base/errno.ts'
import { poll } from '../socket/poll.ts'
import type { Endpoint } from '../socket/provider.ts'
import type { Socket } from '../socket/socket.ts'
import { SocketError } from '../socket/socket-error.ts'

export interface SendFileOptions {
  /** The first octet of the file that is sent. Default 0. */
  readonly offset?: number | undefined
  /** How many octets. Default: to the end of the file. */
  readonly length?: number | undefined
  /** Gives up when it aborts: the promise is rejected with `signal.reason`. */
  readonly signal?: AbortSignal | undefined
}

const KEYS = ['offset', 'length', 'signal'] as const satisfies (keyof SendFileOptions)[]

/** What one sendfile(2) is asked for at most: where the file is not in memory, the thread stands still until the disk has it. */
const CALL_LENGTH = 1 << 20
/** What is read at once where there is no sendfile(2). */
const READ_LENGTH = 256 * 1024

const opens = promisify(open)
const closes = promisify(close)
const reads = promisify(read)

/**
 * Sends a file, or a part of one, over a connected stream socket, behind what was sent before; resolves with how many octets that
 * were: fewer than `length` where the file has ended. By the operating system's own sockets it goes by sendfile(2) and never enters
 * this process; by others it is read and sent.
 *
 * `file` is a path, a file: URL, or the descriptor of an open file, which is not closed, and whose position stays. Until it is over
 * nothing else may be sent on the socket. Where it fails (the errors of `send` and of reading, or the signal's reason), part of the
 * file has gone out already: close the socket.
 *
 * ```ts
 * const length = await sendFile(socket, 'large.iso', { offset: 4096 })
 * ```
 */
export async function sendFile(
  socket: Socket,
  file: string | URL | number,
  options: SendFileOptions = {},
): Promise<number> {
  checkMethods('socket', socket, 'a Socket', 'send', 'recv')
  if (socket.type !== SOCK_STREAM) throw new TypeError('socket must be a stream: what it sends has no ends')
  if (typeof file !== 'string' && typeof file !== 'number' && !(file instanceof URL)) {
    throw new TypeError(`file must be a path, a URL or a descriptor, got ${given(file)}`)
  }
  if (typeof file === 'number') checkInteger('file', file, 0)
  checkOptions('options', options, KEYS)
  const { offset = 0, length = Number.MAX_SAFE_INTEGER, signal } = options
  checkInteger('options.offset', offset, 0, Number.MAX_SAFE_INTEGER)
  checkInteger('options.length', length, 0, Number.MAX_SAFE_INTEGER)
  signal?.throwIfAborted()
  const fd = typeof file === 'number' ? file : await opens(file instanceof URL ? fileURLToPath(file) : file, 'r')
  try {
    // Who waits to send is before us.
    await socket.send(new Uint8Array(0), 0, { signal })
    return await new Sending(socket, fd, offset, length, signal).whole()
  } finally {
    if (typeof file !== 'number') await closes(fd)
  }
}

class Sending {
  readonly #socket: Socket
  readonly #fd: number
  readonly #offset: number
  readonly #length: number
  readonly #signal: AbortSignal | undefined
  #done = 0

  constructor(socket: Socket, fd: number, offset: number, length: number, signal: AbortSignal | undefined) {
    this.#socket = socket
    this.#fd = fd
    this.#offset = offset
    this.#length = length
    this.#signal = signal
  }

  async whole(): Promise<number> {
    const { provider, fd } = this.#socket
    const endpoint = fd < 0 ? null : provider.endpoint(fd)
    if (endpoint?.sendfile === undefined || !(await this.#byCalls(endpoint))) await this.#byReading()
    return this.#done
  }

  /** Whether it could be done so; false: the rest of the file is still to be sent. */
  async #byCalls(endpoint: Endpoint): Promise<boolean> {
    while (this.#done < this.#length) {
      const wanted = Math.min(CALL_LENGTH, this.#length - this.#done)
      const count = endpoint.sendfile?.(this.#fd, this.#offset + this.#done, wanted) ?? -EOPNOTSUPP
      if (count === 0) return true
      if (count > 0) {
        this.#done += count
      } else if (count === -EAGAIN) {
        await poll([{ socket: this.#socket, events: POLLOUT }], { signal: this.#signal })
      } else if (count === -EINVAL || count === -ENOSYS || count === -EOPNOTSUPP || count === -ESPIPE) {
        // Of files of some kinds (/proc, pipes), or by some systems: as sendfile(2) says, read(2) and write(2) do it.
        return false
      } else {
        throw new SocketError('sendfile', count)
      }
      // Everyone else has a turn, whatever poll says: a fast peer would keep this going until the file's end.
      await new Promise(setImmediate)
      this.#signal?.throwIfAborted()
    }
    return true
  }

  async #byReading(): Promise<void> {
    const bytes = new Uint8Array(Math.min(READ_LENGTH, Math.max(1, this.#length)))
    while (this.#done < this.#length) {
      const wanted = Math.min(bytes.length, this.#length - this.#done)
      const { bytesRead } = await this.#read(bytes, wanted)
      if (bytesRead === 0) return
      // Fewer where something went wrong, which the next call tells.
      for (let sent = 0; sent < bytesRead; ) {
        this.#signal?.throwIfAborted()
        const count = await this.#socket.send(bytes.subarray(sent, bytesRead), 0, { signal: this.#signal })
        sent += count
        this.#done += count
      }
    }
  }

  async #read(bytes: Uint8Array, length: number): Promise<{ bytesRead: number }> {
    try {
      return await reads(this.#fd, bytes, 0, length, this.#offset + this.#done)
    } catch (error) {
      // Of what has no positions (a pipe) the next octets come, whatever the offset would be.
      if ((error as NodeJS.ErrnoException).code !== 'ESPIPE' || this.#offset > 0) throw error
      return await reads(this.#fd, bytes, 0, length, null)
    }
  }
}
