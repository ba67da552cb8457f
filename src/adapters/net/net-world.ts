import type { Provider } from '../../socket/provider.ts'
import type { BoundSocket } from './bound-socket.ts'
import type { Server, ServerOptions } from './server.ts'
import type { Socket } from './socket.ts'
import type { SocketOptions } from './socket-options.ts'

export interface SocketConstructor {
  new (options?: SocketOptions | number): Socket
  (options?: SocketOptions | number): Socket
  readonly prototype: Socket
}

export interface ServerConstructor {
  new (options?: ServerOptions | null | ((socket: Socket) => void), listener?: (socket: Socket) => void): Server
  (options?: ServerOptions | null | ((socket: Socket) => void), listener?: (socket: Socket) => void): Server
  readonly prototype: Server
}

/** What the sockets and servers of one provider have in common; their prototypes lead to it. */
export interface NetWorld {
  readonly provider: Provider
  readonly Socket: SocketConstructor
  readonly Server: ServerConstructor
  readonly BoundSocket: typeof BoundSocket
  autoSelectFamily: boolean
  autoSelectFamilyAttemptTimeout: number
}

export const WORLD: unique symbol = Symbol('jackfield.net.world')
export const STATE: unique symbol = Symbol('jackfield.net.state')
/** An option of Socket: the stream that it is given. */
export const HANDLE: unique symbol = Symbol('jackfield.net.handle')
