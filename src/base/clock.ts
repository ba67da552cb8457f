/** A wake-up call that can be set again and again without allocating: one shared alarm serves all timers of a stack. */
export interface Alarm {
  /** Runs the task once at `at` (milliseconds on the clock), in place of any earlier setting. */
  set(at: number): void
  clear(): void
}

/**
 * Time, handed in: what core code knows of it. A stack on a ManualClock is a pure function of its inputs.
 */
export interface Clock {
  /** Milliseconds since an arbitrary start, with a fraction, never going back. */
  now(): number
  /** Where on a calendar that start is, in milliseconds since 1970; 0 where the clock has none. For time stamps that programs read. */
  readonly epoch?: number
  /** Runs `task` soon: after the running code has returned and the promises it resolved have been heard, before time passes. */
  defer(task: () => void): void
  /** An alarm, not yet set, that will run `task`. */
  alarm(task: () => void): Alarm
  /**
   * From now on what waits on this clock keeps the process alive, until as many `release` as `hold` were called. A clock that keeps no
   * process alive has neither.
   */
  hold?(): void
  release?(): void
}
