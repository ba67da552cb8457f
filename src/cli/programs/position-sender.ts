// Position updates over UDP, the sender, as of a player in a game. One that is lost is not worth sending again: the next is
// newer.

import { type AddressText, type Provider, SOCK_DGRAM, Socket, SocketError } from '../../index.ts'
import { familyOf } from './family.ts'
import { pause } from './pause.ts'
import type { Say } from './say.ts'

const INTERVAL = 20

/** Sends `count` positions on a circle, one every 20 ms. */
export async function positionSender(
  provider: Provider,
  receiver: AddressText,
  count: number,
  say: Say,
): Promise<void> {
  const socket = new Socket(provider, familyOf(receiver), SOCK_DGRAM)
  try {
    // It sends nothing: from now on send() knows where to, and what comes from others is not for this socket.
    await socket.connect(receiver)
    for (let number = 0; number < count; number++) {
      const angle = (number / count) * 2 * Math.PI
      const update = new DataView(new ArrayBuffer(12))
      update.setUint32(0, number)
      update.setFloat32(4, Math.cos(angle))
      update.setFloat32(8, Math.sin(angle))
      try {
        await socket.send(new Uint8Array(update.buffer))
      } catch (error) {
        // What became of an earlier one, as ICMP has said it. The next may arrive.
        if (!(error instanceof SocketError)) throw error
        say(`update ${number}: ${error.code}, nobody could be reached before`)
      }
      await pause(provider, INTERVAL)
    }
    say(`${count} updates sent; UDP does not tell which have arrived`)
  } finally {
    await socket.close()
  }
}
