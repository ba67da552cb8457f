import { checkBoolean, checkInteger, checkNumber, checkOptions, checkText, given } from '../base/argument.ts'
import { AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM } from '../base/constants.ts'
import type { Random } from '../base/random.ts'
import { randomFraction } from '../base/random.ts'
import type { WaitOptions } from '../socket/arguments.ts'
import { Socket } from '../socket/socket.ts'
import type { StackOptions } from '../stack/stack-options.ts'
import { HostStack } from './host-stack.ts'
import type { Link } from './link.ts'
import type { LinkPort } from './link-port.ts'
import type { Node } from './node.ts'
import { HostCrashed, Program } from './program.ts'
import { ActorClock, type Timeline } from './timeline.ts'
import { abortAfter, type VirtualGlobals, virtualGlobals } from './virtual-time.ts'

/** How the stack of a host shall differ from the default. */
export type HostOptions = Partial<Omit<StackOptions, 'clock' | 'random' | 'name'>>

/** Throws for what is no options, and for what a host has of its simulation; the rest its stack looks at. */
export function checkHostOptions(options: HostOptions): void {
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw new TypeError(`options must be an object, got ${given(options)}`)
  }
  for (const key of ['clock', 'random', 'name']) {
    if (key in options) throw new TypeError(`options must not have '${key}': a host has that of its simulation`)
  }
}

/** A program: what runs on a host, as an async function. */
export type HostProgram<T> = (host: Host) => Promise<T> | T

export interface ProgramOptions {
  /** For messages; default the function's name, or "program" and a number. */
  readonly name?: string
  /** True: `net.run()` does not wait for its end. For servers. Default false. */
  readonly daemon?: boolean
}

/** What a connect or listen takes besides. */
export interface HostSocketOptions extends WaitOptions {
  /** AF_INET or AF_INET6; default that of the address, AF_INET where it is a name. */
  readonly family?: number
}

/** What a host asks of its simulation. */
export interface HostNet {
  readonly timeline: Timeline
  /** The same numbers each time it is asked for the same name. */
  randomFor(name: string): Random
  addressOf(name: string, from: Host, family: number): string
  entered(program: Program): void
  ended(program: Program): void
  failed(program: Program, error: unknown): void
  booted(host: Host): void
}

/**
 * A computer of a simulation, with a stack, a clock and randomness of its own: `Simulation.host` makes one. Programs run on it and
 * get it as their argument.
 */
export class Host implements Node {
  readonly kind = 'host'
  readonly name: string
  /** Its ends of links, in the order in which these were made: eth0, eth1, … */
  readonly ports: LinkPort[] = []
  /** `Date`, `setTimeout`, `Math.random` and so on, in its own time: for code that can be handed them. */
  readonly globals: VirtualGlobals
  /** How often it has crashed. */
  crashes = 0
  readonly #net: HostNet
  readonly #options: HostOptions
  readonly #programs = new Set<Program>()
  #clock: ActorClock
  #stack: HostStack | null = null
  #random: Random
  #numbers = 0

  /** For `Simulation`. */
  constructor(net: HostNet, name: string, options: HostOptions) {
    this.#net = net
    this.name = name
    this.#options = options
    this.#clock = new ActorClock(net.timeline, this, true)
    this.#random = net.randomFor(`${name} programs`)
    this.globals = virtualGlobals(() => ({ clock: this.#clock, random: this.#random }))
    this.#boot()
  }

  /** Its stack, a provider of sockets: `new Socket(host.stack, AF_INET, SOCK_STREAM)`. Another one after a crash. */
  get stack(): HostStack {
    if (this.#stack === null) throw new Error(`${this.name} is down: it has crashed and was not restarted`)
    return this.#stack
  }

  /** Whether it runs. */
  get isUp(): boolean {
    return this.#stack !== null
  }

  /** For the simulation. */
  get clock(): ActorClock {
    return this.#clock
  }

  /** For the simulation. */
  get options(): HostOptions {
    return this.#options
  }

  /** For the simulation: what its programs draw from. */
  get programRandom(): Random {
    return this.#random
  }

  /** Programs that have not ended. */
  get programs(): readonly Program[] {
    return [...this.#programs]
  }

  // Programs

  /**
   * Starts a program, as soon as the simulation runs. The promise is for its result, which is there when `net.run()` is over; what
   * it throws is thrown by `net.run()` as well, so that nothing is lost where nobody awaits it. It rejects with a HostCrashed where
   * the host crashes meanwhile: the program then never goes on.
   *
   * ```ts
   * const answer = alice.run(async (host) => {
   *   const socket = await host.connect('bob', 80)
   *   await host.sleep(500)
   *   await socket.close()
   *   return host.now()
   * })
   * await net.run()
   * ```
   */
  run<T>(program: HostProgram<T>, options: ProgramOptions = {}): Promise<T> {
    checkProgram(program, options)
    const name = options.name ?? (program.name === '' ? `program ${++this.#numbers}` : program.name)
    const { timeline } = this.#net
    if (this.#stack === null) throw new Error(`${this.name} is down: it has crashed and was not restarted`)
    const entry = new Program(name, this, options.daemon ?? false, timeline.now)
    this.#programs.add(entry)
    this.#net.entered(entry)
    const result = new Promise<T>((resolve, reject) => {
      entry.kill = reject
      const end = (state: 'ended' | 'failed') => {
        if (entry.state !== 'running') return false
        entry.state = state
        this.#programs.delete(entry)
        this.#net.ended(entry)
        return true
      }
      this.#clock
        .alarm(async () => {
          try {
            const value = await program(this)
            if (end('ended')) resolve(value)
          } catch (error) {
            if (!end('failed')) return
            this.#net.failed(entry, error)
            reject(error)
          }
        })
        .set(timeline.now)
    })
    result.catch(() => {})
    return result
  }

  // Crashes

  /**
   * Pulls the plug: connections, programs and their timers vanish without a word to anybody. Its links stay. Crashing twice is
   * crashing once.
   */
  crash(): void {
    const stack = this.#stack
    if (stack === null) return
    this.#stack = null
    this.crashes++
    // Nothing more is heard of it: neither on its links nor by its programs, whose waiting calls stay as they are.
    for (const port of this.ports) port.close()
    stack.descriptors.forEach((endpoint) => {
      endpoint.watch(null)
    })
    this.#clock.stop()
    stack.close()
    const crashed = new HostCrashed(this.name, this.#net.timeline.now)
    for (const program of this.#programs) {
      program.state = 'killed'
      program.kill(crashed)
      this.#net.ended(program)
    }
    this.#programs.clear()
  }

  /**
   * Starts it again, with the same addresses and a stack that remembers nothing: new secrets, new sequence numbers. `program`, if
   * given, is run on it. A host that is up crashes first.
   */
  restart<T = void>(program?: HostProgram<T>, options: ProgramOptions = {}): Promise<T> | undefined {
    if (program !== undefined) checkProgram(program, options)
    this.crash()
    this.#clock = new ActorClock(this.#net.timeline, this, true)
    this.#boot()
    this.#net.booted(this)
    return program === undefined ? undefined : this.run(program, options)
  }

  #boot(): void {
    const clock = this.#clock
    const random = this.#net.randomFor(`${this.name} stack ${this.crashes}`)
    this.#stack = new HostStack(this.#net.timeline, { ...this.#options, clock, random, name: this.name })
  }

  /** For the simulation: connects it to its end of a link. */
  plugIn(port: LinkPort): void {
    if (this.#stack === null) return
    const name = port.name.slice(this.name.length + 1)
    this.#stack.attach(port, { address: port.addresses, name, duplicateAddressDetection: false })
  }

  /** For the simulation: the MTU of one of its links is another. */
  mtuChanged(link: Link): void {
    for (const entry of this.#stack?.interfaces ?? [])
      if (link.ports.some((port) => entry.device === port)) entry.setMtu(link.mtu)
  }

  // Time and randomness

  /** Milliseconds since the simulation began. */
  now(): number {
    return this.#clock.now()
  }

  /** A number from 0 up to, not including, 1: the host's own Math.random. */
  random(): number {
    return randomFraction(this.#random)
  }

  /** Waits for `milliseconds` of the simulation's time. */
  sleep(milliseconds: number): Promise<void> {
    checkNumber('milliseconds', milliseconds)
    if (!(milliseconds >= 0)) throw new RangeError(`milliseconds must be 0 or more, got ${given(milliseconds)}`)
    const clock = this.#clock
    return new Promise((resolve) => clock.alarm(resolve).set(clock.now() + milliseconds))
  }

  /** A signal that aborts after `milliseconds` of the simulation's time: AbortSignal.timeout. */
  timeout(milliseconds: number): AbortSignal {
    return abortAfter(this.#clock, milliseconds)
  }

  // Sockets

  /** The first address of this host; '' before it is on a link. */
  get address(): string {
    return this.ports[0]?.addresses[0]?.split('/')[0] ?? ''
  }

  /**
   * The address of the host with this name, on a link with this one where there is such; the text of an address is its own. Throws
   * a RangeError for a name that there is not and for a host without an address.
   */
  lookup(name: string, family: number = AF_INET): string {
    return this.#net.addressOf(name, this, family)
  }

  /** A socket of this host: `AF_INET, SOCK_STREAM` by default. */
  socket(family: number = AF_INET, type: number = SOCK_STREAM, protocol = 0): Socket {
    return new Socket(this.stack, family, type, protocol)
  }

  /**
   * Connects to a port of a host, by its name or an address. Rejects as `Socket.connect` does, and then closes the socket.
   *
   * ```ts
   * const socket = await host.connect('bob', 80, { timeout: 5000 })
   * ```
   */
  async connect(name: string, port: number, options: HostSocketOptions = {}): Promise<Socket> {
    if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${given(name)}`)
    checkInteger('port', port, 0, 65535)
    checkOptions('options', options, ['family', 'signal', 'timeout'])
    const { family, ...wait } = options
    const address = this.lookup(name, family ?? (name.includes(':') ? AF_INET6 : AF_INET))
    const socket = this.socket(address.includes(':') ? AF_INET6 : AF_INET)
    try {
      await socket.connect({ address, port }, wait)
    } catch (error) {
      void socket.close()
      throw error
    }
    return socket
  }

  /** A socket that listens at a port, on all addresses. 0: a free one, which `getsockname` tells. */
  listen(port: number, backlog = 128, family: number = AF_INET): Socket {
    checkInteger('port', port, 0, 65535)
    const socket = this.socket(family)
    socket.bind({ address: '', port })
    socket.listen(backlog)
    return socket
  }

  /** A datagram socket; with a port, bound to it on all addresses. */
  datagrams(port = 0, family: number = AF_INET): Socket {
    checkInteger('port', port, 0, 65535)
    const socket = this.socket(family, SOCK_DGRAM)
    socket.bind({ address: '', port })
    return socket
  }
}

function checkProgram(program: unknown, options: ProgramOptions): void {
  if (typeof program !== 'function') throw new TypeError(`program must be a function, got ${given(program)}`)
  checkOptions('options', options, ['name', 'daemon'])
  checkText('name', options.name)
  checkBoolean('daemon', options.daemon)
}
