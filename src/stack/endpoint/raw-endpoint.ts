// Read first: raw(7), ipv6(7), RFC 3542 section 3.

import { write16 } from '../../base/bytes.ts'
import { internetChecksum, internetSum, pseudoSum } from '../../base/checksum.ts'
import {
  AF_INET,
  AF_INET6,
  ICMP_FILTER,
  ICMP6_FILTER,
  IP_HDRINCL,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_RAW,
  IPPROTO_UDP,
  IPV6_CHECKSUM,
  IPV6_HDRINCL,
  SOCK_RAW,
  SOL_ICMPV6,
  SOL_RAW,
} from '../../base/constants.ts'
import { EINVAL, EMSGSIZE, ENOPROTOOPT, EOPNOTSUPP } from '../../base/errno.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { Offload } from '../../device/device.ts'
import { ICMPV6_CHECKSUM_OFFSET } from '../../wire/icmpv6.ts'
import { IPV6_HEADER_LENGTH } from '../../wire/ipv6.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { Route } from '../ip/route.ts'
import { sendDown } from '../ip/send-down.ts'
import { ipOutputWithHeader } from '../ip4/ip-output-with-header.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { IcmpReport } from '../transport/transport.ts'
import type { Target } from './addressed-endpoint.ts'
import { DatagramEndpoint } from './datagram-endpoint.ts'
import { OPTION_HDRINCL } from './option-bits.ts'
import { readInt, writeInt } from './option-value.ts'

const NOTHING = new Offload()
/** A struct icmp6_filter: a bit for each type. */
const FILTER_LENGTH = 32

/**
 * A raw socket. Of IPv4, whole packets of one protocol come in, and what goes out is the protocol's, or with IP_HDRINCL all of the
 * packet. Of IPv6, what stands behind the IP headers comes in (RFC 3542 section 3).
 */
export class RawEndpoint extends DatagramEndpoint {
  protected readonly headerLength = 0
  /** ICMP_FILTER and ICMP6_FILTER: bit n set blocks type n. */
  readonly #filter = new Uint8Array(FILTER_LENGTH)
  /** IPV6_CHECKSUM: where the checksum lies that we fill in and verify; −1: nowhere. */
  #checksumAt = -1

  constructor(stack: LeanStack, fd: number, family: number, protocol: number) {
    super(stack, fd, family, SOCK_RAW, protocol)
    this.localPort = protocol
    // raw(7): IPPROTO_RAW implies it.
    if (protocol === IPPROTO_RAW) this.setOptionBit(OPTION_HDRINCL, true)
    if (family === AF_INET6 && protocol === IPPROTO_ICMPV6) this.#checksumAt = ICMPV6_CHECKSUM_OFFSET
  }

  /** Packets of one version only. */
  override get v6only(): boolean {
    return true
  }

  protected messageMax(v4: boolean): number {
    return v4 && !this.option(OPTION_HDRINCL) ? 65515 : 65535
  }

  // It has no port. What getsockname gives in its place is the protocol: raw(7).

  protected takePort(): number {
    this.localPort = this.protocol
    return 0
  }

  protected givePortBack(): void {}

  /** raw_bind: as often as you like, until it is connected. */
  protected override get isBound(): boolean {
    return this.connected
  }

  protected rehash(): void {
    this.localPort = this.protocol
    if (this.closed) this.stack.raw?.remove(this)
  }

  protected override aim(target: Target, address: SocketAddress): number {
    // A struct sockaddr_in is too short to be looked at.
    return this.family === AF_INET6 && address.family === AF_INET ? -EINVAL : super.aim(target, address)
  }

  // rawv6_sendmsg: the port says the protocol, which only a socket of IPPROTO_RAW may choose.
  protected override checkDestination({ port }: Target): number {
    if (this.family === AF_INET || port === 0 || port === this.protocol) return 0
    return -EINVAL
  }

  /** Whether a packet is for this socket. */
  wants(packet: IpPacket): boolean {
    const { destination } = packet
    if ((packet.version === 4) !== (this.family === AF_INET)) return false
    if (this.boundTo !== null && this.boundTo !== packet.interface) return false
    if (this.connected && !this.remote.equals(packet.source)) return false
    if (!this.local.isUnspecified && !this.local.equals(destination)) return false
    // Every packet came through an interface.
    return !destination.isMulticast || this.hearsGroup(destination, packet.source, packet.interface as NetworkInterface)
  }

  /** Whether its filter blocks the ICMP message in `packet`. */
  filters(packet: IpPacket): boolean {
    const type = packet.payloadStart < packet.payloadEnd ? (packet.bytes[packet.payloadStart] as number) : 255
    // raw(7): ICMP_FILTER knows of the first 32 types alone.
    if (packet.version === 4 && type >= 32) return false
    return (((this.#filter[type >> 3] as number) >>> (type & 7)) & 1) === 1
  }

  /** Whether a checksum that it verifies is wrong in `packet`. */
  rejects(packet: IpPacket): boolean {
    if (this.#checksumAt < 0 || packet.checksumTrusted) return false
    const { source, destination, payloadStart, payloadEnd } = packet
    const pseudo = pseudoSum(source, destination, this.protocol, payloadEnd - payloadStart)
    return internetSum(packet.bytes, payloadStart, payloadEnd, pseudo) !== 0xffff
  }

  /** Whether the packet that a report is about can be this socket's. */
  sentTo(report: IcmpReport): boolean {
    if ((report.version === 4) !== (this.family === AF_INET)) return false
    if (this.connected && !this.remote.equals(report.destination)) return false
    return this.local.isUnspecified || this.local.equals(report.source)
  }

  protected writeHeader(route: Route, at: number, end: number): number {
    if (this.option(OPTION_HDRINCL)) {
      // A header that is included must be there: raw_send_hdrinc and rawv6_send_hdrinc in Linux say EINVAL.
      return end - at < (route.version === 4 ? 20 : IPV6_HEADER_LENGTH) ? -EINVAL : 0
    }
    const offset = this.#checksumAt
    if (offset < 0) return 0
    if (offset + 2 > end - at) return -EINVAL
    const { frame } = this.stack
    write16(frame, at + offset, 0)
    const pseudo = pseudoSum(route.source, route.destination, this.protocol, end - at)
    const sum = internetChecksum(frame, at, end, pseudo)
    write16(frame, at + offset, sum === 0 && this.protocol === IPPROTO_UDP ? 0xffff : sum)
    return 0
  }

  protected override transmit(
    route: Route,
    ttl: number,
    tos: number,
    dontFragment: boolean,
    at: number,
    end: number,
  ): number {
    if (!this.option(OPTION_HDRINCL)) return super.transmit(route, ttl, tos, dontFragment, at, end)
    const { stack } = this
    if (route.version === 4) return ipOutputWithHeader(stack, route, stack.frame, at, end)
    if (end - at > route.mtu) return -EMSGSIZE
    stack.counters.outRequests++
    return sendDown(stack, route, stack.frame, at, end, IPV6_HEADER_LENGTH, NOTHING)
  }

  protected override getProtocolOption(level: number, name: number, value: Uint8Array): number {
    if (level === SOL_RAW && this.family === AF_INET) {
      if (name !== ICMP_FILTER) return -ENOPROTOOPT
      return this.protocol === IPPROTO_ICMP ? writeInt(value, readInt(this.#filter)) : -EOPNOTSUPP
    }
    if (this.family !== AF_INET6) return -EOPNOTSUPP
    if (level === SOL_ICMPV6) {
      if (this.protocol !== IPPROTO_ICMPV6) return -EOPNOTSUPP
      if (name !== ICMP6_FILTER) return -ENOPROTOOPT
      const length = Math.min(value.length, FILTER_LENGTH)
      value.set(this.#filter.subarray(0, length))
      return length
    }
    if (level !== SOL_RAW && level !== IPPROTO_IPV6) return -EOPNOTSUPP
    if (name === IPV6_CHECKSUM) return writeInt(value, this.#checksumAt)
    if (name === IPV6_HDRINCL) return writeInt(value, this.option(OPTION_HDRINCL) ? 1 : 0)
    return level === SOL_RAW ? -ENOPROTOOPT : -EOPNOTSUPP
  }

  protected override setProtocolOption(level: number, name: number, value: Uint8Array): number {
    if (level === SOL_RAW && this.family === AF_INET) {
      if (name !== ICMP_FILTER) return -ENOPROTOOPT
      if (this.protocol !== IPPROTO_ICMP) return -EOPNOTSUPP
      if (value.length < 4) return -EINVAL
      this.#filter.set(value.subarray(0, 4))
      return 0
    }
    if (this.family !== AF_INET6) return -ENOPROTOOPT
    if (level === SOL_ICMPV6) {
      if (this.protocol !== IPPROTO_ICMPV6) return -EOPNOTSUPP
      if (name !== ICMP6_FILTER) return -ENOPROTOOPT
      this.#filter.set(value.subarray(0, FILTER_LENGTH))
      return 0
    }
    if (level !== SOL_RAW && level !== IPPROTO_IPV6) return -ENOPROTOOPT
    if (name !== IPV6_CHECKSUM && name !== IPV6_HDRINCL) return -ENOPROTOOPT
    if (value.length < 4) return -EINVAL
    const int = readInt(value)
    if (name === IPV6_HDRINCL) {
      this.setOptionBit(OPTION_HDRINCL, int !== 0)
      return 0
    }
    // RFC 3542 section 3.1: that of ICMPv6 is the kernel's matter; an odd place is none.
    if (this.protocol === IPPROTO_ICMPV6 || (int > 0 && (int & 1) !== 0)) return -EINVAL
    this.#checksumAt = int < 0 ? -1 : int
    return 0
  }

  protected override optionChanged(level: number, name: number): void {
    super.optionChanged(level, name)
    if (level === IPPROTO_IP && name === IP_HDRINCL && this.protocol === IPPROTO_RAW) {
      this.setOptionBit(OPTION_HDRINCL, true)
    }
  }
}
