// A hierarchical timing wheel (Varghese and Lauck 1987, scheme 7): setting, moving and clearing a timer cost the same with
// one timer as with a million. Four wheels of 64 slots, of 1 ms, 64 ms, 4 s and 4.4 min; what is further away than 4.6 hours
// waits in the last and is placed again when its slot comes.
//
// A timer that is moved later stays where it is and is placed again when its old slot comes: a retransmission timer is
// restarted on every acknowledgement and hardly ever expires, so restarting it is one field.

const WHEELS = 4
const SLOTS = 64
const IDLE = -1

/** What the wheel keeps of a timer. Its owner extends it, or holds one. Times are int32 milliseconds of the wheel's clock. */
export abstract class Timer {
  /** When it shall expire; meaningful while it is set. */
  timerAt = 0
  /** The slot it lies in: wheel * 64 + slot; −1 while it is not set. */
  timerSlot: number = IDLE
  /** When that slot was chosen for: never later than `timerAt`. */
  timerPlacedAt = 0
  timerNext: Timer | null = null
  timerPrevious: Timer | null = null

  /** Called when `timerAt` has come; the timer is then no longer set. */
  abstract expire(now: number): void
}

export class TimerWheel {
  readonly #slots: (Timer | null)[] = new Array<Timer | null>(WHEELS * SLOTS).fill(null)
  #now: number
  #count = 0

  constructor(now: number) {
    this.#now = now | 0
  }

  /** How many timers are set. */
  get count(): number {
    return this.#count
  }

  /** Sets `timer` to expire at `at`, or moves it there. A time that has passed counts as the next millisecond. */
  set(timer: Timer, at: number): void {
    timer.timerAt = at | 0
    if (timer.timerSlot !== IDLE) {
      if (((at - timer.timerPlacedAt) | 0) >= 0) return
      this.#unlink(timer)
    } else {
      this.#count++
    }
    this.#place(timer)
  }

  clear(timer: Timer): void {
    if (timer.timerSlot === IDLE) return
    this.#unlink(timer)
    this.#count--
  }

  /** Expires every timer whose time has come by `now`. */
  advance(now: number): void {
    const target = now | 0
    while (((target - this.#now) | 0) > 0) {
      if (this.#count === 0) {
        this.#now = target
        return
      }
      // Jump to the next slot with anything in it; the empty ones between cost nothing.
      const next = this.#nextSlotAt()
      if (((next - target) | 0) > 0) {
        this.#now = target
        return
      }
      this.#now = next
      for (let wheel = WHEELS - 1; wheel >= 0; wheel--) {
        if ((next & ((1 << (6 * wheel)) - 1)) === 0) this.#empty(wheel * SLOTS + ((next >>> (6 * wheel)) & 63))
      }
    }
  }

  /** A time by which `advance` wants to be called, at the earliest timer or before; null where no timer is set. */
  nextAt(): number | null {
    return this.#count === 0 ? null : this.#nextSlotAt()
  }

  #place(timer: Timer): void {
    const base = this.#now
    let delta = (timer.timerAt - base) | 0
    let at = timer.timerAt
    if (delta < 1) {
      delta = 1
      at = (base + 1) | 0
    }
    let wheel = 0
    while (wheel < WHEELS - 1 && delta >= 1 << (6 * (wheel + 1))) wheel++
    if (wheel === WHEELS - 1 && delta >= 63 << 18) at = (base + (63 << 18)) | 0
    timer.timerPlacedAt = at
    const slot = wheel * SLOTS + ((at >>> (6 * wheel)) & 63)
    timer.timerSlot = slot
    timer.timerPrevious = null
    const head = this.#slots[slot] as Timer | null
    timer.timerNext = head
    if (head !== null) head.timerPrevious = timer
    this.#slots[slot] = timer
  }

  #unlink(timer: Timer): void {
    const previous = timer.timerPrevious
    const next = timer.timerNext
    if (previous === null) this.#slots[timer.timerSlot] = next
    else previous.timerNext = next
    if (next !== null) next.timerPrevious = previous
    timer.timerNext = null
    timer.timerPrevious = null
    timer.timerSlot = IDLE
  }

  // Expires or places again all that lies in a slot. A timer set from an expiry never lands in the slot being emptied: it is
  // at least one millisecond away.
  #empty(slot: number): void {
    for (let timer = this.#slots[slot] as Timer | null; timer !== null; timer = this.#slots[slot] as Timer | null) {
      this.#unlink(timer)
      if (((timer.timerAt - this.#now) | 0) <= 0) {
        this.#count--
        timer.expire(this.#now)
      } else {
        this.#place(timer)
      }
    }
  }

  #nextSlotAt(): number {
    let earliest = 0x7fffffff
    for (let wheel = 0; wheel < WHEELS; wheel++) {
      const shift = 6 * wheel
      const current = this.#now >> shift
      for (let i = 1; i <= SLOTS; i++) {
        if (this.#slots[wheel * SLOTS + ((current + i) & 63)] !== null) {
          const away = (((current + i) << shift) - this.#now) | 0
          if (away < earliest) earliest = away
          break
        }
      }
    }
    return (this.#now + earliest) | 0
  }
}
