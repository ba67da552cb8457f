// Read first: RFC 2131 section 2, RFC 2132, tcpdump(1).

import { read16, read32 } from '../base/bytes.ts'
import { ipv4Text } from '../base/ip-address.ts'
import { type Description, hardwareAddressText, hexNumber, ipv4At } from './describe-layer.ts'
import { BOOTREPLY, BOOTREQUEST, DHCP_CLIENT_PORT, DHCP_SERVER_PORT, HTYPE_ETHERNET } from './dhcp.ts'
import * as OPTION from './dhcp-options.ts'
import {
  addressesOf,
  domainOf,
  maskLengthOf,
  routesOf,
  searchListOf,
  textOf,
  uint16Of,
  uint32Of,
} from './dhcp-values.ts'

const HEADER_LENGTH = 236
const COOKIE = 0x63825363

const TYPES = ['', 'Discover', 'Offer', 'Request', 'Decline', 'ACK', 'NACK', 'Release', 'Inform']

/** Names, and how values read: as in tcpdump where that has one. */
const OPTIONS: ReadonlyMap<number, readonly [name: string, text: (value: Uint8Array) => string | null]> = new Map([
  [OPTION.DHCP_SUBNET_MASK, ['Subnet-Mask', maskText]],
  [OPTION.DHCP_ROUTER, ['Default-Gateway', addressesText]],
  [OPTION.DHCP_DOMAIN_NAME_SERVER, ['Domain-Name-Server', addressesText]],
  [OPTION.DHCP_HOST_NAME, ['Hostname', textOf]],
  [OPTION.DHCP_DOMAIN_NAME, ['Domain-Name', domainOf]],
  [OPTION.DHCP_INTERFACE_MTU, ['MTU', (value) => numberText(uint16Of(value))]],
  [OPTION.DHCP_BROADCAST_ADDRESS, ['BR', addressesText]],
  [OPTION.DHCP_NTP_SERVER, ['NTP', addressesText]],
  [OPTION.DHCP_REQUESTED_ADDRESS, ['Requested-IP', addressesText]],
  [OPTION.DHCP_LEASE_TIME, ['Lease-Time', secondsText]],
  [OPTION.DHCP_OVERLOAD, ['OO', (value) => ['', 'file', 'sname', 'file+sname'][value[0] ?? 0] ?? null]],
  [OPTION.DHCP_MESSAGE_TYPE, ['DHCP-Message', (value) => TYPES[value[0] ?? 0] || null]],
  [OPTION.DHCP_SERVER_IDENTIFIER, ['Server-ID', addressesText]],
  [OPTION.DHCP_PARAMETER_LIST, ['Parameter-Request', (value) => value.join(', ')]],
  [OPTION.DHCP_ERROR_TEXT, ['MSG', textOf]],
  [OPTION.DHCP_MESSAGE_SIZE, ['MSZ', (value) => numberText(uint16Of(value))]],
  [OPTION.DHCP_RENEWAL_TIME, ['RN', secondsText]],
  [OPTION.DHCP_REBINDING_TIME, ['RB', secondsText]],
  [OPTION.DHCP_VENDOR_CLASS, ['Vendor-Class', textOf]],
  [OPTION.DHCP_CLIENT_IDENTIFIER, ['Client-ID', octetsText]],
  [OPTION.DHCP_RELAY_INFORMATION, ['Agent-Information', octetsText]],
  [OPTION.DHCP_DOMAIN_SEARCH, ['Domain-Search', (value) => searchListOf(value)?.join(', ') ?? null]],
  [OPTION.DHCP_CLASSLESS_ROUTES, ['Classless-Static-Route', routesText]],
])

/** Whether a datagram between these ports is one of DHCP, or of BOOTP before it. */
export function isDhcpPort(source: number, destination: number): boolean {
  const isPort = (port: number) => port === DHCP_SERVER_PORT || port === DHCP_CLIENT_PORT
  return isPort(source) || isPort(destination)
}

/** "BOOTP/DHCP, Request from 02:00:00:00:00:01, length 300"; `length` octets, of which `bytes[start, end)` are there. */
export function dhcpLine(bytes: Uint8Array, start: number, end: number, length: number): string {
  if (end - start < HEADER_LENGTH) return 'BOOTP/DHCP, cut off'
  const op = bytes[start] as number
  let line = `BOOTP/DHCP, ${opText(op)}`
  const named = op === BOOTREQUEST && bytes[start + 1] === HTYPE_ETHERNET && bytes[start + 2] === 6
  if (named) line += ` from ${hardwareAddressText(bytes, start + 28)}`
  return `${line}, length ${length}`
}

export function describeDhcp(into: Description, start: number, end: number): void {
  if (end - start < HEADER_LENGTH) {
    into.cutOff('DHCP', start, end)
    return
  }
  const { bytes } = into
  into.layer('DHCP', start, end)
  into.field('op', opText(bytes[start] as number), start, start + 1)
  into.field('htype', bytes[start + 1] as number, start + 1, start + 2)
  into.field('hlen', bytes[start + 2] as number, start + 2, start + 3)
  into.field('hops', bytes[start + 3] as number, start + 3, start + 4)
  into.field('xid', hexNumber(read32(bytes, start + 4), 8), start + 4, start + 8)
  into.field('secs', read16(bytes, start + 8), start + 8, start + 10)
  const flags = read16(bytes, start + 10)
  into.field('flags', flags >>> 15 === 1 ? 'broadcast' : hexNumber(flags, 4), start + 10, start + 12)
  const addresses = ['ciaddr', 'yiaddr', 'siaddr', 'giaddr']
  addresses.forEach((name, i) => {
    into.field(name, ipv4At(bytes, start + 12 + 4 * i), start + 12 + 4 * i, start + 16 + 4 * i)
  })
  into.field('chaddr', hardwareAddressText(bytes, start + 28), start + 28, start + 44)
  const options = start + HEADER_LENGTH + 4
  if (options > end || read32(bytes, start + HEADER_LENGTH) !== COOKIE) return
  describeOptions(into, options, end)
}

function describeOptions(into: Description, start: number, end: number): void {
  const { bytes } = into
  let at = start
  while (at < end) {
    const code = bytes[at] as number
    if (code === 255) return
    if (code === 0) {
      at++
      continue
    }
    const valueEnd = at + 1 < end ? at + 2 + (bytes[at + 1] as number) : end + 1
    if (valueEnd > end) {
      into.field('option', `bad option ${code}`, at, end)
      return
    }
    into.field('option', optionText(code, bytes.subarray(at + 2, valueEnd)), at, valueEnd)
    at = valueEnd
  }
}

function optionText(code: number, value: Uint8Array): string {
  const [name, text] = OPTIONS.get(code) ?? ['Option', octetsText]
  return `${name} (${code}), length ${value.length}: ${text(value) ?? octetsText(value)}`
}

function opText(op: number): string {
  if (op === BOOTREQUEST) return 'Request'
  return op === BOOTREPLY ? 'Reply' : `unknown (${hexNumber(op, 2)})`
}

function addressesText(value: Uint8Array): string | null {
  return addressesOf(value)?.map(ipv4Text).join(', ') ?? null
}

function maskText(value: Uint8Array): string | null {
  return maskLengthOf(value) === null ? null : addressesText(value)
}

function numberText(number: number | null): string | null {
  return number === null ? null : String(number)
}

function secondsText(value: Uint8Array): string | null {
  return numberText(uint32Of(value))
}

function routesText(value: Uint8Array): string | null {
  const routes = routesOf(value)
  if (routes === null) return null
  return routes
    .map(
      ({ prefix, length, router }) =>
        `${length === 0 ? 'default' : `${ipv4Text(prefix)}/${length}`}:${ipv4Text(router)}`,
    )
    .join(', ')
}

function octetsText(value: Uint8Array): string {
  return Array.from(value, (octet) => octet.toString(16).padStart(2, '0')).join('.')
}
