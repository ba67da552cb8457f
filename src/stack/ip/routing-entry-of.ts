import { IpAddress } from '../../base/ip-address.ts'
import { NO_METRICS, type PathMetrics } from '../../tcp/path-metrics.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { checkRouteOptions, METRIC_KEYS, type RouteOptions } from '../stack-options.ts'
import { parseAddress, parsePrefix } from './prefix-text.ts'
import { RoutingEntry } from './routing-table.ts'

/**
 * The line of a routing table that `prefix` and `options` write. Throws a TypeError for text that is none, a RangeError for a
 * gateway that is on no link, an interface that there is not, and for addresses of both families in one.
 */
export function routingEntryOf(stack: LeanStack, prefix: string, options: RouteOptions): RoutingEntry {
  checkRouteOptions(options)
  const gateway = options.via === undefined ? null : parseAddress(options.via, 'via')
  const source = options.source === undefined ? null : parseAddress(options.source, 'source')
  const v4 = (gateway ?? source)?.isV4 ?? true
  // "default" is of the family of what stands beside it.
  const { address, length } =
    prefix === 'default' && !v4 ? { address: new IpAddress(), length: 0 } : parsePrefix(prefix, 'prefix')
  for (const [name, other] of [
    ['via', gateway],
    ['source', source],
  ] as const) {
    if (other !== null && other.isV4 !== address.isV4) {
      throw new RangeError(`${name} must be an address of the family of ${prefix}, got ${other}`)
    }
  }
  const networkInterface = interfaceOf(stack, options.interface, gateway)
  if (source !== null && !stack.isOwnAddress(source)) {
    throw new RangeError(`source must be an address of this stack, got ${options.source}`)
  }
  return new RoutingEntry(
    address,
    length,
    gateway,
    networkInterface,
    options.metric ?? 0,
    source,
    null,
    metricsOf(options),
  )
}

function metricsOf(options: RouteOptions): PathMetrics {
  const metrics: Record<string, number | boolean> = { ...NO_METRICS }
  for (const name of METRIC_KEYS) if (options[name] !== undefined) metrics[name] = options[name]
  return { ...NO_METRICS, ...metrics }
}

function interfaceOf(
  stack: LeanStack,
  given: NetworkInterface | string | undefined,
  gateway: IpAddress | null,
): NetworkInterface {
  if (typeof given === 'string') {
    const found = stack.interfaceNamed(given)
    if (found === null) throw new RangeError(`interface must be the name of one of this stack, got ${given}`)
    return found
  }
  if (given !== undefined) {
    if (!stack.interfaces.includes(given)) throw new TypeError('interface must be one of this stack, or its name')
    return given
  }
  if (gateway === null) throw new TypeError('a route needs a gateway (via) or an interface')
  const link = stack.routes.lookup(gateway, null)
  if (link === null || link.gateway !== null) {
    throw new RangeError(`via must be on a link of this stack, got ${gateway}`)
  }
  return link.interface
}
