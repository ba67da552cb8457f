// Read first: RFC 9293 section 3.1, RFC 768, RFC 792, RFC 4443, RFC 8200 section 8.1.

import { read16, read32 } from '../base/bytes.ts'
import { internetSum, pseudoSum } from '../base/checksum.ts'
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from '../base/constants.ts'
import type { IpAddress } from '../base/ip-address.ts'
import { ACK, TCP_HEADER_LENGTH } from '../wire/tcp.ts'
import type { SentPacket } from './drill-device.ts'
import type { DrillSocket } from './drill-socket.ts'
import { decapsulate, type SeenOuter } from './encapsulation-codec.ts'
import { type IcmpVersion, namesMtu } from './icmp-names.ts'
import { type IpHeader, readIpHeader } from './ip-header.ts'
import { MalformedPacket } from './malformed-packet.ts'
import type { TcpOption, TransportFields } from './script.ts'
import { readTcpOptionList } from './tcp-option-codec.ts'

/** A packet of the stack, read. Ports are those on the wire; sequence numbers too, until `inScript` translates them. */
export interface SeenPacket {
  /** Microseconds on the clock. */
  readonly at: number
  /** The headers of tunnels, outermost first. */
  readonly outer: readonly SeenOuter[]
  readonly source: IpAddress
  readonly destination: IpAddress
  readonly tos: number
  readonly ttl: number
  readonly flowLabel: number
  readonly transport: TransportFields
  /** Whether every octet of the payload is zero, as the payload of every write of a script is. */
  readonly zeros: boolean
}

/** Reads a packet that the stack sent. Throws a MalformedPacket for one that no stack may send: checksums, lengths. */
export function readPacket(sent: SentPacket): SeenPacket {
  const { outer, bytes } = decapsulate(sent.bytes)
  const header = readIpHeader(bytes)
  const { transport, payloadStart } = readTransport(bytes, header)
  let zeros = true
  for (let i = payloadStart; i < bytes.length; i++) if (bytes[i] !== 0) zeros = false
  return {
    at: sent.at,
    outer,
    source: header.source,
    destination: header.destination,
    tos: header.tos,
    ttl: header.ttl,
    flowLabel: header.flowLabel,
    transport,
    zeros: transport.protocol === 'icmp' || zeros,
  }
}

interface ReadTransport {
  readonly transport: TransportFields
  readonly payloadStart: number
}

function readTransport(bytes: Uint8Array, { source, destination, protocol, start }: IpHeader): ReadTransport {
  const length = bytes.length - start
  const sum = internetSum(bytes, start, bytes.length, pseudoSum(source, destination, protocol, length))
  if (protocol === IPPROTO_TCP) {
    if (length < TCP_HEADER_LENGTH) throw new MalformedPacket('a TCP header cut short')
    if (sum !== 0xffff) throw new MalformedPacket('wrong TCP checksum')
    return readTcpFields(bytes, start)
  }
  if (protocol === IPPROTO_UDP) {
    if (length < 8) throw new MalformedPacket('a UDP header cut short')
    if (read16(bytes, start + 4) !== length)
      throw new MalformedPacket(`UDP length ${read16(bytes, start + 4)} of ${length}`)
    // RFC 8200 section 8.1: over IPv6 there is no UDP without a checksum.
    const none = source.isV4 && read16(bytes, start + 6) === 0
    if (!none && sum !== 0xffff) throw new MalformedPacket('wrong UDP checksum')
    const ports = { source: read16(bytes, start), destination: read16(bytes, start + 2) }
    return { transport: { protocol: 'udp', ports, length: length - 8 }, payloadStart: start + 8 }
  }
  if (protocol === (source.isV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)) {
    if (length < 8) throw new MalformedPacket('an ICMP header cut short')
    // RFC 4443 section 2.3: ICMPv6 sums the addresses as well, ICMP does not.
    const own = source.isV4 ? internetSum(bytes, start, bytes.length) : sum
    if (own !== 0xffff) throw new MalformedPacket('wrong ICMP checksum')
    return { transport: readIcmpFields(bytes, start, source.isV4 ? 4 : 6), payloadStart: start + 8 }
  }
  throw new MalformedPacket(`protocol ${protocol}`)
}

function readTcpFields(bytes: Uint8Array, start: number): ReadTransport {
  const headerLength = ((bytes[start + 12] as number) >>> 4) * 4
  if (headerLength < TCP_HEADER_LENGTH || start + headerLength > bytes.length) {
    throw new MalformedPacket(`TCP data offset of ${headerLength} octets`)
  }
  if (((bytes[start + 12] as number) & 0x0e) !== 0) throw new MalformedPacket('reserved bits of the TCP header are set')
  const transport: TransportFields = {
    protocol: 'tcp',
    ports: { source: read16(bytes, start), destination: read16(bytes, start + 2) },
    flags: read16(bytes, start + 12) & 0x1ff,
    ace: null,
    seq: read32(bytes, start + 4) >>> 0,
    length: bytes.length - start - headerLength,
    ack: read32(bytes, start + 8) >>> 0,
    window: read16(bytes, start + 14),
    urgent: read16(bytes, start + 18),
    options: readTcpOptionList(bytes, start + TCP_HEADER_LENGTH, start + headerLength),
  }
  return { transport, payloadStart: start + headerLength }
}

function readIcmpFields(bytes: Uint8Array, start: number, version: IcmpVersion): TransportFields {
  const type = bytes[start] as number
  const code = bytes[start + 1] as number
  const mtu = version === 4 ? read16(bytes, start + 6) : read32(bytes, start + 4) >>> 0
  return {
    protocol: 'icmp',
    version,
    type,
    code,
    mtu: namesMtu(version, type, code) ? mtu : null,
    id: read16(bytes, start + 4),
    quoted: { protocol: 'raw', length: bytes.length - start - 8 },
  }
}

/** The same packet with the script's sequence numbers. `scriptIsn` is what the script calls the number of a SYN. */
export function inScript(seen: SeenPacket, socket: DrillSocket): SeenPacket {
  const tcp = seen.transport
  if (tcp.protocol !== 'tcp') return seen
  const translate = (option: TcpOption): TcpOption => {
    if (option.kind !== 'sack') return option
    const edge = (live: number) => socket.remoteToScript(live, tcp.flags)
    return { kind: 'sack', blocks: option.blocks.map(([left, right]) => [edge(left), edge(right)] as const) }
  }
  const transport: TransportFields = {
    ...tcp,
    seq: socket.localToScript(tcp.seq, tcp.flags),
    ack: (tcp.flags & ACK) !== 0 ? socket.remoteToScript(tcp.ack, tcp.flags) : tcp.ack,
    options: tcp.options?.map(translate) ?? null,
  }
  return { ...seen, transport }
}
