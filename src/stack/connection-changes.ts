// Read first: RFC 9293 section 3.3.2. What connections go through, seen from outside: looked at now and then, in place of hooks in what
// is hot. So what lasts no longer than from one look to the next is not seen.

import { endsOf } from '../base/ends-text.ts'
import { Connection } from '../tcp/connection.ts'
import { HalfOpen } from '../tcp/half-open.ts'
import { CLOSED, LISTEN, type State, SYN_RECEIVED, stateName } from '../tcp/state.ts'
import type { TimeWait } from '../tcp/time-wait.ts'
import { ChangeMark, type ConnectionSample, sampleOf, tripOf } from './connection-sample.ts'
import type { LeanStack } from './lean-stack.ts'
import { timersOf } from './netstat-timers.ts'

/** A connection went from a state to another. */
export interface ConnectionChange {
  /** "10.0.1.1:4242 10.0.1.2:80", this stack's end first. */
  readonly ends: string
  readonly from: string
  readonly to: string
}

/** Who is told. */
export interface ConnectionLog {
  change(change: ConnectionChange): void
  /** `iss`: the sequence number of its SYN. */
  sample(sample: ConnectionSample, iss: number): void
}

type Entry = Connection | HalfOpen | TimeWait

interface Known {
  readonly ends: string
  readonly mark: ChangeMark
  state: State
  sample: ConnectionSample | null
  srtt8: number
  rtt: number
  rttAt: number
  /** In which look it was there last. */
  look: number
}

/** Tells what has changed with the connections of a stack since they were looked at last. */
export class ConnectionChanges {
  readonly #stack: LeanStack
  #byEntry = new Map<Entry, Known>()
  /** A connection that was accepted, or folded, is another object with the same ends. */
  readonly #byEnds = new Map<string, Known>()
  #look = 0

  /** What is there already is known, and is not told as a change. */
  constructor(stack: LeanStack) {
    this.#stack = stack
    this.look(0, { change: () => {}, sample: () => {} })
  }

  /** How many there were when they were looked at last. */
  get count(): number {
    return this.#byEnds.size
  }

  /** `at`: the instant, which samples have; their host is ''. */
  look(at: number, log: ConnectionLog): void {
    const look = ++this.#look
    this.#stack.time.refresh()
    const byEntry = new Map<Entry, Known>()
    for (const entry of this.#stack.tcp.connections.entries()) {
      const known = this.#byEntry.get(entry) ?? this.#meet(entry)
      byEntry.set(entry, known)
      known.look = look
      this.#enter(known, entry instanceof HalfOpen ? SYN_RECEIVED : entry.state, log)
      if (entry instanceof Connection) this.#sample(entry, known, at, log)
    }
    this.#byEntry = byEntry
    for (const [ends, known] of this.#byEnds) {
      if (known.look === look) continue
      this.#byEnds.delete(ends)
      this.#enter(known, CLOSED, log)
    }
  }

  #meet(entry: Entry): Known {
    const ends = endsOf(entry)
    let known = this.#byEnds.get(ends)
    if (known === undefined) {
      // Who listens goes on listening: what has come is a connection of its own (RFC 9293 section 3.10.7.2).
      const passive = entry instanceof HalfOpen || (entry instanceof Connection && entry.listener !== null)
      known = {
        ends,
        state: passive ? LISTEN : CLOSED,
        mark: new ChangeMark(),
        sample: null,
        srtt8: 0,
        rtt: 0,
        rttAt: -1,
        look: 0,
      }
      this.#byEnds.set(ends, known)
    }
    return known
  }

  #enter(known: Known, state: State, log: ConnectionLog): void {
    if (state === known.state) return
    log.change({ ends: known.ends, from: stateName(known.state), to: stateName(state) })
    known.state = state
  }

  #sample(connection: Connection, known: Known, at: number, log: ConnectionLog): void {
    if (!known.mark.hasChanged(connection)) return
    this.#measure(known, connection.srtt8, at)
    const { time } = this.#stack
    const timers = timersOf(connection, time.now).map(({ kind, left }) => ({ kind, at: at + left }))
    const sample = sampleOf(connection, at, '', known.ends, known, timers, known.sample)
    known.sample = sample
    log.sample(sample, connection.iss)
  }

  // Of several round trips between two looks this tells what they come to.
  #measure(known: Known, srtt8: number, at: number): void {
    const { srtt8: before } = known
    if (srtt8 === before) return
    known.srtt8 = srtt8
    const trip = tripOf(before, srtt8)
    if (trip <= 0) return
    known.rtt = trip
    known.rttAt = at
  }
}
