// Read first: socket(7), unix(7), ip(7) on IP_RECVERR, packet(7), Linux's networking/timestamping and networking/msg_zerocopy. Control
// messages that only the operating system's sockets have, and what they hold, with the values of Linux.

import {
  SO_INQ,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMPING,
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPNS_NEW,
  SO_TXTIME,
  TCP_INQ,
} from './constants.ts'

// Of level SOL_SOCKET
export const SCM_SECURITY = 3
export const SCM_PIDFD = 4
export const SCM_TIMESTAMPING = SO_TIMESTAMPING
export const SCM_TIMESTAMPING_OPT_STATS = 54
export const SCM_TIMESTAMPING_PKTINFO = 58
export const SCM_TXTIME = SO_TXTIME
export const SCM_TIMESTAMP_NEW = SO_TIMESTAMP_NEW
export const SCM_TIMESTAMPNS_NEW = SO_TIMESTAMPNS_NEW
export const SCM_TIMESTAMPING_NEW = SO_TIMESTAMPING_NEW
export const SCM_TS_OPT_ID = 81
export const SCM_INQ = SO_INQ
/** Of level SOL_TCP. */
export const TCP_CM_INQ = TCP_INQ

/** Flags of SO_TIMESTAMPING: what is to be stamped, where, and how it is told. */
export const SOF_TIMESTAMPING_TX_HARDWARE = 1
export const SOF_TIMESTAMPING_TX_SOFTWARE = 2
export const SOF_TIMESTAMPING_RX_HARDWARE = 4
export const SOF_TIMESTAMPING_RX_SOFTWARE = 8
export const SOF_TIMESTAMPING_SOFTWARE = 0x10
export const SOF_TIMESTAMPING_SYS_HARDWARE = 0x20
export const SOF_TIMESTAMPING_RAW_HARDWARE = 0x40
export const SOF_TIMESTAMPING_OPT_ID = 0x80
export const SOF_TIMESTAMPING_TX_SCHED = 0x100
export const SOF_TIMESTAMPING_TX_ACK = 0x200
export const SOF_TIMESTAMPING_OPT_CMSG = 0x400
export const SOF_TIMESTAMPING_OPT_TSONLY = 0x800
export const SOF_TIMESTAMPING_OPT_STATS = 0x1000
export const SOF_TIMESTAMPING_OPT_PKTINFO = 0x2000
export const SOF_TIMESTAMPING_OPT_TX_SWHW = 0x4000
export const SOF_TIMESTAMPING_BIND_PHC = 0x8000
export const SOF_TIMESTAMPING_OPT_ID_TCP = 0x10000
export const SOF_TIMESTAMPING_OPT_RX_FILTER = 0x20000
export const SOF_TIMESTAMPING_TX_COMPLETION = 0x40000

/** Which moment a timestamp of the error queue is: `info` of its extended error. */
export const SCM_TSTAMP_SND = 0
export const SCM_TSTAMP_SCHED = 1
export const SCM_TSTAMP_ACK = 2
export const SCM_TSTAMP_COMPLETION = 3

// Where a message of the error queue comes from, besides errors of the network
export const SO_EE_ORIGIN_TXSTATUS = 4
export const SO_EE_ORIGIN_TIMESTAMPING = SO_EE_ORIGIN_TXSTATUS
export const SO_EE_ORIGIN_ZEROCOPY = 5
export const SO_EE_ORIGIN_TXTIME = 6
export const SO_EE_CODE_ZEROCOPY_COPIED = 1
export const SO_EE_CODE_TXTIME_INVALID_PARAM = 1
export const SO_EE_CODE_TXTIME_MISSED = 2

/** What a PACKET_AUXDATA says of a frame. */
export const TP_STATUS_USER = 1
export const TP_STATUS_COPY = 2
export const TP_STATUS_LOSING = 4
export const TP_STATUS_CSUMNOTREADY = 8
export const TP_STATUS_VLAN_VALID = 0x10
export const TP_STATUS_BLK_TMO = 0x20
export const TP_STATUS_VLAN_TPID_VALID = 0x40
export const TP_STATUS_CSUM_VALID = 0x80
export const TP_STATUS_GSO_TCP = 0x100
export const TP_STATUS_TS_SOFTWARE = 0x20000000
export const TP_STATUS_TS_SYS_HARDWARE = 0x40000000
export const TP_STATUS_TS_RAW_HARDWARE = 0x80000000
