// Read first: RFC 9293 section 3.1, RFC 768, RFC 792, RFC 4443.

import { write16, write32 } from '../base/bytes.ts'
import { internetChecksum, pseudoSum } from '../base/checksum.ts'
import { IPPROTO_RAW, IPPROTO_TCP, IPPROTO_UDP } from '../base/constants.ts'
import { ACK, TCP_CHECKSUM_OFFSET, TCP_HEADER_LENGTH, writeTcp } from '../wire/tcp.ts'
import type { DrillAddresses } from './drill-addresses.ts'
import type { DrillSocket } from './drill-socket.ts'
import { encapsulate } from './encapsulation-codec.ts'
import { namesMtu, quotesPacket } from './icmp-names.ts'
import { icmpProtocol, ipHeaderLength, NO_IP_FIELDS, writeIpHeader } from './ip-header.ts'
import type { IcmpFields, IpFields, PacketAction, Quoted, TcpFields, TcpOption, UdpFields } from './script.ts'
import { tcpOptionsLength, writeTcpOptionList } from './tcp-option-codec.ts'

const UDP_HEADER_LENGTH = 8
const ICMP_HEADER_LENGTH = 8

/** A packet that the script cannot send, as it stands there. */
export class UnbuildablePacket extends Error {}

/** The octets of a packet of the script, for the wire. `scaledEcr`: timestamps are translated by their distance to the first. */
export function buildPacket(
  packet: PacketAction,
  socket: DrillSocket,
  addresses: DrillAddresses,
  scaledEcr: boolean,
): Uint8Array {
  const own = buildOwn(packet, socket, addresses, scaledEcr)
  return packet.outer.length === 0 ? own : encapsulate(own, packet.outer)
}

/** The packet without headers of tunnels. */
function buildOwn(
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

function buildTcp(
  tcp: TcpFields,
  ip: IpFields,
  socket: DrillSocket,
  addresses: DrillAddresses,
  scaledEcr: boolean,
): Uint8Array {
  const { local, remote } = addresses
  const start = ipHeaderLength(local)
  const options = (tcp.options ?? []).map((option) => liveOption(option, tcp.flags, socket, scaledEcr))
  const headerLength = TCP_HEADER_LENGTH + tcpOptionsLength(options)
  const bytes = new Uint8Array(start + headerLength + tcp.length)
  writeIpHeader(bytes, bytes.length, IPPROTO_TCP, remote, local, ip)
  writeTcp(
    bytes,
    start,
    tcp.ports?.source ?? socket.remotePort,
    tcp.ports?.destination ?? socket.localPort,
    socket.remoteToLive(tcp.seq, tcp.flags),
    (tcp.flags & ACK) !== 0 ? socket.localToLive(tcp.ack, tcp.flags) : tcp.ack,
    headerLength,
    tcp.flags,
    tcp.window ?? 0,
    tcp.urgent,
  )
  writeTcpOptionList(bytes, start + TCP_HEADER_LENGTH, options)
  const sum = pseudoSum(remote, local, IPPROTO_TCP, bytes.length - start)
  write16(bytes, start + TCP_CHECKSUM_OFFSET, internetChecksum(bytes, start, bytes.length, sum))
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

function buildUdp(udp: UdpFields, ip: IpFields, socket: DrillSocket, { local, remote }: DrillAddresses): Uint8Array {
  const start = ipHeaderLength(local)
  const bytes = new Uint8Array(start + UDP_HEADER_LENGTH + udp.length)
  writeIpHeader(bytes, bytes.length, IPPROTO_UDP, remote, local, ip)
  const length = bytes.length - start
  write16(bytes, start, udp.ports?.source ?? socket.remotePort)
  write16(bytes, start + 2, udp.ports?.destination ?? socket.localPort)
  write16(bytes, start + 4, length)
  const sum = pseudoSum(remote, local, IPPROTO_UDP, length)
  // RFC 768: a sum of zero is sent as all ones, since zero says that there is none.
  write16(bytes, start + 6, internetChecksum(bytes, start, bytes.length, sum) || 0xffff)
  return bytes
}

function buildIcmp(icmp: IcmpFields, ip: IpFields, socket: DrillSocket, addresses: DrillAddresses): Uint8Array {
  const { local, remote } = addresses
  const body = quotesPacket(icmp.version, icmp.type)
    ? quotedPacket(icmp.quoted, socket, addresses)
    : new Uint8Array(icmp.quoted?.length ?? 0)
  const start = ipHeaderLength(local)
  const bytes = new Uint8Array(start + ICMP_HEADER_LENGTH + body.length)
  const protocol = icmpProtocol(local)
  writeIpHeader(bytes, bytes.length, protocol, remote, local, ip)
  bytes[start] = icmp.type
  bytes[start + 1] = icmp.code
  if (icmp.id !== null) write16(bytes, start + 4, icmp.id)
  if (namesMtu(icmp.version, icmp.type, icmp.code)) {
    if (local.isV4) write16(bytes, start + 6, icmp.mtu ?? 0)
    else write32(bytes, start + 4, icmp.mtu ?? 0)
  }
  bytes.set(body, start + ICMP_HEADER_LENGTH)
  // RFC 4443 section 2.3: ICMPv6 sums the addresses as well, ICMP does not.
  const sum = local.isV4 ? 0 : pseudoSum(remote, local, protocol, bytes.length - start)
  write16(bytes, start + 2, internetChecksum(bytes, start, bytes.length, sum))
  return bytes
}

/** The stack's own packet as an ICMP error quotes it: the IP header and 8 octets. */
function quotedPacket(quoted: Quoted | null, socket: DrillSocket, { local, remote }: DrillAddresses): Uint8Array {
  const start = ipHeaderLength(local)
  const bytes = new Uint8Array(start + 8)
  const kind = quoted?.protocol ?? (socket.protocol === 'udp' ? 'udp' : 'tcp')
  const protocol = kind === 'tcp' ? IPPROTO_TCP : kind === 'udp' ? IPPROTO_UDP : IPPROTO_RAW
  const header = kind === 'tcp' ? TCP_HEADER_LENGTH : UDP_HEADER_LENGTH
  writeIpHeader(bytes, start + header + (quoted?.length ?? 0), protocol, local, remote, NO_IP_FIELDS)
  if (kind === 'raw') return bytes
  write16(bytes, start, socket.localPort)
  write16(bytes, start + 2, socket.remotePort)
  if (kind === 'udp') {
    write16(bytes, start + 4, UDP_HEADER_LENGTH + (quoted?.length ?? 0))
    return bytes
  }
  if (!socket.localIsnKnown) {
    throw new UnbuildablePacket('an ICMP error about a segment needs the SYN of the stack to be expected before')
  }
  const seq = quoted?.protocol === 'tcp' ? quoted.seq : 0
  write32(bytes, start + 4, socket.localToLive(seq, 0))
  return bytes
}
