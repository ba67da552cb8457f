// Read first: RFC 2131 section 4.2, RFC 2132 section 9.14, RFC 4361 section 6.

import { given } from '../../base/argument.ts'
import type { DhcpMessage } from '../../wire/dhcp.ts'
import { HTYPE_ETHERNET } from '../../wire/dhcp.ts'
import { DHCP_CLIENT_IDENTIFIER } from '../../wire/dhcp-options.ts'

/** What one option holds: a longer identifier is nobody's. */
const IDENTIFIER_MAX = 255
/** RFC 4361 section 6.1: an identifier that says which interface of which host. */
const NODE_IDENTIFIER = 255
/** RFC 8415 section 11.4: made of a hardware address. */
const DUID_LL = 3

/** By what a server knows a client: its identifier, or else its hardware address. null: it has neither. */
export function clientKey(message: DhcpMessage): string | null {
  const identifier = message.options.get(DHCP_CLIENT_IDENTIFIER)
  if (identifier !== undefined && identifier.length > 0) {
    return identifier.length > IDENTIFIER_MAX ? null : identifierKey(identifier)
  }
  return message.chaddr.length === 0 ? null : hardwareKey(message.htype, message.chaddr)
}

/** The key of the client's hardware address, whatever it says of itself: reservations are written by it. */
export function hardwareKey(htype: number, chaddr: Uint8Array): string {
  return `${htype} ${hexText(chaddr)}`
}

export function identifierKey(identifier: Uint8Array): string {
  return `id ${hexText(identifier)}`
}

/** The key that "02:00:00:00:00:01" is written for, or an identifier. Throws what names `name`. */
export function writtenKey(name: string, client: unknown): string {
  if (client instanceof Uint8Array) {
    if (client.length > 0 && client.length <= IDENTIFIER_MAX) return identifierKey(client)
    throw new RangeError(`${name} must be an identifier of 1 to ${IDENTIFIER_MAX} octets, got ${client.length}`)
  }
  if (typeof client !== 'string') {
    throw new TypeError(`${name} must be a hardware address or a Uint8Array, got ${given(client)}`)
  }
  if (!/^[\da-f]{2}(:[\da-f]{2}){5}$/i.test(client)) {
    throw new RangeError(`${name} must be a hardware address such as 02:00:00:00:00:01, got ${given(client)}`)
  }
  return hardwareKey(
    HTYPE_ETHERNET,
    Uint8Array.from(client.split(':'), (octet) => Number.parseInt(octet, 16)),
  )
}

/** The identifier of an interface that has nothing but its hardware address to be known by: RFC 4361 section 6.1. */
export function nodeIdentifier(chaddr: Uint8Array): Uint8Array<ArrayBuffer> {
  // The interface among those of its host: what no other has.
  const iaid = chaddr.subarray(-4)
  return Uint8Array.of(NODE_IDENTIFIER, ...iaid, 0, DUID_LL, 0, HTYPE_ETHERNET, ...chaddr)
}

function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join(':')
}
