// On what the drop-ins work: JACKFIELD_ON says it. What it names is read at once, and its code is loaded when the first socket is
// made, by require() since no call of Node's net waits: Node 20.19 and later require ES modules.

import { createRequire } from 'node:module'
import { extname } from 'node:path'
import type { Provider } from '../socket/provider.ts'
import { DeferredProvider, DeferredStack } from './deferred-provider.ts'

/** The variable of the environment. */
export const ON_VARIABLE = 'JACKFIELD_ON'

interface Openers {
  readonly './open-os': typeof import('./open-os.ts')
  readonly './open-loopback': typeof import('./open-loopback.ts')
  readonly './open-place': typeof import('./open-place.ts')
}

/** Loads a module that lies beside this one. */
export type Load = <Name extends keyof Openers>(name: Name) => Openers[Name]

const require = createRequire(import.meta.url)
const beside: Load = (name) => require(name + extname(import.meta.url))

/**
 * The provider that `text` names: '' or 'os', 'userspace', or a place as --on of the command line writes it. Throws a UsageError, one
 * line, where it is none of them.
 */
export function providerOf(text: string, load: Load = beside): Provider {
  const on = text.trim()
  if (on === '' || on === 'os') return new DeferredProvider('os', () => load('./open-os').openOs())
  if (on === 'userspace') return new DeferredStack(() => load('./open-loopback').openLoopback())
  return new DeferredStack(load('./open-place').readPlace(on, ON_VARIABLE))
}

let provider: Provider | null = null

/** The provider that the environment names: one for all drop-ins of this thread. */
export function providerOfEnvironment(): Provider {
  provider ??= providerOf(process.env[ON_VARIABLE] ?? '')
  return provider
}
