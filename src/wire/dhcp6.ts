// Read first: RFC 8415 sections 7 and 8.
//
//    msg-type (8)      transaction-id (24)
//    options
//
// Relay messages (section 9) have another form, and are none of these: nobody here relays.

import { read32, write32 } from '../base/bytes.ts'
import { type Dhcp6Option, dhcp6OptionsOctets, readDhcp6Options } from './dhcp6-options.ts'

export const DHCP6_CLIENT_PORT = 546
export const DHCP6_SERVER_PORT = 547
/** All_DHCP_Relay_Agents_and_Servers: of the link. */
export const DHCP6_GROUP = 'ff02::1:2'

export const DHCP6_SOLICIT = 1
export const DHCP6_ADVERTISE = 2
export const DHCP6_REQUEST = 3
export const DHCP6_CONFIRM = 4
export const DHCP6_RENEW = 5
export const DHCP6_REBIND = 6
export const DHCP6_REPLY = 7
export const DHCP6_RELEASE = 8
export const DHCP6_DECLINE = 9
export const DHCP6_RECONFIGURE = 10
export const DHCP6_INFORMATION_REQUEST = 11
export const DHCP6_RELAY_FORW = 12
export const DHCP6_RELAY_REPL = 13

const HEADER_LENGTH = 4
const XID_MASK = 0xffffff

/** Why octets are no message of a client or a server. */
export type Dhcp6Fault = 'too short' | 'bad message type' | 'options overrun'

export class Dhcp6Message {
  type: number = DHCP6_SOLICIT
  /** 24 bits. */
  xid = 0
  options: Dhcp6Option[] = []
}

/** Reads the message in `bytes[start, end)`, or says why it is none. Whatever the octets, it does not throw. */
export function readDhcp6(bytes: Uint8Array, start: number, end: number): Dhcp6Message | Dhcp6Fault {
  if (end - start < HEADER_LENGTH) return 'too short'
  const first = read32(bytes, start)
  const type = first >>> 24
  if (type < DHCP6_SOLICIT || type > DHCP6_INFORMATION_REQUEST) return 'bad message type'
  const options = readDhcp6Options(bytes, start + HEADER_LENGTH, end)
  if (options === null) return 'options overrun'
  const message = new Dhcp6Message()
  message.type = type
  message.xid = first & XID_MASK
  message.options = options
  return message
}

export function writeDhcp6(message: Dhcp6Message): Uint8Array<ArrayBuffer> {
  const options = dhcp6OptionsOctets(message.options)
  const bytes = new Uint8Array(HEADER_LENGTH + options.length)
  write32(bytes, 0, (message.type << 24) | (message.xid & XID_MASK))
  bytes.set(options, HEADER_LENGTH)
  return bytes
}
