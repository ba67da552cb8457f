// Read first: RFC 9293 section 3.3.2. The numbers are Linux's, as TCP_INFO and /proc/net/tcp give them.

export const ESTABLISHED = 1
export const SYN_SENT = 2
export const SYN_RECEIVED = 3
export const FIN_WAIT_1 = 4
export const FIN_WAIT_2 = 5
export const TIME_WAIT = 6
export const CLOSED = 7
export const CLOSE_WAIT = 8
export const LAST_ACK = 9
export const LISTEN = 10
export const CLOSING = 11

export type State = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11

const names = [
  '',
  'ESTABLISHED',
  'SYN-SENT',
  'SYN-RECEIVED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'CLOSED',
  'CLOSE-WAIT',
  'LAST-ACK',
  'LISTEN',
  'CLOSING',
] as const

/** The RFC's name of a state: 'SYN-SENT', 'ESTABLISHED', … */
export function stateName(state: State): string {
  return names[state] as string
}

/** Whether the application may still send in this state, or could had it not shut down. */
export function canSend(state: State): boolean {
  return state === ESTABLISHED || state === CLOSE_WAIT
}

/** Whether data may still arrive in this state. */
export function canReceive(state: State): boolean {
  return state === ESTABLISHED || state === FIN_WAIT_1 || state === FIN_WAIT_2
}
