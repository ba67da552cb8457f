// Two hosts on a cable, in virtual time: iperf3's server on one of them, and whoever calls it on the other.

import { AF_INET, SOCK_STREAM } from '../../src/base/constants.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { type ClientSettings, Iperf3Client, type Surroundings } from '../../src/cli/iperf3/iperf3-client.ts'
import { Iperf3Server, type ServerSettings } from '../../src/cli/iperf3/iperf3-server.ts'
import { JsonReport } from '../../src/cli/iperf3/json-report.ts'
import { readParameters } from '../../src/cli/iperf3/test-parameters.ts'
import type { Provider } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import { TwoStacks } from '../stack/two-stacks.ts'

export const SERVER = '10.0.0.2'
export const PORT = 5201

/** What reports say, as far as tests look at it. */
// biome-ignore lint/suspicious/noExplicitAny: the object of -J has no type of its own, and that it has these keys is what is tested.
export type Told = any

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

export class Iperf3World {
  readonly net: TwoStacks
  /** The reports of the server's tests, as objects. */
  readonly reports: Told[] = []
  #interrupt: () => void = () => {}

  constructor(cable: ConstructorParameters<typeof TwoStacks>[0] = {}) {
    this.net = new TwoStacks(cable)
  }

  surroundings(provider: Provider, interrupted: Promise<void> = new Promise(() => {})): Surroundings {
    return { provider, random: new SeededRandom(5), turn: nextTurn, interrupted }
  }

  /** Starts the server; resolves when it ends. */
  serve(settings: Partial<ServerSettings> = {}): Promise<void> {
    const interrupted = new Promise<void>((resolve) => {
      this.#interrupt = resolve
    })
    const server = new Iperf3Server(
      this.surroundings(this.net.right, interrupted),
      {
        address: SocketAddress.internet('0.0.0.0', PORT),
        device: null,
        bothFamilies: false,
        interval: 1000,
        idle: 120_000,
        once: false,
        ...settings,
      },
      () => this.report((report) => this.reports.push(report)),
      () => {},
    )
    const running = server.run()
    running.catch(() => {})
    return running
  }

  /** Ends the server, as SIGTERM does. */
  interrupt(): void {
    this.#interrupt()
  }

  report(told: (report: Told) => void): JsonReport {
    return new JsonReport({ write: (text) => told(JSON.parse(text)), version: '', system: '', title: '' })
  }

  /** Runs a client for what `record` asks, in the words of the protocol. Resolves with its report, in which errors are too. */
  async client(record: Readonly<Record<string, unknown>>, settings: Partial<ClientSettings> = {}): Promise<Told> {
    let told: Told = null
    const report = this.report((one) => {
      told = one
    })
    const client = new Iperf3Client(
      this.surroundings(this.net.left),
      {
        parameters: readParameters(record),
        server: SocketAddress.internet(SERVER, PORT),
        name: SERVER,
        source: null,
        sourcePort: 0,
        device: null,
        connectTimeout: null,
        interval: 1000,
        idle: 120_000,
        version: '3.12',
        ...settings,
      },
      report,
    )
    try {
      await this.drive(client.run())
    } catch (error) {
      report.failed((error as Error).message)
    }
    report.close()
    return told
  }

  /** The report of the server's test that was the last: it may be about to come. */
  async serverReport(): Promise<Told> {
    for (let i = 0; i < 100 && this.reports.length === 0; i++) await this.pass(10)
    return this.reports.at(-1)
  }

  /** Lets so many milliseconds pass. */
  pass(time: number): Promise<void> {
    const { clock } = this.net
    return this.drive(new Promise((resolve) => clock.alarm(resolve).set(clock.now() + time)))
  }

  /** A connection to the server, or to whoever listens there. */
  async call(): Promise<Socket> {
    const socket = new Socket(this.net.left, AF_INET, SOCK_STREAM)
    await this.drive(socket.connect({ address: SERVER, port: PORT }))
    return socket
  }

  /** Lets time pass until `work` is done: at once where something can happen, and else up to what happens next. */
  async drive<T>(work: Promise<T>): Promise<T> {
    const { clock } = this.net
    let over = false
    const done = () => {
      over = true
    }
    work.then(done, done)
    for (let quiet = 0; !over; ) {
      await nextTurn()
      if (clock.settle()) quiet = 0
      else if (++quiet > 8) {
        const at = clock.nextAt()
        if (at === Number.POSITIVE_INFINITY) throw new Error('nothing will ever happen')
        clock.advanceTo(at)
        quiet = 0
      }
    }
    return work
  }
}
