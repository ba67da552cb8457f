// Read first: traceroute(8) on -w. A router that says nothing would hold up all that is behind it, were each probe given the same time.

import type { Alarm, Clock } from '../../base/clock.ts'

/** How long answers are waited for. */
export interface Waits {
  /** Milliseconds at most. */
  readonly most: number
  /** So many times as long as another answer of the same hop took; 0: that says nothing. */
  readonly here: number
  /** So many times as long as an answer of a hop further on took; 0: that says nothing. */
  readonly near: number
}

/** We differ: added to what an answer took (Debian's: 1 ms), since Node may be busy with something else for a while. */
const SLACK = 50

interface Waiting {
  readonly sequence: number
  readonly sentAt: number
  readonly alarm: Alarm
  readonly give: AbortController
}

/** Tells for each probe when nothing is expected of it any more, from what has become of others. */
export class Patience {
  readonly #clock: Clock
  readonly #queries: number
  readonly #waits: Waits
  readonly #waiting = new Map<number, Waiting>()
  /** By hop: milliseconds that its first answer took. */
  readonly #took = new Map<number, number>()

  /** `queries`: probes of each hop. */
  constructor(clock: Clock, queries: number, waits: Waits) {
    this.#clock = clock
    this.#queries = queries
    this.#waits = waits
  }

  /** Probe `sequence` leaves. The signal is aborted when it is waited for no longer. */
  begin(sequence: number): AbortSignal {
    const give = new AbortController()
    const sentAt = this.#clock.now()
    const alarm = this.#clock.alarm(() => give.abort())
    const waiting = { sequence, sentAt, alarm, give }
    this.#waiting.set(sequence, waiting)
    alarm.set(sentAt + this.#timeout(sequence))
    return give.signal
  }

  /** Probe `sequence` is over: `took` milliseconds, or null where nobody has answered. */
  end(sequence: number, took: number | null): void {
    this.#waiting.get(sequence)?.alarm.clear()
    this.#waiting.delete(sequence)
    const hop = this.#hop(sequence)
    if (took === null || this.#took.has(hop)) return
    this.#took.set(hop, took)
    for (const one of this.#waiting.values()) {
      if (this.#hop(one.sequence) <= hop) one.alarm.set(one.sentAt + this.#timeout(one.sequence))
    }
  }

  #hop(sequence: number): number {
    return Math.floor(sequence / this.#queries)
  }

  #timeout(sequence: number): number {
    const { most, here, near } = this.#waits
    const hop = this.#hop(sequence)
    const own = this.#took.get(hop)
    if (own !== undefined && here > 0) return Math.min(most, here * (own + SLACK))
    const further = [...this.#took.keys()].filter((one) => one > hop)
    if (further.length === 0 || near === 0) return most
    return Math.min(most, near * ((this.#took.get(Math.min(...further)) as number) + SLACK))
  }
}
