// Read first: RFC 9293 section 3.3.2, figure 5, and what sections 3.10.4 to 3.10.8 add to it.

import {
  stateName,
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_LAST_ACK,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCP_TIME_WAIT,
} from '../base/tcp-info.ts'
import type { HostStack } from './host-stack.ts'

/**
 * To where an arrow leads. All states lead to CLOSED: by abort, reset and time-out. What has come to SYN-RECEIVED is a thing of its own
 * in our stack until the handshake is over, so that a connection may begin in ESTABLISHED.
 */
const ARROWS: ReadonlyMap<number, readonly number[]> = new Map([
  [TCP_CLOSE, [TCP_SYN_SENT, TCP_SYN_RECV, TCP_ESTABLISHED]],
  [TCP_SYN_SENT, [TCP_SYN_RECV, TCP_ESTABLISHED]],
  // A FIN that comes with the last ACK of the handshake is looked at in ESTABLISHED: section 3.10.7.4, eighth.
  [TCP_SYN_RECV, [TCP_ESTABLISHED, TCP_FIN_WAIT1, TCP_CLOSE_WAIT]],
  [TCP_ESTABLISHED, [TCP_FIN_WAIT1, TCP_CLOSE_WAIT]],
  // A FIN that acknowledges ours leads to TIME-WAIT at once.
  [TCP_FIN_WAIT1, [TCP_FIN_WAIT2, TCP_CLOSING, TCP_TIME_WAIT]],
  [TCP_FIN_WAIT2, [TCP_TIME_WAIT]],
  [TCP_CLOSING, [TCP_TIME_WAIT]],
  [TCP_CLOSE_WAIT, [TCP_LAST_ACK]],
  [TCP_LAST_ACK, []],
  [TCP_TIME_WAIT, []],
])

/** Whether a connection may go from one state to another. To stay is to go nowhere. */
export function isArrow(from: number, to: number): boolean {
  return from === to || to === TCP_CLOSE || (ARROWS.get(from)?.includes(to) ?? false)
}

/** Has `violated` told of each connection of `stack` that goes from a state to another along no arrow. */
export function watchStates(stack: HostStack, violated: (what: string) => void): void {
  const { tcp } = stack
  type Connection = Parameters<typeof tcp.enter>[0]
  // Nothing in TCP itself is to ask, for each change, whether somebody watches: here it is the connection that is changed.
  const watch = (connection: Connection): void => {
    let { state } = connection
    Object.defineProperty(connection, 'state', {
      configurable: true,
      enumerable: true,
      get: () => state,
      set: (next: typeof state) => {
        if (!isArrow(state, next)) {
          const { local, localPort, remote, remotePort } = connection
          const ends = `${local}:${localPort} > ${remote}:${remotePort}`
          violated(
            `${ends} went from ${stateName(state)} to ${stateName(next)}, which no arrow of RFC 9293 section 3.3.2 allows`,
          )
        }
        state = next
      },
    })
  }
  const { enter, promote } = tcp
  tcp.enter = (connection) => {
    watch(connection)
    enter.call(tcp, connection)
  }
  tcp.promote = (halfOpen, connection) => {
    watch(connection)
    promote.call(tcp, halfOpen, connection)
  }
}
