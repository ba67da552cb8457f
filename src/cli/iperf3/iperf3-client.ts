// The side that connects, says what the test is to be, and ends it.

import {
  AF_INET,
  IPPROTO_TCP,
  SO_BINDTODEVICE,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
} from '../../base/constants.ts'
import { IpAddress } from '../../base/ip-address.ts'
import type { Random } from '../../base/random.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { ControlChannel, PATIENCE } from './control-channel.ts'
import {
  ACCESS_DENIED,
  CLIENT_TERMINATE,
  CREATE_STREAMS,
  DISPLAY_RESULTS,
  EXCHANGE_RESULTS,
  IPERF_DONE,
  PARAM_EXCHANGE,
  SERVER_ERROR,
  SERVER_TERMINATE,
  stateText,
  TEST_END,
  TEST_RUNNING,
  TEST_START,
} from './control-state.ts'
import { encodeCookie, makeCookie } from './cookie.ts'
import { DATAGRAM_HELLO, encodeHello, isAnswer } from './datagram-header.ts'
import { failureOf, Iperf3Failure } from './iperf3-failure.ts'
import { buffersOf, segmentOf, setStreamOptions } from './stream-options.ts'
import { congestionIn, ownResults, testEnding } from './test-ending.ts'
import {
  clientSends,
  DATAGRAM_MAX,
  parametersRecord,
  streamCount,
  streamId,
  type TestParameters,
} from './test-parameters.ts'
import type { TestReport } from './test-report.ts'
import { readResults, resultsRecord, type TestResults } from './test-results.ts'
import { TestRun } from './test-run.ts'

/** Without a path MTU to go by, a datagram has so much. */
const DATAGRAM_LENGTH = 1460

/** The most that a server's results take: its output may be in them. */
const RESULTS_MAX = 1 << 24

export interface ClientSettings {
  /** `length` 0: as the path allows. */
  readonly parameters: TestParameters
  readonly server: SocketAddress
  /** What people call the server. */
  readonly name: string
  /** -B and --cport: where streams and the control connection come from; null: wherever. */
  readonly source: SocketAddress | null
  readonly sourcePort: number
  readonly device: string | null
  /** Milliseconds; null: as long as TCP tries. */
  readonly connectTimeout: number | null
  readonly interval: number
  readonly idle: number
  readonly version: string
}

export interface Surroundings {
  readonly provider: Provider
  readonly random: Random
  /** Lets timers and other sockets have their turn. */
  readonly turn: () => Promise<void>
  /** Resolves when the user has had enough. */
  readonly interrupted: Promise<unknown>
}

const INTERRUPTED = Symbol('interrupted')

export class Iperf3Client {
  readonly #around: Surroundings
  readonly #settings: ClientSettings
  readonly #report: TestReport
  readonly #cookie: string
  readonly #streams: Socket[] = []
  readonly #interrupted: Promise<typeof INTERRUPTED>
  #run: TestRun | null = null
  #parameters: TestParameters

  constructor(around: Surroundings, settings: ClientSettings, report: TestReport) {
    this.#around = around
    this.#settings = settings
    this.#report = report
    this.#cookie = makeCookie(around.random)
    this.#parameters = settings.parameters
    this.#interrupted = around.interrupted.then(() => INTERRUPTED)
  }

  /** Runs the test. Rejects with an Iperf3Failure that says why it did not go well; what was measured is reported even so. */
  async run(): Promise<void> {
    const { server, name } = this.#settings
    const socket = this.#open(SOCK_STREAM, server.family, 0)
    try {
      await this.#connectControl(socket, server)
      const segment = segmentOf(socket)
      this.#report.connecting(name, server.port, segment)
      const { parameters } = this.#settings
      if (parameters.length === 0) {
        this.#parameters = { ...parameters, length: Math.min(segment || DATAGRAM_LENGTH, DATAGRAM_MAX) }
      }
      await this.#converse(new ControlChannel(socket, 'server'), segment)
    } finally {
      await this.#run?.stop()
      for (const one of [...this.#streams, socket]) await one.close()
    }
  }

  async #connectControl(socket: Socket, server: SocketAddress): Promise<void> {
    const { connectTimeout } = this.#settings
    try {
      const connected = socket.connect(server, connectTimeout === null ? {} : { timeout: connectTimeout })
      if ((await Promise.race([connected, this.#interrupted])) === INTERRUPTED) throw terminated()
      socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)
      await socket.send(encodeCookie(this.#cookie))
    } catch (error) {
      throw failureOf('unable to connect to server', error)
    }
  }

  async #converse(control: ControlChannel, segment: number): Promise<void> {
    await this.#expect(control, PARAM_EXCHANGE)
    await control.sendRecord(parametersRecord(this.#parameters, this.#settings.version))
    await this.#expect(control, CREATE_STREAMS)
    for (let place = 0; place < streamCount(this.#parameters); place++) this.#streams.push(await this.#stream(place))
    await this.#expect(control, TEST_START)
    this.#begin(segment)
    const run = this.#prepare()
    await this.#expect(control, TEST_RUNNING)
    run.start()
    await this.#measure(control, run)
    const congestion = congestionIn(run)
    await control.sendState(TEST_END)
    await this.#expect(control, EXCHANGE_RESULTS)
    await control.sendRecord(
      resultsRecord(ownResults(run, congestion, null), this.#sends, this.#parameters.protocol === 'udp'),
    )
    const ids = this.#streams.map((_, place) => streamId(place))
    const results = readResults(await control.receiveRecord(RESULTS_MAX), ids)
    await this.#expect(control, DISPLAY_RESULTS)
    this.#ended(run, congestion, results)
    await control.sendState(IPERF_DONE)
  }

  /** Whether some stream of ours sends. */
  get #sends(): boolean {
    return this.#parameters.direction !== 'reverse'
  }

  /** Lets the streams run until the test is over. Rejects with what has ended it else, after it was reported. */
  async #measure(control: ControlChannel, run: TestRun): Promise<void> {
    let failure: unknown = null
    try {
      const over = run.over.catch((error: unknown) => control.nextStateAfter(error))
      const first = await Promise.race([over, control.nextState(), this.#interrupted])
      if (first === INTERRUPTED) {
        await control.sendState(CLIENT_TERMINATE)
        failure = terminated()
      } else if (typeof first === 'number') failure = await this.#unexpected(control, first)
    } catch (error) {
      failure = error
    }
    await run.stop()
    if (failure === null) return
    this.#ended(run, congestionIn(run), null)
    throw failure
  }

  #ended(run: TestRun, congestion: string, results: TestResults | null): void {
    this.#report.ended(testEnding(run, congestion, results))
  }

  async #expect(control: ControlChannel, state: number): Promise<void> {
    const told = await Promise.race([control.expect(state, ACCESS_DENIED, SERVER_TERMINATE), this.#interrupted])
    if (told === INTERRUPTED) {
      await control.sendState(CLIENT_TERMINATE)
      throw terminated()
    }
    if (told !== state) throw await this.#unexpected(control, told)
  }

  async #unexpected(control: ControlChannel, state: number): Promise<Error> {
    if (state === ACCESS_DENIED) return new Iperf3Failure('the server is busy running a test. try again later')
    if (state === SERVER_TERMINATE) return new Iperf3Failure('the server has terminated')
    if (state === SERVER_ERROR) return control.serverError()
    return new Iperf3Failure(`the server sent ${stateText(state)} while the test was running`)
  }

  #open(type: number, family: number, port: number): Socket {
    const { source, device } = this.#settings
    const socket = new Socket(this.#around.provider, family, type)
    try {
      if (device !== null) socket.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, device)
      if (source !== null || port > 0) {
        const own = source?.copy() ?? new SocketAddress(family, family === AF_INET ? IpAddress.v4(0) : new IpAddress())
        own.port = port
        if (port > 0) socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
        socket.bind(own)
      }
      return socket
    } catch (error) {
      void socket.close()
      throw failureOf(`unable to bind to ${source?.ip ?? device ?? ''}${port > 0 ? ` port ${port}` : ''}`, error)
    }
  }

  async #stream(place: number): Promise<Socket> {
    const { server, sourcePort } = this.#settings
    const udp = this.#parameters.protocol === 'udp'
    // Streams beside each other have ports beside each other.
    const port = sourcePort === 0 ? 0 : sourcePort + place
    const socket = this.#open(udp ? SOCK_DGRAM : SOCK_STREAM, server.family, port)
    try {
      setStreamOptions(socket, this.#parameters)
      await socket.connect(server, { timeout: PATIENCE })
      if (udp) await shakeHands(socket)
      else await socket.send(encodeCookie(this.#cookie))
      return socket
    } catch (error) {
      await socket.close()
      throw failureOf('unable to connect stream', error)
    }
  }

  #prepare(): TestRun {
    const { interval, idle } = this.#settings
    const { provider, turn } = this.#around
    const parameters = this.#parameters
    this.#run = new TestRun(this.#streams, (place) => clientSends(parameters, place), {
      parameters,
      clock: provider.clock,
      turn,
      interval,
      report: (figures) => this.#report.interval(figures),
      decides: true,
      idle: this.#sends ? 0 : idle,
    })
    return this.#run
  }

  #begin(segment: number): void {
    this.#report.began({
      role: 'client',
      parameters: this.#parameters,
      cookie: this.#cookie,
      segment,
      buffers: buffersOf(this.#streams[0] as Socket),
      streams: this.#streams.map((socket) => ({
        fd: socket.fd,
        local: socket.getsockname(),
        remote: socket.getpeername(),
      })),
      date: Date.now(),
    })
  }
}

/** A datagram there, and its answer: the server knows then where the stream is. */
async function shakeHands(socket: Socket): Promise<void> {
  await socket.send(encodeHello(DATAGRAM_HELLO))
  const answer = new Uint8Array(64)
  const { clock } = socket.provider
  const deadline = clock.now() + PATIENCE
  // Something else may be on its way to this port.
  for (;;) {
    const timeout = Math.max(1, deadline - clock.now())
    if (isAnswer(answer, await socket.recv(answer, 0, { timeout }))) return
  }
}

/** SIGINT or SIGTERM. */
export class Interrupted extends Iperf3Failure {}

function terminated(): Interrupted {
  return new Interrupted('the client has terminated')
}
