// Node makes sockets of its own in every program: the standard streams, pipes of child processes, terminals, and what lies under TLS.
// Where net.Socket is replaced they must stay what they are, and be sockets to who asks `instanceof`.

import type { Socket as NodeSocket } from 'node:net'

interface SocketClass {
  new (...options: never[]): object
  readonly prototype: object
}

/** The last of the three standard streams' descriptors. */
const STANDARD_ERROR = 2

/**
 * The constructor that stands in net's place: sockets are `ours`, but for those that Node makes of its own handles, of the standard
 * streams, or by the constructors that inherited from `nodes` before.
 */
export function socketBeside(ours: SocketClass, nodes: typeof NodeSocket): SocketClass {
  const Nodes = nodes as unknown as new (...options: unknown[]) => object
  function Socket(this: unknown, ...given: unknown[]): unknown {
    if (new.target === undefined && this instanceof Nodes) return Reflect.apply(Nodes as never, this, given)
    if (isNodes(given[0])) return new Nodes(...given)
    if (new.target !== undefined) return Reflect.construct(ours, given, new.target)
    return Reflect.apply(ours as never, this, given)
  }
  Object.setPrototypeOf(Socket, ours)
  Object.defineProperties(Socket, {
    length: { value: (ours as unknown as { length: number }).length, configurable: true },
    prototype: { value: ours.prototype },
    [Symbol.hasInstance]: {
      value(this: unknown, instance: unknown): boolean {
        const ordinary = Function.prototype[Symbol.hasInstance]
        return ordinary.call(this, instance) || (this === Socket && instance instanceof Nodes)
      },
    },
  })
  Object.defineProperty(ours.prototype, 'constructor', { value: Socket })
  return Socket as unknown as SocketClass
}

/** Whether these options are of a socket that is of Node's own kind. */
function isNodes(options: unknown): boolean {
  if (options === null || typeof options !== 'object') return false
  const { handle, fd } = options as { readonly handle?: unknown; readonly fd?: unknown }
  // `handle` is an option of Node's insides alone.
  return handle instanceof Object || (typeof fd === 'number' && fd >= 0 && fd <= STANDARD_ERROR)
}
