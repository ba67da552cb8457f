// Read first: dup(2), unix(7) on SCM_RIGHTS.

import { EBADF } from '../base/errno.ts'
import type { SocketAddress } from '../base/socket-address.ts'
import { closedEndpoint } from './closed-endpoint.ts'
import type { DescriptorTable } from './descriptor-table.ts'
import type { OpenDescription, OwnEndpoint } from './open-description.ts'
import type { Endpoint, Message, Watcher } from './provider.ts'

/**
 * A further descriptor of an open file description, made by dup(2) or received in a message. All is the shared endpoint's, state
 * and options too; only the descriptor and who watches through it are its own.
 */
export class Duplicate implements OwnEndpoint {
  fd: number
  readonly family: number
  readonly type: number
  readonly protocol: number
  readonly description: OpenDescription
  watcher: Watcher | null = null
  readonly #table: DescriptorTable<OwnEndpoint>
  #endpoint: Endpoint

  /** For OpenDescription, which enters it into `table`. */
  constructor(fd: number, description: OpenDescription, table: DescriptorTable<OwnEndpoint>) {
    const { endpoint } = description
    this.fd = fd
    this.family = endpoint.family
    this.type = endpoint.type
    this.protocol = endpoint.protocol
    this.description = description
    this.#table = table
    this.#endpoint = endpoint
  }

  get listening(): boolean {
    return this.fd >= 0 && this.description.endpoint.listening
  }

  bind(address: SocketAddress): number {
    return this.#endpoint.bind(address)
  }

  listen(backlog: number): number {
    return this.#endpoint.listen(backlog)
  }

  accept(peer: SocketAddress | null): Endpoint | number {
    return this.#endpoint.accept(peer)
  }

  connect(address: SocketAddress): number {
    return this.#endpoint.connect(address)
  }

  send(bytes: Uint8Array, start: number, end: number, flags: number): number {
    return this.#endpoint.send(bytes, start, end, flags)
  }

  recv(bytes: Uint8Array, start: number, end: number, flags: number): number {
    return this.#endpoint.recv(bytes, start, end, flags)
  }

  sendmsg(message: Message, flags: number): number {
    return this.#endpoint.sendmsg(message, flags)
  }

  recvmsg(message: Message, flags: number): number {
    return this.#endpoint.recvmsg(message, flags)
  }

  shutdown(how: number): number {
    return this.#endpoint.shutdown(how)
  }

  getOption(level: number, name: number, value: Uint8Array): number {
    return this.#endpoint.getOption(level, name, value)
  }

  setOption(level: number, name: number, value: Uint8Array): number {
    return this.#endpoint.setOption(level, name, value)
  }

  ioctl(request: number): number {
    return this.#endpoint.ioctl(request)
  }

  localAddress(into: SocketAddress): number {
    return this.#endpoint.localAddress(into)
  }

  peerAddress(into: SocketAddress): number {
    return this.#endpoint.peerAddress(into)
  }

  readiness(): number {
    return this.#endpoint.readiness()
  }

  watch(watcher: Watcher | null): void {
    this.watcher = watcher
  }

  close(): number {
    if (this.fd < 0) return -EBADF
    this.#table.release(this.fd)
    this.fd = -1
    this.#endpoint = closedEndpoint
    return this.description.leaveDuplicate(this)
  }
}
