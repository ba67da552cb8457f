// Bits of `StackEndpoint.optionBits`: options that are on or off.
export const OPTION_REUSEADDR = 1
export const OPTION_REUSEPORT = 1 << 1
export const OPTION_BROADCAST = 1 << 2
export const OPTION_KEEPALIVE = 1 << 3
export const OPTION_OOBINLINE = 1 << 4
export const OPTION_LINGER = 1 << 5
export const OPTION_DEBUG = 1 << 6
export const OPTION_DONTROUTE = 1 << 7
export const OPTION_NO_CHECK = 1 << 8
export const OPTION_FREEBIND = 1 << 9
export const OPTION_TRANSPARENT = 1 << 10
export const OPTION_BIND_NO_PORT = 1 << 11
export const OPTION_RECVERR6 = 1 << 12
export const OPTION_RECVERR = 1 << 13
export const OPTION_HDRINCL = 1 << 14
export const OPTION_V6ONLY = 1 << 15
export const OPTION_DONTFRAG6 = 1 << 16
export const OPTION_FLOWINFO_SEND = 1 << 17
export const OPTION_CORK = 1 << 18
export const OPTION_NO_CHECK6_TX = 1 << 19
export const OPTION_NO_CHECK6_RX = 1 << 20
// These are on unless their bit is set.
export const OPTION_MULTICAST_LOOP_OFF = 1 << 21
export const OPTION_MULTICAST_LOOP6_OFF = 1 << 22
export const OPTION_MULTICAST_ALL_OFF = 1 << 23
export const OPTION_MULTICAST_ALL6_OFF = 1 << 24
export const OPTION_FLOW_LABEL_OFF = 1 << 25
/** SO_RCVBUF was set: the buffer stays as it is. */
export const OPTION_RECEIVE_LOCKED = 1 << 26
export const OPTION_SEND_LOCKED = 1 << 27

// Bits of `StackEndpoint.controlBits`: what recvmsg(2) shall tell beside the data.
export const CONTROL_TIMESTAMP = 1
export const CONTROL_TIMESTAMPNS = 1 << 1
export const CONTROL_DROPS = 1 << 2
export const CONTROL_MARK = 1 << 3
export const CONTROL_PKTINFO = 1 << 4
export const CONTROL_TTL = 1 << 5
export const CONTROL_TOS = 1 << 6
export const CONTROL_OPTIONS = 1 << 7
export const CONTROL_RETOPTS = 1 << 8
export const CONTROL_ORIGDST = 1 << 9
export const CONTROL_PKTINFO6 = 1 << 10
export const CONTROL_HOPLIMIT = 1 << 11
export const CONTROL_TCLASS = 1 << 12
export const CONTROL_FLOWINFO = 1 << 13
export const CONTROL_HOPOPTS = 1 << 14
export const CONTROL_RTHDR = 1 << 15
export const CONTROL_DSTOPTS = 1 << 16
export const CONTROL_ORIGDST6 = 1 << 17
export const CONTROL_GRO = 1 << 18
/** Those for which the headers between IP's and the transport's are kept. */
export const CONTROL_HEADERS: number =
  CONTROL_OPTIONS | CONTROL_RETOPTS | CONTROL_HOPOPTS | CONTROL_RTHDR | CONTROL_DSTOPTS
