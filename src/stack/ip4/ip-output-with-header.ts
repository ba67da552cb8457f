// Read first: raw(7) on IP_HDRINCL.

import { read16, write16, write32 } from '../../base/bytes.ts'
import { internetChecksum } from '../../base/checksum.ts'
import { EINVAL, EMSGSIZE } from '../../base/errno.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { Offload } from '../../device/device.ts'
import { IPV4_HEADER_LENGTH } from '../../wire/ipv4.ts'
import type { Route } from '../ip/route.ts'
import type { LeanStack } from '../lean-stack.ts'

const NOTHING = new Offload()
const source = new IpAddress()
const destination = new IpAddress()

/**
 * Sends the IP packet `bytes[start, end)`, whose header somebody else wrote, along `route`. Filled in as raw(7) has it: total
 * length and checksum always, source and identification where they are 0. It is never cut into fragments: -EMSGSIZE. -EINVAL
 * where the header is not one. For the rest see `ipOutput`.
 */
export function ipOutputWithHeader(
  stack: LeanStack,
  route: Route,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const length = end - start
  const headerLength = ((bytes[start] as number) & 15) << 2
  if ((bytes[start] as number) >>> 4 !== 4 || headerLength < IPV4_HEADER_LENGTH || headerLength > length) return -EINVAL
  if (length > route.mtu) return -EMSGSIZE
  stack.counters.outRequests++
  write16(bytes, start + 2, length)
  if (read16(bytes, start + 12) === 0 && read16(bytes, start + 14) === 0) write32(bytes, start + 12, route.source.d)
  source.setV4((read16(bytes, start + 12) << 16) | read16(bytes, start + 14))
  destination.setV4((read16(bytes, start + 16) << 16) | read16(bytes, start + 18))
  if (read16(bytes, start + 4) === 0) {
    write16(bytes, start + 4, stack.identification.next(source, destination, bytes[start + 9] as number))
  }
  write16(bytes, start + 10, 0)
  write16(bytes, start + 10, internetChecksum(bytes, start, start + headerLength))
  return route.interface.output(route.neighbour, route.destination.d, bytes, start, end, headerLength, NOTHING)
}
