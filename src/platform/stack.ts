import { Stack as CoreStack, type StackOptions as CoreStackOptions } from '../stack/stack.ts'
import { realClock } from './real-clock.ts'
import { secureRandom } from './secure-random.ts'

/** What `Stack` takes: everything has a default. */
export type StackOptions = Partial<CoreStackOptions>

/**
 * A TCP/IP stack of its own, on the machine's time and randomness: a host with a loopback interface, to which devices are
 * attached and on which sockets are made. For a simulation give it a `ManualClock` and a `SeededRandom`.
 *
 * In Node, timers of a stack keep the process alive while it has open sockets; so does a device of the operating system
 * while it is attached.
 *
 * ```ts
 * const stack = new Stack()
 * const server = new Socket(stack, AF_INET, SOCK_STREAM)
 * server.bind({ address: '127.0.0.1', port: 8080 })
 * server.listen()
 * ```
 */
export class Stack extends CoreStack {
  constructor(options: StackOptions = {}) {
    super(withDefaults(options))
    const { clock } = this
    this.descriptors.occupied = (yes) => (yes ? clock.hold?.() : clock.release?.())
  }
}

// Whatever is no object at all is for the stack to refuse.
function withDefaults(options: StackOptions): CoreStackOptions {
  if (options === null || typeof options !== 'object') return options
  return { ...options, clock: options.clock ?? realClock, random: options.random ?? secureRandom }
}
