// The terminals of the lab's page in a real browser, by keyboard.

import { readFileSync } from 'node:fs'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { LabRun } from '../../lab/engine/lab-run.ts'
import type { Scenario } from '../../lab/engine/scenario.ts'
import { terminalLines } from '../../lab/page/terminal/terminal-lines.ts'
import { bundleCommands } from '../../scripts/lab-commands.mjs'
import { LabBrowser } from './lab-browser.ts'
import { twoHosts } from './two-hosts.ts'

let lab: LabBrowser
let page: Page

beforeAll(async () => {
  lab = await LabBrowser.launch()
})

afterAll(() => lab?.close())

afterEach(() => lab.closePage())

async function open(): Promise<void> {
  page = await lab.open(twoHosts([]))
  await page.click('#tab-terminal')
  await page.click('.tty-entry input')
}

async function enter(line: string): Promise<void> {
  await page.keyboard.type(line)
  await page.keyboard.press('Enter')
}

const paper = () => page.innerText('[role=log][aria-label^="Terminal of"]')
const lines = () => page.locator('.tty-line').allInnerTexts()

test('ping is answered while the run, which stood still, plays for it; the same run in Node shows the same', async () => {
  await open()
  await enter('ping -c 2 -i 0.1 bob')
  await expect.poll(paper).toContain('2 packets transmitted, 2 received, 0% packet loss')
  await expect.poll(() => page.getAttribute('.transport .primary', 'aria-label')).toBe('Run')
  await enter('netstat -r')
  await expect.poll(paper).toContain('10.0.1.0/24')
  await page.click('#tab-packets')
  expect(await page.locator('.row:has-text("ICMP echo re")').count()).toBe(4)

  const [download] = await Promise.all([page.waitForEvent('download'), page.click('button:text-is("Save")')])
  const scenario = JSON.parse(readFileSync(await download.path(), 'utf8')) as Scenario
  const text = await bundleCommands()
  const run = new LabRun(scenario, { commands: () => text })
  await run.advance(10_000)
  const shown = terminalLines(run.take().output, 'alice').map((line) => line.text)
  await page.click('#tab-terminal')
  expect(
    (await lines()).map((line) =>
      line
        .replace(/^alice\$ /, '')
        .replace(/\n.*/s, '')
        .trimEnd(),
    ),
  ).toEqual(shown)
})

test('an endless ping is ended by Ctrl-C, and sums up', async () => {
  await open()
  await enter('ping -i 0.2 bob')
  await expect.poll(paper).toContain('icmp_seq=2')
  await page.keyboard.press('Control+c')
  await expect.poll(paper).toMatch(/\^C[\s\S]*0% packet loss/)
  expect(await page.getAttribute('.tty-entry input', 'aria-label')).toBe('Command on alice')
})

test('nc on two hosts: what is typed at one is read at the other, Ctrl-D ends it', async () => {
  await open()
  await page.click('.tty-hosts button:text-is("bob")')
  await page.click('.tty-entry input')
  await enter('nc -l 7007')
  await expect.poll(() => page.getAttribute('.tty-entry input', 'aria-label')).toBe('Input of nc on bob')
  await page.click('.tty-hosts button:text-is("alice")')
  await page.click('.tty-entry input')
  await enter('nc -N bob 7007')
  await expect.poll(() => page.getAttribute('.tty-entry input', 'aria-label')).toBe('Input of nc on alice')
  await enter('<b>hello</b>')
  await page.keyboard.press('Control+d')
  await expect.poll(() => page.getAttribute('.tty-entry input', 'aria-label')).toBe('Command on alice')
  await page.click('.tty-hosts button:has-text("bob")')
  await expect.poll(lines).toContain('<b>hello</b>')
})

test('keys of a shell: Tab completes, arrows go through what was typed, Ctrl-L and clear make it empty', async () => {
  await open()
  const typed = () => page.inputValue('.tty-entry input')
  await page.keyboard.type('tr')
  await page.keyboard.press('Tab')
  await page.keyboard.type('b')
  await page.keyboard.press('Tab')
  expect(await typed()).toBe('traceroute bob ')
  await page.keyboard.press('Control+u')
  await enter('foo')
  await expect.poll(paper).toContain('foo: command not found')
  await enter('help')
  await expect.poll(paper).toContain('find the routers on the way to a host')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowUp')
  expect(await typed()).toBe('foo')
  await page.keyboard.press('ArrowDown')
  expect(await typed()).toBe('help')
  await page.keyboard.press('Control+l')
  await expect.poll(lines).toEqual([])
  await enter('')
  await enter('clear')
  await enter('netstat -i')
  await expect.poll(paper).toContain('eth0')
  expect(await lines()).not.toContain('foo: command not found')
})

test('lines that are typed faster than they run are run, each of them, and then time stands still again', async () => {
  await open()
  for (let i = 1; i <= 30; i++) await enter(`dig x${i}`)
  await expect.poll(async () => (await lines()).filter((line) => line === 'status 1').length).toBe(30)
  await expect.poll(() => page.locator('[aria-label="Run"]').count()).toBe(1)
  const ran = (await lines()).flatMap((line) => /^alice\$ dig x(\d+)/.exec(line)?.[1] ?? [])
  // What is typed while one runs is its input, and the shell's when it has ended: before lines that waited already.
  expect(ran.map(Number).sort((one, other) => one - other)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
})

test('no rule of accessibility is broken, by day, by night and on a telephone', async () => {
  for (const options of [{}, { colorScheme: 'dark' as const }, { viewport: { width: 390, height: 844 } }]) {
    page = await lab.open(twoHosts([]), options)
    await page.click('#tab-terminal')
    await page.click('.tty-entry input')
    await enter('nc -v bob 1')
    await expect.poll(paper).toContain('status 1')
    await enter('nc -l 7')
    await expect.poll(() => page.locator('.tty-keys').count()).toBe(1)
    await page.evaluate(axe.source)
    const result = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
    expect(result.violations.map(({ id, nodes }) => `${id} at ${nodes.map(({ target }) => target.join(' '))}`)).toEqual(
      [],
    )
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    await lab.closePage()
  }
})
