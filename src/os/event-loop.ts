// Waiting for a descriptor inside Node's own event loop: Node exports libuv's symbols, and FFI reaches them. No thread, no
// addon. 2.0 µs from one write to the callback of the next, against 10 and more for anything through a thread.

import { isMainThread } from 'node:worker_threads'
import { type Libc, libc } from './libc.ts'
import type { LoopHandle } from './loop-handle.ts'

export const READABLE = 1
export const WRITABLE = 2

// More than sizeof(uv_poll_t) on any platform (160 octets on Linux x64).
const HANDLE_SIZE = 512

interface Libuv {
  defaultLoop(): bigint
  backend(loop: bigint): number
  pollInit(loop: bigint, handle: bigint, fd: number): number
  pollStart(handle: bigint, events: number, callback: bigint): number
  pollStop(handle: bigint): number
  close(handle: bigint, callback: null): void
  ref(handle: bigint): void
  unref(handle: bigint): void
  readonly callbackType: ReturnType<Libc['koffi']['pointer']>
}

let bound: Libuv | null = null

function libuv(): Libuv {
  if (bound !== null) return bound
  const { koffi, library } = libc()
  const pointer = 'void *'
  bound = {
    defaultLoop: library.func('uv_default_loop', pointer, []),
    backend: library.func('uv_backend_fd', 'int', [pointer]),
    pollInit: library.func('uv_poll_init', 'int', [pointer, pointer, 'int']),
    pollStart: library.func('uv_poll_start', 'int', [pointer, 'int', pointer]),
    pollStop: library.func('uv_poll_stop', 'int', [pointer]),
    close: library.func('uv_close', 'void', [pointer, pointer]),
    ref: library.func('uv_ref', 'void', [pointer]),
    unref: library.func('uv_unref', 'void', [pointer]),
    // Without a name: a named type cannot be made twice, and modules are evaluated twice by test runners and bundlers.
    callbackType: koffi.pointer(koffi.proto('void', [pointer, 'int', 'int'])),
  }
  return bound
}

// From Node 26 on, a callback that libuv makes outside of Node's own wrappers is not followed by the microtasks and the nextTick queue. They
// follow an immediate, which comes next. (process._tickCallback runs them at once, but whatever calls back from C++ meanwhile, as TLS
// does, would run them again in the midst of a microtask.)
const nothing = () => {}
const drain: (() => void) | undefined =
  Number(process.versions.node.split('.')[0]) >= 26 ? () => setImmediate(nothing) : undefined

/**
 * Calls back whenever a descriptor is ready (level-triggered), from the event loop of the main thread. It keeps the process
 * alive while it is started, unless `unref` was called. Close it before the descriptor.
 */
export class PollHandle implements LoopHandle {
  readonly #uv: Libuv
  readonly #handle: bigint
  readonly #callback: bigint
  #closed = false

  /** `ready` gets READABLE | WRITABLE, or a negated errno: then libuv has stopped the handle (the descriptor is broken). */
  constructor(fd: number, ready: (events: number) => void) {
    if (!isMainThread) {
      throw new Error('a descriptor can be watched in the main thread only: in a worker libuv has another loop')
    }
    const { koffi } = libc()
    this.#uv = libuv()
    this.#handle = koffi.alloc('uint8_t', HANDLE_SIZE)
    const status = this.#uv.pollInit(this.#uv.defaultLoop(), this.#handle, fd)
    if (status < 0) {
      koffi.free(this.#handle)
      throw new Error(`uv_poll_init of descriptor ${fd} failed with ${status}`)
    }
    this.#callback = koffi.register((_handle: unknown, status: number, events: number) => {
      if (this.#closed) return
      try {
        ready(status < 0 ? status : events)
      } catch (error) {
        // An exception must not leave through libuv: it would stay pending and surface anywhere.
        setImmediate(() => {
          throw error
        })
      }
      drain?.()
    }, this.#uv.callbackType)
  }

  /** The descriptor that the event loop waits on; −1 where it has none. */
  get backend(): number {
    return this.#uv.backend(this.#uv.defaultLoop())
  }

  /** Waits for READABLE, WRITABLE or both, in place of what was waited for. */
  start(events: number): void {
    if (!this.#closed) this.#uv.pollStart(this.#handle, events, this.#callback)
  }

  ref(): void {
    if (!this.#closed) this.#uv.ref(this.#handle)
  }

  unref(): void {
    if (!this.#closed) this.#uv.unref(this.#handle)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#uv.pollStop(this.#handle)
    this.#uv.close(this.#handle, null)
    const { koffi } = libc()
    // libuv has done with the handle at the end of the turn in which it was closed: after one round of immediates, before
    // the next. Closing may happen inside the callback, which must not be taken away under itself either.
    setImmediate(() =>
      setImmediate(() => {
        koffi.unregister(this.#callback)
        koffi.free(this.#handle)
      }),
    )
  }
}
