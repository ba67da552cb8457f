import type { Random } from '../base/random.ts'
import type { Offload } from '../device/device.ts'
import { ImpairDirection } from '../device/impair-direction.ts'
import { ETHERNET_HEADER_LENGTH } from '../wire/ethernet.ts'
import { checkLinkOptions, impairmentOf, type LinkConditions, type LinkOptions } from './link-conditions.ts'
import { LinkPort } from './link-port.ts'
import type { Node } from './node.ts'
import type { ActorClock } from './timeline.ts'

/** What a link asks of its simulation. */
export interface LinkHost {
  readonly linkClock: ActorClock
  /** The smallest MTU that a link may have. */
  readonly mtuMin: number
  /** A frame leaves `port`, or has come to it. */
  seen(port: LinkPort, bytes: Uint8Array, start: number, end: number, inbound: boolean): void
  /** Whether a partition keeps the frame from passing `port`. */
  parted(port: LinkPort, bytes: Uint8Array, start: number, end: number, inbound: boolean): boolean
  /** The MTU of the link is another. */
  mtuChanged(link: Link): void
}

/** A wire between two hosts, routers or switches: `Simulation.link` makes one. */
export class Link {
  readonly name: string
  readonly ports: readonly [LinkPort, LinkPort]
  /** Frames that did not arrive: because the link was down, too narrow, or parted; its conditions count for themselves. */
  lost = 0
  readonly #host: LinkHost
  readonly #randoms: readonly [Random, Random]
  #conditions: LinkConditions
  #ways: readonly [ImpairDirection, ImpairDirection]
  #mtu: number
  #up = true

  /** For `Simulation`. */
  constructor(
    host: LinkHost,
    ends: readonly [Node, Node],
    names: readonly [string, string],
    options: LinkOptions,
    randoms: readonly [Random, Random],
  ) {
    const [a, b] = ends
    checkLinkOptions(options, [a.name, b.name], host.mtuMin, true)
    const { name = `${a.name}-${b.name}`, address: _address, ...conditions } = options
    this.name = name
    this.#host = host
    this.#randoms = randoms
    this.#conditions = conditions
    this.#mtu = conditions.mtu ?? 1500
    this.ports = [new LinkPort(this, a, names[0]), new LinkPort(this, b, names[1])]
    this.#ways = this.#newWays()
  }

  /** The largest IP packet that it carries. */
  get mtu(): number {
    return this.#mtu
  }

  /** Whether it carries anything. */
  get isUp(): boolean {
    return this.#up
  }

  /** What it does to frames now. */
  get conditions(): LinkConditions {
    return this.#conditions
  }

  /** Cuts the wire: what is on it is lost, and all that is sent from now on. The hosts are not told. */
  down(): void {
    if (!this.#up) return
    this.#up = false
    for (const way of this.#ways) way.stop()
  }

  /** Mends it. */
  up(): void {
    if (this.#up) return
    this.#up = true
    this.#ways = this.#newWays()
  }

  /**
   * Changes its conditions from now on; what is not named stays. What is on the way goes on as it would have. A new `mtu` is known at
   * both ends at once; whoever is further away learns of it as on any path.
   *
   * ```ts
   * link.set({ loss: 0.5, toward: { bob: { rate: 64_000 } } })
   * ```
   */
  set(conditions: LinkConditions): void {
    checkLinkOptions(conditions, [this.ports[0].node.name, this.ports[1].node.name], this.#host.mtuMin, false)
    this.#conditions = { ...this.#conditions, ...conditions }
    if (this.#up) this.#ways = this.#newWays()
    const { mtu } = conditions
    if (mtu === undefined || mtu === this.#mtu) return
    this.#mtu = mtu
    this.#host.mtuChanged(this)
  }

  /** Takes all faults from it: no loss, no delay, no limit of rate. Its MTU stays. */
  heal(): void {
    this.#conditions = { mtu: this.#mtu }
    this.#up = true
    this.#ways = this.#newWays()
  }

  /** For a port: a frame leaves it. */
  send(from: LinkPort, bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    this.#host.seen(from, bytes, start, end, false)
    const narrow = end - start > this.#mtu + ETHERNET_HEADER_LENGTH
    if (!this.#up || narrow || this.#host.parted(from, bytes, start, end, false)) {
      this.lost++
      return
    }
    this.#ways[from === this.ports[0] ? 0 : 1].send(bytes, start, end, offload)
  }

  /** For a port: whether the frame that has come to it is to be heard. */
  arrives(at: LinkPort, bytes: Uint8Array, start: number, end: number): boolean {
    if (!this.#up || this.#host.parted(at, bytes, start, end, true)) {
      this.lost++
      return false
    }
    this.#host.seen(at, bytes, start, end, true)
    return true
  }

  // Those that were before go on with what they carry.
  #newWays(): [ImpairDirection, ImpairDirection] {
    return [this.#newWay(0), this.#newWay(1)]
  }

  #newWay(from: 0 | 1): ImpairDirection {
    const to = this.ports[1 - from] as LinkPort
    const impairment = impairmentOf(this.#conditions, to.node.name)
    const way = new ImpairDirection(impairment, this.#randoms[from], 'ethernet', 0, false, false, {
      put: (bytes, start, end, offload) => {
        to.arrive(bytes, start, end, offload)
        return true
      },
      done: () => {},
    })
    way.start(this.#host.linkClock)
    return way
  }
}
