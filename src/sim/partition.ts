// Who hears whom. A partition parts hosts, not links: it holds for packets by whom they are from and for, over however many routers.

import { ipv4Text } from '../base/ip-address.ts'
import { ARP_LENGTH, ArpPacket, readArp } from '../wire/arp.ts'
import {
  ETHERNET_HEADER_LENGTH,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  EthernetHeader,
  readEthernet,
} from '../wire/ethernet.ts'
import { Ipv4Header, readIpv4 } from '../wire/ipv4.ts'
import { Ipv6Header, readIpv6 } from '../wire/ipv6.ts'
import type { Node } from './node.ts'

const ethernet = new EthernetHeader()
const arp = new ArpPacket()
const ipv4 = new Ipv4Header()
const ipv6 = new Ipv6Header()

/** Groups of hosts that do not hear each other. A host of no group hears all. */
export class Partition {
  readonly #groups = new Map<Node, number>()
  readonly #ownerOf: (address: string) => Node | null

  constructor(groups: readonly (readonly Node[])[], ownerOf: (address: string) => Node | null) {
    this.#ownerOf = ownerOf
    groups.forEach((group, i) => {
      for (const node of group) this.#groups.set(node, i)
    })
  }

  /** Whether hosts are kept apart. */
  parts(a: Node | null, b: Node | null): boolean {
    const x = a === null ? undefined : this.#groups.get(a)
    const y = b === null ? undefined : this.#groups.get(b)
    return x !== undefined && y !== undefined && x !== y
  }

  /** Whether the frame in `bytes[start, end)` may not be at `node`: from or for somebody whom it is kept apart from. */
  stops(node: Node, bytes: Uint8Array, start: number, end: number): boolean {
    if (!readEthernet(ethernet, bytes, start, end)) return false
    const at = start + ETHERNET_HEADER_LENGTH
    let from: string
    let to: string
    if (ethernet.type === ETHERTYPE_IPV4 && readIpv4(ipv4, bytes, at, end)) {
      from = ipv4Text(ipv4.source)
      to = ipv4Text(ipv4.destination)
    } else if (ethernet.type === ETHERTYPE_IPV6 && readIpv6(ipv6, bytes, at, end)) {
      from = ipv6.source.toString()
      to = ipv6.destination.toString()
    } else if (ethernet.type === ETHERTYPE_ARP && readArp(arp, bytes, at, at + ARP_LENGTH)) {
      from = ipv4Text(arp.senderProtocol)
      to = ipv4Text(arp.targetProtocol)
    } else {
      return false
    }
    const source = this.#ownerOf(from)
    const destination = this.#ownerOf(to)
    if (this.parts(source, destination)) return true
    // For all, or for nobody that is known: whoever is parted from its source does not hear it.
    return node.kind === 'host' && destination === null && this.parts(source, node)
  }
}
