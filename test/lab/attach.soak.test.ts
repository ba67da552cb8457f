// A program that runs, watched in a real browser: what it sends is seen as it is sent.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PATIENCE } from './lab-browser.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const COMMAND = join(ROOT, 'bin/jackfield')

/** Two hosts on a bad cable; one sends what the other sends back, again and again. */
const PROGRAM = `
import { AF_INET, Cable, Impair, SOCK_STREAM, Socket, Stack } from 'jackfield'
import { showSockets } from 'jackfield/os'
const [alice, bob, cable] = [new Stack(), new Stack(), new Cable()]
alice.attach(new Impair(cable.left, { loss: 0.2, seed: 3 }), { address: '10.0.0.1/24' })
bob.attach(cable.right, { address: '10.0.0.2/24' })
await showSockets(alice, { name: 'alice' })
await showSockets(bob, { name: 'bob' })
const listener = new Socket(bob, AF_INET, SOCK_STREAM)
listener.bind({ address: '10.0.0.2', port: 7 })
listener.listen()
const client = new Socket(alice, AF_INET, SOCK_STREAM)
await client.connect({ address: '10.0.0.2', port: 7 })
const server = await listener.accept()
console.log('ready')
const bytes = new Uint8Array(100)
setInterval(async () => {
  await client.send(new TextEncoder().encode('<img src=x onerror="document.title=1">'))
  await server.send(bytes.subarray(0, await server.recv(bytes)))
  await client.recv(new Uint8Array(100))
}, 100)
`

let folder: string
let browser: Browser
let page: Page
let program: ChildProcess
let lab: ChildProcess
let url: string
const faults: string[] = []

function saying(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const [found] = pattern.exec(said) ?? []
      if (found !== undefined) resolve(found)
    })
  })
}

beforeAll(async () => {
  // Below the checkout, where 'jackfield' is this package.
  mkdirSync(join(ROOT, 'tmp'), { recursive: true })
  folder = mkdtempSync(join(ROOT, 'tmp', 'attach-'))
  writeFileSync(join(folder, 'program.mjs'), PROGRAM)
  program = spawn(process.execPath, ['program.mjs'], { cwd: folder })
  await saying(program, /ready/)
  lab = spawn(COMMAND, ['lab', '--no-open', '--attach', String(program.pid)])
  url = await saying(lab, /http:\S+/)
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-component-update', '--disable-sync', ...quiet],
  })
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.setDefaultTimeout(PATIENCE)
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  await page.goto(url)
})

afterAll(async () => {
  await browser?.close()
  for (const child of [program, lab]) child?.kill('SIGKILL')
  if (folder !== undefined) rmSync(folder, { recursive: true })
})

test('its packets arrive, with their layers, its connections and sockets, and are text', async () => {
  await expect.poll(() => page.textContent('.live-state')).toBe('Live')
  await page.click('.row:has-text("alice → network")')
  await expect.poll(() => page.textContent('.layers')).toContain('sequence number')
  expect(await page.title()).toBe('Jackfield Lab')
  await page.click('.node:has-text("alice")')
  await expect.poll(() => page.textContent('.node-panel')).toContain('ESTABLISHED')
  const count = async () => Number.parseInt((await page.textContent('.live-count')) ?? '', 10)
  const before = await count()
  await expect.poll(count).toBeGreaterThan(before)
})

test('its plots have the segments that it sends, and those that it sends again', async () => {
  await page.click('.row:has-text("alice → network"):has-text("[P.]")')
  await page.click('#tab-plots')
  await page.waitForSelector('[data-plot="rate"] canvas')
  await page.focus('.plot-grid')
  /** What the plots say from now back to when it was watched first, up to where that matches. */
  const said = async (pattern: RegExp) => {
    await page.keyboard.press('End')
    let [text, before]: (string | null)[] = ['', null]
    while (text !== before && !pattern.test(text ?? '')) {
      await page.keyboard.press('ArrowLeft')
      ;[before, text] = [text, await page.textContent('.readout')]
    }
    return text
  }
  for (const pattern of [/ · last segment \d+–\d+.* \(packet \d+\)$/, /, sent again \(packet \d+\)/]) {
    // Until one has been lost.
    await expect.poll(() => said(pattern)).toMatch(pattern)
  }
  await page.click('#tab-packets')
})

test('its calls lead to the packets that they have caused, and are text', async () => {
  await page.click('#tab-output')
  // The other sends the same back.
  const own = page.locator('.line.call:has(.who:text-is("alice")):has(button)')
  const sent = own.filter({ hasText: 'sendto(' }).filter({ hasText: '<img src=x' }).last()
  await sent.waitFor()
  // Else the last one is soon another.
  await page.click('button:text-is("Hold")')
  const number = await sent.locator('button').first().textContent()
  await sent.locator('button').first().click()
  await expect.poll(() => page.textContent('.inspector .frame')).toContain(`Packet ${number}`)
  expect(await page.textContent('.inspector .frame')).toContain('sendto(')
  expect(await page.locator('.line.call.chosen').textContent()).toContain('sendto(')
  expect(await page.title()).toBe('Jackfield Lab')
  await page.click('button:text-is("Go on")')
  await page.click('#tab-packets')
})

test('nothing of it can be changed; the view is held, and goes on', async () => {
  for (const hidden of ['.tools', '.time-line', '[aria-label="Run"]', '#tab-terminal']) {
    expect(await page.locator(hidden).filter({ visible: true }).count(), hidden).toBe(0)
  }
  await page.click('#tab-ladder')
  await page.waitForFunction(() => {
    const ladder = document.querySelector('.ladder')
    return ladder !== null && ladder.scrollHeight > 2 * ladder.clientHeight
  })
  await page.click('button:text-is("Hold")')
  const [before, at] = [await page.textContent('.live-count'), await page.textContent('.clock')]
  // Somebody else who watches sees it go on meanwhile.
  const other = await browser.newPage()
  await other.goto(url)
  await expect.poll(async () => Number.parseInt((await other.textContent('.live-count')) ?? '', 10)).toBeGreaterThan(10)
  await other.close()
  expect([await page.textContent('.live-count'), await page.textContent('.clock')]).toEqual([before, at])
  // Who scrolls back is not taken to the end again, as while it goes on.
  const scrolled = await page.locator('.ladder').evaluate(async (ladder) => {
    ladder.scrollTop = 0
    for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame)
    return ladder.scrollTop
  })
  expect(scrolled).toBe(0)
  await page.click('#tab-packets')
  await page.click('button:text-is("Go on")')
  await expect.poll(() => page.textContent('.live-count')).not.toBe(before)
})

test('all can use it, and its packets are had as a file', async () => {
  await page.evaluate(axe.source)
  const result = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  expect(
    result.violations.map(({ id, nodes }) => `${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
  ).toEqual([])
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('button:text-is("pcapng")')])
  expect(download.suggestedFilename()).toMatch(/alice.*\.pcapng$/)
})

test('a stream is for those who know the token', async () => {
  const wrong = await fetch(new URL('/wrong/live', url))
  expect(wrong.status).toBe(403)
})

test('when it ends, what it did stays', async () => {
  program.kill('SIGKILL')
  await expect.poll(() => page.textContent('.live-state')).toBe('Ended')
  expect(await page.textContent('.notice')).toContain('The program has ended')
  expect(await page.locator('.row').count()).toBeGreaterThan(5)
  expect(faults).toEqual([])
  expect((await fetch(new URL('live', url))).status).toBe(410)
})
