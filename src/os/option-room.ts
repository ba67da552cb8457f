// Read first: getsockopt(2), ip(7) on IP_MSFILTER, RFC 3678 sections 4.2 and 5.2, linux/tcp.h. The room that the kernel has for the value of an
// option. It is told by the length; but of an option that is a list the kernel also believes the count that the value begins with.

import {
  IP_MSFILTER,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  MCAST_MSFILTER,
  TCP_AO_GET_KEYS,
} from '../base/constants.ts'

/**
 * Before getsockopt(2) with `length` octets: a count in `value` that promises more room than there is becomes the number of members for
 * which there is room. What Linux 6.18 does with more of them is write past the end.
 */
export function boundCount(level: number, name: number, value: Uint8Array, length: number): void {
  if (level === IPPROTO_IP && name === IP_MSFILTER) {
    // struct ip_msfilter: the sources, of 4 octets, begin at 16.
    bound(value, length, 12, 16, 4)
  } else if ((level === IPPROTO_IP || level === IPPROTO_IPV6) && name === MCAST_MSFILTER) {
    // struct group_filter: the sources, of 128 octets, begin at 144.
    bound(value, length, 140, 144, 128)
  } else if (level === IPPROTO_TCP && name === TCP_AO_GET_KEYS) {
    // struct tcp_ao_getsockopt: each key takes the whole length.
    bound(value, length, 272, 0, length)
  }
}

function bound(value: Uint8Array, length: number, at: number, begin: number, member: number): void {
  // Where not even the count is there, the call fails.
  if (length < at + 4) return
  const room = Math.max(0, Math.floor((length - begin) / member))
  const octets = new DataView(value.buffer, value.byteOffset, length)
  if (octets.getUint32(at, true) > room) octets.setUint32(at, room, true)
}
