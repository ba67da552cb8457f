import type { VirtualGlobals } from '../../../src/sim/virtual-time.ts'

declare const setTimeout: VirtualGlobals['setTimeout']

/** Resolves after so many milliseconds of the host's time. */
const later = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(), milliseconds)
  })

export { later as setTimeout }
