// Read first: RFC 1122 sections 3.3.1 and 3.3.4, RFC 6724 section 5 (source addresses), RFC 1112 section 6, RFC 4007 section 9.
//
// Where a packet to some destination goes: the decision of ip_route_output in Linux, made once per destination.

import { EADDRNOTAVAIL, EINVAL, ENETUNREACH } from '../../base/errno.ts'
import { ANY_V4, type IpAddress, LOOPBACK_V4, LOOPBACK_V6 } from '../../base/ip-address.ts'
import { NO_METRICS, type PathMetrics } from '../../tcp/path-metrics.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { Route } from './route.ts'
import type { RoutingEntry } from './routing-table.ts'
import { sourceAddressFor } from './source-address.ts'

/** The way to `destination`, from `source` and through `networkInterface` where they are given; or a negated errno. */
export function findRoute(
  stack: LeanStack,
  destination: IpAddress,
  source: IpAddress | null,
  networkInterface: NetworkInterface | null,
): Route | number {
  const v4 = destination.isV4
  if (source !== null) {
    if (source.isV4 !== v4 || source.isMulticast || source.isLimitedBroadcast) return -EINVAL
    if (!source.isUnspecified && !stack.isOwnAddress(source)) return -EADDRNOTAVAIL
  }
  // "This host": packets to 0.0.0.0 or :: go to ourselves, as on Linux and BSD.
  if (destination.isUnspecified) return localRoute(stack, source ?? (v4 ? LOOPBACK_V4 : LOOPBACK_V6), source)
  if (stack.isOwnAddress(destination)) return localRoute(stack, destination, source)
  if (isTentative(stack, destination)) return -EADDRNOTAVAIL
  if (destination.isLimitedBroadcast || destination.isMulticast) {
    return manyRoute(stack, destination, source, networkInterface)
  }
  if (!v4 && destination.isLinkLocal) return linkRoute(stack, destination, source, networkInterface)
  // A source of one link does not leave it: RFC 4007 section 9.
  const out = v4 || !source?.isLinkLocal ? networkInterface : (networkInterface ?? stack.interfaceOf(source))
  const entry = stack.routes.lookup(destination, out)
  if (entry === null) return v4 ? -ENETUNREACH : advertisedRoute(stack, destination, source, out)
  return routeBy(stack, destination, source, entry.interface, entry.gateway, entry.source, entry.metrics)
}

/** Where packets for others go that `entry` covers, and that are for its gateway's hands; or a negated errno. */
export function routeToGateway(stack: LeanStack, entry: RoutingEntry, gateway: IpAddress): Route | number {
  return routeBy(stack, gateway, null, entry.interface, gateway, entry.source, entry.metrics)
}

/**
 * The interface by which packets to `destination` would leave, without remembering anything: for addresses that strangers choose.
 * null: there is no way.
 */
export function interfaceTowards(stack: LeanStack, destination: IpAddress): NetworkInterface | null {
  if (stack.isOwnAddress(destination)) return stack.loopback
  if (isTentative(stack, destination)) return null
  const entry = stack.routes.lookup(destination, null)
  if (entry !== null || destination.isV4) return entry?.interface ?? null
  return stack.interfaces.find(({ ipv6 }) => ipv6 !== null && ipv6.defaultRouter(destination) !== null) ?? null
}

// Nobody else has it, or we would not ask for it; and we have not got it yet.
export function isTentative(stack: LeanStack, address: IpAddress): boolean {
  for (const networkInterface of stack.interfaces) {
    for (const own of networkInterface.addresses) if (own.tentative && own.address.equals(address)) return true
  }
  return false
}

function routeBy(
  stack: LeanStack,
  destination: IpAddress,
  source: IpAddress | null,
  out: NetworkInterface,
  gateway: IpAddress | null,
  preferred: IpAddress | null,
  metrics: PathMetrics = NO_METRICS,
): Route | number {
  if (out.closed) return -ENETUNREACH
  const hop = gateway ?? destination
  const chosen = source ?? preferred ?? sourceFor(stack, out, destination, hop)
  if (chosen === null) return -EADDRNOTAVAIL
  // 127/8 and ::1 never leave the host: RFC 1122 section 3.2.1.3(g), RFC 4291 section 2.5.3.
  if (chosen.isLoopback && out !== stack.loopback) return -EINVAL
  const many = out.isBroadcast(destination)
  const neighbours = out.neighbours
  const neighbour = neighbours === null || many ? null : neighbours.ensure(hop)
  let mtu = out.mtuFor(destination)
  if (metrics.mtu > 0 && metrics.mtu < mtu) mtu = metrics.mtu
  if (!metrics.mtuLocked) mtu = stack.pathMtus.get(destination, mtu)
  return new Route(out, chosen.copy(), destination.copy(), neighbour, mtu, many, metrics)
}

function sourceFor(
  stack: LeanStack,
  out: NetworkInterface,
  destination: IpAddress,
  hop: IpAddress | null,
): IpAddress | null {
  if (!destination.isV4) return sourceAddressFor(stack, out, destination)
  return out.sourceFor(hop) ?? anyAddress(stack)
}

function localRoute(stack: LeanStack, destination: IpAddress, source: IpAddress | null): Route {
  // Linux: all of 127/8 is reached from 127.0.0.1 (the preferred source of its route in the table "local").
  const own = destination.isV4 && destination.isLoopback ? LOOPBACK_V4 : destination
  const from = source === null || source.isUnspecified ? own : source
  return new Route(stack.loopback, from.copy(), destination.copy(), null, stack.loopback.mtu)
}

// The limited broadcast and multicast groups are no prefix of a link: the source says which one, or the default route does.
function manyRoute(
  stack: LeanStack,
  destination: IpAddress,
  source: IpAddress | null,
  networkInterface: NetworkInterface | null,
): Route | number {
  let out = networkInterface
  if (out === null && source !== null) out = stack.interfaceOf(source)
  out ??= stack.routes.lookup(destination, null)?.interface ?? stack.firstLink(destination.isV4)
  if (out === null || out.closed) return -ENETUNREACH
  const chosen = source ?? (destination.isV4 ? out.sourceFor(destination) : sourceAddressFor(stack, out, destination))
  // A host that has no address yet may ask for one: RFC 2131 section 4.1. With IPv6 it has one of its own for that, soon.
  if (chosen === null && !destination.isV4) return -EADDRNOTAVAIL
  const from = chosen ?? ANY_V4
  return new Route(out, from.copy(), destination.copy(), null, out.mtuFor(destination), true)
}

// fe80::/10 is on every link: which one, the caller says, or the source, or there is only one (RFC 4007 section 6).
function linkRoute(
  stack: LeanStack,
  destination: IpAddress,
  source: IpAddress | null,
  networkInterface: NetworkInterface | null,
): Route | number {
  let out = networkInterface
  if (out === null && source !== null && !source.isUnspecified) out = stack.interfaceOf(source)
  if (out === null) {
    const links = stack.interfaces.filter((link) => link.ipv6 !== null && link !== stack.loopback)
    if (links.length !== 1) return links.length === 0 ? -ENETUNREACH : -EINVAL
    out = links[0] as NetworkInterface
  }
  if (out.ipv6 === null) return -ENETUNREACH
  return routeBy(stack, destination, source, out, null, null)
}

// What no prefix covers goes to a router that has advertised itself: RFC 4861 section 5.2.
function advertisedRoute(
  stack: LeanStack,
  destination: IpAddress,
  source: IpAddress | null,
  networkInterface: NetworkInterface | null,
): Route | number {
  for (const out of stack.interfaces) {
    if (out.ipv6 === null || (networkInterface !== null && out !== networkInterface)) continue
    const router = out.ipv6.defaultRouter(destination)
    if (router !== null) return routeBy(stack, destination, source, out, router, null)
  }
  return -ENETUNREACH
}

function anyAddress(stack: LeanStack): IpAddress | null {
  for (const networkInterface of stack.interfaces) {
    const address = networkInterface === stack.loopback ? null : networkInterface.sourceFor(null)
    if (address !== null) return address
  }
  return null
}
