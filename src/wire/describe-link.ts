// Read first: IEEE 802.3 clause 3, RFC 826.

import { read16 } from '../base/bytes.ts'
import { ARP_LENGTH, ARP_REPLY, ARP_REQUEST } from './arp.ts'
import { type Description, hardwareAddressText, hexNumber, ipv4At } from './describe-layer.ts'
import { ETHERNET_HEADER_LENGTH, ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from './ethernet.ts'

export const ETHERTYPE_VLAN = 0x8100
/** A provider's tag, in front of the customer's: IEEE 802.1ad. */
const ETHERTYPE_PROVIDER_VLAN = 0x88a8

const TYPES = new Map([
  [ETHERTYPE_IPV4, 'IPv4'],
  [ETHERTYPE_ARP, 'ARP'],
  [ETHERTYPE_IPV6, 'IPv6'],
  [ETHERTYPE_VLAN, '802.1Q'],
  [ETHERTYPE_PROVIDER_VLAN, '802.1ad'],
])

function isTag(type: number): boolean {
  return type === ETHERTYPE_VLAN || type === ETHERTYPE_PROVIDER_VLAN
}

/** Octets of the Ethernet header at `start`, with VLAN tags; −1 where it is not all there. */
export function ethernetLength(bytes: Uint8Array, start: number, end: number): number {
  let length = ETHERNET_HEADER_LENGTH
  while (start + length <= end && isTag(read16(bytes, start + length - 2))) length += 4
  return start + length <= end ? length : -1
}

export function etherTypeText(type: number): string {
  const name = TYPES.get(type)
  return name === undefined ? hexNumber(type, 4) : `${hexNumber(type, 4)} (${name})`
}

export function describeEthernet(into: Description, start: number, headerEnd: number): void {
  const { bytes } = into
  into.layer('Ethernet', start, headerEnd)
  into.field('destination', addressText(bytes, start), start, start + 6)
  into.field('source', addressText(bytes, start + 6), start + 6, start + 12)
  into.field('type', etherTypeText(read16(bytes, start + 12)), start + 12, start + 14)
  for (let at = start + 14; at < headerEnd; at += 4) {
    const tag = read16(bytes, at)
    into.field('priority', tag >>> 13, at, at + 2)
    into.field('VLAN', tag & 0xfff, at, at + 2)
    into.field('type', etherTypeText(read16(bytes, at + 2)), at + 2, at + 4)
  }
}

function addressText(bytes: Uint8Array, at: number): string {
  const text = hardwareAddressText(bytes, at)
  if (text === 'ff:ff:ff:ff:ff:ff') return `${text} (broadcast)`
  return ((bytes[at] as number) & 1) === 1 ? `${text} (multicast)` : text
}

/** Whether `bytes[start, end)` holds an ARP packet of IPv4 over Ethernet. */
function isArpForIpv4(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < ARP_LENGTH) return false
  return (
    read16(bytes, start) === 1 &&
    read16(bytes, start + 2) === ETHERTYPE_IPV4 &&
    bytes[start + 4] === 6 &&
    bytes[start + 5] === 4
  )
}

function operationText(operation: number): string {
  if (operation === ARP_REQUEST) return 'request'
  return operation === ARP_REPLY ? 'reply' : `operation ${operation}`
}

export function describeArp(into: Description, start: number, end: number): void {
  const { bytes } = into
  if (!isArpForIpv4(bytes, start, end)) {
    into.cutOff('ARP', start, end)
    return
  }
  into.layer('ARP', start, start + ARP_LENGTH)
  const operation = read16(bytes, start + 6)
  into.field('hardware type', '1 (Ethernet)', start, start + 2)
  into.field('protocol type', etherTypeText(ETHERTYPE_IPV4), start + 2, start + 4)
  into.field('hardware length', 6, start + 4, start + 5)
  into.field('protocol length', 4, start + 5, start + 6)
  into.field('operation', `${operation} (${operationText(operation)})`, start + 6, start + 8)
  into.field('sender hardware address', hardwareAddressText(bytes, start + 8), start + 8, start + 14)
  into.field('sender protocol address', ipv4At(bytes, start + 14), start + 14, start + 18)
  into.field('target hardware address', hardwareAddressText(bytes, start + 18), start + 18, start + 24)
  into.field('target protocol address', ipv4At(bytes, start + 24), start + 24, start + 28)
}

/** "ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28" */
export function arpLine(bytes: Uint8Array, start: number, end: number): string {
  const length = `length ${end - start}`
  if (!isArpForIpv4(bytes, start, end)) return `ARP, not IPv4 over Ethernet or cut off, ${length}`
  const sender = ipv4At(bytes, start + 14)
  const target = ipv4At(bytes, start + 24)
  const operation = read16(bytes, start + 6)
  if (operation === ARP_REQUEST) {
    if (sender === target) return `ARP, Announcement ${sender}, ${length}`
    // Who asks with a hardware address knows one already.
    const known = hardwareAddressText(bytes, start + 18)
    const asked = known === '00:00:00:00:00:00' ? target : `${target} (${known})`
    return `ARP, Request who-has ${asked} tell ${sender}, ${length}`
  }
  if (operation === ARP_REPLY) {
    return `ARP, Reply ${sender} is-at ${hardwareAddressText(bytes, start + 8)}, ${length}`
  }
  return `ARP, operation ${operation}, ${length}`
}
