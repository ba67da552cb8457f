import { errnoText } from '../../base/errno.ts'
import { SocketError } from '../../socket/socket-error.ts'

/** What ends a test, as a line: "iperf3: error - " and the message. */
export class Iperf3Failure extends Error {
  /** Of those that the protocol has for SERVER_ERROR. */
  readonly code: number

  constructor(message: string, code = 0, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** The codes that go with SERVER_ERROR, and what iperf3 says of them. */
export const RECEIVE_PARAMETERS_FAILED = 114
export const STREAM_CREATION_FAILED = 200

const WORDS: Readonly<Record<number, string>> = {
  [RECEIVE_PARAMETERS_FAILED]: 'unable to receive parameters from client',
  [STREAM_CREATION_FAILED]: 'unable to create a new stream',
}

/** What a server says by SERVER_ERROR. */
export function serverFailure(code: number, errno: number): Iperf3Failure {
  const what = WORDS[code] ?? `error ${code}`
  return new Iperf3Failure(`the server has failed: ${what}${errno > 0 ? `: ${errnoText(errno)}` : ''}`, code)
}

/** `what` has failed, because of `error`: an Iperf3Failure where a call to a socket has failed, and else the error itself. */
export function failureOf(what: string, error: unknown, code = 0): Error {
  if (error instanceof SocketError) return new Iperf3Failure(`${what}: ${errnoText(error.errno)}`, code, error)
  return error as Error
}
