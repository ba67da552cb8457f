import { LeanStack as CoreLeanStack } from '../stack/lean-stack.ts'
import { Stack as CoreStack } from '../stack/stack.ts'
import type { StackOptions as CoreStackOptions } from '../stack/stack-options.ts'
import type { StackPart } from '../stack/stack-parts.ts'
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
    holdWhileOpen(this)
  }
}

/** What `LeanStack` takes. */
export interface LeanStackOptions extends StackOptions {
  /** What it shall have beside TCP and UDP over both versions of IP; default nothing. */
  readonly parts?: readonly StackPart[]
}

/**
 * A stack of what a program names, as a kernel is configured: what is not among its `parts` is not in a page's bundle, and a call for
 * it fails as on a Linux that was built without (EAFNOSUPPORT, EPROTONOSUPPORT, ENOPROTOOPT). `Stack` has all parts.
 *
 * ```ts
 * const stack = new LeanStack({ parts: [unixSockets, multicast] })
 * ```
 */
export class LeanStack extends CoreLeanStack {
  constructor(options: LeanStackOptions = {}) {
    const { parts, ...others } = options
    super(withDefaults(others), parts)
    holdWhileOpen(this)
  }
}

// Whatever is no object at all is for the stack to refuse.
function withDefaults(options: StackOptions): CoreStackOptions {
  if (options === null || typeof options !== 'object') return options
  return { ...options, clock: options.clock ?? realClock, random: options.random ?? secureRandom }
}

function holdWhileOpen({ clock, descriptors }: CoreLeanStack): void {
  descriptors.occupied = (yes) => (yes ? clock.hold?.() : clock.release?.())
}
