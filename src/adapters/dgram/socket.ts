// Read first: Node's manual, "UDP/datagram sockets".

import { channel } from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import { BlockList } from 'node:net'
import { AF_INET, AF_INET6 } from '../../base/constants.ts'
import type { Provider } from '../../socket/provider.ts'
import type { AddressInfo } from '../handle/address-texts.ts'
import { DatagramHandle, type DatagramOwner, type RemoteInfo } from '../handle/datagram-handle.ts'
import { validateAbortSignal, validateUint32 } from '../node-argument.ts'
import { errnoException, invalidArgType, nodeError } from '../node-error.ts'
import { bind, bindSync } from './bind.ts'
import { close, dispose } from './close.ts'
import { connect, connectSync, disconnect } from './connect.ts'
import { addDeprecated } from './deprecated.ts'
import { lookupFor } from './lookup.ts'
import {
  addMembership,
  addSourceSpecificMembership,
  dropMembership,
  dropSourceSpecificMembership,
  setMulticastInterface,
} from './membership.ts'
import {
  getRecvBufferSize,
  getSendBufferSize,
  getSendQueueCount,
  getSendQueueSize,
  setBroadcast,
  setMulticastLoopback,
  setMulticastTTL,
  setRecvBufferSize,
  setSendBufferSize,
  setTTL,
} from './options.ts'
import { send, sendto } from './send.ts'
import { type DatagramSocket, running, STATE } from './state.ts'

/** Node's own, which tracers listen to. */
const opened = channel('udp.socket')

interface Options {
  readonly type?: unknown
  readonly lookup?: unknown
  readonly recvBufferSize?: unknown
  readonly sendBufferSize?: unknown
  readonly receiveBlockList?: unknown
  readonly sendBlockList?: unknown
  readonly reuseAddr?: unknown
  readonly reusePort?: unknown
  readonly ipv6Only?: unknown
  readonly signal?: unknown
}

type Constructor = (this: DatagramSocket, type: unknown, listener?: unknown) => void

const METHODS = {
  bind,
  bindSync,
  connect,
  connectSync,
  disconnect,
  sendto,
  send,
  close,
  address,
  remoteAddress,
  setBroadcast,
  setTTL,
  setMulticastTTL,
  setMulticastLoopback,
  setMulticastInterface,
  addMembership,
  dropMembership,
  addSourceSpecificMembership,
  dropSourceSpecificMembership,
  ref,
  unref,
  setRecvBufferSize,
  setSendBufferSize,
  getRecvBufferSize,
  getSendBufferSize,
  getSendQueueSize,
  getSendQueueCount,
}

/** The class of the sockets of `provider`: a function, as Node's, that heirs of any kind may call on themselves. */
export function socketClass(provider: Provider): Constructor {
  function Socket(this: DatagramSocket, type: unknown, listener?: unknown): void {
    Reflect.apply(EventEmitter as unknown as () => void, this, [])
    construct(this, provider, type, listener)
  }
  Object.setPrototypeOf(Socket.prototype, EventEmitter.prototype)
  Object.setPrototypeOf(Socket, EventEmitter)
  Object.assign(Socket.prototype, METHODS)
  addDeprecated(Socket.prototype)
  // Of Node 20.5 and later.
  if (Symbol.asyncDispose !== undefined) Socket.prototype[Symbol.asyncDispose] = dispose
  return Socket
}

function construct(socket: DatagramSocket, provider: Provider, given: unknown, listener: unknown): void {
  const options: Options = typeof given === 'object' && given !== null ? given : { type: given }
  const { type, signal } = options
  const recvBufferSize = sizeOption(options.recvBufferSize, 'options.recvBufferSize')
  const sendBufferSize = sizeOption(options.sendBufferSize, 'options.sendBufferSize')
  const receiveBlockList = listOption(options.receiveBlockList, 'options.receiveBlockList')
  const sendBlockList = listOption(options.sendBlockList, 'options.sendBlockList')
  const isV6 = type === 'udp6'
  const lookup = lookupFor(isV6 ? 6 : 4, options.lookup)
  if (type !== 'udp4' && type !== 'udp6') throw nodeError('ERR_SOCKET_BAD_TYPE')
  const handle = new DatagramHandle(provider, isV6 ? AF_INET6 : AF_INET, new Owner(socket))
  handle.lookup = lookup
  socket.type = type
  if (typeof listener === 'function') socket.on('message', listener as () => void)
  socket[STATE] = {
    provider,
    handle,
    receiving: false,
    bound: 'no',
    connected: 'no',
    queue: null,
    reuseAddr: options.reuseAddr,
    reusePort: Boolean(options.reusePort),
    ipv6Only: Boolean(options.ipv6Only),
    recvBufferSize,
    sendBufferSize,
    receiveBlockList,
    sendBlockList,
  }
  if (signal !== undefined) closeOn(socket, signal)
  if (opened.hasSubscribers) opened.publish({ socket })
}

/** What comes in, as events. */
class Owner implements DatagramOwner {
  readonly #socket: DatagramSocket

  constructor(socket: DatagramSocket) {
    this.#socket = socket
  }

  received(data: Buffer, from: RemoteInfo): void {
    const socket = this.#socket
    const { receiveBlockList } = socket[STATE]
    if (receiveBlockList?.check(from.address, from.family === 'IPv6' ? 'ipv6' : 'ipv4')) return
    socket.emit('message', data, from)
  }

  failed(errno: number): void {
    this.#socket.emit('error', errnoException(errno, 'recvmsg'))
  }
}

function closeOn(socket: DatagramSocket, signal: unknown): void {
  validateAbortSignal(signal, 'options.signal')
  const abort = () => {
    if (socket[STATE].handle !== null) socket.close()
  }
  if (signal === undefined || signal.aborted) {
    abort()
    return
  }
  signal.addEventListener('abort', abort, { once: true })
  socket.once('close', () => signal.removeEventListener('abort', abort))
}

function sizeOption(size: unknown, name: string): number {
  if (!size) return 0
  validateUint32(size, name)
  return size
}

function listOption(list: unknown, name: string): BlockList | null {
  if (!list) return null
  const { isBlockList } = BlockList as typeof BlockList & { isBlockList?(value: unknown): boolean }
  if (isBlockList === undefined ? list instanceof BlockList : isBlockList(list)) return list as BlockList
  throw invalidArgType(name, 'net.BlockList', list)
}

function address(this: DatagramSocket): AddressInfo {
  return named(running(this).getsockname(), 'getsockname')
}

function remoteAddress(this: DatagramSocket): AddressInfo {
  const handle = running(this)
  if (this[STATE].connected !== 'yes') throw nodeError('ERR_SOCKET_DGRAM_NOT_CONNECTED')
  return named(handle.getpeername(), 'getpeername')
}

function named(info: AddressInfo | number, call: string): AddressInfo {
  if (typeof info === 'number') throw errnoException(info, call)
  return info
}

function ref(this: DatagramSocket): DatagramSocket {
  this[STATE].handle?.ref()
  return this
}

function unref(this: DatagramSocket): DatagramSocket {
  this[STATE].handle?.unref()
  return this
}
