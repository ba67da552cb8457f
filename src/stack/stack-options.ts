// What a stack, an interface and a route are made with, and what of it cannot be.

import { checkBoolean, checkInteger, checkMethods, checkOptions, checkText, given } from '../base/argument.ts'
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import { DEFAULT_TCP_CONFIG, type TcpConfig } from '../tcp/config.ts'
import { type Prefix, parseInterfaceAddress } from './ip/prefix-text.ts'
import type { NetworkInterface } from './link/network-interface.ts'
import { checkStackLimits, type StackLimits } from './stack-limits.ts'

export interface StackOptions {
  readonly clock: Clock
  /** Sequence numbers, ports and keys come from it: a secure one, unless everything shall happen the same way again. */
  readonly random: Random
  /** The name of the provider; default 'userspace'. */
  readonly name?: string
  /** False: ports below 1024 and raw sockets are refused, with EACCES and EPERM. Default true: it is the caller's own system. */
  readonly privileged?: boolean
  readonly limits?: Partial<StackLimits>
  /** What TCP shall do otherwise than by default. */
  readonly tcp?: Partial<TcpConfig>
}

export interface AttachOptions {
  /** Address and prefix length, "192.0.2.1/24", or several. */
  readonly address?: string | readonly string[]
  /** The interface's name; default that of the device, with a number where it is taken. */
  readonly name?: string
}

export interface RouteOptions {
  /** The gateway; without one, destinations are on the link of `interface`. */
  readonly via?: string
  /** The interface or its name; default the one on whose link the gateway is. */
  readonly interface?: NetworkInterface | string
  /** Of two routes to a prefix the smaller metric wins; default 0. */
  readonly metric?: number
  /** The source address to prefer; one of this stack's own. */
  readonly source?: string
}

const STACK_KEYS: readonly (keyof StackOptions)[] = ['clock', 'random', 'name', 'privileged', 'limits', 'tcp']
const ROUTE_KEYS: readonly (keyof RouteOptions)[] = ['via', 'interface', 'metric', 'source']

/** Throws a TypeError or RangeError that names what is wrong in the options of a stack. */
export function checkStackOptions(options: StackOptions): void {
  checkOptions('options', options, STACK_KEYS)
  checkMethods('options.clock', options.clock, 'a Clock', 'now', 'defer', 'alarm')
  checkMethods('options.random', options.random, 'a Random', 'int32')
  checkText('options.name', options.name)
  checkBoolean('options.privileged', options.privileged)
  if (options.limits !== undefined) checkStackLimits(options.limits)
  if (options.tcp !== undefined) checkTcpConfig(options.tcp)
}

function checkTcpConfig(config: Partial<TcpConfig>): void {
  const keys = Object.keys(DEFAULT_TCP_CONFIG) as (keyof TcpConfig)[]
  checkOptions('options.tcp', config, keys)
  for (const key of keys) {
    const value = config[key]
    if (typeof DEFAULT_TCP_CONFIG[key] === 'boolean') checkBoolean(`options.tcp.${key}`, value)
    else if (value !== undefined) checkInteger(`options.tcp.${key}`, value, 0)
  }
}

/** The same for the options of an interface; what it gives are the addresses in them. */
export function readAttachOptions(options: AttachOptions): readonly Prefix[] {
  checkOptions('options', options, ['address', 'name'])
  checkText('options.name', options.name)
  const { address = [] } = options
  if (typeof address !== 'string' && !Array.isArray(address)) {
    throw new TypeError(`address must be a string or an array of strings, got ${given(address)}`)
  }
  return (typeof address === 'string' ? [address] : address).map((text: string) =>
    parseInterfaceAddress(text, 'address'),
  )
}

/** The same for the options of a route, as far as they can be told wrong without the stack. */
export function checkRouteOptions(options: RouteOptions): void {
  checkOptions('options', options, ROUTE_KEYS)
  if (options.metric !== undefined) checkInteger('metric', options.metric, 0)
}
