import { SHUT_WR } from '../../base/constants.ts'
import { EAGAIN } from '../../base/errno.ts'
import type { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { CALLS_IN_A_ROW, fillPayload, type StreamSettings, TestStream } from './test-stream.ts'

/** Sends blocks on a TCP connection. */
export class TcpSender extends TestStream {
  constructor(id: number, socket: Socket, settings: StreamSettings) {
    super(id, socket, true, settings)
  }

  override async run(): Promise<void> {
    const { parameters, clock, turn, sending } = this.settings
    const block = new Uint8Array(parameters.length)
    fillPayload(block, parameters.repeatingPayload)
    this.pacer.restart(clock.now())
    this.socket.addWatcher(this)
    let calls = 0
    let due = 0
    while (!this.ended) {
      if (this.pacer.limited && due-- <= 0) {
        due = this.pacer.due(clock.now(), this.bytes, block.length)
        if (due === 0) await this.until(this.pacer.nextAt(this.bytes))
        continue
      }
      if (sending.take(1, block.length) === 0) return this.untilEnded()
      await this.#send(block)
      if (++calls % CALLS_IN_A_ROW === 0) await turn()
    }
  }

  /** The end of the stream goes behind what was sent: iperf3 waits for the rest of a block that has begun, deaf to all else. */
  override finish(): void {
    try {
      this.socket.shutdown(SHUT_WR)
    } catch (error) {
      // The connection is gone already.
      if (!(error instanceof SocketError)) throw error
    }
  }

  async #send(block: Uint8Array): Promise<void> {
    for (let at = 0; at < block.length; ) {
      const count = this.socket.trySend(at === 0 ? block : block.subarray(at))
      if (count === -EAGAIN) {
        await this.untilReady()
        if (this.ended) return
        continue
      }
      at += count
      this.bytes += count
      this.settings.sending.passed(count, at === block.length ? 1 : 0)
    }
  }
}

/** Receives what comes on a TCP connection. */
export class TcpReceiver extends TestStream {
  constructor(id: number, socket: Socket, settings: StreamSettings) {
    super(id, socket, false, settings)
  }

  override async run(): Promise<void> {
    const { parameters, turn, receiving } = this.settings
    const block = new Uint8Array(parameters.length)
    this.socket.addWatcher(this)
    let calls = 0
    /** Octets of a block that has not come whole. */
    let part = 0
    while (!this.ended) {
      const count = this.socket.tryRecv(block)
      if (count === -EAGAIN) {
        await this.untilReady()
        continue
      }
      // The peer has sent all it had; that the test is over it says elsewhere.
      if (count === 0) return this.untilEnded()
      this.bytes += count
      part += count
      const whole = Math.floor(part / block.length)
      part -= whole * block.length
      receiving.passed(count, whole)
      if (++calls % CALLS_IN_A_ROW === 0) await turn()
    }
  }
}
