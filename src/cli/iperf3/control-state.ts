/** What the two sides tell each other on the control connection: one signed octet each, in this order but for those that end a test. */
export const PARAM_EXCHANGE = 9
export const CREATE_STREAMS = 10
export const TEST_START = 1
export const TEST_RUNNING = 2
export const TEST_END = 4
export const EXCHANGE_RESULTS = 13
export const DISPLAY_RESULTS = 14
export const IPERF_DONE = 16

export const SERVER_TERMINATE = 11
export const CLIENT_TERMINATE = 12
/** Another test is under way. */
export const ACCESS_DENIED = -1
/** Two numbers of 4 octets follow: what has failed, and an errno. */
export const SERVER_ERROR = -2

const NAMES: Readonly<Record<number, string>> = {
  [PARAM_EXCHANGE]: 'PARAM_EXCHANGE',
  [CREATE_STREAMS]: 'CREATE_STREAMS',
  [TEST_START]: 'TEST_START',
  [TEST_RUNNING]: 'TEST_RUNNING',
  [TEST_END]: 'TEST_END',
  [EXCHANGE_RESULTS]: 'EXCHANGE_RESULTS',
  [DISPLAY_RESULTS]: 'DISPLAY_RESULTS',
  [IPERF_DONE]: 'IPERF_DONE',
  [SERVER_TERMINATE]: 'SERVER_TERMINATE',
  [CLIENT_TERMINATE]: 'CLIENT_TERMINATE',
  [ACCESS_DENIED]: 'ACCESS_DENIED',
  [SERVER_ERROR]: 'SERVER_ERROR',
}

/** For people: "TEST_START", or "state 77". */
export function stateText(state: number): string {
  return NAMES[state] ?? `state ${state}`
}
