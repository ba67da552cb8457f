import { SOCK_STREAM } from '../../base/constants.ts'
import { EBADF, EINVAL, EMSGSIZE } from '../../base/errno.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Endpoint, Message, Watcher } from '../provider.ts'
import { DATA_LENGTH, MESSAGE_FLAGS } from './call-memory.ts'
import {
  ACCEPT,
  BIND,
  CLOSE,
  CONNECT,
  DETACH,
  GET_OPTION,
  IOCTL,
  LISTEN,
  LOCAL_ADDRESS,
  PEER_ADDRESS,
  PLAIN,
  READINESS,
  RECV,
  RECVMSG,
  SEND,
  SENDMSG,
  SET_OPTION,
  SHUTDOWN,
  WANTS_NAME,
} from './operation.ts'
import type { RemoteProvider } from './remote-provider.ts'

export const BLOCKING_ALONE: string =
  'sockets of a RemoteProvider are for BlockingSocket: for promises use a Socket in the thread that owns the provider'

/** A socket of another thread's provider: each call is made there, and answers here. */
export class RemoteEndpoint implements Endpoint {
  fd: number
  readonly family: number
  readonly type: number
  readonly protocol: number
  readonly #provider: RemoteProvider

  constructor(provider: RemoteProvider, fd: number, family: number, type: number, protocol: number) {
    this.#provider = provider
    this.fd = fd
    this.family = family
    this.type = type
    this.protocol = protocol
  }

  bind(address: SocketAddress): number {
    return this.#named(BIND, address)
  }

  listen(backlog: number): number {
    return this.#call(LISTEN, backlog)
  }

  accept(peer: SocketAddress | null): Endpoint | number {
    const result = this.#call(ACCEPT, peer === null ? 0 : 1)
    if (result < 0) return result
    if (peer !== null) this.#readName(peer)
    return this.#provider.newEndpoint()
  }

  connect(address: SocketAddress): number {
    return this.#named(CONNECT, address)
  }

  send(bytes: Uint8Array, start: number, end: number, flags: number): number {
    const length = this.#room(end - start)
    if (length < 0) return length
    this.#provider.memory.data.set(bytes.subarray(start, start + length))
    return this.#call(SEND, length, flags)
  }

  recv(bytes: Uint8Array, start: number, end: number, flags: number): number {
    const room = Math.min(end - start, DATA_LENGTH)
    const result = this.#call(RECV, room, flags)
    // With MSG_TRUNC it is the length of the whole.
    if (result > 0) bytes.set(this.#provider.memory.data.subarray(0, Math.min(result, room)), start)
    return result
  }

  sendmsg(message: Message, flags: number): number {
    const { memory } = this.#provider
    let at = 0
    for (const buffer of message.buffers) at += buffer.length
    const length = this.#room(at)
    if (length < 0) return length
    at = 0
    for (const buffer of message.buffers) {
      const part = buffer.subarray(0, length - at)
      memory.data.set(part, at)
      at += part.length
    }
    if (!memory.writeControl(message.control)) return -EINVAL
    memory.writeName(message.name)
    return this.#call(SENDMSG, length, flags, message.name === null ? 0 : WANTS_NAME)
  }

  recvmsg(message: Message, flags: number): number {
    const { memory } = this.#provider
    let room = 0
    for (const buffer of message.buffers) room += buffer.length
    room = Math.min(room, DATA_LENGTH)
    memory.controlLength = message.controlLength
    const wants = (message.name === null ? 0 : WANTS_NAME) | (message.plain ? PLAIN : 0)
    const result = this.#call(RECVMSG, room, flags, wants)
    if (result < 0) return result
    let left = Math.min(result, room)
    let at = 0
    for (const buffer of message.buffers) {
      const length = Math.min(left, buffer.length)
      buffer.set(memory.data.subarray(at, at + length))
      at += length
      left -= length
    }
    if (message.name !== null) this.#readName(message.name)
    message.control = memory.readControl()
    message.flags = memory.slot(MESSAGE_FLAGS)
    return result
  }

  shutdown(how: number): number {
    return this.#call(SHUTDOWN, how)
  }

  getOption(level: number, name: number, value: Uint8Array): number {
    const room = Math.min(value.length, DATA_LENGTH)
    const result = this.#call(GET_OPTION, level, name, room)
    if (result > 0) value.set(this.#provider.memory.data.subarray(0, Math.min(result, room)))
    return result
  }

  setOption(level: number, name: number, value: Uint8Array): number {
    if (value.length > DATA_LENGTH) return -EINVAL
    this.#provider.memory.data.set(value)
    return this.#call(SET_OPTION, level, name, value.length)
  }

  ioctl(request: number): number {
    return this.#call(IOCTL, request)
  }

  localAddress(into: SocketAddress): number {
    return this.#askName(LOCAL_ADDRESS, into)
  }

  peerAddress(into: SocketAddress): number {
    return this.#askName(PEER_ADDRESS, into)
  }

  readiness(): number {
    return this.#call(READINESS)
  }

  watch(watcher: Watcher | null): void {
    if (watcher !== null) throw new Error(BLOCKING_ALONE)
  }

  detach(): void {
    this.#call(DETACH)
    this.#leave()
  }

  close(): number {
    if (this.fd < 0) return -EBADF
    this.#call(CLOSE)
    this.#leave()
    return 0
  }

  #leave(): void {
    this.#provider.forget(this.fd)
    this.fd = -1
  }

  #call(operation: number, a = 0, b = 0, c = 0): number {
    return this.fd < 0 ? -EBADF : this.#provider.call(operation, this.fd, a, b, c)
  }

  #named(operation: number, address: SocketAddress): number {
    this.#provider.memory.writeName(address)
    return this.#call(operation)
  }

  #askName(operation: number, into: SocketAddress): number {
    const result = this.#call(operation)
    if (result >= 0) this.#readName(into)
    return result
  }

  #readName(into: SocketAddress): void {
    if (!this.#provider.memory.readName(into)) into.set(new SocketAddress())
  }

  /** How many of `length` octets go in one call; a datagram goes whole or not at all. */
  #room(length: number): number {
    if (length <= DATA_LENGTH) return length
    return this.type === SOCK_STREAM ? DATA_LENGTH : -EMSGSIZE
  }
}
