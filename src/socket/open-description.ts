// Read first: dup(2), unix(7) on SCM_RIGHTS, POSIX.1-2024 XBD 3.236 Open File Description.

import { POLLNVAL } from '../base/constants.ts'
import { EBADF, EINPROGRESS } from '../base/errno.ts'
import type { DescriptorTable } from './descriptor-table.ts'
import { Duplicate } from './duplicate.ts'
import type { Endpoint, Watcher } from './provider.ts'

/** An endpoint of a system that numbers its own descriptors: what its table holds. */
export interface OwnEndpoint extends Endpoint {
  /** −1: none yet, or given back. */
  fd: number
  watcher: Watcher | null
  /** SO_ACCEPTCONN. */
  readonly listening: boolean
  /** What it shares with other descriptors; null as long as there are none. */
  description: OpenDescription | null
  /** Nothing refers to it any more but messages that nobody has received. */
  orphaned?(): void
}

/**
 * An open file description: an endpoint to which several descriptors refer, and messages that carry descriptors. It closes when
 * the last of them is gone. Who watches through any descriptor is told.
 *
 * An endpoint gets one when it is shared for the first time: its own watcher is then the description, which tells the watchers of
 * all, and its `close` asks `leave` first. Endpoints that are never shared pay one comparison.
 */
export class OpenDescription implements Watcher {
  readonly endpoint: OwnEndpoint
  /** Descriptors that refer to it, and messages under way. */
  descriptors = 1
  inFlight = 0
  /** Who watches through the descriptor that the endpoint was made with; whether that is still open. */
  #watcher: Watcher | null
  #open = true
  #duplicates: readonly Duplicate[] = []

  private constructor(endpoint: OwnEndpoint) {
    this.endpoint = endpoint
    this.#watcher = endpoint.watcher
    endpoint.watcher = this
  }

  /** That of an entry of a table: it has one from now on. */
  static of(entry: OwnEndpoint): OpenDescription {
    entry.description ??= new OpenDescription(entry)
    return entry.description
  }

  /** A further descriptor for it in `table`; -EMFILE where none is free. */
  duplicate(table: DescriptorTable<OwnEndpoint>): Duplicate | number {
    const fd = table.reserve()
    if (fd < 0) return fd
    const duplicate = new Duplicate(fd, this, table)
    table.set(fd, duplicate)
    this.#duplicates = [...this.#duplicates, duplicate]
    this.descriptors++
    return duplicate
  }

  /** Called by the endpoint; with POLLNVAL by its system, which tells those who watch through duplicates itself. */
  ready(events: number): void {
    const last = (events & POLLNVAL) !== 0
    try {
      if (this.#open || last) this.#watcher?.ready(events)
    } finally {
      if (!last) tell(this.#duplicates, 0, events)
    }
  }

  /** For `watch` of the endpoint. */
  watch(watcher: Watcher | null): void {
    this.#watcher = watcher
  }

  /**
   * For `close` of the endpoint: gives its descriptor back. 1: nothing refers to it any more, it shall close; 0: something does;
   * -EBADF: it was closed through this descriptor before.
   */
  leave(table: DescriptorTable<OwnEndpoint>): number {
    if (!this.#open) return -EBADF
    const { endpoint } = this
    this.#open = false
    this.descriptors--
    if (this.descriptors + this.inFlight === 0) {
      endpoint.watcher = this.#watcher
      endpoint.description = null
      return 1
    }
    table.release(endpoint.fd)
    endpoint.fd = -1
    if (this.descriptors === 0) endpoint.orphaned?.()
    return 0
  }

  /** For `close` of a duplicate, whose descriptor is given back: what its `close` answers. */
  leaveDuplicate(duplicate: Duplicate): number {
    this.descriptors--
    let result = 0
    if (this.descriptors + this.inFlight === 0) {
      result = this.#end()
      // Who waits for what lingers is told through the endpoint's watcher, which is this.
      if (result === -EINPROGRESS) return result
    }
    this.#duplicates = this.#duplicates.filter((other) => other !== duplicate)
    duplicate.watcher = null
    if (this.descriptors === 0 && this.inFlight > 0) this.endpoint.orphaned?.()
    return result
  }

  /** A message that carries it is on its way. */
  hold(): void {
    this.inFlight++
  }

  /** A message that carried it has been received, or will never be. */
  drop(): void {
    this.inFlight--
    if (this.descriptors > 0) return
    if (this.inFlight === 0) this.#end()
    else this.endpoint.orphaned?.()
  }

  #end(): number {
    this.endpoint.description = null
    return this.endpoint.close()
  }
}

// One that throws does not keep the others from being told.
function tell(duplicates: readonly Duplicate[], from: number, events: number): void {
  let i = from
  try {
    while (i < duplicates.length) duplicates[i++]?.watcher?.ready(events)
  } finally {
    if (i < duplicates.length) tell(duplicates, i, events)
  }
}
