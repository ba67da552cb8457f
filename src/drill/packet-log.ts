import { SYN } from '../wire/tcp.ts'
import type { DrillHost } from './drill-host.ts'
import type { DrillSocket } from './drill-socket.ts'
import { DrillFailure } from './failure.ts'
import { isHousekeeping } from './icmp-names.ts'
import { MalformedPacket } from './malformed-packet.ts'
import { inScript, readPacket, type SeenPacket } from './packet-reader.ts'
import { seenText, timeText } from './packet-text.ts'
import type { Place } from './script.ts'

/** How many packets a failure shows. */
const RECENT = 12

type Logged = { readonly seen: SeenPacket } | { readonly text: string }

/** The packets of a run: those that wait to be expected, and the last ones both ways, to show. */
export class PacketLog {
  readonly #host: DrillHost
  readonly #waiting: SeenPacket[] = []
  readonly #recent: Logged[] = []
  /** Types of ICMPv6 by which nodes speak of themselves, and which the script expects all the same. */
  readonly #expected: ReadonlySet<number>
  readonly #trace: (line: string) => void

  /** `expected` are types of ICMPv6: what else the stack tells routers and neighbours of itself is no part of a script. */
  constructor(host: DrillHost, expected: ReadonlySet<number>, trace: (line: string) => void) {
    this.#trace = trace
    this.#host = host
    this.#expected = expected
  }

  /** Takes over what the stack has sent. Fails the event at `place` for a packet that no stack may send. */
  collect(place: Place): void {
    const sent = this.#host.system.sent
    if (sent.length === 0) return
    for (const packet of sent.splice(0)) {
      try {
        const seen = readPacket(packet)
        if (this.#isBeside(seen)) continue
        this.#waiting.push(seen)
        this.#remember({ seen })
        this.#trace(this.#text(seen))
      } catch (error) {
        if (!(error instanceof MalformedPacket)) throw error
        throw new DrillFailure(place, `the stack sent a malformed packet: ${error.message}`)
      }
    }
  }

  #isBeside({ transport }: SeenPacket): boolean {
    if (transport.protocol !== 'icmp') return false
    return isHousekeeping(transport.version, transport.type) && !this.#expected.has(transport.type)
  }

  /** The oldest packet of `socket` that waits, taken; null where none does. */
  take(socket: DrillSocket): SeenPacket | null {
    const index = this.#waiting.findIndex((seen) => this.#host.owns(socket, seen))
    return index < 0 ? null : (this.#waiting.splice(index, 1)[0] ?? null)
  }

  /** Notes a packet of the script. */
  injected(text: string): void {
    const line = `${timeText(this.#host.now)} ${text}`
    this.#remember({ text: line })
    this.#trace(line)
  }

  /** What waits still, as lines. */
  leftovers(): string[] {
    return this.#waiting.map((seen) => this.#text(seen))
  }

  recent(): string[] {
    return this.#recent.map((logged) => ('text' in logged ? logged.text : this.#text(logged.seen)))
  }

  #remember(logged: Logged): void {
    this.#recent.push(logged)
    if (this.#recent.length > RECENT) this.#recent.shift()
  }

  #text(seen: SeenPacket): string {
    const owner = this.#host.sockets.findLast((socket) => this.#host.owns(socket, seen))
    if (owner === undefined) return seenText(seen, true)
    const known = inScript(seen, owner)
    const { transport } = known
    // A trace tells of a SYN before the script has given its number a name: 0, as scripts have it.
    const unnamed = transport.protocol === 'tcp' && (transport.flags & SYN) !== 0 && !owner.localIsnKnown
    return seenText(unnamed ? { ...known, transport: { ...transport, seq: 0 } } : known, false)
  }
}
