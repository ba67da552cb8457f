// Read first: RFC 2131 section 4.1.

import { sameOctets } from '../../base/bytes.ts'
import { AF_INET, SO_BINDTODEVICE, SO_BROADCAST, SO_REUSEADDR, SOCK_DGRAM, SOL_SOCKET } from '../../base/constants.ts'
import { EBADF } from '../../base/errno.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import {
  BOOTREPLY,
  DHCP_CLIENT_PORT,
  DHCP_SERVER_PORT,
  type DhcpMessage,
  readDhcp,
  writeDhcp,
} from '../../wire/dhcp.ts'
import { type AnswerSource, type DhcpClientCounters, receiveAnswer } from './receive-answer.ts'

/** The socket of a client: messages out, and those that answer them in. */
export class DhcpExchange {
  readonly counters: DhcpClientCounters = { sent: 0, answers: 0, others: 0 }
  readonly #socket: Socket
  readonly #signal: AbortSignal
  readonly #source: AnswerSource<DhcpMessage>

  constructor(provider: Provider, interfaceName: string, signal: AbortSignal) {
    this.#signal = signal
    this.#socket = new Socket(provider, AF_INET, SOCK_DGRAM)
    this.#source = { socket: this.#socket, counters: this.counters, read: readDhcp }
    try {
      this.#socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
      this.#socket.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, interfaceName)
      this.#socket.setsockopt(SOL_SOCKET, SO_BROADCAST, true)
      this.#socket.bind({ address: '', port: DHCP_CLIENT_PORT })
    } catch (error) {
      void this.#socket.close()
      throw error
    }
  }

  now(): number {
    return this.#socket.provider.clock.now()
  }

  /** Sends to a server, or to all: −1. What does not get out is lost, and sent again later as if it were. */
  send(message: DhcpMessage, address: number): void {
    this.counters.sent++
    try {
      this.#socket.trySendto(writeDhcp(message), new SocketAddress(AF_INET, IpAddress.v4(address), DHCP_SERVER_PORT))
    } catch (error) {
      if (!(error instanceof SocketError) || error.errno === -EBADF) throw error
    }
  }

  /**
   * The first thing that `take` finds in an answer to `asked`, null being nothing; null as well where there is none until `until`.
   * Without `asked` all that comes is passed over: so the socket's queue is empty when something is asked.
   */
  receive<T>(asked: DhcpMessage | null, until: number, take: (answer: DhcpMessage) => T | null): Promise<T | null> {
    return receiveAnswer(this.#source, until, this.#signal, (answer) =>
      asked !== null && isAnswer(answer, asked) ? take(answer) : null,
    )
  }

  close(): Promise<void> {
    return this.#socket.close()
  }
}

function isAnswer(answer: DhcpMessage, asked: DhcpMessage): boolean {
  return answer.op === BOOTREPLY && answer.xid === asked.xid && sameOctets(answer.chaddr, asked.chaddr)
}
