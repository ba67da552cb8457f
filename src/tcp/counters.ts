/** What the TCP of a host has seen, as `netstat -s` would tell it. Only ever counted up. */
export class TcpCounters {
  segmentsIn = 0
  segmentsOut = 0
  /** Dropped: the checksum was wrong. */
  badChecksum = 0
  /** Dropped: the header did not fit its packet. */
  malformed = 0
  /** Dropped: without a signature where one is asked for, with one where none is, with a wrong one (RFC 2385). */
  signatureMissing = 0
  signatureUnexpected = 0
  signatureWrong = 0
  /** Dropped: came to or from a broadcast or multicast address, or an impossible one. */
  badAddress = 0
  /** Came from further away than the socket allows: RFC 5082. */
  tooFar = 0
  activeOpens = 0
  passiveOpens = 0
  attemptFails = 0
  establishedResets = 0
  resetsOut = 0
  retransmits = 0
  timeouts = 0
  fastRetransmits = 0
  tailLossProbes = 0
  /** Reductions of the window that were undone; of those, time-outs that F-RTO found spurious. */
  undone = 0
  spuriousTimeouts = 0
  /** Connections given up after too many retransmissions. */
  abortsOnTimeout = 0
  /** Dropped: older than the last timestamp seen (RFC 7323 section 5.3). */
  pawsRejected = 0
  /** Dropped: outside the receive window. */
  outOfWindow = 0
  /** Data kept ahead of a hole. */
  outOfOrder = 0
  /** Data ahead of a hole that was not kept: too many holes. */
  outOfOrderDropped = 0
  duplicateData = 0
  /** Data in the window that was not taken because the buffers of all connections together are full. */
  memoryDrops = 0
  /** Acknowledgements that answer a suspicious segment (RFC 5961), and those the limit held back. */
  challengeAcks = 0
  challengeAcksHeld = 0
  delayedAcks = 0
  windowProbes = 0
  keepAliveProbes = 0
  /** SYNs not taken because the accept queue was full; half-open connections given up for newer ones. */
  listenOverflows = 0
  halfOpenEvicted = 0
  /** SYN cookies: sent; connections made of them; ACKs that brought none while some were expected. */
  synCookiesSent = 0
  synCookiesReceived = 0
  synCookiesFailed = 0
  /** Fast Open: cookies asked for; connections that stood at once; SYNs that showed a wrong cookie; too many unconfirmed. */
  fastOpenCookiesAsked = 0
  fastOpenPassive = 0
  fastOpenPassiveFails = 0
  fastOpenOverflows = 0
  timeWaitEvicted = 0
  timeWaitReused = 0
}
