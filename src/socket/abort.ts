// One listener for each AbortSignal, however many calls wait on it: a server hands one signal to every call it makes, and
// platforms warn of a leak from the eleventh listener on (and adding one costs more than adding to a set).

/** What is to end when its signal aborts. */
export interface Abortable {
  aborted(signal: AbortSignal): void
}

class SignalWatch {
  readonly signal: AbortSignal
  readonly waiting = new Set<Abortable>()
  readonly listener = () => {
    for (const abortable of this.waiting) {
      this.waiting.delete(abortable)
      abortable.aborted(this.signal)
    }
  }

  constructor(signal: AbortSignal) {
    this.signal = signal
  }
}

const watches = new WeakMap<AbortSignal, SignalWatch>()

/** Has `abortable` told, once, when `signal` aborts. */
export function watchAbort(signal: AbortSignal, abortable: Abortable): void {
  let watch = watches.get(signal)
  if (watch === undefined) {
    watch = new SignalWatch(signal)
    watches.set(signal, watch)
  }
  if (watch.waiting.size === 0) signal.addEventListener('abort', watch.listener, { once: true })
  watch.waiting.add(abortable)
}

/** No longer; the signal is let go with the last. */
export function unwatchAbort(signal: AbortSignal, abortable: Abortable): void {
  const watch = watches.get(signal)
  if (watch?.waiting.delete(abortable) === true && watch.waiting.size === 0) {
    signal.removeEventListener('abort', watch.listener)
  }
}
