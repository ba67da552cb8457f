// Puts virtual globals in the place of the real ones, for code that was not written to be handed time.

import type { VirtualGlobals } from './virtual-time.ts'

const NAMES: readonly (keyof VirtualGlobals)[] = [
  'Date',
  'Math',
  'performance',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'AbortSignal',
  'crypto',
]

let taken = false

/** Swaps the globals; what is returned puts the real ones back. Throws an Error where they are swapped already. */
export function swapGlobals(globals: VirtualGlobals): () => void {
  if (taken) throw new Error('installGlobals: the globals of another simulation are installed')
  taken = true
  const before = NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const)
  const back = () => {
    if (!taken) return
    taken = false
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name)
      else Object.defineProperty(globalThis, name, descriptor)
    }
  }
  try {
    for (const name of NAMES) {
      Object.defineProperty(globalThis, name, { value: globals[name], configurable: true, writable: true })
    }
  } catch (error) {
    back()
    throw error
  }
  return back
}
