// The network of the lab changed by hand: with a pointer, and with keys alone.

import axe from 'axe-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Scenario } from '../../lab/engine/scenario.ts'
import { LabBrowser } from './lab-browser.ts'
import { twoHosts, upperClient, upperServer } from './two-hosts.ts'

let lab: LabBrowser

beforeAll(async () => {
  lab = await LabBrowser.launch()
})
afterEach(() => lab.closePage())
afterAll(() => lab?.close())

const upper: Scenario = twoHosts(
  [
    ['bob', 'server', upperServer],
    ['alice', 'client', upperClient],
  ],
  {
    nodes: [
      { name: 'alice', kind: 'host', x: 0, y: 0 },
      { name: 'bob', kind: 'host', x: 300, y: 0 },
    ],
  },
)
const apart: Scenario = { ...twoHosts([]), nodes: upper.nodes, links: [] }

async function centre(selector: string): Promise<{ x: number; y: number }> {
  const box = await lab.page.locator(selector).first().boundingBox()
  if (box === null) throw new Error(`${selector} is nowhere`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

test('two hosts are connected by dragging from the handle of one to the other, undone, and done again', async () => {
  const page = await lab.open(apart)
  await page.hover('.node:has-text("alice") .halo')
  const [from, to] = [await centre('.node:has-text("alice") .handle'), await centre('.node:has-text("bob") .halo')]
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(to.x - 30, to.y, { steps: 4 })
  expect(await page.locator('.rubber').count()).toBe(1)
  await page.mouse.move(to.x, to.y)
  await page.mouse.up()
  await expect.poll(() => page.locator('.link').count()).toBe(1)
  expect(await page.textContent('.inspector h2')).toContain('alice — bob')
  await page.click('[aria-label="Undo"]')
  await expect.poll(() => page.locator('.link').count()).toBe(0)
  await page.click('[aria-label="Redo"]')
  await expect.poll(() => page.locator('.link').count()).toBe(1)
})

test('by keys alone: a node is moved, and connected to the one that an arrow leads to', async () => {
  const page = await lab.open(apart)
  await page.focus('.node:has-text("alice")')
  await page.keyboard.press('ArrowDown')
  await expect.poll(() => page.getAttribute('.node:has-text("alice")', 'transform')).toBe('translate(0 10)')
  await page.keyboard.press('l')
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => page.textContent('.stage [aria-live]')).toBe('to bob')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('.link').count()).toBe(1)
  await page.focus('.node:has-text("bob")')
  await page.keyboard.press('Delete')
  await expect.poll(() => page.locator('.node').count()).toBe(1)
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('canvas')
})

test('what is changed before the change in front of it has come about is changed as well, and undone by itself', async () => {
  const page = await lab.open(apart)
  await page.evaluate(() => {
    const add = [...document.querySelectorAll('button')].find((one) => one.textContent?.includes('host'))
    add?.click()
    add?.click()
  })
  await expect.poll(() => page.locator('.node').count()).toBe(4)
  await page.click('[aria-label="Undo"]')
  await expect.poll(() => page.locator('.node').count()).toBe(3)
  await page.click('[aria-label="Undo"]')
  await expect.poll(() => page.locator('.node').count()).toBe(2)
  expect(await page.isDisabled('[aria-label="Undo"]')).toBe(true)
})

test('the editor has the text that undoing brings back, and keeps what was not run yet', async () => {
  const page = await lab.open(twoHosts([['alice', 'talk', "console.log('first')\n"]]))
  await page.click('button:has-text("talk")')
  await page.click('.cm-content')
  await page.keyboard.press('Control+A')
  await page.keyboard.type("console.log('second')")
  await page.keyboard.press('Control+Enter')
  await page.click('[aria-label="Undo"]')
  await expect.poll(() => page.textContent('.cm-content')).toBe("console.log('first')")
  await page.click('.cm-content')
  await page.keyboard.type('// more ')
  await page.click('.node:has-text("bob")')
  await expect.poll(() => page.locator('.cm-content').count()).toBe(0)
  await page.click('.node:has-text("alice")')
  await page.click('button:has-text("talk")')
  await expect.poll(() => page.textContent('.cm-content')).toContain('// more ')
})

test('a host is added where one clicks twice, renamed, and made a switch', async () => {
  const page = await lab.open(apart)
  const at = await centre('.stage > svg')
  await page.mouse.dblclick(at.x, at.y + 60)
  await page.click('.add-menu button:text-is("router")')
  await expect.poll(() => page.locator('.node').count()).toBe(3)
  await page.fill('.node-form input', 'alice')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.textContent('.node-form [role=alert]')).toBe('name must be a new one, got "alice" again')
  await page.fill('.node-form input', 'middle')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.textContent('.inspector h2')).toContain('middle')
  await page.selectOption('.node-form select', 'switch')
  await expect.poll(() => page.locator('.node.switch').count()).toBe(1)
})

test('an address that cannot be is refused at its field, and one that can is taken', async () => {
  const page = await lab.open(upper)
  await page.click('.link text')
  const field = page.locator('.link-panel input').first()
  await field.fill('10.0.300.1/24')
  await field.press('Enter')
  await expect.poll(() => page.textContent('.link-panel [role=alert]')).toContain('got "10.0.300.1/24"')
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  await field.fill('192.168.7.1/24')
  await field.press('Enter')
  await expect.poll(() => page.textContent('.node:has-text("alice") .address')).toContain('192.168.7.1')
  expect(await page.locator('[role=alert]').count()).toBe(0)
})

test('a link is changed from now on: the run goes on, and the change is an act that can be taken back', async () => {
  const page = await lab.open(upper)
  await lab.moveTo(20)
  await page.click('.link text')
  await page.check('input[name=since] >> nth=1')
  const delay = page.getByLabel('Delay', { exact: true })
  await delay.fill('70')
  await delay.press('Enter')
  await expect.poll(() => page.textContent('.link text')).toBe('70 ms')
  expect(await page.textContent('.clock')).not.toBe('0.000000 s')
  await page.click('.acts summary')
  await page.click('.acts button:text-is("Take back")')
  await expect.poll(() => page.textContent('.link text')).toBe('10 ms')
  expect(await page.textContent('.clock')).not.toBe('0.000000 s')
})

test('a frame under way is dropped where it is', async () => {
  const page = await lab.open(upper)
  await expect.poll(() => page.textContent('.rows')).toContain('under way')
  // The first frame has just left alice: it stands beside the line, next to her.
  const [from, to] = [await centre('.node:has-text("alice") .halo'), await centre('.node:has-text("bob") .halo')]
  const scale = (to.x - from.x) / 300
  const [x, y] = [from.x + 30 * scale, from.y + 7 * scale]
  let aside = 0
  await expect
    .poll(async () => {
      aside = 1 - aside
      await page.mouse.move(x + aside, y)
      return await page.locator('.on-frame').count()
    })
    .toBe(1)
  await page.mouse.click(x, y)
  await page.click('.frame-popover button:text-is("Drop")')
  await lab.moveTo(30)
  await expect.poll(() => page.textContent('.row')).toContain('dropped by hand')
  await expect.poll(() => page.textContent('.acts summary')).toBe('By hand: 1')
})

test('keys: packets are stepped through, held, filtered and explained, but not while one types', async () => {
  const page = await lab.open(upper)
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => page.textContent('.clock')).toBe('0.010000 s')
  await page.keyboard.press('j')
  await expect.poll(() => page.textContent('.inspector h2')).toContain('Packet 1')
  await page.keyboard.press('f')
  await expect.poll(() => page.locator('.frame-popover').count()).toBe(1)
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Drop')
  await page.keyboard.press('Escape')
  await expect.poll(() => page.locator('.frame-popover').count()).toBe(0)
  await page.keyboard.press('/')
  await page.waitForFunction(() => document.activeElement?.classList.contains('filter'))
  await page.keyboard.type('2 j')
  expect(await page.inputValue('.filter')).toBe('2 j')
  expect(await page.getAttribute('#tab-packets', 'aria-selected')).toBe('true')
  await page.focus('#canvas')
  await page.keyboard.press('2')
  await expect.poll(() => page.getAttribute('#tab-ladder', 'aria-selected')).toBe('true')
  await page.keyboard.press('?')
  await expect.poll(() => page.locator('dialog[open]').count()).toBe(1)
  await page.keyboard.press('Escape')
  await expect.poll(() => page.locator('dialog[open]').count()).toBe(0)
})

test.each([
  ['light', 1440],
  ['dark', 800],
  ['light', 390],
] as const)('nobody is shut out: %s, %i pixels wide, each view and panel', async (colorScheme, width) => {
  const page = await lab.open(upper, { colorScheme, viewport: { width, height: 900 } })
  for (let i = 0; i < 5; i++) await page.click('button:text-is("Round trip")')
  await page.evaluate(axe.source)
  const look = async (where: string) => {
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
    const found = violations.map(
      ({ id, nodes }) => `${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
    )
    expect(found, where).toEqual([])
  }
  await page.locator('.row').nth(2).click()
  await page.check('.explain input')
  for (const summary of await page.locator('.sum summary').all()) await summary.click()
  await look('a packet, explained')
  for (const tab of await page.locator('.tabs button').all()) {
    await tab.click()
    await look((await tab.textContent()) ?? '')
  }
  await page.locator('.link text').first().click({ force: true })
  await look('a link')
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
})

test('who goes back and changes the network again and again, sooner than the run can follow, loses no change', async () => {
  const page = await lab.open(upper)
  await page.click('button:text-is("Round trip")')
  await expect.poll(() => page.locator('.row').count()).toBeGreaterThan(1)
  await page.evaluate(async () => {
    const press = (selector: string) => (document.querySelector(selector) as HTMLElement).click()
    for (let i = 0; i < 20; i++) {
      press('[aria-label="To the beginning"]')
      press('[aria-label="To the beginning"]')
      press('.tools button')
      await new Promise((resolve) => setTimeout(resolve, i))
    }
  })
  await expect.poll(() => page.locator('.node').count()).toBe(22)
})

test('frames stay on their links where panels are made larger', async () => {
  const page = await lab.open(upper)
  await page.click('button:text-is("Packet")')
  await page.click('button:text-is("Event")')
  const sizes = () =>
    page.evaluate(() => {
      const { height, clientHeight } = document.querySelector('canvas') as HTMLCanvasElement
      return [height, clientHeight]
    })
  const [drawn = 0, shown = 0] = await sizes()
  expect([drawn, shown]).toEqual([shown, shown])
  await page.focus('[role="separator"][aria-orientation="horizontal"]')
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowUp')
  await expect.poll(async () => (await sizes())[1]).toBeLessThan(shown - 30)
  await expect.poll(async () => (await sizes())[0]).toBe((await sizes())[1])
})
