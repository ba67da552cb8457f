// Read first: RFC 9293 section 3.3.2. The numbers are Linux's, as TCP_INFO and /proc/net/tcp give them.

import {
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_LAST_ACK,
  TCP_LISTEN,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCP_TIME_WAIT,
} from '../base/tcp-info.ts'

export { stateName } from '../base/tcp-info.ts'
export {
  TCP_CLOSE as CLOSED,
  TCP_CLOSE_WAIT as CLOSE_WAIT,
  TCP_CLOSING as CLOSING,
  TCP_ESTABLISHED as ESTABLISHED,
  TCP_FIN_WAIT1 as FIN_WAIT_1,
  TCP_FIN_WAIT2 as FIN_WAIT_2,
  TCP_LAST_ACK as LAST_ACK,
  TCP_LISTEN as LISTEN,
  TCP_SYN_RECV as SYN_RECEIVED,
  TCP_SYN_SENT as SYN_SENT,
  TCP_TIME_WAIT as TIME_WAIT,
}

export type State = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11

/** Whether the application may still send in this state, or could had it not shut down. */
export function canSend(state: State): boolean {
  return state === TCP_ESTABLISHED || state === TCP_CLOSE_WAIT
}

/** Whether data may still arrive in this state. */
export function canReceive(state: State): boolean {
  return state === TCP_ESTABLISHED || state === TCP_FIN_WAIT1 || state === TCP_FIN_WAIT2
}
