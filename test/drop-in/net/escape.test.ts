// Whole programs, run plainly and with jackfield/register: what they write, with what status they end, and in which words an error that
// nobody catches is told.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const register = new URL('../../../dist/drop-in/register.js', import.meta.url).href
const program = fileURLToPath(new URL('escape-program.cjs', import.meta.url))
const SUBJECTS = [...readFileSync(program, 'utf8').matchAll(/^ {2}'(.*)'(?=[:(])/gm)].map(
  ([, subject]) => subject as string,
)

interface Ending {
  readonly status: number | null
  readonly written: string
  /** The lines of an error that name it, and not where it was made. */
  readonly error: readonly string[]
}

function run(subject: string, on: string | null): Promise<Ending> {
  const before = on === null ? [] : ['--import', register]
  const env = { ...process.env, JACKFIELD_ON: on ?? '' }
  const child = spawn(process.execPath, [...before, program, subject], { env })
  const texts = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      texts[stream] += text
    })
  }
  return new Promise((resolve) => {
    child.on('close', (status) => {
      const lines = texts.stderr
        .split('\n')
        .filter((line) => /^\S*(Error|Emitted)\b|^ {2,4}\[?(Error|code|errno|syscall|address|port)\b/.test(line))
      resolve({ status, written: texts.stdout, error: lines.map((line) => line.replace(/\b\d{5}\b/, 'PORT')) })
    })
  })
}

test.each(SUBJECTS)('%s', async (subject) => {
  const [plain, os, stack] = await Promise.all([run(subject, null), run(subject, 'os'), run(subject, 'userspace')])
  expect(plain.written).toContain('exit')
  expect(os).toEqual(plain)
  expect(stack).toEqual(plain)
})
