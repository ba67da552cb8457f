// All that the page knows, as signals: views read them, and change them by the functions here alone.

import { computed, signal } from '@preact/signals'
import type { EndAddresses, InspectedFrame } from '../../engine/lab-run.ts'
import type { Order, SocketTable } from '../../engine/messages.ts'
import type { CallEvent, FrameEvent, OutputEvent, SampleEvent, StateEvent } from '../../engine/run-events.ts'
import { EMPTY_SCENARIO, type Scenario, type ScenarioAct, type TerminalAct } from '../../engine/scenario.ts'
import { EngineLink, type RunTidings } from '../thread/engine-link.ts'
import { Asked } from './asked.ts'
import { forgetFlows, takeFlows } from './flow-log.ts'
import { History } from './history.ts'
import { difference } from './scenario-edits.ts'

/** A frame and what became of it, as far as the run has come. */
export interface Frame extends FrameEvent {
  /** When its last bit left and when it comes; the instant of leaving where the link takes no time. */
  leftAt: number
  dueAt: number
  /** Infinity: it has not. */
  arrivedAt: number
  lostAt: number
  why: string
  damaged: boolean
}

/** What one looks at; everything that has to do with it is shown so in all views. */
export type Selection =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'frame'; readonly number: number }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'link'; readonly link: number }
  /** A connection: "10.0.1.1:4242 10.0.1.2:80", as `host` sees it. */
  | { readonly kind: 'flow'; readonly host: string; readonly ends: string }
  | { readonly kind: 'program'; readonly host: string; readonly name: string }

const NOTHING: Selection = { kind: 'nothing' }

export const scenario = signal<Scenario>(EMPTY_SCENARIO)
export const addresses = signal<readonly EndAddresses[]>([])
/** Milliseconds of the run. */
export const now = signal(0)
export const playing = signal(false)
/** Milliseconds of the run in a millisecond of the reader's. */
export const rate = signal(0.05)
export const selection = signal<Selection>(NOTHING)
export const sockets = signal<SocketTable>({})
/** What was refused, or went wrong; '' where nothing was. */
export const notice = signal('')
/** A program that is watched, in place of a run: its frames are had from here, and nothing of it can be changed. */
export interface LiveFrames {
  inspect(number: number): Promise<InspectedFrame | null>
  capture(): Promise<Uint8Array<ArrayBuffer>>
}
/** null: what is shown is a run. */
export const live = signal<LiveFrames | null>(null)
/** The furthest instant that this run has come to: the end of the time line. */
export const furthest = signal(0)
/** Whether there is a change of the scenario to undo, and one to do again. */
export const undoable = signal(false)
export const redoable = signal(false)

// Long lists grow in place; the signal beside them says that they have.
export const frames: Frame[] = []
export const calls: CallEvent[] = []
export const output: OutputEvent[] = []
export const states: StateEvent[] = []
export const samples: SampleEvent[] = []
/** Numbers of the frames that a call has caused, by the call's place. */
export const caused = new Map<number, number[]>()
export const version = signal(0)
/** How many runs have been begun: what was kept of the one before holds no more. */
export const runs = signal(0)

/** The frame that is selected; null: none is. */
export const selectedFrame = computed<Frame | null>(() => {
  version.value
  const { value } = selection
  if (value.kind === 'frame') return frames[value.number - 1] ?? null
  return null
})

/** The connection that the selection is of: of a frame, or chosen by itself. '' where it is of none. */
export const selectedFlow = computed(() => {
  const { value } = selection
  if (value.kind === 'flow') return value.ends
  return selectedFrame.value?.flow ?? ''
})

/** The nodes that a frame goes from and to. */
export function endsOf(frame: Frame): readonly [string, string] {
  const [a = '', b = ''] = scenario.value.links[frame.link]?.between ?? []
  return frame.end === 0 ? [a, b] : [b, a]
}

/** "a b" as "b a": the same connection from its other end. */
export function otherWay(flow: string): string {
  const [a = '', b = ''] = flow.split(' ')
  return `${b} ${a}`
}

/** Whether two flows are the same connection, whichever way they are written. */
export function sameFlow(x: string, y: string): boolean {
  return x !== '' && (x === y || x === otherWay(y))
}

const link = new EngineLink({ told, hung, missing })
const history = new History<Scenario>()
/** The scenario as it was asked for last; it is shown when the run with it has been begun. */
let wanted: Scenario = EMPTY_SCENARIO
const asked = new Asked()
/** Where nodes are drawn that were moved since the run was begun: of that the run knows nothing. */
const moved = new Map<string, { readonly x: number; readonly y: number }>()

/** Tells the page what happens: of a run, and of a program that is watched (live.ts). */
export function told(tidings: RunTidings): void {
  switch (tidings.tell) {
    case 'loaded':
      forget()
      scenario.value = {
        ...tidings.scenario,
        nodes: tidings.scenario.nodes.map((node) => ({ ...node, ...moved.get(node.name) })),
      }
      answered(tidings.request)
      addresses.value = tidings.addresses
      break
    case 'acted':
      scenario.value = { ...scenario.value, acts: tidings.acts }
      answered(tidings.request)
      break
    case 'wants':
      void equip()
      break
    case 'refused':
      if (answered(tidings.request)) history.forget()
      notice.value = tidings.message
      remembered()
      break
    case 'news':
      take(tidings)
      break
  }
}

// What is shown is what was wanted, once nothing is under way. Whether what was answered is in the history.
function answered(request: number): boolean {
  const isRecorded = asked.answered(request)
  if (asked.isEmpty) wanted = scenario.value
  return isRecorded
}

// What terminals run is loaded when one runs something.
async function equip(): Promise<void> {
  const text = await import('virtual:lab-commands').then((module) => module.default).catch(() => '')
  link.order({ do: 'commands', text })
}

function forget(): void {
  for (const list of [frames, calls, output, states, samples]) list.length = 0
  forgetFlows()
  caused.clear()
  runs.value++
  version.value++
}

function take({ now: at, playing: plays, events, sockets: table, halt }: Extract<RunTidings, { tell: 'news' }>): void {
  for (const event of events.frames) {
    frames[event.number - 1] = {
      ...event,
      leftAt: event.at,
      dueAt: event.at,
      arrivedAt: Number.POSITIVE_INFINITY,
      lostAt: Number.POSITIVE_INFINITY,
      why: '',
      damaged: false,
    }
    if (event.cause < 0) continue
    const numbers = caused.get(event.cause)
    if (numbers === undefined) caused.set(event.cause, [event.number])
    else numbers.push(event.number)
  }
  for (const fate of events.fates) {
    const frame = frames[fate.number - 1]
    if (frame === undefined) continue
    if (fate.fate === 'leaves') {
      frame.leftAt = fate.leftAt
      frame.dueAt = fate.dueAt
    } else if (fate.fate === 'arrives') {
      if (frame.arrivedAt === Number.POSITIVE_INFINITY) frame.arrivedAt = fate.at
    } else if (fate.fate === 'lost') {
      frame.lostAt = fate.at
      frame.why = fate.why
    } else {
      frame.damaged = true
    }
  }
  for (const call of events.calls) calls.push(call)
  // One by one: a list may have more entries than a call takes arguments.
  for (const one of events.output) output.push(one)
  for (const one of events.states) states.push(one)
  for (const one of events.samples) samples.push(one)
  takeFlows(events)
  sockets.value = table
  now.value = at
  playing.value = plays
  if (at > furthest.value) furthest.value = at
  if (halt === 'full')
    notice.value = `The run holds as much as it may, and goes no further. ${mostCalls()}Begin again with less.`
  version.value++
}

/** Who has called most. */
function mostCalls(): string {
  const counts = new Map<string, number>()
  for (const { host, program } of calls) {
    const name = `${program} on ${host}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const [most] = [...counts].sort(([, x], [, y]) => y - x)
  return most === undefined ? '' : `Of ${calls.length} calls, ${most[1]} are those of ${most[0]}. `
}

// A thread that a program holds up is ended; the run is begun again without that program. What was wanted is had back by undoing that.
function hung(busy: { readonly host: string; readonly program: string; readonly line: number } | null): void {
  const at = now.value
  const [shown, last] = [scenario.value, wanted]
  link.restart()
  asked.clear()
  if (busy === null) {
    replace(shown, 0)
    notice.value = 'The run did not answer any more and was begun again.'
    return
  }
  const { host, program, line } = busy
  const said = `${program} on ${host} held up the run at line ${line}, or took all memory, and`
  // Its new text may have been asked for since.
  const source = sourceOf(last, host, program)
  if (source !== null && source !== sourceOf(shown, host, program)) {
    replace(last, 0)
    notice.value = `${said} was begun again with its new text.`
    return
  }
  const programs = last.programs.filter((one) => one.host !== host || one.name !== program)
  // What is no program of the scenario would be there again.
  replace({ ...last, programs }, source === null ? 0 : at)
  notice.value = `${said} was taken out.`
}

/** In place of what was wanted, which stays in the history. */
function replace(next: Scenario, at: number): void {
  const differs = difference(wanted, next)
  if (differs !== 'drawing') history.record(wanted)
  remembered()
  keepSelection(differs)
  begin(next, at)
  wanted = next
}

/** The text of a program; null: there is none of this name. */
export function sourceOf({ programs }: Scenario, host: string, name: string): string | null {
  return programs.find((one) => one.host === host && one.name === name)?.source ?? null
}

function missing(reason: string): void {
  notice.value = `The engine could not be loaded (${reason}): load this page again.`
}

// What one does

// Of a program that is watched nothing can be ordered.
function order(one: Order): void {
  if (live.value === null) link.order(one)
}

export function load(value: unknown, at = 0): void {
  selection.value = NOTHING
  history.clear()
  remembered()
  begin(value, at)
}

function begin(value: unknown, at: number, recorded = false): void {
  furthest.value = 0
  notice.value = ''
  moved.clear()
  ask({ do: 'load', scenario: value, at }, recorded)
}

// It is answered by 'loaded', 'acted' or 'refused'.
function ask(one: Extract<Order, { do: 'load' | 'act' | 'type' }>, recorded: boolean): void {
  if (live.value !== null) return
  link.order({ ...one, request: asked.ask(recorded) })
}

/** Whether the run has answered all that it was asked for. */
export function isAnswered(): boolean {
  return asked.isEmpty
}

/** The scenario as it was asked for last: what a change is made to. The one that is shown may still be that before. */
export function latest(): Scenario {
  return asked.isEmpty ? scenario.value : wanted
}

/** A change to the scenario: the run begins anew with it. */
export function change(changes: Partial<Scenario>): void {
  record()
  turnTo({ ...latest(), ...changes }, true)
}

/** The scenario becomes another: the run is begun again where that is another run, up to this moment where only acts differ. */
function turnTo(next: Scenario, recorded = false): void {
  const differs = difference(latest(), next)
  if (differs === 'drawing') {
    for (const { name, x, y } of next.nodes) moved.set(name, { x, y })
    wanted = next
    scenario.value = {
      ...scenario.value,
      nodes: scenario.value.nodes.map((node) => ({ ...node, ...moved.get(node.name) })),
    }
    return
  }
  if (live.value !== null) return
  keepSelection(differs)
  begin(next, differs === 'acts' ? now.value : 0, recorded)
  wanted = next
}

// Frames and connections are others in another run; what the network is made of is still there.
function keepSelection(differs: ReturnType<typeof difference>): void {
  const { kind } = selection.value
  if (differs === 'run' && (kind === 'frame' || kind === 'flow')) selection.value = NOTHING
}

function record(key = ''): void {
  if (live.value !== null) return
  history.record(latest(), key)
  remembered()
}

function remembered(): void {
  undoable.value = history.canUndo
  redoable.value = history.canRedo
}

export function undo(): void {
  const before = history.undo(latest())
  remembered()
  if (before !== null) turnTo(before)
}

export function redo(): void {
  const after = history.redo(latest())
  remembered()
  if (after !== null) turnTo(after)
}

/** Where a node is drawn changes nothing of what happens: the run goes on. */
export function move(name: string, x: number, y: number): void {
  record(`move ${name}`)
  const nodes = latest().nodes.map((node) => (node.name === name ? { ...node, x, y } : node))
  turnTo({ ...latest(), nodes })
}

export function play(at = rate.value): void {
  order({ do: 'play', rate: at })
}

export function pause(): void {
  order({ do: 'pause' })
}

export function setRate(value: number): void {
  rate.value = value
  if (playing.value) play()
}

export function step(by: 'event' | 'frame' | 'trip'): void {
  order({ do: 'step', by })
}

export function seek(at: number): void {
  order({ do: 'seek', at: Math.max(0, at) })
}

export function act(one: ScenarioAct): void {
  record()
  const base = latest()
  ask({ do: 'act', act: one }, true)
  wanted = { ...base, acts: [...base.acts, one] }
}

/** Does something at the terminal of a host, now. */
export function type(one: TerminalAct): void {
  const base = latest()
  ask({ do: 'type', act: one }, false)
  // When exactly is told once it has been done.
  wanted = { ...base, acts: [...base.acts, { at: now.value, ...one }] }
}

export function select(value: Selection): void {
  selection.value = value
}

export function inspect(number: number): Promise<InspectedFrame | null> {
  return live.value?.inspect(number) ?? link.inspect(number)
}

/** The frames so far, as a file; null: there is nobody to be asked. */
export function capture(): Promise<Uint8Array<ArrayBuffer> | null> {
  return live.value?.capture() ?? link.capture()
}
