// Read first: ip(7) on IP_PKTINFO, IP_TTL, IP_TOS; ipv6(7), RFC 3542 sections 6.1 to 6.5; udp(7) on UDP_SEGMENT; cmsg(3).

import { read32 } from '../../base/bytes.ts'
import {
  AF_INET6,
  IP_PKTINFO,
  IP_PROTOCOL,
  IP_RETOPTS,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_2292HOPLIMIT,
  IPV6_2292PKTINFO,
  IPV6_DONTFRAG,
  IPV6_DSTOPTS,
  IPV6_FLOWINFO,
  IPV6_HOPLIMIT,
  IPV6_HOPOPTS,
  IPV6_PKTINFO,
  IPV6_RTHDR,
  IPV6_RTHDRDSTOPTS,
  IPV6_TCLASS,
  SOL_SOCKET,
  SOL_UDP,
  UDP_SEGMENT,
} from '../../base/constants.ts'
import { EINVAL, EPERM } from '../../base/errno.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import {
  IN_PKTINFO_LENGTH,
  IN6_PKTINFO_LENGTH,
  in6PktinfoAddress,
  inPktinfoSource,
  pktinfoInterface,
} from '../../base/packet-info.ts'
import type { ControlMessage } from '../../socket/provider.ts'
import type { StackEndpoint } from './endpoint.ts'
import { checkHeaderOptions } from './header-options.ts'
import { readInt } from './option-value.ts'
import { readSocketControl } from './socket-control.ts'
import { StickyHeaders } from './sticky-headers.ts'

/** Octets that an IPv4 header has for options. */
const IP_OPTIONS_MAX = 40
const FLOW_LABEL = 0xfffff

/** What the control messages of a sendmsg ask for. */
export class DatagramControl {
  /** −1: as the socket's options say. */
  ttl = -1
  tos = -1
  hopLimit = -2
  trafficClass = -1
  dontFragment = -1
  segmentSize = -1
  /** IPV6_FLOWINFO; 0: none. */
  flowLabel = 0
  /** 0: any. */
  interfaceIndex = 0
  source: IpAddress | null = null
  /** IP_RETOPTS */
  ipOptions: Uint8Array | null = null
  headers: StickyHeaders | null = null
  #asks = false

  /** Forgets them. 0. */
  clear(): number {
    // Mostly there were none: a dozen stores for each datagram can be spared.
    if (!this.#asks) return 0
    this.#asks = false
    this.ttl = -1
    this.tos = -1
    this.hopLimit = -2
    this.trafficClass = -1
    this.dontFragment = -1
    this.segmentSize = -1
    this.flowLabel = 0
    this.interfaceIndex = 0
    this.source = null
    this.ipOptions = null
    this.headers = null
    return 0
  }

  /** What a packet info asks for alone. */
  from(source: IpAddress, interfaceIndex: number): void {
    this.#asks = true
    this.source = source.isUnspecified ? null : source
    this.interfaceIndex = interfaceIndex
  }

  /**
   * Reads those that concern a packet of IPv4, or of IPv6; 0, or a negated errno: -EINVAL for one that there is not or that is
   * malformed, as ip_cmsg_send and ip6_datagram_send_ctl in Linux, which pass over those of other levels.
   */
  read(endpoint: StackEndpoint, messages: readonly ControlMessage[], v4: boolean): number {
    this.clear()
    this.#asks = true
    for (let i = 0; i < messages.length; i++) {
      const message = messages[i] as ControlMessage
      let bad = 0
      if (message.level === SOL_SOCKET) bad = readSocketControl(endpoint, message)
      else if (message.level === SOL_UDP && endpoint.protocol === SOL_UDP) bad = this.#readUdp(message)
      else if (message.level === IPPROTO_IP && v4) bad = this.#readIp(endpoint, message)
      else if (message.level === IPPROTO_IPV6 && endpoint.family === AF_INET6) {
        if (!v4) bad = this.#readIpv6(endpoint, message)
        // What answers by the socket's own family may answer to IPv4 too.
        else if (message.type === IPV6_PKTINFO) bad = this.#readMapped(message)
      }
      if (bad < 0) return bad
    }
    return 0
  }

  #readIp(endpoint: StackEndpoint, { type, data }: ControlMessage): number {
    switch (type) {
      case IP_PKTINFO: {
        if (data.length !== IN_PKTINFO_LENGTH) return -EINVAL
        this.interfaceIndex = pktinfoInterface(data)
        const source = inPktinfoSource(data)
        this.source = source.isUnspecified ? null : source
        return 0
      }
      case IP_TTL:
        if (data.length !== 4) return -EINVAL
        this.ttl = readInt(data)
        return this.ttl < 1 || this.ttl > 255 ? -EINVAL : 0
      case IP_TOS:
        if (data.length !== 4 && data.length !== 1) return -EINVAL
        this.tos = data.length === 4 ? readInt(data) : (data[0] as number)
        return this.tos < 0 || this.tos > 255 ? -EINVAL : 0
      case IP_RETOPTS: {
        // What a header has no room for is not looked at.
        const options = checkHeaderOptions(endpoint, data.subarray(0, IP_OPTIONS_MAX))
        if (typeof options === 'number') return options
        this.ipOptions = options
        return 0
      }
      case IP_PROTOCOL: {
        // For the choice of a route by protocol, which a stack has not.
        const protocol = data.length === 4 ? readInt(data) : 0
        return protocol < 1 || protocol > 255 ? -EINVAL : 0
      }
      default:
        return -EINVAL
    }
  }

  #readIpv6(endpoint: StackEndpoint, { type, data }: ControlMessage): number {
    switch (type) {
      case IPV6_2292PKTINFO:
      case IPV6_PKTINFO: {
        if (data.length < IN6_PKTINFO_LENGTH) return -EINVAL
        this.interfaceIndex = pktinfoInterface(data)
        const source = in6PktinfoAddress(data)
        this.source = source.isUnspecified ? null : source
        return 0
      }
      case IPV6_2292HOPLIMIT:
      case IPV6_HOPLIMIT:
        if (data.length !== 4) return -EINVAL
        this.hopLimit = readInt(data)
        return this.hopLimit < -1 || this.hopLimit > 255 ? -EINVAL : 0
      case IPV6_TCLASS:
        if (data.length !== 4) return -EINVAL
        this.trafficClass = readInt(data)
        return this.trafficClass < -1 || this.trafficClass > 255 ? -EINVAL : 0
      case IPV6_DONTFRAG:
        if (data.length !== 4) return -EINVAL
        this.dontFragment = readInt(data)
        return this.dontFragment < 0 || this.dontFragment > 1 ? -EINVAL : 0
      case IPV6_FLOWINFO:
        if (data.length < 4) return -EINVAL
        // The traffic class in it is not heeded: IPV6_TCLASS is for that.
        this.flowLabel = read32(data, 0) & FLOW_LABEL
        return 0
      case IPV6_HOPOPTS:
      case IPV6_DSTOPTS:
      case IPV6_RTHDRDSTOPTS:
      case IPV6_RTHDR:
        if (!endpoint.stack.privileged) return -EPERM
        this.headers ??= endpoint.rare?.sticky?.copy() ?? new StickyHeaders()
        return this.headers.set(type, data)
      default:
        return -EINVAL
    }
  }

  #readMapped({ data }: ControlMessage): number {
    if (data.length < IN6_PKTINFO_LENGTH) return -EINVAL
    const source = in6PktinfoAddress(data)
    if (!source.isV4) return -EINVAL
    this.interfaceIndex = pktinfoInterface(data)
    this.source = source.isUnspecified ? null : source
    return 0
  }

  #readUdp({ type, data }: ControlMessage): number {
    if (type !== UDP_SEGMENT || data.length !== 2) return -EINVAL
    this.segmentSize = (data[0] as number) | ((data[1] as number) << 8)
    return 0
  }
}
