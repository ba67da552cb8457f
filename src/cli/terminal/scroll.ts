import type { Key } from './keys.ts'

/** Which lines of a list a window shows, as keys move it; and whether it is held as it is. */
export class Scroll {
  #held = false
  #first = 0
  #room = 1

  /** What is shown stays what it is, until the key is pressed again. */
  get held(): boolean {
    return this.#held
  }

  /** Whether that key was for it. */
  press(key: Key): boolean {
    const page = Math.max(1, this.#room - 1)
    if (key === ' ') this.#held = !this.#held
    else if (key === 'up' || key === 'k') this.#first--
    else if (key === 'down' || key === 'j') this.#first++
    else if (key === 'page-up') this.#first -= page
    else if (key === 'page-down') this.#first += page
    else if (key === 'home' || key === 'g') this.#first = 0
    else if (key === 'end' || key === 'G') this.#first = Number.MAX_SAFE_INTEGER
    else return false
    return true
  }

  /** The first of `count` lines to show where there is room for `room`. */
  first(count: number, room: number): number {
    this.#room = room
    this.#first = Math.max(0, Math.min(this.#first, count - room))
    return this.#first
  }

  /** What is shown of all, and which keys there are, for the last line. */
  hint(count: number): string {
    const last = Math.min(count, this.#first + this.#room)
    const shown = count > this.#room ? `${this.#first + 1}-${last} of ${count}  ↑ ↓ PgUp PgDn  ` : ''
    return `${shown}q ends  space ${this.#held ? 'goes on' : 'holds'}`
  }
}
