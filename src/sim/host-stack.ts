import { Stack, type StackOptions } from '../stack/stack.ts'
import type { Timeline } from './timeline.ts'

/** A stack that says when it has told its watchers something: programs then have their say before time passes. */
export class HostStack extends Stack {
  // Not private: the constructor of Stack may call what uses them.
  readonly timeline: Timeline
  marked = false
  /** When something last happened on an endpoint. */
  readonly #heard = new WeakMap<object, number>()

  constructor(timeline: Timeline, options: StackOptions) {
    super(options)
    this.timeline = timeline
  }

  override markReady(...args: Parameters<Stack['markReady']>): void {
    this.marked = true
    this.#heard.set(args[0], this.timeline.now)
    super.markReady(...args)
  }

  /** When something last happened on `endpoint`, in milliseconds; null: never. */
  heardAt(endpoint: object): number | null {
    return this.#heard.get(endpoint) ?? null
  }

  override flush(): void {
    super.flush()
    if (!this.marked) return
    this.marked = false
    this.timeline.woken = true
  }
}
