/** The choices that the RFCs leave to an implementation, for a whole host. Times in milliseconds, buffers in octets. */
export interface TcpConfig {
  /** Initial congestion window in segments: RFC 6928. */
  readonly initialWindow: number
  /** RFC 6298 section 2.1. */
  readonly initialRto: number
  /** We differ: 200 ms (RFC 6298 section 2.4: 1 s), as Linux. */
  readonly minimumRto: number
  readonly maximumRto: number
  /** RFC 9293 section 3.8.6.3 allows up to 500 ms; Linux waits 40. */
  readonly delayedAck: number
  /** How many answers to segments behind a hole may wait to go as one. */
  readonly compressedAcks: number
  /** Retransmissions of a SYN: seven reach 255 s, more than the three minutes of MUST-23 (Linux: 6). */
  readonly synRetries: number
  /** So many time-outs of a SYN, beside those, come a second after each other before the wait doubles (Linux: tcp_syn_linear_timeouts). */
  readonly synLinearTimeouts: number
  readonly synAckRetries: number
  /** An attempt to connect ends with the first ICMP error, a soft one too, as in Linux (RFC 5461 section 2.2 tells why). */
  readonly softErrorsEndAttempts: boolean
  /** R1 and R2 of RFC 9293 section 3.8.3, in retransmissions. */
  readonly retries1: number
  readonly retries2: number
  /** R2 of a connection that no application holds any more. */
  readonly orphanRetries: number
  /** 2 MSL, with an MSL of 30 s as Linux has it. */
  readonly timeWait: number
  /**
   * Whether connect takes the port pair of a connection in TIME-WAIT after a second, where timestamps tell old segments from new
   * ones (RFC 6191): 0 never, 1 always, 2 where both ends are on this host's loopback.
   */
  readonly timeWaitReuse: number
  /** A RST does not end TIME-WAIT early: RFC 1337 section 3. */
  readonly rfc1337: boolean
  /** The last ACK of a handshake that finds the accept queue full is answered with a RST, not left for the client to repeat. */
  readonly abortOnOverflow: boolean
  /** How long an orphan waits for the peer's FIN. */
  readonly finWait2: number
  /** MUST-28: at least two hours. */
  readonly keepAliveTime: number
  readonly keepAliveInterval: number
  readonly keepAliveProbes: number
  readonly timestamps: boolean
  /** RFC 7323 section 3.2: whether a segment without the timestamps that were agreed on is dropped. Linux: taken. */
  readonly timestampsRequired: boolean
  readonly sack: boolean
  readonly windowScaling: boolean
  /** RFC 5681 section 4.1. */
  readonly slowStartAfterIdle: boolean
  /** The congestion control of sockets that ask for none: 'cubic' (RFC 9438) or 'reno'. */
  readonly congestionControl: string
  /** Slow start of CUBIC ends where the round trip grows. */
  readonly hystart: boolean
  /**
   * As RFC 9406 says (SHOULD), not as Linux does. Off: its rounds of conservative slow start still overran a queue of one
   * bandwidth-delay product. At 20 Mbit/s and 50 ms 235 packets were sent again where Linux's way sent 9, for the same goodput; at
   * 200 ms 829 and 34. Only at 200 ms with 0.1 % loss was it faster (13.6 and 10.4 Mbit/s).
   */
  readonly hystartPlusPlus: boolean
  /** What HyStart looks at: 1, trains of acknowledgements; 2, the round trip; 3, both. HyStart++ looks at the round trip. */
  readonly hystartDetect: number
  /** Reno halves the window, as Linux, not what is in flight of it (RFC 5681 section 3.1). */
  readonly halveWindow: boolean
  /** What is paced goes at so many percent of the window in a round trip: in slow start, and later. */
  readonly pacingSlowStart: number
  readonly pacingAvoidance: number
  /** RFC 8985 section 7. */
  readonly tailLossProbe: boolean
  /** RFC 5682: whether a time-out is examined before all is sent again. */
  readonly frto: boolean
  /** RFC 5681 section 4.3: whether a retransmission that is lost shrinks the window again. Linux: no. */
  readonly lostRetransmissionReduces: boolean
  /** RFC 2883: whether what was received twice is reported. */
  readonly duplicateSack: boolean
  /**
   * Whether connections find the path MTU by themselves (RFC 4821), numbered as Linux's tcp_mtu_probing. 0: no; 1: those whose
   * large segments seem to vanish; 2: all.
   */
  readonly mtuProbing: number
  /** The segment size that the search begins with. */
  readonly baseMss: number
  /** What a black hole makes of it at the least. */
  readonly mtuProbeFloor: number
  /** How long the search rests, once it has found, before it begins anew. */
  readonly mtuProbeInterval: number
  /** It has found where no more octets than these are open. */
  readonly mtuProbeThreshold: number
  /** Less than this no path may make us send, whatever an ICMP message or an option says (Linux: tcp_min_snd_mss). */
  readonly minimumMss: number
  /**
   * Explicit congestion notification (RFC 3168), numbered as Linux's tcp_ecn. 0: not spoken; 1: asked for, and agreed to; 2: agreed
   * to where the peer asks for it; 3: accurate ECN (RFC 9768) asked for, and agreed to; 4: that agreed to, and the older asked for; 5:
   * that agreed to, and nothing asked for.
   */
  readonly ecn: number
  /** Whether accurate ECN tells octets in an option. 0: never; 1: where they have changed; 2: always. */
  readonly ecnOption: number
  /** A SYN that asked for ECN and went unanswered is repeated without: RFC 3168 section 6.1.1.1. */
  readonly ecnFallback: boolean
  /**
   * Fast Open (RFC 7413), the sum of FAST_OPEN_… as in Linux's tcp_fastopen: 1 by clients, 2 by servers, 4 by clients without a
   * cookie; 0x200 servers take data without a cookie; 0x400 all listeners, not only those that set TCP_FASTOPEN.
   */
  readonly fastOpen: number
  /** The key of cookies, four words of hexadecimal digits with hyphens between them; after a comma the one before it. '': random. */
  readonly fastOpenKey: string
  /** How long clients do without Fast Open after signs that the network swallows it; doubles each time. 0: they go on. */
  readonly fastOpenBlackhole: number
  /** SO_SNDBUF of who does not set it, and what it can grow to: octets, and the bookkeeping of chunks. */
  readonly sendBuffer: number
  readonly sendBufferMax: number
  /** Of who does not set TCP_NOTSENT_LOWAT. */
  readonly notSentLowWater: number
  /** SO_RCVBUF of who does not set it: octets of packets, about half of them payload. */
  readonly receiveBuffer: number
  /** What a receive buffer can grow to; the window scale is chosen for it. */
  readonly receiveBufferMax: number
  /** Whether it grows to what the application reads in a round trip. */
  readonly moderateReceiveBuffer: boolean
  /** What the buffers of all connections may hold together, in octets; beyond it each goes on with a few kilobytes. */
  readonly memoryMax: number
  /** Caps on what strangers can make a host remember; the oldest is given up. */
  readonly halfOpenMax: number
  /** SYN cookies (RFC 4987): 0 none, the oldest half-open connection gives way; 1 when a listener has as many as it may; 2 always. */
  readonly synCookies: number
  readonly timeWaitMax: number
  /** Challenge ACKs per second of the whole host (RFC 5961 section 7). */
  readonly challengeAckLimit: number
  /** A second answer to an unacceptable segment without data is held back this long (RFC 9293 section 3.10.7.4). */
  readonly invalidRateLimit: number
}

export const DEFAULT_TCP_CONFIG: TcpConfig = {
  initialWindow: 10,
  initialRto: 1000,
  minimumRto: 200,
  maximumRto: 120_000,
  delayedAck: 40,
  compressedAcks: 44,
  synRetries: 7,
  synLinearTimeouts: 0,
  synAckRetries: 5,
  softErrorsEndAttempts: false,
  retries1: 3,
  retries2: 15,
  orphanRetries: 8,
  timeWait: 60_000,
  timeWaitReuse: 1,
  rfc1337: false,
  abortOnOverflow: false,
  finWait2: 60_000,
  keepAliveTime: 7_200_000,
  keepAliveInterval: 75_000,
  keepAliveProbes: 9,
  timestamps: true,
  timestampsRequired: true,
  sack: true,
  windowScaling: true,
  slowStartAfterIdle: true,
  congestionControl: 'cubic',
  hystart: true,
  hystartPlusPlus: false,
  hystartDetect: 3,
  halveWindow: false,
  pacingSlowStart: 200,
  pacingAvoidance: 120,
  tailLossProbe: true,
  frto: true,
  lostRetransmissionReduces: true,
  duplicateSack: true,
  mtuProbing: 0,
  baseMss: 1024,
  mtuProbeFloor: 48,
  mtuProbeInterval: 600_000,
  mtuProbeThreshold: 8,
  minimumMss: 48,
  ecn: 2,
  ecnOption: 2,
  ecnFallback: true,
  fastOpen: 1,
  fastOpenKey: '',
  fastOpenBlackhole: 0,
  sendBuffer: 16_384,
  sendBufferMax: 4 << 20,
  notSentLowWater: 0x7fffffff,
  receiveBuffer: 131_072,
  receiveBufferMax: 6 << 20,
  moderateReceiveBuffer: true,
  memoryMax: 1 << 30,
  halfOpenMax: 4096,
  synCookies: 1,
  timeWaitMax: 65_536,
  challengeAckLimit: 1000,
  invalidRateLimit: 500,
}
