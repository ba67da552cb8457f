// One test, as the server sees it.

import { IPPROTO_TCP, TCP_NODELAY } from '../../base/constants.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { type ControlChannel, ControlClosed, PATIENCE } from './control-channel.ts'
import {
  CLIENT_TERMINATE,
  CREATE_STREAMS,
  DISPLAY_RESULTS,
  EXCHANGE_RESULTS,
  IPERF_DONE,
  PARAM_EXCHANGE,
  SERVER_TERMINATE,
  stateText,
  TEST_END,
  TEST_RUNNING,
  TEST_START,
} from './control-state.ts'
import { DATAGRAM_ANSWER, encodeHello, isHello } from './datagram-header.ts'
import { Interrupted, type Surroundings } from './iperf3-client.ts'
import { failureOf, Iperf3Failure, RECEIVE_PARAMETERS_FAILED, STREAM_CREATION_FAILED } from './iperf3-failure.ts'
import { buffersOf, segmentOf, setStreamOptions } from './stream-options.ts'
import { congestionIn, ownResults, testEnding } from './test-ending.ts'
import { clientSends, readParameters, streamCount, streamId, type TestParameters } from './test-parameters.ts'
import { hostText, type TestReport } from './test-report.ts'
import { readResults, resultsRecord } from './test-results.ts'
import { TestRun } from './test-run.ts'

const PARAMETERS_MAX = 65_536
const RESULTS_MAX = 1 << 20
/** Milliseconds that a test may take longer than it was to: then the client has forgotten it. */
const GRACE = 30_000
/** Milliseconds that a client may stay when all has been said: another may wait for its place. */
const LEAVE = 5_000

/** Turns of the event loop in which queues are read to their end. */
const QUEUE_TURNS = 4

export interface ServerTestOptions {
  readonly interval: number
  readonly idle: number
  /** A datagram socket at the server's address. */
  readonly datagramSocket: () => Socket
}

export class ServerTest {
  readonly #control: ControlChannel
  readonly #cookie: string
  readonly #around: Surroundings
  readonly #report: TestReport
  readonly #options: ServerTestOptions
  readonly #streams: Socket[] = []
  /** How many streams are still to come by TCP. */
  #wanted = 0
  #complete: () => void = () => {}
  /** The server ends, and the test with it. */
  #stopping = false
  #ended: () => void = () => {}
  readonly #end: Promise<void>
  #run: TestRun | null = null
  #told = false

  constructor(
    control: ControlChannel,
    cookie: string,
    around: Surroundings,
    report: TestReport,
    options: ServerTestOptions,
  ) {
    this.#control = control
    this.#cookie = cookie
    this.#around = around
    this.#report = report
    this.#options = options
    this.#end = new Promise((resolve) => {
      this.#ended = resolve
    })
  }

  /** Whether the client knows all: it may have gone, and another come. */
  get told(): boolean {
    return this.#told
  }

  /** Tells the client that the server ends; resolves when the test has ended with it. */
  async interrupt(): Promise<void> {
    this.#stopping = true
    await quietly(this.#control.sendState(SERVER_TERMINATE))
    // Whatever waits for the client hears of it by that.
    await this.#control.socket.close()
    await this.#end
  }

  /** A connection with this cookie has come: whether it is one of this test's streams. */
  offer(socket: Socket, cookie: string): boolean {
    if (cookie !== this.#cookie || this.#wanted === 0) return false
    this.#streams.push(socket)
    if (--this.#wanted === 0) this.#complete()
    return true
  }

  /** Rejects with an Iperf3Failure that says why it did not go well. */
  async run(): Promise<void> {
    const control = this.#control
    const { socket } = control
    try {
      socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)
      const peer = socket.getpeername()
      this.#report.accepted(hostText(peer), peer.port)
      await this.#converse()
    } catch (error) {
      const failure = failureOf('unable to serve the client', error)
      if (this.#stopping) throw new Interrupted('the server has terminated')
      if (failure instanceof Iperf3Failure && failure.code > 0) {
        const { cause } = failure
        await quietly(control.sendError(failure.code, cause instanceof SocketError ? -cause.errno : 0))
      }
      throw failure
    } finally {
      await this.#run?.stop()
      for (const one of [...this.#streams, socket]) await one.close()
      this.#ended()
    }
  }

  async #converse(): Promise<void> {
    const control = this.#control
    await control.sendState(PARAM_EXCHANGE)
    const parameters = await this.#parameters()
    if (parameters.protocol === 'udp') await this.#datagramStreams(parameters)
    else await this.#connections(parameters)
    await control.sendState(TEST_START)
    const run = this.#prepare(parameters)
    this.#began(parameters)
    run.start()
    await control.sendState(TEST_RUNNING)
    await this.#measure(run, parameters)
  }

  async #parameters(): Promise<TestParameters> {
    try {
      return readParameters(await this.#control.receiveRecord(PARAMETERS_MAX))
    } catch (error) {
      if (!(error instanceof Iperf3Failure) || error instanceof ControlClosed) throw error
      throw new Iperf3Failure(
        `unable to receive parameters from client: ${error.message}`,
        RECEIVE_PARAMETERS_FAILED,
        error,
      )
    }
  }

  async #connections(parameters: TestParameters): Promise<void> {
    const complete = new Promise<void>((resolve) => {
      this.#complete = resolve
    })
    this.#wanted = streamCount(parameters)
    await this.#control.sendState(CREATE_STREAMS)
    await this.#inTime(complete)
    for (const socket of this.#streams) setStreamOptions(socket, parameters)
  }

  /** Each socket of the server's port hears one client, and has a successor before that client knows. */
  async #datagramStreams(parameters: TestParameters): Promise<void> {
    const count = streamCount(parameters)
    try {
      let next = this.#nextSocket()
      await this.#control.sendState(CREATE_STREAMS)
      for (let place = 0; place < count; place++) {
        const socket = next
        const peer = await this.#inTime(hello(socket))
        await socket.connect(peer)
        setStreamOptions(socket, parameters)
        if (place + 1 < count) next = this.#nextSocket()
        await socket.send(encodeHello(DATAGRAM_ANSWER))
      }
    } catch (error) {
      throw failureOf('unable to create a new stream', error, STREAM_CREATION_FAILED)
    }
  }

  #nextSocket(): Socket {
    const socket = this.#options.datagramSocket()
    this.#streams.push(socket)
    return socket
  }

  /** `wait`, unless the client goes away meanwhile, says something, or takes too long. */
  #inTime<T>(wait: Promise<T>): Promise<T> {
    const { clock } = this.#around.provider
    return new Promise((resolve, reject) => {
      const alarm = clock.alarm(() => reject(new Iperf3Failure('the streams of the test have not come')))
      alarm.set(clock.now() + PATIENCE)
      wait.then(resolve, reject).finally(() => alarm.clear())
      this.#control.nextState().then((state) => {
        reject(
          state === CLIENT_TERMINATE
            ? terminated()
            : new Iperf3Failure(`the client sent ${stateText(state)} before the test`),
        )
      }, reject)
    })
  }

  #prepare(parameters: TestParameters): TestRun {
    const { interval, idle } = this.#options
    const { provider, turn } = this.#around
    this.#run = new TestRun(this.#streams, (place) => !clientSends(parameters, place), {
      parameters,
      clock: provider.clock,
      turn,
      interval,
      report: (figures) => this.#report.interval(figures),
      decides: false,
      idle,
    })
    return this.#run
  }

  #began(parameters: TestParameters): void {
    this.#report.began({
      role: 'server',
      parameters,
      cookie: this.#cookie,
      segment: segmentOf(this.#control.socket),
      buffers: buffersOf(this.#streams[0] as Socket),
      streams: this.#streams.map((socket) => ({
        fd: socket.fd,
        local: socket.getsockname(),
        remote: peerOf(socket),
      })),
      date: Date.now(),
    })
  }

  async #measure(run: TestRun, parameters: TestParameters): Promise<void> {
    const control = this.#control
    try {
      const state = await this.#stateOrFailure(run, parameters)
      if (state === CLIENT_TERMINATE) throw terminated()
      if (state !== TEST_END) {
        throw new Iperf3Failure(`the client sent ${stateText(state)} while the test was running`)
      }
    } catch (error) {
      await run.stop()
      if (this.#stopping || !(error instanceof ControlClosed))
        this.#report.ended(testEnding(run, congestionIn(run), null))
      throw error
    }
    const { bytes, blocks, omit, protocol } = parameters
    // Of so many octets as were asked for all are waited for: TCP brings them. A time is over when it is over.
    const limited = protocol === 'tcp' && omit === 0 && (bytes > 0 || blocks > 0)
    // Datagrams that lie in the queues of the sockets came before the end did.
    if (protocol === 'udp') for (let i = 0; i < QUEUE_TURNS; i++) await this.#around.turn()
    if (!limited) await run.stop()
    await control.sendState(EXCHANGE_RESULTS)
    const ids = this.#streams.map((_, place) => streamId(place))
    const results = readResults(await control.receiveRecord(RESULTS_MAX), ids)
    if (limited) {
      await run.received(results.streams)
      await run.stop()
    }
    const congestion = congestionIn(run)
    this.#report.ended(testEnding(run, congestion, results))
    const output = parameters.wantsServerOutput ? this.#report.output : null
    const own = ownResults(run, congestion, output)
    await control.sendRecord(resultsRecord(own, parameters.direction !== 'forward', protocol === 'udp'))
    this.#told = true
    await control.sendState(DISPLAY_RESULTS)
    // Everything is said: a client that just goes away has gone well.
    try {
      await control.expectWithin(LEAVE, IPERF_DONE, CLIENT_TERMINATE)
    } catch (error) {
      if (!(error instanceof Iperf3Failure)) throw error
    }
  }

  /** What the client says while the streams run, or what has become of them. */
  async #stateOrFailure(run: TestRun, { time, omit }: TestParameters): Promise<number> {
    const { clock } = this.#around.provider
    const state = this.#control.nextState()
    let late = () => {}
    const forgotten = new Promise<never>((_, reject) => {
      late = () => reject(new Iperf3Failure('the client has not ended the test in time'))
    })
    const alarm = clock.alarm(() => late())
    if (time > 0) alarm.set(clock.now() + (time + omit) * 1000 + GRACE)
    try {
      return await Promise.race([state, run.over.then(() => state), forgotten])
    } catch (error) {
      if (error instanceof ControlClosed) throw error
      return await this.#control.nextStateAfter(error)
    } finally {
      alarm.clear()
    }
  }
}

/** Who sends a datagram that begins a stream. Others are not heard. */
async function hello(socket: Socket): Promise<SocketAddress> {
  const bytes = new Uint8Array(64)
  for (;;) {
    const { length, address } = await socket.recvfrom(bytes)
    if (address !== null && isHello(bytes, length)) return address
  }
}

function peerOf(socket: Socket): SocketAddress {
  try {
    return socket.getpeername()
  } catch (error) {
    // It has gone away already.
    if (error instanceof SocketError) return new SocketAddress(socket.family)
    throw error
  }
}

/** The client has had enough. */
export class ClientTerminated extends Iperf3Failure {}

function terminated(): ClientTerminated {
  return new ClientTerminated('the client has terminated')
}

async function quietly(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Iperf3Failure)) throw error
  }
}
