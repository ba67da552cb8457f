// The side that listens: one test after the other; who calls meanwhile is told that it is busy.

import {
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  MSG_WAITALL,
  SO_BINDTODEVICE,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../base/constants.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { ControlChannel, ControlClosed } from './control-channel.ts'
import { ACCESS_DENIED } from './control-state.ts'
import { COOKIE_LENGTH, decodeCookie } from './cookie.ts'
import { Interrupted, type Surroundings } from './iperf3-client.ts'
import { failureOf, Iperf3Failure } from './iperf3-failure.ts'
import { ClientTerminated, ServerTest } from './server-test.ts'
import type { TestReport } from './test-report.ts'

/** Milliseconds in which who has connected must say what for. */
const COOKIE_PATIENCE = 10_000
/** So many may be about to say it. */
const CALLERS_MAX = 256
/** When descriptors have run out: whoever is served now may finish. */
const BREATHER = 100

export interface ServerSettings {
  /** Where to listen: an address with a port. */
  readonly address: SocketAddress
  readonly device: string | null
  /** The other family is heard too. */
  readonly bothFamilies: boolean
  /** Milliseconds between reports. */
  readonly interval: number
  /** Milliseconds without an octet after which a test is given up. */
  readonly idle: number
  /** One test is all. */
  readonly once: boolean
}

export class Iperf3Server {
  readonly #around: Surroundings
  readonly #settings: ServerSettings
  readonly #makeReport: () => TestReport
  readonly #say: (line: string) => void
  readonly #callers = new Set<Socket>()
  #test: ServerTest | null = null
  /** Settled when `#test` is over. */
  #serving: Promise<void> = Promise.resolve()
  #tests = 0
  #stopped = false
  #over: (error: unknown) => void = () => {}

  /** `makeReport` makes one for each test; `say` is for what is said between tests. */
  constructor(
    around: Surroundings,
    settings: ServerSettings,
    makeReport: () => TestReport,
    say: (line: string) => void,
  ) {
    this.#around = around
    this.#settings = settings
    this.#makeReport = makeReport
    this.#say = say
  }

  /** Serves until it is interrupted, or the one test that was asked for is over: rejects with an Interrupted, or resolves. */
  async run(): Promise<void> {
    const listener = this.#listen()
    const over = new Promise<unknown>((resolve) => {
      this.#over = resolve
    })
    let stop: unknown = null
    try {
      this.#greet()
      const accepting = this.#acceptAll(listener)
      accepting.catch(this.#over)
      const interrupted = this.#around.interrupted.then(() => new Interrupted('the server has terminated'))
      stop = await Promise.race([over, interrupted])
    } finally {
      this.#stopped = true
      await listener.close()
      for (const socket of this.#callers) await socket.close()
      await this.#test?.interrupt()
    }
    if (stop !== null) throw stop
  }

  #listen(): Socket {
    try {
      const socket = this.#socket(SOCK_STREAM)
      socket.listen()
      return socket
    } catch (error) {
      throw failureOf('unable to start listener for connections', error)
    }
  }

  /** A socket at the server's address. */
  #socket(type: number): Socket {
    const { address, device, bothFamilies } = this.#settings
    const socket = new Socket(this.#around.provider, address.family, type)
    try {
      if (device !== null) socket.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, device)
      socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
      if (address.family === AF_INET6) socket.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, !bothFamilies)
      socket.bind(address)
      return socket
    } catch (error) {
      void socket.close()
      throw error
    }
  }

  #greet(): void {
    const line = '-'.repeat(59)
    this.#say(`${line}\nServer listening on ${this.#settings.address.port} (test #${++this.#tests})\n${line}`)
  }

  async #acceptAll(listener: Socket): Promise<void> {
    for (;;) {
      try {
        const socket = await listener.accept()
        if (this.#callers.size >= CALLERS_MAX) await socket.close()
        else void this.#meet(socket)
      } catch (error) {
        if (listener.closed) return
        if (!(error instanceof SocketError)) throw error
        if (['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'].includes(error.code)) await this.#breathe()
        // What became of one connection, or of the way to it, is nobody else's matter.
        else if (!['ECONNABORTED', 'EPROTO', 'ENETDOWN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(error.code))
          throw error
      }
    }
  }

  #breathe(): Promise<void> {
    const { clock } = this.#around.provider
    return new Promise((resolve) => clock.alarm(resolve).set(clock.now() + BREATHER))
  }

  /** A connection begins with a cookie: that of the test that is being set up, or a new one. */
  async #meet(socket: Socket): Promise<void> {
    this.#callers.add(socket)
    try {
      const bytes = new Uint8Array(COOKIE_LENGTH)
      const length = await socket.recv(bytes, MSG_WAITALL, { timeout: COOKIE_PATIENCE })
      const cookie = length === COOKIE_LENGTH ? decodeCookie(bytes) : null
      if (cookie !== null && this.#test?.offer(socket, cookie)) return
      // Who has heard all leaves, and who calls then is not to hear that the server is busy: it may see both at once.
      if (this.#test?.told && !this.#settings.once) await this.#serving
      if (cookie !== null && this.#test === null && !this.#stopped) {
        this.#serving = this.#serve(socket, cookie)
        return
      }
      if (cookie !== null) await socket.send(Uint8Array.of(ACCESS_DENIED), 0, { timeout: COOKIE_PATIENCE })
      await socket.close()
    } catch (error) {
      await socket.close()
      if (!(error instanceof SocketError)) this.#over(error)
    } finally {
      this.#callers.delete(socket)
    }
  }

  async #serve(socket: Socket, cookie: string): Promise<void> {
    const { interval, idle, once } = this.#settings
    const report = this.#makeReport()
    const test = new ServerTest(new ControlChannel(socket, 'client'), cookie, this.#around, report, {
      interval,
      idle,
      datagramSocket: () => this.#socket(SOCK_DGRAM),
    })
    this.#test = test
    let done = false
    try {
      await test.run()
      done = true
    } catch (error) {
      if (!(error instanceof Iperf3Failure)) {
        this.#over(error)
        return
      }
      const gone = error instanceof ControlClosed || error instanceof ClientTerminated
      if (!(error instanceof Interrupted)) report.failed(`${gone ? '' : 'error - '}${error.message}`)
    } finally {
      report.close(done)
      this.#test = null
    }
    if (once) this.#over(null)
    else if (!this.#stopped) this.#greet()
  }
}
