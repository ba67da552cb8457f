import { SO_LINGER, SOCK_STREAM, SOL_SOCKET } from '../base/constants.ts'
import type { Socket } from '../socket/socket.ts'

/** Seconds for what was sent last to be acknowledged. */
const LINGER = 5

/** Has `close` wait until what was sent has arrived: the stack goes away with it. */
export async function part(socket: Socket): Promise<void> {
  if (socket.type === SOCK_STREAM && !socket.closed) {
    socket.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: LINGER })
  }
  await socket.close()
}
