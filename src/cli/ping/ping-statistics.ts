/** Of how many requests the times are remembered: an answer to an older one is not recognised. */
const REMEMBERED = 65536

const FREE = 0
const WAITING = 1
const ANSWERED = 2
const REFUSED = 3

/** What ping(8) counts and sums up. Times in milliseconds. */
export class PingStatistics {
  transmitted = 0
  received = 0
  duplicates = 0
  errors = 0
  longest = 0
  /** The most requests that were under way when an answer came, itself included. */
  #pipe = 0
  /** The mean of round trips, of which the last ones weigh most (ping(8)). */
  #recent = 0
  #shortest = Number.POSITIVE_INFINITY
  #sum = 0
  #squares = 0
  #startedAt = 0
  #endedAt = 0
  readonly #sentAt = new Float64Array(REMEMBERED)
  readonly #state = new Uint8Array(REMEMBERED)

  /** The number of the next request, which counts from 1 and wraps at 16 bits. */
  get nextSequence(): number {
    return (this.transmitted + 1) & 0xffff
  }

  /** Requests that neither an answer nor an error came for. */
  get outstanding(): number {
    return this.transmitted - this.received - this.errors
  }

  sent(now: number): void {
    const sequence = this.nextSequence
    if (this.transmitted === 0) this.#startedAt = now
    this.#endedAt = now
    this.#sentAt[sequence] = now
    this.#state[sequence] = WAITING
    this.transmitted++
  }

  /** The round trip of the answer to request `sequence`; negated for a second answer; null where nobody asked. */
  answered(sequence: number, now: number): number | null {
    const state = this.#state[sequence]
    if (state === FREE || state === undefined) return null
    const time = now - (this.#sentAt[sequence] as number)
    this.#endedAt = now
    this.#noteUnderWay(sequence)
    if (state === ANSWERED) {
      this.duplicates++
      return -time
    }
    if (state === REFUSED) this.errors--
    this.#state[sequence] = ANSWERED
    this.#recent = this.received === 0 ? time : this.#recent + (time - this.#recent) / 8
    this.received++
    this.#sum += time
    this.#squares += time * time
    this.longest = Math.max(this.longest, time)
    this.#shortest = Math.min(this.#shortest, time)
    return time
  }

  /** An error came for request `sequence` in place of an answer. */
  refused(sequence: number): void {
    if (this.#state[sequence] !== WAITING) return
    this.#noteUnderWay(sequence)
    this.#state[sequence] = REFUSED
    this.errors++
  }

  #noteUnderWay(sequence: number): void {
    this.#pipe = Math.max(this.#pipe, ((this.transmitted - sequence) & 0xffff) + 1)
  }

  /** Requests sent from `since` on that nothing came for, oldest first. */
  waitingSince(since: number): number[] {
    const waiting: number[] = []
    for (let i = Math.min(this.transmitted, REMEMBERED); i > 0; i--) {
      const sequence = (this.transmitted - i + 1) & 0xffff
      if (this.#state[sequence] === WAITING && (this.#sentAt[sequence] as number) >= since) waiting.push(sequence)
    }
    return waiting
  }

  /** Whether nothing has come for the last request. */
  get lastWaits(): boolean {
    return this.transmitted > 0 && this.#state[this.transmitted & 0xffff] === WAITING
  }

  /** The figures at the end, for programs. Times in milliseconds. */
  figures(target: string): Record<string, unknown> {
    const { transmitted, received, duplicates, errors } = this
    const mean = this.#sum / received
    const deviation = Math.sqrt(Math.max(0, this.#squares / received - mean * mean))
    const exact = (value: number) => Number(value.toFixed(3))
    const rtt =
      received === 0
        ? null
        : { min: exact(this.#shortest), avg: exact(mean), max: exact(this.longest), mdev: exact(deviation) }
    return { target, transmitted, received, duplicates, errors, time: Math.round(this.#endedAt - this.#startedAt), rtt }
  }

  /** The lines at the end, as ping(8) prints them. `paced`: by answers, not by an interval. */
  summary(target: string, paced = false): string {
    const { transmitted, received, duplicates, errors } = this
    const loss = transmitted === 0 ? 0 : ((transmitted - received) / transmitted) * 100
    const time = Math.round(this.#endedAt - this.#startedAt)
    const twice = duplicates > 0 ? ` +${duplicates} duplicates,` : ''
    const failed = errors > 0 ? ` +${errors} errors,` : ''
    const lines = [
      `--- ${target} ping statistics ---`,
      `${transmitted} packets transmitted, ${received} received,${twice}${failed} ${percent(loss)}% packet loss, time ${time}ms`,
    ]
    const last: string[] = []
    if (received > 0) {
      const mean = this.#sum / received
      const deviation = Math.sqrt(Math.max(0, this.#squares / received - mean * mean))
      const times = [this.#shortest, mean, this.longest, deviation].map((value) => value.toFixed(3)).join('/')
      last.push(`rtt min/avg/max/mdev = ${times} ms`)
    }
    if (this.#pipe > 1) last.push(`pipe ${this.#pipe}`)
    if (paced && received > 0 && transmitted > 1) {
      const gap = (this.#endedAt - this.#startedAt) / (transmitted - 1)
      last.push(`ipg/ewma ${gap.toFixed(3)}/${this.#recent.toFixed(3)} ms`)
    }
    // Without any of these it is empty, as that of iputils.
    return `\n${[...lines, last.join(', ')].join('\n')}\n`
  }
}

// Up to six significant digits, as printf's %g.
function percent(value: number): string {
  return String(Number(value.toPrecision(6)))
}
