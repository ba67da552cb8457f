import type { Alarm, Clock } from '../../base/clock.ts'
import type { Socket } from '../../socket/socket.ts'
import { type IntervalFigures, StreamMeter } from './interval-figures.ts'
import { failureOf, Iperf3Failure } from './iperf3-failure.ts'
import { ProcessorClock, type ProcessorUse } from './processor-use.ts'
import { TcpReceiver, TcpSender } from './tcp-stream.ts'
import { streamId, type TestParameters } from './test-parameters.ts'
import type { StreamResult } from './test-results.ts'
import type { StreamSettings, TestStream } from './test-stream.ts'
import { TransferLimit } from './transfer-limit.ts'
import { UdpReceiver, UdpSender } from './udp-stream.ts'

export interface TestRunOptions {
  readonly parameters: TestParameters
  readonly clock: Clock
  readonly turn: () => Promise<void>
  /** Milliseconds between two reports; 0: none but the last. */
  readonly interval: number
  /** Told of each interval. */
  readonly report: (figures: IntervalFigures) => void
  /** Whether this side ends the test by time, octets and blocks: the client does. */
  readonly decides: boolean
  /** Milliseconds without an octet after which it is over. */
  readonly idle: number
}

/** An interval at the end that is shorter than this part of one is not reported unless something has passed. */
const SHORTEST_PART = 0.1

/** The streams of a test while they run. */
export class TestRun {
  readonly meters: readonly StreamMeter[]
  /** Resolves when this side has to end the test; rejects when a stream has failed, or nothing moves any more. */
  readonly over: Promise<void>
  processor: ProcessorUse | null = null
  /** Seconds that were measured. */
  seconds = 0
  readonly #options: TestRunOptions
  readonly #streams: readonly TestStream[]
  readonly #limits: readonly TransferLimit[]
  readonly #alarms: Alarm[] = []
  #resolve: () => void = () => {}
  #reject: (error: unknown) => void = () => {}
  #running: Promise<unknown> = Promise.resolve()
  #processorClock: ProcessorClock | null = null
  #startedAt = 0
  #intervalAt = 0
  #omitting: boolean
  #stopped = false
  /** Octets at the last look, for what is idle: it is noticed after one such time at least, and two at most. */
  #seen = 0

  /** `sockets` in the order of their numbers; `sends` says of each place whether this side sends there. */
  constructor(sockets: readonly Socket[], sends: (place: number) => boolean, options: TestRunOptions) {
    this.#options = options
    const { parameters, decides } = options
    this.over = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.over.catch(() => {})
    this.#omitting = parameters.omit > 0
    const { bytes, blocks } = parameters
    const reached = () => decides && this.#resolve()
    // Where the other side ends it, it counts what has come: what is lost on the way, or left out at another time, must be sent on.
    const exact = decides || (parameters.protocol === 'tcp' && parameters.omit === 0)
    const sending = new TransferLimit(exact ? bytes : 0, exact ? blocks : 0, this.#omitting, reached)
    const receiving = new TransferLimit(bytes, blocks, this.#omitting, reached)
    this.#limits = [sending, receiving]
    const settings: StreamSettings = { parameters, clock: options.clock, turn: options.turn, sending, receiving }
    const tcp = parameters.protocol === 'tcp'
    const [Sender, Receiver] = tcp ? [TcpSender, TcpReceiver] : [UdpSender, UdpReceiver]
    this.#streams = sockets.map(
      (socket, place) => new (sends(place) ? Sender : Receiver)(streamId(place), socket, settings),
    )
    this.meters = this.#streams.map((stream) => new StreamMeter(stream, tcp))
  }

  start(): void {
    const { clock, parameters, interval, decides, idle } = this.#options
    const { time, omit } = parameters
    clock.hold?.()
    this.#processorClock = new ProcessorClock()
    this.#startedAt = this.#intervalAt = clock.now()
    if (omit > 0) this.#after(omit * 1000, () => this.#begin(interval))
    if (interval > 0) this.#every(interval)
    if (decides && time > 0) this.#after((omit + time) * 1000, () => this.#resolve())
    if (idle > 0) this.#watchIdle(idle)
    this.#running = Promise.all(
      this.#streams.map((stream) => stream.run().catch((error: unknown) => this.#failed(stream, error))),
    )
  }

  /** Ends the streams and takes the last figures. */
  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    const { clock, interval } = this.#options
    for (const alarm of this.#alarms) alarm.clear()
    for (const stream of this.#streams) stream.end()
    await this.#running
    clock.release?.()
    const now = clock.now()
    this.seconds = (now - this.#startedAt) / 1000
    this.processor = this.#processorClock?.use() ?? null
    this.#interval(now, interval * SHORTEST_PART)
    for (const stream of this.#streams) stream.finish()
  }

  /** Resolves when all that was sent to us has come, or does not come any more. */
  async received(results: readonly StreamResult[]): Promise<void> {
    const { clock } = this.#options
    const complete = () => this.#streams.every((one, i) => one.sends || one.bytes >= (results[i]?.bytes ?? 0))
    const deadline = clock.now() + DRAIN
    let before = -1
    let silentAt = clock.now() + DRAIN_SILENCE
    while (!complete() && clock.now() < deadline) {
      const now = this.#octets()
      if (now !== before) silentAt = clock.now() + DRAIN_SILENCE
      else if (clock.now() >= silentAt) return
      before = now
      await new Promise<void>((resolve) => clock.alarm(resolve).set(clock.now() + 1))
    }
  }

  /** What this side tells the other of its streams. */
  get results(): readonly StreamResult[] {
    return this.meters.map((meter) => {
      const { stream, retransmits, datagrams } = meter
      return {
        id: stream.id,
        bytes: stream.bytes,
        retransmits,
        jitter: (datagrams?.jitter ?? 0) / 1000,
        lost: datagrams?.lost ?? 0,
        packets: datagrams?.packets ?? 0,
        start: 0,
        end: this.seconds,
      }
    })
  }

  get hasRetransmits(): boolean {
    return this.meters.some(({ retransmits }) => retransmits !== null)
  }

  #octets(): number {
    return this.#streams.reduce((sum, { bytes, sent }) => sum + bytes + sent, 0)
  }

  #failed(stream: TestStream, error: unknown): void {
    this.#reject(failureOf(`unable to ${stream.sends ? 'write to' : 'read from'} stream socket`, error))
  }

  #after(time: number, task: () => void): void {
    const { clock } = this.#options
    const alarm = clock.alarm(task)
    alarm.set(clock.now() + time)
    this.#alarms.push(alarm)
  }

  #every(interval: number): void {
    const { clock } = this.#options
    let at = clock.now() + interval
    const alarm = clock.alarm(() => {
      this.#interval(clock.now(), 0)
      at += interval
      alarm.set(at)
    })
    alarm.set(at)
    this.#alarms.push(alarm)
    this.#restartIntervals = () => {
      at = clock.now() + interval
      alarm.set(at)
    }
  }

  #restartIntervals: () => void = () => {}

  #watchIdle(idle: number): void {
    const { clock } = this.#options
    const alarm = clock.alarm(() => {
      const now = this.#octets()
      if (now === this.#seen) {
        this.#reject(new Iperf3Failure(`no data has passed for ${idle} ms (--rcv-timeout)`))
        return
      }
      this.#seen = now
      alarm.set(clock.now() + idle)
    })
    alarm.set(clock.now() + idle)
    this.#alarms.push(alarm)
  }

  /** What was left out is over. */
  #begin(interval: number): void {
    const now = this.#options.clock.now()
    this.#interval(now, interval * SHORTEST_PART)
    this.#omitting = false
    for (const stream of this.#streams) stream.begin()
    for (const meter of this.meters) meter.begin()
    for (const limit of this.#limits) limit.begin()
    this.#processorClock = new ProcessorClock()
    this.#startedAt = this.#intervalAt = now
    this.#seen = -1
    this.#restartIntervals()
  }

  /** Reports what has passed since the last time, unless that was `least` milliseconds ago or less, and nothing has. */
  #interval(now: number, least: number): void {
    const streams = this.meters.map((meter) => meter.interval())
    if (now - this.#intervalAt <= least && streams.every(({ bytes }) => bytes === 0)) return
    const start = (this.#intervalAt - this.#startedAt) / 1000
    const end = (now - this.#startedAt) / 1000
    this.#intervalAt = now
    this.#options.report({ start, end, omitted: this.#omitting, streams })
  }
}

/** For so many milliseconds what is still on the way may come, and without an octet for so many it does not. */
const DRAIN = 10_000
const DRAIN_SILENCE = 1000
