import { ENOBUFS } from '../../base/errno.ts'
import { MessageBatch } from '../../socket/message-batch.ts'
import type { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { Arrivals } from './arrivals.ts'
import { datagramHeaderLength, readDatagramCount, readDatagramTime, writeDatagramHeader } from './datagram-header.ts'
import { CALLS_IN_A_ROW, fillPayload, type StreamSettings, TestStream } from './test-stream.ts'

/** So many datagrams go in one call, and so many octets in one at most. */
const BATCH_COUNT = 64
const BATCH_OCTETS = 1 << 20

function batchFor(length: number): MessageBatch {
  return new MessageBatch(Math.max(1, Math.min(BATCH_COUNT, Math.floor(BATCH_OCTETS / length))), length)
}

/** Sends datagrams that have numbers. */
export class UdpSender extends TestStream {
  readonly #over = new AbortController()

  constructor(id: number, socket: Socket, settings: StreamSettings) {
    super(id, socket, true, settings)
  }

  override end(): void {
    super.end()
    this.#over.abort()
  }

  override async run(): Promise<void> {
    const { parameters, clock, turn, sending } = this.settings
    const { length } = parameters
    const batch = batchFor(length)
    fillPayload(batch.bytes, parameters.repeatingPayload)
    batch.lengths.fill(length)
    this.pacer.restart(clock.now())
    let calls = 0
    while (!this.ended) {
      const due = this.pacer.due(clock.now(), this.bytes, length)
      if (due === 0) {
        await this.until(this.pacer.nextAt(this.bytes))
        continue
      }
      const taken = sending.take(Math.min(due, batch.count), length)
      if (taken === 0) return this.untilEnded()
      const count = await this.#send(batch, taken)
      sending.giveBack(taken - count, length)
      this.sent += count
      this.bytes += count * length
      sending.passed(count * length, count)
      if (++calls % CALLS_IN_A_ROW === 0) await turn()
    }
  }

  async #send(batch: MessageBatch, count: number): Promise<number> {
    const { parameters, clock, turn } = this.settings
    for (let i = 0; i < count; i++) {
      writeDatagramHeader(batch.bytes, i * batch.size, clock.now(), this.sent + i + 1, parameters.wideCounters)
    }
    try {
      return await this.socket.sendmmsg(batch, 0, count, 0, { signal: this.#over.signal })
    } catch (error) {
      if (this.ended) return 0
      // A queue below is full: what was to go is not sent, as if it were lost, and not counted.
      if (!(error instanceof SocketError) || error.errno !== -ENOBUFS) throw error
      await turn()
      return 0
    }
  }
}

/** Receives datagrams, and counts those that do not come. */
export class UdpReceiver extends TestStream {
  readonly #over = new AbortController()
  readonly #arrivals: Arrivals

  constructor(id: number, socket: Socket, settings: StreamSettings) {
    const arrivals = new Arrivals()
    super(id, socket, false, settings, arrivals)
    this.#arrivals = arrivals
  }

  override begin(): void {
    super.begin()
    this.#arrivals.forgetJitter()
  }

  override end(): void {
    super.end()
    this.#over.abort()
  }

  override async run(): Promise<void> {
    const { turn } = this.settings
    const batch = batchFor(this.settings.parameters.length)
    const options = { signal: this.#over.signal }
    let calls = 0
    while (!this.ended) {
      let count: number
      try {
        count = await this.socket.recvmmsg(batch, 0, options)
      } catch (error) {
        if (this.ended) return
        throw error
      }
      this.#count(batch, count)
      if (++calls % CALLS_IN_A_ROW === 0) await turn()
    }
  }

  #count(batch: MessageBatch, count: number): void {
    const { parameters, clock, receiving } = this.settings
    const { wideCounters } = parameters
    const header = datagramHeaderLength(wideCounters)
    const now = clock.now()
    let octets = 0
    for (let i = 0; i < count; i++) {
      const length = batch.lengths[i] as number
      // What has no header is nobody's of this test.
      if (length < header) continue
      const at = i * batch.size
      octets += length
      const sentAt = readDatagramTime(batch.bytes, at)
      this.#arrivals.arrived(readDatagramCount(batch.bytes, at, wideCounters), now - sentAt)
    }
    this.bytes += octets
    receiving.passed(octets, count)
  }
}
