// A connection as the page shows it: plots, states, timers.

import axe from 'axe-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { LabRun } from '../../lab/engine/lab-run.ts'
import type { RunEvents } from '../../lab/engine/run-events.ts'
import { LabBrowser } from './lab-browser.ts'
import { transfer } from './transfer.ts'

let lab: LabBrowser
let told: RunEvents
const lossy = transfer(60_000, { acts: [{ frame: 12, drop: true }] })

beforeAll(async () => {
  const run = new LabRun(lossy)
  await run.advance(300)
  told = run.take()
  lab = await LabBrowser.launch()
})
afterEach(() => lab.closePage())
afterAll(() => lab?.close())

async function openAt(at: number, tab: string): Promise<void> {
  await lab.open(lossy)
  await seek(at)
  await lab.page.click(`#tab-${tab}`)
}

/** Goes to an instant by the time line. */
async function seek(at: number): Promise<void> {
  await lab.page.locator('.time-line input').evaluate((input: HTMLInputElement, value) => {
    input.max = String(Math.max(Number(input.max), value))
    input.value = String(value)
    input.dispatchEvent(new Event('change', { bubbles: true }))
  }, at)
  await expect.poll(() => lab.page.textContent('.clock')).toBe(`${(at / 1000).toFixed(6)} s`)
}

/** How many pixels of a plot have exactly a colour of the page, and their middle, from its corner. */
function pixels(plot: string, colour: string): Promise<{ count: number; x: number; y: number }> {
  return lab.page.locator(`[data-plot="${plot}"] canvas`).evaluate((canvas: HTMLCanvasElement, name) => {
    const context = canvas.getContext('2d') as CanvasRenderingContext2D
    const style = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(style.slice(at, at + 2), 16))
    const { data, width } = context.getImageData(0, 0, canvas.width, canvas.height)
    let [count, x, y] = [0, 0, 0]
    for (let i = 0; i < data.length; i += 4) {
      if (data[i] !== r || data[i + 1] !== g || data[i + 2] !== b) continue
      count++
      x += (i / 4) % width
      y += Math.floor(i / 4 / width)
    }
    return { count, x: x / count / devicePixelRatio, y: y / count / devicePixelRatio }
  }, colour)
}

async function violations(): Promise<string[]> {
  await lab.page.evaluate(axe.source)
  const found = await lab.page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({ include: [['.views'], ['.inspector']] }),
  )
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

test('plots are drawn of what the stack told; a click on what was sent again selects its packet, which is marked then', async () => {
  await openAt(300, 'plots')
  const drawn: readonly (readonly [string, readonly string[]])[] = [
    ['sequence', ['tcp', 'lost', 'icmp', 'ink', 'udp']],
    ['window', ['tcp', 'lost', 'icmp']],
    ['trip', ['arp', 'ink', 'lost']],
    ['rate', ['tcp']],
  ]
  await lab.page.waitForSelector('[data-plot="rate"] canvas')
  for (const [plot, colours] of drawn) {
    for (const colour of colours) {
      await expect
        .poll(async () => (await pixels(plot, colour)).count, { message: `${colour} in ${plot}` })
        .toBeGreaterThan(5)
    }
  }
  const ringed = (await pixels('sequence', 'brass')).count
  const { x, y } = await pixels('sequence', 'lost')
  await lab.page.locator('[data-plot="sequence"] .uplot').click({ position: { x, y } })
  const [again] = told.segments.filter(({ kind }) => kind === 'again')
  await expect.poll(() => lab.page.textContent('.inspector h2')).toContain(`Packet ${again?.frame}`)
  await expect.poll(async () => (await pixels('sequence', 'brass')).count).toBeGreaterThan(ringed + 20)
  expect(await violations()).toEqual([])
})

test('plots are gone through by keys: the values below the cursor are told, Enter selects, + zooms; and they are a table', async () => {
  await openAt(300, 'plots')
  await lab.page.waitForSelector('[data-plot="rate"] canvas')
  await lab.page.focus('.plot-grid')
  await lab.page.keyboard.press('Home')
  await lab.page.keyboard.press('ArrowRight')
  const samples = told.samples.filter(({ host }) => host === 'alice')
  const [first, second] = samples
  await expect
    .poll(() => lab.page.textContent('.readout'))
    .toContain(`${((first?.at ?? 0) / 1000).toFixed(4)} s · SND.UNA 0`)
  await lab.page.keyboard.press('ArrowRight')
  await expect.poll(() => lab.page.textContent('.readout')).toContain(`SND.NXT ${second?.sndNxt}`)
  await lab.page.keyboard.press('+')
  await expect.poll(() => lab.page.locator('button:text-is("Whole")').isEnabled()).toBe(true)
  await lab.page.keyboard.press('Escape')
  await expect.poll(() => lab.page.locator('button:text-is("Whole")').isEnabled()).toBe(false)
  await lab.page.keyboard.press('Enter')
  await expect.poll(() => lab.page.textContent('.inspector h2')).toContain('Packet')
  await lab.page.check('text=Values as table')
  await expect.poll(() => lab.page.locator('.plot-table tbody tr').count()).toBe(samples.length)
  expect(await violations()).toEqual([])
})

test('the diagram of states shows the way of both ends; a step leads to its moment, and to the packet that made it', async () => {
  await openAt(300, 'states')
  const steps = (end: number) => lab.page.locator('.states-end').nth(end).locator('.way-steps li')
  const states = async (end: number) => (await steps(end).locator('b').allTextContents()).join(' ')
  expect(await states(0)).toBe('SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT')
  expect(await states(1)).toBe('SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED')
  expect(await lab.page.locator('.tcp-state.here').allTextContents()).toEqual(['TIME-WAIT', 'CLOSED'])
  expect(await lab.page.locator('.way.gone').count()).toBe(10)
  expect(await steps(0).first().textContent()).toContain('connect(3,')
  expect(await violations()).toEqual([])
  await steps(0).nth(1).locator('.why button').click()
  const answer = told.frames.find(({ text }) => text.includes('Flags [S.]'))
  await expect.poll(() => lab.page.textContent('.inspector h2')).toContain(`Packet ${answer?.number}`)
  await steps(0).nth(1).locator('.at').click()
  const [, connected] = told.states.filter(({ host }) => host === 'alice')
  await expect.poll(() => lab.page.textContent('.clock')).toBe(`${((connected?.at ?? 0) / 1000).toFixed(6)} s`)
  await expect.poll(() => lab.page.locator('.tcp-state.here').first().textContent()).toBe('ESTABLISHED')
})

test('timers count down with the run; a row leads to its connection, where each number is explained and calls lead to packets', async () => {
  await openAt(300, 'packets')
  await lab.page.click('.node:has-text("alice")')
  const left = async () => Number(/time-wait ([\d.]+) s/.exec((await lab.page.textContent('.timer')) ?? '')?.[1])
  const before = await left()
  expect(before).toBeGreaterThan(59)
  await seek(2300)
  await expect.poll(async () => before - (await left())).toBeCloseTo(2, 5)
  await lab.page.click('.sockets tr.has-peer td:nth-child(3)')
  await lab.page.click('.flow-numbers summary:has-text("SND.UNA")')
  await expect.poll(() => lab.page.textContent('.flow-numbers details[open]')).toContain('RFC 9293 section 3.3.1')
  await lab.page.click('.socket-calls summary')
  const calls = lab.page.locator('.socket-calls').first().locator('li')
  expect(await calls.first().textContent()).toContain('socket(AF_INET, SOCK_STREAM')
  expect(await calls.last().textContent()).toContain('close(3)')
  expect(await violations()).toEqual([])
  await calls.nth(1).locator('button').last().click()
  const syn = told.frames.find(({ text }) => text.includes('Flags [S],'))
  await expect.poll(() => lab.page.textContent('.inspector h2')).toContain(`Packet ${syn?.number}`)
})
