// A server with clients that are what it is there for, and somebody on the same network who floods it. On virtual time: what is
// counted is what the stack does, not how fast the machine is (bench/attack.mjs counts that).

import { AF_INET, POLLIN, POLLOUT, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET } from '../../src/base/constants.ts'
import { EINPROGRESS } from '../../src/base/errno.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Offload } from '../../src/device/device.ts'
import { Impair, parseImpairment } from '../../src/device/impair.ts'
import { Switch } from '../../src/device/switch.ts'
import type { SwitchPort } from '../../src/device/switch-port.ts'
import type { Endpoint, Watcher } from '../../src/socket/provider.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import { Stack, type StackOptions } from '../../src/stack/stack.ts'

export const SERVER = '10.0.0.1'
const CLIENTS = '10.0.0.2'
const GATEWAY = '10.0.0.254'
export const SERVER_HARDWARE = Uint8Array.of(2, 0, 0, 0, 0, 1)
export const ATTACKER_HARDWARE = Uint8Array.of(2, 0, 0, 0, 0, 66)
const PORT = 80
const BACKLOG = 128
/** Octets of a question, and of its answer. */
const OCTETS = 200

const scratch = new Uint8Array(65_536)

function int(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer)
}

function open(stack: Stack): Endpoint {
  const endpoint = stack.socket(AF_INET, SOCK_STREAM, 0)
  if (typeof endpoint === 'number') throw new Error(`socket is ${endpoint}`)
  return endpoint
}

/** Serves one connection: a question, an answer, the end. */
class Served implements Watcher {
  readonly #endpoint: Endpoint
  #got = 0

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
    endpoint.watch(this)
    this.ready()
  }

  ready(): void {
    const endpoint = this.#endpoint
    for (;;) {
      const count = endpoint.recv(scratch, 0, scratch.length, 0)
      if (count > 0) this.#got += count
      if (count <= 0) {
        if (count === 0 || (count < 0 && endpoint.readiness() & 8)) this.#close()
        break
      }
      if (this.#got >= OCTETS) {
        endpoint.send(scratch, 0, OCTETS, 0)
        this.#close()
        break
      }
    }
  }

  #close(): void {
    this.#endpoint.watch(null)
    this.#endpoint.close()
  }
}

/** A client that asks one question after the other, each by a connection of its own. */
class Client implements Watcher {
  /** Questions that were answered. */
  answered = 0
  failed = 0
  readonly #stack: Stack
  #endpoint: Endpoint | null = null
  #asked = false
  #got = 0
  stopped = false

  constructor(stack: Stack) {
    this.#stack = stack
  }

  begin(): void {
    if (this.stopped) return
    this.#asked = false
    this.#got = 0
    const endpoint = open(this.#stack)
    this.#endpoint = endpoint
    endpoint.watch(this)
    const status = endpoint.connect(SocketAddress.internet(SERVER, PORT))
    if (status !== -EINPROGRESS) throw new Error(`connect is ${status}`)
  }

  ready(events: number): void {
    const endpoint = this.#endpoint
    if (endpoint === null) return
    if (!this.#asked && (events & POLLOUT) !== 0 && (endpoint.readiness() & POLLOUT) !== 0) {
      this.#asked = endpoint.send(scratch, 0, OCTETS, 0) === OCTETS
      if (!this.#asked) this.#over(false)
    }
    if ((events & POLLIN) === 0) return
    for (;;) {
      const count = endpoint.recv(scratch, 0, scratch.length, 0)
      if (count > 0) this.#got += count
      else if (count === 0 || this.#got > 0 || (endpoint.readiness() & 8) !== 0) {
        if (count === 0) this.#over(this.#got === OCTETS)
        else if (count !== -11) this.#over(false)
        break
      } else break
    }
  }

  #over(well: boolean): void {
    this.#endpoint?.watch(null)
    this.#endpoint?.close()
    this.#endpoint = null
    if (well) this.answered++
    else this.failed++
    this.begin()
  }
}

export interface FloodOptions {
  /** Options of the server's stack. */
  readonly server?: Partial<StackOptions>
  readonly clients?: number
  /** Each way between the clients and the server, in milliseconds. */
  readonly delay?: number
  /** Whether the server has IPv6 as well. */
  readonly ipv6?: boolean
}

export class FloodWorld {
  readonly clock = new ManualClock(1000)
  readonly server: Stack
  /** The server's interface. */
  readonly link: NetworkInterface
  /** Frames of the attacker. */
  injected = 0
  readonly #lan: Switch
  readonly #attacker: SwitchPort
  readonly #clients: Client[] = []
  readonly #offload = new Offload()

  constructor({ server = {}, clients = 100, delay = 5, ipv6 = false }: FloodOptions = {}) {
    const { clock } = this
    this.#lan = new Switch({ clock, offloads: true, queue: 16 << 20 })
    this.server = new Stack({ clock, random: new SeededRandom(1), ...server })
    const address = ipv6 ? [`${SERVER}/8`, '2001:db8::1/64'] : `${SERVER}/8`
    this.link = this.server.attach(this.#lan.port('server', SERVER_HARDWARE), {
      address,
      name: 'eth0',
      duplicateAddressDetection: false,
    })
    this.server.addRoute('default', { via: GATEWAY })
    const client = new Stack({ clock, random: new SeededRandom(2) })
    client.attach(new Impair(this.#lan.port('clients'), parseImpairment(`delay=${delay}ms`)), {
      address: `${CLIENTS}/8`,
    })
    const gateway = new Stack({ clock, random: new SeededRandom(3) })
    gateway.attach(this.#lan.port('gateway'), { address: `${GATEWAY}/8` })
    this.#attacker = this.#lan.port('attacker', ATTACKER_HARDWARE)
    this.#attacker.attach({ receive: () => {}, flush: () => {}, writable: () => {} }, clock)
    this.#listen()
    for (let i = 0; i < clients; i++) this.#clients.push(new Client(client))
    for (const one of this.#clients) one.begin()
    this.run(1000)
  }

  #listen(): void {
    const listener = open(this.server)
    listener.setOption(SOL_SOCKET, SO_REUSEADDR, int(1))
    listener.bind(SocketAddress.internet('0.0.0.0', PORT))
    listener.listen(BACKLOG)
    const accept = () => {
      for (;;) {
        const accepted = listener.accept(null)
        if (typeof accepted === 'number') break
        new Served(accepted)
      }
    }
    listener.watch({ ready: accept })
  }

  /** What the clients have got answers to, all of them, since the beginning. */
  get answered(): number {
    return this.#clients.reduce((all, { answered }) => all + answered, 0)
  }

  get failed(): number {
    return this.#clients.reduce((all, { failed }) => all + failed, 0)
  }

  /** One frame of the attacker's. */
  inject(frame: Uint8Array): void {
    this.injected++
    this.#attacker.transmit(frame, 0, frame.length, this.#offload)
  }

  /** Lets `ms` milliseconds pass; in each, `each` is called with how many have gone by. */
  run(ms: number, each: (ms: number) => void = () => {}): void {
    const { clock } = this
    for (let i = 0; i < ms; i++) {
      each(i)
      clock.settle()
      clock.advanceTo(clock.now() + 1)
    }
  }

  /** Lets time pass in which nobody floods. */
  wait(ms: number): void {
    this.clock.advanceTo(this.clock.now() + ms)
  }

  /** Questions answered in `ms` milliseconds. */
  rate(ms: number, each: (ms: number) => void = () => {}): number {
    const before = this.answered
    this.run(ms, each)
    return this.answered - before
  }

  /** The clients ask no more, and what is under way ends. */
  stop(): void {
    for (const client of this.#clients) client.stopped = true
    this.run(100)
  }
}
