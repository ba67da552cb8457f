import type { Socket } from '../../socket/socket.ts'
import type { OctetChannel } from '../web/octet-channel.ts'
import { OctetReader } from './octet-reader.ts'

/** A connection that messages go over. */
export class HttpConnection {
  readonly channel: OctetChannel
  readonly reader: OctetReader
  /** Requests that it carried. */
  exchanges = 0
  readonly #socket: Socket

  constructor(channel: OctetChannel, socket: Socket) {
    this.channel = channel
    this.reader = new OctetReader(channel)
    this.#socket = socket
  }

  /** Whether it keeps the process alive. */
  keepAlive(wanted: boolean): void {
    if (wanted) this.#socket.ref()
    else this.#socket.unref()
  }

  /** Ends it in order. What waits on it is rejected. */
  close(): void {
    this.channel.close().catch(() => {})
  }

  /** Ends it so that the peer sees that something is missing. */
  abort(reason: unknown): void {
    this.channel.abort(reason).catch(() => {})
  }
}
