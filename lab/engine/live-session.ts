// A program that runs elsewhere, watched: what it tells of its stacks becomes what a run tells, on the machine's own time. Its hosts are
// its stacks; all that is beyond their interfaces of one subnet is one node. Nothing of it can be changed, stepped or taken back.

import type { NetstatEntry } from '../../src/base/netstat-entry.ts'
import type { InterfaceListing } from '../../src/base/netstat-listing.ts'
import { prefixMatches } from '../../src/base/prefix.ts'
import type { WatchLine } from '../../src/platform/watch-line.ts'
import { readCall } from '../../src/socket/trace/told-call.ts'
import { parsePrefix } from '../../src/stack/ip/prefix-text.ts'
import { describeLayers } from '../../src/wire/describe.ts'
import {
  DIRECTION_INBOUND,
  DIRECTION_OUTBOUND,
  LINKTYPE_ETHERNET,
  LINKTYPE_RAW,
  PcapngWriter,
} from '../../src/wire/pcapng.ts'
import { FrameCauses, NO_CAUSE } from './frame-cause.ts'
import { FrameReader } from './frame-reader.ts'
import type { EndAddresses, InspectedFrame } from './lab-run.ts'
import { LiveSegments } from './live-segments.ts'
import type { Tidings } from './messages.ts'
import { type FrameEvent, noEvents, type RunEvents } from './run-events.ts'
import { EMPTY_SCENARIO, type Scenario, type ScenarioLink, type ScenarioNode } from './scenario.ts'
import { whole } from './whole.ts'

/** Frames and calls, and the octets of frames, that it holds: then it hears no more. */
const EVENTS_MAX = 250_000
const OCTETS_MAX = 128 << 20

/** A line of the stream: which stack of the program it is of, and what that tells. */
export type LiveLine = readonly [stack: number, line: WatchLine]

/** What it tells: who there is, and what has passed. */
export type LiveTidings = Extract<Tidings, { tell: 'loaded' } | { tell: 'news' }>

/** An interface that is drawn. */
interface LiveInterface {
  readonly name: string
  readonly medium: 'ethernet' | 'ip'
  /** Its place among links. */
  readonly link: number
  readonly beyond: string
  addresses: readonly string[]
  /** What has left by a loopback interface and not come back. */
  readonly under: number[]
}

interface LiveStack {
  readonly node: string
  readonly interfaces: Map<number, LiveInterface>
  readonly segments: LiveSegments
  readonly causes: FrameCauses
  /** As it has told of them; those that are drawn when something passes are among them. */
  listing: readonly InterfaceListing[]
  sockets: readonly NetstatEntry[]
  more: number
  lost: number
}

interface HeldFrame {
  readonly bytes: Uint8Array
  readonly medium: 'ethernet' | 'ip'
  readonly link: number
  readonly inbound: boolean
  readonly at: number
}

const LOOPBACK = 'lo'
const LOOPBACK_PLACE = 'loopback'
/** Where nodes are drawn, in pixels: from one to the next. */
const ASIDE = 320
const BELOW = 130

export class LiveSession {
  readonly #tell: (tidings: LiveTidings) => void
  readonly #reader = new FrameReader()
  readonly #stacks = new Map<number, LiveStack>()
  readonly #held: HeldFrame[] = []
  #calls = 0
  readonly #links: { readonly stack: LiveStack; readonly on: LiveInterface }[] = []
  #heard: LiveLine[] = []
  /** Octets of frames that it holds, and of those that were heard and not taken yet, as text. */
  #octets = 0
  #octetsHeard = 0
  #events = noEvents()
  /** All that was told, for when there is more to be drawn. */
  readonly #told = noEvents()
  #title = ''
  #startedAt = 0
  #now = 0
  #redraw = false

  constructor(tell: (tidings: LiveTidings) => void) {
    this.#tell = tell
  }

  /** Whether it holds as much as it may. */
  get isFull(): boolean {
    return (
      this.#held.length + this.#calls + this.#heard.length >= EVENTS_MAX ||
      this.#octets + this.#octetsHeard > OCTETS_MAX
    )
  }

  /** Frames and calls that the program could not tell of, since this was slow. */
  get lost(): number {
    let lost = 0
    for (const stack of this.#stacks.values()) lost += stack.lost
    return lost
  }

  /** Hears what a stack tells. What comes of it is told by `news`. */
  hear(line: LiveLine): void {
    this.#heard.push(line)
    const [, told] = line
    if (told.tell === 'frame') this.#octetsHeard += told.bytes.length
  }

  #take([number, line]: LiveLine): void {
    if (this.#startedAt === 0) this.#startedAt = line.at
    this.#now = Math.max(this.#now, line.at - this.#startedAt)
    if (line.tell === 'stack') {
      this.#meet(number, line)
      return
    }
    const stack = this.#stacks.get(number)
    if (stack === undefined) return
    const { node } = stack
    const at = line.at - this.#startedAt
    switch (line.tell) {
      case 'frame':
        this.#frame(stack, line, at)
        return
      case 'call':
        this.#call(stack, line, at)
        return
      case 'change':
        this.#events.states.push({ at, host: node, ends: line.ends, from: line.from, to: line.to })
        return
      case 'sample': {
        const { sample, iss } = line
        stack.segments.begins(sample.ends, iss)
        const rttAt = sample.rttAt < 0 ? -1 : sample.rttAt - this.#startedAt
        const timers = sample.timers.map(({ kind, at: due }) => ({ kind, at: due - this.#startedAt }))
        this.#events.samples.push({ ...sample, at, host: node, rttAt, timers })
        return
      }
      case 'sockets':
        stack.sockets = line.sockets
        stack.more = line.more
        stack.lost = line.lost + line.lostCalls
    }
  }

  /** Tells what was heard since this was called last. `now`: milliseconds since 1970. */
  news(now: number, playing: boolean): void {
    // Each stack tells by itself: in the order of their instants they are what happened.
    const heard = this.#heard.sort(([, one], [, other]) => one.at - other.at)
    this.#heard = []
    this.#octetsHeard = 0
    for (const line of heard) this.#take(line)
    for (const { causes } of this.#stacks.values()) causes.settle()
    if (this.#startedAt === 0) return
    this.#now = Math.max(this.#now, now - this.#startedAt)
    if (this.#redraw) this.#drawAnew()
    const events = this.#events
    this.#events = noEvents()
    for (const key of Object.keys(events) as (keyof RunEvents)[]) {
      for (const event of events[key]) (this.#told[key] as unknown[]).push(event)
    }
    this.#tellNews(events, playing)
  }

  /** A frame as it passed; null: there is none with this number. */
  inspect(number: number): InspectedFrame | null {
    const held = this.#held[number - 1]
    if (held === undefined) return null
    const { bytes, medium } = held
    return { bytes, layers: describeLayers(bytes, 0, bytes.length, medium) }
  }

  /** All that has passed, as a pcapng file with an interface for each that was drawn. */
  capture(): Uint8Array<ArrayBuffer> {
    return whole((take) => this.#write(new PcapngWriter(take, { resolution: 9, comment: this.#title })))
  }

  #write(writer: PcapngWriter): void {
    const numbers = this.#links.map(({ stack, on }) =>
      writer.addInterface({
        linkType: on.medium === 'ethernet' ? LINKTYPE_ETHERNET : LINKTYPE_RAW,
        name: `${stack.node}.${on.name}`,
        description: this.#title,
        hardwareAddress: null,
      }),
    )
    for (const { bytes, link, inbound, at } of this.#held) {
      const direction = inbound ? DIRECTION_INBOUND : DIRECTION_OUTBOUND
      writer.packet(numbers[link] as number, this.#startedAt + at, direction, bytes, 0, bytes.length)
    }
  }

  // Who there is

  #meet(number: number, { pid, name, interfaces }: Extract<WatchLine, { tell: 'stack' }>): void {
    let stack = this.#stacks.get(number)
    if (stack === undefined) {
      const node = this.#free(name)
      const segments = new LiveSegments(node, (event) => this.#events.segments.push(event))
      const causes = new FrameCauses(true)
      stack = { node, interfaces: new Map(), segments, causes, listing: [], sockets: [], more: 0, lost: 0 }
      this.#stacks.set(number, stack)
      const names = [...this.#stacks.values()].map(({ node }) => node)
      this.#title = `live: ${pid} ${this.#stacks.size === 1 ? name : names.join(', ')}`
      this.#redraw = true
    }
    stack.listing = interfaces
    for (const { index, name: on, addresses } of interfaces) {
      const drawn = stack.interfaces.get(index)
      if (drawn === undefined) {
        // Nobody looks at a loopback interface by which nothing goes.
        if (on !== LOOPBACK) this.#draw(stack, index)
      } else if (drawn.addresses.join(' ') !== addresses.join(' ')) {
        drawn.addresses = addresses
        this.#redraw = true
      }
    }
  }

  // What is in front of a full stop is a node's name: behind it are those of its interfaces.
  #free(name: string): string {
    const plain = name.replace(/[.\s].*$/s, '') || 'program'
    const taken = new Set([...this.#stacks.values()].map(({ node }) => node))
    for (const { on } of this.#links) taken.add(on.beyond)
    let free = plain
    for (let i = 2; taken.has(free); i++) free = `${plain}${i}`
    return free
  }

  #draw(stack: LiveStack, index: number): LiveInterface | null {
    const found = stack.listing.find((one) => one.index === index)
    if (found === undefined) return null
    const { name, medium, addresses } = found
    const place = name === LOOPBACK ? LOOPBACK_PLACE : 'network'
    const drawn = {
      name,
      medium,
      link: this.#links.length,
      beyond: this.#beyond(place, addresses),
      addresses,
      under: [],
    }
    stack.interfaces.set(index, drawn)
    this.#links.push({ stack, on: drawn })
    this.#redraw = true
    return drawn
  }

  /** The node beyond an interface: stacks of one program that have a subnet in common meet there. */
  #beyond(place: string, addresses: readonly string[]): string {
    const shared = this.#links.find(
      ({ on }) =>
        place !== LOOPBACK_PLACE && on.addresses.some((own) => addresses.some((one) => inOneSubnet(own, one))),
    )
    return shared?.on.beyond ?? this.#free(place)
  }

  // Stacks stand below each other, what is beyond them beside them; of two that meet the second stands on the other side.
  #nodes(): ScenarioNode[] {
    const nodes = new Map<string, ScenarioNode>()
    let row = 0
    for (const { node, interfaces } of this.#stacks.values()) {
      const beyond = [...new Set([...interfaces.values()].map((one) => one.beyond))]
      const met = beyond.map((name) => nodes.get(name)).find((one) => one !== undefined)
      const opposite = met !== undefined && ![...nodes.values()].some(({ x, y }) => x === 2 * ASIDE && y === met.y)
      const first = opposite ? met.y / BELOW : row
      const fresh = beyond.filter((name) => !nodes.has(name))
      const middle = first + Math.max(0, fresh.length - 1) / 2
      nodes.set(node, { name: node, kind: 'host', x: opposite ? 2 * ASIDE : 0, y: middle * BELOW })
      fresh.forEach((name, i) => {
        nodes.set(name, { name, kind: 'router', x: ASIDE, y: (first + i + (opposite ? 1 : 0)) * BELOW })
      })
      row += opposite ? fresh.length : Math.max(1, fresh.length)
    }
    return [...nodes.values()]
  }

  #scenario(): Scenario {
    const links: ScenarioLink[] = this.#links.map(({ stack, on }) => ({ between: [stack.node, on.beyond] }))
    return { ...EMPTY_SCENARIO, name: this.#title, nodes: this.#nodes(), links }
  }

  #drawAnew(): void {
    this.#redraw = false
    const addresses: EndAddresses[] = this.#links.map(({ stack, on }, link) => ({
      link,
      end: 0,
      name: `${stack.node}.${on.name}`,
      addresses: on.addresses,
    }))
    this.#tell({ tell: 'loaded', scenario: this.#scenario(), addresses, request: 0 })
    const { frames, states, calls } = this.#told
    if (frames.length + states.length + calls.length > 0) this.#tellNews(this.#told, true)
  }

  #tellNews(events: RunEvents, playing: boolean): void {
    const sockets: Record<string, readonly NetstatEntry[]> = {}
    for (const { node, sockets: entries } of this.#stacks.values()) sockets[node] = entries
    this.#tell({ tell: 'news', now: this.#now, playing, halt: this.isFull ? 'full' : 'until', events, sockets })
  }

  // What passes

  #call({ node, causes }: LiveStack, { text, until, stream }: Extract<WatchLine, { tell: 'call' }>, at: number): void {
    const { name, socket } = readCall(text)
    causes.called({ index: this.#calls++, name, fd: socket, from: at, until: until - this.#startedAt, stream })
    this.#events.calls.push({ at, host: node, program: '', text })
  }

  #frame(
    stack: LiveStack,
    { on: index, inbound, bytes: text }: Extract<WatchLine, { tell: 'frame' }>,
    at: number,
  ): void {
    const on = stack.interfaces.get(index) ?? this.#draw(stack, index)
    if (on === null || this.isFull) return
    const under = inbound && on.name === LOOPBACK ? on.under.shift() : undefined
    if (under !== undefined) {
      // What a loopback interface hears is what it has said.
      this.#events.fates.push({ number: under, fate: 'arrives', at })
      return
    }
    const bytes = octetsOf(text)
    this.#octets += bytes.length
    const number = this.#held.push({ bytes, medium: on.medium, link: on.link, inbound, at })
    const { kind, flow, text: line } = this.#reader.read(bytes, 0, bytes.length, on.medium)
    const end = inbound ? 1 : 0
    const frame = {
      number,
      at,
      link: on.link,
      end,
      length: bytes.length,
      kind,
      text: line,
      cause: NO_CAUSE,
      flow,
    } satisfies FrameEvent
    this.#events.frames.push(frame)
    if (!inbound) this.#reader.findCause(stack.causes, frame)
    const { segment } = this.#reader
    if (!inbound && segment !== null) stack.segments.leaves(flow, segment, at, number)
    // When it left, and when it comes, is not seen from here.
    if (on.name === LOOPBACK) on.under.push(number)
    else this.#events.fates.push({ number, fate: 'arrives', at })
  }
}

function octetsOf(text: string): Uint8Array {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

/** Whether two addresses of interfaces are of one subnet; those that mean something on their link alone say nothing of that. */
function inOneSubnet(x: string, y: string): boolean {
  const [one, other] = [parsePrefix(x, 'address'), parsePrefix(y, 'address')]
  if (one.address.isLinkLocal || one.length !== other.length) return false
  return prefixMatches(other.address, one.address, one.length)
}
