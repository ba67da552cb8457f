import { SO_LINGER, SOCK_STREAM, SOL_SOCKET } from '../../base/constants.ts'
import { errnoText } from '../../base/errno.ts'
import type { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { FAILURE } from '../report.ts'
import { type ConversationOptions, converse } from './conversation.ts'

/** Seconds for what was sent last to be acknowledged. */
const LINGER = 5

/** Says something as `nc: …` does. */
export function tell(text: string): void {
  process.stderr.write(`jackfield: nc: ${text}\n`)
}

/** Has `close` wait until what was sent has arrived: the stack goes away with it. */
async function part(socket: Socket): Promise<void> {
  if (socket.type === SOCK_STREAM && !socket.closed) {
    socket.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: LINGER })
  }
  await socket.close()
}

/** Talks until it is over. Resolves with the exit status. */
export async function talkTo(socket: Socket, talk: ConversationOptions): Promise<number> {
  try {
    await converse(socket, talk)
    return 0
  } catch (error) {
    if (!(error instanceof SocketError)) throw error
    tell(`${error.syscall}: ${errnoText(error.errno)}`)
    return FAILURE
  } finally {
    await part(socket)
  }
}
