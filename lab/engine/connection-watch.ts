// Read first: RFC 9293 section 3.3.2. What the connections of a host go through, told as it is: by the stack, not guessed from packets.

import { endsOf } from '../../src/base/ends-text.ts'
import type { HostStack } from '../../src/sim/host-stack.ts'
import { ChangeMark, type OpenSample, sampleOf, saysSame, tripOf } from '../../src/stack/connection-sample.ts'
import { timersOf } from '../../src/stack/netstat-timers.ts'
import type { Connection } from '../../src/tcp/connection.ts'
import { HalfOpen } from '../../src/tcp/half-open.ts'
import { CLOSED, LISTEN, SYN_RECEIVED, stateName, TIME_WAIT } from '../../src/tcp/state.ts'
import { TimeWait } from '../../src/tcp/time-wait.ts'
import type { SampleEvent, SegmentEvent, StateEvent, TimerSample } from './run-events.ts'
import { SegmentLog } from './segment-log.ts'

type Entry = Parameters<HostStack['tcp']['remove']>[0]
type Ends = Pick<Connection, 'local' | 'localPort' | 'remote' | 'remotePort'>

/** Who is told. */
export interface ConnectionLog {
  state(event: StateEvent): void
  sample(event: SampleEvent): void
  segment(event: SegmentEvent): void
}

/** A connection that is there, and what was told of it. */
class Watched {
  readonly ends: string
  readonly mark = new ChangeMark()
  told: OpenSample | null = null
  /** How often what was told had been taken when `told` was. */
  batch = 0
  rtt = 0
  rttAt = -1

  constructor(ends: string) {
    this.ends = ends
  }
}

/** Watches the connections of one stack: each change of state as it happens, and the numbers whenever a burst is over. */
export class ConnectionWatch {
  readonly #host: string
  readonly #log: ConnectionLog
  readonly #now: () => number
  readonly #stack: HostStack
  /** What the stack's clock says when the run begins. */
  readonly #epoch: number
  readonly #segments: SegmentLog
  readonly #live = new Map<Connection, Watched>()
  #batch = 0
  readonly #folded = new WeakSet<Entry>()
  readonly #unfolded = new WeakSet<Entry>()

  constructor(host: string, stack: HostStack, log: ConnectionLog, now: () => number) {
    this.#host = host
    this.#log = log
    this.#now = now
    this.#stack = stack
    this.#epoch = Math.round(stack.time.clock.now() - now())
    this.#segments = new SegmentLog(host, (event) => log.segment(event))
    const { tcp } = stack
    const { connections } = tcp
    const { add, delete: remove, replace } = connections
    const { enter, promote, transmit } = tcp
    const { flush } = stack
    tcp.enter = (connection) => {
      this.#watch(connection, CLOSED)
      enter.call(tcp, connection)
    }
    tcp.promote = (halfOpen, connection) => {
      this.#watch(connection, SYN_RECEIVED)
      promote.call(tcp, halfOpen, connection)
    }
    tcp.transmit = (flow, headerLength, end, segmentSize, span) => {
      const ends = this.#live.get(flow as Connection)?.ends ?? endsOf(flow)
      const length = end - tcp.segmentStart - headerLength
      const told = this.#segments.handsDown(flow, ends, this.#now(), tcp.frame, tcp.segmentStart, length)
      const status = transmit.call(tcp, flow, headerLength, end, segmentSize, span)
      if (status < 0 && told) this.#segments.takesBack()
      return status
    }
    connections.add = (entry: Entry) => {
      // A listener goes on listening: what has come is a connection of its own (section 3.10.7.2).
      if (entry instanceof HalfOpen) this.#tell(entry, LISTEN, SYN_RECEIVED)
      add.call(connections, entry)
    }
    connections.delete = (entry: Entry) => {
      if (entry instanceof TimeWait || this.#unfolded.has(entry)) this.#tell(entry, TIME_WAIT, CLOSED)
      return remove.call(connections, entry)
    }
    connections.replace = (before: Entry, after: Entry) => {
      // What waits in TIME-WAIT is kept as a few numbers, and made whole when a segment comes for it: to who looks it is the same.
      if (after instanceof TimeWait) this.#folded.add(before)
      else if (before instanceof TimeWait) this.#unfolded.add(after)
      replace.call(connections, before, after)
    }
    stack.flush = () => {
      flush.call(stack)
      this.sample()
    }
  }

  /** Tells of each connection that has other numbers than when it was last told of. What is told twice at an instant is told once. */
  sample(): void {
    const now = this.#now()
    for (const [connection, watched] of this.#live) {
      if (!watched.mark.hasChanged(connection)) continue
      const { told, ends } = watched
      const sample = sampleOf(connection, now, this.#host, ends, watched, this.#timersOf(connection, told), told)
      if (told !== null && saysSame(told, sample)) continue
      if (told !== null && told.at === now && watched.batch === this.#batch) {
        Object.assign(told, sample)
        continue
      }
      watched.told = sample
      watched.batch = this.#batch
      this.#log.sample(sample)
    }
  }

  /** What was told has been taken: it changes no more. */
  settle(): void {
    this.#batch++
  }

  /** A segment of a connection leaves this host in a frame, or passes through it. */
  leaves(ends: string, seq: number, frame: number): void {
    this.#segments.leaves(ends, seq, frame)
  }

  // Deadlines are milliseconds of the stack's clock, whole ones.
  #timersOf(connection: Connection, told: SampleEvent | null): readonly TimerSample[] {
    const { time } = this.#stack
    time.refresh()
    const base = Math.floor(time.instant) - this.#epoch
    const timers = timersOf(connection, time.now).map(({ kind, left }) => ({ kind, at: base + left }))
    const before = told?.timers
    const same =
      before !== undefined &&
      before.length === timers.length &&
      before.every(({ kind, at }, i) => kind === timers[i]?.kind && at === timers[i]?.at)
    return same ? before : timers
  }

  #watch(connection: Connection, before: number): void {
    const watched = new Watched(endsOf(connection))
    this.#live.set(connection, watched)
    this.#watchTrips(connection, watched)
    let { state } = connection
    if (state !== before && !(before === SYN_RECEIVED && state === CLOSED)) this.#tell(connection, before, state)
    let told = state === CLOSED ? before : state
    Object.defineProperty(connection, 'state', {
      configurable: true,
      enumerable: true,
      get: () => state,
      set: (next: typeof state) => {
        state = next
        if (next === told || this.#folded.has(connection)) return
        this.#tell(connection, told, next)
        told = next
        if (next === CLOSED || next === TIME_WAIT) this.#live.delete(connection)
      },
    })
  }

  #watchTrips(connection: Connection, watched: Watched): void {
    let { srtt8 } = connection
    this.#trip(watched, 0, srtt8)
    Object.defineProperty(connection, 'srtt8', {
      configurable: true,
      enumerable: true,
      get: () => srtt8,
      set: (next: number) => {
        this.#trip(watched, srtt8, next)
        srtt8 = next
      },
    })
  }

  #trip(watched: Watched, before: number, after: number): void {
    const trip = tripOf(before, after)
    if (trip <= 0) return
    watched.rtt = trip
    watched.rttAt = this.#now()
  }

  #tell(entry: Ends, from: number, to: number): void {
    this.#log.state({
      at: this.#now(),
      host: this.#host,
      ends: endsOf(entry),
      from: stateName(from),
      to: stateName(to),
    })
  }
}
