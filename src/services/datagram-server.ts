import { AF_UNSPEC } from '../base/constants.ts'
import { SocketAddress } from '../base/socket-address.ts'
import { Message } from '../socket/provider.ts'
import type { Socket } from '../socket/socket.ts'
import { SocketError } from '../socket/socket-error.ts'
import { AnsweringSocket } from './answering-socket.ts'

const LONGEST_DATAGRAM = 65535

// Services that answer whatever they get: two of them, made to talk to each other by one forged datagram, would never stop.
// RFC 863 alone never answers. We differ from RFC 862, 864 and 867, which know no such exception, as inetd does.
const ECHO = 7
const DAYTIME = 13
const QUOTE = 17
const CHARGEN = 19
const TIME = 37

function answersAnything(port: number): boolean {
  return port === ECHO || port === DAYTIME || port === QUOTE || port === CHARGEN || port === TIME
}

/** Answers each datagram with what `answer` makes of it, from the address that it was sent to; null answers nothing. */
export class DatagramServer {
  readonly #socket: AnsweringSocket
  readonly #answer: (datagram: Uint8Array, from: SocketAddress) => Uint8Array | null
  #closed = false

  /** `socket` is bound. `answer` gets a view and an address that are valid until it returns, and may return that view. */
  constructor(socket: Socket, answer: (datagram: Uint8Array, from: SocketAddress) => Uint8Array | null) {
    this.#socket = new AnsweringSocket(socket)
    this.#answer = answer
  }

  /** Serves until `close`. Rejects only if the socket itself fails. */
  async run(): Promise<void> {
    const buffer = new Uint8Array(LONGEST_DATAGRAM)
    const room = [buffer]
    const from = new SocketAddress()
    const asked = new Message(room, from)
    while (!this.#closed) {
      try {
        asked.buffers = room
        from.family = AF_UNSPEC
        const length = await this.#socket.receive(asked)
        // Whoever has no name cannot be answered.
        if (from.family === AF_UNSPEC || answersAnything(from.port)) continue
        const answer = this.#answer(buffer.subarray(0, length), from)
        if (answer !== null) await this.#socket.answer(asked, answer)
      } catch (error) {
        if (this.#closed) return
        if (!(error instanceof SocketError) || error.code === 'EBADF') throw error
        // Nobody waits for an error there: the client is unreachable, its answer does not fit, there is no room.
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#socket.close()
  }
}
