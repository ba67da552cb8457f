// Read first: unix(7), listen(2), accept(2), connect(2), shutdown(2), socketpair(2).

import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, SOMAXCONN } from '../base/constants.ts'
import { EAGAIN, EBADF, ECONNREFUSED, ECONNRESET, EINVAL, EISCONN, ENOTCONN } from '../base/errno.ts'
import type { SocketAddress } from '../base/socket-address.ts'
import type { OpenDescription } from '../socket/open-description.ts'
import type { Endpoint } from '../socket/provider.ts'
import { BOTH_SHUT, destination, READ_SHUT, UnixEndpoint, WRITE_SHUT } from './unix-endpoint.ts'

/** What is told of the end of a connection. */
const OVER = POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP

type State = 'unconnected' | 'listening' | 'connected'

/** What SOCK_STREAM and SOCK_SEQPACKET share: connections. One that has been connected stays so, even when its peer is gone. */
export abstract class ConnectionEndpoint extends UnixEndpoint {
  protected state: State = 'unconnected'
  /** null also where the peer is gone. */
  peer: ConnectionEndpoint | null = null
  /** What the peer was called when it went. */
  #peerName = ''
  #backlog = 0
  /** Connections that wait to be accepted. */
  readonly #queue: ConnectionEndpoint[] = []

  /** One of the same type. */
  protected abstract create(): ConnectionEndpoint
  /** Whether something waits to be received. */
  protected abstract readonly readable: boolean

  get listening(): boolean {
    return this.state === 'listening'
  }

  /** Makes the two ends of a connection. */
  static join(left: ConnectionEndpoint, right: ConnectionEndpoint): void {
    left.peer = right
    right.peer = left
    left.state = 'connected'
    right.state = 'connected'
    left.peerCredentials = left.system.host.credentials
    right.peerCredentials = left.peerCredentials
  }

  listen(backlog: number): number {
    if (this.closed) return -EBADF
    if (this.state === 'connected' || this.name === '') return -EINVAL
    this.state = 'listening'
    this.peerCredentials = this.system.host.credentials
    this.#backlog = Math.min(backlog >>> 0, SOMAXCONN)
    if (!this.#full) this.roomAgain()
    return 0
  }

  /** Connections that wait to be accepted, and how many may: for listings. */
  get queued(): number {
    return this.#queue.length
  }

  get backlog(): number {
    return this.#backlog
  }

  // As in Linux one more than asked for.
  get #full(): boolean {
    return this.#queue.length > this.#backlog
  }

  accept(peer: SocketAddress | null): Endpoint | number {
    if (this.closed) return -EBADF
    if (this.state !== 'listening') return -EINVAL
    const connection = this.#queue[0]
    // We differ: Linux says EINVAL to who waits when the socket is shut down, and EAGAIN to who does not wait at all.
    if (connection === undefined) return (this.shut & READ_SHUT) !== 0 ? -EINVAL : -EAGAIN
    const { descriptors } = this.system.host
    const fd = descriptors.reserve()
    if (fd < 0) return fd
    this.#queue.shift()
    connection.fd = fd
    descriptors.set(fd, connection)
    if (peer !== null) connection.peerAddress(peer)
    if (!this.#full) this.roomAgain()
    return connection
  }

  connect(address: SocketAddress): number {
    if (this.closed) return -EBADF
    const name = destination(address)
    if (typeof name === 'number') return name
    const bound = this.bindForCredentials()
    if (bound < 0) return bound
    const found = this.system.names.find(name, this.type)
    if (typeof found === 'number') return found
    const listener = found as ConnectionEndpoint
    if (listener.state !== 'listening' || (listener.shut & READ_SHUT) !== 0) return -ECONNREFUSED
    if (listener.#full) {
      this.awaitRoom(listener)
      return -EAGAIN
    }
    if (this.state !== 'unconnected') return this.state === 'connected' ? -EISCONN : -EINVAL
    const connection = listener.create()
    ConnectionEndpoint.join(this, connection)
    connection.name = listener.name
    connection.passCredentials = listener.passCredentials
    listener.#queue.push(connection)
    listener.markReady(POLLIN)
    this.markReady(POLLOUT)
    return 0
  }

  peerAddress(into: SocketAddress): number {
    if (this.closed) return -EBADF
    if (this.state !== 'connected') return -ENOTCONN
    into.setUnix(this.peerName)
    return 0
  }

  /** '' where it has none. */
  protected get peerName(): string {
    return this.peer === null ? this.#peerName : this.peer.name
  }

  readiness(): number {
    let events = 0
    if (this.pendingError !== 0) events |= POLLERR
    if ((this.shut & READ_SHUT) !== 0) events |= POLLIN | POLLRDHUP
    if (this.shut === BOTH_SHUT || this.state === 'unconnected') events |= POLLHUP
    if (this.state === 'listening') return this.#queue.length > 0 ? events | POLLIN : events
    if (this.readable) events |= POLLIN
    if (this.writable) events |= POLLOUT
    return events
  }

  // unix(7) has no handshake: what one end shuts, the other finds shut at once.
  protected shutPeer(bits: number): void {
    const { peer } = this
    if (peer === null) return
    if ((bits & READ_SHUT) !== 0) peer.shut |= WRITE_SHUT
    if ((bits & WRITE_SHUT) !== 0) peer.shut |= READ_SHUT
    peer.markReady(OVER)
  }

  protected end(): void {
    for (const connection of this.#queue.splice(0)) {
      connection.#endWith(ECONNRESET)
      connection.close()
    }
    this.#endWith(this.missed ? ECONNRESET : 0)
    this.clear()
  }

  /** Whether something was sent here that nobody has received. */
  protected get missed(): boolean {
    return this.unread() > 0
  }

  /** The peer finds the connection over, and `error` where what it sent was not read. */
  #endWith(error: number): void {
    const { peer } = this
    if (peer === null) return
    this.peer = null
    peer.peer = null
    peer.#peerName = this.name
    peer.shut = BOTH_SHUT
    if (error !== 0) peer.pendingError = error
    peer.markReady(OVER)
  }

  forEachHeld(file: (file: OpenDescription) => void, connection: (endpoint: UnixEndpoint) => void): void {
    this.forEachFile(file)
    for (const waiting of this.#queue) connection(waiting)
  }

  protected abstract forEachFile(visit: (file: OpenDescription) => void): void

  override purge(): void {
    for (const waiting of this.#queue) waiting.purge()
    super.purge()
  }
}
