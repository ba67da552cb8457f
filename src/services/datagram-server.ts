import { decodeSocketAddress, SocketAddress } from '../base/socket-address.ts'
import { MessageBatch, NAME_LENGTH } from '../socket/message-batch.ts'
import type { Socket } from '../socket/socket.ts'
import { SocketError } from '../socket/socket-error.ts'
import { AnsweringSocket } from './answering-socket.ts'

const LONGEST_DATAGRAM = 65535

// How many are answered before others have their turn. What has come together is answered together: one by one, a datagram to and
// fro cost twice as much of the stack and all above it (1.2 µs, now 0.6; Node 20, AMD EPYC).
const AT_ONCE = 32
/** Room for control messages: the packet info, and what others may have asked this socket for. */
const CONTROL_SIZE = 256

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
  /** Whom the datagram is from that is being answered. */
  readonly #from = new SocketAddress()
  #closed = false

  /** `socket` is bound. `answer` gets a view and an address that are valid until it returns, and may return that view. */
  constructor(socket: Socket, answer: (datagram: Uint8Array, from: SocketAddress) => Uint8Array | null) {
    this.#socket = new AnsweringSocket(socket)
    this.#answer = answer
  }

  /** Serves until `close`. Rejects only if the socket itself fails. */
  async run(): Promise<void> {
    const batch = new MessageBatch(AT_ONCE, LONGEST_DATAGRAM, { controlSize: CONTROL_SIZE })
    while (!this.#closed) {
      try {
        const count = await this.#socket.receiveBatch(batch)
        for (let end = 0; end < count; end++) {
          // Those that get an answer go together.
          let at = end
          while (end < count && this.#answerPlace(batch, end)) end++
          while (at < end) {
            try {
              at += await this.#socket.answerBatch(batch, at, end - at)
            } catch (error) {
              at += this.#passOver(batch, at, error)
            }
          }
        }
      } catch (error) {
        this.#passOver(batch, 0, error)
      }
    }
  }

  // How many places on an error leads. Nobody waits for one there: the client is unreachable, its answer does not fit, there is no room.
  #passOver(batch: MessageBatch, place: number, error: unknown): number {
    if (this.#closed) return batch.count
    if (!(error instanceof SocketError) || error.code === 'EBADF') throw error
    return this.#socket.forgetSource(batch, place, error) ? 0 : 1
  }

  #answerPlace(batch: MessageBatch, place: number): boolean {
    const from = this.#from
    // Whoever has no name cannot be answered.
    const named = decodeSocketAddress(from, batch.names, place * NAME_LENGTH, batch.nameLengths[place] as number)
    if (!named || answersAnything(from.port)) return false
    const datagram = batch.data(place)
    const answer = this.#answer(datagram, from)
    if (answer === null || answer.length > batch.size) return false
    if (answer !== datagram) batch.bytes.set(answer, place * batch.size)
    this.#socket.turnRound(batch, place, answer.length)
    return true
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#socket.close()
  }
}
