// Read first: RFC 768, RFC 1122 section 4.1, RFC 8200 section 8.1.

import { read16 } from '../../base/bytes.ts'
import { internetSum, pseudoSum } from '../../base/checksum.ts'
import { IPPROTO_UDP } from '../../base/constants.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { readUdp, UDP_HEADER_LENGTH, UdpHeader } from '../../wire/udp.ts'
import { CONTROL_GRO, OPTION_NO_CHECK6_RX, OPTION_REUSEPORT } from '../endpoint/option-bits.ts'
import { covers } from '../endpoint/port-table.ts'
import { UdpEndpoint } from '../endpoint/udp-endpoint.ts'
import { sendPortUnreachable } from '../ip/icmp-error.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { IcmpReport, Transport } from './transport.ts'

const header = new UdpHeader()

/** The UDP of one stack: who gets a datagram. */
export class UdpLayer implements Transport {
  readonly #stack: LeanStack
  readonly #key: number
  /** Connected endpoints by both ends; the others by their own end. */
  readonly #connected = new Map<number, UdpEndpoint>()
  readonly #bound = new Map<number, UdpEndpoint>()

  constructor(stack: LeanStack) {
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
    const unchecked = header.checksum === 0
    if (!packet.checksumTrusted && !unchecked) {
      const sum = pseudoSum(packet.source, packet.destination, IPPROTO_UDP, header.length)
      if (internetSum(bytes, payloadStart, end, sum) !== 0xffff) {
        counters.udpInErrors++
        return
      }
    }
    // RFC 8200 section 8.1: over IPv6 none is not enough, but for a socket that asked for it (RFC 6935).
    const refused = unchecked && packet.version === 6 && !packet.checksumTrusted
    if (packet.toMany) {
      this.#toMany(packet, payloadStart + UDP_HEADER_LENGTH, end, refused)
      return
    }
    const endpoint = this.#lookup(
      packet.destination,
      header.destinationPort,
      packet.source,
      header.sourcePort,
      packet.interface,
    )
    if (refused && !endpoint?.option(OPTION_NO_CHECK6_RX)) {
      counters.udpInErrors++
      return
    }
    if (endpoint === null) {
      counters.udpNoPorts++
      sendPortUnreachable(this.#stack, packet)
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
    const { counters } = this.#stack
    if (packet.segmentSize > 0 && (endpoint.controlBits & CONTROL_GRO) !== 0) {
      const { segmentSize } = packet
      if (!endpoint.enqueue(packet, start, end, header.sourcePort, segmentSize)) counters.udpReceiveBufferErrors++
      return
    }
    const size = packet.segmentSize === 0 ? end - start : packet.segmentSize
    let at = start
    do {
      const next = Math.min(at + size, end)
      if (!endpoint.enqueue(packet, at, next, header.sourcePort)) counters.udpReceiveBufferErrors++
      at = next
    } while (at < end)
  }

  // Broadcast and multicast go to every socket that they match: RFC 1122 section 4.1.3.5 would leave it at one, BSD and Linux do not.
  #toMany(packet: IpPacket, start: number, end: number, refused: boolean): void {
    const { sourcePort, destinationPort } = header
    const { destination, source } = packet
    const from = packet.interface as NetworkInterface // every packet came through one
    const group = destination.isMulticast
    this.#stack.ports.udp.forEachHolder(destinationPort, (holder) => {
      const endpoint = holder as UdpEndpoint
      const { local } = endpoint
      if (refused && !endpoint.option(OPTION_NO_CHECK6_RX)) return
      if (local.isUnspecified) {
        if (!covers(endpoint, destination)) return
      } else if (!local.equals(destination)) {
        // A connected one has the address it sends from: it still hears its peer's broadcasts if it was bound to none.
        if (!endpoint.connected || endpoint.addressBound) return
      }
      if (endpoint.connected && (!endpoint.remote.equals(source) || endpoint.remotePort !== sourcePort)) return
      // What we sent to many comes back by the loopback: it has been on the link that a socket may be bound to.
      if (endpoint.boundTo !== null && endpoint.boundTo !== from && from !== this.#stack.loopback) return
      if (group && !endpoint.hearsGroup(destination, source, from)) return
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
      this.#lookupBound(true, local, localPort, remote, remotePort, networkInterface) ??
      this.#lookupBound(false, local, localPort, remote, remotePort, networkInterface)
    )
  }

  // Of those bound to the address, or to all, one that is bound to the interface goes first, then one of the address's own family
  // (compute_score of Linux). Of several that share by SO_REUSEPORT a hash of the two ends picks one, always the same for the same
  // peer; else the newest.
  #lookupBound(
    exact: boolean,
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    networkInterface: NetworkInterface | null,
  ): UdpEndpoint | null {
    const first = this.#bound.get(exact ? this.#boundKey(local, localPort) : this.#wildcardKey(localPort)) ?? null
    let found: UdpEndpoint | null = null
    let best = 0
    let sharing = 0
    for (let endpoint = first; endpoint !== null; endpoint = endpoint.nextInTable) {
      const score = scoreOf(endpoint, exact, local, localPort, networkInterface)
      if (score > best) {
        best = score
        found = endpoint
        sharing = 0
      }
      if (score === best && best > 0 && endpoint.option(OPTION_REUSEPORT)) sharing++
    }
    if (sharing < 2) return found
    let pick = (this.#connectedKey(local, localPort, remote, remotePort) >>> 8) % sharing
    for (let endpoint = first; endpoint !== null; endpoint = endpoint.nextInTable) {
      if (scoreOf(endpoint, exact, local, localPort, networkInterface) !== best) continue
      if (endpoint.option(OPTION_REUSEPORT) && pick-- === 0) return endpoint
    }
    return found
  }

  #boundKey(local: IpAddress, port: number): number {
    return local.isUnspecified ? this.#wildcardKey(port) : this.#mix(this.#hash(local) ^ Math.imul(port, 0x9e3779b1))
  }

  // 0.0.0.0 and :: lie together: both may have what comes to an IPv4 address.
  #wildcardKey(port: number): number {
    return this.#mix(Math.imul(port, 0x9e3779b1))
  }

  #mix(value: number): number {
    const hash = Math.imul(value ^ this.#key, 0x85ebca6b)
    return (hash ^ (hash >>> 15)) & 0x3fffffff
  }

  #connectedKey(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): number {
    let hash = Math.imul(this.#hash(remote) ^ ((remotePort << 16) | localPort) ^ this.#key, 0x9e3779b1)
    hash = Math.imul(hash ^ (hash >>> 15) ^ this.#hash(local), this.#key)
    return (hash ^ (hash >>> 13)) & 0x3fffffff
  }

  #hash(address: IpAddress): number {
    if (address.isV4) return address.d
    let hash = Math.imul(address.a ^ this.#key, 0x9e3779b1)
    hash = Math.imul(hash ^ (hash >>> 15) ^ address.b, 0xc2b2ae35)
    hash = Math.imul(hash ^ (hash >>> 13) ^ address.c, 0x85ebca6b)
    return hash ^ (hash >>> 16) ^ address.d
  }
}

/** 0: not for it. */
function scoreOf(
  endpoint: UdpEndpoint,
  exact: boolean,
  local: IpAddress,
  localPort: number,
  networkInterface: NetworkInterface | null,
): number {
  if (endpoint.localPort !== localPort || !hears(endpoint, networkInterface)) return 0
  const score = endpoint.boundTo === null ? 1 : 3
  if (exact) return endpoint.local.equals(local) ? score : 0
  if (!endpoint.local.isUnspecified || !covers(endpoint, local)) return 0
  return endpoint.local.isV4 === local.isV4 ? score + 1 : score
}

function hears(endpoint: UdpEndpoint, networkInterface: NetworkInterface | null): boolean {
  const { boundTo } = endpoint
  return boundTo === null || networkInterface === null || boundTo === networkInterface
}
