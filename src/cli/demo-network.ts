import type { ManualClock } from '../base/manual-clock.ts'
import { SeededRandom } from '../base/random.ts'
import { Cable, type CableEnd } from '../device/cable.ts'
import { Capture, type CaptureDirection } from '../device/capture.ts'
import { Impair } from '../device/impair.ts'
import type { Impairment, ImpairOptions } from '../device/impairment.ts'
import { Stack } from '../stack/stack.ts'

/** One way, in milliseconds. */
const DELAY = 5

export type HostName = 'client' | 'server'

export const ADDRESSES: Record<HostName, string> = { client: '10.0.0.1', server: '10.0.0.2' }

/** What became of a frame when it was sent. What arrives damaged is found by the frame check sequence, at the other end. */
export type Fate = 'sent' | 'lost' | 'held back' | 'doubled'

/** Sees the frames of both hosts: those that a host sends before the cable can lose them, and those that arrive. */
export interface Tap {
  sent(host: DemoHost, bytes: Uint8Array, start: number, end: number, at: number, fate: Fate): void
  arrived(host: DemoHost, bytes: Uint8Array, start: number, end: number): void
}

/** A computer at one end of the cable. */
export class DemoHost {
  readonly name: HostName
  readonly stack: Stack
  readonly #end: CableEnd
  readonly #impair: Impair
  #lost = 0
  #held = 0
  #doubled = 0

  constructor(name: HostName, clock: ManualClock, seed: number, end: CableEnd, impairment: Impairment, tap: Tap) {
    this.name = name
    this.#end = end
    // Each host's frames meet their fate as they leave, so that it is known at once.
    this.#impair = new Impair(end, { seed, out: impairment })
    this.stack = new Stack({ clock, random: new SeededRandom(seed) })
    const sink = {
      frame: (bytes: Uint8Array, start: number, stop: number, direction: CaptureDirection, at: number) => {
        if (direction === 'out') tap.sent(this, bytes, start, stop, at, this.#takeFate())
        else tap.arrived(this, bytes, start, stop)
      },
    }
    this.stack.attach(new Capture(this.#impair, sink), { address: `${ADDRESSES[name]}/24`, name: 'eth0' })
  }

  /** Frames that arrived and were dropped, their frame check sequence being wrong. */
  get damaged(): number {
    return this.#end.received.badFrameCheck
  }

  #takeFate(): Fate {
    const { lost, overflowed, reordered, duplicated } = this.#impair.outbound
    let fate: Fate = 'sent'
    if (lost + overflowed > this.#lost) fate = 'lost'
    else if (reordered > this.#held) fate = 'held back'
    else if (duplicated > this.#doubled) fate = 'doubled'
    this.#lost = lost + overflowed
    this.#held = reordered
    this.#doubled = duplicated
    return fate
  }
}

/** Two computers and a bad cable between them: frames have padding and a frame check sequence, and take 5 ms. */
export class DemoNetwork {
  readonly client: DemoHost
  readonly server: DemoHost

  /** `impairment` holds for both directions; its `out` for what the client sends, its `in` for what the client receives. */
  constructor(clock: ManualClock, seed: number, impairment: ImpairOptions, tap: Tap) {
    const { in: inward = {}, out: outward = {}, seed: _seed, split: _split, ...both } = impairment
    const cable = new Cable({ delay: DELAY, names: ['client', 'server'] })
    this.client = new DemoHost('client', clock, 2 * seed, cable.left, { ...both, ...outward }, tap)
    this.server = new DemoHost('server', clock, 2 * seed + 1, cable.right, { ...both, ...inward }, tap)
  }

  get hosts(): readonly [DemoHost, DemoHost] {
    return [this.client, this.server]
  }

  /** TCP connections of both ends, those in TIME-WAIT included. */
  get connections(): number {
    return this.client.stack.tcp.connections.count + this.server.stack.tcp.connections.count
  }

  close(): void {
    for (const { stack } of this.hosts) stack.close()
  }
}
