// A socket as an iterator: what comes, in the order in which it comes.

import { AF_UNIX, MSG_PEEK, MSG_TRUNC } from '../base/constants.ts'
import type { SocketAddress } from '../base/socket-address.ts'
import type { WaitOptions } from './arguments.ts'
import type { Socket } from './socket.ts'
import { SocketError } from './socket-error.ts'

/** A datagram, in memory of its own. */
export interface Datagram {
  readonly data: Uint8Array
  readonly address: SocketAddress | null
}

const CHUNK = 65536
const NOTHING = new Uint8Array(0)
/** The longest datagram of IPv4 and IPv6 without jumbograms. */
const LONGEST = 65535

export async function* chunks(
  socket: Socket,
  options: WaitOptions | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  let room = new Uint8Array(CHUNK)
  for (;;) {
    const length = await socket.recv(room, 0, options)
    if (length === 0) return
    // A small part is copied out, so that it does not keep 64 KiB alive; a large one goes with its memory.
    if (length < CHUNK / 2) {
      yield room.slice(0, length)
    } else {
      const chunk = room.subarray(0, length)
      room = new Uint8Array(CHUNK)
      yield chunk
    }
  }
}

export async function* connections(
  socket: Socket,
  options: WaitOptions | undefined,
): AsyncGenerator<Socket, void, void> {
  for (;;) {
    const connection = await next(socket, options)
    if (connection !== null) yield connection
  }
}

async function next(socket: Socket, options: WaitOptions | undefined): Promise<Socket | null> {
  try {
    return await socket.accept(options)
  } catch (error) {
    // accept(2): errors of one connection say nothing about the next.
    if (error instanceof SocketError && error.code === 'ECONNABORTED') return null
    throw error
  }
}

export async function* datagrams(
  socket: Socket,
  options: WaitOptions | undefined,
): AsyncGenerator<Datagram, void, void> {
  let room = new Uint8Array(LONGEST)
  for (;;) {
    // A Unix datagram may be as long as its sender's buffer: it is asked first how long it is.
    if (socket.family === AF_UNIX) {
      const length = await socket.recv(NOTHING, MSG_PEEK | MSG_TRUNC, options)
      if (length > room.length) room = new Uint8Array(length)
    }
    const { length, address } = await socket.recvfrom(room, 0, options)
    yield { data: room.slice(0, length), address }
  }
}
