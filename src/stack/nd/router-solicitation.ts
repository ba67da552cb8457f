// Read first: RFC 4861 section 6.3.7, RFC 7559 section 2, RFC 8415 section 15 (the waits).

import { randomFraction } from '../../base/random.ts'
import { Timer } from '../../base/timer-wheel.ts'
import type { Ipv6Interface } from './ipv6-interface.ts'

/** Milliseconds: MAX_RTR_SOLICITATION_DELAY of RFC 4861 section 10, IRT and MRT of RFC 7559. */
const DELAY_MAX = 1000
const INITIAL_WAIT = 4000
const LONGEST_WAIT = 3_600_000

/** Asks for routers, with growing waits, until one says that it is a default router. */
export class RouterSolicitation extends Timer {
  readonly #ipv6: Ipv6Interface
  #wait = 0

  constructor(ipv6: Ipv6Interface) {
    super()
    this.#ipv6 = ipv6
  }

  /** Begins to ask, after `delay` of the longest delay that RFC 4861 has for the first question. */
  begin(delay: number): void {
    const { time } = this.#ipv6.interface.stack
    this.#wait = 0
    if (delay === 0) {
      this.expire()
      return
    }
    time.refresh()
    time.set(this, Math.floor(DELAY_MAX * delay))
  }

  stop(): void {
    this.#ipv6.interface.stack.time.clear(this)
  }

  override expire(): void {
    const { time, random } = this.#ipv6.interface.stack
    const source = this.#ipv6.linkLocal
    // The address went away: when there is one again, it begins anew.
    if (source === null) return
    if (this.#wait !== 0) this.#ipv6.discovery?.beTold()
    this.#ipv6.output.solicitRouters(source)
    // RAND is between −0.1 and 0.1.
    const jitter = 0.2 * randomFraction(random) - 0.1
    this.#wait = this.#wait === 0 ? INITIAL_WAIT * (1 + jitter) : this.#wait * (2 + jitter)
    if (this.#wait > LONGEST_WAIT) this.#wait = LONGEST_WAIT * (1 + jitter)
    time.refresh()
    time.clear(this)
    time.set(this, Math.floor(this.#wait))
  }
}
