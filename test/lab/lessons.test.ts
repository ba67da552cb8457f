// Each lesson is run as the page runs it: what solves a task makes it done, and nothing else does.

import { describe, expect, test } from 'vitest'
import { LESSONS } from '../../lab/lessons/index.ts'
import { LessonReader } from './lesson-reader.ts'
import { SOLUTIONS } from './lesson-solutions.ts'

/** How long a run is looked at where nobody does anything. */
const LONG = 8000

describe.each(LESSONS.map((lesson) => [lesson.id, lesson] as const))('%s', (id, { scenario, tasks }) => {
  test('each task is done by what solves it, and not before', async () => {
    const solutions = SOLUTIONS[id] ?? []
    expect(solutions.length).toBe(tasks.length)
    const reader = await LessonReader.open(scenario)
    for (const [place, { done }] of tasks.entries()) {
      expect([place, done(reader)]).toEqual([place, false])
      await solutions[place]?.(reader)
      expect([place, done(reader)]).toEqual([place, true])
    }
  })

  test('a run that is only looked at does no task', async () => {
    const reader = await LessonReader.open(scenario)
    for (let at = 0; at <= LONG; at += LONG / 20) {
      await reader.until(at)
      expect(tasks.map(({ done }) => done(reader))).toEqual(tasks.map(() => false))
    }
  })
})
