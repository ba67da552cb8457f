// Read first: socket(2), socketpair(2), dup(2), poll(2), fcntl(2).

import { isMainThread } from 'node:worker_threads'
import { checkInteger, checkMethods, checkOptions, given } from '../base/argument.ts'
import type { Clock } from '../base/clock.ts'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  IPPROTO_UDP,
  POLLNVAL,
  SO_DOMAIN,
  SO_PROTOCOL,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../base/constants.ts'
import { EBADF } from '../base/errno.ts'
import { realClock } from '../platform/real-clock.ts'
import { ALL_OPTIONS } from '../socket/all-options.ts'
import type { OptionFormat } from '../socket/option-format.ts'
import type { BlockingProvider, Endpoint, WaitEntry } from '../socket/provider.ts'
import { type EventPort, eventPort } from './event-port.ts'
import { OsEndpoint } from './os-endpoint.ts'
import { type SocketCalls, socketCalls } from './socket-calls.ts'

const F_SETFD = 2
const F_GETFL = 3
const F_SETFL = 4
const F_DUPFD_CLOEXEC = 1030
const FD_CLOEXEC = 1
const IF_NAMESIZE = 16
const O_NONBLOCK = 0x800
/** The type of a socket without the flags that come with it. */
const SOCK_TYPE_MASK = 0xf

/** A thread that waits looks up this often, in milliseconds: only between two looks can it be terminated. */
const SLICE = 50
/** Milliseconds that doubles of the clock's size do not tell apart. */
const HAIR = 1e-6
const BUSY_POLL_MAX = 1_000_000

export interface OperatingSystemOptions {
  /**
   * For so many microseconds after something has come the thread looks for more, giving way to other threads, before it sleeps: a
   * round trip between two processors takes half the time, and the processor is busy meanwhile. Default 0: it sleeps at once. It
   * holds for all sockets of this thread.
   */
  readonly busyPoll?: number
  /** What time-outs of sockets are kept by. Default: the machine's time. */
  readonly clock?: Clock
}

const KEYS = ['busyPoll', 'clock'] as const satisfies (keyof OperatingSystemOptions)[]

const ids = new Int32Array(new ArrayBuffer(8))
const value = new Int32Array(new ArrayBuffer(4))
const valueLength = new Int32Array(new ArrayBuffer(4))

/**
 * The operating system as a provider of sockets: its own, whole, as C has them. Of every family that the kernel knows; descriptors,
 * options, errno and all that happens are the kernel's. Nothing blocks: sockets wait in Node's event loop.
 *
 * It needs Linux and the package koffi: without them making a socket throws one Error that says so.
 */
export class OperatingSystem implements BlockingProvider {
  readonly name = 'os'
  readonly clock: Clock
  readonly optionFormat: OptionFormat = ALL_OPTIONS
  readonly #busyPoll: number | null
  #calls: SocketCalls | null = null
  #port: EventPort | null = null

  constructor(options: OperatingSystemOptions = {}) {
    checkOptions('options', options, KEYS)
    const { busyPoll, clock } = options
    if (busyPoll !== undefined) checkInteger('options.busyPoll', busyPoll, 0, BUSY_POLL_MAX)
    if (clock !== undefined) checkMethods('options.clock', clock, 'a Clock', 'now', 'alarm')
    this.#busyPoll = busyPoll ?? null
    this.clock = clock ?? realClock
  }

  /** How many sockets this thread has open. */
  get size(): number {
    return this.#port?.size ?? 0
  }

  socket(family: number, type: number, protocol: number): Endpoint | number {
    const calls = this.#bound()
    const fd = calls.socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol)
    if (fd < 0) return -calls.errno()
    const kind = type & SOCK_TYPE_MASK
    return this.#endpoint(fd, family, kind, protocol === 0 ? this.#protocol(fd, family, kind) : protocol, 0)
  }

  socketpair(family: number, type: number, protocol: number): readonly [Endpoint, Endpoint] | number {
    const calls = this.#bound()
    if (calls.socketpair(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol, ids) < 0) return -calls.errno()
    const kind = type & SOCK_TYPE_MASK
    const [left, right] = [ids[0] as number, ids[1] as number]
    return [this.#endpoint(left, family, kind, protocol, 0), this.#endpoint(right, family, kind, protocol, 0)]
  }

  dup(fd: number): Endpoint | number {
    checkInteger('fd', fd)
    const calls = this.#bound()
    const copy = calls.fcntl(fd, F_DUPFD_CLOEXEC, 0)
    if (copy < 0) return -calls.errno()
    const endpoint = this.#adopt(copy)
    if (endpoint !== null) return endpoint
    calls.close(copy)
    return -EBADF
  }

  /**
   * The socket at a descriptor: one of this thread, or any that is open, inherited, received in a message or from another thread. It
   * is set to O_NONBLOCK (for all who share it) and FD_CLOEXEC. null for what is no socket.
   */
  endpoint(fd: number): Endpoint | null {
    checkInteger('fd', fd)
    this.#bound()
    const known = this.#port?.target(fd)
    return known instanceof OsEndpoint ? known : this.#adopt(fd)
  }

  /** if_nametoindex(3); 0 where none has that name. */
  interfaceIndex(name: string): number {
    // What is no string can become a null pointer, which if_nametoindex(3) follows.
    if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${given(name)}`)
    if (name.length >= IF_NAMESIZE || name.includes('\0')) return 0
    return this.#bound().if_nametoindex(name)
  }

  /** if_indextoname(3); null where none has that number. */
  interfaceName(index: number): string | null {
    const name = new Uint8Array(IF_NAMESIZE)
    if (this.#bound().if_indextoname(index >>> 0, name) === null) return null
    return new TextDecoder().decode(name.subarray(0, name.indexOf(0)))
  }

  /** Blocks; for worker threads alone. Throws an Error in the main thread, whose event loop would stand still. */
  wait(entries: readonly WaitEntry[], timeout: number): number {
    if (isMainThread) {
      throw new Error('blocking calls are for worker threads: in the main thread nothing else would run meanwhile')
    }
    const calls = this.#bound()
    const memory = new Int32Array(new ArrayBuffer(8 * entries.length))
    const events = new Int16Array(memory.buffer)
    for (const [i, entry] of entries.entries()) {
      memory[2 * i] = entry.endpoint.fd
      events[4 * i + 2] = entry.events
    }
    const until = timeout < 0 ? Number.POSITIVE_INFINITY : performance.now() + timeout
    for (;;) {
      const left = until - performance.now()
      // What an instant and a time add up to, less the instant, may be a hair more than the time: that is no millisecond more.
      const slice = Math.max(0, Math.min(SLICE, Math.ceil(left - HAIR)))
      const count = calls.poll(memory, entries.length, slice)
      if (count > 0 || left <= 0 || entries.some(({ endpoint }) => endpoint.fd < 0)) break
    }
    let ready = 0
    for (const [i, entry] of entries.entries()) {
      entry.revents = entry.endpoint.fd < 0 ? POLLNVAL : (events[4 * i + 3] as number)
      if (entry.revents !== 0) ready++
    }
    return ready
  }

  #bound(): SocketCalls {
    if (this.#calls !== null) return this.#calls
    const calls = socketCalls()
    this.#port = eventPort()
    // Its descriptors come before those of sockets, which are then as users expect them.
    if (isMainThread) this.#port.start()
    if (this.#busyPoll !== null) this.#port.busyPoll = this.#busyPoll
    this.#calls = calls
    return calls
  }

  #endpoint(fd: number, family: number, type: number, protocol: number, linger: number): OsEndpoint {
    return new OsEndpoint(this.#calls as SocketCalls, this.#port as EventPort, fd, family, type, protocol, linger)
  }

  /** What the kernel has chosen for protocol 0. */
  #protocol(fd: number, family: number, type: number): number {
    if (family === AF_UNIX) return 0
    if (family === AF_INET || family === AF_INET6) {
      if (type === SOCK_STREAM) return IPPROTO_TCP
      if (type === SOCK_DGRAM) return IPPROTO_UDP
    }
    return Math.max(0, this.#ask(fd, SO_PROTOCOL))
  }

  #adopt(fd: number): OsEndpoint | null {
    const calls = this.#bound()
    const family = this.#ask(fd, SO_DOMAIN)
    if (family < 0) return null
    const [type, protocol] = [this.#ask(fd, SO_TYPE), this.#ask(fd, SO_PROTOCOL)]
    const flags = calls.fcntl(fd, F_GETFL, 0)
    if ((flags & O_NONBLOCK) === 0) calls.fcntl(fd, F_SETFL, flags | O_NONBLOCK)
    calls.fcntl(fd, F_SETFD, FD_CLOEXEC)
    return this.#endpoint(fd, family, type, protocol, -1)
  }

  /** An integer option of SOL_SOCKET; negative where there is none. */
  #ask(fd: number, name: number): number {
    valueLength[0] = 4
    const calls = this.#calls as SocketCalls
    return calls.getsockopt(fd, SOL_SOCKET, name, value, valueLength) < 0 ? -calls.errno() : (value[0] as number)
  }
}

/**
 * The operating system's own sockets. Nothing is loaded before the first of them is made.
 *
 * ```ts
 * const syslog = new Socket(os, AF_UNIX, SOCK_DGRAM)
 * await syslog.connect({ path: '/dev/log' })
 * await syslog.send(new TextEncoder().encode('<14>jackfield: hello'))
 * ```
 */
export const os: OperatingSystem = new OperatingSystem()
