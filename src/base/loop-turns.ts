/**
 * How often the host's event loop is known to have turned. Whoever runs in a turn of its own (an immediate) counts it; a clock that
 * defers by microtasks begins to count these anew, since nothing was starved.
 */
export const loopTurns: { known: number } = { known: 0 }
