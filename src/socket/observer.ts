// Who wants to see the calls of sockets has them made of a provider of his own: a tool that runs somebody's program (`jackfield trace`), for
// all providers; a program that shows its stack, for that one.

import type { Provider } from './provider.ts'

/** What a tool sets under this name: asked once for each provider, it gives the one that sockets are made of instead. */
const OBSERVER = Symbol.for('jackfield.observer')

type Observer = (provider: Provider) => Provider

const observedBy = new WeakMap<Provider, Provider>()

/** The provider that sockets of `provider` are to be made of: itself, unless somebody watches. */
export function observed<P extends Provider>(provider: P): P {
  let instead = observedBy.get(provider)
  if (instead === undefined) {
    const observer = (globalThis as { [OBSERVER]?: Observer })[OBSERVER]
    if (observer === undefined) return provider
    instead = observer(provider)
    put(provider, instead)
  }
  // It works as the other does: that is what an observer is for.
  return instead as P
}

/** Has sockets of `provider`, from now on, made of what `observer` gives for it, or for what watches it already. */
export function observe(provider: Provider, observer: Observer): void {
  put(provider, observer(observed(provider)))
}

function put(provider: Provider, instead: Provider): void {
  observedBy.set(provider, instead)
  // What is observed already stays as it is.
  observedBy.set(instead, instead)
}
