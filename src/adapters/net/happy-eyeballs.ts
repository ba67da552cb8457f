// Read first: RFC 8305, of which Node does the attempts; autoSelectFamily in Node's manual.

import { isIP } from 'node:net'
import { ECANCELED, ETIMEDOUT } from '../../base/errno.ts'
import { interleave } from '../../base/interleave.ts'
import { StreamHandle } from '../handle/stream-handle.ts'
import { Unowned } from '../handle/unowned.ts'
import { aggregateError, exceptionWithHostPort, ipBlocked, nodeError } from '../node-error.ts'
import type { Destination } from './connect.ts'
import { checkBound, connectError, finishConnect, localText, type Target } from './connect-attempt.ts'
import { STATE, WORLD } from './net-world.ts'
import type { Socket } from './socket.ts'

/** The shortest time in milliseconds that an attempt is given before the next begins. */
export const SHORTEST_ATTEMPT = 10

export interface FoundAddress {
  readonly address: string
  readonly family: number
}

/** The addresses of the first one's family and the others by turns, each once; without those that are none. */
export function inTurnByFamily(addresses: readonly FoundAddress[]): FoundAddress[] {
  const usable = addresses.filter(
    ({ address, family }, i) =>
      isIP(address) !== 0 &&
      (family === 4 || family === 6) &&
      addresses.findIndex((one) => one.address === address && one.family === family) === i,
  )
  return interleave(usable)
}

/** Tries addresses one after the other, each for a time; the first connection that is there is the socket's. */
export class HappyEyeballs {
  readonly #socket: Socket
  readonly #addresses: readonly FoundAddress[]
  readonly #destination: Destination
  readonly #attemptTimeout: number
  readonly #errors: Error[] = []
  #current = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(socket: Socket, addresses: readonly FoundAddress[], destination: Destination, attemptTimeout: number) {
    this.#socket = socket
    this.#addresses = addresses
    this.#destination = destination
    this.#attemptTimeout = attemptTimeout
    socket.autoSelectFamilyAttemptedAddresses = []
  }

  /** Begins the next attempt, or gives up; `canceled`: whatever is left. */
  next(canceled = false): void {
    clearTimeout(this.#timer)
    const socket = this.#socket
    if (socket._aborted) return
    const found = canceled ? undefined : this.#addresses[this.#current]
    if (found === undefined) {
      socket.destroy(
        this.#errors.length === 0 ? nodeError('ERR_SOCKET_CONNECTION_TIMEOUT') : aggregateError(this.#errors),
      )
      return
    }
    const place = this.#current++
    if (place > 0) this.#freshHandle()
    this.#attempt(place, found)
  }

  #attempt(place: number, { address, family }: FoundAddress): void {
    const socket = this.#socket
    const { port, localPort } = this.#destination
    const handle = socket[STATE].handle as StreamHandle
    let localAddress: string | undefined
    if (localPort) {
      localAddress = family === 4 ? '0.0.0.0' : '::'
      const status = checkBound(handle, handle.bind(localAddress, localPort, family, {}), localPort)
      if (status !== 0) {
        this.#errors.push(exceptionWithHostPort(status, 'bind', localAddress, localPort))
        this.next()
        return
      }
    }
    if (socket.blockList?.check(address, family === 6 ? 'ipv6' : 'ipv4')) {
      this.#failed(address, port, family, ipBlocked(address))
      this.next()
      return
    }
    socket.emit('connectionAttempt', address, port, family)
    if (handle.closed) return
    socket.autoSelectFamilyAttemptedAddresses?.push(`${address}:${port}`)
    const target = { address, version: family, port, localAddress, localPort }
    handle.owner = new Contender((status) => this.#connected(place, handle, target, status))
    const status = handle.connect(address, port, family)
    if (status < 0) {
      this.#failed(address, port, family, exceptionWithHostPort(status, 'connect', address, port, localText(socket)))
      this.next()
      return
    }
    if (place < this.#addresses.length - 1) {
      this.#timer = setTimeout(() => this.#timedOut(handle, target), this.#attemptTimeout)
    }
  }

  #connected(place: number, handle: StreamHandle, target: Target, status: number): void {
    clearTimeout(this.#timer)
    const socket = this.#socket
    if (status === 0) {
      // Too late: another is being tried already.
      if (place !== this.#current - 1) handle.discard()
      else if (!socket.destroyed) finishConnect(socket, handle)
      return
    }
    this.#failed(target.address, target.port, target.version, connectError(target, status))
    if (socket.connecting) this.next(status === -ECANCELED)
  }

  #timedOut(handle: StreamHandle, target: Target): void {
    const socket = this.#socket
    socket.emit('connectionAttemptTimeout', target.address, target.port, target.version)
    this.#errors.push(connectError(target, -ETIMEDOUT))
    handle.discard()
    if (socket.connecting) this.next()
  }

  #failed(address: string, port: number | undefined, version: number | undefined, error: Error): void {
    this.#errors.push(error)
    this.#socket.emit('connectionAttemptFailed', address, port, version, error)
  }

  #freshHandle(): void {
    const socket = this.#socket
    const state = socket[STATE]
    const old = state.handle
    old?.discard()
    state.handle = new StreamHandle(socket[WORLD].provider, 'tcp', state)
    if (old !== null && !old.referenced) state.handle.unref()
    state.begin()
  }
}

/** The owner of a handle that may become the socket's. */
class Contender extends Unowned {
  readonly #connected: (status: number) => void

  constructor(connected: (status: number) => void) {
    super()
    this.#connected = connected
  }

  override connected(status: number): void {
    this.#connected(status)
  }
}
