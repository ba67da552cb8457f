// Read first: RFC 2131 sections 2 and 4.1, RFC 951 section 3, RFC 1542 section 2, RFC 3396.
//
//    op (8)            htype (8)         hlen (8)          hops (8)
//    xid (32)
//    secs (16)                           flags (16), the first bit: broadcast
//    ciaddr (32)       yiaddr (32)       siaddr (32)       giaddr (32)
//    chaddr (16 octets)
//    sname (64 octets), file (128 octets): texts, or options as well
//    63 82 53 63, options
//
// Messages are few, and what they hold is kept by who reads them: each is read into an object of its own.

import { read16, read32, write16, write32 } from '../base/bytes.ts'
import { DHCP_MESSAGE_TYPE, DHCP_OVERLOAD, DhcpOptionField, type DhcpOptions, readDhcpOptions } from './dhcp-options.ts'
import { textOctets, textOf } from './dhcp-values.ts'

export const DHCP_SERVER_PORT = 67
export const DHCP_CLIENT_PORT = 68

export const BOOTREQUEST = 1
export const BOOTREPLY = 2

export const DHCPDISCOVER = 1
export const DHCPOFFER = 2
export const DHCPREQUEST = 3
export const DHCPDECLINE = 4
export const DHCPACK = 5
export const DHCPNAK = 6
export const DHCPRELEASE = 7
export const DHCPINFORM = 8

/** RFC 1700 "Hardware Types". */
export const HTYPE_ETHERNET = 1

const CHADDR_AT = 28
const CHADDR_LENGTH = 16
const SNAME_AT = 44
const FILE_AT = 108
const COOKIE_AT = 236
const OPTIONS_AT = 240
const COOKIE = 0x63825363
const BROADCAST = 0x8000
/** In option 52: which fields hold options. */
const OVERLOAD_FILE = 1
const OVERLOAD_SNAME = 2
const OVERLOAD_LENGTH = 3

/** What every host takes: a datagram of 576 octets, less the headers of IP and UDP (RFC 2131 section 2). */
export const DHCP_LENGTH_LEAST = 548
/** RFC 1542 section 2.1: relays may drop what is shorter than BOOTP's messages were. */
const BOOTP_LENGTH = 300

/** Why octets are no message: a field that cannot be, or what is missing. */
export type DhcpFault = 'too short' | 'bad op' | 'bad hlen' | 'no cookie' | 'options overrun' | 'bad message type'

/** A message. Addresses are 32 bits, 0 for none. */
export class DhcpMessage {
  op: number = BOOTREQUEST
  /** DHCPDISCOVER …; 0: a message of BOOTP, which has none. */
  type = 0
  htype: number = HTYPE_ETHERNET
  hops = 0
  xid = 0
  secs = 0
  broadcast = false
  ciaddr = 0
  yiaddr = 0
  siaddr = 0
  giaddr = 0
  /** As long as hlen says: at most 16 octets. */
  chaddr: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  /** '' for none, or for one that is not of letters, digits and signs of ASCII. */
  sname = ''
  file = ''
  /** Without the message type and the one that says which fields hold options. */
  options: DhcpOptions = new Map()
}

/** Reads the message in `bytes[start, end)`, or says why it is none. Whatever the octets, it does not throw. */
export function readDhcp(bytes: Uint8Array, start: number, end: number): DhcpMessage | DhcpFault {
  if (end - start < OPTIONS_AT) return 'too short'
  const op = bytes[start] as number
  if (op !== BOOTREQUEST && op !== BOOTREPLY) return 'bad op'
  const hlen = bytes[start + 2] as number
  if (hlen > CHADDR_LENGTH) return 'bad hlen'
  if (read32(bytes, start + COOKIE_AT) !== COOKIE) return 'no cookie'
  const options: DhcpOptions = new Map()
  if (!readDhcpOptions(options, bytes, start + OPTIONS_AT, end)) return 'options overrun'
  // RFC 3396 section 7: first the field of the options, then file, then sname.
  const overload = options.get(DHCP_OVERLOAD)?.[0] ?? 0
  const inFile = (overload & OVERLOAD_FILE) !== 0
  const inSname = (overload & OVERLOAD_SNAME) !== 0
  if (inFile && !readDhcpOptions(options, bytes, start + FILE_AT, start + COOKIE_AT)) return 'options overrun'
  if (inSname && !readDhcpOptions(options, bytes, start + SNAME_AT, start + FILE_AT)) return 'options overrun'
  const type = options.get(DHCP_MESSAGE_TYPE)
  if (type !== undefined && (type.length !== 1 || type[0] === 0)) return 'bad message type'
  options.delete(DHCP_OVERLOAD)
  options.delete(DHCP_MESSAGE_TYPE)
  const message = new DhcpMessage()
  message.op = op
  message.type = type?.[0] ?? 0
  message.htype = bytes[start + 1] as number
  message.hops = bytes[start + 3] as number
  message.xid = read32(bytes, start + 4)
  message.secs = read16(bytes, start + 8)
  message.broadcast = (read16(bytes, start + 10) & BROADCAST) !== 0
  message.ciaddr = read32(bytes, start + 12)
  message.yiaddr = read32(bytes, start + 16)
  message.siaddr = read32(bytes, start + 20)
  message.giaddr = read32(bytes, start + 24)
  message.chaddr = bytes.slice(start + CHADDR_AT, start + CHADDR_AT + hlen)
  message.sname = inSname ? '' : (textOf(bytes.subarray(start + SNAME_AT, start + FILE_AT)) ?? '')
  message.file = inFile ? '' : (textOf(bytes.subarray(start + FILE_AT, start + COOKIE_AT)) ?? '')
  message.options = options
  return message
}

/**
 * The octets of a message, `most` of them at the most. Options that do not fit behind the others go into the fields file and sname
 * where those are free (RFC 2131 section 4.1); what does not fit there is left out, so that what matters most has to come first.
 */
export function writeDhcp(message: DhcpMessage, most = DHCP_LENGTH_LEAST): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.max(most, BOOTP_LENGTH))
  bytes[0] = message.op
  bytes[1] = message.htype
  bytes[2] = message.chaddr.length
  bytes[3] = message.hops
  write32(bytes, 4, message.xid)
  write16(bytes, 8, message.secs)
  write16(bytes, 10, message.broadcast ? BROADCAST : 0)
  write32(bytes, 12, message.ciaddr)
  write32(bytes, 16, message.yiaddr)
  write32(bytes, 20, message.siaddr)
  write32(bytes, 24, message.giaddr)
  bytes.set(message.chaddr.subarray(0, CHADDR_LENGTH), CHADDR_AT)
  // A text ends in a zero.
  bytes.set(textOctets(message.sname).subarray(0, FILE_AT - SNAME_AT - 1), SNAME_AT)
  bytes.set(textOctets(message.file).subarray(0, COOKIE_AT - FILE_AT - 1), FILE_AT)
  write32(bytes, COOKIE_AT, COOKIE)
  const end = Math.max(writeOptions(message, bytes), BOOTP_LENGTH)
  return bytes.slice(0, end)
}

/** Where they end. */
function writeOptions(message: DhcpMessage, bytes: Uint8Array): number {
  const options: [number, Uint8Array][] = [...message.options]
  if (message.type !== 0) options.unshift([DHCP_MESSAGE_TYPE, Uint8Array.of(message.type)])
  const alone = new DhcpOptionField(bytes, OPTIONS_AT, bytes.length)
  if (options.every(([code, value]) => writeOption([alone], 0, code, value) === 0)) return alone.finish()
  const overload = (message.file === '' ? OVERLOAD_FILE : 0) | (message.sname === '' ? OVERLOAD_SNAME : 0)
  const first = new DhcpOptionField(bytes, OPTIONS_AT, bytes.length - OVERLOAD_LENGTH)
  const fields = [first]
  if ((overload & OVERLOAD_FILE) !== 0) fields.push(new DhcpOptionField(bytes, FILE_AT, COOKIE_AT))
  if ((overload & OVERLOAD_SNAME) !== 0) fields.push(new DhcpOptionField(bytes, SNAME_AT, FILE_AT))
  bytes.fill(0, OPTIONS_AT)
  let field = 0
  for (const [code, value] of options) field = Math.max(field, writeOption(fields, field, code, value))
  for (const used of fields.slice(1)) used.finish()
  const end = first.finish()
  if (overload === 0) return end
  // Behind the others, where room was kept for it.
  const last = new DhcpOptionField(bytes, end - 1, bytes.length)
  last.write(DHCP_OVERLOAD, Uint8Array.of(overload), 0)
  return last.finish()
}

/** Writes an option into the first of the fields from `from` on that holds it whole. Which that was; −1: none. */
function writeOption(fields: readonly DhcpOptionField[], from: number, code: number, value: Uint8Array): number {
  for (let i = from; i < fields.length; i++) {
    const field = fields[i] as DhcpOptionField
    if (!field.holds(value.length)) continue
    let at = field.write(code, value, 0)
    while (at < value.length) at = field.write(code, value, at)
    return i
  }
  return -1
}
