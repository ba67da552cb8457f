// What is done at the terminals of hosts, and which of them are busy.

import { effect, signal } from '@preact/signals'
import type { ScenarioAct } from '../../engine/scenario.ts'
import {
  change,
  isAnswered,
  latest,
  now,
  output,
  pause,
  play,
  playing,
  rate,
  scenario,
  type,
  version,
} from '../state/store.ts'

/** Milliseconds of the run in one of the reader's while a command runs that was begun in a run that stood still. */
const REAL_TIME = 1
/** Milliseconds from the instant that a run stands at to what is typed then, at the most. */
const SOON = 1

/** The hosts whose command runs, and its name. */
export const busy = signal<ReadonlyMap<string, string>>(new Map())
/** Lines that were typed at each host, for its arrow keys: they outlive a run. */
export const typedLines = new Map<string, string[]>()

/**
 * Whether time passes for a command alone: it was begun while the run stood still, and that stands still again when it has ended. What was
 * ordered at the beginning and at the end is not told of at once.
 */
let plays: 'no' | 'begins' | 'runs' | 'ends' = 'no'
let seen = 0

effect(() => {
  version.value
  hear()
  if (plays === 'no' || plays === 'ends' || isComing()) return
  plays = 'runs'
  if (busy.peek().size > 0) return
  plays = 'ends'
  pause()
})

/** Takes note of who runs. */
function hear(): void {
  if (output.length < seen) {
    seen = 0
    busy.value = new Map()
  }
  if (seen === output.length) return
  const running = new Map(busy.peek())
  for (; seen < output.length; seen++) {
    const event = output[seen]
    if (event?.command === undefined) continue
    if (event.kind === 'started') running.set(event.host, event.program)
    else if (event.kind === 'ended' || event.kind === 'failed' || event.kind === 'stopped') running.delete(event.host)
  }
  busy.value = running
}

/** Whether something that was typed has still to happen: it is on its way to the run, or stands at its next instant. */
function isComing(): boolean {
  const from = now.peek()
  return (
    !isAnswered() ||
    scenario.peek().acts.some((act) => isTyped(act) && 'at' in act && act.at > from && act.at < from + SOON)
  )
}

// Who pauses by hand has time in his own hands again.
effect(() => {
  if (!playing.value && plays !== 'begins') plays = 'no'
})

function goOn(): void {
  if (playing.value && plays !== 'ends') return
  plays = 'begins'
  play(Math.max(REAL_TIME, rate.value))
}

/** Runs a line on a host, now. */
export function run(host: string, line: string): void {
  const lines = typedLines.get(host) ?? []
  typedLines.set(host, [...lines.filter((one) => one !== line), line])
  type({ host, run: line })
  goOn()
}

/** Types to the command that runs. */
export function typeTo(host: string, text: string): void {
  type({ host, type: text })
  goOn()
}

export function interrupt(host: string): void {
  type({ host, signal: 'SIGINT' })
  goOn()
}

function isTyped(act: ScenarioAct): boolean {
  return 'run' in act || 'type' in act || 'signal' in act
}

/** Whether anything was typed in this scenario. */
export function wasTyped(): boolean {
  return scenario.value.acts.some(isTyped)
}

/** The run begins anew without what was typed. */
export function forgetTyped(): void {
  change({ acts: latest().acts.filter((act) => !isTyped(act)) })
}
