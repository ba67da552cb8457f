// Read first: RFC 3704 sections 2.2 and 2.4, RFC 1812 section 5.3.8.

import type { LeanStack } from '../lean-stack.ts'
import type { IpPacket } from './ip-packet.ts'
import { interfaceTowards } from './routing.ts'

/**
 * What an interface asks of the sources of packets that come in there. 'off': nothing. 'loose': that there is a way to them at all.
 * 'strict': that packets to them would go out by the same interface.
 */
export type ReversePathCheck = 'off' | 'loose' | 'strict'

/** Whether the source of `packet` can be there where it came from, as far as the interface wants to know. */
export function reversePathRight(stack: LeanStack, packet: IpPacket): boolean {
  const from = packet.interface
  if (from === null || from.reversePath === 'off' || stack.hearsItself) return true
  const { source } = packet
  // Those who have no address yet, or one for this link only.
  if (source.isUnspecified || source.isLinkLocal) return true
  const out = interfaceTowards(stack, source)
  return out === from || (out !== null && from.reversePath === 'loose')
}
