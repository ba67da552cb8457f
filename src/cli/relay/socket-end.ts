import {
  AF_UNIX,
  SHUT_WR,
  SO_LINGER,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../base/constants.ts'
import type { Socket } from '../../socket/socket.ts'
import { part } from '../part.ts'
import type { End } from './end.ts'

/** The longest datagram of IP, and what Linux lets a Unix socket have by default (net.core.wmem_default), rounded up. */
const LONGEST = 65536
const LONGEST_UNIX = 1 << 18

/** A connected socket. */
export class SocketEnd implements End {
  readonly name: string
  readonly bordered: boolean
  readonly tellsEnd: boolean
  readonly #socket: Socket
  readonly #left: () => void
  #buffer: Uint8Array | null = null

  /** `left` is called when it is closed. */
  constructor(name: string, socket: Socket, left: () => void = () => {}) {
    this.name = name
    this.bordered = socket.type !== SOCK_STREAM
    this.tellsEnd = socket.type !== SOCK_DGRAM
    this.#socket = socket
    this.#left = left
  }

  async read(most: number, signal: AbortSignal): Promise<Uint8Array | null> {
    const { family, type } = this.#socket
    const longest = family === AF_UNIX ? LONGEST_UNIX : LONGEST
    this.#buffer ??= new Uint8Array(this.bordered ? longest : most)
    const length = await this.#socket.recv(this.#buffer, 0, { signal })
    // A datagram may be empty, and a record not be told from the end.
    return length === 0 && type !== SOCK_DGRAM ? null : this.#buffer.subarray(0, length)
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    // A record of nothing would be taken for the end.
    if (bytes.length === 0 && this.#socket.type === SOCK_SEQPACKET) return
    await this.#socket.send(bytes, 0, { signal })
  }

  endWriting(): void {
    if (this.tellsEnd && !this.#socket.closed) this.#socket.shutdown(SHUT_WR)
  }

  async close(broken: boolean): Promise<void> {
    if (broken && this.#socket.type === SOCK_STREAM && !this.#socket.closed) {
      // The peer is not to take what he has for all: he is reset, as we were.
      this.#socket.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 })
      await this.#socket.close()
    } else {
      await part(this.#socket)
    }
    this.#left()
  }
}
