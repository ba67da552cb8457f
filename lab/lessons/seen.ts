// What lessons ask of a run.

import type { ScenarioAct } from '../engine/scenario.ts'
import type { Frame } from '../page/state/store.ts'
import type { RunView } from './lesson.ts'

/** "S", "S.", "P.", …: the flags of a segment, as tcpdump writes them; '' of what is none. */
export function flagsOf(frame: Frame): string {
  return / Flags \[([^\]]*)\]/.exec(frame.text)?.[1] ?? ''
}

/** Octets that a segment or a datagram carries. */
export function octetsOf(frame: Frame): number {
  return Number(/ length (\d+)/.exec(frame.text)?.[1] ?? 0)
}

/** The window that a segment offers, as it is in the header: not scaled. */
export function windowOf(frame: Frame): number {
  return Number(/ win (\d+)/.exec(frame.text)?.[1] ?? Number.NaN)
}

/** The node that a frame leaves. */
export function fromOf(view: RunView, frame: Frame): string {
  return view.scenario.links[frame.link]?.between[frame.end] ?? ''
}

/** The node that a frame goes to. */
export function toOf(view: RunView, frame: Frame): string {
  return view.scenario.links[frame.link]?.between[frame.end === 0 ? 1 : 0] ?? ''
}

/** The frame that is selected; null: none is. */
export function chosenFrame({ selection, frames }: RunView): Frame | null {
  return selection.kind === 'frame' ? (frames[selection.number - 1] ?? null) : null
}

/** The state in which a host has the connection whose ends are these; '': it has none. */
export function stateOf(view: RunView, host: string, ends: string): string {
  const row = view.sockets[host]?.find(
    (one) => `${one.localAddress}:${one.localPort} ${one.peerAddress}:${one.peerPort}` === ends,
  )
  return row?.state ?? ''
}

/** Frames that somebody has dropped by hand, so far. */
export function dropped({ frames, now, scenario }: RunView): readonly Frame[] {
  return numbersOf(scenario.acts, (act) => act.drop === true).flatMap((number) => {
    const frame = frames[number - 1]
    return frame !== undefined && frame.lostAt <= now ? [frame] : []
  })
}

/** Frames to which something was done by hand. */
export function handled(view: RunView, what: 'delay' | 'duplicate' | 'flip'): readonly Frame[] {
  return numbersOf(view.scenario.acts, (act) => act[what] !== undefined).flatMap((number) => {
    const frame = view.frames[number - 1]
    return frame === undefined ? [] : [frame]
  })
}

function numbersOf(
  acts: readonly ScenarioAct[],
  is: (act: Extract<ScenarioAct, { readonly frame: number }>) => boolean,
): number[] {
  return acts.flatMap((act) => ('frame' in act && is(act) ? [act.frame] : []))
}

/** Whether a program has printed a line in which this stands. */
export function printed({ output }: RunView, host: string, text: string | RegExp): boolean {
  return output.some(
    (line) => line.host === host && (typeof text === 'string' ? line.text.includes(text) : text.test(line.text)),
  )
}

/** "a b" as "b a". */
export function reversed(flow: string): string {
  const [a = '', b = ''] = flow.split(' ')
  return `${b} ${a}`
}
