// Read first: RFC 791 section 3.1, RFC 9293 section 3.1, RFC 768, RFC 792.

import { write16, write32 } from '../base/bytes.ts'
import { internetChecksum, pseudoHeaderSum } from '../base/checksum.ts'
import { IPPROTO_ICMP, IPPROTO_RAW, IPPROTO_TCP, IPPROTO_UDP } from '../base/constants.ts'
import { ACK, TCP_CHECKSUM_OFFSET, TCP_HEADER_LENGTH, writeTcp } from '../wire/tcp.ts'
import type { DrillAddresses } from './drill-addresses.ts'
import type { DrillSocket } from './drill-socket.ts'
import { ICMP_FRAGMENTATION_NEEDED, ICMP_UNREACHABLE } from './icmp-names.ts'
import type { IcmpFields, IpFields, PacketAction, Quoted, TcpFields, TcpOption, UdpFields } from './script.ts'
import { tcpOptionsLength, writeTcpOptionList } from './tcp-option-codec.ts'

const IP_HEADER_LENGTH = 20
const UDP_HEADER_LENGTH = 8
const ICMP_HEADER_LENGTH = 8
/** Unreachable, source quench, redirect, time exceeded, parameter problem: they quote what they are about. */
const QUOTING_TYPES: ReadonlySet<number> = new Set([3, 4, 5, 11, 12])
const DONT_FRAGMENT = 0x4000
/** Of what the script sends: far from any limit, so that only a stack that looks at it would mind. */
const TTL = 255

/** A packet that the script cannot send, as it stands there. */
export class UnbuildablePacket extends Error {}

/** The octets of a packet of the script, for the wire. `scaledEcr`: timestamps are translated by their distance to the first. */
export function buildPacket(
  packet: PacketAction,
  socket: DrillSocket,
  addresses: DrillAddresses,
  scaledEcr: boolean,
): Uint8Array {
  const transport = packet.transport
  if (transport.protocol === 'tcp') return buildTcp(transport, packet.ip, socket, addresses, scaledEcr)
  if (transport.protocol === 'udp') return buildUdp(transport, packet.ip, socket, addresses)
  return buildIcmp(transport, packet.ip, socket, addresses)
}

function writeIp(
  bytes: Uint8Array,
  at: number,
  length: number,
  protocol: number,
  source: number,
  destination: number,
  ip: IpFields,
): void {
  const ecn = ip.ecn === 'ect0' ? 2 : ip.ecn === 'ect1' ? 1 : ip.ecn === 'ce' ? 3 : 0
  bytes[at] = 0x45
  bytes[at + 1] = ip.tos ?? ecn
  write16(bytes, at + 2, length)
  write16(bytes, at + 6, DONT_FRAGMENT)
  bytes[at + 8] = ip.ttl ?? TTL
  bytes[at + 9] = protocol
  write32(bytes, at + 12, source)
  write32(bytes, at + 16, destination)
  write16(bytes, at + 10, internetChecksum(bytes, at, at + IP_HEADER_LENGTH))
}

function buildTcp(
  tcp: TcpFields,
  ip: IpFields,
  socket: DrillSocket,
  addresses: DrillAddresses,
  scaledEcr: boolean,
): Uint8Array {
  const options = (tcp.options ?? []).map((option) => liveOption(option, tcp.flags, socket, scaledEcr))
  const headerLength = TCP_HEADER_LENGTH + tcpOptionsLength(options)
  const bytes = new Uint8Array(IP_HEADER_LENGTH + headerLength + tcp.length)
  writeIp(bytes, 0, bytes.length, IPPROTO_TCP, addresses.remote, addresses.local, ip)
  writeTcp(
    bytes,
    IP_HEADER_LENGTH,
    tcp.ports?.source ?? socket.remotePort,
    tcp.ports?.destination ?? socket.localPort,
    socket.remoteToLive(tcp.seq, tcp.flags),
    (tcp.flags & ACK) !== 0 ? socket.localToLive(tcp.ack, tcp.flags) : tcp.ack,
    headerLength,
    tcp.flags,
    tcp.window ?? 0,
    tcp.urgent,
  )
  writeTcpOptionList(bytes, IP_HEADER_LENGTH + TCP_HEADER_LENGTH, options)
  const sum = pseudoHeaderSum(addresses.remote, addresses.local, IPPROTO_TCP, bytes.length - IP_HEADER_LENGTH)
  const checksum = internetChecksum(bytes, IP_HEADER_LENGTH, bytes.length, sum)
  write16(bytes, IP_HEADER_LENGTH + TCP_CHECKSUM_OFFSET, checksum)
  return bytes
}

function liveOption(option: TcpOption, flags: number, socket: DrillSocket, scaledEcr: boolean): TcpOption {
  if (option.kind === 'sack') {
    const edge = (script: number) => socket.localToLive(script, flags)
    return { kind: 'sack', blocks: option.blocks.map(([left, right]) => [edge(left), edge(right)]) }
  }
  if (option.kind !== 'TS' || (flags & ACK) === 0) return option
  const ecr = socket.timestampToLive(option.ecr, scaledEcr)
  if (ecr === null)
    throw new UnbuildablePacket(`no packet was expected with the timestamp ${option.ecr} that is echoed`)
  return { kind: 'TS', val: option.val, ecr }
}

function buildUdp(udp: UdpFields, ip: IpFields, socket: DrillSocket, addresses: DrillAddresses): Uint8Array {
  const bytes = new Uint8Array(IP_HEADER_LENGTH + UDP_HEADER_LENGTH + udp.length)
  writeIp(bytes, 0, bytes.length, IPPROTO_UDP, addresses.remote, addresses.local, ip)
  const length = bytes.length - IP_HEADER_LENGTH
  write16(bytes, IP_HEADER_LENGTH, udp.ports?.source ?? socket.remotePort)
  write16(bytes, IP_HEADER_LENGTH + 2, udp.ports?.destination ?? socket.localPort)
  write16(bytes, IP_HEADER_LENGTH + 4, length)
  const sum = pseudoHeaderSum(addresses.remote, addresses.local, IPPROTO_UDP, length)
  // RFC 768: a sum of zero is sent as all ones, since zero says that there is none.
  write16(bytes, IP_HEADER_LENGTH + 6, internetChecksum(bytes, IP_HEADER_LENGTH, bytes.length, sum) || 0xffff)
  return bytes
}

function buildIcmp(icmp: IcmpFields, ip: IpFields, socket: DrillSocket, addresses: DrillAddresses): Uint8Array {
  const body = QUOTING_TYPES.has(icmp.type)
    ? quotedPacket(icmp.quoted, socket, addresses)
    : new Uint8Array(icmp.quoted?.length ?? 0)
  const bytes = new Uint8Array(IP_HEADER_LENGTH + ICMP_HEADER_LENGTH + body.length)
  writeIp(bytes, 0, bytes.length, IPPROTO_ICMP, addresses.remote, addresses.local, ip)
  bytes[IP_HEADER_LENGTH] = icmp.type
  bytes[IP_HEADER_LENGTH + 1] = icmp.code
  if (icmp.id !== null) write16(bytes, IP_HEADER_LENGTH + 4, icmp.id)
  if (icmp.type === ICMP_UNREACHABLE && icmp.code === ICMP_FRAGMENTATION_NEEDED) {
    write16(bytes, IP_HEADER_LENGTH + 6, icmp.mtu ?? 0)
  }
  bytes.set(body, IP_HEADER_LENGTH + ICMP_HEADER_LENGTH)
  write16(bytes, IP_HEADER_LENGTH + 2, internetChecksum(bytes, IP_HEADER_LENGTH, bytes.length))
  return bytes
}

/** The stack's own packet as an ICMP error quotes it: the IP header and 8 octets. */
function quotedPacket(quoted: Quoted | null, socket: DrillSocket, addresses: DrillAddresses): Uint8Array {
  const bytes = new Uint8Array(IP_HEADER_LENGTH + 8)
  const kind = quoted?.protocol ?? (socket.protocol === 'udp' ? 'udp' : 'tcp')
  const protocol = kind === 'tcp' ? IPPROTO_TCP : kind === 'udp' ? IPPROTO_UDP : IPPROTO_RAW
  const header = kind === 'tcp' ? TCP_HEADER_LENGTH : UDP_HEADER_LENGTH
  const length = IP_HEADER_LENGTH + header + (quoted?.length ?? 0)
  writeIp(bytes, 0, length, protocol, addresses.local, addresses.remote, { ecn: null, tos: null, ttl: null })
  if (kind === 'raw') return bytes
  write16(bytes, IP_HEADER_LENGTH, socket.localPort)
  write16(bytes, IP_HEADER_LENGTH + 2, socket.remotePort)
  if (kind === 'udp') {
    write16(bytes, IP_HEADER_LENGTH + 4, UDP_HEADER_LENGTH + (quoted?.length ?? 0))
    return bytes
  }
  if (!socket.localIsnKnown) {
    throw new UnbuildablePacket('an ICMP error about a segment needs the SYN of the stack to be expected before')
  }
  const seq = quoted?.protocol === 'tcp' ? quoted.seq : 0
  write32(bytes, IP_HEADER_LENGTH + 4, socket.localToLive(seq, 0))
  return bytes
}
