import { giveBuffer, takeBuffer } from '../base/buffer-pool.ts'
import type { Socket } from '../socket/socket.ts'

const CHUNK = 64 * 1024

/**
 * Answers each piece of what comes with what `answer` makes of it, until the client has finished sending. The buffer is from the
 * pool: a fresh one for each of many short connections kept the collector busy a quarter of the time.
 */
export async function exchange(socket: Socket, answer: (piece: Uint8Array) => Uint8Array): Promise<void> {
  const buffer = takeBuffer(CHUNK)
  try {
    for (;;) {
      const length = await socket.recv(buffer)
      if (length === 0) return
      await socket.send(answer(buffer.subarray(0, length)))
    }
  } finally {
    giveBuffer(buffer)
  }
}
