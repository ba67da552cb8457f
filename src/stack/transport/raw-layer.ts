// Read first: raw(7).

import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_RAW } from '../../base/constants.ts'
import { RawEndpoint } from '../endpoint/raw-endpoint.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { IcmpReport } from './transport.ts'

/** The raw sockets of one stack: each gets a copy of every packet of its protocol. */
export class RawLayer {
  readonly #stack: LeanStack
  readonly #endpoints = new Map<number, RawEndpoint[]>()
  #count = 0

  constructor(stack: LeanStack) {
    this.#stack = stack
  }

  createEndpoint(fd: number, family: number, protocol: number): RawEndpoint {
    const endpoint = new RawEndpoint(this.#stack, fd, family, protocol)
    const list = this.#endpoints.get(protocol)
    if (list === undefined) this.#endpoints.set(protocol, [endpoint])
    else list.push(endpoint)
    this.#count++
    return endpoint
  }

  remove(endpoint: RawEndpoint): void {
    const list = this.#endpoints.get(endpoint.protocol)
    const index = list?.indexOf(endpoint) ?? -1
    if (list === undefined || index < 0) return
    list.splice(index, 1)
    if (list.length === 0) this.#endpoints.delete(endpoint.protocol)
    this.#count--
  }

  forEach(visit: (endpoint: RawEndpoint) => void): void {
    for (const list of this.#endpoints.values()) list.forEach(visit)
  }

  /** Gives copies of a packet to those who want it. Returns whether anybody did. */
  input(packet: IpPacket): boolean {
    // A socket of IPPROTO_RAW only sends: raw(7).
    if (this.#count === 0 || packet.protocol === IPPROTO_RAW) return false
    const list = this.#endpoints.get(packet.protocol)
    if (list === undefined) return false
    let taken = false
    // Of IPv4 the header is handed up as well, of IPv6 nothing in front of the protocol's own (RFC 3542 section 3).
    const v4 = packet.version === 4
    const first = v4 ? packet.start : packet.payloadStart
    const icmp = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6
    for (let i = 0; i < list.length; i++) {
      const endpoint = list[i] as RawEndpoint
      if (!endpoint.wants(packet)) continue
      taken = true
      if ((packet.protocol === icmp && endpoint.filters(packet)) || endpoint.rejects(packet)) continue
      if (endpoint.enqueue(packet, first, packet.payloadEnd, 0)) this.#stack.counters.rawReceived++
      else this.#stack.counters.rawReceiveBufferErrors++
    }
    return taken
  }

  error(report: IcmpReport): void {
    const list = this.#endpoints.get(report.protocol)
    if (list === undefined) return
    for (let i = 0; i < list.length; i++) {
      const endpoint = list[i] as RawEndpoint
      if (!endpoint.sentTo(report)) continue
      this.#stack.reducePathMtu(report)
      endpoint.reported(report)
    }
  }
}
