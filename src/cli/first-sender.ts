import { AF_UNIX, MSG_PEEK } from '../base/constants.ts'
import type { SocketAddress } from '../base/socket-address.ts'
import type { WaitOptions } from '../socket/arguments.ts'
import type { Socket } from '../socket/socket.ts'

/** Who sends the first datagram, which stays to be read; null: he has no name, and so can get no answer. */
export async function firstSender(socket: Socket, options?: WaitOptions): Promise<SocketAddress | null> {
  const { address } = await socket.recvfrom(new Uint8Array(0), MSG_PEEK, options)
  return address === null || (address.family === AF_UNIX && address.path === '') ? null : address
}
