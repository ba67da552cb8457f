// Read first: unix(7), send(2), recv(2); unix_seqpacket_sendmsg and unix_dgram_sendmsg in Linux for order and errors.

import { MSG_OOB, POLLIN, SOCK_SEQPACKET } from '../base/constants.ts'
import { EAGAIN, EBADF, EMSGSIZE, ENOTCONN, EOPNOTSUPP, EPIPE } from '../base/errno.ts'
import type { OpenDescription } from '../socket/open-description.ts'
import type { Message } from '../socket/provider.ts'
import { total } from '../socket/waiting.ts'
import { readAncillary, release } from './ancillary.ts'
import { ConnectionEndpoint } from './connection-endpoint.ts'
import { RECORD_COST, RecordQueue, type RecordSender, UnixRecord } from './record-queue.ts'
import { discardRecords, findRecord, receiveMessage, receiveOctets } from './record-receiving.ts'
import { fillSender, READ_SHUT, WRITE_SHUT } from './unix-endpoint.ts'
import type { UnixSystem } from './unix-system.ts'

/** Linux takes this off the send buffer for the longest record. */
export const SEND_BUFFER_RESERVE = 32

/** A SOCK_SEQPACKET: a connection whose records keep their bounds. As in Linux, MSG_EOR is taken and not told. */
export class SeqpacketEndpoint extends ConnectionEndpoint implements RecordSender {
  readonly incoming: RecordQueue = new RecordQueue()
  outstanding = 0

  constructor(system: UnixSystem, fd: number) {
    super(system, fd, SOCK_SEQPACKET)
  }

  protected create(): SeqpacketEndpoint {
    return new SeqpacketEndpoint(this.system, -1)
  }

  protected get readable(): boolean {
    return this.incoming.count > 0
  }

  // Linux: a record without octets is not missed where it is the first, and is where another lies before it.
  protected override get missed(): boolean {
    return this.incoming.count > 1 || this.incoming.length > 0
  }

  protected unread(): number {
    return this.incoming.length
  }

  recordGone(cost: number): void {
    const before = this.outstanding
    this.outstanding = before - cost
    this.written(before)
  }

  send(bytes: Uint8Array, start: number, end: number, flags: number): number {
    const length = end - start
    const result = this.#check(length, flags)
    if (result < 0) return result
    const { incoming } = this.peer as SeqpacketEndpoint
    incoming.push(new UnixRecord(length, this, null))
    incoming.write(bytes, start, end)
    return this.#sent(length)
  }

  // A name is not looked at: there is one peer.
  sendmsg(message: Message, flags: number): number {
    if (this.closed) return -EBADF
    // Before what comes with it is looked at: unix_seqpacket_sendmsg.
    if (this.pendingError !== 0) return this.takeError()
    if (this.state !== 'connected') return -ENOTCONN
    const ancillary = readAncillary(this.system, message.control)
    if (typeof ancillary === 'number') return ancillary
    const length = total(message)
    const result = this.#check(length, flags)
    if (result < 0) {
      if (ancillary !== null) release(this.system, ancillary.files)
      return result
    }
    const { incoming } = this.peer as SeqpacketEndpoint
    incoming.push(new UnixRecord(length, this, ancillary))
    for (const buffer of message.buffers) incoming.write(buffer, 0, buffer.length)
    return this.#sent(length)
  }

  #check(length: number, flags: number): number {
    if (this.closed) return -EBADF
    if (this.pendingError !== 0) return this.takeError()
    if (this.state !== 'connected') return -ENOTCONN
    if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP
    const bound = this.bindForCredentials()
    if (bound < 0) return bound
    if (length > this.sendBufferSize - SEND_BUFFER_RESERVE) return -EMSGSIZE
    if ((this.shut & WRITE_SHUT) !== 0) return -EPIPE
    return this.outstanding >= this.sendBufferSize ? -EAGAIN : 0
  }

  #sent(length: number): number {
    this.outstanding += length + RECORD_COST
    this.peer?.markReady(POLLIN)
    return length
  }

  recv(bytes: Uint8Array, start: number, end: number, flags: number): number {
    const result = this.#find(flags)
    return result <= 0 ? result : receiveOctets(this, this.incoming, bytes, start, end, flags)
  }

  recvmsg(message: Message, flags: number): number {
    const result = this.#find(flags)
    if (result > 0) return receiveMessage(this, this.incoming, message, flags)
    if (result < 0) return result
    message.flags = 0
    message.control = []
    fillSender(message.name, '')
    return 0
  }

  /** 1: there is a record; 0: the end; or a negated errno. An error comes before what was sent in front of it, as in Linux. */
  #find(flags: number): number {
    if (this.closed) return -EBADF
    if (this.state !== 'connected') return -ENOTCONN
    if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP
    if (this.pendingError !== 0) return this.takeError()
    if (findRecord(this, this.incoming, flags)) return 1
    return (this.shut & READ_SHUT) !== 0 ? 0 : -EAGAIN
  }

  protected clear(): void {
    discardRecords(this.incoming)
  }

  protected forEachFile(visit: (file: OpenDescription) => void): void {
    this.incoming.forEachFile(visit)
  }

  protected takeFiles(): readonly OpenDescription[] {
    return this.incoming.takeFiles()
  }
}
