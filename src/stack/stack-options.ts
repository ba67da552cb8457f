// What a stack, an interface and a route are made with, and what of it cannot be.

import { checkBoolean, checkInteger, checkMethods, checkOptions, checkText, given } from '../base/argument.ts'
import type { Clock } from '../base/clock.ts'
import type { Credentials } from '../base/credentials.ts'
import type { Random } from '../base/random.ts'
import { checkDevice, type Device } from '../device/device.ts'
import { DEFAULT_TCP_CONFIG, type TcpConfig } from '../tcp/config.ts'
import { congestionControl } from '../tcp/congestion-controls.ts'
import { NO_METRICS, type PathMetrics } from '../tcp/path-metrics.ts'
import { TCP_PROFILES, type TcpProfile } from '../tcp/profile.ts'
import { IPV4_MTU_MIN } from '../wire/ipv4.ts'
import { IPV6_MTU_MIN } from '../wire/ipv6.ts'
import { type Prefix, parseInterfaceAddress } from './ip/prefix-text.ts'
import type { ReversePathCheck } from './ip/reverse-path.ts'
import type { NetworkInterface } from './link/network-interface.ts'
import type { Ipv6Mode, Ipv6Options } from './nd/ipv6-options.ts'
import { checkStackLimits, type StackLimits } from './stack-limits.ts'
import { lacking, type StackSlots } from './stack-parts.ts'

export type { TcpProfile } from '../tcp/profile.ts'

export interface StackOptions {
  readonly clock: Clock
  /** Sequence numbers, ports and keys come from it: a secure one, unless everything shall happen the same way again. */
  readonly random: Random
  /** The name of the provider; default 'userspace'. */
  readonly name?: string
  /** False: ports below 1024 and raw sockets are refused, with EACCES and EPERM. Default true: it is the caller's own system. */
  readonly privileged?: boolean
  /**
   * For whom its programs act: what Unix sockets tell of their peers (SO_PEERCRED). Default process 1 of root; of nobody (65534)
   * without privilege.
   */
  readonly credentials?: Credentials
  /** True: packets for other hosts are passed on, as routers do. Default false. */
  readonly forwarding?: boolean
  readonly limits?: Partial<StackLimits>
  /** Whose choices TCP makes: 'linux', or 'default', which differs from it where an RFC says MUST (docs/reference/differences.md). */
  readonly profile?: TcpProfile
  /** What TCP shall do otherwise than its profile says. */
  readonly tcp?: Partial<TcpConfig>
}

export interface AttachOptions {
  /** Address and prefix length, "192.0.2.1/24", "2001:db8::1/64", or several. */
  readonly address?: string | readonly string[]
  /**
   * How the interface comes by its IPv6 addresses. 'none': it does not speak IPv6, the default where no IPv6 address is given.
   * 'static': those that are given, and a link-local one. 'auto': those that routers advertise as well (RFC 4862).
   */
  readonly ipv6?: Ipv6Mode
  /** False: an IPv6 address is used at once, without asking whether another node has it (RFC 4862 section 5.4). Default true. */
  readonly duplicateAddressDetection?: boolean
  /**
   * Whether addresses are formed that change every day, and are preferred for what this stack begins itself (RFC 8981). Default
   * true; they are formed in the mode 'auto' only.
   */
  readonly temporaryAddresses?: boolean
  /**
   * What is asked of the sources of packets that come in here (RFC 3704). Default 'off'; 'strict' is for routers between networks
   * that have one way each.
   */
  readonly reversePath?: ReversePathCheck
  /** The interface's name; default that of the device, with a number where it is taken. */
  readonly name?: string
}

/** Where packets go; and, of PathMetrics, what is known of the way there. */
export interface RouteOptions extends Partial<PathMetrics> {
  /** The gateway; without one, destinations are on the link of `interface`. */
  readonly via?: string
  /** The interface or its name; default the one on whose link the gateway is. */
  readonly interface?: NetworkInterface | string
  /** Of two routes to a prefix the smaller metric wins; default 0. */
  readonly metric?: number
  /** The source address to prefer; one of this stack's own. */
  readonly source?: string
}

/** The user and group without any rights. */
const NOBODY = 65_534

const STACK_KEYS: readonly (keyof StackOptions)[] = [
  'clock',
  'random',
  'name',
  'privileged',
  'forwarding',
  'limits',
  'profile',
  'tcp',
  'credentials',
]
const CREDENTIAL_KEYS: readonly (keyof Credentials)[] = ['pid', 'uid', 'gid']
/** What may be said of a way. */
export const METRIC_KEYS: readonly (keyof PathMetrics)[] = Object.keys(NO_METRICS) as (keyof PathMetrics)[]
const ROUTE_KEYS: readonly (keyof RouteOptions)[] = ['via', 'interface', 'metric', 'source', ...METRIC_KEYS]

/** Throws a TypeError or RangeError that names what is wrong in the options of a stack. */
export function checkStackOptions(options: StackOptions, { fastOpen, forward }: StackSlots): void {
  checkOptions('options', options, STACK_KEYS)
  checkMethods('options.clock', options.clock, 'a Clock', 'now', 'defer', 'alarm')
  checkMethods('options.random', options.random, 'a Random', 'int32')
  checkText('options.name', options.name)
  checkBoolean('options.privileged', options.privileged)
  checkBoolean('options.forwarding', options.forwarding)
  if (options.forwarding && forward === null) throw lacking('options.forwarding', 'routing')
  if (options.credentials !== undefined) {
    checkOptions('options.credentials', options.credentials, CREDENTIAL_KEYS)
    for (const key of CREDENTIAL_KEYS) checkInteger(`options.credentials.${key}`, options.credentials[key], 0)
  }
  if (options.limits !== undefined) checkStackLimits(options.limits)
  if (options.tcp !== undefined) checkTcpConfig(options.tcp, fastOpen)
  const { profile = 'default' } = options
  if (!TCP_PROFILES.includes(profile)) {
    throw new TypeError(`options.profile must be 'default' or 'linux', got ${given(profile)}`)
  }
}

/** What `credentials` is by default. */
export function defaultCredentials(privileged: boolean): Credentials {
  const id = privileged ? 0 : NOBODY
  return { pid: 1, uid: id, gid: id }
}

/** Those that are choices by number. */
const TCP_MAXIMA: Partial<Record<keyof TcpConfig, number>> = {
  synCookies: 2,
  timeWaitReuse: 2,
  ecn: 5,
  ecnOption: 2,
  mtuProbing: 2,
}

function checkTcpConfig(config: Partial<TcpConfig>, fastOpen: StackSlots['fastOpen']): void {
  const keys = Object.keys(DEFAULT_TCP_CONFIG) as (keyof TcpConfig)[]
  checkOptions('options.tcp', config, keys, `src/tcp/config.ts describes all ${keys.length}`)
  for (const key of keys) {
    const value = config[key]
    if (key === 'fastOpenKey') checkFastOpenKey(value, fastOpen)
    else if (key === 'congestionControl') checkCongestionControl(value)
    else if (typeof DEFAULT_TCP_CONFIG[key] === 'boolean') checkBoolean(`options.tcp.${key}`, value)
    else if (value !== undefined) checkInteger(`options.tcp.${key}`, value, 0, TCP_MAXIMA[key])
  }
}

function checkCongestionControl(value: unknown): void {
  if (value === undefined || (typeof value === 'string' && congestionControl(value) !== null)) return
  throw new TypeError(`options.tcp.congestionControl must be 'cubic' or 'reno', got ${given(value)}`)
}

function checkFastOpenKey(value: unknown, fastOpen: StackSlots['fastOpen']): void {
  if (value === undefined || value === '') return
  if (fastOpen === null) throw lacking('options.tcp.fastOpenKey', 'tcpFastOpen')
  if (typeof value === 'string' && fastOpen.parseKey(value) !== null) return
  throw new TypeError(
    `options.tcp.fastOpenKey must be one or two keys such as '00112233-44556677-8899aabb-ccddeeff', got ${given(value)}`,
  )
}

/** What the options of an interface say. */
export interface AttachSettings {
  readonly name: string | undefined
  readonly prefixes: readonly Prefix[]
  readonly ipv6: Ipv6Options
  readonly reversePath: ReversePathCheck
}

const REVERSE_PATH_CHECKS: readonly ReversePathCheck[] = ['off', 'loose', 'strict']
const ATTACH_KEYS: readonly (keyof AttachOptions)[] = [
  'address',
  'name',
  'ipv6',
  'duplicateAddressDetection',
  'temporaryAddresses',
  'reversePath',
]
const IPV6_MODES: readonly Ipv6Mode[] = ['none', 'static', 'auto']

/** The same for a device and the options of its interface, read. */
export function readAttachOptions(device: Device, options: AttachOptions, { routers }: StackSlots): AttachSettings {
  checkDevice('device', device)
  if (device.medium === 'ethernet' && device.hardwareAddress === null) {
    throw new TypeError("device must have a hardwareAddress, since its medium is 'ethernet', got null")
  }
  if (device.mtu < IPV4_MTU_MIN) {
    throw new RangeError(`device must carry packets of ${IPV4_MTU_MIN} octets, got an MTU of ${device.mtu}`)
  }
  checkOptions('options', options, ATTACH_KEYS)
  checkText('options.name', options.name)
  const { address = [] } = options
  if (typeof address !== 'string' && !Array.isArray(address)) {
    throw new TypeError(`address must be a string or an array of strings, got ${given(address)}`)
  }
  const texts: readonly string[] = typeof address === 'string' ? [address] : address
  const prefixes = texts.map((text) => parseInterfaceAddress(text, 'address'))
  const speaks = prefixes.some((prefix) => !prefix.address.isV4)
  const {
    ipv6: mode = speaks ? 'static' : 'none',
    duplicateAddressDetection = true,
    temporaryAddresses = true,
  } = options
  if (!IPV6_MODES.includes(mode)) throw new TypeError(`ipv6 must be 'none', 'static' or 'auto', got ${given(mode)}`)
  if (mode === 'auto' && routers === null) throw lacking("ipv6 'auto'", 'routerDiscovery')
  checkBoolean('duplicateAddressDetection', duplicateAddressDetection)
  checkBoolean('temporaryAddresses', temporaryAddresses)
  const ipv6: Ipv6Options = { mode, duplicateAddressDetection, temporaryAddresses }
  if (mode !== 'none' && device.mtu < IPV6_MTU_MIN) {
    throw new RangeError(`device must carry packets of ${IPV6_MTU_MIN} octets for IPv6, got an MTU of ${device.mtu}`)
  }
  if (mode === 'none' && speaks) throw new TypeError("ipv6 must not be 'none' where an IPv6 address is given")
  const { reversePath = 'off' } = options
  if (!REVERSE_PATH_CHECKS.includes(reversePath)) {
    throw new TypeError(`reversePath must be 'off', 'loose' or 'strict', got ${given(reversePath)}`)
  }
  return { name: options.name, prefixes, ipv6, reversePath }
}

/** The same for the options of a route, as far as they can be told wrong without the stack. */
export function checkRouteOptions(options: RouteOptions): void {
  checkOptions('options', options, ROUTE_KEYS)
  if (options.metric !== undefined) checkInteger('metric', options.metric, 0)
  for (const name of METRIC_KEYS) {
    const value = options[name]
    if (typeof NO_METRICS[name] === 'boolean') checkBoolean(name, value)
    else if (value !== undefined) checkInteger(name, value, 0)
  }
  // A smaller one leaves no room for headers: Linux's least for IPv4.
  if (options.mtu !== undefined && options.mtu !== 0) checkInteger('mtu', options.mtu, IPV4_MTU_MIN)
}
