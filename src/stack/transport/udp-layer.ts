// Read first: RFC 768, RFC 1122 section 4.1.

import { read16 } from '../../base/bytes.ts'
import { internetSum, pseudoHeaderSum } from '../../base/checksum.ts'
import { IPPROTO_UDP } from '../../base/constants.ts'
import { ANY_V4, type IpAddress } from '../../base/ip-address.ts'
import { ICMP_PORT_UNREACHABLE, ICMP_UNREACHABLE } from '../../wire/icmpv4.ts'
import { readUdp, UDP_HEADER_LENGTH, UdpHeader } from '../../wire/udp.ts'
import { OPTION_REUSEPORT } from '../endpoint/option-bits.ts'
import { UdpEndpoint } from '../endpoint/udp-endpoint.ts'
import { sendIcmpError } from '../ip/icmpv4-output.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { Stack } from '../stack.ts'
import type { IcmpReport, Transport } from './transport.ts'

const header = new UdpHeader()

/** The UDP of one stack: who gets a datagram. */
export class UdpLayer implements Transport {
  readonly #stack: Stack
  readonly #key: number
  /** Connected endpoints by both ends; the others by their own end. */
  readonly #connected = new Map<number, UdpEndpoint>()
  readonly #bound = new Map<number, UdpEndpoint>()

  constructor(stack: Stack) {
    this.#stack = stack
    this.#key = stack.random.int32() | 1
  }

  createEndpoint(fd: number, family: number): UdpEndpoint {
    return new UdpEndpoint(this.#stack, fd, family)
  }

  /** Calls `visit` for every endpoint that has a port: for listings. */
  forEach(visit: (endpoint: UdpEndpoint) => void): void {
    for (const table of [this.#bound, this.#connected]) {
      for (let endpoint of table.values() as Iterable<UdpEndpoint | null>) {
        for (; endpoint !== null; endpoint = endpoint.nextInTable) visit(endpoint)
      }
    }
  }

  /** Puts an endpoint where its addresses now belong; nowhere, if it is closed or has no port. */
  place(endpoint: UdpEndpoint): void {
    this.#take(endpoint)
    if (endpoint.closed || endpoint.localPort === 0) return
    const { local, localPort, remote, remotePort, connected } = endpoint
    const key = connected ? this.#connectedKey(local, localPort, remote, remotePort) : this.#boundKey(local, localPort)
    const table = connected ? this.#connected : this.#bound
    endpoint.tableKey = key
    endpoint.inConnectedTable = connected
    endpoint.nextInTable = table.get(key) ?? null
    table.set(key, endpoint)
  }

  #take(endpoint: UdpEndpoint): void {
    const key = endpoint.tableKey
    if (key === -1) return
    const table = endpoint.inConnectedTable ? this.#connected : this.#bound
    let at = table.get(key) ?? null
    if (at === endpoint) {
      if (endpoint.nextInTable === null) table.delete(key)
      else table.set(key, endpoint.nextInTable)
    } else {
      while (at !== null && at.nextInTable !== endpoint) at = at.nextInTable
      if (at !== null) at.nextInTable = endpoint.nextInTable
    }
    endpoint.tableKey = -1
    endpoint.nextInTable = null
  }

  input(packet: IpPacket): void {
    const { counters } = this.#stack
    const { bytes, payloadStart, payloadEnd } = packet
    counters.udpReceived++
    if (!readUdp(header, bytes, payloadStart, payloadEnd) || header.destinationPort === 0) {
      counters.udpInErrors++
      return
    }
    const end = payloadStart + header.length
    if (!packet.checksumTrusted && header.checksum !== 0) {
      const sum = pseudoHeaderSum(packet.source.d, packet.destination.d, IPPROTO_UDP, header.length)
      if (internetSum(bytes, payloadStart, end, sum) !== 0xffff) {
        counters.udpInErrors++
        return
      }
    }
    if (packet.toMany) {
      this.#toMany(packet, payloadStart + UDP_HEADER_LENGTH, end)
      return
    }
    const endpoint = this.#lookup(
      packet.destination,
      header.destinationPort,
      packet.source,
      header.sourcePort,
      packet.interface,
    )
    if (endpoint === null) {
      counters.udpNoPorts++
      sendIcmpError(this.#stack, packet, ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE, 0, 0)
      return
    }
    this.#give(endpoint, packet, payloadStart + UDP_HEADER_LENGTH, end)
  }

  error(report: IcmpReport): void {
    const localPort = read16(report.bytes, report.start)
    const remotePort = read16(report.bytes, report.start + 2)
    const endpoint = this.#lookup(report.source, localPort, report.destination, remotePort, null)
    if (endpoint === null) return
    this.#stack.reducePathMtu(report)
    endpoint.reported(report)
  }

  // A large datagram stands for several of `segmentSize` octets each.
  #give(endpoint: UdpEndpoint, packet: IpPacket, start: number, end: number): void {
    const size = packet.segmentSize === 0 ? end - start : packet.segmentSize
    let at = start
    do {
      const next = Math.min(at + size, end)
      if (!endpoint.enqueue(packet, at, next, header.sourcePort)) this.#stack.counters.udpReceiveBufferErrors++
      at = next
    } while (at < end)
  }

  // Broadcast and multicast go to every socket that they match: RFC 1122 section 4.1.3.5 would leave it at one, BSD and Linux do not.
  #toMany(packet: IpPacket, start: number, end: number): void {
    const { destinationPort } = header
    this.#stack.ports.udp.forEachHolder(destinationPort, (holder) => {
      const endpoint = holder as UdpEndpoint
      if (!endpoint.local.isUnspecified && !endpoint.local.equals(packet.destination)) {
        // A connected one has the address it sends from: it still hears its peer's broadcasts if it was bound to none.
        if (!endpoint.connected || endpoint.addressBound) return
      }
      if (endpoint.connected) {
        if (!endpoint.remote.equals(packet.source) || endpoint.remotePort !== header.sourcePort) return
      }
      if (endpoint.boundTo !== null && endpoint.boundTo !== packet.interface) return
      this.#give(endpoint, packet, start, end)
    })
  }

  #lookup(
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    networkInterface: NetworkInterface | null,
  ): UdpEndpoint | null {
    if (this.#connected.size > 0) {
      let endpoint = this.#connected.get(this.#connectedKey(local, localPort, remote, remotePort)) ?? null
      for (; endpoint !== null; endpoint = endpoint.nextInTable) {
        if (
          endpoint.localPort === localPort &&
          endpoint.remotePort === remotePort &&
          endpoint.remote.equals(remote) &&
          endpoint.local.equals(local) &&
          hears(endpoint, networkInterface)
        ) {
          return endpoint
        }
      }
    }
    return (
      this.#lookupBound(local, local, localPort, remote, remotePort, networkInterface) ??
      this.#lookupBound(ANY_V4, local, localPort, remote, remotePort, networkInterface)
    )
  }

  // Of several that share by SO_REUSEPORT a hash of the two ends picks one, always the same for the same peer; else the newest.
  #lookupBound(
    bound: IpAddress,
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    networkInterface: NetworkInterface | null,
  ): UdpEndpoint | null {
    const first = this.#bound.get(this.#boundKey(bound, localPort)) ?? null
    let found: UdpEndpoint | null = null
    let sharing = 0
    for (let endpoint = first; endpoint !== null; endpoint = endpoint.nextInTable) {
      if (endpoint.localPort !== localPort || !endpoint.local.equals(bound) || !hears(endpoint, networkInterface)) {
        continue
      }
      found ??= endpoint
      if (endpoint.option(OPTION_REUSEPORT)) sharing++
    }
    if (sharing < 2) return found
    let pick = (this.#connectedKey(local, localPort, remote, remotePort) >>> 8) % sharing
    for (let endpoint = first; endpoint !== null; endpoint = endpoint.nextInTable) {
      if (endpoint.localPort !== localPort || !endpoint.local.equals(bound) || !hears(endpoint, networkInterface)) {
        continue
      }
      if (endpoint.option(OPTION_REUSEPORT) && pick-- === 0) return endpoint
    }
    return found
  }

  #boundKey(local: IpAddress, port: number): number {
    const hash = Math.imul(local.d ^ Math.imul(port, 0x9e3779b1) ^ this.#key, 0x85ebca6b)
    return (hash ^ (hash >>> 15)) & 0x3fffffff
  }

  #connectedKey(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): number {
    let hash = Math.imul(remote.d ^ ((remotePort << 16) | localPort) ^ this.#key, 0x9e3779b1)
    hash = Math.imul(hash ^ (hash >>> 15) ^ local.d, this.#key)
    return (hash ^ (hash >>> 13)) & 0x3fffffff
  }
}

function hears(endpoint: UdpEndpoint, networkInterface: NetworkInterface | null): boolean {
  const { boundTo } = endpoint
  return boundTo === null || networkInterface === null || boundTo === networkInterface
}
