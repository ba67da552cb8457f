// How much work the page does for large runs: counted, so that it is the same on any machine. What it takes is printed beside it.

import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Scenario } from '../../lab/engine/scenario.ts'
import { LabBrowser } from './lab-browser.ts'

let lab: LabBrowser
let page: Page

beforeAll(async () => {
  lab = await LabBrowser.launch()
})

afterAll(() => lab?.close())

afterEach(() => lab.closePage())

/** Ten hosts, two by two on links that take `delay`; each sends a datagram every `every` milliseconds. */
function tenHosts(delay: number, every: number): Scenario {
  const names = Array.from({ length: 10 }, (_, i) => `host${i}`)
  const source = (i: number) => `import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'
const socket = new Socket(os, AF_INET, SOCK_DGRAM)
socket.bind({ address: '', port: 7 })
const to = { address: '10.0.${1 + (i >> 1)}.${2 - (i % 2)}', port: 7 }
setInterval(() => void socket.sendto(new Uint8Array(100), to), ${every})
`
  return {
    version: 1,
    name: 'ten hosts',
    seed: 1,
    ipv6: false,
    nodes: names.map((name, i) => ({ name, kind: 'host', x: (i % 2) * 600, y: (i >> 1) * 90 })),
    links: [0, 2, 4, 6, 8].map((i) => ({ between: [`host${i}`, `host${i + 1}`], delay })),
    programs: names.map((host, i) => ({ host, name: 'sender', source: source(i) })),
    acts: [],
  }
}

async function clock(): Promise<number> {
  return Number.parseFloat((await page.textContent('.clock')) ?? '') * 1000
}

async function setSpeed(end: 'min' | 'max'): Promise<void> {
  const slider = page.locator('.speed input')
  await slider.fill((await slider.getAttribute(end)) ?? '')
}

async function runTo(at: number): Promise<void> {
  await setSpeed('max')
  await page.click('[aria-label="Run"]')
  await expect.poll(clock).toBeGreaterThan(at)
}

/** Milliseconds between frames of the screen, sorted, while `each` is called for every one of them. */
async function frameTimes(count: number, scroll: boolean): Promise<number[]> {
  const times = await page.evaluate(
    ([count, scroll]) =>
      new Promise<number[]>((resolve) => {
        const gaps: number[] = []
        const rows = document.querySelector('.rows') as HTMLElement
        let before = performance.now()
        const next = () => {
          const now = performance.now()
          gaps.push(now - before)
          before = now
          if (scroll) rows.scrollTop = (rows.scrollHeight * gaps.length) / count
          if (gaps.length < count) requestAnimationFrame(next)
          else resolve(gaps)
        }
        requestAnimationFrame(next)
      }),
    [count, scroll] as const,
  )
  return times.sort((a, b) => a - b)
}

function print(what: string, sorted: readonly number[]): void {
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))]?.toFixed(1)
  process.stdout.write(
    `${what}: a frame of the screen in ${at(0.5)} ms (median), ${at(0.95)} (95 %), ${at(1)} at most\n`,
  )
}

test('five thousand frames under way are drawn, each once, and no element is made for them', async () => {
  page = await lab.open(tenHosts(2000, 4))
  await runTo(9000)
  await setSpeed('min')
  const drawn = () => page.getAttribute('canvas', 'data-drawn').then(Number)
  await expect.poll(drawn).toBeGreaterThan(4900)
  print('5000 packets in view', await frameTimes(120, false))
  await page.click('[aria-label="Pause"]')
  expect(await drawn()).toBeLessThan(5100)
  expect(await page.locator('.network *').count()).toBeLessThan(200)
})

test('of a hundred thousand packets those that are seen are elements', async () => {
  page = await lab.open(tenHosts(10, 1))
  await runTo(10_100)
  await page.click('[aria-label="Pause"]')
  const size = () => page.locator('.row').first().getAttribute('aria-setsize').then(Number)
  await expect.poll(size).toBeGreaterThan(100_000)
  print('100 000 packets scrolled through', await frameTimes(120, true))
  expect(await page.locator('.row').count()).toBeLessThan(80)
  await page.fill('.filter', '10.0.2.1.7')
  await expect.poll(size).toBeLessThan(100_000)
  expect(await page.locator('.row').count()).toBeLessThan(80)
})

test('the page is painted before the engine is there', async () => {
  page = await lab.open()
  const painted = () => page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0)
  await expect.poll(painted).toBeGreaterThan(0)
  const paint = await painted()
  process.stdout.write(`first contentful paint: ${paint.toFixed(0)} ms\n`)
  // The frame is asked for when there is something to be seen.
  const asked = () =>
    page.evaluate(
      () => performance.getEntriesByType('resource').find(({ name }) => name.endsWith('engine.html'))?.startTime ?? 0,
    )
  await expect.poll(asked).toBeGreaterThan(0)
  expect(await asked()).toBeGreaterThan(paint)
})
