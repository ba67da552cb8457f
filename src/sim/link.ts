import type { Random } from '../base/random.ts'
import { Offload } from '../device/device.ts'
import { type FrameFates, ImpairDirection } from '../device/impair-direction.ts'
import { ETHERNET_HEADER_LENGTH } from '../wire/ethernet.ts'
import { type FrameAct, flipBits } from './frame-act.ts'
import type { FrameLoss } from './frame-log.ts'
import { checkLinkOptions, impairmentOf, type LinkConditions, type LinkOptions } from './link-conditions.ts'
import { LinkPort } from './link-port.ts'
import type { Node } from './node.ts'
import type { ActorClock } from './timeline.ts'

/** Who is told what passes on links. */
export interface LinkTraffic extends FrameFates {
  /** A frame leaves `port`: what its number is. */
  departs(port: LinkPort, bytes: Uint8Array, start: number, end: number): number
  /** It has come to `port`. */
  arrives(port: LinkPort, bytes: Uint8Array, start: number, end: number, number: number): void
  /** Whether a partition keeps the frame from passing `port`. */
  parted(port: LinkPort, bytes: Uint8Array, start: number, end: number): boolean
  /** What is to be done to a frame that would arrive; null: nothing. */
  intercepted(to: LinkPort, bytes: Uint8Array, start: number, end: number, number: number): FrameAct | null
  lost(number: number, why: FrameLoss): void
  /** All that is on the link is lost. */
  cut(link: Link): void
}

/** What a link asks of its simulation. */
export interface LinkHost {
  readonly linkClock: ActorClock
  readonly traffic: LinkTraffic
  /** The smallest MTU that a link may have. */
  readonly mtuMin: number
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
  readonly #offload = new Offload()
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
    this.#host.traffic.cut(this)
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
    const { traffic } = this.#host
    const number = traffic.departs(from, bytes, start, end)
    const narrow = end - start > this.#mtu + ETHERNET_HEADER_LENGTH
    if (!this.#up) this.#loses(number, 'down')
    else if (narrow) this.#loses(number, 'mtu')
    else if (traffic.parted(from, bytes, start, end)) this.#loses(number, 'partition')
    else {
      this.#offload.set(offload)
      this.#offload.mark = number
      this.#ways[from === this.ports[0] ? 0 : 1].send(bytes, start, end, this.#offload)
    }
  }

  /** For a port: whether the frame that has come to it is to be heard. */
  arrives(at: LinkPort, bytes: Uint8Array, start: number, end: number, number: number): boolean {
    const { traffic } = this.#host
    const parted = this.#up && traffic.parted(at, bytes, start, end)
    if (this.#up && !parted) {
      traffic.arrives(at, bytes, start, end, number)
      return true
    }
    this.#loses(number, parted ? 'partition' : 'down')
    return false
  }

  #loses(number: number, why: FrameLoss): void {
    this.lost++
    this.#host.traffic.lost(number, why)
  }

  #comes(to: LinkPort, bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    const act = this.#host.traffic.intercepted(to, bytes, start, end, offload.mark)
    if (act === null) this.#put(to, bytes, start, end, offload)
    else if (act.drop === true) this.#loses(offload.mark, 'act')
    else this.#change(act, to, bytes.slice(start, end), offload)
  }

  #change(act: FrameAct, to: LinkPort, bytes: Uint8Array, offload: Offload): void {
    const { traffic, linkClock } = this.#host
    const { delay = 0, duplicate = 0, flip = [] } = act
    const kept = new Offload()
    kept.set(offload)
    if (flip.length > 0) {
      flipBits(bytes, 0, bytes.length, flip)
      traffic.damaged(kept.mark)
    }
    const arrive = () => {
      for (let i = 0; i <= duplicate; i++) this.#put(to, bytes, 0, bytes.length, kept)
    }
    if (delay === 0) {
      arrive()
      return
    }
    const now = linkClock.now()
    traffic.leaves(kept.mark, now, now + delay)
    linkClock.alarm(arrive).set(now + delay)
  }

  #put(to: LinkPort, bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    if (!to.arrive(bytes, start, end, offload)) this.#loses(offload.mark, 'nobody')
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
        this.#comes(to, bytes, start, end, offload)
        return true
      },
      done: () => {},
      fates: this.#host.traffic,
    })
    way.start(this.#host.linkClock)
    return way
  }
}
