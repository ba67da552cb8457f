import { SHUT_RD, SHUT_WR, SO_LINGER, SOL_SOCKET } from '../../base/constants.ts'
import type { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import type { OctetChannel } from './octet-channel.ts'

/** A connected stream socket as a channel. From then on the socket is the channel's. */
export class SocketChannel implements OctetChannel {
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
  }

  read(into: Uint8Array<ArrayBuffer>): Promise<number> {
    return this.#socket.recv(into)
  }

  async write(bytes: Uint8Array): Promise<void> {
    let left = bytes
    // A short count means that an error came after it: the next call tells which.
    while (left.length > 0) left = left.subarray(await this.#socket.send(left))
  }

  end(): void {
    quietly(() => this.#socket.shutdown(SHUT_WR))
  }

  mute(): void {
    quietly(() => this.#socket.shutdown(SHUT_RD))
  }

  abort(): Promise<void> {
    quietly(() => this.#socket.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 }))
    return this.#socket.close()
  }

  close(): Promise<void> {
    return this.#socket.close()
  }
}

// Ending a direction of a connection that is gone already is no error.
function quietly(call: () => void): void {
  try {
    call()
  } catch (error) {
    if (!(error instanceof SocketError)) throw error
  }
}
