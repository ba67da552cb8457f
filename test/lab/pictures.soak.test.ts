// The pictures of the lab in the docs: each is taken of a scene that is looked at first. A run is a function of its scenario and goes on by
// steps, so that a scene is another one only where the page is. JACKFIELD_PICTURES=1 writes them into docs/public; else each is held
// against the one that is there, loosely, for letters are drawn a little differently on each machine.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { LabBrowser } from './lab-browser.ts'

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url))
const PUBLIC = join(DOCS, 'public')
const WRITES = process.env['JACKFIELD_PICTURES'] === '1'
const SIZE = { width: 1100, height: 700 }
/** How much brightness may differ, of 255: on the whole, and in one field of 32 × 20. */
const WHOLE = 2
const FIELD = 16

let lab: LabBrowser

beforeAll(async () => {
  lab = await LabBrowser.launch()
})
afterEach(() => lab.closePage())
afterAll(() => lab?.close())

interface Scene {
  readonly name: string
  readonly colorScheme: 'light' | 'dark'
  /** Comes to the scene, and looks at what is to be seen. */
  readonly comesTo: (page: Page) => Promise<void>
}

/** The first scenario after some round trips, with a segment selected. */
async function segmentOfWelcome(page: Page, trips: number, flags: string): Promise<void> {
  const clock = page.locator('.clock')
  for (let i = 0; i < trips; i++) {
    const told = await clock.getAttribute('data-told')
    await page.click('button:text-is("Round trip")')
    await expect.poll(() => clock.getAttribute('data-told')).not.toBe(told)
  }
  expect(await page.locator('.title').textContent()).toBe('Two clients, one port')
  expect(await clock.textContent()).toMatch(/^0\.\d{6} s$/)
  expect(await page.locator('.node').allTextContents()).toHaveLength(4)
  await page.click(`.row:has-text("${flags}")`)
  await expect.poll(() => page.locator('.octets b').count()).toBeGreaterThan(20)
  expect(await page.locator('.row.chosen').count()).toBe(1)
  expect(await page.textContent('.inspector h2')).toMatch(/^Packet \d+/)
}

const scenes: readonly Scene[] = [
  {
    name: 'lab-packet',
    colorScheme: 'light',
    async comesTo(page) {
      await segmentOfWelcome(page, 3, '[S]')
      expect(await page.textContent('.layers')).toMatch(/Ethernet.*IPv4.*TCP/)
      expect(await page.locator('.row').count()).toBeGreaterThan(8)
      expect(await page.textContent('.row.chosen')).toMatch(/alice → router.*SYN/)
    },
  },
  {
    name: 'lab-ladder',
    colorScheme: 'dark',
    async comesTo(page) {
      await segmentOfWelcome(page, 6, '[S.]')
      await page.click('#tab-ladder')
      await page.focus('[role="separator"][aria-orientation="horizontal"]')
      for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowUp')
      await page.evaluate(() => (document.activeElement as HTMLElement).blur())
      expect(await page.locator('.names text').allTextContents()).toEqual(['alice', 'carol', 'router', 'server'])
      expect(await page.locator('.arrow').count()).toBeGreaterThan(5)
      expect(await page.getAttribute('.arrow.chosen', 'aria-label')).toMatch(/^\d+: server to router, SYN ACK$/)
      const states = await page.locator('.ladder .state').allTextContents()
      expect(states).toEqual(expect.arrayContaining(['SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED']))
      expect((await page.locator('.call').allTextContents()).join()).toContain('socket, connect')
    },
  },
]

test.each(scenes)('$name is a picture of what it shows', async ({ name, colorScheme, comesTo }) => {
  const page = await lab.open(undefined, { viewport: SIZE, colorScheme, reducedMotion: 'reduce' })
  await comesTo(page)
  expect(await page.locator('.notice:not(.gone)').count()).toBe(0)
  await page.mouse.move(0, 0)
  const taken = await page.screenshot({ animations: 'disabled' })
  const path = join(PUBLIC, `${name}.png`)
  if (WRITES) writeFileSync(path, taken)
  const [drawn, kept] = [await look(page, taken), await look(page, readFileSync(path))]
  expect(kept).toMatchObject(SIZE)
  expect(drawn).toMatchObject(SIZE)
  const differences = kept.fields.map((field, i) => Math.abs(field - (drawn.fields[i] ?? 0)))
  expect(differences.reduce((sum, one) => sum + one, 0) / differences.length).toBeLessThan(WHOLE)
  expect(Math.max(...differences)).toBeLessThan(FIELD)
})

test('the docs have these pictures of the lab, and no others', async () => {
  const pages = readdirSync(DOCS, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
    .map((path) => readFileSync(join(DOCS, path), 'utf8'))
  const shown = pages.flatMap((text) => [...text.matchAll(/!\[[^\]]+\]\(\/([\w-]+)\.png\)/g)].map(([, name]) => name))
  const made = scenes.map(({ name }) => name).sort()
  expect([...new Set(shown)].sort()).toEqual(made)
  expect(readdirSync(PUBLIC).filter((name) => name.endsWith('.png'))).toEqual(made.map((name) => `${name}.png`))
})

interface Look {
  readonly width: number
  readonly height: number
  /** How bright each of 32 × 20 fields is, from 0 to 255. */
  readonly fields: readonly number[]
}

/** A picture as a browser shows it; fails where it is none. */
async function look(page: Page, png: Buffer): Promise<Look> {
  return await page.evaluate(async (octets) => {
    const binary = atob(octets)
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const [across, down] = [32, 20]
    const canvas = new OffscreenCanvas(across, down)
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D
    context.imageSmoothingQuality = 'high'
    context.drawImage(picture, 0, 0, across, down)
    const { data } = context.getImageData(0, 0, across, down)
    const fields = Array.from({ length: across * down }, (_, i) => {
      const [red = 0, green = 0, blue = 0] = data.subarray(4 * i)
      return Math.round(0.3 * red + 0.59 * green + 0.11 * blue)
    })
    return { width: picture.width, height: picture.height, fields }
  }, png.toString('base64'))
}
