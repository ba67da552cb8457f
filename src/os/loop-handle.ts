/** A descriptor that an event loop waits on, for somebody to be told. */
export interface LoopHandle {
  /** The descriptor that the event loop itself sleeps on; −1 where it cannot be known. */
  readonly backend: number
  /** It keeps the thread alive, or does not. It does to begin with. */
  ref(): void
  unref(): void
  close(): void
}
