// As much of Node's EventEmitter as commander uses.

type Listener = (...values: unknown[]) => void

export class EventEmitter {
  readonly #listeners = new Map<string, Listener[]>()

  on(event: string, listener: Listener): this {
    const before = this.#listeners.get(event)
    if (before === undefined) this.#listeners.set(event, [listener])
    else before.push(listener)
    return this
  }

  emit(event: string, ...values: unknown[]): boolean {
    const listeners = this.#listeners.get(event) ?? []
    for (const listener of [...listeners]) listener.apply(this, values)
    return listeners.length > 0
  }

  listenerCount(event: string): number {
    return this.#listeners.get(event)?.length ?? 0
  }
}
