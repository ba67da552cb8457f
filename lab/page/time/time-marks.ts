// What is worth a look on the time line: where something was lost, sent again, or done by hand, and where a connection changed.

import type { Frame } from '../state/store.ts'

export type MarkKind = 'lost' | 'again' | 'state' | 'hand'

/** Frames that carry data which their sender has sent before: each is looked at once. */
export class Retransmissions {
  readonly instants: number[] = []
  readonly #ends = new Map<string, number>()
  #seen = 0

  /** Looks at the frames that came since. A shorter list is another run. */
  look(frames: readonly Frame[]): readonly number[] {
    if (frames.length < this.#seen) {
      this.#seen = 0
      this.#ends.clear()
      this.instants.length = 0
    }
    for (; this.#seen < frames.length; this.#seen++) {
      const frame = frames[this.#seen]
      if (frame !== undefined && frame.kind === 'tcp') this.#look(frame)
    }
    return this.instants
  }

  #look({ flow, link, end, text, at }: Frame): void {
    const [, first, last] = / seq (\d+)(?::(\d+))?/.exec(text) ?? []
    if (first === undefined) return
    // A SYN or FIN takes a number as an octet does.
    const next = (last === undefined ? Number(first) + 1 : Number(last)) | 0
    const key = `${link} ${end} ${flow}`
    const known = this.#ends.get(key)
    if (known !== undefined && ((next - known) | 0) <= 0) this.instants.push(at)
    if (known === undefined || ((next - known) | 0) > 0) this.#ends.set(key, next)
  }
}

/** Instants as places on a line that is `end` long, each place of a two-hundredth once. */
export function places(instants: Iterable<number>, end: number): readonly number[] {
  const found = new Set<number>()
  for (const at of instants) if (at <= end) found.add(Math.round((at / end) * 400) / 4)
  return [...found]
}
