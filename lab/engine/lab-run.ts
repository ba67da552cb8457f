// One run of a scenario: the network, its programs, and everything that is told of them. It is a function of the scenario alone.

import * as jackfield from '../../src/index.ts'
import { HostsFile, Names } from '../../src/services/names/index.ts'
import type { FrameLog } from '../../src/sim/frame-log.ts'
import { type FrameAct, type Host, type Link, Simulation, type SwitchNode } from '../../src/sim/index.ts'
import type { LinkPort } from '../../src/sim/link-port.ts'
import type { Provider } from '../../src/socket/provider.ts'
import type { ToldCall } from '../../src/socket/trace/told-call.ts'
import { writtenStream } from '../../src/stack/endpoint/written-stream.ts'
import { type NetstatEntry, netstat } from '../../src/stack/netstat.ts'
import { describeLayers } from '../../src/wire/describe.ts'
import type { DescribedLayer } from '../../src/wire/describe-layer.ts'
import type { CommandWorld } from './command.ts'
import { ConnectionWatch } from './connection-watch.ts'
import { FrameCauses, NO_CAUSE } from './frame-cause.ts'
import { FrameReader } from './frame-reader.ts'
import { FrameStore } from './frame-store.ts'
import { osModule } from './os-module.ts'
import { Process, type ProcessWorld } from './process.ts'
import { RoundTrip } from './round-trip.ts'
import { type FrameEvent, noEvents, type OutputEvent, type RunEvents } from './run-events.ts'
import { readScenario, type Scenario, type ScenarioAct, ScenarioError } from './scenario.ts'
import { Terminal } from './terminal.ts'

/** Octets of frames and numbers of frames that a run may have: then it goes no further. */
const OCTETS_MAX = 128 << 20
const FRAMES_MAX = 250_000
/** Calls that are told of. */
const CALLS_MAX = 500_000

/** Why a run goes no further for now: the instant is reached; nothing is left to happen; it was asked to pause; it holds too much. */
export type Halt = 'until' | 'quiet' | 'pause' | 'full'

export interface LabRunOptions {
  /** Gives what terminals run, the text of scripts/lab-commands.mjs; null where it is not there, and each of their commands fails. */
  readonly commands?: () => string | null
  /** Told now and then while a program computes, and where it is. */
  readonly busy?: (host: string, program: string, line: number) => void
}

/** A frame as it was sent, layer by layer. */
export interface InspectedFrame {
  readonly bytes: Uint8Array
  readonly layers: readonly DescribedLayer[]
}

/** Whose addresses these are: of one end of a link. */
export interface EndAddresses {
  readonly link: number
  readonly end: 0 | 1
  /** "alice.eth0" */
  readonly name: string
  readonly addresses: readonly string[]
}

export class LabRun implements ProcessWorld, CommandWorld, FrameLog {
  readonly scenario: Scenario
  readonly #net: Simulation
  readonly #epoch: number
  readonly #hosts = new Map<string, Host>()
  readonly #links: Link[] = []
  readonly #processes: Process[] = []
  readonly #terminals = new Map<string, Terminal>()
  readonly #acts = new Map<number, FrameAct>()
  /** Frames that have left and not arrived, and their links. */
  readonly #underWay = new Map<number, Link>()
  /** Those of them of which it has been asked already what is to be done to them. */
  readonly #decided = new Set<number>()
  #trip = new RoundTrip()
  readonly #store = new FrameStore()
  readonly #reader = new FrameReader()
  readonly #causes = new Map<string, FrameCauses>()
  readonly #watches = new Map<string, ConnectionWatch>()
  readonly #busy: NonNullable<LabRunOptions['busy']>
  readonly #commands: () => string | null
  readonly #hostsFile = new HostsFile()
  #hostsText = ''
  #events = noEvents()
  #calls = 0
  #frames = 0
  #arrivals = 0

  /** Throws a ScenarioError that names the field which cannot be. */
  constructor(scenario: Scenario, options: LabRunOptions = {}) {
    this.scenario = readScenario(scenario)
    this.#busy = options.busy ?? (() => {})
    this.#commands = options.commands ?? (() => null)
    const { seed, ipv6 } = this.scenario
    this.#net = new Simulation({ seed, ipv6, watch: false })
    this.#epoch = Date.UTC(2025, 0, 1)
    this.#build()
  }

  #build(): void {
    const { scenario } = this
    const net = this.#net
    const nodes = new Map<string, Host | SwitchNode>()
    scenario.nodes.forEach(({ name, kind, tcp }, i) => {
      const options = { ...(kind === 'router' ? { forwarding: true } : {}), ...(tcp === undefined ? {} : { tcp }) }
      nodes.set(
        name,
        told(`nodes[${i}]`, () => (kind === 'switch' ? net.switch(name) : net.host(name, options))),
      )
    })
    scenario.links.forEach(({ between, ...options }, i) => {
      const [a, b] = between.map((name) => nodes.get(name)) as [Host | SwitchNode, Host | SwitchNode]
      this.#links.push(told(`links[${i}]`, () => net.link(a, b, options)))
    })
    for (const host of net.hosts) {
      this.#hosts.set(host.name, host)
      this.#terminals.set(host.name, new Terminal(this, host))
      this.#booted(host)
      for (const { addresses } of host.ports) {
        for (const address of addresses) {
          const ip = jackfield.IpAddress.parse(address.split('/')[0] ?? '')
          if (ip === null) continue
          this.#hostsFile.add(ip, host.name)
          this.#hostsText += `${ip} ${host.name}\n`
        }
      }
    }
    net.log(this)
    net.intercept(({ number }) => {
      this.#decided.add(number)
      return this.#acts.get(number) ?? null
    })
    for (const program of scenario.programs) net.at(program.at ?? 0, () => this.#start(program.host, program.name))
    for (const act of scenario.acts) this.#plan(act)
  }

  #booted(host: Host): void {
    const causes = new FrameCauses()
    this.#causes.set(host.name, causes)
    const log = {
      state: (event: RunEvents['states'][number]) => this.#events.states.push(event),
      sample: (event: RunEvents['samples'][number]) => this.#events.samples.push(event),
      segment: (event: RunEvents['segments'][number]) => this.#events.segments.push(event),
    }
    this.#watches.set(host.name, new ConnectionWatch(host.name, host.stack, log, () => this.now))
  }

  // What it does

  /** Milliseconds since it began. */
  get now(): number {
    return this.#net.now()
  }

  /** Addresses of all ends of links that have any. */
  get addresses(): EndAddresses[] {
    return this.#links.flatMap(({ ports }, link) =>
      ports.map(({ name, addresses }, end) => ({ link, end: end as 0 | 1, name, addresses })),
    )
  }

  /** What has happened since this was asked last. */
  take(): RunEvents {
    for (const causes of this.#causes.values()) causes.settle()
    for (const watch of this.#watches.values()) watch.settle()
    const events = this.#events
    this.#events = noEvents()
    return events
  }

  /** Lets time pass until an instant, or until `pause` is true, which is asked after each thing that has happened. */
  async advance(until: number, pause: () => boolean = () => false): Promise<Halt> {
    let halt: Halt = 'until'
    await this.#net.run({
      until,
      pause: () => {
        if (this.isFull) halt = 'full'
        else if (pause()) halt = 'pause'
        return halt !== 'until'
      },
    })
    return halt
  }

  /** Lets the next thing happen. */
  async stepEvent(): Promise<Halt> {
    return (await this.#net.step()) ? 'pause' : 'quiet'
  }

  /** Tells whether a frame has left or arrived since. */
  untilFrame(): () => boolean {
    const [frames, arrivals] = [this.#frames, this.#arrivals]
    return () => this.#frames !== frames || this.#arrivals !== arrivals
  }

  /** Tells whether a frame has come back to where the first one since has left from. */
  untilTrip(): () => boolean {
    const trip = new RoundTrip()
    this.#trip = trip
    return () => trip.isOver
  }

  /** A promise was rejected and nobody has caught it: the program that it is of fails. False: it is of none. */
  rejected(reason: unknown): boolean {
    for (const process of [...this.#processes, ...this.#terminals.values()]) {
      if (!process.owns(reason)) continue
      process.fail(reason)
      return true
    }
    return false
  }

  /** Whether it holds as much as it may. */
  get isFull(): boolean {
    return this.#store.octets > OCTETS_MAX || this.#frames >= FRAMES_MAX || this.#calls >= CALLS_MAX
  }

  /** Whether an act can still be carried out without going back: what it concerns has not happened yet. */
  canStill(act: ScenarioAct): boolean {
    if ('frame' in act)
      return act.frame > this.#frames || (this.#underWay.has(act.frame) && !this.#decided.has(act.frame))
    return act.at >= this.now
  }

  /** Has an act carried out that can still be. */
  act(act: ScenarioAct): void {
    this.#plan(act)
  }

  /** What is open on a host, with its timers and TCP_INFO if `details`; nothing while it is down. RangeError for no host. */
  sockets(name: string, details = true): NetstatEntry[] {
    const host = this.#host(name)
    return host.isUp ? netstat(host.stack, { details }) : []
  }

  /** A frame as it was sent; null: there is none with this number. */
  inspect(number: number): InspectedFrame | null {
    const bytes = this.#store.frame(number)
    return bytes === null ? null : { bytes, layers: describeLayers(bytes, 0, bytes.length, 'ethernet') }
  }

  /** All frames so far, as a pcapng file. */
  capture(): Uint8Array<ArrayBuffer> {
    return this.#store.capture(`${this.scenario.name}, seed ${this.scenario.seed}`)
  }

  /** Ends it. */
  close(): void {
    for (const process of [...this.#processes, ...this.#terminals.values()]) process.end()
    this.#net.close()
  }

  #host(name: string): Host {
    const host = this.#hosts.get(name)
    if (host === undefined) throw new RangeError(`host must be the name of one, got ${JSON.stringify(name)}`)
    return host
  }

  // Acts

  #plan(act: ScenarioAct): void {
    if ('frame' in act) {
      const { frame, ...rest } = act
      this.#acts.set(frame, { ...this.#acts.get(frame), ...rest })
    } else {
      this.#net.at(act.at, () => this.#happens(act))
    }
  }

  #happens(act: Exclude<ScenarioAct, { readonly frame: number }>): void {
    if ('link' in act) {
      const link = this.#links[act.link] as Link
      if ('conditions' in act) link.set(act.conditions)
      else if (act.up) link.up()
      else link.down()
      return
    }
    const host = this.#host(act.host)
    const terminal = this.#terminals.get(act.host)
    if ('run' in act) terminal?.run(act.run)
    else if ('type' in act) terminal?.type(act.type)
    else if ('signal' in act) terminal?.signal(act.signal)
    else if ('end' in act) this.#running(act.host, act.end)?.end()
    else if ('crash' in act) this.#crash(host)
    else {
      this.#crash(host)
      host.restart()
      this.#booted(host)
      for (const program of this.scenario.programs) if (program.host === act.host) this.#start(act.host, program.name)
    }
  }

  #crash(host: Host): void {
    host.crash()
    for (const process of this.#processes) if (process.host === host) process.lost()
    this.#terminals.get(host.name)?.lost()
  }

  #running(host: string, name: string): Process | undefined {
    return this.#processes.find((one) => one.host.name === host && one.name === name && one.state === 'running')
  }

  #start(host: string, name: string): void {
    const program = this.scenario.programs.find((one) => one.host === host && one.name === name)
    const on = this.#host(host)
    if (program === undefined || !on.isUp) return
    const process = new Process(this, on, program)
    this.#processes.push(process)
    process.start()
  }

  // What processes ask of it

  modules(os: Provider, { stack }: Host): ReadonlyMap<string, unknown> {
    const names = new Names(os, { hosts: this.#hostsFile })
    return new Map<string, unknown>([
      ['jackfield', jackfield],
      ['jackfield/os', osModule(os, stack)],
      ['jackfield/node', { systemNames: () => names }],
    ])
  }

  get commands(): string | null {
    return this.#commands()
  }

  get hosts(): string {
    return this.#hostsText
  }

  called({ host, name: program }: Parameters<ProcessWorld['called']>[0], { name, socket, text }: ToldCall): void {
    const index = this.#calls++
    const { now } = this
    if (host.isUp) {
      const stream = writtenStream(host.stack.endpoint(socket))
      this.#causes.get(host.name)?.called({ index, name, fd: socket, from: now, until: now, stream })
    }
    this.#events.calls.push({ at: now, host: host.name, program, text })
    this.#watches.get(host.name)?.sample()
  }

  printed(event: OutputEvent): void {
    this.#events.output.push(event)
  }

  busy({ host, name }: Process, line: number): void {
    this.#busy(host.name, name, line)
  }

  // What the network tells

  frame(
    port: LinkPort,
    bytes: Uint8Array,
    start: number,
    end: number,
    inbound: boolean,
    at: number,
    number: number,
  ): void {
    this.#store.add(port, bytes, start, end, inbound, at, number)
    if (inbound) {
      this.#arrivals++
      this.#over(number)
      this.#trip.arrives(number, port)
      this.#events.fates.push({ number, fate: 'arrives', at: this.now })
      return
    }
    this.#frames++
    this.#underWay.set(number, port.link)
    this.#trip.leaves(number, port)
    const { kind, flow, text } = this.#reader.read(bytes, start, end)
    const frame = {
      number,
      at: this.now,
      link: this.#links.indexOf(port.link),
      end: port.link.ports[0] === port ? 0 : 1,
      length: end - start,
      kind,
      text,
      cause: NO_CAUSE,
      flow,
    } satisfies FrameEvent
    this.#events.frames.push(frame)
    const causes = this.#causes.get(port.node.name)
    if (causes !== undefined) this.#reader.findCause(causes, frame)
    const watch = this.#watches.get(port.node.name)
    if (watch !== undefined) this.#reader.findSegment(watch, number)
  }

  #over(number: number): void {
    this.#underWay.delete(number)
    this.#decided.delete(number)
  }

  lost(number: number, why: string): void {
    this.#over(number)
    this.#events.fates.push({ number, fate: 'lost', at: this.now, why })
  }

  damaged(number: number): void {
    this.#events.fates.push({ number, fate: 'damaged', at: this.now })
  }

  leaves(number: number, leftAt: number, dueAt: number): void {
    const epoch = this.#epoch
    this.#events.fates.push({ number, fate: 'leaves', leftAt: leftAt - epoch, dueAt: dueAt - epoch })
  }

  cut(link: Link): void {
    for (const [number, on] of [...this.#underWay]) if (on === link) this.lost(number, 'down')
  }
}

function told<T>(where: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new ScenarioError(`${where}: ${(error as Error).message}`)
  }
}
