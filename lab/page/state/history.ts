// What one has done, to be undone and done again.

const LENGTH_MAX = 200

export class History<T> {
  #past: T[] = []
  #future: T[] = []
  #key = ''

  get canUndo(): boolean {
    return this.#past.length > 0
  }

  get canRedo(): boolean {
    return this.#future.length > 0
  }

  /** Remembers what was before a change. Changes of the same key one after another are undone as one; '' is the same as none. */
  record(before: T, key = ''): void {
    const same = key !== '' && key === this.#key
    this.#key = key
    this.#future = []
    if (same) return
    this.#past.push(before)
    if (this.#past.length > LENGTH_MAX) this.#past.shift()
  }

  /** What was before; null: nothing was. `now` is what redo brings back. */
  undo(now: T): T | null {
    this.#key = ''
    const before = this.#past.pop()
    if (before === undefined) return null
    this.#future.push(now)
    return before
  }

  redo(now: T): T | null {
    this.#key = ''
    const after = this.#future.pop()
    if (after === undefined) return null
    this.#past.push(now)
    return after
  }

  /** The last change has not come about. */
  forget(): void {
    this.#past.pop()
    this.#key = ''
  }

  clear(): void {
    this.#past = []
    this.#future = []
    this.#key = ''
  }
}
