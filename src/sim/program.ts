import type { Actor } from './timeline.ts'

/** A program that runs on a host, as the simulation keeps it. */
export class Program {
  readonly name: string
  readonly actor: Actor
  /** The simulation does not wait for its end: a server. */
  readonly daemon: boolean
  readonly startedAt: number
  state: 'running' | 'ended' | 'failed' | 'killed' = 'running'
  /** For its caller: rejects with what it threw, or with a HostCrashed. */
  kill: (reason: unknown) => void = () => {}

  constructor(name: string, actor: Actor, daemon: boolean, startedAt: number) {
    this.name = name
    this.actor = actor
    this.daemon = daemon
    this.startedAt = startedAt
  }
}

/** How a program's promise ends whose host has crashed. */
export class HostCrashed extends Error {
  override readonly name = 'HostCrashed'

  constructor(host: string, at: number) {
    super(`${host} crashed at ${at} ms`)
  }
}
