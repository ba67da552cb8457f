// Read first: unix(7), send(2), recv(2), connect(2); unix_dgram_sendmsg and unix_dgram_connect in Linux for order and errors.

import { AF_UNSPEC, MSG_OOB, POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, SOCK_DGRAM } from '../base/constants.ts'
import { EAGAIN, EBADF, ECONNREFUSED, ECONNRESET, EMSGSIZE, ENOTCONN, EOPNOTSUPP, EPERM, EPIPE } from '../base/errno.ts'
import type { SocketAddress } from '../base/socket-address.ts'
import type { OpenDescription } from '../socket/open-description.ts'
import type { Message } from '../socket/provider.ts'
import { total } from '../socket/waiting.ts'
import { type Ancillary, readAncillary, release } from './ancillary.ts'
import { RECORD_COST, RecordQueue, type RecordSender, UnixRecord } from './record-queue.ts'
import { discardRecords, findRecord, receiveMessage, receiveOctets } from './record-receiving.ts'
import { SEND_BUFFER_RESERVE } from './seqpacket-endpoint.ts'
import { BOTH_SHUT, destination, fillSender, READ_SHUT, UnixEndpoint, WRITE_SHUT } from './unix-endpoint.ts'
import type { UnixSystem } from './unix-system.ts'

/** A SOCK_DGRAM: nothing is lost, what cannot be queued is not taken. */
export class DatagramEndpoint extends UnixEndpoint implements RecordSender {
  readonly listening = false
  readonly incoming: RecordQueue = new RecordQueue()
  outstanding = 0
  /** The peer of a connected one. It may be closed: that is found out when something is sent. */
  peer: DatagramEndpoint | null = null

  constructor(system: UnixSystem, fd: number) {
    super(system, fd, SOCK_DGRAM)
  }

  /** Makes a pair. */
  static join(left: DatagramEndpoint, right: DatagramEndpoint): void {
    left.peer = right
    right.peer = left
    left.peerCredentials = left.system.host.credentials
    right.peerCredentials = left.peerCredentials
  }

  listen(_backlog: number): number {
    return this.closed ? -EBADF : -EOPNOTSUPP
  }

  accept(_peer: SocketAddress | null): number {
    return this.closed ? -EBADF : -EOPNOTSUPP
  }

  connect(address: SocketAddress): number {
    if (this.closed) return -EBADF
    if (address.family === AF_UNSPEC) {
      this.#setPeer(null)
      return 0
    }
    const bound = this.bindForCredentials()
    const other = this.#find(address)
    if (typeof other === 'number') return other
    if (bound < 0) return bound
    if (!other.#hears(this)) return -EPERM
    this.#setPeer(other)
    return 0
  }

  // What came from the old peer is thrown away, and the old peer, if it still sends here, is told.
  #setPeer(peer: DatagramEndpoint | null): void {
    const old = this.peer
    this.peer = peer
    if (old === null || old === peer) return
    if (this.incoming.count > 0) {
      this.purge()
      this.roomAgain()
      if (!old.closed && old.peer === this) {
        old.pendingError = ECONNRESET
        old.markReady(POLLERR)
      }
    }
    this.markReady(POLLOUT)
  }

  #find(address: SocketAddress): DatagramEndpoint | number {
    const name = destination(address)
    if (typeof name === 'number') return name
    return this.system.names.find(name, SOCK_DGRAM) as DatagramEndpoint | number
  }

  /** A connected socket hears its peer alone. */
  #hears(sender: DatagramEndpoint): boolean {
    return this.peer === null || this.peer === sender
  }

  /** Whether `sender` finds the queue full. Who is this one's peer is bounded by his own send buffer alone. */
  #fullFor(sender: DatagramEndpoint): boolean {
    return (
      this !== sender && this.peer !== sender && this.incoming.count > this.system.limits.datagramQueue && !this.closed
    )
  }

  peerAddress(into: SocketAddress): number {
    if (this.closed) return -EBADF
    if (this.peer === null) return -ENOTCONN
    into.setUnix(this.peer.name)
    return 0
  }

  send(bytes: Uint8Array, start: number, end: number, flags: number): number {
    const length = end - start
    const receiver = this.#receiver(null, length, flags)
    if (typeof receiver === 'number') return receiver
    const record = this.#record(length, null)
    receiver.incoming.push(record)
    receiver.incoming.write(bytes, start, end)
    receiver.markReady(POLLIN)
    return length
  }

  sendmsg(message: Message, flags: number): number {
    if (this.closed) return -EBADF
    const ancillary = readAncillary(this.system, message.control)
    if (typeof ancillary === 'number') return ancillary
    const length = total(message)
    const receiver = this.#receiver(message.name, length, flags)
    if (typeof receiver === 'number') {
      if (ancillary !== null) release(this.system, ancillary.files)
      return receiver
    }
    const record = this.#record(length, ancillary)
    receiver.incoming.push(record)
    for (const buffer of message.buffers) receiver.incoming.write(buffer, 0, buffer.length)
    receiver.markReady(POLLIN)
    return length
  }

  #record(length: number, ancillary: Ancillary | null): UnixRecord {
    this.outstanding += length + RECORD_COST
    return new UnixRecord(length, this, ancillary)
  }

  /** Whose queue takes `length` octets now, or why nobody's. */
  #receiver(to: SocketAddress | null, length: number, flags: number): DatagramEndpoint | number {
    if (this.closed) return -EBADF
    if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP
    const name = to === null ? '' : destination(to)
    if (typeof name === 'number') return name
    const bound = this.bindForCredentials()
    if (bound < 0) return bound
    if (length > this.sendBufferSize - SEND_BUFFER_RESERVE) return -EMSGSIZE
    if (this.pendingError !== 0) return this.takeError()
    if ((this.shut & WRITE_SHUT) !== 0) return -EPIPE
    if (this.outstanding >= this.sendBufferSize) return -EAGAIN
    const receiver = to === null ? (this.peer ?? -ENOTCONN) : this.#find(to)
    if (typeof receiver === 'number') return receiver
    if (receiver.closed) {
      this.#setPeer(null)
      return -ECONNREFUSED
    }
    if (!receiver.#hears(this)) return -EPERM
    if ((receiver.shut & READ_SHUT) !== 0) return -EPIPE
    if (receiver.#fullFor(this)) {
      this.awaitRoom(receiver)
      return -EAGAIN
    }
    return receiver
  }

  recordGone(cost: number): void {
    const before = this.outstanding
    this.outstanding = before - cost
    this.written(before)
  }

  recv(bytes: Uint8Array, start: number, end: number, flags: number): number {
    const result = this.#look(flags)
    if (result <= 0) return result
    const length = receiveOctets(this, this.incoming, bytes, start, end, flags)
    this.#tellRoom()
    return length
  }

  recvmsg(message: Message, flags: number): number {
    const result = this.#look(flags)
    if (result < 0) return result
    if (result === 0) {
      message.flags = 0
      message.control = []
      fillSender(message.name, '')
      return 0
    }
    const length = receiveMessage(this, this.incoming, message, flags)
    this.#tellRoom()
    return length
  }

  // 1: there is a datagram. We differ: on a socket that is shut down Linux gives 0 to who waits, and EAGAIN to who does not.
  #look(flags: number): number {
    if (this.closed) return -EBADF
    if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP
    if (this.pendingError !== 0) return this.takeError()
    if (findRecord(this, this.incoming, flags)) return 1
    return (this.shut & READ_SHUT) !== 0 ? 0 : -EAGAIN
  }

  #tellRoom(): void {
    if (this.incoming.count <= this.system.limits.datagramQueue) this.roomAgain()
  }

  protected unread(): number {
    return this.incoming.head?.length ?? 0
  }

  readiness(): number {
    let events = 0
    if (this.pendingError !== 0) events |= POLLERR
    if ((this.shut & READ_SHUT) !== 0) events |= POLLIN | POLLRDHUP
    if (this.shut === BOTH_SHUT) events |= POLLHUP
    if (this.incoming.count > 0) events |= POLLIN
    return this.#mayWrite() ? events | POLLOUT : events
  }

  #mayWrite(): boolean {
    if (!this.writable) return false
    const { peer } = this
    if (peer === null || !peer.#fullFor(this)) return true
    // Who has looked wants to hear when that changes.
    this.awaitRoom(peer)
    return false
  }

  // Datagram sockets shut down each for itself.
  protected shutPeer(_bits: number): void {}

  protected end(): void {
    this.peer = null
    this.clear()
  }

  protected clear(): void {
    discardRecords(this.incoming)
  }

  forEachHeld(file: (file: OpenDescription) => void): void {
    this.incoming.forEachFile(file)
  }

  protected takeFiles(): readonly OpenDescription[] {
    return this.incoming.takeFiles()
  }
}
