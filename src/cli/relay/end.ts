/** One end of a conversation: what can be read from and written to, be it a socket, a program or the terminal. */
export interface End {
  /** What it is called in what is printed. */
  readonly name: string
  /** Each piece is a datagram or a record of its own, whose borders are kept. */
  readonly bordered: boolean
  /** Whether who reads at the other side of it is told that there will be no more. */
  readonly tellsEnd: boolean
  /** The next piece, of at most so many octets where it has no borders, lent until the next call; null: there will be no more. */
  read(most: number, signal: AbortSignal): Promise<Uint8Array | null>
  /** Resolves once there is room for more. */
  write(bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** There will be no more to write. */
  endWriting(): void
  /** `broken`: the conversation was, which its peer is to see. */
  close(broken: boolean): Promise<void>
}

/** Where ends come from: who listens has one after the other. */
export interface EndSource {
  next(signal: AbortSignal): Promise<End>
  close(): Promise<void>
}
