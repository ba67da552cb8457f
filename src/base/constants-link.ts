// Read first: packet(7), netlink(7), vsock(7). What the families of links, of the kernel and of virtual machines have, with the values
// of Linux. A stack has none of them: they are for the operating system's sockets.

export const AF_NETLINK = 16
export const AF_PACKET = 17
export const AF_VSOCK = 40

/** Types of frames, in host order here: linux/if_ether.h. */
export const ETH_P_ALL = 0x0003
export const ETH_P_LOOP = 0x0060
export const ETH_P_IP = 0x0800
export const ETH_P_ARP = 0x0806
export const ETH_P_RARP = 0x8035
export const ETH_P_8021Q = 0x8100
export const ETH_P_IPV6 = 0x86dd
export const ETH_P_MPLS_UC = 0x8847
export const ETH_P_PPP_DISC = 0x8863
export const ETH_P_PPP_SES = 0x8864
export const ETH_P_PAE = 0x888e
export const ETH_P_8021AD = 0x88a8
export const ETH_P_LLDP = 0x88cc
export const ETH_P_1588 = 0x88f7
export const ETH_P_LOOPBACK = 0x9000

/** Whom a frame was for: packet(7). */
export const PACKET_HOST = 0
export const PACKET_BROADCAST = 1
export const PACKET_MULTICAST = 2
export const PACKET_OTHERHOST = 3
export const PACKET_OUTGOING = 4

/** Kinds of links: linux/if_arp.h. */
export const ARPHRD_ETHER = 1
export const ARPHRD_INFINIBAND = 32
export const ARPHRD_PPP = 512
export const ARPHRD_TUNNEL = 768
export const ARPHRD_TUNNEL6 = 769
export const ARPHRD_LOOPBACK = 772
export const ARPHRD_SIT = 776
export const ARPHRD_IPGRE = 778
export const ARPHRD_IEEE80211 = 801
export const ARPHRD_IEEE80211_RADIOTAP = 803
export const ARPHRD_NONE = 0xfffe

/** Options of packet(7). */
export const SOL_PACKET = 263
export const PACKET_ADD_MEMBERSHIP = 1
export const PACKET_DROP_MEMBERSHIP = 2
export const PACKET_RECV_OUTPUT = 3
export const PACKET_RX_RING = 5
export const PACKET_STATISTICS = 6
export const PACKET_COPY_THRESH = 7
export const PACKET_AUXDATA = 8
export const PACKET_ORIGDEV = 9
export const PACKET_VERSION = 10
export const PACKET_HDRLEN = 11
export const PACKET_RESERVE = 12
export const PACKET_TX_RING = 13
export const PACKET_LOSS = 14
export const PACKET_VNET_HDR = 15
export const PACKET_TX_TIMESTAMP = 16
export const PACKET_TIMESTAMP = 17
export const PACKET_FANOUT = 18
export const PACKET_TX_HAS_OFF = 19
export const PACKET_QDISC_BYPASS = 20
export const PACKET_ROLLOVER_STATS = 21
export const PACKET_FANOUT_DATA = 22
export const PACKET_IGNORE_OUTGOING = 23
export const PACKET_VNET_HDR_SZ = 24

/** What PACKET_ADD_MEMBERSHIP joins. */
export const PACKET_MR_MULTICAST = 0
export const PACKET_MR_PROMISC = 1
export const PACKET_MR_ALLMULTI = 2
export const PACKET_MR_UNICAST = 3

/** Whom a netlink socket speaks with: netlink(7). */
export const NETLINK_ROUTE = 0
export const NETLINK_USERSOCK = 2
export const NETLINK_SOCK_DIAG = 4
export const NETLINK_NFLOG = 5
export const NETLINK_XFRM = 6
export const NETLINK_AUDIT = 9
export const NETLINK_NETFILTER = 12
export const NETLINK_KOBJECT_UEVENT = 15
export const NETLINK_GENERIC = 16
export const NETLINK_CRYPTO = 21

/** Options of netlink(7). */
export const SOL_NETLINK = 270
export const NETLINK_ADD_MEMBERSHIP = 1
export const NETLINK_DROP_MEMBERSHIP = 2
export const NETLINK_PKTINFO = 3
export const NETLINK_BROADCAST_ERROR = 4
export const NETLINK_NO_ENOBUFS = 5
export const NETLINK_LISTEN_ALL_NSID = 8
export const NETLINK_LIST_MEMBERSHIPS = 9
export const NETLINK_CAP_ACK = 10
export const NETLINK_EXT_ACK = 11
export const NETLINK_GET_STRICT_CHK = 12

/** Who is where: vsock(7). */
export const VMADDR_CID_ANY = 0xffffffff
export const VMADDR_CID_HYPERVISOR = 0
export const VMADDR_CID_LOCAL = 1
export const VMADDR_CID_HOST = 2
export const VMADDR_PORT_ANY = 0xffffffff

/** Options of vsock(7); their level is AF_VSOCK. */
export const SO_VM_SOCKETS_BUFFER_SIZE = 0
export const SO_VM_SOCKETS_BUFFER_MIN_SIZE = 1
export const SO_VM_SOCKETS_BUFFER_MAX_SIZE = 2
export const SO_VM_SOCKETS_PEER_HOST_VM_ID = 3
export const SO_VM_SOCKETS_TRUSTED = 5
export const SO_VM_SOCKETS_CONNECT_TIMEOUT = 6
export const SO_VM_SOCKETS_NONBLOCK_TXRX = 7
export const SO_VM_SOCKETS_CONNECT_TIMEOUT_NEW = 8
