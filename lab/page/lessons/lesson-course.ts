// Which lesson is open, and how far one has come. Whether a task is done is asked when something new is known, and seldom.

import { effect, signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { EMPTY_SCENARIO } from '../../engine/scenario.ts'
import type { Example } from '../../examples/index.ts'
import type { Lesson, RunView } from '../../lessons/lesson.ts'
import {
  calls,
  change,
  frames,
  latest,
  load,
  now,
  output,
  runs,
  samples,
  scenario,
  selection,
  sockets,
  states,
  version,
} from '../state/store.ts'

const MARK = '#lesson='
/** Where the browser keeps what has been done. */
const KEPT = 'jackfield lab lessons'
/** Milliseconds between two looks at the task: a few a second are enough for a reader. */
const INTERVAL = 250

/** What the panel shows; nothing: it is not there. */
export const shown = signal<'nothing' | 'list' | 'lesson'>('nothing')
/** What shows them, once it has been loaded. */
export const panel = signal<ComponentType | null>(null)
/** All of them, once they have been loaded. */
export const lessons = signal<readonly Lesson[]>([])
/** Networks to start from, likewise. */
export const examples = signal<readonly Example[]>([])
export const lesson = signal<Lesson | null>(null)
/** Tasks of it that are done: they are done in their order. */
export const done = signal(0)
/** The most tasks that were ever done of each lesson, by its name. */
export const reached = signal<Readonly<Record<string, number>>>(kept())
/** What was guessed at the tasks of the open lesson, by their places. */
export const guesses = signal<Readonly<Record<number, number>>>({})

/** The scenario of the lesson has been loaded: from then on another one is none of it. */
let begun = false
let waiting = 0
/** The run that is to be looked at, by its count: the one before has done its tasks. */
let awaited = 0

function kept(): Readonly<Record<string, number>> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEPT) ?? '{}')
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(Object.entries(value).filter(([, tasks]) => Number.isInteger(tasks)))
  } catch {
    // A browser may keep nothing for pages of files, or for this reader.
    return {}
  }
}

function keep(id: string, tasks: number): void {
  if ((reached.value[id] ?? 0) >= tasks) return
  reached.value = { ...reached.value, [id]: tasks }
  try {
    localStorage.setItem(KEPT, JSON.stringify(reached.value))
  } catch {
    // It is known until the page is left.
  }
}

/** The lessons; they and what shows them are loaded when somebody wants one. */
async function all(): Promise<readonly Lesson[]> {
  if (lessons.value.length > 0) return lessons.value
  const [{ LESSONS }, { LessonPanel }] = await Promise.all([
    import('../../lessons/index.ts'),
    import('./lesson-panel.tsx'),
  ])
  panel.value = LessonPanel
  lessons.value = LESSONS
  return LESSONS
}

/** Shows the list of lessons, and of networks to start from. */
export async function showLessons(): Promise<void> {
  await all()
  examples.value = (await import('../../examples/index.ts')).EXAMPLES
  shown.value = 'list'
}

/** Whether an address is that of a lesson. */
export function isLessonAddress(hash: string): boolean {
  return hash.startsWith(MARK)
}

// What cannot be read names no lesson.
function nameOf(hash: string): string {
  try {
    return decodeURIComponent(hash.slice(MARK.length))
  } catch {
    return ''
  }
}

/** Opens the lesson of an address. False: there is none by this name; the list is shown. */
export async function openLessonAddress(hash: string): Promise<boolean> {
  const id = nameOf(hash)
  const found = (await all()).find((one) => one.id === id)
  if (found === undefined) {
    await showLessons()
    return false
  }
  openLesson(found)
  return true
}

/** Opens a lesson at its beginning; the one that is open goes on where it was. */
export function openLesson(one: Lesson): void {
  if (lesson.value === one) {
    shown.value = 'lesson'
    return
  }
  lesson.value = one
  done.value = 0
  guesses.value = {}
  begun = false
  shown.value = 'lesson'
  history.replaceState(null, '', `${location.pathname}${location.search}${MARK}${one.id}`)
  load(one.scenario)
}

/** The same network as it was at the beginning; tasks that are done stay so, until all are. */
export function beginAgain(): void {
  const { value } = lesson
  if (value === null) return
  if (done.value >= value.tasks.length) {
    done.value = 0
    guesses.value = {}
  }
  awaited = runs.value + 1
  load(value.scenario)
}

/** The lesson is over; the network stays, to be played with. */
export function leaveLessons(): void {
  shown.value = 'nothing'
  lesson.value = null
  if (isLessonAddress(location.hash)) history.replaceState(null, '', `${location.pathname}${location.search}`)
}

/** A network to start from, in place of any lesson. */
export async function openExample(example: Example): Promise<void> {
  const { exampleScenario } = await import('../../examples/index.ts')
  leaveLessons()
  load(exampleScenario(example))
}

export function openEmpty(): void {
  leaveLessons()
  load(EMPTY_SCENARIO)
}

/** The lesson behind the open one; null: it is the last. */
export function nextLesson(): Lesson | null {
  const place = lesson.value === null ? -1 : lessons.value.indexOf(lesson.value)
  return place < 0 ? null : (lessons.value[place + 1] ?? null)
}

export function guess(task: number, choice: number): void {
  guesses.value = { ...guesses.value, [task]: choice }
}

/** Makes the change that a task offers. */
export function takeOffer(task: number): void {
  const offer = lesson.value?.tasks[task]?.offer
  if (offer !== undefined) change(offer.change(latest()))
}

function view(): RunView {
  return {
    scenario: scenario.value,
    now: now.value,
    frames,
    calls,
    output,
    states,
    samples,
    sockets: sockets.value,
    selection: selection.value,
  }
}

function look(): void {
  waiting = 0
  const { value } = lesson
  if (value === null || runs.value < awaited || !isItsScenario(value)) return
  const task = value.tasks[done.value]
  if (task?.done(view()) !== true) return
  done.value++
  keep(value.id, done.value)
}

// Who opens another scenario has left the lesson; the list, where that is shown, stays.
function isItsScenario({ scenario: { name } }: Lesson): boolean {
  const is = scenario.value.name === name
  if (begun && !is) {
    if (shown.value === 'lesson') leaveLessons()
    else lesson.value = null
  }
  begun ||= is
  return is
}

effect(() => {
  version.value
  selection.value
  scenario.value
  if (lesson.value === null || waiting !== 0) return
  waiting = window.setTimeout(look, INTERVAL)
})
