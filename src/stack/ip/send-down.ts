import type { Offload } from '../../device/device.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { Route } from './route.ts'

/**
 * Gives the packet `bytes[start, end)`, its header written, to the link. What goes to many is heard by those on this host as well:
 * a copy comes back.
 */
export function sendDown(
  stack: LeanStack,
  route: Route,
  bytes: Uint8Array,
  start: number,
  end: number,
  headerLength: number,
  offload: Offload,
): number {
  const { destination, neighbour } = route
  const out = route.interface
  if (route.toMany && out !== stack.loopback) {
    offload.join(bytes, end)
    stack.copies.send(out, bytes, start, end, headerLength, offload)
    if (staysHere(bytes, start, route)) return 0
  }
  return out.output(neighbour, destination.d, bytes, start, end, headerLength, offload)
}

// What has no hops to go is for this host alone (RFC 1112 section 6.1), and so are groups of the interface (RFC 4291 section 2.7).
function staysHere(bytes: Uint8Array, start: number, { version, destination }: Route): boolean {
  if (version === 4) return bytes[start + 8] === 0
  return bytes[start + 7] === 0 || ((destination.a >>> 16) & 15) <= 1
}
