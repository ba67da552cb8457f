import { once } from 'node:events'
import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { finished } from 'node:stream/promises'
import { FETCH_WRITE_ERROR, FetchFailure } from './fetch-failure.ts'

export function unwritten(reason: string): FetchFailure {
  return new FetchFailure(FETCH_WRITE_ERROR, `Failure writing output to destination: ${reason}`)
}

export interface FetchOutputOptions {
  /** -C: what is there stays. */
  readonly append: boolean
  /** --create-dirs */
  readonly createFolders: boolean
}

/** Where the page goes. A file is made when there is something for it. */
export class FetchOutput {
  readonly path: string | null
  readonly #options: FetchOutputOptions
  #stream: NodeJS.WritableStream | null = null
  #failed: Error | null = null

  constructor(path: string | null, options: FetchOutputOptions) {
    this.path = path
    this.#options = options
  }

  async write(bytes: Uint8Array): Promise<void> {
    const stream = this.#open()
    if (!stream.write(bytes)) {
      // What went wrong is told by the next line.
      await once(stream, 'drain').catch(() => {})
    }
    this.#check()
  }

  async end(): Promise<void> {
    const stream = this.path === null ? this.#stream : this.#open()
    if (stream === null || stream === process.stdout) return
    stream.end()
    await finished(stream).catch((error: Error) => {
      this.#failed ??= error
    })
    this.#check()
  }

  #open(): NodeJS.WritableStream {
    if (this.#stream !== null) return this.#stream
    if (this.path === null) {
      this.#stream = process.stdout
      return this.#stream
    }
    const { append, createFolders } = this.#options
    try {
      if (createFolders) mkdirSync(dirname(this.path), { recursive: true })
    } catch (error) {
      throw unwritten((error as Error).message)
    }
    this.#stream = createWriteStream(this.path, { flags: append ? 'a' : 'w' })
    this.#stream.on('error', (error: Error) => {
      this.#failed ??= error
    })
    return this.#stream
  }

  #check(): void {
    if (this.#failed === null) return
    throw unwritten(this.#failed.message)
  }
}
