// What is done at the terminals of hosts, and which of them are busy.

import { effect, signal } from '@preact/signals'
import type { ScenarioAct } from '../../engine/scenario.ts'
import { change, latest, output, pause, play, playing, rate, scenario, type, version } from '../state/store.ts'

/** Milliseconds of the run in one of the reader's while a command runs that was begun in a run that stood still. */
const REAL_TIME = 1

/** The hosts whose command runs, and its name. */
export const busy = signal<ReadonlyMap<string, string>>(new Map())
/** Lines that were typed at each host, for its arrow keys: they outlive a run. */
export const typedLines = new Map<string, string[]>()

/** Whether time passes for a command alone: it was begun while the run stood still, and that stands still again when it has ended. */
let plays: 'no' | 'begins' | 'runs' = 'no'
let seen = 0

effect(() => {
  version.value
  if (output.length < seen) {
    seen = 0
    busy.value = new Map()
  }
  if (seen === output.length) return
  const now = new Map(busy.peek())
  for (; seen < output.length; seen++) {
    const event = output[seen]
    if (event?.command === undefined) continue
    if (event.kind === 'started') {
      now.set(event.host, event.program)
      if (plays === 'begins') plays = 'runs'
    } else if (event.kind === 'ended' || event.kind === 'failed' || event.kind === 'stopped') now.delete(event.host)
  }
  busy.value = now
  if (plays !== 'runs' || now.size > 0) return
  plays = 'no'
  pause()
})

// Who pauses by hand has time in his own hands again.
effect(() => {
  if (!playing.value && plays === 'runs') plays = 'no'
})

function goOn(): void {
  if (playing.value) return
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
