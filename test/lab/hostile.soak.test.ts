// Programs that would take the page down with them, in a real browser: each is stopped or taken out by its name and line, and the page lives.

import type { CDPSession, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Scenario } from '../../lab/engine/scenario.ts'
import { LabBrowser } from './lab-browser.ts'
import { twoHosts } from './two-hosts.ts'

let lab: LabBrowser
let page: Page

beforeAll(async () => {
  lab = await LabBrowser.launch()
})

afterAll(() => lab?.close())

afterEach(() => lab.closePage())

const sleep = 'await new Promise((done) => setTimeout(done, 1))'
const udp = `import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'
const socket = new Socket(os, AF_INET, SOCK_DGRAM)
const to = { address: '10.0.1.2', port: 7 }
const bytes = new Uint8Array(40000)
`

function scenario(source: string): Scenario {
  return twoHosts([
    ['alice', 'wild', source],
    ['bob', 'other', "setInterval(() => console.log('here'), 5)"],
  ])
}

/** The run comes further than it has. */
async function goesOn(): Promise<void> {
  const clock = async () => Number.parseFloat((await page.textContent('.clock')) ?? '')
  const before = await clock()
  await page.click('[aria-label="Run"]')
  await expect.poll(clock).toBeGreaterThan(before)
}

const stopped: readonly (readonly [string, string, RegExp])[] = [
  [
    'makes buffers',
    `const kept = []\nfor (;;)\n  kept.push(new Uint8Array(2 ** 24).fill(1))`,
    /stopped: holds more .* \(line 3\)/,
  ],
  [
    'makes buffers now and then',
    `const kept = []\nfor (;;) {\n  kept.push(new Uint8Array(2 ** 24))\n  ${sleep}\n}`,
    /stopped: holds more .* \(line 3\)/,
  ],
  ['doubles a list', 'let list = [1]\nfor (;;)\n  list = [...list, ...list]', /stopped: holds more .* \(line 3\)/],
  [
    'doubles a text',
    "let text = 'x'\nfor (;;)\n  text += text",
    /failed: RangeError: Invalid string length \(line 3\)/,
  ],
  ['lengthens a list', 'const list = []\nfor (;;)\n  list.push({})', /stopped: went round \d+ times .* \(line 2\)/],
  [
    'lengthens a list, and hardly waits',
    `const list = []\nfor (;;) {\n  for (let i = 0; i < 1e6; i++) list.push({ i })\n  ${sleep}\n}`,
    /stopped: went round \d+ times and hardly waited for anything \(line [23]\)/,
  ],
  ['sends at one instant', `${udp}for (;;)\n  void socket.sendto(bytes, to)`, /stopped: made \d+ calls at one instant/],
]

/** What becomes of a program that is at one thing for seconds, as copying a list may take where the machine has much else to do. */
const TAKEN_OUT = /wild on alice held up the run at line \d/

/** What the page says of the program: in its own output, or of the run. */
function said(): Promise<string> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.terminal, .notice')].map(({ textContent }) => textContent).join('\n'),
  )
}

test.each(stopped)('a program that %s without end is stopped by its line', async (_what, source, message) => {
  page = await lab.open(scenario(source))
  await page.click('button:has-text("wild")')
  await page.click('[aria-label="Run"]')
  await expect.poll(said).toMatch(new RegExp(`${message.source}|${TAKEN_OUT.source}`))
  // A run that is begun again stands still.
  if (!TAKEN_OUT.test(await said())) await page.click('[aria-label="Pause"]')
  await goesOn()
})

test('a program that sends without end fills the run, which is paused and says who it was', async () => {
  page = await lab.open(scenario(`${udp}for (;;) {\n  await socket.sendto(bytes, to)\n  ${sleep}\n}`))
  const slider = page.locator('.speed input')
  await slider.fill((await slider.getAttribute('max')) ?? '')
  await page.click('[aria-label="Run"]')
  await expect
    .poll(() => page.textContent('.notice'), { timeout: 200_000 })
    .toMatch(/The run holds as much as it may, .* calls, \d+ are those of wild on alice/)
  expect(await page.locator('.row').count()).toBeGreaterThan(0)
  await page.locator('.row').first().click()
})

test('when the whole process of the engine dies, the run is begun again without who was busy', async () => {
  page = await lab.open(
    scenario(`const outside = (() => {}).constructor('return globalThis')()
setInterval(() => {
  for (let i = 0; i < 1000; i++);
}, 1)`),
  )
  // A look at the page of its own: playwright takes the death of a frame's process for that of the page.
  const look = await page.context().newCDPSession(page)
  await page.click('[aria-label="Run"]')
  await page.waitForFunction(() => Number.parseFloat(document.querySelector('.clock')?.textContent ?? '') > 0)
  await crash(look)
  const notice = () => evaluate(look, "document.querySelector('.notice').textContent")
  // Where it was when it said so last: as it set the interval, or in it.
  await expect.poll(notice).toMatch(/wild on alice held up the run at line [23], or took all memory/)
  await expect.poll(() => evaluate(look, "document.querySelectorAll('.node').length")).toBe(2)
})

async function evaluate(look: CDPSession, expression: string): Promise<unknown> {
  const { result } = await look.send('Runtime.evaluate', { expression, returnByValue: true })
  return result.value
}

/** Has the process of the engine's frame die, as one does that has no memory left. */
async function crash(look: CDPSession): Promise<void> {
  const { targetInfos } = await look.send('Target.getTargets')
  const frame = targetInfos.find(({ type }) => type === 'iframe')
  if (frame === undefined) throw new Error('the engine has no process of its own')
  const { sessionId } = await look.send('Target.attachToTarget', { targetId: frame.targetId })
  await look.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: 1, method: 'Page.crash' }) })
}
