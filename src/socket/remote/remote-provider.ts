// Read first: call-memory.ts; socket(2), poll(2).

import { given } from '../../base/argument.ts'
import type { Alarm, Clock } from '../../base/clock.ts'
import { POLLNVAL } from '../../base/constants.ts'
import { ENETDOWN } from '../../base/errno.ts'
import { ALL_OPTIONS } from '../all-options.ts'
import type { OptionFormat } from '../option-format.ts'
import type { BlockingProvider, Endpoint, WaitEntry } from '../provider.ts'
import {
  A,
  ANSWERED,
  ASKED,
  B,
  C,
  CallMemory,
  CLOSED,
  FD,
  IDLE,
  OPERATION,
  RESULT,
  STATE,
  VALUE,
} from './call-memory.ts'
import { DUP, INTERFACE_INDEX, SOCKET, SOCKETPAIR, TAKE, WAIT } from './operation.ts'
import { BLOCKING_ALONE, RemoteEndpoint } from './remote-endpoint.ts'
import { type CallPort, isServedHere, type RemoteInit } from './remote-init.ts'

/**
 * The sockets of another thread's provider, in a worker: for `BlockingSocket`, whose calls then block this thread and not the one
 * that owns the stack. Everything is as there: addresses, options, errno, descriptors; time-outs are kept by that provider's clock.
 * When the owner serves no more, calls fail with ENETDOWN.
 *
 * ```ts
 * // In the thread that has the stack: new Worker(program, { workerData: calls.init, transferList: calls.transfer })
 * const calls = serveCalls(stack)
 * // In the worker:
 * const provider = new RemoteProvider(calls.init)
 * const socket = new BlockingSocket(provider, AF_INET, SOCK_STREAM)
 * socket.connect({ address: '192.0.2.1', port: 80 })
 * ```
 */
export class RemoteProvider implements BlockingProvider {
  readonly name: string
  readonly clock: Clock
  readonly optionFormat: OptionFormat = ALL_OPTIONS
  readonly memory: CallMemory
  readonly #port: CallPort
  readonly #endpoints = new Map<number, RemoteEndpoint>()

  constructor(init: RemoteInit) {
    if (init === null || typeof init !== 'object' || !(init.memory instanceof SharedArrayBuffer)) {
      throw new TypeError(`init must be what serveCalls gave, got ${given(init)}`)
    }
    if (typeof init.port?.postMessage !== 'function') {
      throw new TypeError(`init.port must be a MessagePort, got ${given(init.port)}`)
    }
    if (isServedHere(init.memory)) {
      throw new Error(
        'a RemoteProvider is for another thread than the one that serves its calls: use the provider itself',
      )
    }
    this.memory = new CallMemory(init.memory)
    this.name = init.name
    this.#port = init.port
    this.clock = new RemoteClock(this.memory)
  }

  socket(family: number, type: number, protocol: number): Endpoint | number {
    const result = this.call(SOCKET, -1, family, type, protocol)
    return result < 0 ? result : this.newEndpoint()
  }

  socketpair(family: number, type: number, protocol: number): readonly [Endpoint, Endpoint] | number {
    const result = this.call(SOCKETPAIR, -1, family, type, protocol)
    if (result < 0) return result
    return [this.newEndpoint(), this.newEndpoint(this.memory.slot(RESULT))]
  }

  dup(fd: number): Endpoint | number {
    const result = this.call(DUP, fd)
    return result < 0 ? result : this.newEndpoint()
  }

  /** The socket at a descriptor: one of this thread, or one that the owner has handed to it. */
  endpoint(fd: number): Endpoint | null {
    const known = this.#endpoints.get(fd)
    if (known !== undefined) return known
    return this.call(TAKE, fd) < 0 ? null : this.newEndpoint()
  }

  interfaceIndex(name: string): number {
    const octets = new TextEncoder().encode(name)
    if (octets.length > this.memory.data.length) return 0
    this.memory.data.set(octets)
    return Math.max(0, this.call(INTERFACE_INDEX, -1, octets.length))
  }

  wait(entries: readonly WaitEntry[], timeout: number): number {
    const { memory } = this
    const numbers = new Int32Array(memory.buffer, memory.data.byteOffset, 3 * entries.length)
    // Of sockets that are closed already nothing need be asked.
    const closed = entries.filter(({ endpoint }) => endpoint.fd < 0)
    for (const entry of entries) entry.revents = entry.endpoint.fd < 0 ? POLLNVAL : 0
    if (closed.length > 0) return closed.length
    for (const [i, { endpoint, events }] of entries.entries()) {
      numbers[3 * i] = endpoint.fd
      numbers[3 * i + 1] = events
    }
    memory.timeout = timeout
    const result = this.call(WAIT, -1, entries.length)
    for (const [i, entry] of entries.entries()) entry.revents = result > 0 ? (numbers[3 * i + 2] as number) : 0
    return Math.max(0, result)
  }

  /** Makes a call: what it answers. The thread sleeps meanwhile, and can be terminated. */
  call(operation: number, fd: number, a = 0, b = 0, c = 0): number {
    const { slots } = this.memory
    slots[OPERATION] = operation
    slots[FD] = fd
    slots[A] = a
    slots[B] = b
    slots[C] = c
    Atomics.store(slots, STATE, ASKED)
    // In this order: who closes sets the one before it answers by the other.
    if (Atomics.load(slots, CLOSED) !== 0) return -ENETDOWN
    this.#port.postMessage(0)
    while (Atomics.load(slots, STATE) !== ANSWERED) Atomics.wait(slots, STATE, ASKED)
    Atomics.store(slots, STATE, IDLE)
    return slots[RESULT] as number
  }

  /** The socket that the last answer tells of. */
  newEndpoint(fd = this.memory.slot(VALUE)): RemoteEndpoint {
    const { memory } = this
    const endpoint = new RemoteEndpoint(
      this,
      fd,
      memory.slot(VALUE + 1),
      memory.slot(VALUE + 2),
      memory.slot(VALUE + 3),
    )
    this.#endpoints.set(fd, endpoint)
    return endpoint
  }

  forget(fd: number): void {
    this.#endpoints.delete(fd)
  }
}

class RemoteClock implements Clock {
  readonly #memory: CallMemory

  constructor(memory: CallMemory) {
    this.#memory = memory
  }

  /** What it was when the owner answered last: whoever waits has just asked. */
  now(): number {
    return this.#memory.now
  }

  defer(): never {
    throw new Error(BLOCKING_ALONE)
  }

  alarm(): Alarm {
    throw new Error(BLOCKING_ALONE)
  }
}
