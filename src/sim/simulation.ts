import { checkBoolean, checkInteger, checkNumber, checkOptions, checkText, given } from '../base/argument.ts'
import { AF_INET, AF_INET6 } from '../base/constants.ts'
import { IpAddress } from '../base/ip-address.ts'
import { type Random, SeededRandom } from '../base/random.ts'
import { crc32 } from '../wire/crc32.ts'
import { IPV4_MTU_MIN } from '../wire/ipv4.ts'
import { IPV6_MTU_MIN } from '../wire/ipv6.ts'
import { CaptureFile, type CaptureOutput, fileOutput } from './capture-file.ts'
import type { FrameInterceptor } from './frame-act.ts'
import type { FrameLog } from './frame-log.ts'
import { checkHostOptions, Host, type HostNet, type HostOptions } from './host.ts'
import { Invariants, leftovers, SimulationViolation } from './invariants.ts'
import { Link, type LinkHost } from './link.ts'
import type { LinkOptions } from './link-conditions.ts'
import { NetworkPlan } from './network-plan.ts'
import type { Node } from './node.ts'
import { Partition } from './partition.ts'
import type { Program } from './program.ts'
import { swapGlobals } from './real-globals.ts'
import { checkInstant, type RunOptions, readRunOptions } from './run-options.ts'
import { SimulationStalled, waitingCalls } from './stalled.ts'
import { SwitchNode } from './switch-node.ts'
import { ActorClock, Timeline } from './timeline.ts'
import { Traffic } from './traffic.ts'
import { settled } from './turn.ts'
import { virtualGlobals } from './virtual-time.ts'

export interface SimulationOptions {
  /** All randomness comes from it: the same seed, the same program, the same frames. Default 1. */
  readonly seed?: number
  /** What calendars show when it begins, in milliseconds since 1970 or as a Date. Default 2025-01-01, 0:00 UTC. */
  readonly date?: number | Date
  /** Hosts have addresses of IPv6 as well. Default false. */
  readonly ipv6?: boolean
  /** Whether what TCP does is watched while it runs: see `check`. Default true. */
  readonly watch?: boolean
}

/** What calendars reach to: ECMA-262, "Time Values and Time Range". */
const DATE_MAX = 8.64e15

/**
 * A network of computers in this process, on one clock and one seed: an hour of it takes as long as its packets take to compute,
 * and it is the same hour each time. Hosts are linked, programs are started on them, and `run` lets time pass.
 *
 * ```ts
 * const net = new Simulation({ seed: 7 })
 * const alice = net.host('alice')
 * const bob = net.host('bob')
 * net.link(alice, bob, { delay: 20, loss: 0.01 })
 * bob.run(async (host) => {
 *   const listener = host.listen(80)
 *   const connection = await listener.accept()
 *   await connection.send(new TextEncoder().encode('hello'))
 *   await connection.close()
 * })
 * const length = alice.run(async (host) => (await host.connect('bob', 80)).recv(new Uint8Array(100)))
 * await net.run()
 * console.log(await length) // prints 5
 * ```
 */
export class Simulation {
  readonly seed: number
  /** All hosts and routers, in the order in which they were made. */
  readonly hosts: Host[] = []
  readonly links: Link[] = []
  readonly #timeline: Timeline
  readonly #linkClock: ActorClock
  readonly #plan: NetworkPlan
  readonly #mtuMin: number
  readonly #nodes = new Map<string, Node>()
  readonly #programs = new Set<Program>()
  readonly #traffic: Traffic
  readonly #invariants: Invariants | null
  readonly #random: Random
  readonly #hostNet: HostNet
  readonly #linkHost: LinkHost
  #failures: unknown[] = []
  #routesOld = false
  #running = false
  #closed = false

  /** TypeError and RangeError for what is none or cannot be. */
  constructor(options: SimulationOptions = {}) {
    checkOptions('options', options, ['seed', 'date', 'ipv6', 'watch'])
    const { seed = 1, date = Date.UTC(2025, 0, 1), ipv6 = false, watch = true } = options
    checkInteger('seed', seed)
    checkBoolean('ipv6', ipv6)
    checkBoolean('watch', watch)
    const epoch = Number(date)
    if (!Number.isFinite(epoch) || Math.abs(epoch) > DATE_MAX) {
      const what = date instanceof Date || typeof date === 'number' ? String(date) : given(date)
      throw new RangeError(`date must be milliseconds since 1970 or a Date, got ${what}`)
    }
    this.seed = seed
    this.#timeline = new Timeline(epoch)
    this.#linkClock = new ActorClock(this.#timeline, null, false)
    this.#plan = new NetworkPlan(ipv6)
    this.#mtuMin = ipv6 ? IPV6_MTU_MIN : IPV4_MTU_MIN
    this.#invariants = watch ? new Invariants(() => this.#timeline.now) : null
    this.#traffic = new Traffic(this.#timeline, this.#invariants, (error) => this.#failures.push(error))
    this.#random = this.#randomFor('simulation')
    this.#hostNet = this.#newHostNet()
    this.#linkHost = this.#newLinkHost()
  }

  // What it is made of

  /** A new computer with this name. RangeError where there is one already. */
  host(name: string, options: HostOptions = {}): Host {
    this.#newName(name)
    checkHostOptions(options)
    const host = new Host(this.#hostNet, name, options)
    this.#nodes.set(name, host)
    this.hosts.push(host)
    this.#invariants?.booted(host)
    return host
  }

  /** A host that passes on what is for others. Ways to all networks are set by the simulation. */
  router(name: string, options: HostOptions = {}): Host {
    checkHostOptions(options)
    return this.host(name, { ...options, forwarding: true })
  }

  /** A switch: what is linked to it is one network. */
  switch(name: string): SwitchNode {
    this.#newName(name)
    const node = new SwitchNode(name, this.#linkClock)
    this.#nodes.set(name, node)
    this.#plan.addSwitch(node)
    return node
  }

  /**
   * A link between two hosts, routers or switches, which get addresses on it: 10.0.1.1, 10.0.1.2 on the first network, and so on.
   * RangeError for a node of another simulation and an address that is taken.
   *
   * ```ts
   * const link = net.link(alice, bob, { delay: 20, jitter: 5, rate: 10e6, queue: 50_000, loss: 0.01 })
   * ```
   */
  link(a: Host | SwitchNode, b: Host | SwitchNode, options: LinkOptions = {}): Link {
    this.#checkOpen('link')
    this.#checkNode('a', a)
    this.#checkNode('b', b)
    if (a === b) throw new RangeError(`b must be another node than a, got ${given(b.name)} twice`)
    const number = this.links.length
    const names = [a, b].map((node) => this.#portName(node)) as [string, string]
    const random = (way: number) => this.#randomFor(`link ${number} ${way}`)
    const link = new Link(this.#linkHost, [a, b], names, options, [random(0), random(1)])
    this.#plan.addLink(link, options)
    this.links.push(link)
    for (const port of link.ports) {
      if (port.node instanceof Host) port.node.ports.push(port)
      ;(port.node as Host | SwitchNode).plugIn(port)
    }
    this.#routesOld = true
    return link
  }

  /** The host with this name. RangeError where there is none. */
  find(name: string): Host {
    const node = this.#nodes.get(name)
    if (node instanceof Host) return node
    throw new RangeError(
      `name must be that of a host, got ${given(name)}: there are ${this.hosts.map((host) => host.name).join(', ')}`,
    )
  }

  // What happens to it

  /** Milliseconds since it began. */
  now(): number {
    return this.#timeline.now
  }

  /** A number from 0 up to, not including, 1, from the seed. */
  random(): number {
    return (this.#random.int32() >>> 0) / 0x100000000
  }

  /** Has `task` run at an instant, in milliseconds since it began. RangeError for one that is over. */
  at(milliseconds: number, task: () => void): void {
    if (typeof milliseconds !== 'number') {
      throw new TypeError(`milliseconds must be a number, got ${given(milliseconds)}`)
    }
    checkInstant('milliseconds', milliseconds, this.#timeline.now)
    if (milliseconds === Number.POSITIVE_INFINITY) throw new RangeError('milliseconds must be finite, got Infinity')
    if (typeof task !== 'function') throw new TypeError(`task must be a function, got ${given(task)}`)
    const clock = new ActorClock(this.#timeline, null, true)
    const alarm = clock.alarm(() => {
      try {
        task()
      } catch (error) {
        this.#failures.push(error)
      }
    })
    alarm.set(milliseconds)
  }

  /**
   * From now on the groups do not hear each other, on whatever way; hosts of one group do, and hosts of none hear all. It replaces an
   * earlier partition.
   *
   * ```ts
   * net.partition([alice], [bob, carol])
   * net.heal()
   * ```
   */
  partition(...groups: readonly (readonly Host[])[]): void {
    const seen = new Set<Host>()
    groups.forEach((group, i) => {
      if (!Array.isArray(group)) throw new TypeError(`groups[${i}] must be an array of hosts, got ${given(group)}`)
      for (const host of group as readonly Host[]) {
        this.#checkNode(`groups[${i}]`, host)
        if (seen.has(host)) throw new RangeError(`groups[${i}] has ${host.name}, which is in a group already`)
        seen.add(host)
      }
    })
    this.#traffic.partition = new Partition(groups, (address) => this.#plan.ownerOf(address)?.node ?? null)
  }

  /** Ends the partition. Links that are down stay so. */
  heal(): void {
    this.#traffic.partition = null
  }

  // Running

  /**
   * Lets time pass until all programs have ended that are no daemons, or until an instant. Throws what a program has thrown, and a
   * SimulationStalled where programs have not ended and nothing is left to happen, which lists who waits for what.
   */
  async run(options: RunOptions = {}): Promise<void> {
    const { until, limit, steps, pause } = readRunOptions(options, this.#timeline.now)
    const timeline = this.#timeline
    this.#begin('run')
    const endless = until === Number.POSITIVE_INFINITY
    const giveUpAt = endless ? timeline.now + limit : Number.POSITIVE_INFINITY
    try {
      for (;;) {
        if (timeline.woken) await this.#settle()
        this.#throwFailure()
        if (pause?.() === true) return
        if (endless && ![...this.#programs].some(({ daemon }) => !daemon)) return
        const next = timeline.nextAt()
        if (next > until) break
        if (next === Number.POSITIVE_INFINITY) throw this.#stalled('Nothing is left to happen')
        if (next > giveUpAt) throw this.#stalled(`${limit} ms are over`)
        timeline.step()
        if (timeline.stepsNow > steps) throw this.#stalled(`${steps} things have happened at one instant`)
      }
      timeline.advanceTo(until)
    } finally {
      this.#running = false
    }
  }

  /** Lets the next thing happen: one frame arrive, one timer expire. False where there is none. Throws what a program has thrown. */
  async step(): Promise<boolean> {
    this.#begin('step')
    try {
      const happened = this.#timeline.step()
      await this.#settle()
      this.#throwFailure()
      return happened
    } finally {
      this.#running = false
    }
  }

  #begin(what: string): void {
    this.#checkOpen(what)
    if (this.#running) throw new Error(`${what}: the simulation runs already`)
    if (this.#routesOld) for (const host of this.hosts) this.#plan.route(host, false)
    this.#routesOld = false
    this.#running = true
    // What the caller has done between two runs may have woken somebody.
    this.#timeline.woken = true
  }

  async #settle(): Promise<void> {
    const timeline = this.#timeline
    timeline.woken = false
    await settled()
  }

  #throwFailure(): void {
    const [failure] = this.#failures
    if (this.#failures.length === 0) return
    this.#failures = []
    throw failure
  }

  #stalled(why: string): SimulationStalled {
    const programs = [...this.#programs].filter((program) => !program.daemon)
    const waiting = programs.map(({ actor, name, startedAt }) => ({ host: actor.name, program: name, startedAt }))
    return new SimulationStalled(this.#timeline.now, why, waiting, this.hosts.flatMap(waitingCalls))
  }

  // Globals

  /**
   * Puts the globals of the simulation in the place of the real ones, for code that was not written to be handed time: Date,
   * Math.random, setTimeout and its kin, performance.now, AbortSignal.timeout, crypto.getRandomValues. What is returned puts the
   * real ones back; call it whatever happens, or use `withGlobals`. What modules export (node:timers) is not changed.
   */
  installGlobals(): () => void {
    return swapGlobals(virtualGlobals(() => this.#source()))
  }

  /** Runs `task` with the globals of the simulation, and puts the real ones back whatever happens. */
  async withGlobals<T>(task: () => Promise<T> | T): Promise<T> {
    if (typeof task !== 'function') throw new TypeError(`task must be a function, got ${given(task)}`)
    const back = this.installGlobals()
    try {
      return await task()
    } finally {
      back()
    }
  }

  // Whose turn it is tells whose timer it will be: it goes down with its host.
  #source(): { clock: ActorClock; random: Random } {
    const { actor } = this.#timeline
    if (actor instanceof Host) return { clock: actor.clock, random: actor.programRandom }
    return { clock: new ActorClock(this.#timeline, null, true), random: this.#random }
  }

  // Seeing what happens

  /**
   * Captures all that hosts send and hear from now on, as pcapng with the simulation's time: to a file by its name (in Node), or to a
   * function that takes the bytes, which are lent until it returns. Each end of a link is an interface: what "alice.eth0" sent
   * and "bob.eth0" never got was lost between them.
   */
  capture(to: string | CaptureOutput): void {
    if (typeof to !== 'string' && typeof to !== 'function') {
      throw new TypeError(`to must be a file's name or a function, got ${given(to)}`)
    }
    if (to === '') throw new RangeError('to must not be empty, got ""')
    const output = typeof to === 'string' ? fileOutput(to) : to
    this.#traffic.log(new CaptureFile(output, `simulation with seed ${this.seed}`))
  }

  /** Shows each frame to `log` as well, and what becomes of it. */
  log(log: FrameLog): void {
    this.#traffic.log(log)
  }

  /**
   * Asks before each frame arrives what is to be done to it: dropped, held back, doubled, damaged. It replaces the interceptor before;
   * null takes that away. What it throws is thrown by `run`.
   *
   * ```ts
   * let data = 0
   * net.intercept(({ to, bytes }) => ({ drop: to.node === bob && bytes.length > 1000 && ++data === 3 }))
   * ```
   */
  intercept(interceptor: FrameInterceptor | null): void {
    this.#traffic.intercept(interceptor)
  }

  /**
   * Throws a SimulationViolation where TCP did what it must not: sent beyond the window that its peer had offered, or went from a
   * state to another along no arrow of RFC 9293 section 3.3.2. Each is told once.
   */
  check(): void {
    this.#invariants?.check()
  }

  /**
   * Lets time pass until nothing is left to happen, or for `limit` milliseconds (default 15 minutes: what lasts longest in TCP is over
   * then). Then throws as `check` does, and where a host whose sockets are all closed still holds memory, ports, connections or
   * timers.
   *
   * ```ts
   * await net.run()
   * await net.rest()
   * ```
   */
  async rest(limit = 900_000): Promise<void> {
    checkNumber('limit', limit)
    if (!(limit >= 0)) throw new RangeError(`limit must be 0 or more milliseconds, got ${limit}`)
    await this.run({ until: this.#timeline.now + limit })
    this.check()
    const held = this.hosts.flatMap(leftovers)
    if (held.length > 0) throw new SimulationViolation(held)
  }

  /** Ends it: every stack is closed. Nothing happens on it any more. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const host of this.hosts) host.crash()
  }

  // What hosts and links ask of it

  #newHostNet(): HostNet {
    return {
      timeline: this.#timeline,
      randomFor: (name) => this.#randomFor(name),
      addressOf: (name, from, family) => this.#addressOf(name, from, family),
      entered: (program) => this.#programs.add(program),
      ended: (program) => this.#programs.delete(program),
      failed: (_program, error) => this.#failures.push(error),
      booted: (host) => {
        for (const port of host.ports) host.plugIn(port)
        this.#plan.route(host, true)
        this.#invariants?.booted(host)
      },
    }
  }

  #newLinkHost(): LinkHost {
    return {
      linkClock: this.#linkClock,
      mtuMin: this.#mtuMin,
      traffic: this.#traffic,
      mtuChanged: (link) => {
        for (const { node } of link.ports) if (node instanceof Host) node.mtuChanged(link)
      },
    }
  }

  #addressOf(name: string, from: Host, family: number): string {
    if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${given(name)}`)
    if (family !== AF_INET && family !== AF_INET6) {
      throw new RangeError(`family must be AF_INET or AF_INET6, got ${given(family)}`)
    }
    if (IpAddress.parse(name) !== null) return name
    const host = this.find(name)
    if (host === from) return family === AF_INET ? '127.0.0.1' : '::1'
    const address = this.#plan.addressOf(host, from, family === AF_INET)
    if (address !== null) return address
    const version = family === AF_INET ? 'IPv4' : 'IPv6'
    throw new RangeError(
      `${name} has no address of ${version}: ${host.ports.length === 0 ? 'it is on no link' : 'give the simulation { ipv6: true }'}`,
    )
  }

  /** The same numbers for the same seed and name, whatever else is made. */
  #randomFor(name: string): Random {
    const text = new TextEncoder().encode(name)
    return new SeededRandom(Math.imul(this.seed, 0x9e3779b1) ^ crc32(text, 0, text.length))
  }

  #newName(name: string): void {
    this.#checkOpen('host')
    if (name === undefined) throw new TypeError('name must be a string, got undefined')
    checkText('name', name)
    if (this.#nodes.has(name)) throw new RangeError(`name must be a new one, got ${given(name)} again`)
    if (IpAddress.parse(name) !== null) throw new RangeError(`name must not be an address, got ${given(name)}`)
  }

  #portName(node: Node): string {
    const before = this.links.filter((link) => link.ports.some((port) => port.node === node)).length
    return node.kind === 'host' ? `${node.name}.eth${before}` : `${node.name}.${before + 1}`
  }

  #checkNode(what: string, node: Node): void {
    if (!(node instanceof Host) && !(node instanceof SwitchNode)) {
      throw new TypeError(`${what} must be a host, router or switch, got ${given(node)}`)
    }
    if (this.#nodes.get(node.name) !== node)
      throw new RangeError(`${what} must be of this simulation, got ${given(node.name)} of another`)
  }

  #checkOpen(what: string): void {
    if (this.#closed) throw new Error(`${what}: the simulation is closed`)
  }
}
