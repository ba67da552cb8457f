// Read first: RFC 8415 sections 7.1, 7.2, 14.1 (no more than so many messages), 15 and 16.

import { sameOctets } from '../../base/bytes.ts'
import { AF_INET6, SO_BINDTODEVICE, SO_REUSEADDR, SOCK_DGRAM, SOL_SOCKET } from '../../base/constants.ts'
import { EADDRNOTAVAIL, EBADF } from '../../base/errno.ts'
import { type Random, randomFraction } from '../../base/random.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { uint16Octets } from '../../wire/dhcp-values.ts'
import {
  DHCP6_ADVERTISE,
  DHCP6_CLIENT_PORT,
  DHCP6_GROUP,
  DHCP6_REPLY,
  DHCP6_SERVER_PORT,
  type Dhcp6Message,
  readDhcp6,
  writeDhcp6,
} from '../../wire/dhcp6.ts'
import { DHCP6_CLIENTID, DHCP6_ELAPSED_TIME, DHCP6_SERVERID, dhcp6Value } from '../../wire/dhcp6-options.ts'
import { isDuid } from '../../wire/dhcp6-values.ts'
import { TokenBucket } from '../token-bucket.ts'
import { type AnswerSource, type DhcpClientCounters, receiveAnswer } from './receive-answer.ts'

/** How soon it is tried again where the link-local address is still being asked for (RFC 4862 section 5.4). */
const ADDRESS_WAIT = 250
/** Section 15: RAND is between −0.1 and 0.1. */
const SPREAD = 0.1
/** Section 14.1: as it proposes. */
const BURST = 20
const MESSAGES_PER_SECOND = 1

export interface Dhcp6ClientCounters extends DhcpClientCounters {
  /** Messages that were not sent, since there have been too many (RFC 8415 section 14.1). */
  limited: number
}

/** How a question is asked again (RFC 8415 section 15): the first wait and the longest in milliseconds, and how often at the most. */
export interface Retransmission {
  readonly irt: number
  /** It may become another while the question is being asked (SOL_MAX_RT). */
  readonly mrt: () => number
  readonly mrc?: number
  /** When it is given up. */
  readonly until?: number
  /** The first wait is no shorter than `irt`: section 18.2.1. */
  readonly whole?: boolean
}

/** The socket of a client: messages out, and those that answer them in. */
export class Dhcp6Exchange {
  readonly counters: Dhcp6ClientCounters = { sent: 0, answers: 0, others: 0, limited: 0 }
  readonly #socket: Socket
  readonly #random: Random
  readonly #source: AnswerSource<Dhcp6Message>
  readonly #bucket: TokenBucket
  readonly #group: SocketAddress

  constructor(provider: Provider, interfaceName: string, random: Random) {
    this.#random = random
    this.#socket = new Socket(provider, AF_INET6, SOCK_DGRAM)
    this.#source = { socket: this.#socket, counters: this.counters, read: readDhcp6 }
    this.#bucket = new TokenBucket(BURST, MESSAGES_PER_SECOND, this.now())
    try {
      this.#group = SocketAddress.internet(
        `${DHCP6_GROUP}%${interfaceName}`,
        DHCP6_SERVER_PORT,
        (name) => provider.interfaceIndex?.(name) ?? 0,
      )
      this.#socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
      this.#socket.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, interfaceName)
      this.#socket.bind({ address: '::', port: DHCP6_CLIENT_PORT })
    } catch (error) {
      void this.#socket.close()
      throw error
    }
  }

  now(): number {
    return this.#socket.provider.clock.now()
  }

  /**
   * Asks all servers of the link again and again until `take` finds something in an answer; null where it does not, and the time or the
   * number of tries is over. `waited` is asked after each wait whether what came before will do.
   */
  async ask<T>(
    asked: Dhcp6Message,
    { irt, mrt, mrc = Number.POSITIVE_INFINITY, until = Number.POSITIVE_INFINITY, whole = false }: Retransmission,
    signal: AbortSignal,
    take: (answer: Dhcp6Message) => T | null,
    waited: () => T | null = () => null,
  ): Promise<T | null> {
    const beganAt = this.now()
    let rt = 0
    for (let tries = 1; ; tries++) {
      const spread = SPREAD * randomFraction(this.#random)
      const rand = rt === 0 && whole ? spread : 2 * spread - SPREAD
      rt = rt === 0 ? irt * (1 + rand) : rt * (2 + rand)
      if (rt > mrt()) rt = mrt() * (1 + rand)
      // Section 21.9: hundredths of a second since the first.
      const elapsed = Math.min(0xffff, Math.floor((this.now() - beganAt) / 10))
      while (!this.#send(asked, elapsed)) {
        if (this.now() >= until) return null
        await this.receive(null, Math.min(until, this.now() + ADDRESS_WAIT), signal, () => null)
      }
      const found = (await this.receive(asked, Math.min(until, this.now() + rt), signal, take)) ?? waited()
      if (found !== null || tries >= mrc || this.now() >= until) return found
    }
  }

  /** False: there is no address yet to send from. What does not get out for other reasons is lost, and sent again later. */
  #send(message: Dhcp6Message, elapsed: number): boolean {
    if (!this.#bucket.has(this.now())) {
      this.counters.limited++
      return true
    }
    const options = message.options.filter(({ code }) => code !== DHCP6_ELAPSED_TIME)
    options.push({ code: DHCP6_ELAPSED_TIME, value: uint16Octets(elapsed) })
    message.options = options
    try {
      this.#socket.trySendto(writeDhcp6(message), this.#group)
    } catch (error) {
      if (!(error instanceof SocketError) || error.errno === -EBADF) throw error
      if (error.errno === -EADDRNOTAVAIL) return false
    }
    this.#bucket.take(this.now())
    this.counters.sent++
    return true
  }

  /**
   * The first thing that `take` finds in an answer to `asked`, null being nothing; null as well where there is none until `until`.
   * Without `asked` all that comes is passed over: so the socket's queue is empty when something is asked.
   */
  receive<T>(
    asked: Dhcp6Message | null,
    until: number,
    signal: AbortSignal,
    take: (answer: Dhcp6Message) => T | null,
  ): Promise<T | null> {
    return receiveAnswer(this.#source, until, signal, (answer) =>
      asked !== null && isAnswer(answer, asked) ? take(answer) : null,
    )
  }

  close(): Promise<void> {
    return this.#socket.close()
  }
}

// Sections 16.3 and 16.10: it names its server and this client.
function isAnswer(answer: Dhcp6Message, asked: Dhcp6Message): boolean {
  if (answer.type !== DHCP6_ADVERTISE && answer.type !== DHCP6_REPLY) return false
  if (answer.xid !== asked.xid) return false
  const server = dhcp6Value(answer.options, DHCP6_SERVERID)
  const client = dhcp6Value(answer.options, DHCP6_CLIENTID)
  const own = dhcp6Value(asked.options, DHCP6_CLIENTID)
  return server !== null && isDuid(server) && client !== null && own !== null && sameOctets(client, own)
}
