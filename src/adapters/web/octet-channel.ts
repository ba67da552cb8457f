/** What streams of the web run over: a connection both ways, whatever carries it. */
export interface OctetChannel {
  /** Receives what is there into `into`, waiting while nothing is; how many octets, 0 at the end. One call at a time. */
  read(into: Uint8Array<ArrayBuffer>): Promise<number>
  /** Resolves when all octets have been taken. One call at a time. */
  write(bytes: Uint8Array): Promise<void>
  /** Sends the end of the stream, behind what was written. */
  end(): void | Promise<void>
  /** Nobody reads any more. */
  mute(): void
  /** Throws away what was not sent, and tells the peer: on TCP a reset. */
  abort(reason: unknown): Promise<void>
  /** Ends both ways in order; a call that waits is rejected. The second time nothing. */
  close(): Promise<void>
}
