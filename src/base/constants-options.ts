// Read first: socket(7), ipv6(7), tcp(7), packet(7), bpf(2), linux/filter.h, linux/bpf_common.h, linux/net_tstamp.h, linux/in6.h, linux/tcp.h,
// linux/udp.h. What the values of rarer options are made of, with the values of Linux.

/** SO_TXTIME: which clock departures are told by, clock_gettime(2), and how. */
export const CLOCK_REALTIME = 0
export const CLOCK_MONOTONIC = 1
export const CLOCK_TAI = 11
export const SOF_TXTIME_DEADLINE_MODE = 1
export const SOF_TXTIME_REPORT_ERRORS = 2

/** SO_BUF_LOCK: which size the kernel leaves alone. */
export const SOCK_SNDBUF_LOCK = 1
export const SOCK_RCVBUF_LOCK = 2

/** Instructions of classic BPF, for SO_ATTACH_FILTER: `code` is a class, and what that class has besides. */
export const BPF_LD = 0x00
export const BPF_LDX = 0x01
export const BPF_ST = 0x02
export const BPF_STX = 0x03
export const BPF_ALU = 0x04
export const BPF_JMP = 0x05
export const BPF_RET = 0x06
export const BPF_MISC = 0x07
/** BPF_LD and BPF_LDX: how much, and from where. */
export const BPF_W = 0x00
export const BPF_H = 0x08
export const BPF_B = 0x10
export const BPF_IMM = 0x00
export const BPF_ABS = 0x20
export const BPF_IND = 0x40
export const BPF_MEM = 0x60
export const BPF_LEN = 0x80
export const BPF_MSH = 0xa0
/** BPF_ALU */
export const BPF_ADD = 0x00
export const BPF_SUB = 0x10
export const BPF_MUL = 0x20
export const BPF_DIV = 0x30
export const BPF_OR = 0x40
export const BPF_AND = 0x50
export const BPF_LSH = 0x60
export const BPF_RSH = 0x70
export const BPF_NEG = 0x80
export const BPF_MOD = 0x90
export const BPF_XOR = 0xa0
/** BPF_JMP */
export const BPF_JA = 0x00
export const BPF_JEQ = 0x10
export const BPF_JGT = 0x20
export const BPF_JGE = 0x30
export const BPF_JSET = 0x40
/** The operand: `k`, the index register, or, of BPF_RET, the accumulator. */
export const BPF_K = 0x00
export const BPF_X = 0x08
export const BPF_A = 0x10
/** BPF_MISC: between the registers. */
export const BPF_TAX = 0x00
export const BPF_TXA = 0x80
/** Offsets of BPF_ABS that begin elsewhere: what the kernel knows besides, the network header, the frame header. */
export const SKF_AD_OFF = -0x1000
export const SKF_NET_OFF = -0x100000
export const SKF_LL_OFF = -0x200000

/** IPV6_FLOWLABEL_MGR: `action`, `flags` and `share`. */
export const IPV6_FL_A_GET = 0
export const IPV6_FL_A_PUT = 1
export const IPV6_FL_A_RENEW = 2
export const IPV6_FL_F_CREATE = 1
export const IPV6_FL_F_EXCL = 2
export const IPV6_FL_F_REFLECT = 4
export const IPV6_FL_F_REMOTE = 8
export const IPV6_FL_S_NONE = 0
export const IPV6_FL_S_EXCL = 1
export const IPV6_FL_S_PROCESS = 2
export const IPV6_FL_S_USER = 3
export const IPV6_FL_S_ANY = 255

/** IPV6_ADDR_PREFERENCES: RFC 5014. */
export const IPV6_PREFER_SRC_TMP = 0x0001
export const IPV6_PREFER_SRC_PUBLIC = 0x0002
export const IPV6_PREFER_SRC_COA = 0x0004
export const IPV6_PREFER_SRC_CGA = 0x0008
export const IPV6_PREFER_SRC_PUBTMP_DEFAULT = 0x0100
export const IPV6_PREFER_SRC_HOME = 0x0400
export const IPV6_PREFER_SRC_NONCGA = 0x0800

/** TCP_REPAIR, TCP_REPAIR_QUEUE and TCP_MD5SIG_EXT. */
export const TCP_REPAIR_ON = 1
export const TCP_REPAIR_OFF = 0
export const TCP_REPAIR_OFF_NO_WP = -1
export const TCP_NO_QUEUE = 0
export const TCP_RECV_QUEUE = 1
export const TCP_SEND_QUEUE = 2
export const TCP_MD5SIG_FLAG_PREFIX = 1
export const TCP_MD5SIG_FLAG_IFINDEX = 2

/** UDP_ENCAP */
export const UDP_ENCAP_ESPINUDP_NON_IKE = 1
export const UDP_ENCAP_ESPINUDP = 2
export const UDP_ENCAP_L2TPINUDP = 3

/** PACKET_FANOUT: `type_flags`; PACKET_VERSION. */
export const PACKET_FANOUT_HASH = 0
export const PACKET_FANOUT_LB = 1
export const PACKET_FANOUT_CPU = 2
export const PACKET_FANOUT_ROLLOVER = 3
export const PACKET_FANOUT_RND = 4
export const PACKET_FANOUT_QM = 5
export const PACKET_FANOUT_CBPF = 6
export const PACKET_FANOUT_EBPF = 7
export const PACKET_FANOUT_FLAG_ROLLOVER = 0x1000
export const PACKET_FANOUT_FLAG_UNIQUEID = 0x2000
export const PACKET_FANOUT_FLAG_DEFRAG = 0x8000
export const TPACKET_V1 = 0
export const TPACKET_V2 = 1
export const TPACKET_V3 = 2
