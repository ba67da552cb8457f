// Whether a thread that was asked for something has been silent for too long.

/** Milliseconds of silence, while something was asked for, after which the thread is taken to be held up by a program. */
export const PATIENCE = 4000
/** Milliseconds until the thread has been loaded and has begun. */
const LOADING = 60_000
/** Milliseconds between two looks after which the page itself has stood still: what the thread has said since is not read yet. */
const STILL = 2000

export class Patience {
  #begun = false
  /** The thread waits for the page. */
  #isOwed = false
  /** 0: nothing is waited for. */
  #since = 0
  #lookedAt = 0

  /** Something was asked for. */
  asks(now: number): void {
    if (this.#since === 0 && !this.#isOwed) this.#since = now
  }

  begins(now: number): void {
    this.#begun = true
    if (this.#since !== 0) this.#since = now
  }

  /** The thread has said something; whether more comes by itself. */
  hears(now: number, isMoreDue: boolean): void {
    this.#since = isMoreDue ? now : 0
  }

  /** The thread goes on when the page has given it something. */
  owes(): void {
    this.#isOwed = true
    this.#since = 0
  }

  /** The page has given it; to a thread that was begun since it is nothing that it answers. */
  gives(now: number): void {
    if (!this.#isOwed) return
    this.#isOwed = false
    this.#since = now
  }

  /** Nothing is waited for. */
  ends(): void {
    this.#since = 0
  }

  /** What is to be thought of the thread now: it has not begun, or is held up. */
  look(now: number): 'well' | 'missing' | 'hung' {
    const stoodStill = this.#lookedAt !== 0 && now - this.#lookedAt > STILL
    this.#lookedAt = now
    if (this.#since === 0) return 'well'
    if (stoodStill) this.#since = now
    if (!this.#begun) return now - this.#since > LOADING ? 'missing' : 'well'
    if (now - this.#since < PATIENCE) return 'well'
    this.#since = 0
    return 'hung'
  }
}
