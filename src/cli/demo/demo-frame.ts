// Read first: IEEE 802.3 clause 3 (padding, frame check sequence).

import { endText } from '../../base/ends-text.ts'
import { describeLayers, describeLine } from '../../wire/describe.ts'
import { type DescribedLayer, hardwareAddressText } from '../../wire/describe-layer.ts'

/** Octets that a frame on a cable has at least, before its frame check sequence. */
const SHORTEST = 60
const FRAME_CHECK = 4

/** What a TCP header says, numbers as they are. */
export interface FrameSegment {
  /** "10.0.0.1:40000", "[2001:db8::1]:40000" */
  readonly source: string
  readonly destination: string
  /** "SYN-ACK" */
  readonly flags: string
  readonly seq: number
  readonly ack: number
  readonly window: number
  readonly options: readonly string[]
  /** Octets of data. */
  readonly length: number
}

/** A frame of the demonstration as its telling needs it. */
export interface Frame {
  /** As tcpdump would print it. */
  readonly line: string
  /** 'ARP', 'ICMP', 'ICMPv6', 'UDP', 'TCP', 'fragment' for all but the first of a datagram; 'other'. */
  readonly protocol: string
  /** The hardware address that it goes to. */
  readonly to: string
  /** The address in the IP header that it comes from, and the one it goes to; '' where there is no IP header. */
  readonly sourceAddress: string
  readonly destinationAddress: string
  /** Time to live, or hop limit; 0 where there is none. */
  readonly ttl: number
  /** Octets on the cable, layer by layer: "14+20+40+0+4", where "p" marks padding. */
  readonly sizes: string
  /** Octets on the cable, all. */
  readonly octets: number
  readonly segment: FrameSegment | null
  /** The ports of a UDP datagram, source and destination; empty for others. */
  readonly ports: readonly string[]
  /** What the datagram carries, where the frame has all of it or its beginning; null for others. */
  readonly payload: Uint8Array | null
}

const PROTOCOLS = ['ARP', 'ICMP', 'ICMPv6', 'UDP', 'TCP']
const FLAGS = ['SYN', 'FIN', 'RST', 'PSH', 'URG', 'ACK']

/** Reads the Ethernet frame in `bytes[start, end)` as a host hands it to its device: without padding and frame check sequence. */
export function readFrame(bytes: Uint8Array, start: number, end: number): Frame {
  const layers = describeLayers(bytes, start, end, 'ethernet')
  const top = layers.find(({ layer }) => PROTOCOLS.includes(layer))
  const ip = layers.find(isIp)
  const data = layers.find(({ layer }) => layer === 'data')
  // What an error quotes is its data.
  const own = layers.filter(({ layer }) => !layer.startsWith('quoted'))
  const quoted = end - (own.at(-1)?.end ?? end)
  const sizes = own.map((layer) => String(layer.end - layer.start))
  if (quoted > 0) sizes.push(String(quoted))
  const padding = Math.max(0, SHORTEST - (end - start))
  if (padding > 0) sizes.push(`${padding}p`)
  sizes.push(String(FRAME_CHECK))
  const udp = top?.layer === 'UDP' ? top : null
  return {
    line: describeLine(bytes, start, end, 'ethernet'),
    protocol: top?.layer ?? (isFragment(layers) ? 'fragment' : 'other'),
    to: hardwareAddressText(bytes, start),
    sourceAddress: ip === undefined ? '' : field(ip, 'source address'),
    destinationAddress: ip === undefined ? '' : field(ip, 'destination address'),
    ttl: ip === undefined ? 0 : Number(field(ip, ip.layer === 'IPv4' ? 'time to live' : 'hop limit')),
    sizes: sizes.join('+'),
    octets: end - start + padding + FRAME_CHECK,
    segment: top?.layer === 'TCP' && ip !== undefined ? readSegment(layers, ip, top) : null,
    ports: udp === null ? [] : [field(udp, 'source port'), field(udp, 'destination port')],
    payload: udp === null || data === undefined ? null : bytes.slice(data.start, data.end),
  }
}

function isIp({ layer }: DescribedLayer): boolean {
  return layer === 'IPv4' || layer === 'IPv6'
}

function isFragment(layers: readonly DescribedLayer[]): boolean {
  return layers.some((layer) => Number(field(layer, 'fragment offset')) > 0)
}

function readSegment(layers: readonly DescribedLayer[], ip: DescribedLayer, tcp: DescribedLayer): FrameSegment {
  const data = layers.find(({ layer }) => layer === 'data')
  const set = field(tcp, 'flags').split(' ')
  return {
    source: endText(field(ip, 'source address'), field(tcp, 'source port')),
    destination: endText(field(ip, 'destination address'), field(tcp, 'destination port')),
    flags: FLAGS.filter((flag) => set.includes(flag)).join('-'),
    seq: Number(field(tcp, 'sequence number')),
    ack: Number(field(tcp, 'acknowledgment number')),
    window: Number(field(tcp, 'window')),
    options: tcp.fields.filter(({ name }) => name === 'option').map(({ value }) => value),
    length: data === undefined ? 0 : data.end - data.start,
  }
}

function field(layer: DescribedLayer, name: string): string {
  return layer.fields.find((one) => one.name === name)?.value ?? '?'
}

/** The checksums of a frame that are wrong, each in words; none for a frame that has none. */
export function wrongChecksums(bytes: Uint8Array): string[] {
  const wrong: string[] = []
  for (const { layer, fields } of describeLayers(bytes, 0, bytes.length, 'ethernet')) {
    for (const { name, value } of fields) {
      if (name.endsWith('checksum') && value.includes('incorrect')) wrong.push(`${layer} ${name} ${value}`)
    }
  }
  return wrong
}
