// Which addresses the ends of links have, and which ways lead from each host to every network: what a careful administrator would
// have set up by hand, and does not change when links fail.

import { given } from '../base/argument.ts'
import { IpAddress } from '../base/ip-address.ts'
import { parseInterfaceAddress } from '../stack/ip/prefix-text.ts'
import type { RoutingEntry } from '../stack/ip/routing-table.ts'
import type { Host } from './host.ts'
import type { Link } from './link.ts'
import type { LinkOptions } from './link-conditions.ts'
import type { LinkPort } from './link-port.ts'
import type { Node } from './node.ts'

/** Hosts on one segment: the last octet of 10.x.y.z/24. */
const MOST_HOSTS = 254
const MOST_SEGMENTS = 65_535

/** Ports of hosts that hear each other without a router. */
class Segment {
  readonly number: number
  readonly ports: LinkPort[] = []
  /** How many addresses have been given. */
  given = 0

  constructor(number: number) {
    this.number = number
  }
}

/** The plan of a simulation's network. */
export class NetworkPlan {
  readonly #ipv6: boolean
  /** Those of switches, by the switch; those of links between hosts belong to their ports alone. */
  readonly #ofSwitch = new Map<Node, Segment>()
  readonly #ofPort = new Map<LinkPort, Segment>()
  readonly #owners = new Map<string, LinkPort>()
  readonly #routes = new Map<Host, RoutingEntry[]>()
  #segments = 0

  /** `ipv6`: whether hosts get addresses of IPv6 as well. */
  constructor(ipv6: boolean) {
    this.#ipv6 = ipv6
  }

  /** A switch is a segment from the beginning. */
  addSwitch(node: Node): void {
    this.#ofSwitch.set(node, this.#newSegment())
  }

  /** Gives addresses to the ends of a new link. */
  addLink(link: Link, options: LinkOptions): void {
    const [a, b] = link.ports
    const segments = link.ports.map((port) => this.#ofSwitch.get(port.node))
    const [left, right] = segments
    if (left !== undefined && right !== undefined) {
      this.#join(left, right, link)
      return
    }
    const segment = left ?? right ?? this.#newSegment()
    const claims = [a, b].filter(({ node }) => node.kind === 'host')
    const texts = claims.map((port) => this.#claim(port, segment, options.address?.[port.node.name]))
    const [ours, theirs] = texts.map((one = []) => one.map(addressOf))
    const twice = ours?.find((address) => theirs?.includes(address))
    if (twice !== undefined)
      throw new RangeError(`address ${twice} must be that of one end of ${link.name}, got it for both`)
    // None of them is taken: only now is anything changed.
    claims.forEach((port, i) => {
      port.addresses = texts[i] ?? []
      for (const text of port.addresses) this.#owners.set(addressOf(text), port)
      segment.ports.push(port)
      this.#ofPort.set(port, segment)
    })
  }

  #newSegment(): Segment {
    if (++this.#segments > MOST_SEGMENTS) throw new RangeError(`a simulation has at most ${MOST_SEGMENTS} networks`)
    return new Segment(this.#segments)
  }

  #join(left: Segment, right: Segment, link: Link): void {
    if (left === right)
      throw new RangeError(`link ${link.name} would close a ring of switches: frames would go round in it for ever`)
    if (left.ports.length > 0 && right.ports.length > 0) {
      throw new RangeError(`link ${link.name} joins two networks: connect switches with each other before hosts`)
    }
    const [kept, gone] = left.ports.length > 0 ? [left, right] : [right, left]
    for (const [node, segment] of this.#ofSwitch) if (segment === gone) this.#ofSwitch.set(node, kept)
  }

  #claim(port: LinkPort, segment: Segment, wanted: string | readonly string[] | undefined): readonly string[] {
    const texts = wanted === undefined ? this.#next(segment) : typeof wanted === 'string' ? [wanted] : wanted
    if (!Array.isArray(texts)) {
      throw new TypeError(`address.${port.node.name} must be a string or an array of strings, got ${given(wanted)}`)
    }
    for (const text of texts as readonly string[]) {
      const { address } = parseInterfaceAddress(text, `address.${port.node.name}`)
      const owner = this.#owners.get(address.toString())
      if (owner !== undefined)
        throw new RangeError(`address ${address} of ${port.name} is that of ${owner.name} already`)
    }
    return texts as readonly string[]
  }

  #next(segment: Segment): string[] {
    const { number } = segment
    for (;;) {
      const host = ++segment.given
      if (host > MOST_HOSTS) throw new RangeError(`a network of a simulation has at most ${MOST_HOSTS} hosts`)
      const v4 = `10.${number >> 8}.${number & 255}.${host}`
      // Somebody may have asked for it.
      if (this.#owners.has(v4)) continue
      return this.#ipv6 ? [`${v4}/24`, `fd00:0:0:${number.toString(16)}::${host.toString(16)}/64`] : [`${v4}/24`]
    }
  }

  /** Whose an address is; null where it is nobody's. */
  ownerOf(address: string): LinkPort | null {
    return this.#owners.get(address) ?? null
  }

  /** The address by which `from` reaches `to`: one on a common segment, else the first. null where it has none of the family. */
  addressOf(to: Host, from: Host, v4: boolean): string | null {
    const near = new Set(from.ports.map((port) => this.#ofPort.get(port)))
    const ports = [...to.ports].sort(
      (x, y) => Number(near.has(this.#ofPort.get(y))) - Number(near.has(this.#ofPort.get(x))),
    )
    for (const { addresses } of ports) {
      for (const text of addresses) {
        const [address = ''] = text.split('/')
        if (address.includes(':') !== v4) return address
      }
    }
    return null
  }

  /** Gives `host` its routes, in place of those it was given before. A new stack has none. */
  route(host: Host, fresh: boolean): void {
    if (!host.isUp) return
    const { stack } = host
    if (!fresh) for (const entry of this.#routes.get(host) ?? []) stack.removeRoute(entry)
    const entries: RoutingEntry[] = []
    for (const [segment, port] of this.#ways(host)) {
      const networks = new Set(segment.ports.flatMap(({ addresses }) => addresses.map(networkOf)))
      for (const network of networks) {
        const via = gateway(port, network.includes(':'))
        if (via !== null) entries.push(stack.addRoute(network, { via }))
      }
    }
    this.#routes.set(host, entries)
  }

  // For each segment that `host` is not on, the port of the router that is the first on a shortest way there.
  #ways(host: Host): Map<Segment, LinkPort> {
    const ways = new Map<Segment, LinkPort>()
    const own = new Set<Segment>()
    const queue: [Segment, LinkPort | null][] = []
    for (const port of host.ports) {
      const segment = this.#ofPort.get(port)
      if (segment === undefined || own.has(segment)) continue
      own.add(segment)
      queue.push([segment, null])
    }
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [segment, first] = next
      for (const port of segment.ports) {
        const router = port.node as Host
        if (router === host || router.options.forwarding !== true) continue
        for (const other of router.ports) {
          const beyond = this.#ofPort.get(other)
          if (beyond === undefined || own.has(beyond) || ways.has(beyond)) continue
          ways.set(beyond, first ?? port)
          queue.push([beyond, first ?? port])
        }
      }
    }
    return ways
  }
}

function addressOf(text: string): string {
  return parseInterfaceAddress(text, 'address').address.toString()
}

function gateway(port: LinkPort, six: boolean): string | null {
  const text = port.addresses.find((address) => address.includes(':') === six)
  return text?.split('/')[0] ?? null
}

/** "10.0.1.7/24" → "10.0.1.0/24" */
function networkOf(text: string): string {
  const { address, length } = parseInterfaceAddress(text, 'address')
  const words = [address.a, address.b, address.c, address.d].map((word, i) => {
    const bits = Math.min(Math.max(length - 32 * i, 0), 32)
    return bits === 0 ? 0 : word & (-1 << (32 - bits))
  })
  const [a = 0, b = 0, c = 0, d = 0] = words
  return `${new IpAddress(a, b, c, d)}/${address.isV4 ? length - 96 : length}`
}
