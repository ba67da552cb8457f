// Read first: uv_listen in libuv's manual, listen(2), accept(2).

import { AF_INET6, AF_UNIX, POLLIN } from '../../base/constants.ts'
import { EAGAIN, ECONNABORTED } from '../../base/errno.ts'
import type { Endpoint, Provider } from '../../socket/provider.ts'
import { SocketHandle } from './socket-handle.ts'
import { inTurn } from './turns.ts'

/** Told of the connections of a listener, each in a turn of its own. */
export interface ListenOwner {
  accepted(endpoint: Endpoint, handle: ListenHandle): void
  /** A negated errno. */
  acceptFailed(status: number): void
}

/** A listening socket of Node's, over an Endpoint of any provider. */
export class ListenHandle extends SocketHandle {
  owner: ListenOwner
  #listening = false
  #due = false

  constructor(provider: Provider, kind: 'tcp' | 'pipe', owner: ListenOwner) {
    super(provider, kind, kind === 'tcp' ? 'TCPSERVERWRAP' : 'PIPESERVERWRAP', false)
    this.owner = owner
  }

  protected get active(): boolean {
    return this.#listening
  }

  /** 0, or a negated errno: of bind(2) too, where the address is in use. */
  listen(backlog: number): number {
    if (this.delayedError !== 0) return this.delayedError
    if (this.endpoint === null) {
      // As listen(2) of an unbound socket: at any port.
      const opened = this.open(this.kind === 'pipe' ? AF_UNIX : AF_INET6)
      if (opened !== 0) return opened
    }
    const result = (this.endpoint as Endpoint).listen(backlog)
    if (result < 0) return result
    this.#listening = true
    this.holdOn()
    this.#acceptSoon()
    return 0
  }

  ready(): void {
    if (this.#listening) this.#acceptSoon()
  }

  #acceptSoon(): void {
    if (this.#due) return
    this.#due = true
    inTurn(this.resource, acceptTurn, this, 0)
  }

  acceptTurn(): void {
    this.#due = false
    if (this.closed || this.endpoint === null) return
    const result = this.endpoint.accept(null)
    if (result === -EAGAIN) return
    if (typeof result !== 'number') {
      if (((this.endpoint.wouldBlock ?? 0) & POLLIN) === 0) this.#acceptSoon()
      this.owner.accepted(result, this)
    } else if (result === -ECONNABORTED) {
      this.#acceptSoon()
    } else {
      this.owner.acceptFailed(result)
    }
  }
}

function acceptTurn(handle: ListenHandle): void {
  handle.acceptTurn()
}
