import { errnoText } from '../../base/errno.ts'
import type { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { part } from '../part.ts'
import { FAILURE } from '../report.ts'
import { type ConversationOptions, converse } from './conversation.ts'

/** Says something as `nc: …` does. */
export function tell(text: string): void {
  process.stderr.write(`jackfield: nc: ${text}\n`)
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
