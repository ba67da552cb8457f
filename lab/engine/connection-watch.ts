// Read first: RFC 9293 section 3.3.2. What the connections of a host go through, told as it is: by the stack, not guessed from packets.

import { TCP_CA_CWR, TCP_CA_Disorder, TCP_CA_Loss, TCP_CA_Recovery } from '../../src/base/tcp-info.ts'
import type { HostStack } from '../../src/sim/host-stack.ts'
import type { Connection } from '../../src/tcp/connection.ts'
import { HalfOpen } from '../../src/tcp/half-open.ts'
import { currentRto } from '../../src/tcp/rtt.ts'
import { CLOSED, ESTABLISHED, LISTEN, SYN_RECEIVED, stateName, TIME_WAIT } from '../../src/tcp/state.ts'
import { TimeWait } from '../../src/tcp/time-wait.ts'
import type { SampleEvent, StateEvent } from './run-events.ts'

type Entry = Parameters<HostStack['tcp']['remove']>[0]

/** Slow start has no end yet. */
const NO_THRESHOLD = 0x7fffffff

/** Who is told. */
export interface ConnectionLog {
  state(event: StateEvent): void
  sample(event: SampleEvent): void
}

/** "10.0.1.1:4242 10.0.1.2:80": the local end of a connection, and the other. */
export function endsOf({
  local,
  localPort,
  remote,
  remotePort,
}: Pick<Connection, 'local' | 'localPort' | 'remote' | 'remotePort'>): string {
  return `${endText(String(local), localPort)} ${endText(String(remote), remotePort)}`
}

/** "10.0.1.1:80", "[fd00::1]:80" */
export function endText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** Watches the connections of one stack: each change of state as it happens, and the numbers whenever a burst is over. */
export class ConnectionWatch {
  readonly #host: string
  readonly #log: ConnectionLog
  readonly #now: () => number
  readonly #live = new Map<Connection, SampleEvent | null>()
  readonly #folded = new WeakSet<Entry>()
  readonly #unfolded = new WeakSet<Entry>()

  constructor(host: string, stack: HostStack, log: ConnectionLog, now: () => number) {
    this.#host = host
    this.#log = log
    this.#now = now
    const { tcp } = stack
    const { connections } = tcp
    const { add, delete: remove, replace } = connections
    const { enter, promote } = tcp
    const { flush } = stack
    tcp.enter = (connection) => {
      this.#watch(connection, CLOSED)
      enter.call(tcp, connection)
    }
    tcp.promote = (halfOpen, connection) => {
      this.#watch(connection, SYN_RECEIVED)
      promote.call(tcp, halfOpen, connection)
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

  /** Tells of each connection that has other numbers than when it was last told of. */
  sample(): void {
    for (const [connection, last] of this.#live) {
      const sample = this.#sampleOf(connection)
      if (last !== null && sameNumbers(last, sample)) continue
      this.#live.set(connection, sample)
      this.#log.sample(sample)
    }
  }

  #watch(connection: Connection, before: number): void {
    this.#live.set(connection, null)
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

  #tell(entry: Pick<Connection, 'local' | 'localPort' | 'remote' | 'remotePort'>, from: number, to: number): void {
    this.#log.state({
      at: this.#now(),
      host: this.#host,
      ends: endsOf(entry),
      from: stateName(from),
      to: stateName(to),
    })
  }

  #sampleOf(c: Connection): SampleEvent {
    return {
      at: this.#now(),
      host: this.#host,
      ends: endsOf(c),
      sndUna: (c.sndUna - c.iss) >>> 0,
      sndNxt: (c.sndNxt - c.iss) >>> 0,
      sndWnd: c.sndWnd,
      rcvNxt: (c.rcvNxt - c.irs) >>> 0,
      rcvWnd: c.state === ESTABLISHED ? (c.rcvAdv - c.rcvNxt) | 0 : 0,
      cwnd: c.cwnd * c.mss,
      ssthresh: c.ssthresh >= NO_THRESHOLD ? -1 : c.ssthresh * c.mss,
      srtt: c.srtt / 1000,
      rto: currentRto(c),
      recovery: recoveryName(c.caState),
    }
  }
}

function sameNumbers(x: SampleEvent, y: SampleEvent): boolean {
  for (const key of Object.keys(x) as (keyof SampleEvent)[]) if (key !== 'at' && x[key] !== y[key]) return false
  return true
}

function recoveryName(state: number): string {
  switch (state) {
    case TCP_CA_Disorder:
      return 'disorder'
    case TCP_CA_CWR:
      return 'cwr'
    case TCP_CA_Recovery:
      return 'recovery'
    case TCP_CA_Loss:
      return 'loss'
    default:
      return 'open'
  }
}
