// Read first: Deno's documentation of Deno.Listener.

import type { Socket } from '../../socket/socket.ts'
import { SocketChannel } from '../web/socket-channel.ts'
import { type Addr, denoAddress } from './deno-address.ts'
import { DenoConn } from './deno-conn.ts'
import { denoError, errors } from './deno-errors.ts'
import { DenoResource } from './deno-resource.ts'

/** A listening socket as Deno has it. */
export class DenoListener<A extends Addr = Addr> extends DenoResource {
  readonly addr: A
  #accepting = false

  constructor(socket: Socket, addr: A) {
    super(socket)
    this.addr = addr
  }

  /** The next connection. Busy where an earlier accept waits, BadResource where the listener is closed, meanwhile too. */
  async accept(): Promise<DenoConn<A>> {
    if (this.closed) throw listenerClosed()
    if (this.#accepting) throw new errors.Busy('Another accept task is ongoing')
    this.#accepting = true
    try {
      return connOf(await this.socket.accept(), this.addr.transport) as DenoConn<A>
    } catch (error) {
      throw this.closed ? listenerClosed() : denoError(error)
    } finally {
      this.#accepting = false
    }
  }

  /** The connections to come, until the listener is closed; who leaves the loop closes it. */
  [Symbol.asyncIterator](): AsyncIterableIterator<DenoConn<A>> {
    return {
      next: async () => {
        try {
          return { value: await this.accept(), done: false }
        } catch (error) {
          if (error instanceof errors.BadResource || error instanceof errors.Interrupted) return OVER
          throw error
        }
      },
      return: async () => {
        this[Symbol.dispose]()
        return OVER
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
}

const OVER = { value: undefined, done: true } as const

function listenerClosed(): Error {
  return new errors.BadResource('Listener has been closed')
}

/** A connected socket as Deno's connection. */
export function connOf(socket: Socket, transport: Addr['transport']): DenoConn {
  try {
    const [local, remote] = [socket.getsockname(), socket.getpeername()]
    const channel = new SocketChannel(socket)
    return new DenoConn(channel, socket, denoAddress(local, transport), denoAddress(remote, transport))
  } catch (error) {
    // It was gone before anybody looked.
    void socket.close()
    throw denoError(error)
  }
}
