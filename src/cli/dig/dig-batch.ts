// Read first: dig(1) on -f.

import { readFileSync } from 'node:fs'
import { writeReason } from '../file-failure.ts'
import { UsageError } from '../usage-error.ts'

/** Characters of a line: more are no questions, and a file may be without an end. */
const LONGEST_LINE = 65_536

/** A line of a file of questions. */
export interface BatchLine {
  readonly number: number
  readonly words: readonly string[]
}

/** The lines of a file, or with "-" of standard input as they come; without comments and empty ones. Throws where it cannot be read. */
export function batchLines(path: string): AsyncIterable<BatchLine> {
  if (path === '-') return numbered(process.stdin)
  try {
    return numbered([readFileSync(path)])
  } catch (error) {
    throw new Error(`dig: -f ${JSON.stringify(path)} cannot be read, ${writeReason(error)}`)
  }
}

async function* numbered(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncIterable<BatchLine> {
  let number = 0
  for await (const line of textLines(pieces)) {
    number++
    const words = line.split(/\s+/).filter((word) => word !== '')
    if (words.length > 0 && !/^[#;]/.test(words[0] as string)) yield { number, words }
  }
}

async function* textLines(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() as string
    if (rest.length > LONGEST_LINE) throw new UsageError(`-f: a line is longer than ${LONGEST_LINE} characters`)
    yield* lines
  }
  yield rest + decoder.decode()
}
