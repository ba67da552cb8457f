// Read first: rtnetlink(7), netstat(8) on --route and --interfaces, ip-neighbour(8).

import { readdirSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { AF_INET, AF_INET6, AF_UNSPEC } from '../base/constants.ts'
import { ARPHRD_ETHER, NETLINK_ROUTE } from '../base/constants-link.ts'
import type { InterfaceListing, NeighbourListing, RouteListing } from '../base/netstat-listing.ts'
import { openNetlink } from './netlink-dump.ts'
import { readProcNet } from './proc-net.ts'
import { type ProcRoute, parseArpTable, parseRouteTable, parseRouteTable6 } from './proc-routes.ts'
import {
  decodeAddressMessage,
  decodeLinkMessage,
  decodeNeighbourMessage,
  decodeRouteMessage,
  encodeRouteRequest,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_GETNEIGH,
  RTM_GETROUTE,
} from './route-netlink.ts'

/** NUD_…: RFC 4861 section 7.3.2, and Linux's own. NOARP, of links that need no neighbours, is not listed. */
const neighbourStates: ReadonlyMap<number, string> = new Map([
  [0x00, 'NONE'],
  [0x01, 'INCOMPLETE'],
  [0x02, 'REACHABLE'],
  [0x04, 'STALE'],
  [0x08, 'DELAY'],
  [0x10, 'PROBE'],
  [0x20, 'FAILED'],
  [0x80, 'PERMANENT'],
])

/**
 * The routing tables of the operating system: the ways to other hosts in its main table, the most specific first, as `listRoutes` gives
 * a stack's. Linux; without koffi what /proc tells, which is no preferred sources and no IPv4 routes with several ways.
 */
export async function osRoutes(): Promise<RouteListing[]> {
  const routes = (await routesByNetlink()) ?? [
    ...parseRouteTable(readProcNet('route') ?? ''),
    ...parseRouteTable6(readProcNet('ipv6_route') ?? ''),
  ]
  return routes
    .sort((x, y) => Number(x.six) - Number(y.six) || y.length - x.length || x.metric - y.metric)
    .map(({ six, prefix, length, gateway, name, metric, source }) => ({
      destination: length === 0 ? 'default' : `${prefix}/${length}`,
      family: six ? 'IPv6' : 'IPv4',
      gateway: gateway?.toString() ?? null,
      interface: name,
      metric,
      source: source?.toString() ?? null,
    }))
}

async function routesByNetlink(): Promise<ProcRoute[] | null> {
  const [links, v4, v6] = await ask([RTM_GETLINK, AF_UNSPEC], [RTM_GETROUTE, AF_INET], [RTM_GETROUTE, AF_INET6])
  if (links === undefined || v4 === undefined) return null
  const names = namesOf(links)
  return [...v4, ...(v6 ?? [])].flatMap(decodeRouteMessage).map(({ family, index, ...route }) => ({
    ...route,
    six: family === AF_INET6,
    name: names.get(index) ?? String(index),
  }))
}

/** The interfaces of the operating system, as `listInterfaces` gives a stack's. Linux; without koffi those that are up. */
export async function osInterfaces(): Promise<InterfaceListing[]> {
  const [links, addresses] = await ask([RTM_GETLINK, AF_UNSPEC], [RTM_GETADDR, AF_UNSPEC])
  if (links === undefined || addresses === undefined) return interfacesByFiles()
  const held = addresses.map(decodeAddressMessage).filter((one) => one !== null)
  return links
    .map(decodeLinkMessage)
    .filter((one) => one !== null)
    .map(({ name, index, mtu, ethernet, hardwareAddress }) => ({
      name,
      index,
      medium: ethernet ? 'ethernet' : 'ip',
      mtu,
      hardwareAddress,
      addresses: held.filter((one) => one.index === index).map(({ address }) => address),
    }))
}

/** Who is known on the links of the operating system, as `listNeighbours` tells of a stack. Linux; without koffi by ARP alone. */
export async function osNeighbours(): Promise<NeighbourListing[]> {
  const [links, neighbours] = await ask([RTM_GETLINK, AF_UNSPEC], [RTM_GETNEIGH, AF_UNSPEC])
  if (links === undefined || neighbours === undefined) return parseArpTable(readProcNet('arp') ?? '')
  const names = namesOf(links)
  const found: NeighbourListing[] = []
  for (const body of neighbours) {
    const neighbour = decodeNeighbourMessage(body)
    const state = neighbour === null ? undefined : neighbourStates.get(neighbour.state)
    if (neighbour === null || state === undefined) continue
    const { address, index, hardwareAddress } = neighbour
    found.push({ address: address.toString(), interface: names.get(index) ?? String(index), hardwareAddress, state })
  }
  return found
}

/** What the kernel answers to each; undefined where it does not. */
async function ask(...questions: (readonly [type: number, family: number])[]): Promise<(Uint8Array[] | undefined)[]> {
  const netlink = openNetlink(NETLINK_ROUTE)
  if (netlink === null) return []
  try {
    const answers: (Uint8Array[] | undefined)[] = []
    for (const [type, family] of questions) {
      const bodies = await netlink.ask(type, encodeRouteRequest(family))
      answers.push(typeof bodies === 'number' ? undefined : bodies)
    }
    return answers
  } finally {
    await netlink.close()
  }
}

function namesOf(links: readonly Uint8Array[]): Map<number, string> {
  const known = links.map(decodeLinkMessage).filter((one) => one !== null)
  return new Map(known.map(({ index, name }) => [index, name]))
}

const FOLDER = '/sys/class/net'

function interfacesByFiles(): InterfaceListing[] {
  const held = networkInterfaces()
  let names: string[] = Object.keys(held)
  try {
    names = readdirSync(FOLDER)
  } catch {
    // Without sysfs those alone that have addresses.
  }
  const found = names.map((name): InterfaceListing => {
    const own = held[name] ?? []
    const ethernet = Number(attribute(name, 'type')) === ARPHRD_ETHER
    return {
      name,
      index: Number(attribute(name, 'ifindex')),
      medium: ethernet ? 'ethernet' : 'ip',
      mtu: Number(attribute(name, 'mtu')),
      hardwareAddress: ethernet ? attribute(name, 'address') || null : null,
      addresses: own.map(({ cidr, address }) => cidr ?? address),
    }
  })
  return found.sort((x, y) => x.index - y.index)
}

function attribute(name: string, which: string): string {
  try {
    return readFileSync(`${FOLDER}/${name}/${which}`, 'utf8').trim()
  } catch {
    return ''
  }
}
