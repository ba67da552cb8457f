// Read first: RFC 8200 sections 3 and 4, RFC 4302 section 2, tcpdump(1).

import { read16, read32 } from '../base/bytes.ts'
import { internetSum } from '../base/checksum.ts'
import { type Description, describeTrafficClass, hexNumber, ipv6At } from './describe-layer.ts'
import { type DescribedPacket, protocolText } from './describe-packet.ts'
import { IPV6_HEADER_LENGTH, IPV6_NEXT_HEADER_OFFSET } from './ipv6.ts'
import {
  ExtensionHeader,
  FragmentHeader,
  IPV6_AUTHENTICATION,
  IPV6_DESTINATION_OPTIONS,
  IPV6_FRAGMENT,
  IPV6_HOP_BY_HOP,
  IPV6_ROUTING,
  readExtension,
  readFragment,
} from './ipv6-extension.ts'
import {
  IPV6_OPTION_JUMBO_PAYLOAD,
  IPV6_OPTION_PAD1,
  IPV6_OPTION_PADN,
  IPV6_OPTION_ROUTER_ALERT,
} from './ipv6-options.ts'

const SEGMENT_ROUTING = 4

/** Reads the IPv6 header at `start` and walks the extension headers; null where the former is not all there. */
export function readIpv6Packet(bytes: Uint8Array, start: number, end: number): DescribedPacket | null {
  if (start + IPV6_HEADER_LENGTH > end) return null
  const packetEnd = start + IPV6_HEADER_LENGTH + read16(bytes, start + 4)
  const capturedEnd = Math.min(end, packetEnd)
  const header = new ExtensionHeader()
  const fragment = new FragmentHeader()
  let protocol = bytes[start + IPV6_NEXT_HEADER_OFFSET] as number
  let at = start + IPV6_HEADER_LENGTH
  let extensions = ''
  let final = true
  // Behind the head of a later fragment there is only data.
  while (fragment.offset === 0 && readExtension(header, protocol, bytes, at, capturedEnd)) {
    if (protocol === IPV6_FRAGMENT) {
      readFragment(fragment, bytes, at, capturedEnd)
      extensions += `frag (${fragment.offset}|${packetEnd - header.end}) `
    } else {
      extensions += `${extensionText(bytes, header)} `
      // The pseudo-header has the last destination: RFC 8200 section 8.1.
      if (protocol === IPV6_ROUTING && bytes[at + 3] !== 0) final = false
    }
    protocol = header.nextHeader
    at = header.end
  }
  return {
    version: 6,
    protocol,
    source: ipv6At(bytes, start + 8),
    destination: ipv6At(bytes, start + 24),
    extensions,
    payload: at,
    end: packetEnd,
    capturedEnd,
    fragmentOffset: fragment.offset,
    moreFragments: fragment.more,
    identification: fragment.identification >>> 0,
    pseudoSum: final ? internetSum(bytes, start + 8, start + 40, protocol) : -1,
  }
}

/** "HBH", "DSTOPT", "RT6 (len=2, type=0 [Deprecated], segleft=1, [0]2001:db8::1)", "AH(spi=0x00000100,seq=0x1,icv=0x…):" */
function extensionText(bytes: Uint8Array, { type, start, end }: ExtensionHeader): string {
  if (type === IPV6_HOP_BY_HOP) return 'HBH'
  if (type === IPV6_DESTINATION_OPTIONS) return 'DSTOPT'
  if (type === IPV6_AUTHENTICATION) return `AH(${authenticationText(bytes, start, end)}):`
  const routingType = bytes[start + 2] as number
  let text = `len=${bytes[start + 1]}, type=${routingType}${routingType === 0 ? ' [Deprecated]' : ''}, segleft=${bytes[start + 3]}`
  if (routingType === SEGMENT_ROUTING) {
    text += `, last-entry=${bytes[start + 4]}, tag=${read16(bytes, start + 6).toString(16)}`
  }
  return `RT6 (${[text, ...segments(bytes, start, end)].join(', ')})`
}

/** The addresses in a routing header of the types 0, 2 and 4 (RFC 8754 section 2). */
function segments(bytes: Uint8Array, start: number, end: number): string[] {
  const routingType = bytes[start + 2] as number
  if (routingType !== 0 && routingType !== 2 && routingType !== SEGMENT_ROUTING) return []
  // Behind the segments of type 4 there may be something else: its last entry says how many they are.
  const most = routingType === SEGMENT_ROUTING ? (bytes[start + 4] as number) + 1 : 255
  const texts: string[] = []
  for (let at = start + 8; at + 16 <= end && texts.length < most; at += 16) {
    texts.push(`[${texts.length}]${ipv6At(bytes, at)}`)
  }
  return texts
}

/** "spi=0x00000100,seq=0x1,icv=0x…"; what is not there is left out. */
export function authenticationText(bytes: Uint8Array, start: number, end: number): string {
  if (start + 12 > end) return 'cut off'
  let check = ''
  for (let at = start + 12; at < end; at++) check += (bytes[at] as number).toString(16).padStart(2, '0')
  return `spi=${hexNumber(read32(bytes, start + 4), 8)},seq=${hexNumber(read32(bytes, start + 8), 1)},icv=0x${check}`
}

/** The fixed header and each extension header are layers of their own. */
export function describeIpv6(into: Description, packet: DescribedPacket, start: number): void {
  const { bytes } = into
  const headerEnd = start + IPV6_HEADER_LENGTH
  into.layer('IPv6', start, headerEnd)
  const first = read32(bytes, start)
  into.field('version', 6, start, start + 1)
  describeTrafficClass(into, (first >>> 20) & 255, start, start + 2)
  into.field('flow label', hexNumber(first & 0xfffff, 5), start + 1, start + 4)
  into.field('payload length', read16(bytes, start + 4), start + 4, start + 6)
  const next = bytes[start + IPV6_NEXT_HEADER_OFFSET] as number
  into.field('next header', nextHeaderText(next), start + 6, start + 7)
  into.field('hop limit', bytes[start + 7] as number, start + 7, start + 8)
  into.field('source address', packet.source, start + 8, start + 24)
  into.field('destination address', packet.destination, start + 24, start + 40)
  const header = new ExtensionHeader()
  let type = next
  let at = headerEnd
  while (at < packet.payload && readExtension(header, type, bytes, at, packet.capturedEnd)) {
    into.layer(protocolText(type), at, header.end)
    into.field('next header', nextHeaderText(header.nextHeader), at, at + 1)
    describeExtension(into, header)
    type = header.nextHeader
    at = header.end
  }
}

function nextHeaderText(type: number): string {
  return `${type} (${protocolText(type)})`
}

function describeExtension(into: Description, header: ExtensionHeader): void {
  const { bytes } = into
  const { type, start, end } = header
  if (type === IPV6_FRAGMENT) {
    const fragment = new FragmentHeader()
    readFragment(fragment, bytes, start, end)
    into.field('fragment offset', fragment.offset, start + 2, start + 4)
    into.field('more fragments', fragment.more ? 'yes' : 'no', start + 3, start + 4)
    into.field('identification', hexNumber(fragment.identification, 8), start + 4, start + 8)
    return
  }
  into.field('length', `${end - start} octets`, start + 1, start + 2)
  if (type === IPV6_ROUTING) {
    into.field('routing type', bytes[start + 2] as number, start + 2, start + 3)
    into.field('segments left', bytes[start + 3] as number, start + 3, start + 4)
    for (const [i, text] of segments(bytes, start, end).entries()) {
      into.field('segment', text, start + 8 + 16 * i, start + 24 + 16 * i)
    }
  } else if (type === IPV6_AUTHENTICATION) {
    into.field('authentication', authenticationText(bytes, start, end), start + 4, end)
  } else {
    describeOptions(into, start + 2, end)
  }
}

function describeOptions(into: Description, start: number, end: number): void {
  const { bytes } = into
  let at = start
  while (at < end) {
    const type = bytes[at] as number
    if (type === IPV6_OPTION_PAD1) {
      into.field('option', 'pad1', at, at + 1)
      at++
      continue
    }
    const next = at + 1 < end ? at + 2 + (bytes[at + 1] as number) : end + 1
    if (next > end) {
      into.field('option', `bad option ${hexNumber(type, 2)}`, at, end)
      return
    }
    into.field('option', optionText(bytes, type, at, next), at, next)
    at = next
  }
}

function optionText(bytes: Uint8Array, type: number, at: number, end: number): string {
  const length = end - at - 2
  if (type === IPV6_OPTION_PADN) return `padn ${length}`
  if (type === IPV6_OPTION_ROUTER_ALERT && length === 2) return `router alert ${read16(bytes, at + 2)}`
  if (type === IPV6_OPTION_JUMBO_PAYLOAD && length === 4) return `jumbo payload ${read32(bytes, at + 2) >>> 0}`
  return `option ${hexNumber(type, 2)} length ${length}`
}
