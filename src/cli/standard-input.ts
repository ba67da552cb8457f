/** What is typed or piped into the command, a piece at a time. Who gives up waiting loses nothing: the next one gets the piece. */
export class StandardInput {
  readonly #pieces: AsyncIterator<Uint8Array>
  #waited: Promise<Uint8Array | null> | null = null
  #ended = false

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#pieces = stream[Symbol.asyncIterator]()
  }

  /** The next piece, which stays until it is taken; null at the end. */
  peek(): Promise<Uint8Array | null> {
    if (this.#ended) return Promise.resolve(null)
    this.#waited ??= this.#pieces.next().then(({ done, value }) => {
      if (done !== true) return value
      this.#ended = true
      return null
    })
    return this.#waited
  }

  take(): void {
    this.#waited = null
  }
}
