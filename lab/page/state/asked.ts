// What was asked for of a run and was not answered yet. Answers come in the order of what was asked, but not one by one: going back begins
// the run anew as well, and a step may be refused. So each answer has the number of what it answers.

export class Asked {
  #last = 0
  /** By number: whether it is in the history, from which it goes where it is refused. */
  readonly #open = new Map<number, boolean>()

  /** Nothing is under way. */
  get isEmpty(): boolean {
    return this.#open.size === 0
  }

  /** Something is asked for: its number. */
  ask(isRecorded: boolean): number {
    this.#open.set(++this.#last, isRecorded)
    return this.#last
  }

  /** It was answered; of a number that nobody waits for, nothing was. Whether it is in the history. */
  answered(request: number): boolean {
    const isRecorded = this.#open.get(request) === true
    this.#open.delete(request)
    return isRecorded
  }

  /** Nothing will be answered any more. */
  clear(): void {
    this.#open.clear()
  }
}
