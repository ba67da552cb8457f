// Read first: RFC 9293 section 3.6.1, RFC 4987 section 3 (of tables with a limit the oldest entry goes).

import type { Timekeeper } from '../../base/timekeeper.ts'
import { closeConnection } from '../../tcp/close.ts'
import { Connection } from '../../tcp/connection.ts'
import { CLOSED, TIME_WAIT } from '../../tcp/state.ts'
import { isQuiet, TimeWait } from '../../tcp/time-wait.ts'
import type { ConnectionTable } from './connection-table.ts'

/** Of the places in front of the oldest so many are kept before the others move up. */
const SLACK = 1024
/** Among so many of the youngest one that is to be folded is looked for. */
const YOUNGEST = 64

/** Where they stand under their socket pairs, and whose timers end them. */
export interface TimeWaitHost {
  readonly connections: ConnectionTable
  readonly time: Timekeeper
}

/**
 * Connections in TIME-WAIT in the order in which they came there, which is that in which they leave it, but for those that end early:
 * these are forgotten when all before them are. Where nobody holds them they are folded.
 */
export class TimeWaitQueue {
  readonly #host: TimeWaitHost
  #connections: (Connection | TimeWait | null)[] = []
  #head = 0
  /** How many places have been given up in front of the first. */
  #gone = 0

  constructor(host: TimeWaitHost) {
    this.#host = host
  }

  /** How many there are, those included that have ended early. */
  get length(): number {
    return this.#connections.length - this.#head
  }

  push(connection: Connection): void {
    this.#connections.push(connection)
  }

  /** Forgets those at the head that are over, or a million that were would be kept until the next comes. */
  trim(): void {
    const connections = this.#connections
    let head = this.#head
    while (head < connections.length && (connections[head] as Connection | TimeWait).state !== TIME_WAIT)
      connections[head++] = null
    this.#head = head
    if (head <= SLACK || head * 2 <= connections.length) return
    this.#connections = connections.slice(head)
    this.#gone = (this.#gone + head) | 0
    this.#head = 0
  }

  /** The oldest; there must be one. */
  get oldest(): Connection | TimeWait {
    return this.#connections[this.#head] as Connection | TimeWait
  }

  /** Keeps less of a connection in TIME-WAIT that nobody holds and that owes nothing. Who has been here for long stays as he is. */
  fold(connection: Connection): void {
    if (connection.state !== TIME_WAIT || !isQuiet(connection)) return
    const connections = this.#connections
    const least = Math.max(this.#head, connections.length - YOUNGEST)
    for (let i = connections.length - 1; i >= least; i--) {
      if (connections[i] !== connection) continue
      const folded = new TimeWait(connection, (this.#gone + i) | 0)
      connections[i] = folded
      this.#host.connections.replace(connection, folded)
      this.#host.time.clear(connection)
      this.#host.time.setAt(folded, folded.timerAt)
      // Who comes across it yet finds nothing to do.
      connection.state = CLOSED
      connection.armed = 0
      connection.lease = null
      return
    }
  }

  /** A segment has come for it: the connection that deals with that, as any other would. */
  unfold(folded: TimeWait): Connection {
    const connection = folded.whole()
    this.#connections[(folded.place - this.#gone) | 0] = connection
    this.#host.connections.replace(folded, connection)
    this.#host.time.clear(folded)
    this.#host.time.setAt(connection, connection.longAt)
    folded.state = CLOSED
    folded.lease = null
    return connection
  }

  /** Ends one. */
  end(entry: Connection | TimeWait): void {
    if (entry instanceof Connection) {
      closeConnection(entry, 0)
      return
    }
    entry.state = CLOSED
    this.#host.time.clear(entry)
    entry.host.remove(entry)
  }
}
