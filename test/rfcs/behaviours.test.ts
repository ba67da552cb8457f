// What a behaviour refers to is there: a row whose script was renamed shows nothing any more.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { behaviours } from './behaviours.ts'

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')
}

/** What is wrong with a reference. */
function fault(reference: string): string | null {
  if (reference.endsWith('.pkt')) return read(`test/drill/scripts/${reference}`) === '' ? `${reference} is empty` : null
  const [file, title] = reference.split(/: (.*)/) as [string, string | undefined]
  if (title === undefined) return `${reference} names no test of the file`
  return read(file).includes(title) ? null : `${file} has no test "${title}"`
}

describe('each behaviour that other stacks are tested for names what shows it', () => {
  it.each(behaviours)('$id', ({ tests }) => {
    expect(tests.length).toBeGreaterThan(0)
    expect(tests.map(fault).filter((one) => one !== null)).toEqual([])
  })

  it('is there once, all 41 of them', () => {
    expect(new Set(behaviours.map(({ id }) => id)).size).toBe(behaviours.length)
    expect(behaviours).toHaveLength(41)
  })
})
