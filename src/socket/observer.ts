// A tool that runs somebody's program sees its sockets here: `jackfield trace` does.

import type { Provider } from './provider.ts'

/** What a tool sets under this name: asked once for each provider, it gives the one that sockets are made of instead. */
const OBSERVER = Symbol.for('jackfield.observer')

type Observer = (provider: Provider) => Provider

const observedBy = new WeakMap<Provider, Provider>()

/** The provider that sockets of `provider` are to be made of: itself, unless a tool watches this program. */
export function observed<P extends Provider>(provider: P): P {
  const observer = (globalThis as { [OBSERVER]?: Observer })[OBSERVER]
  if (observer === undefined) return provider
  let instead = observedBy.get(provider)
  if (instead === undefined) {
    instead = observer(provider)
    observedBy.set(provider, instead)
    // What is observed already stays as it is.
    observedBy.set(instead, instead)
  }
  // It works as the other does: that is what an observer is for.
  return instead as P
}
