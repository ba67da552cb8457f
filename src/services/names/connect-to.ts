// Read first: RFC 8305 sections 3 to 5 (Happy Eyeballs), RFC 6724 section 6.
//
// We differ: addresses that come later than the resolution delay are not added to those that are being tried.

import { checkOptions } from '../../base/argument.ts'
import type { Alarm } from '../../base/clock.ts'
import { AF_UNSPEC, SOCK_STREAM } from '../../base/constants.ts'
import { ECONNABORTED, EINPROGRESS } from '../../base/errno.ts'
import { interleave } from '../../base/interleave.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { type Abortable, unwatchAbort, watchAbort } from '../../socket/abort.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import type { Names } from './names.ts'

/** RFC 8305 section 5: how long an attempt has before the next begins. */
export const CONNECTION_ATTEMPT_DELAY = 250

/** RFC 8305 section 3: how long addresses of one family wait for those of the other. */
const RESOLUTION_DELAY = 50

export interface ConnectToOptions {
  /** AF_INET or AF_INET6; default both. */
  readonly family?: number
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for all attempts together, once the addresses are known: EINPROGRESS when they are over. */
  readonly timeout?: number | undefined
  /** Called with each socket before it connects, to set options or to bind it. */
  readonly prepare?: (socket: Socket) => void
}

/**
 * Connects a stream to a service of a host, whichever of its addresses answers first. The first address has 250 ms before the
 * next is tried beside it, which goes on at once where one fails; all but the first to connect are closed. Rejects with the
 * AddressInfoError of the lookup, with the SocketError of the address that failed first, or with the signal's reason.
 *
 * ```ts
 * const socket = await connectTo(names, 'server.example', 'http')
 * ```
 */
export async function connectTo(
  names: Names,
  host: string | null,
  service: string | number,
  options: ConnectToOptions = {},
): Promise<Socket> {
  checkOptions('options', options, ['family', 'signal', 'timeout', 'prepare'])
  const { family = AF_UNSPEC, signal } = options
  const hints = { family, socketType: SOCK_STREAM, signal, patience: RESOLUTION_DELAY }
  const found = await names.getaddrinfo(host, service, hints)
  if (signal?.aborted === true) throw signal.reason
  return new Race(names.provider, interleave(found.map(({ address }) => address)), options).run()
}

class Race implements Abortable {
  readonly #provider: Provider
  readonly #addresses: readonly SocketAddress[]
  readonly #options: ConnectToOptions
  readonly #running = new Set<Socket>()
  readonly #nextAttempt: Alarm
  readonly #deadline: Alarm
  #next = 0
  #failure: unknown = null
  #over = false
  #resolve: (socket: Socket) => void = () => {}
  #reject: (reason: unknown) => void = () => {}

  constructor(provider: Provider, addresses: readonly SocketAddress[], options: ConnectToOptions) {
    this.#provider = provider
    this.#addresses = addresses
    this.#options = options
    this.#nextAttempt = provider.clock.alarm(() => this.#attempt())
    this.#deadline = provider.clock.alarm(() => this.#end(this.#late()))
  }

  run(): Promise<Socket> {
    const { signal, timeout } = this.#options
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      if (signal !== undefined) watchAbort(signal, this)
      if (timeout !== undefined && timeout < Number.POSITIVE_INFINITY) {
        this.#deadline.set(this.#provider.clock.now() + timeout)
      }
      this.#attempt()
    })
  }

  aborted(signal: AbortSignal): void {
    this.#end(signal.reason)
  }

  #attempt(): void {
    this.#nextAttempt.clear()
    const address = this.#addresses[this.#next++]
    if (address === undefined) {
      if (this.#running.size === 0) this.#end(this.#failure ?? new SocketError('connect', ECONNABORTED))
      return
    }
    if (this.#next < this.#addresses.length) {
      this.#nextAttempt.set(this.#provider.clock.now() + CONNECTION_ATTEMPT_DELAY)
    }
    let socket: Socket | null = null
    try {
      socket = new Socket(this.#provider, address.family, SOCK_STREAM)
      this.#running.add(socket)
      this.#options.prepare?.(socket)
      const connecting = socket
      socket.connect(address).then(
        () => this.#won(connecting),
        (error: unknown) => this.#lost(connecting, error),
      )
    } catch (error) {
      this.#lost(socket, error)
    }
  }

  #won(socket: Socket): void {
    if (this.#over) return
    this.#running.delete(socket)
    this.#finish()
    this.#resolve(socket)
  }

  #lost(socket: Socket | null, error: unknown): void {
    if (socket !== null) {
      this.#running.delete(socket)
      void socket.close()
    }
    if (this.#over) return
    this.#failure ??= error
    this.#attempt()
  }

  #end(reason: unknown): void {
    if (this.#over) return
    this.#finish()
    this.#reject(reason)
  }

  #finish(): void {
    this.#over = true
    this.#nextAttempt.clear()
    this.#deadline.clear()
    const { signal } = this.#options
    if (signal !== undefined) unwatchAbort(signal, this)
    for (const socket of this.#running) void socket.close()
    this.#running.clear()
  }

  #late(): unknown {
    return this.#failure ?? new SocketError('connect', EINPROGRESS, this.#addresses[0] ?? null)
  }
}
