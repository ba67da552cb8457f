// Read first: Deno's documentation of Deno.Conn, Deno.Listener and Deno.DatagramConn: what they have in common.

import type { Socket } from '../../socket/socket.ts'
import { errors } from './deno-errors.ts'

/** What a program holds until it closes it. */
export abstract class DenoResource {
  protected readonly socket: Socket
  protected closed = false

  constructor(socket: Socket) {
    this.socket = socket
  }

  /** Throws BadResource the second time. */
  close(): void {
    this.checkOpen()
    this[Symbol.dispose]()
  }

  /** Deno's `using`. */
  [Symbol.dispose](): void {
    if (this.closed) return
    this.closed = true
    this.shut()
  }

  ref(): void {
    this.socket.ref()
  }

  unref(): void {
    this.socket.unref()
  }

  protected shut(): void {
    void this.socket.close()
  }

  protected checkOpen(): void {
    if (this.closed) throw new errors.BadResource('Bad resource ID')
  }
}
