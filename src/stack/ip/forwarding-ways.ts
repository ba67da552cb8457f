import type { IpAddress } from '../../base/ip-address.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { Route } from './route.ts'
import { isTentative, routeToGateway } from './routing.ts'
import type { RoutingEntry } from './routing-table.ts'

const SLOT_BITS = 10

/**
 * The ways that packets for others go. To all destinations behind one gateway it is the same one, so that nothing is made for a
 * destination that a stranger chose, and the ways of our own packets (RouteCache) are left in peace. Beside them what was looked up
 * last, a slot for each hash, where the newer replaces the older: 10 ns in place of a walk through the table.
 */
export class ForwardingWays {
  readonly #stack: LeanStack
  readonly #byEntry = new Map<RoutingEntry, Route>()
  /** Made with the first packet: hardly any stack is a router. */
  #words: Int32Array | null = null
  #slots: (Route | null)[] = []

  constructor(stack: LeanStack) {
    this.#stack = stack
  }

  /** The way to `destination`, which is not one of ours; or a negated errno, as of `Stack.wayTo`. */
  find(destination: IpAddress): Route | number {
    this.#words ??= this.#makeSlots()
    const words = this.#words
    const slot = this.#hash(destination)
    const at = slot << 2
    const known = this.#slots[slot] as Route | null
    if (
      known !== null &&
      !known.neighbour?.removed &&
      words[at + 3] === destination.d &&
      words[at] === destination.a &&
      words[at + 1] === destination.b &&
      words[at + 2] === destination.c
    ) {
      return known
    }
    const way = this.#look(destination)
    if (typeof way === 'number') return way
    words[at] = destination.a
    words[at + 1] = destination.b
    words[at + 2] = destination.c
    words[at + 3] = destination.d
    this.#slots[slot] = way
    return way
  }

  /** The tables have changed. */
  clear(): void {
    this.#byEntry.clear()
    this.#slots.fill(null)
  }

  #makeSlots(): Int32Array {
    this.#slots = new Array<Route | null>(1 << SLOT_BITS).fill(null)
    return new Int32Array(4 << SLOT_BITS)
  }

  #look(destination: IpAddress): Route | number {
    const stack = this.#stack
    const entry = stack.routes.lookup(destination, null)
    // On the link, and what has a rule of its own: a way for each, as many as there are neighbours.
    if (entry === null || entry.gateway === null || isTentative(stack, destination)) {
      return stack.wayTo(destination, null, null)
    }
    const known = this.#byEntry.get(entry)
    if (known !== undefined && !known.neighbour?.removed) return known
    const way = routeToGateway(stack, entry, entry.gateway)
    if (typeof way !== 'number') this.#byEntry.set(entry, way)
    return way
  }

  #hash({ a, b, c, d }: IpAddress): number {
    const key = this.#stack.flowKey
    let hash = Math.imul(d ^ key, 0x9e3779b1)
    hash = Math.imul(hash ^ (hash >>> 15) ^ b, 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13) ^ a ^ c, key)
    return hash >>> (32 - SLOT_BITS)
  }
}
