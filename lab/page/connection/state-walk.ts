// Read first: RFC 9293 section 3.3.2, figure 5. Where the states stand, which ways lead from one to another, and the way that was gone.

import type { StateEvent } from '../../engine/run-events.ts'
import { endLog } from '../state/flow-log.ts'
import { calls, type Frame, frames, otherWay } from '../state/store.ts'

export interface Place {
  readonly state: string
  readonly x: number
  readonly y: number
}

export const WIDTH = 500
export const HEIGHT = 596
export const HALF_WIDTH = 55
export const HALF_HEIGHT = 17

const [LEFT, MIDDLE, RIGHT] = [104, 258, 412]

/** CLOSED is there twice, as in the figure: where it begins and where it ends. */
export const PLACES: Readonly<Record<string, Place>> = {
  begin: { state: 'CLOSED', x: MIDDLE, y: 30 },
  LISTEN: { state: 'LISTEN', x: LEFT, y: 106 },
  'SYN-RECEIVED': { state: 'SYN-RECEIVED', x: LEFT, y: 200 },
  'SYN-SENT': { state: 'SYN-SENT', x: RIGHT, y: 200 },
  ESTABLISHED: { state: 'ESTABLISHED', x: MIDDLE, y: 292 },
  'FIN-WAIT-1': { state: 'FIN-WAIT-1', x: LEFT, y: 384 },
  'CLOSE-WAIT': { state: 'CLOSE-WAIT', x: RIGHT, y: 384 },
  'FIN-WAIT-2': { state: 'FIN-WAIT-2', x: LEFT, y: 474 },
  CLOSING: { state: 'CLOSING', x: MIDDLE, y: 474 },
  'LAST-ACK': { state: 'LAST-ACK', x: RIGHT, y: 474 },
  'TIME-WAIT': { state: 'TIME-WAIT', x: LEFT, y: 564 },
  end: { state: 'CLOSED', x: RIGHT, y: 564 },
}

/** What makes a connection go: a segment that arrives, a call of the program, or time. */
export type Cause = 'segment' | 'call' | 'time'

/** A way from a state to another. */
export interface Way {
  readonly from: string
  readonly to: string
  readonly cause: Cause
  readonly event: string
  readonly action: string
  /** Its line, and where what it is called stands. */
  readonly path: string
  readonly label: readonly [x: number, y: number, anchor: 'start' | 'middle' | 'end']
  /** Where the number of a step stands. */
  readonly middle: readonly [x: number, y: number]
}

const way = (
  [from, to]: readonly [string, string],
  cause: Cause,
  [event, action]: readonly [string, string],
  path: string,
  label: Way['label'],
  middle: Way['middle'],
): Way => ({ from, to, cause, event, action, path, label, middle })

export const WAYS: readonly Way[] = [
  way(['begin', 'LISTEN'], 'call', ['listen()', ''], 'M214 47L142 88', [190, 82, 'start'], [180, 66]),
  way(['LISTEN', 'begin'], 'call', ['close()', ''], 'M120 88L202 41', [152, 58, 'end'], [164, 63]),
  way(['begin', 'SYN-SENT'], 'call', ['connect()', 'snd SYN'], 'M290 48L394 182', [346, 86, 'start'], [320, 86]),
  way(['SYN-SENT', 'begin'], 'call', ['close()', ''], 'M432 182C440 110 400 40 316 31', [432, 96, 'start'], [424, 108]),
  way(
    ['LISTEN', 'SYN-RECEIVED'],
    'segment',
    ['rcv SYN', 'snd SYN,ACK'],
    'M110 124L110 181',
    [122, 150, 'start'],
    [110, 152],
  ),
  way(['SYN-RECEIVED', 'LISTEN'], 'segment', ['rcv RST', ''], 'M84 182L84 125', [74, 157, 'end'], [84, 152]),
  way(['LISTEN', 'SYN-SENT'], 'call', ['SEND', 'snd SYN'], 'M160 110L366 181', [248, 134, 'start'], [240, 138]),
  way(
    ['SYN-SENT', 'SYN-RECEIVED'],
    'segment',
    ['rcv SYN / snd SYN,ACK', ''],
    'M356 204L161 204',
    [258, 220, 'middle'],
    [258, 204],
  ),
  way(
    ['SYN-RECEIVED', 'ESTABLISHED'],
    'segment',
    ['rcv ACK of SYN', ''],
    'M134 218L218 274',
    [190, 248, 'start'],
    [176, 246],
  ),
  way(
    ['SYN-SENT', 'ESTABLISHED'],
    'segment',
    ['rcv SYN,ACK', 'snd ACK'],
    'M382 218L298 274',
    [356, 252, 'start'],
    [340, 246],
  ),
  way(['SYN-RECEIVED', 'FIN-WAIT-1'], 'call', ['close()', 'snd FIN'], 'M84 218L84 365', [92, 296, 'start'], [84, 292]),
  way(
    ['ESTABLISHED', 'FIN-WAIT-1'],
    'call',
    ['close()', 'snd FIN'],
    'M218 310L134 366',
    [194, 348, 'start'],
    [176, 338],
  ),
  way(
    ['ESTABLISHED', 'CLOSE-WAIT'],
    'segment',
    ['rcv FIN', 'snd ACK'],
    'M298 310L382 366',
    [354, 334, 'start'],
    [340, 338],
  ),
  way(
    ['FIN-WAIT-1', 'FIN-WAIT-2'],
    'segment',
    ['rcv ACK', 'of FIN'],
    'M104 402L104 455',
    [116, 426, 'start'],
    [104, 429],
  ),
  way(
    ['FIN-WAIT-1', 'CLOSING'],
    'segment',
    ['rcv FIN', 'snd ACK'],
    'M134 402L218 456',
    [194, 424, 'start'],
    [176, 429],
  ),
  way(
    ['FIN-WAIT-1', 'TIME-WAIT'],
    'segment',
    ['rcv FIN,ACK / snd ACK', ''],
    'M50 390C16 430 16 518 47 553',
    [18, 474, 'middle'],
    [25, 474],
  ),
  way(['CLOSE-WAIT', 'LAST-ACK'], 'call', ['close()', 'snd FIN'], 'M412 402L412 455', [424, 426, 'start'], [412, 429]),
  way(
    ['FIN-WAIT-2', 'TIME-WAIT'],
    'segment',
    ['rcv FIN', 'snd ACK'],
    'M104 492L104 545',
    [116, 516, 'start'],
    [104, 519],
  ),
  way(['CLOSING', 'TIME-WAIT'], 'segment', ['rcv ACK of FIN', ''], 'M218 492L136 545', [192, 528, 'start'], [176, 519]),
  way(['LAST-ACK', 'end'], 'segment', ['rcv ACK', 'of FIN'], 'M412 492L412 545', [424, 516, 'start'], [412, 519]),
  way(['TIME-WAIT', 'end'], 'time', ['2 MSL are over', ''], 'M160 564L355 564', [240, 580, 'middle'], [258, 564]),
]

/** A step of the way that was gone. */
export interface Step {
  readonly number: number
  readonly event: StateEvent
  readonly way: Way
  /** The figure does not have it: what is reset, or given up. */
  readonly isSudden: boolean
}

/** The way that one end went, as it is told by its changes of state. */
export function walkOf(states: readonly StateEvent[]): Step[] {
  return states.map((event, i) => {
    const to =
      event.to === 'CLOSED' ? (event.from === 'SYN-SENT' || event.from === 'LISTEN' ? 'begin' : 'end') : event.to
    const from = event.from === 'CLOSED' ? 'begin' : event.from
    const known = WAYS.find((one) => one.from === from && one.to === to)
    return { number: i + 1, event, way: known ?? suddenWay(from, to), isSudden: known === undefined }
  })
}

/** Where a walk stands; '' where it has not begun. */
export function standsAt(walk: readonly Step[]): string {
  return walk.at(-1)?.way.to ?? ''
}

// RFC 9293 section 3.10: a reset, an abort or a time-out ends any state.
function suddenWay(from: string, to: string): Way {
  const [a, b] = [PLACES[from] ?? PLACES.begin, PLACES[to] ?? PLACES.end] as [Place, Place]
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const part = Math.min(HALF_WIDTH / (Math.abs(dx) || 1e-9), (HALF_HEIGHT + 2) / (Math.abs(dy) || 1e-9))
  const [x1, y1, x2, y2] = [a.x + dx * part, a.y + dy * part, b.x - dx * part, b.y - dy * part]
  const middle = [(x1 + x2) / 2, (y1 + y2) / 2] as const
  return {
    from,
    to,
    cause: 'segment',
    event: 'reset or time-out',
    action: '',
    path: `M${x1} ${y1}L${x2} ${y2}`,
    label: [middle[0] + 12, middle[1] - 8, 'start'],
    middle,
  }
}

/** What led to a step. */
export interface Reason {
  /** The frame that arrived, or that was sent with it; 0: none is known. */
  readonly frame: number
  /** The call that was made, as strace prints it; '' where there was none. */
  readonly call: string
}

const reasons = new WeakMap<StateEvent, Reason>()
/** Further back than so many frames nothing is looked for: what arrives now was sent not long ago. */
const BACK = 20_000

export function reasonOf({ event, way: { cause }, isSudden }: Step): Reason {
  const known = reasons.get(event)
  if (known !== undefined) return known
  const frame = cause === 'segment' ? arrivedWith(event) : cause === 'call' && !isSudden ? sentWith(event) : null
  const text = frame === null || cause !== 'call' ? '' : (calls[frame.cause]?.text ?? '')
  // What carries a FIN may have been written by another call before.
  const reason = { frame: frame?.number ?? 0, call: /^(connect|close|shutdown)\(/.test(text) ? text : '' }
  if (frame !== null) reasons.set(event, reason)
  return reason
}

/** The segment that arrived as the state changed. */
function arrivedWith({ at, ends }: StateEvent): Frame | null {
  const flow = otherWay(ends)
  for (let i = frames.length - 1; i >= Math.max(0, frames.length - BACK); i--) {
    const frame = frames[i]
    // Hops lie between: of those that arrive at this instant the last is at this end.
    if (frame?.flow === flow && frame.arrivedAt === at) return frame
  }
  return null
}

/** The SYN or FIN that goes with a change of state: perhaps later, when the way is known or what was written before has left. */
function sentWith({ at, ends, to }: StateEvent): Frame | null {
  const flag = to.startsWith('SYN') ? /\[S/ : /\[[^\]]*F/
  const segment = endLog(ends)?.segments.find(
    (one) => one.at >= at && one.kind === 'new' && flag.test(frames[one.frame - 1]?.text ?? ''),
  )
  return frames[(segment?.frame ?? 0) - 1] ?? null
}
