// The page of the lab in a real browser, built as it is published and served as plain files: one browser for each file of tests.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

// What the tests' setup has built, where a source was newer.
const BUILT = fileURLToPath(new URL('../../dist/lab', import.meta.url))
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
const QUIET = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']

/** Milliseconds within which a page has to do what it is asked for, however much else the machine has to do. */
export const PATIENCE = 120_000

export class LabBrowser {
  /** For what a test writes. */
  readonly folder = mkdtempSync(join(tmpdir(), 'jackfield-lab-'))
  readonly browser: Browser
  /** What must not be: errors of the page, requests to others. */
  faults: string[] = []
  /** What was asked of the server, as paths. */
  readonly asked: string[] = []
  readonly #server: Server
  #page: Page | null = null

  private constructor(browser: Browser) {
    this.browser = browser
    this.#server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname
      this.asked.push(path)
      const name = path === '/' ? '/index.html' : path
      try {
        const body = readFileSync(join(BUILT, name))
        response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream').end(body)
      } catch {
        response.writeHead(404).end()
      }
    })
  }

  /** Serves the page, and starts a browser. */
  static async launch(args: readonly string[] = []): Promise<LabBrowser> {
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-component-update', '--disable-sync', ...QUIET, ...args],
    })
    const lab = new LabBrowser(browser)
    await new Promise<void>((resolve) => lab.#server.listen(0, '127.0.0.1', resolve))
    return lab
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  get page(): Page {
    if (this.#page === null) throw new Error('no page is open')
    return this.#page
  }

  /** Opens the page, with a scenario as from a file. */
  async open(scenario?: unknown, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
    this.faults = []
    const page = await this.browser.newPage({ viewport: { width: 1440, height: 900 }, ...options })
    page.setDefaultTimeout(PATIENCE)
    this.#page = page
    page.on('pageerror', (error) => this.faults.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text())
    })
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(this.origin))
        this.faults.push(`asked for ${request.url()}`)
    })
    await page.goto(this.origin)
    if (scenario === undefined) return page
    const path = join(this.folder, 'scenario.json')
    writeFileSync(path, JSON.stringify(scenario))
    await page.setInputFiles('input[type=file]', path)
    // What cannot be read leaves the lab as it is.
    const name = (scenario as { readonly name?: unknown }).name
    if (typeof name === 'string') await expect.poll(() => page.textContent('.title')).toBe(name)
    return page
  }

  /** Lets the run come to an instant, in milliseconds. */
  async moveTo(at: number): Promise<void> {
    // The end of the time line is how far the run has come: it goes on by steps.
    const clock = this.page.locator('.clock')
    for (;;) {
      if (Number.parseFloat((await clock.textContent()) ?? '') * 1000 >= at) return
      const told = await clock.getAttribute('data-told')
      await this.page.click('button:text-is("Packet")')
      await expect.poll(() => clock.getAttribute('data-told')).not.toBe(told)
    }
  }

  /** Closes the page; nothing may have gone wrong in it. */
  async closePage(): Promise<void> {
    await this.#page?.close()
    this.#page = null
    expect(this.faults).toEqual([])
  }

  async close(): Promise<void> {
    await this.browser.close()
    this.#server.close()
    rmSync(this.folder, { recursive: true })
  }
}
