// Read first: RFC 4361 section 6.1, RFC 6355, RFC 8415 section 11.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

const NODE_IDENTIFIER = 255
const DUID_UUID = 4

/**
 * By what DHCP servers know the stack on an interface of this machine: the same each time, so that the next command has the address of
 * the one before. (Its hardware address is another each time.) What is hashed is not told to the network.
 */
export function dhcpIdentifier(interfaceName: string): Uint8Array {
  const host = createHash('sha256').update(`jackfield ${machine()}`).digest()
  const iaid = createHash('sha256').update(interfaceName).digest()
  return Uint8Array.of(NODE_IDENTIFIER, ...iaid.subarray(0, 4), 0, DUID_UUID, ...host.subarray(0, 16))
}

/** The same for DHCPv6, whose servers are told both parts apart: RFC 4361 section 6.1 made them so. */
export function dhcp6Identifier(interfaceName: string): { readonly identifier: Uint8Array; readonly iaid: number } {
  const both = dhcpIdentifier(interfaceName)
  const iaid = new DataView(both.buffer).getUint32(1)
  return { identifier: both.slice(5), iaid }
}

/** By what clients know a DHCPv6 server on this machine. */
export function dhcp6ServerIdentifier(): Uint8Array {
  const host = createHash('sha256').update(`jackfield server ${machine()}`).digest()
  return Uint8Array.of(0, DUID_UUID, ...host.subarray(0, 16))
}

function machine(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim() || hostname()
  } catch {
    return hostname()
  }
}
