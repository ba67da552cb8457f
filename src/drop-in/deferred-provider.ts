import type { Clock } from '../base/clock.ts'
import { realClock } from '../platform/real-clock.ts'
import type { Endpoint, Provider } from '../socket/provider.ts'
import type { Stack } from '../stack/stack.ts'

/**
 * A provider that is opened by the first call: a program that loads jackfield/net and makes no socket pays for none. What `open`
 * throws its caller gets, and the next call tries again.
 */
export class DeferredProvider<P extends Provider = Provider> implements Provider {
  readonly name: string
  readonly clock: Clock = realClock
  readonly #open: () => P
  #provider: P | null = null

  /** `open` gives a provider on the machine's time. */
  constructor(name: string, open: () => P) {
    this.name = name
    this.#open = open
  }

  socket(family: number, type: number, protocol: number): Endpoint | number {
    return this.opened().socket(family, type, protocol)
  }

  socketpair(family: number, type: number, protocol: number): readonly [Endpoint, Endpoint] | number {
    return this.opened().socketpair(family, type, protocol)
  }

  dup(fd: number): Endpoint | number {
    return this.opened().dup(fd)
  }

  endpoint(fd: number): Endpoint | null {
    return this.opened().endpoint(fd)
  }

  interfaceIndex(name: string): number {
    return this.opened().interfaceIndex?.(name) ?? 0
  }

  interfaceName(index: number): string | null {
    return this.opened().interfaceName?.(index) ?? null
  }

  protected opened(): P {
    this.#provider ??= this.#open()
    return this.#provider
  }
}

/** A stack that is opened so: paths of its Unix sockets are not the machine's files. */
export class DeferredStack extends DeferredProvider<Stack> {
  constructor(open: () => Stack) {
    super('userspace', open)
  }

  unlink(path: string): number {
    return this.opened().unlink(path)
  }
}
