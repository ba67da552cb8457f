// Read first: timestamping in the manual of SO_TIMESTAMPING (socket(7)), MSG_ZEROCOPY (send(2)).

/** Who follows the octets of a connection on their way: for time stamps, and for buffers that are lent. */
export interface StreamWatcher {
  /** The application has given octets up to `end`; nothing of them has been sent. */
  written(end: number): void
  /** Octets from `from` up to `to` lie in the host's frame, up to `frameEnd`, and went to the device. */
  sent(from: number, to: number, frameEnd: number): void
  /** All before `una` has arrived. */
  acknowledged(una: number): void
  /** Octets up to `next` can be read. */
  received(next: number): void
  /** The connection is over: what has not arrived never will. */
  ended(): void
}
