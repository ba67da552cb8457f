// Read first: strace(1), option -o. What strace does where its output fails: it says so, and the program goes on.

import { appendFileSync, closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileFailure } from '../file-failure.ts'

/** Whoever of a trace's threads and processes has made this file in its folder has said that the output is lost. */
const SAID = 'said'

/** Milliseconds until a pipe that was full is tried again. */
const PAUSE = 2

/** Where the text of a trace goes: a file, or stderr. It never throws: what is lost is said once, and the rest is left out. */
export class TraceOutput {
  readonly #file: string | null
  readonly #folder: string | null
  #lost = false

  /** `file`: null for stderr. `folder`: what all who write for this trace share; null where there is one only. */
  constructor(file: string | null, folder: string | null) {
    this.#file = file
    this.#folder = folder
  }

  write(text: string): void {
    if (this.#lost) return
    try {
      // Opened for each text: a file that stays open would have one of the numbers that the program's sockets are shown with.
      if (this.#file === null) writeStderr(text)
      else appendFileSync(this.#file, text)
    } catch (error) {
      // Who reads stderr has gone: nobody is left to tell.
      if (this.#file === null) this.#lost = true
      else this.lose(`--output ${fileFailure(this.#file, error)}`)
    }
  }

  /** Says once, for all who write for this trace, why there is no more of it. */
  lose(reason: string): void {
    this.#lost = true
    if (!this.#first()) return
    try {
      writeStderr(`jackfield: trace: ${reason}; the program goes on without\n`)
    } catch {
      // There is no other place to say it.
    }
  }

  #first(): boolean {
    if (this.#folder === null) return true
    try {
      closeSync(openSync(join(this.#folder, SAID), 'wx'))
      return true
    } catch (error) {
      // ENOENT: the trace has ended, and this process goes on by itself.
      const { code } = error as NodeJS.ErrnoException
      return code !== 'EEXIST' && code !== 'ENOENT'
    }
  }
}

/** Writes all of it; waits where a pipe is full and does not block, as libuv leaves those that a program has used. */
export function writeStderr(text: string): void {
  const bytes = Buffer.from(text)
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(2, bytes, written)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE)
    }
  }
}
