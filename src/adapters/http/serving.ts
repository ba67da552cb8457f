import type { Clock } from '../../base/clock.ts'
import type { CheckedServeOptions, ServeHandler } from './serve-options.ts'

/** What all connections of a server have in common. */
export interface Serving {
  readonly clock: Clock
  readonly handler: ServeHandler
  readonly options: CheckedServeOptions
  readonly scheme: 'http' | 'https'
}
