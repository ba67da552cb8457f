// Read first: socket(7); sock_set_timestamping and sk_setsockopt in Linux. Options of SOL_SOCKET that only streams have here.

import { SO_MEMINFO, SO_TIMESTAMPING, SO_ZEROCOPY } from '../../base/constants.ts'
import {
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_OPT_ID_TCP,
  SOF_TIMESTAMPING_OPT_STATS,
  SOF_TIMESTAMPING_OPT_TSONLY,
  SOF_TIMESTAMPING_RX_SOFTWARE,
} from '../../base/constants-control.ts'
import { EINVAL, ENOPROTOOPT } from '../../base/errno.ts'
import type { Connection } from '../../tcp/connection.ts'
import { sendCharge } from '../../tcp/send-buffer.ts'
import { CLOSED } from '../../tcp/state.ts'
import { CONTROL_TIMESTAMP, CONTROL_TIMESTAMPNS } from './option-bits.ts'
import { readInt, writeInt, writeInts } from './option-value.ts'
import { StreamNotices } from './stream-notices.ts'
import type { TcpEndpoint } from './tcp-endpoint.ts'

/** All flags that there are. */
const STAMPING_MASK = 0x7ffff

/** The octets of the value, or a negated errno. */
export function getStreamOption(endpoint: TcpEndpoint, name: number, value: Uint8Array): number {
  switch (name) {
    case SO_ZEROCOPY:
      return writeInt(value, endpoint.notices?.zeroCopy ? 1 : 0)
    case SO_TIMESTAMPING:
      return value.length < 8
        ? writeInt(value, endpoint.notices?.stamping ?? 0)
        : writeInts(value, endpoint.notices?.stamping ?? 0, 0)
    case SO_MEMINFO:
      return memoryInfo(endpoint, value)
    default:
      return -ENOPROTOOPT
  }
}

/** 0, or a negated errno. */
export function setStreamOption(endpoint: TcpEndpoint, name: number, value: Uint8Array): number {
  const int = readInt(value)
  switch (name) {
    case SO_ZEROCOPY:
      if (int !== 0 && int !== 1) return -EINVAL
      noticesOf(endpoint).zeroCopy = int === 1
      return 0
    case SO_TIMESTAMPING:
      return setStamping(endpoint, int)
    default:
      return -ENOPROTOOPT
  }
}

function setStamping(endpoint: TcpEndpoint, flags: number): number {
  if ((flags & ~STAMPING_MASK) !== 0) return -EINVAL
  if ((flags & SOF_TIMESTAMPING_OPT_ID_TCP) !== 0 && (flags & SOF_TIMESTAMPING_OPT_ID) === 0) return -EINVAL
  if ((flags & SOF_TIMESTAMPING_OPT_STATS) !== 0 && (flags & SOF_TIMESTAMPING_OPT_TSONLY) === 0) return -EINVAL
  const c = endpoint.connection
  const counts = (flags & SOF_TIMESTAMPING_OPT_ID) !== 0
  if (counts && ((endpoint.notices?.stamping ?? 0) & SOF_TIMESTAMPING_OPT_ID) === 0) {
    // The octets are counted from here: there must be some to count.
    if (c === null || c.state === CLOSED) return -EINVAL
    noticesOf(endpoint).origin = (flags & SOF_TIMESTAMPING_OPT_ID_TCP) !== 0 ? c.writeSeq : c.sndUna
  }
  noticesOf(endpoint).stamping = flags
  noteArrivals(endpoint)
  return 0
}

/** SO_TIMESTAMP, SO_TIMESTAMPNS or SO_TIMESTAMPING has a new value. */
export function noteArrivals(endpoint: TcpEndpoint): void {
  const asked = (endpoint.controlBits & (CONTROL_TIMESTAMP | CONTROL_TIMESTAMPNS)) !== 0
  if (!asked && endpoint.notices === null) return
  const notices = noticesOf(endpoint)
  notices.arriving = asked || (notices.stamping & SOF_TIMESTAMPING_RX_SOFTWARE) !== 0
}

function noticesOf(endpoint: TcpEndpoint): StreamNotices {
  endpoint.notices ??= new StreamNotices(endpoint)
  if (endpoint.connection !== null) endpoint.connection.watcher = endpoint.notices
  return endpoint.notices
}

/** What a new connection of this socket has of its notices: those of a listener, or of a socket that had none. */
export function inheritNotices(endpoint: TcpEndpoint, parent: TcpEndpoint): void {
  if (parent.notices === null) return
  const notices = noticesOf(endpoint)
  notices.zeroCopy = parent.notices.zeroCopy
  notices.stamping = parent.notices.stamping
  noteArrivals(endpoint)
}

// sk_get_meminfo: nine numbers, of which a stack knows what waits to be read and sent, and the limits.
function memoryInfo(endpoint: TcpEndpoint, value: Uint8Array): number {
  const c = endpoint.connection
  const queued = c === null ? 0 : sendCharge(c)
  const unread = c === null ? 0 : c.receiveRing.length
  return writeInts(value, unread, endpoint.receiveBufferNow, 0, endpoint.sendBufferNow, 0, queued, 0, 0, 0)
}

/** SO_SNDBUF of a connection; what is set after its end, `wished`, is for the next one. */
export function sendBufferOf(c: Connection, wished: number): number {
  return c.state === CLOSED ? wished : c.sendBuffer
}
