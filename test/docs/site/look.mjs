// Looks at the pages of the built site in Chromium, as readers do: on a telephone and on a wide screen, light and dark; and at where the links of
// every page lead. What it finds wrong it says, a line each, and ends with 1. `npm run docs -- --check` builds the site first; `node test/docs/site/look.mjs /how-to/` looks at some pages.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { findChromium } from '../../../bench/browser/chromium.mjs'
import { fileOf, pagesOf, serve } from './server.mjs'

const site = fileURLToPath(new URL('../../../docs/.vitepress/dist', import.meta.url))
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

const NARROW = { width: 390, height: 844 }
const WIDE = { width: 1440, height: 900 }

const failures = new Set()
/** What each page links to within the site, and which places it has. */
const links = new Map()
const places = new Map()

/**
 * Pages written of docstrings are made alike, and there are hundreds: some of each kind stand for them.
 * Of the others the links are read from their files.
 */
const OF_DOCSTRINGS = /^\/reference\/api\/./
const EXAMPLES =
  /^\/reference\/api\/(?:(?:jackfield|constants|sim)\/|jackfield\/classes\/Cable|jackfield\/interfaces\/Clock)$/

async function newPage(browser, address) {
  const page = await (await browser.newContext({ viewport: NARROW })).newPage()
  page.setDefaultTimeout(60_000)
  const here = () => new URL(page.url()).pathname
  page.on('pageerror', (error) => failures.add(`${here()}: ${error.message}`))
  page.on('console', (message) => {
    // Chromium's clock, not the page: a machine that is busy shows letters later than the page has begun to load them.
    if (/was preloaded using link preload but not used/.test(message.text())) return
    if (message.type() === 'error' || message.type() === 'warning')
      failures.add(`${here()}: the console says: ${message.text()}`)
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(address) && !url.startsWith('data:')) failures.add(`${here()}: asks another host: ${url}`)
  })
  return page
}

function remember(address, path, found) {
  links.set(
    path,
    found.links.filter((href) => href.startsWith(address)).map((href) => href.slice(address.length)),
  )
  places.set(path, new Set(found.places))
}

function read(address, path) {
  const html = readFileSync(fileOf(site, path), 'utf8')
  const all = (attribute) =>
    Array.from(html.matchAll(new RegExp(`<[^>]* ${attribute}="([^"]*)"`, 'g')), ([, value]) =>
      value.replaceAll('&amp;', '&'),
    )
  remember(address, path, {
    links: all('href').map((href) => new URL(href, address + path).href),
    places: all('id'),
  })
}

async function look(page, address, path) {
  await page.setViewportSize(NARROW)
  await page.goto(address + path)
  await page.waitForFunction(() => document.querySelector('#app')?.__vue_app__)
  for (const viewport of [NARROW, WIDE]) {
    await page.setViewportSize(viewport)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth)
    if (wide > viewport.width) failures.add(`${path}: ${wide} pixels wide on a screen of ${viewport.width}`)
  }
  const found = await page.evaluate(() => ({
    links: Array.from(document.querySelectorAll('a[href]'), ({ href }) => href),
    places: Array.from(document.querySelectorAll('[id]'), ({ id }) => id),
    title: document.title,
  }))
  if (found.title === '') failures.add(`${path}: no title`)
  remember(address, path, found)
  // The list of an entry's names takes axe seconds.
  if (OF_DOCSTRINGS.test(path) && path.endsWith('/')) return
  await page.addScriptTag({ path: axe })
  for (const [viewport, colorScheme, only] of [
    [NARROW, 'light', undefined],
    // The page is the same; its colours and what can be seen of it are not.
    [WIDE, 'dark', ['color-contrast']],
  ]) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize(viewport)
    const violations = await page.evaluate(async (runOnly) => {
      const result = await globalThis.axe.run(document, {
        resultTypes: ['violations'],
        ...(runOnly === undefined ? {} : { runOnly }),
        // The key beside the word on the theme's button is a hint, and no part of its name.
        rules: { 'label-content-name-mismatch': { enabled: false } },
      })
      return result.violations.map(({ id, nodes }) => ({ id, count: nodes.length, first: nodes[0].html.slice(0, 150) }))
    }, only)
    for (const { id, count, first } of violations) {
      failures.add(`${path}, ${viewport.width} wide, ${colorScheme}: ${id}: ${count} times, first ${first}`)
    }
  }
}

/** Links between pages, and places within them, once all have been seen. */
function compareLinks() {
  for (const [path, targets] of links) {
    for (const target of new Set(targets)) {
      const [, page, place] = /^([^#?]*)(?:#(.*))?$/.exec(target)
      const there = places.get(page) ?? places.get(`${page}/`)
      if (there === undefined) {
        if (!/\.\w+$/.test(page)) failures.add(`${path}: leads to ${target}, which is not there`)
      } else if (place !== undefined && place !== '' && !there.has(decodeURIComponent(place))) {
        failures.add(`${path}: leads to a place that is not on the page: ${target}`)
      }
    }
  }
}

/** Words that readers look for, and the page that they should be led to. */
const SEARCHES = [
  ['accepted socket keeps its port', '/explanation/accepted-socket'],
  ['packet loss', '/how-to/packet-loss'],
  ['SocketByteStream', '/reference/api/jackfield/classes/SocketByteStream'],
]

async function search(page, address, [words, expected]) {
  await page.setViewportSize(WIDE)
  await page.goto(`${address}/tutorial/`)
  // Before that nobody hears keys.
  await page.waitForFunction(() => document.querySelector('#app')?.__vue_app__)
  await page.keyboard.press('Control+k')
  await page.locator('.VPLocalSearchBox input').fill(words)
  await page.locator('.VPLocalSearchBox .result').first().waitFor()
  const first = await page.locator('.VPLocalSearchBox .result').first().getAttribute('href')
  if (first?.split('#')[0] !== expected)
    return failures.add(`the search for "${words}" has ${first} first, not ${expected}`)
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => url.pathname === expected)
  await page.locator('h1').first().waitFor()
}

const chosen = process.argv.slice(2)
const path = findChromium()
if (path === null) throw new Error('no Chromium is here: CHROMIUM=/path/to/it names one')
const { address, close } = await serve(site)
const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu'] })
const all = pagesOf(site)
const paths = chosen.length === 0 ? all : all.filter((page) => chosen.some((prefix) => page.startsWith(prefix)))
const [shown, others] = [[], []]
for (const page of paths) {
  if (chosen.length === 0 && OF_DOCSTRINGS.test(page) && !EXAMPLES.test(page)) others.push(page)
  else shown.push(page)
}
for (const page of others) read(address, page)
const rest = [...shown]
await Promise.all(
  [1, 2].map(async () => {
    const page = await newPage(browser, address)
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) await look(page, address, next)
  }),
)
if (chosen.length === 0) {
  compareLinks()
  const page = await newPage(browser, address)
  for (const wanted of SEARCHES) await search(page, address, wanted)
}
await browser.close()
close()
for (const failure of failures) process.stderr.write(`${failure}\n`)
process.stdout.write(`${shown.length} pages looked at, links of ${paths.length}; ${failures.size} faults\n`)
process.exitCode = failures.size === 0 ? 0 : 1
