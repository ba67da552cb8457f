// The pages of docs/ say nothing that is not run here: every program, every terminal, every file.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { lacking } from '../interop/requirements.ts'
import { SOAKING } from '../soak.ts'
import { readPage } from './page.ts'
import { PageRun } from './run-page.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const docs = join(root, 'docs')
const pages = readdirSync(docs, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md') && !/^(?:\.vitepress|reference\/api)\//.test(path))
  .map((path) => [path, readFileSync(join(docs, path), 'utf8')] as const)
  .sort(([a], [b]) => (a < b ? -1 : 1))

const ECOSYSTEM = join(root, 'test/ecosystem/node_modules')

// Pages listen at the same ports: each has a network of its own, where one may make them.
const own = lacking([]).length === 0

/** Why a page is left out on this machine; empty where it can be run. */
function lacks(needs: readonly string[]): string {
  const programs = needs.filter((need) => need !== 'network' && need !== 'soak' && !need.startsWith('npm:'))
  const lack = lacking(programs).filter((what) => needs.includes('network') || programs.includes(what))
  for (const need of needs) {
    const [, name] = /^npm:(.+)$/.exec(need) ?? []
    if (name !== undefined && !existsSync(join(ECOSYSTEM, name))) lack.push(name)
  }
  if (lack.length > 0 && process.env['CI'] === 'true') throw new Error(`this machine lacks ${lack.join(', ')}`)
  return lack.join(', ')
}

describe('every block runs, and prints what the page says', { concurrent: own }, () => {
  for (const [path, text] of pages) {
    if (!text.includes('```')) continue
    const page = readPage(text)
    // What takes seconds of processor time.
    if (page.needs.includes('soak') && !SOAKING) continue
    test(path, async ({ skip }) => {
      const lack = lacks(page.needs)
      if (lack !== '') skip(`left out, for this machine lacks ${lack}`)
      const run = new PageRun(path, own)
      try {
        await run.run(
          page,
          page.uses.map((one) => readPage(readFileSync(join(docs, dirname(path), one), 'utf8'))),
        )
      } finally {
        await run.close()
      }
    })
  }
})

test('the retrying client of the simulator is the example', () => {
  const simulator = readFileSync(join(docs, 'how-to/simulator.md'), 'utf8')
  expect(simulator).toContain(`\`\`\`js\n${readFileSync(join(root, 'examples/retry.mjs'), 'utf8')}\`\`\`\n`)
})

test.each(pages)('%s: what it points to is there', (path, text) => {
  for (const [, link = ''] of text.replace(/^```.*?^```/gms, '').matchAll(/\]\(([^)#\s]*)[^)]*\)/g)) {
    if (link === '' || /^(?:[a-z]+:|\/)/.test(link)) continue
    const there = resolve(docs, dirname(path), link)
    const found = [there, `${there}.md`, join(there, 'index.md')].some((each) => existsSync(each))
    // What the reference of functions holds is written when the site is built.
    if (!relative(docs, there).startsWith('reference/api')) expect(found, link).toBe(true)
  }
})
