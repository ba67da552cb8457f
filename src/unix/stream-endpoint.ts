// Read first: unix(7), send(2), recv(2); unix_stream_sendmsg and unix_stream_read_generic in Linux for order and errors.

import { MSG_OOB, MSG_PEEK, POLLIN, SOCK_STREAM } from '../base/constants.ts'
import type { Credentials } from '../base/credentials.ts'
import { EAGAIN, EBADF, EINVAL, EISCONN, ENOTCONN, EOPNOTSUPP, EPIPE } from '../base/errno.ts'
import type { OpenDescription } from '../socket/open-description.ts'
import type { Message } from '../socket/provider.ts'
import { total } from '../socket/waiting.ts'
import { type Ancillary, deliver, readAncillary, release } from './ancillary.ts'
import { ConnectionEndpoint } from './connection-endpoint.ts'
import { StreamQueue } from './stream-queue.ts'
import { fillSender, READ_SHUT, WRITE_SHUT } from './unix-endpoint.ts'
import type { UnixSystem } from './unix-system.ts'

const NOBODY: Credentials = { pid: 0, uid: 0, gid: 0 }

/** A SOCK_STREAM. We differ: there is no MSG_OOB, which Linux has on Unix streams since 5.15. */
export class StreamEndpoint extends ConnectionEndpoint {
  readonly incoming: StreamQueue = new StreamQueue()

  constructor(system: UnixSystem, fd: number) {
    super(system, fd, SOCK_STREAM)
  }

  protected create(): StreamEndpoint {
    return new StreamEndpoint(this.system, -1)
  }

  get outstanding(): number {
    return this.peer === null ? 0 : (this.peer as StreamEndpoint).incoming.length
  }

  protected get readable(): boolean {
    return this.incoming.length > 0
  }

  protected unread(): number {
    return this.incoming.length
  }

  send(bytes: Uint8Array, start: number, end: number, flags: number): number {
    const room = this.#room(end - start, flags)
    if (room <= 0) return room
    const peer = this.peer as StreamEndpoint
    peer.incoming.write(bytes, start, start + room)
    peer.markReady(POLLIN)
    return room
  }

  sendmsg(message: Message, flags: number): number {
    if (this.closed) return -EBADF
    const ancillary = readAncillary(this.system, message.control)
    if (typeof ancillary === 'number') return ancillary
    const result = this.#sendmsg(message, flags, ancillary)
    if (result <= 0 && ancillary !== null) release(this.system, ancillary.files)
    return result
  }

  #sendmsg(message: Message, flags: number, ancillary: Ancillary | null): number {
    if (message.name !== null) return this.state === 'connected' ? -EISCONN : -EOPNOTSUPP
    const room = this.#room(total(message), flags)
    if (room <= 0) return room
    const { incoming } = this.peer as StreamEndpoint
    if (ancillary !== null) incoming.mark(room, ancillary)
    let left = room
    for (let i = 0; left > 0; i++) {
      const buffer = message.buffers[i] as Uint8Array
      const length = Math.min(left, buffer.length)
      incoming.write(buffer, 0, length)
      left -= length
    }
    this.peer?.markReady(POLLIN)
    return room
  }

  /** How many of `length` octets can be sent now, or why none. */
  #room(length: number, flags: number): number {
    if (this.closed) return -EBADF
    if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP
    if (this.state !== 'connected') return -ENOTCONN
    if ((this.shut & WRITE_SHUT) !== 0) return -EPIPE
    if (length === 0) return 0
    const room = this.sendBufferSize - this.outstanding
    return room <= 0 ? -EAGAIN : Math.min(length, room)
  }

  recv(bytes: Uint8Array, start: number, end: number, flags: number): number {
    const offset = this.#offset(flags)
    const length = this.#extent(offset, end - start, flags)
    if (length <= 0) return length
    this.incoming.peek(offset, length, bytes, start)
    if ((flags & MSG_PEEK) !== 0) this.#peeked(length)
    else this.#take(length)
    return length
  }

  recvmsg(message: Message, flags: number): number {
    const offset = this.#offset(flags)
    const length = this.#extent(offset, total(message), flags)
    if (length < 0) return length
    message.flags = 0
    message.control = []
    const { incoming, system } = this
    const ended = length === 0 && incoming.length <= offset
    fillSender(message.name, ended ? '' : this.peerName)
    // Linux: what SO_PASSCRED asks for comes with the end too, and is nobody's.
    if (ended && this.passCredentials) deliver(system, message, NOBODY, [])
    if (length === 0) return 0
    let done = 0
    for (let i = 0; done < length; i++) {
      const buffer = message.buffers[i] as Uint8Array
      const part = Math.min(length - done, buffer.length)
      incoming.peek(offset + done, part, buffer, 0)
      done += part
    }
    const sender = this.passCredentials ? (incoming.credentials(offset) ?? system.host.credentials) : null
    deliver(system, message, sender, incoming.files(offset, length))
    if ((flags & MSG_PEEK) !== 0) this.#peeked(length)
    else this.#take(length)
    return length
  }

  #offset(flags: number): number {
    return (flags & MSG_PEEK) !== 0 && this.peekOffset > 0 ? this.peekOffset : 0
  }

  /** How many of `most` octets a call gives, or why none. */
  #extent(offset: number, most: number, flags: number): number {
    if (this.closed) return -EBADF
    if (this.state !== 'connected') return -EINVAL
    if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP
    const length = this.incoming.extent(offset, most, this.passCredentials)
    // Without room: 0 where something is there, else as with room.
    if (length > 0 || (most === 0 && this.incoming.length > offset)) return length
    if (this.pendingError !== 0) return this.takeError()
    return (this.shut & READ_SHUT) !== 0 ? 0 : -EAGAIN
  }

  #peeked(length: number): void {
    if (this.peekOffset >= 0) this.peekOffset += length
  }

  #take(length: number): void {
    if (this.peekOffset > 0) this.peekOffset = Math.max(0, this.peekOffset - length)
    const before = this.incoming.length
    const files = this.incoming.take(length)
    this.peer?.written(before)
    if (files.length > 0) release(this.system, files)
  }

  protected clear(): void {
    this.incoming.clear()
  }

  protected forEachFile(visit: (file: OpenDescription) => void): void {
    this.incoming.forEachFile(visit)
  }

  protected takeFiles(): readonly OpenDescription[] {
    return this.incoming.takeFiles()
  }
}
