// Read first: epoll(7), epoll_ctl(2). All sockets of a thread meet one epoll descriptor, and that one alone meets libuv: errors come
// back as errno, libuv never sees a descriptor that users have closed, and one handle keeps the process alive or lets it end.
//
// Each socket is registered once, edge-triggered for everything, and only when a call on it first had to wait: most accepted
// connections of a short exchange never are.

import { isMainThread } from 'node:worker_threads'
import { closeWithThread, keepOpen } from './environment.ts'
import { PollHandle, READABLE } from './event-loop.ts'
import type { LoopHandle } from './loop-handle.ts'
import { PipeHandle } from './pipe-handle.ts'
import { type SocketCalls, socketCalls } from './socket-calls.ts'

const EPOLL_CTL_ADD = 1
const EPOLL_CTL_DEL = 2
const EPOLL_CTL_MOD = 3
const EPOLLIN = 0x001
const EPOLLPRI = 0x002
const EPOLLOUT = 0x004
const EPOLLRDHUP = 0x2000
const EPOLLET = 0x80000000
const EPOLL_CLOEXEC = 0x80000

const WANTED = (EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET) >>> 0

/** struct epoll_event is packed on x86-64 alone. */
const EVENT_LENGTH = process.arch === 'x64' ? 12 : 16
const DATA_AT = process.arch === 'x64' ? 4 : 8

/** Events taken from the kernel at once. */
const BURST = 128

/** What waits for events at a descriptor. */
export interface EventTarget {
  readonly fd: number
  /** EPOLL… bits, which are those of poll(2). */
  event(events: number): void
  /** Its descriptor has been closed behind its back: there is another socket at this number now. */
  replaced(): void
}

/** The events of all sockets of this thread. */
export class EventPort {
  /** For so many microseconds after an event the thread looks for the next one, giving way to others, before it sleeps. */
  busyPoll = 0
  readonly #calls: SocketCalls = socketCalls()
  #epoll = -1
  readonly #events = new Uint8Array(new ArrayBuffer(BURST * EVENT_LENGTH))
  readonly #view = new DataView(this.#events.buffer)
  readonly #change = new Uint8Array(new ArrayBuffer(16))
  readonly #changeView = new DataView(this.#change.buffer)
  #handle: LoopHandle | null = null
  readonly #targets: (EventTarget | undefined)[] = []
  /** Told apart by it: who has registered a descriptor, and who has it now. */
  readonly #generations: number[] = []
  #generation = 0
  #size = 0
  #holders = 0
  #awake = false
  #lastEvent = 0
  readonly #lookAgain = () => this.#poll()
  readonly #goOn = () => this.#ready()

  /** How many sockets are open. */
  get size(): number {
    return this.#size
  }

  /** The socket at this descriptor. */
  target(fd: number): EventTarget | undefined {
    return this.#targets[fd]
  }

  /** A socket has been opened. */
  enter(target: EventTarget): void {
    const { fd } = target
    const old = this.#targets[fd]
    this.#targets[fd] = target
    this.#generation = (this.#generation + 1) | 0
    this.#generations[fd] = this.#generation
    if (old === undefined) {
      this.#size++
      closeWithThread(fd)
    } else {
      old.replaced()
    }
  }

  /** A socket will be closed, or let go of. */
  leave(target: EventTarget, registered: boolean): void {
    const { fd } = target
    if (this.#targets[fd] !== target) return
    this.#size--
    this.#targets[fd] = undefined
    keepOpen(fd)
    // Needed where others have the same open socket: the kernel forgets it with the last of them only.
    if (registered) this.#calls.epoll_ctl(this.#epoll, EPOLL_CTL_DEL, fd, this.#change)
  }

  /** Events at this socket are told from now on, those that hold already among them. A negated errno where that cannot be. */
  register(target: EventTarget): number {
    this.start()
    const { fd } = target
    this.#changeView.setUint32(0, WANTED, true)
    this.#changeView.setInt32(DATA_AT, fd, true)
    this.#changeView.setInt32(DATA_AT + 4, this.#generations[fd] as number, true)
    const result = this.#calls.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, fd, this.#change)
    return result < 0 ? -this.#calls.errno() : 0
  }

  /** One more, or one less, for which the process shall live on. */
  hold(yes: boolean): void {
    if (yes) {
      if (this.#holders++ === 0) this.start().ref()
    } else if (--this.#holders === 0) {
      this.#handle?.unref()
    }
  }

  /** Makes what events come by; otherwise that is when the first socket wants to be told: threads whose calls block need none of it. */
  start(): LoopHandle {
    if (this.#handle !== null) return this.#handle
    this.#epoll = this.#calls.epoll_create1(EPOLL_CLOEXEC)
    if (this.#epoll < 0) throw new Error(`epoll_create1 failed with errno ${this.#calls.errno()}`)
    const handle = this.#watch(() => this.#ready())
    this.#handle = handle
    handle.unref()
    // Two turns later libuv has it among what it waits for.
    setImmediate(() => setImmediate(() => this.#tellOnce(handle)))
    return handle
  }

  #watch(ready: () => void): LoopHandle {
    if (!isMainThread) return new PipeHandle(this.#epoll, ready)
    const handle = new PollHandle(this.#epoll, ready)
    handle.start(READABLE)
    return handle
  }

  // libuv asks for a descriptor's state again each time it goes to sleep: of a descriptor that stands for many that is dear (2 µs of a
  // round trip of 17). Edge-triggered it is asked once for each event; should libuv ever set it back, that is slower, and right.
  #tellOnce(handle: LoopHandle): void {
    const loop = handle.backend
    this.#changeView.setUint32(0, (EPOLLIN | EPOLLET) >>> 0, true)
    this.#changeView.setInt32(DATA_AT, this.#epoll, true)
    this.#changeView.setInt32(DATA_AT + 4, 0, true)
    this.#calls.epoll_ctl(loop, EPOLL_CTL_MOD, this.#epoll, this.#change)
    this.#ready()
  }

  #ready(): void {
    // What is left is told to nobody by itself, edge-triggered as it is. Others have their turn first.
    if (this.#take() === BURST) setImmediate(this.#goOn)
    if (this.busyPoll === 0 || this.#awake) return
    this.#awake = true
    this.#lastEvent = performance.now()
    setImmediate(this.#lookAgain)
  }

  // Between two looks everything that became due runs, and whoever waits for this very processor: without that, spinning on one
  // processor makes a round trip a hundred times slower in place of twice as fast.
  #poll(): void {
    this.#calls.sched_yield()
    const now = performance.now()
    if (this.#take() > 0) this.#lastEvent = now
    if (this.#holders > 0 && now - this.#lastEvent < this.busyPoll / 1000) setImmediate(this.#lookAgain)
    else this.#awake = false
  }

  /** How many events there were; BURST: more may be. */
  #take(): number {
    const count = this.#calls.epoll_wait(this.#epoll, this.#events, BURST, 0)
    for (let i = 0; i < count; i++) {
      const at = i * EVENT_LENGTH
      const fd = this.#view.getInt32(at + DATA_AT, true)
      const generation = this.#view.getInt32(at + DATA_AT + 4, true)
      const target = this.#targets[fd]
      // It may have been closed by whom an earlier event has told.
      if (target === undefined || generation !== this.#generations[fd]) continue
      try {
        target.event(this.#view.getUint32(at, true))
      } catch (error) {
        // One watcher that throws does not keep the others from being told.
        setImmediate(() => {
          throw error
        })
      }
    }
    return count
  }
}

let port: EventPort | null = null

/** That of this thread. */
export function eventPort(): EventPort {
  port ??= new EventPort()
  return port
}
