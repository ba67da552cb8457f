import { IpAddress } from '../../src/base/ip-address.ts'
import { ArpPacket, readArp } from '../../src/wire/arp.ts'
import { readDhcp } from '../../src/wire/dhcp.ts'
import { EthernetHeader, readEthernet } from '../../src/wire/ethernet.ts'
import { GroupRecord } from '../../src/wire/group-record.ts'
import { IcmpHeader, readIcmp } from '../../src/wire/icmpv4.ts'
import { Icmpv6Header, readIcmpv6 } from '../../src/wire/icmpv6.ts'
import { IgmpMessage, readIgmp } from '../../src/wire/igmp.ts'
import { Ipv4Header, ipv4ChecksumRight, readIpv4 } from '../../src/wire/ipv4.ts'
import { Ipv4Options, readIpv4Options } from '../../src/wire/ipv4-options.ts'
import { Ipv6Header, readIpv6, readIpv6Address } from '../../src/wire/ipv6.ts'
import {
  ExtensionHeader,
  FragmentHeader,
  RoutingHeader,
  readExtension,
  readFragment,
  readRouting,
} from '../../src/wire/ipv6-extension.ts'
import { Ipv6Options, readIpv6Options } from '../../src/wire/ipv6-options.ts'
import { MldMessage, readMld } from '../../src/wire/mld.ts'
import {
  NeighbourMessage,
  RedirectMessage,
  RouterAdvertisement,
  readNeighbourMessage,
  readRedirect,
  readRouterAdvertisement,
  readRouterSolicitation,
} from '../../src/wire/ndp.ts'
import {
  DnsSearchList,
  DnsServers,
  readDnsSearchList,
  readDnsServer,
  readDnsServers,
} from '../../src/wire/ndp-dns-options.ts'
import {
  NdpOption,
  NdpSixOctets,
  PrefixInformation,
  RouteInformation,
  readNdpMtu,
  readNdpSixOctets,
  readPrefixInformation,
  readRouteInformation,
} from '../../src/wire/ndp-options.ts'
import { readTcp, TcpSegment } from '../../src/wire/tcp.ts'
import { readTcpOptions, TcpOptions } from '../../src/wire/tcp-options.ts'
import { readUdp, UdpHeader } from '../../src/wire/udp.ts'

/** Reads `bytes[start, end)`; what it found, places counted from `start`; null where it found nothing. */
export type Reading = (bytes: Uint8Array, start: number, end: number) => readonly unknown[] | null

const ethernet = new EthernetHeader()
const arp = new ArpPacket()
const ipv4 = new Ipv4Header()
const ipv4Options = new Ipv4Options()
const icmp = new IcmpHeader()
const igmp = new IgmpMessage()
const udp = new UdpHeader()
const tcp = new TcpSegment()
const tcpOptions = new TcpOptions()
const ipv6 = new Ipv6Header()
const extension = new ExtensionHeader()
const fragment = new FragmentHeader()
const routing = new RoutingHeader()
const ipv6Options = new Ipv6Options()
const icmpv6 = new Icmpv6Header()
const mld = new MldMessage()
const advertisement = new RouterAdvertisement()
const neighbour = new NeighbourMessage()
const redirect = new RedirectMessage()
const option = new NdpOption()
const six = new NdpSixOctets()
const prefix = new PrefixInformation()
const route = new RouteInformation()
const servers = new DnsServers()
const search = new DnsSearchList()
const address = new IpAddress()

function words({ a, b, c, d }: IpAddress): number[] {
  return [a, b, c, d]
}

function tcpOptionFields(options: TcpOptions): unknown[] {
  const sack = options.sack.slice(0, 2 * options.sackCount)
  const stamps = options.hasTimestamps ? [options.tsVal, options.tsEcr] : []
  return [options.mss, options.windowScale, options.sackPermitted, ...stamps, ...sack]
}

function records(
  bytes: Uint8Array,
  start: number,
  list: number,
  count: number,
  end: number,
  length: 4 | 16,
): unknown[] {
  const record = new GroupRecord(length)
  record.begin(list, count, end)
  const found: unknown[] = []
  while (record.next(bytes)) {
    found.push(record.type, record.group - start, record.sourceCount, record.sources - start, record.end - start)
  }
  return found
}

function ndpOptions(bytes: Uint8Array, start: number, from: number, end: number): unknown[] {
  option.begin(from, end)
  const found: unknown[] = []
  while (option.next(bytes)) {
    const at = [bytes, option.start, option.end] as const
    found.push(option.type, option.start - start, option.end - start, readNdpMtu(...at))
    if (readNdpSixOctets(six, ...at)) found.push(six.high, six.low)
    if (readPrefixInformation(prefix, ...at)) {
      found.push(prefix.prefixLength, prefix.onLink, prefix.autonomous, prefix.validLifetime, prefix.preferredLifetime)
      found.push(...words(prefix.prefix))
    }
    if (readRouteInformation(route, ...at)) {
      found.push(route.prefixLength, route.preference, route.lifetime, ...words(route.prefix))
    }
    if (readDnsServers(servers, ...at)) {
      found.push(servers.lifetime)
      for (let i = 0; i < servers.count; i++) {
        readDnsServer(address, bytes, option.start, i)
        found.push(...words(address))
      }
    }
    if (readDnsSearchList(search, ...at)) found.push(search.lifetime, ...search.names)
  }
  return found
}

function extensionReading(type: number): Reading {
  return (bytes, start, end) => {
    if (!readExtension(extension, type, bytes, start, end)) return null
    return [extension.nextHeader, extension.start - start, extension.end - start]
  }
}

/** Every reader of the room wire that is given what came from a link. */
export const READERS: Readonly<Record<string, Reading>> = {
  ethernet: (...at) => (readEthernet(ethernet, ...at) ? Object.values(ethernet) : null),
  arp: (...at) => (readArp(arp, ...at) ? Object.values(arp) : null),
  ipv4: (bytes, start, end) => {
    if (!readIpv4(ipv4, bytes, start, end)) return null
    return [...Object.values(ipv4), ipv4ChecksumRight(bytes, start, ipv4.headerLength)]
  },
  'ipv4-options': (...at) => [readIpv4Options(ipv4Options, ...at), ...Object.values(ipv4Options)],
  icmp: (...at) => (readIcmp(icmp, ...at) ? Object.values(icmp) : null),
  igmp: (bytes, start, end) => {
    if (!readIgmp(igmp, bytes, start, end)) return null
    const { type, version, maxResponseTime, group, suppress, robustness, queryInterval, count, list } = igmp
    const isReport = type === 0x22
    const found = isReport ? records(bytes, start, list, count, end, 4) : [count]
    return [type, version, maxResponseTime, group, suppress, robustness, queryInterval, list - start, ...found]
  },
  dhcp: (...at) => {
    const message = readDhcp(...at)
    return typeof message === 'string' ? [message] : [...Object.values({ ...message, options: 0 }), ...message.options]
  },
  udp: (...at) => (readUdp(udp, ...at) ? Object.values(udp) : null),
  tcp: (bytes, start, end) => {
    if (!readTcp(tcp, bytes, start, end)) return null
    const { sourcePort, destinationPort, seq, ack, flags, window, urgentPointer, payloadStart, payloadEnd } = tcp
    const ends = [payloadStart - start, payloadEnd - start]
    const fields = [sourcePort, destinationPort, seq, ack, flags, window, urgentPointer, ...ends]
    return [...fields, ...tcpOptionFields(tcp.options)]
  },
  'tcp-options': (...at) => {
    readTcpOptions(tcpOptions, ...at)
    return tcpOptionFields(tcpOptions)
  },
  ipv6: (bytes, start, end) => {
    if (!readIpv6(ipv6, bytes, start, end)) return null
    const { trafficClass, flowLabel, payloadLength, nextHeader, hopLimit, source, destination } = ipv6
    return [trafficClass, flowLabel, payloadLength, nextHeader, hopLimit, ...words(source), ...words(destination)]
  },
  'hop-by-hop': extensionReading(0),
  routing: (...at) => (readRouting(routing, ...at) ? [extensionReading(43)(...at), ...Object.values(routing)] : null),
  fragment: (...at) => (readFragment(fragment, ...at) ? Object.values(fragment) : null),
  authentication: extensionReading(51),
  'ipv6-options': (bytes, start, end) => {
    const fits = readIpv6Options(ipv6Options, bytes, start, end)
    const { action, pointer, routerAlert, jumboPayload } = ipv6Options
    return [fits, action, pointer < 0 ? pointer : pointer - start, routerAlert, jumboPayload]
  },
  icmpv6: (...at) => (readIcmpv6(icmpv6, ...at) ? Object.values(icmpv6) : null),
  mld: (bytes, start, end) => {
    if (!readMld(mld, bytes, start, end)) return null
    const { type, version, maxResponseTime, suppress, robustness, queryInterval, count, list } = mld
    const isReport = type === 143
    const found = isReport ? records(bytes, start, list, count, end, 16) : [count, ...words(mld.group)]
    return [type, version, maxResponseTime, suppress, robustness, queryInterval, list - start, ...found]
  },
  'router solicitation': (bytes, start, end) =>
    readRouterSolicitation(bytes, start, end) ? ndpOptions(bytes, start, start + 8, end) : null,
  'router advertisement': (bytes, start, end) => {
    if (!readRouterAdvertisement(advertisement, bytes, start, end)) return null
    const { hopLimit, managed, other, preference, lifetime, reachableTime, retransmitTime, options } = advertisement
    const fields = [hopLimit, managed, other, preference, lifetime, reachableTime, retransmitTime]
    return [...fields, ...ndpOptions(bytes, start, options, end)]
  },
  'neighbour message': (bytes, start, end) => {
    if (!readNeighbourMessage(neighbour, bytes, start, end)) return null
    const { router, solicited, override, target, options } = neighbour
    return [router, solicited, override, ...words(target), ...ndpOptions(bytes, start, options, end)]
  },
  redirect: (bytes, start, end) => {
    if (!readRedirect(redirect, bytes, start, end)) return null
    const { target, destination, options } = redirect
    return [...words(target), ...words(destination), ...ndpOptions(bytes, start, options, end)]
  },
  'ndp options': (bytes, start, end) => ndpOptions(bytes, start, start, end),
  'ipv6 address': (bytes, start, end) => {
    if (end - start < 16) return null
    readIpv6Address(address, bytes, start)
    return words(address)
  },
}
