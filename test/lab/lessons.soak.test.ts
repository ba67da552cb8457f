// Every lesson, from its place in the list to its end, by clicks and keys in one page.

import axe from 'axe-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LESSONS } from '../../lab/lessons/index.ts'
import { LabBrowser } from './lab-browser.ts'
import { LessonClicker } from './lesson-clicker.ts'
import { SOLUTIONS } from './lesson-solutions.ts'

let lab: LabBrowser

beforeAll(async () => {
  lab = await LabBrowser.launch()
  await lab.open()
  await lab.page.click('.invitation button')
  // It is loaded when somebody wants it.
  await lab.page.waitForSelector('.lesson-list')
})

afterAll(async () => {
  await lab?.closePage()
  await lab?.close()
})

test.each(LESSONS.map((lesson) => [lesson.id, lesson] as const))('%s', async (id, lesson) => {
  const { page } = lab
  if ((await page.locator('.lesson-list').count()) === 0) await page.click('button:text-is("‹ Lessons")')
  await page.click(`.lesson-list button:has-text("${lesson.title}")`)
  await expect.poll(() => page.textContent('.title')).toBe(lesson.scenario.name)
  expect(new URL(page.url()).hash).toBe(`#lesson=${id}`)
  const reader = new LessonClicker(lab, lesson)
  await reader.begin(lesson.scenario)
  for (const [place, { guess, told }] of lesson.tasks.entries()) {
    expect(await page.locator('.task.done').count()).toBe(place)
    if (guess !== undefined) await page.check(`.guess label:nth-of-type(${guess.right + 1}) input`)
    await SOLUTIONS[id]?.[place]?.(reader, lesson)
    await expect.poll(() => page.locator('.task.done').count()).toBe(place + 1)
    expect(await page.locator('.task.done .told p').count()).toBeGreaterThanOrEqual(told.length)
    expect(await page.textContent('.lesson-panel [role=status]')).toContain(`Task ${place + 1} of`)
    if (guess !== undefined) expect(await page.locator('.outcome').last().textContent()).toContain('You guessed it')
  }
  expect(await page.locator('.finished').count()).toBe(1)
})

test('what was done is known when one comes back, and a lesson has its address', async () => {
  const { page } = lab
  await page.goto(`${lab.origin}#lesson=half-close`)
  await page.reload()
  await expect.poll(() => page.textContent('.title')).toBe('Half-close')
  await page.click('button:text-is("‹ Lessons")')
  await expect.poll(() => page.locator('.progress.finished').count()).toBe(LESSONS.length)
  await page.click('button:text-is("Free network")')
  await expect.poll(() => page.locator('.lesson-panel').count()).toBe(0)
  expect(new URL(page.url()).hash).toBe('')
  expect(await page.textContent('.title')).toBe('Half-close')
})

test('a lesson goes on where it was when one comes back from the list, and is begun again with what was done', async () => {
  const { page } = lab
  await page.goto(`${lab.origin}#lesson=handshake`)
  await expect.poll(() => page.textContent('.title')).toBe('Handshake')
  for (let i = 0; i < 3; i++) await page.click('button:text-is("Packet")')
  await page.click('#frame-3')
  await expect.poll(() => page.locator('.task.done').count()).toBe(1)
  await page.click('.bar button:text-is("Lessons")')
  await expect.poll(() => page.evaluate(() => document.activeElement?.className)).toContain('lesson-panel')
  await page.click('.lesson-list button[aria-current="true"]')
  expect(await page.locator('.task.done').count()).toBe(1)
  expect(await page.locator('#frame-3').count()).toBe(1)
  await page.click('button:text-is("Begin again")')
  await expect.poll(() => page.locator('#frame-3').count()).toBe(0)
  expect(await page.locator('.task.done').count()).toBe(1)
})

test('a lesson that is not there is told of, and the list is shown', async () => {
  const { page } = lab
  await page.goto(`${lab.origin}#lesson=nothing`)
  await expect.poll(() => page.textContent('.notice')).toContain('There is no lesson by the name')
  await expect.poll(() => page.textContent('.title')).toBe('Two clients, one port')
  // The lesson that was open is left when it is next looked at; the list is not.
  await expect.poll(() => page.locator('.lesson-list button[aria-current="true"]').count()).toBe(0)
  expect(await page.locator('.lesson-list').count()).toBe(2)
})

test('a network to start from is opened out of the list, and programs are offered to a host', async () => {
  const { page } = lab
  await page.click('.lesson-list button:has-text("Fetching a web page")')
  await expect.poll(() => page.textContent('.title')).toBe('Fetching a web page')
  await page.click('.node:has(.name:text-is("client")) .name')
  await page.click('summary:text-is("+ Program")')
  await page.click('.program-menu button:text-is("Ping")')
  await expect.poll(() => page.textContent('.program h2')).toContain('ping')
  for (let i = 0; i < 6; i++) await page.click('button:text-is("Round trip")')
  await expect.poll(() => page.textContent('.terminal')).toContain('answer 1: ttl 64')
})

test.each([
  ['light', 1440],
  ['dark', 1440],
  ['light', 800],
  ['dark', 390],
] as const)('the lessons can be read by all: %s, %i pixels wide', async (colorScheme, width) => {
  const page = await lab.browser.newPage({ colorScheme, viewport: { width, height: 900 } })
  await page.goto(`${lab.origin}#lesson=handshake`)
  await expect.poll(() => page.textContent('.title')).toBe('Handshake')
  for (let i = 0; i < 5; i++) await page.click('button:text-is("Packet")')
  await page.click('#frame-3')
  await expect.poll(() => page.locator('.task.done').count()).toBe(1)
  await page.click('.hint-text summary')
  await page.evaluate(axe.source)
  const violations = async () => {
    const result = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run('.lesson-panel'))
    return result.violations.map(
      ({ id, nodes }) => `${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
    )
  }
  expect(await violations()).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  await page.click('button:text-is("‹ Lessons")')
  expect(await violations()).toEqual([])
  await page.close()
})
