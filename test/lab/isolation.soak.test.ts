// Programs of scenarios are other people's: what one reaches that breaks out of its scope, in a real browser.

import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { LabBrowser } from './lab-browser.ts'
import { twoHosts } from './two-hosts.ts'

let lab: LabBrowser
let page: Page

beforeAll(async () => {
  lab = await LabBrowser.launch()
})

afterAll(() => lab?.close())

afterEach(() => lab.closePage())

/** A program's way to the thread's own global object; as long as it goes on, what it prints is shown. */
const BREAK_OUT = "const outside = (() => {}).constructor('return globalThis')()\nsetInterval(() => {}, 1)\n"

/** Runs a program on alice. */
async function run(source: string): Promise<void> {
  page = await lab.open(twoHosts([['alice', 'guest', BREAK_OUT + source]]))
  await page.click('button:has-text("guest")')
  await page.click('[aria-label="Run"]')
}

/** Ways out, each an expression. */
function waysOut(origin: string): Readonly<Record<string, string>> {
  return {
    fetch: `outside.fetch('${origin}reached')`,
    request: `(() => { const x = new outside.XMLHttpRequest(); x.open('GET', '${origin}reached', false); x.send() })()`,
    socket: `new Promise((open, fail) => { const s = new outside.WebSocket('${origin.replace('http', 'ws')}reached'); s.onopen = open; s.onerror = () => fail(new Error('refused')) })`,
    stream: `new Promise((open, fail) => { const s = new outside.EventSource('${origin}reached'); s.onopen = open; s.onerror = () => fail(new Error('refused')) })`,
    importScripts: `outside.importScripts('${origin}reached')`,
    import: `outside.eval("import('${origin}reached')")`,
    'import of a text': `outside.eval("import('data:text/javascript,0')")`,
    worker: `new Promise((open, fail) => { const w = new outside.Worker('${origin}reached'); w.onmessage = open; w.onerror = () => fail(new Error('refused')) })`,
    'fetch of a worker': `new Promise((open, fail) => { const w = new outside.Worker(outside.URL.createObjectURL(new outside.Blob(["fetch('${origin}reached').then(() => postMessage(1), () => postMessage(0))"]))); w.onmessage = ({ data }) => (data === 1 ? open(1) : fail(new Error('refused'))) })`,
    localStorage: 'outside.localStorage.length',
    indexedDB: `outside.indexedDB.open('page')`,
    caches: 'outside.caches.keys()',
    files: 'outside.navigator.storage.getDirectory()',
    document: 'outside.document.title',
    parent: 'outside.parent.location',
    'shared memory': 'new outside.SharedArrayBuffer(8)',
  }
}

test('a program that breaks out of its scope is in an origin of its own, and reaches nothing', async () => {
  const ways = Object.entries(waysOut(lab.origin))
  const tries = ways.map(
    ([name, what]) =>
      `try { await ${what}; console.log('${name}: reached') } catch { console.log('${name}: refused') }`,
  )
  await run(`console.log('origin:', outside.origin)\n${tries.join('\n')}\nconsole.log('that is all')`)
  await expect.poll(() => page.textContent('.terminal')).toContain('that is all')
  const output = (await page.textContent('.terminal')) ?? ''
  expect(output).toContain('origin: null')
  expect(output.match(/.*: reached/g)).toBe(null)
  expect(output.match(/: refused/g)?.length).toBe(ways.length)
  expect(lab.asked.filter((path) => path.includes('reached'))).toEqual([])
  // What the browser says of it on the console is no fault of the page.
  lab.faults = lab.faults.filter((fault) => !/Content Security Policy|net::ERR_|WebSocket/.test(fault))
})

test('what a program says in the place of the engine is text, and no element', async () => {
  await run(`
const push = outside.Array.prototype.push
outside.Array.prototype.push = function (...values) {
  for (const value of values)
    if (value?.kind === 'out') value.text = { type: 'b', props: { class: 'forged', children: 'x' }, constructor: undefined, key: null, ref: null }
  return push.apply(this, values)
}
console.log('begun')`)
  await expect.poll(() => page.textContent('.notice')).toContain('begun again')
  expect(await page.locator('.forged').count()).toBe(0)
})

test('a number without an end that a program says in the place of the engine is not taken', async () => {
  await run(`
const push = outside.Array.prototype.push
outside.Array.prototype.push = function (...values) {
  for (const value of values) if (value?.kind === 'out') value.line = Infinity
  return push.apply(this, values)
}
console.log('begun')`)
  await expect.poll(() => page.textContent('.notice')).toContain('begun again')
})

test('the engine begins in no other frame than one without an origin: it would run what it is given', async () => {
  page = await lab.open()
  // The page itself is at the same origin, and frames it without a sandbox.
  const made = await page.evaluate(async () => {
    const frame = document.createElement('iframe')
    frame.src = 'engine.html'
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
    document.body.append(frame)
    await loaded
    const inner = frame.contentWindow as (Window & typeof globalThis) | null
    if (inner === null) return -1
    let count = 0
    inner.Worker = class {
      postMessage() {
        count++
      }
    } as unknown as typeof Worker
    // Listeners are called in their order: the frame's own has been when this one is.
    const heard = new Promise((resolve) => inner.addEventListener('message', resolve))
    inner.postMessage('postMessage(1)', '*')
    await heard
    return count
  })
  expect(made).toBe(0)
})

test('the page has no right to make code of texts', async () => {
  page = await lab.open()
  expect(await page.getAttribute('iframe', 'sandbox')).toBe('allow-scripts')
  expect(await page.getAttribute('meta[http-equiv]', 'content')).not.toContain('unsafe-eval')
})
