import { AF_UNIX, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from '../../src/base/constants.ts'
import { errnoName } from '../../src/base/errno.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Message } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import { SocketError } from '../../src/socket/socket-error.ts'
import { Stack, type StackOptions } from '../../src/stack/stack.ts'
import { drive, failure, settle } from '../berkeley/drive.ts'

export const TYPES = [
  ['SOCK_STREAM', SOCK_STREAM],
  ['SOCK_SEQPACKET', SOCK_SEQPACKET],
  ['SOCK_DGRAM', SOCK_DGRAM],
] as const

/** Types that have connections. */
export const CONNECTED = TYPES.slice(0, 2)

/** One system with Unix sockets; all of them are closed at the end, and nothing may be left. */
export class World {
  readonly clock = new ManualClock()
  readonly stack: Stack
  readonly #sockets: Socket[] = []

  constructor(options: Partial<StackOptions> = {}) {
    this.stack = new Stack({ clock: this.clock, random: new SeededRandom(1), ...options })
  }

  keep<T extends Socket>(socket: T): T {
    this.#sockets.push(socket)
    return socket
  }

  socket(type: number = SOCK_STREAM, path?: string): Socket {
    const socket = this.keep(new Socket(this.stack, AF_UNIX, type))
    if (path !== undefined) socket.bind(SocketAddress.unix(path))
    return socket
  }

  listener(path: string, type: number = SOCK_STREAM, backlog?: number): Socket {
    const socket = this.socket(type, path)
    socket.listen(backlog)
    return socket
  }

  pair(type: number = SOCK_STREAM): [Socket, Socket] {
    const pair = Socket.pair(this.stack, AF_UNIX, type)
    for (const socket of pair) this.keep(socket)
    return pair
  }

  /** A socket of a descriptor that a message has brought. */
  received(fd: number | undefined): Socket {
    return this.keep(Socket.fromDescriptor(this.stack, fd as number))
  }

  drive<T>(promise: Promise<T>): Promise<T> {
    return drive(this.clock, promise)
  }

  failure(promise: Promise<unknown>): Promise<unknown> {
    return failure(this.clock, promise)
  }

  settle(): Promise<void> {
    return settle(this.clock)
  }

  /** Closes all, and throws where a descriptor, an endpoint or a message under way is left. */
  async end(): Promise<void> {
    for (const socket of this.#sockets) void socket.close()
    await this.settle()
    const left = [this.stack.descriptors.size, this.stack.unix.endpoints.size, this.stack.unix.inFlight]
    this.stack.close()
    if (left.some((count) => count !== 0)) {
      throw new Error(`left behind: [descriptors, endpoints, descriptors in flight] ${left}`)
    }
  }
}

/** What the call gives, or the name of its error. */
export function outcome<T>(call: () => T): T | string {
  try {
    const result = call()
    return typeof result === 'number' && result < 0 ? (errnoName(result) as string) : result
  } catch (error) {
    if (error instanceof SocketError) return error.code
    throw error
  }
}

export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

export function octets(data: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(data)
}

/** What tryRecv gives, as text; the name of its error; 'EAGAIN'. */
export function recv(socket: Socket, length = 1000, flags = 0): string {
  const room = new Uint8Array(length)
  const result = outcome(() => socket.tryRecv(room, flags))
  return typeof result === 'string' ? result : text(room.subarray(0, Math.min(result, length)))
}

export function send(socket: Socket, data: string, flags = 0): number | string {
  return outcome(() => socket.trySend(octets(data), flags))
}

/** What tryRecvmsg gives. */
export function recvmsg(
  socket: Socket,
  length = 1000,
  controlLength = Number.POSITIVE_INFINITY,
  flags = 0,
): { data: string; message: Message } {
  const room = new Uint8Array(length)
  const message = new Message([room], new SocketAddress())
  message.controlLength = controlLength
  const result = outcome(() => socket.tryRecvmsg(message, flags))
  return { data: typeof result === 'string' ? result : text(room.subarray(0, Math.min(result, length))), message }
}

export function sendmsg(socket: Socket, data: string, control: Message['control'], name?: string): number | string {
  const message = new Message([octets(data)], name === undefined ? null : SocketAddress.unix(name))
  message.control = control
  return outcome(() => socket.trySendmsg(message))
}
