// Read first: socket(2), ip(7), tcp(7), udp(7), send(2), recv(2), poll(2). The values are Linux's on x86 and arm, on every
// platform: those of a stack that is its own system.

// Address families
export const AF_UNSPEC = 0
export const AF_UNIX = 1
export const AF_INET = 2
export const AF_INET6 = 10

// Socket types
export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
export const SOCK_RAW = 3
export const SOCK_SEQPACKET = 5

// Protocols (also option levels)
export const IPPROTO_IP = 0
export const IPPROTO_ICMP = 1
export const IPPROTO_IGMP = 2
export const IPPROTO_TCP = 6
export const IPPROTO_UDP = 17
export const IPPROTO_IPV6 = 41
export const IPPROTO_ICMPV6 = 58
export const IPPROTO_RAW = 255

export const INADDR_ANY = '0.0.0.0'
export const INADDR_LOOPBACK = '127.0.0.1'
export const INADDR_BROADCAST = '255.255.255.255'

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
export const SO_PRIORITY = 12
export const SO_LINGER = 13
export const SO_REUSEPORT = 15
export const SO_PASSCRED = 16
export const SO_PEERCRED = 17
export const SO_RCVLOWAT = 18
export const SO_SNDLOWAT = 19
export const SO_RCVTIMEO = 20
export const SO_SNDTIMEO = 21
export const SO_BINDTODEVICE = 25
export const SO_TIMESTAMP = 29
export const SO_ACCEPTCONN = 30
export const SO_PROTOCOL = 38
export const SO_DOMAIN = 39
export const SO_PEEK_OFF = 42

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
export const IP_RECVOPTS = 6
export const IP_PKTINFO = 8
export const IP_MTU_DISCOVER = 10
export const IP_RECVERR = 11
export const IP_RECVTTL = 12
export const IP_RECVTOS = 13
export const IP_MTU = 14
export const IP_PMTUDISC_DONT = 0
export const IP_PMTUDISC_WANT = 1
export const IP_PMTUDISC_DO = 2
export const IP_PMTUDISC_PROBE = 3

/** ICMP filter of a raw socket: raw(7). */
export const SOL_RAW = 255
export const ICMP_FILTER = 1

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
export const TCP_USER_TIMEOUT = 18
export const TCP_NOTSENT_LOWAT = 25

// Flags of send(2) and recv(2)
export const MSG_OOB = 0x1
export const MSG_PEEK = 0x2
export const MSG_DONTROUTE = 0x4
export const MSG_CTRUNC = 0x8
export const MSG_TRUNC = 0x20
export const MSG_DONTWAIT = 0x40
export const MSG_EOR = 0x80
export const MSG_WAITALL = 0x100
export const MSG_ERRQUEUE = 0x2000
export const MSG_NOSIGNAL = 0x4000
export const MSG_MORE = 0x8000

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
export const SIOCATMARK = 0x8905
