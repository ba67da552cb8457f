// Read first: raw(7).

import {
  ICMP_FILTER,
  IP_HDRINCL,
  IPPROTO_ICMP,
  IPPROTO_IP,
  IPPROTO_RAW,
  SOCK_RAW,
  SOL_RAW,
} from '../../base/constants.ts'
import { EINVAL, ENOPROTOOPT, EOPNOTSUPP } from '../../base/errno.ts'
import { FRAME_HEADROOM } from '../ip/ip-output.ts'
import { ipOutputWithHeader } from '../ip/ip-output-with-header.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { Route } from '../ip/route.ts'
import type { Stack } from '../stack.ts'
import type { IcmpReport } from '../transport/transport.ts'
import { DatagramEndpoint } from './datagram-endpoint.ts'
import { OPTION_HDRINCL } from './option-bits.ts'
import { readInt, writeInt } from './option-value.ts'

/** A raw socket: whole IP packets of one protocol come in; what goes out is the protocol's, or with IP_HDRINCL all of it. */
export class RawEndpoint extends DatagramEndpoint {
  protected readonly headerLength = 0
  /** ICMP_FILTER: bit n set blocks type n. */
  #icmpFilter = 0

  constructor(stack: Stack, fd: number, family: number, protocol: number) {
    super(stack, fd, family, SOCK_RAW, protocol)
    // raw(7): IPPROTO_RAW implies it.
    if (protocol === IPPROTO_RAW) this.setOptionBit(OPTION_HDRINCL, true)
  }

  protected get messageMax(): number {
    return this.option(OPTION_HDRINCL) ? 65535 : 65515
  }

  // It has no port. What getsockname gives in its place is the protocol: raw(7).

  protected takePort(): number {
    this.localPort = this.protocol
    return 0
  }

  protected givePortBack(): void {}

  protected rehash(): void {
    if (this.closed) this.stack.raw.remove(this)
  }

  /** Whether a packet is for this socket. */
  wants(packet: IpPacket): boolean {
    if (this.boundTo !== null && this.boundTo !== packet.interface) return false
    if (this.connected && !this.remote.equals(packet.source)) return false
    return this.local.isUnspecified || this.local.equals(packet.destination)
  }

  /** Whether its ICMP_FILTER blocks the message in `packet`. */
  filters(packet: IpPacket): boolean {
    const type = packet.payloadStart < packet.payloadEnd ? (packet.bytes[packet.payloadStart] as number) : 255
    return type < 32 && ((this.#icmpFilter >>> type) & 1) === 1
  }

  /** Whether the packet that a report is about can be this socket's. */
  sentTo(report: IcmpReport): boolean {
    if (this.connected && !this.remote.equals(report.destination)) return false
    return this.local.isUnspecified || this.local.equals(report.source)
  }

  protected writeHeader(_route: Route, end: number): number {
    // A header that is included must be there: raw_send_hdrinc in Linux says EINVAL.
    return this.option(OPTION_HDRINCL) && end - FRAME_HEADROOM < 20 ? -EINVAL : 0
  }

  protected override transmit(route: Route, ttl: number, tos: number, dontFragment: boolean, end: number): number {
    if (!this.option(OPTION_HDRINCL)) return super.transmit(route, ttl, tos, dontFragment, end)
    return ipOutputWithHeader(this.stack, route, this.stack.frame, FRAME_HEADROOM, end)
  }

  protected override getProtocolOption(level: number, name: number, value: Uint8Array): number {
    if (level !== SOL_RAW) return -EOPNOTSUPP
    if (name !== ICMP_FILTER) return -ENOPROTOOPT
    return this.protocol === IPPROTO_ICMP ? writeInt(value, this.#icmpFilter) : -EOPNOTSUPP
  }

  protected override setProtocolOption(level: number, name: number, value: Uint8Array): number {
    if (level !== SOL_RAW || name !== ICMP_FILTER) return -ENOPROTOOPT
    if (this.protocol !== IPPROTO_ICMP) return -EOPNOTSUPP
    if (value.length < 4) return -EINVAL
    this.#icmpFilter = readInt(value)
    return 0
  }

  protected override optionChanged(level: number, name: number): void {
    if (level === IPPROTO_IP && name === IP_HDRINCL && this.protocol === IPPROTO_RAW) {
      this.setOptionBit(OPTION_HDRINCL, true)
    }
  }
}
