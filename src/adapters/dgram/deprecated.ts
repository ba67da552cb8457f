// Read first: DEP0112 in Node's manual: what older Nodes let programs see of a datagram socket's insides, with one warning for all of it.

import dgram from 'node:dgram'
import { deprecate } from 'node:util'
import { AF_INET, AF_INET6 } from '../../base/constants.ts'
import { EINVAL } from '../../base/errno.ts'
import type { Provider } from '../../socket/provider.ts'
import { type BindFlags, DatagramHandle, type DatagramOwner } from '../handle/datagram-handle.ts'
import { isInt32 } from '../node-argument.ts'
import { nodeError } from '../node-error.ts'
import { type DatagramSocket, type DatagramState, handleOf, running, STATE } from './state.ts'

const CODE = 'DEP0112'
const PLAIN: BindFlags = { reuseAddr: false, reusePort: false, ipv6Only: false }
const NOBODY: DatagramOwner = { received() {}, failed() {} }
// Newer Nodes have done away with it.
const KEPT = '_handle' in dgram.Socket.prototype

/** Properties, and what stands for them. */
const SEEN: Readonly<Record<string, readonly [read: (state: DatagramState) => unknown, write: Write]>> = {
  _handle: [({ handle }) => handle, (state, value) => (state.handle = value as DatagramHandle | null)],
  _receiving: [({ receiving }) => receiving, (state, value) => (state.receiving = Boolean(value))],
  _bindState: [({ bound }) => BOUND.indexOf(bound), (state, value) => (state.bound = BOUND[Number(value)] ?? 'no')],
  _queue: [({ queue }) => queue ?? undefined, (state, value) => (state.queue = (value as (() => void)[]) ?? null)],
  _reuseAddr: [({ reuseAddr }) => reuseAddr, (state, value) => (state.reuseAddr = value)],
}
const BOUND: readonly DatagramState['bound'][] = ['no', 'soon', 'yes']

type Write = (state: DatagramState, value: unknown) => unknown

/** Gives the prototype of sockets what that of this Node's has. */
export function addDeprecated(prototype: object): void {
  if (!KEPT) return
  for (const [name, [read, write]] of Object.entries(SEEN)) {
    const get = function (this: DatagramSocket) {
      return read(this[STATE])
    }
    const set = function (this: DatagramSocket, value: unknown) {
      write(this[STATE], value)
    }
    const text = `Socket.prototype.${name} is deprecated`
    Object.defineProperty(prototype, name, { get: deprecate(get, text, CODE), set: deprecate(set, text, CODE) })
  }
  function healthCheck(this: DatagramSocket): void {
    running(this)
  }
  function stopReceiving(this: DatagramSocket): void {
    const state = this[STATE]
    if (!state.receiving) return
    handleOf(this).recvStop()
    state.receiving = false
  }
  Object.assign(prototype, {
    _healthCheck: deprecate(healthCheck, 'Socket.prototype._healthCheck() is deprecated', CODE),
    _stopReceiving: deprecate(stopReceiving, 'Socket.prototype._stopReceiving() is deprecated', CODE),
  })
}

/** What the module of this Node has besides: `_createSocketHandle`, which gives a handle without a socket, or a negated errno. */
export function deprecatedExports(provider: Provider): object {
  if (!KEPT) return {}
  function createSocketHandle(address: unknown, port: unknown, type: unknown, fd?: unknown): DatagramHandle | number {
    if (type !== 'udp4' && type !== 'udp6') throw nodeError('ERR_SOCKET_BAD_TYPE')
    const handle = new DatagramHandle(provider, type === 'udp6' ? AF_INET6 : AF_INET, NOBODY)
    let result = 0
    if (isInt32(fd) && fd > 0) {
      const endpoint = provider.endpoint(fd)
      result = endpoint === null ? -EINVAL : handle.open(endpoint)
    } else if (port || address) {
      result = handle.bind(address || (type === 'udp6' ? '::' : '0.0.0.0'), port || 0, PLAIN)
    }
    if (result >= 0) return handle
    handle.close()
    return result
  }
  return { _createSocketHandle: deprecate(createSocketHandle, 'dgram._createSocketHandle() is deprecated', CODE) }
}
