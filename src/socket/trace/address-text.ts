// Read first: ip(7), ipv6(7), unix(7), packet(7), netlink(7), vsock(7) "Address format".

import { constantName } from '../../base/constant-names.ts'
import { AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC } from '../../base/constants.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { SOCKADDR_IN_LENGTH, SOCKADDR_IN6_LENGTH, type SocketAddress } from '../../base/socket-address.ts'
import { unixPathOctets } from '../../base/unix-path.ts'
import { hexText, nameText, unknown } from './notation.ts'
import { octetText } from './octet-text.ts'

/** Octets of a struct sockaddr_storage: what there is room for where a name is asked for. */
export const SOCKADDR_STORAGE_LENGTH = 128

/** The name of an interface, or null: how `trace` is told them. */
export type InterfaceName = (index: number) => string | null

/** The struct of an address, as strace writes it. */
export function addressText(address: SocketAddress, interfaceName: InterfaceName): string {
  const { family, ip, port } = address
  switch (family) {
    case AF_INET:
      return `{sa_family=AF_INET, sin_port=htons(${port}), sin_addr=inet_addr("${ip}")}`
    case AF_INET6: {
      const scope = interfaceText(address.scopeId, interfaceName)
      return `{sa_family=AF_INET6, sin6_port=htons(${port}), sin6_flowinfo=htonl(${address.flowInfo >>> 0}), inet_pton(AF_INET6, "${ipv6Text(ip)}", &sin6_addr), sin6_scope_id=${scope}}`
    }
    case AF_UNIX: {
      if (address.path === '') return '{sa_family=AF_UNIX}'
      const abstract = address.path.startsWith('\0')
      const bytes = unixPathOctets(abstract ? address.path.slice(1) : address.path)
      return `{sa_family=AF_UNIX, sun_path=${abstract ? '@' : ''}${octetText(bytes, 0, bytes.length, bytes.length)}}`
    }
    default:
      return otherText(address, interfaceName)
  }
}

const PACKET_TYPES: readonly string[] = [
  'PACKET_HOST',
  'PACKET_BROADCAST',
  'PACKET_MULTICAST',
  'PACKET_OTHERHOST',
  'PACKET_OUTGOING',
]

function otherText({ family, packet, netlink, vsock, other }: SocketAddress, interfaceName: InterfaceName): string {
  if (netlink !== null) {
    const groups = netlink.groups.toString(16).padStart(8, '0')
    return `{sa_family=AF_NETLINK, nl_pid=${netlink.pid}, nl_groups=${groups}}`
  }
  if (packet !== null) {
    const { hardwareAddress } = packet
    const octets = Array.from(hardwareAddress, (octet) => octet.toString(16).padStart(2, '0')).join(', ')
    const station = hardwareAddress.length === 0 ? '' : `, sll_addr=[${octets}]`
    const fields = [
      `sll_protocol=${etherTypeText(packet.protocol)}`,
      `sll_ifindex=${interfaceText(packet.ifindex, interfaceName)}`,
      // Linux has a name for 0 that means another thing: strace takes it.
      `sll_hatype=${packet.hardwareType === 0 ? 'ARPHRD_NETROM' : nameText('ARPHRD_', packet.hardwareType)}`,
      `sll_pkttype=${PACKET_TYPES[packet.packetType] ?? unknown(packet.packetType, 'PACKET_')}`,
      `sll_halen=${hardwareAddress.length}`,
    ]
    return `{sa_family=AF_PACKET, ${fields.join(', ')}${station}}`
  }
  if (vsock !== null) {
    const cid = constantName('VMADDR_CID_', vsock.cid) ?? hexText(vsock.cid)
    return `{sa_family=AF_VSOCK, svm_cid=${cid}, svm_port=${hexText(vsock.port)}, svm_flags=0}`
  }
  const octets = other ?? new Uint8Array(SOCKADDR_IN_LENGTH - 2)
  return `{sa_family=${nameText('AF_', family)}, sa_data=${octetText(octets, 0, octets.length, octets.length)}}`
}

/** A type of frames, as it stands in the struct and in the protocol of an AF_PACKET socket. */
export function etherTypeText(type: number): string {
  return type === 0 ? '0' : `htons(${constantName('ETH_P_', type) ?? hexText(type)})`
}

/** The text of an address as inet_ntop(3) gives it for AF_INET6, where one of IPv4 is a mapped one. */
export function ipv6Text(ip: IpAddress): string {
  return ip.isV4 ? `::ffff:${ip}` : ip.toString()
}

/** Octets of the struct. An AF_UNIX path counts its NUL; an abstract name has one in front. */
export function addressLength(address: SocketAddress): number {
  switch (address.family) {
    case AF_INET6:
      return SOCKADDR_IN6_LENGTH
    case AF_UNIX: {
      if (address.path === '') return 2
      const length = 2 + unixPathOctets(address.path).length
      return address.path.startsWith('\0') ? length : length + 1
    }
    default:
      return address.other === null ? SOCKADDR_IN_LENGTH : 2 + address.other.length
  }
}

/** Whether there is an address at all: a stream's recvfrom gives none. */
export function isNamed(address: SocketAddress): boolean {
  return address.family !== AF_UNSPEC
}

/** `if_nametoindex("eth0")`, or the number. */
export function interfaceText(index: number, interfaceName: InterfaceName): string {
  const name = index === 0 ? null : interfaceName(index)
  return name === null ? String(index) : `if_nametoindex("${name}")`
}
