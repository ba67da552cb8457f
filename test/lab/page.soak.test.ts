// The page of the lab in a real browser, as somebody uses it.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { LabRun } from '../../lab/engine/lab-run.ts'
import { EMPTY_SCENARIO, type Scenario } from '../../lab/engine/scenario.ts'
import { LabBrowser } from './lab-browser.ts'
import { twoHosts, upperClient, upperServer } from './two-hosts.ts'

let lab: LabBrowser
let page: Page

beforeAll(async () => {
  lab = await LabBrowser.launch()
})

afterAll(() => lab?.close())

afterEach(() => lab.closePage())

async function open(scenario?: unknown, options: Parameters<LabBrowser['open']>[1] = {}): Promise<void> {
  page = await lab.open(scenario, options)
}

const moveTo = (at: number) => lab.moveTo(at)

const upper: Scenario = twoHosts([
  ['bob', 'server', upperServer],
  ['alice', 'client', upperClient],
])

test('a frame is dropped by hand, and its data comes again', async () => {
  await open(upper)
  await moveTo(40)
  await page.click('.row:has-text("[P.]")')
  await page.click('button:text-is("Drop")')
  await moveTo(250)
  await expect.poll(() => page.textContent('.rows')).toContain('dropped by hand')
  const data = await page.locator('.row:has-text("alice → bob"):has-text("length 5")').count()
  expect(data).toBe(2)
})

test('one selection is shown everywhere: a frame, its call, its connection and states', async () => {
  await open(upper)
  await moveTo(80)
  await page.click('.row:has-text("[S]")')
  await expect.poll(() => page.textContent('.cause')).toContain('connect(3, {sa_family=AF_INET, sin_port=htons(12000)')
  expect(await page.textContent('.layers')).toContain('sequence number')
  await page.click('.frame button:has-text("Its connection")')
  const walk = await page.locator('.end').first().locator('.walk li').allTextContents()
  expect(walk.map((line) => line.replace(/^[\d.]+ /, ''))).toContain('SYN-SENT → ESTABLISHED')
  await page.click('#tab-ladder')
  expect(await page.locator('.arrow:not(.faint)').count()).toBeGreaterThan(5)
  await page.click('#tab-output')
  expect(await page.textContent('.lines')).toContain('sendto(3, "hello", 5, 0, NULL, 0) = 5')
})

test('the ladder is one stop of the tabulator: arrows step through its frames, Enter selects', async () => {
  const client = upperClient.replace("new TextEncoder().encode('hello')", 'new Uint8Array(4000)')
  const burst = twoHosts([
    ['bob', 'server', upperServer],
    ['alice', 'client', client],
  ])
  await open({ ...burst, acts: [{ frame: 6, drop: true }] })
  await moveTo(70)
  await page.focus('#tab-packets')
  await page.keyboard.press('ArrowRight')
  for (let i = 0; i < 2 + 1; i++) await page.keyboard.press('Tab')
  const active = () =>
    page.evaluate(() => {
      const id = document.activeElement?.getAttribute('aria-activedescendant') ?? ''
      const [arrow, box] = [document.getElementById(id), document.querySelector('.ladder')]
      if (arrow === null || box === null) return 'nothing'
      const [inner, outer] = [arrow.getBoundingClientRect(), box.getBoundingClientRect()]
      return inner.top >= outer.top && inner.bottom <= outer.bottom ? arrow.getAttribute('aria-label') : 'out of sight'
    })
  await page.keyboard.press('ArrowDown')
  await expect.poll(active).toMatch(/^\d+: alice to bob, SYN$/)
  await page.keyboard.press('End')
  await expect.poll(active).toMatch(/^\d+: \w+ to \w+, [A-Z ]*ACK/)
  const last = await active()
  await page.keyboard.press('Home')
  await page.keyboard.press('PageDown')
  await page.keyboard.press('ArrowUp')
  await expect.poll(active).not.toBe(last)
  await page.keyboard.press('Enter')
  const [number] = ((await active()) ?? '').split(':')
  await expect.poll(() => page.textContent('.inspector h2')).toContain(`Packet ${number}`)
  expect(await page.locator('.arrow[aria-selected="true"]').getAttribute('aria-label')).toBe(await active())
  // Of what left at one instant each can be seen, and clicked.
  const data = page.locator('.arrow[aria-label*="alice to bob"]:has-text("ACK 1")')
  expect(await data.count()).toBeGreaterThan(2)
  for (let i = 0; i < 3; i++) {
    await data.nth(i).click()
    expect(await data.nth(i).getAttribute('aria-selected')).toBe('true')
  }
  expect(await page.locator('.arrow[aria-label$="dropped by hand"]').count()).toBe(1)
})

test('a seed is the same run in the browser and in Node, octet for octet', async () => {
  const lossy = { ...upper, links: [{ between: ['alice', 'bob'] as const, delay: 10, jitter: 4, loss: 0.2 }] }
  await open(lossy)
  await moveTo(900)
  const at = Number.parseFloat((await page.textContent('.clock')) ?? '') * 1000
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('button:text-is("pcapng")')])
  const capture = readFileSync(await download.path())
  const run = new LabRun(lossy)
  // What the clock shows is rounded: the next thing that happens is far from it.
  await run.advance(at + 0.001)
  expect(new Uint8Array(capture)).toEqual(run.capture())
  const path = join(lab.folder, 'capture.pcapng')
  writeFileSync(path, capture)
  expect(execFileSync('tshark', ['-r', path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).toContain(
    '[SYN, ACK]',
  )
})

test('an address is the very run, with what was done by hand', async () => {
  await open({ ...upper, acts: [{ frame: 3, drop: true }] })
  await page.click('button:text-is("Share")')
  await expect.poll(() => page.url()).toContain('#s=')
  const address = page.url()
  const other = await lab.browser.newPage()
  await other.goto(address)
  await expect.poll(() => other.textContent('.title')).toBe('two hosts')
  for (let i = 0; i < 4; i++) await other.click('button:text-is("Packet")')
  await expect.poll(() => other.textContent('.rows')).toContain('dropped by hand')
  await other.close()
})

test('a program says to a reader of another language, elsewhere, what it says to all', async () => {
  const source = "console.log((1234.5).toLocaleString(), 'i'.toLocaleUpperCase(), new Date().toLocaleString())"
  const told: Scenario = { ...upper, programs: [...upper.programs, { host: 'bob', name: 'told', source }] }
  await open(told, { locale: 'tr-TR', timezoneId: 'Asia/Tokyo' })
  expect(await page.evaluate(() => (1234.5).toLocaleString())).toBe('1.234,5')
  await moveTo(40)
  await page.click('#tab-output')
  await expect.poll(() => page.textContent('.lines')).toMatch(/1,234\.5 I 1\/1\/2025, 12:00:00\sAM/)
})

test('a program is changed and run again; its error stands at its line', async () => {
  await open(upper)
  await page.click('.node:has-text("alice")')
  await page.click('.node-panel button:text-is("client")')
  await page.click('.cm-content')
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText("console.log('one')\n\nthrow new TypeError('two')\n")
  await page.click('button:text-is("Run from the beginning")')
  await expect.poll(() => page.textContent('.terminal')).toContain('failed: TypeError: two (line 3)')
  expect(await page.textContent('.terminal')).toContain('one')
  await expect.poll(() => page.locator('.cm-lintRange-error').count()).toBe(1)
})

const endless: readonly (readonly [string, string, RegExp])[] = [
  ['goes round', 'let n = 0\nfor (;;)\n  n++', /stopped: went round \d+ times at one instant .* \(line 2\)/],
  ['prints', "for (;;) {\n  console.log('x')\n  await null\n}", /stopped: printed more than 10000 lines/],
  [
    'fails where nobody catches',
    "async function f() {\n  throw new Error('lost')\n}\nvoid f()\nsetInterval(() => {}, 10)",
    /failed: Error: lost \(line 2\)/,
  ],
]

test.each(endless)('a program that %s without end is stopped, and the page lives', async (_what, source, message) => {
  await open(twoHosts([['alice', 'busy', source]]))
  await page.click('button:has-text("busy")')
  for (let i = 0; i < 3; i++) await page.click('button:text-is("Event")')
  await expect.poll(() => page.textContent('.terminal')).toMatch(message)
  await page.click('[aria-label="Run"]')
  await page.click('[aria-label="Pause"]')
})

test('what no count can end is ended with its thread, and the run goes on without it', async () => {
  // A regular expression that looks for ever, in one call.
  const source = "const text = 'a'.repeat(60)\nfor (let i = 0; i < 100000; i++);\n/^(a+)+$/.test(text + 'b')"
  await open(
    twoHosts([
      ['alice', 'stuck', source],
      ['bob', 'other', "console.log('here')"],
    ]),
  )
  await page.click('button:text-is("Event")')
  await expect.poll(() => page.textContent('.notice')).toContain('stuck on alice held up the run at line 2')
  await page.click('button:has-text("other")')
  await expect.poll(() => page.textContent('.terminal')).toContain('here')
  // Its text is not lost.
  await page.click('[aria-label="Undo"]')
  await page.click('.node:has-text("alice")')
  await page.click('button:has-text("stuck")')
  await expect.poll(() => page.textContent('.editor')).toContain('for (let i = 0')
})

test('a capture that is asked for while the engine is held up is had from the next one', async () => {
  const busy = 'for (let i = 0; i < 100000; i++);'
  const source = `setTimeout(() => {\n  ${busy}\n  /^(a+)+$/.test('a'.repeat(60) + 'b')\n}, 45)`
  const held = twoHosts([
    ['bob', 'server', upperServer],
    ['alice', 'client', upperClient],
    ['alice', 'stuck', source],
  ])
  await open(held)
  await moveTo(40)
  const at = Number.parseFloat((await page.textContent('.clock')) ?? '') * 1000
  await page.click('button:text-is("Round trip")')
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('button:text-is("pcapng")')])
  expect(await page.textContent('.notice')).toContain('stuck on alice held up the run')
  const run = new LabRun({ ...held, programs: held.programs.filter(({ name }) => name !== 'stuck') })
  await run.advance(at + 0.001)
  expect(new Uint8Array(readFileSync(await download.path()))).toEqual(run.capture())
})

test('where no packet has left there is none to be had as a file', async () => {
  await open({ ...upper, programs: [] })
  await page.click('button:text-is("pcapng")')
  await expect.poll(() => page.textContent('.notice')).toContain('No packet has left yet')
})

test('what cannot be read is told of by its field, and the lab opens empty', async () => {
  await open({ version: 1, links: [{ between: ['a', 'b'] }] })
  await expect
    .poll(() => page.textContent('.notice'))
    .toContain('links[0].between[0] must be the name of a node, got "a"')
  await page.goto(`${lab.origin}#s=notascenario`)
  await page.reload()
  await expect.poll(() => page.textContent('.notice')).toContain('The address has no scenario that can be read')
  expect(await page.textContent('.title')).toBe(EMPTY_SCENARIO.name)
  await page.goto(`${lab.origin}#lesson=%`)
  await page.reload()
  await expect.poll(() => page.textContent('.notice')).toContain('There is no lesson by the name in the address')
})

test('what comes from a packet is text, and nothing else', async () => {
  const html = '<img src=x onerror="document.title=1">'
  const client = upperClient.replace("'hello'", JSON.stringify(html))
  await open(
    twoHosts([
      ['bob', 'server', upperServer],
      ['alice', 'client', client],
    ]),
  )
  await moveTo(80)
  await page.click('#tab-output')
  await expect.poll(() => page.textContent('.lines')).toContain('<img src=x')
  expect(await page.locator('.lines img').count()).toBe(0)
})

test.each([
  ['light', 1440],
  ['dark', 1440],
  ['light', 800],
  ['dark', 390],
] as const)('the page can be used by all: %s, %i pixels wide', async (colorScheme, width) => {
  await open(undefined, { colorScheme, viewport: { width, height: 900 } })
  for (let i = 0; i < 6; i++) await page.click('button:text-is("Round trip")')
  await page.evaluate(axe.source)
  const states = ['.row', '#tab-ladder', '#tab-output', '.node', '.link']
  for (const state of states) {
    await page.locator(state).first().click({ force: true })
    const result = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
    const found = result.violations.map(
      ({ id, nodes }) => `${state}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
    )
    expect(found).toEqual([])
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
})

test('on a telephone what is rare is behind one button, and the network is seen without scrolling', async () => {
  await open(upper, { viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
  const rare = page.locator('#rare')
  expect(await rare.isVisible()).toBe(false)
  const box = await page.locator('.stage').boundingBox()
  expect((box?.y ?? 844) + (box?.height ?? 844)).toBeLessThan(600)
  await page.focus('.more')
  await page.keyboard.press('Enter')
  await expect.poll(() => rare.isVisible()).toBe(true)
  await page.evaluate(axe.source)
  const result = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  expect(result.violations.map(({ id }) => id)).toEqual([])
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.closest('.seed') !== null)).toBe(true)
  await page.keyboard.press('Escape')
  await expect.poll(() => rare.isVisible()).toBe(false)
  expect(await page.evaluate(() => document.activeElement?.className)).toBe('more')
  // What was done closes it.
  await page.keyboard.press('Enter')
  await page.click('button:text-is("Share")')
  await expect.poll(() => page.url()).toContain('#s=')
  await expect.poll(() => rare.isVisible()).toBe(false)
})

test('beside a lesson the window of a segment with data can be read', async () => {
  await open()
  await page.goto(`${lab.origin}#lesson=two-sends`)
  await page.reload()
  await moveTo(300)
  const row = page.locator('.row:has-text("PSH ACK 5") .text').first()
  const reach = await row.evaluate((text) => {
    const node = text.lastChild as Text
    const range = document.createRange()
    range.setStart(node, 0)
    range.setEnd(node, node.data.indexOf(', length'))
    const { left, right } = text.getBoundingClientRect()
    return { text: range.toString(), left: range.getBoundingClientRect().right - left, width: right - left }
  })
  expect(reach.text).toMatch(/^seq \d+, ack \d+, win \d+$/)
  expect(reach.left).toBeLessThan(reach.width - 10)
})
