// Read first: icmp(7) on ping_group_range, RFC 792 "Echo", RFC 4443 section 4.

import { read16 } from '../../base/bytes.ts'
import { ICMP_ECHO_REQUEST } from '../../wire/icmpv4.ts'
import { ICMPV6_ECHO_REQUEST } from '../../wire/icmpv6.ts'
import { PingEndpoint } from '../endpoint/ping-endpoint.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { IcmpReport } from './transport.ts'

/** ICMP echo sockets: told apart by the identifier, which takes the place of the port. */
export class PingLayer {
  readonly #stack: LeanStack

  constructor(stack: LeanStack) {
    this.#stack = stack
  }

  createEndpoint(fd: number, family: number): PingEndpoint {
    return new PingEndpoint(this.#stack, fd, family)
  }

  /** An echo reply, its checksum seen to be right. */
  input(packet: IpPacket): void {
    const { counters } = this.#stack
    this.#stack.ports.icmp.forEachHolder(read16(packet.bytes, packet.payloadStart + 4), (holder) => {
      const endpoint = holder as PingEndpoint
      if (!endpoint.hears(packet.destination, packet.source) || endpoint.lacks(packet.interface)) return
      if (endpoint.enqueue(packet, packet.payloadStart, packet.payloadEnd, 0)) counters.rawReceived++
      else counters.rawReceiveBufferErrors++
    })
  }

  error(report: IcmpReport): void {
    const request = report.version === 4 ? ICMP_ECHO_REQUEST : ICMPV6_ECHO_REQUEST
    if (report.bytes[report.start] !== request) return
    this.#stack.ports.icmp.forEachHolder(read16(report.bytes, report.start + 4), (holder) => {
      const endpoint = holder as PingEndpoint
      if (!endpoint.hears(report.source, report.destination)) return
      this.#stack.reducePathMtu(report)
      endpoint.reported(report)
    })
  }
}
