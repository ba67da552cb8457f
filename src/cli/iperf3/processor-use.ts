/** How much of a processor's time was used while a test ran, in percent. */
export interface ProcessorUse {
  readonly total: number
  readonly user: number
  readonly system: number
}

export const NO_PROCESSOR_USE: ProcessorUse = { total: 0, user: 0, system: 0 }

/** Looks at the processor's time of this process from when it is made on. */
export class ProcessorClock {
  readonly #before = process.cpuUsage()
  readonly #startedAt = performance.now()

  /** Until now. */
  use(): ProcessorUse {
    const { user, system } = process.cpuUsage(this.#before)
    const micros = Math.max(1, (performance.now() - this.#startedAt) * 1000)
    const percent = (part: number) => (100 * part) / micros
    return { total: percent(user + system), user: percent(user), system: percent(system) }
  }
}
