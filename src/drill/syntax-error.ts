import type { Place } from './script.ts'

/** A script that cannot be read: says the file, the line and column, and what should have stood there. */
export class ScriptSyntaxError extends Error {
  readonly file: string
  readonly line: number
  readonly column: number

  constructor(file: string, place: Place, message: string) {
    super(`${file}:${place.line}:${place.column}: ${message}`)
    this.name = 'ScriptSyntaxError'
    this.file = file
    this.line = place.line
    this.column = place.column
  }
}
