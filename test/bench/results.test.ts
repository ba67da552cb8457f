import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { load } from './load.ts'

const { lines, write } = await load('harness/results.mjs')
const { page } = await load('harness/page.mjs')
const { table } = await load('harness/table.mjs')

const values = (median: number) => ({ values: [median], median, min: median, q1: median, q3: median, max: median })
const none = { missing: null, error: null }
const suite = {
  suite: 'tap',
  missing: null,
  peers: { gvisor: { missing: 'there is no go' }, 'node:net': { version: 'v20.0.0' } },
  summary: 'all in all',
  figures: [
    {
      name: 'kernel <-> application',
      unit: 'Gbit/s',
      better: 'more',
      floor: { absolute: 15 },
      aim: { absolute: 25, 'node:net': 1 },
      note: null,
      rounds: 1,
      verdict: 'below',
      ours: { name: 'jackfield', pins: ['0', '1'], ...values(10), ...none },
      peers: [
        {
          name: 'gvisor',
          pins: null,
          values: [null],
          median: null,
          ratio: null,
          missing: 'there is no go',
          error: null,
        },
        { name: 'node:net', pins: null, ...values(20), ratio: values(0.5), ...none },
        { name: 'kernel', pins: ['0', '1'], values: [], median: null, ratio: null, missing: null, error: 'it <broke>' },
      ],
    },
  ],
}
const run = {
  machine: {
    date: '2026-01-02T03:04:05.678Z',
    processor: 'A & B',
    processors: 2,
    kernel: 'Linux 6',
    memoryGiB: 8,
    congestionControl: 'cubic',
    node: '20.0.0',
    commit: 'abc1234567',
    dirty: true,
  },
  options: { rounds: 1, seconds: 1 },
  suites: [suite, { suite: 'browser', missing: 'there is no chromium', peers: {}, figures: [], summary: null }],
}

test('there is a line for the machine, one for each figure with the versions of its peers, and one for what was left out', () => {
  const all = lines(run)
    .trimEnd()
    .split('\n')
    .map((line: string) => JSON.parse(line))
  expect(all).toEqual([
    { machine: run.machine, options: run.options },
    { suite: 'tap', ...suite.figures[0], versions: { 'node:net': 'v20.0.0' } },
    { suite: 'tap', summary: 'all in all' },
    { suite: 'browser', missing: 'there is no chromium' },
  ])
})

test('the table says the figure, its spread and pins, each ratio, what is missing, what failed, and the goals', () => {
  const text = table(suite)
  expect(text).toMatch(/kernel <-> application +10 Gbit\/s +\(10–10\) +BELOW +on 0 and 1\n/)
  expect(text).toContain('gvisor: missing: there is no go\n')
  expect(text).toMatch(/0\.500× node:net +20 Gbit\/s +\(0\.500–0\.500 of 0\.500–0\.500\) free\n/)
  expect(text).toContain('kernel: FAILED: it <broke>\n')
  expect(text).toContain('floor ≥ 15 Gbit/s; aim ≥ 25 Gbit/s, ≥ 1× node:net\n')
  expect(text).toMatch(/all in all$/)
  expect(table(run.suites[1])).toBe('browser: left out: there is no chromium')
})

test('the page needs nothing else, shows a bar for whoever was measured, and takes no word for markup', () => {
  const html = page(run)
  expect(html).toContain('kernel &lt;-&gt; application')
  expect(html).toContain('it &lt;broke&gt;')
  expect(html).toContain('2 × A &amp; B, 8 GiB, Linux 6, whose TCP has cubic')
  expect(html).toContain('abc1234567, with changes that are not committed')
  expect(html).toContain('missing: there is no go')
  expect(html).toContain('left out: there is no chromium')
  expect(html).not.toMatch(/https?:|<script|<link|<img/)
  expect(html).toContain('prefers-color-scheme: dark')
  // Ours and node:net's; the widest is the aim, at 25: a bar of 10 is two fifths of 400.
  expect(html.match(/<rect /g)).toHaveLength(2)
  expect(html).toContain('<rect width="160.0"')
  expect(html).toContain('<rect width="320.0"')
  expect(html.match(/<line class="goal floor"/g)).toHaveLength(1)
  expect(html.match(/<line class="goal aim"/g)).toHaveLength(2)
  for (const tag of ['div', 'svg', 'span', 'p', 'h2', 'h3', 'dl']) {
    expect(html.match(new RegExp(`<${tag}[ >]`, 'g'))?.length).toBe(html.match(new RegExp(`</${tag}>`, 'g'))?.length)
  }
})

test('the files are named after minute and commit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jackfield-results-'))
  try {
    write(join(folder, 'deep'), run)
    expect(readdirSync(join(folder, 'deep')).sort()).toEqual([
      '2026-01-02T030405-abc1234567-dirty.html',
      '2026-01-02T030405-abc1234567-dirty.jsonl',
    ])
    expect(readFileSync(join(folder, 'deep/2026-01-02T030405-abc1234567-dirty.jsonl'), 'utf8')).toBe(lines(run))
  } finally {
    rmSync(folder, { recursive: true })
  }
})
