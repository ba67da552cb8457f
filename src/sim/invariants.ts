// What holds on every network whose stacks are right, whatever happens to it.

import type { Host } from './host.ts'
import type { LinkPort } from './link-port.ts'
import { watchStates } from './state-watch.ts'
import { WindowWatch } from './window-watch.ts'

/** Something is wrong with a stack: what, on which host, and when. */
export class SimulationViolation extends Error {
  override readonly name = 'SimulationViolation'
  readonly violations: readonly string[]

  constructor(violations: readonly string[]) {
    super(violations.join('\n'))
    this.violations = violations
  }
}

/** More are not kept: one is enough to look for. */
const MOST = 100

/** Watches all hosts of a simulation. */
export class Invariants {
  readonly #now: () => number
  readonly #windows = new Map<Host, WindowWatch>()
  #violations: string[] = []

  constructor(now: () => number) {
    this.#now = now
  }

  /** A host has started: with a stack that knows of nothing before. */
  booted(host: Host): void {
    const violated = (what: string) => {
      if (this.#violations.length < MOST) this.#violations.push(`${host.name}, ${this.#now()} ms: ${what}`)
    }
    watchStates(host.stack, violated)
    this.#windows.set(host, new WindowWatch(isOwn(host), violated))
  }

  /** A frame passes one end of a link. */
  frame(port: LinkPort, bytes: Uint8Array, start: number, end: number, inbound: boolean): void {
    const { node } = port
    if (node.kind === 'host') this.#windows.get(node as Host)?.frame(bytes, start, end, inbound)
  }

  /** Throws a SimulationViolation where there is anything to tell: once. */
  check(): void {
    const violations = this.#violations
    this.#violations = []
    if (violations.length > 0) throw new SimulationViolation(violations)
  }
}

// A router is answerable for what it sends itself.
function isOwn(host: Host): (address: string) => boolean {
  return (address) => host.ports.some((port) => port.addresses.some((own) => own.startsWith(`${address}/`)))
}

/** What a host holds although it has no socket any more. */
export function leftovers(host: Host): string[] {
  if (!host.isUp || host.stack.descriptors.size > 0) return []
  const { tcp, ports, reassembly, time } = host.stack
  const held: readonly (readonly [number, string])[] = [
    [tcp.connections.count, 'connections'],
    [tcp.memory.used, 'octets of buffers of TCP'],
    [ports.tcp.size, 'ports of TCP'],
    [ports.udp.size, 'ports of UDP'],
    [reassembly.bytes, 'octets of fragments'],
    [time.count, 'timers'],
  ]
  return held
    .filter(([count]) => count !== 0)
    .map(([count, what]) => `${host.name} holds ${count} ${what}, and no socket is open`)
}
