// Each lesson is run as the page runs it: what solves a task makes it done, and nothing else does. And the programs to start from.

import { describe, expect, test } from 'vitest'
import { LabRun } from '../../lab/engine/lab-run.ts'
import type { Scenario } from '../../lab/engine/scenario.ts'
import { EXAMPLES, exampleScenario } from '../../lab/examples/index.ts'
import { LESSONS } from '../../lab/lessons/index.ts'
import { readParagraph } from '../../lab/lessons/text.ts'
import type { Selection } from '../../lab/page/state/store.ts'
import { EXAMPLE_OUTPUT } from './example-output.ts'
import { LessonReader } from './lesson-reader.ts'
import { SOLUTIONS } from './lesson-solutions.ts'

/** How long a run is looked at where nobody does anything. */
const LONG = 2500

function isThere({ nodes, links, programs }: Scenario, to: Selection): boolean {
  if (to.kind === 'node') return nodes.some(({ name }) => name === to.name)
  if (to.kind === 'link') return links[to.link] !== undefined
  return to.kind === 'program' && programs.some(({ host, name }) => host === to.host && name === to.name)
}

describe.each(LESSONS.map((lesson) => [lesson.id, lesson] as const))('%s', (id, lesson) => {
  test('each task is done by what solves it, and not before', async () => {
    const { tasks } = lesson
    const solutions = SOLUTIONS[id] ?? []
    expect(solutions.length).toBe(tasks.length)
    const reader = await LessonReader.open(lesson)
    for (const [place, { done }] of tasks.entries()) {
      expect([place, done(reader)]).toEqual([place, false])
      await solutions[place]?.(reader, lesson)
      expect([place, done(reader)]).toEqual([place, true])
    }
  })

  test('what is spoken of is there', () => {
    const { about, tasks, scenario } = lesson
    const paragraphs = [about, ...tasks.flatMap(({ ask, hint, told }) => [ask, hint, told])].flat()
    for (const piece of paragraphs.flatMap(readParagraph)) {
      if (piece.kind !== 'reference') continue
      expect(isThere(scenario, piece.to) ? '' : piece.text).toBe('')
    }
  })

  test('a run that is only looked at does no task', async () => {
    const { tasks } = lesson
    const reader = await LessonReader.open(lesson)
    for (let at = 0; at <= LONG; at += LONG / 5) {
      await reader.until(at)
      expect(tasks.map(({ done }) => done(reader))).toEqual(tasks.map(() => false))
    }
  })
})

test('what is not marked stays as it is written, and a reference that leads nowhere is refused', () => {
  expect(readParagraph('a < b, `c*d*`, *e* [f](node:g)<script>')).toEqual([
    { kind: 'words', text: 'a < b, ' },
    { kind: 'code', text: 'c*d*' },
    { kind: 'words', text: ', ' },
    { kind: 'emphasis', text: 'e' },
    { kind: 'words', text: ' ' },
    { kind: 'reference', text: 'f', to: { kind: 'node', name: 'g' } },
    { kind: 'words', text: '<script>' },
  ])
  expect(() => readParagraph('[x](javascript:alert)')).toThrow('got javascript:alert')
})

test.each(EXAMPLES.map((example) => [example.title, example] as const))('to start from: %s', async (title, example) => {
  const run = new LabRun(exampleScenario(example))
  await run.advance(3000)
  const { output } = run.take()
  run.close()
  const lines = output
    .filter(({ kind }) => kind !== 'started')
    .map(({ host, kind, text }) => `${host}${kind === 'out' ? '' : ` ${kind}`}: ${text}`.trimEnd())
  expect(lines).toEqual(EXAMPLE_OUTPUT[title])
})
