// RFCS.md is what this writes: `npx vitest run test/rfcs -u` writes it anew. `npm run proof` takes each guard out and sees its tests
// fail.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, test } from 'vitest'
import { behaviours } from './behaviours.ts'
import { documents } from './documents.ts'
import type { Row } from './row.ts'

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')
}

const everyRow = documents.flatMap(({ rows }) => rows)

/** What is wrong with what a row refers to. */
function faults({ code = [], tests = [], without, because, level }: Row): string[] {
  const found: string[] = []
  if (because !== undefined && tests.length === 0) {
    if (without !== undefined) found.push('has a guard, but no test')
    return found
  }
  if (code.length === 0) found.push('names no code')
  if (tests.length === 0) found.push('names no test')
  if (without === undefined && level !== 'MAY') found.push('names no guard')
  for (const file of code) if (read(file).length === 0) found.push(`${file} is empty`)
  for (const reference of tests) {
    if (reference.endsWith('.pkt')) {
      read(`test/drill/scripts/${reference}`)
      continue
    }
    const [file, title] = reference.split(/: (.*)/) as [string, string | undefined]
    if (title === undefined) found.push(`${reference} names no test of the file`)
    else if (!read(file).includes(title)) found.push(`${file} has no test "${title}"`)
  }
  if (without !== undefined) {
    const times = read(code[0] as string).split(without[0]).length - 1
    if (times !== 1) found.push(`its guard occurs ${times} times in ${code[0]}: ${without[0]}`)
  }
  return found
}

describe('each requirement names code, a test and the guard that the test is about', () => {
  it.each(everyRow)('$id ($section)', (row) => {
    expect(faults(row)).toEqual([])
  })

  it('of RFC 9293 is there, all 119 of them', () => {
    const labels = [
      ...Array.from({ length: 69 }, (_, i) => `MUST-${i + 1}`),
      ...Array.from({ length: 31 }, (_, i) => `SHLD-${i + 1}`),
      ...Array.from({ length: 18 }, (_, i) => `MAY-${i + 1}`),
      'REC-1',
    ]
    const ids = new Set(everyRow.map(({ id }) => id))
    expect(labels.filter((label) => !ids.has(label))).toEqual([])
    expect(labels).toHaveLength(119)
  })

  it('is there once', () => {
    const ids = everyRow.map(({ id }) => id)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })
})

function link(path: string, text = path.split('/').at(-1)): string {
  return `[${text}](${path})`
}

function testText(reference: string): string {
  if (reference.endsWith('.pkt')) return link(`test/drill/scripts/${reference}`, reference)
  const [file, title] = reference.split(/: (.*)/) as [string, string]
  return `${link(file)} “${title}”`
}

function rowText(row: Row): string {
  const { id, section, level, says, code = [], tests = [], because } = row
  const carried = code.map((path) => link(path, path.replace('src/', ''))).join(', ')
  const shown = tests.map(testText).join(', ')
  const why = because === undefined ? '' : tests.length === 0 ? `not here: ${because}` : ` (${because})`
  return `| ${id} | ${level} | ${section.replace(/^RFC \d+ /, '')} | ${says} | ${carried || '–'} | ${shown}${why} |`
}

test('RFCS.md is up to date', async () => {
  const parts = documents.map(
    ({ title, rows }) => `## ${title}

| id | level | section | what it asks | code | test |
|---|---|---|---|---|---|
${rows.map(rowText).join('\n')}
`,
  )
  const shown = everyRow.filter(({ tests = [] }) => tests.length > 0).length
  const text = `# The RFCs, row by row

${everyRow.length} requirements, ${shown} of them with a test that fails without the code that carries them: \`npm run proof\` takes each
guard out, one after the other, and sees it fail. The rest do not apply here, or are choices, with the reason beside them.

${parts.join('\n')}
## Behaviours that other stacks are tested for

| | what is done | shown by |
|---|---|---|
${behaviours.map(({ id, says, tests }) => `| ${id} | ${says} | ${tests.map(testText).join(', ')} |`).join('\n')}
`
  await expect(text).toMatchFileSnapshot('../../RFCS.md')
})
