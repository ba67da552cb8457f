// Read first: RFC 2131 section 4.1.

import {
  AF_INET,
  MSG_TRUNC,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../../base/constants.ts'
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

const LONGEST_MESSAGE = 4096
/** A day: leases are longer than a timer can be. */
const LONGEST_WAIT = 86_400_000

export interface DhcpClientCounters {
  sent: number
  /** Answers that were for us, and those that were not, or could not be read. */
  answers: number
  others: number
}

/** The socket of a client: messages out, and those that answer them in. */
export class DhcpExchange {
  readonly counters: DhcpClientCounters = { sent: 0, answers: 0, others: 0 }
  readonly #socket: Socket
  readonly #signal: AbortSignal
  readonly #room = new Uint8Array(LONGEST_MESSAGE)

  constructor(provider: Provider, interfaceName: string, signal: AbortSignal) {
    this.#signal = signal
    this.#socket = new Socket(provider, AF_INET, SOCK_DGRAM)
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
  async receive<T>(
    asked: DhcpMessage | null,
    until: number,
    take: (answer: DhcpMessage) => T | null,
  ): Promise<T | null> {
    for (;;) {
      const left = until - this.now()
      if (left <= 0) return null
      let length: number
      try {
        const limits = { signal: this.#signal, timeout: Math.min(left, LONGEST_WAIT) }
        ;({ length } = await this.#socket.recvfrom(this.#room, MSG_TRUNC, limits))
      } catch (error) {
        // The time is over; or an error of the network, which is told once and is no answer.
        if (error instanceof SocketError && error.errno !== -EBADF) continue
        throw error
      }
      const answer = length > this.#room.length ? 'too long' : readDhcp(this.#room, 0, length)
      const found = asked !== null && typeof answer !== 'string' && isAnswer(answer, asked) ? take(answer) : null
      if (found !== null) {
        this.counters.answers++
        return found
      }
      this.counters.others++
    }
  }

  close(): Promise<void> {
    return this.#socket.close()
  }
}

function isAnswer(answer: DhcpMessage, asked: DhcpMessage): boolean {
  if (answer.op !== BOOTREPLY || answer.xid !== asked.xid || answer.chaddr.length !== asked.chaddr.length) return false
  return answer.chaddr.every((octet, i) => octet === asked.chaddr[i])
}
