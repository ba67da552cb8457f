// Read first: RFC 9937 (PRR), RFC 5682 (F-RTO), RFC 3522, RFC 3708 (undo), RFC 8985 (RACK-TLP).

/** DupThresh, and Linux's measure of reordering to begin with (tcp_reordering). */
export const REORDERING_INITIAL = 3
/** tcp_max_reordering. */
export const REORDERING_MAX = 300

/**
 * What a connection keeps to mend losses, and to find out that there were none. It has one from the first trouble on, which most
 * connections never see.
 */
export class Repair {
  // Undo: while `undoable`, the last reduction of the windows may yet prove wrong.
  undoable = false
  /** SND.UNA when it was made. */
  undoMarker = 0
  /** Retransmissions since, less the duplicates that the peer has reported; −1: there was none. */
  undoResent = 0
  /** ssthresh and cwnd before; 0: what reduced them cannot be undone. */
  priorThreshold = 0
  priorWindow = 0
  /** The timestamp, or time, of the first retransmission of this episode. */
  stamped = false
  stamp = 0

  // Proportional rate reduction: packets delivered, and sent, since it began.
  prrDelivered = 0
  prrOut = 0
  /** SND.NXT when a lost retransmission last shrank the window: once a round trip is enough. */
  shrunkAt = 0

  /** RFC 5682: a time-out is being examined. */
  frto = false
  /** What is lost may be sent again: the last acknowledgement, or a timer, said so. */
  resendDue = false
  /** Only new data may go: its answer tells whether the time-out was spurious. */
  newDue = false
  reneged = false

  // Time-outs of retransmission, in how many episodes, and since when the last goes on; how long those before lasted, milliseconds.
  timeouts = 0
  timeoutEpisodes = 0
  timedOut = false
  timedOutAt = 0
  timedOutTime = 0

  // Reordering, in packets; how often it was seen; duplicates that the peer has reported.
  reordering = REORDERING_INITIAL
  reorderingSeen = 0
  duplicates = 0

  // RACK's reordering window: min_rtt/4 times `steps`, for so many recoveries yet (RFC 8985 section 6.2 step 4).
  steps = 1
  persist = 0
  duplicateSeen = false
  /** Packets delivered when it was last widened: once a round trip is enough. */
  widenedAt = 0

  // A tail loss probe is unanswered; it was sent again, not new; SND.NXT after it.
  probe = false
  probeResent = false
  probeEnd = 0
}
