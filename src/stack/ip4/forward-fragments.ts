// Read first: RFC 791 section 3.2 on fragmentation, RFC 1812 section 4.2.2.7.

import { copyBytes } from '../../base/byte-ring.ts'
import { read16, write16 } from '../../base/bytes.ts'
import { internetChecksum } from '../../base/checksum.ts'
import { CHECKSUM_PARTIAL, Offload } from '../../device/device.ts'
import { IPV4_HEADER_LENGTH, IPV4_HEADER_LENGTH_MAX } from '../../wire/ipv4.ts'
import { completePartialChecksum } from '../../wire/partial-checksum.ts'
import { FRAME_HEADROOM } from '../ip/ip-output.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { Route } from '../ip/route.ts'
import type { LeanStack } from '../lean-stack.ts'
import { keepCopied } from './recorded-options.ts'

const MORE_FRAGMENTS = 0x2000
const OFFSET_MASK = 0x1fff
const NOTHING = new Offload()
const header = new Uint8Array(IPV4_HEADER_LENGTH_MAX)

/** Cuts the IPv4 packet, which may be a fragment itself, to the `mtu` of the next link, and passes the pieces on. */
export function forwardFragments(
  stack: LeanStack,
  packet: IpPacket,
  route: Route,
  mtu: number,
  offload: Offload,
): void {
  const { counters, frame } = stack
  const { bytes, start, payloadStart, payloadEnd } = packet
  let headerLength = payloadStart - start
  copyBytes(bytes, start, payloadStart, header, 0)
  header[8] = (header[8] as number) - 1
  const fragment = read16(header, 6)
  // Behind the header's room, so that what is written in front of a piece is what was sent before.
  const from = FRAME_HEADROOM
  const to = from + payloadEnd - payloadStart
  copyBytes(bytes, payloadStart, payloadEnd, frame, from)
  if (offload.checksum === CHECKSUM_PARTIAL) {
    completePartialChecksum(frame, from + offload.checksumStart, offload.checksumOffset, to)
  }
  counters.fragmented++
  let at = from
  while (at < to) {
    const size = (mtu - headerLength) & ~7
    const end = Math.min(at + size, to)
    const begin = at - headerLength
    copyBytes(header, 0, headerLength, frame, begin)
    write16(frame, begin + 2, headerLength + end - at)
    const more = end < to || (fragment & MORE_FRAGMENTS) !== 0
    write16(frame, begin + 6, (more ? MORE_FRAGMENTS : 0) | ((fragment & OFFSET_MASK) + ((at - from) >>> 3)))
    write16(frame, begin + 10, 0)
    write16(frame, begin + 10, internetChecksum(frame, begin, at))
    const result = route.interface.output(
      route.neighbour,
      route.destination.d,
      frame,
      begin,
      end,
      headerLength,
      NOTHING,
    )
    if (result < 0) {
      counters.fragmentFailures++
      return
    }
    counters.fragmentsCreated++
    at = end
    if (headerLength > IPV4_HEADER_LENGTH) {
      const options = header.subarray(IPV4_HEADER_LENGTH)
      headerLength = IPV4_HEADER_LENGTH + keepCopied(options, headerLength - IPV4_HEADER_LENGTH)
      header[0] = 0x40 | (headerLength >>> 2)
    }
  }
}
