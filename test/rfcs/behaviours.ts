/** A behaviour that other stacks are tested for, and what shows it here, sentence by sentence. */
export interface Behaviour {
  /** A short name. */
  readonly id: string
  /** What is done, in words of our own. */
  readonly says: string
  /** As in the rows of an RFC: scripts below test/drill/scripts, and "test/file.test.ts: part of the title". */
  readonly tests: readonly string[]
}

export const behaviours: readonly Behaviour[] = [
  {
    id: 'tcp-ack-in-syn-received',
    says: 'in SYN-RECEIVED only an ACK of exactly the SYN-ACK is taken; another draws a RST with its number',
    tests: ['syn-received/ack-too-low.pkt', 'syn-received/ack-too-high.pkt'],
  },
  {
    id: 'tcp-handshake-window',
    says: 'the window of the last ACK counts, not the 0 of the SYN; as an unsigned number',
    tests: ['handshake/window-of-syn-not-used.pkt'],
  },
  {
    id: 'tcp-reset-in-syn-received',
    says: 'a RST in SYN-RECEIVED returns to LISTEN: an ACK after it draws a RST',
    tests: ['syn-received/rst-returns-to-listen.pkt', 'syn-received/rst-ack.pkt'],
  },
  {
    id: 'tcp-reset-in-syn-sent',
    says: 'a RST ends an attempt, after a simultaneous open too: the state is CLOSE, an ACK draws a RST',
    tests: ['syn-sent/rst-then-ack.pkt', 'syn-sent/simultaneous-open-rst.pkt', 'syn-sent/rst-refuses.pkt'],
  },
  {
    id: 'tcp-backlog',
    says: 'SYNs beyond the backlog get cookies; with a full queue last ACKs and SYNs are dropped, a stray ACK draws a RST; when there is room who waits gets in; shutdown(SHUT_RD) of the listener resets its queue and says nothing to half-open ones',
    tests: [
      'backlog/full.pkt',
      'backlog/stray-ack-while-full.pkt',
      'backlog/shutdown-read-resets-queue.pkt',
      'syn-cookies/when-full.pkt',
    ],
  },
  {
    id: 'tcp-syn-cookies',
    says: 'with cookies and without, an ACK with data, PSH or FIN ends the handshake and brings its data; SYN-ACK, RST and RST-ACK do not; a cookie is not sent again',
    tests: [
      'syn-cookies/forged.pkt',
      'syn-cookies/not-repeated.pkt',
      'handshake/last-ack-with-data.pkt',
      'handshake/last-ack-with-fin.pkt',
      'syn-received/syn-ack.pkt',
      'syn-received/rst-ack.pkt',
    ],
  },
  {
    id: 'tcp-listener-closed',
    says: 'closing a listener resets connections that nobody accepted',
    tests: ['listen/close-resets-unaccepted.pkt'],
  },
  {
    id: 'tcp-calls-in-syn-sent',
    says: 'send and receive in SYN-SENT wait, then go on; those that may not wait are EAGAIN; a RST fails those that wait with ECONNREFUSED',
    tests: [
      'syn-sent/blocked-send.pkt',
      'syn-sent/blocked-read.pkt',
      'syn-sent/blocked-write-refused.pkt',
      'syn-sent/blocked-read-refused.pkt',
      'syn-sent/calls.pkt',
      'syn-sent/read-would-wait.pkt',
    ],
  },
  {
    id: 'tcp-connect-icmp-error',
    says: 'host unreachable for the SYN: SO_ERROR is EHOSTUNREACH, poll shows POLLHUP, the state is CLOSE (profile linux; otherwise it is a soft error)',
    tests: ['only-linux/host-unreachable-v4.pkt', 'only-default/soft-icmp-error-v4.pkt'],
  },
  {
    id: 'tcp-unreachable-codes',
    says: 'each code of unreachable has an errno: that of connect at once in SYN-SENT, that of the time-out where the connection was open; no route over IPv6 is ENETUNREACH',
    tests: [
      'only-linux/network-unreachable-v4.pkt',
      'only-linux/no-route-v6.pkt',
      'syn-sent/prohibited-v6.pkt',
      'icmp/tcp-soft-error-told-v4.pkt',
      'icmp/tcp-soft-error-told-v6.pkt',
      'test/drill/unreachable-codes.test.ts: SYN-SENT: ICMP unreachable',
      'test/drill/unreachable-codes.test.ts: ESTABLISHED: ICMP unreachable',
    ],
  },
  {
    id: 'tcp-outside-the-window',
    says: 'at the edge of the window and beyond it: SYN and SYN-ACK are answered, an ACK only beyond the edge, data always, a FIN without ACK never; a second segment without data only after half a second; CLOSING alike',
    tests: [
      'established/edge-syn.pkt',
      'established/edge-ack.pkt',
      'established/edge-data.pkt',
      'established/edge-fin-without-ack.pkt',
      'closing/edge.pkt',
    ],
  },
  {
    id: 'tcp-unacceptable-seq-or-ack',
    says: 'a sequence number outside the window, an ACK of what was not sent: which are answered in ESTABLISHED, CLOSE-WAIT, FIN-WAIT-2, TIME-WAIT and CLOSING; the state stays',
    tests: [
      'established/edge-ack.pkt',
      'established/ack-of-unsent-bare.pkt',
      'established/ack-of-unsent.pkt',
      'close-wait/edge.pkt',
      'fin-wait-2/edge.pkt',
      'time-wait/out-of-window.pkt',
      'closing/edge.pkt',
    ],
  },
  {
    id: 'tcp-paws',
    says: 'our timestamps never go back, the echo is theirs; an older timestamp is answered and its segment dropped',
    tests: ['timestamps/paws.pkt', 'timestamps/clock.pkt', 'timestamps/echo.pkt'],
  },
  {
    id: 'tcp-receive-buffer',
    says: 'what is larger than the rest of SO_RCVBUF is not all taken: fewer octets are read than came, then EAGAIN',
    tests: ['window/larger-than-rest.pkt', 'window/beyond-edge.pkt', 'window/closes-on-small-segments.pkt'],
  },
  {
    id: 'tcp-window-shrinks',
    says: 'a window that shrinks to 0 while data waits is probed, without data, one below what was acknowledged',
    tests: ['window/shrunk-to-zero-probe.pkt', 'window/shrunk-to-zero-in-flight.pkt'],
  },
  {
    id: 'tcp-zero-receive-window',
    says: 'unread data closes the window, whatever its segments; small reads do not open it, larger ones do; who reads on keeps it open',
    tests: [
      'window/offered.pkt',
      'window/closes-on-small-segments.pkt',
      'window/receiver-silly-window.pkt',
      'window/zero-opens-for-poll.pkt',
      'window/reader-keeps-it-open.pkt',
    ],
  },
  {
    id: 'tcp-zero-window-probe',
    says: 'no probe without data; with data one after the time-out, one below what was acknowledged; an open window lets the data go; a probe of the peer is answered',
    tests: [
      'window/zero-no-probe-without-data.pkt',
      'window/zero-probe.pkt',
      'window/shrunk-to-zero-probe.pkt',
      'window/answers-probe-below.pkt',
      'window/zero-answers-probe.pkt',
    ],
  },
  {
    id: 'tcp-zero-window-probes-back-off',
    says: 'probes back off exponentially; answered, they keep the connection, which goes on when the window opens',
    tests: ['window/zero-probe.pkt', 'window/zero-stays-open.pkt'],
  },
  {
    id: 'tcp-zero-window-user-timeout',
    says: 'TCP_USER_TIMEOUT counts while probing: an ACK after it draws a RST',
    tests: ['window/zero-user-time-out-then-ack.pkt', 'window/zero-user-time-out.pkt'],
  },
  {
    id: 'tcp-send-window-sizes',
    says: 'a window one less than, equal to, one more than a segment: it is split only where it cannot fit, and the ACK of what came rides on what waited',
    tests: ['window/piggyback.pkt', 'window/piggyback-one-more.pkt', 'window/piggyback-one-less.pkt'],
  },
  {
    id: 'tcp-cork',
    says: 'TCP_CORK holds small writes until there is a full segment, never larger than the MSS; it does not hold what fills a smaller window',
    tests: ['nagle/cork.pkt', 'nagle/cork-many-small.pkt', 'nagle/cork-small-window.pkt'],
  },
  {
    id: 'tcp-retransmissions',
    says: 'five retransmissions, each after the time-out that TCP_INFO tells, twice as long each time',
    tests: ['retransmission/told-time-out.pkt'],
  },
  {
    id: 'tcp-fin-retransmission',
    says: 'a FIN that nobody acknowledges is sent again in FIN-WAIT-1 and CLOSING',
    tests: ['fin-wait-1/fin-retransmitted.pkt', 'closing/fin-retransmitted.pkt'],
  },
  {
    id: 'tcp-user-timeout',
    says: 'TCP_USER_TIMEOUT counts for data and for the FIN: an ACK in time keeps the connection, one too late draws a RST; without it there is patience',
    tests: [
      'retransmission/user-time-out.pkt',
      'retransmission/user-time-out-of-fin.pkt',
      'retransmission/user-time-out-in-time.pkt',
      'retransmission/patience.pkt',
    ],
  },
  {
    id: 'tcp-rack-tlp',
    says: 'a probe repeats the last segment after two round trips; what SACK tells of later data makes earlier data lost after a quarter of a round trip more; reordering widens that; a lost retransmission is repaired without the time-out',
    tests: [
      'sack/tail-loss-probe.pkt',
      'tlp/lone-segment.pkt',
      'sack/reordering-window.pkt',
      'sack/reordered-only.pkt',
      'reordering/window.pkt',
      'undo/duplicate-sack.pkt',
      'only-linux/lost-retransmission.pkt',
      'only-default/lost-retransmission.pkt',
    ],
  },
  {
    id: 'tcp-info',
    says: 'TCP_INFO tells round trip, variance, time-out, window and state Open; after a time-out state Loss and a window of 1',
    tests: ['retransmission/told-time-out.pkt', 'congestion/time-out.pkt', 'tcp-info/counts.pkt'],
  },
  {
    id: 'ipv4-identification',
    says: 'without DF a retransmission has an identification of its own',
    tests: [
      'test/stack/identification.test.ts: a segment that goes again has another',
      'test/stack/ipv4-output.test.ts: identification: datagrams that may be fragmented have another each',
    ],
  },
  {
    id: 'tcp-fin-wait-2-timeout',
    says: 'after TCP_LINGER2 an ACK in FIN-WAIT-2 draws a RST; without it not within ten seconds',
    tests: ['fin-wait-2/linger2.pkt', 'fin-wait-2/orphan-waits.pkt', 'fin-wait-2/orphan-times-out.pkt'],
  },
  {
    id: 'tcp-linger',
    says: 'SO_LINGER: time 0 aborts, off closes at once, a time waits for it where data or FIN is not acknowledged; behind shutdown(SHUT_RDWR) the RST follows the FIN; who never connected does not linger',
    tests: [
      'reset/abort.pkt',
      'close/linger.pkt',
      'close/linger-expires.pkt',
      'close/linger-after-shutdown.pkt',
      'close/linger-never-connected.pkt',
      'fin-wait-1/orderly-close.pkt',
    ],
  },
  {
    id: 'tcp-time-wait-reset',
    says: 'a RST in TIME-WAIT ends it unless tcp_rfc1337 is set: the next ACK draws a RST',
    tests: ['time-wait/rst-assassinates.pkt', 'time-wait/rst-kept.pkt'],
  },
  {
    id: 'ipv4-reassembly',
    says: 'fragments in order, out of order, some twice, are one datagram and echoed whole; an overlap costs it',
    tests: [
      'test/stack/reassembly.test.ts: reassembly: fragments in any order, some twice, make the datagram',
      'test/stack/reassembly.test.ts: reassembly: a fragment that overlaps costs the datagram',
      'test/stack/icmp.test.ts: octets is answered with the same',
    ],
  },
  {
    id: 'ipv6-reassembly',
    says: 'the same over IPv6',
    tests: [
      'test/stack/ipv6-input.test.ts: make one packet, once',
      'test/stack/ipv6-input.test.ts: reassembly: overlapping fragments cost the whole packet',
      'test/stack/ipv6-headers.test.ts: reassembly: only an exact copy of a fragment is no overlap',
    ],
  },
  {
    id: 'ipv6-fragment-errors',
    says: 'after 60 seconds time exceeded goes to who sent the first fragment, with it, and to nobody without it; a length that is no multiple of 8, or too long in all, is a parameter problem that points at it',
    tests: [
      'test/stack/ipv6-input.test.ts: who sent the first fragment is told',
      'test/stack/ipv6-input.test.ts: reassembly: a fragment that is no multiple of 8 octets is reported',
      'test/stack/ipv6-input.test.ts: reassembly: a packet longer than any can be is reported',
    ],
  },
  {
    id: 'ipv6-unknown-options',
    says: 'unknown options, hop-by-hop and for the destination: skipped, dropped, or reported, by their two highest bits; to a group only with 10',
    tests: ['test/stack/ipv6-input.test.ts: IPv6 input: an unknown option'],
  },
  {
    id: 'icmpv6-parameter-problem',
    says: 'an unknown next header is reported with a pointer at it, the packet quoted',
    tests: ['test/stack/ipv6-input.test.ts: IPv6 input: an unknown next header is reported where it stands'],
  },
  {
    id: 'icmp-echo-sockets',
    says: 'the identifier of a ping socket is its port, however it is bound; who hears what, which addresses and messages are refused',
    tests: [
      'icmp/ping-socket-v4.pkt',
      'test/stack/raw.test.ts: echo socket: a request goes out with its identifier',
      'test/stack/raw.test.ts: its identifier is its port, and no broadcast goes unasked',
      'test/stack/raw.test.ts: echo socket: bound to an interface',
      'test/stack/raw.test.ts: cannot be sent: EINVAL',
      'test/berkeley/raw.test.ts: each socket gets its own replies only',
    ],
  },
  {
    id: 'icmpv6-echo-sockets',
    says: 'the same over IPv6',
    tests: [
      'icmp/ping-socket-v6.pkt',
      'test/stack/raw6.test.ts: the identifier is the port',
      'test/stack/raw6.test.ts: a request goes out with the identifier of the socket, its answer comes in',
      'test/stack/raw6.test.ts: of both families on one identifier each hears its own',
    ],
  },
  {
    id: 'udp-sockets',
    says: 'datagrams of every length arrive as they were sent, to one, to all and to groups; another family, no route, no address are refused',
    tests: [
      'test/stack/udp.test.ts: octets arrive as they were sent',
      'test/stack/udp.test.ts: UDP: broadcast reaches every matching socket',
      'test/stack/udp.test.ts: UDP: a group is heard by those who joined',
      'test/stack/udp.test.ts: UDP: bound to an interface, others are not heard',
      'test/berkeley/datagram.test.ts: errors: no peer, port 0, another family, no route, urgent',
      'test/berkeley/datagram.test.ts: 65507 octets go, 65527 by IPv6',
    ],
  },
  {
    id: 'udp-wildcard',
    says: 'a socket on the wildcard receives what is for any address of its host',
    tests: ['test/berkeley/datagram.test.ts: a socket on the wildcard receives for every address of its host'],
  },
  {
    id: 'udp-group-as-source',
    says: 'what claims to come from a group is dropped, in both versions',
    tests: [
      'test/stack/ipv4-input.test.ts: dropped without a word (RFC 1122 section 3.2.1.3)',
      'test/stack/ipv6-input.test.ts: draws no answer',
    ],
  },
  {
    id: 'udp-icmp-errors',
    says: 'port unreachable is ECONNREFUSED once to a connected socket, by a receive (one that waits, too), a send or SO_ERROR, and the socket works on; time exceeded is not told, nor anything to who is not connected or to others',
    tests: [
      'udp/port-unreachable-in.pkt',
      'udp/error-wakes-reader.pkt',
      'udp/error-by-send.pkt',
      'udp/port-unreachable-so-error.pkt',
      'udp/time-exceeded.pkt',
      'test/stack/udp.test.ts: UDP: an unconnected socket does not hear of it',
      'test/stack/udp.test.ts: UDP: of two that are connected to different ports only the one that was refused hears of it',
    ],
  },
]
