import type { Offload } from '../../device/device.ts'
import { ipv4Output } from '../ip4/ipv4-output.ts'
import { ipv6Output } from '../ip6/ipv6-output.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { Route } from './route.ts'

/**
 * Octets in front of the transport header in `stack.frame`: for IP and link headers, and what a device puts before them. A
 * multiple of 4, so that checksums run over whole words.
 */
export const FRAME_HEADROOM = 128

/**
 * Sends the transport packet `bytes[payloadStart, payloadEnd)` along `route`. IP and link headers are written into the room in
 * front of it, at least FRAME_HEADROOM octets; nothing is copied, but what lies in front of the packet, and where it must be
 * cut into fragments the packet itself, is overwritten. `offload` counts from `payloadStart` and is not changed, but that a
 * payload that lies elsewhere may have been joined to the packet. Of IPv6, a `ttl`
 * of HOP_LIMIT_OF_INTERFACE takes what routers advertise.
 *
 * 0: sent, or waiting for the neighbour's hardware address. -EMSGSIZE: too long for the path, and not to be fragmented.
 * -ENOBUFS: the device has no room; `interface.awaitRoom` or `tcp.writable` tell when it has. -EHOSTUNREACH: the neighbour does
 * not answer.
 */
export function ipOutput(
  stack: LeanStack,
  route: Route,
  protocol: number,
  ttl: number,
  tos: number,
  dontFragment: boolean,
  bytes: Uint8Array,
  payloadStart: number,
  payloadEnd: number,
  offload: Offload,
): number {
  if (route.version === 6) {
    return ipv6Output(stack, route, protocol, ttl, tos, dontFragment, bytes, payloadStart, payloadEnd, offload)
  }
  return ipv4Output(stack, route, protocol, ttl, tos, dontFragment, bytes, payloadStart, payloadEnd, offload)
}
