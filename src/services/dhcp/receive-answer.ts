import { MSG_TRUNC } from '../../base/constants.ts'
import { EBADF } from '../../base/errno.ts'
import type { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'

const LONGEST_MESSAGE = 4096
/** A day: leases are longer than a timer can be. */
const LONGEST_WAIT = 86_400_000

export interface DhcpClientCounters {
  sent: number
  /** Answers that were for us, and those that were not, or could not be read. */
  answers: number
  others: number
}

/** Where a client hears: `read` makes a message of octets, or says what is wrong with them. */
export interface AnswerSource<M extends object> {
  readonly socket: Socket
  readonly counters: DhcpClientCounters
  readonly read: (bytes: Uint8Array, start: number, end: number) => M | string
}

/** The first thing that `take` finds in a message, null being nothing; null as well where there is none until `until`. */
export async function receiveAnswer<M extends object, T>(
  { socket, counters, read }: AnswerSource<M>,
  until: number,
  signal: AbortSignal,
  take: (message: M) => T | null,
): Promise<T | null> {
  const room = new Uint8Array(LONGEST_MESSAGE)
  for (;;) {
    const left = until - socket.provider.clock.now()
    if (left <= 0) return null
    let length: number
    try {
      ;({ length } = await socket.recvfrom(room, MSG_TRUNC, { signal, timeout: Math.min(left, LONGEST_WAIT) }))
    } catch (error) {
      // The time is over; or an error of the network, which is told once and is no answer.
      if (error instanceof SocketError && error.errno !== -EBADF) continue
      throw error
    }
    const message = length > room.length ? 'too long' : read(room, 0, length)
    const found = typeof message === 'string' ? null : take(message)
    if (found !== null) {
      counters.answers++
      return found
    }
    counters.others++
  }
}
