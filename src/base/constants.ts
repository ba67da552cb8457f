// Read first: socket(2), ip(7), ipv6(7), tcp(7), udp(7), send(2), recv(2), poll(2), RFC 3493, RFC 3542, RFC 3678. The values are Linux's on x86 and arm, on every
// platform: those of a stack that is its own system.

// Address families
export const AF_UNSPEC = 0
export const AF_UNIX = 1
export const AF_LOCAL = AF_UNIX
export const AF_INET = 2
export const AF_INET6 = 10

// Socket types
export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
export const SOCK_RAW = 3
export const SOCK_SEQPACKET = 5
/** May be among the bits of a type; every socket here is so in any case. */
export const SOCK_NONBLOCK = 0x800
export const SOCK_CLOEXEC = 0x80000

// Protocols (also option levels)
export const IPPROTO_IP = 0
export const IPPROTO_ICMP = 1
export const IPPROTO_IGMP = 2
export const IPPROTO_TCP = 6
export const IPPROTO_UDP = 17
export const IPPROTO_IPV6 = 41
export const IPPROTO_ICMPV6 = 58
/** Extension headers of IPv6: no transports, but next headers. */
export const IPPROTO_HOPOPTS = 0
export const IPPROTO_ROUTING = 43
export const IPPROTO_FRAGMENT = 44
export const IPPROTO_NONE = 59
export const IPPROTO_DSTOPTS = 60
export const IPPROTO_RAW = 255
/** Of Linux's own sockets alone. */
export const IPPROTO_DCCP = 33
export const IPPROTO_SCTP = 132
export const IPPROTO_UDPLITE = 136
export const IPPROTO_MPTCP = 262

export const INADDR_ANY = '0.0.0.0'
export const INADDR_LOOPBACK = '127.0.0.1'
export const INADDR_BROADCAST = '255.255.255.255'
export const IN6ADDR_ANY = '::'
export const IN6ADDR_LOOPBACK = '::1'

// Option level of the socket itself, and its options: socket(7)
export const SOL_SOCKET = 1
export const SO_DEBUG = 1
export const SO_REUSEADDR = 2
export const SO_TYPE = 3
export const SO_ERROR = 4
export const SO_DONTROUTE = 5
export const SO_BROADCAST = 6
export const SO_SNDBUF = 7
export const SO_RCVBUF = 8
export const SO_KEEPALIVE = 9
export const SO_OOBINLINE = 10
export const SO_NO_CHECK = 11
export const SO_PRIORITY = 12
export const SO_LINGER = 13
export const SO_BSDCOMPAT = 14
export const SO_REUSEPORT = 15
export const SO_PASSCRED = 16
export const SO_PEERCRED = 17
export const SO_RCVLOWAT = 18
export const SO_SNDLOWAT = 19
export const SO_RCVTIMEO = 20
export const SO_SNDTIMEO = 21
export const SO_BINDTODEVICE = 25
export const SO_ATTACH_FILTER = 26
export const SO_GET_FILTER = SO_ATTACH_FILTER
export const SO_DETACH_FILTER = 27
export const SO_DETACH_BPF = SO_DETACH_FILTER
export const SO_TIMESTAMP = 29
export const SO_ACCEPTCONN = 30
export const SO_PEERSEC = 31
export const SO_SNDBUFFORCE = 32
export const SO_RCVBUFFORCE = 33
export const SO_PASSSEC = 34
export const SO_TIMESTAMPNS = 35
export const SO_MARK = 36
export const SO_TIMESTAMPING = 37
export const SO_PROTOCOL = 38
export const SO_DOMAIN = 39
export const SO_RXQ_OVFL = 40
export const SO_WIFI_STATUS = 41
export const SO_PEEK_OFF = 42
export const SO_NOFCS = 43
export const SO_LOCK_FILTER = 44
export const SO_SELECT_ERR_QUEUE = 45
export const SO_BUSY_POLL = 46
export const SO_MAX_PACING_RATE = 47
export const SO_BPF_EXTENSIONS = 48
export const SO_INCOMING_CPU = 49
export const SO_ATTACH_BPF = 50
export const SO_ATTACH_REUSEPORT_CBPF = 51
export const SO_ATTACH_REUSEPORT_EBPF = 52
export const SO_CNX_ADVICE = 53
export const SO_MEMINFO = 55
export const SO_INCOMING_NAPI_ID = 56
export const SO_COOKIE = 57
export const SO_PEERGROUPS = 59
export const SO_ZEROCOPY = 60
export const SO_TXTIME = 61
export const SO_BINDTOIFINDEX = 62
export const SO_TIMESTAMP_NEW = 63
export const SO_TIMESTAMPNS_NEW = 64
export const SO_TIMESTAMPING_NEW = 65
export const SO_RCVTIMEO_NEW = 66
export const SO_SNDTIMEO_NEW = 67
export const SO_DETACH_REUSEPORT_BPF = 68
export const SO_PREFER_BUSY_POLL = 69
export const SO_BUSY_POLL_BUDGET = 70
export const SO_NETNS_COOKIE = 71
export const SO_BUF_LOCK = 72
export const SO_RESERVE_MEM = 73
export const SO_TXREHASH = 74
export const SO_RCVMARK = 75
export const SO_PASSPIDFD = 76
export const SO_PEERPIDFD = 77
export const SO_DEVMEM_DONTNEED = 80
export const SO_RCVPRIORITY = 82
export const SO_PASSRIGHTS = 83
export const SO_INQ = 84

/** Types of control messages at SOL_SOCKET are the options that ask for them: socket(7). */
export const SCM_TIMESTAMP = SO_TIMESTAMP
export const SCM_TIMESTAMPNS = SO_TIMESTAMPNS

// Control messages of level SOL_SOCKET: unix(7)
export const SCM_RIGHTS = 1
export const SCM_CREDENTIALS = 2
/** The most descriptors that one message carries. */
export const SCM_MAX_FD = 253

// ip(7)
export const IP_TOS = 1
export const IP_TTL = 2
export const IP_HDRINCL = 3
export const IP_OPTIONS = 4
export const IP_ROUTER_ALERT = 5
export const IP_RECVOPTS = 6
export const IP_RETOPTS = 7
export const IP_RECVRETOPTS = IP_RETOPTS
export const IP_PKTINFO = 8
export const IP_PKTOPTIONS = 9
export const IP_MTU_DISCOVER = 10
export const IP_RECVERR = 11
export const IP_RECVTTL = 12
export const IP_RECVTOS = 13
export const IP_MTU = 14
export const IP_FREEBIND = 15
export const IP_IPSEC_POLICY = 16
export const IP_XFRM_POLICY = 17
export const IP_PASSSEC = 18
export const IP_TRANSPARENT = 19
export const IP_ORIGDSTADDR = 20
export const IP_RECVORIGDSTADDR = IP_ORIGDSTADDR
export const IP_MINTTL = 21
export const IP_NODEFRAG = 22
export const IP_CHECKSUM = 23
export const IP_BIND_ADDRESS_NO_PORT = 24
export const IP_RECVFRAGSIZE = 25
export const IP_RECVERR_RFC4884 = 26
export const IP_MULTICAST_IF = 32
export const IP_MULTICAST_TTL = 33
export const IP_MULTICAST_LOOP = 34
export const IP_ADD_MEMBERSHIP = 35
export const IP_DROP_MEMBERSHIP = 36
export const IP_UNBLOCK_SOURCE = 37
export const IP_BLOCK_SOURCE = 38
export const IP_ADD_SOURCE_MEMBERSHIP = 39
export const IP_DROP_SOURCE_MEMBERSHIP = 40
export const IP_MSFILTER = 41
export const IP_MULTICAST_ALL = 49
export const IP_UNICAST_IF = 50
export const IP_LOCAL_PORT_RANGE = 51
export const IP_PROTOCOL = 52
/** Of netfilter, at level IPPROTO_IP and IPPROTO_IPV6: where a redirected connection was meant to go. */
export const SO_ORIGINAL_DST = 80
export const IP_PMTUDISC_DONT = 0
export const IP_PMTUDISC_WANT = 1
export const IP_PMTUDISC_DO = 2
export const IP_PMTUDISC_PROBE = 3
export const IP_PMTUDISC_INTERFACE = 4
export const IP_PMTUDISC_OMIT = 5

// Membership of groups, at level IPPROTO_IP and IPPROTO_IPV6: RFC 3678 section 5
export const MCAST_JOIN_GROUP = 42
export const MCAST_BLOCK_SOURCE = 43
export const MCAST_UNBLOCK_SOURCE = 44
export const MCAST_LEAVE_GROUP = 45
export const MCAST_JOIN_SOURCE_GROUP = 46
export const MCAST_LEAVE_SOURCE_GROUP = 47
export const MCAST_MSFILTER = 48
export const MCAST_EXCLUDE = 0
export const MCAST_INCLUDE = 1

// ipv6(7), RFC 3493 section 5, RFC 3542
export const IPV6_ADDRFORM = 1
export const IPV6_2292PKTINFO = 2
export const IPV6_2292HOPOPTS = 3
export const IPV6_2292DSTOPTS = 4
export const IPV6_2292RTHDR = 5
export const IPV6_2292PKTOPTIONS = 6
export const IPV6_CHECKSUM = 7
export const IPV6_2292HOPLIMIT = 8
export const IPV6_NEXTHOP = 9
export const IPV6_AUTHHDR = 10
export const IPV6_FLOWINFO = 11
export const IPV6_UNICAST_HOPS = 16
export const IPV6_MULTICAST_IF = 17
export const IPV6_MULTICAST_HOPS = 18
export const IPV6_MULTICAST_LOOP = 19
export const IPV6_JOIN_GROUP = 20
export const IPV6_ADD_MEMBERSHIP = IPV6_JOIN_GROUP
export const IPV6_LEAVE_GROUP = 21
export const IPV6_DROP_MEMBERSHIP = IPV6_LEAVE_GROUP
export const IPV6_ROUTER_ALERT = 22
export const IPV6_MTU_DISCOVER = 23
export const IPV6_MTU = 24
export const IPV6_RECVERR = 25
export const IPV6_V6ONLY = 26
export const IPV6_JOIN_ANYCAST = 27
export const IPV6_LEAVE_ANYCAST = 28
export const IPV6_MULTICAST_ALL = 29
export const IPV6_ROUTER_ALERT_ISOLATE = 30
export const IPV6_RECVERR_RFC4884 = 31
export const IPV6_FLOWLABEL_MGR = 32
export const IPV6_FLOWINFO_SEND = 33
export const IPV6_IPSEC_POLICY = 34
export const IPV6_XFRM_POLICY = 35
export const IPV6_HDRINCL = 36
export const IPV6_RECVPKTINFO = 49
export const IPV6_PKTINFO = 50
export const IPV6_RECVHOPLIMIT = 51
export const IPV6_HOPLIMIT = 52
export const IPV6_RECVHOPOPTS = 53
export const IPV6_HOPOPTS = 54
export const IPV6_RTHDRDSTOPTS = 55
export const IPV6_RECVRTHDR = 56
export const IPV6_RTHDR = 57
export const IPV6_RECVDSTOPTS = 58
export const IPV6_DSTOPTS = 59
export const IPV6_RECVPATHMTU = 60
export const IPV6_PATHMTU = 61
export const IPV6_DONTFRAG = 62
export const IPV6_USE_MIN_MTU = 63
export const IPV6_RECVTCLASS = 66
export const IPV6_TCLASS = 67
export const IPV6_AUTOFLOWLABEL = 70
export const IPV6_ADDR_PREFERENCES = 72
export const IPV6_MINHOPCOUNT = 73
export const IPV6_ORIGDSTADDR = 74
export const IPV6_RECVORIGDSTADDR = IPV6_ORIGDSTADDR
export const IPV6_TRANSPARENT = 75
export const IPV6_UNICAST_IF = 76
export const IPV6_RECVFRAGSIZE = 77
export const IPV6_FREEBIND = 78
export const IPV6_PMTUDISC_DONT = 0
export const IPV6_PMTUDISC_WANT = 1
export const IPV6_PMTUDISC_DO = 2
export const IPV6_PMTUDISC_PROBE = 3
export const IPV6_PMTUDISC_INTERFACE = 4
export const IPV6_PMTUDISC_OMIT = 5

/** ICMP filter of a raw socket: raw(7). */
export const SOL_RAW = 255
export const ICMP_FILTER = 1
/** RFC 3542 section 3.2. */
export const SOL_IP = IPPROTO_IP
export const SOL_IPV6 = IPPROTO_IPV6
export const SOL_TCP = IPPROTO_TCP
export const SOL_ICMPV6 = IPPROTO_ICMPV6
export const ICMP6_FILTER = 1

// udp(7)
export const SOL_UDP = IPPROTO_UDP
export const UDP_CORK = 1
export const UDP_ENCAP = 100
export const UDP_NO_CHECK6_TX = 101
export const UDP_NO_CHECK6_RX = 102
export const UDP_SEGMENT = 103
export const UDP_GRO = 104

// Where an error of the error queue comes from: ip(7), IP_RECVERR
export const SO_EE_ORIGIN_NONE = 0
export const SO_EE_ORIGIN_LOCAL = 1
export const SO_EE_ORIGIN_ICMP = 2
export const SO_EE_ORIGIN_ICMP6 = 3

// tcp(7)
export const TCP_NODELAY = 1
export const TCP_MAXSEG = 2
export const TCP_CORK = 3
export const TCP_KEEPIDLE = 4
export const TCP_KEEPINTVL = 5
export const TCP_KEEPCNT = 6
export const TCP_SYNCNT = 7
export const TCP_LINGER2 = 8
export const TCP_DEFER_ACCEPT = 9
export const TCP_WINDOW_CLAMP = 10
export const TCP_INFO = 11
export const TCP_QUICKACK = 12
export const TCP_CONGESTION = 13
export const TCP_MD5SIG = 14
export const TCP_THIN_LINEAR_TIMEOUTS = 16
export const TCP_THIN_DUPACK = 17
export const TCP_USER_TIMEOUT = 18
export const TCP_REPAIR = 19
export const TCP_REPAIR_QUEUE = 20
export const TCP_QUEUE_SEQ = 21
export const TCP_REPAIR_OPTIONS = 22
export const TCP_FASTOPEN = 23
export const TCP_TIMESTAMP = 24
export const TCP_NOTSENT_LOWAT = 25
export const TCP_CC_INFO = 26
export const TCP_SAVE_SYN = 27
export const TCP_SAVED_SYN = 28
export const TCP_REPAIR_WINDOW = 29
export const TCP_FASTOPEN_CONNECT = 30
export const TCP_ULP = 31
export const TCP_MD5SIG_EXT = 32
export const TCP_FASTOPEN_KEY = 33
export const TCP_FASTOPEN_NO_COOKIE = 34
export const TCP_ZEROCOPY_RECEIVE = 35
export const TCP_INQ = 36
export const TCP_TX_DELAY = 37
export const TCP_AO_ADD_KEY = 38
export const TCP_AO_DEL_KEY = 39
export const TCP_AO_INFO = 40
export const TCP_AO_GET_KEYS = 41
export const TCP_AO_REPAIR = 42
export const TCP_IS_MPTCP = 43
export const TCP_RTO_MAX_MS = 44
export const TCP_RTO_MIN_US = 45
export const TCP_DELACK_MAX_US = 46

// Flags of send(2) and recv(2)
export const MSG_OOB = 0x1
export const MSG_PEEK = 0x2
export const MSG_DONTROUTE = 0x4
export const MSG_CTRUNC = 0x8
export const MSG_TRUNC = 0x20
export const MSG_DONTWAIT = 0x40
export const MSG_EOR = 0x80
export const MSG_WAITALL = 0x100
export const MSG_CONFIRM = 0x800
export const MSG_ERRQUEUE = 0x2000
export const MSG_NOSIGNAL = 0x4000
export const MSG_MORE = 0x8000
export const MSG_WAITFORONE = 0x10000
export const MSG_BATCH = 0x40000
export const MSG_ZEROCOPY = 0x4000000
export const MSG_FASTOPEN = 0x20000000
export const MSG_CMSG_CLOEXEC = 0x40000000

// shutdown(2)
export const SHUT_RD = 0
export const SHUT_WR = 1
export const SHUT_RDWR = 2

// Readiness: poll(2)
export const POLLIN = 0x001
export const POLLPRI = 0x002
export const POLLOUT = 0x004
export const POLLERR = 0x008
export const POLLHUP = 0x010
export const POLLNVAL = 0x020
export const POLLRDHUP = 0x2000

/** What listen(2) takes where the caller does not say: Linux's ceiling, net.core.somaxconn. */
export const SOMAXCONN = 4096

// ioctl(2) requests of sockets: tcp(7), udp(7)
export const SIOCINQ = 0x541b
export const FIONREAD = SIOCINQ
export const SIOCOUTQ = 0x5411
export const SIOCOUTQNSD = 0x894b
export const SIOCATMARK = 0x8905
