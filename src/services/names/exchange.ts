// Read first: RFC 1035 section 4.2, RFC 5452 section 9, RFC 6891 sections 6.2.5 and 7, RFC 7766 section 5.
//
// One question to one server, until there is an answer or no time left: by datagram, then by stream where the answer was cut,
// then without EDNS where the server does not know it.

import { MSG_TRUNC, SO_REUSEADDR, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from '../../base/constants.ts'
import { EAGAIN } from '../../base/errno.ts'
import type { Random } from '../../base/random.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { BADVERS, decodeMessage, FORMERR, type Message, MessageError, NOTIMP, type Question } from './message.ts'
import { Query, type QueryFlags } from './query.ts'
import { ResolverError } from './resolver-error.ts'
import { type Reply, StreamChannel } from './stream-channel.ts'

/** What is asked for by EDNS: it fits into the smallest MTU of IPv6, so that no answer comes in fragments. */
export const UDP_PAYLOAD_SIZE = 1232

/** The TC bit, in the third octet of a message. */
const TRUNCATED = 2

/** What has happened, for people. */
export interface ExchangeCounters {
  queries: number
  /** Datagrams and messages that answered nothing that was asked: RFC 5452 section 9. */
  wrongAnswers: number
  timeouts: number
  /** Questions that were asked again by stream. */
  streamQueries: number
  /** Questions that were asked again without EDNS. */
  plainQueries: number
}

export type ExchangeTransport = 'udp' | 'tcp'

/** An answer, who gave it, and how. */
export interface Answer extends Reply {
  /** Of AF_UNSPEC where it came by HTTPS. */
  readonly server: SocketAddress
  readonly transport: ExchangeTransport | 'https'
}

export interface ExchangeOptions {
  readonly flags?: QueryFlags
  /** Default true. */
  readonly edns?: boolean
  /** 'tcp': not by datagram at all. */
  readonly transport?: ExchangeTransport
  /** Milliseconds for each try. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

/** Asks servers questions, over the sockets of one provider. */
export class Exchange {
  readonly #provider: Provider
  readonly #random: Random
  readonly #mixedCase: boolean
  readonly #source: SocketAddress | null
  /** By server: one for each that is being asked by stream. */
  readonly #channels = new Map<string, StreamChannel>()
  readonly counters: ExchangeCounters = {
    queries: 0,
    wrongAnswers: 0,
    timeouts: 0,
    streamQueries: 0,
    plainQueries: 0,
  }

  /** `source`: whence it asks, a port of its own included unless that is 0; null: from anywhere. */
  constructor(provider: Provider, random: Random, mixedCase: boolean, source: SocketAddress | null = null) {
    this.#source = source
    this.#provider = provider
    this.#random = random
    this.#mixedCase = mixedCase
  }

  /** Rejects with a ResolverError (ETIMEOUT), a SocketError, or the signal's reason. */
  async ask(server: SocketAddress, question: Question, options: ExchangeOptions): Promise<Answer> {
    const edns = options.edns ?? true
    const answer = await this.#ask(server, question, edns, options)
    const { rcode } = answer.message
    // RFC 6891 section 7: whoever does not know EDNS says FORMERR, or NOTIMP; 6.1.3: BADVERS.
    if (!edns || (rcode !== FORMERR && rcode !== NOTIMP && rcode !== BADVERS)) return answer
    this.counters.plainQueries++
    return this.#ask(server, question, false, options)
  }

  async #ask(server: SocketAddress, question: Question, edns: boolean, options: ExchangeOptions): Promise<Answer> {
    const query = new Query(question, options.flags ?? {}, edns ? UDP_PAYLOAD_SIZE : 0, this.#random, this.#mixedCase)
    if (options.transport !== 'tcp') {
      const reply = await this.#byDatagram(server, query, options)
      if (reply !== null) return { ...reply, server, transport: 'udp' }
      query.renumber(this.#random.int32() & 0xffff)
    }
    return { ...(await this.#byStream(server, query, options)), server, transport: 'tcp' }
  }

  /** Null: the answer was cut, and there is more to be had by stream. */
  async #byDatagram(server: SocketAddress, query: Query, options: ExchangeOptions): Promise<Reply | null> {
    const { clock } = this.#provider
    const { signal, timeout } = options
    const giveUpAt = clock.now() + timeout
    // RFC 5452 section 9.2: a port of its own for each question; connected, it hears only whom it asked.
    const socket = sourceSocket(this.#provider, server, SOCK_DGRAM, this.#source)
    this.counters.queries++
    try {
      await socket.connect(server)
      await socket.send(query.bytes, 0, { signal, timeout })
      const room = new Uint8Array(UDP_PAYLOAD_SIZE)
      for (;;) {
        const left = giveUpAt - clock.now()
        if (left <= 0) throw this.#late(query)
        const length = await socket.recv(room, MSG_TRUNC, { signal, timeout: left })
        // Longer than we said we take: what is missing comes by stream.
        const cut = length > room.length || (length > 2 && ((room[2] as number) & TRUNCATED) !== 0)
        const message = this.#read(query, room.subarray(0, length), cut)
        if (message === null) continue
        return cut ? null : { message, bytes: room.slice(0, length) }
      }
    } catch (error) {
      throw error instanceof SocketError && error.errno === -EAGAIN ? this.#late(query) : error
    } finally {
      void socket.close()
    }
  }

  // The answer to `query`; null for anything else. What was cut may end in the middle of a record.
  #read(query: Query, bytes: Uint8Array, cut: boolean): Message | null {
    try {
      const message = decodeMessage(cut ? headOf(bytes) : bytes)
      if (query.isAnsweredBy(message)) return message
    } catch (error) {
      if (!(error instanceof MessageError)) throw error
    }
    this.counters.wrongAnswers++
    return null
  }

  async #byStream(server: SocketAddress, query: Query, options: ExchangeOptions): Promise<Reply> {
    this.counters.streamQueries++
    const key = server.toString()
    let channel = this.#channels.get(key)
    if (channel === undefined) {
      const opened = new StreamChannel(
        sourceSocket(this.#provider, server, SOCK_STREAM, this.#source),
        this.#random,
        server,
        () => this.counters.wrongAnswers++,
        () => {
          if (this.#channels.get(key) === opened) this.#channels.delete(key)
        },
      )
      channel = opened
      this.#channels.set(key, channel)
    }
    try {
      return await channel.ask(query, options.timeout, options.signal)
    } catch (error) {
      if (error instanceof ResolverError && error.code === 'ETIMEOUT') this.counters.timeouts++
      throw error
    }
  }

  #late(query: Query): ResolverError {
    this.counters.timeouts++
    return new ResolverError('ETIMEOUT', query.question.name)
  }
}

/** A socket to ask a server by, bound to where questions come from. */
export function sourceSocket(
  provider: Provider,
  server: SocketAddress,
  type: number,
  source: SocketAddress | null,
): Socket {
  const socket = new Socket(provider, server.family, type)
  if (source === null) return socket
  try {
    // The port of the question before may be on its way out still.
    socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
    socket.bind(source)
    return socket
  } catch (error) {
    void socket.close()
    throw error
  }
}

/** Header and question alone of a message whose end is missing. */
function headOf(bytes: Uint8Array): Uint8Array {
  const head = bytes.slice()
  head.fill(0, Math.min(6, head.length), 12)
  return head
}
