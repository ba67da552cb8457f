// Where the octets of a capture go: a file, which takes them at once, or a pipe, whose reader takes its time.

import { close, closeSync, constants, fstatSync, openSync, statSync, write, writeSync } from 'node:fs'

/** A packet is seen in the middle of a stack's work: octets are taken or lost at once, and errors are told elsewhere. */
export interface CaptureOutput {
  /** Takes a copy of `bytes`, all or nothing. False: it was lost. */
  write(bytes: Uint8Array): boolean
  /** Writes what was gathered. */
  flush(): void
  /** Resolves when all that was taken has been written, or cannot be. */
  close(): Promise<void>
}

export type Lost = (error: NodeJS.ErrnoException) => void

/** Octets are gathered up to this size before they are written: a system call for each packet would halve the throughput. */
const GATHERED = 1 << 20
/** Who watches a file while it grows sees packets after this many milliseconds. */
const FILE_PAUSE = 100
/** Who reads a pipe sees them sooner. */
const PIPE_PAUSE = 10
/** How soon a pipe without a reader, or without room, is tried again. */
const AGAIN = 20

/** The output for a path: a pipe where there is one, else a file, which is created. Throws where it cannot be opened. */
export function openOutput(path: string, queue: number, lost: Lost): CaptureOutput {
  if (statSync(path, { throwIfNoEntry: false })?.isFIFO() === true) {
    // To open a pipe waits for its reader, unless it is asked not to: then it fails until there is one.
    return new PipeOutput(() => openSync(path, constants.O_WRONLY | constants.O_NONBLOCK), true, queue, lost)
  }
  return new FileOutput(openSync(path, 'w'), true, lost)
}

/** The output for a descriptor that stays the caller's: standard output. */
export function descriptorOutput(fd: number, queue: number, lost: Lost): CaptureOutput {
  return fstatSync(fd).isFile() ? new FileOutput(fd, false, lost) : new PipeOutput(() => fd, false, queue, lost)
}

class FileOutput implements CaptureOutput {
  readonly #fd: number
  readonly #own: boolean
  readonly #lost: Lost
  readonly #buffer = new Uint8Array(GATHERED)
  #used = 0
  #timer: NodeJS.Timeout | null = null
  #over = false

  constructor(fd: number, own: boolean, lost: Lost) {
    this.#fd = fd
    this.#own = own
    this.#lost = lost
  }

  write(bytes: Uint8Array): boolean {
    if (this.#over) return false
    if (this.#used + bytes.length > GATHERED) this.flush()
    if (bytes.length > GATHERED) return this.#writeAll(bytes)
    this.#buffer.set(bytes, this.#used)
    this.#used += bytes.length
    this.#timer ??= setTimeout(() => this.flush(), FILE_PAUSE).unref()
    return true
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const used = this.#used
    this.#used = 0
    this.#writeAll(this.#buffer.subarray(0, used))
  }

  close(): Promise<void> {
    this.flush()
    if (!this.#over && this.#own) closeSync(this.#fd)
    this.#over = true
    return Promise.resolve()
  }

  #writeAll(bytes: Uint8Array): boolean {
    if (this.#over) return false
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at)
      return true
    } catch (error) {
      this.#over = true
      if (this.#own) closeSync(this.#fd)
      this.#lost(error as NodeJS.ErrnoException)
      return false
    }
  }
}

class PipeOutput implements CaptureOutput {
  readonly #open: () => number
  readonly #own: boolean
  readonly #limit: number
  readonly #lost: Lost
  #fd = -1
  /** Blocks that wait, and their octets, those under way among them. */
  #blocks: Uint8Array[] = []
  #held = 0
  #current: Uint8Array | null = null
  #timer: NodeJS.Timeout | null = null
  #over = false
  #closed: (() => void) | null = null

  constructor(open: () => number, own: boolean, limit: number, lost: Lost) {
    this.#open = open
    this.#own = own
    this.#limit = limit
    this.#lost = lost
  }

  write(bytes: Uint8Array): boolean {
    if (this.#over || this.#closed !== null || this.#held + bytes.length > this.#limit) return false
    this.#blocks.push(bytes.slice())
    this.#held += bytes.length
    if (this.#current === null) this.#later(PIPE_PAUSE)
    return true
  }

  flush(): void {
    if (this.#current === null) this.#next()
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#closed = resolve
      // What is to be tried again keeps the process alive from now on.
      this.#timer?.ref()
      if (this.#over) resolve()
      else this.flush()
    })
  }

  #later(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      if (this.#current === null) this.#next()
      else this.#write(this.#current)
    }, ms)
    // A pipe that nobody reads keeps no process alive; one that is being closed does.
    if (this.#closed === null) this.#timer.unref()
    else this.#timer.ref()
  }

  #next(): void {
    if (this.#over) return
    if (this.#blocks.length > 0) {
      this.#current = Buffer.concat(this.#blocks)
      this.#blocks = []
      this.#write(this.#current)
    } else if (this.#closed !== null) {
      this.#end()
    }
  }

  #write(bytes: Uint8Array): void {
    if (this.#over) return
    // Nothing is written a second time while it is under way.
    this.#stopTimer()
    try {
      if (this.#fd < 0) this.#fd = this.#open()
    } catch (error) {
      this.#failed(error as NodeJS.ErrnoException)
      return
    }
    write(this.#fd, bytes, (error, count) => {
      if (error !== null) {
        this.#failed(error)
        return
      }
      this.#held -= count
      this.#current = count < bytes.length ? bytes.subarray(count) : null
      if (this.#current === null) this.#next()
      else this.#write(this.#current)
    })
  }

  // ENXIO: nobody has opened the pipe to read it yet. Whoever closes the capture before that does not wait.
  #failed(error: NodeJS.ErrnoException): void {
    if (error.code === 'EAGAIN' || (error.code === 'ENXIO' && this.#closed === null)) {
      this.#later(AGAIN)
      return
    }
    const told = this.#closed === null
    this.#end()
    if (told) this.#lost(error)
  }

  #end(): void {
    this.#over = true
    this.#blocks = []
    this.#current = null
    this.#stopTimer()
    if (this.#own && this.#fd >= 0) close(this.#fd, () => this.#closed?.())
    else this.#closed?.()
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
