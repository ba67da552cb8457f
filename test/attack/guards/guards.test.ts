// The table of docs/reference/security.md is what this writes: `npx vitest run test/attack/guards -u` writes it anew. `npm run proof -- attack` takes
// each guard out and sees its test fail.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, test } from 'vitest'
import { documents } from '../../rfcs/documents.ts'
import { classes } from './classes.ts'
import type { AttackClass, Guard } from './guard.ts'

const BEGIN = '<!-- written by test/attack/guards -->'
const END = '<!-- end -->'

const everyGuard = classes.flatMap(({ guards }) => guards)
const requirements = new Map(documents.flatMap(({ rows }) => rows).map((row) => [row.id, row]))

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8')
}

/** What is wrong with what a guard refers to. */
function faults({ file, where, without, and = [], test: reference }: Guard): string[] {
  const found: string[] = []
  for (const [path, guard] of [[file, ...without] as const, ...and]) {
    const times = read(path).split(guard).length - 1
    if (times !== 1) found.push(`it occurs ${times} times in ${path}: ${guard}`)
  }
  for (const name of where.split(/[.#]+/)) if (!read(file).includes(name)) found.push(`${file} has no ${name}`)
  if (reference.endsWith('.pkt')) {
    read(`test/drill/scripts/${reference}`)
    return found
  }
  const [path, title] = reference.split(/: (.*)/) as [string, string | undefined]
  if (title === undefined) found.push(`${reference} names no test of the file`)
  else if (!read(path).includes(title)) found.push(`${path} has no test "${title}"`)
  return found
}

describe('each guard against an attack is there, once, and so is its test', () => {
  it.each(everyGuard)('$id', (guard) => {
    expect(faults(guard)).toEqual([])
  })

  it('has a name of its own', () => {
    const ids = [...everyGuard.map(({ id }) => id), ...requirements.keys()]
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })

  it('or is that of a requirement which has one', () => {
    const named = classes.flatMap(({ requirements: ids = [] }) => ids)
    expect(named.filter((id) => requirements.get(id)?.without === undefined)).toEqual([])
  })
})

function link(path: string, text: string): string {
  return `[${text}](../../${path})`
}

function testText(reference: string): string {
  if (reference.endsWith('.pkt')) return link(`test/drill/scripts/${reference}`, reference)
  const [file, title] = reference.split(/: (.*)/) as [string, string]
  return `${link(file, file.replace(/^test\//, ''))} “${title.replace(/\|/g, '\\|').trim()}”`
}

function guardText(against: string, file: string, where: string, reference: string): string {
  const code = link(file, file.replace(/^src\//, ''))
  return `| ${against} | ${code}${where === '' ? '' : ` \`${where}\``} | ${testText(reference)} |`
}

function classText({ title, guards, requirements: ids = [] }: AttackClass): string {
  const rows = guards.map(({ against, file, where, test: reference }) => guardText(against, file, where, reference))
  for (const id of ids) {
    const row = requirements.get(id)
    const [file] = row?.code ?? []
    const [reference] = row?.tests ?? []
    if (row === undefined || file === undefined || reference === undefined) throw new Error(`${id} is no such row`)
    rows.push(guardText(`${row.says} (${row.section})`, file, '', reference))
  }
  return `**${title}**\n\n| what is tried | guard | test |\n|---|---|---|\n${rows.join('\n')}\n`
}

test('docs/reference/security.md is up to date', async () => {
  const document = read('docs/reference/security.md')
  const [before, rest] = document.split(BEGIN)
  const [, after] = (rest ?? '').split(END)
  const table = classes.map(classText).join('\n')
  const text = `${before}${BEGIN}\n\n${table}\n${END}${after}`
  await expect(text).toMatchFileSnapshot('../../../docs/reference/security.md')
})
