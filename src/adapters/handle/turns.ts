// Read first: "The Node.js Event Loop", process.nextTick in Node's manual, uv_run in libuv's: the order of a turn of the event loop. What a
// program is told of the network it is told in a turn of its own: between two of them all of process.nextTick and all microtasks
// have run, as node::MakeCallback has it.

import { type AsyncResource, executionAsyncResource } from 'node:async_hooks'
import { performance } from 'node:perf_hooks'
import { loopTurns } from '../../base/loop-turns.ts'

type Run = (subject: never, detail: never) => void

/** What waits for its turn, the oldest first. */
class Waiting {
  readonly #resources: AsyncResource[] = []
  readonly #runs: Run[] = []
  readonly #subjects: unknown[] = []
  readonly #details: unknown[] = []
  #head = 0
  /** Those before it may run in this round; the others came up in it, and are of the next. */
  #due = 0

  add(resource: AsyncResource, run: Run, subject: unknown, detail: unknown): void {
    this.#resources.push(resource)
    this.#runs.push(run)
    this.#subjects.push(subject)
    this.#details.push(detail)
  }

  newRound(): void {
    this.#due = this.#runs.length
  }

  /** Moves all of it behind what another has. */
  moveTo(other: Waiting): void {
    for (let i = 0; i < this.#runs.length; i++) {
      other.add(this.#resources[i] as AsyncResource, this.#runs[i] as Run, this.#subjects[i], this.#details[i])
    }
    this.#clear()
  }

  get count(): number {
    return this.#runs.length - this.#head
  }

  get due(): boolean {
    return this.#head < this.#due
  }

  /** Runs the oldest one that is due. */
  runOne(): void {
    const at = this.#head
    if (at >= this.#due) return
    const resource = this.#resources[at] as AsyncResource
    const run = this.#runs[at] as Run
    const subject = this.#subjects[at]
    const detail = this.#details[at]
    this.#head++
    if (this.#head === this.#runs.length) this.#clear()
    resource.runInAsyncScope(run as (subject: unknown, detail: unknown) => void, undefined, subject, detail)
  }

  #clear(): void {
    this.#head = 0
    this.#due = 0
    this.#resources.length = 0
    this.#runs.length = 0
    this.#subjects.length = 0
    this.#details.length = 0
  }
}

interface Closed {
  readonly resource: AsyncResource
  readonly run: Run
  readonly subject: unknown
  readonly detail: unknown
}

/** What has been closed: the newest first, as libuv has it. */
class Closing {
  #later: Closed[] = []
  readonly #now: Closed[] = []
  /** By a timer: the loop looks for events before it tells of it. */
  readonly #afterEvents: Closed[] = []

  add(closed: Closed): void {
    this.#later.push(closed)
  }

  newRound(): void {
    if (this.#later.length === 0) return
    for (const closed of this.#later) this.#now.push(closed)
    this.#later = []
  }

  addAfterEvents(closed: Closed): void {
    this.#afterEvents.push(closed)
  }

  /** Events are still to be told: the next round begins with it, behind what is closed by them. Answers how many there are. */
  putOff(): number {
    const closed = this.#afterEvents.splice(0)
    this.#later.unshift(...closed)
    return closed.length
  }

  get due(): boolean {
    return this.#now.length > 0
  }

  runOne(list: 'now' | 'afterEvents' = 'now'): void {
    const closed = (list === 'now' ? this.#now : this.#afterEvents).pop()
    if (closed === undefined) return
    const { resource, run, subject, detail } = closed
    resource.runInAsyncScope(run as (subject: unknown, detail: unknown) => void, undefined, subject, detail)
  }
}

// A round is what is told between two times that the event loop looks for events, in libuv's order: what was known before, then what
// was closed before, then what has come.
const known = new Waiting()
const closing = new Closing()
const events = new Waiting()
const begun = new Waiting()
let begunAt = 0
let round = 0
/** What was known is being told: what is closed by it is of the same round. */
let early = false

/**
 * Runs `run(subject, detail)` in a turn of its own, in the asynchronous context of `resource`: for what has happened on the network.
 * Watchers are called in the middle of something, of a burst of events or of a stack's work, and several in a row: nothing of a
 * program's may run there.
 *
 * Each turn is an immediate, the first of a burst too: told by process.nextTick it would come before what the program has deferred
 * where a stack answers within one turn.
 */
export function inTurn<S, D>(
  resource: AsyncResource,
  run: (subject: S, detail: D) => void,
  subject: S,
  detail: D,
): void {
  events.add(resource, run, subject, detail)
  setImmediate(takeTurn, round, 'event')
}

// Grows each time that the event loop looks for events, if it says so.
function looks(): number {
  return performance.nodeTiming.uvMetricsInfo?.loopCount ?? Number.NaN
}

/**
 * The same for what begins to wait: it comes behind all that happens before the event loop looks for events again, as epoll has it with a
 * descriptor that is new to it. So a server on the same machine is told of a connection before the client that makes it.
 */
export function inBeginningTurn<S, D>(
  resource: AsyncResource,
  run: (subject: S, detail: D) => void,
  subject: S,
  detail: D,
): void {
  begun.add(resource, run, subject, detail)
  begunAt = looks()
  setImmediate(takeTurn, round, 'event')
}

/** The same for what was known when it was asked for, and is only told later: it comes before what happens meanwhile. */
export function inEarlyTurn<S, D>(
  resource: AsyncResource,
  run: (subject: S, detail: D) => void,
  subject: S,
  detail: D,
): void {
  known.add(resource, run, subject, detail)
  setImmediate(takeTurn, round, 'event')
}

/** The same for what is closed: behind the immediates that the program sets meanwhile, before all that happens later. */
export function inLastTurn<S, D>(
  resource: AsyncResource,
  run: (subject: S, detail: D) => void,
  subject: S,
  detail: D,
): void {
  const byTimer = executionAsyncResource() instanceof Timeout
  process.nextTick(closeInTurn, byTimer, { resource, run, subject, detail })
}

const timer = setTimeout(() => {})
const Timeout = timer.constructor as new () => object
clearTimeout(timer)

function closeInTurn(byTimer: boolean, closed: Closed): void {
  if (byTimer) {
    closing.addAfterEvents(closed)
    setImmediate(takeTurn, round, 'closed by a timer')
    return
  }
  closing.add(closed)
  if (early) closing.newRound()
  setImmediate(takeTurn, round, 'closed')
}

// There are as many immediates as there is to run. Those that are set while some run come with the next turn of the loop.
function takeTurn(setIn: number, what: 'event' | 'closed' | 'closed by a timer'): void {
  if (setIn === round) {
    round++
    early = false
    known.newRound()
    closing.newRound()
    // What has begun in the callback of an event is in its place when the loop has looked again.
    if (begun.count > 0 && begunAt === looks()) {
      for (let i = begun.count; i > 0; i--) setImmediate(takeTurn, round, 'event')
    } else {
      begun.moveTo(events)
    }
    events.newRound()
    loopTurns.known++
  }
  if (what === 'closed') {
    closing.runOne()
    return
  }
  if (what === 'closed by a timer') {
    if (!known.due && !events.due) {
      closing.runOne('afterEvents')
      return
    }
    for (let i = closing.putOff(); i > 0; i--) setImmediate(takeTurn, round, 'closed')
    return
  }
  if (known.due) {
    early = true
    known.runOne()
    return
  }
  // What is closed has immediates of its own, which are still to come.
  if (closing.due) {
    setImmediate(takeTurn, round, 'event')
    return
  }
  early = false
  events.runOne()
}
