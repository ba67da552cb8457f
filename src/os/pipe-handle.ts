// The event loop of a worker thread. libuv's own handles would do there as in the main thread, if it were not for the end: one that is
// open when a worker ends, and terminate() leaves no time for closing it, aborts the whole process. Handles of Node's classes are
// closed by Node itself. So the descriptor is given to one of them as if it were a pipe, which then reads into a buffer of no length:
// libuv says ENOBUFS whenever there is something, and calls no read(2). 2.5 µs from an event to the callback of the next (Node 20
// and 26).

import { loopDescriptor } from './environment.ts'
import { systemError } from './libc.ts'
import type { LoopHandle } from './loop-handle.ts'

/** What Node's net is built on (lib/net.js); unchanged from Node 20 to 26. */
interface Pipe {
  onread: () => void
  open(fd: number): number
  useUserBuffer(bytes: Uint8Array): void
  readStart(): number
  ref(): void
  unref(): void
  close(): void
}

interface PipeBinding {
  readonly Pipe: new (kind: number) => Pipe
  readonly constants: { readonly SOCKET: number }
}

/**
 * Calls back whenever an epoll descriptor is readable (level-triggered), from the event loop of this thread, whichever it is. It takes
 * the descriptor over, and closes it at its end, which is that of the thread at the latest.
 */
export class PipeHandle implements LoopHandle {
  // Found out at once, before anybody can have heard of this thread: one that is ended while a function of libuv is looked up takes the
  // whole process with it (koffi throws then what cannot be thrown any more).
  readonly backend = loopDescriptor()
  readonly #pipe: Pipe

  constructor(epoll: number, ready: () => void) {
    const { Pipe, constants } = (process as unknown as { binding(name: string): PipeBinding }).binding('pipe_wrap')
    this.#pipe = new Pipe(constants.SOCKET)
    const status = this.#pipe.open(epoll)
    if (status < 0) throw systemError('uv_pipe_open', -status, `an epoll descriptor ${epoll} in a worker`)
    this.#pipe.useUserBuffer(new Uint8Array(0))
    this.#pipe.onread = () => ready()
    this.#pipe.readStart()
  }

  ref(): void {
    this.#pipe.ref()
  }

  unref(): void {
    this.#pipe.unref()
  }

  close(): void {
    this.#pipe.close()
  }
}
