// What a socket of node:dgram knows of itself, behind a symbol: programs see only methods and `type`.

import type { EventEmitter } from 'node:events'
import type { BlockList } from 'node:net'
import type { Provider } from '../../socket/provider.ts'
import type { DatagramHandle } from '../handle/datagram-handle.ts'
import { nodeError } from '../node-error.ts'

export const STATE: unique symbol = Symbol('state')

export interface DatagramState {
  readonly provider: Provider
  /** null: closed. */
  handle: DatagramHandle | null
  receiving: boolean
  bound: 'no' | 'soon' | 'yes'
  connected: 'no' | 'soon' | 'yes'
  /** What waits until it is bound; null: nothing has waited yet. */
  queue: (() => void)[] | null
  /** As the program gave it. */
  reuseAddr: unknown
  readonly reusePort: boolean
  readonly ipv6Only: boolean
  readonly recvBufferSize: number
  readonly sendBufferSize: number
  readonly receiveBlockList: BlockList | null
  readonly sendBlockList: BlockList | null
}

/** An instance of Socket as its methods see it. Those that they call of it a program may have replaced. */
export interface DatagramSocket extends EventEmitter {
  type: 'udp4' | 'udp6'
  [STATE]: DatagramState
  bind(...args: unknown[]): unknown
  bindSync(...args: unknown[]): unknown
  send(...args: unknown[]): unknown
  close(...args: unknown[]): unknown
  address(): unknown
}

/** The handle of a socket that is open. Throws ERR_SOCKET_DGRAM_NOT_RUNNING. */
export function running(socket: DatagramSocket): DatagramHandle {
  const { handle } = socket[STATE]
  if (handle === null) throw nodeError('ERR_SOCKET_DGRAM_NOT_RUNNING')
  return handle
}

/**
 * The handle where Node's own method does not look whether there is one: of a closed socket it is null, and what follows throws the
 * TypeError that names what was to be read of it.
 */
export function handleOf(socket: DatagramSocket): DatagramHandle {
  return socket[STATE].handle as DatagramHandle
}
