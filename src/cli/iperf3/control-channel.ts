// The control connection: states of one octet, records of JSON with their length in four octets in front.

import { read32, write32 } from '../../base/bytes.ts'
import { MSG_WAITALL } from '../../base/constants.ts'
import type { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { SERVER_ERROR, stateText } from './control-state.ts'
import { Iperf3Failure, serverFailure } from './iperf3-failure.ts'

/** A record is read in pieces of at most so much: a peer that only says it is long gets no memory for it. */
const PIECE = 65536

/** Milliseconds that a side which has to answer may take. */
export const PATIENCE = 30_000

/** Milliseconds in which a failed stream may turn out to be a peer that has gone away. */
const AFTERMATH = 500

const encoder = new TextEncoder()

export class ControlChannel {
  readonly socket: Socket
  readonly #peer: string
  #pending: Promise<number> | null = null

  /** `peer`: who is at the other end, for errors: "server". */
  constructor(socket: Socket, peer: 'server' | 'client') {
    this.socket = socket
    this.#peer = peer
  }

  async sendState(state: number): Promise<void> {
    await this.#send(Uint8Array.of(state))
  }

  async sendError(code: number, errno: number): Promise<void> {
    const bytes = new Uint8Array(9)
    bytes[0] = SERVER_ERROR
    write32(bytes, 1, code)
    write32(bytes, 5, errno)
    await this.#send(bytes)
  }

  /** The next state, whenever it comes. Who asks again before it has come gets the same. */
  nextState(): Promise<number> {
    this.#pending ??= this.#receiveState()
    return this.#pending
  }

  /**
   * What the peer says within half a second after `failure`, that of a stream: when it goes away its streams may be heard of first.
   * Rejects with `failure` where it says nothing.
   */
  async nextStateAfter(failure: unknown): Promise<number> {
    const { clock } = this.socket.provider
    const nothing = new Promise<null>((resolve) => {
      clock.alarm(() => resolve(null)).set(clock.now() + AFTERMATH)
    })
    const state = await Promise.race([this.nextState(), nothing])
    if (state === null) throw failure
    return state
  }

  /** The next state, which is to be one of `expected`. Rejects with an Iperf3Failure where it is not, or where none comes in time. */
  expect(...expected: readonly number[]): Promise<number> {
    return this.expectWithin(PATIENCE, ...expected)
  }

  /** The same, in another time: `patience` is in milliseconds. */
  async expectWithin(patience: number, ...expected: readonly number[]): Promise<number> {
    const state = await this.#inTime(this.nextState(), patience)
    if (expected.includes(state)) return state
    if (state === SERVER_ERROR && this.#peer === 'server') throw await this.serverError()
    const wanted = expected.map(stateText).join(' or ')
    throw new Iperf3Failure(`the ${this.#peer} sent ${stateText(state)} where ${wanted} belongs`)
  }

  /** What the server says after SERVER_ERROR. */
  async serverError(): Promise<Iperf3Failure> {
    const bytes = await this.#read(8, PATIENCE)
    return serverFailure(read32(bytes, 0) | 0, read32(bytes, 4) | 0)
  }

  async sendRecord(record: object): Promise<void> {
    const text = encoder.encode(JSON.stringify(record))
    const bytes = new Uint8Array(4 + text.length)
    write32(bytes, 0, text.length)
    bytes.set(text, 4)
    await this.#send(bytes)
  }

  /** A record of at most `limit` octets; it must be an object. */
  async receiveRecord(limit: number): Promise<Readonly<Record<string, unknown>>> {
    const length = read32(await this.#read(4, PATIENCE), 0) >>> 0
    if (length > limit) {
      throw new Iperf3Failure(`the ${this.#peer} announces a record of ${length} octets, where ${limit} are allowed`)
    }
    const record = parse(await this.#read(length, PATIENCE))
    if (record === null) throw new Iperf3Failure(`the ${this.#peer} sent a record that is no JSON object`)
    return record
  }

  async #receiveState(): Promise<number> {
    const byte = new Uint8Array(1)
    try {
      if ((await this.socket.recv(byte)) === 0) throw this.#closed()
    } catch (error) {
      if (error instanceof SocketError) throw this.#closed(error)
      throw error
    } finally {
      this.#pending = null
    }
    return ((byte[0] as number) << 24) >> 24
  }

  #inTime(state: Promise<number>, patience: number): Promise<number> {
    const { clock } = this.socket.provider
    return new Promise((resolve, reject) => {
      const alarm = clock.alarm(() => reject(this.#silent(patience)))
      alarm.set(clock.now() + patience)
      state.then(resolve, reject).finally(() => alarm.clear())
    })
  }

  async #read(length: number, patience: number): Promise<Uint8Array> {
    const { clock } = this.socket.provider
    const deadline = clock.now() + patience
    let bytes = new Uint8Array(Math.min(length, PIECE))
    let at = 0
    while (at < length) {
      if (at === bytes.length) {
        const longer = new Uint8Array(Math.min(length, 2 * at))
        longer.set(bytes)
        bytes = longer
      }
      const timeout = Math.max(1, deadline - clock.now())
      let count: number
      try {
        count = await this.socket.recv(bytes.subarray(at), MSG_WAITALL, { timeout })
      } catch (error) {
        if (!(error instanceof SocketError)) throw error
        throw error.code === 'EAGAIN' ? this.#silent(patience) : this.#closed(error)
      }
      if (count === 0) throw this.#closed()
      at += count
      if (at < length && clock.now() >= deadline) throw this.#silent(patience)
    }
    return bytes
  }

  async #send(bytes: Uint8Array): Promise<void> {
    try {
      await this.socket.send(bytes, 0, { timeout: PATIENCE })
    } catch (error) {
      if (!(error instanceof SocketError)) throw error
      throw error.code === 'EAGAIN' ? this.#silent(PATIENCE) : this.#closed(error)
    }
  }

  #closed(cause?: unknown): Iperf3Failure {
    return new ControlClosed(
      this.#peer === 'server'
        ? 'control socket has closed unexpectedly'
        : 'the client has unexpectedly closed the connection',
      0,
      cause,
    )
  }

  #silent(patience: number): Iperf3Failure {
    return new Iperf3Failure(`the ${this.#peer} has said nothing for ${patience / 1000} seconds`)
  }
}

/** The peer has gone away. */
export class ControlClosed extends Iperf3Failure {}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}
