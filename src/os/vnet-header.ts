// Read first: linux/virtio_net.h (struct virtio_net_hdr), and the VIRTIO specification 1.1 section 5.1.6.
//
// The ten octets that go before each frame of a TAP or TUN device opened with IFF_VNET_HDR: which checksum is left to do, and
// how a large segment is to be cut. In the machine's byte order, which is little endian wherever Node runs on Linux today.

import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  CHECKSUM_VERIFIED,
  type Offload,
  SEGMENT_NONE,
  SEGMENT_TCP4,
  SEGMENT_TCP6,
  SEGMENT_UDP,
} from '../device/device.ts'

/** Octets of the header. */
export const VNET_HEADER_LENGTH = 10

const NEEDS_CSUM = 1
const DATA_VALID = 2

const GSO_NONE = 0
const GSO_TCPV4 = 1
const GSO_TCPV6 = 4
const GSO_UDP_L4 = 5
const GSO_ECN = 0x80

const TCP_FLAG_CWR = 0x80

/** Writes what `offload` says of the frame at `frame` into the ten octets before it. */
export function writeVnetHeader(bytes: Uint8Array, frame: number, offload: Offload): void {
  const at = frame - VNET_HEADER_LENGTH
  const partial = offload.checksum === CHECKSUM_PARTIAL
  bytes[at] = partial ? NEEDS_CSUM : offload.checksum === CHECKSUM_VERIFIED ? DATA_VALID : 0
  let type = GSO_NONE
  switch (offload.segment) {
    case SEGMENT_TCP4:
      type = GSO_TCPV4
      break
    case SEGMENT_TCP6:
      type = GSO_TCPV6
      break
    case SEGMENT_UDP:
      type = GSO_UDP_L4
      break
  }
  // RFC 3168 section 6.1.2 sets CWR once: only the first of the packets that the segment is cut into may bear it.
  if (
    (type === GSO_TCPV4 || type === GSO_TCPV6) &&
    ((bytes[frame + offload.checksumStart + 13] as number) & TCP_FLAG_CWR) !== 0
  ) {
    type |= GSO_ECN
  }
  bytes[at + 1] = type
  const headerLength = type === GSO_NONE ? 0 : offload.headerLength
  const segmentSize = type === GSO_NONE ? 0 : offload.segmentSize
  const checksumStart = partial ? offload.checksumStart : 0
  const checksumOffset = partial ? offload.checksumOffset : 0
  bytes[at + 2] = headerLength
  bytes[at + 3] = headerLength >>> 8
  bytes[at + 4] = segmentSize
  bytes[at + 5] = segmentSize >>> 8
  bytes[at + 6] = checksumStart
  bytes[at + 7] = checksumStart >>> 8
  bytes[at + 8] = checksumOffset
  bytes[at + 9] = checksumOffset >>> 8
}

/**
 * Reads the ten octets before the frame in `bytes[frame, end)` into `offload`. False where they point outside the frame or
 * speak of a kind that was not asked for: then the frame cannot be told.
 */
export function readVnetHeader(bytes: Uint8Array, frame: number, end: number, offload: Offload): boolean {
  const at = frame - VNET_HEADER_LENGTH
  const flags = bytes[at] as number
  const type = (bytes[at + 1] as number) & ~GSO_ECN
  offload.segment = SEGMENT_NONE
  offload.segmentSize = 0
  offload.headerLength = 0
  if ((flags & NEEDS_CSUM) !== 0) {
    const start = (bytes[at + 6] as number) | ((bytes[at + 7] as number) << 8)
    const offset = (bytes[at + 8] as number) | ((bytes[at + 9] as number) << 8)
    if (frame + start + offset + 2 > end) return false
    offload.checksum = CHECKSUM_PARTIAL
    offload.checksumStart = start
    offload.checksumOffset = offset
  } else {
    offload.checksum = (flags & DATA_VALID) !== 0 ? CHECKSUM_VERIFIED : CHECKSUM_NONE
    offload.checksumStart = 0
    offload.checksumOffset = 0
  }
  if (type === GSO_NONE) return true
  // A large segment always comes with its checksum left to do, which is how its transport header is found. The length of
  // headers in the vnet header is no help: the kernel puts there how much of the packet is contiguous.
  if (offload.checksum !== CHECKSUM_PARTIAL) return false
  const transport = offload.checksumStart
  switch (type) {
    case GSO_TCPV4:
    case GSO_TCPV6: {
      if (frame + transport + 20 > end) return false
      offload.segment = type === GSO_TCPV4 ? SEGMENT_TCP4 : SEGMENT_TCP6
      offload.headerLength = transport + ((bytes[frame + transport + 12] as number) >>> 4) * 4
      break
    }
    case GSO_UDP_L4:
      offload.segment = SEGMENT_UDP
      offload.headerLength = transport + 8
      break
    default:
      return false
  }
  offload.segmentSize = (bytes[at + 4] as number) | ((bytes[at + 5] as number) << 8)
  return offload.segmentSize > 0
}
