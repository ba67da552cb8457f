/** What a stack counts, since it was made: RFC 4293 and RFC 4113 in words that netstat -s uses. */
export class StackCounters {
  // Link
  /** Frames for another hardware address, too short, or of a type that nobody here reads. */
  linkDiscards = 0
  arpRequestsSent = 0
  arpRepliesSent = 0
  arpReceived = 0
  /** ARP packets that are malformed, or whose sender cannot be one. */
  arpErrors = 0
  /** Another host uses an address of ours: RFC 5227. */
  arpConflicts = 0
  /** Messages of neighbour discovery that came, and those of them that are malformed or cannot be from this link. */
  ndReceived = 0
  ndErrors = 0
  ndSolicitationsSent = 0
  ndAdvertisementsSent = 0
  ndRouterSolicitationsSent = 0
  ndRouterAdvertisementsSent = 0
  /** Another node uses an IPv6 address of ours: RFC 4862 section 5.4.4. */
  ndConflicts = 0
  /** Questions of ours that a looped link gave back: RFC 7527. */
  ndLoopedBack = 0
  /** IPv6 addresses that another node had already, and were given up. */
  addressesRefused = 0
  neighbourFailures = 0
  /** Packets dropped because a neighbour's queue was full, or the neighbour did not answer. */
  neighbourDiscards = 0

  // IP
  inReceives = 0
  inHeaderErrors = 0
  badChecksum = 0
  badOptions = 0
  /** Source addresses that no packet from there can have: RFC 1122 section 3.2.1.3. */
  inBadSource = 0
  /** For another host, and not to be forwarded. */
  inNotOurs = 0
  /** For others, and passed on to them; and those for which there was no way to go. */
  forwarded = 0
  inNoRoutes = 0
  inUnknownProtocols = 0
  inDelivers = 0
  inDiscards = 0
  outRequests = 0
  outNoRoutes = 0
  /** The device had no room. */
  outDiscards = 0
  reassembliesNeeded = 0
  reassembled = 0
  reassemblyFailures = 0
  reassemblyTimeouts = 0
  fragmented = 0
  fragmentsCreated = 0
  fragmentFailures = 0

  // ICMP
  icmpReceived = 0
  icmpInErrors = 0
  icmpSent = 0
  /** Errors not sent since too many were. */
  icmpRateLimited = 0
  icmpEchoRequests = 0
  icmpEchoReplies = 0
  icmpRedirectsIgnored = 0
  icmpSourceQuenchIgnored = 0

  // Multicast groups
  igmpReceived = 0
  /** Malformed, with a wrong checksum, or from elsewhere than this link. */
  igmpInErrors = 0
  igmpSent = 0
  mldReceived = 0
  mldInErrors = 0
  mldSent = 0

  // UDP
  udpReceived = 0
  udpSent = 0
  udpNoPorts = 0
  udpInErrors = 0
  /** No room in the receive buffer. */
  udpReceiveBufferErrors = 0

  // Raw sockets and ICMP sockets
  rawReceived = 0
  rawReceiveBufferErrors = 0
}
