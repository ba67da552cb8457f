// What a stack can have or lack, as a kernel is configured. A part fills slots; what nobody has put in is not in a page's bundle, and
// calls for it fail as those of a Linux that was built without it.

import { checkOptions, given } from '../base/argument.ts'
import type { Random } from '../base/random.ts'
import { type OptionFormat, SIMPLE_OPTIONS } from '../socket/option-format.ts'
import type { TcpConfig } from '../tcp/config.ts'
import type { FastOpenHost } from '../tcp/fast-open.ts'
import type { FastOpenKeys } from '../tcp/fast-open-key.ts'
import type { SignatureCalls } from '../tcp/signature.ts'
import type { UnixSystem } from '../unix/unix-system.ts'
import type { StackEndpoint } from './endpoint/endpoint.ts'
import type { TcpEndpoint } from './endpoint/tcp-endpoint.ts'
import type { FAST_OPEN_SOCKETS } from './endpoint/tcp-fast-open.ts'
import type { ForwardingWays } from './ip/forwarding-ways.ts'
import type { IpPacket } from './ip/ip-packet.ts'
import type { LeanStack } from './lean-stack.ts'
import type { NetworkInterface } from './link/network-interface.ts'
import type { LinkGroups } from './multicast/link-groups.ts'
import type { AdvertiseOptions } from './nd/advertise-options.ts'
import type { Ipv6Interface } from './nd/ipv6-interface.ts'
import type { Redirects } from './nd/redirects.ts'
import type { RouterAdvertiser } from './nd/router-advertiser.ts'
import type { RouterDiscovery } from './nd/router-discovery.ts'
import type { PingLayer } from './transport/ping-layer.ts'
import type { RawLayer } from './transport/raw-layer.ts'

type OptionCall = (endpoint: StackEndpoint, name: number, value: Uint8Array) => number
type LevelOptionCall = (endpoint: StackEndpoint, level: number, name: number, value: Uint8Array) => number

/** The slots; null: nobody has put in what they are for. What holds then is said beside each, with the option that Linux has for it. */
export interface StackSlots {
  /** What values of options are: octets, but for what is an int, a flag, a time or a text. */
  readonly optionFormat: OptionFormat
  /** CONFIG_UNIX; EAFNOSUPPORT. */
  readonly unix: ((stack: LeanStack) => UnixSystem) | null
  /** ESOCKTNOSUPPORT. */
  readonly raw: ((stack: LeanStack) => RawLayer) | null
  /** EPROTONOSUPPORT. */
  readonly ping: ((stack: LeanStack) => PingLayer) | null
  /** TCP_FASTOPEN…: ENOPROTOOPT; MSG_FASTOPEN: EOPNOTSUPP. */
  readonly fastOpen: {
    readonly host: (config: TcpConfig, random: Random) => FastOpenHost
    readonly parseKey: (text: string) => FastOpenKeys | null
    readonly sockets: typeof FAST_OPEN_SOCKETS
  } | null
  /** CONFIG_TCP_MD5SIG; ENOPROTOOPT, and signatures of others are not looked at. */
  readonly signatures: {
    readonly calls: SignatureCalls
    readonly setOption: (endpoint: TcpEndpoint, name: number, value: Uint8Array) => number
  } | null
  /** TCP_INFO; ENOPROTOOPT. */
  readonly tcpInfo: ((endpoint: TcpEndpoint, value: Uint8Array) => number) | null
  /** Packets for others are dropped. */
  readonly forward: ((stack: LeanStack, packet: IpPacket) => void) | null
  readonly ways: ((stack: LeanStack) => ForwardingWays) | null
  /** Hosts that ask for routers hear nothing. */
  readonly advertising: {
    readonly advertiser: (ipv6: Ipv6Interface, options: AdvertiseOptions) => RouterAdvertiser
    readonly input: (ipv6: Ipv6Interface, packet: IpPacket) => boolean
  } | null
  /** What routers say is not heard: neither advertisements nor redirects. */
  readonly routers: {
    readonly discovery: (ipv6: Ipv6Interface) => RouterDiscovery
    readonly redirects: (networkInterface: NetworkInterface) => Redirects
    readonly advertisement: (ipv6: Ipv6Interface, packet: IpPacket) => boolean
    readonly redirect: (ipv6: Ipv6Interface, packet: IpPacket) => boolean
  } | null
  /** Options of IPPROTO_IP and IPPROTO_IPV6: ENOPROTOOPT, but for IPV6_V6ONLY. */
  readonly ipOptions: {
    readonly getIp: OptionCall
    readonly setIp: OptionCall
    readonly getIpv6: OptionCall
    readonly setIpv6: OptionCall
  } | null
  /** CONFIG_IP_MULTICAST; the stack alone is in groups, and tells no router of them. */
  readonly groups: ((networkInterface: NetworkInterface) => LinkGroups) | null
  /** ENOPROTOOPT. */
  readonly groupOptions: { readonly get: LevelOptionCall; readonly set: LevelOptionCall } | null
}

/** Something that a stack has where its `parts` name it. */
export type StackPart = Partial<StackSlots>

const NONE: StackSlots = {
  optionFormat: SIMPLE_OPTIONS,
  unix: null,
  raw: null,
  ping: null,
  fastOpen: null,
  signatures: null,
  tcpInfo: null,
  forward: null,
  ways: null,
  advertising: null,
  routers: null,
  ipOptions: null,
  groups: null,
  groupOptions: null,
}

/** Several as one. (Not by `...`, which bundlers do not leave out: a property may be an accessor that does something.) */
export function joined(...parts: readonly StackPart[]): StackPart {
  return Object.assign({}, ...parts)
}

/** The slots as `parts` fill them. A TypeError names what is no part. */
export function slotsOf(parts: readonly StackPart[]): StackSlots {
  if (!Array.isArray(parts)) throw new TypeError(`options.parts must be an array of parts, got ${given(parts)}`)
  const keys = Object.keys(NONE) as (keyof StackSlots)[]
  parts.forEach((part, i) => {
    checkOptions(`options.parts[${i}]`, part, keys)
  })
  return Object.assign({}, NONE, ...parts)
}

/** The error of who asks for `name`, which is in a part that was not put in. */
export function lacking(name: string, part: string): TypeError {
  return new TypeError(`${name} needs the part ${part}, which this stack has not`)
}
