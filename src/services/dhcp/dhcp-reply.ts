// Read first: RFC 2131 sections 4.1 and 4.3.1 with its table 3, RFC 6842, RFC 3046 section 2.2.

import {
  BOOTREPLY,
  DHCP_CLIENT_PORT,
  DHCP_LENGTH_LEAST,
  DHCP_SERVER_PORT,
  DHCPACK,
  DHCPNAK,
  type DHCPOFFER,
  DhcpMessage,
  writeDhcp,
} from '../../wire/dhcp.ts'
import * as OPTION from '../../wire/dhcp-options.ts'
import { textOctets, uint16Of, uint32Octets } from '../../wire/dhcp-values.ts'
import { type DhcpScope, INFINITE_TIME } from './dhcp-scope.ts'

/** Headers of IPv4 and UDP: what a client says that it takes counts them. */
const HEADERS = 28
/** What an Ethernet frame carries. */
const LENGTH_MOST = 1472
/** RFC 2131 section 4.4.5. */
const RENEWAL_SHARE = 0.5
const REBINDING_SHARE = 0.875

export const BROADCAST_ADDRESS = -1

/** What is sent in answer, and where to. */
export interface DhcpReply {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly address: number
  readonly port: number
}

/** DHCPOFFER, or DHCPACK: `address` for so many seconds; 0 and null for a host that has one already and asks for the rest. */
export function grant(
  asked: DhcpMessage,
  scope: DhcpScope,
  server: number,
  type: typeof DHCPOFFER | typeof DHCPACK,
  address: number,
  seconds: number | null,
): DhcpReply {
  const reply = replyTo(asked, server, type)
  reply.yiaddr = address
  if (type === DHCPACK) reply.ciaddr = asked.ciaddr
  const { options } = reply
  if (seconds !== null) {
    options.set(OPTION.DHCP_LEASE_TIME, uint32Octets(seconds))
    if (seconds !== INFINITE_TIME) {
      options.set(OPTION.DHCP_RENEWAL_TIME, uint32Octets(Math.floor(seconds * RENEWAL_SHARE)))
      options.set(OPTION.DHCP_REBINDING_TIME, uint32Octets(Math.floor(seconds * REBINDING_SHARE)))
    }
  }
  const mask = scope.options.get(OPTION.DHCP_SUBNET_MASK)
  if (mask !== undefined) options.set(OPTION.DHCP_SUBNET_MASK, mask)
  // In the order in which they were asked for; who asks for none in particular gets all.
  const wanted = asked.options.get(OPTION.DHCP_PARAMETER_LIST) ?? scope.options.keys()
  for (const code of wanted) {
    const value = scope.options.get(code)
    if (value !== undefined) options.set(code, value)
  }
  return addressed(asked, reply)
}

/** DHCPNAK, with the reason. */
export function refuse(asked: DhcpMessage, server: number, reason: string): DhcpReply {
  const reply = replyTo(asked, server, DHCPNAK)
  reply.options.set(OPTION.DHCP_ERROR_TEXT, textOctets(reason))
  // Section 4.3.2: what a relay has got for a client that may have no address any more, it must broadcast.
  if (asked.giaddr !== 0) reply.broadcast = true
  return addressed(asked, reply)
}

function replyTo(asked: DhcpMessage, server: number, type: number): DhcpMessage {
  const reply = new DhcpMessage()
  reply.op = BOOTREPLY
  reply.type = type
  reply.htype = asked.htype
  reply.xid = asked.xid
  reply.broadcast = asked.broadcast
  reply.giaddr = asked.giaddr
  reply.chaddr = asked.chaddr
  reply.options.set(OPTION.DHCP_SERVER_IDENTIFIER, uint32Octets(server))
  for (const code of [OPTION.DHCP_CLIENT_IDENTIFIER, OPTION.DHCP_RELAY_INFORMATION]) {
    const value = asked.options.get(code)
    if (value !== undefined) reply.options.set(code, value)
  }
  return reply
}

function addressed(asked: DhcpMessage, reply: DhcpMessage): DhcpReply {
  const size = uint16Of(asked.options.get(OPTION.DHCP_MESSAGE_SIZE) ?? new Uint8Array(0)) ?? 0
  const bytes = writeDhcp(reply, Math.min(LENGTH_MOST, Math.max(DHCP_LENGTH_LEAST, size - HEADERS)))
  if (asked.giaddr !== 0) return { bytes, address: asked.giaddr, port: DHCP_SERVER_PORT }
  // Section 4.1: without an address yet a client cannot be asked who has it. A packet socket could reach its hardware address all the
  // same; over sockets of UDP that is not possible, and then all hear it.
  const known = asked.ciaddr !== 0 && reply.type === DHCPACK
  return { bytes, address: known ? asked.ciaddr : BROADCAST_ADDRESS, port: DHCP_CLIENT_PORT }
}
