import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { StandardInput } from '../standard-input.ts'
import type { End } from './end.ts'

/** A program's standard input and output. */
export class ProgramEnd implements End {
  readonly name: string
  readonly bordered = false
  readonly tellsEnd = true
  readonly #child: ChildProcess
  readonly #input: StandardInput
  readonly #ended: Promise<void>
  #status: number | null = null

  private constructor(name: string, child: ChildProcess) {
    this.name = name
    this.#child = child
    this.#input = new StandardInput(child.stdout as Readable) // it is a pipe: start
    // What cannot be written is told by the call that writes.
    child.stdin?.on('error', () => {})
    this.#ended = new Promise((resolve) => {
      child.once('close', (status) => {
        this.#status = status
        resolve()
      })
    })
  }

  /** Rejects where the program cannot be started. */
  static async start(name: string, [program = '', ...words]: readonly string[]): Promise<ProgramEnd> {
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] })
    const end = new ProgramEnd(name, child)
    try {
      await once(child, 'spawn')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      throw new Error(`${name}: ${JSON.stringify(program)} cannot be started, ${code}: name a program that there is`)
    }
    return end
  }

  async read(_: number, signal: AbortSignal): Promise<Uint8Array | null> {
    const piece = await untilAborted(this.#input.peek(), signal)
    this.#input.take()
    if (piece !== null) return piece
    await untilAborted(this.#ended, signal)
    if (this.#status !== 0)
      throw new Error(`${this.name} has ended with status ${this.#status ?? this.#child.signalCode}`)
    return null
  }

  write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    return untilAborted(written(this.#child.stdin as Writable, bytes), signal)
  }

  endWriting(): void {
    this.#child.stdin?.end()
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.stdin?.destroy()
    this.#child.stdout?.destroy()
    this.#child.kill()
  }
}

/** Our own standard input and output. */
export class StandardEnd implements End {
  readonly name = 'stdio'
  readonly bordered = false
  /** Who reads what we print learns it when we end. */
  readonly tellsEnd = false
  readonly #input: StandardInput

  constructor(input: StandardInput) {
    this.#input = input
  }

  async read(_: number, signal: AbortSignal): Promise<Uint8Array | null> {
    const piece = await untilAborted(this.#input.peek(), signal)
    this.#input.take()
    return piece
  }

  write(bytes: Uint8Array): Promise<void> {
    return written(process.stdout, bytes)
  }

  endWriting(): void {}

  async close(): Promise<void> {}
}

/** Resolves when there is room for more. */
function written(stream: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
