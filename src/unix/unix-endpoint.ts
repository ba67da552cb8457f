// Read first: unix(7), socket(7), poll(2).

import {
  AF_UNIX,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SIOCATMARK,
  SIOCINQ,
  SIOCOUTQ,
  SOCK_STREAM,
} from '../base/constants.ts'
import type { Credentials } from '../base/credentials.ts'
import { EBADF, EINVAL, ENOTTY, EOPNOTSUPP } from '../base/errno.ts'
import { type SocketAddress, SUN_PATH_LENGTH, unixPathLength } from '../base/socket-address.ts'
import type { OpenDescription, OwnEndpoint } from '../socket/open-description.ts'
import type { Endpoint, Message, Watcher } from '../socket/provider.ts'
import type { ReadyNode } from '../socket/ready-list.ts'
import { release } from './ancillary.ts'
import { getUnixOption, setUnixOption } from './unix-options.ts'
import type { UnixSystem } from './unix-system.ts'

/** Linux's net.core.wmem_default and rmem_default. */
const BUFFER_DEFAULT = 212_992

export const READ_SHUT = 1
export const WRITE_SHUT = 2
export const BOTH_SHUT = READ_SHUT | WRITE_SHUT

/** A Unix socket: what all types have in common. After close every call gives -EBADF. */
export abstract class UnixEndpoint implements OwnEndpoint, ReadyNode {
  readonly system: UnixSystem
  fd: number
  readonly family = AF_UNIX
  readonly type: number
  readonly protocol = 0
  watcher: Watcher | null = null
  description: OpenDescription | null = null
  readyEvents = 0
  nextReady: ReadyNode | null = null
  onReadyList = false
  closed = false
  /** Its own name: a path, an abstract name that begins with "\0", or '' for none. */
  name = ''
  /** READ_SHUT and WRITE_SHUT, by its own shutdown or the peer's. */
  shut = 0
  /** A positive errno. */
  pendingError = 0
  sendBufferSize: number = BUFFER_DEFAULT
  receiveBufferSize: number = BUFFER_DEFAULT
  /** SO_PASSCRED. */
  passCredentials = false
  /** SO_PEERCRED; null: nobody's. */
  peerCredentials: Credentials | null = null
  /** SO_PEEK_OFF; −1: off. */
  peekOffset = -1
  keptOptions: Map<number, Uint8Array> | null = null
  /** Sockets that wait for room in this one's queue, and those in whose queues this one waits for it. */
  #waiting: Set<UnixEndpoint> | null = null
  #waitsAt: Set<UnixEndpoint> | null = null

  constructor(system: UnixSystem, fd: number, type: number) {
    this.system = system
    this.fd = fd
    this.type = type
    system.endpoints.add(this)
  }

  /** What it has sent and nobody has received, as the send buffer counts it. */
  abstract readonly outstanding: number
  abstract readonly listening: boolean
  abstract listen(backlog: number): number
  abstract accept(peer: SocketAddress | null): Endpoint | number
  abstract connect(address: SocketAddress): number
  abstract send(bytes: Uint8Array, start: number, end: number, flags: number): number
  abstract recv(bytes: Uint8Array, start: number, end: number, flags: number): number
  abstract sendmsg(message: Message, flags: number): number
  abstract recvmsg(message: Message, flags: number): number
  abstract peerAddress(into: SocketAddress): number
  abstract readiness(): number
  /** SIOCINQ. */
  protected abstract unread(): number
  /** The peer's side of a shutdown. */
  protected abstract shutPeer(how: number): void
  /** The end of all that it has with others. */
  protected abstract end(): void
  /** Visits the open sockets in messages that wait to be received, and connections that wait to be accepted. */
  abstract forEachHeld(file: (file: OpenDescription) => void, connection: (endpoint: UnixEndpoint) => void): void
  /** Throws away what waits to be received. The files have been taken. */
  protected abstract clear(): void
  /** Takes the open sockets out of the messages that wait to be received: they are the caller's to release. */
  protected abstract takeFiles(): readonly OpenDescription[]

  bind(address: SocketAddress): number {
    if (this.closed) return -EBADF
    if (address.family !== AF_UNIX) return -EINVAL
    const name = nameIn(address)
    return unixPathLength(name) > SUN_PATH_LENGTH ? -EINVAL : this.system.names.bind(this, name)
  }

  /** unix(7): with SO_PASSCRED a socket that connects or sends takes a name, if it has none. 0 or a negated errno. */
  protected bindForCredentials(): number {
    return this.passCredentials && this.name === '' ? this.system.names.bind(this, '') : 0
  }

  shutdown(how: number): number {
    if (this.closed) return -EBADF
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) return -EINVAL
    const bits = how + 1
    this.shut |= bits
    this.shutPeer(bits)
    this.markReady(POLLIN | POLLOUT | POLLRDHUP)
    this.roomAgain()
    return 0
  }

  getOption(level: number, name: number, value: Uint8Array): number {
    return this.closed ? -EBADF : getUnixOption(this, level, name, value)
  }

  setOption(level: number, name: number, value: Uint8Array): number {
    return this.closed ? -EBADF : setUnixOption(this, level, name, value)
  }

  ioctl(request: number): number {
    if (this.closed) return -EBADF
    if (request === SIOCINQ) return this.listening ? -EINVAL : this.unread()
    if (request === SIOCOUTQ) return this.listening ? 0 : this.outstanding
    if (request !== SIOCATMARK) return -ENOTTY
    return this.type === SOCK_STREAM ? 0 : -EOPNOTSUPP
  }

  localAddress(into: SocketAddress): number {
    if (this.closed) return -EBADF
    into.setUnix(this.name)
    return 0
  }

  watch(watcher: Watcher | null): void {
    if (this.description === null) this.watcher = watcher
    else this.description.watch(watcher)
  }

  close(): number {
    if (this.closed) return -EBADF
    const left = this.description === null ? 1 : this.description.leave(this.system.host.descriptors)
    if (left <= 0) return left
    this.closed = true
    if (this.fd >= 0) this.system.host.descriptors.release(this.fd)
    this.fd = -1
    this.watcher = null
    this.system.names.release(this)
    this.system.endpoints.delete(this)
    this.roomAgain()
    if (this.#waitsAt !== null) for (const other of this.#waitsAt) other.#waiting?.delete(this)
    this.#waitsAt = null
    const files = this.takeFiles()
    this.end()
    if (files.length > 0) release(this.system, files)
    return 0
  }

  /** For OpenDescription. */
  orphaned(): void {
    this.system.collect()
  }

  /** Throws away messages that nobody can receive any more, and lets go of what they carried. */
  purge(): void {
    const files = this.takeFiles()
    this.clear()
    if (files.length > 0) release(this.system, files)
  }

  /** Has the watcher told of `events` at the end of the burst. */
  markReady(events: number): void {
    if (!this.closed) this.system.host.markReady(this, events)
  }

  /** Takes the pending error: negated, 0 where there is none. */
  takeError(): number {
    const error = this.pendingError
    this.pendingError = 0
    return -error
  }

  /** Linux wakes writers when three quarters of the send buffer are free: unix_writable. */
  get writable(): boolean {
    return 4 * this.outstanding <= this.sendBufferSize
  }

  /** For the receiver, when `outstanding` has shrunk from `before`: who waits to write is told where that is enough. */
  written(before: number): void {
    if (4 * before > this.sendBufferSize && this.writable) this.markReady(POLLOUT)
  }

  /** SO_SNDBUF has another value. */
  sendBufferChanged(): void {
    if (this.writable) this.markReady(POLLOUT)
  }

  /** Has POLLOUT told when there is room in the queue of `other`, or it is gone. */
  protected awaitRoom(other: UnixEndpoint): void {
    other.#waiting ??= new Set()
    other.#waiting.add(this)
    this.#waitsAt ??= new Set()
    this.#waitsAt.add(other)
  }

  /** There is room in the queue, or no queue any more. */
  protected roomAgain(): void {
    const waiting = this.#waiting
    if (waiting === null) return
    this.#waiting = null
    for (const other of waiting) {
      other.#waitsAt?.delete(this)
      other.markReady(POLLOUT)
    }
  }
}

/** The name in a Unix address: a path ends at its first NUL, as in C. */
export function nameIn({ path }: SocketAddress): string {
  const end = path.indexOf('\0')
  return end > 0 ? path.slice(0, end) : path
}

/** Fills in whom something came from; AF_UNSPEC where he has no name, as recvfrom(2) then says a length of 0. */
export function fillSender(into: SocketAddress | null, name: string): void {
  if (into === null) return
  into.setUnix(name)
  if (name === '') into.family = 0
}

/** The name to connect or send to; -EINVAL for what is none: unix_validate_addr. */
export function destination(address: SocketAddress): string | number {
  if (address.family !== AF_UNIX) return -EINVAL
  const name = nameIn(address)
  return name === '' || unixPathLength(name) > SUN_PATH_LENGTH ? -EINVAL : name
}
